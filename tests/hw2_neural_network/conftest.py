"""Problems on which homework 2 is tested: generic, so that no wrong answer is right by luck.

No input of a ReLU is within 1e-3 of its kink, every class has an example, N, D, H and C differ, and the regulariser is
large enough to matter.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pytest

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class NetProblem:
    """A two-layer net on a minibatch, and every stage's value by its formula.

    X (N, D), y (N,) int, W1 (D, H), b1 (H,), W2 (H, C), b2 (C,)
    """

    X: Array
    y: npt.NDArray[np.int64]
    W1: Array
    b1: Array
    W2: Array
    b2: Array
    reg: float

    @property
    def params(self) -> dict[str, Array]:
        return {"W1": self.W1, "b1": self.b1, "W2": self.W2, "b2": self.b2}

    @property
    def sizes(self) -> tuple[int, int, int]:
        """(D, H, C)"""
        return (*self.W1.shape, self.W2.shape[1])

    @cached_property
    def sums(self) -> Array:
        """(N, H): the weighted inputs of the hidden units, entry by entry."""
        return np.array([[sum(x * self.W1[:, h]) + self.b1[h] for h in range(len(self.b1))] for x in self.X])

    @cached_property
    def h1(self) -> Array:
        """(N, H)"""
        return np.where(self.sums > 0, self.sums, 0.0)

    @cached_property
    def scores(self) -> Array:
        """(N, C)"""
        return np.array([[sum(h * self.W2[:, c]) + self.b2[c] for c in range(len(self.b2))] for h in self.h1])

    @cached_property
    def probs(self) -> Array:
        """(N, C)"""
        return np.array([np.exp(row) / sum(np.exp(score) for score in row) for row in self.scores])

    @cached_property
    def dscores(self) -> Array:
        """(N, C)"""
        return np.array([(p - (np.arange(len(p)) == k)) / len(self.y) for p, k in zip(self.probs, self.y, strict=True)])

    @cached_property
    def dh1(self) -> Array:
        """(N, H)"""
        return np.array([[sum(d * self.W2[h]) for h in range(len(self.W2))] for d in self.dscores])


def make_net_problem(seed: int, N: int, D: int, H: int, C: int, reg: float) -> NetProblem:
    """Return a random problem in which every class occurs where N allows, and about half the hidden units are on."""
    rng = np.random.default_rng([seed, N, D, H, C])
    while True:
        W1, W2 = 0.7 * rng.standard_normal((D, H)), 0.7 * rng.standard_normal((H, C))
        b1, b2 = 0.3 * rng.standard_normal(H), 0.3 * rng.standard_normal(C)
        X, y = rng.standard_normal((N, D)), rng.permutation(np.arange(N) % C)
        problem = NetProblem(X, y, W1, b1, W2, b2, reg)
        on = problem.sums > 0
        if np.abs(problem.sums).min() > 1e-3 and on.any(axis=0).all() and not on.all(axis=0).any():
            return problem


@pytest.fixture
def net() -> NetProblem:
    """N = 9 examples, D = 4 features, H = 6 hidden units, C = 3 classes."""
    return make_net_problem(seed=1, N=9, D=4, H=6, C=3, reg=0.1)


@pytest.fixture
def other_net() -> NetProblem:
    """Fewer examples than classes: N = 3, D = 5, H = 2, C = 4."""
    return make_net_problem(seed=2, N=3, D=5, H=2, C=4, reg=0.3)


@pytest.fixture
def square_net() -> NetProblem:
    """As many hidden units as classes, so that shapes do not give a transposed W2 away: N = 6, D = 5, H = C = 3."""
    return make_net_problem(seed=3, N=6, D=5, H=3, C=3, reg=0.2)


@pytest.fixture
def hidden_net() -> NetProblem:
    """N = 11, D = 6, H = 5, C = 4."""
    return make_net_problem(seed=4, N=11, D=6, H=5, C=4, reg=0.15)
