"""What is known of each exercise in saved notebooks, and which of them have to be checked again after a save.

An exercise is checked again when the code that it needs has changed, or that of an exercise on which it rests.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from cs_lib.checking.assertions import Caller
from cs_lib.checking.marking import ExerciseMark
from cs_lib.checking.pytest_plugin import Round
from cs_lib.checking.waiting import all_needed, unmarked, waiting
from cs_lib.course import Exercise
from cs_lib.submission.notebook import SubmittedNotebook, UnreadableNotebook
from cs_lib.submission.outcomes import DONE, NOT_JUDGED, StudentError
from cs_lib.submission.process import CALL_SECONDS, SubmissionProcess
from cs_lib.submission.slicing import Slice, slice_cells
from cs_lib.terminal.saved import SavedNotebook


@dataclass(frozen=True)
class Verdict:
    """What the checks said of one exercise, and the code they said it of."""

    mark: ExerciseMark
    code: Slice

    def holds_for(self, code: Slice) -> bool:
        """Return whether it is what the checks would say of `code`, too."""
        if [each.source for each in code.statements] != [each.source for each in self.code.statements]:
            return False
        # What is wrong is told with cells and lines, which may have moved, and with the cells that are not Python.
        return self.mark.word == DONE or code == self.code


@dataclass(frozen=True)
class News:
    """How one exercise stands now, and how it stood before; the same mark where nothing had to be checked."""

    now: ExerciseMark
    before: ExerciseMark | None


class Checker:
    """Checks the exercises of saved notebooks, each in a process of its own, and keeps what was said of them.

    run: runs the public tests on one submission
    notebooks: those whose points are counted
    """

    def __init__(self, run: Round, notebooks: Sequence[SavedNotebook], call_seconds: float = CALL_SECONDS) -> None:
        self.run = run
        self.notebooks = notebooks
        self.call_seconds = call_seconds
        self.verdicts: dict[SavedNotebook, dict[str, Verdict]] = {each: {} for each in notebooks}
        self.problems: dict[SavedNotebook, str] = {}
        """Why a notebook cannot be read, in one line."""
        self.broken: dict[SavedNotebook, tuple[StudentError, ...]] = {}
        """The cells that are not Python."""

    def read(self, saved: SavedNotebook) -> SubmittedNotebook | None:
        """Return the notebook as it is saved, or None, its problem kept, where it cannot be read."""
        self.problems.pop(saved, None)
        try:
            submitted = saved.read()
        except UnreadableNotebook as error:
            self.problems[saved] = str(error)
            return None
        self.broken[saved] = slice_cells(submitted.cells, ()).broken
        return submitted

    def check(self, saved: SavedNotebook, submitted: SubmittedNotebook, only: Collection[str] = ()) -> Iterator[News]:
        """Yield how each exercise of the notebook stands, in order; what has not changed is not run again.

        only: the names of the exercises to look at; all of them when empty
        """
        known = self.verdicts[saved]
        rerun: set[str] = set()
        for exercise in saved.notebook.exercises:
            if only and exercise.name not in only:
                continue
            before = known.get(exercise.name)
            needed = [each for each in all_needed(exercise, saved.assignment) if each.name in known]
            code = slice_cells(submitted.cells, {exercise.name, *exercise.needs, *exercise.uses})
            if not before or not before.holds_for(code) or rerun & {each.name for each in needed}:
                rerun.add(exercise.name)
                marks = {each.name: known[each.name].mark for each in needed}
                mark = waiting(exercise, needed, marks) or self._run(exercise, code)
                known[exercise.name] = Verdict(mark, code)
            yield News(known[exercise.name].mark, before.mark if before else None)

    @property
    def marks(self) -> list[ExerciseMark]:
        """The marks of all exercises whose notebooks can be read."""
        return [
            verdict.mark
            for saved, verdicts in self.verdicts.items()
            if saved not in self.problems
            for verdict in verdicts.values()
        ]

    @property
    def earned(self) -> int:
        return sum(each.points for each in self.marks)

    @property
    def total(self) -> int:
        """The points of all exercises of all notebooks that are counted."""
        return sum(exercise.total for saved in self.notebooks for exercise in saved.notebook.exercises)

    def _run(self, exercise: Exercise, code: Slice) -> ExerciseMark:
        door = OneExercise(exercise, code, self.call_seconds)
        try:
            marks = self.run(door)
        finally:
            door.close()
        return marks[0] if marks else unmarked(exercise, NOT_JUDGED, "it has no tests; please tell your instructor")


class OneExercise:
    """The door to one exercise of a saved notebook; the stages it is composed of are the student's own."""

    def __init__(self, exercise: Exercise, code: Slice, call_seconds: float) -> None:
        self.exercise = exercise
        self.code = code
        self.call_seconds = call_seconds
        self.process: SubmissionProcess | None = None

    def includes(self, exercise: Exercise) -> bool:
        return exercise.name == self.exercise.name

    def open(self, exercise: Exercise) -> Caller:  # noqa: ARG002 there is only one
        self.process = self.process or SubmissionProcess(self.code, call_seconds=self.call_seconds)
        return self.process

    def close(self) -> None:
        if self.process:
            self.process.close()
