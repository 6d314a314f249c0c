"""Corners: points where several kinks meet, whose slopes a single line through x does not all see.

At a corner the space around x falls into several smooth regions, and a gradient derived by the rules of
backpropagation may be the slope in any of them, or between them. A line along one entry of x passes through
two of the regions. Where all kinks bend the same way (the hinge loss) its two slopes are the outermost. Where
they bend both ways (ReLU units followed by weights of both signs) others can lie outside. So before a value
on a kink is called wrong, the slope is measured at points around x too.
"""

from dataclasses import replace

import numpy as np

from cs_lib.gradcheck.lines import Coordinates, Directions, Indices, look, random_directions
from cs_lib.gradcheck.precision import Precision
from cs_lib.gradcheck.question import Array, Question
from cs_lib.gradcheck.slopes import SMALLEST, Slopes, power

NEIGHBOURS = 32  # points around x


def look_around_corners(
    lines: Coordinates | Directions, slopes: Slopes, precision: Precision, which: Indices, analytic: Array
) -> None:
    """Widen the slopes of the lines `which` (m,) to all those found in the regions around x.

    analytic: (m,) the values in doubt, outside the two slopes known so far. They stay wrong where no third slope
    is found. Their bound becomes infinite, which is 'undecided', where there is a corner and they are outside
    all that is found (a narrow region may hold none of the points), or where they are outside by so little
    that a third slope could not be told from the two.
    """
    step = power(precision.eps, SMALLEST) * lines.unit[which]
    seen = slopes_nearby(lines, which, step, 16 * power(precision.eps, SMALLEST))
    blur = slopes.bound[which] + 4 * precision.noise / step + 1e-6 * slopes.typical
    # Where a step crosses a kink the slope is of no region, but between two of them.
    region = np.where(np.abs(seen[0] - seen[1]) <= 2 * blur, seen.mean(axis=0), np.nan)
    low, high = np.minimum(slopes.left, slopes.right)[which], np.maximum(slopes.left, slopes.right)[which]
    corner = np.any((np.abs(region - low) > blur) & (np.abs(region - high) > blur), axis=0)
    lowest, highest = np.fmin(low, np.fmin.reduce(region)), np.fmax(high, np.fmax.reduce(region))
    inside = (analytic >= lowest - blur) & (analytic <= highest + blur)
    undecided = np.where(corner | inside, np.inf, slopes.bound[which])
    slopes.left[which] = np.where(corner, lowest, slopes.left[which])
    slopes.right[which] = np.where(corner, highest, slopes.right[which])
    slopes.bound[which] = np.where(corner & inside, blur, undecided)


def slopes_nearby(lines: Coordinates | Directions, which: Indices, step: Array, distance: float) -> Array:
    """Return (2, NEIGHBOURS, m) the right and left slopes along the lines, moved to points around x."""
    around = random_directions(lines.question, NEIGHBOURS, np.random.default_rng(0))
    seen = np.empty((2, NEIGHBOURS, len(which)))
    for k in range(NEIGHBOURS):
        point, _ = around.moved(k, distance)
        there = Question(lines.question.f, point, lines.question.df)
        sides = look(replace(lines, question=there), which, step)
        seen[0, k], seen[1, k] = sides.right, sides.left
    return seen
