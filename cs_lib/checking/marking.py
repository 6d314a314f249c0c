"""From test results to marks: an exercise has its points when all of its tests pass."""

from collections.abc import Iterable
from dataclasses import dataclass

from cs_lib.checking.comparison import Finding
from cs_lib.course import Exercise
from cs_lib.submission.outcomes import DONE

PASSED = "passed"


@dataclass(frozen=True)
class TestResult:
    """What one test of one exercise said of a submission."""

    __test__ = False

    exercise: str
    sentence: str
    """The behaviour that the test is about."""
    word: str
    """`passed`, or one of the words of cs_lib.submission.outcomes."""
    message: str = ""
    finding: Finding | None = None
    hidden: bool = False


@dataclass(frozen=True)
class ExerciseMark:
    """The marks of one exercise and the test results they rest on."""

    exercise: Exercise
    results: tuple[TestResult, ...]

    @property
    def word(self) -> str:
        """`done` when every test passed, else the word of the first that did not."""
        return next((result.word for result in self.results if result.word != PASSED), DONE)

    @property
    def points(self) -> int:
        return self.exercise.points if self.word == DONE else 0

    @property
    def first_failure(self) -> TestResult | None:
        return next((result for result in self.results if result.word != PASSED), None)


def mark(exercises: Iterable[Exercise], results: Iterable[TestResult]) -> list[ExerciseMark]:
    """Return the marks of those exercises that have results, in the order given."""
    by_exercise: dict[str, list[TestResult]] = {}
    for result in results:
        by_exercise.setdefault(result.exercise, []).append(result)
    return [
        ExerciseMark(exercise, tuple(by_exercise[exercise.name]))
        for exercise in exercises
        if exercise.name in by_exercise
    ]


def score_table(marks: list[ExerciseMark]) -> str:
    """Return the marks as lines of text, one per exercise, with the score below."""
    width = max((len(each.exercise.name) for each in marks), default=0)
    digits = len(str(max((each.exercise.points for each in marks), default=0)))
    lines = [
        f"{each.exercise.name:<{width}}  {each.points:>{digits}} / {each.exercise.points:>{digits}}  {each.word}"
        for each in marks
    ]
    earned, total = sum(each.points for each in marks), sum(each.exercise.points for each in marks)
    return "\n".join([*lines, f"score: {earned} / {total}"])
