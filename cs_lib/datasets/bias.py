"""The bias trick: a column of ones, so that the last row of the weights holds the biases."""

import numpy as np
from numpy.typing import NDArray


def add_bias_column(X: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return (N, D + 1): X (N, D) with a last column of ones, in the dtype of X.

    This is the bias trick: with it, the last row of W (D + 1, C) holds the biases, and scores = X @ W.
    Raises ValueError unless X has two axes.
    """
    if X.ndim != 2:
        raise ValueError(f"X should have shape (N, D), one example per row; found shape {X.shape}.")
    return np.concatenate([X, np.ones((len(X), 1), X.dtype)], axis=1)
