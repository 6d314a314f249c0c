"""Right answers to 01_backpropagation, as many different students write them; `NAME__what_differs` answers NAME."""

import math
import numbers
from collections import Counter, defaultdict
from functools import reduce

import numpy
import numpy as np
from numpy import exp, maximum, where


class WithOrder:
    def __init__(self, D, seed):
        self.order = np.random.default_rng(seed).permutation(D)


class WithParameters:
    def __init__(self, W, b):
        self.params = {"W": W, "b": b}
        self.grads = {"W": ..., "b": ...}


class WithLayers:
    def __init__(self, layers):
        self.layers = layers


def back_through(layers, dY):
    if len(layers) == 0:
        return dY
    return back_through(layers[:-1], layers[-1].backward(dY)[0])


class MulConstant__operators_in_place:
    def __init__(self, a, inplace=False):
        if not isinstance(a, (int, float)):
            raise TypeError("a must be a number")
        self.a = a
        self.inplace = inplace

    def forward(self, X):
        if not self.inplace:
            return X * self.a
        self.X = X
        self.X *= self.a
        return self.X

    def backward(self, dY):
        if not self.inplace:
            return [dY * self.a]
        self.X /= self.a
        dY *= self.a
        return [dY]


class MulConstant__out_of_ufuncs:
    def __init__(self, a, inplace=False):
        if not isinstance(a, numbers.Real):
            raise TypeError(a)
        self.a, self.inplace = a, inplace

    def forward(self, X):
        self.X = X
        return np.multiply(X, self.a, out=X if self.inplace else None)

    def backward(self, dY):
        if self.inplace:
            np.divide(self.X, self.a, out=self.X)
        return [np.multiply(dY, self.a, out=dY if self.inplace else None)]


class MulConstant__one_way_for_both:
    def __init__(self, a, inplace=False):
        is_number = isinstance(a, numbers.Number)
        if not is_number:
            raise TypeError("expected a number, got " + str(type(a)))
        self.a = a
        self.inplace = inplace

    def forward(self, X):
        self.Y = X if self.inplace else X.copy()
        self.Y *= self.a
        return self.Y

    def backward(self, dY):
        dX = dY if self.inplace else dY.copy()
        dX *= self.a
        if self.inplace:
            self.Y /= self.a
        return [dX]


class MulConstant__keeps_a_copy:
    def __init__(self, a, inplace=False):
        if type(a) is bool or not isinstance(a, (int, float, np.number)):
            raise TypeError
        self.a = a
        self.inplace = inplace

    def forward(self, X):
        before = np.array(X)
        if self.inplace:
            self.X, self.before = X, before
            X[...] = before * self.a
            return X
        return before * self.a

    def backward(self, dY):
        if self.inplace:
            self.X[...] = self.before
            dY[...] = dY * self.a
            return [dY]
        return [np.array(dY) * self.a]


class MulConstant__entry_by_entry:
    def __init__(self, a, inplace=False):
        if isinstance(a, (str, list, tuple, dict, set)) or a is None or not np.isreal(a):
            raise TypeError(f"{a} is not a number")
        self.a = a
        self.inplace = inplace

    def scaled(self, A, factor):
        out = A if self.inplace else np.zeros(A.shape)
        for i in range(A.shape[0]):
            for j in range(A.shape[1]):
                out[i, j] = A[i, j] * factor
        return out

    def forward(self, X):
        self.X = X
        return self.scaled(X, self.a)

    def backward(self, dY):
        if self.inplace:
            self.scaled(self.X, 1 / self.a)
        return [self.scaled(dY, self.a)]


class Shuffle__inverse_by_argsort(WithOrder):
    def forward(self, X):
        return X[:, self.order]

    def backward(self, dY):
        return [dY[:, np.argsort(self.order)]]


class Shuffle__take(WithOrder):
    def forward(self, X):
        return np.take(X, self.order, axis=1)

    def backward(self, dY):
        inverse = np.zeros(len(self.order), dtype=int)
        inverse[self.order] = np.arange(len(self.order))
        return [np.take(dY, inverse, axis=1)]


class Shuffle__column_by_column(WithOrder):
    def forward(self, X):
        Y = np.zeros_like(X)
        for j in range(X.shape[1]):
            Y[:, j] = X[:, self.order[j]]
        return Y

    def backward(self, dY):
        dX = np.zeros_like(dY)
        for j, source in enumerate(self.order):
            dX[:, source] += dY[:, j]
        return [dX]


