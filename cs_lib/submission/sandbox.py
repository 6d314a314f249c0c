"""Where the processes of submissions come from: a nursery in bubblewrap where that is to be had, else one with limits.

On Linux without bubblewrap, and on macOS, submissions are held by limits on memory, processes, files and time alone.
"""

import atexit
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from cs_lib.course import CourseError
from cs_lib.submission.bubblewrap import BUBBLEWRAP, LIMITS, SCRATCH, Kind, command, environment, kinds
from cs_lib.submission.nursery import NUMBER, READY
from cs_lib.submission.wire import BrokenMessage, Channel, DeadlinePassed

MEANING = {
    BUBBLEWRAP: "submissions run in bubblewrap: no network, no files but Python's and their own, limits on the rest",
    LIMITS: "submissions run with limits on time, memory, processes and files ALONE: nothing keeps a hostile one from "
    "reading what you can read (tests, answers, other submissions), writing where you can write, or using the network",
}
START_SECONDS = 60.0
END_SECONDS = 5.0


class CannotStart(Exception):
    """The process for a submission does not start, which is never the submission's fault."""


class Forked:
    """One process for a submission, and the guardian that can end it.

    channel: carries calls and answers; the process has said that it is ready
    is_visible: whether this process sees that one, and so can end it where the guardian did not
    """

    def __init__(
        self, channel: Channel, guardian: socket.socket, clean_up: Callable[[], None], *, is_visible: bool
    ) -> None:
        self.channel = channel
        self.guardian = guardian
        self.clean_up = clean_up
        self.is_visible = is_visible
        self.exit_code: int | None = None

    def end(self, patience: float = 0.0) -> int:
        """End the process and all that it started, and return its exit code: SIGKILL's, negative, where it ran on.

        patience: for how many seconds it may still end by itself
        """
        if self.exit_code is None:
            self.exit_code = self._end(patience)
            self.channel.close()
            self.guardian.close()
            self.clean_up()
        return self.exit_code

    def _end(self, patience: float) -> int:
        numbers = self._heard(b"", patience)
        with contextlib.suppress(OSError):
            self.guardian.shutdown(socket.SHUT_WR)
        numbers = self._heard(numbers, END_SECONDS)
        if len(numbers) == 2 * NUMBER.size:
            return int(NUMBER.unpack_from(numbers, NUMBER.size)[0])
        if self.is_visible and len(numbers) == NUMBER.size:
            # Its guardian is gone before it.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(NUMBER.unpack(numbers)[0], signal.SIGKILL)
        return -signal.SIGKILL

    def _heard(self, numbers: bytes, seconds: float) -> bytes:
        """Return what the guardian has said, once it has said all, is gone, or the time is up."""
        deadline = time.monotonic() + seconds
        with contextlib.suppress(OSError):
            while len(numbers) < 2 * NUMBER.size and (left := deadline - time.monotonic()) > 0:
                self.guardian.settimeout(left)
                more = self.guardian.recv(2 * NUMBER.size)
                if not more:
                    break
                numbers += more
        return numbers


class Nursery:
    """A process from which the processes of submissions are forked; see cs_lib.submission.nursery.

    Raises CannotStart where it does not start, OSError where there is no room for what it needs.
    """

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.requests, theirs = socket.socketpair()
        started = command(kind, theirs.fileno())
        try:
            with theirs:
                self.process = subprocess.Popen(
                    started,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env=environment(),
                    start_new_session=True,
                )
        except OSError as error:
            self.requests.close()
            raise CannotStart(f"no process for submissions can be started: {error}") from None
        _offer_when_memory_is_short(self.process.pid)
        self.is_ready = False

    def fork(self) -> Forked:
        """Return a new process for a submission, ready for its statements; raises CannotStart."""
        self._wait_until_ready()
        is_visible = not self.kind.is_sandbox
        folder = _scratch() if is_visible else None
        channel, guardian = self._asked_for(folder.name if folder else SCRATCH)
        forked = Forked(channel, guardian, partial(self._clean_up, folder), is_visible=is_visible)
        try:
            channel.receive(time.monotonic() + START_SECONDS)
        except (BrokenMessage, DeadlinePassed):
            forked.end()
            raise CannotStart("a process for a submission does not start") from None
        return forked

    def close(self) -> None:
        """End the nursery, and with it all that was forked from it."""
        self.requests.close()
        self.process.kill()
        self.process.wait()

    def _clean_up(self, folder: tempfile.TemporaryDirectory[str] | None) -> None:
        if folder:
            _remove(folder)
        if self.kind.alone:
            self.close()

    def _wait_until_ready(self) -> None:
        if self.is_ready:
            return
        self.requests.settimeout(START_SECONDS)
        try:
            self.is_ready = self.requests.recv(len(READY)) == READY
        except OSError:
            self.is_ready = False
        if not self.is_ready:
            raise CannotStart(
                f"no process for submissions can be started; does {sys.executable} -c 'import numpy' work?"
            )

    def _asked_for(self, folder: str) -> tuple[Channel, socket.socket]:
        child_receives, parent_sends = os.pipe()
        parent_receives, child_sends = os.pipe()
        ours, theirs = socket.socketpair()
        sent = [child_receives, child_sends, theirs.fileno()]
        channel = Channel(parent_receives, parent_sends)
        try:
            socket.send_fds(self.requests, [os.fsencode(folder)], sent)
        except OSError:
            channel.close()
            ours.close()
            raise CannotStart("the process from which submissions are forked is gone") from None
        finally:
            os.close(child_receives)
            os.close(child_sends)
            theirs.close()
        return channel, ours


