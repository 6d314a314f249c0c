"""The part of cs_lib that students have, as a folder of its own: what a submission may import."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

import cs_lib
from cs_lib import course

STAYS_HOME = tuple(room.removeprefix("cs_lib/") for room in course.STAYS_HOME if room.startswith("cs_lib/"))
"""The rooms of cs_lib that students and submissions are not given."""


@cache
def open_library() -> Path:
    """Return a folder, kept until this process ends, with the part of cs_lib that students have; anyone can read it.

    Raises OSError where it cannot be written.
    """
    folder = tempfile.TemporaryDirectory(prefix="cs_lib-", ignore_cleanup_errors=True)
    _kept.append(folder)
    source = Path(cs_lib.__file__).parent
    copy = Path(folder.name) / source.name
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if path.is_file() and inside.parts[0] not in STAYS_HOME and "__pycache__" not in inside.parts:
            (copy / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy / inside)
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return Path(folder.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []
