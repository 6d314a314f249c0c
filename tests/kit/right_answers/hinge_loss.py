"""Right answers to 02_hinge_loss, as many different students write them; `NAME__what_differs` answers exercise NAME."""

import math
from functools import reduce

import numpy
import numpy as np
from numpy import arange, maximum, sum, zeros

DELTA = 1


def one_hot(labels, C):
    return np.eye(C)[labels]


def l2(W, lam):
    return lam * (W * W).sum(), 2 * lam * W


def margin_of(s, j, right):
    return s[j] - s[right] + 1


def relu(x):
    return x * (x > 0)


class Regulariser:
    def __init__(self, strength):
        self.strength = strength

    def loss(self, W):
        return self.strength * np.linalg.norm(W) ** 2

    def grad(self, W):
        return 2.0 * self.strength * W


def hinge_loss_naive__as_in_the_lecture(W, X, y, reg):
    dW = np.zeros(W.shape)
    num_classes = W.shape[1]
    num_train = X.shape[0]
    loss = 0.0
    for i in range(num_train):
        scores = X[i].dot(W)
        correct_class_score = scores[y[i]]
        for j in range(num_classes):
            if j == y[i]:
                continue
            margin = scores[j] - correct_class_score + 1  # note delta = 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    loss /= num_train
    dW /= num_train
    loss += reg * np.sum(W * W)
    dW += 2 * reg * W
    return loss, dW


def hinge_loss_naive__classes_outside(W, X, y, reg):
    N = len(X)
    D, C = W.shape
    total = 0
    dW = np.zeros((D, C))
    for c in range(C):
        for n in range(N):
            if y[n] != c:
                m = X[n] @ W[:, c] - X[n] @ W[:, y[n]] + 1
                if m > 0:
                    total = total + m
                    dW[:, c] = dW[:, c] + X[n]
                    dW[:, y[n]] = dW[:, y[n]] - X[n]
    return total / N + reg * np.sum(W**2), dW / N + reg * 2 * W


def hinge_loss_naive__four_loops_and_no_numpy_arithmetic(W, X, y, reg):
    N, D, C = X.shape[0], X.shape[1], W.shape[1]
    grad = [[0.0 for _ in range(C)] for _ in range(D)]
    loss = 0.0
    for i in range(N):
        s = []
        for c in range(C):
            t = 0.0
            for d in range(D):
                t += float(X[i, d]) * float(W[d, c])
            s.append(t)
        for c in range(C):
            if c != y[i] and s[c] - s[y[i]] + 1 > 0:
                loss += (s[c] - s[y[i]] + 1) / N
                for d in range(D):
                    grad[d][c] += X[i, d] / N
                    grad[d][y[i]] -= X[i, d] / N
    for d in range(D):
        for c in range(C):
            loss += reg * W[d, c] ** 2
            grad[d][c] += 2 * reg * W[d, c]
    return loss, np.array(grad)


def hinge_loss_naive__columns_and_a_transpose(W, X, y, reg):
    # lecture convention: x is a column, W has a row per class
    Wt, Xt = W.T, X.T
    dWt = np.zeros_like(Wt)
    loss = 0.0
    for i in range(Xt.shape[1]):
        x = Xt[:, i]
        s = Wt @ x
        for j in range(Wt.shape[0]):
            if j != y[i] and margin_of(s, j, y[i]) > 0:
                loss += margin_of(s, j, y[i])
                dWt[j] += x
                dWt[y[i]] -= x
    loss /= Xt.shape[1]
    dWt /= Xt.shape[1]
    return loss + reg * (Wt**2).sum(), (dWt + 2 * reg * Wt).T


