"""Unpack zip files that nobody vouches for: bounded, inside their own folder, nothing but what a grader reads."""

import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from cs_lib.submission.notebook import MAX_BYTES

MAX_FILES = 500
"""How many entries one student's zip may have."""
MAX_UNPACKED = 200 * 2**20
"""How many bytes one student's zip may become."""
MAX_DIRECTORY = 2**20
"""Bytes of a zip's table of contents; 500 entries need about a twentieth of it."""
MAX_CLASS_FILES = 1_000_000
MAX_CLASS_UNPACKED = 50 * 2**30
NOTEBOOK, ARCHIVE = ".ipynb", ".zip"
TOO_MANY = f"more than {MAX_FILES} files in it"
END, LONG_END, END_BYTES = b"PK\x05\x06", b"PK\x06\x07", 22
LONGEST_NAME = 255
DEEPEST = 20
"""How many folders may stand inside each other."""
JUNK = ("__MACOSX",)
CHUNK = 2**20
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, ValueError, RuntimeError)
"""What zipfile raises on what is no zip, or is made to look like one."""


class UnsafeArchive(Exception):
    """The zip file cannot be unpacked safely; the message says why in one line."""


class UnsafeName(UnsafeArchive):
    """One name in the zip file cannot be used."""


@dataclass
class Budget:
    """How many bytes may be unpacked, and how many have been."""

    limit: int
    spent: int = 0

    def spend(self, size: int) -> None:
        self.spent += size
        if self.spent > self.limit:
            raise UnsafeArchive(f"unpacks to more than {self.limit // 2**20:,} MB")


def unpack_submission(archive: Path, folder: Path) -> list[Path]:
    """Unpack the notebooks of one student's zip into `folder`, each under its own name; return them.

    Raises UnsafeArchive where the file is no zip, has names that lead out of it, links, too much in it, or nothing.
    """
    if archive.stat().st_size > MAX_BYTES:
        raise UnsafeArchive(f"larger than {MAX_BYTES // 2**20} MB")
    budget = Budget(MAX_UNPACKED)
    paths: list[Path] = []
    with _opened(archive) as opened:
        entries = opened.infolist()
        if len(entries) > MAX_FILES:
            raise UnsafeArchive(TOO_MANY)
        places = [_safe_place(entry) for entry in entries]
        for entry, place in zip(entries, places, strict=True):
            if entry.is_dir() or place.suffix != NOTEBOOK or is_junk(place.parts):
                continue
            # One folder for each: two notebooks in different folders of the zip may share a name.
            path = folder / str(len(paths)) / place.name
            path.parent.mkdir(parents=True)
            _extract(opened, entry, path, budget)
            paths.append(path)
    if not paths:
        raise UnsafeArchive("there is no notebook in it")
    return paths


def unpack_class(archive: Path, folder: Path) -> list[str]:
    """Unpack a whole class into `folder`; return the names that were left out, as they are not safe.

    Notebooks, zips and tables are unpacked; of any other file its name alone, for that is all that is read of it.
    Raises UnsafeArchive.
    """
    left_out, budget = [], Budget(MAX_CLASS_UNPACKED)
    with _opened(archive, max_directory=None) as opened:
        entries = opened.infolist()
        if len(entries) > MAX_CLASS_FILES:
            raise UnsafeArchive(f"more than {MAX_CLASS_FILES:,} files in it")
        for entry in entries:
            try:
                _place(opened, entry, folder / _safe_place(entry), budget)
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                left_out.append(f"{entry.filename}: a file and a folder of one name")
            except UnsafeName as error:
                left_out.append(f"{entry.filename}: {error}")
    return left_out


def is_junk(parts: tuple[str, ...]) -> bool:
    """Return whether a path is of a system's own making: hidden, or a Mac's second half of a file."""
    return any(part in JUNK or part.startswith(".") for part in parts)


def _place(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, budget: Budget) -> None:
    if entry.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix not in (NOTEBOOK, ARCHIVE, ".csv"):
        path.touch()
    elif entry.file_size > MAX_BYTES:
        # Whoever reads it refuses it by its size; a file of that size without content takes no room.
        with path.open("wb") as file:
            file.truncate(MAX_BYTES + 1)
    else:
        _extract(opened, entry, path, budget)


@contextmanager
def _opened(archive: Path, max_directory: int | None = MAX_DIRECTORY) -> Iterator[zipfile.ZipFile]:
    """Open a zip, and turn all that zipfile raises on a broken one into UnsafeArchive."""
    try:
        with archive.open("rb") as file:
            if max_directory:
                _require_short_directory(file, max_directory)
            with zipfile.ZipFile(file) as opened:
                yield opened
    except BROKEN as error:
        # A password is missing, or a way of packing is not known: both are RuntimeErrors.
        locked = isinstance(error, RuntimeError) and "encrypted" in str(error)
        raise UnsafeArchive("locked with a password" if locked else "broken, or not a zip") from None


def _require_short_directory(file: BinaryIO, limit: int) -> None:
    """Refuse a long table of contents before it is read: it may be made to fill the memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 2**16 - END_BYTES))
    tail = file.read()
    # Where zipfile looks for the end of the table, too: without a comment after it, else with one.
    is_last = tail[-END_BYTES:].startswith(END) and tail.endswith(b"\0\0")
    end = len(tail) - END_BYTES if is_last else tail.rfind(END)
    directory = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
    if limit < directory <= size or LONG_END in tail[max(0, end - 20) : max(0, end)]:
        raise UnsafeArchive(TOO_MANY)
    file.seek(0)


def _safe_place(entry: zipfile.ZipInfo) -> PurePosixPath:
    """Return where an entry belongs, below the folder it is unpacked into."""
    place = PurePosixPath(entry.filename.replace("\\", "/").encode("utf-8", "replace").decode())
    if place.is_absolute() or ".." in place.parts or not place.parts or ":" in place.parts[0]:
        raise UnsafeName("a name in it leads out of it")
    if any(len(part.encode()) > LONGEST_NAME for part in place.parts) or len(place.parts) > DEEPEST:
        raise UnsafeName("a name in it is too long")
    kind = entry.external_attr >> 16 & 0o170000
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UnsafeName("a link in it")
    return place


def _extract(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, budget: Budget) -> None:
    """Write one entry, counting what really comes out: the size a zip states may be a lie."""
    with opened.open(entry) as source, path.open("wb") as target:
        while chunk := source.read(CHUNK):
            budget.spend(len(chunk))
            target.write(chunk)
