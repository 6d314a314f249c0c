"""Write what is generated: the stubs and the points table of student notebooks, and the solved, executed ones.

An author edits the student notebook's prose and code cells in Jupyter, and the answers in cs_lib/reference. A code
cell that defines an exercise is that exercise's stub, and is written from the reference; a cell tagged `points` is
written from assignment.toml; a cell tagged `question:NAME` is answered, in the solved notebook, from the section
`## NAME` of cs_lib/reference/MODULE.md.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cs_lib.course import ROOT, Assignment, CourseError, Notebook
from cs_lib.instructor import notebook_file, stubs
from cs_lib.instructor.notebook_file import Cell

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
IGNORED_MIME = ("application/vnd.jupyter.widget-view+json",)


@dataclass(frozen=True)
class Generated:
    """One generated file: where it belongs, what it should hold, and whether it does."""

    path: Path
    content: notebook_file.Notebook
    solved: bool

    @property
    def is_stale(self) -> bool:
        if not self.path.exists():
            return True
        if not self.solved:
            return self.path.read_text(encoding="utf-8") != notebook_file.text(self.content)
        # What a solved notebook printed is for nbval to judge; it is stale when what it runs has changed.
        present = notebook_file.without_results(notebook_file.read(self.path))
        return notebook_file.text(present) != notebook_file.text(self.content)


class CellFails(CourseError):
    """A cell raised when its notebook ran: `cell` and the `reason` in one line."""

    def __init__(self, path: Path, cell: Cell, reason: str, trace: str) -> None:
        super().__init__(f"{path}: a cell fails when the notebook runs:\n{trace}")
        self.cell = cell
        self.reason = reason


def generated(assignment: Assignment) -> list[Generated]:
    """Return every generated file of an assignment; raises CourseError where its sources do not fit together."""
    return [file for notebook in assignment.notebooks for file in generated_from(assignment, notebook)]


def generated_from(assignment: Assignment, notebook: Notebook) -> list[Generated]:
    """Return the two files that are generated of one notebook: for students, and solved; raises as `generated`."""
    path = assignment.folder / f"{notebook.name}.ipynb"
    student = _student(notebook_file.read(path), assignment, notebook)
    return [
        Generated(path, student, solved=False),
        Generated(assignment.solutions / path.name, _solved(student, notebook), solved=True),
    ]


def sync(assignment: Assignment, *, execute_all: bool = False, say: Callable[[str], None] = print) -> None:
    """Write what is stale, and execute the solved notebooks that are (or all of them)."""
    for file in generated(assignment):
        if not file.is_stale and not (execute_all and file.solved):
            continue
        content = file.content
        if file.solved:
            say(f"executing {file.path.relative_to(ROOT)} …")
            content = execute(content, file.path)
        _write(file.path, notebook_file.text(content))
        say(f"wrote {file.path.relative_to(ROOT)}")


def stale(assignment: Assignment) -> list[Path]:
    """Return the generated files that `sync` would write."""
    return [file.path for file in generated(assignment) if file.is_stale]


def execute(content: notebook_file.Notebook, path: Path) -> notebook_file.Notebook:
    """Return the notebook after running it from top to bottom in a kernel; raises CellFails where a cell fails."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    node: Any = nbformat.reads(notebook_file.text(content), as_version=4)  # type: ignore[no-untyped-call]
    path.parent.mkdir(exist_ok=True)
    client = NotebookClient(
        node,
        kernel_name=notebook_file.KERNEL["name"],
        timeout=300,
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],  # its warnings are about networks, and would stand among what is said
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        # Cells are run in order, so the last that was run is the one that failed.
        failed = [cell for cell in node["cells"] if cell["cell_type"] == "code" and cell["execution_count"]][-1]
        raise CellFails(path, dict(failed), f"{error.ename}: {error.evalue}", COLOUR.sub("", str(error))) from None
    return {**content, "cells": [_tidied(cell) for cell in json.loads(json.dumps(node["cells"]))]}