def hinge_loss_naive__counts_the_violations(weights, data, labels, lam):
    n = data.shape[0]
    losses = []
    gradient = np.zeros(weights.shape, dtype=float)
    for x, label in zip(data, labels, strict=True):
        s = np.dot(x, weights)
        violations = 0
        for cls, value in enumerate(s):
            if cls == label:
                continue
            losses.append(max(0, value - s[label] + DELTA))
            if value - s[label] + DELTA > 0:
                violations += 1
                gradient[:, cls] += x / n
        gradient[:, label] -= violations * x / n
    return np.array(losses).sum() / n + lam * np.sum(weights**2), gradient + 2 * lam * weights


def hinge_loss_naive__regulariser_first(W, X, y, reg):
    loss = reg * np.sum(np.square(W))
    dW = 2 * reg * W
    N = X.shape[0]
    for i in range(N):
        scores = W.T.dot(X[i])
        for j in range(W.shape[1]):
            margin = scores[j] - scores[y[i]] + 1
            if j != y[i] and margin > 0:
                loss = loss + margin / N
                dW[:, j] += X[i] / N
                dW[:, y[i]] -= X[i] / N
    return loss, dW


def hinge_loss_naive__does_not_skip_but_subtracts(W, X, y, reg):
    N = X.shape[0]
    C = W.shape[1]
    loss = 0
    dscores = np.zeros((N, C))
    scores = np.matmul(X, W)
    i = 0
    while i < N:
        j = 0
        while j < C:
            loss += max(scores[i, j] - scores[i, y[i]] + 1, 0)
            if scores[i, j] - scores[i, y[i]] + 1 > 0:
                dscores[i, j] += 1
                dscores[i, y[i]] -= 1
            j += 1
        i += 1
    loss = (loss - N) / N  # the right class always gave 1
    loss += reg * np.sum(W**2)
    return loss, np.dot(X.T, dscores) / N + 2 * reg * W


def hinge_loss_naive__outer_products(W, X, y, reg):
    N = X.shape[0]
    dW = np.zeros_like(W, order="F")
    loss = []
    for i in range(N):
        s = X[i : i + 1] @ W  # (1, C)
        d = np.zeros(W.shape[1])
        for j in range(W.shape[1]):
            if j != y[i]:
                m = (s[0, j] - s[0, y[i]]) + 1.0
                loss += [m if m > 0 else 0.0]
                d[j] = 1.0 if m > 0 else 0.0
        d[y[i]] = -d.sum()
        dW += np.outer(X[i], d)
    r, dr = l2(W, reg)
    return float(np.sum(loss)) / N + float(r), dW / N + dr


def hinge_loss_naive__early_astype_and_item(W, X, y, reg):
    W, X, y = W.astype(float), X.astype(float), y.astype(int)
    N = float(len(y))
    loss, dW = 0.0, 0 * W
    for i in range(int(N)):
        for j in range(W.shape[1]):
            if j == y[i]:
                pass
            else:
                margin = ((W[:, j] - W[:, y[i]]) * X[i]).sum() + 1
                if not margin <= 0:
                    loss += margin.item()
                    dW.T[j] += X[i]
                    dW.T[y[i]] -= X[i]
    return loss / N + reg * np.linalg.norm(W) ** 2, 1 / N * dW + (reg * W + reg * W)


def hinge_loss_naive__a_function_per_example(W, X, y, reg):
    def one(x, right):
        s = x @ W
        loss, g = 0.0, np.zeros(W.shape)
        for j in [k for k in range(W.shape[1]) if k != right]:
            if s[j] + 1 > s[right]:
                loss += s[j] + 1 - s[right]
                g[:, j] += x
                g[:, right] -= x
        return loss, g

    pairs = [one(X[i], y[i]) for i in range(X.shape[0])]
    loss = math.fsum(p[0] for p in pairs) / len(pairs)
    dW = np.mean([p[1] for p in pairs], axis=0)
    return loss + reg * np.sum(W**2), dW + 2 * reg * W


