"""Right answers to 01_gradients, as many students write them; `NAME__what_differs` answers exercise NAME."""

import itertools
import math

import numpy as np
from numpy import newaxis


def unit(shape, index):
    e = np.zeros(shape)
    e[index] = 1.0
    return e


def slope_between(f, a, b, run):
    return (f(b) - f(a)) / run


def predict_labels__argmax(scores):
    return np.argmax(scores, axis=1)


def predict_labels__last_axis(scores):
    return scores.argmax(-1).astype(np.int32)


def predict_labels__transposed(scores):
    return np.argmax(scores.T, axis=0)


def predict_labels__argsort(scores):
    order = np.argsort(scores, axis=1)
    return order[:, -1]


def predict_labels__smallest_of_the_negative(scores):
    return (-scores).argmin(1)


def predict_labels__two_loops(scores):
    labels = np.zeros(scores.shape[0], dtype=int)
    for i in range(scores.shape[0]):
        best = 0
        for j in range(scores.shape[1]):
            if scores[i, j] > scores[i, best]:
                best = j
        labels[i] = best
    return labels


def predict_labels__list_index(scores):
    return np.array([row.index(max(row)) for row in scores.tolist()])


def predict_labels__max_with_a_key(scores):
    y_pred = []
    for row in scores:
        y_pred.append(max(range(len(row)), key=lambda j, row=row: row[j]))
    return np.asarray(y_pred)


def predict_labels__where_it_equals_the_maximum(scores):
    rows, columns = np.nonzero(scores == scores.max(axis=1, keepdims=True))
    return columns[np.argsort(rows)]


def predict_labels__apply_along_axis(scores):
    return np.apply_along_axis(np.argmax, 1, scores)


predict_labels__a_lambda = lambda s: np.fromiter(map(np.argmax, s), dtype=np.int64)


def predict_labels__running_maximum(scores):
    best, labels = scores[:, 0].copy(), np.zeros(len(scores), dtype=np.uint8)
    for c in range(1, scores.shape[1]):
        better = scores[:, c] > best
        best[better] = scores[better, c]
        labels[better] = c
    return labels


def sample_minibatch__one_line_each(X, y, batch_size, choose):
    idx = choose(len(X), batch_size)
    return X[idx], y[idx]


def sample_minibatch__keyword_size(X, y, batch_size, choose):
    idx = choose(X.shape[0], size=batch_size, replace=True)
    return X[idx, :], y[idx]


def sample_minibatch__a_tuple_for_the_size(X, y, batch_size, choose):
    rows = choose(y.size, (batch_size,))
    return np.take(X, rows, axis=0), np.take(y, rows)


def sample_minibatch__an_array_to_choose_from(X, y, batch_size, choose):
    idx = choose(np.arange(len(X)), batch_size)
    return X.take(idx, 0), y.take(idx)


def sample_minibatch__loops(X, y, batch_size, choose):
    indices = choose(len(y), batch_size)
    X_batch = np.zeros((batch_size, X.shape[1]))
    y_batch = np.zeros(batch_size, dtype=int)
    for k in range(batch_size):
        X_batch[k] = X[indices[k]]
        y_batch[k] = y[indices[k]]
    return X_batch, y_batch


def sample_minibatch__lists(X, y, batch_size, choose):
    indices = list(choose(len(y), batch_size))
    return np.array([X[i] for i in indices]), np.array([y[i] for i in indices])


def sample_minibatch__one_hot_selection(X, y, batch_size, choose):
    chosen = np.eye(X.shape[0])[choose(X.shape[0], batch_size)]
    return chosen @ X, (chosen @ y).astype(int)


def sample_minibatch__joined_columns(X, y, batch_size, choose):
    together = np.column_stack([X, y])
    batch = together[choose(len(together), batch_size)]
    return batch[:, :-1], batch[:, -1].astype(y.dtype)


def sample_minibatch__zip(X, y, batch_size, choose):
    pairs = list(zip(X, y, strict=True))
    X_batch, y_batch = zip(*[pairs[i] for i in choose(len(pairs), batch_size)], strict=True)
    return np.stack(X_batch), np.stack(y_batch)


sample_minibatch__a_lambda = lambda data, labels, n, draw: (lambda i: (data[i], labels[i]))(draw(len(data), n))


def sample_minibatch__transposed(X, y, batch_size, choose):
    which = choose(X.T.shape[1], batch_size)
    return X.T[:, which].T, np.array(y)[which]


def score_differences__newaxis(scores, right_scores):
    return scores - right_scores[:, None]


def score_differences__reshape(scores, right_scores):
    return np.subtract(scores, right_scores.reshape(-1, 1))


def score_differences__transposed(scores, right_scores):
    return (scores.T - right_scores).T


