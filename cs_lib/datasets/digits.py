"""The UCI handwritten digits, which come with the course."""

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cs_lib.datasets.places import DATA_VARIABLE, find
from cs_lib.datasets.splits import Dataset

FILE = "digits.npz"
MOST_INK = 16  # a pixel counts the dark points of a 4 × 4 block


def load_digits() -> Dataset:
    """Return the UCI handwritten digits: 1,199 pictures to train on, 299 to validate and 299 to test.

    X: (N, 64) float64, 0 (paper) to 1 (ink), the 8 × 8 pixels row by row. y: (N,) int64, the digit itself.
    Each of the 10 classes has the same share of every split. Source: datasets/README.md.
    Raises FileNotFoundError where datasets/digits.npz is missing and ValueError where it is damaged.
    """
    advice = (
        f"It comes with the course in datasets/{FILE}: copy it back from there, or set the environment "
        f"variable {DATA_VARIABLE} to where it is."
    )
    stored = _read(find(FILE, advice), ("pictures", "labels", "train", "val", "test"))
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
