"""A wrong answer is rejected for the first thing that is wrong with it, and a right one however it was computed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from cs_lib.checking.comparison import compare, unequal
from cs_lib.checking.faults import recognise
from cs_lib.submission.wire import Foreign

RIGHT = np.arange(12.0).reshape(3, 4) - 5.5
REGULAR = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))


def problem(got, expected=RIGHT, **options):
    finding, _ = compare("dW", got, expected, **options)
    return finding.problem if finding else None


def cause(got, expected=RIGHT, **arguments):
    return recognise(got, expected, got != expected, arguments)


@given(arrays(np.float64, array_shapes(max_dims=3), elements=REGULAR))
def test_an_answer_off_by_rounding_is_right(right):
    assert problem(right * (1 + 1e-13), right) is None


@given(arrays(np.float64, array_shapes(max_dims=3), elements=st.floats(0.1, 10)), st.sampled_from([1e-5, -1e-5, 1.0]))
def test_one_entry_off_by_a_hundred_thousandth_is_wrong(right, share):
    got = right.copy()
    got.flat[-1] += share * right.max()
    assert "wrong in 1 of" in problem(got, right)


@pytest.mark.parametrize(
    ("got", "said"),
    [
        (None, "dW is NoneType, but should be an array of shape (3, 4)."),
        ([[1.0]], "dW is a list, but should be an array of shape (3, 4)."),
        (Foreign("matrix"), "dW is a matrix, but should be an array of shape (3, 4)."),
        (RIGHT.T, "dW has shape (4, 3), but should have (3, 4)."),
        (RIGHT[np.newaxis], "dW has shape (1, 3, 4), but should have (3, 4)."),
        (RIGHT.astype(int), "dW has dtype int64, but should hold floats."),
        (RIGHT > 0, "dW has dtype bool, but should hold floats."),
        (RIGHT.astype(np.float32), "dW has dtype float32, less precise than the arguments it was computed from."),
        (np.where(RIGHT == -5.5, np.nan, RIGHT), "dW is nan in 1 of 12 entries."),
        (np.where(RIGHT == -5.5, np.inf, RIGHT), "dW is inf in 1 of 12 entries."),
        (RIGHT + 1, "dW is wrong in 12 of 12 entries."),
    ],
)
def test_the_first_thing_wrong_is_what_is_said(got, said):
    assert problem(got) == said


def test_float32_is_right_where_the_arguments_were():
    assert problem(RIGHT.astype(np.float32), single_precision=True) is None
    assert problem(RIGHT.astype(np.float16), single_precision=True) is not None


@pytest.mark.parametrize("got", [9, 9.0, np.float64(9), np.array(9.0), np.int64(9)])
def test_a_number_is_right_in_any_of_its_types(got):
    assert problem(got, 9.0) is None


@pytest.mark.parametrize("got", [np.array([9.0]), np.array([[9.0]]), "9", Foreign("function"), 9.0001, True])
def test_a_number_is_not_right_as_something_else(got):
    assert problem(got, 9.0) is not None


def test_labels_are_integers_of_any_size():
    labels = np.array([0, 2, 1])
    assert problem(labels.astype(np.int32), labels) is None
    assert "should hold integers" in problem(labels.astype(float), labels)
    assert "wrong in 1 of 3" in problem(np.array([0, 2, 2]), labels)


def test_the_worst_entry_is_the_one_shown():
    got = RIGHT.copy()
    got[1, 2] += 1
    got[2, 3] -= 10
    finding, wrong = compare("dW", got, RIGHT)
    assert (finding.index, finding.yours, finding.expected) == ("[2, 3]", "-4.5", "5.5")
    assert wrong.sum() == 2


X, y, W = np.ones((3, 5)), np.array([3, 0, 1]), np.sin(np.arange(12.0)).reshape(3, 4)


@pytest.mark.parametrize(
    ("got", "said"),
    [
        (3 * RIGHT, "It is the right answer times N = 3. The loss is the mean over the minibatch"),
        (RIGHT / 3, "It is the right answer times 1/N = 1/3. Is it divided by N twice?"),
        (-RIGHT, "It is the right answer times -1. Look at the sign."),
        (2 * RIGHT, "It is the right answer times 2."),
        (0.7 * RIGHT, "It is the right answer times 0.7."),
        (0 * RIGHT, "It is zero everywhere"),
        (RIGHT - 0.1 * W, "It is right but for -1 times reg * W"),
        (RIGHT - 0.2 * W, "It is right but for the regulariser"),
        (3 * RIGHT - 2 * 0.2 * W, "The part that comes from the data is the right one times N = 3."),
        (np.where(np.arange(4) == y[:, np.newaxis], 0, RIGHT), "Only the right class's entry of each row is wrong."),
        (
            np.where(np.arange(4) == y[:, np.newaxis], RIGHT, 0),
            "The right class's entries are right; those of other classes are not.",
        ),
        (np.where(np.arange(4) == 2, 1, RIGHT), "It is wrong only in column 2; all others are right."),
        (RIGHT + np.array([[0.0], [1.0], [0.0]]), "It is wrong only in row 1; all others are right."),
        (RIGHT**2, ""),
    ],
)
def test_a_general_fault_is_recognised_and_nothing_else_is_claimed(got, said):
    shown = cause(got, X=X, y=y, W=W, reg=0.1)
    assert shown.startswith(said)
    assert bool(shown) == bool(said)


def test_a_square_array_is_recognised_transposed():
    square = np.arange(9.0).reshape(3, 3)
    assert cause(square.T, square) == "It is the transpose of the right answer."


def test_a_loss_without_its_regulariser_is_recognised():
    right = np.array(3.7)
    penalty = 0.1 * np.sum(W**2)
    assert "too small by exactly the regulariser" in cause(right - penalty, right, W=W, reg=0.1)
    assert "has no 1/2" in cause(right - penalty / 2, right, W=W, reg=0.1)
    assert cause(right + 0.123, right, W=W, reg=0.1) == ""


@given(arrays(np.float64, (3, 4), elements=st.floats(-10, 10)))
def test_no_cause_is_named_that_does_not_hold_for_every_entry(got):
    shown = cause(got, X=X, y=y, W=W, reg=0.1)
    if "right answer times" in shown:
        ratios = got / RIGHT
        assert np.allclose(ratios, ratios[0, 0], rtol=1e-5)
    if "right but for" in shown:
        shares = (got - RIGHT) / W
        assert np.allclose(shares[np.abs(W) > 0.1], shares[0, 1], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("got", "expected", "wrong"),
    [
        ([np.inf, np.nan, -np.inf], [np.inf, np.nan, -np.inf], [False, False, False]),
        ([1.0, 1.0, np.inf], [np.inf, np.nan, -np.inf], [True, True, True]),
        ([np.nan, np.inf, 1e300], [1.0, 1.0, -1e300], [True, True, True]),
        ([1e-14, 1.0 + 1e-9], [0.0, 1.0], [False, False]),
        ([1e-6, 1.0 + 1e-6], [0.0, 1.0], [True, True]),
    ],
)
def test_infinities_and_nan_are_right_only_where_expected(got, expected, wrong):
    assert unequal(np.array(got), np.array(expected)).tolist() == wrong
