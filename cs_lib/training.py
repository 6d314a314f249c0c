"""Minibatch stochastic gradient descent for any model with parameters, a loss and a prediction.

Shapes: X (N, D) floating point, y (N,) whole numbers from 0 to C − 1, W (D, C). A model is anything with the
three members of `Model`, and training changes its parameters in place.

An unwritten exercise returns `...`. Training such a model stops before its first step, says which function is
missing, and leaves the model as it was, so that a notebook with unwritten exercises runs from top to bottom.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

MOST_EVALUATIONS = 100  # by default: enough for a smooth curve, and cheap beside the steps themselves
INDICES_AT_ONCE = 100_000  # of minibatches, drawn by one call: under 1 MB

Gradients = Mapping[str, Any]
LossFunction = Callable[[NDArray[Any], NDArray[Any], NDArray[Any], float], Any]


class TrainingError(ValueError):
    """Training cannot start or go on, for the reason that the message gives."""

    def _render_traceback_(self) -> list[str]:
        """Show a notebook the sentence alone: the lines of this library explain nothing to a student."""
        return [f"{type(self).__name__}: {self}"]


class Model(Protocol):
    """What can be trained: parameters by name, a loss with its gradients by name, and predictions."""

    params: dict[str, NDArray[Any]]

    def loss(self, X: NDArray[Any], y: NDArray[Any], reg: float) -> tuple[Any, Gradients]:
        """Return the loss, one number, and for each parameter its gradient, of the same shape."""

    def predict(self, X: NDArray[Any]) -> Any:
        """Return the predicted class of each example: (N,) whole numbers."""


class LinearClassifier:
    """Scores X @ W, trained with a loss function f(W, X, y, reg) -> (loss, dW).

    params["W"] is (num_features, num_classes) of the given dtype, drawn from a normal distribution around 0
    with standard deviation weight_scale: small, so that at first all scores are about equal. Column k of W is
    the template of class k. For a bias, give X a column of ones (`cs_lib.datasets.add_bias_column`).
    """

    def __init__(
        self,
        loss_function: LossFunction,
        num_features: int,
        num_classes: int,
        *,
        weight_scale: float = 1e-3,
        dtype: DTypeLike = np.float64,
        rng: np.random.Generator,
    ) -> None:
        self.loss_function = loss_function
        W = weight_scale * rng.standard_normal((num_features, num_classes))
        self.params = {"W": W.astype(dtype)}

    def loss(self, X: NDArray[Any], y: NDArray[Any], reg: float) -> tuple[Any, Gradients]:
        """Return the loss function's (loss, {"W": dW}); raise TrainingError if it returns no such pair."""
        result = self.loss_function(self.params["W"], X, y, reg)
        if result is ...:
            return ..., {"W": ...}
        if not isinstance(result, tuple) or len(result) != 2:
            raise TrainingError(
                f"{_loss_name(self)} should return the pair (loss, dW); it returned {_describe(result)}. "
                "Its last line should be: return loss, dW"
            )
        return result[0], {"W": result[1]}

    def predict(self, X: NDArray[Any]) -> NDArray[np.intp]:
        """Return for each example (N,) the class with the highest score."""
        scores = X @ self.params["W"]
        predicted: NDArray[np.intp] = np.argmax(scores, axis=1)
        return predicted


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
    data = _Data(X, y, X_val, y_val)
    settings = _Settings(learning_rate, reg, batch_size, steps, decay, evaluate_every)
    history = _descend(model, data, settings, rng, progress)
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
            f"predict should return one class for each example, shape {np.shape(y)}; "
            f"it returned {_describe(predicted)}."
        )
    return float(np.mean(predicted == y))


@dataclass(frozen=True, eq=False)
class Trial:
    """One run of a search: its two numbers, the model as trained, and what happened on the way."""

    learning_rate: float
    reg: float
    model: Model = field(repr=False)
    history: History

    @property
    def val_accuracy(self) -> float:
        """The validation accuracy after training, 0 to 1; nan where training diverged."""
        return math.nan if self.history.diverged else self.history.final_val_accuracy


