"""An assignment as nbgrader's source notebooks: the answers between its markers, and cells that give points.

A cell that gives points does not test the kernel's own functions: it asks `judge`, which grades the notebook as
`cs-lib grade` does, so the marks are the same, those of composed exercises and of parts included.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cs_lib.course import Assignment, CourseError, Exercise, Notebook
from cs_lib.instructor import notebook_file, stubs, sync
from cs_lib.instructor.exports.bundle import write_bytes
from cs_lib.instructor.exports.parts import Part, parts, worth
from cs_lib.instructor.notebook_file import Cell

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
SCHEMA = 3
"""The version of nbgrader's cell metadata."""
GRADED = """\
# {worth}, given here when you have handed in. Leave this cell as it is.
### BEGIN HIDDEN TESTS
from cs_lib.instructor.exports.judge import require

require({call})
### END HIDDEN TESTS"""
CONFIG_NAME = "nbgrader_config.py"
CONFIG = f"""\
c = get_config()  # noqa: F821 nbgrader gives this name

# The dots `...` of the cells stay, which say that an exercise is not started; nbgrader's own stub would be an error.
c.ClearSolutions.code_stub = {{"python": "{stubs.PROMPT}"}}
c.ClearSolutions.text_stub = "*Write your answer here, in place of this line.*"

# The notebooks train classifiers: nbgrader's 30 seconds for a cell are too few on a busy machine.
c.Execute.timeout = 300
"""


def write_nbgrader(assignment: Assignment, course: Path) -> str:
    """Write `source/ASSIGNMENT` and the configuration into nbgrader's course folder; return what is to be told, or "".

    Raises CourseError where the assignment is there already: it may have been edited.
    """
    folder = course / "source" / assignment.name
    if folder.exists():
        raise CourseError(f"{folder} is there already; move it away, or choose another folder with -o")
    notebooks = {f"{each.name}.ipynb": source_notebook(assignment, each) for each in assignment.notebooks}
    for name, notebook in notebooks.items():
        write_bytes(folder / name, notebook_file.text(notebook).encode())
    return _configure(course / CONFIG_NAME)


def source_notebook(assignment: Assignment, notebook: Notebook) -> notebook_file.Notebook:
    """Return a notebook of the assignment as nbgrader's source: with answers, and with cells that give points."""
    untouched = notebook_file.read(assignment.folder / f"{notebook.name}.ipynb")
    cells: list[Cell] = []
    unchecked: list[Exercise] = []
    for cell in untouched["cells"]:
        found = [each for each in notebook.exercises if each.name in notebook_file.defined(cell)]
        cells += _point_cells(unchecked) if found else []
        unchecked = found or unchecked
        cells.append(_with_answer(cell, notebook))
        if unchecked and notebook_file.source(cell).strip() == f"check({unchecked[0].name})":
            cells += _point_cells(unchecked)
            unchecked = []
    return {**untouched, "cells": notebook_file.numbered_ids([*cells, *_point_cells(unchecked)])}


def _configure(path: Path) -> str:
    if not path.exists():
        write_bytes(path, CONFIG.encode())
    elif path.read_text(encoding="utf-8", errors="replace") != CONFIG:
        lines = [f"    {line}" for line in CONFIG.splitlines() if line.startswith("c.")]
        return "\n".join([f"{path} is yours and was left as it is; see that it has these lines:", *lines])
    return ""


def _with_answer(cell: Cell, notebook: Notebook) -> Cell:
    """Return the cell of an exercise or of a question with the right answer in it, any other cell as it is."""
    for exercise in notebook.exercises:
        if exercise.name in notebook_file.defined(cell):
            answer = stubs.with_markers(stubs.reference_source(notebook.module, exercise.name), BEGIN, END)
            return _marked(cell, answer, exercise.name, solution=True)
    for question in notebook.questions:
        if question.name == notebook_file.tagged(cell, "question"):
            answer = "\n".join([BEGIN, sync.written_answers(notebook.module)[question.name], END])
            return _marked(cell, answer, question.name, solution=True, points=question.points)
    return cell


def _point_cells(exercises: list[Exercise]) -> Iterator[Cell]:
    for part in (part for exercise in exercises for part in parts(exercise)):
        cell: Cell = {"cell_type": "code", "metadata": {}, "id": ""}
        source = GRADED.format(worth=worth(part), call=_call(part))
        yield _marked(cell, source, f"points-{part.exercise}{'-' * bool(part.part)}{part.part}", points=part.maximum)


def _call(part: Part) -> str:
    return f'"{part.exercise}", part="{part.part}"' if part.part else f'"{part.exercise}"'


def _marked(cell: Cell, source: str, grade_id: str, *, solution: bool = False, points: int = 0) -> Cell:
    """Return the cell with nbgrader's metadata: to be written in by students, to give points, or both (by hand)."""
    kind: dict[str, Any] = {
        "schema_version": SCHEMA,
        "grade_id": grade_id,
        "solution": solution,
        "grade": bool(points),
        "locked": not solution,
        "task": False,
    }
    metadata = {**cell["metadata"], "nbgrader": kind | ({"points": points} if points else {})}
    return notebook_file.with_source({**cell, "metadata": metadata}, source)
