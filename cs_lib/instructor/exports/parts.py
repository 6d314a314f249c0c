"""What a graded exercise says, part by part, in plain text: as much as a student's feedback page shows, and no more."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cs_lib.course import Assignment, Exercise
from cs_lib.instructor.grading.reports.feedback import SAME_NUMBERS
from cs_lib.instructor.grading.reports.page import NOT_PASSED, counted
from cs_lib.instructor.grading.result import ExerciseOutcome, Result, TestOutcome


@dataclass(frozen=True)
class Part:
    """What has points of its own: an exercise without its parts, or one of them."""

    exercise: str
    part: str
    maximum: int

    @property
    def title(self) -> str:
        return f"{self.exercise}: {self.part}" if self.part else self.exercise


@dataclass(frozen=True)
class GradedPart:
    """A part in one submission."""

    of: Part
    outcome: ExerciseOutcome

    @property
    def tests(self) -> tuple[TestOutcome, ...]:
        return tuple(test for test in self.outcome.tests if test.part == self.of.part)

    @property
    def public(self) -> tuple[TestOutcome, ...]:
        return tuple(test for test in self.tests if not test.hidden)

    @property
    def hidden(self) -> tuple[TestOutcome, ...]:
        return tuple(test for test in self.tests if test.hidden)

    @property
    def points(self) -> int:
        """All or nothing, as in cs_lib.checking.marking; an exercise that was not judged has no tests."""
        return self.of.maximum if self.outcome.tests and passed(self.tests) else 0

    @property
    def said(self) -> str:
        """What a student reads of it: the tests, and what explains the first that fails."""
        return "\n".join([*test_lines(self.tests), *([] if passed(self.tests) else explanation(self.outcome))])


def parts(exercise: Exercise) -> list[Part]:
    """Return the exercise itself and then its parts; their points add up to the exercise's total."""
    return [Part(exercise.name, part, points) for part, points in (("", exercise.points), *exercise.parts)]


def graded_parts(assignment: Assignment, result: Result) -> Iterator[GradedPart]:
    """Yield every part of every exercise of a result, in the assignment's order."""
    for outcome in result.exercises:
        for part in parts(assignment.exercise(outcome.name)):
            yield GradedPart(part, outcome)


def passed(tests: Iterable[TestOutcome]) -> bool:
    """Return whether all of the tests passed."""
    return all(test.passed for test in tests)


def test_lines(tests: Iterable[TestOutcome]) -> list[str]:
    """Return the tests as lines of text; of a hidden one its sentence, and whether it passed."""
    lines = []
    for test in tests:
        if test.hidden:
            lines.append(f"{'passed' if test.passed else NOT_PASSED}: {test.sentence} (hidden check)")
            continue
        lines.append(f"{test.word}: {test.sentence}")
        lines += [f"    {line}" for line in test.message.split("\n") if line]
    return lines


def explanation(exercise: ExerciseOutcome) -> list[str]:
    """Return the known mistakes that explain the answers, each with its hint, or the exercise's own hint."""
    if not exercise.misconceptions:
        return [f"A hint. {hint}" for hint in exercise.hints if hint]
    hints = [*exercise.hints, *[""] * len(exercise.misconceptions)]
    said = [f"{title}. {hint}".strip() for title, hint in zip(exercise.misconceptions, hints, strict=False)]
    return said if len(said) == 1 else [SAME_NUMBERS, *(f"- {each}" for each in said)]


def worth(part: Part) -> str:
    """Return a part and its points in words."""
    return f"{part.title}: {counted(part.maximum, 'point')}"
