"""Copies are found, whatever their names and comments; what many write by themselves is not."""

import ast
import random
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from cs_lib.checking import catalogue
from cs_lib.course import load_assignment
from cs_lib.instructor import stubs
from cs_lib.instructor.grading.reports.likeness import MOST_HASHES, alike, fingerprint, fingerprints

ASSIGNMENT = load_assignment("hw1_linear_classifiers")
VARIATIONS = Path(__file__).parent / "right_answers"

OWN_WAY = '''
def hinge_forward(scores, y):
    """Return the mean hinge loss and the margins (N, C)."""
    rows = range(len(y))
    # every row on its own
    table = [[max(0.0, scores[row][column] - scores[row][y[row]] + 1.0) for column in range(scores.shape[1])]
             for row in rows]
    for row in rows:
        table[row][y[row]] *= 0.0
    together = sum(sum(line) for line in table)
    return together / float(len(rows)), np.asarray(table).reshape(scores.shape)
'''
DISGUISED = OWN_WAY.replace("table", "marks").replace("rows", "indices").replace("# every row on its own", "# magic!")
DISGUISED = DISGUISED.replace("Return the mean", "Gives me the").replace("\n             for row", " for row")


@cache
def known_ways():
    """The fingerprints of all known right ways, by exercise."""
    ways = defaultdict(list)
    for path in sorted(VARIATIONS.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            name = getattr(node, "name", "")
            if "__" in name:
                segment = ast.get_source_segment(source, node)
                ways[name.partition("__")[0]].append(segment.replace(name, name.partition("__")[0]))
    return {name: [fingerprint(source) for source in sources] for name, sources in ways.items()}


def independent_class(size):
    """Students who each answer every exercise in one of the known right ways, chosen at random."""
    choose = random.Random(5)
    return {f"student-{i:02}": {name: choose.choice(w) for name, w in known_ways().items()} for i in range(size)}


def test_comments_layout_docstrings_and_chosen_names_leave_a_fingerprint_as_it_is():
    assert DISGUISED != OWN_WAY
    assert fingerprint(DISGUISED) == fingerprint(OWN_WAY) != ()


@pytest.mark.parametrize(("old", "new"), [("max", "min"), ("+ 1.0", "+ 2.0"), ("reshape", "astype"), ("if", "while")])
def test_another_operation_number_or_method_changes_a_fingerprint(old, new):
    source = "def f(a):\n    if a + 1.0 > 2:\n        return max(a, 0).reshape(3)\n    return [a, a, a, a]\n"
    source = source.replace("max(", "np.max(")
    assert old in source
    assert fingerprint(source.replace(old, new)) != fingerprint(source)


def test_a_fingerprint_is_small_whatever_the_source():
    long = "\n".join(f"x{i} = {i} * x + {i * i}" for i in range(5000))
    assert len(fingerprint(long)) == MOST_HASHES
    assert all(type(each) is int and 0 <= each < 2**32 for each in fingerprint(long))


@pytest.mark.parametrize("source", ["", "def f(:", "'''", "if x:\n  y\n z", "\x00", "((((((" * 50, "\udc80 = 1"])
def test_what_is_not_python_has_a_fingerprint_too(source):
    assert isinstance(fingerprint(source), tuple)


def test_the_code_of_an_exercise_is_found_in_its_cell_and_the_last_one_counts():
    early, late = "def softmax(a):\n    return 0\n", f"import os\n{OWN_WAY.replace('hinge_forward', 'softmax')}"
    found = fingerprints(
        [early, "def broken(:", late, "softmax_jacobian = lambda p: np.diag(p) - np.outer(p, p)"], ASSIGNMENT.exercises
    )
    assert found.keys() == {"softmax", "softmax_jacobian"}
    assert found["softmax"] == fingerprint(OWN_WAY)


def test_a_copy_with_other_names_and_comments_is_found_in_a_class_of_independent_students():
    prints = independent_class(30)
    assert alike(ASSIGNMENT, prints) == []
    prints["copied"] = {"hinge_forward": fingerprint(OWN_WAY)}
    prints["copy"] = {"hinge_forward": fingerprint(DISGUISED)}
    (pair,) = alike(ASSIGNMENT, prints)
    assert pair.names == ("copied", "copy")
    assert pair.share == 1.0
    assert pair.exercises == ("hinge_forward",)


def test_a_whole_notebook_copied_is_found_though_each_answer_alone_is_known():
    prints = independent_class(30)
    prints["twin"] = dict(prints["student-07"])
    assert [pair.names for pair in alike(ASSIGNMENT, prints)] == [("student-07", "twin")]


def test_a_ring_of_copies_is_found_whole():
    prints = independent_class(100) | {f"ring-{i}": {"hinge_forward": fingerprint(OWN_WAY)} for i in range(5)}
    assert len(alike(ASSIGNMENT, prints)) == 5 * 4 // 2


def test_an_answer_that_many_give_is_nobodys_own():
    prints = {f"student-{i}": {"hinge_forward": fingerprint(OWN_WAY)} for i in range(20)}
    assert alike(ASSIGNMENT, prints) == []


def test_the_stub_the_model_answer_and_a_known_mistake_are_nobodys_own_even_in_a_class_of_two():
    for exercise in ASSIGNMENT.exercises:
        answer = catalogue.reference_source(exercise)
        wrong = [catalogue.wrong_source(exercise, [mistake]) for mistake in catalogue.entries(exercise)]
        for source in (stubs.stub(answer), stubs.solved(answer), *wrong):
            prints = {name: {exercise.name: fingerprint(source)} for name in ("one", "other")}
            assert alike(ASSIGNMENT, prints) == [], exercise.name


def test_two_who_share_a_line_are_not_alike():
    line = "    total = np.einsum('ij,ij->', scores, scores) ** 0.5\n"
    others = [
        "    return sorted(map(str, scores))[::-1], {k: v for k, v in enumerate(y)}\n",
        "    while y.size > 3 and not scores.any():\n        y = y[1:]\n    return y @ scores - y.T\n",
    ]
    prints = {
        str(i): {"hinge_forward": fingerprint(f"def f(scores, y):\n{line}{each}")} for i, each in enumerate(others)
    }
    assert fingerprint(f"def f(scores, y):\n{line}") != ()
    assert alike(ASSIGNMENT, prints) == []


def test_in_five_hundred_submissions_the_one_copy_is_found():
    random_runs = np.random.default_rng(0).integers(2**32, size=(500, len(ASSIGNMENT.exercises), MOST_HASHES))
    names = [exercise.name for exercise in ASSIGNMENT.exercises]
    prints = {f"{i:03}": dict(zip(names, map(tuple, runs.tolist()), strict=True)) for i, runs in enumerate(random_runs)}
    prints["copy"] = prints["123"]
    (pair,) = alike(ASSIGNMENT, prints)
    assert pair.names == ("123", "copy")
    assert pair.shared == MOST_HASHES * len(names)


def test_one_submission_or_none_is_like_nothing():
    assert alike(ASSIGNMENT, {}) == []
    assert alike(ASSIGNMENT, {"alone": {"softmax": fingerprint(OWN_WAY)}}) == []
    assert alike(ASSIGNMENT, {"empty": {}, "empty, too": {"softmax": ()}}) == []
