"""From test results to marks: an exercise has its points when all of its tests pass, and each part has its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cs_lib.checking.answers import Case, diagnosis_of
from cs_lib.checking.comparison import Finding
from cs_lib.checking.diagnosis import Diagnosis
from cs_lib.course import Exercise
from cs_lib.submission.outcomes import CRASHED, DONE, WRONG

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
    part: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class ExerciseMark:
    """The marks of one exercise, the test results they rest on, and the mistake that explains them."""

    exercise: Exercise
    results: tuple[TestResult, ...]
    diagnosis: Diagnosis | None = None

    @property
    def word(self) -> str:
        """`done` when every test of the exercise itself passed, else the word of the first that did not."""
        return _word(result for result in self.results if not result.part)

    @property
    def missing_parts(self) -> tuple[str, ...]:
        """The parts, marked on their own, that are not done."""
        return tuple(
            part
            for part, _ in self.exercise.parts
            if _word(result for result in self.results if result.part == part) != DONE
        )

    @property
    def points(self) -> int:
        own = self.exercise.points if self.word == DONE else 0
        return own + sum(points for part, points in self.exercise.parts if part not in self.missing_parts)

    @property
    def first_failure(self) -> TestResult | None:
        return next((result for result in self.results if result.word != PASSED), None)

    @property
    def standing(self) -> str:
        """How the exercise stands: its word, and what is missing where the rest is done."""
        missing = f" but for {' and '.join(self.missing_parts)}" if self.missing_parts else ""
        return self.word + missing if self.word == DONE else self.word


def mark(
    exercises: Iterable[Exercise], results: Iterable[TestResult], cases: Mapping[str, Sequence[Case]]
) -> list[ExerciseMark]:
    """Return the marks of those exercises that have results, in the order given.

    cases: for each exercise by name, all calls that its tests made
    """
    by_exercise: dict[str, list[TestResult]] = {}
    for result in results:
        by_exercise.setdefault(result.exercise, []).append(result)
    return [
        ExerciseMark(exercise, tuple(found), _diagnosis(exercise, found, cases.get(exercise.name, ())))
        for exercise in exercises
        if (found := by_exercise.get(exercise.name, []))
    ]


def score_table(marks: list[ExerciseMark]) -> str:
    """Return the marks as lines of text, one per exercise, with the score below."""
    width = max((len(each.exercise.name) for each in marks), default=0)
    digits = len(str(max((each.exercise.total for each in marks), default=0)))
    lines = []
    for each in marks:
        row = (
            f"{each.exercise.name:<{width}}  {each.points:>{digits}} / {each.exercise.total:>{digits}}  {each.standing}"
        )
        lines.append(row + (f": {' or: '.join(each.diagnosis.titles)}" if each.diagnosis else ""))
    earned, total = sum(each.points for each in marks), sum(each.exercise.total for each in marks)
    return "\n".join([*lines, f"score: {earned} / {total}"])


def _word(results: Iterable[TestResult]) -> str:
    return next((result.word for result in results if result.word != PASSED), DONE)


def _diagnosis(exercise: Exercise, results: Sequence[TestResult], cases: Sequence[Case]) -> Diagnosis | None:
    answered_wrongly = any(result.word in (WRONG, CRASHED) for result in results)
    return diagnosis_of(exercise, cases) if answered_wrongly and cases else None
