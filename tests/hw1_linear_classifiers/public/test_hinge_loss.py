"""The public tests of 02_hinge_loss: what `check(f)` runs in the notebook, and the grader too."""

import numpy as np

from cs_lib.checking import assert_leaves_arguments_alone, assert_matches, assert_vectorised, exercise


@exercise("hinge_loss_naive")
def test_loss_and_gradient_without_regularisation(student, reference, problem):
    """With reg = 0, the loss and its gradient are those of the data alone."""
    assert_matches(student.hinge_loss_naive, reference.hinge_loss_naive, problem.W, problem.X, problem.y, 0.0)


@exercise("hinge_loss_naive")
def test_loss_and_gradient_with_regularisation(student, reference, problem):
    """With reg > 0, both the loss and its gradient have the regulariser's part."""
    p = problem
    assert_matches(student.hinge_loss_naive, reference.hinge_loss_naive, p.W, p.X, p.y, p.reg)


@exercise("hinge_loss_naive")
def test_fewer_examples_than_classes(student, reference, other_problem):
    """It is right for any N, D and C, and when some class has no example."""
    p = other_problem
    assert_matches(student.hinge_loss_naive, reference.hinge_loss_naive, p.W, p.X, p.y, p.reg)


@exercise("hinge_loss_naive")
def test_naive_loss_leaves_its_arguments_alone(student, reference, problem):
    """W, X and y are as they were afterwards."""
    p = problem
    assert_leaves_arguments_alone(student.hinge_loss_naive, reference.hinge_loss_naive, p.W, p.X, p.y, p.reg)


@exercise("numerical_slope")
def test_slope_of_a_cubic(student, reference, problem):
    """The slope of the sum of W**3 comes out as the formula says, at any entry and for any h."""

    def cubic(W):
        return float(np.sum(W**3))

    for d, c, h in [(0, 0, 1e-5), (3, 1, 1e-4), (4, 3, 0.5)]:
        assert_matches(student.numerical_slope, reference.numerical_slope, cubic, problem.W, d, c, h)


@exercise("numerical_slope")
def test_slope_leaves_its_argument_alone(student, reference, problem):
    """W is as it was afterwards."""

    def cubic(W):
        return float(np.sum(W**3))

    assert_leaves_arguments_alone(student.numerical_slope, reference.numerical_slope, cubic, problem.W, 1, 2, 1e-4)


@exercise("initial_hinge_loss")
def test_initial_loss_grows_with_the_classes(student, reference):
    """It is what all-zero scores give, for any number of classes and any margin."""
    for C, delta in [(10, 1.0), (2, 1.0), (3, 0.5), (1, 1.0)]:
        assert_matches(student.initial_hinge_loss, reference.initial_hinge_loss, C, delta)


@exercise("hinge_forward")
def test_forward_returns_the_loss_and_the_margins(student, reference, problem):
    """The loss is the mean over the examples, and the margins are 0 in the right class's place."""
    assert_matches(student.hinge_forward, reference.hinge_forward, problem.scores, problem.y)


@exercise("hinge_forward")
def test_forward_with_another_delta(student, reference, other_problem):
    """A delta other than 1 moves the margins with it."""
    p = other_problem
    assert_matches(student.hinge_forward, reference.hinge_forward, p.scores, p.y, 2.5)


@exercise("hinge_forward")
def test_forward_leaves_its_arguments_alone(student, reference, problem):
    """The scores and y are as they were afterwards."""
    assert_leaves_arguments_alone(student.hinge_forward, reference.hinge_forward, problem.scores, problem.y)


@exercise("hinge_forward")
def test_forward_is_vectorised(student, problem):
    """More examples take no more steps in Python."""
    p = problem
    assert_vectorised(student.hinge_forward, few=(p.scores[:4], p.y[:4]), many=(p.scores, p.y))


@exercise("hinge_backward")
def test_gradient_flows_only_through_violated_margins(student, reference, problem):
    """The gradient flows only through violated margins, and the right class's entry balances its row."""
    assert_matches(student.hinge_backward, reference.hinge_backward, problem.margins, problem.y)


@exercise("hinge_backward")
def test_satisfied_rows_have_no_gradient(student, reference, problem):
    """An example without a violated margin has no gradient at all."""
    margins = problem.margins
    margins[::2] = 0
    assert_matches(student.hinge_backward, reference.hinge_backward, margins, problem.y)


@exercise("hinge_backward")
def test_backward_leaves_its_arguments_alone(student, reference, problem):
    """The margins and y are as they were afterwards."""
    assert_leaves_arguments_alone(student.hinge_backward, reference.hinge_backward, problem.margins, problem.y)


@exercise("hinge_backward")
def test_backward_is_vectorised(student, problem):
    """More examples take no more steps in Python."""
    p = problem
    assert_vectorised(student.hinge_backward, few=(p.margins[:4], p.y[:4]), many=(p.margins, p.y))


@exercise("hinge_loss_vectorized")
def test_composed_loss_and_gradient_without_regularisation(student, reference, problem):
    """With reg = 0, the two stages and two matrix products give the loss and dW."""
    p = problem
    assert_matches(student.hinge_loss_vectorized, reference.hinge_loss_vectorized, p.W, p.X, p.y, 0.0)


@exercise("hinge_loss_vectorized")
def test_composed_loss_and_gradient_with_regularisation(student, reference, other_problem):
    """With reg > 0, both the loss and its gradient have the regulariser's part."""
    p = other_problem
    assert_matches(student.hinge_loss_vectorized, reference.hinge_loss_vectorized, p.W, p.X, p.y, p.reg)


@exercise("hinge_loss_vectorized")
def test_composed_loss_leaves_its_arguments_alone(student, reference, problem):
    """W, X and y are as they were afterwards."""
    p = problem
    assert_leaves_arguments_alone(student.hinge_loss_vectorized, reference.hinge_loss_vectorized, p.W, p.X, p.y, p.reg)


@exercise("hinge_loss_vectorized")
def test_composed_loss_is_vectorised(student, problem):
    """More examples take no more steps in Python."""
    p = problem
    few, many = (p.W, p.X[:4], p.y[:4], p.reg), (p.W, p.X, p.y, p.reg)
    assert_vectorised(student.hinge_loss_vectorized, few=few, many=many)
