"""A known mistake is named from numbers alone, and never with a confident wrong name."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cs_lib.checking.catalogue import Misconception
from cs_lib.checking.diagnosis import Diagnosis, Raised, Suspect, agree, diagnose

RIGHT = [np.array([1.0, 2.0]), np.array([3.0, -1.0])]


def mistake(title):
    return Misconception("f", title, "What do you see?", ())


def suspect(title, answers):
    return Suspect((mistake(title),), answers)


DOUBLED = suspect("Doubled", [2 * each for each in RIGHT])
NEGATED = suspect("Negated", [-each for each in RIGHT])


def test_the_one_that_agrees_in_every_case_is_named():
    found = diagnose([2 * each for each in RIGHT], RIGHT, [NEGATED, DOUBLED])
    assert found.titles == ("Doubled",)
    assert str(found) == "Doubled. What do you see?"


def test_agreeing_in_one_case_is_not_enough():
    assert diagnose([2 * RIGHT[0], RIGHT[1]], RIGHT, [NEGATED, DOUBLED]) is None


def test_what_is_not_wrong_in_any_case_is_not_named():
    assert diagnose(RIGHT, RIGHT, [suspect("Harmless", RIGHT)]) is None


def test_mistakes_that_cannot_be_told_apart_are_all_named():
    twin = suspect("Added to itself", [each + each for each in RIGHT])
    found = diagnose([2 * each for each in RIGHT], RIGHT, [DOUBLED, twin])
    assert found.titles == ("Doubled", "Added to itself")
    assert "one of them" in str(found)


def test_too_many_that_cannot_be_told_apart_are_none():
    many = [suspect(str(i), DOUBLED.answers) for i in range(4)]
    assert diagnose([2 * each for each in RIGHT], RIGHT, many) is None


def test_two_at_once_are_introduced_as_two():
    both = Diagnosis(((mistake("Doubled"), mistake("Negated")),))
    assert both.titles == ("Doubled and Negated",)
    assert str(both).startswith("Two mistakes at once:\n- Doubled. ")


def test_fewer_cases_than_the_catalogue_knows_still_decide():
    assert diagnose([2 * RIGHT[0]], RIGHT[:1], [NEGATED, DOUBLED]).titles == ("Doubled",)


def test_an_exception_agrees_with_one_of_its_kind_alone():
    assert agree(Raised("IndexError"), Raised("IndexError"))
    assert not agree(Raised("IndexError"), Raised("TypeError"))
    assert not agree(Raised("IndexError"), 3.0)
    assert not agree(np.zeros(2), Raised("IndexError"))


@pytest.mark.parametrize(
    ("mine", "other"),
    [
        (np.zeros(3), np.zeros((3, 1))),
        (np.zeros(3), [0.0, 0.0, 0.0]),
        ((1.0, np.zeros(2)), 1.0),
        ((1.0, 2.0), (1.0, 2.0, 3.0)),
        (None, 0.0),
        (..., np.zeros(2)),
        ("text", np.zeros(2)),
        (np.array([object()]), np.zeros(1)),
        (np.nan, 0.0),
    ],
)
def test_what_differs_in_kind_does_not_agree(mine, other):
    assert not agree(mine, other)
    assert not agree(other, mine)


def test_nan_and_infinity_agree_with_themselves():
    assert agree(np.array([np.nan, np.inf]), np.array([np.nan, np.inf]))


@given(arrays(np.float64, (2, 3), elements=st.floats(-1e3, 1e3).map(lambda x: round(x, 4))))
def test_rounding_never_hides_a_mistake_and_a_difference_always_does(answer):
    right = np.ones((2, 3)) * 7.5
    rounded = answer * (1 + 1e-14)
    found = diagnose([rounded], [right], [suspect("It", [answer])])
    assert (found is not None) == (not np.allclose(answer, right, rtol=1e-7))
    off = answer.copy()
    off[0, 0] += 1e-3 * (1 + np.abs(answer).max())
    assert diagnose([off], [right], [suspect("It", [answer])]) is None
