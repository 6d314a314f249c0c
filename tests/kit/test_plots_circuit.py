"""A drawn circuit shows each number once, in its place, above or below its wire, and says the same in words."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path

from cs_lib.graph import ComputationalGraph, GraphError
from cs_lib.plots import draw_circuit
from cs_lib.plots.circuit_words import number, symbol
from cs_lib.plots.layering import arrange, crossings, untangled
from cs_lib.plots.picture import BLACK, BLUE, GREY, VERMILION, WIDTH


class Add:
    symbol = "+"

    def forward(self, x, y):
        return x + y

    def backward(self, dz):
        return [dz, dz]


class Multiply:
    symbol = "×"

    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dz):
        return [dz * self.y, dz * self.x]


class Difference:
    def forward(self, x, y):
        return x - y

    def backward(self, dz):
        return [dz, -dz]


class Elementwise:
    def __init__(self, symbol, f, derivative):
        self.symbol, self.f, self.derivative = symbol, f, derivative

    def forward(self, x):
        self.x = x
        return self.f(x)

    def backward(self, dz):
        return [dz * self.derivative(self.x)]


class Sum:
    def forward(self, x):
        self.shape = np.shape(x)
        return np.sum(x)

    def backward(self, dz):
        return [np.full(self.shape, dz)]


class ExponentialUnitGate(Sum):
    pass


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def wired(*gates, **options):
    graph = ComputationalGraph(**options)
    for gate in gates:
        graph.add(*gate)
    return graph


def ran(graph, **inputs):
    graph.forward(inputs)
    graph.backward()
    return graph


def product():
    return ran(wired(("q", Add(), "x", "y"), ("f", Multiply(), "q", "z")), x=-2, y=5, z=-4)


def neuron(one_gate=False):
    graph = wired(
        ("w0x0", Multiply(), "w0", "x0"),
        ("w1x1", Multiply(), "w1", "x1"),
        ("both", Add(), "w0x0", "w1x1"),
        ("score", Add(), "both", "w2"),
    )
    if one_gate:
        graph.add("f", Elementwise("σ", sigmoid, lambda x: (1 - sigmoid(x)) * sigmoid(x)), "score")
    else:
        graph.add("minus", Elementwise("×−1", lambda x: -x, lambda _: -1), "score")
        graph.add("e", Elementwise("exp", np.exp, np.exp), "minus")
        graph.add("plus1", Elementwise("+1", lambda x: x + 1, lambda _: 1), "e")
        graph.add("f", Elementwise("1/x", lambda x: 1 / x, lambda x: -1 / x**2), "plus1")
    return ran(graph, w0=2, x0=-1, w1=-3, x1=-2, w2=-3)


def branch():
    """f = 3x + xy, so that x has the gradient 3 + y."""
    tripled = Elementwise("×3", lambda x: 3 * x, lambda _: 3)
    return ran(wired(("a", Multiply(), "x", "y"), ("b", tripled, "x"), ("f", Add(), "a", "b")), x=2, y=7)


def of_arrays():
    tanh = Elementwise("tanh", np.tanh, lambda x: 1 - np.tanh(x) ** 2)
    graph = wired(("h", tanh, "X"), ("squares", Multiply(), "h", "h"), ("loss", Sum(), "squares"))
    return ran(graph, X=np.ones((5, 4)))


GRAPHS = {
    "product": product,
    "neuron": neuron,
    "one gate": lambda: neuron(one_gate=True),
    "branch": branch,
    "square": lambda: ran(wired(("f", Multiply(), "x", "x")), x=7),
    "arrays": of_arrays,
}


def texts(picture, colour):
    return [each for each in picture.axes[0].texts if to_rgb(each.get_color()) == to_rgb(colour)]


def words(picture, colour):
    return [each.get_text() for each in texts(picture, colour)]


def numbers(picture, colour):
    """The numbers written in a colour, without the key's words."""
    return sorted(word for word in words(picture, colour) if word not in ("value above", "gradient below"))


def where(picture, text, colour=BLACK):
    """The place (x, y) of the only such text, y downwards."""
    (found,) = [each for each in texts(picture, colour) if each.get_text() == text]
    return found.get_position()


def circles(picture):
    return [patch for patch in picture.axes[0].patches if isinstance(patch, Polygon)]


def boxes(picture):
    """The rectangle that each text covers, in pixels."""
    canvas = FigureCanvasAgg(picture)
    canvas.draw()
    return {text: text.get_window_extent(canvas.get_renderer()) for text in picture.axes[0].texts if text.get_text()}


