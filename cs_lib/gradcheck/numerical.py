"""The numerical gradient: f is asked on both sides of x, one entry at a time."""

import numpy as np
from numpy.typing import ArrayLike

from cs_lib.gradcheck.lines import coordinates, look
from cs_lib.gradcheck.question import Array, Function, NotWrittenError, Question, QuestionError

STEP = 2.0**-17  # about the cube root of float64's epsilon, where truncation and rounding balance


def numerical_gradient(f: Function, x: ArrayLike, df: ArrayLike | None = None, h: float | None = None) -> Array:
    """Return the gradient of f at x by central differences: (f(x + h) − f(x − h)) / 2h for every entry.

    f:  takes a float64 array shaped like x. Returns a scalar; or, with df, an array shaped like df.
    x:  real numbers of any shape; integers and float32 are worked on as float64. Never modified.
    df: the upstream gradient. The result is then the vector-Jacobian product Σ df · ∂f/∂x.
    h:  the step, 2^-17 · max(1, |x|) unless given. The error is about h²·f‴/6 + eps·|f|/h: a smaller step
        truncates less and rounds more. At 2^-17 eight to ten digits are right where f is smooth; where f
        has a kink within h the value lies somewhere between its slopes on either side.

    Returns float64, shaped like x. Evaluates f twice an entry, and once at x.
    Raises QuestionError (a ValueError) where x, df, f(x) or f near x is not finite, or f has the wrong shape.
    """
    try:
        question = Question(f, x, df)
    except NotWrittenError:
        raise QuestionError("f returned `...`: it is not written yet.") from None
    if h is not None and not (np.isfinite(h) and h > 0):
        raise QuestionError(f"h is the size of the step and must be positive and finite, but it is {h}.")
    lines = coordinates(question, np.arange(question.x.size))
    slope = look(lines, lines.entries, STEP * lines.unit if h is None else np.full(lines.unit.shape, float(h)))
    gradient = slope.central.reshape(question.x.shape)
    if not np.isfinite(gradient).all():
        where = [int(i) for i in np.argwhere(~np.isfinite(gradient))[0]]
        raise QuestionError(
            f"f is not finite within a step of x at {where}. "
            "Pass a smaller h, or choose x farther inside the domain of f."
        )
    return gradient
