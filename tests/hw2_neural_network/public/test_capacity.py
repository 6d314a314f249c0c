"""The public tests of 03_capacity: what `check(f)` runs in the notebook, and the grader too."""

import numpy as np

from cs_lib.checking import assert_leaves_arguments_alone, assert_matches, assert_vectorised, exercise


def numbers(*shape):
    """An array of this shape, different for each shape, about as large as 1."""
    return np.random.default_rng([1, *shape]).standard_normal(shape)


def layer(N, D, H):
    """X (N, D), W (D, H) and b (H,)."""
    return numbers(N, D), numbers(2, D, H)[0], numbers(3, H)[0]


def three_layers(N, D, H1, H2, C):
    """X (N, D), W1, b1, W2, b2, W3 and b3 of a net D -> H1 -> H2 -> C, no two alike where their shapes are."""
    (X, W1, b1), (_, W2, b2), (_, W3, b3) = layer(N, D, H1), layer(N, H1, H2), layer(N, H2, C)
    return X, W1, b1, W2 - 0.5, b2 + 1.5, W3 + 0.25, b3 - 0.5


@exercise("neuron_tick")
def test_a_tick_is_the_sigmoid_of_the_weighted_sum_and_the_bias(student, reference):
    """The rate is the sigmoid of the weighted sum plus the bias."""
    for D, bias in [(3, 0.5), (5, -1.25), (1, 2.0)]:
        assert_matches(student.neuron_tick, reference.neuron_tick, numbers(D), numbers(2, D)[1], bias)


@exercise("neuron_tick")
def test_a_neuron_without_input_follows_its_bias(student, reference):
    """When nothing arrives, the bias alone says how often it fires."""
    assert_matches(student.neuron_tick, reference.neuron_tick, np.zeros(4), numbers(4), -0.75)


@exercise("neuron_tick")
def test_a_tick_leaves_its_arguments_alone(student, reference):
    """The inputs and weights are as they were afterwards."""
    assert_leaves_arguments_alone(student.neuron_tick, reference.neuron_tick, numbers(3), numbers(2, 3)[1], 0.5)


@exercise("layer_of_neurons")
def test_a_layer_is_all_its_neurons_on_all_examples(student, reference):
    """Each entry is one neuron's rate for one example."""
    for N, D, H in [(7, 3, 4), (2, 5, 3)]:
        assert_matches(student.layer_of_neurons, reference.layer_of_neurons, *layer(N, D, H))


@exercise("layer_of_neurons")
def test_a_layer_with_as_many_neurons_as_inputs(student, reference):
    """It is right when there are as many neurons as inputs, where W and its transpose both fit."""
    assert_matches(student.layer_of_neurons, reference.layer_of_neurons, *layer(6, 4, 4))


@exercise("layer_of_neurons")
def test_a_layer_leaves_its_arguments_alone(student, reference):
    """X, W and b are as they were afterwards."""
    assert_leaves_arguments_alone(student.layer_of_neurons, reference.layer_of_neurons, *layer(7, 3, 4))


@exercise("layer_of_neurons")
def test_a_layer_is_vectorised(student):
    """More examples and more neurons take no more steps in Python."""
    assert_vectorised(student.layer_of_neurons, few=layer(4, 3, 2), many=layer(40, 3, 12))


@exercise("three_layer_forward")
def test_three_layers_of_different_sizes(student, reference):
    """Two hidden layers of different sizes and a linear output give the scores."""
    assert_matches(student.three_layer_forward, reference.three_layer_forward, *three_layers(6, 5, 4, 3, 2))


@exercise("three_layer_forward")
def test_the_lectures_net(student, reference):
    """The lecture's net, 3 -> 4 -> 4 -> 1, gives its scores."""
    assert_matches(student.three_layer_forward, reference.three_layer_forward, *three_layers(5, 3, 4, 4, 1))


@exercise("three_layer_forward")
def test_three_layers_of_one_size(student, reference):
    """Each layer uses its own weights and biases, also where another's would fit."""
    assert_matches(student.three_layer_forward, reference.three_layer_forward, *three_layers(7, 4, 4, 4, 1))


@exercise("three_layer_forward")
def test_three_layers_leave_their_arguments_alone(student, reference):
    """X and all weights and biases are as they were afterwards."""
    given = three_layers(5, 3, 4, 4, 1)
    assert_leaves_arguments_alone(student.three_layer_forward, reference.three_layer_forward, *given)


@exercise("three_layer_forward")
def test_three_layers_are_vectorised(student):
    """More examples take no more steps in Python."""
    X, *layers = three_layers(40, 3, 4, 4, 1)
    assert_vectorised(student.three_layer_forward, few=(X[:4], *layers), many=(X, *layers))


@exercise("count_parameters")
def test_the_parameters_of_the_lectures_net(student, reference):
    """The net 3 -> 4 -> 4 -> 1 is counted right."""
    assert_matches(student.count_parameters, reference.count_parameters, [3, 4, 4, 1])


@exercise("count_parameters")
def test_the_parameters_of_shallow_and_deep_nets(student, reference):
    """Nets with one hidden layer, with none and with many are counted right."""
    for sizes in ([2, 20, 3], [3072, 10], [64, 50, 40, 30, 10]):
        assert_matches(student.count_parameters, reference.count_parameters, sizes)


@exercise("count_parameters")
def test_counting_leaves_the_sizes_alone(student, reference):
    """The list of sizes is as it was afterwards."""
    assert_leaves_arguments_alone(student.count_parameters, reference.count_parameters, [5, 7, 2])