def test_the_first_circuit_shows_the_lectures_numbers():
    picture = draw_circuit(product())
    assert numbers(picture, BLUE) == sorted(["−2", "5", "−4", "3", "−12"])
    assert numbers(picture, VERMILION) == sorted(["−4", "−4", "3", "−4", "1"])
    assert words(picture, GREY) == ["q"]
    assert sorted(words(picture, BLACK)) == sorted(["x", "y", "z", "+", "×", "f"])


def test_the_neuron_shows_three_digits_of_every_value_and_gradient():
    picture = draw_circuit(neuron())
    assert numbers(picture, BLUE) == sorted(
        ["2", "−1", "−3", "−2", "−3", "−2", "6", "4", "1", "−1", "0.368", "1.37", "0.731"]
    )
    assert numbers(picture, VERMILION) == sorted(
        ["−0.197", "0.393", "−0.393", "−0.59", *["0.197"] * 5, "−0.197", "−0.534", "−0.534", "1"]
    )


def test_the_value_is_above_its_wire_and_the_gradient_below():
    picture = draw_circuit(product())
    _, wire = where(picture, "f")
    value_x, value_y = where(picture, "−12", BLUE)
    gradient_x, gradient_y = where(picture, "1", VERMILION)
    assert value_y < wire < gradient_y
    assert value_x == gradient_x
    (xlim, ylim) = picture.axes[0].get_xlim(), picture.axes[0].get_ylim()
    assert xlim[0] < xlim[1]
    assert ylim[0] > ylim[1]  # downwards


def test_values_and_gradients_differ_in_type_and_not_in_colour_alone():
    picture = draw_circuit(product())
    assert {(each.get_fontweight(), each.get_fontstyle()) for each in texts(picture, BLUE)} == {("bold", "normal")}
    assert {each.get_fontstyle() for each in texts(picture, VERMILION)} == {"italic"}


def test_gates_stand_from_left_to_right_in_the_order_of_the_forward_pass():
    picture = draw_circuit(neuron())
    chain = ["w0", "×−1", "exp", "+1", "1/x", "f"]
    places = [where(picture, text)[0] for text in chain]
    assert places == sorted(places)
    assert len({where(picture, text)[1] for text in chain[1:]}) == 1  # on one level
    inputs = [where(picture, name) for name in ("w0", "x0", "w1", "x1", "w2")]
    assert len({x for x, _ in inputs}) == 1
    assert [y for _, y in inputs] == sorted(y for _, y in inputs)


def test_a_branch_shows_the_share_of_each_gate_and_their_sum():
    picture = draw_circuit(branch())
    assert numbers(picture, VERMILION) == sorted(["10", "7", "3", "2", "1", "1", "1"])
    assert "x with value 2, gradient 10, the sum of 7 from a and 3 from b" in picture.alt


def test_arrays_are_shown_by_their_shape():
    picture = draw_circuit(of_arrays())
    assert numbers(picture, BLUE).count("(5, 4)") == 3
    assert numbers(picture, VERMILION).count("(5, 4)") == 5
    assert "X with value of shape (5, 4), gradient of shape (5, 4)." in picture.alt


def test_the_alternative_text_says_all_that_is_drawn():
    assert draw_circuit(product()).alt == (
        "A circuit of 2 gates. Inputs: x with value −2, gradient −4; y with value 5, gradient −4; z with value −4, "
        "gradient 3. Gate + makes q from x, y: value 3, gradient −4. Gate × makes f from q, z: value −12, "
        "gradient 1. The loss is f."
    )


@pytest.mark.parametrize("name", GRAPHS)
def test_every_circuit_fits_a_notebook_and_no_text_covers_another_or_leaves_the_page(name):
    picture = draw_circuit(GRAPHS[name]())
    assert picture.get_figwidth() <= WIDTH
    assert_legible(picture)
    assert picture.get_facecolor() == (1, 1, 1, 1)
    assert picture.png().startswith(b"\x89PNG")


def assert_legible(picture):
    covered = boxes(picture)
    for (one, box), (other, its_box) in combinations(covered.items(), 2):
        across = min(box.x1, its_box.x1) - max(box.x0, its_box.x0)
        down = min(box.y1, its_box.y1) - max(box.y0, its_box.y0)
        assert across <= 1 or down <= 3, f"{one.get_text()!r} covers {other.get_text()!r}"  # a box has some air
    for text, box in covered.items():
        assert picture.bbox.x0 <= box.x0 < box.x1 <= picture.bbox.x1, text.get_text()
        assert picture.bbox.y0 <= box.y0 < box.y1 <= picture.bbox.y1, text.get_text()
        assert text.get_fontsize() >= 6
    for wire in (patch for patch in picture.axes[0].patches if isinstance(patch, PathPatch)):
        points, bent = wire.get_path().vertices, wire.get_path().codes == Path.CURVE4
        starts = np.flatnonzero(bent)[::3] - 1  # a curve is where it starts, two points that pull, and its end
        across, climb = (points[starts + 3] - points[starts]).T
        assert (across[np.abs(climb) > 2e-3] > 0.09).all(), "a wire climbs without room to bend"
    for circle in circles(picture):
        disc = circle.get_window_extent()
        inside = [text.get_text() for text, box in covered.items() if box.overlaps(disc.padded(-2))]
        assert len(inside) == 1, f"a gate has {inside} in it"


