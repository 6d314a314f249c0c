"""Pictures of pictures: examples of a data set, and what classes and hidden units look for in them."""

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.layout_engine import ConstrainedLayoutEngine
from numpy.typing import ArrayLike, NDArray

from cs_lib.plots.picture import BLACK, DIVERGING, VERMILION, WIDTH, Picture, in_our_look, listed


@in_our_look
def show_templates(W: ArrayLike, picture_shape: tuple[int, ...], class_names: Sequence[str]) -> Picture:
    """Return the columns of W (D, C) as pictures, one for each class, on one colour scale around zero.

    picture_shape: (height, width), or (height, width, 3): then red, green and blue are as strong as their weights,
    and middle grey stands for zero. D is the number of values in a picture, or one more: then the last row holds the
    biases, and is left out. Raises ValueError if W or picture_shape is of another form.
    """
    weights = np.asarray(W, dtype=np.float64)
    in_colour = _is_colour(picture_shape)
    pixels, C = math.prod(picture_shape), len(class_names)
    if weights.shape not in {(pixels, C), (pixels + 1, C)}:
        raise ValueError(
            f"W should have shape {(pixels, C)}, or {(pixels + 1, C)} with a row of biases, for pictures of "
            f"{_times(picture_shape)} pixels and {C} classes; found {weights.shape}."
        )
    weights = weights[:pixels]
    limit = float(np.abs(weights).max()) or 1.0
    alt = _describe_templates(weights, class_names, in_colour)
    picture = Picture(alt, figsize=(WIDTH, 0.2 + 1.5 * math.ceil(C / 5)))
    grid = _picture_grid(picture, C, columns=5)
    for axes, name, template in zip(grid, class_names, weights.T, strict=False):
        image = _draw_weights(axes, template, picture_shape, limit)
        axes.set_title(name)
    if not in_colour:
        picture.colorbar(image, ax=grid, label="weight", shrink=0.8)
    return picture


@in_our_look
def show_hidden_units(W1: ArrayLike, picture_shape: tuple[int, ...], *, most: int = 50) -> Picture:
    """Return columns of W1 (D, H) as pictures of what the hidden units look for, titled with the columns' numbers.

    Shown are the `most` units with the strongest weights, by the sum of their squares, strongest first, each on a
    scale of its own around zero. picture_shape and the optional last row of biases: as in `show_templates`.
    Raises ValueError if W1 or picture_shape is of another form, or most is below 1.
    """
    weights = np.asarray(W1, dtype=np.float64)
    in_colour, pixels = _is_colour(picture_shape), math.prod(picture_shape)
    if weights.ndim != 2 or len(weights) not in {pixels, pixels + 1} or not weights.shape[1]:
        raise ValueError(
            f"W1 should have shape ({pixels}, H), or ({pixels + 1}, H) with a row of biases, for pictures of "
            f"{_times(picture_shape)} pixels and H hidden units; found {weights.shape}."
        )
    if most < 1:
        raise ValueError(f"most should be how many units to show, 1 or more; found {most}.")
    units = weights[:pixels].T
    strongest = np.argsort(-(units**2).sum(axis=1), kind="stable")[:most]
    columns = min(10, len(strongest))
    rows = math.ceil(len(strongest) / columns)
    side = WIDTH / max(5, columns)
    alt = _describe_units(strongest, len(units), in_colour)
    picture = Picture(alt, figsize=(side * columns, rows * (side + 0.15)))
    cast(ConstrainedLayoutEngine, picture.get_layout_engine()).set(w_pad=0.03, h_pad=0.03, wspace=0, hspace=0)
    for axes, number in zip(_picture_grid(picture, len(strongest), columns), strongest, strict=False):
        _draw_weights(axes, units[number], picture_shape, float(np.abs(units[number]).max()) or 1.0)
        axes.set_title(f"{number}", fontsize="small", pad=2)
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
    """Return all rows of X (N, pixels) as pictures, titled with the class names.

    picture_shape: (height, width) for grey pictures, dark for high values; (height, width, 3) for red, green and blue
    in [0, 1], or in another range, which is then stretched to [0, 1]. y: (N,) the right classes. predicted: (N,) or
    None; where it differs from y, the title says so in colour.
    Choose the rows to show: X[:16] shows 16 pictures. Raises ValueError if the shapes do not fit together.
    """
    examples, labels = np.asarray(X, dtype=np.float64), np.asarray(y)
    guesses = labels if predicted is None else np.asarray(predicted)
    N = _check_pictures(examples, labels, guesses, picture_shape)
    rows = math.ceil(N / columns)
    right, guessed = [class_names[k] for k in labels], [class_names[k] for k in guesses]
    alt = _describe_pictures(right, guessed)
    titles = [_title(a, b) for a, b in zip(right, guessed, strict=True)]
    title_height = 0.25 + 0.17 * max(title.count("\n") for title in titles)  # inches
    picture = Picture(alt, figsize=(WIDTH, rows * (title_height + 0.94 * WIDTH / columns)))
    bottom, top = _range_shown(examples, picture_shape)
    for axes, pixels, title in zip(_picture_grid(picture, N, columns), examples, titles, strict=False):
        shown = (pixels - bottom) / (top - bottom or 1.0) if _is_colour(picture_shape) else pixels
        axes.imshow(shown.reshape(picture_shape), cmap="gray_r", vmin=bottom, vmax=top)
        axes.set_title(title, color=VERMILION if "\n" in title else BLACK, fontsize="small")
    return picture


