"""Real nbgrader takes the exported notebooks, and gives a class the marks that `cs-lib grade` gives."""

import importlib.util
import json
import shutil
import subprocess
import sys

import pytest

from cs_lib.course import load_assignment
from cs_lib.instructor import notebook_file
from cs_lib.instructor.examples import write_examples
from cs_lib.instructor.exports.one import grade_one
from cs_lib.instructor.exports.parts import graded_parts
from cs_lib.instructor.stubs import reference_source, stub
from cs_lib.submission.outcomes import NOT_STARTED

needs_nbgrader = pytest.mark.skipif(not importlib.util.find_spec("nbgrader"), reason="nbgrader is not installed")
ASSIGNMENT = load_assignment("hw1_linear_classifiers")
NOTEBOOK = ASSIGNMENT.notebook("03_softmax_loss")
"""The one that has parts, stages, and written answers; the class hands in this notebook alone."""
CLASS = [
    "all-right",
    "nothing-written",
    "first-half-only",
    "softmax-the-scores-are-not-shifted-before-they-are-raised",
    "softmax-loss-naive-one-maximum-for-the-whole-minibatch",
    "softmax-forward-the-sign-of-the-loss-is-missing",
    "softmax-backward-all-signs-are-swapped",
]
WRONG_STAGE = "softmax-backward-all-signs-are-swapped"
FORGER = "forger"
"""Wrote nothing, and emptied the cells that give points."""
NEVER_RUN = {"outputs": [], "execution_count": None}
MARKS = """
import json, sys
from nbgrader.api import Gradebook

with Gradebook("sqlite:///gradebook.db") as book:
    print(json.dumps({
        each.student.id: {grade.cell.name: grade.auto_score for book in each.notebooks for grade in book.grades}
        for each in book.assignment_submissions(sys.argv[1])
    }))
"""


def run(*command, cwd=None):
    return subprocess.run([sys.executable, *command], cwd=cwd, capture_output=True, text=True, check=False)


def cs_lib(*options):
    return run("-c", "import sys; from cs_lib.cli import main; sys.exit(main(sys.argv[1:]))", *map(str, options))


def nbgrader(course, *command):
    done = run("-m", "nbgrader", *command, cwd=course)
    assert done.returncode == 0, done.stderr[-3000:]


def points_cell(exercise, part=""):
    return f"points-{exercise}{'-' * bool(part)}{part}"