def test_the_check_of_legibility_notices_a_text_on_another():
    picture = draw_circuit(product())
    x, y = where(picture, "−12", BLUE)
    picture.axes[0].text(x + 0.05, y, "7")
    with pytest.raises(AssertionError, match="covers"):
        assert_legible(picture)


@st.composite
def random_graphs(draw):
    wires, gates = ["x", "the_second_input", "z"], []
    for i in range(draw(st.integers(1, 9))):
        gate = draw(st.sampled_from([Add, Multiply, Difference]))()
        name = draw(st.sampled_from(["g", "h1_before_the_activation_"])) + str(i)
        gates.append((name, gate, *(draw(st.sampled_from(wires)) for _ in "ab")))
        wires.append(name)
    graph = wired(*gates, loss=gates[-1][0])
    return ran(graph, **dict.fromkeys(graph.inputs, 0.7))


@settings(deadline=None, max_examples=25)
@given(random_graphs())
def test_any_circuit_is_legible(graph):
    picture = draw_circuit(graph)
    assert_legible(picture)
    assert len(circles(picture)) == len(graph.nodes)


def test_steps_fill_the_circuit_in_forward_and_then_backward():
    graph = product()
    seen = [(numbers(p, BLUE), numbers(p, VERMILION)) for p in (draw_circuit(graph, upto=step) for step in range(5))]
    inputs = ["−2", "5", "−4"]
    assert seen == [
        (sorted(inputs), []),
        (sorted([*inputs, "3"]), []),
        (sorted([*inputs, "3", "−12"]), []),
        (sorted([*inputs, "3", "−12"]), sorted(["1", "−4", "3"])),
        (sorted([*inputs, "3", "−12"]), sorted(["1", "−4", "3", "−4", "−4"])),
    ]


def test_the_pictures_of_all_steps_have_the_same_size_and_layout():
    graph = branch()
    pictures = [draw_circuit(graph, upto=step) for step in range(7)]
    assert len({tuple(each.get_size_inches()) for each in pictures}) == 1
    assert len({tuple(where(each, name) for name in "xyf") for each in pictures}) == 1


def test_a_step_names_its_gate_and_marks_it_in_the_colour_of_its_direction():
    graph = product()
    for step, title, colour in [
        (1, "Step 1 of 4: forward through +, which makes q", BLUE),
        (3, "Step 3 of 4: backward through ×, which makes f", VERMILION),
    ]:
        picture = draw_circuit(graph, upto=step)
        assert title in words(picture, BLACK)
        assert f"{title}. " in picture.alt
        edges = [to_rgb(circle.get_edgecolor()) for circle in circles(picture)]
        assert edges.count(to_rgb(colour)) == 1
    assert {to_rgb(circle.get_edgecolor()) for circle in circles(draw_circuit(graph))} == {to_rgb(BLACK)}


def test_a_gradient_is_shown_only_when_every_branch_has_sent_its_share():
    graph = branch()  # forward a, b, f; backward f, b, a
    picture = draw_circuit(graph, upto=5)
    assert numbers(picture, VERMILION) == sorted(["1", "1", "1", "3"])
    assert "x with value 2, gradient so far 3 from b;" in picture.alt
    assert "10" in numbers(draw_circuit(graph, upto=6), VERMILION)


def test_what_the_loss_does_not_depend_on_takes_no_step_back():
    graph = wired(("f", Add(), "x", "y"), ("shown", Add(), "f", "y"), loss="f")
    picture = draw_circuit(ran(graph, x=1, y=2), upto=3)
    assert "Step 3 of 3: backward through +, which makes f" in picture.alt


@pytest.mark.parametrize("upto", [-1, 5, 1.5, "all"])
def test_a_step_that_there_is_not_is_refused(upto):
    with pytest.raises(ValueError, match=r"upto .* a whole number from 0 to 4, .* found"):
        draw_circuit(product(), upto=upto)


def test_a_graph_that_has_not_run_shows_its_wiring_alone():
    graph = wired(("q", Add(), "x", "y"), ("f", Multiply(), "q", "z"))
    picture = draw_circuit(graph)
    assert numbers(picture, BLUE) == numbers(picture, VERMILION) == []
    assert picture.alt == (
        "A circuit of 2 gates. Inputs: x; y; z. Gate + makes q from x, y. Gate × makes f from q, z. The loss is f."
    )
    assert draw_circuit(graph, upto=0).alt.startswith("A circuit of 2 gates. Step 0 of 0. Inputs: x;")
    with pytest.raises(ValueError, match="from 0 to 0, as far as this graph has run"):
        draw_circuit(graph, upto=1)


