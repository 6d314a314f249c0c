"""A repository template for GitHub Classroom: the students' kit, and a workflow that runs its public tests."""

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from cs_lib.course import STAYS_HOME, Assignment, CourseError

WORKFLOW = Path(".github") / "workflows" / "check.yml"
GITIGNORE = Path(__file__).parent / "classroom_files" / "gitignore"
HEAD = """\
# Runs the public tests after every push. The hidden ones, and the marks, stay with your instructor.
name: check

on:
  push:
  workflow_dispatch:

permissions:
  contents: read

jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 20
    env:
      CS_LIB_PYTHON: python # the one that setup-python has put there
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-python@v6
        with:
          python-version: "3.12"
          cache: pip
          cache-dependency-path: requirements.txt
      - run: ./setup_env.sh
"""
STEP = """\
      - name: {title}
        if: ${{{{ !cancelled() }}}}
        run: ./setup_env.sh test -q -rN tests/{name}
"""

Kit = Callable[[Sequence[Assignment], Path], None]
"""Writes the students' kit of some assignments as a folder that is not there yet."""


def write_classroom(assignments: Sequence[Assignment], folder: Path, kit: Kit) -> None:
    """Write the template into `folder`, whole or not at all.

    Raises CourseError where the folder is there already, or where the kit holds what stays home.
    """
    if folder.exists():
        raise CourseError(f"{folder} is there already; choose another folder with -o")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
        template = Path(beside) / folder.name
        kit(assignments, template)
        _require_released(template)
        _add_workflow(template, assignments)
        template.rename(folder)


def fresh_kit(assignments: Sequence[Assignment], folder: Path) -> None:
    """Write the students' kit as `cs-lib release` does."""
    from cs_lib.instructor.release.kit import release

    release(assignments, folder, zipped=False)


def kit_in(released: Path) -> Kit:
    """Return what copies a kit that was released before, from its folder; raises CourseError where it holds none."""
    if not (released / "setup_env.sh").is_file():
        raise CourseError(f"{released} is not a students' kit: it has no setup_env.sh")

    def copy(assignments: Sequence[Assignment], folder: Path) -> None:
        missing = [each.name for each in assignments if not (released / "assignments" / each.name).is_dir()]
        if missing:
            raise CourseError(f"{released} was released without {' and '.join(missing)}")
        shutil.copytree(released, folder)

    return copy


def workflow(assignments: Sequence[Assignment]) -> str:
    """Return the workflow, with a step for each assignment."""
    steps = [STEP.format(title=json.dumps(each.title, ensure_ascii=False), name=each.name) for each in assignments]
    return HEAD + "".join(steps)


def _add_workflow(template: Path, assignments: Sequence[Assignment]) -> None:
    path = template / WORKFLOW
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(workflow(assignments), encoding="utf-8")
    if not (template / ".gitignore").exists():
        shutil.copyfile(GITIGNORE, template / ".gitignore")


def _require_released(template: Path) -> None:
    """Raise CourseError where a room of answers is in the template, whoever put it there: it is about to be public."""
    found = [path.relative_to(template) for room in STAYS_HOME for path in template.glob(room)]
    if found:
        raise CourseError(f"the kit holds {found[0]}, which stays home; make it with `cs-lib release`")
