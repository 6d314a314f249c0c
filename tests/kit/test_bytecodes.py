"""Counted bytecodes tell loops from vectorised code without a clock, and leave tracers as they were."""

import sys

import numpy as np
import pytest

from cs_lib.bytecodes import count_bytecodes, growth, uncounted


def loop(x):
    total = 0.0
    for each in x:
        total += each
    return total


SLOW = {
    "loop": loop,
    "comprehension": lambda x: [each + 1 for each in x],
    "generator": lambda x: sum(each + 1 for each in x),
    "map": lambda x: list(map(lambda each: each + 1, x)),  # noqa: C417 what is tested
    "np.vectorize": lambda x: np.vectorize(lambda each: each + 1)(x),
    "np.apply_along_axis": lambda x: np.apply_along_axis(lambda row: row + 1, 1, x[:, np.newaxis]),
    "recursion": lambda x: SLOW["recursion"](x[1:]) if len(x) else 0,
}
FAST = {
    "sum": lambda x: np.sum(x**2),
    "indexing": lambda x: x[np.arange(len(x)) % 2],
    "einsum": lambda x: np.einsum("i,i", x, x),
    "maximum.at": lambda x: np.add.at(np.zeros(3), np.arange(len(x)) % 3, x),
    "a loop over something else": lambda x: [x + each for each in range(4)],
}


def grows(function):
    count_bytecodes(function, np.ones(5))
    return sum(growth(count_bytecodes(function, np.ones(5)), count_bytecodes(function, np.ones(50))).values())


@pytest.mark.parametrize("name", SLOW)
def test_what_loops_grows_with_the_examples(name):
    assert grows(SLOW[name]) >= 45


@pytest.mark.parametrize("name", FAST)
def test_what_is_vectorised_does_not(name):
    assert grows(FAST[name]) == 0


def test_the_line_that_grows_is_the_loops():
    (_, line), _ = growth(count_bytecodes(loop, np.ones(5)), count_bytecodes(loop, np.ones(50))).most_common(1)[0]
    assert line - loop.__code__.co_firstlineno in (2, 3)


def test_a_tracer_set_before_is_put_back_also_when_the_function_raises():
    def tracer(*_):
        return None

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        with pytest.raises(ZeroDivisionError):
            count_bytecodes(lambda: 1 / 0)
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)


def test_a_callees_loop_is_found_in_the_callees_line():
    grown = growth(count_bytecodes(lambda x: loop(x), np.ones(5)), count_bytecodes(lambda x: loop(x), np.ones(50)))
    assert {file for file, _ in grown} == {__file__}


def test_what_the_kit_does_on_behalf_of_a_function_is_not_counted():
    def asks(x):
        with uncounted():
            return loop(x)

    assert grows(loop) > 0
    assert grows(asks) == 0


def test_counting_goes_on_after_what_is_uncounted_also_when_that_raises():
    def fails(x):
        try:
            with uncounted():
                raise ValueError
        except ValueError:
            return loop(x)

    assert grows(fails) == grows(loop)


def test_without_a_tracer_before_there_is_none_afterwards():
    before = sys.gettrace()
    sys.settrace(None)
    try:
        count_bytecodes(loop, np.ones(3))
        assert sys.gettrace() is None
    finally:
        sys.settrace(before)
