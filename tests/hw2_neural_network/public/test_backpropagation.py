"""The public tests of 01_backpropagation: what `check(f)` runs in the notebook, and the grader too."""

import numpy as np

from cs_lib.checking import (
    assert_leaves_arguments_alone,
    assert_matches,
    assert_refuses,
    assert_use_matches,
    assert_use_vectorised,
    exercise,
)

X0, Y0 = np.array([0.5, -1.5, 2.0]), np.array([1.25, -0.75, -3.0])
DZ = np.array([2.0, -0.5, 1.5])


def minibatch(seed, N, D):
    """(N, D) numbers, none within 0.01 of zero."""
    rng = np.random.default_rng([seed, N, D])
    return rng.choice([-1.0, 1.0], (N, D)) * rng.uniform(0.01, 2.0, (N, D))


@exercise("Add")
def test_add_hands_on_what_arrives(student, reference):
    """z is the sum, and both inputs get what arrives at z."""
    for x, y, dz in [(3.0, -2.0, 5.0), (0.5, 4.0, -0.25)]:
        assert_use_matches(student.Add, reference.Add, ("forward", x, y), ("backward", dz))


@exercise("Add")
def test_add_works_on_arrays(student, reference):
    """It works on arrays, and leaves them alone."""
    assert_use_matches(student.Add, reference.Add, ("forward", X0, Y0), ("backward", DZ), ("given",))


@exercise("Max")
def test_max_routes(student, reference):
    """z is the larger input, which gets all that arrives; the other gets nothing."""
    for x, y, dz in [(3.0, -2.0, 5.0), (-4.0, -1.5, 3.0), (0.5, 2.0, -0.25)]:
        assert_use_matches(student.Max, reference.Max, ("forward", x, y), ("backward", dz))


@exercise("Max")
def test_max_works_on_arrays(student, reference):
    """On arrays it routes entry by entry, and leaves them alone."""
    assert_use_matches(student.Max, reference.Max, ("forward", X0, Y0), ("backward", DZ), ("given",))


@exercise("Exp")
def test_exp_multiplies_by_its_own_output(student, reference):
    """z is e to the power of x, and what arrives is multiplied by its slope."""
    for x, dz in [(0.5, 3.0), (-1.25, -0.5)]:
        assert_use_matches(student.Exp, reference.Exp, ("forward", x), ("backward", dz))


@exercise("Exp")
def test_exp_works_on_arrays(student, reference):
    """It works on arrays, and leaves them alone."""
    assert_use_matches(student.Exp, reference.Exp, ("forward", X0), ("backward", DZ), ("given",))


@exercise("Reciprocal")
def test_reciprocal_and_its_slope(student, reference):
    """z is 1/x, and what arrives is multiplied by its slope."""
    for x, dz in [(0.5, 3.0), (-1.25, -0.5), (1.37, -0.53)]:
        assert_use_matches(student.Reciprocal, reference.Reciprocal, ("forward", x), ("backward", dz))


@exercise("Reciprocal")
def test_reciprocal_works_on_arrays(student, reference):
    """It works on arrays, and leaves them alone."""
    assert_use_matches(student.Reciprocal, reference.Reciprocal, ("forward", X0), ("backward", DZ), ("given",))


@exercise("Sigmoid")
def test_sigmoid_and_its_slope(student, reference):
    """z lies between 0 and 1, and what arrives is multiplied by the slope there."""
    for x, dz in [(1.0, 3.0), (-0.5, -0.5), (2.5, 1.0)]:
        assert_use_matches(student.Sigmoid, reference.Sigmoid, ("forward", x), ("backward", dz))


@exercise("Sigmoid")
def test_sigmoid_works_on_a_minibatch(student, reference):
    """As a layer it works on a whole minibatch, and leaves it alone."""
    X, dY = minibatch(1, 5, 3), minibatch(2, 5, 3)
    assert_use_matches(student.Sigmoid, reference.Sigmoid, ("forward", X), ("backward", dY), ("given",))


