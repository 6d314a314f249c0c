"""One submission graded as a class is, by the same process that `cs-lib grade` hands its submissions to."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from cs_lib.instructor.grading.intake import Submission
from cs_lib.instructor.grading.jobs import Job, Terms
from cs_lib.instructor.grading.pool import Pool
from cs_lib.instructor.grading.result import Result, from_json

CALL_SECONDS = 10.0
SUBMISSION_SECONDS = 300.0


def grade_one(assignment: str, files: Sequence[Path], problem: str = "") -> Result:
    """Return the result of one submission; what is wrong with it is told in the result.

    files: notebooks, and zips of notebooks
    problem: why there is nothing to grade, in one line, where that is so

    Raises CourseError where the grader itself cannot work, DiskFull where it has no room.
    """
    terms = Terms(assignment, CALL_SECONDS, SUBMISSION_SECONDS)
    submission = Submission("submission", "submission", files=tuple(files), problem=problem)
    with closing(Pool(terms, jobs=1)) as pool:
        (line,) = pool.grade([Job(submission, grades=None)])
    return from_json(line.result)
