"""Call a student's function on fresh copies of its arguments, and say what became of it."""

import linecache
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from cs_lib.bytecodes import count_bytecodes
from cs_lib.submission.copies import copied
from cs_lib.submission.notebook import CELL
from cs_lib.submission.outcomes import StudentError


@dataclass(frozen=True)
class Answer:
    """What a call returned, and which of its arguments (positions and keywords) it changed."""

    value: Any
    changed: tuple[str, ...] = ()


def call_on_copies(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Answer:
    """Return the answer to `function(*args, **kwargs)`; raises whatever the function raises.

    The function gets copies of all arrays, those in lists, tuples and dicts included, so what it writes into them
    reaches nobody else.
    """
    given_args = [copied(each) for each in args]
    given_kwargs = {key: copied(each) for key, each in kwargs.items()}
    value = function(*given_args, **given_kwargs)
    before = {**{str(i): each for i, each in enumerate(args)}, **kwargs}
    after = {**{str(i): each for i, each in enumerate(given_args)}, **given_kwargs}
    return Answer(value, tuple(key for key in before if _differs(before[key], after[key])))


def count_on_copies(
    function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> list[tuple[str, int, int]]:
    """Return [(file, line, bytecodes executed), …] of one call on copies of its arguments."""
    copies = [copied(each) for each in args]
    counts = count_bytecodes(function, *copies, **{key: copied(each) for key, each in kwargs.items()})
    return [(file, line, count) for (file, line), count in sorted(counts.items())]


def describe_error(error: BaseException, is_students: Callable[[str], bool]) -> StudentError:
    """Return the error with the last line of the student's own code that it passed through.

    `is_students` tells of a file name whether the student wrote it; frames of libraries and of the kit are left out.
    """
    kind, message = type(error).__name__, _message(error)
    own = [frame for frame in _frames(error.__traceback__) if is_students(frame.filename)]
    if not own:
        return StudentError(kind, message)
    last = own[-1]
    code = linecache.getline(last.filename, last.lineno or 0).strip()
    return StudentError(kind, message, cell_name(last.filename), last.lineno or 0, code)


def cell_name(filename: str) -> str:
    """Return what to call a file of the student's: a submitted cell by its number, a live one by what it holds."""
    return filename if filename.startswith(CELL) else "your function's cell"


def _frames(trace: TracebackType | None) -> list[traceback.FrameSummary]:
    # The last frames suffice: a recursion without end has a thousand of them.
    return list(traceback.extract_tb(trace))[-50:] if trace else []


def _message(error: BaseException) -> str:
    try:
        return " ".join(str(error).split())[:300]
    except Exception:  # the student's own exception class may fail to print itself
        return ""


def _differs(before: Any, after: Any) -> bool:
    if isinstance(before, np.ndarray):
        return not (isinstance(after, np.ndarray) and _same_array(before, after))
    if type(before) in (list, tuple):
        return len(before) != len(after) or any(map(_differs, before, after))
    if type(before) is dict:
        return before.keys() != after.keys() or any(_differs(before[key], after[key]) for key in before)
    return before is not after


def _same_array(before: npt.NDArray[Any], after: npt.NDArray[Any]) -> bool:
    if before.shape != after.shape or before.dtype != after.dtype:
        return False
    return np.array_equal(before, after, equal_nan=before.dtype.kind in "fc")
