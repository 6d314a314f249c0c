"""The course's pictures: training curves, weight templates, examples, growth of running time, searches.

Every function returns a `Picture`, a matplotlib figure that also knows itself in words. As the last line of a
notebook cell it is shown once, with those words as a caption; nothing has to be imported or closed.
"""

import base64
import html
import io
import math
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from itertools import cycle
from typing import Any, ParamSpec, cast

import numpy as np
from cycler import cycler
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike, NDArray

from cs_lib.training import History, SearchResults

# Colours that can be told apart with any kind of colour vision: M. Okabe and K. Ito (2008), "Color Universal
# Design". Yellow is left out, for it is too pale on white.
ORANGE, SKY, GREEN, BLUE, VERMILION, PURPLE, BLACK = COLOURS = (
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
    "#000000",
)
GREY = "#767676"
DIVERGING = "PuOr_r"  # orange for positive, purple for negative, white for zero
SMOOTHED_SHARE = 50  # the smoothed loss averages over one step in so many
HIGHEST_LOSS = 1e250  # times the first one; beyond, a diverging loss would overflow the axis
WIDTH = 7.0  # inches; fits a notebook's column

# An opaque white ground keeps the picture legible on a dark page.
LOOK = {
    "axes.grid": True,
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "savefig.dpi": 150,
    "savefig.facecolor": "white",
}


class Picture(Figure):
    """A figure with a description in words, `alt`.

    A notebook shows the picture and below it the description as a caption, so that whoever hears the page
    instead of seeing it gets a sentence, too; a terminal shows the description alone. The figure is unknown
    to pyplot, which would show it a second time.
    """

    def __init__(self, alt: str = "", **kwargs: Any) -> None:
        super().__init__(**{"layout": "constrained", **kwargs})
        self.alt = alt

    def __repr__(self) -> str:
        """Return the description."""
        return self.alt

    def __str__(self) -> str:
        """Return the description."""
        return self.alt

    def png(self) -> bytes:
        """Return the picture as a PNG file."""
        file = io.BytesIO()
        with style.context(["default", LOOK]):
            self.savefig(file, format="png")
        return file.getvalue()

    def _ipython_display_(self) -> None:
        """Show the picture and its caption in a notebook.

        They are two outputs, because notebooks drop the alternative text of a single picture.
        """
        from IPython.display import display

        # Narrower on the page than the picture has pixels, so that it is sharp on fine screens.
        about = {"alt": "Picture, described in the text below it.", "width": round(self.get_figwidth() * 100)}
        picture = {"image/png": base64.b64encode(self.png()).decode()}
        display(picture, raw=True, metadata={"image/png": about})  # type: ignore[no-untyped-call]
        caption = f'<p style="max-width: 45em">{html.escape(self.alt)}</p>'
        display({"text/plain": self.alt, "text/html": caption}, raw=True)  # type: ignore[no-untyped-call]


P = ParamSpec("P")


