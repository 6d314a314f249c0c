"""The hidden tests of 02_hinge_loss: the same behaviours on other problems, and the edges."""

import numpy as np
import pytest

from cs_lib.checking import assert_matches, exercise


@exercise("hinge_loss_naive")
def test_naive_loss_on_another_problem(student, reference, hidden_problem):
    """It is right on a problem that the public checks do not use."""
    p = hidden_problem
    assert_matches(student.hinge_loss_naive, reference.hinge_loss_naive, p.W, p.X, p.y, p.reg)


@exercise("hinge_loss_naive")
def test_naive_loss_of_a_single_example(student, reference, hidden_problem):
    """A minibatch may hold one example."""
    p = hidden_problem
    assert_matches(student.hinge_loss_naive, reference.hinge_loss_naive, p.W, p.X[:1], p.y[:1], p.reg)


@exercise("hinge_loss_naive")
def test_naive_loss_of_whole_numbers(student, reference, hidden_problem):
    """X may hold whole numbers, such as pixel values."""
    p = hidden_problem
    X = np.rint(3 * p.X).astype(np.int64)
    assert_matches(student.hinge_loss_naive, reference.hinge_loss_naive, p.W, X, p.y, p.reg)


@exercise("numerical_slope")
def test_slope_is_centred(student, reference, hidden_problem):
    """The two points lie on both sides of W, so that the slope of a square is exact even for a large h."""

    def weighted_squares(W):
        return float(np.sum(np.arange(W.size).reshape(W.shape) * W**2))

    W = hidden_problem.W
    assert_matches(student.numerical_slope, reference.numerical_slope, weighted_squares, W, 2, 3, 0.25)


@exercise("initial_hinge_loss")
def test_initial_loss_of_many_classes(student, reference):
    """A thousand classes are no exception."""
    assert_matches(student.initial_hinge_loss, reference.initial_hinge_loss, 1000)


@exercise("hinge_forward")
def test_forward_on_another_problem(student, reference, hidden_problem):
    """It is right on a problem that the public checks do not use."""
    assert_matches(student.hinge_forward, reference.hinge_forward, hidden_problem.scores, hidden_problem.y)


@exercise("hinge_forward")
@pytest.mark.parametrize(("N", "C"), [(1, 5), (4, 1), (5, 2)])
def test_forward_of_small_minibatches(student, reference, N, C):
    """One example, one class or two classes are no exceptions."""
    rng = np.random.default_rng([N, C])
    scores, y = 2 * rng.standard_normal((N, C)), rng.integers(0, C, N)
    assert_matches(student.hinge_forward, reference.hinge_forward, scores, y)


@exercise("hinge_backward")
def test_backward_on_another_problem(student, reference, hidden_problem):
    """It is right on a problem that the public checks do not use."""
    assert_matches(student.hinge_backward, reference.hinge_backward, hidden_problem.margins, hidden_problem.y)


@exercise("hinge_backward")
def test_backward_of_a_single_example(student, reference, hidden_problem):
    """A minibatch may hold one example."""
    p = hidden_problem
    assert_matches(student.hinge_backward, reference.hinge_backward, p.margins[:1], p.y[:1])


@exercise("hinge_backward")
def test_backward_when_all_examples_have_one_class(student, reference, hidden_problem):
    """The right class may be the same throughout."""
    margins = hidden_problem.margins
    y = np.full(len(margins), 2)
    margins[:, 2] = 0
    assert_matches(student.hinge_backward, reference.hinge_backward, margins, y)


@exercise("hinge_loss_vectorized")
def test_composed_loss_on_another_problem(student, reference, hidden_problem):
    """It is right on a problem that the public checks do not use."""
    p = hidden_problem
    assert_matches(student.hinge_loss_vectorized, reference.hinge_loss_vectorized, p.W, p.X, p.y, p.reg)


@exercise("hinge_loss_vectorized")
def test_composed_loss_of_a_single_example(student, reference, hidden_problem):
    """A minibatch may hold one example."""
    p = hidden_problem
    assert_matches(student.hinge_loss_vectorized, reference.hinge_loss_vectorized, p.W, p.X[:1], p.y[:1], p.reg)
