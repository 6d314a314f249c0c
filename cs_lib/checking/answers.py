"""The right answers to compare with, and the known wrong ones: from the reference, or from what was recorded of it.

The course's repository has the reference, cs_lib.reference, and asks it. A student's kit has it not: there, what the
public tests ask of it was recorded when the kit was made. `answers` is where one or the other is chosen.
"""

import importlib.util
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np

from cs_lib.checking.diagnosis import Diagnosis, Suspect, diagnose
from cs_lib.course import Exercise, find_exercise


@dataclass(frozen=True)
class Case:
    """One call that a test made: the arguments by name, what was returned, and what should have been."""

    arguments: dict[str, Any]
    got: Any
    expected: Any
    via: str = ""
    """The harness through which the function was used, where it was not just called."""
    test: str = ""
    """The test that made the call."""
    nth: int = 0
    """How many calls that test had made before it."""


class RightAnswer(Protocol):
    """The right answer to one exercise; call it as the student's function is called."""

    exercise: Exercise

    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

    @property
    def returns(self) -> tuple[str, ...]:
        """The names of the returned quantities, as the function's last `return` writes them."""

    def use(self, made_with: Sequence[Any], steps: Sequence[Sequence[Any]]) -> list[Any]:
        """Return what each step answers, where the right answer is a class (see cs_lib.submission.harness)."""

    def has_method(self, name: str) -> bool:
        """Return whether the right answer is a class with a method of this name."""

    def method_returns(self, method: str, *, many: bool) -> tuple[str, ...]:
        """Return the names of what a method returns: of several quantities, or in its returns of one."""

    def parameters(self, method: str) -> tuple[str, ...]:
        """Return the names of a method's parameters, without `self`."""

    def arguments(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a call by the names of the parameters, defaults included."""


class Answers(Protocol):
    """Where right answers and known wrong ones come from."""

    def right(self, exercise: Exercise, test: str) -> RightAnswer:
        """Return the right answer to an exercise, for one test by its name."""

    def stages(self, exercise: Exercise) -> dict[str, Callable[..., Any]]:
        """Return right functions for all that an exercise is composed of, as far as there are any."""

    def suspects(self, exercise: Exercise, cases: Sequence[Case]) -> Iterator[Iterator[Suspect]]:
        """Yield the known mistakes in an exercise and what they give in these cases; then every two of them."""


@cache
def answers() -> Answers:
    """Return the course's answers: the reference where there is one, else its records."""
    if importlib.util.find_spec("cs_lib.reference"):
        from cs_lib.checking.reference_answers import ReferenceAnswers

        return ReferenceAnswers()
    from cs_lib.checking.recorded_answers import RecordedAnswers

    return RecordedAnswers()


class Reference:
    """Gives the right answer to each exercise as an attribute: `reference.hinge_backward`."""

    def __init__(self, test: str = "", source: Answers | None = None) -> None:
        self._test = test
        self._source = source or answers()
        self._asked: dict[str, RightAnswer] = {}

    def __getattr__(self, name: str) -> RightAnswer:
        if name not in self._asked:
            self._asked[name] = self._source.right(find_exercise(name), self._test)
        return self._asked[name]


def diagnosis_of(exercise: Exercise, cases: Sequence[Case]) -> Diagnosis | None:
    """Return which known mistakes explain all that a student's function answered: one mistake, else two together."""
    # The smallest cases first: one that disagrees ends the work on a suspect, and small ones are quick.
    cases = sorted(cases, key=_size)
    got, right = [case.got for case in cases], [case.expected for case in cases]
    for suspects in answers().suspects(exercise, cases):
        found = diagnose(got, right, suspects)
        if found:
            return found
    return None


def bound(signature: inspect.Signature, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call by the names of the parameters, defaults included."""
    arguments = signature.bind(*args, **kwargs)
    arguments.apply_defaults()
    return dict(arguments.arguments)


def _size(case: Case) -> int:
    return sum(each.size for each in arrays_in(case.arguments))


def arrays_in(value: Any) -> Iterator[np.ndarray[Any, Any]]:
    """Yield all arrays in a value, those in lists, tuples and dicts included."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, list | tuple | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from arrays_in(each)
