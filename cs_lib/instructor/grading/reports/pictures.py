"""The pictures of a class as SVG to stand inside a page: ink of the page's own colour, the same bytes every time."""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from cs_lib.instructor.grading.reports.page import counted, escaped, number
from cs_lib.instructor.grading.reports.tally import DONE_IN_PART, GROUPS
from cs_lib.plots.picture import BLUE, GREY, ORANGE, PURPLE, SKY, VERMILION, Picture, in_our_look, listed
from cs_lib.submission.outcomes import CRASHED, DONE, NOT_FINISHED, NOT_JUDGED, NOT_STARTED, TIMED_OUT, WRONG

WIDTH = 4.7  # inches; narrow, so that the words can be read where a phone scales it down
MOST_BARS = 20
INK = "#010203"
"""Stands for the page's own colour of text, which differs between light and dark."""
LOOK: dict[Any, Any] = {
    "hatch.linewidth": 0.6,
    "svg.hashsalt": "cs_lib",
    "svg.fonttype": "none",
    "font.size": 10,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.facecolor": "none",
    **dict.fromkeys(["text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"], INK),
}
NO_METADATA = dict.fromkeys(["Date", "Creator", "Format", "Type"])
# Hatched as well as coloured, so that nothing hangs on telling colours apart.
FILLS = {
    DONE: (BLUE, ""),
    DONE_IN_PART: (SKY, ""),
    WRONG: (VERMILION, "////"),
    CRASHED: (PURPLE, "xxxx"),
    TIMED_OUT: (PURPLE, "...."),
    NOT_FINISHED: (ORANGE, "\\\\\\\\"),
    NOT_STARTED: ("#c9ced4", ""),
    NOT_JUDGED: (GREY, "++++"),
}


def scores_figure(scores: Sequence[float], maximum: float) -> str:
    """Return the distribution of the scores as a figure in HTML, with its description in words."""
    median, low, high = (number(float(q)) for q in np.quantile(scores, [0.5, 0.25, 0.75]))
    alt = (
        f"The scores of {counted(len(scores), 'submission')}, out of {number(maximum)} points. Half of them have "
        f"{median} points or more; the middle half lies between {low} and {high}. "
        f"Full marks: {sum(each >= maximum for each in scores):,}. "
        f"No points at all: {sum(each == 0 for each in scores):,}."
    )
    return _figure(_scores(scores, maximum, alt), "scores")


def standings_figure(standings: Mapping[str, Mapping[str, int]]) -> str:
    """Return how each exercise stands in the class as a figure in HTML, with its description in words."""
    shares = {name: counts.get(DONE, 0) / max(1, sum(counts.values())) for name, counts in standings.items()}
    hardest = sorted(shares, key=lambda name: shares[name])[:3]
    words = [f"{name} ({shares[name]:.0%})" for name in hardest]
    alt = f"How each exercise stands, as a share of the class. Done by the fewest: {listed(words)}."
    return _figure(_standings(standings, alt), "standings")


@in_our_look
def _scores(scores: Sequence[float], maximum: float, alt: str) -> Picture:
    with style.context(LOOK):
        picture = Picture(alt, figsize=(WIDTH, 2.3))
        axes = picture.subplots()
        # A bar for each score while they are few; the last one ends in the full score and includes it.
        bars = int(min(MOST_BARS, max(1, maximum)))
        axes.hist(scores, bins=bars, range=(0, max(1, maximum)), color=BLUE, rwidth=0.88)
        axes.axvline(
            float(np.median(scores)),
            color=VERMILION,
            linestyle="--",
            label=f"median: {number(float(np.median(scores)))}",
        )
        axes.set(xlabel=f"points, of {number(maximum)}", ylabel="submissions", xlim=(0, max(1, maximum)))
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.grid(visible=False, axis="x")
        axes.set_axisbelow(True)
        picture.legend(loc="outside upper right")
    return picture


@in_our_look
def _standings(standings: Mapping[str, Mapping[str, int]], alt: str) -> Picture:
    with style.context(LOOK):
        picture = Picture(alt, figsize=(WIDTH, 1.3 + 0.27 * len(standings)))
        axes = picture.subplots()
        names = list(standings)
        totals = np.array([max(1, sum(counts.values())) for counts in standings.values()])
        left = np.zeros(len(names))
        for group in GROUPS:
            counts = np.array([each.get(group, 0) for each in standings.values()])
            if counts.any():
                colour, hatch = FILLS[group]
                look: dict[str, Any] = {
                    "color": colour,
                    "hatch": hatch,
                    "edgecolor": "white",
                    "linewidth": 0.4,
                    "label": group,
                }
                axes.barh(names, 100 * counts / totals, left=left, height=0.78, **look)
                left += 100 * counts / totals
        axes.invert_yaxis()
        axes.set(xlabel="share of the class, in percent", xlim=(0, 100), ylim=(len(names) - 0.4, -0.6))
        _plain(axes)
        picture.legend(loc="outside upper left", ncols=3, handlelength=1.2, columnspacing=1.2)
    return picture


def _plain(axes: Axes) -> None:
    axes.grid(visible=False, axis="y")
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for label in axes.get_yticklabels():
        label.set_parse_math(False)


def _figure(picture: Picture, key: str) -> str:
    file = io.StringIO()
    with style.context(LOOK):
        picture.savefig(file, format="svg", metadata=NO_METADATA)
    drawing = file.getvalue()
    drawing = drawing[drawing.index("<svg") :].replace(INK, "currentColor")
    # Ids are unique on the page, though every picture numbers its own from 1.
    drawing = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{key}-", drawing)
    title = f'<title id="{key}-alt">{escaped(picture.alt)}</title>'
    drawing = drawing.replace("<svg ", f'<svg role="img" aria-labelledby="{key}-alt" ', 1)
    drawing = re.sub(r"(<svg[^>]*>)", lambda found: found[0] + title, drawing, count=1)
    return f"<figure>\n{drawing.strip()}\n<figcaption>{escaped(picture.alt)}</figcaption>\n</figure>"
