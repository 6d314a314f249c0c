"""A training step of the two-layer net and the linear losses, beside PyTorch's on the CPU and bare matrix products.

    pytest tests/benchmarks/bench_training_step.py -s

A step is the loss, its gradients and the update of the parameters, on the same minibatch with the same numbers, which
is asserted; nothing depends on a clock. NumPy and PyTorch each have a process of their own, with one thread and then
with two: the number has to be set before they load, and in one process their idle threads would be in each other's way.
The two processes take turns; the least of the rounds counts. PyTorch is compared where torch is installed.

Contenders: `step` is the net's loss() and param -= rate * grad; `train` the same steps through cs_lib.training.train,
its checks and measurements included; `products` the step's five matrix products alone, into arrays made before;
`torch` torch.nn and torch.optim.SGD, with the regularisation in the loss; `torch, weight_decay` leaves it out of the
loss and to the optimiser. The losses stand beside the same formula in PyTorch, with its own cross_entropy and
multi_margin_loss.
"""

import importlib.util
import json
import math
import os
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest

NETS = {"200 x 3072-50-10": (200, 3072, 50), "200 x 3072-500-10": (200, 3072, 500), "100 x 64-100-10": (100, 64, 100)}
LOSSES = [f"{loss} {dtype}" for loss in ("hinge", "softmax") for dtype in ("float32", "float64")]
NUMPY_STEPS = ("step", "train", "products")
TORCH_STEPS = ("torch", "torch, weight_decay")
C, REG, RATE = 10, 1e-3, 1e-2
ROUNDS, SECONDS, REST = 15, 0.05, 0.03  # turns of each contender, how long a turn takes, and the pause before it
HAS_TORCH = importlib.util.find_spec("torch") is not None


