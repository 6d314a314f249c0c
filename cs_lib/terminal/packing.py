"""One student's zip: NAME.zip with nothing but notebooks, the same bytes for the same notebooks.

Whoever grades takes the file's name for the student's. A file of that name that is already there is never lost.
"""

import contextlib
import os
import re
from collections.abc import Iterable
from getpass import getuser
from itertools import count
from pathlib import Path

from cs_lib.course import CourseError
from cs_lib.steady_zip import steady_zip
from cs_lib.submission.names import safe
from cs_lib.submission.notebook import MAX_BYTES


def file_name(name: str) -> str:
    """Return what a zip is called after `name`, or after the user where that is empty; raises CourseError."""
    # A learning platform puts a number after an underscore: a name of one's own must not be taken for such.
    stem = re.sub(r"_(?=\d)", "-", safe(name or _user()))
    if not stem:
        raise CourseError(f"the name {name!r} has no letter or digit to name a file after; give another with --name")
    return f"{stem}.zip"


def pack(paths: Iterable[Path]) -> bytes:
    """Return a zip of these files, each under its own name; raises CourseError where it is too large to be graded."""
    packed = steady_zip((path.name, path.read_bytes(), False) for path in paths)
    if len(packed) > MAX_BYTES:
        raise CourseError(f"the zip is larger than {MAX_BYTES // 2**20} MB; clear the notebooks' outputs and save them")
    return packed


def write(content: bytes, path: Path) -> str:
    """Write the zip whole or not at all; return what became of an earlier one, as a sentence, or "".

    Raises CourseError where it cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        kept = _set_aside(path, content)
        beside.replace(path)
    except OSError as error:
        raise CourseError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()
    return f"The {path.name} that was there is kept as {kept.name}." if kept else ""


def _set_aside(path: Path, content: bytes) -> Path | None:
    """Give an earlier file of other content a name that is free, and return that."""
    if not path.exists() or (path.is_file() and path.read_bytes() == content):
        return None
    names = (path.with_name(f"{path.stem}-earlier-{number}{path.suffix}") for number in count(1))
    return path.rename(next(each for each in names if not each.exists()))


def _user() -> str:
    try:
        return getuser()
    except (OSError, KeyError):  # a container may have no name for its user
        raise CourseError("there is no user name here to name the zip after; give yours with --name") from None