def hinge_loss_naive__recursion_and_dictionaries(W, X, y, reg):
    N = X.shape[0]
    columns = {c: np.zeros(W.shape[0]) for c in range(W.shape[1])}

    def losses(i):
        if i == N:
            return 0.0
        s = X[i] @ W
        here = 0.0
        for j in columns:
            m = s[j] - s[y[i]] + 1
            if j != y[i] and m > 0:
                here += m
                columns[j] = columns[j] + X[i]
                columns[y[i]] = columns[int(y[i])] - X[i]
        return here + losses(i + 1)

    loss = losses(0) / N
    dW = np.stack([columns[c] for c in range(W.shape[1])], axis=1) / N
    return loss + Regulariser(reg).loss(W), dW + Regulariser(reg).grad(W)


def hinge_loss_naive__two_passes(W, X, y, reg):
    """First the loss alone, then the gradient in a second pass of its own, backwards through the examples."""
    N, C = X.shape[0], W.shape[1]
    loss = 0.0
    for i in range(N):
        for j in range(C):
            if j != y[i]:
                loss += np.maximum(0, np.sum(X[i] * W[:, j]) - np.sum(X[i] * W[:, y[i]]) + 1)
    dW = np.zeros((C, W.shape[0]))
    for i in reversed(range(N)):
        for j in reversed(range(C)):
            violated = j != y[i] and np.inner(X[i], W[:, j]) - np.inner(X[i], W[:, y[i]]) > -1
            dW[j] += violated * X[i]
            dW[y[i]] -= violated * X[i]
    return 1 / N * loss + reg * (W**2).sum(), dW.transpose() / N + 2 * reg * W


def hinge_loss_naive__np_ndindex_and_add_at(W, X, y, reg):
    N, C = X.shape[0], W.shape[1]
    S = numpy.einsum("nd,dc->nc", X, W)
    L = zeros(N)
    dS = zeros((N, C))
    for i, j in np.ndindex(N, C):
        if j == y[i]:
            continue
        m = S[i, j] - S[i, y[i]] + 1
        L[i] += maximum(m, 0)
        np.add.at(dS, (i, [j, y[i]]), np.sign(maximum(m, 0)) * np.array([1, -1]))
    return L.mean() + reg * sum(W * W), numpy.einsum("nd,nc->dc", X, dS) / N + reg * W * 2


def hinge_loss_naive__a_row_at_a_time(W, X, y, reg):
    N = X.shape[0]
    loss, dW = 0.0, np.zeros_like(W)
    for i in range(N):
        s = X[i] @ W
        m = np.maximum(0, s - s[y[i]] + 1)
        m[y[i]] = 0
        loss += m.sum()
        g = (m > 0) * 1.0
        g[y[i]] -= g.sum()
        dW += X[i][:, None] * g[None, :]
    loss /= N
    dW /= N
    loss += reg * np.vdot(W, W)
    dW += 2 * reg * W
    return (loss, dW)


def hinge_loss_naive__prints_on_the_way(W, X, y, reg, delta=1.0, debug=True):
    N = X.shape[0]
    loss = np.float64(0)
    dW = np.array([[0.0] * W.shape[1]] * W.shape[0])
    for i in range(N):
        s = X[i] @ W
        if debug and i == 0:
            print("scores:", s)
        for j in range(W.shape[1]):
            if j != y[i]:
                m = s[j] - s[y[i]] + delta
                if m > 0:
                    loss = np.add(loss, m)
                    dW[:, j] = np.add(dW[:, j], X[i])
                    dW[:, y[i]] = np.subtract(dW[:, y[i]], X[i])
    assert loss >= 0
    return np.array(loss / N + reg * np.sum(W**2)), dW / N + 2 * reg * W


def numerical_slope__two_copies(f, W, d, c, h=1e-5):
    Wp = W.copy()
    Wm = W.copy()
    Wp[d, c] = W[d, c] + h
    Wm[d, c] = W[d, c] - h
    return (f(Wp) - f(Wm)) / (2 * h)


