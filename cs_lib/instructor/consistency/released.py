"""Answers in places that students get: lines of a solution, sentences of a model answer, the reference by name.

A line of an answer that stands alone may be anyone's (`N = X.shape[0]`). What an author writes for students gives an
answer away with one telling line of it; the kit's own code, in which a softmax may well occur, with two in a row. Both
do with an answer that is there from its first line to its last.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from cs_lib.course import ROOT, Assignment, CourseError
from cs_lib.instructor import notebook_file, stubs, sync
from cs_lib.instructor.consistency import places

TELLING = 24
"""How many characters make a line of an answer telling."""
LINE = 9
"""Shorter lines, such as `else:`, are nobody's."""
WHOLE = 16
"""How many characters make a whole answer that is worth hiding."""
SENTENCE = 40
HOME = re.compile(r"^\s*(from|import)\s+cs_lib\.(reference|instructor)\b", flags=re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """One marked region of the reference: whose it is, and its lines without indentation."""

    exercise: str
    lines: tuple[str, ...]


def faults(assignment: Assignment) -> Iterator[str]:
    """Yield each place of the assignment, and of the student's part of `cs_lib`, that gives an answer away."""
    answers = [answer for notebook in assignment.notebooks for answer in _answers(notebook.module)]
    for place, text in _pages(assignment):
        for name in _given_away(text, answers, telling=TELLING):
            yield f"{place} holds a line of the answer to {name}; students get this file, so take it out"
        if found := HOME.search(text):
            yield f"{place} imports cs_lib.{found[2]}, which students do not get; use the fixture `reference` instead"
    yield from _model_answers(assignment)
    for path in sorted((ROOT / "cs_lib").rglob("*.py")):
        if not {"reference", "instructor"} & set(path.relative_to(ROOT).parts):
            for name in _given_away(path.read_text(encoding="utf-8"), answers):
                yield f"{places.of_file(path)} holds lines of the answer to {name}; students get this file"


def _pages(assignment: Assignment) -> Iterator[tuple[str, str]]:
    """Yield what authors write for students, cell by cell and file by file: its place, and its text."""
    for path in sorted(assignment.folder.glob("*.ipynb")):
        for cell in places.cells(path):
            outputs = json.dumps(cell.get("outputs", []), ensure_ascii=False).replace("\\n", "\n")
            yield places.of_cell(path, cell), f"{notebook_file.source(cell)}\n{outputs}"
    files = [*assignment.folder.glob("*.*"), *assignment.tests.glob("*.py"), *assignment.tests.glob("public/*.py")]
    for path in sorted(files):
        if path.suffix in (".md", ".py", ".toml", ".txt"):
            yield places.of_file(path), path.read_text(encoding="utf-8")


def _given_away(text: str, answers: Iterable[Answer], telling: int | None = None) -> list[str]:
    """Return the exercises of which the text holds an answer, or enough of one.

    telling: from how many characters one line of an answer is enough; two in a row always are
    """
    lines = [" ".join(line.split()) for line in text.split("\n")]
    present = set(lines)
    names = []
    for answer in answers:
        own = [line for line in answer.lines if len(line) >= LINE]
        whole = sum(map(len, own)) >= WHOLE and present.issuperset(own)
        telling_line = telling is not None and any(len(line) >= telling and line in present for line in own)
        if whole or telling_line or _in_a_row(lines, answer):
            names.append(answer.exercise)
    return list(dict.fromkeys(names))


def _in_a_row(lines: list[str], answer: Answer) -> bool:
    pairs = {pair for pair in pairwise(answer.lines) if min(map(len, pair)) >= LINE}
    return any(pair in pairs for pair in pairwise(lines))


@cache
def _answers(module: str) -> tuple[Answer, ...]:
    path = ROOT / "cs_lib" / "reference" / f"{module}.py"
    if not path.exists():
        return ()
    answers: list[Answer] = []
    region: list[str] | None = None
    name = ""
    for line in path.read_text(encoding="utf-8").split("\n"):
        if heading := re.match(r"(?:def|class) (\w+)", line):
            name = heading[1]
        text = " ".join(line.split())
        if text == stubs.BEGIN:
            region = []
        elif text == stubs.END and region is not None:
            answers.append(Answer(name, tuple(region)))
            region = None
        elif region is not None and text:
            region.append(text)
    return tuple(answers)


def _model_answers(assignment: Assignment) -> Iterator[str]:
    """Yield each cell that holds a sentence of a model answer to a written question."""
    for notebook in assignment.notebooks:
        if not notebook.questions:
            continue
        try:
            sentences = _sentences(sync.written_answers(notebook.module))
        except CourseError:  # said by what is generated from them
            continue
        for path in sorted(assignment.folder.glob("*.ipynb")):
            for cell in places.cells(path):
                text = " ".join(notebook_file.source(cell).split())
                for name in (name for name, own in sentences.items() if any(each in text for each in own)):
                    yield f"{places.of_cell(path, cell)} holds a sentence of the model answer to {name!r}; take it out"


def _sentences(answers: Mapping[str, str]) -> dict[str, list[str]]:
    whole = {name: " ".join(answer.split()) for name, answer in answers.items()}
    split = {name: re.split(r"(?<=[.:;])\s", text) for name, text in whole.items()}
    return {name: [each for each in sentences if len(each) >= SENTENCE] for name, sentences in split.items()}
