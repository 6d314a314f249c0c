"""The two-layer net: first whole, in about eleven lines, then in stages forward and backward, then composed.

Throughout: X (N, D) one example per row, y (N,) int the right classes, W1 (D, H) and b1 (H,) the hidden layer,
W2 (H, C) and b2 (C,) the scores. The net is scores = max(0, X @ W1 + b1) @ W2 + b2, and its loss is the mean
softmax loss + reg * (sum(W1**2) + sum(W2**2)): the biases are not regularised.
Gradients have the shape of what they belong to: dW1 (D, H), db2 (C,). Given float32, every stage stays in float32.
"""

import numpy as np


def train_eleven_line_net(X, y, W1, W2, steps):
    """Return the weights of a net of sigmoid units, without biases, after full-batch training, and its outputs.

    The net is h = sigmoid(X @ W1), outputs = sigmoid(h @ W2). A step adds to each of W1 and W2 the negative gradient
    of half the sum of (y - outputs)**2, both taken at the weights before the step (a learning rate of 1).

    X: (N, D) float, one example per row
    y: (N, 1) float, the targets, 0 or 1
    W1: (D, H) float, W2: (H, 1) float, the weights to begin with; they must come back unchanged
    steps: int, how many steps to take

    Returns (W1, W2, outputs):
    W1, W2: (D, H) and (H, 1) float, the trained weights, new arrays
    outputs: (N, 1) float, what the net with these trained weights answers to X
    """
    # BEGIN SOLUTION
    W1, W2 = W1.copy(), W2.copy()
    for _ in range(steps):
        h = 1 / (1 + np.exp(-(X @ W1)))
        outputs = 1 / (1 + np.exp(-(h @ W2)))
        dout = (y - outputs) * outputs * (1 - outputs)
        dh = dout @ W2.T * h * (1 - h)
        W2 += h.T @ dout
        W1 += X.T @ dh
    h = 1 / (1 + np.exp(-(X @ W1)))
    outputs = 1 / (1 + np.exp(-(h @ W2)))
    # END SOLUTION
    return W1, W2, outputs


def forward_hidden(X, W1, b1):
    """Return the values of the hidden layer: max(0, X @ W1 + b1).

    X: (N, D) float, W1: (D, H) float, b1: (H,) float

    Returns h1: (N, H) float, never negative
    """
    # BEGIN SOLUTION
    h1 = np.maximum(0, X @ W1 + b1)
    # END SOLUTION
    return h1


def forward_scores(h1, W2, b2):
    """Return the class scores: h1 @ W2 + b2.

    h1: (N, H) float, from forward_hidden; W2: (H, C) float, b2: (C,) float

    Returns scores: (N, C) float
    """
    # BEGIN SOLUTION
    scores = h1 @ W2 + b2
    # END SOLUTION
    return scores


def forward_loss(scores, y, W1, W2, reg):
    """Return the loss of a minibatch, and the probabilities that the backward pass needs.

    scores: (N, C) float, from forward_scores, of any size: 1000 is no exception
    y: (N,) int, the right classes, 0 <= y[i] < C
    W1: (D, H) float, W2: (H, C) float, for the regularisation
    reg: float, the regularisation strength (lambda)

    Returns (loss, probs):
    loss: float, the mean of -log(the probability of the right class) + reg * (sum(W1**2) + sum(W2**2))
    probs: (N, C) float, the softmax of each row
    """
    # BEGIN SOLUTION
    N = scores.shape[0]
    shifted = scores - scores.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    sums = powers.sum(axis=1, keepdims=True)
    probs = powers / sums
    # log(sum) - score is -log(probability), and stays finite where the probability is too small to be told from 0.
    losses = np.log(sums[:, 0]) - shifted[np.arange(N), y]
    # vdot(W, W) is sum(W**2) without an array of squares in between.
    loss = losses.mean() + reg * (np.vdot(W1, W1) + np.vdot(W2, W2))
    # END SOLUTION
    return loss, probs


