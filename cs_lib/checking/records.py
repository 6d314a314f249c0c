"""What a release records of the reference, on disk: a JSON file that says what is what, and arrays for the numbers.

Equal values are kept once, and all arrays of one dtype lie end to end in one, so that a record is small and quick to
read. Nothing in it can run: the arrays load without pickle.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cs_lib.checking.diagnosis import Raised
from cs_lib.course import CourseError

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Record:
    """What was recorded of the exercises of one notebook."""

    functions: dict[str, Any]
    """For each exercise by name what the tests ask of it; values stand there as numbers of `nodes`."""
    nodes: list[Any]
    """How each value is made up: of JSON's own kinds, of other values, or of entries of `pools`."""
    pools: dict[str, Array]
    """For each dtype the entries of all arrays, end to end."""

    def value(self, number: int) -> Any:
        """Return a value by its number; arrays in it are the caller's own."""
        node = self.nodes[number]
        if not isinstance(node, dict):
            return node
        ((kind, of),) = node.items()
        return _MADE[kind](self, of)

    def _entries(self, dtype: str, start: int, shape: list[int]) -> Array:
        return self.pools[dtype][start : start + math.prod(shape)].reshape(shape).copy()


class Unlike:
    """Stands for a recorded answer that is no plain value, and so is like no answer of a student's."""


_MADE: dict[str, Callable[[Record, Any], Any]] = {
    "array": lambda record, of: record._entries(*of),
    "scalar": lambda record, of: record._entries(of[0], of[1], [])[()],
    "float": lambda _, of: float(of),
    "tuple": lambda record, of: tuple(map(record.value, of)),
    "list": lambda record, of: list(map(record.value, of)),
    "dict": lambda record, of: {key: record.value(number) for key, number in of},
    "raised": lambda _, of: Raised(of),
    "unlike": lambda _, of: Unlike(),  # noqa: ARG005 all alike
}


def read_record(folder: Path, name: str) -> Record:
    """Return the record `name` in a folder; raises CourseError where it is missing or cannot be read."""
    try:
        table = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        with np.load(folder / f"{name}.npz", allow_pickle=False) as pools:
            return Record(table["functions"], table["values"], dict(pools.items()))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(
            f"{folder / name}: what was recorded for these checks is missing or broken ({type(error).__name__}); "
            "unpack the kit again to have it whole"
        ) from None


@dataclass
class Values:
    """The values of a record while it is made."""

    nodes: list[Any] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    starts: dict[tuple[str, bytes], int] = field(default_factory=dict)
    pools: dict[str, list[Array]] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)

    def number(self, value: Any) -> int:
        """Return the number under which a value is kept, the same for equal values."""
        node = self._node(value)
        key = json.dumps(node)
        if key not in self.numbers:
            self.numbers[key] = len(self.nodes)
            self.nodes.append(node)
        return self.numbers[key]

    def _node(self, value: Any) -> Any:
        if value is None or type(value) in (bool, int, str):
            return value
        if type(value) is float:
            return value if math.isfinite(value) else {"float": str(value)}
        if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
            return {"array": [*self._place(np.asarray(value)), list(value.shape)]}
        if isinstance(value, np.generic) and value.dtype.kind in "biufc":
            return {"scalar": self._place(np.asarray(value))}
        if type(value) in (tuple, list):
            return {type(value).__name__: [self.number(each) for each in value]}
        if isinstance(value, dict) and all(type(key) is str for key in value):
            return {"dict": [[key, self.number(each)] for key, each in value.items()]}
        return {"raised": value.kind} if isinstance(value, Raised) else {"unlike": type(value).__name__}

    def _place(self, array: Array) -> list[Any]:
        """Return [dtype, start] of an array's entries, put at the end of its pool unless they are already there."""
        dtype = array.dtype.newbyteorder("=").name
        entries = np.ascontiguousarray(array, dtype).ravel()
        key = dtype, entries.tobytes()
        if key not in self.starts:
            self.starts[key] = self.lengths.get(dtype, 0)
            self.lengths[dtype] = self.starts[key] + entries.size
            self.pools.setdefault(dtype, []).append(entries)
        return [dtype, self.starts[key]]


def write_record(folder: Path, name: str, functions: dict[str, Any], values: Values) -> None:
    """Write the record `name` into a folder, the same bytes for the same answers."""
    folder.mkdir(parents=True, exist_ok=True)
    table = {"functions": functions, "values": values.nodes}
    text = json.dumps(table, ensure_ascii=False, separators=(",", ":"))
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    arrays: dict[str, Any] = {dtype: np.concatenate(pool) for dtype, pool in sorted(values.pools.items())}
    np.savez(folder / f"{name}.npz", **arrays)
