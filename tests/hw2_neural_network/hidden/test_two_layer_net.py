"""The hidden tests of 02_two_layer_net: other numbers and shapes than the public ones."""

import numpy as np

from cs_lib.checking import assert_matches, assert_net_learns, assert_use_matches, exercise
from cs_lib.datasets import load_digits


@exercise("train_eleven_line_net")
def test_many_steps(student, reference):
    """It stays right over many steps."""
    rng = np.random.default_rng(7)
    X, y = rng.standard_normal((5, 3)), rng.integers(0, 2, (5, 1)).astype(float)
    W1, W2 = rng.standard_normal((3, 6)), rng.standard_normal((6, 1))
    assert_matches(student.train_eleven_line_net, reference.train_eleven_line_net, X, y, W1, W2, 40)


@exercise("forward_hidden")
def test_hidden_values_of_another_net(student, reference, hidden_net):
    """Other sizes."""
    p = hidden_net
    assert_matches(student.forward_hidden, reference.forward_hidden, p.X, p.W1, p.b1)


@exercise("forward_scores")
def test_scores_of_another_net(student, reference, hidden_net):
    """Other sizes."""
    p = hidden_net
    assert_matches(student.forward_scores, reference.forward_scores, p.h1, p.W2, p.b2)


@exercise("forward_loss")
def test_loss_of_another_net(student, reference, hidden_net):
    """Other sizes."""
    p = hidden_net
    assert_matches(student.forward_loss, reference.forward_loss, p.scores, p.y, p.W1, p.W2, p.reg)


@exercise("forward_loss", part="overflow")
def test_very_negative_scores(student, reference, hidden_net):
    """Scores around -1000 are no exception, and a right class without a chance has a finite loss."""
    p = hidden_net
    scores = p.scores - 1000
    scores[0, p.y[0]] -= 900
    assert_matches(student.forward_loss, reference.forward_loss, scores, p.y, p.W1, p.W2, p.reg)


@exercise("backward_scores")
def test_gradient_of_the_scores_of_another_net(student, reference, hidden_net):
    """Other sizes."""
    p = hidden_net
    assert_matches(student.backward_scores, reference.backward_scores, p.probs, p.y)


@exercise("backward_output")
def test_output_gradients_of_another_net(student, reference, hidden_net):
    """Other sizes."""
    p = hidden_net
    assert_matches(student.backward_output, reference.backward_output, p.dscores, p.h1, p.W2, p.reg)


@exercise("backward_hidden")
def test_hidden_gradients_of_another_net(student, reference, hidden_net):
    """Other sizes."""
    p = hidden_net
    assert_matches(student.backward_hidden, reference.backward_hidden, p.dh1, p.h1, p.X, p.W1, p.reg)


@exercise("TwoLayerNet")
def test_another_net(student, reference, hidden_net):
    """Other sizes, and another strength of regularisation."""
    p = hidden_net
    steps = [("params.update", p.params), ("loss", p.X, p.y, 0.7), ("loss", p.X)]
    assert_use_matches(student.TwoLayerNet, reference.TwoLayerNet, *steps, made_with=p.sizes)


@exercise("TwoLayerNet", part="predict")
def test_predictions_of_another_net(student, reference, hidden_net):
    """Other sizes."""
    p = hidden_net
    steps = [("params.update", p.params), ("predict", p.X)]
    assert_use_matches(student.TwoLayerNet, reference.TwoLayerNet, *steps, made_with=p.sizes)


@exercise("hyperparameters")
def test_a_net_reads_held_back_digits(student):
    """Trained with your settings, your net reads at least 94 % of digits held back until now."""
    digits = load_digits()
    held_back = (digits.X_test, digits.y_test)
    assert_net_learns(student.hyperparameters, student.TwoLayerNet, digits, held_back, at_least=0.94, seed=2)
