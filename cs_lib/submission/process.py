"""Run a submission's functions in a process of their own, and get plain values back.

The submitted code never runs here. Its process has its own group, limits on memory, processes, files and time, an
empty scratch directory, and a copy of cs_lib without the rooms that stay home; all of it ends with `close`. What
comes back is untrusted: bounded, plain, and never scored from anything but a returned value.
"""

import contextlib
import math
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
from typing import Any, NoReturn

import numpy as np

import cs_lib
from cs_lib import course
from cs_lib.submission.calling import Answer
from cs_lib.submission.harness import PATIENCE
from cs_lib.submission.notebook import CELL
from cs_lib.submission.outcomes import Crashed, NotStarted, StudentError, TimedOut, one_line
from cs_lib.submission.slicing import Slice
from cs_lib.submission.wire import BrokenMessage, Channel, DeadlinePassed, Foreign, FunctionReference, travels

STAYS_HOME = tuple(room.removeprefix("cs_lib/") for room in course.STAYS_HOME if room.startswith("cs_lib/"))
"""The rooms of cs_lib that a submission's process is not given."""
START_SECONDS = 60.0
LOAD_SECONDS = 30.0
CALL_SECONDS = 10.0
MAX_ASKED = 20_000
"""How many array entries a submission may hand to a function that is answered for it.

Half of them broadcast against the other half make 10**8 numbers, which is still no burden.
"""

Functions = Mapping[str, Callable[..., Any]]


class CannotStart(Exception):
    """The process for a submission does not start, which is never the submission's fault."""


class SubmissionProcess:
    """The functions of one submission, each call answered by its process.

    code: what `slice_cells` kept for the functions that will be called
    stages: functions that the submission calls and that are answered here, with right values
    call_seconds, load_seconds: the wall-clock limits of one call, and of running the notebook's own statements

    Raises CannotStart where no process can be started. Calls raise TypeError where an argument is neither plain (see
    cs_lib.submission.wire) nor a function. A process that has to be ended answers no further call.
    """

    def __init__(
        self,
        code: Slice,
        stages: Functions | None = None,
        call_seconds: float = CALL_SECONDS,
        load_seconds: float = LOAD_SECONDS,
    ) -> None:
        self.stages = dict(stages or {})
        self.call_seconds = call_seconds
        self.ended: TimedOut | Crashed | None = None
        self.closed = False
        self.scratch = tempfile.TemporaryDirectory(prefix="submission-", ignore_cleanup_errors=True)
        self.channel, self.process = _start(self.scratch.name)
        try:
            self._greet()
            self.errors = sorted([*code.broken, *self._load(code, load_seconds)], key=_place)
        except BaseException:
            self.close()
            raise

    def call(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], via: str = "") -> Answer:
        """Return what the submission's function `name` answers, or what the harness `via` makes of it.

        Raises NotStarted where there is no such function, Crashed where it raises or its process ends, TimedOut.
        """
        reply = self._request("call", name, args, kwargs, via)
        changed = reply.get("changed")
        given = {*map(str, range(len(args))), *kwargs}
        if "returned" not in reply or not isinstance(changed, list) or not all(_is_in(given, each) for each in changed):
            raise Crashed(f"{name}: its process sent something that is not an answer")
        return Answer(reply["returned"], tuple(changed))

    def count(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], via: str = ""
    ) -> list[tuple[str, int, str, int]]:
        """Return [(cell, line, code, bytecodes executed), …] of one call; raises as `call` does."""
        counts = self._request("count", name, args, kwargs, via).get("counts")
        if not isinstance(counts, list) or not all(_is_count(each) for each in counts):
            raise Crashed(f"{name}: its process sent something that is not a count")
        return [(one_line(cell), line, one_line(code), count) for cell, line, code, count in counts]

    def close(self) -> None:
        """End the process and everything it started, and remove its scratch directory."""
        if self.closed:
            return
        self.closed = True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.channel.close()
        _remove(self.scratch)

    def _greet(self) -> None:
        """Wait until the process is ready, before it has anything of the submission's."""
        try:
            self.channel.receive(time.monotonic() + START_SECONDS)
        except (BrokenMessage, DeadlinePassed):
            raise CannotStart(
                f"no process for submissions can be started; does {sys.executable} -c 'import numpy' work?"
            ) from None

    def _load(self, code: Slice, seconds: float) -> list[StudentError]:
        statements = [[each.cell.name, each.line, each.source] for each in code.statements]
        request = {"do": "load", "statements": statements, "stages": list(self.stages)}
        try:
            reply = self._exchange(request, seconds, {}, "running the notebook's own statements")
        except (TimedOut, Crashed):
            return []  # every call will say so
        errors = reply.get("errors")
        return [_error(each) for each in (errors if isinstance(errors, list) else [reply.get("raised")])]

    def _request(self, do: str, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], via: str) -> dict[str, Any]:
        given = {f"argument {key}": each for key, each in [*enumerate(args), *kwargs.items()]}
        functions = {key: each for key, each in given.items() if callable(each)}
        sent = {key: FunctionReference(key) if key in functions else each for key, each in given.items()}
        request = {
            "do": do,
            "name": name,
            "via": via,
            "args": [sent[f"argument {i}"] for i in range(len(args))],
            "kwargs": {key: sent[f"argument {key}"] for key in kwargs},
        }
        if not travels(request):
            kinds = ", ".join(type(each).__name__ for each in given.values())
            raise TypeError(f"{name} is given what cannot be sent to its process, among its arguments: {kinds}")
        reply = self._exchange(request, self.call_seconds * PATIENCE.get(via, 1), functions, name)
        if "raised" in reply:
            self._raise(name, _error(reply["raised"]))
        if "no_function" in reply:
            self._raise_missing(name, one_line(str(reply["no_function"])))
        return reply

    def _raise(self, name: str, error: StudentError) -> NoReturn:
        # A name is missing because a cell before it failed: that failure is the one to see first.
        earlier = [f"a cell has an error: {each}" for each in self.errors[:1] if error.kind == "NameError"]
        raise Crashed("\n".join([*earlier, f"{name} raised {error}"]), error.kind)

    def _raise_missing(self, name: str, found: str) -> NoReturn:
        """Say why a function is not there: the first error on the way to it, where there was one."""
        if found != "...":
            raise Crashed(f"{name} is {found}, not a function; define it with def, and give other values other names")
        if self.errors:
            raise Crashed(f"{name} is not defined, and a cell has an error: {self.errors[0]}")
        raise NotStarted(f"there is no function {name} in the notebook")

    def _exchange(self, request: dict[str, Any], seconds: float, functions: Functions, what: str) -> dict[str, Any]:
        """Send a request and return its reply, answering what the submission asks for in between."""
        if self.ended:
            raise self.ended
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
            self.close()
            self.ended = TimedOut(f"{what} took longer than {seconds:g} s; is there a loop that never ends?")
        except BrokenMessage as error:
            self.close()
            self.ended = Crashed(f"{what} {_end(self.process.returncode, error)}")
        raise self.ended


