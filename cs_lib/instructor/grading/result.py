"""What is known of one graded submission, as it is written to disk: plain values, the same bytes every time."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from cs_lib.checking.marking import PASSED
from cs_lib.submission.outcomes import CRASHED, DONE, NOT_JUDGED, NOT_STARTED, TIMED_OUT, one_line

GRADED = "graded"
UNREADABLE = "unreadable"
"""Nothing in the submission could be graded; `reason` says why in one line."""
MISSING = "missing"
"""The roster lists the student, and nothing was handed in."""
TOLD_FIRST = (CRASHED, TIMED_OUT, NOT_JUDGED)
"""What no student means to do."""
LONGEST_LINE = 160


@dataclass(frozen=True)
class TestOutcome:
    """What one test said."""

    __test__ = False

    sentence: str
    word: str
    """`passed`, or one of the words of cs_lib.submission.outcomes."""
    message: str = ""
    """What went wrong; of a hidden test for the instructor's eyes only."""
    part: str = ""
    hidden: bool = False

    @property
    def passed(self) -> bool:
        return self.word == PASSED


@dataclass(frozen=True)
class ExerciseOutcome:
    """The marks of one exercise in one submission, and what explains them."""

    name: str
    notebook: str
    points: int
    maximum: int
    standing: str
    """`done`, `wrong`, `crashed`, `timed out`, `not started`, …, and what is missing where the rest is done."""
    tests: tuple[TestOutcome, ...] = ()
    misconceptions: tuple[str, ...] = ()
    """The titles of the known mistakes that explain the answers: several where they cannot be told apart."""
    hints: tuple[str, ...] = ()
    """One hint for each misconception, or the exercise's own hint where the mistake is not known."""


@dataclass(frozen=True)
class Result:
    """One graded submission."""

    name: str
    """The submission's own name, unique in its class: files are called after it."""
    status: str
    maximum: int
    score: int = 0
    reason: str = ""
    """Why there is nothing to grade, or what a human should look at, in one line."""
    student: str = ""
    """Who handed it in, by roster or file name; the submission's name where nothing else is known."""
    identity: str = ""
    """The student's id, by roster or learning platform."""
    attempt: int = 1
    late: bool = False
    exercises: tuple[ExerciseOutcome, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)
    """The written answers, by question, as the student wrote them."""
    graded_from: dict[str, str] = field(default_factory=dict)
    """What was graded with what: hashes of the submission and of the tests, cs_lib's version, the protection."""


def first_wrong(result: Result) -> str:
    """Return what is wrong, in one line, or "": a crash before what is wrong, and what is not started last."""
    wrong = [each for each in result.exercises if each.points < each.maximum]
    if not wrong:
        return one_line(result.reason, LONGEST_LINE)
    exercise = min(wrong, key=lambda each: (each.standing not in TOLD_FIRST, each.standing == NOT_STARTED))
    failed = next((test.message for test in exercise.tests if not test.passed and not test.hidden), "")
    why = " or ".join(exercise.misconceptions) or (failed if exercise.standing != DONE else "")
    return one_line(f"{exercise.name}: {exercise.standing}" + (f": {why}" if why else ""), LONGEST_LINE)


def to_json(result: Result) -> str:
    """Return the result as JSON text, the same for equal results."""
    return json.dumps(asdict(result), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(text: str) -> Result:
    """Return the result that `to_json` wrote; raises ValueError, KeyError or TypeError where the text holds none."""
    table: dict[str, Any] = json.loads(text)
    exercises = tuple(_exercise(each) for each in table.pop("exercises"))
    return Result(**table, exercises=exercises)


def _exercise(table: dict[str, Any]) -> ExerciseOutcome:
    tests = tuple(TestOutcome(**each) for each in table.pop("tests"))
    misconceptions, hints = tuple(table.pop("misconceptions")), tuple(table.pop("hints"))
    return ExerciseOutcome(**table, tests=tests, misconceptions=misconceptions, hints=hints)
