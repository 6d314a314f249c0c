"""Toy data in the plane, on which one can see what a classifier has learnt: spirals, moons and circles.

Shapes: X (N, 2) float64, the coordinates of N points; y (N,) int64, their classes from 0 to C − 1. The points lie
evenly along curves of about unit size. noise is the standard deviation, in the same unit, of what is added to each
coordinate. The rows come in random order, so that any part of them has points of every class.
"""

import math

import numpy as np
from numpy.typing import NDArray

Points = tuple[NDArray[np.float64], NDArray[np.int64]]

SPIRAL_TURN = 1.5 * math.pi  # radians from the middle of an arm to its end


def make_spirals(num_per_class: int, num_classes: int, noise: float, rng: np.random.Generator) -> Points:
    """Return X (N, 2) and y (N,), N = num_per_class · num_classes: one arm of a spiral for each class.

    On its way out from radius 1 / num_per_class to 1, an arm turns by a little less than three quarters of a circle;
    arm k is arm 0 turned by k / num_classes of a circle. Raises ValueError for a number below 1 or negative noise.
    """
    _check(rng, noise, num_per_class=num_per_class, num_classes=num_classes)
    radius = np.arange(1, num_per_class + 1) / num_per_class
    turned = 2 * math.pi * np.arange(num_classes) / num_classes
    angle = turned[:, np.newaxis] + SPIRAL_TURN * radius  # (num_classes, num_per_class)
    arms = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    return _scattered(list(arms), noise, rng)


def make_moons(N: int, noise: float, rng: np.random.Generator) -> Points:
    """Return X (N, 2) and y (N,): two half circles of radius 1, each with one end inside the other.

    Class 0 is the upper half of the circle around (0, 0), class 1 the lower half of the one around (1, ½); class 0
    has the odd point. Raises ValueError for N below 2 or negative noise.
    """
    _check(rng, noise, at_least=2, N=N)
    upper, lower = (np.linspace(0, math.pi, count) for count in (N - N // 2, N // 2))
    moons = [_circle(upper), np.array([1, 0.5]) - _circle(lower)]
    return _scattered(moons, noise, rng)


def make_circles(N: int, noise: float, rng: np.random.Generator) -> Points:
    """Return X (N, 2) and y (N,): two circles around (0, 0), class 0 of radius ½ inside class 1 of radius 1.

    Class 0 has the odd point. Raises ValueError for N below 2 or negative noise.
    """
    _check(rng, noise, at_least=2, N=N)
    inner, outer = (2 * math.pi * np.arange(count) / count for count in (N - N // 2, N // 2))
    return _scattered([0.5 * _circle(inner), _circle(outer)], noise, rng)


def _circle(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, 2): the points of the unit circle at these angles (n,), in radians."""
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _scattered(curves: list[NDArray[np.float64]], noise: float, rng: np.random.Generator) -> Points:
    """Return X and y of the points on the curves, curve k being class k, with noise and in random order."""
    X = np.concatenate(curves)
    y = np.repeat(np.arange(len(curves), dtype=np.int64), [len(curve) for curve in curves])
    order = rng.permutation(len(X))
    return X[order] + rng.normal(scale=noise, size=X.shape), y[order]


def _check(rng: np.random.Generator, noise: float, at_least: int = 1, **counts: int) -> None:
    """Raise an error that names the argument unless all are as the public functions ask."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng should be a generator such as np.random.default_rng(0); found {rng!r}.")
    for name, count in counts.items():
        if count < at_least:
            raise ValueError(f"{name} should be at least {at_least}; found {count}.")
    if not 0 <= noise < math.inf:
        raise ValueError(f"noise should be a standard deviation, 0 or more; found {noise}.")
