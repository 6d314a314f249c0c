"""Rows for a spreadsheet, made so that it shows every cell and runs none."""

import csv
import io
import re
from collections.abc import Sequence

# The last four are the first four as East Asian keyboards write them.
FORMULA = r"[=+\-@＝＋－＠]"
RUNS = re.compile(rf"^(?=[\t\r\n]|{FORMULA})|(?<=[;\t\r\n])(?=[\s\"]*{FORMULA})")
"""Where a formula may begin: at a cell's start, and after what some country's spreadsheets split cells at, for they
do so even inside a cell in quotation marks unless it is the first of its row."""


Cell = str | int | float


def harmless(text: str) -> str:
    """Return text that a spreadsheet shows as text: with `'` before whatever would be run."""
    return RUNS.sub("'", text)


def csv_line(cells: Sequence[Cell]) -> str:
    """Return one row of CSV, all of its texts in quotation marks."""
    line = io.StringIO()
    row = [harmless(cell) if isinstance(cell, str) else _plain(cell) for cell in cells]
    csv.writer(line, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC).writerow(row)
    return line.getvalue()


def _plain(points: int | float) -> int | float:
    return int(points) if points == int(points) else points