@exercise("neuron_gradients")
def test_the_lectures_neuron(student, reference):
    """With the lecture's numbers, f and all five gradients come out."""
    w, x = np.array([2.0, -3.0, -3.0]), np.array([-1.0, -2.0])
    assert_matches(student.neuron_gradients, reference.neuron_gradients, w, x)


@exercise("neuron_gradients")
def test_another_neuron(student, reference):
    """It is right for other weights and inputs."""
    for w, x in [([0.5, 1.5, -0.75], [1.25, 0.5]), ([-1.0, 0.3, 0.2], [0.4, -2.2])]:
        assert_matches(student.neuron_gradients, reference.neuron_gradients, np.array(w), np.array(x))


@exercise("neuron_gradients")
def test_the_neuron_leaves_its_arguments_alone(student, reference):
    """w and x are as they were afterwards."""
    w, x = np.array([0.5, 1.5, -0.75]), np.array([1.25, 0.5])
    assert_leaves_arguments_alone(student.neuron_gradients, reference.neuron_gradients, w, x)


@exercise("branching_gradients")
def test_gradients_add_where_values_branch(student, reference):
    """f and both gradients are right, and each gradient is a sum over all the ways."""
    for x, y in [(3.0, -4.0), (0.5, 1.25), (-0.75, 2.0)]:
        assert_matches(student.branching_gradients, reference.branching_gradients, x, y)


def chain():
    """f = (3 x)^2 * y: no wire is read twice."""
    return [
        ("u", {"gate": "Scale", "with": [3.0]}, ["x"]),
        ("v", {"gate": "Square"}, ["u"]),
        ("f", {"gate": "Multiply"}, ["v", "y"]),
    ]


def branch():
    """f = (x * y) * x^2: x is read by two gates."""
    return [
        ("p", {"gate": "Multiply"}, ["x", "y"]),
        ("s", {"gate": "Square"}, ["x"]),
        ("f", {"gate": "Multiply"}, ["p", "s"]),
    ]


def twice():
    """f = (2 x) * (2 x), by one gate that reads the same wire twice."""
    return [("u", {"gate": "Scale", "with": [2.0]}, ["x"]), ("f", {"gate": "Multiply"}, ["u", "u"])]


@exercise("ComputationalGraph")
def test_forward_goes_through_the_gates_in_order(student, reference):
    """forward returns what the last gate makes, each gate reading the wires that it names."""
    graph = student.ComputationalGraph, reference.ComputationalGraph
    assert_use_matches(*graph, ("forward", {"x": 0.5, "y": -2.0}), made_with=(chain(),))
    assert_use_matches(*graph, ("forward", {"y": 1.5, "x": -3.0}), made_with=(branch(),))
    assert_use_matches(*graph, ("forward", {"x": X0, "y": Y0}), made_with=(branch(),))


@exercise("ComputationalGraph")
def test_forward_leaves_its_inputs_alone(student, reference):
    """The dict of inputs is as it was afterwards, and the graph can run again with others."""
    graph = student.ComputationalGraph, reference.ComputationalGraph
    steps = [("forward", {"x": 0.5, "y": -2.0}), ("given",), ("forward", {"x": 1.5, "y": 3.0})]
    assert_use_matches(*graph, *steps, made_with=(branch(),))


@exercise("ComputationalGraph", part="backward")
def test_backward_goes_through_the_gates_in_reverse(student, reference):
    """backward returns the gradient of every wire, the loss itself included."""
    graph = student.ComputationalGraph, reference.ComputationalGraph
    assert_use_matches(*graph, ("forward", {"x": 0.5, "y": -2.0}), ("backward",), made_with=(chain(),))


@exercise("ComputationalGraph", part="backward")
def test_gradients_add_at_a_branch_of_a_graph(student, reference):
    """A wire that is read more than once has the sum of what comes back."""
    graph = student.ComputationalGraph, reference.ComputationalGraph
    assert_use_matches(*graph, ("forward", {"x": -3.0, "y": 1.5}), ("backward",), made_with=(branch(),))
    assert_use_matches(*graph, ("forward", {"x": 0.75}), ("backward",), made_with=(twice(),))


