"""Files of the course put together for another machine: an assignment with all that grades it, and zips of one make."""

import os
from collections.abc import Mapping
from pathlib import Path

from cs_lib.course import ROOT, Assignment, CourseError
from cs_lib.steady_zip import steady_zip

LEFT_OUT = ("__pycache__", ".ipynb_checkpoints")

Files = Mapping[str, bytes]
"""What each file holds, by its path in the bundle, with `/` between its folders."""


def grading_files(assignment: Assignment) -> dict[str, bytes]:
    """Return all that it takes to grade an assignment: cs_lib with the answers, the tests, the small data sets."""
    paths = [ROOT / "pyproject.toml", ROOT / "requirements.txt", ROOT / "LICENSE"]
    paths += (ROOT / "cs_lib").rglob("*")
    paths += (ROOT / "datasets").glob("*.npz")
    paths += assignment.tests.rglob("*")
    paths += [assignment.folder / "assignment.toml"]
    paths += [assignment.folder / f"{notebook.name}.ipynb" for notebook in assignment.notebooks]
    kept = [path for path in paths if path.is_file() and not set(path.parts) & set(LEFT_OUT)]
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in kept}


def write_zip(path: Path, files: Files) -> None:
    """Write a zip, whole or not at all; a file that begins with `#!` can be run. Raises CourseError."""
    steady = steady_zip((name, content, content.startswith(b"#!")) for name, content in sorted(files.items()))
    write_bytes(path, steady)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; raises CourseError where that cannot be done."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise CourseError(f"{path}: cannot be written: {error.strerror}") from None
