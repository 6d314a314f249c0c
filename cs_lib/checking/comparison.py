"""Compare a student's answer with the right one: type, then shape, then dtype, then finite, then values.

The first thing that is wrong is the only thing reported, as one `Finding`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cs_lib.submission.wire import Foreign

Array = npt.NDArray[Any]

RTOL = {"float64": 1e-7, "float32": 2e-4}
"""Relative tolerance by the precision of the answer: far above rounding, far below any mistake."""
ATOL = {"float64": 1e-12, "float32": 1e-6}
"""Absolute tolerance: what rounding leaves where numbers of about 1 cancel."""


@dataclass(frozen=True)
class Finding:
    """What is wrong with one returned quantity."""

    quantity: str
    problem: str
    """One sentence."""
    index: str = ""
    yours: str = ""
    expected: str = ""
    cause: str = ""
    """Which mistake it looks like, where that can be told."""

    def __str__(self) -> str:
        places = [self.problem]
        if self.yours:
            where = f"at {self.quantity}{self.index}: " if self.index else ""
            places.append(f"{where}yours {self.yours}, expected {self.expected}")
        return "\n".join([*places, *([self.cause] if self.cause else [])])


def compare(
    quantity: str, got: Any, expected: Any, *, single_precision: bool = False
) -> tuple[Finding | None, Array | None]:
    """Return what is wrong with `got`, or None, and where the values differ (bool, expected's shape), or None.

    single_precision: whether the arguments were float32, so that a float32 answer is right
    """
    right = np.asarray(expected)
    finding = _wrong_type(quantity, got, right) or _wrong_shape(quantity, np.asarray(got), right)
    finding = finding or _wrong_dtype(quantity, np.asarray(got), right, single_precision)
    finding = finding or _not_finite(quantity, np.asarray(got), right)
    if finding:
        return finding, None
    return _wrong_values(quantity, np.asarray(got), right, single_precision)


def unequal(got: Array, expected: Array, *, single_precision: bool = False) -> Array:
    """Return where two arrays of one shape differ by more than rounding can explain: bool, of their shape.

    single_precision: whether they were computed from float32, whatever their own dtypes
    """
    if expected.dtype.kind not in "fc":
        return np.asarray(got != expected)
    # A float64 answer to float32 arguments may still have been rounded to float32 on the way: the coarser counts.
    single = single_precision or np.float32 in (got.dtype, expected.dtype)
    precision = "float32" if single else "float64"
    size, finite = np.abs(expected), np.isfinite(expected)
    largest = float(size.max(initial=0.0, where=finite))
    tolerance = RTOL[precision] * (size + 0.1 * largest) + ATOL[precision]
    with np.errstate(invalid="ignore", over="ignore"):
        close = (np.abs(got - expected) <= tolerance) & finite
    if not close.all():  # infinities and nan are right where they are expected
        close |= (got == expected) | (np.isnan(got) & np.isnan(expected))
    return np.asarray(~close)


def show(value: Any) -> str:
    """Return a number as it is shown to a student: six digits, so that rounding never shows."""
    if isinstance(value, np.bool_ | bool | np.integer | int):
        return str(value)
    return f"{float(value):.6g}"


def _wrong_type(quantity: str, got: Any, right: Array) -> Finding | None:
    # Exactly an array: np.matrix and masked arrays calculate differently, and do not travel from a submission either.
    if type(got) is np.ndarray or isinstance(got, np.generic):
        return None
    if right.ndim == 0 and type(got) in (int, float, bool):
        return None
    name = got.type_name if isinstance(got, Foreign) else type(got).__name__
    wanted = "a number" if right.ndim == 0 else f"an array of shape {right.shape}"
    article = "" if got is None else "an " if name[:1].lower() in "aeiou" else "a "
    advice = "Did you forget to return it?" if got is None else ""
    if isinstance(got, tuple | list | np.ndarray) and right.ndim:
        advice = f"An array is made of a {name} by np.array(...)."
    found = f"{quantity} is {article}{name}, but should be {wanted}."
    return Finding(quantity, found, cause=advice)


def _wrong_shape(quantity: str, got: Array, right: Array) -> Finding | None:
    if got.shape == right.shape:
        return None
    found = f"{quantity} has shape {got.shape}, but should have {right.shape}."
    cause = ""
    if right.ndim == 0 and got.size == 1:
        cause = "It is the right size: return the number itself, not an array that holds it."
    elif right.ndim == 0:
        cause = "One number for the whole minibatch is asked for: is something not summed?"
    elif got.shape == right.shape[::-1]:
        cause = "Is it transposed?"
    elif got.ndim != right.ndim and got.size == right.size:
        cause = "The entries are as many as they should be: look at keepdims or np.newaxis."
    return Finding(quantity, found, cause=cause)


def _wrong_dtype(quantity: str, got: Array, right: Array, single_precision: bool) -> Finding | None:
    if got.dtype.kind not in "biuf":
        return Finding(quantity, f"{quantity} has dtype {got.dtype.name}, but should hold numbers.")
    if right.dtype.kind in "iu" and got.dtype.kind not in "iu":
        cause = "These are whole numbers, such as indices or labels."
        return Finding(quantity, f"{quantity} has dtype {got.dtype.name}, but should hold integers.", cause=cause)
    if right.dtype.kind != "f" or (right.ndim == 0 and got.dtype.kind in "iu"):
        return None
    if got.dtype.kind != "f":
        cause = "An array made of whole numbers cuts off what is written into it: np.zeros(...) makes floats."
        return Finding(quantity, f"{quantity} has dtype {got.dtype.name}, but should hold floats.", cause=cause)
    if got.dtype.itemsize < (4 if single_precision else 8):
        found = f"{quantity} has dtype {got.dtype.name}, less precise than the arguments it was computed from."
        return Finding(quantity, found, cause="Leave the dtype to NumPy: float64 arguments give float64 results.")
    return None


def _not_finite(quantity: str, got: Array, right: Array) -> Finding | None:
    bad = ~np.isfinite(got) & np.isfinite(right)
    if not bad.any():
        return None
    index = _first(bad)
    values = sorted({str(each) for each in got[bad].ravel()})
    count = "" if got.ndim == 0 else f" in {bad.sum()} of {bad.size} entries"
    found = f"{quantity} is {' or '.join(values)}{count}."
    return Finding(quantity, found, _index(index), str(got[index]), show(right[index]), _not_finite_cause(values))


def _not_finite_cause(values: list[str]) -> str:
    if "nan" in values:
        return "nan comes from 0/0, inf - inf or inf/inf: which step divides, or takes exp of a large number?"
    return "inf comes from dividing by 0, log(0), or exp of a large number."


def _wrong_values(
    quantity: str, got: Array, right: Array, single_precision: bool
) -> tuple[Finding | None, Array | None]:
    wrong = unequal(got, right, single_precision=single_precision)
    if not wrong.any():
        return None, None
    distance = np.where(wrong, np.abs(got.astype(float) - right.astype(float)), -1.0)
    index = tuple(int(i) for i in np.unravel_index(np.argmax(distance), right.shape))
    count = f" in {wrong.sum()} of {wrong.size} entries" if right.ndim else ""
    return Finding(quantity, f"{quantity} is wrong{count}.", _index(index), show(got[index]), show(right[index])), wrong


def _first(mask: Array) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(mask)[0])


def _index(index: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, index))}]" if index else ""
