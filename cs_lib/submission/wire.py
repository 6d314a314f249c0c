"""The messages between a grader and a submission's process: length-prefixed, plain values only, never pickle.

A frame is two big-endian lengths (of the header, of the buffers), a JSON header, and the arrays' raw bytes one after
the other. Every value in the header is a list `[kind, …]`, so nothing of the other side's choosing is ever built but
None, booleans, numbers, strings, tuples, lists, dicts, `...` and arrays of plain numbers. What is none of these
travels as the name of its type alone. Lengths, nesting and counts are bounded on both sides.
"""

import json
import math
import os
import re
import select
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cs_lib.submission.outcomes import one_line

MAX_HEADER = 2**22
MAX_BUFFERS = 2**26
MAX_DEPTH = 20
MAX_ITEMS = 10_000
"""How many items one list, tuple or dict may have."""
MAX_VALUES = 100_000
"""How many values one message may have, those inside others included."""
MAX_DIMENSIONS = 32
LENGTHS = struct.Struct(">II")
PLAIN_DTYPE = re.compile(r"[<>|][biufc]\d{1,2}")
NUMPY_SCALARS = frozenset(np.sctypeDict.values())


class BrokenMessage(Exception):
    """What arrived is not a message of this protocol, or the other side has gone."""


class OtherSideGone(BrokenMessage):
    """The connection is closed."""


class DeadlinePassed(Exception):
    """Nothing complete arrived in time."""


@dataclass(frozen=True)
class Foreign:
    """A value that does not travel: only the name of its type does."""

    type_name: str


@dataclass(frozen=True)
class FunctionReference:
    """A function that stays where it is; the other side asks for its values by this name."""

    name: str


class _TooLarge(Exception):
    """A value has more parts or more bytes than a message holds."""


def pack(value: Any) -> bytes:
    """Return the frame that carries `value`; one too large to travel becomes a `Foreign` that says so."""
    encoder = _Encoder()
    try:
        tree = encoder.encode(value, MAX_DEPTH)
        header = json.dumps(tree, ensure_ascii=False).encode("utf-8", "replace")
        if len(header) > MAX_HEADER:
            raise _TooLarge
    except _TooLarge:
        return pack(Foreign(f"{_type_name(value)} of more than {MAX_BUFFERS // 2**20} MB or {MAX_VALUES} values"))
    body = b"".join(encoder.chunks)
    return LENGTHS.pack(len(header), len(body)) + header + body


def travels(value: Any) -> bool:
    """Return whether all of `value` arrives at the other side as what it is, and nothing as a `Foreign`."""
    encoder = _Encoder()
    try:
        encoder.encode(value, MAX_DEPTH)
    except _TooLarge:
        return False
    return not encoder.foreign


def unpack(header: bytes, body: bytes) -> Any:
    """Return the value that a frame carries; raises BrokenMessage where it carries none."""
    try:
        tree = json.loads(header)
        value, used = _Decoder(body).decode(tree, MAX_DEPTH)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise BrokenMessage(f"not a message: {one_line(str(error), 100)}") from None
    if used != len(body):
        raise BrokenMessage("not a message: bytes left over")
    return value


class _Encoder:
    """Builds a header's tree, and collects the arrays' bytes in the order in which the tree names them."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.size = 0
        self.values = 0
        self.foreign = 0

    def encode(self, value: Any, depth: int) -> list[Any]:
        """Return the tree of `value`; raises _TooLarge where it would not fit into a message."""
        self.values += 1
        if self.values > MAX_VALUES:
            raise _TooLarge
        # Exact types only: a subclass with methods of its own must not travel as what it pretends to be.
        kind = type(value)
        if kind is int and value.bit_length() > 64:
            return self._foreign("int of more than 64 bits")
        if kind in _SIMPLE:
            return _SIMPLE[kind](value)
        if kind is np.ndarray or kind in NUMPY_SCALARS:
            return self._array(value)
        if kind in (tuple, list, dict) and (depth == 0 or len(value) > MAX_ITEMS):
            return self._foreign(f"{kind.__name__} too deep or too long")
        if kind in (tuple, list):
            return [kind.__name__, [self.encode(each, depth - 1) for each in value]]
        if kind is dict and all(type(key) is str for key in value):
            return ["dict", [[key, self.encode(each, depth - 1)] for key, each in value.items()]]
        return self._foreign(_type_name(value))

    def _array(self, value: Any) -> list[Any]:
        array = np.asarray(value)
        if not PLAIN_DTYPE.fullmatch(array.dtype.str):
            return self._foreign(f"array of dtype {array.dtype.name}")
        if _extent(array.shape) * array.itemsize > MAX_BUFFERS or array.ndim > MAX_DIMENSIONS:
            return self._foreign(f"array of shape {array.shape}, more than {MAX_BUFFERS // 2**20} MB")
        self.size += array.nbytes
        if self.size > MAX_BUFFERS:
            raise _TooLarge
        self.chunks.append(array.tobytes())
        return ["array" if type(value) is np.ndarray else "scalar", array.dtype.str, list(array.shape)]

    def _foreign(self, name: str) -> list[Any]:
        self.foreign += 1
        return ["foreign", name]


def _type_name(value: Any) -> str:
    return str(type(value).__name__)[:100]


_SIMPLE: dict[type, Callable[[Any], list[Any]]] = {
    type(None): lambda _: ["none"],
    type(...): lambda _: ["ellipsis"],
    bool: lambda value: ["bool", value],
    int: lambda value: ["int", value],
    float: lambda value: ["float", repr(value)],
    str: lambda value: ["str", value],
    Foreign: lambda value: ["foreign", value.type_name],
    FunctionReference: lambda value: ["function", value.name],
}


class _Decoder:
    """Rebuilds a value from a header's tree, taking the arrays' bytes from the body in order."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.used = 0

    def decode(self, tree: Any, depth: int) -> tuple[Any, int]:
        return self._value(tree, depth), self.used

    def _value(self, tree: Any, depth: int) -> Any:
        if not isinstance(tree, list) or depth < 0:
            raise ValueError("a value is a list [kind, …]")
        kind, *rest = tree
        if kind in ("tuple", "list"):
            items = [self._value(each, depth - 1) for each in _items(rest[0])]
            return tuple(items) if kind == "tuple" else items
        if kind == "dict":
            return {_text(key): self._value(each, depth - 1) for key, each in _items(rest[0])}
        if kind in ("array", "scalar"):
            array = self._array(_exactly(str, rest[0]), _items(rest[1]))
            return array[()] if kind == "scalar" else array
        return _simple(kind, rest)

    def _array(self, dtype_name: str, shape: list[Any]) -> npt.NDArray[Any]:
        if not PLAIN_DTYPE.fullmatch(dtype_name):
            raise ValueError("an array of plain numbers was expected")
        dtype = np.dtype(dtype_name)
        sizes = [_exactly(int, size) for size in shape]
        if len(sizes) > MAX_DIMENSIONS or any(size < 0 for size in sizes):
            raise ValueError("impossible shape")
        if _extent(sizes) * dtype.itemsize > MAX_BUFFERS:
            raise ValueError("an array larger than any answer can be")
        end = self.used + math.prod(sizes) * dtype.itemsize
        if end > len(self.body):
            raise ValueError("fewer bytes than the shape says")
        raw = np.frombuffer(self.body[self.used : end], dtype=np.uint8)
        self.used = end
        # Any byte but 0 is True; as NumPy's own bool it would have to be 1.
        array = raw != 0 if dtype.kind == "b" else raw.copy().view(dtype)
        return array.reshape(sizes)


