"""Problems on which homework 1 is tested: generic, so that no wrong answer is right by luck.

Every margin keeps its distance from its kink, every class has an example, N, D and C differ, and the regulariser
is large enough to matter.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest


@dataclass(frozen=True)
class Problem:
    """A linear classifier on a minibatch: W (D, C), X (N, D), y (N,) int, and what follows from them."""

    W: npt.NDArray[np.float64]
    X: npt.NDArray[np.float64]
    y: npt.NDArray[np.int64]
    reg: float

    @property
    def scores(self) -> npt.NDArray[np.float64]:
        return self.X @ self.W

    @property
    def margins(self) -> npt.NDArray[np.float64]:
        """(N, C): max(0, s_j - s_{y_i} + 1), and 0 where j = y_i; from the formula, entry by entry."""
        scores = self.scores
        margins = np.zeros_like(scores)
        for i, j in np.ndindex(*scores.shape):
            if j != self.y[i]:
                margins[i, j] = max(0.0, scores[i, j] - scores[i, self.y[i]] + 1.0)
        return margins

    @property
    def probs(self) -> npt.NDArray[np.float64]:
        """(N, C): exp(s_j) / sum_k exp(s_k); from the formula, row by row."""
        return np.array([np.exp(row) / sum(np.exp(score) for score in row) for row in self.scores])


def make_problem(seed: int, N: int, D: int, C: int, reg: float = 0.1) -> Problem:
    """Return a random problem in which every class occurs where N allows, and no margin is within 1e-3 of 0."""
    rng = np.random.default_rng([seed, N, D, C])
    while True:
        W, X = 0.5 * rng.standard_normal((D, C)), rng.standard_normal((N, D))
        y = rng.permutation(np.arange(N) % C)
        scores = X @ W
        right = np.array([[scores[i, y[i]]] for i in range(N)])
        if np.abs(scores - right + 1).min() > 1e-3:
            return Problem(W, X, y, reg)


@pytest.fixture
def problem() -> Problem:
    """N = 12 examples, D = 5 features, C = 4 classes."""
    return make_problem(seed=1, N=12, D=5, C=4)


@pytest.fixture
def other_problem() -> Problem:
    """Fewer examples than features or classes: N = 3, D = 7, C = 5, so that two classes never occur."""
    return make_problem(seed=2, N=3, D=7, C=5, reg=0.3)


@pytest.fixture
def hidden_problem() -> Problem:
    """N = 17, D = 6, C = 5."""
    return make_problem(seed=3, N=17, D=6, C=5, reg=0.2)
