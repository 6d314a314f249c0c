"""How a sentence names where something is: a file by its path in the course, a cell by how it begins."""

from collections.abc import Iterator
from pathlib import Path

from cs_lib.course import ROOT, Assignment, Notebook
from cs_lib.instructor import notebook_file
from cs_lib.instructor.notebook_file import Cell

SHOWN = 50
"""How many characters of a cell's first line name it."""


def of_file(path: Path) -> str:
    """Return a file's path from the course's folder."""
    return str(path.relative_to(ROOT))


def of_cell(path: Path, cell: Cell) -> str:
    """Return the place of a cell: its notebook, and how the cell begins."""
    first = next((line.strip() for line in notebook_file.source(cell).split("\n") if line.strip()), "")
    shown = first if len(first) <= SHOWN else first[: SHOWN - 1] + "…"
    return f"{of_file(path)}, the cell that begins {shown!r}" if shown else f"{of_file(path)}, an empty cell"


def of_list(assignment: Assignment) -> str:
    """Return the place of an assignment's list."""
    return of_file(assignment.folder / "assignment.toml")


def student_path(assignment: Assignment, notebook: Notebook) -> Path:
    """Return where the notebook is that students open."""
    return assignment.folder / f"{notebook.name}.ipynb"


def cells(path: Path) -> Iterator[Cell]:
    """Yield the cells of the notebook at `path`; none where there is no file."""
    if path.exists():
        yield from notebook_file.read(path)["cells"]