@dataclass(frozen=True, eq=False, repr=False)
class SearchResults:
    """All runs of a search: trials[i * len(regs) + j] used learning_rates[i] and regs[j]."""

    learning_rates: tuple[float, ...]
    regs: tuple[float, ...]
    trials: tuple[Trial, ...]

    @property
    def val_accuracy(self) -> NDArray[np.float64]:
        """Validation accuracies (len(learning_rates), len(regs)); nan where training diverged."""
        flat = np.array([trial.val_accuracy for trial in self.trials], dtype=np.float64)
        return flat.reshape(len(self.learning_rates), len(self.regs))

    @property
    def best(self) -> Trial:
        """The run with the highest validation accuracy, the first of them if several share it.

        Raises TrainingError if every run diverged.
        """
        usable = [trial for trial in self.trials if not trial.history.diverged]
        if not usable:
            raise TrainingError(
                f"Training diverged with all {len(self.trials)} combinations; "
                f"search learning rates below {min(self.learning_rates):g}."
            )
        return max(usable, key=lambda trial: trial.val_accuracy)

    def __repr__(self) -> str:
        """Return a table, one line for each run, with the best one marked."""
        finished = any(not trial.history.note for trial in self.trials)
        best = self.best if finished else None
        lines = [f"{'learning rate':>13} {'reg':>8} {'training':>9} {'validation':>10}"]
        for trial in self.trials:
            outcome = f"{trial.history.final_train_accuracy:>9.1%} {trial.val_accuracy:>10.1%}"
            if trial.history.note:
                outcome = f"{'diverged' if trial.history.diverged else 'not trained':>20}"
            mark = "  <- best" if trial is best else ""
            lines.append(f"{trial.learning_rate:>13g} {trial.reg:>8g} {outcome}{mark}")
        return "\n".join(lines)


def search(
    make_model: Callable[[np.random.Generator], Model],
    X: NDArray[Any],
    y: NDArray[Any],
    X_val: NDArray[Any],
    y_val: NDArray[Any],
    *,
    learning_rates: Sequence[float],
    regs: Sequence[float],
    batch_size: int | None = 200,
    steps: int = 1000,
    decay: float = 1.0,
    rng: np.random.Generator,
    progress: bool = True,
) -> SearchResults:
    """Train one model for each pair of a learning rate and a regularisation strength, and return all of them.

    make_model(rng) returns a new, untrained model. Every run gets a generator in the same state, so that the
    runs start from the same parameters and see the same minibatches, and only the two numbers differ.
    Raises TrainingError as `train` does.
    """
    data = _Data(X, y, X_val, y_val)
    grid = [(learning_rate, reg) for learning_rate in learning_rates for reg in regs]
    if not grid:
        raise TrainingError("A search needs at least one learning rate and one reg; found an empty list.")
    seed = int(rng.integers(2**63))
    trials = []
    with _progress_bar(len(grid), progress, "run") as bar:
        for learning_rate, reg in grid:
            run_rng = np.random.default_rng(seed)
            model = make_model(run_rng)
            settings = _Settings(learning_rate, reg, batch_size, steps, decay)
            history = _descend(model, data, settings, run_rng, progress=False)
            trials.append(Trial(learning_rate, reg, model, history))
            bar.update()
    unwritten = {trial.history.note for trial in trials if not trial.history.diverged} - {""}
    for note in sorted(unwritten):
        print(note)
    return SearchResults(tuple(learning_rates), tuple(regs), tuple(trials))


@dataclass(frozen=True, eq=False)
class _Data:
    """Training examples, and validation examples if there are any, that fit together."""

    X: NDArray[Any]
    y: NDArray[Any]
    X_val: NDArray[Any] | None
    y_val: NDArray[Any] | None

    def __post_init__(self) -> None:
        if (self.X_val is None) != (self.y_val is None):
            raise TrainingError("Validation needs both X_val and y_val; found only one of them.")
        _check_examples("X", self.X, "y", self.y)
        if self.X_val is not None and self.y_val is not None:
            _check_examples("X_val", self.X_val, "y_val", self.y_val)


@dataclass(frozen=True)
class _Settings:
    """The numbers that steer one run; the meaning of each is in `train`."""

    learning_rate: float
    reg: float
    batch_size: int | None
    steps: int
    decay: float
    evaluate_every: int | None = None

    def __post_init__(self) -> None:
        for name in ("learning_rate", "decay"):
            value = getattr(self, name)
            if not (value > 0 and math.isfinite(value)):
                raise TrainingError(f"{name} should be a finite number above 0; found {value!r}.")
        if not (self.reg >= 0 and math.isfinite(self.reg)):
            raise TrainingError(f"reg should be a finite number, 0 or above; found {self.reg!r}.")
        for name in ("steps", "batch_size", "evaluate_every"):
            value = getattr(self, name)
            optional = name != "steps" and value is None
            if not optional and not (isinstance(value, int | np.integer) and value >= 1):
                raise TrainingError(f"{name} should be a whole number, 1 or above; found {value!r}.")


class _Unwritten(Exception):
    """The model returned the course's mark of something not written yet; the message says what."""


class _Diverged(Exception):
    """A quantity stopped being finite; the message says which."""


class _Run:
    """One run in progress: the model, its data, and what has been recorded so far."""

    def __init__(self, model: Model, data: _Data) -> None:
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
                raise _Diverged(f"{name} is no longer finite")
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
        value = _checked_loss(self.model, loss)
        _check_gradients(self.model, grads)
        if not math.isfinite(value):
            raise _Diverged(f"the loss is {value}")
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


