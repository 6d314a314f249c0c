"""What training asks of its data, its settings and its model; what cannot be right is refused with a sentence."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cs_lib.training.models import Model, TrainingError, describe, loss_name


class Unwritten(Exception):
    """The model returned the course's mark of something not written yet; the message says what."""


class Diverged(Exception):
    """A quantity stopped being finite; the message says which."""


@dataclass(frozen=True, eq=False)
class Data:
    """Training examples, and validation examples if there are any, that fit together."""

    X: NDArray[Any]
    y: NDArray[Any]
    X_val: NDArray[Any] | None
    y_val: NDArray[Any] | None

    def __post_init__(self) -> None:
        if (self.X_val is None) != (self.y_val is None):
            raise TrainingError("Validation needs both X_val and y_val; found only one of them.")
        _check_examples("X", self.X, "y", self.y)
        if self.X_val is not None and self.y_val is not None:
            _check_examples("X_val", self.X_val, "y_val", self.y_val)


@dataclass(frozen=True)
class Settings:
    """The numbers that steer one run; the meaning of each is in `train`."""

    learning_rate: float
    reg: float
    batch_size: int | None
    steps: int
    decay: float
    evaluate_every: int | None = None

    def __post_init__(self) -> None:
        for name in ("learning_rate", "decay"):
            value = getattr(self, name)
            if not (value > 0 and math.isfinite(value)):
                raise TrainingError(f"{name} should be a finite number above 0; found {value!r}.")
        if not (self.reg >= 0 and math.isfinite(self.reg)):
            raise TrainingError(f"reg should be a finite number, 0 or above; found {self.reg!r}.")
        for name in ("steps", "batch_size", "evaluate_every"):
            value = getattr(self, name)
            optional = name != "steps" and value is None
            if not optional and not (isinstance(value, int | np.integer) and value >= 1):
                raise TrainingError(f"{name} should be a whole number, 1 or above; found {value!r}.")


def _check_examples(X_name: str, X: NDArray[Any], y_name: str, y: NDArray[Any]) -> None:
    """Raise TrainingError unless there are as many labels as examples, at least one, in floating point."""
    if len(X) != len(y):
        raise TrainingError(
            f"{X_name} and {y_name} should have one row and one label for each example; "
            f"found {len(X):,} rows in {X_name} and {len(y):,} labels in {y_name}."
        )
    if len(X) == 0:
        raise TrainingError(f"{X_name} should have at least one example; found none.")
    if not np.issubdtype(X.dtype, np.floating):
        raise TrainingError(
            f"{X_name} should hold floating-point numbers; found {X.dtype}, in which sums can overflow. "
            f"Use {X_name}.astype(np.float64)."
        )


def check_params(model: Model) -> None:
    """Raise TrainingError unless every parameter is an array of finite floating-point numbers."""
    for name, param in model.params.items():
        if not (isinstance(param, np.ndarray) and np.issubdtype(param.dtype, np.floating)):
            raise TrainingError(
                f"params[{name!r}] should be an array of floating-point numbers; found {describe(param)}."
            )
        if not np.isfinite(param).all():
            raise TrainingError(f"params[{name!r}] has values that are not finite; make the model anew.")


def checked_loss(model: Model, loss: Any) -> float:
    """Return the loss as a float; raise TrainingError unless it is one number."""
    if loss is ...:
        raise Unwritten(f"{loss_name(model)} is not written yet, its loss is still `...`.")
    if np.ndim(loss) != 0 or not np.issubdtype(np.asarray(loss).dtype, np.number) or np.iscomplexobj(loss):
        raise TrainingError(
            f"The loss of {loss_name(model)} should be one number, the mean over the minibatch; found {describe(loss)}."
        )
    return float(loss)


def check_gradients(model: Model, grads: Any) -> None:
    """Raise TrainingError unless there is a gradient of the right shape for each parameter."""
    for name, param in model.params.items():
        if not isinstance(grads, Mapping) or name not in grads:
            found = sorted(grads) if isinstance(grads, Mapping) else describe(grads)
            raise TrainingError(
                f"{loss_name(model)} should return a gradient for each of {sorted(model.params)}; found {found}."
            )
        grad = grads[name]
        if grad is ...:
            raise Unwritten(f"{loss_name(model)} is not written yet, its d{name} is still `...`.")
        if np.shape(grad) != param.shape:
            raise TrainingError(
                f"{loss_name(model)} should return d{name} with the shape of {name}, {param.shape}; "
                f"found {describe(grad)}."
            )
