"""The reference answers of 03_capacity are right: by loops over single numbers, by hand, and on what they teach."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_lib.datasets import make_circles, make_moons, make_spirals
from cs_lib.reference import capacity as reference
from cs_lib.reference.two_layer_net import TwoLayerNet
from cs_lib.training import accuracy, train

sizes = st.integers(1, 6)


def rate_by_the_formula(inputs, weights, bias):
    """1 / (1 + exp(-(sum_d inputs_d weights_d + bias))), one term after the other."""
    total = bias
    for x, w in zip(inputs, weights, strict=True):
        total += x * w
    return 1 / (1 + math.exp(-total))


def score_by_loops(x, layers):
    """One example through layers (W, b), neuron by neuron; the last without a sigmoid."""
    *hidden, (W, b) = layers
    for weights, biases in hidden:
        x = [rate_by_the_formula(x, column, bias) for column, bias in zip(weights.T, biases, strict=True)]
    return sum(value * weight for value, weight in zip(x, W[:, 0], strict=True)) + b[0]


def test_a_tick_with_numbers_worked_by_hand():
    # 2·(−1) + (−3)·(−2) − 3 = 1, the neuron of the lecture on circuits, whose output is 0.73.
    rate = reference.neuron_tick(np.array([-1.0, -2.0]), np.array([2.0, -3.0]), -3.0)
    assert rate == pytest.approx(1 / (1 + math.exp(-1)))
    assert round(float(rate), 2) == 0.73
    assert reference.neuron_tick(np.zeros(3), np.ones(3), 0.0) == 0.5


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), sizes, sizes, sizes)
def test_a_layer_is_each_neuron_on_each_example(seed, N, D, H):
    rng = np.random.default_rng(seed)
    X, W, b = rng.standard_normal((N, D)), rng.standard_normal((D, H)), rng.standard_normal(H)
    expected = [[rate_by_the_formula(x, W[:, j], b[j]) for j in range(H)] for x in X]
    np.testing.assert_allclose(reference.layer_of_neurons(X, W, b), expected, rtol=1e-12)
    assert reference.neuron_tick(X[0], W[:, 0], b[0]) == pytest.approx(expected[0][0], rel=1e-12)


@pytest.mark.parametrize("net", [(3, 4, 4), (5, 2, 3), (1, 1, 1)])
def test_three_layers_are_the_loops_over_neurons(net):
    rng = np.random.default_rng(net)
    joints = zip(net, [*net[1:], 1], strict=True)
    layers = [(rng.standard_normal((D, H)), rng.standard_normal(H)) for D, H in joints]
    X = rng.standard_normal((6, net[0]))
    scores = reference.three_layer_forward(X, *[each for layer in layers for each in layer])
    np.testing.assert_allclose(scores, [[score_by_loops(x, layers)] for x in X], rtol=1e-12)


def test_the_lectures_net_has_32_weights_and_9_biases_41_in_all():
    assert reference.count_parameters([3, 4, 4, 1]) == (12 + 16 + 4, 4 + 4 + 1)
    assert sum(reference.count_parameters([3, 4, 4, 1])) == 41


@pytest.mark.parametrize("net", [(2, 3, 3), (2, 6, 2), (64, 50, 10)])
def test_the_count_is_the_size_of_a_nets_arrays(net):
    arrays = TwoLayerNet(*net).params
    weights, biases = reference.count_parameters(list(net))
    assert weights == arrays["W1"].size + arrays["W2"].size
    assert biases == arrays["b1"].size + arrays["b2"].size


def points(made):
    X, y = made
    return 5 * X, y


def draw(seed):
    """The notebook's data sets, as it draws them with seed 0, and new points of the same kinds with any other."""
    rngs = (np.random.default_rng(seed) for _ in range(3))
    made = make_spirals(60, 3, 0.06, next(rngs)), make_moons(150, 0.3, next(rngs)), make_circles(150, 0.2, next(rngs))
    return dict(zip(("spirals", "moons", "circles"), map(points, made), strict=True))


def trained(hidden_size, reg, name, seed=0):
    """A net trained as the notebook trains the many nets whose luck it compares."""
    X, y = draw(0)[name]
    net = TwoLayerNet(2, hidden_size, y.max() + 1, weight_scale=1.0, rng=np.random.default_rng(seed))
    rng = np.random.default_rng(0)
    train(net, X, y, learning_rate=0.1, reg=reg, batch_size=None, steps=2000, rng=rng, progress=False)
    return net


def test_the_more_neurons_the_better_the_spirals_are_followed():
    small, middle, large = (accuracy(trained(H, 1e-4, "spirals"), *draw(0)["spirals"]) for H in (3, 6, 20))
    assert small < 0.8
    assert small + 0.1 < middle < large
    assert large > 0.95


def test_the_larger_lambda_the_less_twenty_neurons_follow_the_moons():
    weak, medium, strong = (accuracy(trained(20, reg, "moons"), *draw(0)["moons"]) for reg in (0.001, 0.01, 0.1))
    assert weak > medium > strong + 0.03


def test_three_neurons_depend_on_their_first_weights_and_twenty_hardly_do():
    new = points(make_circles(2000, 0.2, np.random.default_rng(1)))
    small, large = ([accuracy(trained(H, 0.001, "circles", seed), *new) for seed in range(4)] for H in (3, 20))
    assert max(small) - min(small) > 0.1
    assert max(large) - min(large) < 0.02


def test_on_new_moons_twenty_neurons_do_better_with_more_regularisation_and_than_three():
    new = points(make_moons(2000, 0.3, np.random.default_rng(1)))
    settings = (20, 0.001), (20, 0.0001), (3, 0.0001)
    best, weak, small = (
        np.mean([accuracy(trained(H, reg, "moons", seed), *new) for seed in range(4)]) for H, reg in settings
    )
    assert best > weak > small
