"""Right answers to 02_two_layer_net, as many different students write them; `NAME__what_differs` answers NAME."""

import copy
import math

import numpy
import numpy as np
from numpy import dot, exp, newaxis


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def slope(s):
    return s * (1 - s)


def relu(x):
    return x * (x > 0)


def one_hot(labels, num_classes):
    return (labels[:, None] == np.arange(num_classes)[None, :]).astype(float)


def log_sum_exp(scores):
    top = np.max(scores, axis=1)
    return top + np.log(np.sum(np.exp(scores - top[:, None]), axis=1))


def weight_decay(*weights, reg):
    return reg * sum(np.sum(W * W) for W in weights)


def train_eleven_line_net__as_in_the_lecture(X, y, W1, W2, steps):
    syn0, syn1 = W1, W2
    for _ in range(steps):
        l1 = 1 / (1 + np.exp(-(np.dot(X, syn0))))
        l2 = 1 / (1 + np.exp(-(np.dot(l1, syn1))))
        l2_delta = (y - l2) * (l2 * (1 - l2))
        l1_delta = l2_delta.dot(syn1.T) * (l1 * (1 - l1))
        syn1 = syn1 + l1.T.dot(l2_delta)
        syn0 = syn0 + X.T.dot(l1_delta)
    return syn0, syn1, sigmoid(sigmoid(X @ syn0) @ syn1)


def train_eleven_line_net__helpers(X, y, W1, W2, steps):
    W1, W2 = np.array(W1), np.array(W2)
    h = sigmoid(X @ W1)
    outputs = sigmoid(h @ W2)
    for _ in range(steps):
        d2 = (outputs - y) * slope(outputs)
        d1 = (d2 @ W2.T) * slope(h)
        W2 -= h.T @ d2
        W1 -= X.T @ d1
        h = sigmoid(X @ W1)
        outputs = sigmoid(h @ W2)
    return W1, W2, outputs


def train_eleven_line_net__one_example_at_a_time(X, y, W1, W2, steps):
    W1, W2 = W1.copy(), W2.copy()
    for _ in range(steps):
        dW1, dW2 = np.zeros(W1.shape), np.zeros(W2.shape)
        for x, target in zip(X, y, strict=True):
            h = sigmoid(x @ W1)
            out = sigmoid(h @ W2)[0]
            d = (target[0] - out) * out * (1 - out)
            dW2 += d * h[:, None]
            dW1 += np.outer(x, d * W2[:, 0] * h * (1 - h))
        W1 += dW1
        W2 += dW2
    outputs = np.array([sigmoid(sigmoid(x @ W1) @ W2) for x in X])
    return W1, W2, outputs


def train_eleven_line_net__recursion(X, y, W1, W2, steps):
    h = sigmoid(X @ W1)
    outputs = sigmoid(h @ W2)
    if steps == 0:
        return W1.copy(), W2.copy(), outputs
    d = (y - outputs) * slope(outputs)
    after = W1 + X.T @ (d @ W2.T * slope(h)), W2 + h.T @ d
    return train_eleven_line_net__recursion(X, y, *after, steps - 1)


def train_eleven_line_net__einsum_and_tanh(X, y, W1, W2, steps):
    W1, W2 = copy.deepcopy(W1), copy.deepcopy(W2)

    def squash(s):
        return 0.5 * (np.tanh(s / 2) + 1)

    def forward():
        h = squash(np.einsum("nd,dh->nh", X, W1))
        return h, squash(np.einsum("nh,ho->no", h, W2))

    while steps > 0:
        h, out = forward()
        delta = np.einsum("no,no,no->no", y - out, out, 1 - out)
        change = np.einsum("nh,no->ho", h, delta)
        W1 += np.einsum("nd,no,ho,nh->dh", X, delta, W2, h * (1 - h))
        W2 += change
        steps -= 1
    return W1, W2, forward()[1]