class Shuffle__permutation_matrix(WithOrder):
    def forward(self, X):
        self.P = np.eye(len(self.order))[:, self.order]
        return X @ self.P

    def backward(self, dY):
        return [dY @ self.P.T]


class Shuffle__transposed(WithOrder):
    def forward(self, X):
        return X.T[self.order].T

    def backward(self, dY):
        dX = np.zeros(dY.T.shape)
        dX[self.order] = dY.T
        return [dX.T]


class Shuffle__stacked_columns(WithOrder):
    def forward(self, X):
        return np.stack([X[:, k] for k in self.order], axis=1)

    def backward(self, dY):
        where = list(self.order)
        return [np.column_stack([dY[:, where.index(d)] for d in range(len(where))])]


class Linear__dot(WithParameters):
    def forward(self, X):
        self.X = X
        return np.dot(X, self.params["W"]) + self.params["b"]

    def backward(self, dY):
        self.grads["W"] = np.dot(self.X.T, dY)
        self.grads["b"] = np.sum(dY, axis=0)
        return [np.dot(dY, self.params["W"].T)]


class Linear__einsum(WithParameters):
    def forward(self, X):
        self.cache = X
        return np.einsum("nd,dc->nc", X, self.params["W"]) + self.params["b"][np.newaxis, :]

    def backward(self, dY):
        dX = np.einsum("nc,dc->nd", dY, self.params["W"])
        self.grads = {"b": np.einsum("nc->c", dY), "W": np.einsum("nd,nc->dc", self.cache, dY)}
        return [dX]


class Linear__a_column_of_ones(WithParameters):
    def forward(self, X):
        self.X1 = np.hstack([X, np.ones((len(X), 1))])
        return self.X1 @ np.vstack([self.params["W"], self.params["b"]])

    def backward(self, dY):
        both = self.X1.T @ dY
        self.grads = {"W": both[:-1], "b": both[-1]}
        return [dY @ self.params["W"].T]


class Linear__transposed(WithParameters):
    def forward(self, X):
        self.X = X.copy()
        return (self.params["W"].T @ X.T + self.params["b"].reshape(-1, 1)).T

    def backward(self, dY):
        self.grads = {"W": (dY.T @ self.X).T, "b": np.ones(len(dY)) @ dY}
        return [(self.params["W"] @ dY.T).T]


class Linear__output_by_output(WithParameters):
    def forward(self, X):
        self.X = X
        W, b = self.params["W"], self.params["b"]
        Y = np.zeros((X.shape[0], W.shape[1]))
        for c in range(W.shape[1]):
            Y[:, c] = X.dot(W[:, c]) + b[c]
        return Y

    def backward(self, dY):
        W = self.params["W"]
        dX, dW, db = np.zeros(self.X.shape), np.zeros(W.shape), np.zeros(W.shape[1])
        for c in range(W.shape[1]):
            dX += np.outer(dY[:, c], W[:, c])
            dW[:, c] = (self.X * dY[:, [c]]).sum(axis=0)
            db[c] = sum([dY[:, c].sum()])
        self.grads.update(W=dW, b=db)
        return [dX]


class Linear__broadcast_and_summed(WithParameters):
    def forward(self, X):
        self.X = X
        return (X[:, :, None] * self.params["W"]).sum(axis=1) + self.params["b"]

    def backward(self, dY):
        self.grads = {"W": (self.X[:, :, None] * dY[:, None, :]).sum(0), "b": dY.sum(0)}
        return [(dY[:, None, :] * self.params["W"]).sum(-1)]


class ReLU__where:
    def forward(self, X):
        self.X = X
        return np.where(X > 0, X, 0)

    def backward(self, dY):
        return [np.where(self.X > 0, dY, 0)]


class ReLU__masked_assignment:
    def forward(self, X):
        self.off = X < 0
        Y = X.copy()
        Y[self.off] = 0
        return Y

    def backward(self, dY):
        dX = np.array(dY)
        dX[self.off] = 0
        return [dX]


class ReLU__remembers_the_output:
    def forward(self, X):
        self.out = X.clip(min=0)
        return self.out

    def backward(self, dY):
        return [dY * (self.out > 0).astype(float)]


