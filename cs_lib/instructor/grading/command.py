"""`cs-lib grade`: from a folder of submissions to a folder of grades, going on where the last run stopped."""

import argparse
import filecmp
import os
import shutil
import statistics
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Protocol

from cs_lib.course import Assignment, CourseError, load_assignment
from cs_lib.instructor.grading import intake
from cs_lib.instructor.grading.intake import Class, Submission
from cs_lib.instructor.grading.jobs import DiskFull, Graded, Job, Terms
from cs_lib.instructor.grading.pool import Pool
from cs_lib.submission.sandbox import MEANING

if TYPE_CHECKING:
    from cs_lib.instructor.grading.reports.written import Marks
    from cs_lib.instructor.grading.result import Result

INTERRUPTED = 130
"""The exit status of a command that Ctrl-C ended."""
MOST_LISTED = 100
MOST_COMPARED = 10_000
"""In a larger class, submissions are not compared with each other: it takes memory for each of them."""
BANDS = ((0, 20), (20, 40), (40, 60), (60, 80), (80, 100))
"""In percent: in which parts the distribution of scores is told."""
WRITTEN = "written.csv"


class Graders(Protocol):
    """Whoever grades submissions: processes on this machine, or a cluster."""

    def grade(self, jobs: Sequence[Job]) -> Iterator[Graded]:
        """Yield a line for each submission as it is graded."""

    def close(self) -> None:
        """End all work."""


@dataclass
class Tally:
    """What is said of a class at the end, counted as it is graded."""

    scores: Counter[int] = field(default_factory=Counter)
    kept: int = 0
    unreadable: int = 0
    incomplete: int = 0
    protections: set[str] = field(default_factory=set)

    @property
    def done(self) -> int:
        return self.scores.total() + self.unreadable

    def add(self, line: Graded) -> None:
        """Count one submission."""
        self.kept += line.kept
        if not line.kept:
            self.protections.add(line.protection)
        self.incomplete += line.incomplete
        if line.readable:
            self.scores[line.score] += 1
        else:
            self.unreadable += 1


@dataclass(frozen=True)
class Again:
    """What is to be graded though there are results: submissions by name, and exercises of all submissions."""

    names: frozenset[str]
    exercises: tuple[str, ...]

    def job(self, submission: Submission, grades: Path) -> Job:
        """Return what is to be done with a submission."""
        if submission.name in self.names or submission.student in self.names:
            return Job(submission, grades, again=True)
        return Job(submission, grades, again=bool(self.exercises), exercises=self.exercises)


def run(options: argparse.Namespace) -> int:
    """Grade a class and write the reports; return the command's exit status."""
    assignment = load_assignment(options.assignment)
    terms = Terms(assignment.name, options.timeout_call, options.timeout_submission, options.sandbox)
    grades, tally = options.output, Tally()
    try:
        # The workers start first, because that takes a moment in which all else can be made ready.
        with _graders(options, terms) as graders:
            from cs_lib.instructor.grading.store import Store, room

            Store(grades).prepare()
            with room(grades):
                handed_in = intake.take_in(assignment, options.submissions, grades)
            submissions, missing = _beside_roster(handed_in, options.roster)
            again = _again(options.regrade, assignment, submissions)
            _grade(graders, [again.job(each, grades) for each in submissions], tally)
        return _report(assignment, grades, submissions, missing, options.written, tally)
    except KeyboardInterrupt:
        print("\nStopped. What is graded is kept; the same command goes on from there.", file=sys.stderr)
        return INTERRUPTED
    except DiskFull as error:
        print(f"cs-lib: the disk is full: {error}", file=sys.stderr)
        print("What is graded is kept: make room, and the same command goes on from there.", file=sys.stderr)
        return 1
    finally:
        intake.clear(grades)


def _graders(options: argparse.Namespace, terms: Terms) -> AbstractContextManager[Graders]:
    if options.dask:
        from cs_lib.instructor.grading.cluster import Cluster

        return closing(Cluster(options.dask, terms))
    return closing(Pool(terms, options.jobs or cores()))


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _beside_roster(handed_in: Class, roster: Path | None) -> tuple[Sequence[Submission], Sequence[Submission]]:
    """Return the submissions with their students' names, and those that are missing; say what belongs to nobody."""
    _list("left out", handed_in.left_out)
    for name in intake.alike(handed_in.submissions):
        print(f"several submissions are called {name!r}; each has its own row")
    if roster is None:
        return handed_in.submissions, ()
    from cs_lib.instructor.grading.roster import match, read_roster

    matched = match(handed_in.submissions, read_roster(roster))
    _list("nothing from", [each.student for each in matched.missing])
    _list("not on the roster", [each.student for each in matched.strangers])
    return matched.submissions, matched.missing