def train_eleven_line_net__prints_on_the_way(X, y, W1, W2, steps):
    W1 = W1 + 0
    W2 = W2 + 0
    for step in range(steps + 1):
        e1 = exp(X.dot(W1))
        layer1 = e1 / (1 + e1)
        e2 = exp(layer1.dot(W2))
        layer2 = e2 / (1 + e2)
        if step == steps:
            break
        error = y - layer2
        if step % 10 == 0:
            print("error", np.mean(np.abs(error)))
        g2 = error * layer2 * (1 - layer2)
        g1 = g2.dot(W2.T) * layer1 * (1 - layer1)
        W1 = W1 + X.T.dot(g1)
        W2 = W2 + layer1.T.dot(g2)
    return W1, W2, layer2


def forward_hidden__maximum(X, W1, b1):
    return np.maximum(X @ W1 + b1, 0)


def forward_hidden__where(X, W1, b1):
    s = np.dot(X, W1) + b1
    return np.where(s > 0, s, 0)


def forward_hidden__a_helper(X, W1, b1):
    return relu(X.dot(W1) + b1[newaxis, :])


def forward_hidden__set_to_zero(X, W1, b1):
    h = np.matmul(X, W1)
    h += b1
    h[h < 0] = 0
    return h


def forward_hidden__half_the_absolute_value(X, W1, b1):
    s = X @ W1 + b1
    return (s + abs(s)) / 2


def forward_hidden__a_column_of_ones(X, W1, b1):
    with_ones = np.column_stack([X, np.ones(len(X))])
    return (with_ones @ np.vstack([W1, b1])).clip(min=0)


def forward_hidden__unit_by_unit(X, W1, b1):
    columns = []
    for k in range(W1.shape[1]):
        columns.append(np.fmax(X @ W1[:, k] + b1[k], 0))
    return np.stack(columns, axis=1)


forward_hidden__a_lambda = lambda X, W1, b1: np.clip(np.einsum("nd,dh->nh", X, W1) + b1, 0, None)


def forward_scores__dot(h1, W2, b2):
    return np.dot(h1, W2) + b2


def forward_scores__transposed(h1, W2, b2):
    return (W2.T @ h1.T + b2.reshape(-1, 1)).T


def forward_scores__einsum(h1, W2, b2):
    return np.einsum("nh,hc->nc", h1, W2) + b2


def forward_scores__class_by_class(h1, W2, b2):
    scores = np.empty((h1.shape[0], W2.shape[1]))
    for c in range(W2.shape[1]):
        scores[:, c] = h1 @ W2[:, c] + b2[c]
    return scores


def forward_scores__tensordot_and_add(h1, W2, b2):
    return np.add(np.tensordot(h1, W2, axes=1), np.tile(b2, (len(h1), 1)))


def forward_scores__in_place(h1, W2, b2):
    out = numpy.zeros([h1.shape[0], b2.size])
    out += b2
    out += h1 @ W2
    return out


def forward_loss__log_of_probabilities_without_zero(scores, y, W1, W2, reg):
    scores = scores - np.max(scores, axis=1, keepdims=True)
    e = np.exp(scores)
    probs = e / np.sum(e, axis=1, keepdims=True)
    right = scores[np.arange(len(y)), y] - np.log(e.sum(axis=1))
    return -np.mean(right) + reg * (np.sum(W1**2) + np.sum(W2**2)), probs


def forward_loss__log_sum_exp(scores, y, W1, W2, reg):
    lse = log_sum_exp(scores)
    probs = np.exp(scores - lse[:, None])
    data = np.sum(lse - scores[range(len(y)), y]) / scores.shape[0]
    return data + weight_decay(W1, W2, reg=reg), probs


def forward_loss__logaddexp(scores, y, W1, W2, reg):
    log_probs = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    loss = -log_probs[np.arange(y.size), y].mean()
    loss += reg * np.linalg.norm(W1) ** 2
    loss += reg * np.linalg.norm(W2) ** 2
    return loss, exp(log_probs)