BOOT = """
import sys
receiving, sending, *path = sys.argv[1:]
sys.path += path
from cs_lib.submission.worker import main
main(int(receiving), int(sending))
"""
"""What the process runs: the worker, from a copy of cs_lib and with the installed packages, after Python's own."""


def _start(scratch: str) -> tuple[Channel, subprocess.Popen[bytes]]:
    path = [str(open_library()), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    child_receives, parent_sends = os.pipe()
    parent_receives, child_sends = os.pipe()
    channel = Channel(parent_receives, parent_sends)
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", BOOT, str(child_receives), str(child_sends), *path],
            pass_fds=(child_receives, child_sends),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=scratch,
            env=_environment(scratch),
            start_new_session=True,
        )
    except OSError as error:
        channel.close()
        raise CannotStart(f"no process for submissions can be started: {error}") from None
    finally:
        os.close(child_receives)
        os.close(child_sends)
    return channel, process


def _remove(folder: tempfile.TemporaryDirectory[str]) -> None:
    with contextlib.suppress(RecursionError, OSError):
        folder.cleanup()
    if Path(folder.name).exists():  # nested too deep for Python's own way
        subprocess.run(["rm", "-rf", "--", folder.name], stderr=subprocess.DEVNULL, check=False)


def _end(code: int, error: BrokenMessage) -> str:
    """Return how a process came to its end, told by its exit code: a process that `close` had to end has SIGKILL's."""
    if code >= 0:
        return f"ended its process with exit code {code}; does it call exit()?"
    if code != -signal.SIGKILL:
        return f"ended its process: {signal.strsignal(-code) or f'signal {-code}'}"
    return f"ended its process, or broke the connection to it ({error}); does it use all memory, or close open files?"


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
    if not isinstance(name, str) or name not in functions or not isinstance(args, list) or not isinstance(kwargs, dict):
        return {"refused": "there is no such function"}
    if _weight([args, kwargs]) > MAX_ASKED:
        return {"refused": f"{name} was called with something that is too large, or no array or number"}
    try:
        with np.errstate(all="ignore"):
            return {"returned": functions[name](*args, **kwargs)}
    except Exception as error:  # arguments of the wrong shape: the submission's error, told to it as its own
        return {"refused": f"{name} cannot take these arguments: {type(error).__name__}: {error}"}


def _weight(value: Any) -> int:
    """Return how much work a value may cause: an array its entries, a whole number itself, a `Foreign` too much."""
    if isinstance(value, np.ndarray):
        return math.prod(max(1, size) for size in value.shape)
    if isinstance(value, int | np.integer):
        return 1 + abs(int(value))
    if isinstance(value, list | tuple | dict):
        return 1 + sum(map(_weight, value.values() if isinstance(value, dict) else value))
    return MAX_ASKED + 1 if isinstance(value, Foreign) else 1


def _error(value: Any) -> StudentError:
    if not isinstance(value, dict):
        return StudentError("an error", "that cannot be shown")
    kind, message, cell, code = (one_line(str(value.get(key, ""))) for key in ("kind", "message", "cell", "code"))
    line = value.get("line")
    return StudentError(kind, message, cell, line if isinstance(line, int) else 0, code)


def _place(error: StudentError) -> tuple[int, int]:
    """Return where in the notebook an error was, to be sorted by; one that is nowhere comes last."""
    number = error.cell.removeprefix(CELL)
    return int(number) if number.isdecimal() else sys.maxsize, error.line


def _is_in(names: set[str], value: Any) -> bool:
    return isinstance(value, str) and value in names


def _is_count(value: Any) -> bool:
    return isinstance(value, list) and [type(each) for each in value] == [str, int, str, int]
