"""What the cells that give points call when nbgrader runs a notebook: pass where points are earned, else say why."""

import contextlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cs_lib.course import CourseError, find_exercise, load_assignment
from cs_lib.instructor.exports.one import grade_one
from cs_lib.instructor.exports.parts import GradedPart, graded_parts
from cs_lib.instructor.grading.result import GRADED, Result


class NotEarned(AssertionError):
    """The points of a cell are not earned; the message is what a student may read of why."""


def require(exercise: str, part: str = "") -> None:
    """Print what the tests say of an exercise of this notebook, or of its part; raises NotEarned where one fails.

    The notebook is the file in the current directory, where nbgrader has put it before it runs it.
    """
    __tracebackhide__ = True  # what IPython shows of this function would explain nothing
    graded = _graded_part(exercise, part)
    if not graded.points:
        raise NotEarned(graded.said)
    print(graded.said)


def _graded_part(exercise: str, part: str) -> GradedPart:
    """Raises CourseError where the notebook cannot be graded."""
    found = find_exercise(exercise)
    assignment = load_assignment(found.assignment)
    result = _result(assignment.name, Path.cwd() / f"{found.notebook}.ipynb")
    if result.status != GRADED:
        raise CourseError(result.reason)
    parts = {(each.of.exercise, each.of.part): each for each in graded_parts(assignment, result)}
    return parts[exercise, part]


@cache
def _result(assignment: str, notebook: Path) -> Result:
    with _silent():
        return grade_one(assignment, [notebook])


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Keep what other processes write to stderr out of the cell: nbgrader gives no points where there is any."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
