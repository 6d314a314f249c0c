"""Judge by the result: train a student's own net with the student's own settings, and see how well it reads.

Training runs where the student's code runs. The labels of the held-back examples never go there: what comes back are
predictions, and they are judged here.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cs_lib.checking.assertions import StudentFunction
from cs_lib.checking.comparison import show
from cs_lib.checking.quantities import fail
from cs_lib.submission.outcomes import Crashed, NotStarted, one_line

if TYPE_CHECKING:
    from cs_lib.datasets import Dataset

RANGES: dict[str, tuple[type, float, float]] = {
    "hidden_size": (int, 1, 1000),
    "weight_scale": (float, 0, 10),
    "learning_rate": (float, 1e-8, 1e4),
    "decay": (float, 1e-3, 1),
    "reg": (float, 0, 1e3),
    "batch_size": (int, 1, 2000),
    "steps": (int, 1, 50_000),
}
"""The settings of a net: for each its kind, and the least and the most it may be."""
BUDGET = 50_000_000
"""The most that steps × batch_size × hidden_size may be: a few seconds of training on one core."""


def assert_net_learns(
    settings: StudentFunction,
    net: StudentFunction,
    digits: "Dataset",
    held_back: tuple[NDArray[Any], NDArray[Any]],
    at_least: float,
    seed: int,
) -> None:
    """Assert that the student's net, trained with the student's settings, predicts held-back examples rightly.

    settings: returns a dict with the keys of RANGES
    net: a class, made with (input_size, hidden_size, num_classes, weight_scale, rng), that cs_lib.training can train
    held_back: (X, y), which the net is not trained on
    at_least: the share of them, 0 to 1, that must be right

    Raises Mismatch with what to look at where it does not learn enough, NoAnswer where there is no net to train.
    """
    chosen = checked_settings(settings.name, settings())
    data = (digits.X_train, digits.y_train, held_back[0], len(digits.class_names), seed)
    found = net.caller.call(net.name, (chosen, *data), {}, via="trained").value
    if not isinstance(found, dict):
        raise Crashed(f"{net.name}: its process sent something that is not an answer")
    note = one_line(str(found.get("note", "")))
    if note.startswith("Not trained"):
        raise NotStarted(note)
    right = accuracy_of(found.get("held_back"), held_back[1])
    if right >= at_least:
        return
    problem = f"The net reads {right:.0%} of the digits that it has never seen, and should read {at_least:.0%}."
    fail(settings.name, problem, note or _advice(accuracy_of(found.get("train"), digits.y_train), right))


def checked_settings(name: str, settings: Any) -> dict[str, float | int]:
    """Return the settings once each is there, a number and within its range; raises NotStarted or Mismatch."""
    if settings is ...:
        raise NotStarted(f"{name} still returns `...`")
    if not isinstance(settings, Mapping):
        fail(name, f"{name} should return a dict of settings.", f"Its keys are {', '.join(RANGES)}.")
    for key, (kind, least, most) in RANGES.items():
        value = settings.get(key, ...)
        if value is ...:
            fail(name, f"the setting {key!r} is missing.", "Each key that the docstring lists needs a value.")
        is_number = isinstance(value, int | np.integer) or (kind is float and isinstance(value, float | np.floating))
        if isinstance(value, bool) or not is_number or not least <= value <= most:
            what = "a whole number" if kind is int else "a number"
            fail(key, f"{key} is {value!r:.60}, but should be {what} from {show(least)} to {show(most)}.", "")
    chosen = {key: kind(settings[key]) for key, (kind, _, _) in RANGES.items()}
    cost = chosen["steps"] * chosen["batch_size"] * chosen["hidden_size"]
    if cost > BUDGET:
        problem = f"steps x batch_size x hidden_size is {cost:,}; the budget is {BUDGET:,}."
        fail(name, problem, "A smaller net, or fewer steps, is enough here.")
    return chosen


def accuracy_of(predicted: Any, y: NDArray[Any]) -> float:
    """Return the share of right predictions; raises Crashed where there is not one whole number for each example."""
    if not isinstance(predicted, np.ndarray) or predicted.shape != y.shape or predicted.dtype.kind not in "iu":
        raise Crashed("predict should return one class, a whole number, for each example")
    return float(np.mean(predicted == y))


def _advice(trained: float, held_back: float) -> str:
    if trained < 0.5:
        return f"It has hardly learnt even the training digits ({trained:.0%}): look at learning_rate, steps and reg."
    if trained - held_back > 0.04:
        return f"It reads {trained:.0%} of the training digits: it has learnt them by heart. What keeps weights small?"
    return f"It reads {trained:.0%} of the training digits, so there is more to learn: steps, learning_rate, reg?"
