"""What is written on a picture of a circuit when so many gates have run, and the same in words."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cs_lib.graph import ComputationalGraph, Node
from cs_lib.plots.picture import listed

Slots = dict[str, list[tuple[str, int]]]
"""For each wire who reads it, as (gate's output, number of its input)."""


@dataclass(frozen=True)
class Writing:
    """Values and gradients as text, by wire, and each gate's shares by (its output, number of its input).

    latest and direction: the gate that ran last, "forward" or "backward"; None and "" where nothing did.
    """

    values: dict[str, str]
    gradients: dict[str, str]
    shares: dict[tuple[str, int], str]
    latest: Node | None = None
    direction: str = ""
    step: str = ""

    def only(self, *, values: bool, gradients: bool) -> "Writing":
        """Return it without the values, or without the gradients."""
        return replace(
            self,
            values=self.values if values else {},
            gradients=self.gradients if gradients else {},
            shares=self.shares if gradients else {},
        )


def everything(graph: ComputationalGraph) -> Writing:
    """Return all that the graph has computed."""
    return Writing(
        {wire: number(value) for wire, value in graph.values.items()},
        {wire: number(gradient) for wire, gradient in graph.gradients.items()},
        {(wire, k): number(share) for wire, shares in graph.shares.items() for k, share in enumerate(shares)},
    )


def at_step(graph: ComputationalGraph, upto: int) -> Writing:
    """Return what is known when so many gates have run, forward in order and then backward in reverse.

    A wire's gradient is known when all gates that read it have sent back their shares. Raises ValueError where
    the graph has not run so far.
    """
    steps = steps_of(graph)
    if not isinstance(upto, int | np.integer) or not 0 <= upto <= len(steps):
        raise ValueError(
            f"upto should be how many gates have run, forward and then backward: a whole number from 0 to "
            f"{len(steps)}, as far as this graph has run; found {upto!r}."
        )
    unmade = {node.output for node, direction in steps[upto:] if direction == "forward"}
    asked = {node.output for node, direction in steps[:upto] if direction == "backward"}
    unasked = [node for node, direction in steps[upto:] if direction == "backward"]
    waiting = {wire for node in unasked for wire in node.inputs}
    known = everything(graph)
    latest, direction = steps[upto - 1] if upto else (None, "")
    return Writing(
        {wire: value for wire, value in known.values.items() if wire not in unmade},
        {wire: gradient for wire, gradient in known.gradients.items() if asked and wire not in waiting},
        {slot: share for slot, share in known.shares.items() if slot[0] in asked},
        latest,
        direction,
        step_titles(graph)[upto],
    )


def with_gradients_of(wires: Collection[str], graph: ComputationalGraph, writing: Writing) -> Writing:
    """Return the writing with only these wires' gradients and shares; raise ValueError unless the graph has them."""
    slots = slots_of(graph)
    if unknown := [wire for wire in wires if wire not in slots]:
        raise ValueError(f"show_gradients should name wires of the graph, {listed([*slots])}; found {unknown[0]!r}.")
    kept = {slot for wire in wires for slot in slots[wire]}
    return replace(
        writing,
        gradients={wire: text for wire, text in writing.gradients.items() if wire in wires},
        shares={slot: text for slot, text in writing.shares.items() if slot in kept},
    )


def steps_of(graph: ComputationalGraph) -> list[tuple[Node, str]]:
    """Return the gates that have run and in which direction, in order, as far as the graph has run."""
    forward = [(node, "forward") for node in graph.nodes if node.output in graph.values]
    return forward + [(node, "backward") for node in reversed(graph.nodes) if node.output in graph.shares]


def step_titles(graph: ComputationalGraph) -> list[str]:
    """Return a title for the picture before any gate has run, and for that after each step."""
    steps = steps_of(graph)
    ran = [f": {direction} through {symbol(node.gate)}, which makes {node.output}" for node, direction in steps]
    return [f"Step {number} of {len(steps)}{words}" for number, words in enumerate(["", *ran])]


def symbol(gate: Any) -> str:
    """Return the gate's `symbol`, or a short form of the name of its class."""
    own = getattr(gate, "symbol", None)
    if isinstance(own, str) and own:
        return own
    name = type(gate).__name__
    for ending in ("Gate", "Layer"):
        name = name.removesuffix(ending) or name
    return name if len(name) <= 8 else f"{name[:7]}…"


def number(value: Any) -> str:
    """Return a number to three significant digits, with a real minus sign; an array as its shape."""
    if np.shape(value):
        return str(np.shape(value))
    short = f"{value + 0.0:.3g}"  # adding 0.0 turns -0.0 into 0.0
    if "e" in short:
        digits, power = short.split("e")
        short = f"{float(short):.0f}" if 0 < int(power) < 6 else f"{digits}e{int(power)}"
    return short.replace("-", "−")


def slots_of(graph: ComputationalGraph) -> Slots:
    """Return for each wire who reads it, as (gate's output, number of its input); wires in reading order."""
    slots: Slots = {}
    for node in graph.nodes:
        for k, wire in enumerate(node.inputs):
            slots.setdefault(wire, []).append((node.output, k))
        slots.setdefault(node.output, [])
    return slots


def describe(graph: ComputationalGraph, shown: Writing) -> str:
    """Return the circuit in words: its gates, and the values and gradients that are shown."""
    slots = slots_of(graph)
    many = "1 gate" if len(graph.nodes) == 1 else f"{len(graph.nodes)} gates"
    inputs = [f"{wire}{_numbers(wire, shown, slots, ' with ')}" for wire in graph.inputs]
    gates = [
        f"gate {symbol(node.gate)} makes {node.output}{_from(node)}{_numbers(node.output, shown, slots, ': ')}"
        for node in graph.nodes
    ]
    parts = [f"A circuit of {many}.", f"{shown.step}." if shown.step else ""]
    parts += [f"Inputs: {'; '.join(inputs)}." if inputs else "No inputs."]
    parts += [f"{gate[0].upper()}{gate[1:]}." for gate in gates]
    return " ".join([*filter(None, parts), f"The loss is {graph.loss}."])


def _from(node: Node) -> str:
    return f" from {listed(node.inputs)}" if node.inputs else ""


def _numbers(wire: str, shown: Writing, slots: Slots, before: str) -> str:
    """Return the wire's value and gradient in words, and the shares of the gradient where the wire branches."""
    words = []
    if wire in shown.values:
        words.append(f"value {_shape_or_number(shown.values[wire])}")
    shares = [f"{_shape_or_number(shown.shares[slot])} from {slot[0]}" for slot in slots[wire] if slot in shown.shares]
    if wire in shown.gradients:
        total = f", the sum of {' and '.join(shares)}" if len(shares) > 1 else ""
        words.append(f"gradient {_shape_or_number(shown.gradients[wire])}{total}")
    elif shares:
        words.append(f"gradient so far {' and '.join(shares)}")
    return before + ", ".join(words) if words else ""


def _shape_or_number(text: str) -> str:
    return f"of shape {text}" if text.startswith("(") else text
