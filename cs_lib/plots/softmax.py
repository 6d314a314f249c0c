"""Pictures of softmax: its probabilities, its Jacobian, and what its loss wants from scores beside the hinge loss."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from cs_lib.plots.picture import BLACK, BLUE, DIVERGING, GREY, ORANGE, WIDTH, Picture, in_our_look, listed

Array = NDArray[np.float64]

PULLING = 0.005
"""A gradient weaker than this is not seen as a bar, and not spoken of."""


@in_our_look
def plot_softmax(scores: ArrayLike, probs: ArrayLike, class_names: Sequence[str]) -> Picture:
    """Return the scores (C,) of one example as bars, and beside them its probabilities (C,).

    Raises ValueError unless both have one entry per class.
    """
    before, after = np.asarray(scores, dtype=np.float64), np.asarray(probs, dtype=np.float64)
    heights = {"score": before, "probability": after}
    for name, values in heights.items():
        _check_shape(name, values, (len(class_names),), "one entry per class")
    picture = Picture(_describe_softmax(before, after, class_names), figsize=(WIDTH, 2.6))
    for axes, (name, values), colour in zip(picture.subplots(1, 2), heights.items(), (BLUE, ORANGE), strict=True):
        bars = axes.bar(range(len(values)), values, color=colour)
        axes.bar_label(bars, [_two_digits(value) for value in values], padding=2, fontsize="small")
        axes.axhline(0, color=BLACK, linewidth=0.8)
        axes.set_xticks(range(len(values)), class_names)
        axes.grid(visible=False, axis="x")
        axes.margins(y=0.15)
        axes.set(title=name.capitalize(), xlabel="class")
    return picture


@in_our_look
def plot_jacobian(J: ArrayLike, class_names: Sequence[str]) -> Picture:
    """Return the Jacobian J (C, C) of softmax as a heat map: orange where a probability rises, purple where it falls.

    Raises ValueError if J has another shape.
    """
    slopes = np.asarray(J, dtype=np.float64)
    C = len(class_names)
    _check_shape("J", slopes, (C, C), "one row and one column per class")
    limit = float(np.abs(slopes).max()) or 1.0
    side = min(WIDTH - 1.8, 1.6 + 0.45 * C)
    picture = Picture(_describe_jacobian(slopes, class_names), figsize=(side + 1.8, side))
    axes = picture.subplots()
    axes.grid(visible=False)
    image = axes.imshow(slopes, cmap=DIVERGING, vmin=-limit, vmax=limit)
    axes.set_xticks(range(C), class_names)
    axes.set_yticks(range(C), class_names)
    axes.set(xlabel="score of class", ylabel="probability of class")
    for (i, j), slope in np.ndenumerate(slopes):
        colour = "white" if abs(slope) > 0.6 * limit else BLACK
        axes.text(j, i, _two_digits(slope), ha="center", va="center", color=colour, fontsize="small")
    picture.colorbar(image, ax=axes, label="∂probability / ∂score", shrink=0.8)
    return picture


@in_our_look
def plot_two_losses(delta: float = 1.0) -> Picture:
    """Return both losses of one example with two classes, and their slopes, against the right class's lead."""
    lead = np.linspace(-3.0, 4.0 + delta, 701)
    rival = np.exp(-lead) / (1 + np.exp(-lead))  # its probability
    losses = {"hinge": np.maximum(0, delta - lead), "softmax": np.log1p(np.exp(-lead))}
    slopes = {"hinge": -1.0 * (lead < delta), "softmax": -rival}
    alt = (
        f"Loss of one example with two classes, and its slope, against the lead of the right score. The hinge loss "
        f"falls in a straight line and is 0, with slope 0, from a lead of {delta:g} on. The softmax loss bends "
        f"towards 0 and never reaches it; its slope rises from nearly -1 towards 0."
    )
    picture = Picture(alt, figsize=(WIDTH, 3.0))
    titled = {"Loss": losses, "Slope of the loss": slopes}
    for axes, (title, curves) in zip(picture.subplots(1, 2), titled.items(), strict=True):
        for (name, values), colour, line in zip(curves.items(), (BLUE, ORANGE), ("-", "--"), strict=True):
            axes.plot(lead, values, line, color=colour, label=name)
        axes.axvline(delta, color=GREY, linewidth=0.8, linestyle=":", label="the margin")
        axes.set(title=title, xlabel="lead of the right score")
        axes.legend(loc="best")
    return picture


