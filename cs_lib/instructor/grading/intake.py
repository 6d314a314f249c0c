"""Find out what was handed in: from a folder or zip of a class, one `Submission` per student, its files in order.

What counts of a student is the latest attempt. Nothing of a submission is read here but names, so that a class of any
size is taken in quickly, and a broken submission is a matter for its own grading.
"""

import csv
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from cs_lib.course import Assignment, CourseError
from cs_lib.instructor.grading.archives import ARCHIVE, NOTEBOOK, UnsafeArchive, is_junk, unpack_class
from cs_lib.instructor.grading.naming import Name, Slugs, folded, read_name

MANIFEST = "manifest.csv"
UNPACKED = ".unpacked"
"""Where, beside the results, a zipped class is unpacked while it is graded."""
MAX_ENTRIES = 2000
"""How many files of one folder are looked at."""
DEEPEST = 6
READ = (NOTEBOOK, ARCHIVE)


@dataclass(frozen=True)
class Submission:
    """What one student handed in, and what its name says of it."""

    name: str
    """Unique in the class, and safe as a file's name."""
    student: str
    identity: str = ""
    """The student's id, by roster or learning platform."""
    files: tuple[Path, ...] = ()
    """Notebooks and zips of notebooks; of two copies of one notebook the later one counts."""
    attempt: int = 1
    late: bool = False
    problem: str = ""
    """Why there is nothing to grade, in one line."""


@dataclass(frozen=True)
class Class:
    """All submissions, in the order of their students' names, and a line on all that was left out."""

    submissions: tuple[Submission, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One file or folder that was handed in."""

    path: Path
    name: Name
    time: datetime | None = None


@dataclass
class Manifest:
    """Who handed in which file, and when, where a table says so."""

    rows: dict[str, tuple[str, datetime | None]] = field(default_factory=dict)

    def entry(self, path: Path) -> Entry:
        """Return the file or folder at `path`, with what its name and the table say of it."""
        name = read_name(path.name, is_folder=path.is_dir())
        student, time = self.rows.get(path.name, ("", None))
        if student:
            key = f"listed {folded(student)}" if time else name.key
            name = replace(name, student=student, key=key, stem=student if name.key.startswith("own") else name.stem)
        return Entry(path, name, time)


def take_in(assignment: Assignment, submissions: Path, grades: Path) -> Class:
    """Return the class whose work is in the folder or zip `submissions`.

    grades: the folder of the results; a zip is unpacked inside it, until `clear` is called

    Raises CourseError where there is nothing of the kind, or its manifest is not of the expected form.
    """
    if not submissions.exists():
        raise CourseError(f"no submissions at {submissions}")
    left_out: list[str] = []
    if submissions.is_file():
        submissions, left_out = _unpacked(submissions, grades)
    folder = _class_folder(submissions, assignment)
    manifest = _read_manifest(folder / MANIFEST, assignment)
    entries: list[Entry] = []
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            left_out.append(f"{path.name}: a link")
        elif not is_junk((path.name,)) and path.name != MANIFEST:
            entries.append(manifest.entry(path))
    known = [each for each in entries if _is_submission(each)]
    left_out += [f"{each.path.name}: no notebook" for each in entries if not _is_submission(each)]
    found = tuple(_submissions(known, assignment))
    if not found:
        raise CourseError(f"{submissions}: there is no submission here: no notebook, zip or folder of them")
    return Class(found, tuple(left_out))


def clear(grades: Path) -> None:
    """Remove what a zipped class was unpacked to."""
    shutil.rmtree(grades / UNPACKED, ignore_errors=True)


def _unpacked(archive: Path, grades: Path) -> tuple[Path, list[str]]:
    clear(grades)
    folder = grades / UNPACKED
    folder.mkdir(parents=True)
    try:
        return folder, unpack_class(archive, folder)
    except UnsafeArchive as error:
        raise CourseError(f"{archive}: {error}; give the zip of a class's submissions, or a folder") from None


def _class_folder(folder: Path, assignment: Assignment) -> Path:
    """Return the folder that holds the students' work: `folder`, or the one folder in it that everything is in."""
    inside = [path for path in folder.iterdir() if not is_junk((path.name,))]
    if len(inside) != 1 or not inside[0].is_dir() or inside[0].is_symlink():
        return folder
    own = {each.name for each in assignment.notebooks}
    below = [path for path in inside[0].iterdir() if not is_junk((path.name,))]
    is_class = any(path.is_dir() or path.suffix in READ for path in below)
    is_student = any(path.stem in own for path in below) or read_name(inside[0].name, is_folder=True).identity
    return folder if is_student or not is_class else inside[0]


def _is_submission(entry: Entry) -> bool:
    """Return whether somebody handed this in: any folder or notebook, and whatever a learning platform names so."""
    return entry.path.is_dir() or entry.path.suffix in READ or not entry.name.key.startswith("own")


def _submissions(entries: Iterable[Entry], assignment: Assignment) -> Iterator[Submission]:
    by_student: dict[str, list[Entry]] = {}
    for entry in entries:
        by_student.setdefault(entry.name.key, []).append(entry)
    slugs = Slugs()
    for own in sorted(by_student.values(), key=lambda own: (own[0].name.student.casefold(), own[0].path.name)):
        yield _submission(own, slugs, assignment)


def _submission(entries: Sequence[Entry], slugs: Slugs, assignment: Assignment) -> Submission:
    """Return the submission of one student, from all that he or she handed in."""
    latest, attempt = _latest(entries)
    files = [path for entry in latest if entry.name.has_files for path in notebooks_in(entry.path)]
    name = entries[0].name
    submission = Submission(
        name=slugs.unique(name.stem),
        student=name.student,
        identity=name.identity,
        files=tuple(files),
        attempt=attempt,
        late=any(_is_late(entry, assignment.deadline) for entry in latest),
    )
    return submission if files else replace(submission, problem=_nothing(latest))


def _latest(entries: Sequence[Entry]) -> tuple[list[Entry], int]:
    """Return the files that count, the latest last, and which attempt they are."""
    times = sorted({entry.time for entry in entries if entry.time})
    if times:
        return [entry for entry in entries if entry.time == times[-1]], len(times)
    by_file: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda entry: (entry.name.attempt, entry.name.number)):
        by_file[entry.name.file] = entry
    kept = sorted(by_file.values(), key=lambda entry: entry.name.number)
    return kept, max(entry.name.attempt for entry in kept)


