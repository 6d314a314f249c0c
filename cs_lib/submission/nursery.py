"""The process from which the processes of submissions are forked, with NumPy loaded, so that each is there at once.

    grader ── asks ──> nursery ── forks ──> guardian ── forks ──> the submission's process
       └───────────────── two pipes with calls and answers ──────────┘

The guardian ends the submission's process when the grader says so or is gone, and says how it ended. In bubblewrap,
guardian and submission live in namespaces of their own, in which the guardian is process number 1: whatever the
submission starts ends with the guardian, and it sees no process, file or network but its own.

Started by `cs_lib.submission.sandbox`, on a copy of cs_lib without the rooms that stay home.
"""

import contextlib
import gc
import importlib
import os
import random
import select
import signal
import socket
import struct
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from types import FrameType

READY = b"ready"
DESCRIPTORS = 3
"""What comes with each request: the submission's end of two pipes, and of a socket to its guardian."""
MAX_REQUEST = 4096
NUMBER = struct.Struct(">i")
"""What a guardian sends: the number of the submission's process, and then its exit code."""
CANNOT_SHUT_IN = 70
"""The exit code of a process that could not be shut in, and so has run nothing."""
MOST_DESCRIPTORS = 65_536
PRELOADED = (
    "numpy",
    "numpy.random",
    "cs_lib.submission.worker",
    "cs_lib.gradcheck",
    "cs_lib.graph",
)


@dataclass(frozen=True)
class Walls:
    """How the processes of submissions are shut in."""

    own_namespaces: bool
    """Whether each leaves this process's namespaces; otherwise they are told apart by their groups alone."""
    user: int = 0
    """Who to become, where this process is the system's own root: see isolation.drop_privileges."""
    readable: tuple[str, ...] = ()
    """What a submission must be able to read."""


def main(control: int, walls: Walls) -> None:
    """Fork a submission's process for each request on the socket `control`, until that closes."""
    names = (*PRELOADED, "cs_lib.submission.isolation") if walls.own_namespaces else PRELOADED
    for name in names:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is here already is never looked through again, so that forks share its memory
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a guardian
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to answer, which then closes the socket
    with socket.socket(fileno=control) as requests:
        requests.send(READY)
        while True:
            folder, descriptors, _, _ = socket.recv_fds(requests, MAX_REQUEST, DESCRIPTORS)
            if not folder:
                return
            if os.fork() == 0:
                with _ends_here():
                    requests.close()
                    _guard(os.fsdecode(folder), walls, *descriptors)
            for each in descriptors:
                os.close(each)


@contextlib.contextmanager
def _ends_here() -> Iterator[None]:
    """End this process after the block, whatever happens in it; what forked it goes on with its own work."""
    code = CANNOT_SHUT_IN
    try:
        yield
        code = 0
    finally:
        os._exit(code)


def _guard(folder: str, walls: Walls, receiving: int, sending: int, grader: int) -> None:
    """Start a submission's process in `folder`; end it with all that it started when the grader says so or is gone."""
    if walls.own_namespaces:
        from cs_lib.submission.isolation import leave_namespaces, mount_scratch

        leave_namespaces()
        if os.fork():
            return  # the child is process number 1 of the new namespace, and needs nobody here
        mount_scratch(folder)
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, _wake)
    child = os.fork()
    if child == 0:
        with _ends_here():
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            _become_submission(folder, receiving, sending, walls)
    for descriptor in (receiving, sending):
        os.close(descriptor)
    with contextlib.suppress(OSError):  # a grader that is gone is found out below
        os.write(grader, NUMBER.pack(child))
        os.write(grader, NUMBER.pack(_end_of(child, grader, woken)))


def _wake(_signal: int, _frame: FrameType | None) -> None:
    """Do nothing: what wakes the guardian is that the signal is written to its pipe."""


def _end_of(child: int, grader: int, woken: int) -> int:
    """Wait until a process ends, or the grader wants it ended, and return its exit code; nothing of it goes on."""
    code = None
    while code is None:
        asked = grader in select.select([grader, woken], [], [])[0]
        if asked:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        else:
            os.read(woken, 4096)
        code = _reaped(child, wait=asked)
    # What it started: where it left the group, only its own namespace tells, which ends with the guardian.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    return code


def _reaped(child: int, *, wait: bool) -> int | None:
    """Return the exit code of `child`, or None where it goes on; take leave of whatever else has ended."""
    with contextlib.suppress(ChildProcessError):
        while True:
            ended, status = os.waitpid(-1, 0 if wait else os.WNOHANG)
            if ended == child:
                return os.waitstatus_to_exitcode(status)
            if not ended:
                return None
    return -signal.SIGKILL


def _become_submission(folder: str, receiving: int, sending: int, walls: Walls) -> None:
    """Be the process of a submission, shut in, until its pipe closes."""
    os.setsid()
    _keep_open(receiving, sending)
    os.chdir(folder)
    if walls.own_namespaces:
        from cs_lib.submission.isolation import drop_privileges

        drop_privileges(walls.user)
    if not all(os.access(each, os.R_OK) for each in walls.readable):
        raise PermissionError("the installed packages cannot be read by an ordinary user")
    os.environ.update(dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR"), folder))
    tempfile.tempdir = None
    _seed()
    from cs_lib.submission import worker

    processes = worker.PROCESSES_SHUT_IN if walls.own_namespaces else worker.PROCESSES
    worker.main(receiving, sending, processes)


def _keep_open(*descriptors: int) -> None:
    """Close all files of this process but its standard streams and `descriptors`."""
    bounds = [2, *sorted(descriptors), min(os.sysconf("SC_OPEN_MAX"), MOST_DESCRIPTORS)]
    for below, above in pairwise(bounds):
        os.closerange(below + 1, above)


def _seed() -> None:
    """Let unseeded random numbers be the same in every run, so that grading twice gives the same marks."""
    random.seed(0)
    sys.modules["numpy"].random.seed(0)
