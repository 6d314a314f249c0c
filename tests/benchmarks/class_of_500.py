"""Grade 500 submissions with every hostile one among them; then kill that again and again, and compare all bytes.

    python tests/benchmarks/class_of_500.py --kill 10

The class is the example class of `cs-lib validate --write-examples`, again and again, and every sample of
tests/kit/hostile (of those that only a sandbox stops, where there is one). It ends with what is not as it should be,
and with exit status 1 where there is anything.
"""

import argparse
import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "kit")]

from hostile import SAMPLES  # noqa: E402 found by the path above
from hostile.judging import faults  # noqa: E402
from hostile.sample import ASSIGNMENT, Sample  # noqa: E402
from hostile.scene import NOTES, Scene  # noqa: E402

from cs_lib.course import load_assignment  # noqa: E402
from cs_lib.instructor.examples import write_examples  # noqa: E402

LOOK_SECONDS = 0.1
EXAMPLE = "example-"
"""What the names of copies of the example class begin with; a number and the student's own name follow."""


def main() -> int:
    """Build the class, grade it, kill it, and return the exit status."""
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="class-", dir=options.folder))
    scene = Scene(folder)
    try:
        sandbox = options.sandbox == "require" or (options.sandbox == "auto" and scene.has_sandbox)
        samples = [each for each in SAMPLES if sandbox or not each.needs_sandbox]
        samples = random.Random(5).sample(samples, min(options.hostile, len(samples)))
        scene.hand_in(samples)
        mistakes = _hand_in_examples(scene, options.count - _handed_in(scene))
        print(f"{_handed_in(scene)} submissions, {len(samples)} of them hostile or broken")
        limits = ("--jobs", str(options.jobs), "--timeout-call", str(options.timeout_call))
        limits += ("--sandbox", "require" if sandbox else "none")
        wrong = _undisturbed(scene, samples, mistakes, limits)
        if options.kill:
            wrong += _resumed(scene, options.kill, limits)
    finally:
        scene.close()
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(wrong) or "all as it should be")
    return 1 if wrong else 0


def _handed_in(scene: Scene) -> int:
    return sum(1 for path in scene.submissions.iterdir() if path.suffix != ".py")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=500, help="how many submissions (default: %(default)s)")
    parser.add_argument("--hostile", type=int, default=len(SAMPLES), help="how many hostile ones (default: all)")
    parser.add_argument("--kill", type=int, default=0, help="how many times to kill the grader (default: never)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout-call", type=float, default=5.0)
    parser.add_argument("--sandbox", choices=["require", "auto", "none"], default="auto")
    parser.add_argument("--folder", type=Path, help="where to work (default: the folder for temporary files)")
    return parser.parse_args()