def hand_in(wrote, released, submitted, forges=False):
    """Put what a student wrote into the notebook that nbgrader released, without cells that train and draw."""
    answers = {}
    for cell in notebook_file.read(wrote)["cells"]:
        for name in notebook_file.defined(cell) | {notebook_file.tagged(cell, "question")}:
            answers[name] = cell["source"]
    notebook = notebook_file.read(released)
    cells = [{"cell_type": "code", "metadata": {}, "id": "i", "source": "import numpy as np"} | NEVER_RUN]
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        cell["source"] = [] if forges and name.startswith("points-") else answers.get(name, cell["source"])
        if name:
            cells.append(cell)
    submitted.parent.mkdir(parents=True)
    submitted.write_text(notebook_file.text({**notebook, "cells": cells}), encoding="utf-8")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """nbgrader's course folder, as `cs-lib export` writes it."""
    folder = tmp_path_factory.mktemp("nbgrader") / "course"
    done = cs_lib("export", "nbgrader", ASSIGNMENT.name, "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def released(course):
    """The notebooks that nbgrader makes for students."""
    nbgrader(course, "generate_assignment", ASSIGNMENT.name)
    return course / "release" / ASSIGNMENT.name


@pytest.fixture(scope="module")
def students(tmp_path_factory):
    """A class that handed in one notebook each."""
    folder = tmp_path_factory.mktemp("class") / "class"
    assert write_examples(ASSIGNMENT, folder, only=CLASS) == len(CLASS)
    for path in folder.glob("*/*.ipynb"):
        if path.stem != NOTEBOOK.name:
            path.unlink()
    shutil.copytree(folder / "nothing-written", folder / FORGER)
    return folder


def autograde(course, released, students):
    """Return nbgrader's marks of the class: for each student, those of each cell."""
    file = f"{NOTEBOOK.name}.ipynb"
    for name in [*CLASS, FORGER]:
        submitted = course / "submitted" / name / ASSIGNMENT.name / file
        hand_in(students / name / file, released / file, submitted, forges=name == FORGER)
    nbgrader(course, "autograde", ASSIGNMENT.name)
    return json.loads(run("-c", MARKS, ASSIGNMENT.name, cwd=course).stdout)


def grade(students, grades):
    """Return the results of `cs-lib grade` for the same class."""
    done = cs_lib("grade", ASSIGNMENT.name, students, "-o", grades)
    assert done.returncode == 0, done.stderr
    tables = [json.loads(path.read_text()) for path in (grades / "results").glob("*.json")]
    return {table["name"]: table for table in tables}


@pytest.mark.parametrize("name", ["hw1_linear_classifiers", "hw2_neural_network"])
def test_the_source_has_full_marks_and_every_point_has_its_cell(name, tmp_path):
    assignment = load_assignment(name)
    assert cs_lib("export", "nbgrader", name, "-o", tmp_path).returncode == 0
    files = sorted((tmp_path / "source" / name).glob("*.ipynb"))
    result = grade_one(name, files)
    assert (result.score, result.maximum) == (sum(each.total for each in assignment.exercises),) * 2
    cells = [cell["metadata"].get("nbgrader") for file in files for cell in notebook_file.read(file)["cells"]]
    points = {each["grade_id"]: each["points"] for each in cells if each and each["grade"]}
    wanted = {points_cell(each.of.exercise, each.of.part): each.of.maximum for each in graded_parts(assignment, result)}
    asked = {each.name: each.points for notebook in assignment.notebooks for each in notebook.questions}
    assert points == wanted | asked


@needs_nbgrader
def test_what_is_released_is_not_started_and_holds_no_answer(released):
    text = "".join(path.read_text() for path in released.glob("*.ipynb"))
    assert "cs_lib.instructor" not in text
    assert "HIDDEN TESTS" not in text
    answers = [line for each in ASSIGNMENT.notebooks for line in _answer_lines(each)]
    assert len(answers) > 30
    assert [line for line in answers if json.dumps(line)[1:-1] in text] == []
    result = grade_one(ASSIGNMENT.name, sorted(released.glob("*.ipynb")))
    assert {each.standing for each in result.exercises} == {NOT_STARTED}
    assert not result.answers


def _answer_lines(notebook):
    """Return the longer lines of the answers, which stand in no stub by chance."""
    for exercise in notebook.exercises:
        source = reference_source(notebook.module, exercise.name)
        stub_lines = stub(source).split("\n")
        yield from (line for line in source.split("\n") if line not in stub_lines and len(line.strip()) > 30)


@needs_nbgrader
def test_a_class_has_the_marks_of_cs_lib_grade_and_reads_as_much(course, released, students, tmp_path):
    # One test, because nbgrader takes seconds for each notebook, and tests are spread over processes.
    marks = autograde(course, released, students)
    are_those_of_cs_lib_grade(marks, grade(students, tmp_path / "grades"))
    unshifted = marks["softmax-the-scores-are-not-shifted-before-they-are-raised"]
    assert (unshifted["points-softmax"], unshifted["points-softmax-overflow"]) == (2, 0)
    # A wrong stage costs itself alone, not what is composed of it.
    assert marks[WRONG_STAGE]["points-softmax_backward"] == 0
    assert marks[WRONG_STAGE]["points-softmax_loss_vectorized"] == 3
    assert not any(mark for cell, mark in marks[FORGER].items() if cell.startswith("points-"))
    path = course / "autograded" / WRONG_STAGE / ASSIGNMENT.name / f"{NOTEBOOK.name}.ipynb"
    say_the_diagnosis_and_nothing_of_hidden_tests(notebook_file.read(path)["cells"])


def are_those_of_cs_lib_grade(marks, results):
    assert marks.keys() == results.keys()
    for name, result in results.items():
        exercises = {each["name"]: each["points"] for each in result["exercises"] if each["notebook"] == NOTEBOOK.name}
        sums = {exercise: sum(marks[name][cell] for cell in point_cells(exercise)) for exercise in exercises}
        assert sums == exercises, name
        assert sum(sums.values()) == result["score"]


def point_cells(exercise):
    return [points_cell(exercise), *(points_cell(exercise, part) for part, _ in ASSIGNMENT.exercise(exercise).parts)]


def say_the_diagnosis_and_nothing_of_hidden_tests(cells):
    by_id = {each["metadata"].get("nbgrader", {}).get("grade_id"): each for each in cells}
    (output,) = by_id["points-softmax_backward"]["outputs"]
    assert output["ename"] == "NotEarned"
    said = output["evalue"]
    assert "wrong: Every entry is as the formula says" in said
    assert "All signs are swapped." in said
    hidden = [line for line in said.split("\n") if "(hidden check)" in line]
    assert hidden
    assert all(line.startswith(("not passed: ", "passed: ")) for line in hidden)
    assert "reference" not in "\n".join(output["traceback"])
    (right,) = by_id["points-softmax"]["outputs"]
    assert (right["output_type"], right["name"]) == ("stream", "stdout")


def test_what_is_there_already_stays(course, tmp_path):
    done = cs_lib("export", "nbgrader", ASSIGNMENT.name, "-o", course)
    assert done.returncode == 1
    assert "is there already; move it away" in done.stderr
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    done = cs_lib("export", "nbgrader", ASSIGNMENT.name, "-o", tmp_path)
    assert (tmp_path / "nbgrader_config.py").read_text() == "c = get_config()\n"
    assert 'c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE"}' in done.stdout
    assert "step by step: " in done.stdout
