"""A game on the patterns of the backward flow: predict the gradients of a circuit, then see which were right."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Real
from typing import Any

import numpy as np

from cs_lib.graph import ComputationalGraph, GraphError, Node, NotWrittenError
from cs_lib.plots.circuit import draw_circuit
from cs_lib.plots.circuit_words import number, slots_of, symbol
from cs_lib.plots.picture import Picture, listed

UNLIKE_ZERO = 1e-9  # what a gradient of 0 may be missed by


@dataclass(frozen=True)
class Pattern:
    """What a kind of gate does to the gradient: `symbols` and class `names` by which it is known, and the rule."""

    symbols: tuple[str, ...]
    names: tuple[str, ...]
    rule: str


PATTERNS = (
    Pattern(("+",), ("add", "plus", "sum"), "An add gate distributes: each input gets the gradient at {z} as it is."),
    Pattern(
        ("max",),
        ("max", "maximum"),
        "A max gate routes: the larger input gets the whole gradient at {z}, the other gets none of it.",
    ),
    Pattern(
        ("×", "*", "·"),
        ("multiply", "mul", "times", "product"),
        "A multiply gate switches: each input gets the gradient at {z} times the value of the other input.",
    ),
)


def predict_gradients(circuit: ComputationalGraph, /, **guesses: Any) -> Picture:
    """Run the circuit backward, and return it with only those gradients drawn that were guessed rightly.

    circuit: has run forward on numbers. guesses: for wires by their names, the gradient ∂loss/∂wire that flows back
    through it, or `...` for not guessed yet. A guess is right if it agrees to two significant digits. The
    description has a line for each guess, which for a wrong one says what its gate does with gradients, and never
    the number. The loss's own gradient, from which all others follow, is given.
    Where a gate's backward is not written yet, only values are drawn, and the description says so.
    Raises GraphError for a wire that there is not, for a guess that is not a number, and where gradients are arrays.
    """
    _check(circuit, guesses)
    try:
        circuit.backward()
    except NotWrittenError as unwritten:
        return _drawn(circuit, [], [str(unwritten)])
    for wire in guesses:
        if np.shape(circuit.gradients[wire]):
            raise GraphError(f"The game is played with numbers, but {wire!r} holds an array.")
    right = [wire for wire, guess in guesses.items() if _agrees(guess, circuit.gradients[wire])]
    lines = [_line(wire, guess, wire in right, circuit) for wire, guess in guesses.items()]
    return _drawn(circuit, [circuit.loss, *right], [*lines, f"{len(right)} of {len(guesses)} right."])


def _check(circuit: ComputationalGraph, guesses: Mapping[str, Any]) -> None:
    wires = slots_of(circuit)
    if not guesses:
        raise GraphError(f"Guess at least one gradient, such as {next(iter(wires))}=1.")
    for wire, guess in guesses.items():
        if wire not in wires:
            close = get_close_matches(wire, wires, n=1)
            doubt = f" Did you mean {close[0]!r}?" if close else ""
            raise GraphError(f"The circuit has no wire {wire!r}; its wires are {listed([*wires])}.{doubt}")
        if guess is not ... and not isinstance(guess, Real):
            raise GraphError(f"The guess for {wire!r} should be a number, or `...` for not yet; found {guess!r:.40}.")


def _drawn(circuit: ComputationalGraph, wires: list[str], lines: list[str]) -> Picture:
    """Return the circuit with the gradients of these wires, described by the lines and then in words."""
    picture = draw_circuit(circuit, show_gradients=wires)
    picture.alt = "\n".join([*lines, picture.alt])
    return picture


def _agrees(guess: Any, gradient: Any) -> bool:
    """Return whether the guess is the gradient to two significant digits, as it would be worked out by hand."""
    if guess is ... or not math.isfinite(gradient):
        return False
    half_a_digit = 0.5 * 10.0 ** (math.floor(math.log10(abs(gradient))) - 1) if gradient else 0.0
    return bool(abs(float(guess) - gradient) <= half_a_digit + UNLIKE_ZERO)


def _line(wire: str, guess: Any, is_right: bool, circuit: ComputationalGraph) -> str:
    if guess is ...:
        return f"{wire}: predict it first."
    if is_right:
        return f"{wire}: right, {number(circuit.gradients[wire])}."
    return f"{wire}: not {number(float(guess))}. {_hint(wire, circuit)}"


def _hint(wire: str, circuit: ComputationalGraph) -> str:
    """Say by which rule the wire's gradient follows from others, without any number."""
    if wire == circuit.loss:
        return "It is the loss itself: how fast does it change with itself?"
    readers = [node for node in circuit.nodes for each in node.inputs if each == wire and node.output in circuit.shares]
    if not readers:
        return "Does the loss depend on it at all?"
    if len(readers) > 1:
        made = [node.output for node in readers]
        return f"It branches, to the gates that make {' and '.join(made)}: the gradients from all branches add."
    return _rule(readers[0], wire)


def _rule(node: Node, wire: str) -> str:
    """Return what the gate does with gradients: the pattern of its kind, or the chain rule."""
    sign, name = symbol(node.gate), type(node.gate).__name__.lower().removesuffix("gate")
    for pattern in PATTERNS:
        if sign in pattern.symbols or name in pattern.names:
            return pattern.rule.format(z=node.output)
    return f"The chain rule: the gradient at {node.output} times the slope of {sign} where {wire} is."
