"""Broken notebooks, zips that are traps, odd names, and files that would shadow a library."""

import json
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from cs_lib.submission.outcomes import CRASHED
from hostile.sample import NOTEBOOK, UNREADABLE, Files, Sample, not_started, right, solved

HUGE = 200 * 2**20
ENTRIES = 100_000
BOMB_FILES, BOMB_BYTES = 10, 2**30
BLOCK_BYTES = 64 * 2**20


def notebook(content: bytes | str | dict[str, Any]) -> Files:
    """Return what writes a notebook with this content."""
    text = json.dumps(content) if isinstance(content, dict) else content

    def write(folder: Path, name: str) -> None:
        (folder / f"{name}.ipynb").write_bytes(text.encode() if isinstance(text, str) else text)

    return write


def sparse(folder: Path, name: str) -> None:
    """Write 200 MB that take no room."""
    with (folder / f"{name}.ipynb").open("wb") as file:
        file.truncate(HUGE)


def changed(change: Callable[[dict[str, Any]], None]) -> Files:
    """Return what writes the solved notebook after a change."""

    def write(folder: Path, name: str) -> None:
        content = solved()
        change(content)
        notebook(content)(folder, name)

    return write


def as_it_is(content: dict[str, Any]) -> None:
    """Leave the notebook right."""


def newer(content: dict[str, Any]) -> None:
    content["nbformat_minor"] = 99
    content["from_the_future"] = {"a": 1}
    for cell in content["cells"]:
        cell["from_the_future"] = [None]


def without_code(content: dict[str, Any]) -> None:
    content["cells"] = [cell for cell in content["cells"] if cell["cell_type"] == "markdown"]


def without_metadata(content: dict[str, Any]) -> None:
    content["metadata"] = {}


def with_magics(content: dict[str, Any]) -> None:
    magics = "%matplotlib inline\n!pip install numpy\nfiles = !ls\n%load_ext autoreload\nnp.zeros?\n"
    for i, cell in enumerate(content["cells"]):
        if cell["cell_type"] == "code":
            head = "%%time\n" if i % 2 else ""
            cell["source"] = head + magics + "".join(cell["source"])


def odd_cells(content: dict[str, Any]) -> None:
    content["cells"] += [None, 3, [], {}, {"cell_type": "code"}, {"cell_type": "code", "source": [1, None]}]
    content["cells"] += [{"cell_type": ["code"], "source": {}}, {"cell_type": "code", "source": "\0"}]


def zipped(*members: tuple[str, str], kind: int = stat.S_IFREG) -> Files:
    """Return what writes a zip with members (name, text), each of this kind of file."""

    def write(folder: Path, name: str) -> None:
        with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for place, text in members:
                entry = zipfile.ZipInfo(place)
                entry.external_attr = (kind | 0o644) << 16
                archive.writestr(entry, text)

    return write


def many_files(folder: Path, name: str) -> None:
    """Write a zip with 10⁵ empty notebooks."""
    with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
        for i in range(ENTRIES):
            archive.writestr(f"{i}.ipynb", "")


def bomb(folder: Path, name: str) -> None:
    """Write a zip of 10 MB that unpacks to 10 GB, which is as far as its way of packing goes."""
    _hand_made(folder / f"{name}.zip", overlapping=False)


def overlapping_bomb(folder: Path, name: str) -> None:
    """Write a zip of 1 MB that unpacks to 10 GB, as all of its files are the same place in it."""
    _hand_made(folder / f"{name}.zip", overlapping=True)


def _hand_made(path: Path, *, overlapping: bool) -> None:
    members, table = b"", b""
    for i in range(BOMB_FILES):
        member = f"{i}.ipynb".encode()
        facts = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(_packed()), BOMB_BYTES, len(member), 0)
        start = 0 if overlapping else len(members)
        table += b"PK\x01\x02\x14\x00" + facts + struct.pack("<HHHII", 0, 0, 0, 0, start) + member
        if not (overlapping and i):
            members += b"PK\x03\x04" + facts + member + _packed()
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, BOMB_FILES, BOMB_FILES, len(table), len(members), 0)
    path.write_bytes(members + table + end)