def forward_loss__one_hot(scores, y, W1, W2, reg):
    N, C = scores.shape
    hot = one_hot(y, C)
    shifted = (scores.T - scores.max(1)).T
    total = np.exp(shifted) @ np.ones((C, 1))
    loss = np.sum(hot * (np.log(total) - shifted)) / N
    squares = (W1 * W1).sum() + (W2 * W2).sum()
    return float(loss) + reg * float(squares), np.exp(shifted) / total


def forward_loss__differences_to_the_right_score(scores, y, W1, W2, reg):
    differences = scores - np.take_along_axis(scores, y[:, None], axis=1)
    top = differences.max(axis=1)
    losses = top + np.log(np.exp(differences - top[:, None]).sum(axis=1))
    flat = np.concatenate([W1.ravel(), W2.ravel()])
    return np.average(losses) + reg * flat @ flat, np.exp(differences - losses[:, None])


def forward_loss__in_place_and_math(scores, y, W1, W2, reg):
    powers = scores.copy()
    powers -= np.amax(powers, axis=1).reshape(-1, 1)
    right = powers[np.arange(len(y)), y]
    np.exp(powers, out=powers)
    sums = powers.sum(axis=1)
    loss = math.fsum((np.log(sums) - right) / len(y))
    powers /= sums[:, None]
    return loss + reg * (np.trace(W1.T @ W1) + np.trace(W2 @ W2.T)), powers


def backward_scores__one_hot(probs, y):
    return (probs - one_hot(y, probs.shape[1])) / len(y)


def backward_scores__eye(probs, y):
    return (probs - np.eye(probs.shape[1])[y]) / probs.shape[0]


def backward_scores__copied_and_changed(probs, y):
    dscores = np.array(probs)
    dscores[range(len(y)), y] -= 1.0
    return dscores * (1 / len(y))


def backward_scores__put_along_axis(probs, y):
    d = probs / probs.shape[0]
    here = y[:, np.newaxis]
    np.put_along_axis(d, here, np.take_along_axis(d, here, 1) - 1 / probs.shape[0], 1)
    return d


def backward_scores__subtract_at(probs, y):
    N = len(probs)
    dscores = np.copy(probs)
    np.subtract.at(dscores, (np.arange(N), y), 1)
    return np.divide(dscores, N)


def backward_scores__a_mask(probs, y):
    right = np.arange(probs.shape[1]) == y[:, None]
    return np.where(right, probs - 1, probs) / y.shape[0]


def backward_output__dot(dscores, h1, W2, reg):
    dW2 = np.dot(h1.T, dscores)
    dW2 += 2 * reg * W2
    return np.dot(dscores, W2.T), dW2, np.sum(dscores, axis=0)


def backward_output__einsum(dscores, h1, W2, reg):
    dh1 = np.einsum("nc,hc->nh", dscores, W2)
    dW2 = np.einsum("nh,nc->hc", h1, dscores)
    return dh1, dW2 + reg * (W2 + W2), np.einsum("nc->c", dscores)


def backward_output__transposed(dscores, h1, W2, reg):
    dh1 = (W2 @ dscores.T).T
    dW2 = (dscores.T @ h1).T
    return dh1, np.add(dW2, W2 * reg * 2), np.ones(len(dscores)) @ dscores


def backward_output__outer_products(dscores, h1, W2, reg):
    each = h1[:, :, None] * dscores[:, None, :]
    dh1 = (dscores[:, None, :] * W2).sum(axis=-1)
    return dh1, each.sum(axis=0) + 2.0 * reg * W2, dscores.sum(0)


def backward_output__class_by_class(dscores, h1, W2, reg):
    dh1, dW2, db2 = np.zeros_like(h1), np.zeros_like(W2), np.zeros(W2.shape[1])
    for c in range(W2.shape[1]):
        dh1 += np.outer(dscores[:, c], W2[:, c])
        dW2[:, c] = dscores[:, c] @ h1 + 2 * reg * W2[:, c]
        db2[c] = sum([dscores[:, c].sum()])
    return dh1, dW2, db2


