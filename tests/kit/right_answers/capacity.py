"""Right answers to 03_capacity, as many different students write them; `NAME__what_differs` answers exercise NAME."""

import math
from functools import reduce
from itertools import pairwise

import numpy
import numpy as np
from numpy import exp


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def neuron_tick__as_in_the_lecture(inputs, weights, bias):
    cell_body_sum = np.sum(inputs * weights) + bias
    firing_rate = 1.0 / (1.0 + math.exp(-cell_body_sum))
    return firing_rate


def neuron_tick__dot(inputs, weights, bias):
    return sigmoid(np.dot(weights, inputs) + bias)


def neuron_tick__a_loop(inputs, weights, bias):
    total = bias
    for x, w in zip(inputs, weights, strict=True):
        total += x * w
    return 1 / (1 + math.e ** (-total))


def neuron_tick__the_bias_as_one_more_weight(inputs, weights, bias):
    return sigmoid(np.append(inputs, 1.0) @ np.append(weights, bias))


def neuron_tick__exp_above_and_below(inputs, weights, bias):
    e = exp((inputs * weights).sum() + bias)
    return e / (1 + e)


def neuron_tick__half_a_tanh(inputs, weights, bias):
    return 0.5 * (1 + math.tanh((float(inputs @ weights) + bias) / 2))


def neuron_tick__logaddexp(inputs, weights, bias):
    return np.exp(-np.logaddexp(0, -(np.inner(inputs, weights) + bias)))


def neuron_tick__an_array_without_axes(inputs, weights, bias):
    s = numpy.einsum("d,d->", inputs, weights) + np.array(bias)
    return np.array(numpy.reciprocal(1 + numpy.exp(-s)))


neuron_tick__a_lambda = lambda x, w, b: 1 / (1 + np.exp(-sum(x * w) - b))


def neuron_tick__fsum_and_two_cases(inputs, weights, bias):
    s = math.fsum([*(inputs * weights), bias])
    if s >= 0:
        return 1 / (1 + math.exp(-s))
    return math.exp(s) / (1 + math.exp(s))


def layer_of_neurons__one_product(X, W, b):
    return sigmoid(X @ W + b)


def layer_of_neurons__dot_and_a_row_of_biases(X, W, b):
    return 1.0 / (1.0 + np.exp(-(np.dot(X, W) + b.reshape(1, -1))))


def layer_of_neurons__columns_and_a_transpose(X, W, b):
    return sigmoid(W.T @ X.T + b[:, None]).T


def layer_of_neurons__a_column_of_ones(X, W, b):
    with_ones = np.hstack([X, np.ones((X.shape[0], 1))])
    return sigmoid(with_ones @ np.vstack([W, b]))


def layer_of_neurons__einsum(X, W, b):
    s = np.einsum("nd,dh->nh", X, W)
    s += b
    return np.reciprocal(1 + exp(-s))


def layer_of_neurons__broadcast_products(X, W, b):
    return sigmoid((X[:, :, np.newaxis] * W).sum(axis=1) + b)


def layer_of_neurons__in_place(X, W, b):
    out = X @ W
    out += b
    np.negative(out, out=out)
    np.exp(out, out=out)
    out += 1
    return 1 / out


def layer_of_neurons__half_a_tanh(X, W, b):
    return (1 + np.tanh((np.matmul(X, W) + b) / 2)) / 2


def layer_of_neurons__where(X, W, b):
    s = np.tensordot(X, W, axes=1) + b
    e = np.exp(-np.abs(s))
    return np.where(s >= 0, 1 / (1 + e), e / (1 + e))


layer_of_neurons__a_lambda = lambda data, weights, biases: 1 - 1 / (1 + np.exp(data @ weights + biases))


def three_layer_forward__as_in_the_lecture(X, W1, b1, W2, b2, W3, b3):
    f = lambda x: 1.0 / (1.0 + np.exp(-x))
    h1 = f(np.dot(X, W1) + b1)
    h2 = f(np.dot(h1, W2) + b2)
    out = np.dot(h2, W3) + b3
    return out


def three_layer_forward__calls_its_layer(X, W1, b1, W2, b2, W3, b3):
    h1 = layer_of_neurons(X, W1, b1)
    h2 = layer_of_neurons(h1, W2, b2)
    return h2 @ W3 + b3


