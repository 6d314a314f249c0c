"""The pen that draws circuits: text, wires, gates, and how wide a text will be."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from cs_lib.plots.picture import BLACK

# Inches and points at scale 1.
POINTS, SMALL = 10.0, 8.5
RADIUS = 0.2
ROUNDED_UP = 1.05  # letters drawn in whole pixels take a little more room than their outlines

# Values and gradients differ in type, too, so that colour is not all that tells them apart.
PLAIN = FontProperties(family="DejaVu Sans")
VALUE = FontProperties(family="DejaVu Sans", weight="bold")
GRADIENT = FontProperties(family="DejaVu Sans", style="italic")
WIRE, GROUND = "#555555", "#F3F3F3"


@dataclass(frozen=True)
class Pen:
    """Draws on axes whose unit is the inch at scale 1; text and lines shrink with the scale, too."""

    axes: Axes
    scale: float

    def write(
        self,
        x: float,
        y: float,
        text: str,
        colour: str = BLACK,
        font: FontProperties = PLAIN,
        *,
        size: float = POINTS,
        ha: str = "center",
    ) -> None:
        """Write the text as it is, even if it has dollar signs in it."""
        if not text:
            return
        self.axes.text(
            x, y, text, color=colour, fontproperties=font, fontsize=size * self.scale, ha=ha, va="center_baseline",
            parse_math=False, zorder=4,
        )  # fmt: skip

    def wire(self, points: Sequence[tuple[float, float]]) -> None:
        """Draw through the points; wherever the height changes, in a curve that begins and ends level."""
        path = [points[0]]
        codes = [Path.MOVETO]
        for (x, y), (to_x, to_y) in pairwise(points):
            if y == to_y:
                path.append((to_x, to_y))
                codes.append(Path.LINETO)
            else:
                path += [((x + to_x) / 2, y), ((x + to_x) / 2, to_y), (to_x, to_y)]
                codes += [Path.CURVE4] * 3
        line = PathPatch(Path(path, codes), fill=False, edgecolor=WIRE, linewidth=1.2 * self.scale, zorder=1)
        self.axes.add_patch(line)

    def dot(self, x: float, y: float) -> None:
        """Mark a place where a wire branches."""
        self.axes.add_patch(Circle((x, y), 0.035, color=BLACK, zorder=2))

    def gate(self, x: float, y: float, width: float, text: str, edge: str, thickness: float) -> None:
        """Draw a circle with its symbol in it; a long name draws it out to a pill."""
        half = max(0.0, width / 2 - RADIUS)
        angles = np.linspace(0.5, 2.5, 120) * np.pi
        sides = np.where(np.cos(angles) > 0, half, -half)
        outline = np.stack([x + sides + RADIUS * np.cos(angles), y + RADIUS * np.sin(angles)], axis=1)
        line = thickness * self.scale
        self.axes.add_patch(Polygon(outline, facecolor=GROUND, edgecolor=edge, linewidth=line, zorder=3))
        self.write(x, y, text)


def width_of(text: str, font: FontProperties) -> float:
    """Return how wide the text is in inches at scale 1."""
    return _measured(text.replace("$", "S"), font) if text.strip() else 0.0  # a dollar sign is not mathematics here


@cache
def _measured(text: str, font: FontProperties) -> float:
    outline = TextPath((0, 0), text, size=POINTS, prop=font, usetex=False)
    return ROUNDED_UP * float(outline.get_extents().width) / 72
