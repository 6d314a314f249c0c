"""`cs-lib submit`: look at an assignment's notebooks as a grader would, and pack them into one zip."""

from pathlib import Path

from cs_lib.course import CourseError, load_assignment
from cs_lib.submission.outcomes import NOT_STARTED
from cs_lib.terminal import packing
from cs_lib.terminal.check import list_exercises, with_checker
from cs_lib.terminal.checker import Checker
from cs_lib.terminal.pen import Pen
from cs_lib.terminal.saved import all_of


def run(name: str, student: str, folder: Path, *, anyway: bool) -> int:
    """Write the zip and return 0; raises CourseError, and writes nothing, where a notebook cannot be read.

    student: what the zip is named after; the user when empty
    anyway: whether to pack those notebooks that can be read all the same
    """
    saved, pen = all_of(load_assignment(name)), Pen()
    path = folder / packing.file_name(student)
    with_checker(saved, lambda checker: _submit(checker, path, pen, anyway=anyway), pen)
    return 0


def _submit(checker: Checker, path: Path, pen: Pen, *, anyway: bool) -> None:
    list_exercises(checker, pen, next_step=False)
    readable = [saved for saved in checker.notebooks if saved not in checker.problems]
    if len(readable) < len(checker.notebooks) and not (anyway and readable):
        names = ", ".join(saved.path.name for saved in checker.problems)
        raise CourseError(
            f"no zip was written, for {names} cannot be read"
            + ("; repair it, or pack the other notebooks alone with --anyway" if readable else "")
        )
    pen.line("\nThese are the public tests. Grading adds hidden ones, and judges by itself what waits here.")
    unwritten = [each.exercise.name for each in checker.marks if each.word == NOT_STARTED]
    if unwritten:
        pen.folded(f"Warning: {len(unwritten)} not started: {', '.join(unwritten)}.", 0)
    became = packing.write(packing.pack(saved.path for saved in readable), path)
    _write_what_was_packed(checker, path, pen, became)


def _write_what_was_packed(checker: Checker, path: Path, pen: Pen, became: str) -> None:
    pen.line(f"\nWrote {path}: hand in this file. In it:")
    for saved in checker.notebooks:
        if saved not in checker.problems:
            pen.line(f"  {saved.path.name}, {saved.when}")
        else:
            pen.line(f"  not {saved.path.name}, which cannot be read")
    if became:
        pen.line(became)
    pen.folded(
        "What was changed in Jupyter after that is not in it: save there and run this again. "
        f"Graders will know you as {path.stem}; --name gives another name.",
        0,
    )
