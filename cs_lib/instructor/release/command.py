"""`cs-lib release`: the kit that students get, proven to hold no answers."""

import argparse
from pathlib import Path
from typing import Any


def add_to(commands: Any) -> None:
    """Add the command to argparse's sub-parsers."""
    release = commands.add_parser(
        "release",
        help="make the kit that students get, and prove that no answer is in it",
        description="Write a kit with stubs, public tests and recorded values, and without answers. What git tracks "
        "is released; nothing is written where the proof finds an answer.",
        epilog="example: cs-lib release hw1_linear_classifiers -o kits/hw1 --zip",
    )
    release.add_argument("assignments", nargs="+", metavar="ASSIGNMENT")
    release.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="the folder to write")
    release.add_argument("--zip", action="store_true", help="also write DIR.zip")
    release.set_defaults(run=_release)


def _release(options: argparse.Namespace) -> int:
    from cs_lib.course import load_assignment
    from cs_lib.instructor.release import kit, rooms

    assignments = [load_assignment(name) for name in dict.fromkeys(options.assignments)]
    output: Path = options.output.absolute()
    changed = rooms.uncommitted(rooms.leaving(assignments))
    for path in kit.release(assignments, output, zipped=options.zip):
        print(f"wrote {path} ({_size(path)})")
    if changed:
        print(f"It holds what is not committed yet: {', '.join(changed)}")
    print("No answer is in it. Next: unpack it elsewhere, run ./setup_env.sh lab there, and give it out.")
    return 0


def _size(path: Path) -> str:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return f"{len(files)} file{'s' * (len(files) > 1)}, {sum(each.stat().st_size for each in files) / 1e6:.1f} MB"
