"""Use in one notebook what another one defines: a function or a class, without running the rest of it."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from cs_lib.submission.calling import describe_error
from cs_lib.submission.notebook import CELL, UnreadableNotebook, read_notebook
from cs_lib.submission.slicing import slice_cells


class NotebookImportError(ImportError):
    """What was asked for cannot be taken from the other notebook, for the reason that the message gives."""

    def _render_traceback_(self) -> list[str]:
        """Show a notebook the sentence alone: the lines of this library explain nothing to a student."""
        return [f"{type(self).__name__}: {self}"]


def from_notebook(path: str | Path, name: str) -> Any:
    """Return the function or class `name` that the notebook at `path` defines.

    Only the statements that it needs are run, in a module of their own: nothing is trained and nothing plotted.
    What is saved in the file counts, not what another kernel holds. A relative path begins at the notebook's folder.

    Raises NotebookImportError where there is no such notebook or no such name, or a statement that it needs fails.
    """
    file = Path(path)
    if not file.exists():
        raise NotebookImportError(f"there is no notebook {path}; is it in the same folder as this one?")
    try:
        cells = read_notebook(file).cells
    except UnreadableNotebook as error:
        raise NotebookImportError(str(error)) from None
    wanted = slice_cells(cells, {name})
    module = ModuleType(f"notebook_{file.stem}")
    for statement in wanted.statements:
        try:
            exec(compile("\n" * (statement.line - 1) + statement.source, statement.cell.name, "exec"), vars(module))
        except Exception as error:
            found = describe_error(error, lambda filename: filename.startswith(CELL))
            raise NotebookImportError(f"{file.name}, {statement.cell.name}: {found}") from None
    if name not in vars(module):
        broken = f", and {wanted.broken[0]}" if wanted.broken else ""
        raise NotebookImportError(f"{file.name} does not define {name}{broken}")
    sys.modules[module.__name__] = module  # where `check` finds what the class calls
    return vars(module)[name]
