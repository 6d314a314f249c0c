"""The public tests of 03_softmax_loss: what `check(f)` runs in the notebook, and the grader too."""

import numpy as np

from cs_lib.checking import assert_leaves_arguments_alone, assert_matches, assert_vectorised, exercise


def lifted(scores):
    """Return the scores with each row raised by another multiple of 1000, so that rows lie far apart."""
    return scores + 1000.0 * (np.arange(len(scores)) % 3 - 1)[:, np.newaxis]


def with_far_scores(problem, lifts):
    """Return W (D + 1, C) and X (N, D + 1) whose scores are the problem's, plus 1000 times lifts (N,)."""
    C = problem.W.shape[1]
    return np.vstack([problem.W, np.full((1, C), 1000.0)]), np.column_stack([problem.X, lifts])


@exercise("softmax")
def test_rows_become_probabilities(student, reference, problem):
    """Every score becomes its share of its row's powers of e."""
    assert_matches(student.softmax, reference.softmax, problem.scores)


@exercise("softmax")
def test_softmax_with_fewer_examples_than_classes(student, reference, other_problem):
    """It is right for any N and C."""
    assert_matches(student.softmax, reference.softmax, other_problem.scores)


@exercise("softmax")
def test_softmax_leaves_its_argument_alone(student, reference, problem):
    """The scores are as they were afterwards."""
    assert_leaves_arguments_alone(student.softmax, reference.softmax, problem.scores)


@exercise("softmax", part="overflow")
def test_adding_1000_to_every_score_changes_nothing(student, reference, problem):
    """Overflow: 1000 added to every score changes nothing."""
    assert_matches(student.softmax, reference.softmax, problem.scores + 1000.0)


@exercise("softmax", part="overflow")
def test_rows_far_apart_do_not_disturb_each_other(student, reference, problem):
    """Overflow: a row that lies 1000 above or below the others does not disturb them."""
    assert_matches(student.softmax, reference.softmax, lifted(problem.scores))


@exercise("softmax", part="overflow")
def test_scores_far_apart_within_a_row(student, reference):
    """Overflow: scores of one row may lie 1000 apart, too."""
    assert_matches(student.softmax, reference.softmax, np.array([[1000.0, 0.0, -1000.0], [-1000.0, -1001.0, -1003.0]]))


@exercise("softmax_jacobian")
def test_jacobian_of_four_classes(student, reference, problem):
    """The diagonal and the rest of the Jacobian are as the two cases of the formula say."""
    assert_matches(student.softmax_jacobian, reference.softmax_jacobian, problem.probs[0])


@exercise("softmax_jacobian")
def test_jacobian_of_other_sizes(student, reference, other_problem):
    """It is right for any number of classes, two included."""
    assert_matches(student.softmax_jacobian, reference.softmax_jacobian, other_problem.probs[1])
    assert_matches(student.softmax_jacobian, reference.softmax_jacobian, np.array([0.9, 0.1]))


@exercise("softmax_jacobian")
def test_jacobian_leaves_its_argument_alone(student, reference, problem):
    """The probabilities are as they were afterwards."""
    assert_leaves_arguments_alone(student.softmax_jacobian, reference.softmax_jacobian, problem.probs[2])


@exercise("cross_entropy")
def test_the_mean_of_minus_log_of_the_right_probabilities(student, reference, problem):
    """The loss is the mean of -log of the right class's probability."""
    assert_matches(student.cross_entropy, reference.cross_entropy, problem.probs, problem.y)


@exercise("cross_entropy")
def test_cross_entropy_with_fewer_examples_than_classes(student, reference, other_problem):
    """It is right for any N and C, and when some class has no example."""
    assert_matches(student.cross_entropy, reference.cross_entropy, other_problem.probs, other_problem.y)


@exercise("cross_entropy")
def test_cross_entropy_leaves_its_arguments_alone(student, reference, problem):
    """The probabilities and y are as they were afterwards."""
    assert_leaves_arguments_alone(student.cross_entropy, reference.cross_entropy, problem.probs, problem.y)


@exercise("initial_softmax_loss")
def test_initial_loss_is_that_of_equal_probabilities(student, reference):
    """It is what all-zero scores give, for any number of classes."""
    for C in (10, 2, 3, 1):
        assert_matches(student.initial_softmax_loss, reference.initial_softmax_loss, C)


@exercise("softmax_loss_naive")
def test_loss_and_gradient_without_regularisation(student, reference, problem):
    """With reg = 0, the loss and its gradient are those of the data alone."""
    assert_matches(student.softmax_loss_naive, reference.softmax_loss_naive, problem.W, problem.X, problem.y, 0.0)


@exercise("softmax_loss_naive")
def test_loss_and_gradient_with_regularisation(student, reference, problem):
    """With reg > 0, both the loss and its gradient have the regulariser's part."""
    p = problem
    assert_matches(student.softmax_loss_naive, reference.softmax_loss_naive, p.W, p.X, p.y, p.reg)


@exercise("softmax_loss_naive")
def test_fewer_examples_than_classes(student, reference, other_problem):
    """It is right for any N, D and C, and when some class has no example."""
    p = other_problem
    assert_matches(student.softmax_loss_naive, reference.softmax_loss_naive, p.W, p.X, p.y, p.reg)


