"""Which files leave home: of those that git tracks, what students need for the assignments that they are given."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from pathlib import PurePosixPath

from cs_lib.course import ROOT, STAYS_HOME, Assignment, CourseError

EVERYWHERE = ("cs_lib/*", "datasets/*", ".gitignore", "LICENSE", "pyproject.toml", "requirements.txt", "setup_env.sh")
"""What every kit has, whichever assignments are in it."""
OF_AN_ASSIGNMENT = ("assignments/{}/*", "tests/{}/conftest.py", "tests/{}/public/*")
READMES = ("datasets/README.md",)
"""The rooms' READMEs speak of the whole course, and a kit has its own; this one says whom the data are owed to."""


@dataclass(frozen=True)
class Leaving:
    """One file that leaves home."""

    path: PurePosixPath
    """Where it is below the course's folder, and below the kit's."""
    executable: bool


def leaving(assignments: Sequence[Assignment]) -> list[Leaving]:
    """Return the files that go into a kit of these assignments; raises CourseError where git has no commit."""
    wanted = [*EVERYWHERE, *(room.format(each.name) for each in assignments for room in OF_AN_ASSIGNMENT)]
    notebooks = {f"assignments/{each.name}/{nb.name}.ipynb" for each in assignments for nb in each.notebooks}
    return [
        Leaving(PurePosixPath(path), executable=mode == "100755")
        for mode, path in _tracked()
        if mode.startswith("100")  # a link may lead anywhere
        and any(fnmatchcase(path, pattern) for pattern in wanted)
        and not stays_home(path)
        and (not path.endswith("README.md") or path in READMES)
        and (not path.endswith(".ipynb") or path in notebooks)  # a draft is not listed yet
    ]


def stays_home(path: str) -> bool:
    """Return whether a path, as git writes it, lies in a room that stays home."""
    return any(fnmatchcase(path, f"{room}/*") for room in STAYS_HOME)


def commit_time() -> int:
    """Return when the course's last commit was made, in seconds since 1970: the time of every file in a kit."""
    return int(_git("log", "-1", "--format=%ct"))


def uncommitted(files: Sequence[Leaving]) -> list[str]:
    """Return which of these files are not as the last commit has them."""
    changed = {line for line in _git("diff", "--name-only", "--relative", "-z", "HEAD").split("\0") if line}
    return [str(each.path) for each in files if str(each.path) in changed]


def _tracked() -> list[tuple[str, str]]:
    """Return (mode, path) of each file that git tracks, in order."""
    listed = [line.partition("\t") for line in _git("ls-files", "--stage", "-z").split("\0") if line]
    return sorted(((about.split()[0], path) for about, _, path in listed), key=lambda each: each[1])


def _git(*arguments: str) -> str:
    """Return what git says in the course's folder, whichever repository a hook was called from."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    run = partial(subprocess.run, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    try:
        output: str = run(["git", *arguments]).stdout
    except FileNotFoundError:
        raise CourseError("a release is made of what git tracks, and there is no git here; install it") from None
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip() or f"git ended with {error.returncode}").splitlines()[0]
        raise CourseError(f"a release is made of what git tracks and has committed: {reason}") from None
    return output