def _is_late(entry: Entry, deadline: datetime | None) -> bool:
    if deadline is None:
        return False
    return entry.time > deadline if entry.time else entry.name.late


def _nothing(entries: Sequence[Entry]) -> str:
    files = [entry.path.name for entry in entries if not entry.path.is_dir()]
    return f"no notebook was handed in, but {', '.join(files)[:200]}" if files else "there is no notebook in the folder"


def notebooks_in(path: Path) -> list[Path]:
    """Return the notebooks and zips that are, or are in, a file or folder: no links, nothing hidden."""
    if not path.is_dir():
        return [path] if path.suffix in READ else []
    found, seen, todo = [], 0, [path]
    while todo:
        folder = todo.pop()
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            seen += 1
            inside = Path(entry.path)
            if seen > MAX_ENTRIES or is_junk((entry.name,)):
                continue
            if entry.is_dir(follow_symlinks=False) and len(inside.parts) - len(path.parts) < DEEPEST:
                todo.append(inside)
            elif entry.is_file(follow_symlinks=False) and inside.suffix in READ:
                found.append(inside)
    return sorted(found)


def _read_manifest(path: Path, assignment: Assignment) -> Manifest:
    """Return the table with the columns file, student and time, where there is one."""
    manifest = Manifest()
    if not path.is_file():
        return manifest
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                name, student = (row.get("file") or "").strip(), (row.get("student") or "").strip()
                time = _time((row.get("time") or "").strip(), assignment.deadline, f"{path}: {name}")
                manifest.rows[Path(name).parts[0] if name else ""] = (student, time)
    except (OSError, ValueError, csv.Error) as error:
        raise CourseError(f"{path}: not a table in UTF-8 with the columns file, student, time: {error}") from None
    return manifest


def _time(text: str, deadline: datetime | None, where: str) -> datetime | None:
    """Return a moment; one without an offset from UTC is in the deadline's time zone."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise CourseError(f"{where}: the time should be as in 2026-10-01T23:59:00+02:00, not {text!r}") from None
    zone = deadline.tzinfo if deadline else None
    return time if time.tzinfo else time.replace(tzinfo=zone) if zone else time.astimezone()


def alike(submissions: Iterable[Submission]) -> list[str]:
    """Return the students' names that several submissions have, in order."""
    counts = Counter(each.student for each in submissions)
    return sorted(name for name, count in counts.items() if count > 1)
