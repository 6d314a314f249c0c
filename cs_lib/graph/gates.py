"""Gates as worked examples: each keeps on the way forward what it needs on the way back.

They take numbers, or arrays of one shape, and work entry by entry. dz is the gradient of the loss with respect to
what the gate made, shaped like it.
"""

from typing import Any

from numpy.typing import NDArray

from cs_lib.graph.answers import Value


class Multiply:
    """z = x·y. Each input's gradient is dz times the other input: the gate switches them."""

    symbol = "×"

    def forward(self, x: Value, y: Value) -> Value:
        """Return x·y, and keep both."""
        self.x, self.y = x, y
        return x * y

    def backward(self, dz: Value) -> list[Value]:
        """Return [dx, dy]."""
        return [dz * self.y, dz * self.x]


class Square:
    """z = x². Its slope is 2x."""

    symbol = "x²"

    def forward(self, x: Value) -> Value:
        """Return x², and keep x."""
        self.x = x
        return x * x

    def backward(self, dz: Value) -> list[Value]:
        """Return [dx]."""
        return [dz * 2 * self.x]


class Scale:
    """z = a·x for a number a. Its slope is a, wherever x is: nothing needs to be kept."""

    def __init__(self, a: float) -> None:
        self.a = a
        self.symbol = f"×{a:g}".replace("-", "−")

    def forward(self, x: Value) -> Value:
        """Return a·x."""
        return self.a * x

    def backward(self, dz: Value) -> list[Value]:
        """Return [dx]."""
        return [self.a * dz]


class Flip:
    """z = the rows of x (N, D) from right to left. Its gradient is flipped back."""

    symbol = "flip"

    def forward(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return the flipped rows."""
        return x[:, ::-1]

    def backward(self, dz: NDArray[Any]) -> list[NDArray[Any]]:
        """Return [dx]."""
        return [dz[:, ::-1]]
