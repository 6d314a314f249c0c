"""A data set in three splits: to learn from, to choose by, and to report on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Examples in three splits: learn from train, choose learning rate and the like on val, report on test.

    X_train, X_val, X_test: (N, D) floating point in [0, 1], float64 for the digits and float32 for CIFAR-10.
    y_train, y_val, y_test: (N,) int64. class_names: C names, the name of class k at place k.
    picture_shape: (height, width), or (height, width, 3) for colour; it makes a row of X a picture again.
    """

    X_train: NDArray[np.floating[Any]]
    y_train: NDArray[np.int64]
    X_val: NDArray[np.floating[Any]]
    y_val: NDArray[np.int64]
    X_test: NDArray[np.floating[Any]]
    y_test: NDArray[np.int64]
    class_names: tuple[str, ...]
    picture_shape: tuple[int, ...]

    def __repr__(self) -> str:
        """Return one line of sizes; the numbers themselves would fill the screen."""
        splits = {"training": self.y_train, "validation": self.y_val, "test": self.y_test}
        sizes = ", ".join(f"{len(y):,} {name}" for name, y in splits.items())
        return f"Dataset({sizes} examples; {self.X_train.shape[1]} features; {len(self.class_names)} classes)"
