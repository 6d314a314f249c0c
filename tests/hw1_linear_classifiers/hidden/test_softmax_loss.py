"""The hidden tests of 03_softmax_loss: the same behaviours on other problems, and the edges."""

import numpy as np
import pytest

from cs_lib.checking import assert_matches, exercise


def random_probs(N, C):
    """Return probs (N, C), every row adding up to 1, and y (N,), the same for the same sizes."""
    rng = np.random.default_rng([N, C])
    return rng.dirichlet(np.full(C, 2.0), N), rng.integers(0, C, N)


@exercise("softmax")
def test_softmax_on_another_problem(student, reference, hidden_problem):
    """It is right on a problem that the public checks do not use."""
    assert_matches(student.softmax, reference.softmax, hidden_problem.scores)


@exercise("softmax")
@pytest.mark.parametrize(("N", "C"), [(1, 5), (4, 1), (5, 2)])
def test_softmax_of_small_minibatches(student, reference, N, C):
    """One example, one class or two classes are no exceptions."""
    scores = 2 * np.random.default_rng([N, C]).standard_normal((N, C))
    assert_matches(student.softmax, reference.softmax, scores)


@exercise("softmax")
def test_softmax_of_whole_numbers(student, reference):
    """The scores may be whole numbers."""
    assert_matches(student.softmax, reference.softmax, np.array([[3, 5, -2], [1, 4, 2]]))


@exercise("softmax", part="overflow")
def test_scores_far_apart_within_a_single_row(student, reference):
    """Overflow: one row of very large and very small scores is no exception."""
    assert_matches(student.softmax, reference.softmax, np.array([[-5000.0, 3000.0, 2999.0, 0.0, 2998.0]]))


@exercise("softmax_jacobian")
@pytest.mark.parametrize("C", [1, 2, 6])
def test_jacobian_of_any_number_of_classes(student, reference, C):
    """It is right for any number of classes, one included."""
    probs, _ = random_probs(1, C)
    assert_matches(student.softmax_jacobian, reference.softmax_jacobian, probs[0])


@exercise("cross_entropy")
@pytest.mark.parametrize(("N", "C"), [(1, 5), (5, 2), (17, 6)])
def test_cross_entropy_of_other_probabilities(student, reference, N, C):
    """It is right on probabilities that the public checks do not use, of one example too."""
    assert_matches(student.cross_entropy, reference.cross_entropy, *random_probs(N, C))


@exercise("cross_entropy")
def test_cross_entropy_when_all_examples_have_one_class(student, reference, hidden_problem):
    """The right class may be the same throughout."""
    probs = hidden_problem.probs
    assert_matches(student.cross_entropy, reference.cross_entropy, probs, np.full(len(probs), 2))


@exercise("initial_softmax_loss")
def test_initial_loss_of_many_classes(student, reference):
    """A thousand classes are no exception."""
    assert_matches(student.initial_softmax_loss, reference.initial_softmax_loss, 1000)


@exercise("softmax_loss_naive")
def test_naive_loss_on_another_problem(student, reference, hidden_problem):
    """It is right on a problem that the public checks do not use."""
    p = hidden_problem
    assert_matches(student.softmax_loss_naive, reference.softmax_loss_naive, p.W, p.X, p.y, p.reg)


@exercise("softmax_loss_naive")
def test_naive_loss_of_a_single_example(student, reference, hidden_problem):
    """A minibatch may hold one example."""
    p = hidden_problem
    assert_matches(student.softmax_loss_naive, reference.softmax_loss_naive, p.W, p.X[:1], p.y[:1], p.reg)


@exercise("softmax_loss_naive")
def test_naive_loss_of_two_classes(student, reference, hidden_problem):
    """There may be as few as two classes."""
    p = hidden_problem
    assert_matches(student.softmax_loss_naive, reference.softmax_loss_naive, p.W[:, :2], p.X, p.y % 2, p.reg)


