"""Take an answer apart into the quantities it consists of, each under its name and beside the right one.

A function returns one quantity or a tuple of them; a class answers step by step: `forward` with a value, `backward`
with a list of gradients, an attribute with what it holds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from cs_lib.checking.answers import RightAnswer
from cs_lib.checking.comparison import Finding
from cs_lib.submission.harness import GIVEN
from cs_lib.submission.wire import Foreign

Steps = Sequence[Sequence[Any]]


class Mismatch(AssertionError):
    """The student's function answered, and the answer is wrong."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


@dataclass(frozen=True)
class Quantity:
    """One returned quantity: the student's beside the right one."""

    name: str
    got: Any
    expected: Any
    was_given: bool = False
    """Whether it is an argument as a call left it, rather than an answer."""


def fail(quantity: str, problem: str, cause: str) -> NoReturn:
    """Raise the Mismatch that says what is wrong, and where to look."""
    raise Mismatch(Finding(quantity, problem, cause=cause))


def of_function(name: str, names: tuple[str, ...], got: Any, expected: Any) -> list[Quantity]:
    """Return the quantities of a function's answer; raises Mismatch where there are not as many as there should be.

    names: of the quantities, in the order in which they are returned
    """
    rights = expected if type(expected) is tuple else (expected,)
    return [Quantity(*each) for each in zip(names, values(name, names, got), rights, strict=True)]


def values(name: str, names: tuple[str, ...], got: Any) -> tuple[Any, ...]:
    """Return what a function returned, one value for each of the names; raises Mismatch where there are not as many."""
    found = got if type(got) is tuple else (got,)
    if all(value is ... for value in found):
        return (...,) * len(names)
    if len(found) != len(names):
        _fail_count(name, names, got, "({})")
    return found


def of_class(reference: RightAnswer, steps: Steps, got: Any, expected: list[Any]) -> list[Quantity]:
    """Return the quantities of all steps' answers; raises Mismatch where one is not made up as it should be."""
    # Bounded and of the right number by construction, unless the process of the submission lies.
    answers = got if isinstance(got, list) and len(got) == len(steps) else [None] * len(steps)
    return [
        quantity
        for step, mine, right in zip(steps, answers, expected, strict=True)
        for quantity in _of_step(reference, step, steps[0], mine, right)
    ]


def _of_step(
    reference: RightAnswer, step: Sequence[Any], first: Sequence[Any], got: Any, expected: Any
) -> Iterator[Quantity]:
    name = step[0]
    if name == GIVEN:
        parameters = list(reference.parameters(first[0]))
        for parameter, mine, right in zip(parameters, _sequence(got), expected, strict=False):
            yield from _as_given(f"the {parameter} it was given", mine, right)
    elif expected is None:
        return  # a step taken for what it does, such as params.update
    elif not reference.has_method(name):
        yield from _by_key(name, got, expected)
    elif isinstance(expected, tuple | list):
        names = reference.method_returns(name, many=True)
        mine = (...,) * len(names) if got is ... else _sequence(got)
        if len(mine) != len(names):
            _fail_count(f"{reference.exercise.name}.{name}", names, got, "[{}]")
        for each in zip(names, mine, expected, strict=True):
            yield from _by_key(*each)
    else:
        yield from _by_key(reference.method_returns(name, many=False)[0], got, expected)


def _as_given(name: str, got: Any, expected: Any) -> Iterator[Quantity]:
    if isinstance(expected, dict) and isinstance(got, dict) and got.keys() != expected.keys():
        more = ", ".join(repr(key) for key in list(got)[:10] if key not in expected)
        fail(name, f"{name} has other keys afterwards.", f"Write into a dict of your own; this one has now {more}.")
    yield from (replace(each, was_given=True) for each in _by_key(name, got, expected))


def _by_key(name: str, got: Any, expected: Any) -> Iterator[Quantity]:
    """Yield a quantity, or where it is a dict, each entry under the name `grads['W1']`."""
    if not isinstance(expected, dict):
        yield Quantity(name, got, expected)
        return
    mine: Mapping[str, Any] = dict.fromkeys(expected, ...) if got is ... else got
    if not isinstance(mine, dict):
        fail(name, f"{name} is {_kind(got)}, but should be a dict.", f"It has the keys {', '.join(expected)}.")
    for key, right in expected.items():
        if key not in mine:
            fail(name, f"{name} has no {key!r}.", f"Its keys should be {', '.join(expected)}.")
        yield Quantity(f"{name}[{key!r}]", mine[key], right)


def _sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _fail_count(who: str, names: tuple[str, ...], got: Any, brackets: str) -> NoReturn:
    wanted = brackets.format(", ".join(names)) if len(names) > 1 or brackets[0] == "[" else names[0]
    found = "nothing (None)" if got is None else f"one {_type_name(got)}"
    if type(got) is tuple or (type(got) is list and brackets[0] == "["):
        found = f"{len(got)} value{'' if len(got) == 1 else 's'}"
    problem = f"{who} returns {found}, but should return {wanted}."
    fail(who, problem, "Look at its last line: return …")


def _kind(value: Any) -> str:
    return "nothing (None)" if value is None else f"one {_type_name(value)}"


def _type_name(value: Any) -> str:
    return value.type_name if isinstance(value, Foreign) else type(value).__name__