def backward_output__a_column_of_ones(dscores, h1, W2, reg):
    both = np.hstack([h1, np.ones((h1.shape[0], 1))]).T @ dscores
    return dscores @ W2.T, both[:-1] + 2 * reg * W2, both[-1]


def backward_hidden__masked(dh1, h1, X, W1, reg):
    ds = dh1.copy()
    ds[h1 <= 0] = 0
    return X.T.dot(ds) + 2 * reg * W1, np.sum(ds, axis=0)


def backward_hidden__where(dh1, h1, X, W1, reg):
    ds = np.where(h1 > 0, dh1, 0)
    return np.dot(X.T, ds) + reg * 2 * W1, ds.sum(0)


def backward_hidden__sign(dh1, h1, X, W1, reg):
    d = np.sign(h1) * dh1
    dW1 = (d.T @ X).T
    dW1 += 2 * reg * W1
    return dW1, d.mean(axis=0) * len(d)


def backward_hidden__einsum(dh1, h1, X, W1, reg):
    on = (h1 != 0).astype(dh1.dtype)
    dW1 = np.einsum("nd,nh,nh->dh", X, dh1, on)
    return dW1 + reg * (W1 + W1), np.einsum("nh,nh->h", dh1, on)


def backward_hidden__the_sums_again(dh1, h1, X, W1, reg):
    dsums = np.heaviside(h1, 0) * dh1
    both = np.vstack([X.T, np.ones(X.shape[0])]) @ dsums
    db1 = both[-1, :]
    return both[:-1, :] + W1 * 2 * reg, db1


def backward_hidden__unit_by_unit(dh1, h1, X, W1, reg):
    dW1, db1 = np.zeros(W1.shape), np.zeros(W1.shape[1])
    for k in range(W1.shape[1]):
        on = h1[:, k] > 0
        dW1[:, k] = X[on].T @ dh1[on, k]
        db1[k] = dh1[on, k].sum()
    return dW1 + 2 * reg * W1, db1


class Initialised:
    """The constructor that the notebook gives, for those nets below that keep it as it is."""

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


class TwoLayerNet__stages_with_names(Initialised):
    def loss(self, X, y=None, reg=0.0):
        h1 = forward_hidden(X=X, W1=self.params["W1"], b1=self.params["b1"])
        scores = forward_scores(h1=h1, W2=self.params["W2"], b2=self.params["b2"])
        if y is None:
            return scores
        grads = {}
        loss, probs = forward_loss(scores, y, self.params["W1"], self.params["W2"], reg=reg)
        dh1, grads["W2"], grads["b2"] = backward_output(backward_scores(probs, y), h1, self.params["W2"], reg)
        grads["W1"], grads["b1"] = backward_hidden(dh1, h1, X, self.params["W1"], reg)
        return loss, grads

    def predict(self, X):
        return np.argmax(self.loss(X), axis=1)


class TwoLayerNet__predict_from_the_stages(Initialised):
    def loss(self, X, y=None, reg=0.0):
        W1, b1, W2, b2 = self.params.values()
        h1 = forward_hidden(X, W1, b1)
        scores = forward_scores(h1, W2, b2)
        if y is None:
            return scores
        loss, probs = forward_loss(scores, y, W1, W2, reg)
        dscores = backward_scores(probs, y)
        dh1, dW2, db2 = backward_output(dscores, h1, W2, reg)
        dW1, db1 = backward_hidden(dh1, h1, X, W1, reg)
        return loss, dict(zip(("W1", "b1", "W2", "b2"), (dW1, db1, dW2, db2), strict=True))

    def predict(self, X):
        p = self.params
        return forward_scores(forward_hidden(X, p["W1"], p["b1"]), p["W2"], p["b2"]).argmax(1)


