"""An archive taken apart without trust: only files that were expected come out of it, each where it was expected."""

import gzip
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO


def unpack(archive: Path, expected: Mapping[str, Path], most_bytes: int) -> None:
    """Write each member of a .tar.gz archive to the path given for its name.

    A folder may be in the archive if an expected name lies in it. Any other member is refused, as are links, devices,
    sparse files, members that come twice and ones longer than most_bytes; nothing more is written then. Names in the
    archive are only compared: no path is made of them. Raises ValueError, which says what was found, where a member
    is refused or missing or the archive is damaged, and OSError where a file cannot be written.
    """
    missing = set(expected)
    for member, content in _members(archive):
        if member.isdir() and any(name.startswith(f"{member.name}/") for name in expected):
            continue
        if member.name not in missing:
            raise ValueError(f"{archive} holds {member.name!r}, which is not expected there, or not again.")
        if content is None or member.issparse():
            raise ValueError(f"{archive} holds {member.name!r} as something else than a plain file.")
        if member.size > most_bytes:
            raise ValueError(f"{archive} holds {member.name!r} of {member.size:,} bytes; at most {most_bytes:,} fit.")
        _write(content, expected[member.name], archive)
        missing.remove(member.name)
    if missing:
        raise ValueError(f"{archive} lacks {', '.join(sorted(missing))}.")


def _members(archive: Path) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
    """Yield the members in order, each with its content if it is a file and not a link to one."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                yield member, tar.extractfile(member) if member.isreg() else None
    except _DAMAGES as error:
        raise _damaged(archive, error) from error


def _write(content: IO[bytes], path: Path, archive: Path) -> None:
    with path.open("xb") as file:
        try:
            shutil.copyfileobj(content, file)
        except _DAMAGES as error:
            raise _damaged(archive, error) from error


_DAMAGES = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile)


def _damaged(archive: Path, error: Exception) -> ValueError:
    return ValueError(f"{archive} is damaged ({error}).")