class Worker:
    """A process that times one contender at a time, with this many threads."""

    def __init__(self, library, threads):
        names = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
        self.process = subprocess.Popen(
            [sys.executable, __file__, library, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | dict.fromkeys(names, str(threads)),
        )

    def ask(self, *question):
        print(json.dumps(question), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def answer(library, threads):
    """Answer questions from the standard input: what a contender computes, or how many seconds one call takes."""
    if library == "torch":
        import torch

        torch.set_num_threads(threads)
    contenders = numpy_contenders if library == "numpy" else torch_contenders
    made = {}
    for line in sys.stdin:
        what, case, name = json.loads(line)
        if case not in made:
            made[case] = contenders(case)
        call, result = made[case][name]
        if what == "result":
            call(1)
            print(json.dumps(result()), flush=True)
        else:
            print(seconds_per_call(call), flush=True)


def seconds_per_call(call):
    once = timed(call, 1)
    calls = max(10, math.ceil(SECONDS / once))
    return timed(call, calls) / calls


def timed(call, calls):
    start = time.perf_counter()
    call(calls)
    return time.perf_counter() - start


def repeated(function):
    def call(calls):
        for _ in range(calls):
            function()

    return call


def net_problem(case):
    """Return X (N, D) float32, y (N,) and the first weights (D, H) and (H, C), the same in every process."""
    import numpy as np

    N, D, H = NETS[case]
    rng = np.random.default_rng(0)
    X, W1, W2 = (rng.standard_normal(shape).astype(np.float32) for shape in ((N, D), (D, H), (H, C)))
    return X, rng.integers(0, C, N), W1 / np.float32(D**0.5), W2 / np.float32(H**0.5)


def loss_problem(case):
    """Return W (D, C), X (N, D), both of the case's dtype, and y (N,)."""
    import numpy as np

    rng = np.random.default_rng(0)
    dtype = case.split()[1]
    X, W = rng.standard_normal((200, 3073)).astype(dtype), 0.01 * rng.standard_normal((3073, C)).astype(dtype)
    return W, X, rng.integers(0, C, 200)


def numpy_contenders(case):
    """Return for each name a function that makes so many calls, and one that tells what came of them."""
    if case in NETS:
        return {"step": numpy_step(case), "train": numpy_train(case), "products": numpy_products(case)}
    from cs_lib.reference.hinge_loss import hinge_loss_vectorized
    from cs_lib.reference.softmax_loss import softmax_loss_vectorized

    W, X, y = loss_problem(case)
    function = hinge_loss_vectorized if case.startswith("hinge") else softmax_loss_vectorized
    return {"ours": (repeated(lambda: function(W, X, y, REG)), lambda: told(*function(W, X, y, REG)))}


def told(loss, dW):
    return [float(loss), *dW[:3].ravel().tolist()]


def numpy_net(case):
    import numpy as np

    from cs_lib.reference.two_layer_net import TwoLayerNet

    X, y, W1, W2 = net_problem(case)
    net = TwoLayerNet(*W1.shape, C, dtype=np.float32)
    net.params.update(W1=W1, W2=W2)
    return net, X, y


def numpy_step(case):
    net, X, y = numpy_net(case)

    def step():
        _, grads = net.loss(X, y, REG)
        for name, param in net.params.items():
            param -= RATE * grads[name]

    return repeated(step), lambda: net.params["W1"][0].tolist()


def numpy_train(case):
    import numpy as np

    from cs_lib.training import train

    net, X, y = numpy_net(case)
    settings = {"learning_rate": RATE, "reg": REG, "batch_size": None, "progress": False}
    rng = np.random.default_rng(0)

    def call(calls):
        train(net, X, y, **settings, steps=calls, evaluate_every=calls, rng=rng)

    return call, lambda: net.params["W1"][0].tolist()


def numpy_products(case):
    import numpy as np

    X, _, W1, W2 = net_problem(case)
    h1, dscores = X @ W1, np.ones((len(X), C), np.float32)
    pairs = [(X, W1), (h1, W2), (dscores, W2.T), (h1.T, dscores), (X.T, h1)]
    results = [left @ right for left, right in pairs]

    def products():
        for (left, right), result in zip(pairs, results, strict=True):
            np.matmul(left, right, out=result)

    return repeated(products), lambda: None


def torch_contenders(case):
    """Return the same as numpy_contenders, in PyTorch."""
    import torch

    if case in NETS:
        return {name: torch_step(case, in_loss=name == "torch") for name in TORCH_STEPS}
    W, X, y = map(torch.from_numpy, loss_problem(case))
    W.requires_grad_()

    def call():
        scores = X @ W
        if case.startswith("hinge"):
            loss = C * torch.nn.functional.multi_margin_loss(scores, y)  # its own is divided by C
        else:
            loss = torch.nn.functional.cross_entropy(scores, y)
        loss = loss + REG * (W * W).sum()
        return loss.detach(), *torch.autograd.grad(loss, W)

    return {"torch": (repeated(call), lambda: told(*call()))}


def torch_step(case, in_loss):
    import torch

    X, y, W1, W2 = map(torch.from_numpy, net_problem(case))
    hidden, output = torch.nn.Linear(*W1.shape), torch.nn.Linear(*W2.shape)
    for layer, W in ((hidden, W1), (output, W2)):
        layer.weight.data = W.T.contiguous()
        layer.bias.data.zero_()
    net = torch.nn.Sequential(hidden, torch.nn.ReLU(), output)
    weights, biases = [hidden.weight, output.weight], [hidden.bias, output.bias]
    groups = [{"params": weights, "weight_decay": 0.0 if in_loss else 2 * REG}, {"params": biases}]
    optimiser = torch.optim.SGD(groups, lr=RATE)

    def step():
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(X), y)
        if in_loss:
            loss = loss + REG * sum((W * W).sum() for W in weights)
        loss.backward()
        optimiser.step()
        return loss.item()

    return repeated(step), lambda: hidden.weight[:, 0].tolist()


def compare(threads, case, names):
    """Return the least seconds of each contender, (library, name) -> seconds, after a look at what they compute."""
    with ExitStack() as stack:
        libraries = dict.fromkeys(library for library, _ in names)
        workers = {library: stack.enter_context(Worker(library, threads)) for library in libraries}
        results = [workers[library].ask("result", case, name) for library, name in names]
        for result in results[1:]:
            if result is not None:
                assert result == pytest.approx(results[0], rel=1e-3, abs=1e-5)
        least = dict.fromkeys((name for _, name in names), math.inf)
        for _ in range(ROUNDS):
            for library, name in names:
                time.sleep(REST)
                least[name] = min(least[name], workers[library].ask("seconds", case, name))
    return least


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("case", NETS)
def test_a_step_of_the_net_beside_pytorch_and_its_products(case, threads):
    names = [("numpy", name) for name in NUMPY_STEPS] + [("torch", name) for name in TORCH_STEPS if HAS_TORCH]
    least = compare(threads, case, names)
    print(f"\n{case}, float32, threads: {threads}")
    for ours in ("step", "train"):
        ratios = [f"{least[ours] / least[name]:.2f} of {name}" for name in least if name not in ("step", "train")]
        print(f"  {ours:5} {1e3 * least[ours]:7.3f} ms: {'; '.join(ratios)}")


@pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("case", LOSSES)
def test_the_vectorised_losses_beside_pytorch(case, threads):
    least = compare(threads, case, [("numpy", "ours"), ("torch", "torch")])
    ratio = least["ours"] / least["torch"]
    print(f"\n{case}, 200 x 3073-10, threads: {threads}\n  {1e3 * least['ours']:.3f} ms: {ratio:.2f} of torch")


@pytest.mark.parametrize("case", NETS)
def test_the_time_of_a_step(benchmark, case):
    call, _ = numpy_step(case)
    benchmark(call, 1)


if __name__ == "__main__":
    answer(sys.argv[1], int(sys.argv[2]))
