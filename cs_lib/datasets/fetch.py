"""CIFAR-10 fetched: downloaded or found beside the data, verified, unpacked, and put in its place at one stroke."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cs_lib.datasets.cifar10 import COMMAND, FOLDER, META, TEST_BATCH, TRAINING_BATCHES
from cs_lib.datasets.download import FetchError, Source, download, verify
from cs_lib.datasets.places import DATA_VARIABLE, data_directory
from cs_lib.datasets.unpack import unpack

# MD5 as its page https://www.cs.toronto.edu/~kriz/cifar.html gives it, SHA-256 as Keras pins it.
PUBLISHED = Source(
    url="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    size=170_498_071,
    checksums={
        "md5": "c58f30108f718f92721af3b95e74349a",
        "sha256": "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    },
)
NEEDED = (*TRAINING_BATCHES, TEST_BATCH, META)
MEMBERS = (*NEEDED, "readme.html")
MOST_BYTES = 32 * 2**20  # a batch has 31 MB


def fetch_cifar10(directory: Path | None = None, *, source: Source = PUBLISHED) -> Path:
    """Return the folder of CIFAR-10 in the directory (default: the data directory), fetched if it is not there yet.

    An archive that somebody put into the directory is used, and kept; one downloaded here is deleted once unpacked.
    The folder appears complete or not at all, and what was downloaded before a failure serves the next try.
    Raises FetchError, which says what to do, where it cannot be had, is not what was published or does not fit.
    """
    directory = data_directory() if directory is None else directory
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _alone_in(directory):
            return _fetch_into(directory, source)
    except OSError as error:
        raise FetchError(
            f"CIFAR-10 cannot be written into {directory} ({error.strerror or error}). It needs 360 MB there while it "
            f"is fetched and 190 MB afterwards: make room, or set {DATA_VARIABLE} to another directory."
        ) from error


def _fetch_into(directory: Path, source: Source) -> Path:
    folder = directory / FOLDER
    if folder.exists():
        return _complete(folder)
    given = directory / source.file_name
    if given.exists():
        verify(given, source)
        _unpack_into_place(given, folder)
        return folder
    part = directory / f"{source.file_name}.part"
    _download_verified(part, source)
    _unpack_into_place(part, folder)
    part.unlink()
    return folder


@contextlib.contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Keep others from fetching into the directory meanwhile: two at once would write into the same file.

    The lock is the kernel's, on the directory itself: it ends with the process, and leaves nothing behind.
    """
    held = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FetchError(f"Another `{COMMAND}` is at work in {directory}. Wait until it has finished.") from None
        except OSError:
            pass  # a file system without locks: nobody can tell us whether somebody else is at work
        yield
    finally:
        os.close(held)


def _complete(folder: Path) -> Path:
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise FetchError(f"{folder} lacks {', '.join(missing)}. Delete that folder and run `{COMMAND}` again.")
    return folder


def _download_verified(part: Path, source: Source) -> None:
    try:
        download(source, part)
    except FetchError as error:
        kept = "What has arrived is kept, and the next try goes on from there. " if part.exists() else ""
        raise FetchError(
            f"{error} {kept}Run `{COMMAND}` again where there is a network, or fetch {source.url} in a browser, put "
            f"the file, still packed, into {part.parent} as {source.file_name}, and then run it."
        ) from error
    try:
        verify(part, source)
    except FetchError:
        part.unlink()  # or else the next try would go on where this one went wrong
        raise FetchError(
            f"What came from {source.url} is not the published file: its checksum differs. It has been deleted; "
            f"run `{COMMAND}` again."
        ) from None


def _unpack_into_place(archive: Path, folder: Path) -> None:
    """Unpack beside the place, then move: a rename is all or nothing."""
    with tempfile.TemporaryDirectory(prefix=".cifar10-", dir=folder.parent) as workshop:
        unpacked = Path(workshop) / FOLDER
        unpacked.mkdir()  # with the usual permissions, so that a class can read it on a shared disk
        try:
            unpack(archive, {f"{FOLDER}/{name}": unpacked / name for name in MEMBERS}, MOST_BYTES)
        except ValueError as error:
            raise FetchError(str(error)) from error
        unpacked.rename(folder)
