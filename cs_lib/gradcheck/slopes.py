"""The slope of f along a line, with a bound on its error, and the kinks where there are two slopes.

**Two steps tell the error.** Let c(t) be the central difference and s(t) = right(t) − left(t) the jump
between the one-sided slopes. Look at an outer step h and an inner one qh, and compare:

    drift = |c(h) − c(qh)|          bend = |s(qh) − q·s(h)|

Where φ is smooth, c(t) = φ′ + t²φ‴/6 + … and s(t) = tφ″ + …, so the drift is (1 − q²)h²φ‴/6, far larger than
the inner error q²h²φ‴/6, and the bend is nearly 0: curvature is not mistaken for a kink. A kink at distance
d, where the slope changes by J, adds J(t − d)/2t to c(t) and J(t − d)/t to s(t) for every t > d. If d < qh,

    error of c(qh)  =  J(1 − d/qh)/2  ≤  (q·drift + bend/2) / (1 − q),

because without the bars it is equal to q·drift ± bend/2 over 1 − q, whatever J and d; by linearity this holds
for any number of kinks on one side of x. So one expression bounds the error of a smooth function and of one
with kinks inside the step. (Kinks on both sides can conspire against it, at exactly matching distances.)

**One-sided slopes bracket.** Where φ bends one way only inside the inner step (as the hinge loss does), φ′
lies between left(qh) and right(qh), so |s(qh)|/2 bounds the error of c(qh) as well, whatever kinks lie
farther out. Then the slopes on both sides spread with the step; where they do not, kinks may cancel, and the
change of the steadier side from h to qh is added. (4q² of it is added always, for smooth φ; the steadier side
counts since a kink outside the inner step leaves the other side alone.) The smaller bound is used.

**Two steps even tell where the kink is.** From the same two equations,

    J = s(qh) + 2·drift/(1 − q)          d = 2qh·drift / ((1 − q)·J),

so the next step goes straight to d/4, and the kink is outside. If d comes out as 0 the next step is the
smallest that rounding allows. When the jump is still there, the kink is at x itself: the function has no
derivative there, only a left and a right slope, and any value between them is a subgradient.

**Rounding.** An error of size `noise` in each value of φ becomes up to noise/t in c(t) and 2·noise/t in a
one-sided slope; twice that is allowed for. No step is so small that this hides the jump it looks for.
"""

from dataclasses import dataclass

import numpy as np

from cs_lib.gradcheck.lines import Indices, Lines, Mask, Sides, look
from cs_lib.gradcheck.precision import Precision
from cs_lib.gradcheck.question import Array

# Steps, as powers of the machine epsilon: 2^-16, 2^-21, 2^-36 in float64; 2^-7, 2^-9, 2^-16 in float32.
OUTER, INNER, SMALLEST = 0.31, 0.40, 0.69
ROUNDS = 8


@dataclass
class Slopes:
    """The slopes of m lines, each (m,): left and right of x, equal where φ is smooth, and their error bound.

    `kink` marks lines with two different slopes at x. Where `bound` is infinite no step could be trusted.
    `typical` is the largest slope seen over the outer step, against which a bound is large or small.
    """

    left: Array
    right: Array
    bound: Array
    kink: Mask
    typical: float

    @classmethod
    def unknown(cls, count: int, typical: float) -> "Slopes":
        """Return slopes of which nothing is known yet."""
        return cls(np.zeros(count), np.zeros(count), np.full(count, np.inf), np.zeros(count, dtype=bool), typical)

    @property
    def central(self) -> Array:
        """The slope, or the mean of the two."""
        return (self.left + self.right) / 2

    def improve(self, which: Indices, left: Array, right: Array, bound: Array) -> None:
        """Take over slopes of the lines `which`, found over a smaller step than those that are known.

        They are better where their bound is smaller, and where they contradict what was known: a larger step
        can be fooled, by kinks that cancel, about its slope and its bound alike.
        """
        change = np.maximum(np.abs(left - self.left[which]), np.abs(right - self.right[which]))
        better = (bound < self.bound[which]) | (change > bound + self.bound[which])
        chosen = which[better]
        self.left[chosen], self.right[chosen], self.bound[chosen] = left[better], right[better], bound[better]


def measure_slopes(lines: Lines, precision: Precision, rtol: float) -> Slopes:
    """Return the slopes along the lines, refined until each is known to about rtol or rounding stops it.

    Costs four evaluations of f a line where f is smooth over the outer step, two more for each smaller step.
    """
    count = len(lines.unit)
    still = np.arange(count)
    outer, inner = (look(lines, still, power(precision.eps, p) * lines.unit) for p in (OUTER, INNER))
    typical = largest(outer)
    found, sides = Slopes.unknown(count, typical), Slopes.unknown(count, typical)
    for _ in range(ROUNDS):
        error = truncation(outer, inner)
        # f is rounded at x, and where it was moved to: at the bottom of a bowl it is larger there than at x.
        rise = np.maximum(np.abs(inner.right), np.abs(inner.left))
        rounding = 2 * precision.noise / inner.step + 2 * precision.eps * rise
        found.improve(still, inner.central, inner.central, error + rounding)
        least = smallest_steps(lines.unit[still], outer, inner, precision)
        last = ~(inner.step > 2 * least)
        kink = last & remains(outer, inner) & (np.abs(inner.jump) > 4 * rounding)
        settle_kinks(found, sides, still, inner, rounding, kink)
        sides.improve(still, inner.left, inner.right, side_error(outer, inner) + 2 * rounding)
        settled = error <= rtol * np.maximum(np.abs(inner.central), 0.1 * typical) + 2 * rounding
        go_on = ~(settled | kink | last)
        if not go_on.any():
            break
        step = np.maximum(next_step(outer, inner), least)[go_on]
        still, outer = still[go_on], inner.take(go_on)
        inner = look(lines, still, step)
    return found


