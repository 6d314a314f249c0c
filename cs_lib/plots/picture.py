"""A picture that also knows itself in words, and the look that all of the course's pictures share."""

import base64
import html
import io
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec

from cycler import cycler
from matplotlib import style
from matplotlib.figure import Figure

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

    def outputs(self) -> list[tuple[dict[str, str], dict[str, Any]]]:
        """Return what a notebook shows, the picture and its caption, each as (data, metadata) by kind of data.

        They are two outputs, because notebooks drop the alternative text of a single picture.
        """
        # Narrower on the page than the picture has pixels, so that it is sharp on fine screens.
        about = {"alt": "Picture, described in the text below it.", "width": round(self.get_figwidth() * 100)}
        caption = html.escape(self.alt).replace("\n", "<br>\n")
        return [
            ({"image/png": base64.b64encode(self.png()).decode()}, {"image/png": about}),
            ({"text/plain": self.alt, "text/html": f'<p style="max-width: 45em">{caption}</p>'}, {}),
        ]

    def _ipython_display_(self) -> None:
        """Show the picture and its caption in a notebook."""
        from IPython.display import display

        for data, metadata in self.outputs():
            display(data, raw=True, metadata=metadata)  # type: ignore[no-untyped-call]


P = ParamSpec("P")


def in_our_look(draw: Callable[P, Picture]) -> Callable[P, Picture]:
    """Draw with matplotlib's own defaults and ours on top, whatever style the notebook has chosen."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Picture:
        with style.context(["default", LOOK]):
            return draw(*args, **kwargs)

    return drawn


def listed(names: Sequence[str], most: int = 40) -> str:
    """Return the names as words of a sentence, the first of them if there are very many."""
    more = [f"and {len(names) - most} more"] if len(names) > most else []
    return ", ".join([*names[:most], *more])
