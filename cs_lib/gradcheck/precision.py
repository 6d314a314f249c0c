"""How finely f is computed: the size of the rounding noise in its values.

A difference quotient divides that noise by the step, so every error bound starts here. Two things are known:
f cannot be finer than its dtype, eps · |f(x)|; and it is often coarser, since what is added up inside f can
be larger than f itself (log(p) near p = 1, or a small loss left over from large scores). So it is measured.

Walk eight tiny, equal steps away from x. Along them a function that can be differentiated is a straight line
to far below its rounding; the fourth differences of its values remove the line and keep the noise. For
independent errors of variance σ², a fourth difference has variance (1 + 16 + 36 + 16 + 1) σ² = 70 σ².
(R. W. Hamming's difference table; J. J. Moré and S. M. Wild, "Estimating computational noise", 2011.)
"""

from dataclasses import dataclass

import numpy as np

from cs_lib.gradcheck.lines import random_directions
from cs_lib.gradcheck.question import Array, Question

PROBES = 8
# The last moves a float32 function as well. They are no round numbers: float32 could represent those.
SPACINGS = tuple(np.pi / 3 * 2.0**power for power in (-39, -28, -17))
FLOAT32 = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Precision:
    """`eps` is the relative, `noise` the absolute size of rounding errors in f near x (for a vector-Jacobian
    product, in sum(df * f)).
    """

    eps: float
    noise: float


def measure_precision(question: Question) -> Precision:
    """Return how finely f is computed near x, from eight more values of it on one side of x.

    Where f is so coarse that the steps do not move it, wider ones are tried.
    """
    if question.x.size == 0:
        return Precision(question.eps, 0.0)
    for spacing in SPACINGS:
        answers = probe(question, spacing)
        weighted = (answers - question.value) * (1.0 if question.df is None else question.df)
        rises = weighted.reshape(PROBES, -1).sum(axis=1)
        if np.count_nonzero(np.diff(rises)) > PROBES // 2:
            break
    eps = max(question.eps, FLOAT32 if rises.any() and looks_single(answers) else 0.0)
    measured = float(np.sqrt(np.mean(np.diff(rises, 4) ** 2) / 70))
    return Precision(eps, max(eps * question.magnitude, 4 * measured if np.isfinite(measured) else 0.0))


def probe(question: Question, spacing: float) -> Array:
    """Return (PROBES, ...) the answers of f along equal steps in a random direction."""
    step = spacing * random_directions(question, 1, np.random.default_rng(0)).vector(0)
    answers = [question.ask(question.x + k * step) for k in range(1, PROBES + 1)]
    return np.asarray(answers, dtype=np.float64)


def looks_single(answers: Array) -> bool:
    """Tell whether f casts to float32 inside, whatever dtype it returns.

    In float64 arithmetic a value that float32 can represent comes up by chance once in 2²⁹ times.
    """
    return bool(np.all(answers.astype(np.float32) == answers))
