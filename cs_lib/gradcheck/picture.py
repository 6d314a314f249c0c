"""A gradient report as a notebook shows it: its sentence, a table of the worst entries, and a heat map.

Self-contained HTML and SVG without scripts or ids. Text takes the page's own colour and the cells are of
middling lightness, so light and dark themes both read well; the colours are those of Okabe and Ito, which
colour-blind readers tell apart, and what matters has a sign of its own as well.
"""

from html import escape

import numpy as np
from numpy.typing import NDArray

from cs_lib.gradcheck.report import Entry, GradientReport, short, with_difference

ROWS = 5  # entries in the table
MAX_CELLS = 64  # cells along one side of the heat map; larger gradients are shown in blocks
TALL = 24  # rows from which a narrow gradient is drawn lying, so that it does not fill the page
UNCHECKED, AGREES, KINK, UNDECIDED, SLIGHT, CLEAR, GROSS = range(7)
# Colour, sign and meaning; of the entries in one block the worst is shown.
LOOKS = {
    UNCHECKED: ("none", "", "not checked"),
    AGREES: ("#56B4E9", "", "agrees"),
    KINK: ("#009E73", "∧", "agrees, on a kink"),
    UNDECIDED: ("#999999", "?", "could not be decided"),
    SLIGHT: ("#F0E442", "·", "differs by less than a thousandth"),
    CLEAR: ("#E69F00", "+", "differs by less than a tenth"),
    GROSS: ("#D55E00", "×", "differs by a tenth or more"),
}


def html(report: GradientReport) -> str:
    """Return the report as HTML, always the same for the same report."""
    parts = [f"<p>{escape(str(report))}</p>"]
    if report.disagrees.any():
        parts.append(table(report))
    if len(report.analytic):
        parts.append(heat_map(levels(report)))
    return f'<div class="gradient-report">{"".join(parts)}</div>'


def table(report: GradientReport) -> str:
    """Return an HTML table of the entries with the largest differences."""
    gap = np.where(report.disagrees, report.difference, -1.0)
    order = np.argsort(-gap, kind="stable")[: min(ROWS, int(report.disagrees.sum()))]
    name = "entry" if report.kind == "entries" else "direction"
    head = "".join(f'<th scope="col">{title}</th>' for title in (name, "yours", "numerical", "difference"))
    rows = "".join(table_row(report.entry(int(row))) for row in order)
    caption = "<caption>Largest differences</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def table_row(entry: Entry) -> str:
    """Return one row: index, value checked, numerical slope (two of them on a kink) and difference."""
    slopes = sorted({entry.left, entry.right})
    numerical = " to ".join(with_difference(slope, entry.difference) for slope in slopes)
    cells = (
        with_difference(entry.analytic, entry.difference),
        numerical,
        short(entry.difference, 2),
    )
    index = f'<th scope="row">{list(entry.index)}</th>'
    return f"<tr>{index}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def levels(report: GradientReport) -> NDArray[np.int8]:
    """Return (rows, columns) the level of every entry of x, or block of entries; one row of directions."""
    size = np.maximum(np.abs(report.analytic), np.maximum(np.abs(report.left), np.abs(report.right)))
    relative = report.difference / np.where(size > 0, size, 1.0)
    level = np.where(report.kinks, KINK, AGREES)
    level = np.where(report.undecided, UNDECIDED, level)
    wrong = SLIGHT + np.digitize(relative, [1e-3, 1e-1])
    level = np.where(report.disagrees, wrong, level).astype(np.int8)
    if report.kind == "directions":
        return in_blocks(level.reshape(1, -1))
    grid = np.full(report.size, UNCHECKED, dtype=np.int8)
    grid[report.entries] = level
    columns = report.shape[-1] if report.shape else 1
    return in_blocks(grid.reshape(-1, columns))


def in_blocks(grid: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the grid with at most MAX_CELLS cells a side, each the highest level in its block."""
    for axis in (0, 1):
        edges = np.linspace(0, grid.shape[axis], min(grid.shape[axis], MAX_CELLS) + 1).astype(int)[:-1]
        grid = np.maximum.reduceat(grid, edges, axis=axis)
    return grid


def heat_map(grid: NDArray[np.int8]) -> str:
    """Return an SVG with one square a cell, its alternative text and a legend of the levels that occur."""
    rows, columns = grid.shape
    present = [level for level in LOOKS if np.any(grid == level)]
    counts = ", ".join(f"{LOOKS[level][2]}: {int(np.sum(grid == level))}" for level in present)
    label = escape(f"Heat map of the gradient, {rows} rows by {columns} columns of cells. {counts}.")
    side = 16 if max(rows, columns) <= 32 else 8
    legend = " ".join(legend_item(level) for level in present)
    if rows >= TALL and rows > 2 * columns:
        grid = grid.T
        legend += " <span>(rows run from left to right, columns down)</span>"
    cells = "".join(cell(int(grid[r, c]), r, c, side) for r, c in np.ndindex(*grid.shape))
    height, width = side * grid.shape[0], side * grid.shape[1]
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return (
        f'<svg role="img" aria-label="{label}" xmlns="http://www.w3.org/2000/svg" {size}>'
        f"<title>{label}</title>{cells}</svg><p>{legend}</p>"
    )


def cell(level: int, row: int, column: int, side: int) -> str:
    """Return one square, with the sign of its level where there is one."""
    colour, sign, _ = LOOKS[level]
    square = (
        f'<rect x="{column * side}" y="{row * side}" width="{side}" height="{side}" fill="{colour}" '
        'stroke="currentColor" stroke-opacity="0.3"/>'
    )
    if not sign:
        return square
    middle = f'x="{(column + 0.5) * side:g}" y="{(row + 0.5) * side:g}"'
    anchor = 'text-anchor="middle" dominant-baseline="central"'
    return f'{square}<text {middle} {anchor} font-size="{0.8 * side:g}" fill="#000">{sign}</text>'


def legend_item(level: int) -> str:
    """Return a square of the level's colour with its sign and meaning."""
    colour, sign, meaning = LOOKS[level]
    box = (
        "display:inline-block;width:1.2em;height:1.2em;line-height:1.2em;text-align:center;color:#000;"
        f"border:1px solid #888;background:{'transparent' if colour == 'none' else colour}"
    )
    return f'<span style="white-space:nowrap"><span style="{box}">{sign}</span> {meaning}</span>'
