"""What neurons compute: one, a layer of them, three layers; and how many numbers such a net has to learn.

Throughout: X (N, D) one example per row, W (D, H) one column of weights per neuron, b (H,) one bias per neuron.
"""

import numpy as np


def neuron_tick(inputs, weights, bias):
    """Return the firing rate of one neuron: the sigmoid of the weighted sum of its inputs plus its bias.

    inputs: (D,) float, weights: (D,) float, bias: float

    Returns rate: float, between 0 and 1
    """
    # BEGIN SOLUTION
    total = np.sum(inputs * weights) + bias
    rate = 1 / (1 + np.exp(-total))
    # END SOLUTION
    return rate


def layer_of_neurons(X, W, b):
    """Return the firing rates of a whole layer of neurons for a minibatch, without a loop.

    X: (N, D) float, one example per row
    W: (D, H) float, one column of weights per neuron
    b: (H,) float, one bias per neuron

    Returns rates: (N, H) float
    """
    # BEGIN SOLUTION
    sums = X @ W + b
    rates = 1 / (1 + np.exp(-sums))
    # END SOLUTION
    return rates


def three_layer_forward(X, W1, b1, W2, b2, W3, b3):
    """Return the scores of a three-layer net: two hidden layers of sigmoid neurons, and a last one without.

    X: (N, D) float
    W1: (D, H1), b1: (H1,), W2: (H1, H2), b2: (H2,), W3: (H2, C), b3: (C,) float

    Returns scores: (N, C) float
    """
    # BEGIN SOLUTION
    h1 = 1 / (1 + np.exp(-(X @ W1 + b1)))
    h2 = 1 / (1 + np.exp(-(h1 @ W2 + b2)))
    scores = h2 @ W3 + b3
    # END SOLUTION
    return scores


def count_parameters(sizes):
    """Return how many weights and how many biases a net has in which every neuron reads the whole layer before.

    sizes: list of int, the number of inputs, then the number of neurons in each layer

    Returns (weights, biases): int, int
    """
    # BEGIN SOLUTION
    weights = 0
    for i in range(len(sizes) - 1):
        weights += sizes[i] * sizes[i + 1]
    biases = sum(sizes[1:])
    # END SOLUTION
    return weights, biases
