"""Count the bytecodes that a call executes, line by line: how "vectorised" is judged without a clock.

Vectorised NumPy code executes the same bytecodes whatever the number of examples N; a loop, a comprehension, `map`
with a Python function, `np.vectorize` or `np.apply_along_axis` executes more of them when N grows.
"""

import sys
from collections import Counter
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

Line = tuple[str, int]
"""A file name (in a notebook, the cell's) and a line number."""


def count_bytecodes(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Counter[Line]:
    """Call the function and return how many bytecodes each line executed, its callees' lines included.

    A tracer that is already set (a debugger's) is put back afterwards. Raises whatever the function raises.
    """
    counts: Counter[tuple[CodeType, int]] = Counter()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        frame.f_trace_opcodes = True
        if event == "opcode":
            counts[frame.f_code, frame.f_lineno or 0] += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*args, **kwargs)
    finally:
        sys.settrace(before)
    lines: Counter[Line] = Counter()
    for (code, line), count in counts.items():
        lines[code.co_filename, line] += count
    return lines


def growth(small: Counter[Line], large: Counter[Line]) -> Counter[Line]:
    """Return by how much each line's count grew from the smaller problem to the larger, where it did."""
    return large - small
