"""The public tests of 02_two_layer_net: what `check(f)` runs in the notebook, and the grader too."""

import numpy as np

from cs_lib.checking import (
    assert_leaves_arguments_alone,
    assert_matches,
    assert_net_learns,
    assert_use_matches,
    assert_use_vectorised,
    assert_vectorised,
    exercise,
)
from cs_lib.datasets import load_digits

FOUR_ROWS = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
TARGETS = np.array([[0.0], [1], [1], [0]])


def first_weights(seed, D=3, H=4):
    rng = np.random.default_rng(seed)
    return 2 * rng.random((D, H)) - 1, 2 * rng.random((H, 1)) - 1


@exercise("train_eleven_line_net")
def test_one_step_and_three(student, reference):
    """After one step, and after three, both weight matrices are where they should be."""
    for steps in (1, 3):
        arguments = (FOUR_ROWS, TARGETS, *first_weights(1), steps)
        assert_matches(student.train_eleven_line_net, reference.train_eleven_line_net, *arguments)


@exercise("train_eleven_line_net")
def test_no_step_at_all(student, reference):
    """After no steps the weights are those given, and the outputs are theirs."""
    arguments = (FOUR_ROWS, TARGETS, *first_weights(2), 0)
    assert_matches(student.train_eleven_line_net, reference.train_eleven_line_net, *arguments)


@exercise("train_eleven_line_net")
def test_the_eleven_line_net_of_other_sizes(student, reference):
    """It works for other numbers of examples, features and hidden units."""
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((6, 2)), rng.integers(0, 2, (6, 1)).astype(float)
    assert_matches(student.train_eleven_line_net, reference.train_eleven_line_net, X, y, *first_weights(4, 2, 5), 2)


@exercise("train_eleven_line_net")
def test_the_first_weights_are_left_alone(student, reference):
    """The weights that it is given are as they were afterwards."""
    arguments = (FOUR_ROWS, TARGETS, *first_weights(1), 2)
    assert_leaves_arguments_alone(student.train_eleven_line_net, reference.train_eleven_line_net, *arguments)


@exercise("forward_hidden")
def test_hidden_values(student, reference, net):
    """h1 is max(0, X W1 + b1)."""
    assert_matches(student.forward_hidden, reference.forward_hidden, net.X, net.W1, net.b1)


@exercise("forward_hidden")
def test_hidden_values_of_other_sizes(student, reference, other_net):
    """It works for any N, D and H."""
    assert_matches(student.forward_hidden, reference.forward_hidden, other_net.X, other_net.W1, other_net.b1)


@exercise("forward_hidden")
def test_forward_hidden_leaves_its_arguments_alone(student, reference, net):
    """X, W1 and b1 are as they were afterwards."""
    assert_leaves_arguments_alone(student.forward_hidden, reference.forward_hidden, net.X, net.W1, net.b1)


@exercise("forward_hidden")
def test_forward_hidden_is_vectorised(student, net):
    """More examples take no more steps in Python."""
    assert_vectorised(student.forward_hidden, few=(net.X[:3], net.W1, net.b1), many=(net.X, net.W1, net.b1))


@exercise("forward_scores")
def test_scores(student, reference, net):
    """The scores are h1 W2 + b2."""
    assert_matches(student.forward_scores, reference.forward_scores, net.h1, net.W2, net.b2)


@exercise("forward_scores")
def test_forward_scores_leaves_its_arguments_alone(student, reference, net):
    """h1, W2 and b2 are as they were afterwards."""
    assert_leaves_arguments_alone(student.forward_scores, reference.forward_scores, net.h1, net.W2, net.b2)


@exercise("forward_scores")
def test_forward_scores_is_vectorised(student, net):
    """More examples take no more steps in Python."""
    assert_vectorised(student.forward_scores, few=(net.h1[:3], net.W2, net.b2), many=(net.h1, net.W2, net.b2))


