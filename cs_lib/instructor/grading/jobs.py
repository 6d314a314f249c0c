"""What passes between the one who hands out work and those who do it; plain and quick to import."""

from dataclasses import dataclass, field
from pathlib import Path

from cs_lib.instructor.grading.intake import Submission


class DiskFull(Exception):
    """There is no room for another result; the message says where."""


Prints = dict[str, tuple[int, ...]]
"""The fingerprints of one submission's code, by exercise."""


@dataclass(frozen=True)
class Terms:
    """What all submissions of one run are graded with."""

    assignment: str
    call_seconds: float
    submission_seconds: float
    sandbox: str = "auto"
    """`require`, `auto` or `none`: see cs_lib.submission.sandbox."""


@dataclass(frozen=True)
class Job:
    """One submission to grade."""

    submission: Submission
    grades: Path | None
    """Where results are kept; None where the result is to be sent back whole."""
    again: bool = False
    """Grade it though there is a result that rests on the same."""
    exercises: tuple[str, ...] = ()
    """Grade these alone again, and leave the others as they are."""
    failed: str = ""
    """Why it cannot be graded, which is then all that is written of it."""


@dataclass(frozen=True)
class Hello:
    """A worker is ready."""


@dataclass(frozen=True)
class Graded:
    """One submission is graded: what is shown of it in one line."""

    name: str
    student: str
    readable: bool
    score: int
    maximum: int
    first: str
    """The first thing that is wrong, or ""."""
    protection: str = ""
    """What the submission was held by: a key of cs_lib.submission.sandbox.MEANING."""
    kept: bool = False
    """Whether an earlier run had graded it."""
    incomplete: bool = False
    """Whether grading itself failed somewhere."""
    result: str = ""
    """The result as JSON, where it was to be sent back."""
    prints: Prints = field(default_factory=dict)
    """And the fingerprints of its code."""


@dataclass(frozen=True)
class Trouble:
    """Nothing more can be graded."""

    message: str
    full: bool = False
    """Whether there is no room on the disk."""
