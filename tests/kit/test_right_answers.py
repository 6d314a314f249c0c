"""A right answer has full marks however it is written: every variation in right_answers/ passes every test."""

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cs_lib.checking.assertions import StudentFunction, assert_matches
from cs_lib.checking.catalogue import reference_module
from cs_lib.checking.check import check
from cs_lib.checking.comparison import compare
from cs_lib.checking.doors import LiveNotebook
from cs_lib.checking.marking import PASSED, TestResult
from cs_lib.checking.quantities import Mismatch
from cs_lib.checking.reference_answers import reference_function
from cs_lib.checking.running import public_tests, run_tests
from cs_lib.course import Exercise, Notebook, find_exercise, load_assignment
from cs_lib.submission.notebook import read_notebook

FOLDER = Path(__file__).parent / "right_answers"
ENOUGH = {"hw1_linear_classifiers": 10, "hw2_neural_network": 5}
TINY = {"initial_hinge_loss": 6, "hyperparameters": 3}
"""Functions so small that as many really different ones do not exist, or that take seconds to judge."""
HOMEWORK_1 = load_assignment("hw1_linear_classifiers")
NOTEBOOKS = {
    notebook.name: (assignment, notebook)
    for assignment in map(load_assignment, ENOUGH)
    for notebook in assignment.notebooks
}
EXERCISES = [exercise for _, notebook in NOTEBOOKS.values() for exercise in notebook.exercises]


WEIRDEST = {
    "01_gradients": [
        "predict_labels__running_maximum",
        "sample_minibatch__zip",
        "score_differences__outer_product",
        "forward_difference__fromiter",
        "central_difference__a_lambda",
        "bowl_gradient__exact_central_difference",
        "one_sided_slopes__float_and_item",
        "descend__recursion",
    ],
    "02_hinge_loss": [
        "hinge_loss_naive__recursion_and_dictionaries",
        "numerical_slope__a_lambda",
        "initial_hinge_loss__asks_the_forward_stage",
        "hinge_forward__boolean_assignment",
        "hinge_backward__one_hot",
        "hinge_loss_vectorized__own_parameter_names",
    ],
    "03_softmax_loss": [
        "softmax__a_lambda",
        "softmax_jacobian__multiplied_by_matrices",
        "cross_entropy__einsum",
        "initial_softmax_loss__from_zero_scores",
        "softmax_loss_naive__calls_its_softmax",
        "softmax_forward__own_parameter_names",
        "softmax_backward__eye",
        "softmax_loss_vectorized__own_parameter_names",
    ],
    "02_two_layer_net": [
        "train_eleven_line_net__recursion",
        "forward_hidden__a_lambda",
        "forward_scores__class_by_class",
        "forward_loss__differences_to_the_right_score",
        "backward_scores__subtract_at",
        "backward_output__a_column_of_ones",
        "backward_hidden__unit_by_unit",
        "TwoLayerNet__methods_and_a_cache",
        "hyperparameters__numbers_of_numpy",
    ],
}
"""Of each notebook, the variations furthest from the reference: these are graded as a submission, too."""


@dataclass(frozen=True)
class Variation:
    """One way to write one exercise, named by what differs in it."""

    exercise: str
    name: str
    function: Callable[..., Any]


@cache
def variations(notebook: Notebook) -> tuple[Variation, ...]:
    """Return the variations in right_answers/, their code run beside the right answers to all other exercises."""
    namespace = dict(vars(reference_module(notebook.exercises[0])))
    path = FOLDER / f"{notebook.module}.py"
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    names = {exercise.name for exercise in notebook.exercises}
    parted = [(*name.partition("__"), value) for name, value in namespace.items()]
    return tuple(Variation(exercise, what, value) for exercise, _, what, value in parted if exercise in names and what)


def variations_of(exercise: Exercise) -> list[Variation]:
    _, notebook = NOTEBOOKS[exercise.notebook]
    return [each for each in variations(notebook) if each.exercise == exercise.name]