@exercise("softmax_loss_naive")
def test_naive_loss_of_whole_numbers(student, reference, hidden_problem):
    """X may hold whole numbers, such as pixel values."""
    p = hidden_problem
    X = np.rint(2 * p.X).astype(np.int64)
    assert_matches(student.softmax_loss_naive, reference.softmax_loss_naive, p.W, X, p.y, p.reg)


@exercise("softmax_loss_naive", part="overflow")
def test_naive_loss_of_large_scores_on_another_problem(student, reference, hidden_problem):
    """Overflow: scores around 1000, -1000 and 0 in one minibatch, on another problem."""
    p = hidden_problem
    W, X = np.vstack([p.W, np.full((1, 5), 500.0)]), np.column_stack([p.X, 2.0 * (np.arange(len(p.y)) % 3 - 1)])
    assert_matches(student.softmax_loss_naive, reference.softmax_loss_naive, W, X, p.y, 0.0)


@exercise("softmax_forward")
def test_forward_on_another_problem(student, reference, hidden_problem):
    """It is right on a problem that the public checks do not use."""
    assert_matches(student.softmax_forward, reference.softmax_forward, hidden_problem.scores, hidden_problem.y)


@exercise("softmax_forward")
@pytest.mark.parametrize(("N", "C"), [(1, 5), (4, 1), (5, 2)])
def test_forward_of_small_minibatches(student, reference, N, C):
    """One example, one class or two classes are no exceptions."""
    rng = np.random.default_rng([N, C])
    scores, y = 2 * rng.standard_normal((N, C)), rng.integers(0, C, N)
    assert_matches(student.softmax_forward, reference.softmax_forward, scores, y)


@exercise("softmax_forward", part="overflow")
def test_forward_of_large_scores_on_another_problem(student, reference, hidden_problem):
    """Overflow: rows around 1000, -1000 and 0 in one minibatch, on another problem."""
    p = hidden_problem
    lifts = 1000.0 * (np.arange(len(p.y)) % 3 - 1)[:, np.newaxis]
    assert_matches(student.softmax_forward, reference.softmax_forward, p.scores - lifts, p.y)


@exercise("softmax_forward", part="overflow")
def test_forward_of_a_right_score_that_leads_by_far(student, reference):
    """Overflow: a right class that leads by 1000 has probability 1 and loss 0."""
    scores, y = np.array([[1000.0, 0.0, -1000.0], [1.0, 2.0, 4.0]]), np.array([0, 1])
    assert_matches(student.softmax_forward, reference.softmax_forward, scores, y)


@exercise("softmax_backward")
@pytest.mark.parametrize(("N", "C"), [(1, 5), (4, 1), (5, 2), (17, 6)])
def test_backward_of_other_probabilities(student, reference, N, C):
    """It is right on probabilities that the public checks do not use, of one example or one class too."""
    assert_matches(student.softmax_backward, reference.softmax_backward, *random_probs(N, C))


@exercise("softmax_backward")
def test_backward_when_all_examples_have_one_class(student, reference, hidden_problem):
    """The right class may be the same throughout."""
    probs = hidden_problem.probs
    assert_matches(student.softmax_backward, reference.softmax_backward, probs, np.full(len(probs), 2))


@exercise("softmax_loss_vectorized")
def test_composed_loss_on_another_problem(student, reference, hidden_problem):
    """It is right on a problem that the public checks do not use."""
    p = hidden_problem
    assert_matches(student.softmax_loss_vectorized, reference.softmax_loss_vectorized, p.W, p.X, p.y, p.reg)


@exercise("softmax_loss_vectorized")
def test_composed_loss_of_a_single_example(student, reference, hidden_problem):
    """A minibatch may hold one example."""
    p = hidden_problem
    assert_matches(student.softmax_loss_vectorized, reference.softmax_loss_vectorized, p.W, p.X[:1], p.y[:1], p.reg)
