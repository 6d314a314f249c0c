"""The reference answers of 03_softmax_loss are right: by the formula written out, by finite differences, on digits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_lib.datasets import add_bias_column, load_digits
from cs_lib.gradcheck import assert_gradient
from cs_lib.reference import softmax_loss as reference
from cs_lib.training import LinearClassifier, accuracy, train

sizes = st.integers(1, 7)
seeds = st.integers(0, 10**6)


def random_problem(seed, N, D, C):
    rng = np.random.default_rng(seed)
    return 0.5 * rng.standard_normal((D, C)), rng.standard_normal((N, D)), rng.integers(0, C, N)


def softmax_by_the_formula(row):
    """exp(s_j) / sum_k exp(s_k) of one row, with Python's own exp and an exact sum."""
    powers = [math.exp(score) for score in row]
    return np.array([power / math.fsum(powers) for power in powers])


def loss_by_the_formula(W, X, y, reg):
    """(1/N) sum_i -log softmax(x_i W)[y_i] + reg sum W**2, term by term."""
    N, D, C = *X.shape, W.shape[1]
    total = 0.0
    for i in range(N):
        scores = [sum(X[i, d] * W[d, c] for d in range(D)) for c in range(C)]
        total -= math.log(softmax_by_the_formula(scores)[y[i]])
    return total / N + reg * sum(weight**2 for weight in W.ravel())


@settings(max_examples=40, deadline=None)
@given(seeds, sizes, sizes, sizes, st.sampled_from([0.0, 0.1, 3.0]))
def test_both_losses_are_the_formula(seed, N, D, C, reg):
    W, X, y = random_problem(seed, N, D, C)
    expected = loss_by_the_formula(W, X, y, reg)
    assert reference.softmax_loss_naive(W, X, y, reg)[0] == pytest.approx(expected, rel=1e-12)
    assert reference.softmax_loss_vectorized(W, X, y, reg)[0] == pytest.approx(expected, rel=1e-12)


@settings(max_examples=20, deadline=None)
@given(seeds, sizes, sizes, sizes, st.sampled_from([0.0, 0.1, 3.0]))
def test_both_gradients_are_the_formulas_slopes(seed, N, D, C, reg):
    W, X, y = random_problem(seed, N, D, C)
    for loss_function in (reference.softmax_loss_naive, reference.softmax_loss_vectorized):
        assert_gradient(lambda W: loss_by_the_formula(W, X, y, reg), W, loss_function(W, X, y, reg)[1])


@settings(max_examples=40, deadline=None)
@given(seeds, sizes, sizes, st.floats(-1000, 1000))
def test_a_shift_of_a_row_changes_no_probability(seed, N, C, shift):
    scores = np.random.default_rng(seed).standard_normal((N, C))
    expected = np.array([softmax_by_the_formula(row) for row in scores])
    shifts = shift * np.arange(N)[:, np.newaxis]
    np.testing.assert_allclose(reference.softmax(scores + shifts), expected, rtol=1e-9)


@settings(max_examples=20, deadline=None)
@given(seeds, st.integers(1, 6))
def test_the_jacobian_holds_the_slopes_of_softmax(seed, C):
    scores = np.random.default_rng(seed).standard_normal(C)
    J = reference.softmax_jacobian(softmax_by_the_formula(scores))
    for i in range(C):
        assert_gradient(lambda scores, i=i: softmax_by_the_formula(scores)[i], scores, J[i])


def test_every_row_and_column_of_the_jacobian_adds_up_to_0():
    J = reference.softmax_jacobian(np.array([0.2, 0.5, 0.3]))
    np.testing.assert_allclose([J.sum(axis=0), J.sum(axis=1)], 0, atol=1e-15)


def test_the_lectures_picture_of_scores_3_2_5_1_and_minus_1_7_loses_2_04():
    scores, y = np.array([[3.2, 5.1, -1.7]]), np.array([0])
    loss, probs = reference.softmax_forward(scores, y)
    np.testing.assert_allclose(probs, [[0.13, 0.87, 0.00]], atol=0.005)
    assert loss == pytest.approx(2.04, abs=0.005)
    assert reference.cross_entropy(reference.softmax(scores), y) == pytest.approx(loss)


def test_the_backward_stage_is_the_chain_rule_through_the_jacobian():
    rng = np.random.default_rng(5)
    probs, y = rng.dirichlet(np.ones(4), 6), rng.integers(0, 4, 6)
    dscores = reference.softmax_backward(probs, y)
    for row, right, dscore in zip(probs, y, dscores, strict=True):
        dprobs = np.zeros(4)
        dprobs[right] = -1 / row[right] / 6
        np.testing.assert_allclose(dscore, dprobs @ reference.softmax_jacobian(row), rtol=1e-12)


@pytest.mark.parametrize("C", [1, 2, 10])
def test_the_initial_loss_is_the_logarithm_of_the_number_of_classes(C):
    loss, _ = reference.softmax_forward(np.zeros((3, C)), np.zeros(3, dtype=int))
    assert reference.initial_softmax_loss(C) == pytest.approx(loss) == pytest.approx(math.log(C))


def test_neither_1000_nor_rows_2000_apart_overflow():
    W, X, y = random_problem(3, 9, 4, 3)
    expected = loss_by_the_formula(W, X, y, 0.0)
    far = np.vstack([W, np.full((1, 3), 1000.0)])
    for lifts in (np.ones(9), np.arange(9) % 3 - 1):
        lifted = np.column_stack([X, lifts])
        with np.errstate(all="raise"):
            naive = reference.softmax_loss_naive(far, lifted, y, 0.0)
            vectorised = reference.softmax_loss_vectorized(far, lifted, y, 0.0)
        assert naive[0] == pytest.approx(expected)
        assert vectorised[0] == pytest.approx(expected)
        np.testing.assert_allclose(naive[1], vectorised[1], rtol=1e-9, atol=1e-12)


def test_float32_stays_float32():
    W, X, y = random_problem(0, 5, 4, 3)
    _, dW = reference.softmax_loss_vectorized(W.astype(np.float32), X.astype(np.float32), y, 0.1)
    assert dW.dtype == np.float32


@pytest.mark.parametrize("seed", range(3))
def test_the_classifier_reads_at_least_94_percent_of_the_test_digits(seed):
    digits = load_digits()
    model = LinearClassifier(reference.softmax_loss_vectorized, 65, 10, rng=np.random.default_rng(seed))
    rng = np.random.default_rng([seed, 1])
    X_train, X_test = add_bias_column(digits.X_train), add_bias_column(digits.X_test)
    train(model, X_train, digits.y_train, learning_rate=0.3, reg=1e-4, steps=1500, rng=rng, progress=False)
    assert accuracy(model, X_test, digits.y_test) >= 0.94
