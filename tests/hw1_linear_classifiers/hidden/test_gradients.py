"""The hidden tests of 01_gradients: the same behaviours on other inputs, and the edges."""

import numpy as np
import pytest

from cs_lib.checking import assert_matches, exercise


def choose(*args, **kwargs):
    """Draw as rng.choice does, and the same whenever it is asked the same."""
    return np.random.default_rng(9).choice(*args, **kwargs)


def ripples(x):
    weights = np.arange(2.0, x.size + 2).reshape(x.shape)
    return float(np.sum(np.cos(weights * x)) + np.sum(weights * x) ** 2)


def hinge(x):
    return max(0.0, 3 * x + 1)


def skewed_bowl(x):
    return (x - 2) * np.arange(len(x), 0.0, -1) + x[::-1] / 8


@exercise("predict_labels")
@pytest.mark.parametrize(("N", "C"), [(1, 6), (6, 1), (3, 3), (50, 2)])
def test_predictions_for_any_number_of_examples_and_classes(student, reference, N, C):
    """One example or one class are no exceptions."""
    scores = np.random.default_rng([N, C]).standard_normal((N, C))
    assert_matches(student.predict_labels, reference.predict_labels, scores)


@exercise("sample_minibatch")
def test_a_minibatch_of_other_data(student, reference, hidden_problem):
    """It is right on data that the public checks do not use."""
    p = hidden_problem
    assert_matches(student.sample_minibatch, reference.sample_minibatch, p.X, p.y, 9, choose)


@exercise("sample_minibatch")
@pytest.mark.parametrize("N", [1, 6])
def test_a_minibatch_of_one(student, reference, hidden_problem, N):
    """A minibatch may hold one example, and so may the data."""
    p = hidden_problem
    assert_matches(student.sample_minibatch, reference.sample_minibatch, p.X[:N], p.y[:N], 1, choose)


@exercise("score_differences")
@pytest.mark.parametrize(("N", "C"), [(1, 5), (5, 1), (1, 1), (2, 7)])
def test_differences_for_any_number_of_examples_and_classes(student, reference, N, C):
    """One example or one class are no exceptions."""
    rng = np.random.default_rng([N, C])
    scores, right_scores = rng.standard_normal((N, C)), rng.standard_normal(N)
    assert_matches(student.score_differences, reference.score_differences, scores, right_scores)


@exercise("forward_difference")
@pytest.mark.parametrize("shape", [(1,), (4, 1), (2, 3, 2)], ids=str)
def test_forward_difference_for_any_shape(student, reference, shape):
    """A single number and an array of three axes are no exceptions."""
    x = np.random.default_rng(len(shape)).standard_normal(shape)
    assert_matches(student.forward_difference, reference.forward_difference, ripples, np.asarray(x), 0.125)


@exercise("central_difference")
@pytest.mark.parametrize("shape", [(1,), (4, 1), (2, 3, 2)], ids=str)
def test_central_difference_for_any_shape(student, reference, shape):
    """A single number and an array of three axes are no exceptions."""
    x = np.random.default_rng(len(shape)).standard_normal(shape)
    assert_matches(student.central_difference, reference.central_difference, ripples, np.asarray(x), 0.125)


@exercise("bowl_gradient")
@pytest.mark.parametrize("D", [1, 2, 9])
def test_the_bowl_in_any_number_of_dimensions(student, reference, D):
    """It is right for any number of entries."""
    assert_matches(student.bowl_gradient, reference.bowl_gradient, np.random.default_rng(D).standard_normal(D))


@exercise("one_sided_slopes")
def test_slopes_of_another_kink(student, reference):
    """It is right for a function that the public checks do not use."""
    for x, h in [(-1 / 3, 0.25), (0.0, 0.5), (-2.0, 0.125)]:
        assert_matches(student.one_sided_slopes, reference.one_sided_slopes, hinge, x, h)


@exercise("descend")
def test_descent_down_another_bowl(student, reference):
    """It is right on a surface that the public checks do not use."""
    x = np.array([0.5, 4.0, -1.0, 2.5])
    assert_matches(student.descend, reference.descend, skewed_bowl, x, 0.05, 7)


@exercise("descend")
@pytest.mark.parametrize("steps", [0, 1])
def test_descent_of_few_steps(student, reference, steps):
    """No step at all leaves the start alone in the path."""
    assert_matches(student.descend, reference.descend, skewed_bowl, np.array([1.0, -1.0]), 0.2, steps)
