"""The instructor's commands of `cs-lib`. What a command needs is imported when it runs, so that `--help` is quick."""

import argparse
from pathlib import Path
from typing import Any

from cs_lib.course import ROOT, CourseError, assignment_names, load_assignment
from cs_lib.instructor import demo
from cs_lib.instructor.exports import command as exports
from cs_lib.instructor.release import command as release


def add_to(commands: Any) -> None:
    """Add the instructor's commands to argparse's sub-parsers."""
    sync = commands.add_parser(
        "sync",
        help="write the stubs, points tables and solved notebooks from the reference",
        description="Write what is generated from cs_lib/reference and assignment.toml.",
        epilog="example: cs-lib sync hw1_linear_classifiers",
    )
    sync.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="(default: all)")
    sync.add_argument("--check", action="store_true", help="write nothing; fail when something is stale")
    sync.add_argument("--execute", action="store_true", help="run the solved notebooks again though nothing changed")
    sync.set_defaults(run=_sync)

    validate = commands.add_parser(
        "validate",
        help="say what is wrong with an assignment: its files, its answers, its tests and its known mistakes",
        description="Find what does not fit together, prove the answers by numerical slopes, run the notebooks, and "
        "put every misconception of the catalogue into the right answers to see what the tests say.",
        epilog="example: cs-lib validate hw1_linear_classifiers --quick",
    )
    validate.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="(default: all)")
    validate.add_argument(
        "--only",
        nargs="+",
        default=(),
        metavar="EXERCISE",
        help="try these exercises' mistakes alone, and run no notebook",
    )
    validate.add_argument("--quick", action="store_true", help="look at the files alone, and run nothing")
    validate.add_argument("--verbose", action="store_true", help="show each entry, its tests and its name")
    validate.add_argument(
        "--write-examples", type=Path, metavar="DIR", help="write a small class of example submissions there instead"
    )
    validate.set_defaults(run=_validate)
    _add_new(commands)
    _add_grade(commands)
    demo.add_to(commands)
    release.add_to(commands)
    exports.add_to(commands)


def _add_new(commands: Any) -> None:
    new = commands.add_parser(
        "new",
        help="make a small complete assignment to begin with",
        description="Make an assignment with a notebook, two exercises, a question, tests, answers and known mistakes.",
        epilog='example: cs-lib new hw3_regression --title "Homework 3: regression"',
    )
    new.add_argument("name", metavar="ASSIGNMENT", help="small letters, digits and underscores")
    new.add_argument("--title", metavar="TEXT", help="what its pages are headed with (default: from the name)")
    new.set_defaults(run=_new)


def _new(options: argparse.Namespace) -> int:
    from cs_lib.instructor import new

    assignment = new.make(options.name, options.title)
    print(f"Made {assignment.name}. See it with `cs-lib validate {assignment.name}`, and make it your own.")
    return 0


def _add_grade(commands: Any) -> None:
    grade = commands.add_parser(
        "grade",
        help="grade a class: results, feedback for each student, and a report",
        description="Grade what a class handed in. Run again, it goes on where it stopped.",
        epilog="example: cs-lib grade hw1_linear_classifiers submissions.zip -o grades --roster roster.csv",
    )
    grade.add_argument("assignment", metavar="ASSIGNMENT")
    grade.add_argument(
        "submissions",
        type=Path,
        metavar="SUBMISSIONS",
        help="a folder or zip with NAME.ipynb, NAME/ or NAME.zip for each student, or a download of Canvas or Moodle; "
        "a manifest.csv in it may say file, student and time",
    )
    grade.add_argument("-o", "--output", type=Path, required=True, metavar="GRADES", help="the folder to write")
    grade.add_argument("--roster", type=Path, metavar="CSV", help="all students, with the columns id and name")
    grade.add_argument("--written", type=Path, metavar="CSV", help="marks of written answers: written.csv, filled in")
    grade.add_argument(
        "--regrade", action="append", default=[], metavar="NAME", help="grade this submission, or exercise, again"
    )
    grade.add_argument("--jobs", type=_positive, metavar="N", help="how many processes grade (default: one a core)")
    grade.add_argument("--dask", metavar="ADDRESS", help="grade on the Dask cluster with this scheduler instead")
    grade.add_argument(
        "--sandbox",
        choices=["require", "auto", "none"],
        default="auto",
        help="shut submissions in where that is possible (auto), fail where it is not (require), or never",
    )
    grade.add_argument(
        "--timeout-call", type=float, default=10.0, metavar="S", help="seconds for one call (default: %(default)g)"
    )
    grade.add_argument(
        "--timeout-submission",
        type=float,
        default=120.0,
        metavar="S",
        help="seconds for one submission (default: %(default)g)",
    )
    grade.set_defaults(run=_grade)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _grade(options: argparse.Namespace) -> int:
    from cs_lib.instructor.grading import command

    return command.run(options)


def _sync(options: argparse.Namespace) -> int:
    from cs_lib.instructor import sync

    assignments = [load_assignment(name) for name in options.assignments or assignment_names()]
    if not options.check:
        for assignment in assignments:
            sync.sync(assignment, execute_all=options.execute)
        return 0
    stale = [path for assignment in assignments for path in sync.stale(assignment)]
    for path in stale:
        print(f"stale: {path.relative_to(ROOT)}")
    if stale:
        print("Run `cs-lib sync` and commit what it writes.")
    return 1 if stale else 0


def _validate(options: argparse.Namespace) -> int:
    from cs_lib.instructor.examples import write_examples

    names = options.assignments or assignment_names()
    if options.write_examples:
        for name in names:
            folder = options.write_examples / name
            print(f"wrote {write_examples(load_assignment(name), folder)} example submissions to {folder}")
        return 0
    problems = [problem for name in names for problem in _problems(name, options)]
    print(*problems or ["valid"], sep="\n")
    return 1 if problems else 0


def _problems(name: str, options: argparse.Namespace) -> list[str]:
    """Return what is wrong with one assignment; where it cannot be read, that alone."""
    from cs_lib.instructor.validate import validate

    print(f"{name}\n")
    try:
        assignment = load_assignment(name)
    except CourseError as error:
        return [str(error)]
    return validate(assignment, only=options.only, quick=options.quick, verbose=options.verbose)
