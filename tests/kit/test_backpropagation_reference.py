"""The reference answers of 01_backpropagation are right: the lecture's numbers, and numerical slopes."""

import numpy as np
import pytest

from cs_lib.gradcheck import assert_gradient
from cs_lib.graph import ComputationalGraph, Flip, Multiply, Scale, Square
from cs_lib.reference import backpropagation as reference

RNG = np.random.default_rng(0)
X = RNG.standard_normal((4, 3))
DY = RNG.standard_normal((4, 3))
GATES = [(reference.Add, 2), (reference.Max, 2), (reference.Exp, 1), (reference.Reciprocal, 1), (reference.Sigmoid, 1)]
LAYERS = {
    "MulConstant": lambda: reference.MulConstant(-2.5),
    "Shuffle": lambda: reference.Shuffle(3, 7),
    "Linear": lambda: reference.Linear(RNG.standard_normal((3, 3)), RNG.standard_normal(3)),
    "ReLU": reference.ReLU,
    "Tanh": reference.Tanh,
    "Sigmoid": reference.Sigmoid,
    "Flip": Flip,
    "Sequential": lambda: reference.Sequential([Square(), Flip(), reference.Tanh(), Scale(3.0)]),
}


def test_the_lectures_circuit():
    nodes = [("q", reference.Add(), ["x", "y"]), ("f", Multiply(), ["q", "z"])]
    graph = reference.ComputationalGraph(nodes)
    assert graph.forward({"x": -2, "y": 5, "z": -4}) == -12
    assert graph.backward() == {"f": 1, "q": -4, "z": 3, "x": -4, "y": -4}


def neuron(ending):
    """The lecture's neuron up to its weighted sum s, and then the gates in `ending`."""
    graph = ComputationalGraph()
    graph.add("a", Multiply(), "w0", "x0")
    graph.add("b", Multiply(), "w1", "x1")
    graph.add("c", reference.Add(), "a", "b")
    graph.add("s", reference.Add(), "c", "w2")
    for node in ending:
        graph.add(*node)
    return graph


GATE_BY_GATE = [("m", Scale(-1), "s"), ("e", reference.Exp(), "m"), ("d", reference.Add(), "e", "one")]
ENDINGS = {
    "gate by gate": ([*GATE_BY_GATE, ("f", reference.Reciprocal(), "d")], {"one": 1}),
    "sigmoid as one gate": ([("f", reference.Sigmoid(), "s")], {}),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_lectures_neuron(ending):
    gates, more = ENDINGS[ending]
    graph = neuron(gates)
    out = graph.forward({"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3, **more})
    gradients = {wire: round(gradient, 2) for wire, gradient in graph.backward().items() if wire != "one"}
    assert round(out, 2) == 0.73
    assert gradients == {"w0": -0.20, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.20}


def test_the_lectures_neuron_in_plain_code():
    f, dw, dx = reference.neuron_gradients(np.array([2.0, -3.0, -3.0]), np.array([-1.0, -2.0]))
    assert round(f, 2) == 0.73
    np.testing.assert_array_equal(np.round(dw, 2), [-0.20, -0.39, 0.20])
    np.testing.assert_array_equal(np.round(dx, 2), [0.39, -0.59])


@pytest.mark.parametrize(("gate_class", "inputs"), GATES)
def test_a_gates_gradients_are_its_slopes(gate_class, inputs):
    values = [RNG.uniform(0.5, 2.0, 5) for _ in range(inputs)]
    dz = RNG.standard_normal(5)
    gate = gate_class()
    gate.forward(*values)
    for i, gradient in enumerate(gate.backward(dz)):

        def loss(value, i=i):
            return float(dz @ gate_class().forward(*[*values[:i], value, *values[i + 1 :]]))

        assert_gradient(loss, values[i], gradient)


def test_the_branching_expressions_gradients_are_its_slopes():
    point = np.array([3.0, -4.0])
    gradient = np.array(reference.branching_gradients(*point)[1:])
    assert_gradient(lambda p: float(reference.branching_gradients(*p)[0]), point, gradient)


def test_the_graph_agrees_with_the_courses_engine():
    nodes = [("p", Multiply(), ["x", "y"]), ("s", Square(), ["x"]), ("f", Multiply(), ["p", "s"])]
    small, engine = reference.ComputationalGraph(nodes), ComputationalGraph()
    for output, gate, names in nodes:
        engine.add(output, type(gate)(), *names)
    inputs = {"x": -1.5, "y": 0.75}
    assert small.forward(inputs) == engine.forward(inputs)
    gradients = small.backward()
    assert {wire: gradients[wire] for wire in inputs} == engine.backward()


@pytest.mark.parametrize("name", LAYERS)
def test_a_layers_gradient_is_its_slope(name):
    layer = LAYERS[name]()
    layer.forward(X)
    [dX] = layer.backward(DY)
    assert_gradient(lambda given: float(np.sum(DY * layer.forward(given))), X, dX)


def test_a_linear_layers_parameters_have_their_slopes():
    W, b = RNG.standard_normal((3, 2)), RNG.standard_normal(2)
    dY = RNG.standard_normal((4, 2))
    layer = reference.Linear(W, b)
    layer.forward(X)
    layer.backward(dY)
    assert_gradient(lambda W: float(np.sum(dY * (X @ W + b))), W, layer.grads["W"])
    assert_gradient(lambda b: float(np.sum(dY * (X @ W + b))), b, layer.grads["b"])


def test_multiplying_in_place_overwrites_and_restores():
    given, layer = X.copy(), reference.MulConstant(2.5, inplace=True)
    assert layer.forward(given) is given
    np.testing.assert_allclose(given, 2.5 * X)
    [dX] = layer.backward(DY.copy())
    np.testing.assert_allclose(given, X)
    np.testing.assert_allclose(dX, 2.5 * DY)


@pytest.mark.parametrize("a", ["2", None, True, [1.0]])
def test_a_constant_should_be_a_number(a):
    with pytest.raises(TypeError, match="a should be a number"):
        reference.MulConstant(a)


def test_a_shuffle_is_undone_on_the_way_back():
    layer = reference.Shuffle(3, 7)
    np.testing.assert_array_equal(layer.backward(layer.forward(X))[0], X)
    np.testing.assert_array_equal(layer.order, reference.Shuffle(3, 7).order)


def test_the_jacobian_of_a_relu_is_diagonal_with_zeros_and_ones():
    x = np.array([1.0, -2.0, 0.5])
    np.testing.assert_array_equal(reference.relu_jacobian(x), np.diag([1.0, 0.0, 1.0]))
    assert reference.relu_jacobian(np.ones(64)).shape == (64, 64)


def test_nobody_forms_the_jacobian_of_a_minibatch():
    D, N = 4096, 100
    layer = reference.ReLU()
    [dX] = layer.backward(layer.forward(np.ones((N, D), np.float32)))
    assert dX.size == 409_600
    assert dX.nbytes < D * D < (N * D) ** 2
