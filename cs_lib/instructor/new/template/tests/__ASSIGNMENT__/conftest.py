"""Problems on which the assignment is tested: generic, so that no wrong answer is right by luck."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest


@dataclass(frozen=True)
class Problem:
    """Numbers to predict from features: w (D,), X (N, D), t (N,)."""

    w: npt.NDArray[np.float64]
    X: npt.NDArray[np.float64]
    t: npt.NDArray[np.float64]


def make_problem(seed: int, N: int, D: int) -> Problem:
    """Return a random problem of N examples with D features."""
    rng = np.random.default_rng([seed, N, D])
    return Problem(rng.standard_normal(D), rng.standard_normal((N, D)), rng.standard_normal(N))


@pytest.fixture
def problem() -> Problem:
    """N = 7 examples, D = 3 features."""
    return make_problem(seed=1, N=7, D=3)


@pytest.fixture
def hidden_problem() -> Problem:
    """Fewer examples than features: N = 4, D = 5."""
    return make_problem(seed=2, N=4, D=5)
