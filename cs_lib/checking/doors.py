"""The doors through which one suite of tests reaches a student's functions: a live notebook, or submitted files."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from cs_lib.checking.answers import answers
from cs_lib.checking.assertions import Caller, Counts
from cs_lib.course import Assignment, CourseError, Exercise, Notebook
from cs_lib.submission.calling import Answer, call_on_copies, cell_name, count_on_copies, describe_error
from cs_lib.submission.harness import harnessed
from cs_lib.submission.notebook import SubmittedNotebook, UnreadableNotebook, read_notebook
from cs_lib.submission.outcomes import Crashed, NotStarted
from cs_lib.submission.process import CALL_SECONDS, LOAD_PATIENCE, SubmissionProcess
from cs_lib.submission.slicing import slice_cells


class Door(Protocol):
    """Gives access to one student's functions, exercise by exercise."""

    def includes(self, exercise: Exercise) -> bool:
        """Whether the student was to write this exercise here."""

    def open(self, exercise: Exercise) -> Caller:
        """Return what calls the student's function for this exercise, and the stages it is composed of."""

    def close(self) -> None:
        """End whatever `open` started."""


class LiveNotebook:
    """The door of `check(f)`: the functions of a running notebook, called where they are."""

    def __init__(self, namespace: Mapping[str, Any], *exercises: str) -> None:
        self.namespace = namespace
        self.exercises = exercises

    def includes(self, exercise: Exercise) -> bool:
        return exercise.name in self.exercises

    def open(self, exercise: Exercise) -> Caller:  # noqa: ARG002 one namespace answers for all exercises
        return self

    def close(self) -> None:
        """Nothing was started."""

    def call(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], via: str = "") -> Answer:
        answer: Answer = self._guarded(name, lambda function: call_on_copies(harnessed(function, via), args, kwargs))
        return answer

    def count(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], via: str = "") -> Counts:
        import linecache

        counts = self._guarded(name, lambda function: count_on_copies(harnessed(function, via), args, kwargs))
        return [
            (
                cell_name(file),
                line,
                linecache.getline(file, line).strip() if self._is_students(file) else "",
                count,
            )
            for file, line, count in counts
        ]

    def _guarded(self, name: str, do: Callable[[Callable[..., Any]], Any]) -> Any:
        if name not in self.namespace:
            raise NotStarted(f"there is no function {name} in this notebook yet; run the cell that defines it")
        try:
            # A warning of NumPy's costs nothing, and would stand in the notebook above what the check has to say.
            with np.errstate(all="ignore"):
                return do(self.namespace[name])
        except Exception as error:
            raised = describe_error(error, self._is_students)
            raise Crashed(f"{name} raised {raised}", raised.kind) from None

    @staticmethod
    def _is_students(filename: str) -> bool:
        return "ipykernel" in filename or filename.startswith("<ipython-input")


class SubmittedFiles:
    """The door of grading: the functions of submitted notebooks, each exercise in a process of its own.

    A notebook is asked for the exercises of the course's notebook that it is a copy of; a folder for all of them.
    """

    def __init__(self, assignment: Assignment, path: Path, call_seconds: float = CALL_SECONDS) -> None:
        self.call_seconds = call_seconds
        self.load_seconds = LOAD_PATIENCE * call_seconds
        self.path = path
        self.submitted = _submitted(assignment, path)
        self.current: tuple[str, SubmissionProcess] | None = None

    def includes(self, exercise: Exercise) -> bool:
        return exercise.notebook in self.submitted

    def open(self, exercise: Exercise) -> Caller:
        if self.current and self.current[0] == exercise.name:
            return self.current[1]
        self.close()
        notebook = self.submitted[exercise.notebook]
        cells = notebook.cells if notebook else ()
        # What this exercise is composed of is answered with right values where the course has functions that give
        # them, so that it is judged on its composing alone; elsewhere by the student's own.
        stages = answers().stages(exercise)
        code = slice_cells(cells, {exercise.name, *exercise.uses})
        process = SubmissionProcess(code, stages, self.call_seconds, self.load_seconds)
        self.current = (exercise.name, process)
        return process

    def close(self) -> None:
        if self.current:
            self.current[1].close()
            self.current = None


def _submitted(assignment: Assignment, path: Path) -> dict[str, SubmittedNotebook | None]:
    """Return the submitted notebook for each of the course's notebooks that `path` answers for."""
    if not path.exists():
        raise CourseError(f"no submission at {path}")
    if path.is_file():
        submitted = read_notebook(path)
        return {copied_notebook(submitted, assignment).name: submitted}
    found: dict[str, SubmittedNotebook | None] = dict.fromkeys(each.name for each in assignment.notebooks)
    for file in sorted(path.glob("*.ipynb")):
        submitted = read_notebook(file)
        name = copied_notebook(submitted, assignment).name
        if earlier := found[name]:
            raise CourseError(f"{path}: {earlier.path.name} and {file.name} are both copies of {name}; keep one")
        found[name] = submitted
    if not any(found.values()):
        raise CourseError(f"{path}: there is no notebook in this folder")
    return found


def copied_notebook(submitted: SubmittedNotebook, assignment: Assignment) -> Notebook:
    """Return the course's notebook of which this is a copy: by its metadata, else by the functions it defines."""
    if submitted.copy_of and submitted.copy_of[0] == assignment.name:
        for notebook in assignment.notebooks:
            if notebook.name == submitted.copy_of[1]:
                return notebook
    names = submitted.functions
    shared = {each.name: len(names & {e.name for e in each.exercises}) for each in assignment.notebooks}
    best = max(assignment.notebooks, key=lambda each: shared[each.name])
    if not shared[best.name]:
        raise UnreadableNotebook(
            f"{submitted.path.name}: not a notebook of {assignment.name}: it defines none of its exercises"
        )
    return best
