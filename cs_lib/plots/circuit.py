"""Pictures of computational graphs as circuits: gates as circles, values above the wires, gradients below."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cs_lib.graph import ComputationalGraph
from cs_lib.plots.circuit_pen import GRADIENT, PLAIN, POINTS, RADIUS, SMALL, VALUE, Pen, width_of
from cs_lib.plots.circuit_words import (
    Writing,
    at_step,
    describe,
    everything,
    slots_of,
    step_titles,
    symbol,
    with_gradients_of,
)
from cs_lib.plots.layering import arrange
from cs_lib.plots.picture import BLACK, BLUE, GREY, VERMILION, WIDTH, Picture, in_our_look

MOST_GATES = 60  # beyond, nobody could read the picture
SMALLEST = 0.72  # the scale at which a wide circuit is still legible; a wider one makes a wider picture

# Inches at scale 1.
GAP = 0.05  # between a label and what is beside it
ABOVE, BELOW = -0.13, 0.135  # from a wire to the middle of its labels
NAME_BELOW = RADIUS + 0.1
MARGIN = 0.1
HEADING = 0.32  # a line of words over or under the circuit
HEIGHTS = {"input": 0.6, "gate": 0.72, "share": 0.52, "pass": 0.3}
BEND, STEEPNESS, WIDEST_BEND = 0.1, 0.4, 0.8  # of gaps in which wires bend: least, for each inch they climb, most
LEVEL = 1e-3  # a wire that climbs no more does not bend


@dataclass(frozen=True)
class Thing:
    """What takes a place in a layer: an input's name, a gate, a share's label, or a wire that passes by."""

    kind: str
    rank: int
    wire: str
    text: str = ""
    width: float = 0.0  # of the thing itself
    room: float = 0.0  # that it needs, with its name below it
    stub: float = 0.0  # of the wire behind it that carries labels
    ending: str = ""  # the name of a wire that no gate reads


@dataclass(frozen=True)
class Route:
    """One wire from where it is made to one gate that reads it: the numbers of the things on its way."""

    things: tuple[int, ...]
    reads: tuple[str, int]


@dataclass(frozen=True)
class Column:
    """A layer's place on the page: where it begins, where its things end, and where wires may bend again."""

    left: float
    middle: float
    right: float


@in_our_look
def draw_circuit(
    graph: ComputationalGraph,
    *,
    show_values: bool = True,
    show_gradients: bool | Collection[str] = True,
    upto: int | None = None,
) -> Picture:
    """Return the graph as a circuit: inputs at the left, each gate a circle with its `symbol`, the loss at the right.

    Above each wire stands its value, upright, and below it its gradient, in italics, to three significant digits;
    arrays are shown by their shape. Where a wire branches, each branch carries the share of the gradient that its
    gate sent back, and the wire itself their sum. A gate without a `symbol` is shown by the name of its class.

    show_gradients: whether gradients are shown; or the names of the wires that show theirs, in the layout of all.
    upto: how many gates have run, forward in order and then backward in reverse; later numbers are left out, and
    the gate that ran last is marked. Pictures of all steps have the same layout. None shows all there is.
    Raises ValueError where the graph has not run so far, has no such wire, or has more gates than a picture can show;
    GraphError where it has no gates, or a cycle.
    """
    if len(graph.nodes) > MOST_GATES:
        raise ValueError(
            f"draw_circuit should be given a graph of at most {MOST_GATES} gates, more would be too small to read; "
            f"found {len(graph.nodes)}. Draw a part of it."
        )
    known = everything(graph) if upto is None else at_step(graph, upto)
    with_gradients = show_gradients is not False
    shown = known.only(values=show_values, gradients=with_gradients)
    if not isinstance(show_gradients, bool):
        shown = with_gradients_of(show_gradients, graph, shown)
    widest = everything(graph).only(values=show_values, gradients=with_gradients)
    return Circuit(graph, widest, show_gradients=with_gradients).drawn(shown, describe(graph, shown))