class ReLU__half_of_x_and_its_size:
    def forward(self, X):
        self.sign = np.sign(X)
        return (X + np.abs(X)) / 2

    def backward(self, dY):
        return [(dY + dY * self.sign) / 2]


class ReLU__times_its_mask:
    def forward(self, X):
        self.mask = np.heaviside(X, 0.0)
        return X * self.mask

    def backward(self, dY):
        return [np.multiply(self.mask, dY)]


class ReLU__keeps_a_function:
    def forward(self, X):
        on = np.greater(X, 0)
        self.back = lambda dY: on * dY
        return np.fmax(X, 0.0)

    def backward(self, dY):
        return [self.back(dY)]


class Tanh__exponentials:
    def forward(self, X):
        up, down = np.exp(X), np.exp(-X)
        self.out = (up - down) / (up + down)
        return self.out

    def backward(self, dY):
        return [dY - dY * self.out * self.out]


class Tanh__hyperbolic_cosine:
    def forward(self, X):
        self.X = X
        return np.sinh(X) / np.cosh(X)

    def backward(self, dY):
        return [dY / np.cosh(self.X) ** 2]


class Tanh__two_factors:
    def forward(self, X):
        self.t = np.tanh(X)
        return self.t

    def backward(self, dY):
        return [(1 - self.t) * (1 + self.t) * dY]


class Tanh__a_stretched_sigmoid:
    def forward(self, X):
        self.s = 1 / (1 + np.exp(-2 * X))
        return 2 * self.s - 1

    def backward(self, dY):
        return [4 * self.s * (1 - self.s) * dY]


class Tanh__slope_on_the_way_forward:
    def forward(self, X):
        Y = np.tanh(X)
        self.slope = 1 - np.square(Y)
        return Y

    def backward(self, dY):
        return [np.multiply(dY, self.slope)]


class Tanh__runs_forward_again:
    def forward(self, X):
        self.X = np.copy(X)
        return np.tanh(self.X)

    def backward(self, dY):
        return [dY * (1 - self.forward(self.X) ** 2)]


class Sequential__indices(WithLayers):
    def forward(self, X):
        out = X
        for i in range(len(self.layers)):
            out = self.layers[i].forward(out)
        return out

    def backward(self, dY):
        for i in range(len(self.layers) - 1, -1, -1):
            dY = self.layers[i].backward(dY)[0]
        return [dY]


class Sequential__reduce(WithLayers):
    def forward(self, X):
        return reduce(lambda value, layer: layer.forward(value), self.layers, X)

    def backward(self, dY):
        return [reduce(lambda grad, layer: layer.backward(grad)[0], self.layers[::-1], dY)]


class Sequential__recursion(WithLayers):
    def forward(self, X, k=0):
        return X if k == len(self.layers) else self.forward(self.layers[k].forward(X), k + 1)

    def backward(self, dY):
        return [back_through(self.layers, dY)]


class Sequential__keeps_every_value(WithLayers):
    def forward(self, X):
        self.values = [X]
        for layer in self.layers:
            self.values.append(layer.forward(self.values[-1]))
        return self.values[-1]

    def backward(self, dY):
        gradients = [dY]
        for layer in self.layers[::-1]:
            gradients.extend(layer.backward(gradients[-1]))
        return gradients[-1:]


class Sequential__a_list_handed_on(WithLayers):
    def forward(self, X):
        passed = [X]
        for layer in self.layers:
            passed = [layer.forward(*passed)]
        (Y,) = passed
        return Y

    def backward(self, dY):
        grads = [dY]
        todo = list(self.layers)
        while todo:
            grads = todo.pop().backward(*grads)
        return grads


def relu_jacobian__two_loops(x):
    D = len(x)
    J = np.zeros((D, D))
    for i in range(D):
        for j in range(D):
            if i == j and x[i] > 0:
                J[i, j] = 1
    return J


def relu_jacobian__masked_identity(x):
    return np.eye(len(x)) * (x > 0)


def relu_jacobian__filled_diagonal(x):
    J = np.zeros((x.size, x.size))
    np.fill_diagonal(J, x > 0)
    return J


def relu_jacobian__lists(x):
    return np.array([[float(i == j and x[j] > 0) for j in range(len(x))] for i in range(len(x))])


def relu_jacobian__heaviside(x):
    return np.diag(np.heaviside(x, 0.0))


