"""`cs-lib export`: an assignment as Gradescope, nbgrader or GitHub Classroom take it, and where it says what to do."""

import argparse
from pathlib import Path
from typing import Any

from cs_lib.course import load_assignment

PAGES = Path(__file__).parent


def add_to(commands: Any) -> None:
    """Add `export` to argparse's sub-parsers."""
    export = commands.add_parser(
        "export",
        help="an assignment as Gradescope, nbgrader or GitHub Classroom take it",
        description="Write an assignment as Gradescope, nbgrader or GitHub Classroom take it.",
        epilog="example: cs-lib export gradescope hw1_linear_classifiers -o autograder.zip",
    )
    places = export.add_subparsers(required=True, metavar="PLACE")
    gradescope = places.add_parser(
        "gradescope",
        help="the autograder's zip",
        description="Write the zip that Gradescope takes as an autograder. It holds the answers.",
        epilog="example: cs-lib export gradescope hw1_linear_classifiers -o autograder.zip",
    )
    gradescope.add_argument("assignment", metavar="ASSIGNMENT")
    gradescope.add_argument("-o", "--output", type=Path, required=True, metavar="ZIP", help="the file to write")
    gradescope.set_defaults(run=_gradescope)

    nbgrader = places.add_parser(
        "nbgrader",
        help="nbgrader's source notebooks",
        description="Write source/ASSIGNMENT, with the answers, into the folder of an nbgrader course.",
        epilog="example: cs-lib export nbgrader hw1_linear_classifiers -o nbgrader_course",
    )
    nbgrader.add_argument("assignment", metavar="ASSIGNMENT")
    nbgrader.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="nbgrader's course folder")
    nbgrader.set_defaults(run=_nbgrader)

    classroom = places.add_parser(
        "classroom",
        help="a repository template for GitHub Classroom",
        description="Write the students' kit with a workflow that runs the public tests after every push.",
        epilog="example: cs-lib export classroom hw1_linear_classifiers -o template",
    )
    classroom.add_argument("assignments", nargs="+", metavar="ASSIGNMENT")
    classroom.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="the folder to write")
    classroom.add_argument("--kit", type=Path, metavar="KIT", help="the folder of a kit (default: one made now)")
    classroom.set_defaults(run=_classroom)


def _gradescope(options: argparse.Namespace) -> int:
    from cs_lib.instructor.exports.gradescope import write_gradescope

    assignment = load_assignment(options.assignment)
    write_gradescope(assignment, options.output)
    points = sum(each.total for each in assignment.exercises)
    return _wrote(options.output, "gradescope", f", which gives {points} points")


def _nbgrader(options: argparse.Namespace) -> int:
    from cs_lib.instructor.exports.nbgrader import write_nbgrader

    assignment = load_assignment(options.assignment)
    remark = write_nbgrader(assignment, options.output)
    if remark:
        print(remark)
    return _wrote(options.output / "source" / assignment.name, "nbgrader")


def _classroom(options: argparse.Namespace) -> int:
    from cs_lib.instructor.exports.classroom import fresh_kit, kit_in, write_classroom

    assignments = [load_assignment(name) for name in options.assignments]
    write_classroom(assignments, options.output, kit_in(options.kit) if options.kit else fresh_kit)
    return _wrote(options.output, "classroom")


def _wrote(what: Path, page: str, remark: str = "") -> int:
    print(f"wrote {what}{remark}")
    print(f"what to do with it, step by step: {PAGES / page}.md")
    return 0
