"""What gates are given and what they answer: scalars are floats, arrays are copies of their own.

Every value and every gradient is copied on its way in and out of a gate. So a gate may keep what it is given,
overwrite it, or answer twice with the same array, and no other wire feels it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from cs_lib.graph.errors import GraphError, NotWrittenError
from cs_lib.graph.wiring import Node

Value = float | NDArray[Any]


def copied(value: Value) -> Value:
    """Return an array's copy; a float, which nobody can overwrite, as it is."""
    return value.copy() if isinstance(value, np.ndarray) else value


def number_or_array(name: str, found: Any, dtype: DTypeLike) -> Value:
    """Return a float, or a new array of this dtype; raise GraphError where `found` holds no real numbers."""
    try:
        array = np.asarray(found)
    except ValueError:  # rows of different lengths
        raise GraphError(f"{name} should be a number or an array; found rows of different lengths.") from None
    if array.dtype.kind not in "fiub":
        raise GraphError(f"{name} should hold real numbers; found {_described(found)} of dtype {array.dtype}.")
    return float(array) if array.shape == () else np.array(array, dtype=dtype)


def value_of(node: Node, answer: Any, dtype: DTypeLike) -> Value:
    """Return the value that the gate's forward answered with; raise GraphError where it is not one value."""
    what = f"forward of {node}"
    if answer is ...:
        raise NotWrittenError(f"Not started: {what} is not written yet, it still returns `...`.")
    if answer is None or isinstance(answer, tuple | list):
        advice = " Is its return statement missing?" if answer is None else ""
        raise GraphError(f"{what} should return one value, a number or an array; found {_described(answer)}.{advice}")
    return number_or_array(f"What {what} returns", answer, dtype)


def shares_of(node: Node, answer: Any, values: Mapping[str, Value], dtype: DTypeLike) -> list[Value]:
    """Return the gradients that the gate's backward answered with, one for each input and shaped like it.

    Raises GraphError where there are not as many, or a shape does not match; NotWrittenError for `...`.
    """
    what, number = f"backward of {node}", len(node.inputs)
    if answer is ...:
        raise NotWrittenError(f"Not started: {what} is not written yet, it still returns `...`.")
    if not isinstance(answer, tuple | list) or len(answer) != number:
        raise GraphError(
            f"{what} should return a list of {number} gradient{'' if number == 1 else 's'}, one for each input "
            f"({', '.join(node.inputs) or 'there are none'}); found {_described(answer)}.{_advice(answer, number)}"
        )
    return [_share(what, wire, share, values[wire], dtype) for wire, share in zip(node.inputs, answer, strict=True)]


def _share(what: str, wire: str, share: Any, value: Value, dtype: DTypeLike) -> Value:
    """Return one gradient of the list; raise unless it is made of numbers and has the shape of its value."""
    if share is ...:
        raise NotWrittenError(f"Not started: {what} is not written yet, its gradient for {wire!r} is still `...`.")
    if share is None:
        raise GraphError(f"{what} should return a gradient for {wire!r}, 0 if it does not matter; found None.")
    gradient = number_or_array(f"The gradient for {wire!r} from {what}", share, dtype)
    shape, expected = np.shape(gradient), np.shape(value)
    if shape != expected:
        raise GraphError(
            f"{what} should return a gradient for {wire!r} with the shape of its value, {expected}; found "
            f"{shape}.{_doubt(shape, expected)}"
        )
    return gradient


def _advice(answer: Any, number: int) -> str:
    if answer is None:
        return " Is its return statement missing?"
    if number == 1 and not isinstance(answer, tuple | list):
        return " A list of one is a list, too: put it in square brackets."
    return ""


def _doubt(shape: tuple[int, ...], expected: tuple[int, ...]) -> str:
    """Return a question about two shapes that differ in a way often seen, or nothing."""
    if shape == expected[::-1]:
        return " Is it transposed?"
    try:
        was_broadcast = np.broadcast_shapes(shape, expected) == shape
    except ValueError:
        return ""
    return " The value was broadcast on the way forward: what undoes that on the way back?" if was_broadcast else ""


def _described(found: Any) -> str:
    if found is None:
        return "nothing (None)"
    if isinstance(found, tuple | list):
        return f"a {type(found).__name__} of {len(found)}"
    if isinstance(found, np.ndarray) and found.shape:
        return f"an array of shape {found.shape}"
    return f"one {type(found).__name__}"