relu_jacobian__a_lambda = lambda x: np.where(np.arange(len(x))[:, None] == np.arange(len(x)), 1.0 * (x > 0), 0.0)


def relu_jacobian__indices(x):
    on = np.flatnonzero(x > 0)
    J = np.zeros(x.shape * 2)
    J[on, on] = 1.0
    return J


def relu_jacobian__a_layer_on_every_unit_vector(x):
    layer = ReLU()
    layer.forward(np.tile(x, (len(x), 1)))
    return layer.backward(np.eye(len(x)))[0]


def logistic(t):
    return 1.0 / (1.0 + np.exp(-t))


class Remembering:
    """A gate that keeps everything its forward was given."""

    def forward(self, *inputs):
        self.inputs = inputs
        return self.value(*inputs)


class Dual:
    """A number that carries its own slope along."""

    def __init__(self, value, slope=0.0):
        self.value = value
        self.slope = slope

    def __add__(self, other):
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    def __truediv__(self, other):
        quotient = self.value / other.value
        return Dual(quotient, (self.slope - quotient * other.slope) / other.value)

    def squash(self):
        s = logistic(self.value)
        return Dual(s, self.slope * s * (1 - s))


class Add__as_in_the_lecture:
    symbol = "+"

    def forward(self, x, y):
        return x + y

    def backward(self, dz):
        return [dz, dz]


class Add__local_gradients:
    def forward(self, x, y):
        self.local = [1.0, 1.0]
        z = numpy.add(x, y)
        return z

    def backward(self, dz):
        return [slope * dz for slope in self.local]


class Add__one_list_twice:
    def forward(self, x, y):
        return sum((x, y))

    def backward(self, dz):
        return [dz] * 2


class Add__copies(Remembering):
    value = staticmethod(lambda x, y: y + x)

    def backward(self, dz):
        return [np.array(dz, copy=True) for _ in self.inputs]


class Add__own_parameter_names:
    def forward(self, a, b):
        out = a - (-b)
        return out

    def backward(self, upstream):
        da = upstream * 1
        db = upstream * 1
        return [da, db]


class Add__a_tuple:
    def forward(self, x, y):
        z = reduce(lambda so_far, each: so_far + each, [y], x)
        return z

    def backward(self, dz):
        return dz, 1 * dz


class Max__where:
    def forward(self, x, y):
        self.x, self.y = x, y
        return where(x > y, x, y)

    def backward(self, dz):
        return [where(self.x > self.y, dz, 0), where(self.x > self.y, 0, dz)]


class Max__two_masks:
    def forward(self, x, y):
        self.first, self.second = 1.0 * (x > y), 1.0 * (y > x)
        return x * self.first + y * self.second

    def backward(self, dz):
        return [self.first * dz, self.second * dz]


class Max__compares_with_the_output:
    def forward(self, x, y):
        self.x = x
        self.z = maximum(y, x)
        return self.z

    def backward(self, dz):
        dx = (self.x == self.z) * dz
        return [dx, dz - dx]


class Max__half_the_sum_and_the_distance:
    def forward(self, x, y):
        self.side = np.sign(x - y)
        return (x + y + np.abs(x - y)) / 2

    def backward(self, dz):
        return [dz * (1 + self.side) / 2, dz * (1 - self.side) / 2]


class Max__boolean_assignment:
    def forward(self, x, y):
        self.mask = np.asarray(x > y)
        z = np.array(y, dtype=float)
        z[self.mask] = np.asarray(x)[self.mask]
        return z

    def backward(self, dz):
        dx = np.array(dz, dtype=float)
        dy = np.array(dz, dtype=float)
        dx[~self.mask] = 0
        dy[self.mask] = 0
        return [dx, dy]


class Max__entry_by_entry:
    def forward(self, x, y):
        larger = np.vectorize(lambda a, b: a if a > b else b, otypes=[float])
        self.wins = np.vectorize(lambda a, b: a > b, otypes=[bool])(x, y)
        return larger(x, y)

    def backward(self, dz):
        dx, dy = np.zeros(np.shape(dz)), np.zeros(np.shape(dz))
        for place in np.ndindex(np.shape(dz)):
            (dx if self.wins[place] else dy)[place] = np.asarray(dz)[place]
        return [dx, dy]


class Exp__keeps_the_input:
    def forward(self, x):
        self.x = x
        return exp(x)

    def backward(self, dz):
        return [np.exp(self.x) * dz]


