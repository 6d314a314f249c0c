"""f seen along straight lines through x: φ(t) = f(x + t·v).

A partial derivative is the slope of φ along a coordinate axis, a directional derivative its slope along any
other v. Both are found from the *one-sided slopes* over a step t > 0,

    right(t) = (φ(t) − φ(0)) / t        left(t) = (φ(0) − φ(−t)) / t,

whose mean is the central difference and whose difference tells of curvature or of a kink.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cs_lib.gradcheck.question import Array, Question

Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Sides:
    """One-sided slopes of m lines: `step`, `right` and `left`, each (m,) float64."""

    step: Array
    right: Array
    left: Array

    @property
    def central(self) -> Array:
        """The central differences (φ(t) − φ(−t)) / 2t."""
        return (self.right + self.left) / 2

    @property
    def jump(self) -> Array:
        """How much the slope changes from the left of x to its right: t·φ″ where φ is smooth."""
        return self.right - self.left

    def take(self, chosen: Mask) -> "Sides":
        """Return the one-sided slopes of the chosen lines only."""
        return Sides(self.step[chosen], self.right[chosen], self.left[chosen])


class Lines(Protocol):
    """Straight lines through x.

    `unit` (count,) is the length along each that counts as a step of 1; `entries` (count,) names them: flat
    indices into x, or the numbers of the directions.
    """

    @property
    def question(self) -> Question: ...
    @property
    def entries(self) -> Indices: ...
    @property
    def unit(self) -> Array: ...

    def moved(self, line: int, step: float) -> tuple[Array, float]:
        """Return a new point at `step` along a line, and the step that was really made after rounding."""

    def project(self, gradient: Array) -> Array:
        """Return (count,) the slopes along the lines that a gradient shaped like x claims."""


@dataclass(frozen=True)
class Coordinates:
    """The lines along which one entry of x changes: `entries` (count,) are flat indices into x."""

    question: Question
    entries: Indices
    unit: Array

    def moved(self, line: int, step: float) -> tuple[Array, float]:
        """Return x with one entry changed, and by how much: x + step is rounded, the difference is exact."""
        entry = self.entries[line]
        point = self.question.x.copy()
        before = point.item(entry)
        after = before + step
        point.ravel()[entry] = after
        return point, after - before

    def project(self, gradient: Array) -> Array:
        """Return (count,) the entries of the gradient."""
        return gradient.reshape(-1)[self.entries]


@dataclass(frozen=True)
class Directions:
    """Lines that change every entry of x at once: `signs` (count, x.size) int8, `reach` (x.size,) float64."""

    question: Question
    entries: Indices
    signs: NDArray[np.int8]
    reach: Array
    unit: Array

    def vector(self, line: int) -> Array:
        """Return v, shaped like x: a random sign in every entry, of length about 1."""
        return np.asarray(self.signs[line] * self.reach).reshape(self.question.x.shape)

    def moved(self, line: int, step: float) -> tuple[Array, float]:
        """Return x + step·v. Its rounding differs from entry to entry, and counts as noise of f."""
        return self.question.x + step * self.vector(line), step

    def project(self, gradient: Array) -> Array:
        """Return (count,) gradient · v for every direction."""
        return np.array([np.vdot(gradient, self.vector(line)) for line in self.entries], dtype=np.float64)


def natural_step(x: Array) -> Array:
    """Return (x.size,) the size of change that is natural to each entry: max(1, |x|), as a power of two."""
    sizes = np.maximum(1.0, np.abs(x.reshape(-1)))
    return np.asarray(np.exp2(np.ceil(np.log2(sizes))))


def coordinates(question: Question, entries: Indices) -> Coordinates:
    """Return the lines along the given entries of x (flat indices)."""
    return Coordinates(question, entries, natural_step(question.x)[entries])


def random_directions(question: Question, count: int, rng: np.random.Generator) -> Directions:
    """Return `count` lines in random directions; a unit step is about as long as along one entry."""
    size = question.x.size
    signs = (2 * rng.integers(0, 2, size=(count, size), dtype=np.int8) - 1).astype(np.int8)
    return Directions(
        question, np.arange(count), signs, natural_step(question.x) / np.sqrt(max(size, 1)), np.ones(count)
    )


def look(lines: Lines, which: Indices, step: Array) -> Sides:
    """Return the one-sided slopes of the lines `which` (m,) over the steps (m,): 2m evaluations of f."""
    right, left = np.empty(len(which)), np.empty(len(which))
    rise = lines.question.rise
    for k, (line, length) in enumerate(zip(which.tolist(), step.tolist(), strict=True)):
        ahead, forward = lines.moved(line, length)
        right[k] = rise(ahead) / forward
        behind, backward = lines.moved(line, -length)
        left[k] = rise(behind) / backward
    return Sides(step, right, left)
