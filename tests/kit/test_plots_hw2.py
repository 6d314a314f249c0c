"""Pictures of homework 2: regions of the plane, a panel to play with, hidden units, Jacobians, a game, worked gates."""

import io
import os
import subprocess
import sys
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.image import imread

from cs_lib.gradcheck import assert_gradient
from cs_lib.graph import ComputationalGraph, GraphError, Multiply, Scale, Square, Told
from cs_lib.plots import (
    capacity_panel,
    draw_circuit,
    plot_regions,
    plot_regions_grid,
    predict_gradients,
    show_hidden_units,
    show_jacobian,
)
from cs_lib.plots.picture import BLUE, VERMILION, WIDTH
from cs_lib.plots.regions import RESOLUTION
from cs_lib.training import TrainingError

ROOT = Path(__file__).resolve().parents[2]
CORNERS = np.array([[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]])


class Predicts:
    """A model whose prediction is any function of the points."""

    def __init__(self, f):
        self.predict = f


def right_half(X):
    return (X[:, 0] > 0).astype(int)


def upper_half(X):
    return (X[:, 1] > 0).astype(int)


def always_0(X):
    return np.zeros(len(X), dtype=int)


def unwritten(_X):
    return ...


DATA = CORNERS, right_half(CORNERS)


class Add:
    symbol = "+"

    def forward(self, x, y):
        return x + y

    def backward(self, dz):
        return [dz, dz]


class Max:
    def forward(self, x, y):
        self.x_is_larger = x > y
        return max(x, y)

    def backward(self, dz):
        return [dz * self.x_is_larger, dz * (not self.x_is_larger)]


class Unfinished:
    symbol = "+"

    def forward(self, x, y):
        return x + y

    def backward(self, _dz):
        return ...


def lecture():
    """f = 2 (xy + max(z, w)), the circuit of the lecture's patterns."""
    graph = ComputationalGraph()
    graph.add("p", Multiply(), "x", "y")
    graph.add("m", Max(), "z", "w")
    graph.add("q", Add(), "p", "m")
    graph.add("f", Scale(2), "q")
    graph.forward({"x": 3, "y": -4, "z": 2, "w": -1})
    return graph


PICTURES = {
    "regions": lambda: plot_regions(Predicts(right_half), DATA),
    "grid": lambda: plot_regions_grid([(str(k), Predicts(right_half)) for k in range(4)], DATA),
    "no regions": lambda: plot_regions(..., DATA),
    "hidden units": lambda: show_hidden_units(np.random.default_rng(0).normal(size=(7, 23)), (2, 3)),
    "hidden units in colour": lambda: show_hidden_units(np.eye(6, 3), (1, 2, 3)),
    "jacobian": lambda: show_jacobian(np.diag([1.0, 0.0, 1.0])),
    "large jacobian": lambda: show_jacobian(np.eye(40)),
    "wide jacobian": lambda: show_jacobian([[0.5, -0.25, 0.0]]),
    "game": lambda: predict_gradients(lecture(), x=-8, y=...),
}


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_renders_on_opaque_white_no_wider_than_a_notebook_and_describes_itself(name):
    picture = PICTURES[name]()
    pixels = imread(io.BytesIO(picture.png()))
    assert picture.get_figwidth() <= WIDTH
    np.testing.assert_array_equal(pixels[[0, -1, 0, -1], [0, 0, -1, -1]], 1.0)
    assert pixels.min() < 0.5
    assert picture.alt.endswith(".")
    assert len(picture.alt.split()) >= 5


def drawn_classes(axes):
    return axes.images[0].get_array()


