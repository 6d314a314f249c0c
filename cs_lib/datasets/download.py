"""A published file brought here: with a progress bar, going on where it stopped, and known by its checksums."""

import hashlib
import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BLOCK = 256 * 1024  # bytes


class FetchError(Exception):
    """A data set could not be fetched; the message says why, and what to do."""


@dataclass(frozen=True)
class Source:
    """A published file: its address, its length in bytes, and its checksums by the name of the method."""

    url: str
    size: int
    checksums: Mapping[str, str]

    @property
    def file_name(self) -> str:
        """The last part of the address."""
        return self.url.rpartition("/")[2]


def download(source: Source, part: Path, *, timeout: float = 30.0) -> None:
    """Bring the file at source.url to the path `part`, which may hold its beginning from an earlier try.

    Secure addresses are verified (urllib's default). A server that cannot go on in the middle sends all of it anew.
    timeout: seconds without an answer. Raises FetchError where the network, the server or the length fails, in which
    case `part` keeps what has arrived; OSError where `part` cannot be written. It does not compare checksums.
    """
    here = part.stat().st_size if part.exists() else 0
    if here == source.size:
        return
    answer, start = _ask(source, here if here < source.size else 0, timeout)
    with answer, _progress_bar(source, start) as bar, part.open("ab" if start else "wb") as file:
        for block in _blocks(answer, source):
            start += len(block)
            if start > source.size:
                raise _wrong_length(source, f"more than {source.size:,}")
            file.write(block)
            bar.update(len(block))
    if start < source.size:
        raise FetchError(f"The connection to {source.url} ended after {start:,} of {source.size:,} bytes.")


def verify(path: Path, source: Source) -> None:
    """Raise FetchError, which names the difference, unless the file has the length and every checksum of source."""
    found: dict[str, Any] = {"length": path.stat().st_size}
    expected: dict[str, Any] = {"length": source.size, **source.checksums}
    digests = {method: hashlib.new(method, usedforsecurity=False) for method in source.checksums}
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            for digest in digests.values():
                digest.update(block)
    found.update({method: digest.hexdigest() for method, digest in digests.items()})
    for what, value in expected.items():
        if found[what] != value:
            raise FetchError(
                f"{path} is not the file published at {source.url}: its {what} is {found[what]}, not {value}. "
                "Delete it and fetch it again."
            )


def _ask(source: Source, start: int, timeout: float) -> tuple[Any, int]:
    """Return the server's answer, opened, and the place from which it sends: start, or else 0."""
    try:
        answer = _open(source.url, start, timeout)
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(source, error) from error
    resumed = start > 0 and answer.status == http.client.PARTIAL_CONTENT
    if resumed and not (answer.headers["Content-Range"] or "").startswith(f"bytes {start}-"):
        answer.close()
        return _ask(source, 0, timeout)
    begin = start if resumed else 0
    length = answer.headers["Content-Length"]
    if length is not None and length.isdecimal() and begin + int(length) != source.size:
        answer.close()
        raise _wrong_length(source, f"{begin + int(length):,}")
    return answer, begin


def _open(url: str, start: int, timeout: float) -> Any:
    if not start:
        return urllib.request.urlopen(url, timeout=timeout)
    request = urllib.request.Request(url, headers={"Range": f"bytes={start}-"})
    try:
        return urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        error.close()
        # Whatever the server has against a part, it may still send the whole; if not, its reason is told then.
        return urllib.request.urlopen(url, timeout=timeout)


def _blocks(answer: Any, source: Source) -> Iterator[bytes]:
    """Yield what the server sends; a connection that breaks is told apart from a disk that is full."""
    while True:
        try:
            block = answer.read(BLOCK)
        except (OSError, http.client.HTTPException) as error:
            raise _unreachable(source, error) from error
        if not block:
            return
        yield block


def _progress_bar(source: Source, start: int) -> Any:
    from tqdm.auto import tqdm  # here, because it looks for a notebook and its widgets when imported

    return tqdm(total=source.size, initial=start, unit="B", unit_scale=True, desc=source.file_name)


def _unreachable(source: Source, error: Exception) -> FetchError:
    reason = error.reason if type(error) is urllib.error.URLError else error
    words = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return FetchError(f"{source.file_name} could not be fetched ({words}).")


def _wrong_length(source: Source, found: str) -> FetchError:
    return FetchError(
        f"{source.url} answered with {found} bytes instead of {source.size:,}, so it is not the published file. "
        "A network that asks for a login first may have sent its own page: open the address in a browser."
    )
