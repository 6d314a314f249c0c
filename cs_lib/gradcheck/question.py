"""The question a numerical gradient answers: how fast does f rise as x moves?

`f` takes an array shaped like `x` and returns a scalar; or an array shaped like the upstream gradient `df`,
and then it is the scalar `sum(df * f(x))` whose gradient with respect to `x` is asked for. That gradient is
the vector-Jacobian product, what a layer's backward pass computes from `df`.

`f` is always called on a fresh float64 copy, so it may write into its argument, keep it, or raise, and `x`
stays as it was. Where f answers in float32 (it casts, or it holds float32 weights that it does not promote),
its values are used as they are and the error bounds are those of float32.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Function = Callable[[Any], Any]


class QuestionError(ValueError):
    """The gradient cannot be checked for a reason that lies in f, x or df; the message says which and why."""


class NotWrittenError(Exception):
    """f answered `...`, the course's mark for code that is not written yet."""


class Question:
    """A function near a point: `rise(point)` tells how much higher f is there than at x.

    Attributes: `x` a float64 copy in C order; `value` what f(x) is, float64; `df` the upstream gradient,
    float64, or None for a scalar f; `eps` the machine epsilon of the dtype in which f answers.
    Raises QuestionError where x, df or f(x) is not made of finite real numbers or has the wrong shape, and
    NotWrittenError where f answers `...`.
    """

    def __init__(self, f: Function, x: ArrayLike, df: ArrayLike | None = None) -> None:
        self.f = f
        self.x = finite_array("x", x)
        self.df = None if df is None else finite_array("df", df)
        answer = self.ask(self.x)
        self.value = finite_array("f(x)", answer)
        dtype = np.asarray(answer).dtype
        self.eps = float(np.finfo(dtype if dtype.kind == "f" else np.float64).eps)

    def ask(self, point: Array) -> Any:
        """Return f at a fresh copy of `point`, once its shape is known to be right."""
        answer = self.f(point.copy())
        if answer is ...:
            raise NotWrittenError
        expected = () if self.df is None else self.df.shape
        if answer is None or isinstance(answer, tuple | list) or np.shape(answer) != expected:
            raise QuestionError(wrong_kind_of_answer(answer, expected))
        return answer

    def rise(self, point: Array) -> float:
        """Return f(point) − f(x), weighted by df and summed where f answers with an array.

        `point` is handed to f without another copy. The difference is taken before the sum, so that
        what x does not reach cancels exactly instead of leaving its rounding behind.
        """
        answer = self.f(point)
        if self.df is None:
            return float(answer) - float(self.value)
        return float(np.vdot(self.df, np.asarray(answer, dtype=np.float64) - self.value))

    def require_repeatable(self) -> None:
        """Raise QuestionError if f, asked again at the same x, does not give exactly the same value."""
        again = np.asarray(self.ask(self.x), dtype=np.float64)
        if not np.array_equal(again, self.value):
            raise QuestionError(
                "f gave two different values at the same x, so differences of f say nothing about its slope. "
                "Does f draw random numbers (dropout, a minibatch) or change its own state? "
                "Fix the draw outside f, then check again."
            )

    @property
    def magnitude(self) -> float:
        """How large the numbers are whose rounding disturbs `rise`: |f(x)|, or the norm of df * f(x)."""
        weighted = self.value if self.df is None else self.df * self.value
        return float(np.linalg.norm(weighted))


def finite_array(name: str, values: ArrayLike) -> Array:
    """Return a float64 copy of `values` in C order; raise QuestionError where it is not finite and real."""
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise QuestionError(f"{name} must hold real numbers, but its dtype is {array.dtype}.")
    wide = np.array(array, dtype=np.float64, order="C")
    bad = ~np.isfinite(wide)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise QuestionError(
            f"{name} is {wide[where]}{at(where)}{how_many(bad)}. Slopes need finite numbers: "
            "find where it first appears (a log of 0, a division by 0, an overflow)."
        )
    return wide


def at(index: tuple[int, ...]) -> str:
    """Return ' at [2, 5]', or nothing for the only entry of a scalar."""
    return f" at {list(index)}" if index else ""


def how_many(bad: NDArray[np.bool_]) -> str:
    """Return how many entries of an array are not finite, in parentheses; nothing for a scalar."""
    return f" ({np.count_nonzero(bad)} of {bad.size} entries are not finite)" if bad.size > 1 else ""


def wrong_kind_of_answer(answer: Any, expected: tuple[int, ...]) -> str:
    """Say what f returned instead of a scalar or an array of the expected shape, and what to pass instead."""
    if isinstance(answer, tuple | list):
        found = f"a {type(answer).__name__} of {len(answer)}"
        advice = "If f returns (loss, gradient), pass lambda x: f(x)[0]."
    elif answer is None:
        found, advice = "None", "Is its return statement missing?"
    else:
        found = f"shape {np.shape(answer)}"
        advice = "Pass df, the upstream gradient, shaped like f(x)." if not expected else "df and f(x) must match."
    wanted = f"an array shaped like df, {expected}" if expected else "a single number, since no df was given"
    return f"f must return {wanted}, but it returned {found}. {advice}"
