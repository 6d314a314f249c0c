"""Files that are written whole or not at all: a reader sees the old one until the new one is complete."""

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Open a text file in UTF-8 that takes the place of `path` when the block ends well, and vanishes when not.

    Lines end in what is written; a lone half of a surrogate pair, which UTF-8 cannot say, is written as `\\udc80`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Short, because a name of the full length that a file system allows has no room for a suffix.
    beside = path.with_name(f".{zlib.crc32(os.fsencode(path.name)):08x}-{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path`, whole or not at all."""
    with whole_file(path) as file:
        file.write(text)
