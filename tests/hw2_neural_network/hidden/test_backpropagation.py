"""The hidden tests of 01_backpropagation: other numbers and shapes than the public ones."""

import numpy as np

from cs_lib.checking import (
    assert_matches,
    assert_refuses,
    assert_use_matches,
    exercise,
)


def numbers(seed, *shape):
    """Numbers of this shape, none within 0.01 of zero."""
    rng = np.random.default_rng([seed, *shape])
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.01, 2.0, shape)


def used_on_minibatches(student, reference, made_with=(), D_out=None, attributes=()):
    for N, D in [(7, 5), (1, 3)]:
        steps = [("forward", numbers(31, N, D)), ("backward", numbers(32, N, D_out or D)), *attributes]
        assert_use_matches(student, reference, *steps, made_with=made_with)


@exercise("Add")
def test_add_on_matrices(student, reference):
    """It adds matrices."""
    steps = [("forward", numbers(33, 2, 3), numbers(34, 2, 3)), ("backward", numbers(35, 2, 3))]
    assert_use_matches(student.Add, reference.Add, *steps)


@exercise("Max")
def test_max_on_matrices(student, reference):
    """It routes in matrices."""
    steps = [("forward", numbers(33, 2, 3), numbers(34, 2, 3)), ("backward", numbers(35, 2, 3))]
    assert_use_matches(student.Max, reference.Max, *steps)


@exercise("Exp")
def test_exp_on_minibatches(student, reference):
    """It works on minibatches of any size."""
    used_on_minibatches(student.Exp, reference.Exp)


@exercise("Reciprocal")
def test_reciprocal_on_minibatches(student, reference):
    """It works on minibatches of any size."""
    used_on_minibatches(student.Reciprocal, reference.Reciprocal)


@exercise("Sigmoid")
def test_sigmoid_on_minibatches(student, reference):
    """It works on minibatches of any size."""
    used_on_minibatches(student.Sigmoid, reference.Sigmoid)


@exercise("neuron_gradients")
def test_a_third_neuron(student, reference):
    """It is right for weights and inputs never seen before."""
    assert_matches(student.neuron_gradients, reference.neuron_gradients, numbers(36, 3), numbers(37, 2))


@exercise("branching_gradients")
def test_another_point(student, reference):
    """It is right at points never seen before."""
    for x, y in [(1.75, -0.5), (-2.0, 3.25)]:
        assert_matches(student.branching_gradients, reference.branching_gradients, x, y)


DEEP = [
    ("a", {"gate": "Multiply"}, ["x", "y"]),
    ("b", {"gate": "Multiply"}, ["a", "x"]),
    ("c", {"gate": "Square"}, ["a"]),
    ("d", {"gate": "Multiply"}, ["b", "c"]),
    ("e", {"gate": "Scale", "with": [-0.5]}, ["d"]),
]


@exercise("ComputationalGraph")
def test_a_deeper_graph_forward(student, reference):
    """A deeper graph, on arrays."""
    inputs = {"x": numbers(38, 3), "y": numbers(39, 3)}
    assert_use_matches(student.ComputationalGraph, reference.ComputationalGraph, ("forward", inputs), made_with=(DEEP,))


@exercise("ComputationalGraph", part="backward")
def test_a_deeper_graph_backward(student, reference):
    """A deeper graph in which several wires branch, on numbers."""
    steps = [("forward", {"x": 0.75, "y": -1.25}), ("backward",)]
    assert_use_matches(student.ComputationalGraph, reference.ComputationalGraph, *steps, made_with=(DEEP,))


@exercise("MulConstant")
def test_other_constants(student, reference):
    """It works for other constants and minibatches of any size."""
    used_on_minibatches(student.MulConstant, reference.MulConstant, made_with=(-0.75,))
    assert_refuses(student.MulConstant, TypeError, made_with=({"a": 2.0},))


@exercise("MulConstant", part="inplace")
def test_in_place_with_another_constant(student, reference):
    """It restores what it overwrote, also for a negative constant."""
    used_on_minibatches(student.MulConstant, reference.MulConstant, made_with=(-0.75, True), attributes=[("given",)])


@exercise("Shuffle")
def test_another_order(student, reference):
    """It follows another order on more columns."""
    steps = [("forward", numbers(40, 3, 9)), ("backward", numbers(41, 3, 9))]
    assert_use_matches(student.Shuffle, reference.Shuffle, *steps, made_with=(9, 12))


@exercise("Linear")
def test_linear_on_minibatches(student, reference):
    """It works on other sizes."""
    steps = [("forward", numbers(42, 3, 6)), ("backward", numbers(43, 3, 2)), ("grads",)]
    assert_use_matches(student.Linear, reference.Linear, *steps, made_with=(numbers(44, 6, 2), numbers(45, 2)))


@exercise("ReLU")
def test_relu_on_minibatches(student, reference):
    """It works on minibatches of any size."""
    used_on_minibatches(student.ReLU, reference.ReLU)


@exercise("Tanh")
def test_tanh_on_minibatches(student, reference):
    """It works on minibatches of any size."""
    used_on_minibatches(student.Tanh, reference.Tanh)


@exercise("Sequential")
def test_a_longer_chain(student, reference):
    """It works for a longer chain."""
    layers = [
        {"gate": "Scale", "with": [0.5]},
        {"gate": "Square"},
        {"gate": "Square"},
        {"gate": "Scale", "with": [-2.0]},
    ]
    used_on_minibatches(student.Sequential, reference.Sequential, made_with=(layers,))


@exercise("relu_jacobian")
def test_another_jacobian(student, reference):
    """It is right for a longer vector."""
    assert_matches(student.relu_jacobian, reference.relu_jacobian, numbers(46, 9))