class OneOfEach:
    """A door behind which each exercise of a notebook is answered by the variation chosen for it."""

    def __init__(self, chosen: dict[str, Callable[..., Any]]) -> None:
        self.chosen = chosen

    def includes(self, exercise: Exercise) -> bool:
        return exercise.name in self.chosen

    def open(self, exercise: Exercise) -> LiveNotebook:
        return LiveNotebook(self.chosen, exercise.name)

    def close(self) -> None:
        """Nothing was started."""


@cache
def results(name: str, number: int) -> list[TestResult]:
    """Return what all tests, public and hidden, say of each exercise's variation of that number.

    name: of a notebook. One run for all of its exercises: it is starting pytest that takes time.
    """
    assignment, notebook = NOTEBOOKS[name]
    chosen = {e.name: variations_of(e)[number].function for e in notebook.exercises if number < len(variations_of(e))}
    files = [public_tests(assignment, notebook), assignment.tests / "hidden" / f"test_{notebook.module}.py"]
    return run_tests(files, OneOfEach(chosen)).results


EVERY = [(exercise, k) for exercise in EXERCISES for k in range(len(variations_of(exercise)))]


def named(exercise: Exercise, number: int) -> str:
    return f"{exercise.name}-{variations_of(exercise)[number].name}"


@pytest.mark.parametrize(("exercise", "number"), EVERY, ids=[named(*each) for each in EVERY])
def test_a_right_answer_passes_every_test_of_its_exercise(exercise, number):
    said = [r for r in results(exercise.notebook, number) if r.exercise == exercise.name]
    assert {(r.sentence, r.part): r.message for r in said if r.word != PASSED} == {}
    assert {r.hidden for r in said} == {False, True}
    assert {part for part, _ in exercise.parts} <= {r.part for r in said}


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_every_exercise_has_enough_variations(exercise):
    assert len(variations_of(exercise)) >= TINY.get(exercise.name, ENOUGH[exercise.assignment])


def submitted_cells(notebook: Notebook, chosen: Iterable[str]) -> dict[str, str]:
    """Return the source of each exercise's cell, made of the chosen variations; the first has the helpers above it."""
    source = (FOLDER / f"{notebook.module}.py").read_text(encoding="utf-8")
    exercises = "|".join(exercise.name for exercise in notebook.exercises)
    helpers, cells = [], {}
    for node in ast.parse(source).body[1:]:
        text = str(ast.get_source_segment(source, node))
        variation = re.match(rf"(?:def |class )?(({exercises})__\w+)", text)
        if variation is None:
            helpers.append(text)
        elif variation[1] in chosen:
            cells[variation[2]] = re.sub(rf"\b({exercises})__\w+", r"\1", text)
    first = notebook.exercises[0].name
    return {**cells, first: "\n".join([*helpers, cells[first]])}


@pytest.mark.parametrize("name", WEIRDEST)
def test_a_notebook_of_the_weirdest_right_answers_has_full_marks_as_a_submission(name, edited, grade):
    assignment, notebook = NOTEBOOKS[name]
    path = assignment.folder / f"{name}.ipynb"
    stubs = [cell.source for cell in read_notebook(path).cells if "# YOUR CODE HERE" in cell.source]
    cells = submitted_cells(notebook, WEIRDEST[name])
    changes = [(next(s for s in stubs if re.match(rf"(def|class) {e}\b", s)), cell) for e, cell in cells.items()]
    graded = grade(edited(path, *changes), assignment=assignment.name)
    assert graded.words == {exercise.name: "done" for exercise in notebook.exercises}
    total = sum(exercise.total for exercise in notebook.exercises)
    assert graded.score == f"{total} / {total}"


@pytest.mark.parametrize(("share", "word"), [(1e-6, "right"), (1e-2, "wrong")])
@pytest.mark.parametrize("got", [np.float32, np.float64])
@pytest.mark.parametrize("expected", [np.float32, np.float64])
def test_answers_to_float32_are_judged_as_float32_whatever_their_own_precision(got, expected, share, word):
    right = np.linspace(0.5, 2.0, 6).reshape(2, 3)
    finding, _ = compare("dW", (right * (1 + share)).astype(got), right.astype(expected), single_precision=True)
    assert bool(finding) == (word == "wrong")


def test_answers_to_float64_are_not_judged_as_float32():
    right = np.linspace(0.5, 2.0, 6)
    assert compare("dW", right * (1 + 1e-6), right)[0]


