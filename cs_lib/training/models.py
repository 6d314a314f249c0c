"""What can be trained: parameters by name, a loss with its gradients, and predictions; and a linear classifier."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

Gradients = Mapping[str, Any]
LossFunction = Callable[[NDArray[Any], NDArray[Any], NDArray[Any], float], Any]


class TrainingError(ValueError):
    """Training cannot start or go on, for the reason that the message gives."""

    def _render_traceback_(self) -> list[str]:
        """Show a notebook the sentence alone: the lines of this library explain nothing to a student."""
        return [f"{type(self).__name__}: {self}"]


class Model(Protocol):
    """What can be trained: parameters by name, a loss with its gradients by name, and predictions."""

    params: dict[str, NDArray[Any]]

    def loss(self, X: NDArray[Any], y: NDArray[Any], reg: float) -> tuple[Any, Gradients]:
        """Return the loss, one number, and for each parameter its gradient, of the same shape."""

    def predict(self, X: NDArray[Any]) -> Any:
        """Return the predicted class of each example: (N,) whole numbers."""


class LinearClassifier:
    """Scores X @ W, trained with a loss function f(W, X, y, reg) -> (loss, dW).

    params["W"] is (num_features, num_classes) of the given dtype, drawn from a normal distribution around 0
    with standard deviation weight_scale: small, so that at first all scores are about equal. Column k of W is
    the template of class k. For a bias, give X a column of ones (`cs_lib.datasets.add_bias_column`).
    """

    def __init__(
        self,
        loss_function: LossFunction,
        num_features: int,
        num_classes: int,
        *,
        weight_scale: float = 1e-3,
        dtype: DTypeLike = np.float64,
        rng: np.random.Generator,
    ) -> None:
        self.loss_function = loss_function
        W = weight_scale * rng.standard_normal((num_features, num_classes))
        self.params = {"W": W.astype(dtype)}

    def loss(self, X: NDArray[Any], y: NDArray[Any], reg: float) -> tuple[Any, Gradients]:
        """Return the loss function's (loss, {"W": dW}); raise TrainingError if it returns no such pair."""
        result = self.loss_function(self.params["W"], X, y, reg)
        if result is ...:
            return ..., {"W": ...}
        if not isinstance(result, tuple) or len(result) != 2:
            raise TrainingError(
                f"{loss_name(self)} should return the pair (loss, dW); it returned {describe(result)}. "
                "Its last line should be: return loss, dW"
            )
        return result[0], {"W": result[1]}

    def predict(self, X: NDArray[Any]) -> NDArray[np.intp]:
        """Return for each example (N,) the class with the highest score."""
        scores = X @ self.params["W"]
        predicted: NDArray[np.intp] = np.argmax(scores, axis=1)
        return predicted


def loss_name(model: Model) -> str:
    """Return the name of the function that a student would have to look at."""
    function = getattr(model, "loss_function", None)
    return getattr(function, "__name__", f"{type(model).__name__}.loss")


def describe(value: Any) -> str:
    """Return what was found in a few words: the shape of an array, the type of anything else."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if isinstance(value, tuple):
        return f"a tuple of {len(value)}"
    return "None" if value is None else f"{value!r:.40} ({type(value).__name__})"
