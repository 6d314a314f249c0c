"""The tests of an assignment: each belongs to an exercise and says what it is about; each exercise has some."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cs_lib.course import Assignment, CourseError
from cs_lib.instructor.consistency import places


@dataclass(frozen=True)
class Test:
    """One test as its file writes it, with the exercise and the part that its mark names."""

    path: Path
    line: int
    name: str
    sentence: str
    exercise: str
    part: str

    @property
    def place(self) -> str:
        return f"{places.of_file(self.path)}:{self.line}: {self.name}"


def faults(assignment: Assignment) -> Iterator[str]:
    """Yield each test that is silent or homeless, each file of tests without a notebook, and what has no test."""
    modules = {notebook.module for notebook in assignment.notebooks}
    tests: list[Test] = []
    for path in sorted(assignment.tests.glob("*/test_*.py")):
        if path.stem.removeprefix("test_") not in modules:
            advice = "name it after the notebook whose exercises it tests"
            yield f"{places.of_file(path)} belongs to no notebook of {assignment.name}; {advice}"
        tests += _tests(path)
    for test in tests:
        yield from _of_test(assignment, test)
    yield from _untested(assignment, tests)


def _of_test(assignment: Assignment, test: Test) -> Iterator[str]:
    if not test.sentence:
        yield f"{test.place} has no docstring; say in its first line, in a student's words, which behaviour it is about"
    if not test.exercise:
        yield f'{test.place} belongs to no exercise; write @exercise("NAME") above it'
        return
    try:
        exercise = assignment.exercise(test.exercise)
    except CourseError as error:
        yield f"{test.place}: {error}"
        return
    if test.part and test.part not in dict(exercise.parts):
        advice = f"list it with its points in {places.of_list(assignment)}"
        yield f"{test.place}: {exercise.name} has no part {test.part!r}; {advice}"


def _untested(assignment: Assignment, tests: list[Test]) -> Iterator[str]:
    public = {(test.exercise, test.part) for test in tests if test.path.parent.name == "public"}
    for notebook in assignment.notebooks:
        file = places.of_file(assignment.tests / "public" / f"test_{notebook.module}.py")
        for exercise in notebook.exercises:
            if (exercise.name, "") not in public:
                yield f'{file}: no public test is about {exercise.name}; write one, with @exercise("{exercise.name}")'
            for part, _ in exercise.parts:
                if (exercise.name, part) not in public:
                    mark = f'@exercise("{exercise.name}", part="{part}")'
                    problem = f"no public test is about the part {part!r} of {exercise.name}"
                    yield f"{file}: {problem}; write one, with {mark}"


def _tests(path: Path) -> list[Test]:
    try:
        body = ast.parse(path.read_text(encoding="utf-8")).body
    except SyntaxError as error:
        raise CourseError(f"{places.of_file(path)}:{error.lineno}: not valid Python: {error.msg}") from None
    functions = [node for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    return [_test(path, function) for function in functions]


def _test(path: Path, function: ast.FunctionDef) -> Test:
    exercise = part = ""
    for mark in function.decorator_list:
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "exercise":
            words = [
                each.value for each in (*mark.args, *(k.value for k in mark.keywords)) if isinstance(each, ast.Constant)
            ]
            exercise, part = ([*map(str, words), "", ""])[:2]
    sentence = (ast.get_docstring(function) or "").strip()
    return Test(path, function.lineno, function.name, sentence, exercise, part)