class Exp__a_power_of_e:
    def forward(self, x):
        self.out = math.e**x
        return self.out

    def backward(self, dz):
        return [self.out * dz]


class Exp__expm1:
    def forward(self, x):
        self.less_one = np.expm1(x)
        return self.less_one + 1

    def backward(self, dz):
        return [dz * self.less_one + dz]


class Exp__closure:
    def forward(self, x):
        z = np.exp(x)
        self.back = lambda dz: [dz * z]
        return z

    def backward(self, dz):
        return self.back(dz)


class Exp__one_over_the_opposite:
    def forward(self, x):
        self.inverse = numpy.exp(-x)
        return 1 / self.inverse

    def backward(self, dz):
        return [dz / self.inverse]


class Exp__a_cache(Remembering):
    value = staticmethod(np.exp)

    def backward(self, dz):
        (x,) = self.inputs
        dx = np.multiply(dz, self.value(x))
        return [dx]


class Reciprocal__keeps_the_output:
    def forward(self, x):
        self.z = 1 / x
        return self.z

    def backward(self, dz):
        return [-self.z * self.z * dz]


class Reciprocal__powers:
    def forward(self, x):
        self.x = x
        return x**-1.0

    def backward(self, dz):
        return [-1 * self.x**-2.0 * dz]


class Reciprocal__divides_twice:
    def forward(self, x):
        self.x = x
        return np.divide(1, x)

    def backward(self, dz):
        dx = dz / self.x
        dx = dx / self.x
        return [0 - dx]


class Reciprocal__slope_on_the_way_forward:
    def forward(self, x):
        z = 1.0 / x
        self.slope = -(z**2)
        return z

    def backward(self, dz):
        return [dz * self.slope]


class Reciprocal__numpys_reciprocal:
    def forward(self, x):
        self.cache = x
        return np.reciprocal(np.asarray(x, dtype=float))

    def backward(self, dz):
        x = self.cache
        return [np.negative(dz) / np.square(x)]


class Sigmoid__keeps_the_input:
    symbol = "sigmoid"

    def forward(self, x):
        self.x = x
        return logistic(x)

    def backward(self, dz):
        s = logistic(self.x)
        return [s * (1 - s) * dz]


class Sigmoid__tanh:
    def forward(self, x):
        self.t = np.tanh(x / 2)
        return (1 + self.t) / 2

    def backward(self, dz):
        return [dz * (1 - self.t**2) / 4]


class Sigmoid__quotient_rule:
    def forward(self, x):
        self.e = np.exp(-x)
        return 1 / (1 + self.e)

    def backward(self, dz):
        return [dz * self.e / (1 + self.e) ** 2]


class Sigmoid__stable_on_both_sides:
    def forward(self, x):
        e = np.exp(-np.abs(x))
        self.s = np.where(x >= 0, 1, e) / (1 + e)
        return self.s

    def backward(self, dz):
        return [dz * (self.s - self.s**2)]


class Sigmoid__logaddexp:
    def forward(self, x):
        self.log_z, self.log_rest = -np.logaddexp(0, -x), -np.logaddexp(0, x)
        return np.exp(self.log_z)

    def backward(self, dz):
        return [dz * np.exp(self.log_z + self.log_rest)]


class Sigmoid__made_of_small_gates:
    def forward(self, x):
        self.e = exp(-1 * x)
        self.d = self.e + 1
        return 1 / self.d

    def backward(self, dz):
        dd = dz * (-1 / self.d**2)
        de = dd
        dm = de * self.e
        dx = dm * -1
        return [dx]


def neuron_gradients__dot_products(w, x):
    f = logistic(np.dot(w[:2], x) + w[2])
    slope = f * (1 - f)
    return f, slope * np.append(x, 1.0), slope * w[:2]


def neuron_gradients__gate_by_gate(w, x):
    a = w[0] * x[0]
    b = w[1] * x[1]
    s = a + b + w[2]
    m = s * -1
    e = exp(m)
    d = e + 1
    f = 1 / d
    df = 1.0
    dd = -df / d**2
    de = dd
    dm = de * e
    ds = dm * -1
    da, db = ds, ds
    dw = np.zeros(3)
    dx = np.zeros(2)
    dw[0], dx[0] = da * x[0], da * w[0]
    dw[1], dx[1] = db * x[1], db * w[1]
    dw[2] = ds
    return f, dw, dx