def _list(what: str, lines: Sequence[str]) -> None:
    for line in lines[:MOST_LISTED]:
        print(f"{what}: {_shown(line)}")
    if len(lines) > MOST_LISTED:
        print(f"{what}: and {len(lines) - MOST_LISTED} more")


def _again(asked: Sequence[str], assignment: Assignment, submissions: Sequence[Submission]) -> Again:
    exercises = tuple(each.name for each in assignment.exercises if each.name in asked)
    names = frozenset(asked) - frozenset(exercises)
    known = {name for each in submissions for name in (each.name, each.student)}
    for name in sorted(names - known):
        raise CourseError(f"--regrade {name}: neither a submission nor an exercise is called so")
    return Again(names, exercises)


def _grade(graders: Graders, jobs: Sequence[Job], tally: Tally) -> None:
    from tqdm import tqdm

    # Others do the work: meanwhile there is time to load what the reports are drawn with, which takes a second.
    Thread(target=import_module, args=["cs_lib.instructor.grading.reports.class_report"], daemon=True).start()
    # Shown on a terminal alone; a log has the lines.
    with tqdm(total=len(jobs), unit=" submissions", disable=None, smoothing=0.05) as bar:
        for line in graders.grade(jobs):
            if not line.kept and line.protection not in tally.protections:
                tqdm.write(MEANING[line.protection])
            tally.add(line)
            if not line.kept:
                tqdm.write(_told(line))
            bar.update()


def _told(line: Graded) -> str:
    score = f"{line.score} of {line.maximum}" if line.readable else "not graded"
    return _shown(f"{line.student}: {score}" + (f"; {line.first}" if line.first else ""))


def _shown(text: str) -> str:
    """Return text of anybody's making as one line that a terminal can show."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _report(
    assignment: Assignment,
    grades: Path,
    submissions: Sequence[Submission],
    missing: Sequence[Submission],
    written: Path | None,
    tally: Tally,
) -> int:
    """Write the reports from the stored results, and say where they are."""
    from cs_lib.instructor.grading.reports import write_reports
    from cs_lib.instructor.grading.result import MISSING, Result
    from cs_lib.instructor.grading.store import Store, StoredResults, room

    store, total = Store(grades), sum(each.total for each in assignment.exercises)
    absent = [Result(each.name, MISSING, total, student=each.student, identity=each.identity) for each in missing]
    results = StoredResults(store, [each.name for each in submissions], absent)
    few = len(submissions) <= MOST_COMPARED
    with room(grades):
        marks, problem = _written_marks(assignment, results, grades, written)
        prints = {each.name: store.prints(each.name) for each in submissions} if few else None
        write_reports(assignment, grades, results, fingerprints=prints, marks=marks)
    print("\n".join(summary(tally, total, len(missing))))
    print(f"{grades / 'report.html'} for you, {grades / 'grades.csv'}, {grades / 'feedback'} for the students")
    if problem:
        raise problem
    return 0


def _written_marks(
    assignment: Assignment, results: Sequence["Result"], grades: Path, asked: Path | None
) -> tuple["Marks | None", CourseError | None]:
    """Return the marks of written answers: from the table that was asked for, else from the one beside the grades.

    A table that was asked for takes the place of the one beside the grades, so that the next run has it too. What is
    wrong with the one beside the grades must not cost the reports: it is returned, to be told afterwards.
    """
    from cs_lib.instructor.grading.reports.written import merged

    own = grades / WRITTEN
    if asked:
        marks = merged(assignment, results, asked)
        if not own.exists() or not filecmp.cmp(asked, own, shallow=False):
            if own.exists():
                own.replace(own.with_suffix(".csv.before"))
            shutil.copyfile(asked, own)
        return marks, None
    try:
        return (merged(assignment, results, own) if own.exists() else None), None
    except CourseError as error:
        return None, error


def summary(tally: Tally, maximum: int, missing: int) -> list[str]:
    """Return the class in a line or two."""
    counts = [f"{tally.done} submissions", f"{tally.kept} of them from an earlier run" if tally.kept else ""]
    counts += [f"{tally.unreadable} not graded" if tally.unreadable else "", f"{missing} missing" if missing else ""]
    lines = [", ".join(filter(None, counts))]
    scores = sorted(tally.scores.elements())
    if scores and maximum:
        shares = [100 * score / maximum for score in scores]
        bands = [sum(low <= share < high + (high == 100) for share in shares) for low, high in BANDS]
        spread = ", ".join(f"{low}–{high} %: {count}" for (low, high), count in zip(BANDS, bands, strict=True))
        lines.append(f"median {statistics.median(scores):g} of {maximum}; {spread}")
    if tally.incomplete:
        lines.append(f"{tally.incomplete} with a check that failed itself; the same command tries them again")
    return lines
