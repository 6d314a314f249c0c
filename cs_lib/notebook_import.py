"""Use in one notebook what another defines: `from_notebook("02_two_layer_net.ipynb", "TwoLayerNet")`.

Only the statements that the function or class needs are run, not the other notebook's training and pictures.
"""

import linecache
import sys
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from cs_lib.course import CourseError, find_exercise
from cs_lib.submission.calling import describe_error
from cs_lib.submission.notebook import SubmittedNotebook, UnreadableNotebook, read_notebook
from cs_lib.submission.outcomes import StudentError
from cs_lib.submission.slicing import Slice, Statement, slice_cells

NUMBERS = count(1)
"""Of the modules made here: each has a name of its own, so that what was brought over earlier keeps its globals."""


class NotebookImportError(ImportError):
    """The other notebook does not give what was asked of it, for the reason that the message gives."""

    def _render_traceback_(self) -> list[str]:
        """Show a notebook the sentence alone: the lines of this library explain nothing to a student."""
        return [f"{type(self).__name__}: {self}"]


def from_notebook(path: str | Path, name: str) -> Any:
    """Return the function or class called `name` of another notebook, as that notebook was last saved.

    path: the other notebook, relative to the folder of the notebook that asks

    Each call runs the notebook's statements anew, in a new module. Where `name` is an exercise that is composed of
    others, those are brought along, so that `check` finds them. Raises NotebookImportError where there is no such
    notebook, it defines no such name, or one of its cells fails.
    """
    notebook = _read(Path(path))
    needed = slice_cells(notebook.cells, {name, *_stages(name)})
    if name not in notebook.functions:
        raise NotebookImportError(_not_defined(notebook, name, needed))
    module = ModuleType(f"{notebook.path.stem}_{next(NUMBERS)}", f"What {notebook.path.name} says about {name}.")
    sys.modules[module.__name__] = module
    _remember(notebook)
    for statement in needed.statements:
        _run(statement, module, notebook, name)
    return getattr(module, name)


def _read(path: Path) -> SubmittedNotebook:
    if not path.exists():
        raise NotebookImportError(
            f"there is no notebook {path.name} in {path.absolute().parent}; it should lie beside this one, "
            "under the name that it had"
        )
    try:
        return read_notebook(path)
    except UnreadableNotebook as error:
        raise NotebookImportError(str(error)) from None


def _stages(name: str) -> tuple[str, ...]:
    """Return what the exercise called `name` is composed of; nothing where it is no exercise."""
    try:
        return find_exercise(name).needs
    except CourseError:
        return ()


def _not_defined(notebook: SubmittedNotebook, name: str, needed: Slice) -> str:
    message = f"{notebook.path.name} defines no function or class {name}"
    if not needed.broken:
        return f"{message}; is it spelt so, and is that notebook saved?"
    broken = needed.broken[0]
    return f"{message} in a cell that is Python; {broken.cell} is not: {_problem(broken)}"


def _remember(notebook: SubmittedNotebook) -> None:
    """Let error messages find the lines of the notebook's cells."""
    for cell in notebook.cells:
        file = _file(notebook, cell.name)
        lines = cell.source.splitlines(keepends=True)
        linecache.cache[file] = (len(cell.source), None, lines, file)


def _file(notebook: SubmittedNotebook, cell: str) -> str:
    # IPython's own way to name a cell, by which `check` knows a student's lines from the kit's.
    return f"<ipython-input from {notebook.path.name}, {cell}>"


def _run(statement: Statement, module: ModuleType, notebook: SubmittedNotebook, name: str) -> None:
    """Run one statement in the module; raise NotebookImportError where it fails."""
    file = _file(notebook, statement.cell.name)
    try:
        exec(compile("\n" * (statement.line - 1) + statement.source + "\n", file, "exec"), vars(module))
    except (Exception, SystemExit) as error:
        raised = describe_error(error, is_students=lambda filename: filename.startswith("<ipython-input from "))
        raise NotebookImportError(
            f"{notebook.path.name}: {statement.cell.name}, which {name} needs, fails: {_problem(raised)}"
        ) from None


def _problem(error: StudentError) -> str:
    where = f" (line {error.line}: {error.code})" if error.line else ""
    return f"{error.kind}: {error.message}{where}"
