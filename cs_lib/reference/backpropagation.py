"""Backpropagation: gates with a forward and a backward pass, graphs of them, and layers on minibatches.

A gate's `forward` takes one value for each input and returns one, z; its `backward` takes dz, the gradient of the
loss with respect to z, and returns a list with the gradient for each input. Values are numbers or arrays; a gradient
has the shape of its value. What `backward` will need, `forward` keeps on `self`.

Layers work on minibatches X (N, D), one example per row.
"""

import numpy as np


class Add:
    """The add gate: z = x + y."""

    symbol = "+"

    def forward(self, x, y):
        """Return z, the sum of x and y: numbers, or arrays of one shape."""
        # BEGIN SOLUTION
        z = x + y
        # END SOLUTION
        return z

    def backward(self, dz):
        """Return [dx, dy], given the gradient dz of what forward returned."""
        # BEGIN SOLUTION
        dx = dz
        dy = dz
        # END SOLUTION
        return [dx, dy]


class Max:
    """The max gate: z = the larger of x and y, entry by entry where they are arrays."""

    symbol = "max"

    def forward(self, x, y):
        """Return z, the larger of x and y: numbers, or arrays of one shape."""
        # BEGIN SOLUTION
        self.x_wins = x >= y
        z = np.maximum(x, y)
        # END SOLUTION
        return z

    def backward(self, dz):
        """Return [dx, dy], given the gradient dz of what forward returned."""
        # BEGIN SOLUTION
        dx = dz * self.x_wins
        dy = dz * (1 - self.x_wins)
        # END SOLUTION
        return [dx, dy]


class Exp:
    """The exponential gate: z = e to the power of x."""

    symbol = "exp"

    def forward(self, x):
        """Return z, for a number or an array x."""
        # BEGIN SOLUTION
        z = np.exp(x)
        self.z = z
        # END SOLUTION
        return z

    def backward(self, dz):
        """Return [dx], given the gradient dz of what forward returned."""
        # BEGIN SOLUTION
        dx = dz * self.z
        # END SOLUTION
        return [dx]


class Reciprocal:
    """The reciprocal gate: z = 1 / x."""

    symbol = "1/x"

    def forward(self, x):
        """Return z, for a number or an array x without zeros."""
        # BEGIN SOLUTION
        z = 1 / x
        self.x = x
        # END SOLUTION
        return z

    def backward(self, dz):
        """Return [dx], given the gradient dz of what forward returned."""
        # BEGIN SOLUTION
        dx = -dz / self.x**2
        # END SOLUTION
        return [dx]


class Sigmoid:
    """The sigmoid as one gate, or as a layer: z = 1 / (1 + e to the power of -x)."""

    symbol = "σ"

    def forward(self, x):
        """Return z, for a number or an array x."""
        # BEGIN SOLUTION
        z = 1 / (1 + np.exp(-x))
        self.z = z
        # END SOLUTION
        return z

    def backward(self, dz):
        """Return [dx], given the gradient dz of what forward returned."""
        # BEGIN SOLUTION
        dx = dz * (1 - self.z) * self.z
        # END SOLUTION
        return [dx]


def neuron_gradients(w, x):
    """Return the output of a neuron with two inputs, and its gradients.

    The output is f = sigmoid(w[0] x[0] + w[1] x[1] + w[2]).

    w: (3,) float, two weights and the bias
    x: (2,) float, the inputs

    Returns (f, dw, dx): float, (3,) float and (2,) float, the gradients of f with respect to w and x
    """
    # BEGIN SOLUTION
    s = w[0] * x[0] + w[1] * x[1] + w[2]
    f = 1 / (1 + np.exp(-s))
    ds = (1 - f) * f
    dw = np.array([ds * x[0], ds * x[1], ds])
    dx = np.array([ds * w[0], ds * w[1]])
    # END SOLUTION
    return f, dw, dx


def branching_gradients(x, y):
    """Return f = (x + sigmoid(y)) / (sigmoid(x) + (x + y)**2) and its two gradients.

    x, y: float

    Returns (f, dx, dy): float each, df/dx and df/dy
    """
    # BEGIN SOLUTION
    sig_y = 1 / (1 + np.exp(-y))
    top = x + sig_y
    sig_x = 1 / (1 + np.exp(-x))
    both = x + y
    bottom = sig_x + both**2
    f = top / bottom

    dtop = 1 / bottom
    dbottom = -top / bottom**2
    dboth = dbottom * 2 * both
    dx = dtop + dboth
    dy = dboth
    dx += dbottom * (1 - sig_x) * sig_x
    dy += dtop * (1 - sig_y) * sig_y
    # END SOLUTION
    return f, dx, dy


class ComputationalGraph:
    """Gates wired together, which run forward to one value and backward to the gradients of its inputs.

    nodes: list of (output, gate, inputs) in topological order: the name of the wire that the gate makes, the gate,
        and the names of the wires that it reads. The last node makes the loss, and every wire
        leads to it.
    """

    def __init__(self, nodes):
        self.nodes = nodes

    def forward(self, inputs):
        """Return the loss, once every gate has made its value in order.

        inputs: dict with a number or an array for each wire that no gate makes; it must not be changed
        """
        # BEGIN SOLUTION
        values = dict(inputs)
        for output, gate, names in self.nodes:
            values[output] = gate.forward(*[values[name] for name in names])
        loss = values[self.nodes[-1][0]]
        # END SOLUTION
        return loss

    def backward(self):
        """Return a dict with the gradient of the loss with respect to every wire, the loss itself included (1.0).

        A wire that several gates read has the sum of what they send back. Called after forward.
        """
        # BEGIN SOLUTION
        grads = {self.nodes[-1][0]: 1.0}
        for output, gate, names in reversed(self.nodes):
            for name, share in zip(names, gate.backward(grads[output]), strict=True):
                grads[name] = grads.get(name, 0.0) + share
        # END SOLUTION
        return grads