@exercise("ComputationalGraph", part="backward")
def test_backward_begins_anew_each_time(student, reference):
    """A second pass with other inputs knows nothing of the first."""
    graph = student.ComputationalGraph, reference.ComputationalGraph
    steps = [("forward", {"x": -3.0, "y": 1.5}), ("backward",), ("forward", {"x": 2.0, "y": 0.5}), ("backward",)]
    assert_use_matches(*graph, *steps, made_with=(branch(),))


@exercise("MulConstant")
def test_a_constant_multiplies_forward_and_backward(student, reference):
    """Y is a X, dX is a dY, and neither X nor dY is changed."""
    X, dY = minibatch(3, 4, 3), minibatch(4, 4, 3)
    steps = [("forward", X), ("backward", dY), ("given",)]
    assert_use_matches(student.MulConstant, reference.MulConstant, *steps, made_with=(2.5,))
    assert_use_matches(student.MulConstant, reference.MulConstant, *steps, made_with=(-3,))


@exercise("MulConstant")
def test_a_constant_that_is_no_number_is_refused(student):
    """A constant that is not a number raises a TypeError at once."""
    for a in ("2", None, [2.0]):
        assert_refuses(student.MulConstant, TypeError, made_with=(a,))


@exercise("MulConstant", part="inplace")
def test_in_place_the_input_is_overwritten(student, reference):
    """With inplace, X itself holds the result."""
    steps = [("forward", minibatch(5, 4, 3)), ("given",)]
    assert_use_matches(student.MulConstant, reference.MulConstant, *steps, made_with=(2.5, True))


@exercise("MulConstant", part="inplace")
def test_in_place_the_input_is_restored(student, reference):
    """After backward, X is what it was before, and dX is right."""
    steps = [("forward", minibatch(5, 4, 3)), ("backward", minibatch(6, 4, 3)), ("given",)]
    assert_use_matches(student.MulConstant, reference.MulConstant, *steps, made_with=(2.5, True))


@exercise("Shuffle")
def test_columns_are_put_into_the_layers_order(student, reference):
    """Column j of Y is column order[j] of X."""
    assert_use_matches(student.Shuffle, reference.Shuffle, ("forward", minibatch(7, 4, 6)), made_with=(6, 3))


@exercise("Shuffle")
def test_the_shuffle_is_undone_on_the_way_back(student, reference):
    """Each column of the gradient goes back to where its column came from."""
    steps = [("forward", minibatch(7, 4, 6)), ("backward", minibatch(8, 4, 6)), ("given",)]
    assert_use_matches(student.Shuffle, reference.Shuffle, *steps, made_with=(6, 3))


@exercise("Shuffle")
def test_shuffle_is_vectorised(student):
    """More examples take no more steps in Python."""
    few, many = ([("forward", minibatch(7, N, 6)), ("backward", minibatch(8, N, 6))] for N in (4, 40))
    assert_use_vectorised(student.Shuffle, few, many, made_with=(6, 3))


def linear_parameters(D, C):
    return minibatch(9, D, C), minibatch(10, 1, C)[0]


@exercise("Linear")
def test_linear_forward_and_backward(student, reference):
    """Y is X W + b, and dX, dW and db have the shapes of what they belong to."""
    steps = [("forward", minibatch(11, 5, 4)), ("backward", minibatch(12, 5, 3)), ("grads",), ("given",)]
    assert_use_matches(student.Linear, reference.Linear, *steps, made_with=linear_parameters(4, 3))


@exercise("Linear")
def test_linear_as_many_outputs_as_inputs(student, reference):
    """It is right where W is square, too."""
    steps = [("forward", minibatch(13, 2, 3)), ("backward", minibatch(14, 2, 3)), ("grads",)]
    assert_use_matches(student.Linear, reference.Linear, *steps, made_with=linear_parameters(3, 3))