def numerical_slope__in_place_and_put_back(f, W, d, c, h=1e-5):
    old = W[d, c]
    W[d, c] = old + h
    fp = f(W)
    W[d, c] = old - h
    fm = f(W)
    W[d, c] = old
    return (fp - fm) / (2 * h)


def numerical_slope__a_matrix_with_one_entry(f, W, d, c, h=1e-5):
    E = np.zeros(W.shape)
    E[d, c] = h
    return (f(W + E) - f(W - E)) / (2 * h)


def numerical_slope__outer_product_of_unit_vectors(f, W, d, c, h=1e-5):
    E = np.outer(np.eye(W.shape[0])[d], np.eye(W.shape[1])[:, c])
    return 0.5 * (f(W + h * E) - f(W - h * E)) / h


def numerical_slope__one_copy_twice(f, W, d, c, h=1e-5):
    V = np.array(W)
    V[d, c] += h
    up = f(V)
    V[d, c] -= 2 * h
    down = f(V)
    return np.divide(np.subtract(up, down), 2 * h)


def numerical_slope__a_function_of_one_number(f, W, d, c, h=1e-5):
    def g(t):
        V = W.copy()
        V[d][c] = t
        return f(V)

    t = W[d, c]
    return (g(t + h) - g(t - h)) / (h + h)


def numerical_slope__the_step_that_was_really_made(f, W, d, c, h=1e-5):
    up, down = np.copy(W), np.copy(W)
    up[d, c] += h
    down[d, c] -= h
    return (f(up) - f(down)) / (up[d, c] - down[d, c])


def numerical_slope__the_mean_of_two_sides(f, W, d, c, h=1e-5):
    slopes = []
    for sign in (+1, -1):
        V = W.astype(float)
        V[d, c] += sign * h
        slopes.append((f(V) - f(W)) / (sign * h))
    return np.mean(slopes)


def numerical_slope__flat_and_float(func, weights, row, col, step=1e-5):
    flat = weights.ravel().copy()
    k = row * weights.shape[1] + col
    flat[k] += step
    a = float(func(flat.reshape(weights.shape)))
    flat[k] = weights.flat[k] - step
    b = float(func(flat.reshape(weights.shape)))
    return (a - b) / step / 2


numerical_slope__a_lambda = lambda f, W, d, c, h=1e-5: (
    np.diff(
        [
            f(np.where((np.arange(W.shape[0])[:, None] == d) & (np.arange(W.shape[1]) == c), W + s * h, W))
            for s in (-1, 1)
        ]
    )[0]
    / (2 * h)
)


def numerical_slope__dot_with_weights(f, W, d, c, h=1e-5):
    values = []
    for k in [-1, 1]:
        V = np.asfortranarray(W.copy())
        V[d, c] = V[d, c] + k * h
        values.append(f(V))
    return np.array(values).dot([-1, 1]) / (2 * h)


def numerical_slope__try_finally(f, W, d, c, h=1e-5):
    keep = W[d, c].item()
    try:
        W[d, c] = keep + h
        result = f(W) / (2 * h)
        W[d, c] = keep - h
        result -= f(W) / (2 * h)
    finally:
        W[d, c] = keep
    return result


def initial_hinge_loss__formula(C, delta=1.0):
    return (C - 1) * delta


def initial_hinge_loss__multiplied_out(C, delta=1.0):
    return delta * C - delta


def initial_hinge_loss__added_up(C, delta=1.0):
    loss = 0
    for j in range(C):
        if j != 0:
            loss += max(0, 0 - 0 + delta)
    return loss


def initial_hinge_loss__from_zero_scores(C, delta=1.0):
    scores = np.zeros((1, C))
    margins = np.maximum(0, scores - scores[0, 0] + delta)
    margins[0, 0] = 0
    return np.sum(margins)


def initial_hinge_loss__an_array_without_axes(C, delta=1.0):
    return np.array(float(C - 1)) * np.array(delta)


def initial_hinge_loss__asks_the_forward_stage(C, delta=1.0):
    loss, _ = hinge_forward(np.zeros((7, C)), np.zeros(7, dtype=int), delta)
    return loss