def score_differences__two_loops(scores, right_scores):
    out = np.zeros_like(scores)
    for j in range(scores.shape[1]):
        for i in range(scores.shape[0]):
            out[i, j] = scores[i, j] - right_scores[i]
    return out


def score_differences__row_by_row(scores, right_scores):
    return np.array([row - right for row, right in zip(scores, right_scores, strict=True)])


def score_differences__repeat(scores, right_scores):
    N, C = scores.shape
    return scores - np.repeat(right_scores, C).reshape(N, C)


def score_differences__tile(scores, right_scores):
    return -(np.tile(right_scores, (scores.shape[1], 1)).T - scores)


def score_differences__outer_product(scores, right_scores):
    return scores - np.outer(right_scores, np.ones(scores.shape[1]))


def score_differences__in_place_on_a_copy(scores, right_scores):
    d = np.array(scores, order="F")
    d -= np.expand_dims(right_scores, 1)
    return d


def score_differences__column_by_column(scores, right_scores):
    columns = []
    for c in range(scores.shape[1]):
        columns.append(scores[:, c] - right_scores)
    return np.stack(columns, axis=-1)


score_differences__a_lambda = lambda s, r: s + (-r)[..., newaxis]


def score_differences__diagonal_matrix(scores, right_scores):
    return scores - np.diag(right_scores) @ np.ones(scores.shape)


def score_differences__broadcast_to(scores, right_scores):
    return scores - np.broadcast_to(right_scores[:, None], scores.shape)


def forward_difference__copies(f, x, h):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        y = x.copy()
        y[index] = y[index] + h
        gradient[index] = (f(y) - f(x)) / h
    return gradient


def forward_difference__in_place_and_put_back(f, x, h):
    gradient = np.zeros_like(x)
    fx = f(x)
    it = np.nditer(x, flags=["multi_index"])
    while not it.finished:
        ix = it.multi_index
        old = x[ix]
        x[ix] = old + h
        gradient[ix] = (f(x) - fx) / h
        x[ix] = old
        it.iternext()
    return gradient


def forward_difference__flat(f, x, h):
    slopes = []
    for k in range(x.size):
        moved = x.copy()
        moved.flat[k] += h
        slopes.append((f(moved) - f(x)) / h)
    return np.array(slopes).reshape(x.shape)


def forward_difference__unit_vectors(f, x, h):
    basis = np.eye(x.size)
    return np.array([f(x + h * e.reshape(x.shape)) - f(x) for e in basis]).reshape(x.shape) / h


def forward_difference__ndenumerate(f, x, h):
    g = np.empty(x.shape)
    for i, value in np.ndenumerate(x):
        nudged = np.array(x)
        nudged[i] = value + h
        g[i] = slope_between(f, x, nudged, h)
    return g


def forward_difference__itertools(f, x, h):
    start, g = f(x), np.zeros(x.shape)
    for where in itertools.product(*[range(n) for n in x.shape]):
        g[where] += (f(x + h * unit(x.shape, where)) - start) / h
    return g


def forward_difference__a_vector_inside(f, x, h):
    v = x.ravel()

    def g(u):
        return f(u.reshape(x.shape))

    out = np.zeros(v.size)
    for k in range(v.size):
        w = v.astype(float)
        w[k] += h
        out[k] = (g(w) - g(v)) / h
    return out.reshape(x.shape)


def forward_difference__fromiter(f, x, h):
    n = x.size
    places = (np.where(np.arange(n).reshape(x.shape) == k, x + h, x) for k in range(n))
    return (np.fromiter((f(p) for p in places), dtype=float) - f(x)).reshape(x.shape) / h


def forward_difference__restored_in_finally(f, x, h):
    result = {}
    before = f(x)
    for index in np.ndindex(*x.shape):
        keep = x[index]
        try:
            x[index] += h
            result[index] = f(x)
        finally:
            x[index] = keep
    gradient = np.zeros(x.shape, order="F")
    for index, after in result.items():
        gradient[index] = after / h - before / h
    return gradient


def forward_difference__backwards_through_the_entries(func, point, step):
    slopes = np.full(point.shape, np.nan)
    for k in reversed(range(point.size)):
        p = np.copy(point)
        p.put(k, point.take(k) + step)
        slopes.put(k, (float(func(p)) - float(func(point))) / step)
    return slopes


forward_difference__a_lambda = lambda f, x, h: np.reshape(
    [(f(x + h * (np.arange(x.size) == k).reshape(x.shape)) - f(x)) / h for k in range(x.size)], x.shape
)


def central_difference__two_copies(f, x, h):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        plus = x.copy()
        minus = x.copy()
        plus[index] += h
        minus[index] -= h
        gradient[index] = (f(plus) - f(minus)) / (2 * h)
    return gradient


