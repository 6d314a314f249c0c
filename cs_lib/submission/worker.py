"""The process in which a submission's code runs: it is given statements, and answers calls until its pipe closes.

Started by `cs_lib.submission.process`, isolated from the user's site and environment, on a copy of cs_lib without
the rooms that stay home. Nothing here is trusted by the other side.
"""

import contextlib
import linecache
import resource
import sys
from collections.abc import Callable, Mapping
from functools import partial
from inspect import Signature, signature
from types import ModuleType
from typing import Any

from cs_lib.bytecodes import uncounted
from cs_lib.submission.calling import call_on_copies, cell_name, count_on_copies, describe_error
from cs_lib.submission.harness import harnessed
from cs_lib.submission.notebook import CELL
from cs_lib.submission.wire import BrokenMessage, Channel, Foreign, FunctionReference

MEMORY_BYTES = 4 * 2**30
FILE_BYTES = 2**24
OPEN_FILES = 256
PROCESSES = 512
"""Of the grader's user, the grader's own among them."""
PROCESSES_SHUT_IN = 64
"""Of a submission that is alone in its namespaces."""
PROCESSOR_SECONDS = 1800
"""More than any submission is given by the clock: it ends a loop whose grader was itself killed."""


def main(receiving: int, sending: int, processes: int) -> None:
    """Answer what arrives on one pipe on the other, until the first is closed."""
    sys.argv = ["notebook"]
    limit_resources(processes)
    channel = Channel(receiving, sending)
    submission = Submission(channel)
    with contextlib.suppress(BrokenMessage):
        channel.send({"ready": True})
        while True:
            channel.send(submission.answer(channel.receive()))


def limit_resources(processes: int) -> None:
    """Lower this process's limits for good; where the system knows a limit not or has a lower one, that stays."""
    wanted = {
        "AS": MEMORY_BYTES,
        "FSIZE": FILE_BYTES,
        "NOFILE": OPEN_FILES,
        "NPROC": processes,
        "CPU": PROCESSOR_SECONDS,
        "CORE": 0,
    }
    for name, value in wanted.items():
        which = getattr(resource, f"RLIMIT_{name}", None)
        if which is None:
            continue
        _, hard = resource.getrlimit(which)
        lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(which, (lowest, lowest))


class Submission:
    """The namespace that the submitted statements build, and the requests it answers."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.module = ModuleType("__main__")
        self.lines: dict[str, list[str]] = {}
        sys.modules["__main__"] = self.module
        self.requests: dict[str, Callable[..., dict[str, Any]]] = {
            "load": self.load,
            "call": self.call,
            "count": self.count,
        }

    def answer(self, request: Any) -> dict[str, Any]:
        """Return the reply to one request; whatever goes wrong is a reply too."""
        try:
            if isinstance(request, Foreign):
                raise ValueError(f"the code that the exercise needs is too large to send: {request.type_name}")
            arguments = dict(request)
            return self.requests[arguments.pop("do")](**arguments)
        except BaseException as error:  # SystemExit and KeyboardInterrupt are the student's errors too
            return {"raised": vars(describe_error(error, is_students=_is_students))}

    def load(self, statements: list[Any], stages: list[str]) -> dict[str, Any]:
        """Run the statements [(cell, line, source), …]; one that fails is reported and the next still run.

        The names in `stages` are answered by the other side from then on.
        """
        # What shows a value in a notebook shows it nowhere here, and is no reason to fail.
        vars(self.module)["display"] = lambda *_, **__: None
        errors = []
        for cell, line, source in statements:
            self._remember(cell, line, source)
            try:
                exec(compile("\n" * (line - 1) + source + "\n", cell, "exec"), vars(self.module))
            except BaseException as error:  # whatever it is, the statements after it may still be good
                errors.append(vars(describe_error(error, is_students=_is_students)))
        for name in stages:
            vars(self.module)[name] = self._stage(name)
        return {"errors": errors}

    def call(self, name: str, args: list[Any], kwargs: dict[str, Any], via: str) -> dict[str, Any]:
        function = self._named(name)
        if not callable(function):
            return {"no_function": _what(function)}
        answer = call_on_copies(harnessed(function, via), self._local(args), self._local(kwargs))
        return {"returned": answer.value, "changed": list(answer.changed)}

    def count(self, name: str, args: list[Any], kwargs: dict[str, Any], via: str) -> dict[str, Any]:
        function = self._named(name)
        if not callable(function):
            return {"no_function": _what(function)}
        counts = count_on_copies(harnessed(function, via), self._local(args), self._local(kwargs))
        return {"counts": [[cell_name(file), line, _code(file, line), count] for file, line, count in counts]}

    def _remember(self, cell: str, line: int, source: str) -> None:
        """Let error messages find the statement's lines under its cell's name."""
        lines = self.lines.setdefault(cell, [])
        lines += ["\n"] * (line - 1 - len(lines))
        lines[line - 1 :] = [f"{each}\n" for each in source.split("\n")]
        linecache.cache[cell] = (sum(map(len, lines)), None, lines, cell)

    def _named(self, name: str) -> Any:
        """Return what the notebook calls `name`; where it calls nothing so, what stands for not written yet: `...`."""
        value: Any = self.module
        for part in name.split("."):
            value = getattr(value, part, ...)
        return value

    def _local(self, values: Any) -> Any:
        """Return arguments in which functions that stayed with the other side have become callables here."""
        if isinstance(values, Mapping):
            return {key: self._local(each) for key, each in values.items()}
        if isinstance(values, list):
            return [self._local(each) for each in values]
        return partial(self._ask, values.name) if isinstance(values, FunctionReference) else values

    def _stage(self, name: str) -> Callable[..., Any]:
        """Return a function that the other side answers, with the parameters that the student's own has.

        What the other side cannot take, such as a parameter that the student added, the student's own answers.
        """
        own: Any = getattr(self.module, name, None)
        parameters = _signature(own)

        def stage(*args: Any, **kwargs: Any) -> Any:
            if parameters is not None:
                bound = parameters.bind(*args, **kwargs)
                args, kwargs = bound.args, bound.kwargs
            try:
                return self._ask(name, *args, **kwargs)
            except ValueError:
                if not callable(own):
                    raise
            return own(*args, **kwargs)

        return stage

    def _ask(self, function: str, /, *args: Any, **kwargs: Any) -> Any:
        with uncounted():  # larger arrays take more writes to send, which is no loop of the student's
            self.channel.send({"ask": function, "args": list(args), "kwargs": kwargs})
            answer = self.channel.receive()
        if "refused" in answer:
            raise ValueError(answer["refused"])
        return answer["returned"]


def _signature(function: Any) -> Signature | None:
    try:
        return signature(function)
    except Exception:  # the student's own class may fail to describe itself
        return None


def _what(value: Any) -> str:
    """Return what stands where a function should be: `...`, None, or the kind of value it is."""
    if value is ... or value is None:
        return "..." if value is ... else "None"
    kind = type(value).__name__
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"


def _code(filename: str, line: int) -> str:
    return linecache.getline(filename, line).strip()[:300] if _is_students(filename) else ""


def _is_students(filename: str) -> bool:
    return filename.startswith(CELL)
