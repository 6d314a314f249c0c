"""How long `check(f)` takes after the first call, for a right answer and for answers of each kind of wrong.

    pytest tests/benchmarks/bench_check.py --benchmark-columns=min,median,max

The check is meant to take under 0.1 s, and under 0.3 s where it looks through all pairs of known mistakes.
"""

import pytest

from cs_lib.checking import check
from cs_lib.checking.catalogue import entries, pairs, reference_module, wrong_function
from cs_lib.course import find_exercise

EXERCISE = find_exercise("hinge_loss_naive")


def right():
    return reference_module(EXERCISE).hinge_loss_naive


def in_no_catalogue():
    answer = right()

    def hinge_loss_naive(W, X, y, reg):
        loss, dW = answer(W, X, y, reg)
        return loss, dW + 1e-3 * W**3

    return hinge_loss_naive


ANSWERS = {
    "right": right(),
    "one known mistake": wrong_function(EXERCISE, (entries(EXERCISE)[0],)),
    "two known mistakes": wrong_function(EXERCISE, pairs(EXERCISE)[-1]),
    "unknown mistake": in_no_catalogue(),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_time_of_a_check(benchmark, answer):
    benchmark(check, ANSWERS[answer])
