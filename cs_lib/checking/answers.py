"""The right answers to compare with, and the known wrong ones: from the reference, where this course has it."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from operator import attrgetter
from typing import Any

import numpy as np

from cs_lib.checking.catalogue import Misconception, entries, pairs, reference_module, wrong_function
from cs_lib.checking.diagnosis import Diagnosis, Raised, Suspect, diagnose
from cs_lib.course import Exercise, find_exercise
from cs_lib.submission.calling import call_on_copies
from cs_lib.submission.harness import harnessed, use

Mistakes = tuple[Misconception, ...]


@dataclass(frozen=True)
class Case:
    """One call that a test made: the arguments by name, what was returned, and what should have been."""

    arguments: dict[str, Any]
    got: Any
    expected: Any
    via: str = ""
    """The harness through which the function was used, where it was not just called."""


class ReferenceFunction:
    """The right answer to one exercise; call it as the student's function is called."""

    def __init__(self, exercise: Exercise, function: Callable[..., Any]) -> None:
        self.exercise = exercise
        self.function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    @cached_property
    def returns(self) -> tuple[str, ...]:
        """The names of the returned quantities, as the function's last `return` writes them."""
        return returned_names(self.function)

    def use(self, made_with: Sequence[Any], steps: Sequence[Sequence[Any]]) -> list[Any]:
        """Return what each step answers, where the right answer is a class (see cs_lib.submission.harness)."""
        answers: list[Any] = call_on_copies(partial(use, self.function), (made_with, steps), {}).value
        return answers

    def method(self, name: str) -> Callable[..., Any] | None:
        """Return the method of this name, where the right answer is a class that has one."""
        found = getattr(self.function, name, None)
        return found if inspect.isfunction(found) else None

    def parameters(self, method: str) -> tuple[str, ...]:
        """Return the names of a method's parameters, without `self`."""
        return tuple(inspect.signature(getattr(self.function, method)).parameters)[1:]

    def arguments(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a call by the names of the parameters, defaults included."""
        bound = inspect.signature(self.function).bind(*args, **kwargs)
        bound.apply_defaults()
        return dict(bound.arguments)


@cache
def returned_names(function: Callable[..., Any], many: bool | None = None) -> tuple[str, ...]:
    """Return the names of the returned quantities, as the function's last `return` writes them.

    many: whether to look only at returns of several quantities, in a tuple or a list, or only at those of one
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    returns = [node for node in ast.walk(tree) if isinstance(node, ast.Return)]
    values = [node.value for node in sorted(returns, key=lambda node: node.lineno) if node.value is not None]
    fitting = [each for each in values if many is None or isinstance(each, ast.Tuple | ast.List) == many]
    last = fitting[-1]
    return tuple(ast.unparse(each) for each in (last.elts if isinstance(last, ast.Tuple | ast.List) else [last]))


class Reference:
    """Gives the reference function of each exercise as an attribute: `reference.hinge_backward`."""

    def __getattr__(self, name: str) -> ReferenceFunction:
        return reference_function(find_exercise(name))


def reference_function(exercise: Exercise) -> ReferenceFunction:
    """Return the right answer to `exercise`, from the module of cs_lib.reference that belongs to its notebook."""
    return ReferenceFunction(exercise, attrgetter(exercise.name)(reference_module(exercise)))


def diagnosis_of(exercise: Exercise, cases: Sequence[Case]) -> Diagnosis | None:
    """Return which known mistakes explain all that a student's function answered: one mistake, else two together."""
    # The smallest cases first: one that disagrees ends the work on a suspect, and small ones are quick.
    cases = sorted(cases, key=_size)
    got, right = [case.got for case in cases], [case.expected for case in cases]
    for candidates in (((each,) for each in entries(exercise)), pairs(exercise)):
        suspects = (Suspect(mistakes, wrong_answers(exercise, mistakes, cases)) for mistakes in candidates)
        found = diagnose(got, right, suspects)
        if found:
            return found
    return None


def _size(case: Case) -> int:
    return sum(each.size for each in arrays_in(case.arguments))


def arrays_in(value: Any) -> Iterator[np.ndarray[Any, Any]]:
    """Yield all arrays in a value, those in lists, tuples and dicts included."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, list | tuple | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from arrays_in(each)


def wrong_answers(exercise: Exercise, mistakes: Mistakes, cases: Sequence[Case]) -> Iterator[Any]:
    """Yield what the reference function with the mistakes in it answers in each case."""
    function = wrong_function(exercise, mistakes)
    for case in cases:
        try:
            with np.errstate(all="ignore"):
                answer = call_on_copies(harnessed(function, case.via), (), case.arguments).value
            yield answer
        except Exception as error:  # a mistake may be to raise
            yield Raised(type(error).__name__)