def _descend(model: Model, data: _Data, settings: _Settings, rng: np.random.Generator, progress: bool) -> History:
    """Return the history of one run, which ends early where an exercise is unwritten or training diverges."""
    _check_params(model)
    run = _Run(model, data)
    run.measure(0)
    try:
        # The sentence about divergence says more than NumPy's warnings on the way there.
        with np.errstate(over="ignore", invalid="ignore"):
            _take_steps(run, settings, rng, progress)
    except _Unwritten as unwritten:
        return run.history(f"Not trained: {unwritten}", diverged=False)
    except _Diverged as diverged:
        run.restore()
        return run.history(_explain_divergence(run, settings, str(diverged)), diverged=True)
    return run.history("", diverged=False)


def _take_steps(run: _Run, settings: _Settings, rng: np.random.Generator, progress: bool) -> None:
    """Take all steps of a run, measuring in between."""
    N, steps = len(run.data.X), settings.steps
    epoch = math.ceil(N / (settings.batch_size or N))
    every = settings.evaluate_every or max(epoch, math.ceil(steps / MOST_EVALUATIONS))
    with _progress_bar(steps, progress, "step") as bar:
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


def _progress_bar(total: int, shown: bool, unit: str) -> Any:
    """Return a tqdm bar, drawn by the notebook or the terminal, that goes away when it is done."""
    from tqdm.auto import tqdm  # here, because it looks for a notebook and its widgets when imported

    return tqdm(total=total, disable=not shown, unit=unit, leave=False)


def _check_examples(X_name: str, X: NDArray[Any], y_name: str, y: NDArray[Any]) -> None:
    """Raise TrainingError unless there are as many labels as examples, at least one, in floating point."""
    if len(X) != len(y):
        raise TrainingError(
            f"{X_name} and {y_name} should have one row and one label for each example; "
            f"found {len(X):,} rows in {X_name} and {len(y):,} labels in {y_name}."
        )
    if len(X) == 0:
        raise TrainingError(f"{X_name} should have at least one example; found none.")
    if not np.issubdtype(X.dtype, np.floating):
        raise TrainingError(
            f"{X_name} should hold floating-point numbers; found {X.dtype}, in which sums can overflow. "
            f"Use {X_name}.astype(np.float64)."
        )


def _check_params(model: Model) -> None:
    """Raise TrainingError unless every parameter is an array of finite floating-point numbers."""
    for name, param in model.params.items():
        if not (isinstance(param, np.ndarray) and np.issubdtype(param.dtype, np.floating)):
            raise TrainingError(
                f"params[{name!r}] should be an array of floating-point numbers; found {_describe(param)}."
            )
        if not np.isfinite(param).all():
            raise TrainingError(f"params[{name!r}] has values that are not finite; make the model anew.")


def _checked_loss(model: Model, loss: Any) -> float:
    """Return the loss as a float; raise TrainingError unless it is one number."""
    if loss is ...:
        raise _Unwritten(f"{_loss_name(model)} is not written yet, its loss is still `...`.")
    if np.ndim(loss) != 0 or not np.issubdtype(np.asarray(loss).dtype, np.number) or np.iscomplexobj(loss):
        raise TrainingError(
            f"The loss of {_loss_name(model)} should be one number, the mean over the minibatch; "
            f"found {_describe(loss)}."
        )
    return float(loss)


def _check_gradients(model: Model, grads: Any) -> None:
    """Raise TrainingError unless there is a gradient of the right shape for each parameter."""
    for name, param in model.params.items():
        if not isinstance(grads, Mapping) or name not in grads:
            found = sorted(grads) if isinstance(grads, Mapping) else _describe(grads)
            raise TrainingError(
                f"{_loss_name(model)} should return a gradient for each of {sorted(model.params)}; found {found}."
            )
        grad = grads[name]
        if grad is ...:
            raise _Unwritten(f"{_loss_name(model)} is not written yet, its d{name} is still `...`.")
        if np.shape(grad) != param.shape:
            raise TrainingError(
                f"{_loss_name(model)} should return d{name} with the shape of {name}, {param.shape}; "
                f"found {_describe(grad)}."
            )


def _explain_divergence(run: _Run, settings: _Settings, what: str) -> str:
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


def _loss_name(model: Model) -> str:
    """Return the name of the function that a student would have to look at."""
    function = getattr(model, "loss_function", None)
    return getattr(function, "__name__", f"{type(model).__name__}.loss")


def _describe(value: Any) -> str:
    """Return what was found in a few words: the shape of an array, the type of anything else."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if isinstance(value, tuple):
        return f"a tuple of {len(value)}"
    return "None" if value is None else f"{value!r:.40} ({type(value).__name__})"
