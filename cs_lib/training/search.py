"""A small search over learning rate and regularisation strength."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cs_lib.training.checks import Data, Settings
from cs_lib.training.descent import History, descend, progress_bar
from cs_lib.training.models import Model, TrainingError


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
    data = Data(X, y, X_val, y_val)
    grid = [(learning_rate, reg) for learning_rate in learning_rates for reg in regs]
    if not grid:
        raise TrainingError("A search needs at least one learning rate and one reg; found an empty list.")
    seed = int(rng.integers(2**63))
    trials = []
    with progress_bar(len(grid), progress, "run") as bar:
        for learning_rate, reg in grid:
            run_rng = np.random.default_rng(seed)
            model = make_model(run_rng)
            settings = Settings(learning_rate, reg, batch_size, steps, decay)
            history = descend(model, data, settings, run_rng, progress=False)
            trials.append(Trial(learning_rate, reg, model, history))
            bar.update()
    unwritten = {trial.history.note for trial in trials if not trial.history.diverged} - {""}
    for note in sorted(unwritten):
        print(note)
    return SearchResults(tuple(learning_rates), tuple(regs), tuple(trials))
