"""Decision regions: which class a model gives to each place of the plane, with the points it has learnt from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import EllipsisType
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from cs_lib.plots.picture import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, WIDTH, Picture, in_our_look, listed
from cs_lib.training import TrainingError
from cs_lib.training.models import describe

# Classes differ in shape, too, so that colour is not all that tells them apart.
CLASSES = (
    ("blue circles", BLUE, "o"),
    ("orange squares", ORANGE, "s"),
    ("green triangles", GREEN, "^"),
    ("purple diamonds", PURPLE, "D"),
    ("sky blue crosses", SKY, "X"),
    ("grey pentagons", GREY, "p"),
)
PALE = 0.3  # a region has so much of its class's colour, the rest is white
RESOLUTION = 300  # places asked on each side of a picture
MARGIN = 0.12  # of the points' extent, around them
LEGEND_SIDE = 3.6  # inches: the side of a picture of one model
NOTHING = "no predictions yet"

Data = tuple[ArrayLike, ArrayLike]


class Predictor(Protocol):
    """Anything that says which class each point belongs to."""

    def predict(self, X: NDArray[Any]) -> Any:
        """Return the predicted class of each point of X (N, 2): (N,) whole numbers."""


@dataclass(frozen=True)
class Plane:
    """The points of a data set, their classes, and the square around them that is asked about.

    X: (N, 2) float64. y: (N,) whole numbers from 0. left, bottom and side: in the unit of X.
    """

    X: NDArray[np.float64]
    y: NDArray[Any]
    left: float
    bottom: float
    side: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The square as (left, right, bottom, top)."""
        return self.left, self.left + self.side, self.bottom, self.bottom + self.side

    def places(self) -> NDArray[np.float64]:
        """Return (RESOLUTION², 2): the middles of the small squares that the square is made of, row by row upwards."""
        middles = (np.arange(RESOLUTION) + 0.5) * self.side / RESOLUTION
        across, up = np.meshgrid(self.left + middles, self.bottom + middles)
        return np.stack([across.ravel(), up.ravel()], axis=1)


@dataclass(frozen=True)
class Regions:
    """What a model predicts: of each place (RESOLUTION, RESOLUTION), and the share of the points it has right.

    Both are None where there are no predictions yet.
    """

    title: str
    classes: NDArray[Any] | None
    right: float | None

    @property
    def words(self) -> str:
        """The line below the panel."""
        return NOTHING if self.right is None else f"{self.right:.0%} of the points right"


def plot_regions(model: Predictor | EllipsisType, data: Data, *, title: str = "Decision regions") -> Picture:
    """Return the regions of the plane in which the model predicts each class, with the points of data on top.

    model: anything whose predict(X) returns a class for each row of X. data: X (N, 2) and y (N,), whole numbers from
    0 to 5. Where predict returns `...`, as it does before it is written, or model is `...` itself, the points are
    shown alone.
    Raises ValueError where the data are of another form, TrainingError (a ValueError) where a prediction is.
    """
    return plot_regions_grid([(title, model)], data)


@in_our_look
def plot_regions_grid(
    models: Sequence[tuple[str, Predictor | EllipsisType]], data: Data, *, columns: int = 3
) -> Picture:
    """Return one panel of decision regions for each (title, model), side by side over the same points.

    Below each stands the share of the points that its model classifies right. Otherwise as `plot_regions`.
    """
    if not models:
        raise ValueError('models should hold at least one pair, such as ("3 neurons", net); found none.')
    plane = _plane(data)
    panels = [_regions(title, model, plane) for title, model in models]
    across = min(columns, len(panels))
    side = min(LEGEND_SIDE, WIDTH / across)
    rows = math.ceil(len(panels) / across)
    picture = Picture(_describe(panels, plane), figsize=(side * across, rows * (side + 0.5) + 0.3))
    grid = list(picture.subplots(rows, across, squeeze=False).flat)
    for axes, panel in zip(grid, panels, strict=False):
        _draw(axes, panel, plane)
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    picture.legend(*_key(plane), loc="outside lower center", ncols=3, handletextpad=0.2, columnspacing=1.2)
    return picture


