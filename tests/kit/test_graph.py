"""The computational graph: its gradients are those of mathematics, however it is wired, and its errors say what to do.

The gates here are written as students write them. Expected numbers come from the lecture, from formulas of a few
lines, and from numerical gradients.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_lib.bytecodes import count_bytecodes
from cs_lib.gradcheck import assert_gradient, numerical_gradient
from cs_lib.graph import ComputationalGraph, GraphError, NotWrittenError


class Add:
    def forward(self, x, y):
        return x + y

    def backward(self, dz):
        return [dz, dz]


class Multiply:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dz):
        return [dz * self.y, dz * self.x]


class Max:
    def forward(self, x, y):
        self.x_is_larger = x > y
        return np.maximum(x, y)

    def backward(self, dz):
        return [dz * self.x_is_larger, dz * np.logical_not(self.x_is_larger)]


class Elementwise:
    """A gate made of a function of one value and its derivative."""

    def __init__(self, f, derivative):
        self.f, self.derivative = f, derivative

    def forward(self, x):
        self.x = x
        return self.f(x)

    def backward(self, dz):
        return [dz * self.derivative(self.x)]


class MatMul:
    def forward(self, X, W):
        self.X, self.W = X, W
        return X @ W

    def backward(self, dZ):
        return [dZ @ self.W.T, self.X.T @ dZ]


class AddBias:
    def forward(self, X, b):
        return X + b

    def backward(self, dZ):
        return [dZ, dZ.sum(axis=0)]


class Sum:
    def forward(self, x):
        self.shape = np.shape(x)
        return np.sum(x)

    def backward(self, dz):
        return [np.full(self.shape, dz)]


class Answering:
    """A gate of one input that answers with whatever the test wants."""

    def __init__(self, z=0.0, gradients=(0.0,)):
        self.z, self.gradients = z, gradients

    def forward(self, _x):
        return self.z

    def backward(self, _dz):
        return self.gradients


class AnsweringForTwo(Answering):
    def forward(self, _x, _y):
        return self.z


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def Negate():
    return Elementwise(lambda x: x * -1, lambda _: -1)


def Exp():
    return Elementwise(np.exp, np.exp)


def AddOne():
    return Elementwise(lambda x: x + 1, lambda _: 1)


def Reciprocal():
    return Elementwise(lambda x: 1 / x, lambda x: -1 / x**2)


def Sigmoid():
    return Elementwise(sigmoid, lambda x: (1 - sigmoid(x)) * sigmoid(x))


def Tanh():
    return Elementwise(np.tanh, lambda x: 1 - np.tanh(x) ** 2)


def wired(*gates, **options):
    """A graph of gates, each given as (output, gate, *inputs)."""
    graph = ComputationalGraph(**options)
    for gate in gates:
        graph.add(*gate)
    return graph


def product_of_sum():
    return wired(("q", Add(), "x", "y"), ("f", Multiply(), "q", "z"))


PRODUCT_INPUTS = {"x": -2, "y": 5, "z": -4}


WEIGHTED_SUM = (
    ("w0x0", Multiply, "w0", "x0"),
    ("w1x1", Multiply, "w1", "x1"),
    ("both", Add, "w0x0", "w1x1"),
    ("score", Add, "both", "w2"),
)
GATE_BY_GATE = (("minus", Negate, "score"), ("e", Exp, "minus"), ("plus1", AddOne, "e"), ("f", Reciprocal, "plus1"))
ONE_GATE = (("f", Sigmoid, "score"),)
NEURON_INPUTS = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}


def neuron(*last_gates):
    return wired(*((output, gate(), *inputs) for output, gate, *inputs in WEIGHTED_SUM + last_gates))


def test_the_lectures_first_circuit_has_the_lectures_numbers():
    graph = product_of_sum()
    assert graph.forward(PRODUCT_INPUTS) == -12
    assert graph.backward() == {"x": -4, "y": -4, "z": 3}
    assert graph.values == {"x": -2, "y": 5, "z": -4, "q": 3, "f": -12}
    assert graph.gradients == {"x": -4, "y": -4, "z": 3, "q": -4, "f": 1}


@pytest.mark.parametrize("last_gates", [GATE_BY_GATE, ONE_GATE], ids=["gate by gate", "sigmoid as one gate"])
def test_the_lectures_neuron_has_the_lectures_numbers(last_gates):
    graph = neuron(*last_gates)
    assert round(graph.forward(NEURON_INPUTS), 2) == 0.73
    gradients = {wire: round(gradient, 2) for wire, gradient in graph.backward().items()}
    assert gradients == {"w0": -0.20, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.20}


def test_the_neuron_gate_by_gate_has_the_values_and_gradients_written_beside_its_wires():
    graph = neuron(*GATE_BY_GATE)
    graph.forward(NEURON_INPUTS)
    graph.backward()
    made = ["w0x0", "w1x1", "both", "score", "minus", "e", "plus1", "f"]
    assert [round(graph.values[wire], 2) for wire in made] == [-2, 6, 4, 1, -1, 0.37, 1.37, 0.73]
    assert [round(graph.gradients[wire], 2) for wire in made] == [0.2, 0.2, 0.2, 0.2, -0.2, -0.53, -0.53, 1]


def test_gradients_add_where_a_value_branches():
    # f = xy + sin x
    graph = wired(("a", Multiply(), "x", "y"), ("b", Elementwise(np.sin, np.cos), "x"), ("f", Add(), "a", "b"))
    graph.forward({"x": 0.5, "y": 3.0})
    assert graph.backward() == pytest.approx({"x": 3 + math.cos(0.5), "y": 0.5}, rel=1e-14)
    assert graph.shares["a"] == [3.0, 0.5]
    assert graph.shares["b"] == [pytest.approx(math.cos(0.5))]


def test_a_value_that_one_gate_reads_twice_gets_both_gradients():
    graph = wired(("f", Multiply(), "x", "x"))
    graph.forward({"x": 7})
    assert graph.backward() == {"x": 14}


def test_a_max_gate_routes_the_gradient_to_the_larger_input():
    graph = wired(("m", Max(), "x", "y"), ("f", Multiply(), "m", "z"))
    graph.forward({"x": 4, "y": -1, "z": 2})
    assert graph.backward() == {"x": 2, "y": 0, "z": 4}


@pytest.mark.parametrize("wrt", ["X", "W", "b"])
def test_arrays_agree_with_the_numerical_gradient(wrt):
    rng = np.random.default_rng(0)
    N, D, C = 5, 4, 3
    inputs = {"X": rng.normal(size=(N, D)), "W": rng.normal(size=(D, C)), "b": rng.normal(size=C)}
    graph = wired(
        ("XW", MatMul(), "X", "W"),
        ("scores", AddBias(), "XW", "b"),
        ("h", Tanh(), "scores"),
        ("squares", Multiply(), "h", "h"),
        ("loss", Sum(), "squares"),
    )
    graph.forward(inputs)
    gradients = graph.backward()
    assert_gradient(lambda value: graph.forward({**inputs, wrt: value}), inputs[wrt], gradients[wrt])


@st.composite
def random_gates(draw):
    """Gates as (output, gate, *inputs), each reading any wires made so far or two inputs, in one order and another."""
    wires, gates = ["x", "y"], []
    for number in range(draw(st.integers(1, 12))):
        gate = draw(st.sampled_from([Add, Multiply, Tanh]))
        inputs = [draw(st.sampled_from(wires)) for _ in range(1 if gate is Tanh else 2)]
        gates.append((f"g{number}", gate, *inputs))
        wires.append(f"g{number}")
    # What nothing reads is drawn into one loss, so that every gate matters; tanh keeps the numbers small.
    loose = [wire for wire in wires if all(wire not in inputs for _, _, *inputs in gates)]
    for number, wire in enumerate(loose[1:]):
        gates += [(f"sum{number}", Add, f"t{number - 1}" if number else loose[0], wire)]
        gates += [(f"t{number}", Tanh, f"sum{number}")]
    return gates, draw(st.permutations(gates))


@settings(deadline=None, max_examples=60)
@given(random_gates(), st.integers(0, 10**6))
def test_any_graph_agrees_with_the_numerical_gradient_and_not_with_the_order_of_adding(gates, seed):
    in_order, shuffled = ([(output, gate(), *inputs) for output, gate, *inputs in each] for each in gates)
    graph, other = wired(*in_order), wired(*shuffled)
    x = np.random.default_rng(seed).uniform(-1, 1, 2)
    inputs = [wire for wire in ("x", "y") if wire in graph.inputs]

    def f(point):
        return graph.forward({wire: value for wire, value in zip(("x", "y"), point, strict=True) if wire in inputs})

    numerical = dict(zip(("x", "y"), numerical_gradient(f, x), strict=True))
    f(x)
    gradients = graph.backward()
    assert gradients == pytest.approx({wire: numerical[wire] for wire in inputs}, rel=1e-6, abs=1e-6)
    other.forward({wire: graph.values[wire] for wire in inputs})
    assert other.backward() == gradients  # to the last bit
    assert other.values == graph.values


def test_the_graph_can_be_run_again_with_other_inputs():
    graph = product_of_sum()
    graph.forward(PRODUCT_INPUTS)
    graph.backward()
    assert graph.forward({"x": 1, "y": 2, "z": 10}) == 30
    assert graph.gradients == {}
    assert graph.backward() == graph.backward() == {"x": 10, "y": 10, "z": 3}


def test_a_forward_pass_that_fails_leaves_no_old_numbers_behind():
    graph = product_of_sum()
    graph.forward(PRODUCT_INPUTS)
    with pytest.raises(GraphError):
        graph.forward({})
    assert graph.values == {}
    with pytest.raises(GraphError, match="call forward first"):
        graph.backward()


def chain(length):
    return wired(*((f"h{i + 1}", Add(), f"h{i}", "step") for i in reversed(range(length))))


def test_ten_thousand_gates_in_a_chain_need_no_recursion():
    graph = chain(10_000)
    assert graph.forward({"h0": 1.0, "step": 0.5}) == 5001
    assert graph.backward() == {"h0": 1, "step": 10_000}


def test_the_work_grows_in_step_with_the_number_of_gates():
    def work(length):
        graph = chain(length)

        def run():
            graph.add("last", Add(), f"h{length}", "step")  # also plans anew
            graph.forward({"h0": 1.0, "step": 0.5})
            graph.backward()

        return count_bytecodes(run).total()

    assert work(2000) < 2.1 * work(1000)


def test_scalars_are_floats_and_arrays_float64_whatever_they_were():
    graph = wired(("a", Add(), "x", "v"), ("f", Sum(), "a"))
    loss = graph.forward({"x": np.int8(1), "v": np.array([1, 2], dtype=np.float32)})
    with pytest.raises(GraphError, match="shape"):
        graph.backward()  # Add does not undo the broadcast
    assert type(loss) is type(graph.values["x"]) is float
    assert graph.values["v"].dtype == graph.values["a"].dtype == np.float64


def test_another_dtype_can_be_asked_for():
    graph = wired(("a", Tanh(), "v"), ("f", Sum(), "a"), dtype=np.float32)
    graph.forward({"v": [1, 2]})
    assert graph.backward()["v"].dtype == graph.values["a"].dtype == np.float32


def test_wires_never_share_an_array():
    given_array = np.array([1.0, 2.0])
    graph = wired(("a", Add(), "x", "y"), ("b", Add(), "a", "x"), ("f", Sum(), "b"))
    graph.forward({"x": given_array, "y": given_array})
    returned = graph.backward()
    arrays = [given_array, *returned.values()]
    arrays += [each for wires in (graph.values, graph.gradients) for each in wires.values() if np.ndim(each)]
    for i, one in enumerate(arrays):
        assert not any(np.shares_memory(one, other) for other in arrays[i + 1 :])
    np.testing.assert_array_equal(returned["x"], [2, 2])
    np.testing.assert_array_equal(returned["y"], [1, 1])


def test_a_gate_that_overwrites_what_it_is_given_disturbs_no_other_wire():
    class Careless:
        def forward(self, x):
            x *= 3
            self.kept = x
            return x

        def backward(self, dz):
            dz *= 3
            self.kept[...] = 0
            return [dz]

    graph = wired(("a", Careless(), "x"), ("b", Multiply(), "a", "x"), ("f", Sum(), "b"))
    assert graph.forward({"x": np.array([1.0, 2.0])}) == 15
    np.testing.assert_array_equal(graph.backward()["x"], [6, 12])  # f = Σ 3x²
    np.testing.assert_array_equal(graph.values["a"], [3, 6])
    np.testing.assert_array_equal(graph.gradients["a"], [1, 2])


def test_several_outputs_of_interest_need_one_to_be_the_loss():
    gates = (("p", Tanh(), "x"), ("accuracy", Answering(gradients=...), "p"), ("loss", Multiply(), "p", "y"))
    graph = wired(*gates, loss="loss")
    graph.forward({"x": 0.0, "y": 2.0})
    assert graph.backward() == {"x": 2.0, "y": 0.0}  # without asking what the loss does not depend on
    assert graph.gradients["accuracy"] == 0
    assert graph.values["accuracy"] == 0
    with pytest.raises(GraphError, match=r"2 wires are read by no gate \(accuracy, loss\).*Name it"):
        wired(("accuracy", Tanh(), "x"), ("loss", Tanh(), "x")).forward({"x": 1})


def test_an_input_that_the_loss_does_not_depend_on_has_gradient_zero_of_its_shape():
    graph = wired(("f", Tanh(), "x"), ("other", Sum(), "v"), loss="f")
    graph.forward({"x": 0, "v": np.ones((2, 3))})
    np.testing.assert_array_equal(graph.backward()["v"], np.zeros((2, 3)))


def test_a_wire_that_gates_go_on_from_can_be_the_loss():
    graph = wired(("f", Tanh(), "x"), ("shown", Exp(), "f"), loss="f")
    graph.forward({"x": 0})
    assert graph.backward() == {"x": 1}


def test_a_gate_may_have_no_inputs():
    class Two:
        def forward(self):
            return 2

        def backward(self, _dz):
            return []

    graph = wired(("two", Two()), ("f", Multiply(), "two", "x"))
    assert graph.forward({"x": 5}) == 10
    assert graph.backward() == {"x": 2}


def test_the_order_is_that_in_which_the_formula_is_read():
    assert [node.output for node in neuron(*ONE_GATE).nodes] == ["w0x0", "w1x1", "both", "score", "f"]
    assert neuron(*ONE_GATE).inputs == ("w0", "x0", "w1", "x1", "w2")


@pytest.mark.parametrize("loss", [None, "c", "f"])
def test_a_cycle_is_named(loss):
    gates = (("a", Add(), "x", "c"), ("b", Tanh(), "a"), ("c", Tanh(), "b"), ("f", Tanh(), "x"))
    graph = wired(*gates, loss=loss)
    with pytest.raises(GraphError, match=r"The wires (a → b → c → a|b → c → a → b|c → a → b → c) form a cycle"):
        graph.forward({"x": 1})


def test_a_gate_that_reads_what_it_makes_is_a_cycle():
    with pytest.raises(GraphError, match="The wires f → f form a cycle"):
        wired(("f", Add(), "f", "x")).forward({"x": 1})


def test_a_long_cycle_is_cut_short():
    graph = wired(*((f"h{i}", Tanh(), f"h{(i + 1) % 5000}") for i in range(5000)))
    with pytest.raises(GraphError, match="form a cycle") as error:
        graph.forward({})
    assert "…" in str(error.value)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"x": 1, "y": 2}, "missing the input 'z', which the gate Multiply that makes 'f' reads"),
        ({**PRODUCT_INPUTS, "w": 1}, "unknown wire, 'w': no gate reads it. The inputs of this graph are x, y, z."),
        ({**PRODUCT_INPUTS, "q": 1}, "given a value for 'q', but the gate Add that makes 'q' computes it"),
        ({**PRODUCT_INPUTS, "x": "1"}, "The input 'x' should hold real numbers; found one str"),
        ({**PRODUCT_INPUTS, "x": [[1], [1, 2]]}, "The input 'x' .* rows of different lengths"),
        ({**PRODUCT_INPUTS, "x": 1j}, "The input 'x' should hold real numbers; found one complex"),
        ({**PRODUCT_INPUTS, "x": ...}, "The input 'x' should hold real numbers; found one ellipsis"),
    ],
)
def test_inputs_that_do_not_fit_the_graph_are_named(inputs, sentence):
    with pytest.raises(GraphError, match=sentence):
        product_of_sum().forward(inputs)


def test_a_mistyped_wire_is_asked_about():
    graph = wired(("score", Add(), "x", "y"), ("f", Tanh(), "scores"), loss="f")
    with pytest.raises(GraphError, match=r"missing the input 'scores'.* Did you mean 'score'\?"):
        graph.forward({"x": 1, "y": 2})


def test_a_loss_that_is_no_wire_is_refused():
    with pytest.raises(GraphError, match=r"The loss 'los' is an unknown wire.* Did you mean 'loss'\?"):
        wired(("loss", Tanh(), "x"), loss="los").forward({"x": 1})


def test_a_graph_without_gates_says_how_to_add_one():
    with pytest.raises(GraphError, match=r"no gates yet.*graph\.add"):
        ComputationalGraph().forward({})


TWICE = Add()


@pytest.mark.parametrize(
    ("gates", "sentence"),
    [
        ([("q", Add(), "x", "y"), ("q", Tanh(), "x")], "The name 'q' is used twice: Add makes a wire of this name"),
        ([("q", TWICE, "x", "y"), ("r", TWICE, "q", "y")], "the same object as .* make another Add"),
        ([("q", Add, "x", "y")], r"found the class Add itself. Make one of it: Add\(\)"),
        ([("q", math.tanh, "x")], "without forward and backward"),
        ([(Add(), "q", "x", "y")], "A wire needs a name, some text; found <"),
        ([("", Add(), "x", "y")], "A wire needs a name, some text; found ''"),
        ([("q", Add(), "x")], r"reads 1 wires \(x\), but its method is forward\(x, y\)"),
        ([("q", Add(), "x", "y", "z")], r"reads 3 wires \(x, y, z\), but its method is forward\(x, y\)"),
    ],
)
def test_a_gate_that_cannot_be_placed_is_refused_at_once(gates, sentence):
    with pytest.raises(GraphError, match=sentence):
        wired(*gates)


@pytest.mark.parametrize(
    ("gate", "sentence"),
    [
        (Answering(z=None), "forward of the gate Answering that makes 'a' .* found nothing .*return statement"),
        (Answering(z=(1.0, 2.0)), "should return one value, .* found a tuple of 2"),
        (Answering(z="3"), "should hold real numbers; found one str"),
        (Answering(gradients=None), "list of 1 gradient, one for each input .* found nothing .*return statement"),
        (Answering(gradients=2.0), "list of 1 gradient, .* found one float. .* square brackets"),
        (Answering(gradients=np.ones(1)), r"list of 1 gradient, .* found an array of shape \(1,\)"),
        (Answering(gradients=[1.0, 2.0]), r"list of 1 gradient, one for each input \(x\); found a list of 2"),
        (Answering(gradients=[]), "list of 1 gradient, .* found a list of 0"),
        (Answering(gradients=[None]), "a gradient for 'x', 0 if it does not matter; found None"),
        (Answering(gradients=[np.ones(2)]), r"'x' with the shape of its value, \(\); found \(2,\). .*broadcast"),
        (Answering(gradients=["1"]), "The gradient for 'x' from backward .* should hold real numbers"),
    ],
)
def test_a_gate_that_answers_wrongly_is_named(gate, sentence):
    with pytest.raises(GraphError, match=sentence):
        run(wired(("a", gate, "x"), ("f", Tanh(), "a")), {"x": 1.0})


def test_too_few_gradients_for_two_inputs_are_counted():
    with pytest.raises(GraphError, match=r"list of 2 gradients, one for each input \(x, y\); found a list of 1"):
        run(wired(("f", AnsweringForTwo(gradients=[1.0]), "x", "y")), {"x": 1.0, "y": 2.0})


@pytest.mark.parametrize(
    ("shape", "question"),
    [((2, 3), "transposed"), ((5, 3, 2), "broadcast"), ((3, 3), r"\(3, 3\)\.$"), ((2,), r"\(2,\)\.$")],
)
def test_a_gradient_of_another_shape_than_its_value_is_doubted(shape, question):
    graph = wired(("a", Answering(gradients=[np.ones(shape)]), "x"))
    with pytest.raises(GraphError, match=rf"'x' with the shape of its value, \(3, 2\); found .*{question}"):
        run(graph, {"x": np.ones((3, 2))})


@pytest.mark.parametrize("gate", [Answering(z=...), Answering(gradients=...), Answering(gradients=[...])])
def test_a_gate_that_is_not_written_yet_is_not_started_rather_than_wrong(gate):
    graph = wired(("a", gate, "x"), ("f", Tanh(), "a"))
    with pytest.raises(NotWrittenError, match=r"Not started: .* of the gate Answering that makes 'a' is not written"):
        run(graph, {"x": 1.0})


def test_a_gate_that_raises_keeps_its_own_error_and_says_where():
    graph = wired(("a", Elementwise(lambda x: 1 / x, abs), "x"))
    with pytest.raises(ZeroDivisionError) as error:
        graph.forward({"x": 0})
    assert error.value.__notes__ == ["It happened in forward of the gate Elementwise that makes 'a', which reads x."]


def test_backward_before_forward_is_refused():
    graph = product_of_sum()
    with pytest.raises(GraphError, match="call forward first"):
        graph.backward()
    graph.forward(PRODUCT_INPUTS)
    graph.add("g", Tanh(), "f")
    with pytest.raises(GraphError, match="call forward first"):
        graph.backward()


def test_a_loss_that_is_an_array_is_refused_by_backward_alone():
    graph = wired(("f", Tanh(), "x"))
    np.testing.assert_allclose(graph.forward({"x": [0, 1]}), [0, math.tanh(1)])
    with pytest.raises(GraphError, match=r"one number; found 'f' with shape \(2,\).*such as a sum"):
        graph.backward()


def test_a_notebook_shows_the_sentence_without_the_librarys_own_lines():
    assert NotWrittenError("Not yet.")._render_traceback_() == ["NotWrittenError: Not yet."]


def run(graph, inputs):
    graph.forward(inputs)
    return graph.backward()
