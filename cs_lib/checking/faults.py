"""Recognise the general faults: a constant factor, a transposed array, wrong only in some places, a multiple of W.

Each is a statement about the numbers that either holds for every entry or is not made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cs_lib.checking.comparison import show, unequal

Array = npt.NDArray[Any]
Arguments = Mapping[str, Any]
"""The arguments of the call by the names of the reference's parameters."""


@dataclass(frozen=True)
class Difference:
    """A wrong answer beside the right one: two float arrays of one shape, and where they differ (bool)."""

    got: Array
    expected: Array
    wrong: Array
    arguments: Arguments


def recognise(got: Array, expected: Array, wrong: Array, arguments: Arguments) -> str:
    """Return a sentence on what makes `got` differ from `expected`, or "" where nothing fits exactly.

    got, expected: arrays of one shape; wrong: bool, where they differ
    """
    difference = Difference(np.asarray(got, dtype=float), np.asarray(expected, dtype=float), wrong, arguments)
    faults = (_zero, _factor, _scalar_difference, _transposed, _regulariser, _places)
    return next((sentence for fault in faults if (sentence := fault(difference))), "")


def _zero(d: Difference) -> str:
    if d.got.ndim == 0 or d.got.any():
        return ""
    return "It is zero everywhere: is it still what it was initialised to?"


def _factor(d: Difference) -> str:
    factor = _ratio(d.got, d.expected)
    if factor is None:
        return ""
    name = _named_number(factor, d.arguments)
    if name:
        return f"It is the right answer times {name}. {_on_factor(name)}".rstrip()
    return f"It is the right answer times {show(factor)}." if d.got.ndim else ""


def _ratio(got: Array, expected: Array) -> float | None:
    """Return the one factor between two arrays, or None where there is none other than 0 and 1."""
    norm = float(np.sum(expected * expected))
    if norm == 0:
        return None
    factor = float(np.sum(got * expected)) / norm
    if abs(factor) < 1e-9 or unequal(got, factor * expected).any():
        return None
    return factor


def _named_number(number: float, arguments: Arguments) -> str:
    """Return what a number equals among the sizes and constants of this call, or ""."""
    known: dict[str, float] = {"-1": -1, "2": 2, "1/2": 0.5, "-2": -2, "-1/2": -0.5}
    for letter, size in sizes(arguments).items():
        known |= {f"{letter} = {size}": size, f"1/{letter} = 1/{size}": 1 / size}
        known |= {f"-{letter} = -{size}": -size, f"-1/{letter} = -1/{size}": -1 / size}
    reg = arguments.get("reg")
    if isinstance(reg, float) and reg:
        known["reg"] = reg
    matches = [name for name, value in known.items() if np.isclose(number, value, rtol=1e-6)]
    return matches[0] if matches else ""


def sizes(arguments: Arguments) -> dict[str, int]:
    """Return N, D and C as far as the arguments tell them."""
    found: dict[str, int] = {}
    by_name = {
        "X": ("N", "D"),
        "W": ("D", "C"),
        "scores": ("N", "C"),
        "margins": ("N", "C"),
        "probs": ("N", "C"),
    }
    for name, letters in by_name.items():
        value = arguments.get(name)
        if isinstance(value, np.ndarray) and value.ndim == 2:
            found |= {letter: size for letter, size in zip(letters, value.shape, strict=True) if size > 1}
    return found


def _on_factor(name: str) -> str:
    if name.startswith("N "):
        return "The loss is the mean over the minibatch: where do you divide by N?"
    if name.startswith("1/N"):
        return "Is it divided by N twice?"
    return {"-1": "Look at the sign.", "-2": "Look at the sign and the factor."}.get(name, "")


def _scalar_difference(d: Difference) -> str:
    if d.got.ndim:
        return ""
    difference = float(d.got - d.expected)
    W, reg = d.arguments.get("W"), d.arguments.get("reg")
    if not isinstance(W, np.ndarray) or not isinstance(reg, float) or not reg:
        return ""
    share = difference / (reg * float(np.sum(W**2)))
    if np.isclose(share, -1, rtol=1e-6):
        return "It is too small by exactly the regulariser, reg times the sum of W**2."
    if np.isclose(share, -0.5, rtol=1e-6):
        return "It is too small by half the regulariser: this course's has no 1/2."
    return ""


def _transposed(d: Difference) -> str:
    square: bool = d.got.ndim == 2 and d.got.shape[0] == d.got.shape[1] > 1
    return "It is the transpose of the right answer." if square and not unequal(d.got.T, d.expected).any() else ""


def _regulariser(d: Difference) -> str:
    """Recognise got = factor · expected + multiple · W, which is a right gradient but for its regulariser."""
    W, reg = d.arguments.get("W"), d.arguments.get("reg")
    if not isinstance(W, np.ndarray) or W.shape != d.got.shape or d.got.size < 3:
        return ""
    columns = np.stack([d.expected.ravel(), W.ravel()], axis=1)
    (factor, multiple), *_ = np.linalg.lstsq(columns, d.got.ravel(), rcond=None)
    if unequal(d.got, factor * d.expected + multiple * W).any():
        return ""
    if np.isclose(factor, 1, rtol=1e-7):
        return _on_multiple_of_weights(float(multiple), reg)
    name = _named_number(float(factor), d.arguments)
    if name and isinstance(reg, float) and np.isclose(multiple, (1 - factor) * 2 * reg, rtol=1e-6, atol=1e-12):
        return f"The part that comes from the data is the right one times {name}. {_on_factor(name)}".rstrip()
    return ""


def _on_multiple_of_weights(multiple: float, reg: Any) -> str:
    if not isinstance(reg, float) or not reg:
        return f"It is right but for {show(multiple)} times W: look at the regulariser."
    share = multiple / reg
    if np.isclose(share, -2, rtol=1e-6):
        return "It is right but for the regulariser: what does reg * sum(W**2) add to the gradient?"
    return f"It is right but for {show(share)} times reg * W: what is the gradient of reg * sum(W**2)?"


def _places(d: Difference) -> str:
    if d.got.ndim != 2 or d.wrong.all():
        return ""
    rows, columns = np.asarray(d.wrong.any(axis=1)), np.asarray(d.wrong.any(axis=0))
    return _right_class(d, only=True) or _some(rows, "row") or _some(columns, "column") or _right_class(d, only=False)


def _right_class(d: Difference, *, only: bool) -> str:
    y = d.arguments.get("y")
    if not isinstance(y, np.ndarray) or y.shape != d.got.shape[:1]:
        return ""
    right_class = np.arange(d.got.shape[1]) == y[:, np.newaxis]
    if only:
        return "" if d.wrong[~right_class].any() else "Only the right class's entry of each row is wrong."
    return "" if d.wrong[right_class].any() else "The right class's entries are right; those of other classes are not."


def _some(wrong: Array, noun: str) -> str:
    """Return "wrong only in …" where that says something: fewer than half of the rows or columns."""
    indices = np.flatnonzero(wrong)
    if not 0 < 2 * len(indices) < len(wrong) + 1 or len(wrong) < 2:
        return ""
    plural = "s" if len(indices) > 1 else ""
    shown = ", ".join(map(str, indices[:6])) + (", …" if len(indices) > 6 else "")
    return f"It is wrong only in {noun}{plural} {shown}; all others are right."
