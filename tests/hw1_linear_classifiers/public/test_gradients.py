"""The public tests of 01_gradients: what `check(f)` runs in the notebook, and the grader too."""

import numpy as np

from cs_lib.checking import assert_leaves_arguments_alone, assert_matches, exercise
from cs_lib.submission.outcomes import NotStarted


def choose(*args, **kwargs):
    """Draw as rng.choice does, and the same whenever it is asked the same."""
    return np.random.default_rng(4).choice(*args, **kwargs)


def waves(x):
    """A smooth function of an array of any shape, whose entries all matter, each differently."""
    weights = np.arange(1.0, x.size + 1).reshape(x.shape)
    return float(np.sum(weights * np.sin(x)) + np.sum(x) ** 2)


def cubic(x):
    return float(np.sum(x**3) + x.flat[0] * x.flat[-1])


def slanted_kink(x):
    """Falls with slope -1 on the left of 2 and rises ever more steeply on the right of it."""
    return 2 - x + 4 if x < 2 else x**2


def tilted_bowl(x):
    """The gradient of a bowl that is steeper along one axis than along the others."""
    return np.arange(1.0, len(x) + 1) * (x - 1) + np.sum(x) / 4


@exercise("predict_labels")
def test_the_highest_score_of_each_row_wins(student, reference, problem):
    """The predicted class of each example is the one with the highest score in its row."""
    assert_matches(student.predict_labels, reference.predict_labels, problem.scores)


@exercise("predict_labels")
def test_negative_scores_are_no_exception(student, reference, other_problem):
    """The highest of several negative scores is the one closest to zero."""
    assert_matches(student.predict_labels, reference.predict_labels, other_problem.scores - 10)


@exercise("sample_minibatch")
def test_the_chosen_rows_are_taken(student, reference, problem):
    """The minibatch holds the rows of X and the entries of y that `choose` chose."""
    p = problem
    assert_matches(student.sample_minibatch, reference.sample_minibatch, p.X, p.y, 7, choose)


@exercise("sample_minibatch")
def test_a_minibatch_may_be_larger_than_the_data(student, reference, other_problem):
    """An example may be drawn twice, so that a minibatch can even be larger than the data."""
    p = other_problem
    assert_matches(student.sample_minibatch, reference.sample_minibatch, p.X, p.y, 5, choose)


@exercise("sample_minibatch")
def test_each_row_keeps_its_label(student):
    """Each row of X_batch keeps its own label, however often you draw."""
    X, y = np.arange(40.0).reshape(20, 2), np.arange(20)
    rng, draws = np.random.default_rng(5), []

    def choose_anew(*args, **kwargs):
        draws.append(args)
        return rng.choice(*args, **kwargs)

    answer = student.sample_minibatch(X, y, 8, choose_anew)
    values = answer if isinstance(answer, tuple) else (answer,)
    if all(each is ... for each in values):
        raise NotStarted("sample_minibatch still returns `...`")
    if len(values) != 2 or not all(isinstance(each, np.ndarray) for each in values):
        raise AssertionError("sample_minibatch should return two arrays, X_batch and y_batch.")
    X_batch, y_batch = values
    belonging = np.stack([2 * y_batch, 2 * y_batch + 1], axis=-1)  # example i of these data is [2 i, 2 i + 1]
    if not np.array_equal(X_batch, belonging):
        times = "once" if len(draws) == 1 else f"{len(draws)} times"
        raise AssertionError(f"The rows of X_batch do not belong to the labels in y_batch; choose was called {times}.")


@exercise("score_differences")
def test_each_row_is_compared_with_its_own_right_score(student, reference, problem):
    """Each row of scores has its own right score taken from it."""
    right_scores = problem.scores[np.arange(12), problem.y]
    assert_matches(student.score_differences, reference.score_differences, problem.scores, right_scores)


