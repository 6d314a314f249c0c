"""The hidden tests of 01___STEM__: the same behaviours on other problems, and the edges."""

from cs_lib.checking import assert_matches, exercise


@exercise("__STEM___predictions")
def test_predictions_on_another_problem(student, reference, hidden_problem):
    """It is right on a problem that the public checks do not use."""
    p = hidden_problem
    assert_matches(student.__STEM___predictions, reference.__STEM___predictions, p.X, p.w)


@exercise("__STEM___loss")
def test_loss_on_another_problem(student, reference, hidden_problem):
    """It is right on a problem that the public checks do not use."""
    p = hidden_problem
    assert_matches(student.__STEM___loss, reference.__STEM___loss, p.w, p.X, p.t)


@exercise("__STEM___loss")
def test_loss_of_a_single_example(student, reference, hidden_problem):
    """One example is no exception."""
    p = hidden_problem
    assert_matches(student.__STEM___loss, reference.__STEM___loss, p.w, p.X[:1], p.t[:1])
