"""The multiclass hinge loss of a linear classifier and its gradient: with loops, then in stages.

Throughout: X (N, D) one example per row, W (D, C) one column per class, y (N,) int the right classes,
scores = X @ W (N, C). Gradients have the shape of what they belong to: dW (D, C), dscores (N, C).
"""

import numpy as np


def hinge_loss_naive(W, X, y, reg):
    """Return the mean hinge loss of a minibatch and its gradient, one example and one class at a time.

    W: (D, C) float, the weights, one column per class
    X: (N, D) float, one example per row
    y: (N,) int, the right classes, 0 <= y[i] < C
    reg: float, the regularisation strength (lambda)

    Returns (loss, dW):
    loss: float, (1/N) sum_i L_i + reg * sum(W**2), where L_i sums max(0, s_j - s_{y_i} + 1) over j != y_i
    dW: (D, C) float, the gradient of the loss with respect to W
    """
    # BEGIN SOLUTION
    N, C = X.shape[0], W.shape[1]
    loss = 0.0
    dW = np.zeros_like(W)
    for i in range(N):
        scores = X[i] @ W
        for j in range(C):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1.0
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    loss = loss / N + reg * np.sum(W**2)
    dW = dW / N + 2 * reg * W
    # END SOLUTION
    return loss, dW


def numerical_slope(f, W, d, c, h=1e-5):
    """Return the centred-difference slope of f at W along the single entry W[d, c].

    f: takes a (D, C) array, returns a float
    W: (D, C) float, where to measure; it must come back unchanged
    d, c: int, which entry to nudge
    h: float, how far to nudge it, up and down

    Returns slope: float, (f(W with W[d, c] + h) - f(W with W[d, c] - h)) / (2 h)
    """
    # BEGIN SOLUTION
    up, down = W.copy(), W.copy()
    up[d, c] += h
    down[d, c] -= h
    slope = (f(up) - f(down)) / (2 * h)
    # END SOLUTION
    return slope


def initial_hinge_loss(C, delta=1.0):
    """Return the mean hinge loss to expect before training, when all weights are zero and reg = 0.

    C: int, the number of classes
    delta: float, the margin

    Returns loss: float
    """
    # BEGIN SOLUTION
    loss = (C - 1) * delta
    # END SOLUTION
    return loss


def hinge_forward(scores, y, delta=1.0):
    """Return the mean hinge loss of a minibatch of scores, and the margins that the backward pass needs.

    scores: (N, C) float, scores[i, j] of example i for class j
    y: (N,) int, the right classes
    delta: float, how far the right score should lead

    Returns (loss, margins):
    loss: float, (1/N) times the sum of all margins
    margins: (N, C) float, max(0, scores[i, j] - scores[i, y[i]] + delta), and 0 where j = y[i]
    """
    # BEGIN SOLUTION
    N = scores.shape[0]
    right_scores = scores[np.arange(N), y][:, np.newaxis]
    margins = np.maximum(0, scores - right_scores + delta)
    margins[np.arange(N), y] = 0
    loss = np.sum(margins) / N
    # END SOLUTION
    return loss, margins


def hinge_backward(margins, y):
    """Return the gradient of the mean hinge loss with respect to the scores.

    margins: (N, C) float, from hinge_forward: positive where violated, and 0 where j = y[i]
    y: (N,) int, the right classes

    Returns dscores: (N, C) float
    """
    # BEGIN SOLUTION
    N = margins.shape[0]
    dscores = (margins > 0).astype(margins.dtype)
    dscores[np.arange(N), y] = -dscores.sum(axis=1)
    dscores /= N
    # END SOLUTION
    return dscores


def hinge_loss_vectorized(W, X, y, reg):
    """Return what hinge_loss_naive returns, composed of hinge_forward and hinge_backward, without a loop.

    W: (D, C) float, X: (N, D) float, y: (N,) int, reg: float

    Returns (loss, dW): float, and (D, C) float
    """
    # BEGIN SOLUTION
    scores = X @ W
    loss, margins = hinge_forward(scores, y)
    loss += reg * np.sum(W**2)
    dscores = hinge_backward(margins, y)
    dW = X.T @ dscores + 2 * reg * W
    # END SOLUTION
    return loss, dW