def test_each_place_of_the_plane_has_the_colour_of_its_predicted_class():
    axes = plot_regions(Predicts(right_half), DATA).axes[0]
    classes = drawn_classes(axes)
    assert classes.shape == (RESOLUTION, RESOLUTION)
    assert (classes[:, : RESOLUTION // 2] == 0).all()
    assert (classes[:, RESOLUTION // 2 :] == 1).all()
    upwards = drawn_classes(plot_regions(Predicts(upper_half), DATA).axes[0])
    assert axes.images[0].origin == "lower"
    assert not upwards[0].any()
    assert upwards[-1].all()


def test_the_plane_is_a_square_around_all_points():
    left, right, bottom, top = plot_regions(Predicts(always_0), DATA).axes[0].images[0].get_extent()
    assert left == bottom < -1
    assert right == top > 1


def test_points_lie_in_their_places_with_a_colour_and_a_marker_for_each_class():
    axes = plot_regions(Predicts(right_half), DATA).axes[0]
    first, second = (each for each in axes.collections if isinstance(each, PathCollection))
    np.testing.assert_array_equal(first.get_offsets(), CORNERS[[0, 2]])
    np.testing.assert_array_equal(second.get_offsets(), CORNERS[[1, 3]])
    assert len(first.get_paths()[0]) != len(second.get_paths()[0])
    assert not np.array_equal(first.get_facecolor(), second.get_facecolor())


def test_the_share_of_points_on_the_right_side_is_said_under_each_panel_and_in_words():
    models = [("sees all", Predicts(right_half)), ("sees none", Predicts(lambda X: 1 - right_half(X)))]
    picture = plot_regions_grid([*models, ("other way", Predicts(upper_half))], DATA)
    assert [axes.get_title() for axes in picture.axes] == ["sees all", "sees none", "other way"]
    assert [axes.get_xlabel() for axes in picture.axes] == [f"{share}% of the points right" for share in (100, 0, 50)]
    assert picture.alt == (
        "Decision regions over points of 2 classes: 2 blue circles, 2 orange squares. sees all: 100% of the points "
        "lie in a region of their own class. sees none: 0% of the points lie in a region of their own class. other "
        "way: 50% of the points lie in a region of their own class."
    )


def test_a_class_that_is_predicted_nowhere_is_named():
    assert "50% of the points lie in a region of their own class, and nowhere is predicted class 1." in str(
        plot_regions(Predicts(always_0), DATA)
    )


@pytest.mark.parametrize("model", [..., Predicts(unwritten)])
def test_before_predict_is_written_the_points_are_shown_alone(model):
    picture = plot_regions(model, DATA, title="my net")
    assert not picture.axes[0].images
    assert picture.alt.endswith("my net: no predictions yet.")


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (lambda X: np.zeros((len(X), 2), dtype=int), "an array of shape"),
        (lambda X: np.zeros(len(X)), "dtype float64"),
        (lambda X: np.full(len(X), 6), "found 6 to 6"),
        (lambda _X: None, "None"),
    ],
    ids=["scores", "floats", "too many classes", "nothing"],
)
def test_predictions_that_are_not_classes_are_refused(answer, found):
    with pytest.raises(TrainingError, match=rf"predict should return .*{found}"):
        plot_regions(Predicts(answer), DATA)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (CORNERS, r"data should be the pair \(X, y\)"),
        ((CORNERS[:, :1], [0, 1, 0, 1]), r"X should have shape \(N, 2\).*found shape \(4, 1\)"),
        ((CORNERS * np.nan, [0, 1, 0, 1]), "all finite"),
        ((CORNERS, [0, 1]), r"y should have shape \(4,\)"),
        ((CORNERS, [0.0, 1.0, 0.0, 1.0]), "a class from 0 to 5"),
        ((CORNERS, [0, 1, 2, 6]), "a class from 0 to 5"),
    ],
)
def test_data_that_are_not_points_of_the_plane_are_refused(data, sentence):
    with pytest.raises(ValueError, match=sentence):
        plot_regions(Predicts(right_half), data)


class Recorder:
    """Trains nothing, and records what it was asked for."""

    def __init__(self, net=None, error=None):
        self.asked = []
        self.net, self.error = net or Predicts(right_half), error

    def __call__(self, hidden_size, reg, data):
        self.asked.append((hidden_size, reg, data))
        print("a note on training" if hidden_size == 7 else "", end="")
        if self.error and hidden_size == 7:
            raise self.error
        return self.net


