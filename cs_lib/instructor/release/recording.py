"""Record what the public tests ask of the reference, so that a kit without the reference can answer it.

The tests are run with the right answers in the student's place. Kept are the right values of each call, and what each
known mistake, and every two of them, would have answered; never how anything is computed.
"""

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cs_lib.checking import catalogue
from cs_lib.checking.answers import Case
from cs_lib.checking.records import Values, write_record
from cs_lib.checking.reference_answers import ReferenceAnswers, ReferenceFunction, reference_function, wrong_answers
from cs_lib.checking.running import public_tests, run_tests
from cs_lib.course import Assignment, CourseError, Exercise, Notebook
from cs_lib.instructor.validate import MistakenNotebook
from cs_lib.submission.copies import copied
from cs_lib.submission.outcomes import DONE


def write_records(assignment: Assignment, notebook: Notebook, folder: Path) -> None:
    """Write the record of one notebook's exercises; raises CourseError where the right answers fail a public test."""
    listener = Listener(notebook)
    with np.errstate(all="ignore"):
        grading = run_tests([public_tests(assignment, notebook)], MistakenNotebook(notebook), listener)
    for each in grading.marks():
        if each.word != DONE or each.missing_parts:
            raise CourseError(f"the right answer to {each.exercise.name} is {each.standing}; run cs-lib validate")
    values = Values()
    functions = {
        name: {**asked.described(values), **_mistakes(asked.exercise, grading.cases.get(name, ()), values)}
        for name, asked in listener.asked.items()
    }
    write_record(folder, notebook.module, functions, values)


class Listener(ReferenceAnswers):
    """The answers of the reference, with everything that is asked of it kept in `asked`."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.asked: dict[str, Asked] = {}

    def right(self, exercise: Exercise, test: str) -> ReferenceFunction:
        if exercise not in self.notebook.exercises:
            raise CourseError(f"{test} asks the reference for {exercise.name}, which belongs to another notebook")
        asked = self.asked.setdefault(exercise.name, Asked(exercise))
        return Heard(asked, test)


class Asked:
    """What was asked of the right answer to one exercise."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self.calls: dict[str, list[Any]] = {}
        """By test, what its calls were answered."""
        self.methods: dict[str, None] = {}

    def described(self, values: Values) -> dict[str, Any]:
        """Return the names and the answers of the right function, as JSON."""
        right = reference_function(self.exercise)
        return {
            "parameters": _parameters(right, values),
            "returns": list(right.returns),
            "methods": {
                name: {
                    "parameters": list(right.parameters(name)),
                    "many": list(right.method_returns(name, many=True)),
                    "one": list(right.method_returns(name, many=False)),
                }
                for name in self.methods
            },
            "calls": {test: list(map(values.number, answers)) for test, answers in self.calls.items()},
        }


class Heard(ReferenceFunction):
    """The right answer to one exercise, that notes what one test asks of it."""

    def __init__(self, asked: Asked, test: str) -> None:
        super().__init__(asked.exercise, reference_function(asked.exercise).function)
        self.asked = asked
        self.answers = asked.calls.setdefault(test, [])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._noted(super().__call__(*args, **kwargs))

    def use(self, made_with: Sequence[Any], steps: Sequence[Sequence[Any]]) -> list[Any]:
        answers: list[Any] = self._noted(super().use(made_with, steps))
        return answers

    def has_method(self, name: str) -> bool:
        found = super().has_method(name)
        if found:
            self.asked.methods[name] = None
        return found

    def _noted(self, answer: Any) -> Any:
        self.answers.append(copied(answer))
        return answer


def _parameters(right: ReferenceFunction, values: Values) -> list[list[Any]]:
    """Return [name, kind] of each parameter, or [name, kind, default's number]."""
    parameters = inspect.signature(right.function).parameters.values()
    return [
        [each.name, each.kind.name, *([] if each.default is each.empty else [values.number(each.default)])]
        for each in parameters
    ]


def _mistakes(exercise: Exercise, cases: Sequence[Case], values: Values) -> dict[str, Any]:
    """Return what each known mistake, and every two, answer in each case: never what the mistake is made of."""
    known = catalogue.entries(exercise)
    place = {mistake: i for i, mistake in enumerate(known)}

    def suspects(candidates: Any) -> list[dict[str, Any]]:
        return [
            {
                "of": [place[each] for each in mistakes],
                "answers": [values.number(answer) for answer in wrong_answers(exercise, mistakes, cases)],
            }
            for mistakes in candidates
        ]

    return {
        "cases": [[case.test, case.nth] for case in cases],
        "mistakes": [{"title": each.title, "hint": each.hint} for each in known],
        "alone": suspects((each,) for each in known),
        "pairs": suspects(catalogue.pairs(exercise)),
    }
