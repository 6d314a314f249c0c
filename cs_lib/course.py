"""The course on disk: where its rooms are, and which exercises each assignment holds.

An assignment is a folder `assignments/NAME` with an `assignment.toml`, which lists its notebooks and, in the order
in which a student meets them, their exercises. A notebook `02_hinge_loss` has its answers in the module
`cs_lib.reference.hinge_loss`, and its tests in `tests/NAME/public/test_hinge_loss.py` and `tests/NAME/hidden/`.
"""

import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds `assignments/`, `cs_lib/`, `datasets/` and `tests/`."""
STAYS_HOME = (
    "cs_lib/reference",
    "cs_lib/instructor",
    "assignments/*/solutions",
    "tests/*/hidden",
    "tests/kit",
    "tests/benchmarks",
)
"""The rooms that nobody but the course's authors and graders is ever given."""

Listed = TypeVar("Listed", "Exercise", "Notebook")


class CourseError(Exception):
    """Something in the course's own files is wrong; the message says what, where, and what to do."""


@dataclass(frozen=True)
class Exercise:
    """One function that a student writes, marked on its own."""

    name: str
    points: int
    hint: str
    needs: tuple[str, ...] = ()
    """The exercises that this one is composed of: answered with right values in grading."""
    uses: tuple[str, ...] = ()
    """The exercises whose own answers are put to work in this one, which is judged by what comes of it."""
    parts: tuple[tuple[str, int], ...] = ()
    """What is marked on its own besides the exercise itself, such as overflow, each with its points."""
    assignment: str = ""
    notebook: str = ""

    @property
    def total(self) -> int:
        """The points for the exercise and all its parts."""
        return self.points + sum(points for _, points in self.parts)


@dataclass(frozen=True)
class Question:
    """One question answered in prose and marked by hand."""

    name: str
    points: int


@dataclass(frozen=True)
class Notebook:
    """One notebook of an assignment, with its exercises in order."""

    name: str
    title: str
    exercises: tuple[Exercise, ...]
    questions: tuple[Question, ...] = ()

    @property
    def module(self) -> str:
        """The name that the notebook's reference module and test files share: `02_hinge_loss` gives `hinge_loss`."""
        number, _, rest = self.name.partition("_")
        return rest if number.isdigit() else self.name


@dataclass(frozen=True)
class Assignment:
    """One homework: a title and its notebooks in order."""

    name: str
    title: str
    notebooks: tuple[Notebook, ...]
    folder: Path = field(repr=False)
    deadline: datetime | None = None
    """With its offset from UTC; whatever was handed in after it is marked late."""
    points: int | None = None
    """What exercises and questions should have together, where the author says so; `cs-lib validate` adds them up."""

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        return tuple(exercise for notebook in self.notebooks for exercise in notebook.exercises)

    @property
    def tests(self) -> Path:
        return self.folder.parent.parent / "tests" / self.name

    @property
    def solutions(self) -> Path:
        return self.folder / "solutions"

    def notebook(self, name: str) -> Notebook:
        """Return the notebook called `name`; raises CourseError, naming those there are, when there is none."""
        return _named(name, self.notebooks, f"notebook in {self.name}")

    def exercise(self, name: str) -> Exercise:
        """Return the exercise called `name`; raises CourseError, naming the closest, when there is none."""
        return _named(name, self.exercises, f"exercise in {self.name}")


def assignment_names(root: Path = ROOT) -> list[str]:
    """Return the names of all assignments below `root`, in order."""
    return sorted(path.parent.name for path in (root / "assignments").glob("*/assignment.toml"))


@cache
def load_assignment(name: str, root: Path = ROOT) -> Assignment:
    """Read `assignments/NAME/assignment.toml`; raises CourseError where it is missing or not of the expected form."""
    path = root / "assignments" / name / "assignment.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(f"no assignment {name!r}{_suggestion(name, assignment_names(root))}") from None
    except OSError as error:
        raise CourseError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:  # of the text's encoding, or of TOML
        raise CourseError(f"{path}: not valid TOML in UTF-8: {error}") from None
    return _assignment(table, path)


@cache
def find_exercise(name: str, root: Path = ROOT) -> Exercise:
    """Return the course's exercise called `name`; raises CourseError, naming the closest, when there is none."""
    every = [exercise for each in assignment_names(root) for exercise in load_assignment(each, root).exercises]
    return _named(name, every, "exercise")