@exercise("forward_loss")
def test_loss_without_regularisation(student, reference, net):
    """With reg = 0, the loss is the mean softmax loss; and the probabilities of each row sum to 1."""
    assert_matches(student.forward_loss, reference.forward_loss, net.scores, net.y, net.W1, net.W2, 0.0)


@exercise("forward_loss")
def test_loss_with_regularisation(student, reference, other_net):
    """With reg > 0, the squares of both weight matrices are added."""
    p = other_net
    assert_matches(student.forward_loss, reference.forward_loss, p.scores, p.y, p.W1, p.W2, p.reg)


@exercise("forward_loss")
def test_forward_loss_leaves_its_arguments_alone(student, reference, net):
    """The scores, y, W1 and W2 are as they were afterwards."""
    p = net
    assert_leaves_arguments_alone(student.forward_loss, reference.forward_loss, p.scores, p.y, p.W1, p.W2, p.reg)


@exercise("forward_loss")
def test_forward_loss_is_vectorised(student, net):
    """More examples take no more steps in Python."""
    p = net
    few, many = ((p.scores[:n], p.y[:n], p.W1, p.W2, p.reg) for n in (3, 9))
    assert_vectorised(student.forward_loss, few, many)


@exercise("forward_loss", part="overflow")
def test_large_scores_do_not_overflow(student, reference, net):
    """Scores around 1000, or one row far from the others, change nothing."""
    far = net.scores + 1000
    far[::2] -= 2500
    assert_matches(student.forward_loss, reference.forward_loss, far, net.y, net.W1, net.W2, net.reg)


@exercise("backward_scores")
def test_gradient_of_the_scores(student, reference, net, other_net):
    """Each row holds its probabilities, less 1 for the right class, over N."""
    for p in (net, other_net):
        assert_matches(student.backward_scores, reference.backward_scores, p.probs, p.y)


@exercise("backward_scores")
def test_backward_scores_leaves_its_arguments_alone(student, reference, net):
    """The probabilities and y are as they were afterwards."""
    assert_leaves_arguments_alone(student.backward_scores, reference.backward_scores, net.probs, net.y)


@exercise("backward_scores")
def test_backward_scores_is_vectorised(student, net):
    """More examples take no more steps in Python."""
    assert_vectorised(student.backward_scores, few=(net.probs[:3], net.y[:3]), many=(net.probs, net.y))


@exercise("backward_output")
def test_gradients_of_the_output_layer(student, reference, net):
    """dh1, dW2 and db2 are right, without regularisation and with it."""
    for reg in (0.0, net.reg):
        assert_matches(student.backward_output, reference.backward_output, net.dscores, net.h1, net.W2, reg)


@exercise("backward_output")
def test_gradients_of_a_square_output_layer(student, reference, square_net):
    """They are right, too, where W2 is square and a transposed one would fit."""
    p = square_net
    assert_matches(student.backward_output, reference.backward_output, p.dscores, p.h1, p.W2, p.reg)


@exercise("backward_output")
def test_backward_output_leaves_its_arguments_alone(student, reference, net):
    """dscores, h1 and W2 are as they were afterwards."""
    assert_leaves_arguments_alone(
        student.backward_output, reference.backward_output, net.dscores, net.h1, net.W2, net.reg
    )


@exercise("backward_output")
def test_backward_output_is_vectorised(student, net):
    """More examples take no more steps in Python."""
    few, many = ((net.dscores[:n], net.h1[:n], net.W2, net.reg) for n in (3, 9))
    assert_vectorised(student.backward_output, few, many)


@exercise("backward_hidden")
def test_gradients_of_the_hidden_layer(student, reference, net):
    """dW1 and db1 are right, without regularisation and with it."""
    for reg in (0.0, net.reg):
        assert_matches(student.backward_hidden, reference.backward_hidden, net.dh1, net.h1, net.X, net.W1, reg)


@exercise("backward_hidden")
def test_gradients_of_a_hidden_layer_of_other_sizes(student, reference, other_net):
    """They are right for any N, D and H."""
    p = other_net
    assert_matches(student.backward_hidden, reference.backward_hidden, p.dh1, p.h1, p.X, p.W1, p.reg)


