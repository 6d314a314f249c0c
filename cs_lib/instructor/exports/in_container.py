"""What Gradescope's `run_autograder` runs: grade what was handed in, and write `results.json`, whatever it is.

/autograder/submission              what the student handed in
/autograder/source                  the autograder's zip, unpacked
/autograder/results/results.json    what Gradescope shows
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cs_lib.course import Assignment, CourseError, assignment_names, load_assignment
from cs_lib.instructor.exports.bundle import write_bytes
from cs_lib.instructor.exports.one import grade_one
from cs_lib.instructor.exports.parts import GradedPart, explanation, graded_parts, passed, test_lines
from cs_lib.instructor.grading.intake import notebooks_in
from cs_lib.instructor.grading.jobs import DiskFull
from cs_lib.instructor.grading.reports.feedback import open_reason
from cs_lib.instructor.grading.reports.page import counted
from cs_lib.instructor.grading.result import GRADED, Result

Table = dict[str, Any]

VISIBLE, LATER = "visible", "after_published"
"""Gradescope's words for when a student sees a test: always, or once grades are published."""
NOT_YOUR_FAULT = "This could not be graded, which is not your fault. Please tell your instructor: "


def main(autograder: Path) -> None:
    """Grade `submission` in the folder `autograder` and write `results/results.json` there."""
    try:
        (name,) = assignment_names()
        assignment = load_assignment(name)
        table = results(assignment, _graded(assignment, autograder / "submission"))
    except (CourseError, DiskFull) as error:
        table = _nothing(f"{NOT_YOUR_FAULT}{error}")
    except Exception as error:  # a student must read a sentence, whatever went wrong
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        table = _nothing(f"{NOT_YOUR_FAULT}the autograder itself failed ({type(error).__name__}).")
    text = json.dumps(table, indent=1, ensure_ascii=False, allow_nan=False)
    write_bytes(autograder / "results" / "results.json", text.encode("utf-8", "replace"))


def results(assignment: Assignment, result: Result) -> Table:
    """Return what Gradescope is told of a result; the scores of its tests add up to the submission's."""
    if result.status != GRADED:
        return _nothing(f"This could not be graded: {result.reason}")
    tests = [entry for part in graded_parts(assignment, result) for entry in _entries(part)]
    return {"score": result.score, "output": _output(assignment, result), "output_format": "text", "tests": tests}


def _graded(assignment: Assignment, submission: Path) -> Result:
    files = notebooks_in(submission) if submission.is_dir() else []
    expected = ", ".join(f"{each.name}.ipynb" for each in assignment.notebooks)
    problem = "" if files else f"no notebook was handed in; this assignment has {expected}"
    return grade_one(assignment.name, files, problem)


def _entries(part: GradedPart) -> Iterator[Table]:
    """Yield a part's public tests, and its points: together where nothing about it is hidden.

    Points that hidden tests have a say in are shown as late as those: else they would tell.
    """
    title = part.of.title
    points = {"score": part.points, "max_score": part.of.maximum}
    if not part.hidden:
        yield _entry(title, part.said, VISIBLE) | points
        return
    fails_openly = not passed(part.public)
    later = f"{counted(part.of.maximum, 'point')}, if the hidden checks pass too: shown once grades are published."
    shown = [*test_lines(part.public), *(explanation(part.outcome) if fails_openly else [later])]
    # Without a score, it is the status that makes Gradescope's box green or red.
    status = {"status": "failed" if fails_openly else "passed"}
    yield _entry(title, "\n".join(shown), VISIBLE) | status
    explained = [] if fails_openly or passed(part.hidden) else explanation(part.outcome)
    yield _entry(f"{title}: points", "\n".join([*test_lines(part.hidden), *explained]), LATER) | points


def _entry(name: str, output: str, visibility: str) -> Table:
    return {"name": name, "output": output, "output_format": "text", "visibility": visibility}


def _output(assignment: Assignment, result: Result) -> str:
    """Return what is said of the whole submission: nothing that a hidden test alone knows."""
    lines = [open_reason(result)]
    if any(notebook.questions for notebook in assignment.notebooks):
        lines.append("Questions answered in prose are marked by hand.")
    return "\n".join(filter(None, lines))


def _nothing(reason: str) -> Table:
    return {"score": 0, "output": reason, "output_format": "text", "tests": []}
