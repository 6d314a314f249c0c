"""Right answers and known wrong ones computed by the reference, where the course has it: at home."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from operator import attrgetter
from typing import Any

import numpy as np

from cs_lib.checking.answers import Case, bound
from cs_lib.checking.catalogue import Misconception, entries, pairs, reference_module, wrong_function
from cs_lib.checking.diagnosis import Raised, Suspect
from cs_lib.course import Exercise, load_assignment
from cs_lib.submission.calling import call_on_copies
from cs_lib.submission.harness import harnessed, use

Mistakes = tuple[Misconception, ...]


class ReferenceAnswers:
    """The answers of cs_lib.reference and its catalogue; see Answers."""

    def right(self, exercise: Exercise, test: str) -> "ReferenceFunction":  # noqa: ARG002 it is asked anew each time
        return reference_function(exercise)

    def stages(self, exercise: Exercise) -> dict[str, Callable[..., Any]]:
        assignment = load_assignment(exercise.assignment)
        return {name: reference_function(assignment.exercise(name)) for name in exercise.needs}

    def suspects(self, exercise: Exercise, cases: Sequence[Case]) -> Iterator[Iterator[Suspect]]:
        for candidates in (((each,) for each in entries(exercise)), pairs(exercise)):
            yield (Suspect(mistakes, wrong_answers(exercise, mistakes, cases)) for mistakes in candidates)


class ReferenceFunction:
    """The right answer to one exercise, computed; see RightAnswer."""

    def __init__(self, exercise: Exercise, function: Callable[..., Any]) -> None:
        self.exercise = exercise
        self.function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    @cached_property
    def returns(self) -> tuple[str, ...]:
        return returned_names(self.function)

    def use(self, made_with: Sequence[Any], steps: Sequence[Sequence[Any]]) -> list[Any]:
        answers: list[Any] = call_on_copies(partial(use, self.function), (made_with, steps), {}).value
        return answers

    def has_method(self, name: str) -> bool:
        return inspect.isfunction(getattr(self.function, name, None))

    def method_returns(self, method: str, *, many: bool) -> tuple[str, ...]:
        return returned_names(getattr(self.function, method), many)

    def parameters(self, method: str) -> tuple[str, ...]:
        return tuple(inspect.signature(getattr(self.function, method)).parameters)[1:]

    def arguments(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        return bound(inspect.signature(self.function), args, kwargs)


def reference_function(exercise: Exercise) -> ReferenceFunction:
    """Return the right answer to `exercise`, from the module of cs_lib.reference that belongs to its notebook."""
    return ReferenceFunction(exercise, attrgetter(exercise.name)(reference_module(exercise)))


@cache
def returned_names(function: Callable[..., Any], many: bool | None = None) -> tuple[str, ...]:
    """Return the names of the returned quantities, as the function's last `return` writes them.

    many: whether to look only at returns of several quantities, in a tuple or a list, or only at those of one

    Returns () where there is no such `return`.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    returns = [node for node in ast.walk(tree) if isinstance(node, ast.Return)]
    values = [node.value for node in sorted(returns, key=lambda node: node.lineno) if node.value is not None]
    fitting = [each for each in values if many is None or isinstance(each, ast.Tuple | ast.List) == many]
    last = fitting[-1:]
    return tuple(
        ast.unparse(each)
        for value in last
        for each in (value.elts if isinstance(value, ast.Tuple | ast.List) else [value])
    )


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
