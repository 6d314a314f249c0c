"""What a test of an exercise asserts: that answers match, that code is vectorised, that arguments are left alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from cs_lib.bytecodes import growth
from cs_lib.checking.answers import Case, RightAnswer, arrays_in
from cs_lib.checking.comparison import Array, Finding, compare
from cs_lib.checking.diagnosis import Raised
from cs_lib.checking.faults import recognise
from cs_lib.checking.quantities import Mismatch, Quantity, fail, of_class, of_function, values
from cs_lib.submission.calling import Answer
from cs_lib.submission.outcomes import Crashed, NotFinished, NotStarted

Counts = list[tuple[str, int, str, int]]
"""[(cell, line, code, bytecodes executed), …]"""


class Caller(Protocol):
    """Whatever calls a student's functions: the live notebook, or a submission's process."""

    def call(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], via: str = "") -> Answer: ...

    def count(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], via: str = "") -> Counts: ...


@dataclass
class StudentFunction:
    """A student's function under test. Calling it returns its answer, or raises one of the ways not to give one."""

    name: str
    caller: Caller
    cases: list[Case] = field(default_factory=list)
    test: str = ""
    """The test that asks."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.answer(*args, **kwargs).value

    def answer(self, *args: Any, **kwargs: Any) -> Answer:
        """Return the answer and which arguments were changed on the way; raises NoAnswer."""
        return self.caller.call(self.name, args, kwargs)


def assert_matches(student: StudentFunction, reference: RightAnswer, *args: Any, **kwargs: Any) -> None:
    """Assert that both functions answer alike: type, shape, dtype, finite, values, quantity by quantity.

    Raises Mismatch with the first thing that is wrong and, where it can be told, its cause; NoAnswer where the
    student's function gives no answer, or only half of one.
    """
    arguments = reference.arguments(args, kwargs)
    expected = reference(*args, **kwargs)
    got = _answer(student, args, kwargs, Case(arguments, None, expected))
    _judge_all(student.name, of_function(student.name, reference.returns, got, expected), arguments)


def assert_use_matches(
    student: StudentFunction, reference: RightAnswer, *steps: Sequence[Any], made_with: Sequence[Any] = ()
) -> None:
    """Assert that both classes answer alike when one of each is made and the steps are taken with it, in order.

    steps: (name, *arguments) each; a method is called, an attribute read, and `given` is what the first step was
        given, as it is by then (see cs_lib.submission.harness)
    made_with: the arguments with which the class is called

    Raises as `assert_matches` does.
    """
    arguments = {"made_with": tuple(made_with), "steps": tuple(steps)}
    expected = reference.use(made_with, steps)
    got = _answer(student, (), arguments, Case(arguments, None, expected, via="use"))
    _judge_all(student.name, of_class(reference, steps, got, expected), _named_arguments(reference, steps))


def assert_refuses(
    student: StudentFunction, error: type[Exception], *steps: Sequence[Any], made_with: Sequence[Any] = ()
) -> None:
    """Assert that making one of the student's class with `made_with`, or taking a step with it, raises this error."""
    given = ", ".join(map(repr, made_with))
    arguments = {"made_with": tuple(made_with), "steps": tuple(steps)}
    try:
        _answer(student, (), arguments, Case(arguments, None, Raised(error.__name__), via="use"))
    except Crashed as crash:
        if crash.kind == error.__name__:
            return
        raise
    problem = f"{student.name}({given}) is accepted, but should raise {error.__name__}."
    fail(student.name, problem, f"if …: raise {error.__name__}('…')")


def _answer(student: StudentFunction, args: Sequence[Any], kwargs: Mapping[str, Any], case: Case) -> Any:
    """Return the student's answer, and note it as a case for the diagnosis, also where the call raises."""
    case = replace(case, test=student.test, nth=sum(each.test == student.test for each in student.cases))
    try:
        got = student.caller.call(student.name, args, kwargs, via=case.via).value
    except Crashed as crash:
        if crash.kind:
            student.cases.append(replace(case, got=Raised(crash.kind)))
        raise
    student.cases.append(replace(case, got=got))
    return got