def three_layer_forward__one_line(X, W1, b1, W2, b2, W3, b3):
    return sigmoid(sigmoid(X @ W1 + b1) @ W2 + b2) @ W3 + b3


def three_layer_forward__a_loop_over_layers(X, W1, b1, W2, b2, W3, b3):
    h = X
    for W, b in [(W1, b1), (W2, b2)]:
        h = sigmoid(h @ W + b)
    return h @ W3 + b3


def three_layer_forward__columns(X, W1, b1, W2, b2, W3, b3):
    x = X.T
    for W, b in ((W1, b1), (W2, b2)):
        x = sigmoid(W.T @ x + b.reshape(-1, 1))
    return (W3.T @ x + b3[:, None]).T


def three_layer_forward__the_biases_as_one_more_row(X, W1, b1, W2, b2, W3, b3):
    def with_ones(h):
        return np.concatenate([h, np.ones((len(h), 1))], axis=1)

    h1 = sigmoid(with_ones(X) @ np.vstack([W1, b1]))
    h2 = sigmoid(with_ones(h1) @ np.vstack([W2, b2]))
    return with_ones(h2) @ np.vstack([W3, b3])


def three_layer_forward__reduce(X, W1, b1, W2, b2, W3, b3):
    hidden = reduce(lambda h, layer: 1 / (1 + exp(-(h @ layer[0] + layer[1]))), [(W1, b1), (W2, b2)], X)
    return np.add(hidden.dot(W3), b3)


def three_layer_forward__half_a_tanh_and_a_sum(X, W1, b1, W2, b2, W3, b3):
    h1 = 0.5 + 0.5 * np.tanh(0.5 * (X @ W1 + b1))
    h2 = 0.5 + 0.5 * np.tanh(0.5 * (h1 @ W2 + b2))
    return (h2[:, :, None] * W3).sum(axis=1) + b3


def three_layer_forward__recursion(X, *layers):
    W, b, *rest = layers
    out = X @ W + b
    return three_layer_forward__recursion(sigmoid(out), *rest) if rest else out


three_layer_forward__a_lambda = lambda x, w1, v1, w2, v2, w3, v3: (
    np.einsum("nh,ho->no", sigmoid(np.einsum("nh,hk->nk", sigmoid(x @ w1 + v1), w2) + v2), w3)
    + np.tile(v3, (len(x), 1))
)


def count_parameters__pairs(sizes):
    return sum(a * b for a, b in pairwise(sizes)), sum(sizes[1:])


def count_parameters__a_loop(sizes):
    weights = 0
    biases = 0
    for i in range(1, len(sizes)):
        weights += sizes[i - 1] * sizes[i]
        biases += sizes[i]
    return weights, biases


def count_parameters__dot(sizes):
    a = np.array(sizes)
    return a[:-1] @ a[1:], a[1:].sum()


def count_parameters__makes_the_arrays(sizes):
    Ws = [np.zeros((D, H)) for D, H in pairwise(sizes)]
    bs = [np.zeros(H) for H in sizes[1:]]
    return sum(W.size for W in Ws), sum(b.size for b in bs)


def count_parameters__inner(sizes):
    return int(np.inner(sizes[:-1], sizes[1:])), sum(sizes) - sizes[0]


def count_parameters__both_at_once(sizes):
    everything = sum((before + 1) * after for before, after in pairwise(sizes))
    biases = sum(sizes) - sizes[0]
    return everything - biases, biases


def count_parameters__recursion(sizes):
    if len(sizes) < 2:
        return 0, 0
    weights, biases = count_parameters__recursion(sizes[1:])
    return weights + sizes[0] * sizes[1], biases + sizes[1]


def count_parameters__a_list(sizes):
    total = [0, 0]
    previous = None
    for size in sizes:
        if previous is not None:
            total[0] += previous * size
            total[1] += size
        previous = size
    return tuple(total)


count_parameters__a_lambda = lambda s: (int(np.convolve(s, [1])[:-1] @ s[1:]), np.sum(s[1:]))


def count_parameters__counts_one_by_one(sizes):
    weights = len([0 for a, b in pairwise(sizes) for _ in range(a) for _ in range(b)])
    return weights, len([0 for size in sizes[1:] for _ in range(size)])
