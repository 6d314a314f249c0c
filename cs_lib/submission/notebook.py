"""Read the code cells of a submitted notebook: plain JSON, nothing executed, every fault a sentence."""

import ast
import json
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_BYTES = 50 * 2**20
"""A notebook larger than this is refused; a picture-heavy one of this course is about 2 MB."""
MAX_CODE = 2**18
"""A notebook with more characters of code than this is refused; one of this course has about 20,000."""
MAX_MAGICS = 30
"""How many lines for IPython alone are taken out of one cell; a cell with more of them is left as it is."""
MAX_REREAD = 2**20
"""How many characters may be read again to find such lines, for each of them makes Python read its cell once more."""
FEWEST_MAGICS = 3
"""How many such lines are taken out of a cell in any case."""
CELL = "code cell "
"""What the name of every submitted cell starts with, in messages and as its file name."""
UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What Python's parser raises on text that is not Python, or on text made to exhaust it."""
KEEP_PYTHON = ("%%time", "%%capture", "%%prun")
COMMANDS = ("pip ", "conda ", "cd ", "ls ")
"""What IPython takes for a magic without its `%`."""


class UnreadableNotebook(Exception):
    """The file is not a notebook that can be graded; the message says why in one line."""


@dataclass(frozen=True)
class Cell:
    """One code cell: its number among all code cells, counted from 1, and its source."""

    number: int
    source: str

    @property
    def name(self) -> str:
        return f"{CELL}{self.number}"


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
    content = _content(path)
    if isinstance(content, dict) and "worksheets" in content:
        raise UnreadableNotebook(
            f"{path.name}: a notebook of format 3 or older; open it in Jupyter, which converts it, and save it"
        )
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise UnreadableNotebook(f"{path.name}: not a notebook of format 4: it has no list of cells")
    codes = [_source(cell) for cell in content["cells"] if _is_code(cell)]
    if sum(map(len, codes)) > MAX_CODE:
        raise UnreadableNotebook(f"{path.name}: more than {MAX_CODE:,} characters of code; keep data in a file")
    most = max(FEWEST_MAGICS, min(MAX_MAGICS, MAX_REREAD // max(1, sum(map(len, codes)))))
    cells = tuple(Cell(number, without_magics(source, most)) for number, source in enumerate(codes, start=1))
    return SubmittedNotebook(path, cells, _copy_of(content))


def without_magics(source: str, most: int = MAX_MAGICS) -> str:
    """Return a cell's source with at most so many lines taken out that only IPython understands, the others in place.

    A line is only suspected where Python stops reading, so `%` and `!` inside strings and formulas stay.
    """
    lines = _without_cell_magics(source.split("\n"))
    for _ in range(most):
        wrong = _first_wrong_line("\n".join(lines))
        if not 1 <= wrong <= len(lines) or not _is_magic(lines[wrong - 1]):
            break
        _take_out(lines, wrong - 1)
    return "\n".join(lines)


def parse(source: str) -> ast.Module:
    """Return the syntax tree of a submitted text, without Python's warnings about it; raises one of UNPARSABLE."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def _content(path: Path) -> Any:
    try:
        if path.exists() and not path.is_file():
            raise UnreadableNotebook(f"{path.name}: not a file")
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableNotebook(f"{path.name}: larger than {MAX_BYTES // 2**20} MB; clear its outputs and save it")
        data = path.read_bytes()
        return json.loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise UnreadableNotebook(f"{path.name}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        unmerged = re.search(rb"^(<<<<<<<|>>>>>>>) ", data, re.MULTILINE)
        because = "it holds the marks of a merge that was not finished (<<<<<<<)" if unmerged else "not JSON in UTF-8"
        raise UnreadableNotebook(f"{path.name}: not a notebook: {because}") from None


def _without_cell_magics(lines: list[str]) -> list[str]:
    """Return the lines without `%%time` and its like at their head; none where another language follows."""
    lines = list(lines)
    for i, line in enumerate(lines):
        if not line.strip():
            continue
        if not line.startswith("%%"):
            break
        if not line.startswith(KEEP_PYTHON):
            return []
        lines[i] = ""
    return lines


def _first_wrong_line(source: str) -> int:
    """Return the number of the line at which Python stops understanding, or 0 where it understands all."""
    try:
        parse(source)
    except SyntaxError as error:
        return error.lineno or 0
    except UNPARSABLE:
        pass
    return 0


def _is_magic(line: str) -> bool:
    stripped = line.strip()
    return (
        stripped.startswith(("%", "!", "?", *COMMANDS))
        or _assigns_magic(stripped)
        or re.fullmatch(r"[\w.]+\?{1,2}", stripped) is not None
    )


def _assigns_magic(line: str) -> bool:
    return line.partition("=")[2].lstrip().startswith(("%", "!"))


def _take_out(lines: list[str], i: int) -> None:
    """Replace the magic at index i, and the lines it continues on, by Python that does nothing in its place."""
    last = i
    while lines[last].rstrip().endswith("\\") and last + 1 < len(lines):
        last += 1
    line = lines[i]
    indent = line[: len(line) - len(line.lstrip())]
    target = line.partition("=")[0]
    lines[i] = f"{target}= None" if _assigns_magic(line) else f"{indent}pass"
    lines[i + 1 : last + 1] = [""] * (last - i)


def _is_code(cell: Any) -> bool:
    return isinstance(cell, dict) and cell.get("cell_type") == "code"


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source.replace("\r\n", "\n").replace("\r", "\n") if isinstance(source, str) else ""


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
    try:
        body = parse(source).body
    except UNPARSABLE:
        return set()
    defining = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in body if isinstance(node, defining)}
