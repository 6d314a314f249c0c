"""The proof that no answer is in a kit: every file of it is read in full, and what cannot be read is not given out.

Read are the text of files, the strings in Python source, every text in a notebook (its metadata too), what an
attachment decodes to, and the arrays of a record. Bytecode, links, pickles and archives are refused unseen.
"""

import ast
import base64
import binascii
import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import PathFinder
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from cs_lib.course import CourseError
from cs_lib.instructor.release.rooms import stays_home
from cs_lib.instructor.release.secret_lines import TELLING, Secret, bare
from cs_lib.instructor.stubs import BEGIN

PICTURES = (".png", ".jpg", ".jpeg", ".gif")


@dataclass(frozen=True)
class Leak:
    """One thing in a kit that should have stayed home."""

    file: str
    place: str
    """Where in the file: a line, or a cell and what of it."""
    what: str

    def __str__(self) -> str:
        return f"{self.file}{f', {self.place}' if self.place else ''}: {self.what}"


class Unreadable(Exception):
    """A file, or a part of one, whose content the search cannot see; the message says why."""


def require_none(kit: Path, secrets: Mapping[str, Secret]) -> None:
    """Raise CourseError, naming file, line and what leaked, where a kit holds anything that should stay home."""
    found = list(leaks(kit, secrets))
    if found:
        more = f"\n… and {len(found) - 10} more" if len(found) > 10 else ""
        listed = "\n".join(f"  {each}" for each in found[:10])
        raise CourseError(f"nothing was released, because it would give answers away:\n{listed}{more}")


def leaks(kit: Path, secrets: Mapping[str, Secret]) -> Iterator[Leak]:
    """Yield everything in a kit that should have stayed home."""
    telling = [key for key in secrets if len(key) >= TELLING]
    for path in sorted(kit.rglob("*")):
        name = path.relative_to(kit).as_posix()
        if stays_home(name) or stays_home(f"{name}/"):
            yield Leak(name, "", "lies in a room that stays home")
        elif path.is_symlink():
            yield Leak(name, "", "is a link, and may lead to an answer")
        elif path.is_file():
            yield from _in_file(path, name, secrets, telling)
    if PathFinder.find_spec("cs_lib.reference", [str(kit / "cs_lib")]):
        yield Leak("cs_lib", "", "cs_lib.reference can be imported")


def _in_file(path: Path, name: str, secrets: Mapping[str, Secret], telling: Sequence[str]) -> Iterator[Leak]:
    try:
        for place, text in _texts(path):
            for number, secret in _found(text, secrets, telling):
                where = f"{place}, line {number}" if place else f"line {number}"
                yield Leak(name, where, f"{secret.what}: {secret.line!r}")
        yield from (Leak(name, f"cell {number}", "has been run, and shows results") for number in _run_cells(path))
    except Unreadable as error:
        yield Leak(name, "", str(error))


def _run_cells(path: Path) -> Iterator[int]:
    """Yield the numbers of a notebook's cells that have outputs or a count of their execution."""
    if path.suffix == ".ipynb":
        for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8")).get("cells", []), start=1):
            if cell.get("outputs") or cell.get("execution_count") is not None:
                yield number


def _found(text: str, secrets: Mapping[str, Secret], telling: Sequence[str]) -> Iterator[tuple[int, Secret]]:
    """Yield the secrets in a text, each with its line: as a line of its own, or where it is telling, in any place."""
    lines = [bare(line) for line in text.split("\n")]
    for number, line in enumerate(lines, start=1):
        if line == bare(BEGIN):
            yield number, Secret(BEGIN, "the mark of an answer")
        if line in secrets:
            yield number, secrets[line]
    whole, starts = "".join(lines), [0, *accumulate(map(len, lines))]
    for key in telling if len(whole) >= TELLING else ():
        if key in whole and key not in lines:
            yield bisect_right(starts, whole.find(key)), secrets[key]


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (where, text) of all that can be read in a file; raises Unreadable."""
    data = path.read_bytes()
    if path.suffix == ".npz":
        yield from _in_arrays(path)
    elif path.suffix in PICTURES:
        yield "", data.decode("latin-1")
    elif path.suffix in (".pyc", ".pyo"):
        raise Unreadable("is bytecode, which may hold an answer that no search of text finds")
    else:
        text = _decoded(data)
        if path.suffix in (".ipynb", ".json"):
            yield from _in_json(text, path.suffix == ".ipynb")
        else:
            yield "", text
        if path.suffix == ".py":
            yield "its strings", "\n".join(_strings(text))


def _decoded(data: bytes) -> str:
    try:
        if b"\0" in data:
            raise Unreadable("is neither text nor arrays, so that answers in it would not be found")
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("is neither text nor arrays, so that answers in it would not be found") from None


def _strings(source: str) -> Iterator[str]:
    """Yield the strings of Python source that hold line breaks as escapes."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise Unreadable(f"is not Python: {error.msg}, line {error.lineno}") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            value = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            if "\n" in value and node.lineno == node.end_lineno:
                yield value


def _in_json(text: str, is_notebook: bool) -> Iterator[tuple[str, str]]:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise Unreadable(f"is not JSON: {error}") from None
    cells = content.pop("cells", []) if is_notebook else []
    for number, cell in enumerate(cells, start=1):
        yield f"cell {number}", "".join(cell.pop("source", ""))
        yield from ((f"cell {number}'s {key}", _all_text(value)) for key, value in cell.items() if value)
    yield "the notebook's metadata" if is_notebook else "", _all_text(content)


def _all_text(value: Any) -> str:
    """Return every string in a JSON value, keys included, and what each decodes to, one below the other."""
    return "\n".join(text for each in _strings_in(value) for text in (each, *_from_base64(each)))


def _strings_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from _strings_in(each)
    elif isinstance(value, list):
        if value and all(isinstance(each, str) for each in value):
            yield "\n".join(each.removesuffix("\n") for each in value)  # a text in lines, as notebooks keep it
            return
        for each in value:
            yield from _strings_in(each)


def _from_base64(text: str) -> Iterator[str]:
    try:
        yield base64.b64decode("".join(text.split()), validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return


def _in_arrays(path: Path) -> Iterator[tuple[str, str]]:
    """Yield what the arrays of a record spell; raises Unreadable where one is neither numbers nor text."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            for name, array in arrays.items():
                place = f"array {name}"
                if array.dtype.kind in "US":
                    yield place, "\n".join(str(each) for each in array.astype(str).ravel())
                elif array.dtype.kind in "biufc":
                    yield place, array.tobytes().decode("latin-1")
                    if array.dtype.kind in "iuf":
                        yield place, _spelled(array)
                else:
                    raise Unreadable(f"holds the array {name} of dtype {array.dtype}")
    except ValueError as error:
        raise Unreadable(f"cannot be read without pickle: {error}") from None


def _spelled(array: Any) -> str:
    """Return what an array of character codes spells."""
    codes = array.ravel()[np.isfinite(array.ravel())]
    return bytes(codes[(codes >= 0) & (codes < 128)].astype(np.uint8)).decode("latin-1")
