"""What the kit's own tests share: notebooks made of functions, and pytest run as an instructor runs it."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from cs_lib.course import ROOT

HINGE = ROOT / "assignments" / "hw1_linear_classifiers" / "02_hinge_loss.ipynb"
SOLVED_HINGE = HINGE.parent / "solutions" / HINGE.name


@dataclass(frozen=True)
class Graded:
    """What one grading run said."""

    exit_code: int
    output: str

    @property
    def words(self) -> dict[str, str]:
        """The word for each exercise in the score table."""
        return {name: standing.partition(": ")[0] for name, standing in self._rows.items()}

    @property
    def mistakes(self) -> dict[str, str]:
        """The mistake named for each exercise in the score table, or ""."""
        return {name: standing.partition(": ")[2] for name, standing in self._rows.items()}

    @property
    def score(self) -> str:
        return next(line.removeprefix("score: ") for line in self._table if line.startswith("score: "))

    @property
    def _rows(self) -> dict[str, str]:
        rows = (line.split("  ") for line in self._table if " / " in line and not line.startswith("score:"))
        return {row[0]: row[-1] for row in rows}

    @property
    def _table(self) -> list[str]:
        return self.output.partition("score by exercise")[2].splitlines()


@pytest.fixture
def grade():
    """Run the assignment's tests on a submission in a pytest of its own, as the README says."""

    def run(submission: Path, *options: str, assignment: str = "hw1_linear_classifiers") -> Graded:
        tests = str(ROOT / "tests" / assignment)
        command = [sys.executable, "-m", "pytest", tests, "--submission", str(submission), "-q", *options]
        # Other plugins that happen to be installed are not searched for: they are slow to import.
        env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(command, capture_output=True, text=True, cwd=submission.parent, env=env, check=False)
        return Graded(done.returncode, done.stdout + done.stderr)

    return run


@pytest.fixture
def edited(tmp_path):
    """Write a copy of a notebook with text replaced by text, each of which must occur."""

    def write(notebook: Path, *changes: tuple[str, str], name: str = "submission.ipynb") -> Path:
        content = json.loads(notebook.read_text(encoding="utf-8"))
        sources = ["".join(cell["source"]) for cell in content["cells"]]
        for old, new in changes:
            assert any(old in source for source in sources), f"{old!r} does not occur in {notebook.name}"
            sources = [source.replace(old, new) for source in sources]
        for cell, source in zip(content["cells"], sources, strict=True):
            cell["source"] = source
        path = tmp_path / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return write


@pytest.fixture
def solved_hinge() -> Path:
    return SOLVED_HINGE


@pytest.fixture
def untouched_hinge() -> Path:
    return HINGE


def copy_course(to: Path, *, of: Path = ROOT) -> Path:
    """Copy the course; `python -c` run inside the copy imports its own cs_lib."""
    left_out = shutil.ignore_patterns(".*", "__pycache__", "kit", "benchmarks", "cifar-10-*")
    shutil.copytree(of, to, ignore=left_out)
    return to


@pytest.fixture
def course(tmp_path) -> Path:
    """A copy of the course in which a test may change things."""
    return copy_course(tmp_path / "course")


@pytest.fixture(scope="session")
def copied_course():
    """What makes a copy of a course, for fixtures that share one among tests."""
    return copy_course


@pytest.fixture(scope="session")
def run_cs_lib():
    """Run `cs-lib` in a copy of the course, and in the kernels that it starts, with that copy's own cs_lib."""

    def run(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "import sys; from cs_lib.cli import main; sys.exit(main())", *arguments]
        env = {**os.environ, "PYTHONPATH": str(course)}
        return subprocess.run(command, cwd=course, env=env, capture_output=True, text=True, check=False)

    return run


@pytest.fixture(scope="session")
def small_course(tmp_path_factory, run_cs_lib) -> Path:
    """A copy of the course with a new assignment `hw3_regression`, as `cs-lib new` makes it; not to be changed."""
    course = copy_course(tmp_path_factory.mktemp("small") / "course")
    done = run_cs_lib(course, "new", "hw3_regression", "--title", 'Regression, or "fitting"')
    assert done.returncode == 0, done.stderr
    (course / "said.txt").write_text(done.stdout)
    return course
