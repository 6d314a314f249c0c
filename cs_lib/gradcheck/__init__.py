"""Numerical gradients, and a gradient check that knows about kinks and about its own error.

>>> report = check_gradient(lambda W: (W * W).sum(), W, dW)
>>> print(report)
The gradient agrees at all 96 entries.

Read on behind the curtain in this order, one idea in each module:

    question    the function f, the point x and the upstream gradient df, as float64
    precision   how finely f is computed: the rounding noise in its values
    lines       f seen along straight lines through x, one for an entry or one for a random direction
    slopes      the slope along a line, with an error bound, from steps of different sizes; kinks
    corners     points where several kinks meet
    numerical   the plain numerical gradient by central differences
    check       the verdict on a gradient somebody derived
    report      the verdict as a sentence
    picture     the verdict as a table and a heat map
"""

from cs_lib.gradcheck.check import assert_gradient, check_gradient
from cs_lib.gradcheck.numerical import numerical_gradient
from cs_lib.gradcheck.question import QuestionError
from cs_lib.gradcheck.report import Entry, GradientError, GradientReport

__all__ = [
    "Entry",
    "GradientError",
    "GradientReport",
    "QuestionError",
    "assert_gradient",
    "check_gradient",
    "numerical_gradient",
]