def test_a_panel_asks_for_a_net_with_its_settings_at_first_and_after_each_change():
    other = (2 * CORNERS, right_half(CORNERS))
    ask = Recorder()
    panel = capacity_panel(ask, {"corners": DATA, "far": other}, hidden_size=3)
    panel.hidden_size.value = 20
    panel.reg.value = 0.1
    panel.name.value = "far"
    assert [(H, reg) for H, reg, _ in ask.asked] == [(3, 0.001), (20, 0.001), (20, 0.1), (20, 0.1)]
    assert [data is other for *_, data in ask.asked] == [False, False, False, True]
    assert panel.picture.axes[0].get_title() == "20 hidden neurons, λ = 0.1, far"
    assert panel.message == "Trained: 20 hidden neurons, λ = 0.1, far."
    assert repr(panel) == panel.picture.alt


def test_each_control_of_a_panel_has_a_label_and_the_message_is_announced():
    panel = capacity_panel(Recorder(), {"corners": DATA})
    labels = [control.description for control in (panel.hidden_size, panel.reg, panel.name)]
    assert labels == ["Hidden neurons", "λ (regularisation)", "Data set"]
    assert (panel.hidden_size.min, panel.hidden_size.max) == (1, 50)
    assert 'role="status"' in panel.status.value


def test_an_error_of_the_net_becomes_a_sentence_in_the_panel_and_the_points_stay():
    panel = capacity_panel(Recorder(error=IndexError("<b1> is too short")), {"corners": DATA})
    panel.hidden_size.value = 7
    assert panel.message.startswith("a note on training\nNo picture of regions: IndexError: <b1> is too short (in ")
    assert "raise self.error" in panel.message  # the line in which it happened
    assert "&lt;b1&gt;" in panel.status.value
    assert "no predictions yet" in panel.picture.alt
    panel.hidden_size.value = 8
    assert panel.message.startswith("Trained")


def test_what_training_prints_stands_in_the_panel(capsys):
    panel = capacity_panel(Recorder(net=Predicts(unwritten)), {"corners": DATA})
    panel.hidden_size.value = 7
    assert panel.message == "a note on training"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"data": {}}, "at least one data set"),
        ({"hidden_size": 0}, "from 1 to 50; found 0"),
        ({"reg": 0.5}, "reg should be one of regs, 0, 0.0001, 0.001, 0.01, 0.1; found 0.5"),
    ],
)
def test_a_panel_that_cannot_begin_says_why(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        capacity_panel(Recorder(), **{"data": {"corners": DATA}, **options})


PANEL = """
import asyncio
import numpy as np
from cs_lib.plots import capacity_panel

class Halves:
    def __init__(self, axis):
        self.axis = axis
    def predict(self, X):
        return (X[:, self.axis] > 0).astype(int)

X = np.array([[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]])
asked = []

def make_and_train(hidden_size, reg, data):
    asked.append(hidden_size)
    return Halves(0 if hidden_size > 5 else 1)

panel = capacity_panel(make_and_train, {"corners": (X, np.array([0, 1, 0, 1]))}, hidden_size=3)
panel
"""
CHANGES = """
for size in range(4, 21):
    panel.hidden_size.value = size
while panel.message.startswith("Training"):
    await asyncio.sleep(0.05)
asked
"""


def test_in_a_notebook_the_picture_follows_the_controls_once_they_rest_and_stays_where_there_are_none(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in (PANEL, CHANGES)])
    client = nbclient.NotebookClient(notebook, kernel_name="python3", timeout=120)
    with client.setup_kernel():
        client.execute_cell(notebook.cells[0], 0)
        controls, picture, caption = (output["data"] for output in notebook.cells[0].outputs)
        assert list(controls) == ["application/vnd.jupyter.widget-view+json"]  # nothing where it cannot be shown
        assert "3 hidden neurons, λ = 0.001, corners: 50% of the points" in caption["text/plain"]
        client.execute_cell(notebook.cells[1], 1)
    assert notebook.cells[1].outputs[0]["data"]["text/plain"] == "[3, 20]"
    _, new_picture, new_caption = (output["data"] for output in notebook.cells[0].outputs)
    assert "20 hidden neurons, λ = 0.001, corners: 100% of the points" in new_caption["text/plain"]
    assert new_picture["image/png"] != picture["image/png"]


def test_pictures_do_not_load_the_widgets_before_a_panel_is_made():
    program = "import sys, cs_lib.plots; assert 'ipywidgets' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)


