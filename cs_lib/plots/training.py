"""Pictures of training: loss and accuracy curves, searches over hyperparameters, growth of running time."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike, NDArray

from cs_lib.plots.picture import BLACK, BLUE, GREY, ORANGE, SKY, VERMILION, WIDTH, Picture, in_our_look, listed
from cs_lib.training import History, SearchResults

SMOOTHED_SHARE = 50  # the smoothed loss averages over one step in so many
HIGHEST_LOSS = 1e250  # times the first one; beyond, a diverging loss would overflow the axis


@in_our_look
def plot_history(history: History) -> Picture:
    """Return the loss of every step with a smoothed line, and the accuracies measured on the way."""
    picture = Picture(_describe_history(history), figsize=(WIDTH, 3.0))
    loss_axes, accuracy_axes = picture.subplots(1, 2)
    _draw_losses(loss_axes, history.losses)
    loss_axes.sharex(accuracy_axes)
    accuracies = {"training": history.train_accuracy, "validation": history.val_accuracy}
    for (name, values), colour, line in zip(accuracies.items(), (BLUE, ORANGE), ("-", "--"), strict=True):
        if len(values):
            marker = "o" if len(values) < 10 else ""  # one point alone would draw no line
            accuracy_axes.plot(history.evaluated_at, values, line, marker=marker, color=colour, label=name)
    accuracy_axes.set(title="Accuracy", xlabel="step", ylabel="share classified right")
    accuracy_axes.set(ylim=(0, 1.02), xlim=(0, max(1, len(history.losses))))
    accuracy_axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    accuracy_axes.legend(loc="best")
    return picture


@in_our_look
def plot_growth(sizes: ArrayLike, seconds: Mapping[str, ArrayLike]) -> Picture:
    """Return how running time grows with the number of examples, on logarithmic axes.

    sizes: (K,) numbers of examples N. seconds: for each way of computing, its times (K,) in seconds.
    The description names the curves but no times, which differ from run to run.
    Raises ValueError if the lengths differ or a value is not positive.
    """
    N = np.asarray(sizes, dtype=np.float64)
    curves = {name: np.asarray(times, dtype=np.float64) for name, times in seconds.items()}
    for name, values in {"sizes": N, **curves}.items():
        if values.shape != N.shape or N.ndim != 1 or not len(N) or not (values > 0).all():
            raise ValueError(
                f"{name} should be one positive number for each of the sizes, shape ({N.size},), because the "
                f"axes are logarithmic; found shape {values.shape} and values {values.ravel()[:5]}."
            )
    picture = Picture(_describe_growth(N, list(curves)), figsize=(5.0, 3.4))
    axes = picture.subplots()
    for (name, times), marker in zip(curves.items(), cycle("os^Dv*X"), strict=False):
        axes.loglog(N, times, marker=marker)
        axes.annotate(name, (N[-1], times[-1]), (6, 0), textcoords="offset points", va="center")
    axes.set_xticks(N, [f"{size:,.0f}" for size in N])
    axes.minorticks_off()
    axes.set(xlabel="number of examples N", ylabel="time of one call in seconds", title="How time grows")
    return picture


@in_our_look
def plot_search(results: SearchResults) -> Picture:
    """Return the validation accuracy for each learning rate and reg as a heat map, the best one framed."""
    table = results.val_accuracy
    rows, columns = table.shape
    picture = Picture(
        _describe_search(results), figsize=(min(WIDTH, 2.6 + 0.8 * columns), min(WIDTH, 1.2 + 0.5 * rows))
    )
    axes = picture.subplots()
    axes.grid(visible=False)
    finite = table[np.isfinite(table)]
    middle = (finite.min() + finite.max()) / 2 if len(finite) else 0.0
    axes.set_facecolor("#DDDDDD")  # shows where a run diverged
    image = axes.imshow(table, cmap="cividis", aspect="auto")
    axes.set_xticks(range(columns), [f"{reg:g}" for reg in results.regs])
    axes.set_yticks(range(rows), [f"{rate:g}" for rate in results.learning_rates])
    axes.set(xlabel="regularisation strength reg", ylabel="learning rate", title="Validation accuracy")
    for (row, column), value in np.ndenumerate(table):
        text = "diverged" if np.isnan(value) else f"{value:.1%}"
        colour = "white" if value < middle else BLACK
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize="small")
    if len(finite):
        row, column = np.unravel_index(np.nanargmax(table), table.shape)
        axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=VERMILION, linewidth=3))
    picture.colorbar(image, ax=axes, format=PercentFormatter(1.0, decimals=0))
    return picture


def _draw_losses(axes: Axes, losses: NDArray[np.float64]) -> None:
    """Draw the loss of every step, pale, and its moving average on top."""
    axes.set(title="Loss", xlabel="step", ylabel="loss of the minibatch")
    if not len(losses):
        axes.text(0.5, 0.5, "no steps yet", transform=axes.transAxes, ha="center", va="center", color=GREY)
        return
    steps = np.arange(1, len(losses) + 1)
    ceiling = max(float(losses[0]), 1.0) * HIGHEST_LOSS
    shown, means = (np.where(values > ceiling, np.nan, values) for values in (losses, smoothed(losses)))
    axes.plot(steps, shown, color=SKY, alpha=0.5, linewidth=0.8, label="each step")
    axes.plot(steps, means, color=BLUE, label=f"mean of {2 * _half_window(losses) + 1} steps")
    if 0 < losses.min() < losses.max() / 10:
        axes.set(yscale="log", ylabel="loss of the minibatch (log scale)")
        axes.yaxis.set_major_formatter("{x:g}")
    else:
        axes.set_ylim(bottom=min(0.0, float(losses.min())))
    axes.legend(loc="upper right" if losses[-1] <= losses[0] else "upper left")


def smoothed(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (steps,): the mean of each loss and its neighbours, as many as there are near the two ends."""
    half = _half_window(losses)
    places = np.arange(len(losses))
    first, last = np.maximum(places - half, 0), np.minimum(places + half + 1, len(losses))
    sums = np.concatenate([[0.0], np.cumsum(losses)])
    means: NDArray[np.float64] = (sums[last] - sums[first]) / (last - first)
    return means


