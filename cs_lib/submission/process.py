"""Run a submission's functions in a process of their own, and get plain values back.

The submitted code never runs here. Its process comes from `cs_lib.submission.sandbox`, with an empty scratch directory
and a copy of cs_lib without the rooms that stay home; all of it ends with `close`. What comes back is untrusted:
bounded, plain, and never scored from anything but a returned value.
"""

import math
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from cs_lib.submission import sandbox
from cs_lib.submission.calling import Answer
from cs_lib.submission.harness import PATIENCE
from cs_lib.submission.notebook import CELL
from cs_lib.submission.outcomes import Crashed, NotStarted, StudentError, TimedOut, one_line
from cs_lib.submission.slicing import Slice
from cs_lib.submission.wire import BrokenMessage, DeadlinePassed, Foreign, FunctionReference, OtherSideGone, travels

CALL_SECONDS = 10.0
END_SECONDS = 1.0
"""How long a process may take to end by itself after it has closed its connection."""
LOAD_PATIENCE = 3
"""How many times the time of a call running the notebook's own statements may take."""
MAX_ASKED = 20_000
"""How many array entries a submission may hand to a function that is answered for it.

Half of them broadcast against the other half make 10**8 numbers, which is still no burden.
"""

Functions = Mapping[str, Callable[..., Any]]


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
        load_seconds: float = LOAD_PATIENCE * CALL_SECONDS,
    ) -> None:
        self.stages = dict(stages or {})
        self.call_seconds = call_seconds
        self.ended: TimedOut | Crashed | None = None
        self.process = sandbox.fork()
        self.channel = self.process.channel
        try:
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
        self.process.end()

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
            self.process.end()
            self.ended = TimedOut(f"{what} took longer than {seconds:g} s; is there a loop that never ends?")
        except BrokenMessage as error:
            # Whoever closes the connection is as a rule about to end, and how is what explains it.
            patience = END_SECONDS if isinstance(error, OtherSideGone) else 0.0
            self.ended = Crashed(f"{what} {_end(self.process.end(patience), error)}")
        raise self.ended


def _end(code: int, error: BrokenMessage) -> str:
    """Return how a process came to its end, told by its exit code: a process that `close` had to end has SIGKILL's."""
    if code >= 0:
        return f"ended its process with exit code {code}; does it call exit()?"
    if code != -signal.SIGKILL:
        return f"ended its process: {signal.strsignal(-code) or f'signal {-code}'}"
    return f"ended its process, or broke the connection to it ({error}); does it use all memory, or close open files?"


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
