"""Read the code cells of a submitted notebook: plain JSON, nothing executed, every fault a sentence."""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_BYTES = 50 * 2**20
"""A notebook larger than this is refused; a picture-heavy one of this course is about 2 MB."""


class UnreadableNotebook(Exception):
    """The file is not a notebook that can be graded; the message says why in one line."""


@dataclass(frozen=True)
class Cell:
    """One code cell: its number among all code cells, counted from 1, and its source."""

    number: int
    source: str

    @property
    def name(self) -> str:
        return f"code cell {self.number}"


@dataclass(frozen=True)
class SubmittedNotebook:
    """The code cells of one notebook, and which of the course's notebooks it says it is a copy of."""

    path: Path
    cells: tuple[Cell, ...]
    copy_of: tuple[str, str] | None
    """(assignment, notebook) from the notebook's metadata, where it is there."""

    @property
    def functions(self) -> frozenset[str]:
        """The names of all functions and classes defined at the top level of any cell that parses."""
        names = set()
        for cell in self.cells:
            names |= _definitions(cell.source)
        return frozenset(names)


def read_notebook(path: Path) -> SubmittedNotebook:
    """Return the notebook at `path`; raises UnreadableNotebook where it is none."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableNotebook(f"{path.name}: larger than {MAX_BYTES // 2**20} MB")
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableNotebook(f"{path.name}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UnreadableNotebook(f"{path.name}: not a notebook: not JSON in UTF-8") from None
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise UnreadableNotebook(f"{path.name}: not a notebook of format 4: it has no list of cells")
    codes = [_source(cell) for cell in content["cells"] if _is_code(cell)]
    cells = tuple(Cell(number, without_magics(source)) for number, source in enumerate(codes, start=1))
    return SubmittedNotebook(path, cells, _copy_of(content))


def without_magics(source: str) -> str:
    """Return a cell's source with the lines that only IPython understands taken out, the others where they were."""
    if _parses(source):
        return source
    first, _, rest = source.lstrip().partition("\n")
    if first.startswith("%%"):
        keeps_python = first.startswith(("%%time", "%%capture", "%%prun"))
        return "\n" + without_magics(rest) if keeps_python else ""
    return "\n".join(_without_magic(line) for line in source.split("\n"))


def _without_magic(line: str) -> str:
    assigned = re.match(r"(\s*[\w, ]+=\s*)[%!]", line)
    if assigned:
        return f"{assigned[1]}None"
    indent = line[: len(line) - len(line.lstrip())]
    is_magic = line.lstrip().startswith(("%", "!", "?")) or re.fullmatch(r"\s*[\w.]+\?{1,2}\s*", line)
    return f"{indent}pass" if is_magic else line


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _is_code(cell: Any) -> bool:
    return isinstance(cell, dict) and cell.get("cell_type") == "code"


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _copy_of(content: dict[str, Any]) -> tuple[str, str] | None:
    metadata = content.get("metadata")
    ours = metadata.get("cs_lib") if isinstance(metadata, dict) else None
    if not isinstance(ours, dict):
        return None
    assignment, notebook = ours.get("assignment"), ours.get("notebook")
    if isinstance(assignment, str) and isinstance(notebook, str):
        return assignment, notebook
    return None


def _definitions(source: str) -> set[str]:
    if not _parses(source):
        return set()
    defining = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in ast.parse(source).body if isinstance(node, defining)}
