"""Gradescope's autograder of an assignment: a zip with `setup.sh`, `run_autograder`, and all that grades it."""

from pathlib import Path

from cs_lib.course import Assignment
from cs_lib.instructor.exports.bundle import grading_files, write_zip

SCRIPTS = Path(__file__).parent / "gradescope_files"


def write_gradescope(assignment: Assignment, path: Path) -> None:
    """Write the zip that is uploaded as the autograder; raises CourseError where it cannot be written."""
    scripts = {script.name: script.read_bytes() for script in SCRIPTS.iterdir() if script.is_file()}
    write_zip(path, {**grading_files(assignment), **scripts})
