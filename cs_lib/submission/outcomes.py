"""The ways in which a student's function can fail to answer, each with its own word."""

from dataclasses import dataclass

DONE = "done"
WRONG = "wrong"
NOT_STARTED = "not started"
NOT_FINISHED = "not finished"
CRASHED = "crashed"
TIMED_OUT = "timed out"
WAITING = "waiting"
NOT_JUDGED = "not judged"
"""The check itself failed: never the student's fault."""


class NoAnswer(Exception):
    """A student's function gave no answer to compare; `word` says which kind of failure, the message the rest."""

    word = CRASHED


class NotStarted(NoAnswer):
    """The function is missing, or still returns the placeholder `...`."""

    word = NOT_STARTED


class NotFinished(NoAnswer):
    """Some of what is returned is right, and the rest is still as it was at the start."""

    word = NOT_FINISHED


class TimedOut(NoAnswer):
    """A call took longer than its limit."""

    word = TIMED_OUT


class Crashed(NoAnswer):
    """The function raised an exception of type `kind`, or its process ended."""

    word = CRASHED

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.kind = kind


def one_line(text: str, limit: int = 300) -> str:
    """Return text of a submission's own making, fit to be shown: one line, of bounded length, without control codes."""
    line = " ".join(text[: 4 * limit].split())
    return "".join(sign for sign in line if sign.isprintable())[:limit]


@dataclass(frozen=True)
class StudentError:
    """An exception that the student's code raised, as far as it is the student's to see."""

    kind: str
    message: str
    cell: str = ""
    line: int = 0
    code: str = ""

    def __str__(self) -> str:
        what = f"{self.kind}: {self.message}" if self.message else self.kind
        where = f" (line {self.line} of {self.cell}: {self.code})" if self.code else ""
        return what + where
