"""A gate that says what it was told: for drawing a worked example before any gate is written.

>>> graph = ComputationalGraph()
>>> graph.add("q", Told("+", 3, [-4, -4]), "x", "y")
>>> graph.add("f", Told("×", -12, [-4, 3]), "q", "z")
>>> graph.forward({"x": -2, "y": 5, "z": -4})
-12.0
>>> graph.backward()
{'x': -4.0, 'y': -4.0, 'z': 3.0}
"""

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike


class Told:
    """A gate that computes nothing: forward answers with the value it was told, backward with the gradients.

    symbol: what stands in the gate's circle, such as "+". value: a number or an array. gradients: one for each input,
    in the order of the inputs and shaped like them: those of the loss, not the local ones.
    A graph raises GraphError on the way back where there is not one gradient for each input.
    """

    def __init__(self, symbol: str, value: ArrayLike, gradients: Sequence[ArrayLike]) -> None:
        self.symbol = symbol
        self.value = value
        self.gradients = gradients

    def forward(self, *_values: Any) -> ArrayLike:
        """Return the value it was told, whatever flows in."""
        return self.value

    def backward(self, _dz: Any) -> list[ArrayLike]:
        """Return the gradients it was told, whatever flows back."""
        return list(self.gradients)
