"""Run tests of exercises inside this process: pytest itself, without what an answer in a notebook has no use for."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cs_lib.checking.answers import Answers
from cs_lib.checking.doors import Door
from cs_lib.course import ROOT, Assignment, CourseError, Notebook

if TYPE_CHECKING:
    from cs_lib.checking.pytest_plugin import Grading, Round

UNUSED = ["terminal", "cacheprovider", "capture", "logging", "warnings", "faulthandler", "junitxml", "doctest"]
UNUSED += ["unraisableexception", "threadexception", "pastebin", "stepwise", "setuponly", "setupplan", "recwarn"]
INTERRUPTED = 2
"""The exit code with which pytest ends when it is interrupted."""


def public_tests(assignment: Assignment, notebook: Notebook) -> Path:
    """Return the file with a notebook's public tests."""
    return assignment.tests / "public" / f"test_{notebook.module}.py"


def run_tests(files: Sequence[Path], door: Door, answers: Answers | None = None) -> "Grading":
    """Run the tests in `files` through the door, and return what they said.

    answers: what they compare with, where it is not the course's

    Raises KeyboardInterrupt where the run was interrupted, CourseError where it could not be carried out.
    """
    # Imported late: whoever only imports cs_lib.checking should not wait for pytest.
    from cs_lib.checking.pytest_plugin import Grading

    grading = Grading(door=door, answers=answers)
    code = _run_pytest(files, grading)
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    if not grading.results:
        names = ", ".join(file.name for file in files)
        raise CourseError(f"{names}: no test could be run (pytest ended with {code})")
    return grading


def serve_tests(files: Sequence[Path], work: "Callable[[Round], None]") -> None:
    """Collect the tests in `files` once, and call `work` with what runs them on one submission at a time.

    Raises what `work` raises, KeyboardInterrupt included, and CourseError where the tests cannot be collected.
    """
    from cs_lib.checking.pytest_plugin import Rounds

    rounds = Rounds(work)
    code = _run_pytest(files, rounds)
    if rounds.error:
        raise rounds.error
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    if rounds.uncollected or not rounds.items:
        reasons = rounds.uncollected or [f"{', '.join(file.name for file in files)}: pytest ended with {code}"]
        raise CourseError(f"the tests cannot be collected: {'; '.join(reasons)}")


def _run_pytest(files: Sequence[Path], grading: "Grading") -> int:
    import pytest

    without = [word for name in UNUSED for word in ("-p", f"no:{name}")]
    place = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT)]
    with _without_plugin_search():
        return int(pytest.main([*map(str, files), *place, *without], plugins=[grading]))


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
