"""Prove that an assignment fits together, that its answers are right, and that its tests catch every known mistake.

What reading the files can tell comes first (see `consistency`). The reference's gradients must be those that numerical
slopes say; the solved notebooks must have full marks and the untouched ones none, and both run from top to bottom.
Each entry of the catalogue, put in the place of the right function, must fail public tests of its own exercise, leave
every other exercise's marks as they are, and be named; two entries of one function at once must be named wherever
their effects do not cancel.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cs_lib.checking import catalogue
from cs_lib.checking.answers import Case
from cs_lib.checking.catalogue import Misconception
from cs_lib.checking.diagnosis import Suspect, agree, diagnose
from cs_lib.checking.doors import LiveNotebook, SubmittedFiles
from cs_lib.checking.marking import PASSED, ExerciseMark
from cs_lib.checking.reference_answers import wrong_answers
from cs_lib.checking.running import public_tests, run_tests
from cs_lib.course import Assignment, CourseError, Exercise, Notebook
from cs_lib.instructor import notebook_runs, slopes
from cs_lib.instructor.consistency import inconsistencies, places
from cs_lib.submission.outcomes import DONE, NOT_STARTED

NAMED_ALONE = 0.95
"""The share of entries that must be named without any other beside them."""
PAIRS_NAMED = 0.80
"""The share of pairs in one function that must be named, where their effects do not cancel."""


@dataclass(frozen=True)
class Verdict:
    """What the public tests said of one entry of the catalogue."""

    mistake: Misconception
    marks: tuple[ExerciseMark, ...]
    """The marks of all exercises of the notebook, with the entry in its place."""

    @cached_property
    def own(self) -> ExerciseMark:
        return next(each for each in self.marks if each.exercise.name == self.mistake.exercise)

    @property
    def caught_by(self) -> tuple[str, ...]:
        """The sentences of the tests that fail."""
        return tuple(result.sentence for result in self.own.results if result.word != PASSED)

    @property
    def touched(self) -> tuple[str, ...]:
        """The other exercises that lose marks."""
        lost = (each for each in self.marks if each.points < each.exercise.total)
        return tuple(each.exercise.name for each in lost if each is not self.own)

    @property
    def named(self) -> tuple[str, ...]:
        """What the diagnosis says it may be."""
        return self.own.diagnosis.titles if self.own.diagnosis else ()

    @property
    def problem(self) -> str:
        """What is wrong with this entry, as a sentence, or ""."""
        if not self.caught_by:
            return "no public test catches it"
        if self.touched:
            return f"it costs marks of {', '.join(self.touched)}"
        if self.mistake.title not in self.named:
            return f"it is named {' or '.join(map(repr, self.named))}" if self.named else "it is not named"
        return ""


@dataclass(frozen=True)
class Pairs:
    """How many pairs of entries in one function there are whose effects do not cancel, and how many are named."""

    exercise: str
    named: int
    total: int


def verdicts(assignment: Assignment, notebook: Notebook, exercises: Sequence[Exercise]) -> Iterator[Verdict]:
    """Yield the verdict on each entry of the catalogue for these exercises of a notebook."""
    for exercise in exercises:
        for mistake in _makeable(exercise):
            door = MistakenNotebook(notebook, exercise, mistake)
            grading = run_tests([public_tests(assignment, notebook)], door)
            yield Verdict(mistake, tuple(grading.marks()))


def right_cases(assignment: Assignment, notebook: Notebook) -> dict[str, list[Case]]:
    """Return, for each exercise of a notebook, the calls that its public tests make, with the right answers."""
    return run_tests([public_tests(assignment, notebook)], MistakenNotebook(notebook)).cases


def count_pairs(exercise: Exercise, cases: Sequence[Case]) -> Pairs:
    """Return how many pairs are named, of those that give neither right answers nor those of one entry alone."""
    right = [case.expected for case in cases]
    singles = [_suspect((each,), exercise, cases) for each in _makeable(exercise)]
    doubles = [_suspect(pair, exercise, cases) for pair in catalogue.pairs(exercise)]
    masked = [right, *(single.answers for single in singles)]
    visible = [pair for pair in doubles if not any(_same(pair.answers, other) for other in masked)]
    named = 0
    for pair in visible:
        diagnosis = diagnose(list(pair.answers), right, singles) or diagnose(list(pair.answers), right, doubles)
        named += diagnosis is not None and pair.mistakes in diagnosis.suspects
    return Pairs(exercise.name, named, len(visible))


def _makeable(exercise: Exercise) -> list[Misconception]:
    """Return the entries of an exercise whose texts are there; those of the others are a matter of consistency."""
    return [each for each in catalogue.entries(exercise) if catalogue.fits(exercise, each)]


class MistakenNotebook:
    """The door to the solved notebook with one mistake in it; what is composed of a stage gets the right stage."""

    def __init__(self, notebook: Notebook, exercise: Exercise | None = None, mistake: Misconception | None = None):
        self.notebook = notebook
        self.exercise = exercise
        self.mistake = mistake

    def includes(self, exercise: Exercise) -> bool:
        # What is judged by its result takes seconds, and no one else's mistakes may reach it anyway.
        return exercise in self.notebook.exercises and not (self.mistake and exercise.uses)

    def open(self, exercise: Exercise) -> LiveNotebook:
        right = vars(catalogue.reference_module(exercise))
        namespace = dict(right)
        if self.exercise and self.mistake:
            exec(catalogue.wrong_source(self.exercise, [self.mistake]), namespace)
        if self.exercise and exercise.name != self.exercise.name and self.exercise.name not in exercise.needs:
            # An answer that calls another exercise without needing it must be seen to depend on it.
            exec(catalogue.reference_source(exercise), namespace)
        return LiveNotebook(namespace, exercise.name)

    def close(self) -> None:
        """Nothing was started."""


def validate(
    assignment: Assignment,
    *,
    only: Sequence[str] = (),
    quick: bool = False,
    verbose: bool = False,
    say: Callable[[str], None] = print,
) -> list[str]:
    """Print what was found as tables, and return every problem as a sentence.

    only: the exercises whose catalogue is tried; all of them when empty. With some, no notebook runs in a kernel.
    quick: read the files, and run nothing
    """
    for name in only:
        assignment.exercise(name)
    problems = inconsistencies(assignment)
    if quick:
        return problems
    for notebook in assignment.notebooks:
        exercises = [each for each in notebook.exercises if not only or each.name in only]
        if exercises:
            try:
                problems += _prove(assignment, notebook, exercises, runs=not only, verbose=verbose, say=say)
            except CourseError as error:
                problems.append(str(error))
    return list(dict.fromkeys(problems))


def _prove(
    assignment: Assignment,
    notebook: Notebook,
    exercises: Sequence[Exercise],
    *,
    runs: bool,
    verbose: bool,
    say: Callable[[str], None],
) -> Iterator[str]:
    """Yield every problem of one notebook that shows when its answers, its tests and its mistakes are run."""
    say(notebook.name)
    cases = right_cases(assignment, notebook)
    proof = slopes.prove(notebook, cases)
    if proof.judged:
        say(f"gradients judged by numerical slopes: {', '.join(proof.judged)}")
    yield from proof.faults
    yield from _check_ends(assignment, notebook, say)
    found: list[Verdict] = []
    for verdict in verdicts(assignment, notebook, exercises):
        found.append(verdict)
        _progress(f"{notebook.name}: {len(found)} entries")
    _progress("")
    yield from _report_entries(notebook, exercises, found, verbose=verbose, say=say)
    yield from _report_pairs((count_pairs(each, cases[each.name]) for each in exercises), say)
    if runs:
        _progress(f"{notebook.name}: running the notebooks")
        yield from notebook_runs.faults(assignment, notebook)
        _progress("")
    say("")


def _check_ends(assignment: Assignment, notebook: Notebook, say: Callable[[str], None]) -> Iterator[str]:
    """Grade the solved and the untouched notebook: full marks and none."""
    files = sorted(assignment.tests.glob(f"*/test_{notebook.module}.py"))
    total = sum(exercise.total for exercise in notebook.exercises)
    for name, folder, word in (
        ("reference", assignment.solutions, DONE),
        ("untouched", assignment.folder, NOT_STARTED),
    ):
        path = folder / f"{notebook.name}.ipynb"
        door = SubmittedFiles(assignment, path)
        try:
            marks = run_tests(files, door).marks()
        finally:
            door.close()
        earned = sum(each.points for each in marks)
        say(f"{name}: {earned} of {total} points, {100 * earned / total:.0f} %")
        for each in marks:
            if each.word != word or (word == DONE and each.missing_parts):
                said = f"{name}: {each.exercise.name} should be {word!r}, but is {each.standing!r}"
                yield f"{said} in {places.of_file(path)}{_first_failure(each)}"


def _first_failure(mark: ExerciseMark) -> str:
    """Return which test speaks against an exercise first, and what it says, as the rest of a sentence."""
    failure = mark.first_failure
    return f": {failure.sentence}: {' '.join(failure.message.split())}" if failure else ""


def _report_entries(
    notebook: Notebook,
    exercises: Sequence[Exercise],
    found: list[Verdict],
    *,
    verbose: bool,
    say: Callable[[str], None],
) -> Iterator[str]:
    width = max(len(name) for name in (notebook.name, *(exercise.name for exercise in exercises)))
    say(f"\n{notebook.name:<{width}}  entries  caught  named alone  named with others")
    for exercise in exercises:
        own = [verdict for verdict in found if verdict.mistake.exercise == exercise.name]
        alone = sum(verdict.named == (verdict.mistake.title,) for verdict in own)
        among = sum(verdict.mistake.title in verdict.named for verdict in own) - alone
        caught = sum(bool(verdict.caught_by) for verdict in own)
        say(f"{exercise.name:<{width}}  {len(own):>7}  {caught:>6}  {alone:>11}  {among:>17}")
        for verdict in own:
            if verbose:
                say(f"    {verdict.mistake.title}: caught by {verdict.caught_by}, named {verdict.named}")
            if verdict.problem:
                yield f"{exercise.name}: {verdict.mistake.title!r}: {verdict.problem}"
    alone = sum(verdict.named == (verdict.mistake.title,) for verdict in found)
    if alone < NAMED_ALONE * len(found):
        yield f"{notebook.name}: only {alone} of {len(found)} entries are named alone"


def _report_pairs(counts: Iterable[Pairs], say: Callable[[str], None]) -> Iterator[str]:
    for pairs in counts:
        if pairs.total:
            say(f"{pairs.exercise}: {pairs.named} of {pairs.total} pairs named, {pairs.named / pairs.total:.0%}")
        if pairs.named < PAIRS_NAMED * pairs.total:
            yield f"{pairs.exercise}: only {pairs.named} of {pairs.total} pairs of entries are named"


def _suspect(mistakes: tuple[Misconception, ...], exercise: Exercise, cases: Sequence[Case]) -> Suspect:
    return Suspect(mistakes, tuple(wrong_answers(exercise, mistakes, cases)))


def _same(some: Any, others: Any) -> bool:
    return all(agree(a, b) for a, b in zip(some, others, strict=True))


def _progress(text: str) -> None:
    """Show on a terminal how far the work is, in one line that is written over."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
