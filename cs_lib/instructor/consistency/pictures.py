"""Pictures without a text for whoever does not see them: in prose, in HTML, and among what code shows."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cs_lib.course import Assignment
from cs_lib.instructor import notebook_file
from cs_lib.instructor.consistency import places
from cs_lib.instructor.notebook_file import Cell

CODE = re.compile(r"```.*?```|`[^`\n]*`", flags=re.DOTALL)
MARKDOWN = re.compile(r"!\[\s*\]\(([^)]*)\)")
IMAGE = re.compile(r"<img\b[^>]*>", flags=re.IGNORECASE)
DRAWING = re.compile(r"<svg\b[^>]*>(\s*<title>)?", flags=re.IGNORECASE)
SAID = re.compile(r"""\balt\s*=\s*(["'])\s*[^"'\s]""", flags=re.IGNORECASE)
DRAWING_SAID = re.compile(r"""<title>|\baria-(label|labelledby|hidden)\s*=\s*["'][^"']""", flags=re.IGNORECASE)


def faults(assignment: Assignment) -> Iterator[str]:
    """Yield each picture that has no text in place of it."""
    for readme in sorted(assignment.folder.glob("*.md")):
        for picture in _silent(readme.read_text(encoding="utf-8")):
            yield f"{places.of_file(readme)}: {_advice(picture)}"
    for notebook in assignment.notebooks:
        path = places.student_path(assignment, notebook)
        for cell in places.cells(path):
            if cell["cell_type"] == "markdown":
                for picture in _silent(notebook_file.source(cell)):
                    yield f"{places.of_cell(path, cell)}: {_advice(picture)}"
        yield from _shown(assignment.solutions / path.name)


def _silent(text: str) -> Iterator[str]:
    """Yield each picture in Markdown or HTML that says nothing in words."""
    prose = CODE.sub("", text)
    yield from (f"the picture {target}" for target in MARKDOWN.findall(prose))
    yield from ("an <img>" for tag in IMAGE.findall(prose) if not SAID.search(tag))
    yield from ("an <svg>" for each in DRAWING.finditer(prose) if not DRAWING_SAID.search(each[0]))


def _advice(picture: str) -> str:
    how = {"an <img>": 'with alt="…"', "an <svg>": 'with aria-label="…"'}.get(picture, "as in ![text](file)")
    return f"{picture} has no alternative text; say in words what it shows, {how}"


def _shown(path: Path) -> Iterator[str]:
    """Yield the silent pictures among what the cells of a solved notebook show."""
    for cell in places.cells(path):
        if any(_is_silent(output) for output in cell.get("outputs", [])):
            advice = "show a cs_lib.plots.Picture with `alt`, or an SVG with aria-label"
            yield f"{places.of_cell(path, cell)}: it shows a picture without alternative text; {advice}"


def _is_silent(output: Cell) -> bool:
    data: dict[str, Any] = output.get("data", {})
    about: dict[str, Any] = output.get("metadata", {})
    images = [mime for mime in data if mime.startswith("image/")]
    silent = any(not about.get(mime, {}).get("alt") for mime in images)
    return silent or any(True for _ in _silent("".join(data.get("text/html", ""))))
