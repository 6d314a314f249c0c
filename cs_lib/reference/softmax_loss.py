"""Softmax, its Jacobian, and the softmax loss of a linear classifier: with loops, then in stages.

Throughout: X (N, D) one example per row, W (D, C) one column per class, y (N,) int the right classes,
scores = X @ W (N, C), probs (N, C) with every row a probability distribution over the classes.
Gradients have the shape of what they belong to: dW (D, C), dscores (N, C).
"""

import numpy as np


def softmax(scores):
    """Return the class probabilities of each example, exp(s_j) / sum_k exp(s_k), row by row.

    scores: (N, C) float, scores[i, j] of example i for class j, of any size: 1000 is no exception

    Returns probs: (N, C) float, every row adds up to 1
    """
    # BEGIN SOLUTION
    shifted = scores - scores.max(axis=-1, keepdims=True)
    powers = np.exp(shifted)
    probs = powers / powers.sum(axis=-1, keepdims=True)
    # END SOLUTION
    return probs


def softmax_jacobian(probs):
    """Return the Jacobian of softmax at one example: how each probability answers to each score.

    probs: (C,) float, the probabilities S of one example

    Returns J: (C, C) float, J[i, j] is the derivative of S_i with respect to score j
    """
    # BEGIN SOLUTION
    C = probs.shape[0]
    J = np.zeros((C, C))
    for i in range(C):
        for j in range(C):
            if i == j:
                J[i, j] = probs[i] * (1 - probs[i])
            else:
                J[i, j] = -probs[i] * probs[j]
    # END SOLUTION
    return J


def cross_entropy(probs, y):
    """Return the mean over the examples of -log(the probability of the right class).

    probs: (N, C) float, every row adds up to 1
    y: (N,) int, the right classes, 0 <= y[i] < C

    Returns loss: float
    """
    # BEGIN SOLUTION
    N = probs.shape[0]
    right_probs = probs[np.arange(N), y]
    loss = -np.sum(np.log(right_probs)) / N
    # END SOLUTION
    return loss


def initial_softmax_loss(C):
    """Return the mean softmax loss to expect before training, when all weights are zero and reg = 0.

    C: int, the number of classes

    Returns loss: float
    """
    # BEGIN SOLUTION
    loss = np.log(C)
    # END SOLUTION
    return loss


def softmax_loss_naive(W, X, y, reg):
    """Return the mean softmax loss of a minibatch and its gradient, one example and one class at a time.

    W: (D, C) float, the weights, one column per class
    X: (N, D) float, one example per row
    y: (N,) int, the right classes, 0 <= y[i] < C
    reg: float, the regularisation strength (lambda)

    Returns (loss, dW):
    loss: float, (1/N) sum_i L_i + reg * sum(W**2), where L_i = -log(the probability of example i's right class)
    dW: (D, C) float, the gradient of the loss with respect to W
    """
    # BEGIN SOLUTION
    N, C = X.shape[0], W.shape[1]
    loss = 0.0
    dW = np.zeros_like(W)
    for i in range(N):
        scores = X[i] @ W
        shifted = scores - scores.max()
        powers = np.exp(shifted)
        probs = powers / powers.sum()
        loss -= np.log(probs[y[i]])
        for j in range(C):
            dscore = probs[j]
            if j == y[i]:
                dscore -= 1
            dW[:, j] += dscore * X[i]
    loss = loss / N + reg * np.sum(W**2)
    dW = dW / N + 2 * reg * W
    # END SOLUTION
    return loss, dW


def softmax_forward(scores, y):
    """Return the mean softmax loss of a minibatch of scores, and the probabilities that the backward pass needs.

    scores: (N, C) float, of any size
    y: (N,) int, the right classes

    Returns (loss, probs):
    loss: float, the mean of -log(the probability of the right class)
    probs: (N, C) float, the softmax of each row
    """
    # BEGIN SOLUTION
    N = scores.shape[0]
    shifted = scores - scores.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    probs = powers / powers.sum(axis=1, keepdims=True)
    right_probs = probs[np.arange(N), y]
    loss = -np.sum(np.log(right_probs)) / N
    # END SOLUTION
    return loss, probs


def softmax_backward(probs, y):
    """Return the gradient of the mean softmax loss with respect to the scores.

    probs: (N, C) float, from softmax_forward
    y: (N,) int, the right classes

    Returns dscores: (N, C) float
    """
    # BEGIN SOLUTION
    N = probs.shape[0]
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores /= N
    # END SOLUTION
    return dscores


def softmax_loss_vectorized(W, X, y, reg):
    """Return what softmax_loss_naive returns, composed of softmax_forward and softmax_backward, without a loop.

    W: (D, C) float, X: (N, D) float, y: (N,) int, reg: float

    Returns (loss, dW): float, and (D, C) float
    """
    # BEGIN SOLUTION
    scores = X @ W
    loss, probs = softmax_forward(scores, y)
    loss += reg * np.sum(W**2)
    dscores = softmax_backward(probs, y)
    dW = X.T @ dscores + 2 * reg * W
    # END SOLUTION
    return loss, dW
