"""An exercise that is composed of others waits for them: until each is right, there is nothing to say of it."""

from collections.abc import Mapping, Sequence

from cs_lib.checking.marking import ExerciseMark, TestResult
from cs_lib.course import Assignment, Exercise
from cs_lib.submission.outcomes import DONE, WAITING


def all_needed(exercise: Exercise, assignment: Assignment) -> list[Exercise]:
    """Return the exercises on which this one rests, each after those on which it rests itself."""
    found: list[Exercise] = []
    for name in (*exercise.needs, *exercise.uses):
        needed = assignment.exercise(name)
        found += [each for each in (*all_needed(needed, assignment), needed) if each not in found]
    return found


def waiting(exercise: Exercise, needed: Sequence[Exercise], marks: Mapping[str, ExerciseMark]) -> ExerciseMark | None:
    """Return the mark that says for which of the `needed` exercises this one waits, or None where all are right.

    marks: those of the needed exercises, by name
    """
    for stage in needed:
        if marks[stage.name].word != DONE:
            return unmarked(exercise, WAITING, f"waits for {stage.name}, which is {marks[stage.name].word}")
    return None


def unmarked(exercise: Exercise, word: str, message: str) -> ExerciseMark:
    """Return the mark of an exercise of which, and of whose parts, no test was run."""
    parts = ("", *(name for name, _ in exercise.parts))
    return ExerciseMark(exercise, tuple(TestResult(exercise.name, "", word, message, part=part) for part in parts))
