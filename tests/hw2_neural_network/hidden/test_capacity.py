"""The hidden tests of 03_capacity: other numbers and shapes than the public ones."""

import numpy as np

from cs_lib.checking import assert_matches, exercise


def numbers(seed, *shape):
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


@exercise("neuron_tick")
def test_a_neuron_with_many_inputs(student, reference):
    """Many inputs."""
    assert_matches(student.neuron_tick, reference.neuron_tick, numbers(11, 20), numbers(12, 20), 0.75)


@exercise("layer_of_neurons")
def test_a_wide_layer(student, reference):
    """More neurons than inputs."""
    assert_matches(
        student.layer_of_neurons, reference.layer_of_neurons, numbers(13, 7, 2), numbers(14, 2, 9), numbers(15, 9)
    )


@exercise("three_layer_forward")
def test_another_three_layer_net(student, reference):
    """Other sizes."""
    arguments = [numbers(16 + i, *shape) for i, shape in enumerate([(4, 2), (2, 7), (7,), (7, 5), (5,), (5, 3), (3,)])]
    assert_matches(student.three_layer_forward, reference.three_layer_forward, *arguments)


@exercise("count_parameters")
def test_the_parameters_of_deeper_nets(student, reference):
    """Deeper nets."""
    for sizes in ([3072, 100, 50, 25, 10], [2, 2, 2, 2, 2]):
        assert_matches(student.count_parameters, reference.count_parameters, sizes)
