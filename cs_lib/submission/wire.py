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
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

MAX_HEADER = 2**20
MAX_BUFFERS = 2**26
MAX_DEPTH = 20
MAX_ITEMS = 10_000
LENGTHS = struct.Struct(">II")
PLAIN_DTYPE = re.compile(r"[<>|][biufc]\d{1,2}")


class BrokenMessage(Exception):
    """What arrived is not a message of this protocol, or the other side has gone."""


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


@dataclass
class _Buffers:
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, array: npt.NDArray[Any]) -> None:
        self.size += array.nbytes
        if self.size <= MAX_BUFFERS:
            self.chunks.append(array.tobytes())


def pack(value: Any) -> bytes:
    """Return the frame that carries `value`; one too large to travel becomes a `Foreign` that says so."""
    buffers = _Buffers()
    header = json.dumps(_encode(value, buffers, MAX_DEPTH)).encode()
    if len(header) > MAX_HEADER or buffers.size > MAX_BUFFERS:
        return pack(Foreign(f"{type(value).__name__} of more than {MAX_BUFFERS // 2**20} MB"))
    body = b"".join(buffers.chunks)
    return LENGTHS.pack(len(header), len(body)) + header + body


def unpack(header: bytes, body: bytes) -> Any:
    """Return the value that a frame carries; raises BrokenMessage where it carries none."""
    try:
        tree = json.loads(header)
        value, used = _Decoder(body).decode(tree, MAX_DEPTH)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, OverflowError) as error:
        raise BrokenMessage(f"not a message: {error}") from None
    if used != len(body):
        raise BrokenMessage("not a message: bytes left over")
    return value


def _encode(value: Any, buffers: _Buffers, depth: int) -> list[Any]:
    # Exact types only: a subclass with methods of its own must not travel as what it pretends to be.
    kind = type(value)
    if kind in _SIMPLE:
        return _SIMPLE[kind](value)
    if kind is np.ndarray or isinstance(value, np.generic):
        return _encode_array(value, buffers)
    if depth == 0 or (kind in (tuple, list, dict) and len(value) > MAX_ITEMS):
        return ["foreign", f"{kind.__name__} too deep or too long"]
    if kind in (tuple, list):
        return [kind.__name__, [_encode(each, buffers, depth - 1) for each in value]]
    if kind is dict and all(type(key) is str for key in value):
        return ["dict", [[key, _encode(each, buffers, depth - 1)] for key, each in value.items()]]
    return ["foreign", kind.__name__[:100]]


def _encode_int(value: int) -> list[Any]:
    return ["int", value] if value.bit_length() <= 64 else ["foreign", "int of more than 64 bits"]


_SIMPLE: dict[type, Callable[[Any], list[Any]]] = {
    type(None): lambda _: ["none"],
    type(...): lambda _: ["ellipsis"],
    bool: lambda value: ["bool", value],
    int: _encode_int,
    float: lambda value: ["float", repr(value)],
    complex: lambda _: ["foreign", "complex"],
    str: lambda value: ["str", value[:MAX_ITEMS].encode("utf-8", "replace").decode()],
    Foreign: lambda value: ["foreign", value.type_name],
    FunctionReference: lambda value: ["function", value.name],
}


def _encode_array(value: Any, buffers: _Buffers) -> list[Any]:
    array = np.asarray(value)
    if not PLAIN_DTYPE.fullmatch(array.dtype.str):
        return ["foreign", f"array of dtype {array.dtype.name[:100]}"]
    if array.nbytes > MAX_BUFFERS:
        return ["foreign", f"array of shape {array.shape}, more than {MAX_BUFFERS // 2**20} MB"]
    buffers.add(array)
    return ["scalar" if isinstance(value, np.generic) else "array", array.dtype.str, list(array.shape)]


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
            return {_exactly(str, key): self._value(each, depth - 1) for key, each in _items(rest[0])}
        if kind in ("array", "scalar"):
            array = self._array(_exactly(str, rest[0]), _items(rest[1]))
            return array[()] if kind == "scalar" else array
        return _simple(kind, rest)

    def _array(self, dtype_name: str, shape: list[Any]) -> npt.NDArray[Any]:
        if not PLAIN_DTYPE.fullmatch(dtype_name):
            raise ValueError("an array of plain numbers was expected")
        dtype = np.dtype(dtype_name)
        sizes = [_exactly(int, size) for size in shape]
        if any(size < 0 for size in sizes) or len(sizes) > 32:
            raise ValueError("impossible shape")
        end = self.used + math.prod(sizes) * dtype.itemsize
        if end > len(self.body):
            raise ValueError("fewer bytes than the shape says")
        array = np.frombuffer(self.body[self.used : end], dtype=dtype).reshape(sizes).copy()
        self.used = end
        return array


def _simple(kind: Any, rest: list[Any]) -> Any:
    if kind == "none":
        return None
    if kind == "ellipsis":
        return ...
    if kind == "float":
        return float(_exactly(str, rest[0])[:40])
    if kind in ("bool", "int", "str"):
        return _exactly({"bool": bool, "int": int, "str": str}[kind], rest[0])
    if kind == "foreign":
        return Foreign(_exactly(str, rest[0])[:200])
    if kind == "function":
        return FunctionReference(_exactly(str, rest[0])[:200])
    raise ValueError("unknown kind of value")


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
                raise BrokenMessage("the other side has gone") from None

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
                raise BrokenMessage("the other side has gone")
            data += chunk
        return bytes(data)

    @staticmethod
    def _wait(descriptor: int, deadline: float, *, writing: bool) -> None:
        if deadline == math.inf:
            return
        poll = select.poll()
        poll.register(descriptor, select.POLLOUT if writing else select.POLLIN)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise DeadlinePassed