def central_difference__in_place_and_put_back(f, x, h):
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        ix = it.multi_index
        oldval = x[ix]
        x[ix] = oldval + h
        fxph = f(x)
        x[ix] = oldval - h
        fxmh = f(x)
        x[ix] = oldval
        grad[ix] = (fxph - fxmh) / (2 * h)
        it.iternext()
    return grad


def central_difference__the_mean_of_both_sides(f, x, h):
    return (forward_difference(f, x, h) + forward_difference(f, x, -h)) / 2


def central_difference__forward_from_further_left(f, x, h):
    g = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        left = x.copy()
        left[index] -= h
        right = left.copy()
        right[index] += 2 * h
        g[index] = slope_between(f, left, right, 2 * h)
    return g


def central_difference__flat(f, x, h):
    slopes = []
    for k in range(x.size):
        values = []
        for sign in [+1, -1]:
            moved = x.copy()
            moved.flat[k] += sign * h
            values.append(f(moved))
        slopes += [0.5 * (values[0] - values[1]) / h]
    return np.array(slopes).reshape(x.shape)


def central_difference__unit_vectors(f, x, h):
    E = h * np.eye(x.size).reshape((x.size, *x.shape))
    return np.array([(f(x + e) - f(x - e)) / 2 / h for e in E]).reshape(x.shape)


def central_difference__ndenumerate(f, x, h):
    g = np.empty(x.shape, order="F")
    for i, value in np.ndenumerate(x):
        y = np.array(x)
        y[i] = value + h
        g[i] = f(y)
        y[i] = value - h
        g[i] -= f(y)
    return g / (2 * h)


def central_difference__a_function_of_one_entry(f, x, h):
    def along(index):
        def g(t):
            moved = x.astype(float)
            moved[index] = t
            return f(moved)

        return g

    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        g = along(index)
        gradient[index] = (g(x[index] + h) - g(x[index] - h)) / (h + h)
    return gradient


def central_difference__the_step_that_was_really_made(f, x, h):
    gradient = np.zeros(x.shape)
    for index in itertools.product(*map(range, x.shape)):
        up, down = np.copy(x), np.copy(x)
        up[index] += h
        down[index] -= h
        gradient[index] = (f(up) - f(down)) / (up[index] - down[index])
    return gradient


def central_difference__all_ups_then_all_downs(f, x, h):
    ups, downs = np.zeros(x.size), np.zeros(x.size)
    v = x.ravel().copy()
    for k in range(v.size):
        keep = v[k]
        v[k] = keep + h
        ups[k] = f(v.reshape(x.shape))
        v[k] = keep
    for k in range(v.size):
        keep = v[k]
        v[k] = keep - h
        downs[k] = f(v.reshape(x.shape))
        v[k] = keep
    return ((ups - downs) / (2 * h)).reshape(x.shape)


central_difference__a_lambda = lambda f, x, h: np.reshape(
    [
        np.subtract(*[f(x + s * h * (np.arange(x.size) == k).reshape(x.shape)) for s in (1, -1)]) / (2 * h)
        for k in range(x.size)
    ],
    x.shape,
)


def bowl_gradient__formula(x):
    return 2 * x + 4 * x.sum()


def bowl_gradient__loop(x):
    g = np.zeros(len(x))
    for k in range(len(x)):
        g[k] = 2 * x[k] + 4 * sum(x)
    return g


def bowl_gradient__double_loop(x):
    g = []
    for k in range(len(x)):
        total = 0.0
        for j in range(len(x)):
            total += x[j]
        g.append(2 * x[k] + 2 * 2 * total)
    return np.array(g)


def bowl_gradient__matrix(x):
    D = x.shape[0]
    A = np.eye(D) + 2 * np.ones((D, D))
    return (A + A.T) @ x


def bowl_gradient__factored(x):
    return 2 * (x + 2 * np.sum(x))


def bowl_gradient__two_parts(x):
    own = np.multiply(x, 2)
    shared = np.full_like(x, 2 * 2 * math.fsum(x))
    return own + shared


def bowl_gradient__mean(x):
    gradient = x + x
    gradient += 4 * x.size * x.mean()
    return gradient


def bowl_gradient__dot_with_ones(x):
    ones = np.ones(x.shape)
    return np.add(2 * x, 4 * np.dot(ones, x) * ones)


bowl_gradient__a_lambda = lambda x: np.array([2 * each + 4 * x.sum() for each in x])


def bowl_gradient__einsum(x):
    return 2.0 * np.einsum("i->i", x) + 4.0 * np.einsum("i->", x)


def bowl_gradient__exact_central_difference(x):
    def bowl(v):
        return np.sum(v**2) + 2 * np.sum(v) ** 2

    return np.array([(bowl(x + e) - bowl(x - e)) / 2 for e in np.eye(len(x))])


