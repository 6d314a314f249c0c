"""Computational graphs: gates wired into any directed acyclic graph, run forward to a loss and backward to gradients.

>>> graph = ComputationalGraph()
>>> graph.add("q", Add(), "x", "y")
>>> graph.add("f", Multiply(), "q", "z")
>>> graph.forward({"x": -2, "y": 5, "z": -4})
-12.0
>>> graph.backward()
{'x': -4.0, 'y': -4.0, 'z': 3.0}

A gate is any object with `forward(*values) -> z` and `backward(dz) -> [gradient for each input]`. Values are
numbers or arrays of any shape; whether arrays broadcast is the gate's business. Read on in this order:

    wiring    gates in their places, and an order in which all can be computed
    answers   what gates are given, and what they may answer
    engine    the graph: forward in order, backward in reverse
    errors    what can be wrong, in sentences
    gates     a few worked examples
    told      a gate that says what it was told, for pictures of worked examples
"""

from cs_lib.graph.engine import ComputationalGraph
from cs_lib.graph.errors import GraphError, NotWrittenError
from cs_lib.graph.gates import Flip, Multiply, Scale, Square
from cs_lib.graph.told import Told
from cs_lib.graph.wiring import Gate, Node

__all__ = [
    "ComputationalGraph",
    "Flip",
    "Gate",
    "GraphError",
    "Multiply",
    "Node",
    "NotWrittenError",
    "Scale",
    "Square",
    "Told",
]
