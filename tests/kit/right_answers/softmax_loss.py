"""Right answers to 03_softmax_loss, as many students write them; `NAME__what_differs` answers exercise NAME."""

import math
from math import exp, log

import numpy as np
from numpy import newaxis


def one_hot(labels, num_classes):
    hot = np.zeros((labels.shape[0], num_classes))
    hot[np.arange(labels.shape[0]), labels] = 1.0
    return hot


def log_sum_exp(scores):
    top = np.max(scores, axis=1)
    return top + np.log(np.sum(np.exp(scores - top[:, None]), axis=1))


def stable(row):
    e = np.exp(row - np.max(row))
    return e / np.sum(e)


def weight_decay(W, reg):
    return reg * np.sum(W * W), reg * 2 * W


def softmax__keepdims(scores):
    e = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def softmax__loop_over_the_rows(scores):
    probs = np.zeros(scores.shape)
    for i in range(scores.shape[0]):
        shifted = scores[i] - max(scores[i])
        probs[i] = np.exp(shifted) / np.exp(shifted).sum()
    return probs


def softmax__loops_and_math(scores):
    rows = []
    for row in scores.tolist():
        top = max(row)
        powers = [exp(s - top) for s in row]
        total = math.fsum(powers)
        rows.append([p / total for p in powers])
    return np.array(rows)


def softmax__log_sum_exp(scores):
    return np.exp(scores - log_sum_exp(scores)[:, None])


def softmax__logaddexp(scores):
    scores = scores.astype(float)
    return np.exp(scores - np.logaddexp.reduce(scores, axis=1)[:, newaxis])


def softmax__one_over_a_sum_of_ratios(scores):
    with np.errstate(over="ignore"):
        return 1 / np.exp(scores[:, None, :] - scores[:, :, None]).sum(axis=2)


def softmax__transposed_inside(scores):
    S = scores.T
    S = S - S.max(axis=0)
    E = np.exp(S)
    return (E / E.sum(axis=0)).T


def softmax__apply_along_axis(scores):
    return np.apply_along_axis(stable, 1, scores)


def softmax__in_place_on_a_copy(scores):
    out = scores.astype(float)
    out -= out.max(axis=1).reshape(-1, 1)
    np.exp(out, out=out)
    out /= out.sum(axis=1).reshape(-1, 1)
    return out


def softmax__stacked_list(scores):
    return np.vstack([stable(row) for row in scores])


def softmax__einsum(scores):
    E = np.exp(scores - np.sort(scores, axis=1)[:, -1:])
    return np.einsum("nc,n->nc", E, 1 / np.einsum("nc->n", E))


def softmax__matrix_of_ones(scores):
    C = scores.shape[1]
    E = np.exp(scores - np.amax(scores, 1)[:, None])
    return np.asfortranarray(E / (E @ np.ones((C, C))))


softmax__a_lambda = lambda s: (lambda e: e / e.sum(-1)[..., None])(np.exp(s - s.max(-1)[..., None]))


def softmax__two_to_the_power(scores):
    t = (scores - np.max(scores, axis=1, keepdims=True)) / np.log(2)
    powers = 2.0**t
    return np.divide(powers.T, np.sum(powers, axis=1)).T


def softmax_jacobian__two_loops(probs):
    n = len(probs)
    J = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            J[i, j] = probs[i] * ((i == j) - probs[j])
    return J


def softmax_jacobian__diag_minus_outer(probs):
    return np.diag(probs) - np.outer(probs, probs)


def softmax_jacobian__column_times_row(probs):
    s = probs.reshape(-1, 1)
    return np.diagflat(s) - np.dot(s, s.T)


def softmax_jacobian__eye_and_broadcasting(S):
    return S[:, None] * (np.eye(len(S)) - S[None, :])


def softmax_jacobian__fills_the_diagonal(p):
    J = -np.outer(p, p)
    np.fill_diagonal(J, p * (1 - p))
    return J


def softmax_jacobian__einsum(p):
    C = p.size
    return np.einsum("i,ij->ij", p, np.identity(C)) - np.einsum("i,j->ij", p, p)


