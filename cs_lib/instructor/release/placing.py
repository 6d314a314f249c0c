"""Put a finished kit in its place, as a folder and a zip, whole or not at all, and over nothing but an older kit.

The same commit gives the same bytes: files in order, with the commit's time and the modes that git knows.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cs_lib.course import CourseError
from cs_lib.steady_zip import steady_zip

MANIFEST = ".kit.json"
"""The files of a kit with their hashes, by which a later release knows it for its own."""


def require_ours(output: Path, *, zipped: bool) -> None:
    """Raise CourseError where a kit would overwrite what no release wrote, or what was changed since."""
    if output.is_symlink() or (output.exists() and not output.is_dir()):
        raise CourseError(f"{output} is not a folder; choose another place for the kit")
    if output.is_dir() and any(output.iterdir()):
        stranger = _stranger(output)
        if stranger:
            raise CourseError(f"{output} holds {stranger}; choose another folder, or remove this one")
    archive = zip_beside(output)
    if zipped and archive.exists() and not _is_kits_zip(archive):
        raise CourseError(f"{archive} is not a kit that a release wrote; move it away, or choose another folder")


def zip_beside(output: Path) -> Path:
    """Return where the zip of a kit is put."""
    return output.with_name(f"{output.name}.zip")


@contextmanager
def draft_beside(output: Path) -> Iterator[Path]:
    """Give an empty folder beside `output` to make a kit in; it is removed unless it was put in its place."""
    output.parent.mkdir(parents=True, exist_ok=True)
    around = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
    try:
        draft = around / output.name
        draft.mkdir()
        yield draft
    finally:
        shutil.rmtree(around)


def place(draft: Path, output: Path, when: int, *, zipped: bool) -> list[Path]:
    """Put a finished draft in its place, every file with the time `when`, and return what was written.

    when: in seconds since 1970
    """
    manifest = {"files": _hashes(draft)}
    (draft / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    (draft / MANIFEST).chmod(0o644)
    for each in sorted(draft.rglob("*"), reverse=True):
        os.utime(each, (when, when))
    written = [output]
    if zipped:
        packed = draft.with_name(f"{draft.name}.zip")
        _write_zip(draft, packed, when)
    if output.exists():
        output.rename(draft.with_name("older"))
    draft.rename(output)
    if zipped:
        packed.replace(zip_beside(output))
        written.append(zip_beside(output))
    return written


def _stranger(folder: Path) -> str:
    """Return what in a folder is not as a release has written it, or ""."""
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return "something else than a kit that a release wrote"
    present = _hashes(folder)
    for name in sorted(present.keys() - {MANIFEST}):
        if present[name] != files.get(name):
            return f"{name}, which " + ("was changed since" if name in files else "no release put there")
    return ""


def _hashes(folder: Path) -> dict[str, str]:
    files = (each for each in sorted(folder.rglob("*")) if not each.is_dir() or each.is_symlink())
    return {each.relative_to(folder).as_posix(): _hash(each) for each in files}


def _hash(file: Path) -> str:
    return "link" if file.is_symlink() else hashlib.sha256(file.read_bytes()).hexdigest()


def _is_kits_zip(archive: Path) -> bool:
    try:
        with zipfile.ZipFile(archive) as file:
            return any(name.partition("/")[2] == MANIFEST for name in file.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def _write_zip(kit: Path, archive: Path, when: int) -> None:
    """Write the kit's files into a zip, below a folder of the kit's name."""
    year, month, day, hour, minute, second = time.gmtime(max(when, 315532800))[:6]  # a zip knows no time before 1980
    paths = [path for path in sorted(kit.rglob("*")) if path.is_file()]
    names = (f"{kit.name}/{path.relative_to(kit).as_posix()}" for path in paths)
    files = ((name, path.read_bytes(), os.access(path, os.X_OK)) for name, path in zip(names, paths, strict=True))
    archive.write_bytes(steady_zip(files, (year, month, day, hour, minute, second)))
