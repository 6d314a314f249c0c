"""assignment.toml against what there is: the answers, the notebooks, their cells, and the other assignments."""

import importlib
import inspect
import re
from collections.abc import Iterator

from cs_lib.course import ROOT, Assignment, CourseError, Notebook, assignment_names, load_assignment
from cs_lib.instructor import notebook_file, stubs, sync
from cs_lib.instructor.consistency import places

CHECKED = re.compile(r"^\s*check\((\w+)\)", flags=re.MULTILINE)


def faults(assignment: Assignment) -> Iterator[str]:
    """Yield each misfit between what is listed and what there is."""
    yield from _named_elsewhere(assignment)
    yield from _unlisted_notebooks(assignment)
    for notebook in assignment.notebooks:
        yield from _unlisted_answers(assignment, notebook)
        yield from _generated(assignment, notebook)
        yield from _checks(assignment, notebook)


def _named_elsewhere(assignment: Assignment) -> Iterator[str]:
    own = {exercise.name for exercise in assignment.exercises}
    for name in assignment_names():
        if name == assignment.name:
            continue
        try:
            others = load_assignment(name).exercises
        except CourseError:  # said where that assignment is looked at
            continue
        for other in others:
            if other.name in own:
                problem = f"the exercise {other.name!r} is listed in {name} too; give each its own name"
                yield f"{places.of_list(assignment)}: {problem}"


def _unlisted_notebooks(assignment: Assignment) -> Iterator[str]:
    listed = {notebook.name for notebook in assignment.notebooks}
    for folder in (assignment.folder, assignment.solutions):
        for path in sorted(folder.glob("*.ipynb")):
            if path.stem not in listed:
                advice = "list it there, or move the notebook out of the assignment"
                yield f"{places.of_file(path)} is not listed in {places.of_list(assignment)}; {advice}"


def _unlisted_answers(assignment: Assignment, notebook: Notebook) -> Iterator[str]:
    names = {exercise.name for exercise in notebook.exercises}
    place = f"cs_lib/reference/{notebook.module}.py"
    if not (ROOT / place).exists():
        return  # said by what is generated from it
    module = importlib.import_module(f"cs_lib.reference.{notebook.module}")
    for name, value in vars(module).items():
        is_own = getattr(value, "__module__", "") == module.__name__ and (
            inspect.isfunction(value) or inspect.isclass(value)
        )
        if is_own and name not in names and stubs.BEGIN in inspect.getsource(value):
            advice = f"list it in {places.of_list(assignment)}, or take its markers away"
            yield f"{place} answers {name}, which assignment.toml does not list; {advice}"


def _generated(assignment: Assignment, notebook: Notebook) -> Iterator[str]:
    try:
        for file in sync.generated_from(assignment, notebook):
            if file.is_stale:
                yield f"{places.of_file(file.path)} is stale; run `cs-lib sync`"
    except CourseError as error:
        yield str(error)


def _checks(assignment: Assignment, notebook: Notebook) -> Iterator[str]:
    path = places.student_path(assignment, notebook)
    names = {exercise.name for exercise in notebook.exercises}
    checked: set[str] = set()
    for cell in places.cells(path):
        if cell["cell_type"] == "code" and not notebook_file.defined(cell):
            checked |= set(CHECKED.findall(notebook_file.source(cell)))
    for exercise in notebook.exercises:
        if exercise.name not in checked:
            advice = f"write `check({exercise.name})` below its cell"
            yield f"{places.of_file(path)}: no cell checks {exercise.name}; {advice}"
    for name in sorted(checked - names):
        problem = f"a cell checks {name}, which assignment.toml does not list there"
        yield f"{places.of_file(path)}: {problem}; list it, or take the check out"