def _student(current: notebook_file.Notebook, assignment: Assignment, notebook: Notebook) -> notebook_file.Notebook:
    exercises = {exercise.name: exercise for exercise in notebook.exercises}
    seen: list[str] = []
    cells = []
    for cell in current["cells"]:
        names = notebook_file.defined(cell) & exercises.keys()
        if len(names) > 1:
            raise CourseError(f"{notebook.name}: one cell defines {' and '.join(sorted(names))}; give each its own")
        new = notebook_file.source(cell)
        for name in names:
            seen.append(name)
            new = stubs.stub(stubs.reference_source(notebook.module, name))
        if "points" in notebook_file.tags(cell):
            new = points_table(notebook)
        cells.append(_tidied_metadata(notebook_file.with_source(cell, new)))
    _complain_about(notebook, seen, [notebook_file.tagged(cell, "question") for cell in cells])
    return {
        "cells": notebook_file.numbered_ids(cells),
        "metadata": {
            "cs_lib": {"assignment": assignment.name, "notebook": notebook.name},
            "kernelspec": notebook_file.KERNEL,
            "language_info": notebook_file.LANGUAGE,
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _complain_about(notebook: Notebook, seen: list[str], questions: list[str | None]) -> None:
    listed = [exercise.name for exercise in notebook.exercises]
    for name in listed:
        if seen.count(name) != 1:
            many = "no code cell defines" if name not in seen else "more than one code cell defines"
            raise CourseError(f"{notebook.name}: {many} {name}; write `def {name}(): ...` in one cell of its own")
    if seen != listed:
        raise CourseError(f"{notebook.name}: assignment.toml lists {listed}, but the notebook's order is {seen}")
    asked = [name for name in questions if name]
    known = [question.name for question in notebook.questions]
    if asked != known:
        raise CourseError(f"{notebook.name}: assignment.toml lists the questions {known}, the notebook asks {asked}")


def _solved(student: notebook_file.Notebook, notebook: Notebook) -> notebook_file.Notebook:
    names = {exercise.name for exercise in notebook.exercises}
    answers = written_answers(notebook.module) if notebook.questions else {}
    cells = []
    for cell in student["cells"]:
        new = notebook_file.source(cell)
        for name in notebook_file.defined(cell) & names:
            new = stubs.solved(stubs.reference_source(notebook.module, name))
        question = notebook_file.tagged(cell, "question")
        if question:
            if question not in answers:
                raise CourseError(f"cs_lib/reference/{notebook.module}.md has no section '## {question}'")
            new = answers[question]
        cells.append(notebook_file.with_source(cell, new))
    return {**student, "cells": cells}


def written_answers(module: str) -> dict[str, str]:
    """Return the model answers in cs_lib/reference/MODULE.md by question; each ends where its marking guide begins."""
    path = ROOT / "cs_lib" / "reference" / f"{module}.md"
    if not path.exists():
        raise CourseError(f"{path} does not exist; write the model answers there, each below '## NAME'")
    answers = {}
    for section in path.read_text(encoding="utf-8").split("\n## ")[1:]:
        name, _, body = section.partition("\n")
        answers[name.strip()] = body.split("\n### ")[0].strip()
    return answers


def points_table(notebook: Notebook) -> str:
    """Return the table of a notebook's exercises and points, in Markdown."""
    rows: list[tuple[str, int]] = []
    for exercise in notebook.exercises:
        rows.append((f"`{exercise.name}`", exercise.points))
        rows += [(f"`{exercise.name}`: {part}", points) for part, points in exercise.parts]
    for question in notebook.questions:
        rows.append((f"{question.name.replace('-', ' ')} (written, marked by hand)", question.points))
    total = sum(points for _, points in rows)
    lines = [f"| {name} | {points} |" for name, points in rows]
    return "\n".join(["| exercise | points |", "|:--|--:|", *lines, f"| **together** | **{total}** |"])


def _tidied(cell: Cell) -> Cell:
    """Return an executed cell without what differs from run to run: progress bars, and when it ran."""
    result = _tidied_metadata(dict(cell))
    if result["cell_type"] != "code":
        return result
    outputs = [dict(output) for output in result["outputs"]]
    result["outputs"] = [_lines(each) for each in outputs if not _is_progress(each)]
    return result


def _is_progress(output: Cell) -> bool:
    data = output.get("data", {})
    return output.get("name") == "stderr" or any(mime in data for mime in IGNORED_MIME)


def _lines(output: Cell) -> Cell:
    """Return an output with its text as lists of lines, as JupyterLab saves it."""
    if isinstance(output.get("text"), str):
        output["text"] = output["text"].splitlines(keepends=True)
    data = dict(output.get("data", {}))
    for mime, value in data.items():
        if isinstance(value, str) and mime.startswith("text/"):
            data[mime] = value.splitlines(keepends=True)
    return {**output, "data": data} if data else output


def _tidied_metadata(cell: Cell) -> Cell:
    kept = {key: value for key, value in cell["metadata"].items() if key in ("tags", "jupyter", "slideshow")}
    source = notebook_file.source(cell).splitlines(keepends=True)
    return {**cell, "metadata": kept, "source": source}


def _write(path: Path, text: str) -> None:
    """Write the file whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
