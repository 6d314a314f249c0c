"""The reference answers of 02_two_layer_net are right: by slow loops, by numerical slopes, by published numbers."""

import math

import numpy as np
import pytest

from cs_lib.gradcheck import assert_gradient
from cs_lib.reference import two_layer_net as reference

RNG = np.random.default_rng(0)
N, D, H, C = 6, 4, 5, 3
X, Y = RNG.standard_normal((N, D)), RNG.permutation(np.arange(N) % C)
W1, B1 = RNG.standard_normal((D, H)), RNG.standard_normal(H)
W2, B2 = RNG.standard_normal((H, C)), RNG.standard_normal(C)
REG = 0.1


def loss_by_the_formula(W1, b1, W2, b2):
    """mean of -log p + reg * (sum W1**2 + sum W2**2), example by example and unit by unit."""
    total = 0.0
    for x, k in zip(X, Y, strict=True):
        hidden = [max(0.0, float(x @ W1[:, h]) + b1[h]) for h in range(H)]
        scores = [sum(hidden[h] * W2[h, c] for h in range(H)) + b2[c] for c in range(C)]
        total -= scores[k] - math.log(sum(math.exp(score) for score in scores))
    return total / N + REG * (sum(w**2 for w in W1.ravel()) + sum(w**2 for w in W2.ravel()))


def made_net(dtype=np.float64):
    net = reference.TwoLayerNet(D, H, C, dtype=dtype)
    net.params.update({key: value.astype(dtype) for key, value in zip(net.params, (W1, B1, W2, B2), strict=True)})
    return net


def test_the_loss_is_the_formula():
    loss, _ = made_net().loss(X, Y, REG)
    assert loss == pytest.approx(loss_by_the_formula(W1, B1, W2, B2), rel=1e-12)


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
def test_every_gradient_of_the_net_is_the_formulas_slope(name):
    params = {"W1": W1, "b1": B1, "W2": W2, "b2": B2}
    _, grads = made_net().loss(X, Y, REG)
    assert_gradient(lambda value: loss_by_the_formula(**{**params, name: value}), params[name], grads[name])


def test_each_backward_stage_is_the_slope_of_what_follows_it():
    h1 = reference.forward_hidden(X, W1, B1)
    scores = reference.forward_scores(h1, W2, B2)
    _, probs = reference.forward_loss(scores, Y, W1, W2, REG)
    dscores = reference.backward_scores(probs, Y)
    dh1, dW2, db2 = reference.backward_output(dscores, h1, W2, REG)

    def after(scores, W2=W2):
        return float(reference.forward_loss(scores, Y, W1, W2, REG)[0])

    assert_gradient(after, scores, dscores)
    assert_gradient(lambda h1: after(reference.forward_scores(h1, W2, B2)), h1, dh1)
    assert_gradient(lambda W2: after(reference.forward_scores(h1, W2, B2), W2), W2, dW2)
    assert_gradient(lambda b2: after(reference.forward_scores(h1, W2, b2)), B2, db2)


def test_the_toy_net_of_the_classic_homework_has_its_published_numbers():
    weights, examples = np.random.RandomState(0), np.random.RandomState(1)
    net = reference.TwoLayerNet(4, 10, 3)
    net.params.update(W1=1e-1 * weights.randn(4, 10), b1=np.zeros(10), W2=1e-1 * weights.randn(10, 3), b2=np.zeros(3))
    X, y = 10 * examples.randn(5, 4), np.array([0, 1, 2, 2, 1])
    np.testing.assert_allclose(net.loss(X)[0], [-0.81233741, -1.27654624, -0.70335995], atol=5e-9)
    assert net.loss(X, y, 0.05)[0] == pytest.approx(1.30378789133, abs=5e-12)


def test_float32_stays_float32_in_every_stage():
    loss, grads = made_net(np.float32).loss(X.astype(np.float32), Y, REG)
    assert loss.dtype == np.float32
    assert {grad.dtype for grad in grads.values()} == {np.dtype(np.float32)}
    assert loss == pytest.approx(loss_by_the_formula(W1, B1, W2, B2), rel=1e-5)


def test_scores_of_any_size_have_a_finite_loss():
    scores = np.array([[1000.0, -1000.0, 0.0], [-1e6, -1e6 - 1, -1e6]])
    loss, probs = reference.forward_loss(scores, np.array([1, 0]), W1, W2, 0.0)
    assert loss == pytest.approx((2000 + math.log(2 + math.exp(-1))) / 2)
    np.testing.assert_allclose(probs.sum(axis=1), 1)


def test_a_net_begins_with_small_weights_and_no_biases():
    net = reference.TwoLayerNet(100, 50, 10, weight_scale=0.1, rng=np.random.default_rng(3))
    again = reference.TwoLayerNet(100, 50, 10, weight_scale=0.1, rng=np.random.default_rng(3))
    assert not net.params["b1"].any()
    assert not net.params["b2"].any()
    assert net.params["W1"].std() == pytest.approx(0.1, rel=0.05)
    np.testing.assert_array_equal(net.params["W2"], again.params["W2"])
    assert reference.TwoLayerNet(4, 3, 10).loss(X, RNG.integers(0, 10, N))[0] == pytest.approx(math.log(10), abs=1e-6)


def test_the_class_with_the_highest_score_is_predicted():
    net = made_net()
    np.testing.assert_array_equal(net.predict(X), [int(np.argmax(row)) for row in net.loss(X)])


def test_eleven_lines_learn_the_four_rows():
    X = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    y = np.array([[0.0], [1], [1], [0]])
    rng = np.random.default_rng(1)
    first = 2 * rng.random((3, 4)) - 1, 2 * rng.random((4, 1)) - 1
    *_, outputs = reference.train_eleven_line_net(X, y, *first, 60_000)
    assert np.abs(outputs - y).max() < 0.02


def test_an_eleven_line_step_goes_down_the_slope_of_half_the_squares():
    X, y = RNG.standard_normal((5, 3)), RNG.integers(0, 2, (5, 1)).astype(float)
    W1, W2 = RNG.standard_normal((3, 4)), RNG.standard_normal((4, 1))
    stepped = reference.train_eleven_line_net(X, y, W1, W2, 1)

    def half_squares(W1, W2):
        sums = (1 / (1 + np.exp(-X @ W1))) @ W2
        return float(0.5 * np.sum((y - 1 / (1 + np.exp(-sums))) ** 2))

    assert_gradient(lambda W: half_squares(W, W2), W1, W1 - stepped[0])
    assert_gradient(lambda W: half_squares(W1, W), W2, W2 - stepped[1])
