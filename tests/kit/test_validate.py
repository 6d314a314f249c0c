"""`cs-lib validate` passes the catalogue as it is, and finds each way in which it can be wrong."""

import csv
import subprocess
import sys

import pytest

from cs_lib.course import assignment_names, load_assignment
from cs_lib.instructor.examples import example_class, write_examples
from cs_lib.instructor.validate import validate

HINGE = "cs_lib/reference/hinge_loss.toml"
SUM_FOR_MEAN = 'changes = [["    dscores /= N\\n", ""]]'


NOTEBOOKS = [
    pytest.param(assignment, notebook, id=notebook.name)
    for assignment in map(load_assignment, assignment_names())
    for notebook in assignment.notebooks
]


@pytest.mark.parametrize(("assignment", "notebook"), NOTEBOOKS)
def test_every_known_mistake_is_caught_and_named(assignment, notebook):
    said = []
    assert validate(assignment, only=[exercise.name for exercise in notebook.exercises], say=said.append) == []
    assert any(line.startswith("reference: ") and line.endswith("100 %") for line in said)
    assert any(line.startswith("untouched: 0 of") for line in said)


def validated(course, exercise):
    code = "import sys; from cs_lib.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "validate", "hw1_linear_classifiers", "--only", exercise]
    return subprocess.run(command, cwd=course, capture_output=True, text=True, check=False)


def test_what_is_wrong_with_a_catalogue_is_said_for_each_entry(course):
    catalogue = course / HINGE
    harmless = SUM_FOR_MEAN.replace('""]', '"    dscores = dscores / N\\n"]')
    catalogue.write_text(catalogue.read_text().replace(SUM_FOR_MEAN, harmless))
    done = validated(course, "hinge_backward")
    assert done.returncode == 1
    assert "hinge_backward: 'The gradient is a sum over the minibatch, not a mean': no public test" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_change_whose_text_is_gone_is_an_error(course):
    catalogue = course / HINGE
    catalogue.write_text(catalogue.read_text().replace('["    dscores /= N\\n", ""]', '["dscores /= M", ""]'))
    done = validated(course, "hinge_backward")
    assert done.returncode == 1
    assert "its text does not occur exactly once in the reference" in done.stderr + done.stdout


def test_two_entries_with_the_same_numbers_are_not_named_alone(course):
    catalogue = course / HINGE
    twin = """
[[misconceptions]]
exercise = "initial_hinge_loss"
title = "Twin {0}"
hint = "?"
changes = [["(C - 1) * delta", "C * delta + 0 * {0}"]]
"""
    catalogue.write_text(catalogue.read_text() + "".join(map(twin.format, range(1, 6))))
    done = validated(course, "initial_hinge_loss")
    assert "initial_hinge_loss: 'Twin 1': it is not named" in done.stdout
    assert "entries are named alone" in done.stdout


def test_an_exercise_that_depends_on_another_without_needing_it_is_found(course):
    toml = course / "assignments/hw1_linear_classifiers/assignment.toml"
    toml.write_text(toml.read_text().replace('needs = ["hinge_forward", "hinge_backward"]\n', ""))
    done = validated(course, "hinge_backward")
    assert "it costs marks of hinge_loss_vectorized" in done.stdout


def test_a_wrong_reference_does_not_have_full_marks_unnoticed(course):
    solved = course / "assignments/hw1_linear_classifiers/solutions/02_hinge_loss.ipynb"
    solved.write_text(solved.read_text().replace("    dscores /= N\\n", "    dscores /= N + 1\\n"))
    done = validated(course, "initial_hinge_loss")
    assert "reference: hinge_backward should be 'done', but is 'wrong'" in done.stdout


def test_what_is_answered_or_mistaken_but_not_listed_is_said(course):
    reference = course / "cs_lib/reference/hinge_loss.py"
    unlisted = "\n\ndef squared(x):\n    # BEGIN SOLUTION\n    y = x * x\n    # END SOLUTION\n    return y\n"
    reference.write_text(reference.read_text() + unlisted)
    catalogue = course / HINGE
    stray = '[[misconceptions]]\nexercise = "hinge_sideways"\ntitle = "?"\nhint = "?"\nchanges = []\n'
    catalogue.write_text(catalogue.read_text() + stray)
    done = validated(course, "initial_hinge_loss")
    assert "cs_lib/reference/hinge_loss.py answers squared, which assignment.toml does not list" in done.stdout
    assert "a misconception is about 'hinge_sideways', which assignment.toml does not list" in done.stdout


def test_a_stale_notebook_is_said(course):
    notebook = course / "assignments/hw1_linear_classifiers/02_hinge_loss.ipynb"
    notebook.write_text(notebook.read_text().replace("dscores = ...", "dscores = 3"))
    assert "02_hinge_loss.ipynb is stale; run `cs-lib sync`" in validated(course, "initial_hinge_loss").stdout


def test_the_example_class_has_the_marks_it_should(grade, tmp_path):
    assignment = load_assignment("hw1_linear_classifiers")
    assert write_examples(assignment, tmp_path) == len(list(example_class(assignment)))
    rows = {row["name"]: row for row in csv.DictReader((tmp_path / "class.csv").open())}
    total = sum(exercise.total for exercise in assignment.exercises)
    assert grade(tmp_path / "all-right").score == f"{total} / {total}"
    assert grade(tmp_path / "nothing-written").score == f"0 / {total}"
    one = next(
        name for name, row in rows.items() if row["exercise"] == "hinge_backward" and " and " not in row["mistakes"]
    )
    graded = grade(tmp_path / one)
    assert graded.score == f"{total - 4} / {total}"
    assert graded.words["hinge_backward"] == "wrong"
    assert graded.mistakes["hinge_backward"] == rows[one]["mistakes"]
