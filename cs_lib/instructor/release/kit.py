"""A student's kit, whole: made in a folder of its own, searched for answers, and only then put in its place."""

import re
from collections.abc import Sequence
from pathlib import Path
from string import Template

from cs_lib.course import ROOT, Assignment, CourseError, Notebook
from cs_lib.instructor import sync
from cs_lib.instructor.release import leaks, placing, rooms
from cs_lib.instructor.release.recording import write_records
from cs_lib.instructor.release.secret_lines import secrets

README = Path(__file__).with_name("student_readme.md")
PROJECT_TABLES = re.compile(r"build-system|project|project\.scripts|tool\.hatch\..*|tool\.pytest\..*")
"""The tables of pyproject.toml that a kit has: how it is installed, and how its tests are run."""


def release(assignments: Sequence[Assignment], output: Path, *, zipped: bool) -> list[Path]:
    """Write a kit of these assignments as the folder `output`, and beside it as a zip, and return what was written.

    Raises CourseError, and writes nothing, where a generated notebook is stale, where answers would get out, and
    where there is anything at `output` but a kit as a release has written it.
    """
    _require_fresh(assignments)
    placing.require_ours(output, zipped=zipped)
    with placing.draft_beside(output) as draft:
        fill(draft, assignments)
        leaks.require_none(draft, secrets())
        return placing.place(draft, output, rooms.commit_time(), zipped=zipped)


def fill(kit: Path, assignments: Sequence[Assignment]) -> None:
    """Write all files of a kit into an empty folder."""
    for each in rooms.leaving(assignments):
        target = kit / each.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / each.path).read_bytes())
        target.chmod(0o755 if each.executable else 0o644)
    for assignment in assignments:
        for notebook in assignment.notebooks:
            write_records(assignment, notebook, kit / "tests" / assignment.name / "public" / "records")
    project = kit / "pyproject.toml"
    project.write_text(_student_project(project.read_text(encoding="utf-8")), encoding="utf-8")
    (kit / "README.md").write_text(_readme(assignments), encoding="utf-8")


def _require_fresh(assignments: Sequence[Assignment]) -> None:
    for path in (path for assignment in assignments for path in sync.stale(assignment)):
        raise CourseError(f"{path.relative_to(ROOT)} is stale; run cs-lib sync and commit what it writes")


def _student_project(text: str) -> str:
    """Return pyproject.toml without the tables that only work on the course itself needs."""
    tables = re.split(r"^(?=\[)", text, flags=re.MULTILINE)
    names = [table.partition("]")[0].strip("[ ") for table in tables]
    kept = [table for table, name in zip(tables, names, strict=True) if PROJECT_TABLES.fullmatch(name)]
    return "".join(kept).rstrip() + "\n"


def _readme(assignments: Sequence[Assignment]) -> str:
    first = assignments[0]
    title = first.title if len(assignments) == 1 else "Assignments: notebooks that teach back"
    listed = "\n\n".join(_listed(each) for each in assignments)
    text = Template(README.read_text(encoding="utf-8"))
    return text.substitute(title=title, notebooks=listed, assignment=first.name, notebook=first.notebooks[0].name)


def _listed(assignment: Assignment) -> str:
    rows = [f"| `{each.name}.ipynb` | {each.title} | {_points(each)} |" for each in assignment.notebooks]
    head = [f"**{assignment.title}**, in `assignments/{assignment.name}/`:", "", "| notebook | about | points |"]
    return "\n".join([*head, "|:--|:--|--:|", *rows])


def _points(notebook: Notebook) -> int:
    return sum(each.total for each in notebook.exercises) + sum(each.points for each in notebook.questions)
