"""What is not vectorised is found in every vectorised exercise, with its line, by its public tests alone."""

import gc
import itertools
import linecache

import numpy as np
import pytest

from cs_lib.bytecodes import count_bytecodes
from cs_lib.checking.catalogue import reference_module
from cs_lib.checking.doors import LiveNotebook
from cs_lib.checking.running import public_tests, run_tests
from cs_lib.course import find_exercise, load_assignment

SLOW = {
    "hinge_forward, np.vectorize": """
def hinge_forward(scores, y, delta=1.0):
    right = scores[np.arange(len(y)), y][:, np.newaxis]
    hinge = np.vectorize(lambda s, r: max(0.0, s - r + delta))  # here
    margins = hinge(scores, right)
    margins[np.arange(len(y)), y] = 0
    return margins.sum() / len(y), margins
""",
    "hinge_forward, np.apply_along_axis": """
def hinge_forward(scores, y, delta=1.0):
    def row(s_and_label):
        s, label = s_and_label[:-1], int(s_and_label[-1])
        return np.maximum(0, s - s[label] + delta) * (np.arange(len(s)) != label)  # here

    margins = np.apply_along_axis(row, 1, np.column_stack([scores, y]))
    return margins.sum() / len(y), margins
""",
    "hinge_forward, list comprehension": """
def hinge_forward(scores, y, delta=1.0):
    right = np.array([scores[i, y[i]] for i in range(len(y))])  # here
    margins = np.maximum(0, scores - right[:, None] + delta)
    margins[np.arange(len(y)), y] = 0
    return margins.sum() / len(y), margins
""",
    "hinge_forward, map with a lambda": """
def hinge_forward(scores, y, delta=1.0):
    right = np.array(list(map(lambda row, c: row[c], scores, y)))  # here
    margins = np.maximum(0, scores - right[:, None] + delta)
    margins[np.arange(len(y)), y] = 0
    return margins.sum() / len(y), margins
""",
    "hinge_forward, a loop in a helper": """
def right_scores(scores, y):
    right = np.zeros((len(y), 1))
    for i, c in enumerate(y):
        right[i] = scores[i, c]  # here
    return right

def hinge_forward(scores, y, delta=1.0):
    margins = np.maximum(0, scores - right_scores(scores, y) + delta)
    margins[np.arange(len(y)), y] = 0
    return margins.sum() / len(y), margins
""",
    "hinge_forward, a generator": """
def hinge_forward(scores, y, delta=1.0):
    margins = np.maximum(0, scores - scores[np.arange(len(y)), y][:, None] + delta)
    margins[np.arange(len(y)), y] = 0
    return sum(float(m) for m in margins.sum(axis=1)) / len(y), margins  # here
""",
    "hinge_backward, np.vectorize": """
def hinge_backward(margins, y):
    dscores = np.vectorize(lambda m: 1.0 if m > 0 else 0.0)(margins)  # here
    dscores[np.arange(len(y)), y] = -dscores.sum(axis=1)
    return dscores / len(y)
""",
    "hinge_backward, np.apply_along_axis": """
def hinge_backward(margins, y):
    counts = np.apply_along_axis(lambda row: (row > 0).sum(), 1, margins)  # here
    dscores = (margins > 0) * 1.0
    dscores[np.arange(len(y)), y] = -counts
    return dscores / len(y)
""",
    "hinge_backward, list comprehension": """
def hinge_backward(margins, y):
    dscores = np.array([np.where(row > 0, 1.0, 0.0) for row in margins])  # here
    dscores[np.arange(len(y)), y] = -dscores.sum(axis=1)
    return dscores / len(y)
""",
    "hinge_backward, map with a lambda": """
def hinge_backward(margins, y):
    dscores = (margins > 0) / len(y)
    dscores[np.arange(len(y)), y] = list(map(lambda row: -row.sum(), dscores))  # here
    return dscores
""",
    "hinge_backward, a while loop": """
def hinge_backward(margins, y):
    dscores = (margins > 0) / len(y)
    i = 0
    while i < len(y):
        dscores[i, y[i]] = -dscores[i].sum()  # here
        i += 1
    return dscores
""",
    "hinge_loss_vectorized, the naive one": """
def hinge_loss_naive(W, X, y, reg):
    loss, dW = 0.0, np.zeros_like(W)
    for i in range(len(y)):
        scores = X[i] @ W
        for j in range(W.shape[1]):
            margin = scores[j] - scores[y[i]] + 1  # here
            if j != y[i] and margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    return loss / len(y) + reg * np.sum(W**2), dW / len(y) + 2 * reg * W

def hinge_loss_vectorized(W, X, y, reg):
    return hinge_loss_naive(W, X, y, reg)
""",
    "hinge_loss_vectorized, outer products one by one": """
def hinge_loss_vectorized(W, X, y, reg):
    loss, margins = hinge_forward(X @ W, y)
    dscores = hinge_backward(margins, y)
    dW = sum([np.outer(x, d) for x, d in zip(X, dscores)])  # here
    return loss + reg * np.sum(W**2), dW + 2 * reg * W
""",
    "softmax_forward, np.apply_along_axis": """
def softmax_forward(scores, y):
    def stable(row):
        powers = np.exp(row - row.max())  # here
        return powers / powers.sum()

    probs = np.apply_along_axis(stable, 1, scores)
    return -np.log(probs[np.arange(len(y)), y]).mean(), probs
""",
    "softmax_forward, list comprehension": """
def softmax_forward(scores, y):
    shifted = scores - scores.max(axis=1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    return -np.mean([np.log(probs[i, y[i]]) for i in range(len(y))]), probs  # here
""",
    "softmax_forward, np.vectorize": """
import math
def softmax_forward(scores, y):
    powers = np.vectorize(lambda s: math.exp(s))(scores - scores.max(axis=1, keepdims=True))  # here
    probs = powers / powers.sum(axis=1, keepdims=True)
    return -np.log(probs[np.arange(len(y)), y]).mean(), probs
""",
    "softmax_backward, map with a lambda": """
def softmax_backward(probs, y):
    hot = np.array(list(map(lambda c: np.eye(probs.shape[1])[c], y)))  # here
    return (probs - hot) / len(y)
""",
    "softmax_backward, a loop": """
def softmax_backward(probs, y):
    dscores = probs / len(y)
    for i in range(len(y)):
        dscores[i, y[i]] -= 1 / len(y)  # here
    return dscores
""",
    "softmax_loss_vectorized, a row at a time": """
def softmax_loss_vectorized(W, X, y, reg):
    scores = np.stack([W.T @ x for x in X])  # here
    loss, probs = softmax_forward(scores, y)
    return loss + reg * np.sum(W**2), X.T @ softmax_backward(probs, y) + 2 * reg * W
""",
}
"""Right answers that are not vectorised, by exercise and way; the line to be named ends in `# here`."""