initial_hinge_loss__a_lambda = lambda classes, margin=1.0: margin * (classes - 1)


def initial_hinge_loss__generator_and_fsum(C, delta=1):
    return math.fsum(delta for _ in range(1, C))


def initial_hinge_loss__recursion(C, delta=1.0):
    return 0 if C == 1 else reduce(lambda total, _: total + delta, range(C - 1), 0)


def initial_hinge_loss__float_of_the_mean(C, delta=1.0):
    N = 5
    return float((np.full((N, C), delta).sum() - N * delta) / N)


def hinge_forward__fancy_indexing(scores, y, delta=1.0):
    N = scores.shape[0]
    margins = np.maximum(0, scores - scores[np.arange(N), y].reshape(N, 1) + delta)
    margins[np.arange(N), y] = 0
    return np.sum(margins) / N, margins


def hinge_forward__one_hot_mask(scores, y, delta=1.0):
    hot = one_hot(y, scores.shape[1])
    right = (scores * hot).sum(axis=1, keepdims=True)
    margins = (1 - hot) * np.maximum(scores - right + delta, 0)
    return margins.sum() / len(y), margins


def hinge_forward__np_where(scores, y, delta=1.0):
    right = np.take_along_axis(scores, y[:, None], axis=1)
    m = scores - right + delta
    is_right = np.arange(scores.shape[1])[None, :] == y[:, None]
    margins = np.where(is_right, 0.0, np.where(m > 0, m, 0.0))
    return margins.sum(axis=1).mean(), margins


def hinge_forward__boolean_assignment(s, labels, d=1.0):
    mask = np.zeros(s.shape, dtype=bool)
    mask[range(len(labels)), labels] = True
    m = s - s[mask][:, np.newaxis] + d
    m[m < 0] = 0
    m[mask] = 0
    return float(m.sum() / m.shape[0]), m


def hinge_forward__clip_in_place(scores, y, delta=1.0):
    out = scores.copy()
    out -= np.choose(y, scores.T)[:, None]
    out += delta
    np.clip(out, 0, None, out=out)
    np.put_along_axis(out, y[:, np.newaxis], 0, axis=1)
    return out.ravel().sum() / out.shape[0], out


def hinge_forward__transposed_inside(scores, y, delta=1.0):
    S = scores.T
    N = S.shape[1]
    M = S - S[y, arange(N)] + delta
    M = (np.abs(M) + M) / 2
    M[y, arange(N)] = 0
    return M.mean() * S.shape[0], M.T


def hinge_forward__einsum(scores, y, delta=1.0):
    Y = (np.arange(scores.shape[1]) == y[:, None]).astype(scores.dtype)
    right = np.einsum("nc,nc->n", scores, Y)
    margins = relu(np.subtract(scores, right[:, None]) + delta)
    margins = margins - margins * Y
    loss = np.einsum("nc->", margins) / scores.shape[0]
    return loss, margins


def hinge_forward__all_pairs_of_classes(scores, y, delta=1.0):
    N, C = scores.shape
    differences = scores[:, :, None] - scores[:, None, :] + delta  # (N, C, C)
    margins = np.maximum(differences[np.arange(N), :, y], 0)
    margins -= delta * np.eye(C)[y]
    margins[np.arange(N), y] = 0
    return np.add.reduce(margins, axis=None) / N, margins


def hinge_forward__a_loop_over_the_classes(scores, y, delta=1.0):
    N, C = scores.shape
    right = scores[np.arange(N), y]
    columns = []
    for c in range(C):
        column = np.maximum(scores[:, c] - right + delta, 0)
        column[y == c] = 0
        columns.append(column)
    margins = np.column_stack(columns)
    return np.sum([c.sum() for c in columns]) / N, margins


