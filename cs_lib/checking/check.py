"""`check(f)` in a notebook: run the tests of one exercise on the live function, and show what they say."""

import contextlib
import sys
from collections.abc import Callable
from typing import Any

from cs_lib.checking.doors import LiveNotebook
from cs_lib.checking.marking import ExerciseMark
from cs_lib.checking.report import CheckReport
from cs_lib.checking.running import public_tests, run_tests
from cs_lib.checking.waiting import all_needed, unmarked, waiting
from cs_lib.course import CourseError, Exercise, find_exercise, load_assignment
from cs_lib.submission.outcomes import NOT_JUDGED


def check(function: Callable[..., Any]) -> CheckReport:
    """Run the public tests of the exercise that `function` answers, and return a report that shows itself.

    function: a function (or class) of the running notebook, under the exercise's name
    """
    around = _namespace_of(function)
    try:
        exercise = _exercise_of(function, around)
    except CourseError as error:
        return CheckReport.unknown(str(error))
    try:
        return CheckReport(_marked(exercise, {**around, exercise.name: function}))
    except Exception as error:  # a student must never meet a traceback of the kit's own making
        problem = f"{exercise.name}: its check itself failed ({type(error).__name__}: {error})"
        return CheckReport.unknown(f"{problem}; please tell your instructor")


def ready(*functions: Callable[..., Any]) -> bool:
    """Return whether all checks of these functions pass; where one does not, say for which this cell waits.

    For cells that use what a student wrote: `if ready(hinge_loss_vectorized): …` runs in an untouched notebook too.
    """
    waiting = [report for report in map(check, functions) if not report]
    if waiting:
        print("This cell waits for " + "; ".join(each.standing for each in waiting) + ".")
    return not waiting


def _exercise_of(function: Callable[..., Any], namespace: dict[str, Any]) -> Exercise:
    """Return the exercise that a function answers; raises CourseError, naming the closest, when there is none."""
    own = getattr(function, "__name__", repr(function))
    # A lambda, or what a decorator returned, has another name of its own than the one the notebook calls it by.
    for name in (own, *(each for each, value in namespace.items() if value is function)):
        with contextlib.suppress(CourseError):
            return find_exercise(name)
    return find_exercise(own)


def _marked(exercise: Exercise, namespace: dict[str, Any]) -> ExerciseMark:
    """Run the tests of the exercise and of all that it is composed of, and return its marks."""
    assignment = load_assignment(exercise.assignment)
    needed = all_needed(exercise, assignment)
    files = {public_tests(assignment, assignment.notebook(each.notebook)) for each in (exercise, *needed)}
    names = [each.name for each in (exercise, *needed)]
    try:
        grading = run_tests(sorted(files), LiveNotebook(namespace, *names))
    except CourseError as error:
        return unmarked(exercise, NOT_JUDGED, f"{error}; please tell your instructor")
    marks = {each.exercise.name: each for each in grading.marks()}
    return waiting(exercise, needed, marks) or marks[exercise.name]


def _namespace_of(function: Any) -> dict[str, Any]:
    """Return the globals among which a function or a class was defined; else those of the running notebook."""
    import __main__

    own: dict[str, Any] | None = getattr(function, "__globals__", None)
    if own is None and isinstance(function, type) and function.__module__ in sys.modules:
        own = vars(sys.modules[function.__module__])
    return own or vars(__main__)
