"""What a test of an exercise asserts: that answers match, that code is vectorised, that arguments are left alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, Protocol

import numpy as np

from cs_lib.bytecodes import growth
from cs_lib.checking.answers import Case, ReferenceFunction
from cs_lib.checking.comparison import Array, Finding, compare
from cs_lib.checking.diagnosis import Raised
from cs_lib.checking.faults import recognise
from cs_lib.submission.calling import Answer
from cs_lib.submission.outcomes import Crashed, NotFinished, NotStarted
from cs_lib.submission.wire import Foreign

Counts = list[tuple[str, int, str, int]]
"""[(cell, line, code, bytecodes executed), …]"""


class Caller(Protocol):
    """Whatever calls a student's functions: the live notebook, or a submission's process."""

    def call(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Answer: ...

    def count(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Counts: ...


class Mismatch(AssertionError):
    """The student's function answered, and the answer is wrong."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


@dataclass
class StudentFunction:
    """A student's function under test. Calling it returns its answer, or raises one of the ways not to give one."""

    name: str
    caller: Caller
    cases: list[Case] = field(default_factory=list)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.answer(*args, **kwargs).value

    def answer(self, *args: Any, **kwargs: Any) -> Answer:
        """Return the answer and which arguments were changed on the way; raises NoAnswer."""
        return self.caller.call(self.name, args, kwargs)

    def count(self, *args: Any, **kwargs: Any) -> Counts:
        """Return how many bytecodes each line executed during one call; raises NoAnswer."""
        return self.caller.count(self.name, args, kwargs)


def assert_matches(student: StudentFunction, reference: ReferenceFunction, *args: Any, **kwargs: Any) -> None:
    """Assert that both functions answer alike: type, shape, dtype, finite, values, quantity by quantity.

    Raises Mismatch with the first thing that is wrong and, where it can be told, its cause; NoAnswer where the
    student's function gives no answer, or only half of one.
    """
    arguments = reference.arguments(args, kwargs)
    expected = reference(*args, **kwargs)
    got = _answer(student, args, kwargs, arguments, expected)
    student.cases.append(Case(arguments, got, expected))
    quantities = _quantities(student.name, got, reference.returns)
    findings = [
        _judge(name, mine, right, arguments)
        for name, mine, right in zip(reference.returns, quantities, _as_tuple(expected), strict=True)
    ]
    unwritten = [finding for finding, mine in zip(findings, quantities, strict=True) if finding and _is_blank(mine)]
    if unwritten and len(unwritten) == sum(finding is not None for finding in findings) < len(findings):
        raise NotFinished(f"{unwritten[0].quantity} is still what it was at the start; the rest is right")
    for finding in findings:
        if finding:
            raise Mismatch(finding)


def _answer(
    student: StudentFunction, args: Sequence[Any], kwargs: Mapping[str, Any], arguments: dict[str, Any], expected: Any
) -> Any:
    try:
        return student.answer(*args, **kwargs).value
    except Crashed as crash:
        if crash.kind:
            student.cases.append(Case(arguments, Raised(crash.kind), expected))
        raise


def _judge(name: str, mine: Any, right: Any, arguments: Mapping[str, Any]) -> Finding | None:
    if mine is ...:
        return Finding(name, f"{name} is still `...`.")
    finding, wrong = compare(name, mine, right, single_precision=_computed_in_single_precision(arguments))
    if finding and wrong is not None and not finding.cause:
        return replace(finding, cause=recognise(np.asarray(mine), np.asarray(right), wrong, arguments))
    return finding


def _is_blank(value: Any) -> bool:
    """Return whether a value is `...`, or an array of zeros: what is there before anything is written."""
    return value is ... or (isinstance(value, np.ndarray) and value.ndim > 0 and not value.any())


def assert_leaves_arguments_alone(student: StudentFunction, reference: ReferenceFunction, *args: Any) -> None:
    """Assert that a call changes none of the arrays it is given."""
    answer = student.answer(*args)
    _quantities(student.name, answer.value, reference.returns)
    if answer.changed:
        parameters = list(reference.arguments(args, {}))
        name = parameters[int(answer.changed[0])] if answer.changed[0].isdigit() else answer.changed[0]
        cause = f"Work on a copy, such as {name}.copy(): whoever called your function still needs {name}."
        _fail(name, f"{student.name} changes {name}, which it was given.", cause)


def assert_vectorised(student: StudentFunction, few: Sequence[Any], many: Sequence[Any]) -> None:
    """Assert that as many bytecodes are executed for many examples as for few.

    few, many: the arguments of two calls that differ in the number of examples N alone
    """
    student.count(*few)  # whatever happens in a first call only (an import, a cache) is not counted
    counts = student.count(*few)
    small, large = _by_line(counts), _by_line(student.count(*many))
    if sum(large.values()) - sum(small.values()) < _examples(many) - _examples(few):
        return
    codes = {(cell, line): code for cell, line, code, _ in counts if code}
    own = [(count, cell, line) for (cell, line), count in growth(small, large).items() if (cell, line) in codes]
    where = ""
    if own:
        _, cell, line = max(own)
        where = f"Line {line} of {cell}: {codes[cell, line]}"
    problem = f"{student.name} executes more Python the more examples there are: it is not vectorised."
    _fail(student.name, problem, where)


def _by_line(counts: Counts) -> Counter[tuple[str, int]]:
    lines: Counter[tuple[str, int]] = Counter()
    for cell, line, _, count in counts:
        lines[cell, line] += count
    return lines


def _examples(args: Sequence[Any]) -> int:
    return max(len(each) for each in args if isinstance(each, np.ndarray))


def _fail(quantity: str, problem: str, cause: str) -> NoReturn:
    raise Mismatch(Finding(quantity, problem, cause=cause))


def _quantities(function: str, got: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    """Return what was returned, one value per name; raises NotStarted or Mismatch where there are not as many."""
    values = _as_tuple(got)
    if values and all(value is ... for value in values):
        raise NotStarted(f"{function} still returns `...`")
    if len(values) == len(names):
        return values
    wanted = f"({', '.join(names)})" if len(names) > 1 else names[0]
    found = "nothing (None)" if got is None else _type_name(got)
    if type(got) is tuple:
        found = f"{len(got)} values"
    _fail(
        function,
        f"{function} returns {found}, but should return {wanted}.",
        "Look at its last line: return …",
    )


def _type_name(value: Any) -> str:
    name = value.type_name if isinstance(value, Foreign) else type(value).__name__
    return f"one {name}"


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return value if type(value) is tuple else (value,)


def _computed_in_single_precision(arguments: Mapping[str, Any]) -> bool:
    arrays: list[Array] = [each for each in arguments.values() if isinstance(each, np.ndarray)]
    return any(each.dtype == np.float32 for each in arrays)
