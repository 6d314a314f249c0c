"""The reference answers of 01_backpropagation are right: the lecture's numbers, and numerical slopes."""

import math

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


CIRCUIT = [("q", reference.Add, ["x", "y"]), ("f", Multiply, ["q", "z"])]
WEIGHTED_SUM = [
    ("a", Multiply, ["w0", "x0"]),
    ("b", Multiply, ["w1", "x1"]),
    ("c", reference.Add, ["a", "b"]),
    ("s", reference.Add, ["c", "w2"]),
]
GATE_BY_GATE = [
    *WEIGHTED_SUM,
    ("m", lambda: Scale(-1), ["s"]),
    ("e", reference.Exp, ["m"]),
    ("d", reference.Add, ["e", "one"]),
    ("f", reference.Reciprocal, ["d"]),
]
ONE_GATE = [*WEIGHTED_SUM, ("f", reference.Sigmoid, ["s"])]
NEURON = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}
NEURON_GRADIENTS = {"w0": -0.20, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.20}


def run_in_the_engine(wiring, inputs):
    """Return every wire's value and every wire's gradient, by the course's own graph."""
    graph = ComputationalGraph()
    for output, gate, names in wiring:
        graph.add(output, gate(), *names)
    graph.forward(inputs)
    graph.backward()
    return graph.values, graph.gradients


def run_in_the_answer(wiring, inputs):
    """Return every wire's value and every wire's gradient, by the graph that students write.

    It tells no value but the last, so each wire's value is that of the graph cut off after it.
    """
    values = dict(inputs)
    for k, (output, _, _) in enumerate(wiring):
        nodes = [(name, gate(), names) for name, gate, names in wiring[: k + 1]]
        graph = reference.ComputationalGraph(nodes)
        values[output] = graph.forward(inputs)
    return values, graph.backward()


RUNS = [run_in_the_engine, run_in_the_answer]


@pytest.mark.parametrize("run", RUNS)
def test_the_lectures_circuit(run):
    values, gradients = run(CIRCUIT, {"x": -2, "y": 5, "z": -4})
    assert values == {"x": -2, "y": 5, "z": -4, "q": 3, "f": -12}
    assert gradients == {"f": 1, "q": -4, "z": 3, "x": -4, "y": -4}


@pytest.mark.parametrize("run", RUNS)
def test_the_lectures_neuron_gate_by_gate(run):
    values, gradients = run(GATE_BY_GATE, {**NEURON, "one": 1})
    passed = {wire: round(values[wire], 2) for wire in "abcsmedf"}
    e, d = math.exp(-1), 1 + math.exp(-1)
    assert passed == {"a": -2, "b": 6, "c": 4, "s": 1, "m": -1, "e": round(e, 2), "d": round(d, 2), "f": 0.73}
    back = {"f": 1, "d": -1 / d**2, "e": -1 / d**2, "m": -e / d**2, **dict.fromkeys("sabc", e / d**2)}
    assert {wire: gradients[wire] for wire in back} == pytest.approx(back, rel=1e-12)
    assert {wire: round(gradients[wire], 2) for wire in NEURON} == NEURON_GRADIENTS


@pytest.mark.parametrize("run", RUNS)
def test_the_lectures_neuron_with_the_sigmoid_as_one_gate(run):
    values, gradients = run(ONE_GATE, NEURON)
    assert (values["s"], round(values["f"], 2)) == (1, 0.73)
    assert gradients["s"] == pytest.approx((1 - values["f"]) * values["f"], rel=1e-12)
    assert {wire: round(gradients[wire], 2) for wire in NEURON} == NEURON_GRADIENTS


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
    for j, column in enumerate(reference.relu_jacobian(x).T):
        nudge = 1e-6 * np.eye(3)[j]
        np.testing.assert_allclose(column, (np.maximum(0, x + nudge) - np.maximum(0, x - nudge)) / 2e-6, atol=1e-9)


def test_the_jacobian_has_a_row_for_each_output_and_a_column_for_each_input():
    """4096 x 4096 for the lecture's vector: 128 MiB, so its size is counted from a vector a 64th as long."""
    small = reference.relu_jacobian(np.ones(64))
    assert small.shape == (4096 // 64, 4096 // 64)
    assert small.nbytes * 64**2 == 4096 * 4096 * 8 == 128 * 2**20


def test_the_backward_pass_of_a_minibatch_is_its_diagonal_jacobian_never_formed():
    N, D = 3, 4
    X, dY = np.random.default_rng(1).standard_normal((2, N, D))
    layer = reference.ReLU()
    layer.forward(X)
    J = reference.relu_jacobian(X.ravel())
    assert J.shape == (N * D, N * D)
    np.testing.assert_array_equal(layer.backward(dY)[0], (J.T @ dY.ravel()).reshape(N, D))


def test_a_minibatch_of_100_of_the_lectures_vectors_has_409_600_slopes_on_its_diagonal():
    layer = reference.ReLU()
    [dX] = layer.backward(layer.forward(np.ones((100, 4096), np.float32)))
    assert dX.size == 409_600
