"""What a class did, counted one result at a time: memory grows with names and scores, not with results."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache

from cs_lib.checking import catalogue
from cs_lib.course import Assignment, CourseError
from cs_lib.instructor.grading.reports.written import Marks
from cs_lib.instructor.grading.result import GRADED, MISSING, ExerciseOutcome, Result
from cs_lib.submission.outcomes import (
    CRASHED,
    DONE,
    NOT_FINISHED,
    NOT_JUDGED,
    NOT_STARTED,
    TIMED_OUT,
    WAITING,
    WRONG,
)

DONE_IN_PART = "done in part"
GROUPS = (DONE, DONE_IN_PART, WRONG, CRASHED, TIMED_OUT, NOT_FINISHED, NOT_STARTED, NOT_JUDGED)
"""How an exercise can stand, best first."""
PROCESS = re.compile(r"\b(ended|broke|sent) .*\bprocess\b|\bits process\b")


@dataclass(frozen=True)
class Entry:
    """One submission in a list: what its files are called, who handed it in, and what there is to say of it."""

    name: str
    student: str
    line: str = ""
    exercise: str = ""


@dataclass
class Mistake:
    """One known mistake in one exercise: its hint, and who made it."""

    hint: str
    students: list[Entry] = field(default_factory=list)


@dataclass
class Tries:
    """How many submissions one test was tried on, and how many it failed; those not started do not count."""

    tried: int = 0
    failed: int = 0


class Tally:
    """The counts of a class."""

    def __init__(self, assignment: Assignment, marks: Marks) -> None:
        self.assignment = assignment
        self.marks = marks
        self.statuses: Counter[str] = Counter()
        self.scores: list[float] = []
        self.out_of = 0
        self.standings: dict[str, Counter[str]] = {each.name: Counter() for each in assignment.exercises}
        self.mistakes: dict[tuple[str, str], Mistake] = {}
        self.tests: dict[tuple[str, str, bool], Tries] = defaultdict(Tries)
        self.concerns: list[Entry] = []
        self.late: list[Entry] = []
        self.missing: list[Entry] = []

    def add(self, result: Result) -> None:
        """Count one result."""
        entry = Entry(result.name, result.student or result.name, result.reason)
        self.statuses[result.status] += 1
        self.out_of = max(self.out_of, self.marks.out_of(result))
        if result.late:
            self.late.append(entry)
        if result.status == MISSING:
            self.missing.append(entry)
        elif result.status != GRADED or result.reason:
            self.concerns.append(Entry(entry.name, entry.student, result.reason or result.status))
        if result.status == GRADED:
            self.scores.append(self.marks.score(result))
        for exercise in result.exercises:
            self._add_exercise(exercise, entry)

    @property
    def graded(self) -> int:
        return self.statuses[GRADED]

    @property
    def total(self) -> int:
        return sum(self.statuses.values())

    @property
    def summary(self) -> dict[str, object]:
        """The totals, as plain values."""
        return {
            "submissions": self.total,
            "late": len(self.late),
            "maximum": self.out_of,
            "mean": round(sum(self.scores) / len(self.scores), 4) if self.scores else None,
            "statuses": dict(self.statuses),
            "exercises": {name: dict(counts) for name, counts in self.standings.items()},
        }

    def _add_exercise(self, exercise: ExerciseOutcome, entry: Entry) -> None:
        self.standings.setdefault(exercise.name, Counter())[group(exercise.standing)] += 1
        self._add_mistakes(exercise, Entry(entry.name, entry.student))
        for test in exercise.tests:
            if test.word not in (NOT_STARTED, WAITING):
                tries = self.tests[exercise.name, test.sentence, test.hidden]
                tries.tried += 1
                tries.failed += not test.passed
        for line in _concerns(exercise, entry.line):
            self.concerns.append(Entry(entry.name, entry.student, line, exercise.name))

    def _add_mistakes(self, exercise: ExerciseOutcome, entry: Entry) -> None:
        if not exercise.misconceptions:
            return
        known = _known(self.assignment, exercise.name)
        hints = dict(zip(exercise.misconceptions, exercise.hints, strict=False))
        for title in dict.fromkeys(each for both in exercise.misconceptions for each in _apart(both, tuple(known))):
            hint = known.get(title) or hints.get(title, "")
            self.mistakes.setdefault((exercise.name, title), Mistake(hint)).students.append(entry)


@lru_cache
def group(standing: str) -> str:
    """Return which of GROUPS a standing belongs to; one that is none of them was not judged."""
    if standing.startswith(f"{DONE} but"):
        return DONE_IN_PART
    if standing == WAITING:
        return NOT_FINISHED
    return standing if standing in GROUPS else NOT_JUDGED


def _concerns(exercise: ExerciseOutcome, reason: str) -> list[str]:
    """Return what a human should look at, each kind once, without what the submission's reason says already."""
    lines: dict[str, str] = {}
    for test in exercise.tests:
        first = test.message.partition("\n")[0]
        if test.word in (TIMED_OUT, NOT_JUDGED):
            lines.setdefault(test.word, f"{test.word}: {first or test.sentence}")
        elif test.word == CRASHED and PROCESS.search(first):
            lines.setdefault("process", first)
    return [line for kind, line in lines.items() if kind != NOT_JUDGED or line.partition(": ")[2] not in reason]


@lru_cache(maxsize=4096)
def _apart(title: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the two titles that a diagnosis of two mistakes joined by `and`, or the title itself."""
    for first in known:
        second = title.removeprefix(f"{first} and ")
        if second != title and second in known:
            return first, second
    return (title,)


@lru_cache(maxsize=1024)
def _known(assignment: Assignment, exercise: str) -> dict[str, str]:
    """Return the hints of the catalogue's entries by title; none for an exercise that the course has no longer."""
    try:
        return {each.title: each.hint for each in catalogue.entries(assignment.exercise(exercise))}
    except CourseError:
        return {}
