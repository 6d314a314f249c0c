"""The public tests of 01___STEM__: what `check(f)` runs in the notebook, and the grader too."""

from cs_lib.checking import assert_leaves_arguments_alone, assert_matches, assert_vectorised, exercise


@exercise("__STEM___predictions")
def test_predictions_weigh_the_features(student, reference, problem):
    """Every feature counts by its weight."""
    assert_matches(student.__STEM___predictions, reference.__STEM___predictions, problem.X, problem.w)


@exercise("__STEM___predictions")
def test_predictions_are_vectorised(student, problem):
    """More examples take no more steps in Python."""
    few, many = (problem.X[:3], problem.w), (problem.X, problem.w)
    assert_vectorised(student.__STEM___predictions, few=few, many=many)


@exercise("__STEM___loss")
def test_loss_is_the_mean_squared_error(student, reference, problem):
    """The loss is a mean over the examples, and dw is its gradient."""
    assert_matches(student.__STEM___loss, reference.__STEM___loss, problem.w, problem.X, problem.t)


@exercise("__STEM___loss")
def test_loss_leaves_its_arguments_alone(student, reference, problem):
    """w, X and t are as they were afterwards."""
    assert_leaves_arguments_alone(student.__STEM___loss, reference.__STEM___loss, problem.w, problem.X, problem.t)