def test_values_or_gradients_can_be_left_out():
    values = draw_circuit(branch(), show_gradients=False)
    assert numbers(values, VERMILION) == []
    assert "gradient" not in " ".join(words(values, VERMILION)) + values.alt
    gradients = draw_circuit(branch(), show_values=False)
    assert numbers(gradients, BLUE) == []
    assert "value" not in gradients.alt


def test_a_gate_shows_its_symbol_or_else_a_short_form_of_its_class():
    assert symbol(Multiply()) == "×"
    assert symbol(Sum()) == "Sum"
    assert symbol(ExponentialUnitGate()) == "Exponen…"


def test_names_are_written_as_they_are():
    graph = wired(("$a$", Add(), "x_1", "\\beta$"))
    picture = draw_circuit(ran(graph, **{"x_1": 1, "\\beta$": 2}))
    assert {"$a$", "x_1", "\\beta$"} <= set(words(picture, BLACK))
    picture.png()


def test_a_graph_too_large_to_read_is_refused():
    graph = wired(*((f"h{i + 1}", Add(), f"h{i}", "step") for i in range(61)))
    with pytest.raises(ValueError, match=r"at most 60 gates.*found 61"):
        draw_circuit(graph)


def test_a_graph_without_gates_is_refused_by_the_graph():
    with pytest.raises(GraphError, match="no gates yet"):
        draw_circuit(ComputationalGraph())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.7310586, "0.731"),
        (-0.19661, "−0.197"),
        (-12.0, "−12"),
        (-0.0, "0"),
        (1234.5, "1230"),
        (-99999.0, "−100000"),
        (1.25e7, "1.25e7"),
        (-1.234e-7, "−1.23e−7"),
        (float("nan"), "nan"),
        (float("-inf"), "−inf"),
        (np.zeros((3, 2)), "(3, 2)"),
        (np.zeros(3), "(3,)"),
    ],
)
def test_numbers_have_three_significant_digits_and_a_real_minus(value, text):
    assert number(value) == text


def test_untangling_finds_the_order_without_crossings():
    # Two wires that cross, and a fork whose ends are given in the wrong order.
    assert crossings([[0, 1], [2, 3]], [(0, 3), (1, 2)]) == 1
    assert crossings(untangled([[0, 1], [2, 3]], [(0, 3), (1, 2)]), [(0, 3), (1, 2)]) == 0
    fork = [[0, 1], [2, 3, 4], [5, 6]], [(0, 2), (0, 3), (1, 4), (2, 5), (4, 5), (3, 6)]
    assert crossings(*fork) == 1
    assert crossings(untangled(*fork), fork[1]) == 0


def test_crossings_that_cannot_be_avoided_are_counted():
    links = [(a, b) for a in (0, 1, 2) for b in (3, 4, 5)]
    assert crossings([[0, 1, 2], [3, 4, 5]], links) == crossings(untangled([[0, 1, 2], [3, 4, 5]], links), links) == 9


@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=5).flatmap(
        lambda widths: st.tuples(st.just(widths), st.lists(st.tuples(*[st.integers(0, 10**6)] * 3), max_size=12))
    )
)
def test_things_of_one_layer_never_overlap_and_begin_at_the_top(drawn):
    widths, picks = drawn
    layers = [[10 * i + k for k in range(width)] for i, width in enumerate(widths)]
    links = []
    for gap, a, b in picks:
        i = gap % (len(layers) - 1)
        links.append((layers[i][a % len(layers[i])], layers[i + 1][b % len(layers[i + 1])]))
    sizes = {thing: 0.3 + 0.1 * (thing % 3) for layer in layers for thing in layer}
    middles = arrange(layers, links, sizes)
    for layer in layers:
        for a, b in combinations(layer, 2):
            assert abs(middles[a] - middles[b]) >= (sizes[a] + sizes[b]) / 2 - 1e-9
    assert min(middles[thing] - sizes[thing] / 2 for thing in sizes) == pytest.approx(0, abs=1e-9)


def test_what_is_made_of_two_things_stands_between_them_and_what_passes_is_level():
    layers, links = [[0, 1, 2], [3, 4], [5]], [(0, 3), (1, 3), (2, 4), (3, 5), (4, 5)]
    middles = arrange(layers, links, dict.fromkeys(range(6), 1.0))
    assert middles[3] == pytest.approx((middles[0] + middles[1]) / 2)
    assert middles[4] == pytest.approx(middles[2])
    assert middles[5] == pytest.approx((middles[3] + middles[4]) / 2)