@in_our_look
def plot_pulls(scores: ArrayLike, y: ArrayLike, class_names: Sequence[str], *, delta: float = 1.0) -> Picture:
    """Return where the hinge and the softmax loss would move each score of a few examples, side by side.

    scores: (N, C); y: (N,) int, the right classes. A bar is minus the gradient of the example's own loss: up where
    the loss wants a higher score. Raises ValueError if the shapes do not fit together.
    """
    s, labels = np.asarray(scores, dtype=np.float64), np.asarray(y)
    _check_shape("scores", s, (len(labels), len(class_names)), "one row per example and one column per class")
    losses = {"hinge": _hinge(s, labels, delta), "softmax": _softmax(s, labels)}
    picture = Picture(_describe_pulls(losses, labels, class_names), figsize=(WIDTH, 1.0 + 1.5 * len(s)))
    grid = picture.subplots(len(s), 2, squeeze=False, sharey=True)
    for column, (name, (loss, pulls)) in enumerate(losses.items()):
        for i, axes in enumerate(grid[:, column]):
            _draw_pulls(axes, pulls[i], labels[i], class_names)
            axes.set_title(f"{name} loss {loss[i]:.2f}")
    for i, axes in enumerate(grid[:, 0]):
        axes.set_ylabel(f"picture {i}")
    picture.supylabel("pull on each score, −∂L / ∂score", fontsize="medium")
    return picture


def _draw_pulls(axes: Axes, pulls: Array, right: int, class_names: Sequence[str]) -> None:
    colours = [ORANGE if j == right else BLUE for j in range(len(pulls))]
    bars = axes.bar(range(len(pulls)), pulls, color=colours)
    axes.bar_label(bars, [_two_digits(pull) for pull in pulls], padding=2, fontsize="small")
    axes.axhline(0, color=BLACK, linewidth=0.8)
    axes.set_xticks(range(len(pulls)), [f"{c} (right)" if j == right else c for j, c in enumerate(class_names)])
    axes.margins(y=0.25)
    axes.grid(visible=False, axis="x")


def _hinge(scores: Array, y: NDArray[np.int64], delta: float) -> tuple[Array, Array]:
    """Return each example's hinge loss (N,), and minus its gradient (N, C)."""
    rows = np.arange(len(y))
    margins = np.maximum(0.0, scores - scores[rows, y][:, np.newaxis] + delta)
    margins[rows, y] = 0
    pulls = -(margins > 0).astype(np.float64)
    pulls[rows, y] = -pulls.sum(axis=1)
    return margins.sum(axis=1), pulls


def _softmax(scores: Array, y: NDArray[np.int64]) -> tuple[Array, Array]:
    """Return each example's softmax loss (N,), and minus its gradient (N, C)."""
    rows = np.arange(len(y))
    logarithms = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    pulls = -np.exp(logarithms)
    pulls[rows, y] += 1
    return -logarithms[rows, y], pulls


def _two_digits(value: float) -> str:
    return f"{round(float(value), 2) + 0.0:.2f}"  # adding 0.0 turns -0.0 into 0.0


def _check_shape(name: str, values: NDArray[np.float64], shape: tuple[int, ...], meaning: str) -> None:
    if values.shape != shape:
        raise ValueError(f"{name} should have shape {shape}, {meaning}; found {values.shape}.")


def _describe_softmax(scores: Array, probs: Array, class_names: Sequence[str]) -> str:
    each = [f"{c}: {s:.2f} becomes {p:.2f}" for c, s, p in zip(class_names, scores, probs, strict=True)]
    return f"Scores and their probabilities for {len(class_names)} classes. {listed(each)}."


def _describe_jacobian(J: Array, class_names: Sequence[str]) -> str:
    diagonal = [f"{name} {slope:.2f}" for name, slope in zip(class_names, np.diag(J), strict=True)]
    C = len(class_names)
    description = f"The Jacobian of softmax for {C} classes as a heat map. On the diagonal: {listed(diagonal)}."
    if C < 2:
        return description
    lowest = J[~np.eye(C, dtype=bool)].min()
    return f"{description} Beside it, entries go down to {lowest:.2f}."


def _describe_pulls(losses: dict[str, tuple[Array, Array]], y: NDArray[np.int64], class_names: Sequence[str]) -> str:
    parts = ["What two losses want from the same scores, as bars: up for a higher score, down for a lower one."]
    for i, right in enumerate(y):
        for name, (loss, pulls) in losses.items():
            moved = [f"{c} {p:+.2f}" for c, p in zip(class_names, pulls[i], strict=True) if abs(p) >= PULLING]
            pull = f"pulls {listed(moved)}" if moved else "pulls nothing"
            parts.append(f"Picture {i}, right class {class_names[right]}: {name} loss {loss[i]:.2f}, {pull}.")
    return " ".join(parts)
