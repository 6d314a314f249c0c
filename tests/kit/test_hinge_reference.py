"""The reference answers of 02_hinge_loss are right: by the formula written out, by finite differences, on digits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_lib.datasets import add_bias_column, load_digits
from cs_lib.gradcheck import assert_gradient
from cs_lib.reference import hinge_loss as reference
from cs_lib.training import LinearClassifier, accuracy, train

sizes = st.integers(1, 7)


def random_problem(seed, N, D, C):
    rng = np.random.default_rng(seed)
    return 0.5 * rng.standard_normal((D, C)), rng.standard_normal((N, D)), rng.integers(0, C, N)


def loss_by_the_formula(W, X, y, reg, delta=1.0):
    """(1/N) sum_i sum_{j != y_i} max(0, s_j - s_{y_i} + delta) + reg sum W**2, term by term."""
    N, D, C = *X.shape, W.shape[1]
    total = 0.0
    for i in range(N):
        scores = [sum(X[i, d] * W[d, c] for d in range(D)) for c in range(C)]
        total += sum(max(0.0, scores[j] - scores[y[i]] + delta) for j in range(C) if j != y[i])
    return total / N + reg * sum(weight**2 for weight in W.ravel())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), sizes, sizes, sizes, st.sampled_from([0.0, 0.1, 3.0]))
def test_both_losses_are_the_formula(seed, N, D, C, reg):
    W, X, y = random_problem(seed, N, D, C)
    expected = loss_by_the_formula(W, X, y, reg)
    assert reference.hinge_loss_naive(W, X, y, reg)[0] == pytest.approx(expected, rel=1e-12)
    assert reference.hinge_loss_vectorized(W, X, y, reg)[0] == pytest.approx(expected, rel=1e-12)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), sizes, sizes, sizes, st.sampled_from([0.0, 0.1, 3.0]))
def test_both_gradients_are_the_formulas_slopes(seed, N, D, C, reg):
    W, X, y = random_problem(seed, N, D, C)
    for loss_function in (reference.hinge_loss_naive, reference.hinge_loss_vectorized):
        assert_gradient(lambda W: loss_by_the_formula(W, X, y, reg), W, loss_function(W, X, y, reg)[1])


def test_the_stages_are_each_others_slopes():
    rng = np.random.default_rng(5)
    scores, y = rng.standard_normal((6, 4)), rng.integers(0, 4, 6)
    loss, margins = reference.hinge_forward(scores, y)
    dscores = reference.hinge_backward(margins, y)
    assert loss == pytest.approx(loss_by_the_formula(np.eye(4), scores, y, 0.0))
    assert_gradient(lambda s: loss_by_the_formula(np.eye(4), s, y, 0.0), scores, dscores)


def test_the_lectures_three_pictures_lose_2_9_nothing_and_12_9():
    scores = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
    _, margins = reference.hinge_forward(scores, np.array([0, 1, 2]))
    np.testing.assert_allclose(margins.sum(axis=1), [2.9, 0.0, 12.9])


def test_the_initial_loss_is_the_number_of_wrong_classes_times_delta():
    W, X, y = np.zeros((3, 10)), np.ones((5, 3)), np.arange(5)
    assert reference.initial_hinge_loss(10) == 9
    assert reference.hinge_loss_naive(W, X, y, 0.0)[0] == pytest.approx(9)
    assert reference.hinge_forward(X @ W, y, delta=0.5)[0] == pytest.approx(reference.initial_hinge_loss(10, 0.5))


@pytest.mark.parametrize(("p", "h"), [(2, 0.5), (3, 1e-4)])
def test_the_numerical_slope_is_that_of_a_power(p, h):
    W = np.array([[1.0, 2.0], [3.0, -1.0]])
    slope = reference.numerical_slope(lambda W: np.sum(W**p), W, 1, 0, h)
    assert slope == pytest.approx(p * 3.0 ** (p - 1), rel=1e-8)


def test_float32_stays_float32():
    W, X, y = random_problem(0, 5, 4, 3)
    _, dW = reference.hinge_loss_vectorized(W.astype(np.float32), X.astype(np.float32), y, 0.1)
    assert dW.dtype == np.float32


@pytest.mark.parametrize("seed", range(3))
def test_the_classifier_reads_at_least_93_percent_of_the_test_digits(seed):
    digits = load_digits()
    model = LinearClassifier(reference.hinge_loss_vectorized, 65, 10, rng=np.random.default_rng(seed))
    rng = np.random.default_rng([seed, 1])
    X_train, X_test = add_bias_column(digits.X_train), add_bias_column(digits.X_test)
    train(model, X_train, digits.y_train, learning_rate=0.1, reg=1e-3, steps=1500, rng=rng, progress=False)
    assert accuracy(model, X_test, digits.y_test) >= 0.93
