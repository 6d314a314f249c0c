"""The messages between grader and submission carry plain values, and refuse everything else."""

import json
import os
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, scalar_dtypes

from cs_lib.submission import wire
from cs_lib.submission.wire import BrokenMessage, Channel, DeadlinePassed, Foreign, FunctionReference, pack, unpack

NUMBERS = scalar_dtypes().filter(lambda dtype: dtype.kind in "biufc" and np.dtype(dtype).itemsize <= 16)
PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=20) | st.just(...)
ARRAYS = NUMBERS.flatmap(lambda dtype: arrays(dtype, array_shapes(min_dims=0, min_side=0, max_side=4)))
VALUES = st.recursive(
    PLAIN | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


def carried(value):
    frame = pack(value)
    header_size, body_size = wire.LENGTHS.unpack(frame[: wire.LENGTHS.size])
    header = frame[wire.LENGTHS.size : wire.LENGTHS.size + header_size]
    body = frame[wire.LENGTHS.size + header_size :]
    assert len(body) == body_size
    return unpack(header, body)


def same(a, b):
    if isinstance(a, np.ndarray):
        return type(b) is np.ndarray and a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return a == b or a != a


@settings(deadline=None)
@given(VALUES)
def test_every_plain_value_arrives_as_it_left(value):
    assert same(value, carried(value))


def test_numpy_scalars_and_views_arrive_as_what_they_are():
    assert same(np.float32(1.5), carried(np.float32(1.5)))
    assert same(np.arange(12).reshape(3, 4)[:, ::2].copy(), carried(np.arange(12).reshape(3, 4)[:, ::2]))
    assert same(np.arange(3, dtype=">f8"), carried(np.arange(3, dtype=">f8")))


class Float(float):
    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class Array(np.ndarray):
    pass


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        Float(3.0),
        np.zeros(3).view(Array),
        np.array([object()]),
        np.zeros(2, dtype=[("a", float)]),
        np.broadcast_to(np.float64(0), (10**5, 10**5)),
        (i for i in range(3)),
        {1: 2},
        {1, 2},
        10**30,
        print,
        1j,
    ],
)
def test_what_is_not_plain_travels_as_the_name_of_its_type(value):
    assert isinstance(carried(value), Foreign)


def test_what_is_too_deep_or_too_long_is_cut():
    assert "Foreign" in repr(carried(deep(10**5)))
    assert isinstance(carried([0] * (wire.MAX_ITEMS + 1)), Foreign)
    assert isinstance(carried([np.zeros(2**22)] * 3), Foreign)


@settings(deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=50))
def test_bytes_that_are_no_message_are_refused(header, body):
    try:
        unpack(header, body)
    except BrokenMessage:
        return
    assert isinstance(json.loads(header), list)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["array", "list"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)


@settings(deadline=None)
@given(JSON, st.binary(max_size=32))
def test_json_that_is_no_value_is_refused(tree, body):
    try:
        unpack(json.dumps(tree).encode(), body)
    except BrokenMessage:
        return
    kinds = {"none", "ellipsis", "bool", "int", "float", "str", "list", "tuple", "dict", "array", "scalar"}
    assert tree[0] in kinds | {"foreign", "function"}


@pytest.mark.parametrize(
    "tree",
    [
        ["array", "<f8", [10**9]],
        ["array", "<f8", [-1]],
        ["array", "<f8", [1] * 40],
        ["array", "|O8", [1]],
        ["array", "<f8", [10**30]],
        ["array", "<f3", [1]],
        ["array", "<f8", "2"],
        ["array"],
        ["float", "0x"],
        ["int", True],
        ["int", 1.5],
        ["tuple", 3],
        ["dict", [["a"]]],
        ["dict", [[1, ["none"]]]],
        ["pickle", "gASV"],
        [],
        {},
        None,
    ],
)
def test_a_false_claim_is_refused_before_anything_is_built(tree):
    with pytest.raises(BrokenMessage):
        unpack(json.dumps(tree).encode(), b"")


def test_bytes_left_over_are_refused():
    with pytest.raises(BrokenMessage, match="left over"):
        unpack(b'["none"]', b"x")


@pytest.fixture
def pipes():
    receiving, writing = os.pipe()
    reading, sending = os.pipe()
    yield Channel(receiving, sending), reading, writing
    for descriptor in (receiving, writing, reading, sending):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_a_silent_peer_is_waited_for_until_the_deadline(pipes):
    channel, _, writing = pipes
    os.write(writing, wire.LENGTHS.pack(100, 0) + b"only the beginning")
    with pytest.raises(DeadlinePassed):
        channel.receive(time.monotonic() + 0.1)


def test_a_peer_that_does_not_read_is_waited_for_until_the_deadline(pipes):
    channel, *_ = pipes
    with pytest.raises(DeadlinePassed):
        channel.send(np.zeros(10**6), time.monotonic() + 0.1)


def test_a_peer_that_has_gone_is_noticed(pipes):
    channel, _, writing = pipes
    os.close(writing)
    with pytest.raises(BrokenMessage, match="gone"):
        channel.receive(time.monotonic() + 5)


def test_lengths_that_no_answer_has_are_refused_unread(pipes):
    channel, _, writing = pipes
    os.write(writing, wire.LENGTHS.pack(2**31, 2**31))
    with pytest.raises(BrokenMessage, match="larger than any answer"):
        channel.receive(time.monotonic() + 5)


def test_a_function_travels_as_its_name():
    assert carried(FunctionReference("hinge_forward")) == FunctionReference("hinge_forward")