ODD_CELLS = {
    "hinge_loss_naive": """%matplotlib inline
from numpy import *
from numpy.typing import NDArray
from tqdm import tqdm
calls: int = 0
def hinge_loss_naive(W: NDArray, X: "NDArray", y: NDArray, reg: float = 0.0) -> tuple[float, NDArray]:
    global calls
    calls += 1
    loss, dW = 0.0, zeros_like(W)
    for i in tqdm(range(len(X))):
        s = dot(X[i], W)
        for j in range(W.shape[1]):
            if j == y[i]: continue
            if (m := s[j] - s[y[i]] + 1) > 0:
                loss += m / len(X); dW[:, j] += X[i] / len(X); dW[:, y[i]] -= X[i] / len(X)
    return loss + reg * sum(W**2), dW + 2 * reg * W
""",
    "numerical_slope": """from copy import deepcopy
def numerical_slope(f, W, d, c, h=1e-5):
    Wp = deepcopy(W); Wp[d, c] += h
    Wm = deepcopy(W); Wm[d, c] -= h
    display(Wp)
    return (f(Wp) - f(Wm)) / (2 * h)
""",
    "initial_hinge_loss": "initial_hinge_loss = lambda C, delta=1.0: (C - 1) * delta",
    "hinge_forward": """def shown(f):
    def inner(*args, **kwargs):
        out = f(*args, **kwargs)
        print("hinge_forward:", out)
        return out
    return inner

@shown
def hinge_forward(scores, y, delta=1.0, *, careful=False):
    margins = np.maximum(0, scores - scores[np.arange(len(y)), y][:, None] + delta)
    margins[np.arange(len(y)), y] = 0
    assert not careful or margins.min() >= 0
    return margins.sum() / len(y), margins
""",
    "hinge_backward": """class Backward:
    def __call__(self, violated, y):
        signs = (violated > 0).astype(float)
        signs[np.arange(len(y)), y] = -signs.sum(axis=1)
        return signs / len(y)

hinge_backward = Backward()
""",
    "hinge_loss_vectorized": """def hinge_loss_vectorized(W, X, y, reg):
    loss, margins = hinge_forward(X @ W, y, careful=True)
    dscores = hinge_backward(margins > 0, y)
    return loss + reg * np.sum(W**2), X.T @ dscores + 2 * reg * W
""",
}
"""Right in a notebook, and unlike anything that the kit's authors would write."""


def test_right_answers_in_odd_cells_have_full_marks_as_a_submission(edited, grade):
    path = HOMEWORK_1.folder / "02_hinge_loss.ipynb"
    stubs = [cell.source for cell in read_notebook(path).cells if "# YOUR CODE HERE" in cell.source]
    changes = [(next(s for s in stubs if f"def {name}(" in s), cell) for name, cell in ODD_CELLS.items()]
    graded = grade(edited(path, *changes))
    assert graded.words == dict.fromkeys(ODD_CELLS, "done")


OWN_AXIS = """def softmax(scores, axis=1):
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)
"""
CALLS_OWN_AXIS = """def softmax_loss_naive(W, X, y, reg):
    loss, dW = 0.0, np.zeros_like(W)
    for x, label in zip(X, y):
        p = softmax(x @ W, axis=0)
        loss -= np.log(p[label]) / len(y)
        p[label] -= 1
        dW += np.outer(x, p) / len(y)
    return loss + reg * np.sum(W**2), dW + 2 * reg * W
"""


def test_a_stage_may_have_a_parameter_of_the_students_own(edited, grade):
    path = HOMEWORK_1.solutions / "03_softmax_loss.ipynb"
    solved = [cell.source for cell in read_notebook(path).cells]
    changes = [
        (next(cell for cell in solved if cell.startswith(f"def {name}(")), new)
        for name, new in [("softmax", OWN_AXIS), ("softmax_loss_naive", CALLS_OWN_AXIS)]
    ]
    graded = grade(edited(path, *changes))
    assert set(graded.words.values()) == {"done"}


