"""Corners: points where several kinks meet, whose slopes a single line through x does not all see.

At a corner the space around x falls into several smooth regions, and a gradient derived by the rules of
backpropagation may be the slope in any of them, or between them. A line along one entry of x passes through
two of the regions. Where all kinks bend the same way (the hinge loss) its two slopes are the outermost. Where
they bend both ways (ReLU units followed by weights of both signs) others can lie outside. So before a value
on a kink is called wrong, the slope is measured at points around x too.
"""

from dataclasses import dataclass, replace

import numpy as np

from cs_lib.gradcheck.lines import Coordinates, Directions, Indices, Mask, look, random_directions
from cs_lib.gradcheck.precision import Precision
from cs_lib.gradcheck.question import Array, Question
from cs_lib.gradcheck.slopes import SMALLEST, Slopes, power

NEIGHBOURS = 32  # points around x
# How far from x, and the step there, in smallest steps: so close that a kink 1e-9 from x stays outside; then
# farther, where rounding blurs less and a third slope that differs by little can be seen.
NEAR, FARTHER = (16, 1), (2**11, 2**5)


@dataclass(frozen=True)
class Regions:
    """Slopes (NEIGHBOURS, m) along m lines in the smooth regions around x, nan where a step crossed a kink;
    and `blur` (m,), how well they are told apart.
    """

    slope: Array
    blur: Array

    def beside(self, low: Array, high: Array) -> Mask:
        """Tell (m,) where a third slope, beside `low` and `high` (m,), was found."""
        third = (np.abs(self.slope - low) > self.blur) & (np.abs(self.slope - high) > self.blur)
        return np.asarray(third.any(axis=0))

    def range(self, low: Array, high: Array) -> tuple[Array, Array]:
        """Return (m,) the lowest and the highest slope found, `low` and `high` among them."""
        return np.fmin(low, np.fmin.reduce(self.slope)), np.fmax(high, np.fmax.reduce(self.slope))


def look_around_corners(
    lines: Coordinates | Directions, slopes: Slopes, precision: Precision, which: Indices, analytic: Array
) -> None:
    """Widen the slopes of the lines `which` (m,) to all those found in the regions around x.

    analytic: (m,) the values in doubt, outside the two slopes known so far. They stay wrong where no third
    slope is found. Where there is a corner, some region may be too narrow to hold any of the points: values
    that are outside all the slopes found, but by no more than twice what these differ by, get an infinite
    bound, which is 'undecided'. Farther outside they are wrong.
    """
    low, high = np.minimum(slopes.left, slopes.right)[which], np.maximum(slopes.left, slopes.right)[which]
    near = regions_around(lines, slopes, precision, which, *NEAR)
    farther = regions_around(lines, slopes, precision, which, *FARTHER)
    corner = near.beside(low, high)
    lowest, highest = near.range(low, high)
    inside = corner & (analytic >= lowest - near.blur) & (analytic <= highest + near.blur)
    least, most = farther.range(lowest, highest)
    margin = 2 * (most - least)
    close = (analytic >= least - margin) & (analytic <= most + margin)
    undecided = (corner | farther.beside(low, high)) & close & ~inside
    slopes.left[which] = np.where(corner, lowest, slopes.left[which])
    slopes.right[which] = np.where(corner, highest, slopes.right[which])
    bound = np.where(corner, near.blur, slopes.bound[which])
    slopes.bound[which] = np.where(undecided, np.inf, bound)


def regions_around(
    lines: Coordinates | Directions,
    slopes: Slopes,
    precision: Precision,
    which: Indices,
    away: int,
    length: int,
) -> Regions:
    """Return the slopes at random points `away` smallest steps from x, over a step of `length` of them."""
    smallest = power(precision.eps, SMALLEST)
    step = length * smallest * lines.unit[which]
    around = random_directions(lines.question, NEIGHBOURS, np.random.default_rng(0))
    right, left = np.empty((NEIGHBOURS, len(which))), np.empty((NEIGHBOURS, len(which)))
    for k in range(NEIGHBOURS):
        point, _ = around.moved(k, away * smallest)
        there = replace(lines, question=Question(lines.question.f, point, lines.question.df))
        sides = look(there, which, step)
        right[k], left[k] = sides.right, sides.left
    blur = slopes.bound[which] + 4 * precision.noise / step + 1e-6 * slopes.typical
    return Regions(np.where(np.abs(right - left) <= 2 * blur, (right + left) / 2, np.nan), blur)