def _half_window(losses: NDArray[np.float64]) -> int:
    return len(losses) // (2 * SMOOTHED_SHARE)


def _describe_history(history: History) -> str:
    steps = len(history.losses)
    if not steps:
        return f"Loss and accuracy during training: no steps yet. {history.note}".strip()
    means = smoothed(history.losses)
    goes = "falls" if means[-1] < means[0] else "rises"
    parts = [
        f"Loss and accuracy over {steps:,} steps of training.",
        f"The smoothed loss {goes} from {means[0]:.2g} to {means[-1]:.2g}.",
    ]
    measured = {"training": history.train_accuracy, "validation": history.val_accuracy}
    ends = [f"from {a[0]:.0%} to {a[-1]:.0%} on the {name} examples" for name, a in measured.items() if len(a)]
    parts.append(f"Accuracy goes {' and '.join(ends)}.")
    return " ".join([*parts, history.note]).strip()


def _describe_growth(N: NDArray[np.float64], names: Sequence[str]) -> str:
    return (
        f"Time of one call in seconds against the number of examples, from {N.min():,.0f} to {N.max():,.0f}, "
        f"on logarithmic axes. The curves are {listed(names)}."
    )


def _describe_search(results: SearchResults) -> str:
    table = results.val_accuracy
    parts = [
        f"Validation accuracy for {len(results.learning_rates)} learning rates (rows) and "
        f"{len(results.regs)} regularisation strengths (columns)."
    ]
    if np.isfinite(table).any():
        best = results.best
        parts.append(
            f"The best, {best.val_accuracy:.1%}, is at learning rate {best.learning_rate:g} and reg {best.reg:g}."
        )
    diverged = int(np.isnan(table).sum())
    if diverged:
        parts.append(f"Of {table.size} runs, {diverged} diverged.")
    return " ".join(parts)
