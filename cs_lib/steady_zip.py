"""Zips whose bytes depend on nothing but what is in them: not on the clock, the system or the user's settings."""

import io
import zipfile
from collections.abc import Iterable

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold."""
UNIX = 3


def steady_zip(files: Iterable[tuple[str, bytes, bool]], date: tuple[int, int, int, int, int, int] = EARLIEST) -> bytes:
    """Return a zip of files (name, content, whether it can be run), in this order, all of one date."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content, can_run in files:
            entry = zipfile.ZipInfo(name, date)
            entry.create_system = UNIX  # what stands in external_attr are Unix's permissions
            entry.external_attr = (0o100755 if can_run else 0o100644) << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()
