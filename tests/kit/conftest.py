"""What the kit's own tests share: notebooks made of functions, and pytest run as an instructor runs it."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cs_lib.course import ROOT, assignment_names

sys.path.insert(0, str(Path(__file__).parent))  # where the catalogue `hostile` is
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
    """A copy of the course in which a test may change things; `python -c` run inside it imports its own cs_lib."""
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


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit status."""

    status: int
    output: str
    errors: str


@dataclass(frozen=True)
class StudentKit:
    """A copy of the course without the instructor's rooms, and the folder in which `cs-lib` is run."""

    root: Path
    folder: Path

    @property
    def hw1(self) -> Path:
        return self.root / "assignments" / "hw1_linear_classifiers"

    def solve(self, *notebooks: str) -> None:
        """Put the solved notebooks of homework 1 in the place of the student's; all of them where none is named."""
        for path in (SOLVED_HINGE.parent / f"{name}.ipynb" for name in notebooks or HW1):
            shutil.copy(path, self.hw1)

    def edit(self, notebook: str, old: str, new: str) -> None:
        """Replace text in the code of a notebook of homework 1, where it must occur."""
        path = self.hw1 / f"{notebook}.ipynb"
        content = json.loads(path.read_text(encoding="utf-8"))
        cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
        assert any(old in source for source in sources), f"{old!r} does not occur in {notebook}"
        for cell, source in zip(cells, sources, strict=True):
            cell["source"] = source.replace(old, new)
        path.write_text(json.dumps(content), encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-c", "from cs_lib.cli import main; raise SystemExit(main())", *arguments]

    @property
    def place(self) -> dict[str, Any]:
        """Where a command is run, and whose cs_lib it is."""
        return {"cwd": self.folder, "env": {**os.environ, "PYTHONPATH": str(self.root)}}

    def run(self, *arguments: str) -> Said:
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, check=False, **self.place)
        assert "Traceback" not in done.stderr, done.stderr
        return Said(done.returncode, done.stdout, done.stderr)


HW1 = ("01_gradients", "02_hinge_loss", "03_softmax_loss")


@pytest.fixture(scope="session")
def _student_kit_root(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("kit") / "course"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".*", "__pycache__", "kit", "benchmarks", "cifar-10-*"))
    for room in ("cs_lib/instructor", *root.glob("assignments/*/solutions"), *root.glob("tests/*/hidden")):
        shutil.rmtree(root / room)
    return root


@pytest.fixture
def student_kit(_student_kit_root, tmp_path) -> StudentKit:
    """A student's copy of the course: untouched notebooks, nothing of the instructor's but the right answers."""
    kit = StudentKit(_student_kit_root, tmp_path)
    for name in HW1:
        shutil.copy(HINGE.parent / f"{name}.ipynb", kit.hw1)
    return kit


@dataclass(frozen=True)
class Course:
    """A course under git, in which a test may change things."""

    path: Path

    def commit(self) -> None:
        """Commit everything, at a time of its own."""
        env = {"PATH": os.environ["PATH"], "HOME": str(self.path)}
        env |= dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), "1700000000 +0000")
        who = ("-c", "user.name=Course", "-c", "user.email=course@example.org")
        for words in (("init", "-q"), ("add", "-A"), (*who, "commit", "-q", "-m", "The course")):
            subprocess.run(["git", *words], cwd=self.path, env=env, check=True)

    def cs_lib(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the course's own cs-lib."""
        code = "import sys; from cs_lib.cli import main; sys.exit(main(sys.argv[1:]))"
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.run(command, cwd=self.path, capture_output=True, text=True, check=False)


@dataclass(frozen=True)
class Released:
    """A course under git, and the kit of all its assignments."""

    course: Course
    kit: Path
    said: str

    def python(self, code: str, *arguments: str, given: str | None = None) -> "subprocess.CompletedProcess[str]":
        """Run Python code with the kit's cs_lib and the installed packages on its path, and nothing else."""
        packages = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
        path = f"import sys; sys.path[:0] = [{str(self.kit)!r}]; sys.path += {sorted(packages)!r}; "
        around = self.course.path.parent
        cache = f"pycache_prefix={around / 'cache'}"  # nothing is written into the kit
        command = [sys.executable, "-I", "-S", "-X", cache, "-c", path + code, *arguments]
        env = {"PATH": os.defpath, "HOME": str(around), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        return subprocess.run(command, cwd=self.kit, env=env, input=given, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def released(tmp_path_factory) -> Released:
    """The kit of all assignments, released from a copy of the course that git knows; tests change neither."""
    around = tmp_path_factory.mktemp("released")
    course = Course(around / "course")
    shutil.copytree(ROOT, course.path, ignore=shutil.ignore_patterns(".*", "__pycache__", "cifar-10-*"))
    course.commit()
    kit = around / "out" / "kit"
    done = course.cs_lib("release", *assignment_names(), "-o", str(kit), "--zip")
    assert done.returncode == 0, done.stderr
    return Released(course, kit, done.stdout)


@pytest.fixture
def committed_course(released, tmp_path) -> Course:
    """A course under git, in which a test may change things."""
    shutil.copytree(released.course.path, tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__"))
    return Course(tmp_path / "course")