@cache
def _packed() -> bytes:
    """Return a gigabyte of zeros, packed into a megabyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(BLOCK_BYTES)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * (BOMB_BYTES // BLOCK_BYTES) + b"\x03\x00"


def no_zip(folder: Path, name: str) -> None:
    """Write what only begins like a zip."""
    (folder / f"{name}.zip").write_bytes(b"PK\x03\x04 and nothing else")


def twins(folder: Path, name: str) -> None:
    """Write two submissions of one name: a notebook and a zip."""
    notebook(solved())(folder, name)
    zipped((f"{NOTEBOOK}.ipynb", json.dumps(solved())))(folder, name)


def shadows(folder: Path, name: str) -> None:
    """Write a folder whose notebook has files beside it that are named like libraries."""
    own = folder / name
    (own / "cs_lib").mkdir(parents=True)
    notebook(solved())(own, NOTEBOOK)
    for module in ("numpy.py", "json.py", "random.py", "sitecustomize.py", "cs_lib/__init__.py", "conftest.py"):
        (own / module).write_text("raise SystemExit('shadowed')\n")


def linked(folder: Path, name: str) -> None:
    """Write a folder in which the notebook is a link to a file outside."""
    (folder / name).mkdir()
    (folder / name / f"{NOTEBOOK}.ipynb").symlink_to("/etc/passwd")


HTML = "<img src=x onerror=alert(1)>"
DEEP_JSON = '{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}"
DEEP_CODE = f"initial_hinge_loss = {'-' * 100_000}1"
LONG_CHAIN = f"initial_hinge_loss = x{'.a' * 50_000}"
SLOW_TO_READ = "\n".join([*["x = [1, 2, 3]"] * 15_000, *["%time"] * 60])

SAMPLES = (
    Sample("not-json", "not JSON", UNREADABLE, "not JSON in UTF-8", files=notebook("{")),
    Sample("empty", "an empty file", UNREADABLE, "not JSON in UTF-8", files=notebook("")),
    Sample("no-notebook", "JSON that is no notebook", UNREADABLE, "no list of cells", files=notebook("[1, 2]")),
    Sample(
        "format-3",
        "a notebook of format 3",
        UNREADABLE,
        "a notebook of format 3 or older; open it in Jupyter",
        files=notebook({"worksheets": [{"cells": []}], "nbformat": 3, "nbformat_minor": 0, "metadata": {}}),
    ),
    right("newer-minor", "a newer minor version of the format", changed(newer)),
    Sample("huge", "a notebook of 200 MB", UNREADABLE, "larger than 50 MB", files=sparse),
    Sample("not-utf-8", "not UTF-8", UNREADABLE, "not JSON in UTF-8", files=notebook(b'{"cells": "\xff\xfe"}')),
    Sample("deep-json", "JSON nested 10⁵ deep", UNREADABLE, "not JSON in UTF-8", files=notebook(DEEP_JSON)),
    not_started("no-code", "no code cells", changed(without_code), "there is no function"),
    right("no-metadata", "a notebook without metadata", changed(without_metadata)),
    right("odd-cells", "cells that are no cells", changed(odd_cells)),
    right("magics", "magics and ! lines in every cell", changed(with_magics)),
    Sample(
        "syntax-error", "a cell with a syntax error", CRASHED, "SyntaxError", "def initial_hinge_loss(C:\n    return"
    ),
    Sample("indentation", "a cell with mixed tabs", CRASHED, "TabError", "if 1:\n\tx = 1\n        y = 2"),
    Sample("deep-code", "code nested 10⁵ deep", CRASHED, "is not Python", DEEP_CODE),
    Sample("long-chain", "a chain of 50,000 attributes", CRASHED, "is not Python", LONG_CHAIN),
    Sample("imports-without-end", "25,000 broken imports", CRASHED, "SyntaxError", "import (\n" * 25_000),
    Sample("slow-to-read", "much code with many magics", CRASHED, "SyntaxError", SLOW_TO_READ),
    Sample("link", "a notebook that is a link", UNREADABLE, "there is no notebook", files=linked),
    Sample(
        "zip-outside",
        "a zip with names that lead out of it",
        UNREADABLE,
        "a name in it leads out of it",
        files=zipped((f"../../{NOTEBOOK}.ipynb", "{}")),
    ),
    Sample(
        "zip-link",
        "a zip with a link in it",
        UNREADABLE,
        "a link in it",
        files=zipped((f"{NOTEBOOK}.ipynb", "/etc/passwd"), kind=stat.S_IFLNK),
    ),
    Sample("zip-many", "a zip with 10⁵ files", UNREADABLE, "more than 500 files in it", files=many_files),
    Sample("zip-bomb", "a zip that unpacks to 10 GB", UNREADABLE, "unpacks to more than 200 MB", files=bomb),
    Sample(
        "zip-overlap", "a zip of 1 MB that unpacks to 10 GB", UNREADABLE, "zip-overlap.zip: ", files=overlapping_bomb
    ),
    Sample("zip-broken", "no zip", UNREADABLE, "broken, or not a zip", files=no_zip),
    right("shadows", "files named like libraries beside the notebook", shadows),
    right("twins", "two submissions of one name", twins),
    right("Comma, \"Quote\"\nand 'line'", "a name with commas, quotes and a newline", changed(as_it_is)),
    right("😀 Zoë 张伟", "a name with emoji and of other alphabets", changed(as_it_is)),
    right('=HYPERLINK("http:evil","grades")', "a name that a spreadsheet would run", changed(as_it_is)),
    right(HTML, "a name with HTML", changed(as_it_is)),
)
