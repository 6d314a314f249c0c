"""The messages between grader and submission carry plain values, and refuse everything else."""

import contextlib
import json
import os
import threading
import time
import tracemalloc

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
    assert same(np.array(2.5), carried(np.array(2.5)))
    assert same(np.zeros((0, 3)), carried(np.zeros((0, 3))))
    assert same(np.bool_(True), carried(np.bool_(True)))


def test_what_arrives_is_the_receivers_own_to_write_to():
    array = carried(np.zeros(3))
    array += 1
    assert array.tolist() == [1, 1, 1]


def test_a_long_text_arrives_whole():
    text = "# é\n" * 100_000
    assert carried(text) == text


class Float(float):
    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class Float64(np.float64):
    def __eq__(self, other):
        return True

    __hash__ = np.float64.__hash__


class Array(np.ndarray):
    pass


class Named(type):
    __name__ = "x" * 10**8


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        Float(3.0),
        Float64(3.0),
        Named("", (), {})(),
        np.ma.masked_array([1.0], [True]),
        np.array("text"),
        np.datetime64("2017-02-01"),
        np.zeros((0, 10**9)),
        np.zeros((1,) * 40),
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
    assert isinstance(carried("x" * (wire.MAX_HEADER + 1)), Foreign)


def test_a_value_that_holds_itself_many_times_over_is_cut():
    value = []
    value += [value] * 10
    assert carried(value) == Foreign("list of more than 64 MB or 100000 values")


def test_half_a_pair_of_surrogates_arrives_as_something_that_can_be_printed():
    assert carried("\ud800x") == "?x"
    assert unpack(b'["str", "\\ud800x"]', b"") == "?x"
    assert unpack(b'["dict", [["\\ud800", ["none"]]]]', b"") == {"?": None}


def test_a_foreign_name_is_one_line_that_can_be_printed():
    assert unpack(json.dumps(["foreign", "a\x1b[31m\nb" + "c" * 500]).encode(), b"").type_name[:8] == "a[31m bc"
    assert len(unpack(json.dumps(["foreign", "c" * 500]).encode(), b"").type_name) == 200


def test_any_byte_but_0_is_true():
    assert unpack(b'["array", "|b1", [3]]', b"\x00\x01\x07").view(np.uint8).tolist() == [0, 1, 1]


@settings(deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=50))
def test_bytes_that_are_no_message_are_refused(header, body):
    try:
        unpack(header, body)
    except BrokenMessage:
        return
    assert isinstance(json.loads(header), list)


KINDS = ["none", "ellipsis", "bool", "int", "float", "str", "list", "tuple", "dict", "array", "scalar", "foreign"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["array", "list"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
        | st.tuples(st.sampled_from(KINDS), inner, inner).map(list)
    ),
)


@settings(deadline=None)
@given(JSON, st.binary(max_size=32))
def test_json_that_is_no_value_is_refused(tree, body):
    try:
        unpack(json.dumps(tree).encode(), body)
    except BrokenMessage:
        return
    assert tree[0] in {*KINDS, "function"}


@pytest.mark.parametrize(
    "tree",
    [
        ["array", "<f8", [10**9]],
        ["array", "<f8", [10**6]],
        ["array", "<f8", [0, 10**9]],
        ["array", "<f8", [10**4, 10**5]],
        ["array", "<f8", [True]],
        ["array", "<f8", [1.0]],
        ["array", "<f99", []],
        ["array", ["<f8"], []],
        ["list", [["none"]] * (wire.MAX_ITEMS + 1)],
        ["int", 10**30],
        ["str", None],
        ["foreign", 3],
        [["none"]],
        [{}],
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
    header = json.dumps(tree).encode()
    tracemalloc.start()
    try:
        with pytest.raises(BrokenMessage):
            unpack(header, b"")
        assert tracemalloc.get_traced_memory()[1] < 2**20 + 20 * len(header)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "header", [b"[" * 10**5, b'["list", [' * 10**4, b'["int", ' + b"9" * 10**5 + b"]", b"\xff\xfe", b"", b"NaN"]
)
def test_a_header_made_to_exhaust_the_reader_is_refused(header):
    with pytest.raises(BrokenMessage):
        unpack(header, b"")


def test_nesting_up_to_the_bound_is_read_and_one_more_is_not():
    tree = ["none"]
    for _ in range(wire.MAX_DEPTH):
        tree = ["list", [tree]]
    assert unpack(json.dumps(tree).encode(), b"") is not None
    with pytest.raises(BrokenMessage):
        unpack(json.dumps(["list", [tree]]).encode(), b"")


@settings(deadline=None)
@given(VALUES, st.data())
def test_a_frame_with_one_byte_changed_is_another_value_or_refused(value, data):
    frame = bytearray(pack(value))
    place = data.draw(st.integers(wire.LENGTHS.size, len(frame) - 1))
    frame[place] = data.draw(st.integers(0, 255))
    size, _ = wire.LENGTHS.unpack(frame[: wire.LENGTHS.size])
    frame = bytes(frame[wire.LENGTHS.size :])
    with contextlib.suppress(BrokenMessage):  # any other exception fails the test
        unpack(frame[:size], frame[size:])


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


@pytest.mark.parametrize("drip", [b"\0", pack(None)])
def test_a_peer_that_never_stops_sending_is_heard_until_the_deadline(pipes, drip):
    channel, _, writing = pipes
    stop = threading.Event()

    def keep_sending():
        while not stop.wait(0.001):
            os.write(writing, drip)

    sender = threading.Thread(target=keep_sending)
    sender.start()
    deadline = time.monotonic() + 0.2
    try:
        with pytest.raises(DeadlinePassed):
            receive_all(channel, deadline)
    finally:
        stop.set()
        sender.join()


def receive_all(channel, deadline):
    while True:  # a message of zeros is broken and a whole one is read; the drip goes on either way
        with contextlib.suppress(BrokenMessage):
            channel.receive(deadline)


def test_what_is_already_there_is_not_read_after_the_deadline(pipes):
    channel, _, writing = pipes
    os.write(writing, pack(1))
    with pytest.raises(DeadlinePassed):
        channel.receive(time.monotonic() - 1)
    assert channel.receive(time.monotonic() + 5) == 1


def test_a_peer_that_does_not_read_is_waited_for_until_the_deadline(pipes):
    channel, *_ = pipes
    with pytest.raises(DeadlinePassed):
        channel.send(np.zeros(10**6), time.monotonic() + 0.1)


def test_sending_to_a_peer_that_has_gone_is_noticed(pipes):
    channel, reading, _ = pipes
    os.close(reading)
    with pytest.raises(BrokenMessage, match="gone"):
        channel.send(np.zeros(10**6), time.monotonic() + 5)


def test_a_large_value_goes_through_a_small_pipe(pipes):
    channel, reading, _ = pipes
    other = Channel(reading, -1)
    value = np.arange(10**6, dtype=float)
    sender = threading.Thread(target=channel.send, args=(value, time.monotonic() + 30))
    sender.start()
    assert same(value, other.receive(time.monotonic() + 30))
    sender.join()


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
