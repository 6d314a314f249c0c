"""Notebooks as files: read, written in one canonical form, and made of cells that say what they are."""

import ast
import json
import re
from pathlib import Path
from typing import Any

from cs_lib.course import CourseError

Notebook = dict[str, Any]
Cell = dict[str, Any]

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"}


def read(path: Path) -> Notebook:
    """Return the notebook at `path`; raises CourseError where there is none."""
    try:
        notebook: Notebook = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(f"{path} does not exist; make a notebook of that name in JupyterLab") from None
    except ValueError as error:
        raise CourseError(f"{path}: not a notebook: {error}") from None
    return notebook


def text(notebook: Notebook) -> str:
    """Return the notebook's canonical text, the same that JupyterLab writes."""
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def tags(cell: Cell) -> list[str]:
    """Return the tags of a cell, as JupyterLab's property inspector shows them."""
    return list(cell["metadata"].get("tags", []))


def tagged(cell: Cell, prefix: str) -> str | None:
    """Return what follows `prefix:` in one of the cell's tags, or None."""
    return next((tag.removeprefix(prefix + ":") for tag in tags(cell) if tag.startswith(prefix + ":")), None)


def source(cell: Cell) -> str:
    return "".join(cell["source"])


def with_source(cell: Cell, new: str) -> Cell:
    """Return the cell with another source and nothing that running it left behind."""
    fresh = {**cell, "source": new.splitlines(keepends=True)}
    if cell["cell_type"] == "code":
        fresh |= {"outputs": [], "execution_count": None}
    return fresh


def defined(cell: Cell) -> set[str]:
    """Return the names of the functions and classes that a code cell defines at its top level."""
    if cell["cell_type"] != "code":
        return set()
    try:
        body = ast.parse(source(cell)).body
    except SyntaxError:
        return set()
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def without_results(notebook: Notebook) -> Notebook:
    """Return the notebook as it is before anything runs: what two notebooks are compared by."""
    return {**notebook, "cells": [with_source(cell, source(cell)) for cell in notebook["cells"]]}


def numbered_ids(cells: list[Cell]) -> list[Cell]:
    """Return the cells with readable ids that stay the same from one writing to the next."""
    taken: set[str] = set()
    result = []
    for cell in cells:
        stem = _slug(source(cell))
        number = next(n for n in range(1, len(cells) + 2) if f"{stem}-{n}" not in taken)
        taken.add(f"{stem}-{number}")
        result.append({**cell, "id": f"{stem}-{number}"})
    return result


def _slug(text: str) -> str:
    first = next((line for line in text.split("\n") if line.strip()), "empty")
    return re.sub(r"[^a-z0-9]+", "-", first.lower()).strip("-")[:40].strip("-") or "cell"