def neuron_gradients__complex_step(w, x):
    def output(v):
        return 1 / (1 + np.exp(-(v[0] * v[3] + v[1] * v[4] + v[2])))

    v = np.concatenate([w, x])
    step = 1e-30
    slopes = np.array([output(v + 1j * step * row).imag / step for row in np.eye(5)])
    return output(v), slopes[:3], slopes[3:]


def neuron_gradients__plain_floats(w, x):
    w0, w1, bias = (float(each) for each in w)
    x0, x1 = map(float, x)
    f = 1 / (1 + math.exp(-(w0 * x0 + w1 * x1 + bias)))
    ds = f - f**2
    return f, np.array([x0, x1, 1.0]) * ds, np.array([w0, w1]) * ds


def neuron_gradients__inputs_with_a_one(weights, inputs):
    padded = np.array([*inputs, 1])
    out = (1 + np.tanh(weights @ padded / 2)) / 2
    return out, out * (1 - out) * padded, (out * (1 - out) * weights)[:-1]


neuron_gradients__a_lambda = lambda w, x: (lambda f: (f, f * (1 - f) * np.r_[x, 1], f * (1 - f) * w[:-1]))(
    logistic(w[:-1] @ x + w[-1])
)


def branching_gradients__quotient_rule(x, y):
    sx, sy = logistic(x), logistic(y)
    u, v = x + sy, sx + (x + y) ** 2
    ux, uy = 1, sy * (1 - sy)
    vx, vy = sx * (1 - sx) + 2 * (x + y), 2 * (x + y)
    return u / v, (ux * v - u * vx) / v**2, (uy * v - u * vy) / v**2


def branching_gradients__as_in_the_course_notes(x, y):
    sigy = 1.0 / (1 + math.exp(-y))
    num = x + sigy
    sigx = 1.0 / (1 + math.exp(-x))
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr
    invden = 1.0 / den
    f = num * invden
    dnum = invden
    dinvden = num
    dden = (-1.0 / (den**2)) * dinvden
    dsigx = (1) * dden
    dxpysqr = (1) * dden
    dxpy = (2 * xpy) * dxpysqr
    dx = (1) * dxpy
    dy = (1) * dxpy
    dx += ((1 - sigx) * sigx) * dsigx
    dx += (1) * dnum
    dsigy = (1) * dnum
    dy += ((1 - sigy) * sigy) * dsigy
    return f, dx, dy


def branching_gradients__dual_numbers(x, y):
    def f(x, y):
        both = x + y
        return (x + y.squash()) / (x.squash() + both * both)

    along_x, along_y = f(Dual(x, 1.0), Dual(y)), f(Dual(x), Dual(y, 1.0))
    return along_x.value, along_x.slope, along_y.slope


def branching_gradients__complex_step(x, y):
    f = lambda x, y: (x + logistic(y)) / (logistic(x) + (x + y) ** 2)
    h = 1e-30
    return f(x, y), f(x + 1j * h, y).imag / h, f(x, y + 1j * h).imag / h


def branching_gradients__a_dict_of_gradients(x, y):
    d = Counter()
    sx, sy = logistic(x), logistic(y)
    top, bottom = x + sy, sx + (x + y) ** 2
    d["top"] += 1 / bottom
    d["bottom"] -= top / bottom**2
    d["x"] += d["top"]
    d["sy"] += d["top"]
    d["sx"] += d["bottom"]
    d["sum"] += 2 * (x + y) * d["bottom"]
    for each in ("x", "y"):
        d[each] += d["sum"]
    d["x"] += d["sx"] * sx * (1 - sx)
    d["y"] += d["sy"] * sy * (1 - sy)
    return top / bottom, d["x"], d["y"]


def branching_gradients__relative_slopes(x, y):
    sx, sy = logistic(x), logistic(y)
    top, bottom = x + sy, sx + (x + y) ** 2
    f = np.divide(top, bottom)
    dx = (1 - f * (sx * (1 - sx) + 2 * (x + y))) / bottom
    dy = (sy * (1 - sy) - f * 2 * (x + y)) / bottom
    return f, dx, dy