@exercise("softmax_loss_naive")
def test_naive_loss_leaves_its_arguments_alone(student, reference, problem):
    """W, X and y are as they were afterwards."""
    p = problem
    assert_leaves_arguments_alone(student.softmax_loss_naive, reference.softmax_loss_naive, p.W, p.X, p.y, p.reg)


@exercise("softmax_loss_naive", part="overflow")
def test_naive_loss_of_scores_around_1000(student, reference, problem):
    """Overflow: scores around 1000 give the same loss as scores around 0."""
    W, X = with_far_scores(problem, np.ones(len(problem.y)))
    assert_matches(student.softmax_loss_naive, reference.softmax_loss_naive, W, X, problem.y, 0.0)


@exercise("softmax_loss_naive", part="overflow")
def test_naive_loss_of_examples_far_apart(student, reference, problem):
    """Overflow: an example whose scores lie 1000 above or below the others' does not disturb them."""
    W, X = with_far_scores(problem, np.arange(len(problem.y)) % 3 - 1)
    assert_matches(student.softmax_loss_naive, reference.softmax_loss_naive, W, X, problem.y, 0.0)


@exercise("softmax_forward")
def test_forward_returns_the_loss_and_the_probabilities(student, reference, problem):
    """The loss is the mean over the examples, and every row of probs is the softmax of its scores."""
    assert_matches(student.softmax_forward, reference.softmax_forward, problem.scores, problem.y)


@exercise("softmax_forward")
def test_forward_with_fewer_examples_than_classes(student, reference, other_problem):
    """It is right for any N and C, and when some class has no example."""
    assert_matches(student.softmax_forward, reference.softmax_forward, other_problem.scores, other_problem.y)


@exercise("softmax_forward")
def test_forward_leaves_its_arguments_alone(student, reference, problem):
    """The scores and y are as they were afterwards."""
    assert_leaves_arguments_alone(student.softmax_forward, reference.softmax_forward, problem.scores, problem.y)


@exercise("softmax_forward")
def test_forward_is_vectorised(student, problem):
    """More examples take no more steps in Python."""
    p = problem
    assert_vectorised(student.softmax_forward, few=(p.scores[:4], p.y[:4]), many=(p.scores, p.y))


@exercise("softmax_forward", part="overflow")
def test_forward_of_scores_around_1000(student, reference, problem):
    """Overflow: 1000 added to every score changes nothing."""
    assert_matches(student.softmax_forward, reference.softmax_forward, problem.scores + 1000.0, problem.y)


@exercise("softmax_forward", part="overflow")
def test_forward_of_rows_far_apart(student, reference, problem):
    """Overflow: a row that lies 1000 above or below the others does not disturb them."""
    assert_matches(student.softmax_forward, reference.softmax_forward, lifted(problem.scores), problem.y)


@exercise("softmax_backward")
def test_gradient_is_the_probabilities_minus_one_at_the_right_class(student, reference, problem):
    """Every entry is as the formula says, in the right class's place and in the others."""
    assert_matches(student.softmax_backward, reference.softmax_backward, problem.probs, problem.y)


@exercise("softmax_backward")
def test_backward_with_fewer_examples_than_classes(student, reference, other_problem):
    """It is right for any N and C, and when some class has no example."""
    assert_matches(student.softmax_backward, reference.softmax_backward, other_problem.probs, other_problem.y)


@exercise("softmax_backward")
def test_backward_leaves_its_arguments_alone(student, reference, problem):
    """The probabilities and y are as they were afterwards."""
    assert_leaves_arguments_alone(student.softmax_backward, reference.softmax_backward, problem.probs, problem.y)


@exercise("softmax_backward")
def test_backward_is_vectorised(student, problem):
    """More examples take no more steps in Python."""
    p = problem
    assert_vectorised(student.softmax_backward, few=(p.probs[:4], p.y[:4]), many=(p.probs, p.y))


@exercise("softmax_loss_vectorized")
def test_composed_loss_and_gradient_without_regularisation(student, reference, problem):
    """With reg = 0, the two stages and two matrix products give the loss and dW."""
    p = problem
    assert_matches(student.softmax_loss_vectorized, reference.softmax_loss_vectorized, p.W, p.X, p.y, 0.0)


@exercise("softmax_loss_vectorized")
def test_composed_loss_and_gradient_with_regularisation(student, reference, other_problem):
    """With reg > 0, both the loss and its gradient have the regulariser's part."""
    p = other_problem
    assert_matches(student.softmax_loss_vectorized, reference.softmax_loss_vectorized, p.W, p.X, p.y, p.reg)


@exercise("softmax_loss_vectorized")
def test_composed_loss_leaves_its_arguments_alone(student, reference, problem):
    """W, X and y are as they were afterwards."""
    p = problem
    function = reference.softmax_loss_vectorized
    assert_leaves_arguments_alone(student.softmax_loss_vectorized, function, p.W, p.X, p.y, p.reg)


@exercise("softmax_loss_vectorized")
def test_composed_loss_is_vectorised(student, problem):
    """More examples take no more steps in Python."""
    p = problem
    few, many = (p.W, p.X[:4], p.y[:4], p.reg), (p.W, p.X, p.y, p.reg)
    assert_vectorised(student.softmax_loss_vectorized, few=few, many=many)
