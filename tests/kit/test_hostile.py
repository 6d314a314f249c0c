"""A class with every hostile and broken submission in it is graded: each costs itself alone, and reaches nothing.

The catalogue is in hostile/. Where there is no sandbox, what only a sandbox stops is left out of the class; without it,
or without a limit, the same samples reach what they go for.
"""

import csv
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hostile import SAMPLES
from hostile.judging import faults, lines
from hostile.sample import Sample
from hostile.scene import CANARY, RIGHT, Scene
from hostile.thieves import MEMORY, REPORT, SECRETS

import cs_lib.reference.hinge_loss  # noqa: F401 to be found
from cs_lib.checking.doors import LiveNotebook
from cs_lib.course import ROOT
from cs_lib.submission.outcomes import Crashed

BY_NAME = {sample.name: sample for sample in SAMPLES}
SANDBOXED = [sample for sample in SAMPLES if sample.needs_sandbox and sample.without]
"""What reaches something where there is no sandbox."""
LIMITED = ("--jobs", "2", "--timeout-call", "2", "--timeout-submission", "30")
POINTS = 22
"""Of the notebook that each submission hands in."""


@dataclass(frozen=True)
class GradedClass:
    """A scene after the grading."""

    scene: Scene
    results: dict[str, dict]
    rows: dict[str, dict[str, str]]

    def of(self, sample: Sample) -> dict:
        """Return the result of a sample: the row's name is not always the sample's own."""
        return next(each for each in self.results.values() if each["student"] == sample.name)