class TwoLayerNet__written_out_again(Initialised):
    def loss(self, X, y=None, reg=0.0):
        W1, b1, W2, b2 = (self.params[k] for k in ["W1", "b1", "W2", "b2"])
        h = np.maximum(0, dot(X, W1) + b1)
        s = dot(h, W2) + b2
        if y is None:
            return s
        N = len(X)
        lse = log_sum_exp(s)
        loss = (lse - s[np.arange(N), y]).mean() + weight_decay(W1, W2, reg=reg)
        ds = (np.exp(s - lse[:, None]) - one_hot(y, s.shape[1])) / N
        dh = ds @ W2.T * (h > 0)
        grads = {"b2": ds.sum(axis=0), "W2": h.T @ ds, "b1": dh.sum(axis=0), "W1": X.T @ dh}
        for name in ("W1", "W2"):
            grads[name] += 2 * reg * self.params[name]
        return loss, grads

    def predict(self, X):
        scores = self.loss(X)
        best = np.zeros(len(X), dtype=int)
        for c in range(scores.shape[1]):
            best[scores[:, c] > scores[np.arange(len(X)), best]] = c
        return best


class TwoLayerNet__methods_and_a_cache(Initialised):
    def _forward(self, X):
        self.h1 = forward_hidden(X, self.params["W1"], self.params["b1"])
        self.scores = forward_scores(self.h1, self.params["W2"], self.params["b2"])
        return self.scores

    def _backward(self, X, y, probs, reg):
        dh1, dW2, db2 = backward_output(backward_scores(probs, y), self.h1, self.params["W2"], reg)
        dW1, db1 = backward_hidden(dh1, self.h1, X, self.params["W1"], reg)
        return {"W1": dW1, "W2": dW2, "b1": db1, "b2": db2}

    def loss(self, X, y=None, reg=0.0):
        self._forward(X)
        if y is None:
            return self.scores
        loss, probs = forward_loss(self.scores, y, self.params["W1"], self.params["W2"], reg)
        return loss, self._backward(X, y, probs, reg)

    def predict(self, X):
        return np.argsort(self._forward(X), axis=1)[:, -1]


class TwoLayerNet__regularised_apart(Initialised):
    def loss(self, X, y=None, reg=0.0):
        p = self.params
        h1 = forward_hidden(X, p["W1"], p["b1"])
        scores = forward_scores(h1, p["W2"], p["b2"])
        if y is None:
            return scores
        loss, probs = forward_loss(scores, y, p["W1"], p["W2"], 0.0)
        dh1, dW2, db2 = backward_output(backward_scores(probs, y), h1, p["W2"], 0.0)
        dW1, db1 = backward_hidden(dh1, h1, X, p["W1"], 0.0)
        grads = {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
        for name in p:
            if name.startswith("W"):
                loss = loss + reg * np.sum(p[name] ** 2)
                grads[name] = grads[name] + 2 * reg * p[name]
        return loss, grads

    def predict(self, X):
        scores = self.loss(X, None)
        e = np.exp(scores - scores.max())
        return np.argmax(e / e.sum(axis=1, keepdims=True), -1)


def hyperparameters__found_by_a_search():
    return {
        "hidden_size": 80,
        "weight_scale": 0.1,
        "learning_rate": 0.3,
        "decay": 1.0,
        "reg": 1e-4,
        "batch_size": 100,
        "steps": 1500,
    }


def hyperparameters__a_small_net_and_whole_numbers():
    keys = ["hidden_size", "weight_scale", "learning_rate", "decay", "reg", "batch_size", "steps"]
    return dict(zip(keys, [40, 1e-1, 1, 0.95, 0, 50, 1500], strict=True))


def hyperparameters__numbers_of_numpy():
    chosen = dict.fromkeys(["reg"], np.float64(1e-4))
    chosen |= {"hidden_size": np.int64(2**6), "weight_scale": np.sqrt(2 / 64) / 2}
    chosen |= {"learning_rate": np.float32(0.5), "decay": 1, "batch_size": 2**7, "steps": 10 * 120}
    return chosen