@exercise("score_differences")
def test_as_many_examples_as_classes(student, reference, problem):
    """It is right when N = C, too, where NumPy would not complain about a forgotten axis."""
    scores = problem.scores[:4]
    right_scores = scores[np.arange(4), problem.y[:4]]
    assert_matches(student.score_differences, reference.score_differences, scores, right_scores)


@exercise("score_differences")
def test_differences_leave_the_scores_alone(student, reference, problem):
    """The scores are as they were afterwards."""
    right_scores = problem.scores[np.arange(12), problem.y]
    assert_leaves_arguments_alone(student.score_differences, reference.score_differences, problem.scores, right_scores)


@exercise("forward_difference")
def test_forward_difference_of_a_vector(student, reference, problem):
    """It follows the formula, for any step h."""
    x = problem.X[0]
    for h in (0.3, 0.01):
        assert_matches(student.forward_difference, reference.forward_difference, waves, x, h)


@exercise("forward_difference")
def test_forward_difference_of_a_matrix(student, reference, problem):
    """x may have any shape: the gradient has the same."""
    x = problem.W[:3, :2]
    assert_matches(student.forward_difference, reference.forward_difference, cubic, x, 0.25)


@exercise("forward_difference")
def test_forward_difference_leaves_its_argument_alone(student, reference, problem):
    """x is as it was afterwards."""
    x = problem.X[0]
    assert_leaves_arguments_alone(student.forward_difference, reference.forward_difference, waves, x, 0.01)


@exercise("central_difference")
def test_central_difference_of_a_vector(student, reference, problem):
    """It follows the formula, for any step h."""
    x = problem.X[0]
    for h in (0.3, 0.01):
        assert_matches(student.central_difference, reference.central_difference, waves, x, h)


@exercise("central_difference")
def test_central_difference_of_a_matrix(student, reference, problem):
    """x may have any shape: the gradient has the same."""
    x = problem.W[:3, :2]
    assert_matches(student.central_difference, reference.central_difference, cubic, x, 0.25)


@exercise("central_difference")
def test_central_difference_leaves_its_argument_alone(student, reference, problem):
    """x is as it was afterwards."""
    x = problem.X[0]
    assert_leaves_arguments_alone(student.central_difference, reference.central_difference, waves, x, 0.01)


@exercise("bowl_gradient")
def test_the_gradient_of_the_bowl(student, reference, problem):
    """Every entry has a part of its own, and a part that it shares with all others."""
    for x in (problem.X[0], problem.X[1, :2], np.array([2.0, -3.0, 0.5])):
        assert_matches(student.bowl_gradient, reference.bowl_gradient, x)


@exercise("bowl_gradient")
def test_the_bowls_gradient_leaves_its_argument_alone(student, reference, problem):
    """x is as it was afterwards."""
    assert_leaves_arguments_alone(student.bowl_gradient, reference.bowl_gradient, problem.X[0])


@exercise("one_sided_slopes")
def test_the_slopes_on_both_sides(student, reference):
    """The left slope comes first, and each looks to its own side only."""
    for x, h in [(2.0, 0.3), (2.0, 0.001), (1.75, 0.4), (-3.0, 1.0)]:
        assert_matches(student.one_sided_slopes, reference.one_sided_slopes, slanted_kink, x, h)


@exercise("descend")
def test_every_step_goes_against_the_gradient(student, reference):
    """Each step goes from where the last one ended, against the gradient there."""
    x = np.array([3.0, -2.0])
    assert_matches(student.descend, reference.descend, tilted_bowl, x, 0.1, 5)


@exercise("descend")
def test_descent_in_more_dimensions(student, reference):
    """It works in any number of dimensions, with any learning rate."""
    x = np.array([1.5, -2.0, 0.25])
    assert_matches(student.descend, reference.descend, tilted_bowl, x, 0.25, 3)


@exercise("descend")
def test_descent_leaves_the_start_alone(student, reference):
    """x is as it was afterwards."""
    assert_leaves_arguments_alone(student.descend, reference.descend, tilted_bowl, np.array([3.0, -2.0]), 0.1, 4)
