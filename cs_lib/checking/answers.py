"""The right answers to compare with, and the known wrong ones: from the reference, where this course has it."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

import numpy as np

from cs_lib.checking.catalogue import Misconception, entries, pairs, reference_module, wrong_function
from cs_lib.checking.diagnosis import Diagnosis, Raised, Suspect, diagnose
from cs_lib.course import Exercise, find_exercise
from cs_lib.submission.calling import call_on_copies

Mistakes = tuple[Misconception, ...]


@dataclass(frozen=True)
class Case:
    """One call that a test made: the arguments by name, what was returned, and what should have been."""

    arguments: dict[str, Any]
    got: Any
    expected: Any


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
        tree = ast.parse(textwrap.dedent(inspect.getsource(self.function)))
        values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value is not None]
        last = values[-1]
        return tuple(ast.unparse(each) for each in (last.elts if isinstance(last, ast.Tuple) else [last]))

    def arguments(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a call by the names of the parameters, defaults included."""
        bound = inspect.signature(self.function).bind(*args, **kwargs)
        bound.apply_defaults()
        return dict(bound.arguments)


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
    return sum(each.size for each in case.arguments.values() if isinstance(each, np.ndarray))


def wrong_answers(exercise: Exercise, mistakes: Mistakes, cases: Sequence[Case]) -> Iterator[Any]:
    """Yield what the reference function with the mistakes in it answers in each case."""
    function = wrong_function(exercise, mistakes)
    for case in cases:
        try:
            with np.errstate(all="ignore"):
                answer = call_on_copies(function, (), case.arguments).value
            yield answer
        except Exception as error:  # a mistake may be to raise
            yield Raised(type(error).__name__)
