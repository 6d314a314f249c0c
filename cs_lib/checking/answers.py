"""The right answers to compare with: the reference functions, where this course has them."""

import ast
import importlib
import inspect
import textwrap
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from cs_lib.course import ROOT, Exercise, find_exercise, load_assignment


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
    module = load_assignment(exercise.assignment, ROOT).notebook(exercise.notebook).module
    value: Any = importlib.import_module(f"cs_lib.reference.{module}")
    for part in exercise.name.split("."):
        value = getattr(value, part)
    return ReferenceFunction(exercise, value)
