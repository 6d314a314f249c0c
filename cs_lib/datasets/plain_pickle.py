"""A pickle read without trust: plain values and arrays of bytes come out, and nothing that the file names is called.

A pickle is a small program, which may name any function of any module and call it. The program runs here, too, but
the few names that an array of bytes needs stand for the harmless objects of this module, and all other names are
refused. The worst that a hostile file can do is to fill the memory or to end the process: it cannot reach a file, a
module or a command.
"""

import io
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_BYTES = 64 * 2**20  # a batch of CIFAR-10 takes 31 MB, or 44 MB as written by Python 3


def read_plain_pickle(path: Path) -> Any:
    """Return what the pickle holds, made of dict, list, tuple, set, str, bytes, numbers, None and `StoredArray`.

    Strings of Python 2 come as bytes. Raises ValueError, which says what was found, where the file is no pickle, is
    longer than 64 MiB, or needs anything else; nothing outside this module has been called then.
    """
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"it is {path.stat().st_size:,} bytes long, of at most {MOST_BYTES:,}")
    # Read at once: a length that the file only claims cannot then reserve memory beyond the file's own.
    content = io.BytesIO(path.read_bytes())
    try:
        return _PlainUnpickler(content, encoding="bytes").load()
    except _Refused as refusal:
        raise ValueError(str(refusal)) from None
    except Exception as error:  # a damaged pickle makes the unpickler raise almost anything
        raise ValueError(f"it is not a pickle of plain values: {error}") from error


class StoredArray:
    """An array of bytes as a pickle describes it: shape, kind and content, not yet looked at."""

    __slots__ = ("_state",)

    def __init__(self) -> None:
        self._state: object = None

    def __setstate__(self, state: object) -> None:
        """Keep what the pickle says: (version, shape, dtype, column by column?, content)."""
        self._state = state

    def bytes_of_shape(self, *, columns: int) -> NDArray[np.uint8]:
        """Return the array, (rows, columns) uint8 and read-only; raises ValueError where it is another."""
        match self._state:
            case (int(), (int() as rows, int() as found), _StoredDtype(), False | 0, bytes() as content):
                if rows >= 0 and found == columns and rows * columns == len(content):
                    return np.frombuffer(content, np.uint8).reshape(rows, columns)
        raise ValueError(f"its array should be (rows, {columns}) bytes, stored row by row; found {self._described()}")

    def _described(self) -> str:
        match self._state:
            case (_, tuple() as shape, _, _, bytes() as content) if all(type(each) is int for each in shape):
                return f"shape {shape} with {len(content):,} bytes for its {math.prod(shape):,} elements"
        return "no such description"


class _Refused(pickle.UnpicklingError):
    """The pickle asked for something that is not given."""


class _StoredDtype:
    """Stands for the dtype uint8, the only one there is here."""

    __slots__ = ()

    def __setstate__(self, state: object) -> None:
        """Ignore the byte order: a single byte has none."""


class _StandIn:
    """What a name in the pickle gets instead of the thing it names; it has nothing that a pickle could change."""

    __slots__ = ()

    def __setstate__(self, state: object) -> None:
        raise _Refused("it tries to change a function, which no pickle of arrays does")


class _NdarrayType(_StandIn):
    """Stands for numpy.ndarray, which is only ever mentioned."""

    __slots__ = ()


class _MakeArray(_StandIn):
    """Stands for the function that makes an array, which the pickle then fills."""

    __slots__ = ()

    def __call__(self, *_: object) -> StoredArray:
        return StoredArray()


class _MakeDtype(_StandIn):
    """Stands for numpy.dtype."""

    __slots__ = ()

    def __call__(self, code: object, *_: object) -> _StoredDtype:
        if code not in ("u1", b"u1"):
            raise _Refused(f"it holds an array of type {code!r}, and only 'u1', bytes, is read")
        return _StoredDtype()


class _Encode(_StandIn):
    """Stands for the function by which Python 3 writes bytes for Python 2: as text in Latin-1."""

    __slots__ = ()

    def __call__(self, text: object, encoding: object) -> bytes:
        if not isinstance(text, str) or encoding not in ("latin1", b"latin1"):
            raise _Refused(f"it encodes text as {encoding!r}, and only 'latin1' is read")
        return text.encode("latin1")


_STAND_INS: dict[tuple[str, str], _StandIn] = {
    ("numpy.core.multiarray", "_reconstruct"): _MakeArray(),  # as the published files say
    ("numpy._core.multiarray", "_reconstruct"): _MakeArray(),  # as NumPy 2 says
    ("numpy", "ndarray"): _NdarrayType(),
    ("numpy", "dtype"): _MakeDtype(),
    ("_codecs", "encode"): _Encode(),
}


class _PlainUnpickler(pickle.Unpickler):
    """Python's own unpickler, in whose eyes only the stand-ins exist."""

    def find_class(self, module: str, name: str) -> Any:
        """Return the stand-in for module.name; the module itself is never imported."""
        try:
            return _STAND_INS[module, name]
        except KeyError:
            raise _Refused(f"it asks for {module}.{name}, which is refused: nothing of it has been run") from None
