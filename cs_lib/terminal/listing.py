"""Exercises and points as lines of text: each line a sentence or a row of words, in the exercises' order."""

from collections import Counter
from collections.abc import Sequence

from cs_lib.checking.marking import PASSED, ExerciseMark
from cs_lib.checking.report import FOLDED, CheckReport
from cs_lib.course import Exercise
from cs_lib.submission.outcomes import DONE, NOT_STARTED, WAITING
from cs_lib.terminal.checker import Checker
from cs_lib.terminal.pen import Pen
from cs_lib.terminal.saved import SavedNotebook

WORD_WIDTH = len(NOT_STARTED)
DETAIL = 6
"""By how many spaces what is wrong stands below the exercise."""


def write_heading(saved: SavedNotebook, pen: Pen) -> None:
    """Write which notebook the rows below are about."""
    when = f", {saved.when}" if saved.when else ""
    pen.line(f"\n{saved.path.name}{when}")


def write_problems(saved: SavedNotebook, checker: Checker, pen: Pen) -> None:
    """Write why the notebook cannot be read, or which of its cells are not Python."""
    if saved in checker.problems:
        problem = checker.problems[saved].removeprefix(f"{saved.path.name}: ")
        pen.folded(f"This notebook cannot be checked: {problem}.", 2)
        return
    for error in checker.broken.get(saved, ()):
        pen.folded(f"{error.cell} is not Python: {error}", 2)


def write_exercise(mark: ExerciseMark, pen: Pen, exercises: Sequence[Exercise]) -> None:
    """Write an exercise's row, and below it what is wrong; the columns fit all `exercises`."""
    width = max(len(each.name) for each in exercises)
    word = pen.coloured(f"{mark.word:<{WORD_WIDTH}}", mark.word)
    pen.line(f"  {mark.exercise.name:<{width}}  {word}  {_rest(mark)}")
    write_details(mark, pen)


def write_details(mark: ExerciseMark, pen: Pen) -> None:
    """Write what the first failed check found, where there is an answer to judge."""
    failure = mark.first_failure
    if failure and mark.word not in (NOT_STARTED, WAITING):
        about = f"{failure.sentence}:\n" if mark.word not in FOLDED else ""
        pen.folded(f"{about}{CheckReport(mark).finding}", DETAIL)


def write_summary(checker: Checker, pen: Pen) -> None:
    """Write the points so far, and how many exercises stand how."""
    marks = checker.marks
    counts = Counter(each.word for each in marks)
    many = sum(len(saved.notebook.exercises) for saved in checker.notebooks)
    words = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()) if word != DONE)
    pen.line(f"\n{score(checker)}: {counts[DONE]} of {many} exercises done{', ' + words if words else ''}.")
    written = sum(question.points for saved in checker.notebooks for question in saved.notebook.questions)
    if written:
        pen.line(f"{written} more points are for written answers, which are marked by hand.")


def write_next(checker: Checker, pen: Pen) -> None:
    """Write what to do next, in one line."""
    pen.folded(f"Next: {_next(checker)}", 0)


def score(checker: Checker) -> str:
    """Return the points so far, as a phrase."""
    return f"{checker.earned} of {checker.total} points"


def is_done(checker: Checker) -> bool:
    """Return whether every exercise that was asked for, and each of its parts, is done."""
    return checker.earned == checker.total


def _rest(mark: ExerciseMark) -> str:
    """Return what follows the word in an exercise's row."""
    failure = mark.first_failure
    if failure and mark.word == WAITING:
        return failure.message
    missing = f", all but {' and '.join(mark.missing_parts)}" if mark.word == DONE and mark.missing_parts else ""
    passed = sum(each.word == PASSED for each in mark.results)
    checks = f" ({passed} of {len(mark.results)} checks pass)" if mark.word not in (DONE, *FOLDED) else ""
    return f"{mark.points} of {mark.exercise.total} points{missing}{checks}"


def _next(checker: Checker) -> str:
    """Return what to do next: the first thing, in the course's order, that is not done."""
    for saved in checker.notebooks:
        if saved in checker.problems:
            return f"repair {saved.path.name}, or start it anew from the kit."
        for verdict in checker.verdicts[saved].values():
            mark = verdict.mark
            if mark.points < mark.exercise.total:
                do = "write" if mark.word == NOT_STARTED else "look at"
                name = mark.exercise.name
                return f"{do} {name} in {saved.path.name}. For a hint: cs-lib hint {name}"
    names = dict.fromkeys(each.assignment.name for each in checker.notebooks)
    return f"all of this is done. To hand in: {' and '.join(f'cs-lib submit {name}' for name in names)}"
