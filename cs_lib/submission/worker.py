"""The process in which a submission's code runs: it is given statements, and answers calls until its pipe closes.

Started as a script by `cs_lib.submission.process`, isolated from the user's site and environment, on a copy of
cs_lib without the rooms that stay home. Nothing here is trusted by the other side.
"""

import contextlib
import linecache
import os
import resource
import sys
from collections.abc import Callable, Mapping
from functools import partial
from inspect import Signature, signature
from types import ModuleType
from typing import Any

MEMORY_BYTES = 4 * 2**30
FILE_BYTES = 2**24
OPEN_FILES = 256
PROCESSES = 512


def main() -> None:
    receiving, sending, *path = sys.argv[1:]
    sys.argv = ["notebook"]
    sys.path += path
    limit_resources()
    from cs_lib.submission.wire import BrokenMessage, Channel

    channel = Channel(int(receiving), int(sending))
    submission = Submission(channel)
    with contextlib.suppress(BrokenMessage):
        while True:
            channel.send(submission.answer(channel.receive()))


def limit_resources() -> None:
    """Lower this process's limits for good; where the system knows a limit not or has a lower one, that stays."""
    wanted = {"AS": MEMORY_BYTES, "FSIZE": FILE_BYTES, "NOFILE": OPEN_FILES, "NPROC": PROCESSES, "CORE": 0}
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

    def __init__(self, channel: Any) -> None:
        self.channel = channel
        self.module = ModuleType("__main__")
        sys.modules["__main__"] = self.module
        self.requests: dict[str, Callable[..., Any]] = {
            "load": self.load,
            "call": self.call,
            "count": self.count,
        }

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        from cs_lib.submission.calling import describe_error

        arguments = dict(request)
        do = self.requests[arguments.pop("do")]
        try:
            reply: dict[str, Any] = do(**arguments)
        except BaseException as error:  # SystemExit and KeyboardInterrupt are the student's errors too
            reply = {"raised": vars(describe_error(error, is_students=_is_students))}
        return reply

    def load(self, statements: list[Any], stages: list[str]) -> dict[str, Any]:
        """Run the statements [(cell, line, source), …]; one that fails is reported and the next still run.

        The names in `stages` are answered by the other side from then on.
        """
        from cs_lib.submission.calling import describe_error

        errors = []
        for cell, line, source in statements:
            padded = "\n" * (line - 1) + source + "\n"
            linecache.cache[f"{cell}, statement at line {line}"] = (
                len(padded),
                None,
                padded.splitlines(True),
                cell,
            )
            try:
                exec(compile(padded, f"{cell}, statement at line {line}", "exec"), vars(self.module))
            except BaseException as error:  # whatever it is, the statements after it may still be good
                errors.append(vars(describe_error(error, is_students=_is_students)))
        for name in stages:
            setattr(self.module, name, self._stage(name))
        return {"errors": errors, "names": [name for name in vars(self.module) if not name.startswith("__")]}

    def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
        from cs_lib.submission.calling import call_on_copies

        answer = call_on_copies(self._function(name), self._local(args), self._local(kwargs))
        return {"returned": answer.value, "changed": list(answer.changed)}

    def count(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
        from cs_lib.submission.calling import cell_name, count_on_copies

        counts = count_on_copies(self._function(name), self._local(args), self._local(kwargs))
        return {
            "counts": [
                [
                    cell_name(file),
                    line,
                    linecache.getline(file, line).strip() if _is_students(file) else "",
                    count,
                ]
                for file, line, count in counts
            ]
        }

    def _function(self, name: str) -> Any:
        value: Any = self.module
        for part in name.split("."):
            value = getattr(value, part)
        return value

    def _local(self, values: Any) -> Any:
        """Return arguments in which functions that stayed with the other side have become callables here."""
        from cs_lib.submission.wire import FunctionReference

        if isinstance(values, Mapping):
            return {key: self._local(each) for key, each in values.items()}
        if isinstance(values, list):
            return [self._local(each) for each in values]
        return partial(self._ask, values.name) if isinstance(values, FunctionReference) else values

    def _stage(self, name: str) -> Callable[..., Any]:
        """Return a function that the other side answers, with the parameters that the student's own has."""
        own = _signature(getattr(self.module, name, None))

        def stage(*args: Any, **kwargs: Any) -> Any:
            if own is not None:
                bound = own.bind(*args, **kwargs)
                args, kwargs = bound.args, bound.kwargs
            return self._ask(name, *args, **kwargs)

        return stage

    def _ask(self, function: str, /, *args: Any, **kwargs: Any) -> Any:
        self.channel.send({"ask": function, "args": list(args), "kwargs": kwargs})
        answer = self.channel.receive()
        if "refused" in answer:
            raise ValueError(answer["refused"])
        return answer["returned"]


def _signature(function: Any) -> Signature | None:
    try:
        return signature(function)
    except (TypeError, ValueError):
        return None


def _is_students(filename: str) -> bool:
    return filename.startswith("code cell ")


if __name__ == "__main__":
    # Whatever the submission prints goes nowhere; its answers travel on the pipe alone.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    main()