def _extent(shape: Any) -> int:
    """Return how many entries a shape has when an empty axis counts as one: (0, 10**9) is as suspect as (1, 10**9)."""
    return math.prod(max(1, size) for size in shape)


def _simple(kind: Any, rest: list[Any]) -> Any:
    if kind == "none":
        return None
    if kind == "ellipsis":
        return ...
    if kind == "float":
        return float(_exactly(str, rest[0])[:40])
    if kind == "bool":
        return _exactly(bool, rest[0])
    if kind == "int" and _exactly(int, rest[0]).bit_length() <= 64:
        return rest[0]
    if kind == "str":
        return _text(rest[0])
    if kind == "foreign":
        return Foreign(one_line(_exactly(str, rest[0]), 200))
    if kind == "function":
        return FunctionReference(one_line(_exactly(str, rest[0]), 200))
    raise ValueError("unknown kind of value")


def _text(value: Any) -> str:
    # JSON can write half a surrogate pair, which could later be neither printed nor saved.
    text: str = _exactly(str, value)
    return text.encode("utf-8", "replace").decode()


def _items(value: Any) -> list[Any]:
    items: list[Any] = _exactly(list, value)
    if len(items) > MAX_ITEMS:
        raise ValueError("too many items")
    return items


def _exactly(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise ValueError(f"{kind.__name__} expected")
    return value


class Channel:
    """One end of a pair of pipes that carries values both ways."""

    def __init__(self, receiving: int, sending: int) -> None:
        self.receiving = receiving
        self.sending = sending

    def send(self, value: Any, deadline: float = math.inf) -> None:
        """Send `value`; raises BrokenMessage when the other side has gone, DeadlinePassed when it does not listen."""
        rest = memoryview(pack(value))
        while rest:
            self._wait(self.sending, deadline, writing=True)
            try:
                rest = rest[os.write(self.sending, rest[: select.PIPE_BUF]) :]
            except OSError:
                raise OtherSideGone("the other side has gone") from None

    def receive(self, deadline: float = math.inf) -> Any:
        """Return the next value; raises BrokenMessage or DeadlinePassed (`deadline` in seconds of time.monotonic)."""
        header_size, body_size = LENGTHS.unpack(self._read(LENGTHS.size, deadline))
        if header_size > MAX_HEADER or body_size > MAX_BUFFERS:
            raise BrokenMessage("a message larger than any answer can be")
        return unpack(self._read(header_size, deadline), self._read(body_size, deadline))

    def close(self) -> None:
        os.close(self.receiving)
        os.close(self.sending)

    def _read(self, size: int, deadline: float) -> bytes:
        data = bytearray()
        while len(data) < size:
            self._wait(self.receiving, deadline, writing=False)
            try:
                chunk = os.read(self.receiving, min(size - len(data), 2**20))
            except OSError:
                chunk = b""
            if not chunk:
                raise OtherSideGone("the other side has gone")
            data += chunk
        return bytes(data)

    @staticmethod
    def _wait(descriptor: int, deadline: float, *, writing: bool) -> None:
        if deadline == math.inf:
            return
        # Asked first: a side that never stops sending would otherwise be ready at every poll, for ever.
        left = deadline - time.monotonic()
        poll = select.poll()
        poll.register(descriptor, select.POLLOUT if writing else select.POLLIN)
        if left <= 0 or not poll.poll(left * 1000):
            raise DeadlinePassed