def test_hidden_units_are_columns_strongest_first_each_on_its_own_scale():
    W1 = np.array([[1.0, 0, -3, 0], [0, 0, 3, 2]])
    picture = show_hidden_units(W1, (1, 2), most=3)
    shown = [axes for axes in picture.axes if axes.images]
    assert [axes.get_title() for axes in shown] == ["2", "3", "0"]
    assert [axes.images[0].get_clim() for axes in shown] == [(-3, 3), (-2, 2), (-1, 1)]
    np.testing.assert_array_equal(shown[0].images[0].get_array(), [[-3, 3]])
    assert picture.alt.startswith(
        "The weights of the 3 strongest of 4 hidden units as pictures, strongest first (2, 3, 0): orange where a "
        "pixel raises the value of the unit"
    )


def test_hidden_units_in_colour_are_grey_for_zero_and_leave_out_biases():
    W1 = np.array([[2.0], [0.0], [-1.0], [100.0]])
    (axes,) = (axes for axes in show_hidden_units(W1, (1, 1, 3)).axes if axes.images)
    np.testing.assert_allclose(axes.images[0].get_array(), [[[1, 0.5, 0.25]]])


def test_a_unit_without_weights_is_drawn_blank():
    image = show_hidden_units(np.zeros((6, 1)), (2, 3)).axes[0].images[0]
    np.testing.assert_allclose(image.norm(image.get_array()), 0.5)


@pytest.mark.parametrize("shape", [(8, 3), (3, 6), (6,), (6, 0)])
def test_hidden_units_of_another_shape_are_refused_with_the_shape_expected(shape):
    with pytest.raises(ValueError, match=r"W1 should have shape \(6, H\), or \(7, H\).*2 × 3 pixels.*found"):
        show_hidden_units(np.zeros(shape), (2, 3))
    with pytest.raises(ValueError, match=r"most should be .* 1 or more; found 0"):
        show_hidden_units(np.zeros((6, 1)), (2, 3), most=0)


def written(axes):
    return {text.get_position(): text.get_text() for text in axes.texts}


def test_a_small_jacobian_shows_its_numbers_with_zeros_pale_and_the_diagonal_framed():
    axes = show_jacobian([[1.0, 0.0, -0.0], [0.0, -0.125, 0.25]]).axes[0]
    assert written(axes) == {(0, 0): "1", (1, 0): "0", (2, 0): "0", (0, 1): "0", (1, 1): "−0.12", (2, 1): "0.25"}
    colours = {text.get_text(): sum(to_rgb(text.get_color())) for text in axes.texts}
    assert colours["0"] > colours["1"] == colours["−0.12"]
    centres = [
        (frame.get_x() + frame.get_width() / 2, frame.get_y() + frame.get_height() / 2) for frame in axes.patches
    ]
    np.testing.assert_allclose(centres, [(0, 0), (1, 1)])


def test_a_jacobian_is_coloured_by_sign_and_white_for_zero():
    image = show_jacobian([[2.0, 0.0], [0.0, -1.0]]).axes[0].images[0]
    (up, nothing), (_, down) = image.to_rgba(image.get_array())[:, :, :3]
    assert up[0] > up[2]  # more red than blue
    assert down[2] > down[0]
    assert nothing.min() > 0.9


def test_a_large_jacobian_shows_colours_alone_and_is_described_by_its_zeros():
    picture = show_jacobian(np.eye(13))
    assert not picture.axes[0].texts
    assert picture.alt.endswith("Beside it, all 156 numbers are 0.")
    assert "On its diagonal: 1, 0.5. Beside it, 1 of 2 numbers are not 0." in str(show_jacobian([[1, 2], [0, 0.5]]))
    assert str(show_jacobian([[3.0]])) == ("The Jacobian of 1 input (columns) and 1 output (rows). On its diagonal: 3.")


@pytest.mark.parametrize("J", [[1.0, 2.0], np.zeros((0, 0)), [[np.nan]]])
def test_a_jacobian_that_is_not_a_matrix_of_numbers_is_refused(J):
    with pytest.raises(ValueError, match="J should be a matrix"):
        show_jacobian(J)