def hinge_forward__diagonal(scores, y, delta=1.0):
    right = np.diagonal(scores[:, y])
    hinge = np.fmax(0, (scores.T - right).T + delta)
    hinge[(np.arange(y.size), y)] = 0
    total = sum(hinge)
    return total / y.size, hinge


def hinge_forward__right_class_at_minus_infinity(scores, y, delta=1.0):
    N = len(scores)
    others = scores.astype(float)
    others[np.arange(N), y] = -np.inf
    margins = np.maximum(0.0, others + (delta - scores[np.arange(N), y])[:, None])
    return np.mean(np.sum(margins, 1)), margins


def hinge_forward__only_the_wrong_classes(scores, y, delta=1.0):
    N, C = scores.shape
    wrong = np.ones((N, C), bool)
    wrong[np.arange(N), y] = False
    rest = scores[wrong].reshape(N, C - 1) - scores[~wrong].reshape(N, 1) + delta
    rest = rest.clip(min=0)
    margins = np.zeros_like(scores, order="F")
    margins[wrong] = rest.reshape(-1)
    loss = rest.sum() / N
    return loss, margins


def hinge_forward__flat_indices(scores, y, delta=1.0):
    N, C = scores.shape
    where = np.arange(N) * C + y
    right = scores.take(where)
    margins = np.maximum(0, scores + delta - np.repeat(right, C).reshape(N, C))
    margins.put(where, 0)
    loss = np.dot(np.ones(N), margins @ np.ones(C)) / N
    return loss.item(), margins


def hinge_forward__lists_of_indices(scores, y, delta=1.0):
    rows = list(range(len(y)))
    right = np.tile(scores[rows, list(y)], (scores.shape[1], 1)).T
    margins = np.max([scores - right + delta, np.zeros_like(scores)], axis=0)
    margins[rows, list(y)] -= delta
    return np.average(margins.sum(axis=-1)), margins


def hinge_forward__nonzero_and_shape_printed(scores, y, delta=1.0):
    print(scores.shape, y.shape)
    m = scores - scores[np.arange(y.shape[0]), y, None] + delta
    m[np.nonzero(m <= 0)] = 0
    m[np.arange(y.shape[0]), y] = 0.0
    assert m.shape == scores.shape
    assert (m >= 0).all()
    return m.sum() / y.shape[0], m


def hinge_forward__prints_the_scores(scores, y, delta=1.0):
    print("scores", scores)
    N = scores.shape[0]
    margins = np.maximum(0, scores - scores[np.arange(N), y][:, None] + delta)
    margins[np.arange(N), y] = 0
    print(f"margins = {margins}")
    return margins.sum() / N, margins


def hinge_backward__fancy_indexing(margins, y):
    N = margins.shape[0]
    dscores = np.zeros(margins.shape)
    dscores[margins > 0] = 1
    dscores[np.arange(N), y] -= dscores.sum(axis=1)
    return dscores / N


def hinge_backward__np_where(margins, y):
    N, C = margins.shape
    violated = np.where(margins > 0, 1.0, 0.0)
    count = violated.sum(axis=1, keepdims=True)
    return np.where(np.arange(C) == y[:, None], -count, violated) / N


def hinge_backward__one_hot(m, labels):
    hot = one_hot(labels, m.shape[1])
    v = (m > 0).astype(float)
    return (v - hot * np.sum(v, axis=1)[:, np.newaxis]) / m.shape[0]


def hinge_backward__subtract_at(margins, y):
    d = np.sign(margins)
    rows, cols = np.nonzero(margins > 0)
    np.subtract.at(d, (rows, y[rows]), 1)
    return d / float(len(y))


def hinge_backward__put_along_axis(margins, y):
    g = np.heaviside(margins, 0)
    np.put_along_axis(g, y[:, None], -g.sum(axis=1, keepdims=True), axis=1)
    g *= 1 / len(g)
    return g


def hinge_backward__on_an_own_copy(margins, y):
    margins = margins.copy()
    margins[margins > 0] = 1.0
    margins[range(margins.shape[0]), y] = -1 * np.sum(margins, axis=1)
    margins = margins / margins.shape[0]
    return margins


