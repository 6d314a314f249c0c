"""The course's data sets, each split once and for all into training, validation and test examples.

Shapes: N examples of D features in C classes. X is (N, D) float64 in [0, 1]; y is (N,) int64 from 0 to C − 1.
Every call returns fresh arrays, so writing into them never changes what the next call gives.
"""

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SHIPPED = Path(__file__).resolve().parent.parent / "datasets"
DATA_VARIABLE = "CS_LIB_DATA"
MOST_INK = 16  # a pixel of the digits counts the dark points of a 4 × 4 block


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Examples in three splits: learn from train, choose learning rate and the like on val, report on test.

    X_train, X_val, X_test: (N, D) float64 in [0, 1]. y_train, y_val, y_test: (N,) int64.
    class_names: C names, the name of class k at place k.
    picture_shape: (height, width) in pixels, by which a row of X becomes a picture again.
    """

    X_train: NDArray[np.float64]
    y_train: NDArray[np.int64]
    X_val: NDArray[np.float64]
    y_val: NDArray[np.int64]
    X_test: NDArray[np.float64]
    y_test: NDArray[np.int64]
    class_names: tuple[str, ...]
    picture_shape: tuple[int, ...]

    def __repr__(self) -> str:
        """Return one line of sizes; the numbers themselves would fill the screen."""
        splits = {"training": self.y_train, "validation": self.y_val, "test": self.y_test}
        sizes = ", ".join(f"{len(y):,} {name}" for name, y in splits.items())
        return f"Dataset({sizes} examples; {self.X_train.shape[1]} features; {len(self.class_names)} classes)"


def load_digits() -> Dataset:
    """Return the UCI handwritten digits: 1,199 pictures to train on, 299 to validate and 299 to test.

    X: (N, 64) float64, 0 (paper) to 1 (ink), the 8 × 8 pixels row by row. y: (N,) int64, the digit itself.
    Each of the 10 classes has the same share of every split. Source: datasets/README.md.
    Raises FileNotFoundError where datasets/digits.npz is missing and ValueError where it is damaged.
    """
    stored = _read(_find("digits.npz"), ("pictures", "labels", "train", "val", "test"))
    pictures = stored["pictures"]
    X = pictures.reshape(len(pictures), -1) / MOST_INK
    y = stored["labels"].astype(np.int64)
    train, val, test = stored["train"], stored["val"], stored["test"]
    return Dataset(
        X_train=X[train],
        y_train=y[train],
        X_val=X[val],
        y_val=y[val],
        X_test=X[test],
        y_test=y[test],
        class_names=tuple("0123456789"),
        picture_shape=pictures.shape[1:],
    )


def add_bias_column(X: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return (N, D + 1): X (N, D) with a last column of ones, in the dtype of X.

    This is the bias trick: with it, the last row of W (D + 1, C) holds the biases, and scores = X @ W.
    Raises ValueError unless X has two axes.
    """
    if X.ndim != 2:
        raise ValueError(f"X should have shape (N, D), one example per row; found shape {X.shape}.")
    return np.concatenate([X, np.ones((len(X), 1), X.dtype)], axis=1)


def data_directory() -> Path:
    """Return where data sets live: the directory named by CS_LIB_DATA, or else the course's own datasets/."""
    named = os.environ.get(DATA_VARIABLE)
    return Path(named).expanduser() if named else SHIPPED


def _find(name: str) -> Path:
    """Return the file of this name in the data directory, or else the one shipped with the course."""
    for directory in (data_directory(), SHIPPED):
        if (directory / name).is_file():
            return directory / name
    raise FileNotFoundError(
        f"The data file {name} is not in {data_directory()}. It comes with the course in datasets/{name}: "
        f"copy it back from there, or set the environment variable {DATA_VARIABLE} to where it is."
    )


def _read(path: Path, names: tuple[str, ...]) -> dict[str, NDArray[np.integer]]:
    """Return the named arrays of an .npz file; only plain arrays are read, never pickled objects."""
    try:
        # Opened here, because np.load leaves the file open when it fails.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in names}
    except (EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"The data file {path} is damaged ({error}). "
            f"Replace it by a fresh copy of datasets/{path.name} from the course."
        ) from error