def in_colour(picture, colour):
    key = {"value above", "gradient below"}
    return sorted(
        each.get_text()
        for each in picture.axes[0].texts
        if to_rgb(each.get_color()) == to_rgb(colour) and each.get_text() not in key
    )


def test_only_gradients_that_were_guessed_rightly_are_drawn_beside_that_of_the_loss():
    picture = predict_gradients(lecture(), q=2, p=1, x=-8, y=..., z=0)
    assert in_colour(picture, VERMILION) == sorted(["1", "2", "−8"])
    assert len(in_colour(picture, BLUE)) == 8  # the values of all wires
    assert picture.alt.splitlines()[:6] == [
        "q: right, 2.",
        "p: not 1. An add gate distributes: each input gets the gradient at q as it is.",
        "x: right, −8.",
        "y: predict it first.",
        "z: not 0. A max gate routes: the larger input gets the whole gradient at m, the other gets none of it.",
        "2 of 5 right.",
    ]


WRONG = {
    "x": "A multiply gate switches: each input gets the gradient at p times the value of the other input.",
    "m": "An add gate distributes: each input gets the gradient at q as it is.",
    "w": "A max gate routes: the larger input gets the whole gradient at m, the other gets none of it.",
    "q": "The chain rule: the gradient at f times the slope of ×2 where q is.",
    "f": "It is the loss itself: how fast does it change with itself?",
}


@pytest.mark.parametrize("wire", WRONG)
def test_a_wrong_guess_gets_the_pattern_of_its_gate_and_not_the_number(wire):
    picture = predict_gradients(lecture(), **{wire: 77})
    assert picture.alt.splitlines()[:2] == [f"{wire}: not 77. {WRONG[wire]}", "0 of 1 right."]
    assert in_colour(picture, VERMILION) == ["1"]  # the loss's
    assert picture.alt.count("gradient 1.") == picture.alt.count(", gradient ") == 1


def test_a_hidden_gradient_leaves_the_layout_as_it_is():
    graph = lecture()
    hidden = predict_gradients(graph, x=...)
    assert hidden.get_size_inches().tolist() == draw_circuit(graph).get_size_inches().tolist()


def test_where_a_value_branches_the_hint_says_that_gradients_add():
    graph = branching()
    lines = predict_gradients(graph, x=1, y=1).alt.splitlines()
    assert lines[0] == ("x: not 1. It branches, to the gates that make a and f: the gradients from all branches add.")
    assert lines[1] == "y: not 1. Does the loss depend on it at all?"
    assert predict_gradients(graph, x=15, y=0).alt.splitlines()[2] == "2 of 2 right."


def branching():
    """loss = 3 (x² + x), beside y² on which it does not depend."""
    graph = ComputationalGraph(loss="loss")
    graph.add("a", Square(), "x")
    graph.add("f", Add(), "a", "x")
    graph.add("unused", Square(), "y")
    graph.add("loss", Scale(3), "f")
    graph.forward({"x": 2, "y": 5})
    return graph


@pytest.mark.parametrize(
    ("guess", "right"), [(0.20, True), (0.197, True), (0.19, False), (0.21, False), (-0.20, False), (0, False)]
)
def test_a_guess_is_right_to_two_significant_digits(guess, right):
    graph = ComputationalGraph()
    graph.add("f", Scale(0.1966), "x")
    graph.forward({"x": 1})
    assert ("x: right" in predict_gradients(graph, x=guess).alt) is right


def test_the_answer_of_the_game_is_the_same_each_time():
    assert predict_gradients(lecture(), x=1, q=2).alt == predict_gradients(lecture(), x=1, q=2).alt


@pytest.mark.parametrize(
    ("guesses", "sentence"),
    [
        ({}, "Guess at least one gradient, such as x=1"),
        ({"xx": 1}, "has no wire 'xx'; its wires are .*Did you mean 'x'"),
        ({"x": "1"}, "guess for 'x' should be a number, or `...` for not yet; found '1'"),
        ({"x": None}, "found None"),
    ],
)
def test_a_guess_that_cannot_be_judged_is_refused(guesses, sentence):
    with pytest.raises(GraphError, match=sentence):
        predict_gradients(lecture(), **guesses)


