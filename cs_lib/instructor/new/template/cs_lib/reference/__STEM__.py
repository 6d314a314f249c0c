"""A linear model of numbers, and its mean squared error.

Throughout: X (N, D) one example per row, w (D,) the weights, t (N,) the numbers to predict.
"""

import numpy as np


def __STEM___predictions(X, w):
    """Return what the model predicts for each example: the sum of its features, each times its weight.

    X: (N, D) float, one example per row
    w: (D,) float

    Returns predictions: (N,) float
    """
    # BEGIN SOLUTION
    predictions = X @ w
    # END SOLUTION
    return predictions


def __STEM___loss(w, X, t):
    """Return the mean squared error of the predictions, and its gradient.

    w: (D,) float, X: (N, D) float
    t: (N,) float, the numbers to predict

    Returns (loss, dw):
    loss: float, (1/N) sum_i (prediction_i - t_i)**2
    dw: (D,) float, the gradient of the loss with respect to w
    """
    # BEGIN SOLUTION
    errors = __STEM___predictions(X, w) - t
    loss = np.sum(errors**2) / len(t)
    dw = 2 * X.T @ errors / len(t)
    # END SOLUTION
    return loss, dw
