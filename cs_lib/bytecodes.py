"""Count the bytecodes that a call executes, line by line: how "vectorised" is judged without a clock.

Vectorised NumPy code executes the same bytecodes whatever the number of examples N; a loop, a comprehension, `map`
with a Python function, `np.vectorize` or `np.apply_along_axis` executes more of them when N grows. What C code does
by itself (`sum` of an array, `sorted`, `X.tolist()`) executes none, and work in another thread is not seen.
"""

import contextlib
import gc
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any

Line = tuple[str, int]
"""A file name (in a notebook, the cell's) and a line number."""
UNCOUNTED = ("arrayprint.py", "iostream.py")
"""The files of NumPy and ipykernel in which arrays and text are only shown: a longer array takes more
steps to print, and text more or fewer as the threads happen to run, but that is no loop of the function's own."""


def count_bytecodes(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Counter[Line]:
    """Call the function and return how many bytecodes each line executed, its callees' lines included.

    What is executed to show values is not counted, nor what the garbage collector runs whenever it pleases.
    A tracer that is already set (a debugger's) is put back afterwards. Raises whatever the function raises.
    """
    counts: Counter[tuple[CodeType, int]] = Counter()
    showing = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal showing
        frame.f_trace_opcodes = True
        if event == "opcode":
            counts[frame.f_code, frame.f_lineno or 0] += not showing
        elif event in ("call", "return") and frame.f_code.co_filename.endswith(UNCOUNTED):
            showing += 1 if event == "call" else -1
        return trace

    before, collecting = sys.gettrace(), gc.isenabled()
    gc.disable()
    sys.settrace(trace)
    try:
        function(*args, **kwargs)
    finally:
        sys.settrace(before)
        if collecting:
            gc.enable()
    lines: Counter[Line] = Counter()
    for (code, line), count in counts.items():
        lines[code.co_filename, line] += count
    return lines


@contextlib.contextmanager
def uncounted() -> Iterator[None]:
    """Leave out of the count what is executed inside: the kit's own work on behalf of a function under test."""
    before = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(before)


def growth(small: Counter[Line], large: Counter[Line]) -> Counter[Line]:
    """Return by how much each line's count grew from the smaller problem to the larger, where it did."""
    return large - small
