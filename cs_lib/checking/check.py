"""`check(f)` in a notebook: run the tests of one exercise on the live function, and show what they say."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cs_lib.checking.doors import LiveNotebook
from cs_lib.checking.marking import ExerciseMark, TestResult
from cs_lib.checking.report import CheckReport
from cs_lib.course import ROOT, CourseError, Exercise, find_exercise, load_assignment
from cs_lib.submission.outcomes import DONE, NOT_JUDGED, WAITING

# What pytest brings that a check in a notebook has no use for, and that would cost it its answer's promptness.
UNUSED = ["terminal", "cacheprovider", "capture", "logging", "warnings", "faulthandler", "junitxml", "doctest"]
UNUSED += ["unraisableexception", "threadexception", "pastebin", "stepwise", "setuponly", "setupplan", "recwarn"]


def check(function: Callable[..., Any]) -> CheckReport:
    """Run the public tests of the exercise that `function` answers, and return a report that shows itself.

    function: a function (or class) of the running notebook, under the exercise's name
    """
    try:
        exercise = find_exercise(getattr(function, "__name__", repr(function)))
    except CourseError as error:
        return CheckReport.unknown(str(error))
    return CheckReport(_marked(exercise, getattr(function, "__globals__", None) or _main_namespace()))


def ready(*functions: Callable[..., Any]) -> bool:
    """Return whether all checks of these functions pass; where one does not, say for which this cell waits.

    For cells that use what a student wrote: `if ready(hinge_loss_vectorized): …` runs in an untouched notebook too.
    """
    waiting = [report for report in map(check, functions) if not report]
    if waiting:
        print("This cell waits for " + ", ".join(f"{each.name} ({each.word})" for each in waiting) + ".")
    return not waiting


def _marked(exercise: Exercise, namespace: dict[str, Any]) -> ExerciseMark:
    assignment = load_assignment(exercise.assignment)
    for name in exercise.needs:
        stage = _marked(assignment.exercise(name), namespace)
        if stage.word != DONE:
            return _unmarked(exercise, WAITING, f"{exercise.name} waits for {name}, which is {stage.word}.")
    return _run_tests(exercise, namespace)


def _run_tests(exercise: Exercise, namespace: dict[str, Any]) -> ExerciseMark:
    import pytest

    from cs_lib.checking.pytest_plugin import Grading

    assignment = load_assignment(exercise.assignment)
    file = assignment.tests / "public" / f"test_{assignment.notebook(exercise.notebook).module}.py"
    grading = Grading(door=LiveNotebook(namespace, exercise.name))
    without = [word for name in UNUSED for word in ("-p", f"no:{name}")]
    arguments = [str(file), "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), *without]
    with _without_plugin_search():
        code = pytest.main(arguments, plugins=[grading])
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if not grading.results:
        reason = f"its tests could not be run (pytest ended with {int(code)}); please tell your instructor"
        return _unmarked(exercise, NOT_JUDGED, reason)
    return grading.marks()[0]


def _unmarked(exercise: Exercise, word: str, message: str) -> ExerciseMark:
    return ExerciseMark(exercise, (TestResult(exercise.name, "", word, message),))


def _main_namespace() -> dict[str, Any]:
    import __main__

    return vars(__main__)


@contextmanager
def _without_plugin_search() -> Iterator[None]:
    """Keep pytest from loading every plugin that happens to be installed: none is needed, and each costs time."""
    name = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