def _assignment(table: dict[str, Any], path: Path) -> Assignment:
    required: dict[str, type] = {"title": str, "notebooks": list}
    fields = _fields(table, path, required=required, optional={"deadline": datetime, "points": int}, place="assignment")
    name = path.parent.name
    notebooks = tuple(_notebook(entry, name, path) for entry in fields["notebooks"])
    deadline, points = fields.get("deadline"), fields.get("points")
    assignment = Assignment(name, fields["title"], notebooks, path.parent, deadline, points)
    if assignment.deadline and assignment.deadline.tzinfo is None:
        problem = "'deadline' needs its offset from UTC, as in 2026-10-01T23:59:00+02:00"
        raise CourseError(f"{path}: {problem}, not {assignment.deadline.isoformat()}")
    _require_unlike([each.name for each in notebooks], "notebook", path)
    _require_unlike([each.name for each in assignment.exercises], "exercise", path)
    _require_earlier(assignment, path)
    return assignment


def _require_earlier(assignment: Assignment, path: Path) -> None:
    """Raise CourseError where an exercise rests on one that does not come before it."""
    earlier: list[str] = []
    for exercise in assignment.exercises:
        for key, names in (("needs", exercise.needs), ("uses", exercise.uses)):
            for name in names:
                if name not in earlier:
                    problem = f"exercise {exercise.name!r}: {key!r} names {name!r}, which is no exercise before it"
                    raise CourseError(f"{path}: {problem}{_suggestion(name, earlier)}")
        earlier.append(exercise.name)


def _require_unlike(names: list[str], what: str, path: Path) -> None:
    for twice in sorted({each for each in names if names.count(each) > 1}):
        raise CourseError(f"{path}: the {what} {twice!r} is listed twice; give each its own name")


def _notebook(table: Any, assignment: str, path: Path) -> Notebook:
    required: dict[str, type] = {"name": str, "title": str, "exercises": list}
    fields = _fields(table, path, required=required, optional={"questions": list}, place="notebook")
    exercises = tuple(_exercise(entry, assignment, fields["name"], path) for entry in fields["exercises"])
    questions = tuple(_question(entry, path) for entry in fields.get("questions", []))
    return Notebook(fields["name"], fields["title"], exercises, questions)


def _exercise(table: Any, assignment: str, notebook: str, path: Path) -> Exercise:
    required: dict[str, type] = {"name": str, "points": int, "hint": str}
    optional: dict[str, type] = {"needs": list, "uses": list, "parts": dict}
    fields = _fields(table, path, required=required, optional=optional, place="exercise")
    name, parts = fields["name"], fields.get("parts", {})
    needs, uses = fields.get("needs", []), fields.get("uses", [])
    where = f"{path}: exercise {name!r}"
    _require_points(fields["points"], where)
    for key, names in (("needs", needs), ("uses", uses)):
        if not all(type(each) is str for each in names):
            raise CourseError(f"{where}: {key!r} should be a list of exercises' names, not {names!r}")
    for part, points in parts.items():
        _require_points(points, f"{where}: 'parts': {part!r}")
    hint = " ".join(fields["hint"].split())
    return Exercise(name, fields["points"], hint, tuple(needs), tuple(uses), tuple(parts.items()), assignment, notebook)


def _question(table: Any, path: Path) -> Question:
    fields = _fields(table, path, required={"name": str, "points": int}, place="question")
    _require_points(fields["points"], f"{path}: question {fields['name']!r}")
    return Question(fields["name"], fields["points"])


def _require_points(points: Any, where: str) -> None:
    if type(points) is not int:
        raise CourseError(f"{where}: the points should be int, not {points!r}")
    if points <= 0:
        raise CourseError(f"{where} has {points} points; give it at least 1")


def _fields(
    table: Any,
    path: Path,
    *,
    required: dict[str, type],
    place: str,
    optional: dict[str, type] | None = None,
) -> dict[str, Any]:
    """Return `table` once every key is known, every required one is there, and each has its type."""
    known = required | (optional or {})
    if not isinstance(table, dict):
        raise CourseError(f"{path}: each {place} should be a table with the keys {', '.join(known)}, not {table!r}")
    who = f"{place} {table['name']!r}" if isinstance(table.get("name"), str) else place
    for key, value in table.items():
        if key not in known:
            raise CourseError(f"{path}: {who}: unknown key {key!r}{_suggestion(key, known)}")
        if type(value) is not known[key]:
            raise CourseError(f"{path}: {who}: {key!r} should be {known[key].__name__}, not {value!r}")
    for key in required:
        if key not in table:
            raise CourseError(f"{path}: {who}: the key {key!r} is missing")
        if table[key] == [] or (isinstance(table[key], str) and not table[key].strip()):
            raise CourseError(f"{path}: {who}: {key!r} is empty")
    return table


def _named(name: str, candidates: Iterable[Listed], what: str) -> Listed:
    by_name = {candidate.name: candidate for candidate in candidates}
    if name not in by_name:
        raise CourseError(f"no {what} is called {name!r}{_suggestion(name, by_name)}")
    return by_name[name]


def _suggestion(name: str, known: Iterable[str]) -> str:
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there is {', '.join(names)}" if names else "; there is none yet"