cells = itertools.count(1)


def run_cell(source, namespace):
    """Run a cell as a notebook does, so that its lines can be found again by its name."""
    name = f"<ipython-input-{next(cells)}-vectorised>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), namespace)


def public_results(exercise, source):
    """Return what the public tests say of the exercise answered by a cell, beside right answers to the others."""
    assignment = load_assignment(exercise.assignment)
    namespace = dict(vars(reference_module(exercise)))
    run_cell(source.strip("\n"), namespace)
    file = public_tests(assignment, assignment.notebook(exercise.notebook))
    return run_tests([file], LiveNotebook(namespace, exercise.name)).results


@pytest.mark.parametrize("case", SLOW)
def test_what_is_not_vectorised_is_found_with_its_line(case):
    exercise = find_exercise(case.split(",")[0])
    lines = SLOW[case].strip("\n").split("\n")
    failed = [each for each in public_results(exercise, SLOW[case]) if each.word != "passed"]
    assert [each.sentence for each in failed] == ["More examples take no more steps in Python"]
    line = next(number for number, text in enumerate(lines, 1) if text.endswith("# here"))
    assert f"Line {line} of your function's cell: {lines[line - 1].strip()}" in failed[0].message


def test_the_line_is_named_in_a_submission_too(edited, grade, solved_hinge):
    slow = "dscores = np.array([np.where(row > 0, 1.0, 0.0) for row in margins])"
    graded = grade(edited(solved_hinge, ("dscores = (margins > 0).astype(margins.dtype)", slow)))
    assert graded.words["hinge_backward"] == "wrong"
    assert graded.words["hinge_loss_vectorized"] == "done"
    assert slow in graded.output


def test_what_c_code_does_by_itself_is_no_loop_in_python():
    source = """
def hinge_backward(margins, y):
    dscores = (margins > 0) / len(y)
    dscores[list(range(len(y))), y.tolist()] = -sum(dscores.T)
    return dscores
"""
    assert {each.word for each in public_results(find_exercise("hinge_backward"), source)} == {"passed"}


def test_printing_the_arrays_is_no_loop():
    source = """
def hinge_backward(margins, y):
    print(margins, f"{y}", repr(margins))
    dscores = (margins > 0) / len(y)
    dscores[np.arange(len(y)), y] = -dscores.sum(axis=1)
    return dscores
"""
    assert {each.word for each in public_results(find_exercise("hinge_backward"), source)} == {"passed"}


def test_a_loop_around_printing_is_a_loop():
    source = """
def hinge_backward(margins, y):
    for row in margins:
        print(row)
    dscores = (margins > 0) / len(y)
    dscores[np.arange(len(y)), y] = -dscores.sum(axis=1)
    return dscores
"""
    failed = [each for each in public_results(find_exercise("hinge_backward"), source) if each.word != "passed"]
    assert len(failed) == 1
    assert "Line 3 of your function's cell: print(row)" in failed[0].message


def test_what_the_garbage_collector_runs_is_not_counted():
    class Loop:
        def __init__(self):
            self.itself = self

        def __del__(self):
            for _ in range(100):
                pass

    def allocates(times):
        return [[] for _ in range(2000)] if times else None

    def counted(loops):
        for _ in range(loops):
            Loop()
        return sum(count_bytecodes(allocates, True).values())

    threshold = gc.get_threshold()
    gc.collect()
    gc.set_threshold(1000, *threshold[1:])
    try:
        counts = [counted(loops) for loops in (0, 5, 0, 20)]
    finally:
        gc.set_threshold(*threshold)
        gc.collect()
    assert len(set(counts)) == 1
    assert gc.isenabled()


def test_every_vectorised_exercise_has_its_slow_answers():
    judged = {"hinge_forward", "hinge_backward", "hinge_loss_vectorized"}
    judged |= {"softmax_forward", "softmax_backward", "softmax_loss_vectorized"}
    assert {case.split(",")[0] for case in SLOW} == judged
    assert np.all([case.count(",") == 1 for case in SLOW])