def _plane(data: Data) -> Plane:
    """Return the points with a square around them; raise ValueError unless they are points of at most six classes."""
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise ValueError(f"data should be the pair (X, y) of points and their classes; found {describe(data)}.")
    X, y = np.asarray(data[0], dtype=np.float64), np.asarray(data[1])
    if X.ndim != 2 or X.shape[1] != 2 or not len(X) or not np.isfinite(X).all():
        raise ValueError(f"X should have shape (N, 2), points of the plane, all finite; found shape {X.shape}.")
    if y.shape != (len(X),) or y.dtype.kind not in "iu" or y.min() < 0 or y.max() >= len(CLASSES):
        raise ValueError(
            f"y should have shape ({len(X)},), for each point a class from 0 to {len(CLASSES) - 1}, more could not "
            f"be told apart; found {describe(y)}."
        )
    low, high = X.min(axis=0), X.max(axis=0)
    side = float((high - low).max()) * (1 + 2 * MARGIN) or 1.0
    left, bottom = (low + high - side) / 2
    return Plane(X, y, float(left), float(bottom), side)


def _regions(title: str, model: Predictor | EllipsisType, plane: Plane) -> Regions:
    everywhere = np.concatenate([plane.X, plane.places()])
    predicted = ... if model is ... else model.predict(everywhere)
    if predicted is ...:
        return Regions(title, None, None)
    classes = np.asarray(predicted)
    if classes.shape != (len(everywhere),) or classes.dtype.kind not in "iu":
        raise TrainingError(
            f"predict should return one class for each point, whole numbers of shape ({len(everywhere)},); it "
            f"returned {describe(predicted)}."
        )
    if classes.min() < 0 or classes.max() >= len(CLASSES):
        raise TrainingError(
            f"predict should return classes from 0 to {len(CLASSES) - 1}; found {classes.min()} to {classes.max()}."
        )
    N = len(plane.y)
    right = float(np.mean(classes[:N] == plane.y))
    return Regions(title, classes[N:].reshape(RESOLUTION, RESOLUTION), right)


def _draw(axes: Axes, panel: Regions, plane: Plane) -> None:
    axes.grid(visible=False)
    if panel.classes is not None:
        pale = ListedColormap([_pale(colour) for _, colour, _ in CLASSES])
        axes.imshow(
            panel.classes, cmap=pale, vmin=-0.5, vmax=len(CLASSES) - 0.5, extent=plane.box, origin="lower",
            interpolation="nearest",
        )  # fmt: skip
        for k in np.unique(panel.classes):
            inside = (panel.classes == k).astype(np.float64)
            if inside.min() < 1:
                axes.contour(inside, levels=[0.5], extent=plane.box, colors=BLACK, linewidths=0.8)
    for k in np.unique(plane.y):
        _, colour, marker = CLASSES[k]
        x, y = plane.X[plane.y == k].T
        axes.scatter(x, y, s=16, marker=marker, color=colour, edgecolors=BLACK, linewidths=0.5, zorder=3)
    axes.set(title=panel.title, xlabel=panel.words, xticks=(), yticks=(), xlim=plane.box[:2], ylim=plane.box[2:])
    axes.set_aspect("equal")
    axes.spines[:].set_visible(True)


def _key(plane: Plane) -> tuple[list[Any], list[str]]:
    """Return what the legend shows: a marker for each class, and its name."""
    present = [int(k) for k in np.unique(plane.y)]
    looks = [CLASSES[k] for k in present]
    handles = [
        Line2D([], [], linestyle="", marker=marker, color=colour, markeredgecolor=BLACK, markeredgewidth=0.5)
        for _, colour, marker in looks
    ]
    return handles, [f"class {k}" for k in present]


def _pale(colour: str) -> tuple[float, ...]:
    return tuple(1 - PALE * (1 - part) for part in to_rgb(colour))


def _describe(panels: Sequence[Regions], plane: Plane) -> str:
    present = np.unique(plane.y)
    points = listed([f"{np.sum(plane.y == k)} {CLASSES[k][0]}" for k in present])
    many = "1 class" if len(present) == 1 else f"{len(present)} classes"
    parts = [f"Decision regions over points of {many}: {points}."]
    return " ".join([*parts, *[f"{panel.title}: {_seen(panel, plane)}." for panel in panels]])


def _seen(panel: Regions, plane: Plane) -> str:
    """Say how many points lie in their own class's region, and which classes have no region."""
    if panel.classes is None or panel.right is None:
        return NOTHING
    number = f"{panel.right:.0%} of the points lie in a region of their own class"
    without = [f"class {k}" for k in np.unique(plane.y) if k not in panel.classes]
    return f"{number}, and nowhere is predicted {' or '.join(without)}" if without else number
