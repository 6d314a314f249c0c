"""The reference answers of 01_gradients are right: by slow loops, by calculus, and by Taylor's theorem."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cs_lib.gradcheck import assert_gradient, numerical_gradient
from cs_lib.reference import gradients as reference

numbers = st.floats(-3, 3)
shapes = arrays.array_shapes(min_dims=0, max_dims=3, max_side=3)
points = arrays.arrays(np.float64, shapes, elements=numbers)
vectors = arrays.arrays(np.float64, st.integers(1, 6), elements=numbers)


def waves(x):
    return float(np.sum(np.sin(x)))


def bowl(x):
    """sum_k x_k**2 + 2 (sum_k x_k)**2, term by term."""
    total = sum(float(each) for each in x)
    return sum(float(each) ** 2 for each in x) + 2 * total**2


@given(arrays.arrays(np.float64, arrays.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=numbers))
def test_no_class_has_a_higher_score_than_the_predicted_one(scores):
    y_pred = reference.predict_labels(scores)
    assert y_pred.shape == scores.shape[:1]
    for i, row in enumerate(scores.tolist()):
        assert row[y_pred[i]] == max(row)


@given(st.integers(1, 9), st.integers(1, 20), st.integers(0, 10**6))
def test_a_minibatch_is_made_of_whole_examples(N, batch_size, seed):
    X, y = np.stack([np.arange(N), -np.arange(N)], axis=1), 10 * np.arange(N)
    X_batch, y_batch = reference.sample_minibatch(X, y, batch_size, np.random.default_rng(seed).choice)
    assert (X_batch.shape, y_batch.shape) == ((batch_size, 2), (batch_size,))
    for (first, second), label in zip(X_batch, y_batch, strict=True):
        assert first == -second == label / 10


def test_every_example_is_drawn_about_equally_often():
    rng = np.random.default_rng(0)
    _, y_batch = reference.sample_minibatch(np.zeros((5, 1)), np.arange(5), 10_000, rng.choice)
    # Four standard deviations of a binomial count of 10,000 draws with probability 1/5.
    np.testing.assert_allclose(np.bincount(y_batch), 2000, atol=160)


def test_score_differences_are_taken_row_by_row():
    scores, right_scores = np.random.default_rng(1).standard_normal((4, 4)), np.arange(4.0)
    differences = reference.score_differences(scores, right_scores)
    for i, j in np.ndindex(4, 4):
        assert differences[i, j] == scores[i, j] - right_scores[i]


@settings(max_examples=40, deadline=None)
@given(points, st.sampled_from([0.5, 0.1, 1e-3]))
def test_difference_quotients_are_within_taylors_bounds(x, h):
    """|f''| and |f'''| of the sine are at most 1; rounding adds at most about 10 units in the last place over h."""
    rounding = 10 * np.finfo(float).eps * (1 + x.size) / h
    forward, central = reference.forward_difference(waves, x, h), reference.central_difference(waves, x, h)
    assert forward.shape == central.shape == x.shape
    assert np.all(np.abs(forward - np.cos(x)) <= h / 2 + rounding)
    assert np.all(np.abs(central - np.cos(x)) <= h**2 / 6 + rounding)


def test_the_forward_difference_of_a_square_is_off_by_exactly_h():
    x = np.array([[1.0, -2.0], [0.5, 4.0]])
    forward = reference.forward_difference(lambda x: np.sum(x**2), x, 0.25)
    np.testing.assert_allclose(forward, 2 * x + 0.25, rtol=1e-12)


def test_the_central_difference_of_a_square_is_exact():
    x = np.array([[1.0, -2.0], [0.5, 4.0]])
    np.testing.assert_allclose(reference.central_difference(lambda x: np.sum(x**2), x, 0.25), 2 * x, rtol=1e-12)


def test_the_central_difference_is_that_of_the_library():
    x = np.random.default_rng(2).standard_normal((3, 2))
    np.testing.assert_allclose(
        reference.central_difference(waves, x, 1e-3), numerical_gradient(waves, x, h=1e-3), rtol=1e-10
    )


@pytest.mark.parametrize("difference", [reference.forward_difference, reference.central_difference])
def test_there_is_a_best_step_neither_the_smallest_nor_the_largest(difference):
    x = np.linspace(0.3, 1.3, 20)
    tiny, middle, large = (np.abs(difference(waves, x, h) - np.cos(x)).mean() for h in (1e-14, 1e-6, 0.3))
    assert middle < tiny / 1000
    assert middle < large / 1000


@given(vectors)
def test_the_bowls_gradient_is_its_slope(x):
    """The central difference of a quadratic function is exact for any step, so a step of 1 leaves rounding alone."""
    for k, slope in enumerate(reference.bowl_gradient(x)):
        nudge = np.arange(len(x)) == k
        assert slope == pytest.approx((bowl(x + nudge) - bowl(x - nudge)) / 2, abs=1e-10)


def test_the_careful_check_agrees_with_the_bowls_gradient():
    x = np.random.default_rng(3).standard_normal(6)
    assert_gradient(bowl, x, reference.bowl_gradient(x))


def test_a_kink_has_two_slopes_and_a_smooth_function_one():
    assert reference.one_sided_slopes(abs, 0.0, 0.5) == (-1, 1)
    assert reference.one_sided_slopes(lambda x: max(0.0, x), 0.0, 0.125) == (0, 1)
    left, right = reference.one_sided_slopes(np.exp, 1.0, 1e-6)
    assert left == pytest.approx(np.e, rel=1e-5)
    assert right == pytest.approx(np.e, rel=1e-5)


@given(vectors, st.floats(0.01, 0.9), st.integers(0, 8))
def test_descent_down_a_round_bowl_shrinks_the_distance_by_the_same_factor_each_step(x, rate, steps):
    path = reference.descend(lambda x: x, x, rate, steps)
    assert path.shape == (steps + 1, len(x))
    for k, place in enumerate(path):
        np.testing.assert_allclose(place, (1 - rate) ** k * x, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("rate", "arrives"), [(0.15, True), (0.19, True), (0.203, False)])
def test_the_bowl_is_left_when_the_learning_rate_exceeds_two_over_its_steepest_curvature(rate, arrives):
    """In two dimensions the bowl's second derivative is [[6, 4], [4, 6]]: 10 along the diagonal, 2 across it."""
    path = reference.descend(reference.bowl_gradient, np.array([2.5, 0.5]), rate, 400)
    assert (np.linalg.norm(path[-1]) < 1e-6) == arrives