class MulConstant:
    """The layer Y = a X, with one constant a for all entries.

    a: a number; anything else is refused with a TypeError
    inplace: whether forward may overwrite X with the result, and so save the memory of another array. Then backward
        leaves X as it was before, and overwrites dY with the gradient in the same way.
    """

    def __init__(self, a, inplace=False):
        # BEGIN SOLUTION
        if isinstance(a, bool) or not isinstance(a, int | float):
            raise TypeError(f"a should be a number, not {a!r}")
        # END SOLUTION
        self.a = a
        self.inplace = inplace

    def forward(self, X):
        """Return Y (N, D): with inplace, X itself, overwritten."""
        # BEGIN SOLUTION
        if self.inplace:
            X *= self.a
            self.X = X
            Y = X
        else:
            Y = self.a * X
        # END SOLUTION
        return Y

    def backward(self, dY):
        """Return [dX], given the gradient dY (N, D) of what forward returned."""
        # BEGIN SOLUTION
        if self.inplace:
            self.X /= self.a
            dY *= self.a
            dX = dY
        else:
            dX = self.a * dY
        # END SOLUTION
        return [dX]


class Shuffle:
    """The layer that puts the D columns of X (N, D) into another order, drawn once from a seed.

    Column j of the output is column order[j] of the input.
    """

    def __init__(self, D, seed):
        self.order = np.random.default_rng(seed).permutation(D)

    def forward(self, X):
        """Return Y (N, D), the columns of X in the layer's order."""
        # BEGIN SOLUTION
        Y = X[:, self.order]
        # END SOLUTION
        return Y

    def backward(self, dY):
        """Return [dX], given the gradient dY (N, D) of what forward returned."""
        # BEGIN SOLUTION
        dX = np.empty_like(dY)
        dX[:, self.order] = dY
        # END SOLUTION
        return [dX]


class Linear:
    """The layer Y = X W + b, which keeps the gradients of its own parameters.

    params: dict of W (D, C) and b (C,). After backward, grads: dict of dW and db under the same names.
    """

    def __init__(self, W, b):
        self.params = {"W": W, "b": b}
        self.grads = {"W": ..., "b": ...}

    def forward(self, X):
        """Return Y (N, C), for X (N, D)."""
        # BEGIN SOLUTION
        self.X = X
        Y = X @ self.params["W"] + self.params["b"]
        # END SOLUTION
        return Y

    def backward(self, dY):
        """Return [dX], (N, D), given the gradient dY (N, C), and put dW (D, C) and db (C,) into grads."""
        # BEGIN SOLUTION
        dW = self.X.T @ dY
        db = dY.sum(axis=0)
        dX = dY @ self.params["W"].T
        # END SOLUTION
        self.grads = {"W": dW, "b": db}
        return [dX]


class ReLU:
    """The layer Y = max(0, X), entry by entry."""

    def forward(self, X):
        """Return Y, of the shape of X."""
        # BEGIN SOLUTION
        self.passes = X > 0
        Y = np.maximum(0, X)
        # END SOLUTION
        return Y

    def backward(self, dY):
        """Return [dX], given the gradient dY of what forward returned."""
        # BEGIN SOLUTION
        dX = dY * self.passes
        # END SOLUTION
        return [dX]


class Tanh:
    """The layer Y = tanh(X), entry by entry."""

    def forward(self, X):
        """Return Y, of the shape of X."""
        # BEGIN SOLUTION
        Y = np.tanh(X)
        self.Y = Y
        # END SOLUTION
        return Y

    def backward(self, dY):
        """Return [dX], given the gradient dY of what forward returned."""
        # BEGIN SOLUTION
        dX = dY * (1 - self.Y**2)
        # END SOLUTION
        return [dX]


class Sequential:
    """Layers one after the other, which together are a layer again.

    layers: list of layers, the first of which gets X
    """

    def __init__(self, layers):
        self.layers = layers

    def forward(self, X):
        """Return what the last layer makes of what the layers before it made of X."""
        # BEGIN SOLUTION
        Y = X
        for layer in self.layers:
            Y = layer.forward(Y)
        # END SOLUTION
        return Y

    def backward(self, dY):
        """Return [dX], given the gradient dY of what forward returned."""
        # BEGIN SOLUTION
        dX = dY
        for layer in reversed(self.layers):
            [dX] = layer.backward(dX)
        # END SOLUTION
        return [dX]


def relu_jacobian(x):
    """Return the Jacobian of max(0, x) for one vector x.

    x: (D,) float

    Returns J: (D, D) float, J[i, j] the derivative of output i with respect to input j
    """
    # BEGIN SOLUTION
    J = np.diag((x > 0).astype(float))
    # END SOLUTION
    return J