def softmax_jacobian__np_where(probs):
    i, j = np.indices((probs.size, probs.size))
    return np.where(i == j, probs[i] - probs[i] ** 2, -probs[i] * probs[j])


def softmax_jacobian__nested_lists(probs):
    def entry(i, j):
        if i == j:
            return probs[i] * (1 - probs[i])
        return -probs[j] * probs[i]

    return np.array([[entry(i, j) for j in range(probs.shape[0])] for i in range(probs.shape[0])])


def softmax_jacobian__symmetric_half(probs):
    C = probs.shape[0]
    J = np.empty((C, C), order="F")
    for j in range(C):
        for i in range(j + 1):
            J[i, j] = J[j, i] = -probs[i] * probs[j]
        J[j, j] += probs[j]
    return J


def softmax_jacobian__column_by_column(probs):
    J = []
    for j in range(len(probs)):
        unit = np.zeros_like(probs)
        unit[j] = 1
        J.append(probs * (unit - probs[j]))
    return np.stack(J, axis=1)


def softmax_jacobian__flat_stride(probs):
    J = np.multiply.outer(-probs, probs)
    J.flat[:: probs.size + 1] += probs
    return J


def softmax_jacobian__multiplied_by_matrices(probs):
    D = np.diag(probs)
    ones = np.ones((len(probs), len(probs)))
    return D - D @ ones @ D


def cross_entropy__mean_of_fancy(probs, y):
    return -np.mean(np.log(probs[np.arange(len(y)), y]))


def cross_entropy__loop(probs, y):
    loss = 0
    for i in range(probs.shape[0]):
        loss += -np.log(probs[i, y[i]])
    return loss / probs.shape[0]


def cross_entropy__math_log(probs, y):
    return sum(-log(row[c]) for row, c in zip(probs, y, strict=True)) / len(probs)


def cross_entropy__one_hot(probs, y):
    return -np.sum(one_hot(y, probs.shape[1]) * np.log(probs)) / len(y)


def cross_entropy__take_along_axis(probs, y):
    picked = np.take_along_axis(probs, y[:, None], axis=1)
    return np.log(1 / picked).mean()


def cross_entropy__boolean_mask(probs, y):
    mask = np.arange(probs.shape[1]) == y[:, None]
    return float(-np.log(probs[mask]).sum()) / y.shape[0]


def cross_entropy__einsum(P, labels):
    hot = np.eye(P.shape[1])[labels]
    return -np.log(np.einsum("nc,nc->n", P, hot)).sum() / P.shape[0]


def cross_entropy__choose(probs, y):
    return np.average(-np.log(np.choose(y, probs.T)))


def cross_entropy__clipped(probs, y):
    eps = 1e-15
    p = np.clip(probs, eps, 1)
    losses = -np.log(p[range(len(p)), y])
    return np.array(losses.mean())


def cross_entropy__a_tiny_number_added(probs, y):
    N = probs.shape[0]
    return -(1 / N) * np.sum(np.log(probs[list(range(N)), list(y)] + 1e-12))


def cross_entropy__log2(probs, y):
    bits = -np.log2(probs.ravel()[np.arange(y.size) * probs.shape[1] + y])
    return bits.sum() * np.log(2) / y.size


cross_entropy__a_lambda = lambda p, y: -np.log(p).T[y, np.arange(y.size)].mean()


def cross_entropy__diagonal(probs, y):
    return np.trace(-np.log(probs[:, y])) / len(y)


def initial_softmax_loss__log(C):
    return np.log(C)


def initial_softmax_loss__minus_log_of_a_share(C):
    return -np.log(1 / C)


def initial_softmax_loss__math(C):
    return math.log(C)


def initial_softmax_loss__logarithm_to_another_base(C):
    return np.log10(C) / np.log10(np.e)


initial_softmax_loss__a_lambda = lambda classes: float(np.log(float(classes)))


def initial_softmax_loss__from_zero_scores(C):
    scores = np.zeros((1, C))
    loss, _ = softmax_forward(scores, np.array([0]))
    return loss


def initial_softmax_loss__equal_probabilities(C):
    return cross_entropy(np.full((3, C), 1.0 / C), np.zeros(3, dtype=int))


def initial_softmax_loss__entropy(C):
    p = np.ones(C) / C
    return -(p * np.log(p)).sum()


