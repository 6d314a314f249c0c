"""Run an assignment's notebooks from top to bottom: the untouched ones without an exception, the solved ones alike.

What a cell of a solved notebook says is compared with what the file holds. Only where the two differ does the notebook
run once more: where it then says a third thing, it differs from run to run, else the file is older than the kit.
"""

from collections.abc import Iterator
from pathlib import Path

from cs_lib.course import Assignment, Notebook
from cs_lib.instructor import notebook_file, sync
from cs_lib.instructor.consistency import places
from cs_lib.instructor.notebook_file import Cell

FREE = "nbval-ignore-output"
"""The tag of a cell whose output may differ from run to run."""
COMPARED = ("text/plain", "text/html")


def faults(assignment: Assignment, notebook: Notebook) -> Iterator[str]:
    """Yield each cell that fails in the untouched notebook, or says something else each time in the solved one."""
    untouched = places.student_path(assignment, notebook)
    solved = assignment.solutions / untouched.name
    for path, look in ((untouched, _run), (solved, _unlike)):
        if path.exists():
            try:
                yield from look(path)
            except sync.CellFails as error:
                advice = "guard it with `if ready(…):`" if path == untouched else "put the cell or the reference right"
                yield f"{places.of_cell(path, error.cell)} raises {error.reason} when the notebook runs; {advice}"


def _run(path: Path) -> list[str]:
    sync.execute(notebook_file.without_results(notebook_file.read(path)), path)
    return []


def _unlike(path: Path) -> Iterator[str]:
    present = notebook_file.read(path)
    fresh = notebook_file.without_results(present)
    once = sync.execute(fresh, path)["cells"]
    unlike = [i for i, cell in enumerate(present["cells"]) if not _may_differ(cell) and _said(cell) != _said(once[i])]
    again = sync.execute(fresh, path)["cells"] if unlike else []
    for i in unlike:
        problem = "it no longer says what the solved notebook holds; run `cs-lib sync --execute`"
        if _said(once[i]) != _said(again[i]):
            problem = f"what it says differs from run to run; seed what it draws, or tag a demonstration `{FREE}`"
        yield f"{places.of_cell(path, present['cells'][i])}: {problem}"


def _may_differ(cell: Cell) -> bool:
    """Return whether a cell may say something else each time: a demonstration may, a check may not."""
    return FREE in notebook_file.tags(cell) and not notebook_file.source(cell).startswith("check(")


def _said(cell: Cell) -> list[str]:
    outputs = cell.get("outputs", [])
    texts = [output.get("text", "") for output in outputs]
    texts += [output.get("data", {}).get(mime, "") for output in outputs for mime in COMPARED]
    return ["".join(text) for text in texts]
