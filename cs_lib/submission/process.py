"""Run a submission's functions in a process of their own, and get plain values back.

The submitted code never runs here. Its process has its own group, limits on memory, processes, files and time, an
empty scratch directory, and a copy of cs_lib without the rooms that stay home; all of it ends with `close`. What
comes back is untrusted: bounded, plain, and never scored from anything but a returned value.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import cs_lib
from cs_lib.submission.calling import Answer
from cs_lib.submission.outcomes import Crashed, NotStarted, StudentError, TimedOut
from cs_lib.submission.slicing import Slice
from cs_lib.submission.wire import BrokenMessage, Channel, DeadlinePassed, Foreign, FunctionReference

STAYS_HOME = ("reference", "instructor")
"""The rooms of cs_lib that a submission's process is not given."""
LOAD_SECONDS = 30.0
CALL_SECONDS = 10.0
MAX_ASKED = 200_000
"""How many array entries a submission may hand to a stage that is answered for it."""

Functions = Mapping[str, Callable[..., Any]]


class SubmissionProcess:
    """The functions of one submission, each call answered by its process.

    code: what `slice_cells` kept for the functions that will be called
    stages: functions that the submission calls and that are answered here, with right values
    call_seconds: the wall-clock limit of one call
    """

    def __init__(self, code: Slice, stages: Functions | None = None, call_seconds: float = CALL_SECONDS) -> None:
        self.stages = dict(stages or {})
        self.call_seconds = call_seconds
        self.broken = code.broken
        self.ended: TimedOut | Crashed | None = None
        self.closed = False
        self.scratch = tempfile.TemporaryDirectory(prefix="submission-", ignore_cleanup_errors=True)
        self.channel, self.process = _start(self.scratch.name)
        self.load_errors, self.names = self._load(code)

    def call(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Answer:
        """Return what the submission's function `name` answers.

        Raises NotStarted where there is no such function, Crashed where it raises or its process ends, TimedOut.
        """
        reply = self._request("call", name, args, kwargs)
        changed = reply.get("changed")
        return Answer(reply.get("returned"), tuple(map(str, changed)) if isinstance(changed, list) else ())

    def count(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[tuple[str, int, str, int]]:
        """Return [(cell, line, code, bytecodes executed), …] of one call; raises as `call` does."""
        counts = self._request("count", name, args, kwargs).get("counts")
        if not isinstance(counts, list) or not all(_is_count(each) for each in counts):
            raise Crashed(f"{name}: its process sent something that is not a count")
        return [(cell, line, code, count) for cell, line, code, count in counts]

    def close(self) -> None:
        """End the process and everything it started, and remove its scratch directory."""
        if self.closed:
            return
        self.closed = True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.channel.close()
        self.scratch.cleanup()

    def _load(self, code: Slice) -> tuple[list[StudentError], frozenset[str]]:
        statements = [[each.cell.name, each.line, each.source] for each in code.statements]
        try:
            request = {"do": "load", "statements": statements, "stages": list(self.stages)}
            reply = self._exchange(request, LOAD_SECONDS, {}, "the notebook's own statements")
        except (TimedOut, Crashed) as ended:
            self.ended = ended
            return [], frozenset()
        names = reply.get("names")
        return _errors(reply.get("errors")), frozenset(map(str, names if isinstance(names, list) else []))

    def _request(self, do: str, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        if self.ended:
            raise self.ended
        if name.split(".")[0] not in self.names:
            self._raise_missing(name)
        functions = {f"argument {i}": each for i, each in enumerate(args) if callable(each)}
        sent = [FunctionReference(f"argument {i}") if callable(each) else each for i, each in enumerate(args)]
        request = {"do": do, "name": name, "args": sent, "kwargs": dict(kwargs)}
        reply = self._exchange(request, self.call_seconds, functions, name)
        if "raised" in reply:
            raised = f"{name} raised {_error(reply['raised'])}"
            # A name is missing because a cell before it failed: that failure is the one to see first.
            earlier = [*self.broken, *self.load_errors] if _is_name_error(reply["raised"]) else []
            raise Crashed("\n".join([*(f"a cell has an error: {each}" for each in earlier[:1]), raised]))
        return reply

    def _raise_missing(self, name: str) -> None:
        """Say why a function is not there: the first error on the way to it, where there was one."""
        for error in (*self.load_errors, *self.broken):
            raise Crashed(f"{name} is not defined, and a cell has an error: {error}")
        raise NotStarted(f"there is no function {name} in the notebook")

    def _exchange(self, request: dict[str, Any], seconds: float, functions: Functions, what: str) -> dict[str, Any]:
        """Send a request and return its reply, answering what the submission asks for in between."""
        deadline = time.monotonic() + seconds
        try:
            self.channel.send(request, deadline)
            while True:
                message = self.channel.receive(deadline)
                if not isinstance(message, dict):
                    raise BrokenMessage("not a reply")
                if "ask" not in message:
                    return message
                self.channel.send(_served(message, {**self.stages, **functions}), deadline)
        except DeadlinePassed:
            self.ended = TimedOut(f"{what} took longer than {seconds:g} s; is there a loop that never ends?")
        except BrokenMessage as error:
            self.ended = Crashed(f"{what} ended its process or broke its connection ({error})")
        self.close()
        raise self.ended


def _start(scratch: str) -> tuple[Channel, subprocess.Popen[bytes]]:
    library = open_library()
    child_receives, parent_sends = os.pipe()
    parent_receives, child_sends = os.pipe()
    worker = library / "cs_lib" / "submission" / "worker.py"
    path = [str(library), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(worker), str(child_receives), str(child_sends), *path],
            pass_fds=(child_receives, child_sends),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=scratch,
            env=_environment(scratch),
            start_new_session=True,
        )
    finally:
        os.close(child_receives)
        os.close(child_sends)
    return Channel(parent_receives, parent_sends), process


def _environment(scratch: str) -> dict[str, str]:
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    places = dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR"), scratch)
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "MPLBACKEND": "Agg", **one_thread, **places}


@cache
def open_library() -> Path:
    """Return a folder, kept until this process ends, with the part of cs_lib that students have."""
    folder = tempfile.TemporaryDirectory(prefix="cs_lib-", ignore_cleanup_errors=True)
    _kept.append(folder)
    source = Path(cs_lib.__file__).parent
    shutil.copytree(source, Path(folder.name) / "cs_lib", ignore=_stays_home(source))
    return Path(folder.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []


def _stays_home(source: Path) -> Callable[[str, list[str]], set[str]]:
    def ignored(folder: str, names: list[str]) -> set[str]:
        rooms = STAYS_HOME if Path(folder) == source else ()
        return {name for name in names if name in rooms or name == "__pycache__"}

    return ignored


def _served(message: dict[str, Any], functions: Functions) -> dict[str, Any]:
    """Return the reply to a submission that asks for a value; what it hands over is as untrusted as all else."""
    name, args, kwargs = message.get("ask"), message.get("args"), message.get("kwargs")
    if not isinstance(name, str) or not isinstance(args, list) or not isinstance(kwargs, dict):
        return {"refused": "that is not a request"}
    if name not in functions:
        return {"refused": "there is no such function"}
    if sum(getattr(each, "size", 1) for each in args) > MAX_ASKED or any(type(each) is Foreign for each in args):
        return {"refused": f"{name} was called with something that is too large, or no array or number"}
    try:
        return {"returned": functions[name](*args, **kwargs)}
    except Exception as error:  # arguments of the wrong shape: the submission's error, told to it as its own
        return {"refused": f"{name} cannot take these arguments: {type(error).__name__}: {error}"}


def _errors(value: Any) -> list[StudentError]:
    return [_error(each) for each in value] if isinstance(value, list) else []


def _error(value: Any) -> StudentError:
    if not isinstance(value, dict):
        return StudentError("an error", "that cannot be shown")
    texts = [str(value.get(key, ""))[:300] for key in ("kind", "message", "cell", "code")]
    line = value.get("line")
    kind, message, cell, code = texts
    return StudentError(kind, message, cell, line if isinstance(line, int) else 0, code)


def _is_name_error(value: Any) -> bool:
    return isinstance(value, dict) and value.get("kind") == "NameError"


def _is_count(value: Any) -> bool:
    return isinstance(value, list) and [type(each) for each in value] == [str, int, str, int]
