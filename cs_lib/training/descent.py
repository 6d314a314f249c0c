"""Minibatch stochastic gradient descent, and what happened on the way."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cs_lib.training.checks import Data, Diverged, Settings, Unwritten, check_gradients, check_params, checked_loss
from cs_lib.training.models import Model, TrainingError, describe

MOST_EVALUATIONS = 100  # by default: enough for a smooth curve, and cheap beside the steps themselves
INDICES_AT_ONCE = 100_000  # of minibatches, drawn by one call: under 1 MB


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """What happened during training.

    losses: (steps,) float64, the loss of each step's minibatch, before that step's update.
    evaluated_at: (E,) int64, after how many steps the accuracies were measured; the first is 0, untrained.
    train_accuracy: (E,) float64 in [0, 1], on all training examples.
    val_accuracy: (E,) likewise on the validation examples, or (0,) where there were none.
    note: a sentence on why training stopped early, or "" where it did not.
    diverged: whether it stopped because the loss or the parameters were no longer finite.
    """

    losses: NDArray[np.float64]
    evaluated_at: NDArray[np.int64]
    train_accuracy: NDArray[np.float64]
    val_accuracy: NDArray[np.float64]
    note: str = ""
    diverged: bool = False

    @property
    def final_train_accuracy(self) -> float:
        """The training accuracy of the parameters as training left them."""
        return float(self.train_accuracy[-1])

    @property
    def final_val_accuracy(self) -> float:
        """The same on the validation examples; nan where there were none."""
        return float(self.val_accuracy[-1]) if len(self.val_accuracy) else math.nan

    def __repr__(self) -> str:
        """Return one line on how far training came."""
        parts = [f"{len(self.losses):,} steps", f"training accuracy {self.final_train_accuracy:.1%}"]
        if len(self.val_accuracy):
            parts.append(f"validation accuracy {self.final_val_accuracy:.1%}")
        if self.note:
            parts.append("diverged" if self.diverged else "not trained")
        return f"History({', '.join(parts)})"


def train(
    model: Model,
    X: NDArray[Any],
    y: NDArray[Any],
    *,
    X_val: NDArray[Any] | None = None,
    y_val: NDArray[Any] | None = None,
    learning_rate: float,
    reg: float = 0.0,
    batch_size: int | None = 200,
    steps: int = 1000,
    decay: float = 1.0,
    evaluate_every: int | None = None,
    rng: np.random.Generator,
    progress: bool = True,
) -> History:
    """Take steps against the gradient, changing model.params in place, and return what happened.

    A minibatch is rng.choice(N, batch_size): drawn with replacement, so an example can occur in it twice;
    batch_size=None takes all N examples in every step instead. An epoch is the number of steps that see N
    examples, and after each epoch the learning rate is multiplied by decay. Accuracies are measured before
    the first step, every evaluate_every steps (by default once an epoch, but at most about 100 times), and
    after the last step.

    If the loss or a parameter stops being finite, training stops with a note, and the parameters go back to
    what they were at the last measurement. Raises TrainingError if the data, the settings, or what the model
    returns cannot be right.
    """
    data = Data(X, y, X_val, y_val)
    settings = Settings(learning_rate, reg, batch_size, steps, decay, evaluate_every)
    history = descend(model, data, settings, rng, progress)
    if history.note:
        print(history.note)
    return history


def accuracy(model: Model, X: NDArray[Any], y: NDArray[Any]) -> float:
    """Return the share of examples whose class the model predicts, 0 to 1; nan if predict is not written yet.

    Raises TrainingError unless predict(X) has the shape of y (N,).
    """
    predicted = model.predict(X)
    if predicted is ...:
        return math.nan
    if np.shape(predicted) != np.shape(y):
        raise TrainingError(
            f"predict should return one class for each example, shape {np.shape(y)}; it returned {describe(predicted)}."
        )
    return float(np.mean(predicted == y))


def descend(model: Model, data: Data, settings: Settings, rng: np.random.Generator, progress: bool) -> History:
    """Return the history of one run, which ends early where an exercise is unwritten or training diverges."""
    check_params(model)
    run = _Run(model, data)
    run.measure(0)
    try:
        # The sentence about divergence says more than NumPy's warnings on the way there.
        with np.errstate(over="ignore", invalid="ignore"):
            _take_steps(run, settings, rng, progress)
    except Unwritten as unwritten:
        return run.history(f"Not trained: {unwritten}", diverged=False)
    except Diverged as diverged:
        run.restore()
        return run.history(_explain_divergence(run, settings, str(diverged)), diverged=True)
    return run.history("", diverged=False)


class _Run:
    """One run in progress: the model, its data, and what has been recorded so far."""

    def __init__(self, model: Model, data: Data) -> None:
        self.model = model
        self.data = data
        self.losses: list[float] = []
        self.measured: list[tuple[int, float, float]] = []
        self.kept: dict[str, NDArray[Any]] = {}
        # One scratch array for each parameter, so that an update allocates nothing.
        self.scratch = {name: np.empty_like(param) for name, param in model.params.items()}

    def measure(self, step: int) -> None:
        """Record the accuracies after this many steps, and keep a copy of the parameters that have them."""
        for name, param in self.model.params.items():
            if not np.isfinite(param).all():
                raise Diverged(f"{name} is no longer finite")
        data = self.data
        train_accuracy = accuracy(self.model, data.X, data.y)
        val_accuracy = math.nan
        if data.X_val is not None and data.y_val is not None:
            val_accuracy = accuracy(self.model, data.X_val, data.y_val)
        self.measured.append((step, train_accuracy, val_accuracy))
        self.kept = {name: param.copy() for name, param in self.model.params.items()}

    def step(self, batch: Any, reg: float, learning_rate: float) -> None:
        """Record the loss of one minibatch and update the parameters against its gradient."""
        loss, grads = self.model.loss(self.data.X[batch], self.data.y[batch], reg)
        value = checked_loss(self.model, loss)
        check_gradients(self.model, grads)
        if not math.isfinite(value):
            raise Diverged(f"the loss is {value}")
        self.losses.append(value)
        for name, param in self.model.params.items():
            # Not grads[name] *= learning_rate: that array belongs to the model, which may still need it.
            np.multiply(grads[name], learning_rate, out=self.scratch[name])
            param -= self.scratch[name]

    def restore(self) -> None:
        """Put the parameters back to what they were at the last measurement."""
        for name, param in self.model.params.items():
            np.copyto(param, self.kept[name])

    def history(self, note: str, diverged: bool) -> History:
        """Return what has been recorded."""
        steps, train_accuracy, val_accuracy = zip(*self.measured, strict=True)
        return History(
            losses=np.array(self.losses, dtype=np.float64),
            evaluated_at=np.array(steps, dtype=np.int64),
            train_accuracy=np.array(train_accuracy, dtype=np.float64),
            val_accuracy=np.array(val_accuracy if self.data.X_val is not None else (), dtype=np.float64),
            note=note,
            diverged=diverged,
        )


def _take_steps(run: _Run, settings: Settings, rng: np.random.Generator, progress: bool) -> None:
    """Take all steps of a run, measuring in between."""
    N, steps = len(run.data.X), settings.steps
    epoch = math.ceil(N / (settings.batch_size or N))
    every = settings.evaluate_every or max(epoch, math.ceil(steps / MOST_EVALUATIONS))
    with progress_bar(steps, progress, "step") as bar:
        for step, batch in enumerate(_minibatches(N, settings.batch_size, steps, rng)):
            run.step(batch, settings.reg, settings.learning_rate * settings.decay ** (step // epoch))
            if (step + 1) % every == 0 or step + 1 == steps:
                run.measure(step + 1)
            bar.set_postfix_str(f"loss {run.losses[-1]:.3f}", refresh=False)
            bar.update()


def _minibatches(N: int, batch_size: int | None, steps: int, rng: np.random.Generator) -> Iterator[Any]:
    """Yield for each step what selects its rows: (batch_size,) indices, or a slice of all of them.

    Drawing many steps' indices at once gives the same ones as drawing step by step, with fewer calls.
    """
    if batch_size is None:
        for _ in range(steps):
            yield slice(None)
        return
    block = max(1, INDICES_AT_ONCE // batch_size)
    for first in range(0, steps, block):
        yield from rng.choice(N, (min(block, steps - first), batch_size))


def progress_bar(total: int, shown: bool, unit: str) -> Any:
    """Return a tqdm bar, drawn by the notebook or the terminal, that goes away when it is done."""
    from tqdm.auto import tqdm  # here, because it looks for a notebook and its widgets when imported

    return tqdm(total=total, disable=not shown, unit=unit, leave=False)


def _explain_divergence(run: _Run, settings: Settings, what: str) -> str:
    """Return the sentences for a student whose training diverged."""
    step = len(run.losses) + 1
    if not run.losses:
        return (
            f"Training stopped at its first step: {what} before any update, so the learning rate is not the "
            "cause. Look for a fault in the loss function, and for values in X that are not finite."
        )
    rate, reg = settings.learning_rate, settings.reg
    # A step turns W into (1 − 2 · learning_rate · reg) W, less the data's part: above 1 the factor exceeds 1.
    shrinks = rate * reg < 1
    lower = rate / 10 if shrinks else 0.1 / reg
    because = "" if shrinks else f" (learning_rate × reg is {rate * reg:g}; above 1 the weights grow by themselves)"
    return (
        f"Training stopped at step {step:,} of {settings.steps:,}: {what}. Most often the learning rate is "
        f"too high{because}: try {lower:g} instead of {rate:g}. The parameters are back at what they were "
        f"after step {run.measured[-1][0]:,}."
    )
