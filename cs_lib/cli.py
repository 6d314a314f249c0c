"""`cs-lib`: the course's commands, each a sentence in `--help` and a function below.

The instructor's commands are there where `cs_lib.instructor` is: in the course's repository, not in a student's kit.
"""

import argparse
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from typing import Any

from cs_lib.course import CourseError
from cs_lib.terminal import commands as terminal


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; a fault in the course's files is a sentence and status 1."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except CourseError as error:
        print(f"cs-lib: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ncs-lib: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read this, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands that this course has."""
    top = argparse.ArgumentParser(
        prog="cs-lib",
        description="Commands of the course kit.",
        epilog="example: cs-lib check",
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    terminal.add_to(commands)
    _add_data(commands)
    if importlib.util.find_spec("cs_lib.instructor"):
        importlib.import_module("cs_lib.instructor.commands").add_to(commands)
    return top


def _add_data(commands: Any) -> None:
    data = commands.add_parser(
        "data",
        help="fetch a data set that is too large to come with the course",
        description="Fetch a data set into datasets/, or into the directory that CS_LIB_DATA names.",
        epilog="example: cs-lib data cifar10",
    )
    data.add_argument("name", choices=["cifar10"], help="CIFAR-10: 170 MB to download, 190 MB on the disk")
    data.set_defaults(run=_data)


def _data(_: argparse.Namespace) -> int:
    from cs_lib.datasets import command  # here, because it imports NumPy, for which `--help` need not wait

    return command.fetch()