class Sandbox:
    """The nursery of this process: started when it is first needed, and again when a submission has ended it.

    mode: `require` bubblewrap, use it where it works (`auto`), or do without (`none`)
    """

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.kind: Kind | None = None
        self.nursery: Nursery | None = None

    @property
    def protection(self) -> str:
        """What submissions are held by, a key of MEANING; raises as `fork` does."""
        if self.kind is None:
            self.kind, self.nursery = self._tried()
        return self.kind.name

    def fork(self) -> Forked:
        """Return a new process for a submission; raises CannotStart, and CourseError where what is required fails."""
        try:
            return self._forked()
        except CannotStart:
            self.close()
            return self._forked()

    def close(self) -> None:
        """End the nursery, and with it all that was forked from it."""
        if self.nursery:
            self.nursery.close()
            self.nursery = None

    def _forked(self) -> Forked:
        if self.kind is None:
            self.kind, self.nursery = self._tried()
        nursery = self.nursery or Nursery(self.kind)
        # One that serves a single submission is followed at once by the next, which gets ready meanwhile.
        self.nursery = nursery
        forked = nursery.fork()
        if self.kind.alone:
            self.nursery = Nursery(self.kind)
        return forked

    def _tried(self) -> tuple[Kind, Nursery | None]:
        """Return the best way to start a nursery that works here, and the nursery; a first process was forked."""
        reason: CannotStart | None = None
        for kind in kinds(self.mode):
            nursery = Nursery(kind)
            try:
                nursery.fork().end()
            except CannotStart as error:
                nursery.close()
                reason = error
            else:
                return kind, None if kind.alone else nursery
        if self.mode == "require":
            why = "it starts no process here" if shutil.which("bwrap") else "there is no bwrap on the PATH"
            raise CourseError(f"no sandbox is to be had: {why}; --sandbox auto grades with {LIMITS}")
        raise reason or CannotStart("no process for submissions can be started")


_chosen = Sandbox("auto")


def choose(mode: str) -> str:
    """Decide how submissions are shut in from now on, and return what protects then: a key of MEANING.

    mode: see Sandbox. Raises CourseError where a sandbox is required and not to be had.
    """
    global _chosen
    if mode != _chosen.mode:
        _chosen.close()
        _chosen = Sandbox(mode)
    return _chosen.protection


def fork() -> Forked:
    """Return a new process for a submission; raises as Sandbox.fork does."""
    return _chosen.fork()


@atexit.register
def _close() -> None:
    _chosen.close()


def _offer_when_memory_is_short(process: int) -> None:
    """Let the system end a submission before it ends anything else, where the system takes such wishes."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{process}/oom_score_adj").write_text("1000")


def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="submission-", ignore_cleanup_errors=True)


def _remove(folder: tempfile.TemporaryDirectory[str]) -> None:
    with contextlib.suppress(RecursionError, OSError):
        folder.cleanup()
    if Path(folder.name).exists():  # nested too deep for Python's own way
        subprocess.run(["rm", "-rf", "--", folder.name], stderr=subprocess.DEVNULL, check=False)