def initial_softmax_loss__log_sum_exp_of_zeros(C):
    return np.logaddexp.reduce(np.zeros(C))


def initial_softmax_loss__array_without_axes(C):
    return np.array(math.log1p(C - 1))


def softmax_loss_naive__as_in_the_lecture(W, X, y, reg):
    loss = 0.0
    dW = np.zeros_like(W)
    num_train = X.shape[0]
    num_classes = W.shape[1]
    for i in range(num_train):
        scores = X[i].dot(W)
        scores -= np.max(scores)
        p = np.exp(scores) / np.sum(np.exp(scores))
        loss += -np.log(p[y[i]])
        for j in range(num_classes):
            dW[:, j] += (p[j] - (j == y[i])) * X[i]
    loss /= num_train
    dW /= num_train
    loss += reg * np.sum(W * W)
    dW += 2 * reg * W
    return loss, dW


def softmax_loss_naive__calls_its_softmax(W, X, y, reg):
    N = len(y)
    P = softmax(X @ W)
    loss = 0
    dW = np.zeros(W.shape)
    for j in range(W.shape[1]):
        for i in range(N):
            dW[:, j] += P[i, j] * X[i] / N
            if y[i] == j:
                dW[:, j] -= X[i] / N
                loss -= np.log(P[i, j]) / N
    return loss + reg * np.sum(W**2), dW + 2 * reg * W


def softmax_loss_naive__softmax_of_one_row(W, X, y, reg):
    loss, dW = 0.0, 0 * W
    for x, c in zip(X, y, strict=True):
        p = softmax(scores=(x @ W)[np.newaxis, :])[0]
        loss += -np.log(p[c])
        p[c] -= 1
        dW += np.outer(x, p)
    return loss / len(X) + reg * (W**2).sum(), dW / len(X) + 2 * reg * W


def softmax_loss_naive__log_sum_exp(W, X, y, reg):
    N, C = X.shape[0], W.shape[1]
    losses, grads = [], []
    for i in range(N):
        s = [np.dot(X[i], W[:, j]) for j in range(C)]
        m = max(s)
        lse = m + np.log(sum(np.exp(v - m) for v in s))
        losses.append(lse - s[y[i]])
        g = np.zeros(W.shape)
        for j in range(C):
            g[:, j] = np.exp(s[j] - lse) * X[i]
        g[:, y[i]] -= X[i]
        grads.append(g)
    return np.mean(losses) + reg * np.sum(W * W), np.mean(grads, axis=0) + 2 * reg * W


def softmax_loss_naive__plain_python(W, X, y, reg):
    N, D, C = len(X), len(W), len(W[0])
    loss = 0.0
    dW = [[2 * reg * float(W[d][c]) for c in range(C)] for d in range(D)]
    for i in range(N):
        s = [sum(float(X[i][d]) * float(W[d][c]) for d in range(D)) for c in range(C)]
        top = max(s)
        e = [exp(v - top) for v in s]
        Z = sum(e)
        loss += (log(Z) - (s[y[i]] - top)) / N
        for c in range(C):
            for d in range(D):
                dW[d][c] += (e[c] / Z - (1 if c == y[i] else 0)) * float(X[i][d]) / N
    return loss + reg * sum(float(w) ** 2 for row in W for w in row), np.array(dW)


def softmax_loss_naive__columns(W, X, y, reg):
    Wt = W.T
    dWt = np.zeros_like(Wt)
    loss = 0.0
    for i in range(X.shape[0]):
        x = X[i].reshape(-1, 1)
        f = Wt @ x  # (C, 1)
        f = f - f.max()
        p = np.exp(f) / np.exp(f).sum()
        loss += np.log(np.exp(f).sum()) - f[y[i], 0]
        p[y[i], 0] -= 1
        dWt += p @ x.T
    N = X.shape[0]
    return loss / N + reg * np.square(Wt).sum(), (dWt / N + 2 * reg * Wt).T