def _draw_weights(axes: Axes, weights: NDArray[np.float64], picture_shape: tuple[int, ...], limit: float) -> AxesImage:
    """Draw weights (pixels,) from -limit to limit as a picture, zero in white, or in middle grey."""
    # matplotlib has no colour scale for red, green and blue: there, 0 to 1 is what can be shown.
    shown = 0.5 + weights / (2 * limit) if _is_colour(picture_shape) else weights
    return axes.imshow(shown.reshape(picture_shape), cmap=DIVERGING, vmin=-limit, vmax=limit)


def _title(right: str, guessed: str) -> str:
    if right == guessed:
        return right
    # A long name gets a line of its own, or else it would run into the next picture's.
    gap = " " if len(guessed) < 5 else "\n"
    return f"{right},\nread as{gap}{guessed}"


def _is_colour(picture_shape: tuple[int, ...]) -> bool:
    """Return whether pictures of this shape are in colour; raise ValueError unless they are that or grey."""
    match picture_shape:
        case (_, _):
            return False
        case (_, _, 3):
            return True
    raise ValueError(
        f"picture_shape should be (height, width) for grey pictures or (height, width, 3) for colour; "
        f"found {picture_shape}."
    )


def _range_shown(X: NDArray[np.float64], picture_shape: tuple[int, ...]) -> tuple[float, float]:
    """Return which values of X are shown darkest and lightest, or the other way round."""
    bottom, top = float(X.min()), float(X.max())
    if _is_colour(picture_shape) and bottom >= 0 and top <= 1:
        return 0.0, 1.0  # true colours
    return bottom, top


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


def _describe_templates(weights: NDArray[np.float64], class_names: Sequence[str], in_colour: bool) -> str:
    key = _key("the score of the class", in_colour)
    return (
        f"Weight templates of {len(class_names)} classes ({listed(class_names)}): {key}. Weights "
        f"go from {weights.min():.2g} to {weights.max():.2g}."
    )


def _describe_units(numbers: NDArray[np.intp], H: int, in_colour: bool) -> str:
    many = "1 hidden unit" if H == 1 else f"{H} hidden units"
    which = f"of {many}" if len(numbers) == H else f"of the {len(numbers)} strongest of {many}"
    return (
        f"The weights {which} as pictures, strongest first ({listed([str(number) for number in numbers], 10)}): "
        f"{_key('the value of the unit', in_colour)}. Each has a scale of its own."
    )


def _key(raised: str, in_colour: bool) -> str:
    """Return what the colours mean, where they raise or lower a score or the value of a unit."""
    if in_colour:
        return (
            f"the colours of pixels that raise {raised}, their opposites where those lower it, grey where a pixel "
            "does not matter"
        )
    return f"orange where a pixel raises {raised}, purple where it lowers it, white where it does not matter"


def _describe_pictures(right: Sequence[str], guessed: Sequence[str]) -> str:
    number = "1 picture" if len(right) == 1 else f"{len(right)} pictures"
    mistakes = [f"{a} read as {b}" for a, b in zip(right, guessed, strict=True) if a != b]
    described = f"{number}: {listed(right)}."
    return f"{described} Classified wrong: {listed(mistakes)}." if mistakes else described


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(str(length) for length in shape)
