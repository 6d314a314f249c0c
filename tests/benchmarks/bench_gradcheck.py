"""Gradient checks side by side on the same 200 hinge problems, in verdicts and in time.

    python -m pytest tests/benchmarks/bench_gradcheck.py -s

For generic points, kinks within the step and kinks at the point itself it prints how many right gradients
each checker rejects, how many wrong ones it passes, and the time of ours over that of the classic check, which
is central differences and a threshold (each the least of three, in turns). The verdicts are asserted in
tests/kit/test_gradcheck.py; nothing depends on a clock. PyTorch's checker, at its defaults, is compared where
torch is installed.
"""

import time
from functools import partial

import numpy as np
import pytest

from cs_lib.gradcheck import check_gradient

PROBLEMS, N, D, C, REG = 200, 40, 16, 6, 0.1
ROWS = np.arange(N)
SETTINGS = {"generic": None, "kink within the step": 3e-6, "on a kink": 0.0}


def draw(seed, margin):
    """Return W (D, C), X (N, D), y (N,), one margin of which is `margin` away from its kink."""
    rng = np.random.default_rng(seed)
    X, W, y = rng.standard_normal((N, D)), 0.5 * rng.standard_normal((D, C)), rng.integers(C, size=N)
    between = W[:, (y[0] + 1) % C] - W[:, y[0]]
    for _ in range(3 if margin is not None else 0):
        X[0] += (margin - 1 - X[0] @ between) / (between @ between) * between
    return W, X, y


def hinge_loss(W, X, y):
    scores = X @ W
    margins = scores - scores[ROWS, y, np.newaxis] + 1
    margins[ROWS, y] = 0
    return np.maximum(margins, 0).sum() / N + REG * np.sum(W * W)


def hinge_gradient(W, X, y):
    """A right gradient; where a margin is 0 within rounding, a right subgradient."""
    scores = X @ W
    margins = scores - scores[ROWS, y, np.newaxis] + 1
    dscores = (margins > 1e-12).astype(float)
    dscores[ROWS, y] = 0
    dscores[ROWS, y] = -dscores.sum(axis=1)
    return X.T @ dscores / N + 2 * REG * W


def central_differences(f, x, h=1e-5):
    x, gradient = x.copy(), np.zeros_like(x)
    for i in np.ndindex(x.shape):
        before = x[i]
        x[i] = before + h
        above = f(x)
        x[i] = before - h
        below = f(x)
        x[i] = before
        gradient[i] = (above - below) / (2 * h)
    return gradient


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def compare(setting, accepts, factor):
    """Return how many right gradients are rejected and wrong ones passed, and the times (checker, ours)."""
    rejected = passed = 0
    taken = np.zeros(2)
    for seed in range(PROBLEMS):
        W, X, y = draw(seed, SETTINGS[setting])
        right = partial(accepts, W, X, y, 1.0)
        rejected += not right()
        passed += accepts(W, X, y, factor)
        taken += [min(seconds(call) for _ in range(3)) for call in (right, partial(ours_accepts, W, X, y, 1.0))]
    return rejected, passed, taken


def ours_accepts(W, X, y, factor):
    return check_gradient(lambda W: hinge_loss(W, X, y), W, factor * hinge_gradient(W, X, y)).ok


def classic_accepts(W, X, y, factor):
    """Central differences of one step and one threshold on the relative error."""
    analytic = factor * hinge_gradient(W, X, y)
    numerical = central_differences(lambda W: hinge_loss(W, X, y), W)
    scale = np.maximum(1e-8, np.abs(numerical) + np.abs(analytic))
    return bool(np.max(np.abs(numerical - analytic) / scale) <= 1e-5)


@pytest.mark.parametrize("setting", SETTINGS)
def test_verdicts_and_times_beside_the_classic_check(setting):
    rejected, passed, _ = compare(setting, ours_accepts, 1 + 1e-5)
    classic_rejected, classic_passed, (classic, ours) = compare(setting, classic_accepts, 1 + 1e-5)
    print(f"\n{setting}: of {PROBLEMS}, right ones rejected / ones wrong by a factor of 1.00001 passed")
    print(f"  this check    {rejected:3d} / {passed:3d}   {ours / classic:.2f} times the classic check's time")
    print(f"  classic check {classic_rejected:3d} / {classic_passed:3d}")


@pytest.mark.parametrize("setting", SETTINGS)
def test_verdicts_and_times_beside_pytorch(setting):
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)

    class HingeLoss(torch.autograd.Function):
        """The same loss and gradient, given to PyTorch as a forward and a backward pass."""

        @staticmethod
        def forward(ctx, W, X, y, factor):
            ctx.asked = (W.numpy().copy(), X, y, factor)
            return torch.tensor(hinge_loss(W.numpy(), X, y), dtype=torch.float64)

        @staticmethod
        def backward(ctx, upstream):
            W, X, y, factor = ctx.asked
            return upstream * factor * torch.from_numpy(hinge_gradient(W, X, y)), None, None, None

    def pytorch_accepts(W, X, y, factor):
        W_torch = torch.from_numpy(W.copy()).requires_grad_()
        return torch.autograd.gradcheck(HingeLoss.apply, (W_torch, X, y, factor), raise_exception=False)

    rejected, passed, (pytorch, ours) = compare(setting, pytorch_accepts, 1.001)
    _, ours_passed, _ = compare(setting, ours_accepts, 1.001)
    print(f"\n{setting}: of {PROBLEMS}, right ones rejected / ones wrong by a factor of 1.001 passed")
    print(f"  PyTorch       {rejected:3d} / {passed:3d}   this check passes {ours_passed} wrong ones,")
    print(f"                            in {ours / pytorch:.2f} of its time")


@pytest.mark.parametrize("mode", [{"directions": 10}, {"samples": 100}], ids=["directions", "samples"])
def test_a_3073_by_10_weight_matrix_is_checked_in_about_a_second(benchmark, mode):
    rng = np.random.default_rng(0)
    X, W = 60 * rng.standard_normal((N, 3073)), 0.01 * rng.standard_normal((3073, 10))
    y = rng.integers(10, size=N)
    dW = hinge_gradient(W, X, y)
    report = benchmark(lambda: check_gradient(lambda W: hinge_loss(W, X, y), W, dW, **mode))
    assert report.ok
