"""The student's commands of `cs-lib`. What a command needs is imported when it runs, so that `--help` is quick."""

import argparse
from pathlib import Path
from typing import Any


def add_to(commands: Any) -> None:
    """Add the student's commands to argparse's sub-parsers."""
    check = commands.add_parser(
        "check",
        help="list your exercises: which are done, what is wrong, and what to do next",
        description="Check your notebooks as they were last saved. The exit status is 0 when all exercises are done.",
        epilog="example: cs-lib check 02_hinge_loss --watch",
    )
    check.add_argument(
        "name",
        nargs="?",
        default="",
        metavar="ASSIGNMENT|NOTEBOOK",
        help="an assignment, or a notebook by its name or path (default: all of them)",
    )
    check.add_argument("--watch", action="store_true", help="check again whenever a notebook is saved, until Ctrl-C")
    check.set_defaults(run=_check)

    hint = commands.add_parser(
        "hint",
        help="get a hint for an exercise, and for what your saved answer gets wrong",
        description="Show an exercise's hint, and what your answer looks like where it is wrong.",
        epilog="example: cs-lib hint hinge_backward",
    )
    hint.add_argument("exercise", metavar="EXERCISE")
    hint.set_defaults(run=_hint)

    submit = commands.add_parser(
        "submit",
        help="check your notebooks and pack them into one zip to hand in",
        description="Check that an assignment's notebooks are there and can be read, show how their exercises stand, "
        "and write NAME.zip with the notebooks alone. A NAME.zip that is already there is kept under another name.",
        epilog='example: cs-lib submit hw1_linear_classifiers --name "Ada Lovelace"',
    )
    submit.add_argument("assignment", metavar="ASSIGNMENT")
    submit.add_argument("--name", default="", help="what the zip is named after (default: your user name)")
    submit.add_argument(
        "--output", type=Path, default=Path(), metavar="DIR", help="where the zip is written (default: here)"
    )
    submit.add_argument("--anyway", action="store_true", help="pack what can be read, though a notebook cannot")
    submit.set_defaults(run=_submit)


def _check(options: argparse.Namespace) -> int:
    from cs_lib.terminal import check

    return check.run(options.name, watch=options.watch)


def _hint(options: argparse.Namespace) -> int:
    from cs_lib.terminal import hint

    return hint.run(options.exercise)


def _submit(options: argparse.Namespace) -> int:
    from cs_lib.terminal import submit

    return submit.run(options.assignment, options.name, options.output, anyway=options.anyway)
