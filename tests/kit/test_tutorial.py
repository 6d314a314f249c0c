"""The tutorial in cs_lib/instructor/README.md works: its steps are taken, as they stand there, in a copy of the course.

Of its blocks, `sh` is run, and each line of the `text` below it must be among what was said (… stands for anything).
All others go where the sentence above them says: to the end of a file, as cells below a cell of a notebook, or, as a
`diff`, into the middle of a file.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from cs_lib.course import ROOT

README = (ROOT / "cs_lib" / "instructor" / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"(?P<above>[^\n]*)\n\n```(?P<language>\w+)\n(?P<text>.*?)\n```", flags=re.DOTALL)
FILE = re.compile(r"`([\w/]+\.(?:py|toml|ipynb))`[^`]*(?:`[^`]*`[^`]*)*:$")
BELOW = re.compile(r"below the cell that begins `(.*?)`, ")


@dataclass(frozen=True)
class Step:
    """One block of the tutorial, and the line above it."""

    above: str
    language: str
    text: str


def steps():
    section = README.partition("\n## One exercise")[2].partition("\n## Written questions")[0]
    found, above = [], ""
    for match in BLOCK.finditer(section):
        # Of blocks with nothing in between, the first has the sentence that says where they all go.
        above = match["above"] if match["above"] not in ("", "```") else above
        found.append(Step(above, match["language"], match["text"]))
    return found


def take(course, step, cells_before):
    path = course / FILE.search(step.above)[1]
    if path.suffix == ".ipynb":
        add_cell(path, step, cells_before)
    elif step.language == "diff":
        lines = step.text.split("\n")
        before = "\n".join(line[1:] for line in lines if line[:1] != "+")
        after = "\n".join(line[1:] for line in lines)
        assert path.read_text().count(before) == 1
        path.write_text(path.read_text().replace(before, after))
    else:
        space = "\n\n" if path.suffix == ".py" else "\n"
        path.write_text(f"{path.read_text()}{space}{step.text}\n")


def add_cell(path, step, cells_before):
    notebook = json.loads(path.read_text())
    begins = BELOW.search(step.above)[1]
    (place,) = (i for i, cell in enumerate(notebook["cells"]) if "".join(cell["source"]).startswith(begins))
    cell = {"cell_type": "markdown", "metadata": {}, "source": step.text.splitlines(keepends=True)}
    if step.language == "python":
        cell |= {"cell_type": "code", "execution_count": None, "outputs": []}
    notebook["cells"].insert(place + 1 + cells_before, cell)
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False))


def run(course, commands):
    tools = Path(sys.executable).parent
    env = {**os.environ, "PYTHONPATH": str(course), "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    command = ["bash", "-euc", commands]
    done = subprocess.run(command, cwd=course, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
    return done.stdout.splitlines()


def commit(course):
    """Make the copy a repository with one commit: a release is made of what git tracks."""
    who = "-c user.name=tutorial -c user.email=tutorial@example.org -c commit.gpgsign=false"
    run(course, f"git init -q && git add -A && git {who} commit -qm Course")


def has_command(course, name):
    return any(line.split()[:1] == [name] for line in run(course, "cs-lib --help"))


def test_the_tutorials_steps_add_an_exercise_that_is_graded(course):
    said, cells, left_out = [], 0, []
    if has_command(course, "release"):
        commit(course)
    for step in steps():
        if step.language == "sh":
            first = step.text.split()[1]
            if step.text.startswith("cs-lib ") and not has_command(course, first):
                left_out.append(first)
                continue
            said = run(course, step.text)
        elif step.language == "text":
            for line in step.text.split("\n"):
                pattern = ".*".join(map(re.escape, line.split("…"))) if "…" in line else re.escape(line)
                assert any(re.fullmatch(pattern, each) for each in said), f"{line!r} is not in\n" + "\n".join(said)
        else:
            take(course, step, cells)
            cells += FILE.search(step.above)[1].endswith(".ipynb")
    assert set(left_out) <= {"release"}, f"the tutorial uses {left_out}, which cs-lib does not have"
    if left_out:
        pytest.skip("all steps work but for `cs-lib release`, which this course does not have")


def test_the_tutorial_has_every_kind_of_step():
    kinds = [step.language for step in steps()]
    assert kinds.count("sh") >= 5
    assert {"diff", "markdown", "python", "toml", "text"} < set(kinds)