def backward_scores(probs, y):
    """Return the gradient of the loss with respect to the scores.

    probs: (N, C) float, from forward_loss
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


def backward_output(dscores, h1, W2, reg):
    """Return the gradients of the loss with respect to what made the scores: h1, W2 and b2.

    dscores: (N, C) float, from backward_scores
    h1: (N, H) float, from forward_hidden
    W2: (H, C) float, reg: float

    Returns (dh1, dW2, db2): (N, H), (H, C) and (C,) float; dW2 includes the regularisation
    """
    # BEGIN SOLUTION
    dh1 = dscores @ W2.T
    dW2 = h1.T @ dscores + 2 * reg * W2
    db2 = dscores.sum(axis=0)
    # END SOLUTION
    return dh1, dW2, db2


def backward_hidden(dh1, h1, X, W1, reg):
    """Return the gradients of the loss with respect to what made the hidden layer: W1 and b1.

    dh1: (N, H) float, from backward_output
    h1: (N, H) float, from forward_hidden
    X: (N, D) float, W1: (D, H) float, reg: float

    Returns (dW1, db1): (D, H) and (H,) float; dW1 includes the regularisation
    """
    # BEGIN SOLUTION
    dsums = dh1 * (h1 > 0)
    dW1 = X.T @ dsums + 2 * reg * W1
    db1 = dsums.sum(axis=0)
    # END SOLUTION
    return dW1, db1


class TwoLayerNet:
    """A net with one hidden layer: scores = max(0, X @ W1 + b1) @ W2 + b2, with the softmax loss.

    params: dict of the arrays W1 (D, H), b1 (H,), W2 (H, C), b2 (C,), where D, H and C are input_size,
    hidden_size and num_classes. At first the weights are drawn from a normal distribution around 0 with standard
    deviation weight_scale, and the biases are 0. For data in float32, ask for dtype=np.float32.
    """

    def __init__(self, input_size, hidden_size, num_classes, weight_scale=1e-4, rng=None, dtype=np.float64):
        rng = np.random.default_rng() if rng is None else rng
        W1 = weight_scale * rng.standard_normal((input_size, hidden_size))
        W2 = weight_scale * rng.standard_normal((hidden_size, num_classes))
        self.params = {
            "W1": W1.astype(dtype, copy=False),
            "b1": np.zeros(hidden_size, dtype),
            "W2": W2.astype(dtype, copy=False),
            "b2": np.zeros(num_classes, dtype),
        }

    def loss(self, X, y=None, reg=0.0):
        """Return the scores of a minibatch; or, where y is given, its loss and the gradients.

        X: (N, D) float, one example per row
        y: (N,) int, the right classes, or None
        reg: float, the regularisation strength (lambda)

        Returns scores: (N, C) float, where y is None; else (loss, grads):
        loss: float, grads: dict with the gradients of W1, b1, W2 and b2 under these names, each shaped like its array
        """
        W1, b1, W2, b2 = (self.params[name] for name in ("W1", "b1", "W2", "b2"))
        # BEGIN SOLUTION
        h1 = forward_hidden(X, W1, b1)
        scores = forward_scores(h1, W2, b2)
        # END SOLUTION
        if y is None:
            return scores
        # BEGIN SOLUTION
        loss, probs = forward_loss(scores, y, W1, W2, reg)
        dscores = backward_scores(probs, y)
        dh1, dW2, db2 = backward_output(dscores, h1, W2, reg)
        dW1, db1 = backward_hidden(dh1, h1, X, W1, reg)
        grads = {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
        # END SOLUTION
        return loss, grads

    def predict(self, X):
        """Return for each example the class with the highest score: (N,) int."""
        # BEGIN SOLUTION
        y_pred = self.loss(X).argmax(axis=1)
        # END SOLUTION
        return y_pred


def hyperparameters():
    """Return the settings with which your net learns to read the digits, as you found them.

    A TwoLayerNet(64, hidden_size, 10, weight_scale, rng) is trained with them on the training digits, and should then
    read at least 95 % of digits that it has never seen. steps * batch_size * hidden_size may be at most 50 million.

    Returns settings: dict with
    hidden_size: int, how many hidden units
    weight_scale: float, the standard deviation of the first weights
    learning_rate: float, the size of the first steps
    decay: float, what the learning rate is multiplied by after each epoch, above 0 and at most 1
    reg: float, the regularisation strength (lambda)
    batch_size: int, how many examples in a step
    steps: int, how many steps
    """
    # BEGIN SOLUTION
    settings = {
        "hidden_size": 100,
        "weight_scale": 0.1,
        "learning_rate": 0.5,
        "decay": 0.98,
        "reg": 1e-4,
        "batch_size": 100,
        "steps": 2000,
    }
    # END SOLUTION
    return settings
