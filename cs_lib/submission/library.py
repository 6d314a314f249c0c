"""The part of cs_lib that students have, as a folder of its own: what a submission may import."""

import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cs_lib

STAYS_HOME = ("reference", "instructor")
"""The rooms of cs_lib that students and submissions are not given."""


@cache
def open_library() -> Path:
    """Return a folder, kept until this process ends, with the part of cs_lib that students have; anyone can read it."""
    folder = tempfile.TemporaryDirectory(prefix="cs_lib-", ignore_cleanup_errors=True)
    _kept.append(folder)
    source = Path(cs_lib.__file__).parent
    copy = Path(folder.name) / "cs_lib"
    shutil.copytree(source, copy, ignore=_stays_home(source))
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return Path(folder.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []


def _stays_home(source: Path) -> Callable[[str, list[str]], set[str]]:
    def ignored(folder: str, names: list[str]) -> set[str]:
        rooms = STAYS_HOME if Path(folder) == source else ()
        return {name for name in names if name in rooms or name == "__pycache__"}

    return ignored
