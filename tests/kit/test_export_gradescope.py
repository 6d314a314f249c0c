"""The autograder's zip, unpacked as Gradescope unpacks it, and its `run_autograder` run on what students hand in."""

import json
import shutil
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import pytest

from cs_lib.cli import main
from cs_lib.course import load_assignment
from cs_lib.instructor.examples import write_examples

ASSIGNMENT = load_assignment("hw1_linear_classifiers")
TOTAL = sum(each.total for each in ASSIGNMENT.exercises)
NO_DIVISION = "hinge-backward-the-gradient-is-a-sum-over-the-minibatch-not-a-mean"
UNSHIFTED = "softmax-the-scores-are-not-shifted-before-they-are-raised"


@pytest.fixture(scope="module")
def students(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    assert write_examples(ASSIGNMENT, folder, only=["all-right", NO_DIVISION, UNSHIFTED]) == 3
    return folder


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    path = tmp_path_factory.mktemp("exported") / "autograder.zip"
    assert main(["export", "gradescope", ASSIGNMENT.name, "-o", str(path)]) == 0
    return path


def unpack(archive, folder):
    with zipfile.ZipFile(archive) as opened:
        for each in opened.infolist():
            Path(opened.extract(each, folder)).chmod(each.external_attr >> 16 & 0o777)


@pytest.fixture(scope="module")
def autograder(archive, tmp_path_factory):
    """A tree like Gradescope's `/autograder`; where setup.sh would install stands the environment of the tests."""
    root = tmp_path_factory.mktemp("gradescope") / "autograder"
    unpack(archive, root / "source")
    (root / "source" / ".venv").symlink_to(sys.prefix)
    (root / "results").mkdir()
    shutil.copy(root / "source" / "run_autograder", root)
    return root


@pytest.fixture(scope="module")
def submit(autograder):
    """Hand in files, and return what results.json then says."""

    @cache
    def run(*files):
        shutil.rmtree(autograder / "submission", ignore_errors=True)
        (autograder / "submission").mkdir()
        for file in files:
            shutil.copy(file, autograder / "submission")
        done = subprocess.run([str(autograder / "run_autograder")], cwd=autograder, capture_output=True, check=False)
        assert done.returncode == 0
        return json.loads((autograder / "results" / "results.json").read_text(encoding="utf-8"))

    return run


@pytest.fixture(scope="module")
def graded(students, tmp_path_factory):
    """The scores that `cs-lib grade` gives the same class."""
    grades = tmp_path_factory.mktemp("grades")
    assert main(["grade", ASSIGNMENT.name, str(students), "-o", str(grades)]) == 0
    results = [json.loads(path.read_text()) for path in (grades / "results").glob("*.json")]
    return {result["name"]: result["score"] for result in results}


def test_the_zip_is_the_same_every_time_and_holds_what_gradescope_wants(archive, tmp_path):
    again = tmp_path / "again.zip"
    assert main(["export", "gradescope", ASSIGNMENT.name, "-o", str(again)]) == 0
    assert again.read_bytes() == archive.read_bytes()
    with zipfile.ZipFile(archive) as opened:
        modes = {each.filename: each.external_attr >> 16 & 0o777 for each in opened.infolist()}
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert list(modes) == sorted(modes)
    assert not [name for name in modes if "hw2" in name or "__pycache__" in name or name.startswith("tests/kit")]
    rooms = ("cs_lib/reference/hinge_loss.py", f"tests/{ASSIGNMENT.name}/hidden/test_hinge_loss.py")
    assert set(rooms) <= modes.keys()


@pytest.mark.parametrize("name", ["all-right", NO_DIVISION, UNSHIFTED])
def test_the_scores_are_those_of_cs_lib_grade(submit, students, graded, name):
    table = submit(*sorted((students / name).glob("*.ipynb")))
    assert table["score"] == graded[name] == sum(test.get("score", 0) for test in table["tests"])
    assert sum(test.get("max_score", 0) for test in table["tests"]) == TOTAL
    assert (table["score"] == TOTAL) == (name == "all-right")


def test_a_student_reads_the_diagnosis_now_and_hidden_checks_later(submit, students):
    tests = {test["name"]: test for test in submit(*sorted((students / NO_DIVISION).glob("*.ipynb")))["tests"]}
    shown, later = tests["hinge_backward"], tests["hinge_backward: points"]
    assert (shown["visibility"], shown["status"]) == ("visible", "failed")
    assert "at dscores[0, 0]: yours -3, expected -0.25" in shown["output"]
    assert "The gradient is a sum over the minibatch, not a mean." in shown["output"]
    assert (later["visibility"], later["score"], later["max_score"]) == ("after_published", 0, 4)
    assert later["output"]
    for line in later["output"].split("\n"):
        assert line.startswith(("passed: ", "not passed: "))
        assert line.endswith(" (hidden check)")
    right = tests["hinge_forward"]
    assert right["status"] == "passed"
    assert "4 points, if the hidden checks pass too: shown once grades are published." in right["output"]


def test_before_grades_are_published_no_hidden_check_tells_anything(submit, edited, solved_hinge):
    # Right where the public checks look, wrong for a minibatch of one example, which a hidden check asks for.
    cheat = edited(solved_hinge, ("    return dscores", "    return dscores if len(y) > 1 else dscores + 1"))
    tables = [submit(cheat), submit(solved_hinge)]
    seen = [[test for test in table["tests"] if test["visibility"] == "visible"] for table in tables]
    assert seen[0] == seen[1]
    assert tables[0]["output"] == tables[1]["output"]
    later = [{test["name"]: test for test in table["tests"]}["hinge_backward: points"] for table in tables]
    assert (later[0]["score"], later[1]["score"]) == (0, 4)


def test_points_of_parts_are_their_own(submit, students):
    tests = {test["name"]: test for test in submit(*sorted((students / UNSHIFTED).glob("*.ipynb")))["tests"]}
    assert tests["softmax: points"]["score"] == 2
    assert tests["softmax: overflow"]["status"] == "failed"
    assert tests["softmax: overflow: points"]["score"] == 0


def test_whatever_is_handed_in_is_answered_with_a_sentence(submit, tmp_path):
    assert submit()["output"].startswith("This could not be graded: no notebook was handed in; this assignment has 01_")
    nonsense, picture, torn = tmp_path / "02_hinge_loss.ipynb", tmp_path / "photo.heic", tmp_path / "hw.zip"
    nonsense.write_bytes(b"\xff\x00 no JSON")
    picture.write_bytes(b"\x00" * 100)
    torn.write_bytes(b"PK\x03\x04 torn")
    for files, reason in (
        ([nonsense], "02_hinge_loss.ipynb: not a notebook: not JSON in UTF-8"),
        ([picture], "no notebook was handed in"),
        ([torn], "hw.zip: "),
    ):
        table = submit(*files)
        assert (table["score"], table["tests"]) == (0, [])
        assert reason in table["output"]


def test_a_notebook_that_ends_its_process_costs_itself_alone(submit, edited, solved_hinge):
    table = submit(edited(solved_hinge, ("    return dscores", "    import os; os._exit(1)")))
    tests = {test["name"]: test for test in table["tests"]}
    assert tests["hinge_backward: points"]["score"] == 0
    assert "ended its process with exit code 1" in tests["hinge_backward"]["output"]
    assert tests["hinge_forward: points"]["score"] == 4


def test_an_autograder_that_breaks_says_so_in_results_json(archive, tmp_path, solved_hinge):
    unpack(archive, tmp_path / "source")
    shutil.copy(tmp_path / "source" / "run_autograder", tmp_path)
    (tmp_path / "submission").mkdir()
    shutil.copy(solved_hinge, tmp_path / "submission")

    def says():
        subprocess.run([str(tmp_path / "run_autograder")], cwd=tmp_path, capture_output=True, check=False)
        table = json.loads((tmp_path / "results" / "results.json").read_text())
        assert (table["score"], table["tests"]) == (0, [])
        return table["output"]

    assert "the autograder did not finish (status 127)" in says()  # there is no Python
    (tmp_path / "source" / ".venv").symlink_to(sys.prefix)
    (tmp_path / "source" / "tests" / ASSIGNMENT.name / "conftest.py").write_text("import no_such_module\n")
    assert says().startswith(
        "This could not be graded, which is not your fault. Please tell your instructor: the tests"
    )
    (tmp_path / "source" / "assignments" / ASSIGNMENT.name / "assignment.toml").write_text("title = \n")
    assert "not valid TOML" in says()
