"""The door to one submission of a class: each of its notebooks on its own, so that a broken one costs itself alone."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cs_lib.checking.assertions import Caller, Counts
from cs_lib.checking.doors import SubmittedFiles
from cs_lib.course import Assignment, CourseError, Exercise
from cs_lib.instructor.grading.result import UNREADABLE
from cs_lib.submission.calling import Answer
from cs_lib.submission.notebook import UnreadableNotebook
from cs_lib.submission.outcomes import NoAnswer, NotStarted, TimedOut


class Unreadable(NoAnswer):
    """The notebook that holds the function cannot be read."""

    word = UNREADABLE


class HandedIn:
    """Gives access to the functions of one submission, within one limit for each call and one for everything.

    files: its notebooks; of two copies of one notebook the one of the course's own name counts, else the later one
    exercises: the names of those to grade; all of them when empty
    """

    def __init__(
        self,
        assignment: Assignment,
        files: Sequence[Path],
        call_seconds: float,
        submission_seconds: float,
        exercises: Sequence[str] = (),
    ) -> None:
        self.assignment = assignment
        self.call_seconds = call_seconds
        self.submission_seconds = submission_seconds
        self.exercises = exercises
        self.deadline = time.monotonic() + submission_seconds
        self.doors: dict[str, SubmittedFiles] = {}
        self.unreadable: dict[str, str] = {}
        self.problems: list[str] = []
        for file in files:
            self._take(file)

    def includes(self, exercise: Exercise) -> bool:
        return not self.exercises or exercise.name in self.exercises

    @property
    def unasked(self) -> dict[str, NoAnswer]:
        """For each exercise whose notebook was not handed in, or cannot be read, what its tests would raise."""
        return {
            exercise.name: Unreadable(self.unreadable[notebook.name])
            if notebook.name in self.unreadable
            else NotStarted(f"{notebook.name} was not handed in")
            for notebook in self.assignment.notebooks
            if notebook.name not in self.doors
            for exercise in notebook.exercises
        }

    def open(self, exercise: Exercise) -> Caller:
        for name, other in self.doors.items():
            if name != exercise.notebook:
                other.close()
        left = self.deadline - time.monotonic()
        if left <= 0:
            return Silent(self.out_of_time())
        door = self.doors[exercise.notebook]
        door.load_seconds = min(door.load_seconds, left)
        return Clocked(door.open(exercise), self)

    def close(self) -> None:
        for door in self.doors.values():
            door.close()

    def out_of_time(self) -> TimedOut:
        """Return what is raised when the time for the whole submission is up."""
        return TimedOut(f"not tested: the whole submission may take {self.submission_seconds:g} s")

    def _take(self, file: Path) -> None:
        names = [each.name for each in self.assignment.notebooks]
        try:
            door = SubmittedFiles(self.assignment, file, self.call_seconds)
        except (UnreadableNotebook, CourseError, RecursionError, MemoryError) as error:
            told = isinstance(error, UnreadableNotebook | CourseError)
            problem = str(error) if told else f"{file.name}: made to exhaust whoever reads it"
            self.problems.append(problem)
            if file.stem in names:
                self.unreadable[file.stem] = problem
            return
        (name,) = door.submitted
        earlier = self.doors.get(name)
        if earlier is None:
            self.doors[name] = door
            return
        kept, other = (earlier, door) if earlier.path.stem == name != file.stem else (door, earlier)
        self.doors[name] = kept
        self.problems.append(f"{other.path.name} and {kept.path.name} are both copies of {name}; the latter counts")


class Silent:
    """Answers no call: there is no time for it."""

    def __init__(self, reason: NoAnswer) -> None:
        self.reason = reason

    def call(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], via: str = "") -> Answer:  # noqa: ARG002
        raise self.reason

    def count(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], via: str = "") -> Counts:  # noqa: ARG002
        raise self.reason


class Clocked:
    """Calls the functions of a submission for as long as there is time."""

    def __init__(self, process: Any, submission: HandedIn) -> None:
        self.process = process
        self.submission = submission

    def call(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], via: str = "") -> Answer:
        answer: Answer = self._in_time(lambda: self.process.call(name, args, kwargs, via))
        return answer

    def count(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], via: str = "") -> Counts:
        counts: Counts = self._in_time(lambda: self.process.count(name, args, kwargs, via))
        return counts

    def _in_time(self, do: Callable[[], Any]) -> Any:
        left = self.submission.deadline - time.monotonic()
        if left <= 0:
            raise self.submission.out_of_time()
        self.process.call_seconds = min(self.submission.call_seconds, left)
        try:
            return do()
        except TimedOut:
            if left < self.submission.call_seconds:
                # How much was left differs from run to run, and is no business of a result's.
                raise self.submission.out_of_time() from None
            raise
