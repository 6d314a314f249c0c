"""How gates are wired: which wires each one reads, which one it makes, and an order in which all can be computed."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cs_lib.graph.errors import GraphError

LONGEST_CYCLE = 12  # wires that a message spells out


class Gate(Protocol):
    """Anything with a forward and a backward pass.

    forward(*values) returns one value and keeps what the backward pass needs. backward(dz) takes the gradient of
    the loss with respect to that value and returns a list: the gradient for each input, shaped like it.
    """

    @property
    def forward(self) -> Callable[..., Any]: ...

    @property
    def backward(self) -> Callable[..., Any]: ...


@dataclass(frozen=True, eq=False)
class Node:
    """A gate in its place: it reads the wires `inputs`, in this order, and makes the wire `output`."""

    output: str
    gate: Gate
    inputs: tuple[str, ...]

    def __str__(self) -> str:
        """Return the gate's class and the wire it makes, as words of a sentence."""
        return f"the gate {type(self.gate).__name__} that makes {self.output!r}"


def check_node(node: Node, others: Mapping[str, Node]) -> None:
    """Raise GraphError unless the node's names and its gate are usable beside the others."""
    for name in (node.output, *node.inputs):
        if not isinstance(name, str) or not name:
            raise GraphError(
                f"A wire needs a name, some text; found {name!r}. The order is: the wire that the gate makes, the "
                f'gate, the wires it reads, as in add("q", Add(), "x", "y").'
            )
    check_gate(node)
    if earlier := others.get(node.output):
        raise GraphError(
            f"The name {node.output!r} is used twice: {type(earlier.gate).__name__} makes a wire of this name "
            f"already. Give what {type(node.gate).__name__} makes another name."
        )


def check_gate(node: Node) -> None:
    """Raise GraphError unless the gate is an object with both methods, whose forward takes so many values."""
    gate = node.gate
    if isinstance(gate, type):
        name = gate.__name__
        raise GraphError(f"{node.output!r} needs a gate, but found the class {name} itself. Make one of it: {name}().")
    missing = [method for method in ("forward", "backward") if not callable(getattr(gate, method, None))]
    if missing:
        raise GraphError(
            f"{node.output!r} needs a gate, an object with the methods forward and backward; found one of type "
            f"{type(gate).__name__}, without {' and '.join(missing)}."
        )
    try:
        inspect.signature(gate.forward).bind(*node.inputs)
    except TypeError:
        takes = inspect.signature(gate.forward)
        raise GraphError(
            f"{node} reads {len(node.inputs)} wires ({', '.join(node.inputs) or 'none'}), but its method is "
            f"forward{takes}. Wire one input to each value that forward takes."
        ) from None
    except ValueError:  # written in C, some methods do not tell what they take
        return


def in_order(nodes: Mapping[str, Node], roots: Iterable[str]) -> list[str]:
    """Return the wires from which the roots are made, and the roots, each once and after what it is made from.

    The order follows from the wiring alone: what a gate reads first comes first. The walk goes as deep as the
    graph does, so it keeps its own path instead of calling itself. Raises GraphError where wires form a cycle.
    """
    done: dict[str, None] = {}
    for root in roots:
        path = {root: iter(inputs_of(root, nodes))} if root not in done else {}  # each wire reads the next
        while path:
            wire, unseen = next(reversed(path.items()))
            needed = next((each for each in unseen if each not in done), None)
            if needed is None:
                path.popitem()
                done[wire] = None
            elif needed in path:
                raise GraphError(describe_cycle(list(path), needed))
            else:
                path[needed] = iter(inputs_of(needed, nodes))
    return list(done)


def inputs_of(wire: str, nodes: Mapping[str, Node]) -> tuple[str, ...]:
    """Return the wires from which this one is made: none for an input of the graph."""
    return nodes[wire].inputs if wire in nodes else ()


def ends(nodes: Mapping[str, Node]) -> list[str]:
    """Return the wires that a gate makes and no gate reads."""
    read = {wire for node in nodes.values() for wire in node.inputs}
    return [wire for wire in nodes if wire not in read]


def describe_cycle(path: list[str], needed: str) -> str:
    """Say which wires form the cycle that begins and ends at `needed`; in the path each wire reads the next."""
    back = [needed, *reversed(path[path.index(needed) + 1 :]), needed]
    if len(back) > LONGEST_CYCLE:
        back = [*back[: LONGEST_CYCLE - 2], "…", needed]
    return (
        f"The wires {' → '.join(back)} form a cycle: each is made from the one before it, so none can be computed "
        f"first. Which of these gates should read another wire?"
    )