def _in_our_look(draw: Callable[P, Picture]) -> Callable[P, Picture]:
    """Draw with matplotlib's own defaults and ours on top, whatever style the notebook has chosen."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Picture:
        with style.context(["default", LOOK]):
            return draw(*args, **kwargs)

    return drawn


@_in_our_look
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


@_in_our_look
def show_templates(W: ArrayLike, picture_shape: tuple[int, ...], class_names: Sequence[str]) -> Picture:
    """Return the columns of W (D, C) as pictures, one for each class, on one colour scale around zero.

    D is the number of pixels, or one more: then the last row holds the biases, and is left out.
    Raises ValueError if W has another shape.
    """
    weights = np.asarray(W, dtype=np.float64)
    pixels, C = math.prod(picture_shape), len(class_names)
    if weights.shape not in {(pixels, C), (pixels + 1, C)}:
        raise ValueError(
            f"W should have shape {(pixels, C)}, or {(pixels + 1, C)} with a row of biases, for pictures of "
            f"{_times(picture_shape)} pixels and {C} classes; found {weights.shape}."
        )
    weights = weights[:pixels]
    limit = float(np.abs(weights).max()) or 1.0
    picture = Picture(_describe_templates(weights, class_names), figsize=(WIDTH, 0.2 + 1.5 * math.ceil(C / 5)))
    grid = _picture_grid(picture, C, columns=5)
    for axes, name, template in zip(grid, class_names, weights.T, strict=False):
        image = axes.imshow(template.reshape(picture_shape), cmap=DIVERGING, vmin=-limit, vmax=limit)
        axes.set_title(name)
    picture.colorbar(image, ax=grid, label="weight", shrink=0.8)
    return picture


@_in_our_look
def show_pictures(
    X: ArrayLike,
    y: ArrayLike,
    picture_shape: tuple[int, ...],
    class_names: Sequence[str],
    *,
    predicted: ArrayLike | None = None,
    columns: int = 8,
) -> Picture:
    """Return all rows of X (N, pixels) as grey pictures, dark for high values, titled with the class names.

    y: (N,) the right classes. predicted: (N,) or None; where it differs from y, the title says so in colour.
    Choose the rows to show: X[:16] shows 16 pictures. Raises ValueError if the shapes do not fit together.
    """
    examples, labels = np.asarray(X, dtype=np.float64), np.asarray(y)
    guesses = labels if predicted is None else np.asarray(predicted)
    N = _check_pictures(examples, labels, guesses, picture_shape)
    rows = math.ceil(N / columns)
    alt = _describe_pictures([class_names[k] for k in labels], [class_names[k] for k in guesses])
    title_height = 0.25 if (labels == guesses).all() else 0.42  # inches, for one line or two
    picture = Picture(alt, figsize=(WIDTH, rows * (title_height + 0.94 * WIDTH / columns)))
    top = float(examples.max())
    for axes, pixels, label, guess in zip(_picture_grid(picture, N, columns), examples, labels, guesses, strict=False):
        axes.imshow(pixels.reshape(picture_shape), cmap="gray_r", vmin=float(examples.min()), vmax=top)
        wrong = label != guess
        title = f"{class_names[label]},\nread as {class_names[guess]}" if wrong else class_names[label]
        axes.set_title(title, color=VERMILION if wrong else BLACK, fontsize="small")
    return picture


@_in_our_look
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


@_in_our_look
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


def _picture_grid(picture: Picture, count: int, columns: int) -> list[Axes]:
    """Return axes without ticks or frames in rows of so many columns, at least count of them."""
    grid = picture.subplots(math.ceil(count / columns), columns, squeeze=False)
    all_axes = cast(list[Axes], list(grid.flat))
    for axes in all_axes:
        axes.set_axis_off()
    return all_axes


def _check_pictures(X: NDArray[Any], y: NDArray[Any], predicted: NDArray[Any], picture_shape: tuple[int, ...]) -> int:
    """Return N; raise ValueError unless X is (N, pixels) and y and predicted are (N,), with N at least 1."""
    pixels = math.prod(picture_shape)
    if X.ndim != 2 or X.shape[1] != pixels or not len(X):
        raise ValueError(
            f"X should have shape (N, {pixels}), one picture of {_times(picture_shape)} pixels per row and "
            f"no bias column; found {X.shape}."
        )
    for name, labels in (("y", y), ("predicted", predicted)):
        if labels.shape != (len(X),):
            raise ValueError(f"{name} should have shape ({len(X)},), one per picture; found {labels.shape}.")
    return len(X)


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


def _describe_templates(weights: NDArray[np.float64], class_names: Sequence[str]) -> str:
    return (
        f"Weight templates of {len(class_names)} classes ({_listed(class_names)}): orange where a pixel "
        f"raises the score of the class, purple where it lowers it, white where it does not matter. Weights "
        f"go from {weights.min():.2g} to {weights.max():.2g}."
    )


def _describe_pictures(right: Sequence[str], guessed: Sequence[str]) -> str:
    number = "1 picture" if len(right) == 1 else f"{len(right)} pictures"
    mistakes = [f"{a} read as {b}" for a, b in zip(right, guessed, strict=True) if a != b]
    described = f"{number}: {_listed(right)}."
    return f"{described} Classified wrong: {_listed(mistakes)}." if mistakes else described


def _describe_growth(N: NDArray[np.float64], names: Sequence[str]) -> str:
    return (
        f"Time of one call in seconds against the number of examples, from {N.min():,.0f} to {N.max():,.0f}, "
        f"on logarithmic axes. The curves are {_listed(names)}."
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


def _listed(names: Sequence[str], most: int = 40) -> str:
    """Return the names as words of a sentence, the first of them if there are very many."""
    more = [f"and {len(names) - most} more"] if len(names) > most else []
    return ", ".join([*names[:most], *more])


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(str(length) for length in shape)
