"""The hidden tests of 03_capacity: the same behaviours on other numbers, and the edges."""

import numpy as np
import pytest

from cs_lib.checking import assert_matches, exercise


def numbers(*shape):
    """An array of this shape, different for each shape, about as large as 1."""
    return np.random.default_rng([2, *shape]).standard_normal(shape)


@exercise("neuron_tick")
def test_a_tick_on_other_numbers(student, reference):
    """It is right on numbers that the public checks do not use."""
    for D, bias in [(6, -0.5), (2, 1.75), (11, 0.0)]:
        assert_matches(student.neuron_tick, reference.neuron_tick, numbers(D), numbers(2, D)[1], bias)


@exercise("layer_of_neurons")
@pytest.mark.parametrize(("N", "D", "H"), [(9, 6, 5), (1, 3, 4), (4, 1, 2), (5, 3, 1)])
def test_a_layer_on_other_numbers(student, reference, N, D, H):
    """It is right for other sizes, also for one example, one input or one neuron."""
    given = numbers(N, D), numbers(2, D, H)[1], numbers(H)
    assert_matches(student.layer_of_neurons, reference.layer_of_neurons, *given)


@exercise("three_layer_forward")
@pytest.mark.parametrize(("N", "D", "H1", "H2", "C"), [(8, 2, 6, 5, 3), (1, 3, 4, 4, 1), (4, 3, 1, 2, 5)])
def test_three_layers_on_other_numbers(student, reference, N, D, H1, H2, C):
    """It is right for other sizes, also for one example or a layer of one neuron."""
    weights = (
        numbers(1, D, H1)[0],
        numbers(H1),
        numbers(2, H1, H2)[1],
        numbers(3, H2)[2],
        numbers(4, H2, C)[3],
        numbers(C),
    )
    assert_matches(student.three_layer_forward, reference.three_layer_forward, numbers(N, D), *weights)


@exercise("count_parameters")
def test_the_parameters_of_other_nets(student, reference):
    """Other nets are counted right, up to the pictures of CIFAR-10."""
    for sizes in ([3072, 500, 10], [7, 1, 9, 2], [1, 1]):
        assert_matches(student.count_parameters, reference.count_parameters, sizes)
