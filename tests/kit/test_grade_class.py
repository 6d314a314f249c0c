"""A class is graded in real processes: what is written, how it goes on after a stop, and what a broken part costs."""

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from cs_lib.course import ROOT

TOML = """
title = "Tiny"
deadline = 2026-10-01T22:00:00+00:00
[[notebooks]]
name = "01_double"
title = "Double"
[[notebooks.exercises]]
name = "double"
points = 3
hint = "What is x + x?"
[[notebooks.exercises]]
name = "square"
points = 4
hint = "What is x times x?"
[[notebooks.questions]]
name = "why"
points = 2
[[notebooks]]
name = "02_halve"
title = "Halve"
[[notebooks.exercises]]
name = "halve"
points = 5
hint = "What is x / 2?"
"""
REFERENCE = '''"""Tiny."""


def double(x):
    """Return 2 x."""
    # BEGIN SOLUTION
    y = 2 * x
    # END SOLUTION
    return y


def square(x):
    """Return x²."""
    # BEGIN SOLUTION
    y = x * x
    # END SOLUTION
    return y
'''
HALVE = REFERENCE.partition("def square")[0].replace("double", "halve").replace("2 * x", "x / 2")
MISTAKES = """
[[misconceptions]]
exercise = "double"
title = "Squared, not doubled"
hint = "What is 3 doubled?"
changes = [["2 * x", "x * x"]]
"""
TEST = '''import numpy as np

from cs_lib.checking import assert_matches, exercise


@exercise("NAME")
def test_values(student, reference):
    """WHAT values."""
    assert_matches(student.NAME, reference.NAME, np.array([1.5, -4.0, VALUE]))
'''
NO_PICTURES = "def scores_figure(*_):\n    return ''\n\n\ndef standings_figure(*_):\n    return ''\n"
QUESTION = "*Write your answer here.*"
RIGHT = {"double": "def double(x):\n    return x + x", "square": "def square(x):\n    return x**2"}