def graded(scene: Scene, samples, mode: str) -> GradedClass:
    scene.hand_in(samples)
    done = subprocess.run(
        scene.command(scene.grades, "--sandbox", mode, *LIMITED),
        cwd=scene.submissions,
        env={**os.environ, **scene.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    results = {path.stem: json.loads(path.read_text()) for path in (scene.grades / "results").glob("*.json")}
    with (scene.grades / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    return GradedClass(scene, results, rows)


def living(scene: Scene) -> list[int]:
    """Return the processes that a scene has left behind."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if scene.run.encode() in (path / "cmdline").read_bytes() + (path / "environ").read_bytes():
                found.append(int(path.name))
        except OSError:
            continue
    return found


def ended(scene: Scene) -> None:
    scene.close()
    for pid in living(scene):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The class of all samples, shut in as well as it is possible here."""
    scene = Scene(tmp_path_factory.mktemp("hostile"))
    samples = [each for each in SAMPLES if scene.has_sandbox or not each.needs_sandbox]
    yield graded(scene, samples, "require" if scene.has_sandbox else "none")
    ended(scene)


@pytest.mark.parametrize("name", BY_NAME)
def test_its_row_says_what_happened_and_all_else_has_full_marks(hostile, name):
    sample = BY_NAME[name]
    if sample.needs_sandbox and not hostile.scene.has_sandbox:
        pytest.skip("bubblewrap does not work here, and nothing else stops this")
    result = hostile.of(sample)
    assert faults(sample, result, hostile.rows[result["name"]]["reason"]) == []


def test_right_submissions_among_them_have_full_marks(hostile):
    names = [name for name in hostile.results if name.startswith(RIGHT) or name == CANARY]
    assert len(names) > 10
    assert {hostile.results[name]["score"] for name in names} == {POINTS}


def test_two_submissions_of_one_name_have_a_row_each(hostile):
    assert [hostile.rows[name]["score"] for name in ("twins", "twins-2")] == [str(POINTS)] * 2


def test_no_secret_is_in_anything_that_grading_wrote(hostile):
    written = [path for path in hostile.scene.grades.rglob("*") if path.is_file() and path.name != "notes.txt"]
    assert len(written) > 2 * len(hostile.results)
    told = b"".join(path.read_bytes() for path in written)
    assert [secret for secret in hostile.scene.secrets if secret.encode() in told] == []


def test_nothing_is_written_where_it_should_not_be(hostile):
    after = hostile.scene.files()
    assert after.keys() == hostile.scene.before.keys()
    assert [path for path, content in after.items() if content != hostile.scene.before[path]] == []
    assert not list(hostile.scene.grades.rglob("stolen*"))


def test_nobody_comes_to_the_listener(hostile):
    assert hostile.scene.listener.visits == 0


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found in /proc")
def test_no_process_lives_on(hostile):
    assert living(hostile.scene) == []


def test_names_and_messages_are_text_in_tables_and_pages(hostile):
    pages = [path.read_text(encoding="utf-8") for path in hostile.scene.grades.rglob("*.html")]
    assert len(pages) > len(hostile.results)
    assert not any("<script>alert" in page or "<img src=x" in page for page in pages)
    assert any("&lt;img src=x" in page for page in pages)
    formula = next(row for row in hostile.rows.values() if "HYPERLINK" in row["student"])
    assert formula["student"].startswith("'=")


@pytest.fixture(scope="module")
def unprotected(tmp_path_factory):
    """The class of what only a sandbox stops, without one."""
    scene = Scene(tmp_path_factory.mktemp("unprotected"))
    yield graded(scene, SANDBOXED, "none")
    ended(scene)


@pytest.mark.skipif(sys.platform != "linux", reason="the samples look into /proc")
@pytest.mark.parametrize("sample", SANDBOXED, ids=lambda sample: sample.name)
def test_without_the_sandbox_it_reaches_what_it_goes_for(unprotected, sample):
    said = lines(sample, unprotected.of(sample))
    assert any(sample.without in line for line in said), said


@pytest.mark.skipif(sys.platform != "linux", reason="the samples look into /proc")
def test_without_the_sandbox_canaries_listener_and_group_are_no_defence(unprotected):
    scene = unprotected.scene
    told = b"".join(path.read_bytes() for path in (scene.grades / "results").iterdir())
    assert [secret for secret in scene.secrets if secret.encode() not in told] == []
    assert scene.files() != scene.before
    assert scene.listener.visits > 0
    assert living(scene)


def test_without_a_process_of_its_own_it_finds_the_answers_in_memory():
    namespace = {}
    code = f"{REPORT}{SECRETS}import os, sys, time\ndef f():\n    reached = []\n"
    code += "\n".join(f"    {line}" for line in MEMORY.split("\n")) + "\n    report(sorted(set(reached)))"
    exec(code, namespace)
    with pytest.raises(Crashed, match=r"reached .*cs_lib\.reference"):
        LiveNotebook(namespace).call("f", [], {})


LIMITS = {
    "memory": ("worker", "MEMORY_BYTES = 4 * 2**30", "MEMORY_BYTES = 2**45", "np.empty(5 * 2**30, np.int8).size"),
    "files": ("worker", "FILE_BYTES = 2**24", "FILE_BYTES = 2**26", "open('f', 'wb').write(bytes(2**25))"),
    "open files": ("worker", "OPEN_FILES = 256", "OPEN_FILES = 1000", "len([open(os.devnull) for _ in range(400)])"),
    "answers": ("wire", "MAX_BUFFERS = 2**26", "MAX_BUFFERS = 2**27", "np.zeros(10**8, np.int8)"),
    "time": ("process", "CALL_SECONDS = 1.0", "CALL_SECONDS = 60.0", "time.sleep(2)"),
}
"""For each limit, where it is, how it is switched off, and what it then no longer stops."""
CALL_ALL = """
import sys
from cs_lib.submission.notebook import Cell
from cs_lib.submission.process import SubmissionProcess
from cs_lib.submission.slicing import slice_cells
from cs_lib.submission.wire import Foreign

for source in sys.argv[1:]:
    cell = Cell(1, f"import os, time\\nimport numpy as np\\ndef f():\\n    return {source}")
    process = SubmissionProcess(slice_cells([cell], {"f"}))
    try:
        answer = process.call("f", [], {}).value
        print("stopped" if isinstance(answer, Foreign) else "not stopped")
    except Exception as error:
        print("stopped")
    process.close()
"""


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not enforce a limit on the address space")
def test_each_limit_is_what_stops_what_it_stops(course):
    def outcomes() -> list[str]:
        command = [sys.executable, "-c", CALL_ALL, *(source for *_, source in LIMITS.values())]
        done = subprocess.run(command, cwd=course, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    process = course / "cs_lib" / "submission" / "process.py"
    process.write_text(process.read_text().replace("CALL_SECONDS = 10.0", "CALL_SECONDS = 1.0"))  # to wait less
    assert outcomes() == ["stopped"] * len(LIMITS)
    for module, limit, off, _ in LIMITS.values():
        path = course / "cs_lib" / "submission" / f"{module}.py"
        text = path.read_text()
        assert limit in text
        path.write_text(text.replace(limit, off))
    assert outcomes() == ["not stopped"] * len(LIMITS)


def test_a_small_class_killed_and_resumed_has_the_bytes_of_one_left_alone(tmp_path):
    script = ROOT / "tests" / "benchmarks" / "class_of_500.py"
    small = ("--count", "10", "--hostile", "8", "--kill", "2", "--timeout-call", "2", "--folder", str(tmp_path))
    done = subprocess.run([sys.executable, str(script), *small], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "killed 2 times and resumed: the same bytes" in done.stdout