def softmax_loss_naive__regulariser_first(weights, data, labels, strength):
    loss, gradient = weight_decay(weights, strength)
    share = 1 / data.shape[0]
    i = 0
    while i < data.shape[0]:
        p = stable(weights.T.dot(data[i]))
        loss -= share * np.log(p[labels[i]])
        for j in range(len(p)):
            if j == labels[i]:
                gradient[:, j] -= share * (1 - p[j]) * data[i]
            else:
                gradient[:, j] += share * p[j] * data[i]
        i += 1
    return float(loss), gradient


def softmax_loss_naive__jacobian_and_chain_rule(W, X, y, reg):
    N, C = X.shape[0], W.shape[1]
    total, dW = 0.0, np.zeros_like(W, order="F")
    for i in range(N):
        p = stable(X[i] @ W)
        J = np.diag(p) - np.outer(p, p)
        dp = np.zeros(C)
        dp[y[i]] = -1 / p[y[i]]
        dW += X[i][:, None] * (J @ dp)[None, :]
        total += -math.log(p[y[i]])
    return total / N + reg * np.linalg.norm(W) ** 2, dW / N + 2 * reg * W


def softmax_loss_naive__early_astype_and_lists(W, X, y, reg):
    W, X = np.array(W, dtype=float), X.astype(float)
    dscores = []
    loss = []
    for xi, yi in zip(list(X), list(y), strict=True):
        p = list(stable(xi @ W))
        loss.append(-np.log(p[yi]).item())
        dscores.append([p[j] - 1 if j == yi else p[j] for j in range(len(p))])
    N = len(loss)
    dW = X.T @ np.array(dscores) / N
    dW = dW + reg * W + reg * W
    return math.fsum(loss) / N + reg * float((W**2).sum()), dW


def softmax_loss_naive__ratios_without_a_shift(W, X, y, reg):
    N, C = X.shape[0], W.shape[1]
    loss, dW = np.float64(0), np.zeros((W.shape[0], C))
    for n in range(N):
        s = np.matmul(X[n], W)
        loss += np.log(np.exp(s - s[y[n]]).sum())
        for c in range(C):
            p = 1 / np.exp(s - s[c]).sum()
            np.add.at(dW, (slice(None), c), p * X[n])
        np.subtract.at(dW, (slice(None), y[n]), X[n])
    return loss / N + reg * np.vdot(W, W), dW / N + 2 * reg * W


def softmax_loss_naive__a_function_per_example(W, X, y, reg):
    def example(i):
        p = np.exp(X[i] @ W - (X[i] @ W).max())
        p /= p.sum()
        hot = np.zeros(W.shape[1])
        hot[y[i]] = 1
        return -np.sum(hot * np.log(p)), np.einsum("d,c->dc", X[i], p - hot)

    loss, dW = 0, 0
    for i in reversed(range(X.shape[0])):
        one_loss, one_dW = example(i)
        loss, dW = loss + one_loss, dW + one_dW
    return loss / len(X) + reg * np.sum(W**2), dW / len(X) + 2 * reg * W


def softmax_forward__calls_both_halves(scores, y):
    probs = softmax(scores)
    return cross_entropy(probs, y), probs


def softmax_forward__calls_with_keywords(scores, y):
    probs = softmax(scores=scores)
    loss = cross_entropy(y=y, probs=probs)
    return loss, probs


def softmax_forward__own_parameter_names(S, labels):
    P = softmax__a_lambda(s=S)
    return cross_entropy__einsum(labels=labels, P=P), P


def softmax_forward__log_sum_exp(scores, y):
    lse = log_sum_exp(scores)
    loss = np.mean(lse - scores[np.arange(len(y)), y])
    return loss, np.exp(scores - lse[:, None])


