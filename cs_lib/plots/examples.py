"""Pictures of pictures: examples of a data set, and the templates that a linear classifier has learnt."""

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from cs_lib.plots.picture import BLACK, DIVERGING, VERMILION, WIDTH, Picture, in_our_look, listed


@in_our_look
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


@in_our_look
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


def _describe_templates(weights: NDArray[np.float64], class_names: Sequence[str]) -> str:
    return (
        f"Weight templates of {len(class_names)} classes ({listed(class_names)}): orange where a pixel "
        f"raises the score of the class, purple where it lowers it, white where it does not matter. Weights "
        f"go from {weights.min():.2g} to {weights.max():.2g}."
    )


def _describe_pictures(right: Sequence[str], guessed: Sequence[str]) -> str:
    number = "1 picture" if len(right) == 1 else f"{len(right)} pictures"
    mistakes = [f"{a} read as {b}" for a, b in zip(right, guessed, strict=True) if a != b]
    described = f"{number}: {listed(right)}."
    return f"{described} Classified wrong: {listed(mistakes)}." if mistakes else described


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(str(length) for length in shape)
