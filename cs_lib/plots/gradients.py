"""Pictures of slopes: the error of a difference quotient against its step, a kink looked at closely, descents."""

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from cs_lib.plots.picture import BLACK, GREEN, VERMILION, WIDTH, Picture, in_our_look, listed

Array = NDArray[np.float64]
GRID = 201  # points along each side of a contour map, and along a curve


@in_our_look
def plot_step_errors(steps: ArrayLike, errors: Mapping[str, ArrayLike]) -> Picture:
    """Return how the error of numerical slopes depends on the step h, on logarithmic axes, each best step marked.

    steps: (K,) positive. errors: for each way of computing a slope, its errors (K,), not negative; an error of
    exactly 0 has no place on the axis and is left out.
    Raises ValueError if the lengths differ, a step is not positive, or an error is negative or not finite.
    """
    h = np.asarray(steps, dtype=np.float64)
    if h.ndim != 1 or not len(h) or not (h > 0).all():
        raise ValueError(f"steps should be positive numbers, shape (K,); found shape {h.shape}, {h.ravel()[:5]}.")
    curves = {name: _errors(name, values, h) for name, values in errors.items()}
    best = {name: float(h[np.nanargmin(values)]) for name, values in curves.items()}
    picture = Picture(_describe_errors(h, best), figsize=(WIDTH, 3.8))
    axes = picture.subplots()
    for (name, values), marker in zip(curves.items(), cycle("os^D"), strict=False):
        (line,) = axes.loglog(h, values, marker=marker, markersize=4, label=name)
        axes.plot(best[name], np.nanmin(values), "o", markersize=13, fillstyle="none", color=line.get_color())
    axes.set(xlabel="step h", ylabel="error", title="How wrong a numerical gradient is")
    for place, side, words in ((0.02, "left", "← rounding"), (0.98, "right", "truncation →")):
        axes.text(place, 0.03, words, ha=side, transform=axes.transAxes, color=BLACK)
    axes.legend(loc="upper center")
    return picture


@in_our_look
def plot_zoom(functions: Mapping[str, Callable[[float], float]], x: float, widths: Sequence[float]) -> Picture:
    """Return each function around x, one row each, from the widest view to the closest.

    functions: each takes a float and returns one. widths: how far each view reaches to either side of x.
    Raises ValueError unless there are a function and a width, and all widths are positive.
    """
    if not functions or not len(widths) or min(widths) <= 0:
        raise ValueError(
            f"plot_zoom needs at least one function and positive widths; found {len(functions)} functions and "
            f"widths {list(widths)}."
        )
    picture = Picture(_describe_zoom(list(functions), x, widths), figsize=(WIDTH, 2.0 * len(functions) + 0.3))
    grid = picture.subplots(len(functions), len(widths), squeeze=False)
    for row, (name, f) in zip(grid, functions.items(), strict=True):
        for axes, width in zip(row, widths, strict=True):
            places = x + width * np.linspace(-1, 1, GRID)
            axes.plot(places, [f(float(each)) for each in places], linewidth=2)
            axes.plot(x, f(x), "o", color=VERMILION)
            axes.set_title(f"{name}, ± {width:g}")
            axes.locator_params(nbins=4)
    return picture


@in_our_look
def plot_descent(
    f: Callable[[Array], float], paths: Mapping[str, ArrayLike], *, x_range: tuple[float, float] = (-3, 3)
) -> Picture:
    """Return the paths of descents over the contours of f, one panel each.

    f: takes a (2,) array, returns a float. paths: by name, the places visited in order, each (steps + 1, 2).
    x_range: the lowest and highest value shown of both coordinates; a path that leaves them is cut off.
    Raises ValueError if there is no path or one has another shape.
    """
    walks = {name: np.asarray(path, dtype=np.float64) for name, path in paths.items()}
    for name, path in walks.items():
        if path.ndim != 2 or path.shape[1] != 2 or not len(path):
            raise ValueError(f"the path {name!r} should have shape (steps + 1, 2); found {path.shape}.")
    if not walks:
        raise ValueError("plot_descent needs at least one path; found none.")
    picture = Picture(_describe_descents(f, walks), figsize=(WIDTH, WIDTH / max(2, len(walks)) + 0.35))
    grid = picture.subplots(1, len(walks), squeeze=False, sharex=True, sharey=True)
    for axes, (name, path) in zip(grid[0], walks.items(), strict=True):
        _draw_contours(axes, f, x_range)
        axes.plot(path[:, 0], path[:, 1], ".-", color=VERMILION, linewidth=1.2)
        axes.plot(*path[0], "o", color=BLACK)
        axes.plot(*path[-1], "*", color=GREEN, markersize=13, markeredgecolor=BLACK)
        axes.set(title=name, xlabel="x[0]", xlim=x_range, ylim=x_range, aspect="equal")
    grid[0][0].set_ylabel("x[1]")
    return picture


def _errors(name: str, values: ArrayLike, h: Array) -> Array:
    """Return errors ready for a logarithmic axis, nan where there is none; raise ValueError where they cannot be."""
    found = np.asarray(values, dtype=np.float64)
    if found.shape != h.shape or not np.isfinite(found).all() or (found < 0).any() or not found.any():
        raise ValueError(
            f"{name} should be one error for each of the {len(h)} steps, none negative and not all 0; "
            f"found shape {found.shape} and values {found.ravel()[:5]}."
        )
    return np.where(found > 0, found, np.nan)


def _draw_contours(axes: Axes, f: Callable[[Array], float], x_range: tuple[float, float]) -> None:
    line = np.linspace(*x_range, GRID // 2)
    heights = np.array([[f(np.array([a, b])) for a in line] for b in line])
    # Levels that lie closer together near the bottom, where the path ends.
    levels = heights.min() + (heights.max() - heights.min()) * np.linspace(0.03, 1, 12) ** 2
    axes.contour(line, line, heights, levels=levels, cmap="cividis", linewidths=0.8)
    axes.grid(visible=False)


def _describe_errors(h: Array, best: Mapping[str, float]) -> str:
    lowest = [f"{name} at h = {step:.0e}" for name, step in best.items()]
    return (
        f"The error of numerical slopes for steps h from {h.min():.0e} to {h.max():.0e}, on logarithmic axes. "
        f"Smallest error, circled: {listed(lowest)}."
    )


def _describe_zoom(names: Sequence[str], x: float, widths: Sequence[float]) -> str:
    views = listed([f"± {width:g}" for width in widths])
    return f"The functions {listed(names)} around x = {x:g}, each seen from closer and closer: {views}."


def _describe_descents(f: Callable[[Array], float], paths: Mapping[str, Array]) -> str:
    ways = [
        f"{name}: f goes from {f(path[0]):.2g} to {f(path[-1]):.2g} in {len(path) - 1} steps"
        for name, path in paths.items()
    ]
    return f"Paths of gradient descent over the contour lines of f. {'; '.join(ways)}."