@pytest.mark.parametrize(
    "code",
    [
        "hinge_backward = lambda margins, y: right(margins, y)",
        "def timed(f):\n    return lambda *args: f(*args)\nhinge_backward = timed(right)",
        "import functools\nhinge_backward = functools.partial(right)",
    ],
    ids=["lambda", "decorated", "partial"],
)
def test_a_function_is_checked_as_what_the_notebook_calls_it(code, monkeypatch):
    import __main__

    namespace = {"right": reference_function(find_exercise("hinge_backward")).function}
    exec(code, namespace)
    monkeypatch.setattr(__main__, "hinge_backward", namespace["hinge_backward"], raising=False)
    report = check(namespace["hinge_backward"])
    assert (report.name, report.word) == ("hinge_backward", "done")


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # np.matrix: which students may still meet
@pytest.mark.parametrize("kind", [np.asmatrix, np.ma.masked_array])
def test_what_is_almost_an_array_is_met_in_a_notebook_as_in_a_submission(kind):
    exercise = find_exercise("hinge_backward")
    right = reference_function(exercise)
    margins, y = np.array([[0.0, 1.5, 0.0], [2.0, 0.0, 0.5]]), np.array([0, 1])
    student = StudentFunction("hinge_backward", LiveNotebook({"hinge_backward": lambda *a: kind(right(*a))}, ""))
    with pytest.raises(Mismatch, match=r"dscores is a \w+, but should be an array of shape \(2, 3\)"):
        assert_matches(student, right, margins, y)


def accepted(name, *args, right=""):
    """Assert that each variation of an exercise matches its reference, or that of `right`, on these arguments."""
    exercise, reference = find_exercise(name), reference_function(find_exercise(right or name))
    for each in variations_of(exercise):
        student = StudentFunction(name, LiveNotebook({name: each.function}, name))
        try:
            assert_matches(student, reference, *args)
        except AssertionError as error:
            error.add_note(f"rejected: {name}__{each.name}")
            raise


@st.composite
def problems(draw):
    """Draw (W, X, y, reg): (D, C), (N, D), (N,) int, with sizes from 1 up, in either precision, or X of integers."""
    N, D, C = draw(st.integers(1, 6)), draw(st.integers(1, 5)), draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    precision, kind = draw(st.sampled_from([np.float64, np.float32])), draw(st.sampled_from(["real", "whole"]))
    W, X = 0.5 * rng.standard_normal((D, C)), rng.standard_normal((N, D))
    X = np.rint(3 * X).astype(np.int64) if kind == "whole" else X.astype(precision)
    return W.astype(precision), X, rng.integers(0, C, N), draw(st.sampled_from([0.0, 0.1, 2.5]))


def keeps_its_distance(W, X, y):
    """Return whether no margin is so close to 0 that rounding decides whether it is violated."""
    scores = X @ W
    return np.abs(scores - scores[np.arange(len(y)), y][:, np.newaxis] + 1).min() > 1e-3


@settings(max_examples=40, deadline=None, derandomize=True)
@given(problems())
def test_right_hinge_losses_are_accepted_on_any_problem(problem):
    assume(keeps_its_distance(*problem[:3]))
    accepted("hinge_loss_naive", *problem)
    accepted("hinge_loss_vectorized", *problem)
    accepted("hinge_loss_naive", *problem, right="hinge_loss_vectorized")


@settings(max_examples=40, deadline=None, derandomize=True)
@given(problems())
def test_right_softmax_losses_are_accepted_on_any_problem(problem):
    W, X, y, _ = problem
    accepted("softmax_loss_naive", *problem)
    accepted("softmax_loss_vectorized", *problem)
    accepted("softmax_loss_naive", *problem, right="softmax_loss_vectorized")
    accepted("softmax_forward", X @ W, y)
    accepted("softmax", X @ W)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(problems(), st.sampled_from([1.0, 0.25]))
def test_right_hinge_stages_are_accepted_on_any_scores(problem, delta):
    W, X, y, _ = problem
    scores = X @ W
    right = scores[np.arange(len(y)), y][:, np.newaxis]
    assume(np.abs(scores - right + delta).min() > 1e-3)
    accepted("hinge_forward", scores, y, delta)
    accepted("hinge_backward", np.maximum(0, scores - right + delta) * (np.arange(W.shape[1]) != y[:, np.newaxis]), y)