@exercise("Linear")
def test_linear_begins_anew_each_time(student, reference):
    """The gradients of a second minibatch know nothing of the first."""
    first, second = (
        [("forward", minibatch(11, 5, 4)), ("backward", minibatch(12, 5, 3))],
        [
            ("forward", minibatch(15, 2, 4)),
            ("backward", minibatch(16, 2, 3)),
        ],
    )
    steps = [*first, *second, ("grads",)]
    assert_use_matches(student.Linear, reference.Linear, *steps, made_with=linear_parameters(4, 3))


@exercise("Linear")
def test_linear_is_vectorised(student):
    """More examples take no more steps in Python."""
    few, many = ([("forward", minibatch(7, N, 4)), ("backward", minibatch(8, N, 3))] for N in (4, 40))
    assert_use_vectorised(student.Linear, few, many, made_with=linear_parameters(4, 3))


@exercise("ReLU")
def test_relu_lets_the_gradient_through_where_x_is_positive(student, reference):
    """Y is max(0, X), and the gradient goes on only where X was positive."""
    steps = [("forward", minibatch(17, 5, 4)), ("backward", minibatch(18, 5, 4)), ("given",)]
    assert_use_matches(student.ReLU, reference.ReLU, *steps)


@exercise("ReLU")
def test_relu_is_vectorised(student):
    """More examples take no more steps in Python."""
    few, many = ([("forward", minibatch(7, N, 4)), ("backward", minibatch(8, N, 4))] for N in (4, 40))
    assert_use_vectorised(student.ReLU, few, many)


@exercise("Tanh")
def test_tanh_and_its_slope(student, reference):
    """Y is tanh(X), and what arrives is multiplied by the slope there."""
    steps = [("forward", minibatch(19, 5, 4)), ("backward", minibatch(20, 5, 4)), ("given",)]
    assert_use_matches(student.Tanh, reference.Tanh, *steps)


@exercise("Tanh")
def test_tanh_is_vectorised(student):
    """More examples take no more steps in Python."""
    few, many = ([("forward", minibatch(7, N, 4)), ("backward", minibatch(8, N, 4))] for N in (4, 40))
    assert_use_vectorised(student.Tanh, few, many)


@exercise("Sequential")
def test_layers_run_one_after_the_other_and_back(student, reference):
    """Forward in order, backward in reverse."""
    layers = [{"gate": "Square"}, {"gate": "Flip"}, {"gate": "Square"}, {"gate": "Scale", "with": [3.0]}]
    steps = [("forward", minibatch(21, 3, 4)), ("backward", minibatch(22, 3, 4))]
    assert_use_matches(student.Sequential, reference.Sequential, *steps, made_with=(layers,))


@exercise("Sequential")
def test_one_layer_and_none(student, reference):
    """One layer is itself, and no layers at all hand on what they get."""
    steps = [("forward", minibatch(23, 3, 4)), ("backward", minibatch(24, 3, 4))]
    for layers in ([{"gate": "Scale", "with": [-2.0]}], []):
        assert_use_matches(student.Sequential, reference.Sequential, *steps, made_with=(layers,))


@exercise("relu_jacobian")
def test_the_jacobian_of_a_relu(student, reference):
    """One row per output and one column per input, and the slope of each output along each input."""
    for x in (np.array([1.0, -2.0, 0.5, -0.1, 3.0]), np.array([-1.5, 2.5])):
        assert_matches(student.relu_jacobian, reference.relu_jacobian, x)


@exercise("Shuffle")
def test_shuffle_with_more_examples_than_columns(student, reference):
    """It is the columns that change places, however many examples there are."""
    steps = [("forward", minibatch(25, 7, 5)), ("backward", minibatch(26, 7, 5))]
    assert_use_matches(student.Shuffle, reference.Shuffle, *steps, made_with=(5, 4))