class Circuit:
    """A graph laid out on a page whose unit is the inch, y downwards: where everything is, whatever is shown of it."""

    def __init__(self, graph: ComputationalGraph, widest: Writing, *, show_gradients: bool) -> None:
        self.graph = graph
        self.widest = widest
        self.slots = slots_of(graph)
        self.things: list[Thing] = []
        self.routes = self._routed(show_gradients)
        self.ranks = sorted({thing.rank for thing in self.things})
        self.y = self._heights()
        self.ports = self._ports()
        self.columns = self._columns()

    def drawn(self, shown: Writing, alt: str) -> Picture:
        """Return the picture, with as much written on it as is shown."""
        titles = step_titles(self.graph) if shown.step else [""]  # all pictures of a series are equally wide
        words = bool(shown.step) * HEADING
        height = max(self.y[i] + HEIGHTS[thing.kind] / 2 for i, thing in enumerate(self.things))
        keyed = bool(self.widest.values or self.widest.gradients) * HEADING
        wide = max(
            self.columns[self.ranks[-1]].right, max(width_of(step, PLAIN) for step in titles), 2.1 if keyed else 0.0
        )
        scale = min(1.0, max(SMALLEST, (WIDTH - 2 * MARGIN) / wide))
        box = (-MARGIN, wide + MARGIN, height + keyed + MARGIN, -words - MARGIN)
        picture = Picture(alt, figsize=((box[1] - box[0]) * scale, (box[2] - box[3]) * scale), layout="none")
        axes = picture.add_axes((0, 0, 1, 1), xlim=box[:2], ylim=box[2:])
        axes.set_axis_off()
        pen = Pen(axes, scale)
        for route in self.routes:
            self._draw_route(pen, route, shown)
        for number in range(len(self.things)):
            self._draw_thing(pen, number, shown)
        if shown.step:
            pen.write(0, -HEADING / 2 - 0.02, shown.step, ha="left")
        if keyed:
            self._draw_key(pen, height + HEADING / 2)
        return picture

    def _routed(self, show_gradients: bool) -> list[Route]:
        """Fill `things`, and return the routes along them."""
        depth = _depths(self.graph)
        forks = {wire for wire, reads in self.slots.items() if len(reads) > 1}
        lanes = {2 * depth[gate] - 1 for wire in forks for gate, _ in self.slots[wire]} if show_gradients else set()
        ranks = sorted({2 * each for each in depth.values()} | lanes)
        made = {wire: self._place(self._source(wire, 2 * depth[wire])) for wire in depth}
        routes = []
        for wire, reads in self.slots.items():
            for gate, number in reads:
                between = [rank for rank in ranks if 2 * depth[wire] < rank < 2 * depth[gate]]
                way = [made[wire]]
                for rank in between:
                    labelled = show_gradients and wire in forks and rank == 2 * depth[gate] - 1
                    share = self.widest.shares.get((gate, number), "") if labelled else ""
                    width = width_of(share, GRADIENT) + 2 * GAP if share else 0.0
                    way.append(self._place(Thing("share" if labelled else "pass", rank, wire, room=width)))
                routes.append(Route((*way, made[gate]), (gate, number)))
        return routes

    def _place(self, thing: Thing) -> int:
        self.things.append(thing)
        return len(self.things) - 1

    def _source(self, wire: str, rank: int) -> Thing:
        """Return the input or the gate that makes the wire."""
        node = next((node for node in self.graph.nodes if node.output == wire), None)
        text = wire if node is None else symbol(node.gate)
        inside = width_of(text, PLAIN)
        width = inside + GAP if node is None else max(2 * RADIUS, inside + 0.16 if inside > 2 * RADIUS - 0.06 else 0)
        labels = (
            width_of(self.widest.values.get(wire, ""), VALUE),
            width_of(self.widest.gradients.get(wire, ""), GRADIENT),
        )
        stub = max(0.12, max(labels) + 2 * GAP)
        ending = "" if self.slots[wire] else wire
        room = max(width, 0 if node is None or ending else width_of(wire, PLAIN) * SMALL / POINTS + GAP)
        return Thing("input" if node is None else "gate", rank, wire, text, width, room, stub, ending)

    def _heights(self) -> dict[int, float]:
        layers = [[i for i, thing in enumerate(self.things) if thing.rank == rank] for rank in self.ranks]
        order = {wire: number for number, wire in enumerate(self.slots)}
        for layer in layers:
            layer.sort(key=lambda i: order[self.things[i].wire])
        links = [link for route in self.routes for link in pairwise(route.things)]
        return arrange(layers, links, {i: HEIGHTS[thing.kind] for i, thing in enumerate(self.things)})

    def _ports(self) -> dict[tuple[str, int], float]:
        """Return how far above (−) or below (+) the middle of its gate each wire arrives, so that wires stay apart."""
        arriving: dict[int, list[Route]] = {}
        for route in self.routes:
            arriving.setdefault(route.things[-1], []).append(route)
        ports = {}
        for routes in arriving.values():
            routes.sort(key=lambda route: self.y[route.things[-2]])
            spread = min(0.7, 0.25 * (len(routes) - 1)) * RADIUS
            for route, port in zip(routes, np.linspace(-spread, spread, len(routes)), strict=True):
                ports[route.reads] = float(port)
        return ports

    def _columns(self) -> dict[int, Column]:
        """Return each layer's place; between two layers there is the more room the more steeply wires climb."""
        climbs = dict.fromkeys(self.ranks, 0.0)
        for route in self.routes:
            for a, b in pairwise(route.things):
                end = self.y[b] + (self.ports[route.reads] if b == route.things[-1] else 0)
                rank = self.things[a].rank
                climbs[rank] = max(climbs[rank], abs(end - self.y[a]))
        columns, left = {}, 0.0
        for rank in self.ranks:
            layer = [thing for thing in self.things if thing.rank == rank]
            middle = left + max(thing.room for thing in layer)
            right = middle + max(thing.stub for thing in layer)
            ends = max((width_of(thing.ending, PLAIN) + GAP for thing in layer if thing.ending), default=0.0)
            columns[rank] = Column(left, middle, right + ends)
            bend = BEND + STEEPNESS * climbs[rank] if climbs[rank] > LEVEL else GAP
            left = columns[rank].right + min(WIDEST_BEND, bend)
        return columns

    def _draw_route(self, pen: Pen, route: Route, shown: Writing) -> None:
        """Draw a wire: level where it has labels, bent between the layers."""
        first, *passed, last = route.things
        column = self.columns[self.things[first].rank]
        start = column.middle if self.things[first].kind == "input" else (column.left + column.middle) / 2
        points = [(start, self.y[first]), (column.right, self.y[first])]
        for number in passed:
            column = self.columns[self.things[number].rank]
            points += [(column.left, self.y[number]), (column.right, self.y[number])]
            if self.things[number].kind == "share":
                x = (column.left + column.right) / 2
                pen.write(x, self.y[number] + BELOW, shown.shares.get(route.reads, ""), VERMILION, GRADIENT)
        column, height = self.columns[self.things[last].rank], self.y[last] + self.ports[route.reads]
        points += [(column.left, height), ((column.left + column.middle) / 2, height)]
        pen.wire(points)

    def _draw_thing(self, pen: Pen, number: int, shown: Writing) -> None:
        """Draw an input or a gate, and the labels of the wire that begins there."""
        thing, y = self.things[number], self.y[number]
        if thing.kind not in ("input", "gate"):
            return
        column = self.columns[thing.rank]
        centre = (column.left + column.middle) / 2
        end = column.middle + max(each.stub for each in self.things if each.rank == thing.rank)
        if thing.ending:
            pen.wire([(centre, y), (end, y)])
            pen.write(end + GAP, y, thing.ending, ha="left")
        elif len(self.slots[thing.wire]) > 1:
            pen.dot(column.right, y)
        pen.write((column.middle + end) / 2, y + ABOVE, shown.values.get(thing.wire, ""), BLUE, VALUE)
        pen.write((column.middle + end) / 2, y + BELOW, shown.gradients.get(thing.wire, ""), VERMILION, GRADIENT)
        if thing.kind == "input":
            pen.write(column.middle - GAP, y, thing.text, ha="right")
            return
        latest = shown.latest is not None and shown.latest.output == thing.wire
        edge = (VERMILION if shown.direction == "backward" else BLUE) if latest else BLACK
        pen.gate(centre, y, thing.width, thing.text, edge, 2.6 if latest else 1.1)
        if not thing.ending:
            pen.write(centre, y + NAME_BELOW, thing.wire, GREY, size=SMALL)

    def _draw_key(self, pen: Pen, y: float) -> None:
        x = 0.0
        for labels, words, colour, font in (
            (self.widest.values, "value above", BLUE, VALUE),
            (self.widest.gradients, "gradient below", VERMILION, GRADIENT),
        ):
            if labels:
                pen.write(x, y, words, colour, font, size=SMALL, ha="left")
                x += width_of(words, font) * SMALL / POINTS + 0.25


def _depths(graph: ComputationalGraph) -> dict[str, int]:
    """Return for each wire how many gates lie on the longest way to it from an input, itself made by the last."""
    depth = dict.fromkeys(graph.inputs, 0)
    for node in graph.nodes:
        depth[node.output] = 1 + max((depth[wire] for wire in node.inputs), default=-1)
    return depth