def test_the_game_needs_a_forward_pass_and_numbers():
    graph = ComputationalGraph()
    graph.add("f", Square(), "x")
    with pytest.raises(GraphError, match="call forward first"):
        predict_gradients(graph, x=1)
    told = ComputationalGraph()
    told.add("f", Told("sum", 3, [np.ones(3)]), "x")
    told.forward({"x": np.ones(3)})
    with pytest.raises(GraphError, match="'x' holds an array"):
        predict_gradients(told, x=1)


def test_a_gate_whose_backward_is_not_written_gives_away_nothing():
    graph = ComputationalGraph()
    graph.add("q", Unfinished(), "x", "y")
    graph.add("f", Scale(2), "q")
    graph.forward({"x": 1, "y": 2})
    picture = predict_gradients(graph, x=2, q=2)
    assert picture.alt.startswith("Not started: backward of the gate Unfinished that makes 'q' is not written yet")
    assert in_colour(picture, VERMILION) == []


def test_a_circuit_shows_the_gradients_and_shares_of_the_wires_that_are_named():
    graph = branching()
    graph.backward()
    picture = draw_circuit(graph, show_gradients=["x"])
    assert in_colour(picture, VERMILION) == sorted(["12", "3", "15"])  # two shares and their sum
    assert "gradient 15, the sum of 12 from a and 3 from f" in picture.alt
    with pytest.raises(ValueError, match=r"show_gradients should name wires of the graph, .*; found 'nothing'"):
        draw_circuit(graph, show_gradients=["nothing"])


def test_lines_of_a_description_stay_lines_in_a_notebook():
    _, (caption, _) = predict_gradients(lecture(), x=-8, y=...).outputs()
    assert "x: right, −8.<br>\ny: predict it first.<br>" in caption["text/html"]
    assert caption["text/plain"].startswith("x: right, −8.\ny: predict it first.\n1 of 2 right.\nA circuit of 4 gates.")


def test_the_lectures_example_can_be_drawn_from_what_is_told():
    def wired(plus, times):
        graph = ComputationalGraph()
        graph.add("q", plus, "x", "y")
        graph.add("f", times, "q", "z")
        graph.forward({"x": -2, "y": 5, "z": -4})
        assert graph.backward() == {"x": -4, "y": -4, "z": 3}
        return draw_circuit(graph)

    told = wired(Told("+", 3, [-4, -4]), Told("×", -12, [-4, 3]))
    computed = wired(Add(), Multiply())
    assert told.alt == computed.alt
    assert told.png() == computed.png()


def test_too_few_gradients_told_are_noticed():
    graph = ComputationalGraph()
    graph.add("f", Told("+", 3, [1]), "x", "y")
    graph.forward({"x": 1, "y": 2})
    with pytest.raises(GraphError, match="2 gradients, one for each input"):
        graph.backward()


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(-5, 5), st.floats(-3, 3))
def test_the_gates_given_as_examples_have_the_gradients_of_calculus(x, y, dz, a):
    multiply, square, scale = Multiply(), Square(), Scale(a)
    assert (multiply.forward(x, y), square.forward(x), scale.forward(x)) == (x * y, x * x, a * x)
    assert multiply.backward(dz) == [dz * y, dz * x]
    assert square.backward(dz) == [pytest.approx(2 * x * dz)]
    assert scale.backward(dz) == [a * dz]


@pytest.mark.parametrize("gate", [Multiply(), Square(), Scale(-1.5)], ids=["multiply", "square", "scale"])
def test_the_gates_given_as_examples_work_on_arrays(gate):
    x, y, dz = np.random.default_rng(0).normal(size=(3, 2, 3))
    inputs = [x, y] if isinstance(gate, Multiply) else [x]
    gate.forward(*inputs)
    for k, gradient in enumerate(gate.backward(dz)):

        def loss(value, k=k):
            return np.sum(dz * gate.forward(*inputs[:k], value, *inputs[k + 1 :]))

        assert_gradient(loss, inputs[k], gradient)


def test_a_gate_that_scales_shows_its_number():
    assert Scale(-1.5).symbol == "×−1.5"
