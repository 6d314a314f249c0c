"""Right answers and known wrong ones as they were recorded when a student's kit was made: away from home.

A test's calls of one function are answered in the order in which they are made, whatever their arguments: these are
the same at home and here, but for the last bit of what another computer's arithmetic makes of them.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from cs_lib.checking.answers import Case, bound
from cs_lib.checking.catalogue import Misconception
from cs_lib.checking.diagnosis import Suspect
from cs_lib.checking.records import Record, read_record
from cs_lib.course import CourseError, Exercise, load_assignment


class RecordedAnswers:
    """The answers in the records beside the public tests; see Answers."""

    def right(self, exercise: Exercise, test: str) -> "RecordedFunction":
        return RecordedFunction(exercise, test)

    def stages(self, exercise: Exercise) -> dict[str, Callable[..., Any]]:  # noqa: ARG002 numbers cannot be called
        return {}

    def suspects(self, exercise: Exercise, cases: Sequence[Case]) -> Iterator[Iterator[Suspect]]:
        record = _record(exercise)
        known = record.functions.get(exercise.name, {})
        places = {tuple(place): i for i, place in enumerate(known.get("cases", ()))}
        if not all((case.test, case.nth) in places for case in cases):
            return  # a test that is not as it was when the kit was made: nothing is known of it
        columns = [places[case.test, case.nth] for case in cases]
        mistakes = [Misconception(exercise.name, each["title"], each["hint"], ()) for each in known["mistakes"]]
        for kind in ("alone", "pairs"):
            yield (
                Suspect(tuple(mistakes[i] for i in entry["of"]), _answers(record, entry["answers"], columns))
                for entry in known[kind]
            )


class RecordedFunction:
    """The right answer to one exercise, as it was given in one test; see RightAnswer."""

    def __init__(self, exercise: Exercise, test: str) -> None:
        self.exercise = exercise
        self.test = test
        self.calls = 0

    def __call__(self, *_: Any, **__: Any) -> Any:
        answers = self._known.get("calls", {}).get(self.test, [])
        if self.calls >= len(answers):
            raise CourseError(
                f"no answer was recorded for this call of {self.exercise.name}; "
                "have the kit's tests been changed? Unpack the kit again to have them as they were"
            )
        self.calls += 1
        return _record(self.exercise).value(answers[self.calls - 1])

    @property
    def returns(self) -> tuple[str, ...]:
        return tuple(self._known["returns"])

    def use(self, made_with: Sequence[Any], steps: Sequence[Sequence[Any]]) -> list[Any]:
        answers: list[Any] = self(made_with, steps)
        return answers

    def has_method(self, name: str) -> bool:
        return name in self._known["methods"]

    def method_returns(self, method: str, *, many: bool) -> tuple[str, ...]:
        return tuple(self._known["methods"][method]["many" if many else "one"])

    def parameters(self, method: str) -> tuple[str, ...]:
        return tuple(self._known["methods"][method]["parameters"])

    def arguments(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        record = _record(self.exercise)
        parameters = [
            inspect.Parameter(name, inspect._ParameterKind[kind], default=record.value(*default))
            if default
            else inspect.Parameter(name, inspect._ParameterKind[kind])
            for name, kind, *default in self._known["parameters"]
        ]
        return bound(inspect.Signature(parameters), args, kwargs)

    @property
    def _known(self) -> dict[str, Any]:
        functions = _record(self.exercise).functions
        if self.exercise.name not in functions:
            raise CourseError(f"nothing was recorded of {self.exercise.name}; unpack the kit again to have it whole")
        known: dict[str, Any] = functions[self.exercise.name]
        return known


def _answers(record: Record, indices: Sequence[int], columns: Sequence[int]) -> Iterator[Any]:
    return (record.value(indices[i]) for i in columns)


@cache
def _record(exercise: Exercise) -> Record:
    assignment = load_assignment(exercise.assignment)
    return read_record(assignment.tests / "public" / "records", assignment.notebook(exercise.notebook).module)
