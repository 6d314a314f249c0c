"""Written answers are marked by hand: collected without the empty ones, listed in written.csv, and read back in."""

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cs_lib.course import Assignment, CourseError, Question
from cs_lib.instructor import notebook_file
from cs_lib.instructor.grading.reports.sheet import csv_line, harmless
from cs_lib.instructor.grading.reports.whole_file import write_whole
from cs_lib.instructor.grading.result import Result

COLUMNS = ("name", "question", "maximum", "points", "comment")
MOST_TOLD = 40
"""How many problems in a table are told at once."""
MOST_CHARACTERS = 20_000
"""How much of one answer is shown; a long one has 2,000."""


@dataclass(frozen=True)
class Mark:
    """What one written answer earned, by hand."""

    points: float
    comment: str = ""


@dataclass(frozen=True)
class Marks:
    """The marks of the class's written answers, and which questions count: those of which any answer is marked."""

    by_name: Mapping[str, Mapping[str, Mark]] = field(default_factory=dict)
    """For each submission, its marks by question."""
    maximum: Mapping[str, int] = field(default_factory=dict)
    """The points of each question that counts: the same for everybody, so that scores can be compared."""

    def of(self, name: str) -> Mapping[str, Mark]:
        """Return a submission's marks by question."""
        return self.by_name.get(name, {})

    def score(self, result: Result) -> float:
        """Return a submission's points for exercises and written answers together."""
        return result.score + sum(mark.points for mark in self.of(result.name).values())

    def out_of(self, result: Result) -> int:
        """Return the points that there were for exercises and the written answers that count."""
        return result.maximum + sum(self.maximum.values())


def questions(assignment: Assignment) -> tuple[Question, ...]:
    """Return all written questions of an assignment, in order."""
    return tuple(question for notebook in assignment.notebooks for question in notebook.questions)


def answered(assignment: Assignment, result: Result) -> dict[str, str]:
    """Return a submission's answers by question, without those that only repeat what stood there before."""
    before = {name: text for notebook in assignment.notebooks for name, text in _untouched(assignment, notebook.name)}
    texts = {name: text.strip() for name, text in result.answers.items()}
    return {name: _bounded(text) for name, text in texts.items() if text and text != before.get(name)}


def merged(assignment: Assignment, results: Iterable[Result], table: Path) -> Marks:
    """Return the marks filled in in written.csv; rows without points are not marked yet.

    Raises CourseError, with every problem and its line, where a name or question is unknown, where points are no
    number, below 0 or above the question's maximum, or where an answer is marked twice.
    """
    names = {harmless(result.name): result.name for result in results}
    maximum = {question.name: question.points for question in questions(assignment)}
    marks: dict[str, dict[str, Mark]] = {}
    problems = []
    for row in _rows(table):
        if not row.points:
            continue
        mine = marks.setdefault(names.get(row.name, ""), {})
        problem = _problem(row, names, maximum, mine)
        if problem:
            problems.append(f"line {row.line}: {problem}")
        else:
            mine[row.question] = Mark(_number(row.points), row.comment)
    if problems:
        more = [f"and {len(problems) - MOST_TOLD} more"] if len(problems) > MOST_TOLD else []
        raise CourseError("\n".join([f"{table}: nothing was merged:", *problems[:MOST_TOLD], *more]))
    marked = {question for each in marks.values() for question in each}
    return Marks(marks, {name: points for name, points in maximum.items() if name in marked})


def write_table(assignment: Assignment, names: Iterable[str], marks: Marks, table: Path) -> None:
    """Write written.csv: a row for each question and submission, with all that was filled in before left as it was.

    Raises CourseError where there is a file of that name that is no such table; it is left alone.
    """
    if not questions(assignment):
        return
    earlier = {(row.name, row.question): row for row in _rows(table)} if table.exists() else {}
    names = list(names)
    lines = [csv_line(COLUMNS)]
    for question in questions(assignment):
        for name in names:
            row = earlier.pop((harmless(name), question.name), None)
            points, comment = _filled_in(row, marks.of(name).get(question.name))
            lines.append(csv_line([name, question.name, question.points, points, comment]))
    # Marks of a submission that is not here today are somebody's work, too.
    lines += [
        csv_line([r.name, r.question, "", r.points, r.comment]) for r in earlier.values() if r.points or r.comment
    ]
    write_whole(table, "".join(lines))


@dataclass(frozen=True)
class _Row:
    line: int
    name: str
    question: str
    points: str
    comment: str


def _rows(table: Path) -> list[_Row]:
    """Return the rows of written.csv, as spreadsheets of any country save it: with commas, semicolons or tabs."""
    try:
        text = table.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CourseError(f"{table}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise CourseError(f"{table}: not a text in UTF-8; save it as 'CSV UTF-8'") from None
    lines = text.splitlines(keepends=True)
    reader = csv.reader(lines, delimiter=max(",;\t", key=lines[0].count) if lines else ",")
    try:
        columns = [cell.strip() for cell in next(reader, [])]
        if not {"name", "question", "points"} <= set(columns):
            raise CourseError(f"{table}: its first line should name the columns {', '.join(COLUMNS)}")
        rows, line = [], reader.line_num + 1
        for cells in reader:
            rows += [_row(line, dict(zip(columns, cells, strict=False)))] if any(cells) else []
            line = reader.line_num + 1
    except csv.Error as error:
        raise CourseError(f"{table}: line {reader.line_num}: {error}") from None
    return rows


def _row(line: int, cells: Mapping[str, str]) -> _Row:
    question, points = cells.get("question", "").strip(), cells.get("points", "").strip()
    return _Row(line, cells.get("name", ""), question, points, cells.get("comment", ""))


def _filled_in(row: _Row | None, mark: Mark | None) -> tuple[str, str]:
    """Return points and comment as the table has them, or else from the table that was merged."""
    if row and (row.points or row.comment):
        return row.points, row.comment
    return (f"{mark.points:g}", mark.comment) if mark else ("", "")


def _problem(row: _Row, names: Mapping[str, str], maximum: Mapping[str, int], mine: Mapping[str, Mark]) -> str:
    """Return what is wrong with a row that has points, or ""."""
    if row.name not in names:
        return f"no submission is called {row.name!r}"
    if row.question not in maximum:
        return f"no question is called {row.question!r}; there is {', '.join(maximum) or 'none'}"
    if row.question in mine:
        return f"{row.name!r} has points for {row.question!r} in an earlier line, too"
    points = _number(row.points)
    if not math.isfinite(points):
        return f"the points of {row.name!r} for {row.question!r} should be a number, not {row.points!r}"
    if not 0 <= points <= maximum[row.question]:
        return f"{row.name!r} has {row.points} points for {row.question!r}, which gives 0 to {maximum[row.question]}"
    return ""


def _number(text: str) -> float:
    """Return the number that a text says, with a decimal point or comma; nan where it says none."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return math.nan


@cache
def _untouched(assignment: Assignment, notebook: str) -> tuple[tuple[str, str], ...]:
    """Return what stands in the student notebook where each written answer goes, by question."""
    cells = notebook_file.read(assignment.folder / f"{notebook}.ipynb")["cells"]
    tagged = [(notebook_file.tagged(cell, "question"), notebook_file.source(cell).strip()) for cell in cells]
    return tuple((question, text) for question, text in tagged if question)


def _bounded(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]} … (cut here)"
