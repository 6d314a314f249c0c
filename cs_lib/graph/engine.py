"""The computational graph: values flow forward through its gates in order, gradients backward in reverse."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from cs_lib.graph.answers import Value, copied, number_or_array, shares_of, value_of
from cs_lib.graph.errors import GraphError
from cs_lib.graph.wiring import Gate, Node, check_node, ends, in_order


@dataclass(frozen=True)
class Plan:
    """What follows from the wiring: the nodes in the order of the forward pass, the inputs, and the loss."""

    nodes: tuple[Node, ...]
    inputs: tuple[str, ...]
    loss: str


class ComputationalGraph:
    """A directed acyclic graph of gates between named wires, which ends in one number, the loss.

    loss:  the wire whose gradients are asked for. Need not be given where only one wire is read by no gate.
    dtype: of all arrays, values and gradients; scalars are Python floats.

    After a run, by the name of the wire:
        values      what flowed forward through it
        gradients   ∂loss/∂wire, shaped like the value; 0 where the loss does not depend on the wire
        shares      for what a gate makes, the list of gradients that the gate sent back, one for each input.
                    A value that several gates read gets a share from each, and its gradient is their sum.
    """

    def __init__(self, loss: str | None = None, dtype: DTypeLike = np.float64) -> None:
        self.dtype = dtype
        self._named_loss = loss
        self._nodes: dict[str, Node] = {}
        self._places: dict[int, Node] = {}  # by the identity of the gate
        self._forget()

    def add(self, output: str, gate: Gate, *inputs: str) -> None:
        """Place a gate that reads the wires `inputs`, in this order, and makes the wire `output`.

        Gates may be added in any order. A wire that no gate makes is an input of the graph. Raises GraphError
        for a name used twice, for a gate placed twice, and for what is not a gate that takes so many values.
        """
        node = Node(output, gate, inputs)
        check_node(node, self._nodes)
        if earlier := self._places.get(id(gate)):
            raise GraphError(
                f"{node} is the same object as {earlier}. A gate keeps what its backward pass needs, so each place "
                f"needs a gate of its own: make another {type(gate).__name__}."
            )
        self._nodes[output] = self._places[id(gate)] = node
        self._forget()

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The gates in their places, each after those that make what it reads. Raises GraphError for a cycle."""
        return self._planned().nodes

    @property
    def inputs(self) -> tuple[str, ...]:
        """The wires that gates read and no gate makes."""
        return self._planned().inputs

    @property
    def loss(self) -> str:
        """The wire in which the graph ends. Raises GraphError where it is not clear which one that is."""
        return self._planned().loss

    def forward(self, inputs: Mapping[str, ArrayLike]) -> Value:
        """Return the loss, once each gate has made its value, in order.

        inputs: a number or an array for each input of the graph. Raises GraphError for a missing input, an unknown
        wire, a cycle, or a gate that does not answer with one value; NotWrittenError, which is a GraphError, where
        it answers `...`; and what a gate raises, with a note that says which gate it was.
        """
        plan = self._planned()
        self._forget(plan)
        self._check_names(inputs)
        for wire in plan.inputs:
            self.values[wire] = number_or_array(f"The input {wire!r}", inputs[wire], self.dtype)
        for node in plan.nodes:
            answer = _ask(node, "forward", *[self.values[wire] for wire in node.inputs])
            self.values[node.output] = value_of(node, answer, self.dtype)
        self._ran_forward = True
        return copied(self.values[plan.loss])

    def backward(self) -> dict[str, Value]:
        """Return the gradient of the loss with respect to each input, by its name, shaped like its value.

        Asks each gate on which the loss depends, in reverse order; where a value branches, the gradients add.
        Raises GraphError before the forward pass, where the loss is not one number, and where a gate answers with
        a wrong number of gradients or a wrong shape; NotWrittenError where it answers `...`.
        """
        plan = self._planned()
        self._check_loss(plan.loss)
        self.shares.clear()
        self.gradients.clear()
        self.gradients[plan.loss] = 1.0
        for node in reversed(plan.nodes):
            if node.output in self.gradients:
                answer = _ask(node, "backward", self.gradients[node.output])
                self.shares[node.output] = shares_of(node, answer, self.values, self.dtype)
                self._add_up(node)
        for wire, value in self.values.items():
            self.gradients.setdefault(wire, 0.0 if isinstance(value, float) else np.zeros_like(value))
        return {wire: copied(self.gradients[wire]) for wire in plan.inputs}

    def _add_up(self, node: Node) -> None:
        """Add each share of the node to the gradient of its wire, without writing into either."""
        for wire, share in zip(node.inputs, self.shares[node.output], strict=True):
            self.gradients[wire] = self.gradients[wire] + share if wire in self.gradients else share

    def _forget(self, plan: Plan | None = None) -> None:
        """Begin anew without values, with this plan, or with none where the wiring has changed."""
        self._plan = plan
        self._ran_forward = False
        self.values: dict[str, Value] = {}
        self.gradients: dict[str, Value] = {}
        self.shares: dict[str, list[Value]] = {}

    def _planned(self) -> Plan:
        if self._plan is None:
            self._plan = self._make_plan()
        return self._plan

    def _make_plan(self) -> Plan:
        if not self._nodes:
            raise GraphError('The graph has no gates yet. Add one, as in graph.add("q", Add(), "x", "y").')
        last = ends(self._nodes)
        roots = last if self._named_loss is None else [self._named_loss]
        wires = in_order(self._nodes, [*(wire for wire in roots if wire in self._nodes), *self._nodes])
        inputs = tuple(wire for wire in wires if wire not in self._nodes)
        loss = self._named_loss or last[0]
        if self._named_loss is None and len(last) > 1:
            raise GraphError(
                f"{len(last)} wires are read by no gate ({_some(last)}), so it is not clear which one is the loss. "
                f"Name it: ComputationalGraph(loss={last[0]!r})."
            )
        if loss not in wires:
            raise GraphError(f"The loss {loss!r} is an unknown wire: no gate makes or reads it.{_close(loss, wires)}")
        return Plan(tuple(self._nodes[wire] for wire in wires if wire in self._nodes), inputs, loss)

    def _check_names(self, given: Mapping[str, Any]) -> None:
        """Raise GraphError unless there is a value for each input and for nothing else."""
        expected = self.inputs
        known = set(expected)
        for wire in given:
            if wire in self._nodes:
                raise GraphError(f"forward was given a value for {wire!r}, but {self._nodes[wire]} computes it.")
            if wire not in known:
                raise GraphError(
                    f"forward was given a value for an unknown wire, {wire!r}: no gate reads it. The inputs of this "
                    f"graph are {_some(expected)}.{_close(wire, expected)}"
                )
        for wire in expected:
            if wire not in given:
                reader = next(node for node in self.nodes if wire in node.inputs)
                raise GraphError(
                    f"forward is missing the input {wire!r}, which {reader} reads. Give it a value, or add the gate "
                    f"that makes it.{_close(wire, [*given, *self._nodes])}"
                )

    def _check_loss(self, loss: str) -> None:
        if not self._ran_forward:
            raise GraphError("backward goes back over what forward has computed: call forward first.")
        if shape := np.shape(self.values[loss]):
            raise GraphError(
                f"backward begins at the loss, which should be one number; found {loss!r} with shape {shape}. End "
                f"the graph with a gate that makes one number of it, such as a sum."
            )


def _ask(node: Node, method: str, *values: Value) -> Any:
    """Return what the gate answers to copies of the values; what it raises gets a note that says where."""
    try:
        return getattr(node.gate, method)(*[copied(value) for value in values])
    except Exception as error:
        error.add_note(f"It happened in {method} of {node}, which reads {_some(node.inputs)}.")
        raise


def _some(wires: tuple[str, ...] | list[str], most: int = 10) -> str:
    """Return the first names as words of a sentence."""
    more = f" and {len(wires) - most} more" if len(wires) > most else ""
    return (", ".join(wires[:most]) or "none") + more


def _close(wire: str, wires: Any) -> str:
    """Ask whether a name much like this one was meant, if there is one."""
    close = get_close_matches(str(wire), [each for each in wires if each != wire], n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
