"""`cs-lib demo`: a taste of grading: a made-up class is written and graded, and its report opened."""

import argparse
import webbrowser
from pathlib import Path
from typing import Any

from cs_lib import cli
from cs_lib.course import CourseError, load_assignment


def run(options: argparse.Namespace) -> int:
    """Write the example class, grade it as `cs-lib grade` does, and open the report; return the exit status."""
    from cs_lib.instructor.examples import CLASS_TABLE, write_examples

    assignment = load_assignment(options.assignment)
    submissions, grades = options.output / "submissions", options.output / "grades"
    if submissions.exists() and not (submissions / CLASS_TABLE).exists():
        raise CourseError(f"{submissions} is there and holds no example class; give another folder with -o")
    students = write_examples(assignment, submissions)
    print(f"{students} made-up students: {submissions}/{CLASS_TABLE} says what each of them got wrong")
    command = ["grade", assignment.name, str(submissions), "-o", str(grades)]
    print("$ cs-lib", *command)
    status = cli.main(command)
    if status == 0 and options.browser:
        webbrowser.open((grades / "report.html").absolute().as_uri())
    return status


def add_to(commands: Any) -> None:
    """Add `cs-lib demo` to argparse's sub-parsers."""
    demo = commands.add_parser(
        "demo",
        help="grade a made-up class and open the report",
        description="Write a small class with every known mistake, grade it, and open the report in a browser.",
        epilog="example: cs-lib demo hw2_neural_network -o demo --no-browser",
    )
    demo.add_argument("assignment", nargs="?", default="hw1_linear_classifiers", metavar="ASSIGNMENT")
    demo.add_argument("-o", "--output", type=Path, default=Path("demo"), metavar="DIR", help="(default: %(default)s)")
    demo.add_argument("--no-browser", dest="browser", action="store_false", help="open nothing, only write")
    demo.set_defaults(run=run)
