"""Find what does not fit together between an assignment's list, its answers, its known mistakes and its notebooks."""

import importlib
import inspect
from collections.abc import Iterator

from cs_lib.checking import catalogue
from cs_lib.course import ROOT, Assignment, Notebook
from cs_lib.instructor import stubs, sync


def inconsistencies(assignment: Assignment) -> Iterator[str]:
    """Yield each misfit as a sentence; raises CourseError where nothing can be generated at all."""
    for notebook in assignment.notebooks:
        yield from _unlisted(notebook)
        for name in sorted(catalogue.exercise_names(notebook.exercises[0]) - _names(notebook)):
            yield f"{notebook.module}.toml: a misconception is about {name!r}, which assignment.toml does not list"
    for path in sync.stale(assignment):
        yield f"{path.relative_to(ROOT)} is stale; run `cs-lib sync`"


def _unlisted(notebook: Notebook) -> Iterator[str]:
    module = importlib.import_module(f"cs_lib.reference.{notebook.module}")
    for name, value in vars(module).items():
        is_own = getattr(value, "__module__", "") == module.__name__ and (
            inspect.isfunction(value) or inspect.isclass(value)
        )
        if is_own and name not in _names(notebook) and stubs.BEGIN in inspect.getsource(value):
            yield f"cs_lib/reference/{notebook.module}.py answers {name}, which assignment.toml does not list"


def _names(notebook: Notebook) -> set[str]:
    return {exercise.name for exercise in notebook.exercises}
