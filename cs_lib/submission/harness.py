"""What a test does with a class that a student wrote: make one, take some steps with it, note what each answers.

These functions run where the student's code runs, and are given it first; the tests name them by their key in
`HARNESS`.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from cs_lib.graph.gates import Multiply, Scale, Square
from cs_lib.submission.copies import copied

GATES: dict[str, Callable[..., Any]] = {"Multiply": Multiply, "Scale": Scale, "Square": Square}
GIVEN = "given"
"""A step that answers with what the first step was given, as it is by now."""


def use(made: Any, made_with: Sequence[Any], steps: Sequence[Sequence[Any]]) -> list[Any]:
    """Return what each step answers, taken one after the other with one object, made with the arguments `made_with`.

    steps: sequences (name, *arguments). A method is called with the arguments, an attribute is read, and `given` is
    what the first step was given, as it is by now. A name may have dots: `params.update`.

    A dict {"gate": name, "with": [arguments]} among the arguments stands for a gate of the course's. Raises TypeError
    where the student did not write a class, and whatever the class raises.
    """
    if not isinstance(made, type):
        raise TypeError(f"{getattr(made, '__name__', 'this')} should be a class: class NAME: … with def inside it")
    used = made(*[_with_gates(each) for each in made_with])
    given = [_with_gates(each) for each in steps[0][1:]]
    answers = []
    for i, (name, *arguments) in enumerate(steps):
        answer = given if name == GIVEN else _step(used, name, given if i == 0 else [_with_gates(a) for a in arguments])
        answers.append(copied(answer))  # a later step may write into it
    return answers


def _step(used: Any, name: str, arguments: list[Any]) -> Any:
    found = used
    for part in name.split("."):
        found = getattr(found, part)
    return found(*arguments) if callable(found) else found


def _with_gates(value: Any) -> Any:
    """Return the value with every description of a gate in it made into that gate."""
    if isinstance(value, list | tuple):
        return type(value)(_with_gates(each) for each in value)
    if isinstance(value, Mapping) and "gate" in value:
        return GATES[value["gate"]](*value.get("with", ()))
    return value


HARNESS: dict[str, Callable[..., Any]] = {"use": use}


def harnessed(function: Callable[..., Any], via: str) -> Callable[..., Any]:
    """Return the function itself where `via` is "", else what that harness does with it, given the arguments."""
    return partial(HARNESS[via], function) if via else function