def softmax_forward__log_probabilities(scores, y):
    shifted = scores - scores.max(1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    picked = np.take_along_axis(log_probs, y[:, None], 1)
    return -picked.sum() / len(picked), np.exp(log_probs)


def softmax_forward__one_hot(scores, y):
    N, C = scores.shape
    E = np.exp(scores - np.max(scores, axis=1).reshape(N, 1))
    P = E / E.sum(axis=1).reshape(N, 1)
    right = (P * one_hot(y, C)).sum(axis=1)
    return float(np.sum(-np.log(right)) / N), P


def softmax_forward__transposed(scores, y):
    F = scores.T - scores.T.max(axis=0)
    P = np.exp(F) / np.exp(F).sum(axis=0)
    return -np.log(P[y, range(y.size)]).mean(), P.T


def softmax_forward__logaddexp(scores, y):
    Z = np.logaddexp.reduce(scores, axis=1, keepdims=True)
    mask = np.arange(scores.shape[1])[None] == y[:, None]
    return (Z[:, 0] - scores[mask]).mean(), np.exp(scores - Z)


def softmax_forward__a_loop_over_the_classes(scores, y):
    N, C = scores.shape
    top = scores[:, 0]
    for c in range(C):
        top = np.maximum(top, scores[:, c])
    powers = [np.exp(scores[:, c] - top) for c in range(C)]
    probs = np.array(powers / np.sum(powers, axis=0)).T
    return -np.log(np.diagonal(probs[:, y])).sum() / N, probs


def softmax_forward__in_place(scores, y):
    probs = np.array(scores, copy=True)
    probs -= probs.max(axis=1, keepdims=True)
    np.exp(probs, probs)
    probs /= probs.sum(axis=1, keepdims=True)
    log_likelihood = np.log(probs.flat[np.arange(len(y)) * scores.shape[1] + y])
    print("loss of the first:", -log_likelihood[0])
    return -log_likelihood.mean().item(), probs


def softmax_forward__prints_the_scores(scores, y):
    print(scores)
    probs = softmax(scores)
    print(f"{probs=}", probs.sum(axis=1))
    return cross_entropy(probs, y), probs


def softmax_forward__ratios(scores, y):
    with np.errstate(over="ignore"):
        ratios = np.exp(scores[:, None, :] - scores[:, :, None])
    probs = 1 / ratios.sum(axis=2)
    return np.array(-np.log(np.choose(y, probs.T)).mean()), probs


def softmax_backward__subtracts_one(probs, y):
    dscores = probs.copy()
    dscores[range(probs.shape[0]), y] -= 1
    return dscores / probs.shape[0]


def softmax_backward__one_hot(probs, y):
    return (probs - one_hot(y, probs.shape[1])) / len(y)


def softmax_backward__eye(P, labels):
    return P / len(P) - np.eye(P.shape[1])[labels] / len(P)


def softmax_backward__np_where(probs, y):
    right = np.arange(probs.shape[1]) == y[:, None]
    return np.where(right, probs - 1, probs) / probs.shape[0]


def softmax_backward__boolean_mask_as_number(probs, y):
    return (probs - (np.arange(probs.shape[1])[None, :] == y.reshape(-1, 1))) * (1.0 / y.size)


def softmax_backward__subtract_at(probs, y):
    d = np.array(probs)
    np.subtract.at(d, (np.arange(y.size), y), 1)
    d /= y.size
    return d


def softmax_backward__put_along_axis(probs, y):
    d = probs * 1
    picked = np.take_along_axis(d, y[:, None], 1)
    np.put_along_axis(d, y[:, None], picked - 1, 1)
    return d * len(y) ** -1


def softmax_backward__transposed_inside(probs, y):
    D = probs.T.copy()
    D[y, np.arange(D.shape[1])] -= 1
    return (D / D.shape[1]).T


def softmax_backward__jacobians(probs, y):
    N, C = probs.shape
    J = np.einsum("ni,ij->nij", probs, np.eye(C)) - np.einsum("ni,nj->nij", probs, probs)
    dprobs = np.zeros((N, C))
    dprobs[np.arange(N), y] = -1 / (N * probs[np.arange(N), y])
    return np.einsum("nij,ni->nj", J, dprobs)


def softmax_backward__flat_indices(probs, y):
    N, C = probs.shape
    d = probs.ravel() / N
    d[np.arange(N) * C + y] -= 1 / N
    return d.reshape(N, C)


def softmax_backward__a_loop_over_the_classes(probs, y):
    out = np.empty(probs.shape, order="F")
    for c in range(probs.shape[1]):
        out[:, c] = (probs[:, c] - (y == c)) / len(probs)
    return out


softmax_backward__a_lambda = lambda p, y: np.divide(np.subtract(p, y[:, None] == np.arange(p.shape[1])), len(p))


def softmax_loss_vectorized__short(W, X, y, reg):
    loss, probs = softmax_forward(X @ W, y)
    return loss + reg * np.sum(W**2), X.T @ softmax_backward(probs, y) + 2 * reg * W


def softmax_loss_vectorized__dot_and_keywords(W, X, y, reg):
    loss, probs = softmax_forward(scores=X.dot(W), y=y)
    dW = np.dot(X.T, softmax_backward(y=y, probs=probs))
    dW += reg * 2 * W
    loss += reg * (W * W).sum()
    return loss, dW


def softmax_loss_vectorized__own_parameter_names(W, X, y, reg):
    loss, P = softmax_forward__own_parameter_names(S=X @ W, labels=y)
    d = softmax_backward__eye(labels=y, P=P)
    return loss + reg * np.sum(W**2), X.T @ d + 2 * reg * W


def softmax_loss_vectorized__columns(W, X, y, reg):
    S = np.dot(W.T, X.T)
    loss, P = softmax_forward(S.T, y)
    dWt = softmax_backward(P, y).T @ X
    return loss + np.linalg.norm(W) ** 2 * reg, (dWt + 2 * reg * W.T).T


def softmax_loss_vectorized__einsum(W, X, y, reg):
    loss, P = softmax_forward(np.einsum("nd,dc->nc", X, W), y)
    dW = np.einsum("nd,nc->dc", X, softmax_backward(P, y), optimize=True)
    return loss + reg * np.einsum("dc,dc->", W, W), dW + 2 * reg * W


def softmax_loss_vectorized__everything_itself(W, X, y, reg):
    N = X.shape[0]
    S = X @ W
    S -= S.max(axis=1, keepdims=True)
    P = np.exp(S)
    P /= P.sum(axis=1, keepdims=True)
    loss = -np.log(P[np.arange(N), y]).mean() + reg * np.sum(W**2)
    P[np.arange(N), y] -= 1
    P /= N
    return loss, X.T @ P + 2 * reg * W


def softmax_loss_vectorized__regulariser_first(weights, data, labels, strength):
    loss, gradient = weight_decay(weights, strength)
    stage = softmax_forward(data @ weights, labels)
    loss = loss + stage[0]
    gradient = gradient + data.T @ softmax_backward(stage[1], labels)
    return loss, gradient


def softmax_loss_vectorized__early_astype(W, X, y, reg):
    W, X, y = W.astype(float), np.asarray(X, float), y.astype(np.int32)
    out = softmax_forward(X @ W, y)
    dW = np.matmul(X.transpose(), softmax_backward(out[1], y))
    return float(out[0]) + float(reg * (W**2).sum()), dW + reg * W + reg * W


def softmax_loss_vectorized__tensordot(W, X, y, reg):
    loss, probs = softmax_forward(np.tensordot(X, W, 1), y)
    dW = np.tensordot(X, softmax_backward(probs, y), ([0], [0]))
    return np.add(loss, reg * np.sum(np.power(W, 2))), np.add(dW, np.multiply(2 * reg, W))


def softmax_loss_vectorized__a_loop_over_the_classes(W, X, y, reg):
    scores = np.zeros((X.shape[0], W.shape[1]))
    for c in range(W.shape[1]):
        scores[:, c] = (X * W[:, c]).sum(axis=1)
    loss, probs = softmax_forward(scores, y)
    d = softmax_backward(probs, y)
    dW = np.column_stack([d[:, c] @ X for c in range(W.shape[1])])
    for c in range(W.shape[1]):
        loss += reg * W[:, c] @ W[:, c]
    return loss, dW + 2 * reg * W


def softmax_loss_vectorized__nested_functions(W, X, y, reg):
    def forward():
        return softmax_forward(X @ W, y)

    def backward(probs):
        return X.T @ softmax_backward(probs, y)

    loss, probs = forward()
    return (loss + reg * np.trace(W.T @ W), np.asfortranarray(backward(probs) + 2 * reg * W))


softmax_loss_vectorized__a_lambda = lambda W, X, y, reg: (
    lambda out: (out[0] + reg * np.sum(W**2), X.T @ softmax_backward(out[1], y) + 2 * reg * W)
)(softmax_forward(X @ W, y))
