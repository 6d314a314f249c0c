"""NumPy for minibatches, numerical gradients with their errors, and gradient descent.

Throughout: X (N, D) one example per row, scores (N, C) one column per class, y (N,) int the right classes.
Where a gradient is taken, f maps an array x to one number, and gradient has the shape of x.
"""

import numpy as np


def predict_labels(scores):
    """Return the predicted class of each example: the one with the highest score.

    scores: (N, C) float, scores[i, j] of example i for class j

    Returns y_pred: (N,) int, 0 <= y_pred[i] < C
    """
    # BEGIN SOLUTION
    y_pred = scores.argmax(axis=1)
    # END SOLUTION
    return y_pred


def sample_minibatch(X, y, batch_size, choose):
    """Return a random minibatch: batch_size examples, each with its right class.

    X: (N, D) float, one example per row
    y: (N,) int, the right classes
    batch_size: int, how many examples to draw, each from all N, so that one may be drawn twice
    choose: rng.choice; choose(n, size) returns (size,) int, random indices from 0 to n - 1. Call it once.

    Returns (X_batch, y_batch): (batch_size, D) float, and (batch_size,) int
    """
    # BEGIN SOLUTION
    indices = choose(X.shape[0], batch_size)
    X_batch = X[indices]
    y_batch = y[indices]
    # END SOLUTION
    return X_batch, y_batch


def score_differences(scores, right_scores):
    """Return by how much each score exceeds the right class's score of the same example.

    scores: (N, C) float
    right_scores: (N,) float, the score of each example's right class

    Returns differences: (N, C) float, differences[i, j] = scores[i, j] - right_scores[i]
    """
    # BEGIN SOLUTION
    differences = scores - right_scores[:, np.newaxis]
    # END SOLUTION
    return differences


def forward_difference(f, x, h):
    """Return the numerical gradient of f at x by forward differences, one entry at a time.

    f: takes an array shaped like x, returns a float
    x: float array of any shape; it must come back unchanged
    h: float, how far to nudge an entry

    Returns gradient: float, shaped like x; each entry is (f(x with that entry + h) - f(x)) / h
    """
    # BEGIN SOLUTION
    gradient = np.zeros(x.shape)
    start = f(x)
    for index in np.ndindex(x.shape):
        moved = x.copy()
        moved[index] += h
        gradient[index] = (f(moved) - start) / h
    # END SOLUTION
    return gradient


def central_difference(f, x, h):
    """Return the numerical gradient of f at x by central differences, one entry at a time.

    f: takes an array shaped like x, returns a float
    x: float array of any shape; it must come back unchanged
    h: float, how far to nudge an entry, up and down

    Returns gradient: float, shaped like x;
    each entry is (f(x with that entry + h) - f(x with that entry - h)) / (2 h)
    """
    # BEGIN SOLUTION
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        gradient[index] = (f(up) - f(down)) / (2 * h)
    # END SOLUTION
    return gradient


def bowl_gradient(x):
    """Return the gradient of bowl(x) = sum_k x_k**2 + 2 * (sum_k x_k)**2.

    x: (D,) float

    Returns gradient: (D,) float
    """
    # BEGIN SOLUTION
    gradient = 2 * x + 4 * np.sum(x)
    # END SOLUTION
    return gradient


def one_sided_slopes(f, x, h):
    """Return the slopes of f just left and just right of x.

    f: takes a float, returns a float
    x: float, where to look
    h: float, how far to look to either side, h > 0

    Returns (left, right): two floats, the slopes of f from x - h to x and from x to x + h
    """
    # BEGIN SOLUTION
    left = (f(x) - f(x - h)) / h
    right = (f(x + h) - f(x)) / h
    # END SOLUTION
    return left, right


def descend(gradient, x, learning_rate, steps):
    """Return every place that gradient descent visits on its way down from x.

    gradient: takes a (D,) array, returns the gradient there, (D,)
    x: (D,) float, where to start; it must come back unchanged
    learning_rate: float, how far to step for a gradient of length 1
    steps: int, how many steps to take

    Returns path: (steps + 1, D) float, path[0] the start and path[k] the place after k steps
    """
    # BEGIN SOLUTION
    path = np.zeros((steps + 1, len(x)))
    path[0] = x
    for step in range(steps):
        path[step + 1] = path[step] - learning_rate * gradient(path[step])
    # END SOLUTION
    return path