def bowl_gradient__outer_sum(x):
    pairs = np.add.outer(np.zeros_like(x), x)
    return pairs.sum(axis=1) * 4 + x * 2


def one_sided_slopes__formula(f, x, h):
    return (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h


def one_sided_slopes__helper(f, x, h):
    return slope_between(f, x - h, x, h), slope_between(f, x, x + h, h)


def one_sided_slopes__run_with_a_sign(f, x, h):
    def slope(step):
        return (f(x + step) - f(x)) / step

    return slope(-h), slope(h)


def one_sided_slopes__three_values(f, x, h):
    a, b, c = map(f, (x - h, x, x + h))
    left, right = (b - a) / h, (c - b) / h
    return left, right


def one_sided_slopes__np_diff(f, x, h):
    values = np.array([f(x - h), f(x), f(x + h)])
    left, right = np.diff(values) / h
    return left, right


def one_sided_slopes__tuple_of_a_list(f, x, h):
    slopes = []
    for sign in (-1, 1):
        slopes.append(sign * (f(x + sign * h) - f(x)) / h)
    return tuple(slopes)


one_sided_slopes__a_lambda = lambda f, x, h: ((f(x - h) - f(x)) / -h, (f(x) - f(x + h)) / -h)


def one_sided_slopes__float_and_item(func, place, step):
    middle = float(func(place))
    right = float(func(place + step)) - middle
    left = middle - float(func(place - step))
    return np.float64(left / step).item(), np.array(right / step)


def one_sided_slopes__divided_first(f, x, h):
    left = f(x) / h - f(x - h) / h
    right = f(x + h) / h - f(x) / h
    return np.float64(left), np.float64(right)


def one_sided_slopes__dot_products(f, x, h):
    values = np.array([f(x + k * h) for k in (-1, 0, 1)])
    return values.dot([-1, 1, 0]) / h, values @ np.array([0, -1, 1]) / h


def descend__array_of_places(gradient, x, learning_rate, steps):
    path = np.zeros((steps + 1, x.size))
    path[0] = x
    for k in range(1, steps + 1):
        path[k] = path[k - 1] - learning_rate * gradient(path[k - 1])
    return path


def descend__list(gradient, x, learning_rate, steps):
    path = [x]
    for _ in range(steps):
        x = x - learning_rate * gradient(x)
        path.append(x)
    return np.array(path)


def descend__in_place_with_copies(gradient, x, learning_rate, steps):
    x = x.copy()
    path = [x.copy()]
    for _ in range(steps):
        x -= learning_rate * gradient(x)
        path.append(x.copy())
    return np.stack(path)


def descend__vstack(gradient, x, learning_rate, steps):
    path = x[np.newaxis]
    for _ in range(steps):
        here = path[-1]
        path = np.vstack([path, here - gradient(here) * learning_rate])
    return path


def descend__recursion(gradient, x, learning_rate, steps):
    if steps == 0:
        return np.array([x])
    rest = descend__recursion(gradient, x - learning_rate * gradient(x), learning_rate, steps - 1)
    return np.concatenate([x.reshape(1, -1), rest])


def descend__accumulate(gradient, x, learning_rate, steps):
    places = itertools.accumulate(range(steps), lambda p, _: p - learning_rate * gradient(p), initial=x)
    return np.array(list(places))


def descend__while(gradient, x, learning_rate, steps):
    path = np.empty((steps + 1, len(x)), order="F")
    k = 0
    while k <= steps:
        path[k] = x if k == 0 else path[k - 1] + (-learning_rate) * gradient(path[k - 1].copy())
        k += 1
    return path


def descend__entry_by_entry(gradient, x, learning_rate, steps):
    path = [[float(v) for v in x]]
    for _ in range(steps):
        here = path[-1]
        g = gradient(np.array(here))
        path.append([here[d] - learning_rate * float(g[d]) for d in range(len(here))])
    return np.array(path)


def descend__a_generator(gradient, x, learning_rate, steps):
    def walk():
        place = np.array(x, dtype=float)
        yield place
        for _ in range(steps):
            place = place - np.multiply(learning_rate, gradient(place))
            yield place

    return np.vstack(list(walk()))


def descend__sum_of_the_steps(gradient, x, learning_rate, steps):
    moves = np.zeros((steps, x.size))
    for k in range(steps):
        moves[k] = -learning_rate * gradient(x + moves[:k].sum(axis=0))
    return x + np.concatenate([np.zeros((1, x.size)), np.cumsum(moves, axis=0)])


def descend__columns(grad, start, lr, n):
    path = np.tile(start[:, None], (1, n + 1))  # (D, n + 1)
    for k in range(n):
        path[:, k + 1] = path[:, k] - lr * grad(path[:, k])
    return path.T