def _judge_all(who: str, quantities: Sequence[Quantity], arguments: Mapping[str, Any]) -> None:
    """Raise for the first quantity that is wrong; where all that is wrong is unwritten, say that instead."""
    if all(each.got is ... or each.was_given for each in quantities) and any(each.got is ... for each in quantities):
        raise NotStarted(f"{who} still returns `...`")
    findings = [_judge(each.name, each.got, each.expected, arguments) for each in quantities]
    pairs = list(zip(findings, quantities, strict=True))
    unwritten = [finding for finding, each in pairs if finding and _is_blank(each.got)]
    if unwritten and len(unwritten) == sum(finding is not None for finding in findings) < len(findings):
        raise NotFinished(f"{unwritten[0].quantity} is still what it was at the start; the rest is right")
    for finding in findings:
        if finding:
            raise Mismatch(finding)


def _named_arguments(reference: RightAnswer, steps: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Return the arguments of all steps by the names of the methods' parameters."""
    return {
        name: value
        for method, *values in steps
        if reference.has_method(method)
        for name, value in zip(reference.parameters(method), values, strict=False)
    }


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


def assert_leaves_arguments_alone(student: StudentFunction, reference: RightAnswer, *args: Any) -> None:
    """Assert that a call changes none of the arrays it is given."""
    answer = student.answer(*args)
    if all(value is ... for value in values(student.name, reference.returns, answer.value)):
        raise NotStarted(f"{student.name} still returns `...`")
    if answer.changed:
        parameters = list(reference.arguments(args, {}))
        name = parameters[int(answer.changed[0])] if answer.changed[0].isdigit() else answer.changed[0]
        cause = f"Work on a copy, such as {name}.copy(): whoever called your function still needs {name}."
        fail(name, f"{student.name} changes {name}, which it was given.", cause)


def assert_vectorised(student: StudentFunction, few: Sequence[Any], many: Sequence[Any]) -> None:
    """Assert that as many bytecodes are executed for many examples as for few.

    few, many: the arguments of two calls that differ in the number of examples N alone
    """
    _assert_no_growth(student, few, many)


def assert_use_vectorised(
    student: StudentFunction, few: Sequence[Any], many: Sequence[Any], made_with: Sequence[Any] = ()
) -> None:
    """Assert that as many bytecodes are executed in steps on many examples as in the same steps on few.

    few, many: steps (name, *arguments), as `assert_use_matches` takes them, that differ in N alone
    """
    _assert_no_growth(student, (tuple(made_with), few), (tuple(made_with), many), via="use")


def _assert_no_growth(student: StudentFunction, few: Sequence[Any], many: Sequence[Any], via: str = "") -> None:
    def count(args: Sequence[Any]) -> Counts:
        return student.caller.count(student.name, args, {}, via=via)

    count(few)  # whatever happens in a first call only (an import, a cache) is not counted
    counts = count(few)
    small, large = _by_line(counts), _by_line(count(many))
    if sum(large.values()) - sum(small.values()) < _examples(many) - _examples(few):
        return
    codes = {(cell, line): code for cell, line, code, _ in counts if code}
    own = [(count, cell, line) for (cell, line), count in growth(small, large).items() if (cell, line) in codes]
    where = ""
    if own:
        _, cell, line = max(own)
        where = f"Line {line} of {cell}: {codes[cell, line]}"
    problem = f"{student.name} executes more Python the more examples there are: it is not vectorised."
    fail(student.name, problem, where)


def _by_line(counts: Counts) -> Counter[tuple[str, int]]:
    lines: Counter[tuple[str, int]] = Counter()
    for cell, line, _, count in counts:
        lines[cell, line] += count
    return lines


def _examples(args: Sequence[Any]) -> int:
    return max(len(each) for each in arrays_in(args) if each.ndim)


def _computed_in_single_precision(arguments: Mapping[str, Any]) -> bool:
    arrays: list[Array] = [each for each in arguments.values() if isinstance(each, np.ndarray)]
    return any(each.dtype == np.float32 for each in arrays)
