"""Results on the disk: each written whole, the moment it is known, and found again by the next run."""

import contextlib
import errno
import json
import os
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import overload

from cs_lib.course import CourseError
from cs_lib.instructor.grading.intake import Submission
from cs_lib.instructor.grading.jobs import DiskFull, Prints
from cs_lib.instructor.grading.result import Result, from_json, to_json

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Store:
    """The folders `results` and `likeness` of a run, each with one file `NAME.json` for each submission."""

    def __init__(self, grades: Path) -> None:
        self.folder = grades / "results"
        self.likeness = grades / "likeness"

    def prepare(self) -> None:
        """Make the folders, and remove what a run that was killed left half written; raises DiskFull, CourseError."""
        with room(self.folder.parent):
            for folder in (self.folder, self.likeness):
                folder.mkdir(parents=True, exist_ok=True)
                for path in folder.glob(".*.part"):
                    path.unlink(missing_ok=True)

    def write(self, result: Result, prints: Prints) -> None:
        """Write a result in one step, so that it is there whole or not at all; raises DiskFull, CourseError.

        prints: the fingerprints of the submission's code, written before the result, so that it is never without
        """
        prints_text = json.dumps(prints, sort_keys=True, separators=(",", ":"))
        _write_whole(self.likeness / f"{result.name}.json", prints_text)
        _write_whole(self._path(result.name), to_json(result))

    def prints(self, name: str) -> dict[str, Sequence[int]]:
        """Return the fingerprints of a submission's code, or none where they are not there."""
        try:
            table = json.loads((self.likeness / f"{name}.json").read_text(encoding="utf-8"))
            return {exercise: array("I", numbers) for exercise, numbers in table.items()}
        except (OSError, ValueError, TypeError, AttributeError, OverflowError):
            return {}

    def read(self, name: str) -> Result | None:
        """Return the result of this name, or None where there is none, or something else."""
        try:
            result = from_json(self._path(name).read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        return result if result.name == name else None

    def kept(self, submission: Submission, graded_from: dict[str, str], but: str = "") -> Result | None:
        """Return the result of a submission where it is there and rests on the same, with what its name now says.

        but: the key of `graded_from` that may differ
        """
        known = self.read(submission.name)
        if known is None or {**known.graded_from, but: ""} != {**graded_from, but: ""}:
            return None
        current = replace(
            known,
            student=submission.student,
            identity=submission.identity,
            attempt=submission.attempt,
            late=submission.late,
        )
        if current != known:
            _write_whole(self._path(current.name), to_json(current))
        return current

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"


class StoredResults(Sequence[Result]):
    """The results of a class, each read from the disk when it is asked for, and then those that were never there."""

    def __init__(self, store: Store, names: Sequence[str], others: Sequence[Result] = ()) -> None:
        self.store = store
        self.names = names
        self.others = others

    def __len__(self) -> int:
        return len(self.names) + len(self.others)

    @overload
    def __getitem__(self, place: int) -> Result: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Result]: ...

    def __getitem__(self, place: int | slice) -> Result | Sequence[Result]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        place %= len(self)
        if place >= len(self.names):
            return self.others[place - len(self.names)]
        result = self.store.read(self.names[place])
        if result is None:
            path = self.store.folder / f"{self.names[place]}.json"
            raise CourseError(f"{path} is gone or damaged since it was written; the same command grades it again")
        return result


@contextlib.contextmanager
def room(folder: Path) -> Iterator[None]:
    """Turn what the system says of a file that cannot be written into DiskFull, or into a CourseError."""
    try:
        yield
    except OSError as error:
        place = error.filename or folder
        if error.errno in FULL:
            raise DiskFull(f"{place}: {error.strerror}") from None
        raise CourseError(f"{place}: {error.strerror}") from None


def _write_whole(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with room(path):
        try:
            with part.open("wb") as file:
                file.write(text.encode("utf-8", "replace"))
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
