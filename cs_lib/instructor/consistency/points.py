"""Points that do not add up: between assignment.toml, the table in a notebook, and what the prose promises."""

import re
from collections.abc import Iterator

from cs_lib.course import Assignment, Notebook
from cs_lib.instructor import notebook_file
from cs_lib.instructor.consistency import places

PROMISED = re.compile(r"\((\d+) points?\)")


def faults(assignment: Assignment) -> Iterator[str]:
    """Yield each place whose points are not those of assignment.toml's exercises and questions."""
    total = sum(exercise.total for exercise in assignment.exercises)
    total += sum(question.points for notebook in assignment.notebooks for question in notebook.questions)
    if assignment.points not in (None, total):
        problem = f"declares {assignment.points} points, but its exercises, their parts and questions have {total}"
        yield f"{places.of_list(assignment)} {problem} together; put one of them right"
    for notebook in assignment.notebooks:
        yield from _table(assignment, notebook)
        yield from _questions(assignment, notebook)


def _table(assignment: Assignment, notebook: Notebook) -> Iterator[str]:
    # That a table holds the right numbers is a matter of `sync`, which writes it: one that does not is stale.
    path = places.student_path(assignment, notebook)
    if path.exists() and not any("points" in notebook_file.tags(cell) for cell in places.cells(path)):
        advice = "tag a Markdown cell `points`, and run `cs-lib sync`"
        yield f"{places.of_file(path)} does not say what its exercises are worth; {advice}"


def _questions(assignment: Assignment, notebook: Notebook) -> Iterator[str]:
    """Compare the points that the prose above an answer's cell, or the cell itself, promises with those listed."""
    path = places.student_path(assignment, notebook)
    points = {question.name: question.points for question in notebook.questions}
    above = ""
    for cell in places.cells(path):
        name = notebook_file.tagged(cell, "question")
        promised = PROMISED.findall(above + notebook_file.source(cell)) if name in points else []
        if name and promised and int(promised[-1]) != points[name]:
            problem = f"the question {name!r} is said to have {promised[-1]} points, but assignment.toml gives it"
            yield f"{places.of_cell(path, cell)}: {problem} {points[name]}; put one of them right"
        above = notebook_file.source(cell) if cell["cell_type"] == "markdown" else ""
