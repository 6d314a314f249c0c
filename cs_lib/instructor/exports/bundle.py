"""Files of the course put together for another machine: an assignment with all that grades it, and zips of one make."""

import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

from cs_lib.course import ROOT, Assignment, CourseError

FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can say: the same files give the same bytes, whenever that is."""
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
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.create_system = 3  # Unix: what stands in external_attr are its permissions
            entry.external_attr = (0o100755 if content.startswith(b"#!") else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    write_bytes(path, held.getvalue())


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
