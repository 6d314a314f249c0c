"""How a nursery is started: in bubblewrap, in whichever way the system allows, or without it.

bubblewrap (`bwrap`) gives the nursery a file system with nothing in it but Python, the installed packages and a copy
of the open part of cs_lib, all of it read-only, and no network.
"""

import json
import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from cs_lib.course import ROOT
from cs_lib.submission.library import open_library
from cs_lib.submission.nursery import Walls

BUBBLEWRAP = "bubblewrap"
LIMITS = "limits alone"
SCRATCH = "/scratch"
COURSE = "/course"
"""Where, in bubblewrap, the scratch directory and the open part of cs_lib are."""
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""The environment of a process that keeps to one core, because others have the rest."""
FIRST_USER = 1_000_000_000
"""Where the grader is root, submissions run as a user of a number above this, one of their own for each grader."""


@dataclass(frozen=True)
class Kind:
    """One way to start a nursery."""

    name: str
    """What it protects with: a key of MEANING."""
    walls: Walls
    arguments: tuple[str, ...] = ()
    """bubblewrap's own, besides those that all have."""
    alone: bool = False
    """Whether each submission has a nursery of its own, where the system lets nobody make namespaces in bubblewrap."""

    @property
    def is_sandbox(self) -> bool:
        """Whether bubblewrap is what protects."""
        return self.name == BUBBLEWRAP


def kinds(mode: str) -> Iterator[Kind]:
    """Yield the ways to start a nursery that this system may know, the best first."""
    if mode != "none" and sys.platform == "linux" and shutil.which("bwrap"):
        library = (sysconfig.get_path("purelib"), str(Path(os.__file__).parent), f"{COURSE}/cs_lib")
        administers = ("--cap-add", "CAP_SYS_ADMIN")
        if os.geteuid() == 0:
            walls = Walls(own_namespaces=True, user=FIRST_USER + os.getpid(), readable=library)
            yield Kind(BUBBLEWRAP, walls, (*administers, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"))
        walls = Walls(own_namespaces=True, readable=library)
        yield Kind(BUBBLEWRAP, walls, ("--unshare-user", "--disable-userns", *administers))
        yield Kind(BUBBLEWRAP, walls, ("--unshare-user", *administers))
        walls = Walls(own_namespaces=False, readable=library)
        yield Kind(BUBBLEWRAP, walls, ("--unshare-user", "--tmpfs", SCRATCH), alone=True)
    if mode != "require":
        yield Kind(LIMITS, Walls(own_namespaces=False))


BOOT = """
import json, sys
control, walls, *path = sys.argv[1:]
sys.path += path
from cs_lib.submission.nursery import Walls, main
main(int(control), Walls(**json.loads(walls)))
"""
"""What a nursery runs: from a copy of cs_lib and with the installed packages, after Python's own."""


def command(kind: Kind, control: int) -> list[str]:
    """Return the command that starts a nursery, which answers on the descriptor `control`."""
    installed = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    walls = json.dumps(asdict(kind.walls))
    # Isolated from the user's site-packages and from the current directory; the environment is ours.
    python = [sys.executable, "-s", "-S", "-P", "-c", BOOT, str(control), walls]
    if not kind.is_sandbox:
        return [*python, str(open_library()), *installed]
    # Not the virtual environment's: all of a virtual environment but its packages stays outside.
    python[0] = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    return ["bwrap", *_view(installed), *ISOLATED, *kind.arguments, "--", *python, COURSE, *installed]


ISOLATED = (
    *("--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
    *("--die-with-parent", "--new-session", "--hostname", "sandbox", "--chdir", "/"),
)


def _view(installed: Sequence[str]) -> list[str]:
    """Return bubblewrap's arguments for all that can be seen inside: read-only, and nothing of the user's or ours."""
    view = []
    for name in ("/bin", "/sbin", "/lib", "/lib64", "/lib32"):
        if Path(name).is_symlink():
            view += ["--symlink", str(Path(name).readlink()), name]
        else:
            view += ["--ro-bind-try", name, name]
    shown = {"/usr", "/nix/store", "/etc/ld.so.cache", "/etc/alternatives", os.path.realpath(sys.base_prefix)}
    shown |= {os.path.realpath(each) for each in installed} | set(installed)
    hidden = {str(ROOT), str(Path.home()), *(str(Path(each) / "cs_lib") for each in installed)}
    # What lies inside something else comes after it: so a course inside /usr is hidden, and its packages are not.
    for place in sorted(shown | hidden, key=lambda path: len(Path(path).parts)):
        if place in shown:
            for parent in reversed(Path(place).parents):
                view += ["--perms", "0755", "--dir", str(parent)]  # bubblewrap would make them for root alone
            view += ["--ro-bind-try", place, place]
        elif Path(place).is_dir() and any(Path(place).is_relative_to(each) for each in shown):
            view += ["--tmpfs", place]
    view += ["--perms", "0755", "--dir", COURSE, "--ro-bind", str(open_library() / "cs_lib"), f"{COURSE}/cs_lib"]
    return [*view, "--dev", "/dev", "--remount-ro", "/dev", "--dir", SCRATCH, "--remount-ro", "/"]


def environment() -> dict[str, str]:
    """Return the environment of a nursery and of all submissions: nothing of the grader's."""
    same = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "MPLBACKEND": "Agg", **same, **ONE_THREAD}