def largest(sides: Sides) -> float:
    """Return the size of the largest one-sided slope that is finite."""
    slopes = np.abs(np.concatenate([sides.right, sides.left]))
    return float(np.max(slopes, initial=0.0, where=np.isfinite(slopes)))


def power(eps: float, exponent: float) -> float:
    """Return eps to the given power, rounded to a power of two so that adding it to x rounds little."""
    return float(2.0 ** np.round(exponent * np.log2(eps)))


def truncation(outer: Sides, inner: Sides) -> Array:
    """Return (m,) the bound on the error of the inner central difference, rounding apart."""
    q = inner.step / outer.step
    drift = np.abs(outer.central - inner.central)
    bend = np.abs(inner.jump - q * outer.jump)
    two_steps = (q * drift + bend / 2) / (1 - q)
    rightward, leftward = outer.right - inner.right, inner.left - outer.left
    bent_both_ways = rightward * leftward < 0
    steadier = np.fmin(np.abs(rightward), np.abs(leftward))
    bracket = np.abs(inner.jump) / 2 + np.where(bent_both_ways, 1, 4 * q**2) * steadier
    return np.asarray(np.fmin(two_steps, bracket))


def side_error(outer: Sides, inner: Sides) -> Array:
    """Return (m,) the bound on the error of the inner one-sided slopes, rounding apart: about t·φ″/2."""
    q = inner.step / outer.step
    drift = np.maximum(np.abs(outer.right - inner.right), np.abs(outer.left - inner.left))
    return q * drift / (1 - q)


def persists(outer: Sides, inner: Sides) -> Mask:
    """Tell where the jump does not shrink with the step (a kink), as one from curvature would, nor grow."""
    ratio = inner.jump / np.where(outer.jump == 0, np.inf, outer.jump)
    return (ratio > 0.5) & (ratio < 2)


def locate_kink(outer: Sides, inner: Sides) -> tuple[Array, Array]:
    """Return (m,) the J and d of the one kink that would explain both steps; d is at most the inner step."""
    q = inner.step / outer.step
    drift = np.abs(outer.central - inner.central)
    jump = np.abs(inner.jump) + 2 * drift / (1 - q)
    return jump, 2 * inner.step * drift / ((1 - q) * np.where(jump == 0, 1, jump))


def remains(outer: Sides, inner: Sides) -> Mask:
    """Tell where more of the jump is left at the inner step than curvature could leave: a kink within it."""
    ratio = inner.jump / np.where(outer.jump == 0, np.inf, outer.jump)
    return (ratio > np.minimum(0.5, 4 * inner.step / outer.step)) & (ratio < 2)


def smallest_steps(unit: Array, outer: Sides, inner: Sides, precision: Precision) -> Array:
    """Return (m,) the smallest steps worth taking: rounding must stay below 1/16 of the jump looked for."""
    jump = np.nan_to_num(locate_kink(outer, inner)[0], nan=np.inf)
    hidden_below = 32 * precision.noise / np.maximum(jump, np.finfo(float).tiny)
    return np.maximum(power(precision.eps, SMALLEST) * unit, hidden_below)


def next_step(outer: Sides, inner: Sides) -> Array:
    """Return (m,) the next steps: a quarter of the kink's distance, or 1/64 of the step if none is seen."""
    _, distance = locate_kink(outer, inner)
    return np.where(persists(outer, inner), np.minimum(distance / 4, inner.step / 4), inner.step / 64)


def settle_kinks(found: Slopes, sides: Slopes, which: Indices, inner: Sides, rounding: Array, kink: Mask) -> None:
    """Write the left and right slopes of lines that have a kink at x into `found`.

    A larger step gives a one-sided slope with less rounding; it is used (it is in `sides`) where its bound is
    smaller, unless the smallest step contradicts it, which happens when there is another kink in between.
    """
    lines, bound = which[kink], 2 * rounding[kink]
    chosen = []
    for coarse, fine in ((sides.left[lines], inner.left[kink]), (sides.right[lines], inner.right[kink])):
        better = (sides.bound[lines] < bound) & (np.abs(coarse - fine) <= sides.bound[lines] + bound)
        chosen.append((np.where(better, coarse, fine), np.where(better, sides.bound[lines], bound)))
    (found.left[lines], left_bound), (found.right[lines], right_bound) = chosen
    found.bound[lines] = np.maximum(left_bound, right_bound)
    found.kink[lines] = True