def hinge_backward__integers_first(margins, y):
    N = margins.shape[0]
    violated = (margins > 0).astype(int)
    counts = np.count_nonzero(margins > 0, axis=1)
    violated[np.arange(N), y] = -counts
    return violated / N


def hinge_backward__einsum(margins, y):
    N, C = margins.shape
    V = 1.0 * (margins > 0)
    Y = np.zeros((N, C))
    Y[np.arange(N), y] = 1
    return V / N - np.einsum("nc,nk->nk", V, Y) / N


def hinge_backward__transposed_inside(margins, y):
    V = (margins.T > 0).astype(np.float64)
    V[y, np.arange(y.size)] = -V.sum(axis=0)
    return np.true_divide(V, y.size).T


def hinge_backward__matrix_of_ones(margins, y):
    C = margins.shape[1]
    V = np.minimum(1, np.ceil(margins))
    return (V - (V @ np.ones((C, C))) * np.eye(C)[y]) / len(margins)


def hinge_backward__a_loop_over_the_classes(margins, y):
    N, C = margins.shape
    counts = (margins > 0).sum(axis=1)
    dscores = np.empty((N, C), order="F")
    for c in range(C):
        dscores[:, c] = (margins[:, c] > 0) / N
        dscores[y == c, c] = -counts[y == c] / N
    return dscores


def hinge_backward__divides_where_it_is_set(margins, y):
    N = y.shape[0]
    share = 1.0 / N
    dscores = share * np.greater(margins, 0)
    dscores.flat[np.arange(N) * margins.shape[1] + y] = -np.add.reduce(dscores, axis=1)
    return dscores


hinge_backward__a_lambda = lambda m, y: (
    ((m > 0) - (m > 0).sum(1)[:, None] * (y[:, None] == np.arange(m.shape[1]))) / m.shape[0]
)


def hinge_backward__divides_by_the_margins(margins, y):
    N = margins.shape[0]
    safe = np.where(margins == 0, 1, margins)
    d = margins / safe
    sums = np.bincount(np.nonzero(margins)[0], minlength=N)
    d[np.arange(N), y] = -sums
    return np.multiply(d, N**-1)


def hinge_backward__ones_and_zeros_like(margins, y):
    dscores = np.ones_like(margins)
    dscores[margins <= 0] = 0
    for_right = np.zeros_like(margins)
    for_right[np.arange(len(y)), y] = dscores.sum(axis=1)
    return (dscores - for_right) / len(y)


def hinge_loss_vectorized__short(W, X, y, reg):
    loss, margins = hinge_forward(X @ W, y)
    return loss + reg * np.sum(W**2), X.T @ hinge_backward(margins, y) + 2 * reg * W


def hinge_loss_vectorized__dot_and_keywords(W, X, y, reg):
    scores = X.dot(W)
    loss, margins = hinge_forward(scores=scores, y=y, delta=1.0)
    dscores = hinge_backward(margins=margins, y=y)
    dW = X.T.dot(dscores)
    dW += 2 * reg * W
    loss += reg * np.sum(W * W)
    return loss, dW


def hinge_loss_vectorized__own_parameter_names(W, X, y, reg):
    loss, m = hinge_forward__boolean_assignment(s=X @ W, labels=y, d=1)
    dS = hinge_backward__one_hot(labels=y, m=m)
    return loss + reg * (W**2).sum(), X.T @ dS + 2 * reg * W


def hinge_loss_vectorized__columns(W, X, y, reg):
    S = (W.T @ X.T).T
    data, M = hinge_forward(S, y)
    dWt = hinge_backward(M, y).T @ X
    return data + reg * np.linalg.norm(W, "fro") ** 2, dWt.T + 2 * reg * W