def notebook(*code, answer=QUESTION, name="01_double"):
    """Return a notebook with these cells as JSON."""
    kept = {"metadata": {}, "outputs": [], "execution_count": None, "cell_type": "code"}
    cells = [{**kept, "id": f"c{i}", "source": source} for i, source in enumerate(code)]
    tags = {"metadata": {"tags": ["question:why"]}, "cell_type": "markdown", "id": "q", "source": answer}
    copy = {"cs_lib": {"assignment": "tiny", "notebook": name}}
    return json.dumps({"cells": [*cells, tags], "metadata": copy, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of its own with one small assignment of three exercises."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "cs_lib", root / "cs_lib", ignore=shutil.ignore_patterns("__pycache__", "reference"))
    shutil.copy(ROOT / "pyproject.toml", root)
    parts = {
        "assignments/tiny/assignment.toml": TOML,
        "assignments/tiny/01_double.ipynb": notebook("def double(x):\n    return ..."),
        "assignments/tiny/02_halve.ipynb": notebook(name="02_halve"),
        "cs_lib/reference/__init__.py": "",
        "cs_lib/reference/double.py": REFERENCE,
        "cs_lib/reference/double.toml": MISTAKES,
        "cs_lib/reference/double.md": "# Tiny\n\n## why\n\nTwo is two.\n\n**Marking.** 2 points for anything true.\n",
        "cs_lib/reference/halve.py": HALVE,
    }
    # Matplotlib takes a second to import, in each of the many runs here; the pictures have tests of their own.
    parts["cs_lib/instructor/grading/reports/pictures.py"] = NO_PICTURES
    for room, value in (("public", "3.0"), ("hidden", "7.0")):
        for file, name in (("double", "double"), ("double_square", "square"), ("halve", "halve")):
            text = TEST.replace("NAME", name).replace("WHAT", room.title()).replace("VALUE", value)
            parts[f"tests/tiny/{room}/test_{file}.py"] = text
    for path, text in parts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


@pytest.fixture
def handed_in(tmp_path):
    """Write files of a class: a text, or bytes, for each name."""

    def write(files):
        for name, content in files.items():
            path = tmp_path / "submissions" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "submissions"

    return write


def command(submissions, grades, *options):
    code = "import sys; from cs_lib.cli import main; sys.exit(main(sys.argv[1:]))"
    places = [str(submissions), "-o", str(grades)]
    return [sys.executable, "-c", code, "grade", "tiny", *places, "--sandbox", "auto", *options]


def grade(course, submissions, grades, *options, **how):
    done = subprocess.run(
        command(submissions, grades, *options), cwd=course, capture_output=True, text=True, check=False, **how
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def results(grades):
    return {path.stem: json.loads(path.read_text()) for path in (grades / "results").glob("*.json")}


def stored(grades):
    """Return all bytes of the results and reports, by name."""
    return {str(path.relative_to(grades)): path.read_bytes() for path in grades.rglob("*") if path.is_file()}


def standings(result):
    return {each["name"]: each["standing"] for each in result["exercises"]}


WHOLE = {
    "01_double.ipynb": notebook(*RIGHT.values()),
    "02_halve.ipynb": notebook("def halve(x):\n    return 0.5 * x", name="02_halve"),
}
MIXED = {
    "ada/01_double.ipynb": notebook(*RIGHT.values(), answer="Because **2** is two."),
    "ada/02_halve.ipynb": notebook("def halve(x):\n    return 0.5 * x", name="02_halve"),
    "squared.ipynb": notebook("def double(x):\n    return x * x", RIGHT["square"]),
    "unknown mistake.ipynb": notebook("def double(x):\n    return x + 17", RIGHT["square"]),
    "raises.ipynb": notebook("offset = 1 / 0", "def double(x):\n    return x + offset", RIGHT["square"]),
    "exits.ipynb": notebook("import os\n\n\ndef double(x):\n    os._exit(0)", RIGHT["square"]),
    "hangs.ipynb": notebook("def double(x):\n    while True:\n        pass", RIGHT["square"]),
    "talks.ipynb": notebook("def double(x):\n    raise ValueError(f'{object()} in {__import__(\"os\").getcwd()}')"),
    "broken.ipynb": "{",
    "old.ipynb": json.dumps({"worksheets": [], "nbformat": 3}),
    "not utf-8.ipynb": b"\xff\xfe",
    "empty.ipynb": "",
    "one of two/01_double.ipynb": "no json",
    "one of two/02_halve.ipynb": notebook("def halve(x):\n    return 0.5 * x", name="02_halve"),
    "copies/01_double.ipynb": notebook(*RIGHT.values()),
    "copies/01_double-Copy1.ipynb": notebook("def double(x):\n    return x"),
    '=HYPERLINK("evil").ipynb': notebook(*RIGHT.values()),
}


@pytest.fixture(scope="module")
def mixed(course, tmp_path_factory):
    """The grades of a class with one of everything, graded by two processes."""
    folder = tmp_path_factory.mktemp("mixed")
    for name, content in MIXED.items():
        path = folder / "submissions" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with (folder / "submissions" / "huge.ipynb").open("wb") as file:
        file.truncate(2**30)
    with zipfile.ZipFile(folder / "submissions" / "zipped.zip", "w") as archive:
        for name, content in WHOLE.items():
            archive.writestr(f"homework/{name}", content)
    with zipfile.ZipFile(folder / "submissions" / "trap.zip", "w") as archive:
        archive.writestr("../../01_double.ipynb", "{}")
    (folder / "roster.csv").write_text("id,name\n1,ada\n2,Nobody Came\n")
    done = grade(
        course,
        folder / "submissions",
        folder / "grades",
        *("--jobs", "2", "--timeout-call", "1", "--roster", str(folder / "roster.csv")),
    )
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_each_exercise_has_its_marks_its_diagnosis_and_its_hint(mixed):
    found = results(mixed[0] / "grades")
    assert found["ada"]["score"] == found["ada"]["maximum"] == 12
    assert found["ada"]["answers"] == {"why": "Because **2** is two."}
    double, square, halve = found["squared"]["exercises"]
    assert (double["standing"], double["points"], double["maximum"]) == ("wrong", 0, 3)
    assert (double["misconceptions"], double["hints"]) == (["Squared, not doubled"], ["What is 3 doubled?"])
    assert (square["standing"], square["points"], square["hints"]) == ("done", 4, [])
    assert (halve["standing"], halve["points"], halve["hints"]) == ("not started", 0, ["What is x / 2?"])
    assert halve["tests"][0]["message"] == "02_halve was not handed in"
    assert found["squared"]["answers"] == {}
    unknown = found["unknown-mistake"]["exercises"][0]
    assert (unknown["misconceptions"], unknown["hints"]) == ([], ["What is x + x?"])
    assert [(test["sentence"], test["hidden"]) for test in unknown["tests"]] == [
        ("Public values", False),
        ("Hidden values", True),
    ]


def test_four_ways_to_fail_have_four_words_and_cost_one_exercise(mixed):
    found = {name: standings(each) for name, each in results(mixed[0] / "grades").items()}
    words = {name: found[name]["double"] for name in ("squared", "exits", "hangs", "one-of-two")}
    assert words == {"squared": "wrong", "exits": "crashed", "hangs": "timed out", "one-of-two": "unreadable"}
    assert {found[name]["square"] for name in ("squared", "exits", "hangs", "raises")} == {"done"}


def test_the_error_of_a_cell_is_seen_before_what_follows_from_it(mixed):
    message = results(mixed[0] / "grades")["raises"]["exercises"][0]["tests"][0]["message"]
    assert message.startswith("a cell has an error: ZeroDivisionError")


UNREADABLE = {
    "broken": "broken.ipynb: not a notebook: not JSON in UTF-8",
    "empty": "empty.ipynb: not a notebook: not JSON in UTF-8",
    "not-utf-8": "not utf-8.ipynb: not a notebook: not JSON in UTF-8",
    "old": "old.ipynb: a notebook of format 3 or older; open it in Jupyter, which converts it, and save it",
    "huge": "huge.ipynb: larger than 50 MB; clear its outputs and save it",
    "trap": "trap.zip: a name in it leads out of it",
}


def test_what_cannot_be_read_is_one_clear_line(mixed):
    found = results(mixed[0] / "grades")
    assert {name: each["reason"] for name, each in found.items() if each["status"] == "unreadable"} == UNREADABLE
    assert not list(mixed[0].parent.glob("01_double.ipynb"))


def test_a_broken_notebook_costs_the_other_notebooks_nothing(mixed):
    found = results(mixed[0] / "grades")["one-of-two"]
    assert standings(found)["halve"] == "done"
    assert found["reason"] == "01_double.ipynb: not a notebook: not JSON in UTF-8"


def test_of_two_copies_the_one_with_the_courses_name_counts(mixed):
    found = results(mixed[0] / "grades")["copies"]
    assert found["score"] == 7
    said = "01_double-Copy1.ipynb and 01_double.ipynb are both copies of 01_double; the latter counts"
    assert found["reason"] == said


def test_a_zip_of_notebooks_is_graded_as_they_are(mixed):
    assert results(mixed[0] / "grades")["zipped"]["score"] == 12


def test_results_hold_neither_addresses_nor_places_of_this_machine(mixed):
    text = json.dumps(results(mixed[0] / "grades"), ensure_ascii=False)
    assert "<object object at 0x…> in " in text
    assert not re.search(r"0x[0-9a-f]{4}", text)
    for place in (str(mixed[0]), str(ROOT), "/tmp/", sys.prefix):
        assert place not in text


def test_a_result_says_what_was_graded_with_what(mixed):
    found = results(mixed[0] / "grades")
    known = found["ada"]["graded_from"]
    assert set(known) == {"submission", "tests", "cs_lib", "limits", "protection"}
    assert len({each["graded_from"]["submission"] for each in found.values()}) == len(found)
    assert {each["graded_from"]["tests"] for each in found.values()} == {known["tests"]}


def test_each_submission_is_told_in_a_line_and_the_class_at_the_end(mixed):
    lines = mixed[1].splitlines()
    assert "ada: 12 of 12" in lines
    assert "squared: 4 of 12; double: wrong: Squared, not doubled" in lines
    assert "broken: not graded; broken.ipynb: not a notebook: not JSON in UTF-8" in lines
    assert "nothing from: Nobody Came" in lines
    assert "not on the roster: squared" in lines
    assert any("median" in line and "of 12" in line for line in lines)
    assert any(line.startswith(str(mixed[0] / "grades" / "report.html")) for line in lines)


def test_the_missing_are_in_the_grades(mixed):
    rows = (mixed[0] / "grades" / "grades.csv").read_text().splitlines()
    assert any("Nobody Came" in row and "missing" in row for row in rows)
    assert len(rows) == 1 + len(results(mixed[0] / "grades")) + 1


def test_one_process_grades_as_two_do_and_again_as_before(mixed, course):
    folder = mixed[0]
    options = ("--jobs", "1", "--timeout-call", "1", "--roster", str(folder / "roster.csv"))
    assert grade(course, folder / "submissions", folder / "again", *options).returncode == 0
    assert stored(folder / "again") == stored(folder / "grades")


def class_of(count):
    return {f"s{i:02}.ipynb": notebook(*RIGHT.values(), f"mark = {i}") for i in range(count)}


def test_what_is_graded_is_kept_and_what_changed_is_graded_again(course, handed_in, tmp_path):
    submissions, grades = handed_in(class_of(3)), tmp_path / "grades"
    grade(course, submissions, grades)
    written = {path: path.stat().st_mtime_ns for path in (grades / "results").iterdir()}
    (submissions / "s01.ipynb").write_text(notebook(RIGHT["square"]))
    (grades / "results" / "s02.json").write_text('{"name": "s02"}')
    said = grade(course, submissions, grades).stdout
    changed = {path.stem for path, time in written.items() if path.stat().st_mtime_ns != time}
    assert changed == {"s01", "s02"}
    assert "3 submissions, 1 of them from an earlier run" in said
    assert results(grades)["s01"]["score"] == 4
    assert results(grades)["s02"]["score"] == 7


def test_other_tests_grade_everything_again(course, handed_in, tmp_path):
    submissions, grades = handed_in(class_of(2)), tmp_path / "grades"
    grade(course, submissions, grades)
    changed = tmp_path / "course"
    shutil.copytree(course, changed)
    test = changed / "tests/tiny/hidden/test_double.py"
    test.write_text(test.read_text().replace("7.0", "8.0"))
    assert "from an earlier run" not in grade(changed, submissions, grades).stdout


def test_regrading_is_asked_for_by_name_or_exercise(course, handed_in, tmp_path):
    submissions, grades = handed_in(class_of(2)), tmp_path / "grades"
    grade(course, submissions, grades)
    before = stored(grades)
    path = grades / "results" / "s00.json"
    path.write_text(path.read_text().replace('"score": 7', '"score": 1'))
    assert "2 of them from an earlier run" in grade(course, submissions, grades).stdout
    assert "s00: 7 of 12" in grade(course, submissions, grades, "--regrade", "s00").stdout
    assert stored(grades) == before
    path.write_text(path.read_text().replace('"standing": "done"', '"standing": "forged"'))
    grade(course, submissions, grades, "--regrade", "double")
    assert standings(results(grades)["s00"]) == {"double": "done", "square": "forged", "halve": "not started"}
    refused = grade(course, submissions, grades, "--regrade", "nobody")
    assert refused.returncode == 1
    assert "--regrade nobody: neither a submission nor an exercise is called so" in refused.stderr


def test_names_and_lateness_are_told_anew_without_grading_again(course, handed_in, tmp_path):
    submissions, grades = handed_in(class_of(1)), tmp_path / "grades"
    grade(course, submissions, grades)
    (submissions / "manifest.csv").write_text("file,student,time\ns00.ipynb,s00,2026-10-02T00:00:00+00:00")
    assert "1 of them from an earlier run" in grade(course, submissions, grades).stdout
    assert results(grades)["s00"]["late"] is True


def test_killed_at_any_moment_it_goes_on_to_the_same_bytes(course, handed_in, tmp_path):
    submissions = handed_in(class_of(12))
    grade(course, submissions, tmp_path / "undisturbed", "--jobs", "2")
    chance = random.Random(5)
    for _ in range(3):
        run = subprocess.Popen(
            command(submissions, tmp_path / "grades", "--jobs", "2"),
            cwd=course,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(0.3, 1.8))
        run.kill()
        run.wait()
    assert grade(course, submissions, tmp_path / "grades", "--jobs", "2").returncode == 0
    assert stored(tmp_path / "grades") == stored(tmp_path / "undisturbed")


def test_ctrl_c_stops_it_at_once_and_says_how_to_go_on(course, handed_in, tmp_path):
    hangs = notebook("def double(x):\n    while True:\n        pass")
    submissions = handed_in(class_of(1) | {f"z{i}.ipynb": hangs for i in range(3)})
    run = subprocess.Popen(
        command(submissions, tmp_path / "grades", "--jobs", "1", "--timeout-call", "60"),
        cwd=course,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert "submissions run " in run.stdout.readline()
    assert "s00: 7 of 12" in run.stdout.readline()
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=20)  # far less than the 60 s that the submission hangs
    assert run.returncode == 130
    assert "What is graded is kept; the same command goes on from there." in said
    assert "Traceback" not in said
    assert set(results(tmp_path / "grades")) == {"s00"}


def worker_of(run):
    """Return the ids of the processes that `run` has started itself."""
    tasks = Path(f"/proc/{run.pid}/task").glob("*/children")
    return [int(pid) for path in tasks for pid in path.read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children of a process are found in /proc")
def test_a_worker_that_is_killed_costs_nothing(course, handed_in, tmp_path):
    submissions = handed_in(class_of(6))
    run = subprocess.Popen(
        command(submissions, tmp_path / "grades", "--jobs", "1"),
        cwd=course,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    run.stdout.readline()
    (worker,) = worker_of(run)
    os.kill(worker, signal.SIGKILL)
    _, complaint = run.communicate(timeout=60)
    assert run.returncode == 0, complaint
    assert {each["score"] for each in results(tmp_path / "grades").values()} == {7}
    assert len(results(tmp_path / "grades")) == 6


def test_a_submission_that_ends_the_grader_twice_is_left_to_a_human(course, handed_in, tmp_path):
    # The tests are the instructor's own, and run in the grader's process: here one ends it for one submission.
    deadly = tmp_path / "course"
    shutil.copytree(course, deadly)
    test = deadly / "tests/tiny/public/test_double.py"
    killer = "    if student.double(np.array([0.0])) > 0:\n        import os\n\n        os._exit(1)\n"
    test.write_text(test.read_text().replace('values."""\n', f'values."""\n{killer}'))
    submissions = handed_in(class_of(2) | {"deadly.ipynb": notebook("def double(x):\n    return x + 1")})
    done = grade(deadly, submissions, tmp_path / "grades", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    found = results(tmp_path / "grades")
    assert (found["s00"]["score"], found["s01"]["score"]) == (7, 7)
    assert "a human should look (the grader's process ended twice while it graded this)" in found["deadly"]["reason"]


def test_a_test_that_fails_itself_is_nobodys_fault_and_is_tried_again(course, handed_in, tmp_path):
    failing = tmp_path / "course"
    shutil.copytree(course, failing)
    test = failing / "tests/tiny/hidden/test_double.py"
    test.write_text(test.read_text().replace('values."""\n', 'values."""\n    raise KeyError("oops")\n'))
    submissions, grades = handed_in(class_of(1)), tmp_path / "grades"
    for _ in range(2):
        said = grade(failing, submissions, grades).stdout
        assert "1 with a check that failed itself; the same command tries them again" in said
        assert "from an earlier run" not in said
    assert "this check itself failed (KeyError: 'oops')" in results(grades)["s00"]["reason"]


def test_tests_that_cannot_be_collected_are_a_sentence(course, handed_in, tmp_path):
    broken = tmp_path / "course"
    shutil.copytree(course, broken)
    for path in (broken / "tests/tiny").rglob("test_*.py"):
        path.write_text("import no_such_module\n")
    done = grade(broken, handed_in(class_of(1)), tmp_path / "grades")
    assert done.returncode == 1
    assert "the tests cannot be collected: " in done.stderr
    assert "No module named 'no_such_module'" in done.stderr


def test_a_full_disk_is_a_sentence_and_nothing_is_lost(course, handed_in, tmp_path):
    submissions, small = handed_in(class_of(12)), tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        done = grade(course, submissions, small / "grades", "--jobs", "2")
        assert done.returncode == 1
        assert "the disk is full" in done.stderr
        assert "What is graded is kept: make room, and the same command goes on from there." in done.stderr
        whole = results(small / "grades")
        assert 0 < len(whole) < 12
        subprocess.run(["mount", "-o", "remount,size=8m", str(small)], check=True)
        assert f"{len(whole)} of them from an earlier run" in grade(course, submissions, small / "grades").stdout
        assert len(results(small / "grades")) == 12
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_limit_on_the_size_of_files_is_met_as_a_full_disk_is(course, handed_in, tmp_path):
    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    done = grade(course, handed_in(class_of(1)), tmp_path / "grades", preexec_fn=limited)
    assert done.returncode == 1
    assert "the disk is full" in done.stderr


def test_the_time_for_a_whole_submission_is_limited(course, handed_in, tmp_path):
    hangs = "def {}(x):\n    while True:\n        pass"
    submissions = handed_in({"slow.ipynb": notebook(hangs.format("double"), hangs.format("square"))})
    grade(course, submissions, tmp_path / "grades", "--timeout-call", "2", "--timeout-submission", "1")
    (double, square, _) = results(tmp_path / "grades")["slow"]["exercises"]
    for exercise in (double, square):
        assert exercise["standing"] == "timed out"
        assert exercise["tests"][0]["message"] == "not tested: the whole submission may take 1 s"


def test_marks_of_written_answers_are_in_the_grades_and_stay_there(course, handed_in, tmp_path):
    submissions = handed_in({"ada.ipynb": notebook(*RIGHT.values(), answer="Because.")})
    grades, marks = tmp_path / "grades", tmp_path / "marked.csv"
    grade(course, submissions, grades)
    assert '"ada","why",2' in (grades / "written.csv").read_text()
    marks.write_text("name,question,maximum,points,comment\nada,why,2,1.5,good\n")
    assert grade(course, submissions, grades, "--written", str(marks)).returncode == 0
    assert "8.5" in (grades / "grades.csv").read_text()
    grade(course, submissions, grades)
    assert "8.5" in (grades / "grades.csv").read_text()
    marks.write_text("name,question,maximum,points,comment\nada,why,2,3,too good\n")
    refused = grade(course, submissions, grades, "--written", str(marks))
    assert refused.returncode == 1
    assert "'ada' has 3 points for 'why', which gives 0 to 2" in refused.stderr


def test_submissions_that_are_not_there_are_a_sentence(course, tmp_path):
    done = grade(course, tmp_path / "none", tmp_path / "grades")
    assert (done.returncode, done.stderr) == (1, f"cs-lib: no submissions at {tmp_path / 'none'}\n")
    (tmp_path / "void").mkdir()
    assert "there is no submission here" in grade(course, tmp_path / "void", tmp_path / "grades").stderr


def test_a_file_in_the_current_directory_shadows_nothing(course, handed_in, tmp_path):
    submissions = handed_in(class_of(1))
    (submissions / "numpy.py").write_text("raise SystemExit('shadowed')")
    code = "import sys; sys.path[0] = sys.argv.pop(1); from cs_lib.cli import main; sys.exit(main(sys.argv[1:]))"
    places = [str(submissions), "-o", str(tmp_path / "grades")]
    run = [sys.executable, "-c", code, str(course), "grade", "tiny", *places]
    assert "s00: 7 of 12" in subprocess.run(run, cwd=submissions, capture_output=True, text=True, check=False).stdout


@pytest.fixture
def cluster(course, tmp_path):
    """A Dask scheduler and two workers, each a process that grades one submission at a time."""
    pytest.importorskip("distributed", reason="Dask is not installed")
    path = os.pathsep.join(filter(None, [str(course), os.environ.get("PYTHONPATH")]))
    address, started = tmp_path / "scheduler.json", []

    def start(role, *options):
        run = [sys.executable, "-m", f"distributed.cli.dask_{role}", "--scheduler-file", str(address), *options]
        log, environment = (tmp_path / f"{role}.log").open("ab"), {**os.environ, "PYTHONPATH": path}
        started.append(subprocess.Popen(run, cwd=course, env=environment, stdout=log, stderr=log))

    start("scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1")
    for _ in range(2):
        start("worker", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path))
    for _ in range(600):
        if address.exists() and address.read_text().endswith("}"):
            break
        time.sleep(0.05)
    yield json.loads(address.read_text())["address"], started[1:]
    for process in started:
        process.kill()
        process.wait()


def test_a_cluster_grades_as_this_machine_does_though_a_worker_is_lost(course, handed_in, cluster, tmp_path):
    with (handed_in(class_of(14)) / "huge.ipynb").open("wb") as file:
        file.truncate(2**30)
    submissions = tmp_path / "submissions"
    grade(course, submissions, tmp_path / "here")
    address, workers = cluster
    run = subprocess.Popen(
        command(submissions, tmp_path / "grades", "--dask", address),
        cwd=course,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert "submissions run " in run.stdout.readline()
    run.stdout.readline()  # the first of them is graded; which one that is differs from run to run
    workers[0].kill()
    _, complaint = run.communicate(timeout=120)
    assert run.returncode == 0, complaint
    assert stored(tmp_path / "grades") == stored(tmp_path / "here")
    again = grade(course, submissions, tmp_path / "grades", "--dask", address)
    assert "15 submissions, 15 of them from an earlier run" in again.stdout


def test_a_cluster_that_is_not_there_is_a_sentence(course, handed_in, tmp_path):
    pytest.importorskip("distributed", reason="Dask is not installed")
    done = grade(course, handed_in(class_of(1)), tmp_path / "grades", "--dask", "nowhere://x")
    assert done.returncode == 1
    assert "no Dask scheduler answers at nowhere://x" in done.stderr


def test_help_has_an_example_and_imports_nothing_heavy(course):
    code = (
        "import sys; from cs_lib.cli import main\ntry: main(['grade', '--help'])\nfinally: print(sorted(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=course, capture_output=True, text=True, check=False).stdout
    example = "example: cs-lib grade hw1_linear_classifiers submissions.zip -o grades --roster roster.csv"
    assert example in " ".join(said.split())
    assert not {"'numpy'", "'pytest'", "'nbformat'", "'matplotlib'", "'tqdm'"} & set(re.findall(r"'\w+'", said))
