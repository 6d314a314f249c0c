"""Pictures of Jacobians: how each output of a function of several numbers depends on each of its inputs."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from cs_lib.plots.picture import BLACK, BLUE, DIVERGING, GREY, WIDTH, Picture, in_our_look, listed

Array = NDArray[np.float64]

MOST_WRITTEN = 12  # rows or columns whose numbers still have room
STRONG = 1.8  # the colour scale goes beyond the strongest slope, so that black digits are legible on any cell


@in_our_look
def show_jacobian(J: ArrayLike) -> Picture:
    """Return the Jacobian J (M, N) as a grid: row i is output i, column j is input j.

    Orange is a positive slope, purple a negative one, white none. Up to 12 rows and columns the numbers are written
    in, zeros in grey, and the diagonal is framed. Raises ValueError unless J is a matrix of finite numbers.
    """
    slopes = np.asarray(J, dtype=np.float64)
    if slopes.ndim != 2 or not slopes.size or not np.isfinite(slopes).all():
        raise ValueError(f"J should be a matrix (M, N) of finite numbers; found shape {slopes.shape}.")
    M, N = slopes.shape
    limit = float(np.abs(slopes).max()) or 1.0
    cell = min(0.5, (WIDTH - 1.5) / max(M, N))
    picture = Picture(_describe(slopes), figsize=(max(2.2, N * cell + 0.8), max(1.4, M * cell + 0.8)))
    axes = picture.subplots()
    image = axes.imshow(slopes, cmap=DIVERGING, vmin=-STRONG * limit, vmax=STRONG * limit)
    axes.set(xlabel="input", ylabel="output", title=f"Jacobian, {M} × {N}")
    axes.grid(visible=False)
    axes.spines[:].set_visible(True)
    if max(M, N) <= MOST_WRITTEN:
        _write(axes, slopes)
    else:
        bar = picture.colorbar(image, ax=axes, label="∂output / ∂input", shrink=0.8)
        bar.ax.set_ylim(-limit, limit)
    return picture


def _write(axes: Axes, slopes: Array) -> None:
    """Write each slope in its cell, frame the diagonal, and number the rows and columns."""
    M, N = slopes.shape
    axes.set_xticks(range(N))
    axes.set_yticks(range(M))
    for (i, j), slope in np.ndenumerate(slopes):
        colour, weight = (BLACK, "bold") if slope else (GREY, "normal")
        axes.text(j, i, _number(slope), ha="center", va="center", color=colour, fontsize="small", fontweight=weight)
        if i == j:
            axes.add_patch(Rectangle((j - 0.46, i - 0.46), 0.92, 0.92, fill=False, edgecolor=BLUE, linewidth=2))


def _number(slope: float) -> str:
    return f"{slope + 0.0:.2g}".replace("-", "−")  # adding 0.0 turns -0.0 into 0.0


def _describe(slopes: Array) -> str:
    M, N = slopes.shape
    beside = slopes[~np.eye(M, N, dtype=bool)]
    diagonal = listed([_number(slope) for slope in np.diagonal(slopes)], MOST_WRITTEN)
    parts = [
        f"The Jacobian of {N} {'input' if N == 1 else 'inputs'} (columns) and {M} {'output' if M == 1 else 'outputs'} "
        f"(rows). On its diagonal: {diagonal}."
    ]
    if beside.size:
        others = int(np.count_nonzero(beside))
        found = f"{others:,} of {beside.size:,} numbers are not 0" if others else f"all {beside.size:,} numbers are 0"
        parts.append(f"Beside it, {found}.")
    return " ".join(parts)
