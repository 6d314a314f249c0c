"""The public tests of 03_capacity: what `check(f)` runs in the notebook, and the grader too."""

import numpy as np

from cs_lib.checking import assert_leaves_arguments_alone, assert_matches, assert_vectorised, exercise


def numbers(seed, *shape):
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def three_layers(seed, N, D, H1, H2, C):
    """X, W1, b1, W2, b2, W3, b3 of a net D -> H1 -> H2 -> C."""
    sizes = [D, H1, H2, C]
    layers = [numbers(seed + i, *shape) for i in range(3) for shape in ((sizes[i], sizes[i + 1]), (sizes[i + 1],))]
    return numbers(seed, N, D), *layers


@exercise("neuron_tick")
def test_the_rate_of_one_neuron(student, reference):
    """The rate is the sigmoid of the weighted sum plus the bias."""
    for D, bias in [(3, 0.5), (5, -1.25), (1, 2.0)]:
        assert_matches(student.neuron_tick, reference.neuron_tick, numbers(1, D), numbers(2, D), bias)


@exercise("neuron_tick")
def test_the_neuron_leaves_its_arguments_alone(student, reference):
    """The inputs and weights are as they were afterwards."""
    assert_leaves_arguments_alone(student.neuron_tick, reference.neuron_tick, numbers(1, 3), numbers(2, 3), 0.5)


@exercise("layer_of_neurons")
def test_the_rates_of_a_layer(student, reference):
    """Each row holds one example's rates, each column one neuron's."""
    for N, D, H in [(5, 3, 4), (2, 6, 1)]:
        arguments = numbers(3, N, D), numbers(4, D, H), numbers(5, H)
        assert_matches(student.layer_of_neurons, reference.layer_of_neurons, *arguments)


@exercise("layer_of_neurons")
def test_a_layer_is_vectorised(student):
    """More examples take no more steps in Python."""
    W, b = numbers(4, 3, 4), numbers(5, 4)
    assert_vectorised(student.layer_of_neurons, few=(numbers(3, 4, 3), W, b), many=(numbers(3, 40, 3), W, b))


@exercise("three_layer_forward")
def test_the_lectures_net_of_3_4_4_and_1(student, reference):
    """A net 3 -> 4 -> 4 -> 1: two layers of sigmoid neurons, then a score without."""
    assert_matches(student.three_layer_forward, reference.three_layer_forward, *three_layers(6, 5, 3, 4, 4, 1))


@exercise("three_layer_forward")
def test_three_layers_of_other_sizes(student, reference):
    """It works for any sizes."""
    assert_matches(student.three_layer_forward, reference.three_layer_forward, *three_layers(7, 2, 6, 5, 3, 4))


@exercise("three_layer_forward")
def test_three_layers_are_vectorised(student):
    """More examples take no more steps in Python."""
    X, *layers = three_layers(6, 40, 3, 4, 4, 1)
    assert_vectorised(student.three_layer_forward, few=(X[:4], *layers), many=(X, *layers))


@exercise("count_parameters")
def test_the_parameters_of_a_net(student, reference):
    """The lecture's net has 32 weights and 9 biases; and other nets have theirs."""
    for sizes in ([3, 4, 4, 1], [3, 4, 2], [64, 50, 10], [5, 3]):
        assert_matches(student.count_parameters, reference.count_parameters, sizes)
