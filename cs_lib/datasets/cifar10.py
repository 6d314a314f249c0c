"""CIFAR-10: 60,000 small colour photographs of ten kinds of things, read from the folder that is published.

The folder cifar-10-batches-py holds data_batch_1 … data_batch_5, test_batch and batches.meta. Each batch is a
pickled dict, with b"data" (rows, 3072) uint8, a row being the 32 × 32 reds of a picture, then the greens, then the
blues; and b"labels", a list of whole numbers from 0 to 9. `cs_lib.datasets.fetch` brings it there.

Source: A. Krizhevsky (2009), "Learning Multiple Layers of Features from Tiny Images".
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cs_lib.datasets.places import DATA_VARIABLE, find
from cs_lib.datasets.plain_pickle import StoredArray, read_plain_pickle
from cs_lib.datasets.splits import Dataset

FOLDER = "cifar-10-batches-py"
TRAINING_BATCHES = tuple(f"data_batch_{i}" for i in range(1, 6))
TEST_BATCH = "test_batch"
META = "batches.meta"
BATCH_ROWS = 10_000
PICTURE_SHAPE = (32, 32, 3)  # height, width, and red, green, blue
PIXELS = 3072
CLASSES = 10
COMMAND = "cs-lib data cifar10"


def load_cifar10(num_train: int = 49_000, num_val: int = 1_000, num_test: int = 10_000) -> Dataset:
    """Return CIFAR-10: the first num_train pictures, the num_val after them, and the first num_test to test with.

    X: (N, 3072) float32 from 0 to 1. A row is a picture pixel by pixel, `X[i].reshape(32, 32, 3)`, and not colour by
    colour as in the files. y: (N,) int64. The files are in random order already, so the splits are the same each
    time. One float32 takes 4 bytes: the whole set is 737 MB; ask for less where memory is short.
    The pictures are not centred, so that they can be shown. To learn, subtract the mean of the training pictures from
    all three splits, in place, for which the arrays need names of their own: `X_train = data.X_train`, then
    `mean = X_train.mean(axis=0)` and `X_train -= mean`; the same mean for X_val and X_test.
    Raises FileNotFoundError where the data have not been fetched, and ValueError where a file is damaged or there are
    fewer pictures than asked for.
    """
    for name, value in (("num_train", num_train), ("num_val", num_val), ("num_test", num_test)):
        if value < 1:
            raise ValueError(f"{name} should be at least 1; found {value}.")
    folder = find(
        FOLDER,
        f"Fetch CIFAR-10 with `{COMMAND}` (170 MB to download), or set the environment variable {DATA_VARIABLE} to "
        f"the directory that holds {FOLDER}.",
    )
    class_names = _class_names(folder / META)
    X, y = _examples(folder, TRAINING_BATCHES, num_train + num_val)
    X_test, y_test = _examples(folder, [TEST_BATCH], num_test)
    return Dataset(
        X_train=X[:num_train],
        y_train=y[:num_train],
        X_val=X[num_train:],
        y_val=y[num_train:],
        X_test=X_test,
        y_test=y_test,
        class_names=class_names,
        picture_shape=PICTURE_SHAPE,
    )


def _examples(folder: Path, batches: Sequence[str], count: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the first count examples of the batches: X (count, 3072) float32 and y (count,) int64."""
    most = BATCH_ROWS * len(batches)
    if count > most:
        raise ValueError(f"CIFAR-10 has {most:,} pictures in {_listed(batches)}; {count:,} were asked for.")
    pictures = np.empty((count, *PICTURE_SHAPE), np.float32)
    y = np.empty(count, np.int64)
    filled = 0
    for name in batches:
        if filled == count:
            break
        data, labels = _batch(folder / name)
        used = min(len(labels), count - filled)
        _copy_pictures(data[:used], pictures[filled : filled + used])
        y[filled : filled + used] = labels[:used]
        filled += used
    if filled < count:
        raise ValueError(f"{folder} has {filled:,} pictures in {_listed(batches)}; {count:,} were asked for.")
    return pictures.reshape(count, PIXELS), y


def _copy_pictures(data: NDArray[np.uint8], pictures: NDArray[np.float32]) -> None:
    """Write data (n, 3072), 0 to 255 and colour by colour, into pictures (n, 32, 32, 3), 0 to 1."""
    by_colour = data.reshape(len(data), 3, 32, 32)
    # One colour at a time: NumPy walks through the wide rows of both, which is faster than pixel by pixel.
    for colour in range(3):
        np.divide(by_colour[:, colour], np.float32(255), out=pictures[..., colour])


def _batch(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the data (rows, 3072) and labels (rows,) of one batch; raises ValueError where they do not fit."""
    content = _read(path)
    try:
        match content:
            case {b"data": StoredArray() as stored, b"labels": list() as labels}:
                data = stored.bytes_of_shape(columns=PIXELS)
            case _:
                raise ValueError('it should hold an array b"data" and a list b"labels", and does not')
        if len(labels) != len(data):
            raise ValueError(f"it has {len(data):,} pictures but {len(labels):,} labels")
        for label in labels:
            if type(label) is not int or not 0 <= label < CLASSES:
                found = label if type(label) is int else f"of type {type(label).__name__}"
                raise ValueError(f"its labels should be whole numbers from 0 to {CLASSES - 1}; one is {found}")
    except ValueError as error:
        raise _damaged(path, error) from error
    return data, np.array(labels, np.int64)


def _class_names(path: Path) -> tuple[str, ...]:
    """Return the ten names in batches.meta; raises ValueError unless they are ten different words."""
    match _read(path):
        case {b"label_names": [*names]} if all(type(name) is bytes and name.isalpha() for name in names):
            if len(names) == len(set(names)) == CLASSES:
                return tuple(name.decode("ascii") for name in names)
    raise _damaged(path, f'it should hold b"label_names", a list of {CLASSES} different words, and does not')


def _read(path: Path) -> Any:
    try:
        return read_plain_pickle(path)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{path.name} is missing in {path.parent}. Delete that folder and fetch it again with `{COMMAND}`."
        ) from None
    except ValueError as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, reason: object) -> ValueError:
    return ValueError(
        f"The data file {path} is not one of CIFAR-10's ({reason}). "
        f"Delete the folder {path.parent} and fetch it again with `{COMMAND}`."
    )


def _listed(batches: Sequence[str]) -> str:
    return batches[0] if len(batches) == 1 else f"{batches[0]} to {batches[-1]}"