@exercise("backward_hidden")
def test_backward_hidden_leaves_its_arguments_alone(student, reference, net):
    """dh1, h1, X and W1 are as they were afterwards: dh1 is not masked in place."""
    assert_leaves_arguments_alone(
        student.backward_hidden, reference.backward_hidden, net.dh1, net.h1, net.X, net.W1, net.reg
    )


@exercise("backward_hidden")
def test_backward_hidden_is_vectorised(student, net):
    """More examples take no more steps in Python."""
    few, many = ((net.dh1[:n], net.h1[:n], net.X[:n], net.W1, net.reg) for n in (3, 9))
    assert_vectorised(student.backward_hidden, few, many)


@exercise("TwoLayerNet")
def test_a_net_gives_scores_where_no_labels_are_given(student, reference, net):
    """loss(X) returns the scores."""
    steps = [("params.update", net.params), ("loss", net.X)]
    assert_use_matches(student.TwoLayerNet, reference.TwoLayerNet, *steps, made_with=net.sizes)


@exercise("TwoLayerNet")
def test_a_net_gives_its_loss_and_gradients(student, reference, net, other_net):
    """loss(X, y, reg) returns the loss and the gradients of all four parameters."""
    for p in (net, other_net):
        steps = [("params.update", p.params), ("loss", p.X, p.y, p.reg), ("loss", p.X, p.y)]
        assert_use_matches(student.TwoLayerNet, reference.TwoLayerNet, *steps, made_with=p.sizes)


@exercise("TwoLayerNet")
def test_the_toy_net_of_the_classic_homework(student, reference):
    """On the classic toy net the first scores are -0.812, -1.277, -0.703 and the loss at reg = 0.05 is 1.30379."""
    weights, examples = np.random.RandomState(0), np.random.RandomState(1)
    W1, W2 = 1e-1 * weights.randn(4, 10), 1e-1 * weights.randn(10, 3)
    X, y = 10 * examples.randn(5, 4), np.array([0, 1, 2, 2, 1])
    params = {"W1": W1, "b1": np.zeros(10), "W2": W2, "b2": np.zeros(3)}
    steps = [("params.update", params), ("loss", X), ("loss", X, y, 0.05)]
    assert_use_matches(student.TwoLayerNet, reference.TwoLayerNet, *steps, made_with=(4, 10, 3))


@exercise("TwoLayerNet")
def test_loss_changes_neither_parameters_nor_examples(student, reference, net):
    """The parameters and the examples are as they were afterwards."""
    steps = [("params.update", net.params), ("loss", net.X, net.y, net.reg), ("params",)]
    assert_use_matches(student.TwoLayerNet, reference.TwoLayerNet, *steps, made_with=net.sizes)


@exercise("TwoLayerNet", part="predict")
def test_the_class_with_the_highest_score_is_predicted(student, reference, net, other_net):
    """predict(X) returns one class for each example, that with the highest score."""
    for p in (net, other_net):
        steps = [("params.update", p.params), ("predict", p.X)]
        assert_use_matches(student.TwoLayerNet, reference.TwoLayerNet, *steps, made_with=p.sizes)


@exercise("TwoLayerNet")
def test_the_net_is_vectorised(student, net):
    """More examples take no more steps in Python."""
    few, many = ([("params.update", net.params), ("loss", net.X[:n], net.y[:n], 0.1)] for n in (3, 9))
    assert_use_vectorised(student.TwoLayerNet, few, many, made_with=net.sizes)


@exercise("hyperparameters")
def test_a_net_learns_to_read(student):
    """Trained with your settings, your net reads at least 95 % of the validation digits."""
    digits = load_digits()
    held_back = (digits.X_val, digits.y_val)
    assert_net_learns(student.hyperparameters, student.TwoLayerNet, digits, held_back, at_least=0.95, seed=1)