def hinge_loss_vectorized__einsum(W, X, y, reg):
    scores = np.einsum("nd,dc->nc", X, W, optimize=True)
    loss, margins = hinge_forward(scores, y)
    dW = np.einsum("nd,nc->dc", X, hinge_backward(margins, y), optimize="greedy")
    return loss + reg * np.einsum("dc,dc->", W, W), dW + 2 * reg * W


def hinge_loss_vectorized__everything_itself(W, X, y, reg):
    N = X.shape[0]
    S = X @ W
    M = np.maximum(0, S - S[np.arange(N), y][:, None] + 1)
    M[np.arange(N), y] = 0
    B = (M > 0) * 1.0
    B[np.arange(N), y] = -B.sum(axis=1)
    return M.sum() / N + reg * np.sum(W**2), X.T @ B / N + 2 * reg * W


def hinge_loss_vectorized__tensordot(W, X, y, reg):
    loss, margins = hinge_forward(np.tensordot(X, W, axes=1), y)
    dW = np.tensordot(X, hinge_backward(margins, y), axes=([0], [0]))
    R = Regulariser(reg)
    return loss + R.loss(W), dW + R.grad(W)


def hinge_loss_vectorized__regulariser_first(weights, data, labels, strength):
    loss, dW = l2(weights, strength)
    data_loss, cache = hinge_forward(np.matmul(data, weights), labels)
    loss = loss + data_loss
    dW = dW + np.matmul(data.transpose(), hinge_backward(cache, labels))
    return loss, dW


def hinge_loss_vectorized__early_astype(W, X, y, reg):
    W = np.asarray(W, dtype=float)
    X = X.astype(float)
    y = np.array(y, dtype=np.int32)
    out = hinge_forward(X @ W, y)
    dW = 0.0 * W
    dW += X.T @ hinge_backward(out[1], y)
    dW += reg * W
    dW += reg * W
    return float(out[0]) + float(reg) * float((W**2).sum()), dW


def hinge_loss_vectorized__broadcasting(W, X, y, reg):
    scores = (X[:, :, None] * W[None, :, :]).sum(axis=1)
    loss, margins = hinge_forward(scores, y)
    dscores = hinge_backward(margins, y)
    dW = (X[:, :, np.newaxis] * dscores[:, np.newaxis, :]).sum(axis=0)
    return np.add(loss, reg * np.sum(np.power(W, 2))), np.add(dW, 2 * reg * W)


def hinge_loss_vectorized__a_loop_over_the_classes(W, X, y, reg):
    scores = np.stack([X @ W[:, c] for c in range(W.shape[1])], axis=1)
    loss, margins = hinge_forward(scores, y)
    dscores = hinge_backward(margins, y)
    dW = np.empty_like(W)
    for c in range(W.shape[1]):
        dW[:, c] = dscores[:, c] @ X
    return loss + reg * W.ravel() @ W.ravel(), dW + 2 * reg * W


def hinge_loss_vectorized__nested_functions(W, X, y, reg):
    def forward(W):
        loss, margins = hinge_forward(X @ W, y)
        return loss, lambda: X.T @ hinge_backward(margins, y)

    (loss, backward), penalty = forward(W), reg * (W.T @ W).trace()
    return loss + penalty, np.asfortranarray(backward() + 2 * reg * W)


def hinge_loss_vectorized__an_augmented_matrix(W, X, y, reg):
    N, D = X.shape
    XI = np.vstack([X, np.eye(D)])
    SI = XI @ W
    loss, margins = hinge_forward(SI[:N], y)
    G = np.concatenate([hinge_backward(margins, y), 2 * reg * SI[N:]], axis=0)
    return loss + reg * np.sum(SI[N:] ** 2), XI.T @ G


hinge_loss_vectorized__a_lambda = lambda W, X, y, reg: (
    lambda loss_and_margins: (
        loss_and_margins[0] + reg * np.sum(W**2),
        X.T @ hinge_backward(loss_and_margins[1], y) + 2 * reg * W,
    )
)(hinge_forward(X @ W, y))