def _hand_in_examples(scene: Scene, count: int) -> dict[str, str]:
    """Hand in so many copies of the example class's students; return the exercise in which each is wrong, or ""."""
    with tempfile.TemporaryDirectory() as folder:
        write_examples(load_assignment(ASSIGNMENT), Path(folder))
        with (Path(folder) / "class.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        mistakes = {}
        for i in range(count):
            row = rows[i % len(rows)]
            name = f"{EXAMPLE}{i:03}-{row['name']}"
            shutil.copytree(Path(folder) / row["name"], scene.submissions / name)
            mistakes[name] = row["exercise"] if row["mistakes"] else row["name"]
    scene.before = scene.files()
    return mistakes


def _undisturbed(scene: Scene, samples: Sequence[Sample], mistakes: dict[str, str], limits: Sequence[str]) -> list[str]:
    """Grade the class in one go, and return what is not as it should be."""
    start = time.monotonic()
    run = _start(scene, scene.grades, limits)
    while run.poll() is None:
        _show(scene.grades, start)
        time.sleep(10 * LOOK_SECONDS)
    seconds = time.monotonic() - start
    results = _results(scene.grades)
    print(f"\n{len(results)} graded in {seconds:.0f} s, {len(results) / seconds:.1f} a second")
    if run.returncode:
        return [f"the grader ended with exit status {run.returncode}"]
    return [
        *_wrong_samples(scene, samples, results),
        *_wrong_examples(mistakes, {result["student"]: result for result in results.values()}),
        *_reached(scene),
    ]


def _wrong_samples(scene: Scene, samples: Sequence[Sample], results: dict[str, dict]) -> Iterator[str]:
    with (scene.grades / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        reasons = {row["name"]: row["reason"] for row in csv.DictReader(file)}
    by_student = {result["student"]: result for result in results.values()}
    for sample in samples:
        result = by_student.get(sample.name)
        yield from faults(sample, result, reasons[result["name"]]) if result else [f"{sample.name}: no result"]


def _wrong_examples(mistakes: dict[str, str], by_student: dict[str, dict]) -> Iterator[str]:
    """Yield where a right answer is without its marks, or a wrong one has any."""
    for name, mistake in mistakes.items():
        lost = {each["name"] for each in by_student[name]["exercises"] if each["points"] < each["maximum"]}
        if mistake == "all-right" and lost:
            yield f"{name}: right, but without all marks for {', '.join(sorted(lost))}"
        elif mistake not in ("all-right", "nothing-written", "first-half-only") and lost != {mistake}:
            yield f"{name}: wrong in {mistake}, but without all marks for {', '.join(sorted(lost)) or 'nothing'}"


def _reached(scene: Scene) -> Iterator[str]:
    """Yield which secrets are told, what was written, and whether anybody called."""
    written = [path for path in scene.grades.rglob("*") if path.is_file() and path.name != NOTES]
    told = {secret for path in written for secret in scene.secrets if secret.encode() in path.read_bytes()}
    yield from (f"{secret} stands in the grades" for secret in sorted(told))
    after = scene.files()
    changed = {path for path in scene.before.keys() | after.keys() if scene.before.get(path) != after.get(path)}
    yield from (f"{path} was written" for path in sorted(changed))
    if scene.listener.visits:
        yield f"{scene.listener.visits} connections to the listener"


def _resumed(scene: Scene, kills: int, limits: Sequence[str]) -> list[str]:
    """Grade the class again, killed at random moments, and return the files that differ from the undisturbed run's."""
    grades, chance, start = scene.folder / "resumed", random.Random(), time.monotonic()
    total = len(_results(scene.grades))
    for moment in sorted(chance.uniform(0, total) for _ in range(kills)):
        run = _start(scene, grades, limits)
        while run.poll() is None and _count(grades) < moment:
            _show(grades, start)
            time.sleep(LOOK_SECONDS)
        time.sleep(chance.uniform(0, 1))
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        print(f"\nkilled with {_count(grades)} graded")
    code = _start(scene, grades, limits).wait()
    print(f"killed {kills} times and resumed in {time.monotonic() - start:.0f} s")
    one, other = _bytes(scene.grades), _bytes(grades)
    different = sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))
    if not different and not code:
        print(f"killed {kills} times and resumed: the same bytes in {len(one)} files")
    return [f"differs after {kills} kills: {path}" for path in different] + ([f"exit status {code}"] if code else [])


def _start(scene: Scene, grades: Path, limits: Sequence[str]) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **scene.environment}
    command = scene.command(grades, *limits)
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=scene.submissions, env=environment, stdout=quiet, start_new_session=True)


def _results(grades: Path) -> dict[str, dict]:
    return {path.stem: json.loads(path.read_text()) for path in (grades / "results").glob("*.json")}


def _count(grades: Path) -> int:
    return sum(1 for _ in (grades / "results").glob("[!.]*.json"))


def _show(grades: Path, start: float) -> None:
    print(f"\r{_count(grades)} graded after {time.monotonic() - start:.0f} s", end="", flush=True)


def _bytes(grades: Path) -> dict[str, bytes]:
    """Return all bytes of a folder of grades, by name."""
    found = [path for path in grades.rglob("*") if path.is_file() and path.name != NOTES]
    return {path.relative_to(grades).as_posix(): path.read_bytes() for path in found}


if __name__ == "__main__":
    sys.exit(main())
