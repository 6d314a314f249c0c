"""`cs-lib new` makes an assignment that is valid at once, and refuses what would be in the way of another."""

import json

import pytest

SOLVED = "assignments/hw3_regression/solutions/01_regression.ipynb"


def files(course):
    return {path.relative_to(course) for path in course.rglob("*") if "__pycache__" not in path.parts}


def test_a_new_assignment_is_valid_and_its_names_are_filled_in(small_course, run_cs_lib):
    done = run_cs_lib(small_course, "validate", "hw3_regression")
    assert (done.stdout.splitlines()[-1], done.returncode) == ("valid", 0), done.stdout + done.stderr
    assert "gradients judged by numerical slopes: regression_loss" in done.stdout
    said = (small_course / "said.txt").read_text()
    for written in [line.removeprefix("wrote ") for line in said.splitlines() if line.startswith("wrote ")]:
        text = (small_course / written).read_text()
        assert not {"__STEM__", "__TITLE__", "__ASSIGNMENT__"} & set(text.split()), written
        assert "__STEM" not in text
    assert "See it with `cs-lib validate hw3_regression`" in said


def test_a_new_assignment_has_its_title_a_picture_in_words_and_a_solved_notebook(small_course):
    cells = json.loads((small_course / SOLVED).read_text())["cells"]
    assert "".join(cells[0]["source"]).startswith('# Regression, or "fitting"\n')
    shown = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    assert any("image/png" in data for data in shown)
    assert any("a parabola, lowest at" in "".join(data.get("text/plain", "")) for data in shown)
    assert any("regression_loss: done, 3 points" in "".join(data.get("text/plain", "")) for data in shown)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hw3_regression", "assignments/hw3_regression is there already"),
        ("hw4_regression", "cs_lib/reference/regression.md is there already"),
        ("hw4_initial_hinge", "would have an exercise initial_hinge_loss, which hw1_linear_classifiers has"),
        ("Homework 3", "an assignment cannot be called 'Homework 3'; use small letters"),
        ("../hw3", "cannot be called"),
        ("lambda", "cannot be called"),
    ],
)
def test_what_is_there_or_badly_named_is_refused_and_nothing_is_written(small_course, run_cs_lib, name, said):
    before = files(small_course)
    done = run_cs_lib(small_course, "new", name)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert files(small_course) == before


def test_an_assignment_that_cannot_be_finished_leaves_nothing_behind(course, run_cs_lib):
    notebook = course / "cs_lib/instructor/new/template/assignments/__ASSIGNMENT__/01___STEM__.ipynb"
    notebook.write_text(notebook.read_text().replace("def __STEM___loss", "def __STEM___lost"))
    before = files(course)
    done = run_cs_lib(course, "new", "hw3_regression")
    assert done.returncode == 1
    assert "no code cell defines regression_loss" in done.stderr
    assert files(course) == before