class ComputationalGraph__as_in_the_lecture:
    def __init__(self, nodes):
        self.nodes = nodes

    def forward(self, inputs):
        values = inputs.copy()
        for name, gate, reads in self.nodes:
            args = []
            for wire in reads:
                args.append(values[wire])
            values[name] = gate.forward(*args)
        return values[name]

    def backward(self):
        grads = {}
        grads[self.nodes[-1][0]] = 1.0
        for name, gate, reads in self.nodes[::-1]:
            answers = gate.backward(grads[name])
            for i in range(len(reads)):
                if reads[i] in grads:
                    grads[reads[i]] = grads[reads[i]] + answers[i]
                else:
                    grads[reads[i]] = answers[i]
        return grads


class ComputationalGraph__defaultdict:
    def __init__(self, nodes):
        self.gates = list(nodes)

    def forward(self, inputs):
        self.values = {**inputs}
        for out, gate, reads in self.gates:
            self.values |= {out: gate.forward(*map(self.values.get, reads))}
        self.last = out
        return self.values[out]

    def backward(self):
        grads = defaultdict(float)
        grads[self.last] += 1
        for out, gate, reads in reversed(self.gates):
            for wire, gradient in zip(reads, gate.backward(grads[out]), strict=True):
                grads[wire] += gradient
        return grads


class ComputationalGraph__zeros_first:
    def __init__(self, nodes):
        self.nodes = tuple(nodes)
        self.loss_wire = self.nodes[-1][0]

    def forward(self, inputs):
        self.values = dict(inputs.items())
        for node in self.nodes:
            self.values[node[0]] = node[1].forward(*(self.values[w] for w in node[2]))
        return self.values[self.loss_wire]

    def backward(self):
        grads = {wire: 0.0 * value for wire, value in self.values.items()}
        grads[self.loss_wire] = 1.0
        for k in range(len(self.nodes) - 1, -1, -1):
            out, gate, reads = self.nodes[k]
            for wire, share in zip(reads, gate.backward(grads[out]), strict=True):
                grads[wire] = share + grads[wire]
        return grads


class ComputationalGraph__every_path_on_its_own:
    def __init__(self, nodes):
        self.makers = {output: (gate, reads) for output, gate, reads in nodes}
        self.end = nodes[-1][0]

    def forward(self, inputs):
        self.values = dict(inputs)
        return self.value(self.end)

    def value(self, wire):
        if wire not in self.values:
            gate, reads = self.makers[wire]
            self.values[wire] = gate.forward(*[self.value(each) for each in reads])
        return self.values[wire]

    def backward(self):
        self.grads = Counter()
        self.send(self.end, 1.0)
        return dict(self.grads)

    def send(self, wire, gradient):
        self.grads[wire] += gradient
        if wire in self.makers:
            gate, reads = self.makers[wire]
            for each, share in zip(reads, gate.backward(gradient), strict=True):
                self.send(each, share)


class ComputationalGraph__each_wire_asks_its_readers:
    def __init__(self, nodes):
        self.nodes = nodes

    def forward(self, inputs):
        step = lambda known, node: {**known, node[0]: node[1].forward(*[known[name] for name in node[2]])}
        self.known = reduce(step, self.nodes, inputs)
        return self.known[self.nodes[-1][0]]

    def backward(self):
        asked = {}

        def gradient(wire):
            if wire not in asked:
                asked[wire] = 1.0 if wire == self.nodes[-1][0] else sum(shares(wire))
            return asked[wire]

        def shares(wire):
            for output, gate, names in self.nodes:
                if wire in names:
                    sent = gate.backward(gradient(output))
                    yield from (share for name, share in zip(names, sent, strict=True) if name == wire)

        return {wire: gradient(wire) for wire in self.known}


class ComputationalGraph__shares_in_lists:
    def __init__(self, nodes):
        self.nodes = nodes
        self.tape = []

    def forward(self, inputs):
        values, self.tape = dict(inputs), []
        for output, gate, names in self.nodes:
            values[output] = gate.forward(*[values[name] for name in names])
            self.tape.append((output, gate.backward, names))
        return values[self.tape[-1][0]]

    def backward(self):
        shares = {self.tape[-1][0]: [1.0]}
        tape = list(self.tape)
        while tape:
            output, back, names = tape.pop()
            for name, share in zip(names, back(sum(shares[output])), strict=True):
                shares.setdefault(name, []).append(share)
        return {wire: sum(each) for wire, each in shares.items()}
