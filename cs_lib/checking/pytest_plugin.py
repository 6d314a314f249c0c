"""What makes plain pytest files the tests of exercises: the fixtures `student` and `reference`, and the score.

A test names its exercise with `@exercise("hinge_backward")` and says in its docstring's first line, in a student's
words, which behaviour it is about. Without `--submission`, the tests grade the solved notebooks where the course has
them, and a student's own notebooks where it does not.
"""

from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from cs_lib.checking.answers import Answers, Case, Reference
from cs_lib.checking.assertions import Caller, StudentFunction
from cs_lib.checking.doors import Door, SubmittedFiles
from cs_lib.checking.marking import PASSED, ExerciseMark, TestResult, mark, score_table
from cs_lib.checking.quantities import Mismatch
from cs_lib.course import CourseError, Exercise, find_exercise, load_assignment
from cs_lib.submission.notebook import UnreadableNotebook
from cs_lib.submission.outcomes import NOT_JUDGED, WRONG, NoAnswer
from cs_lib.submission.process import CALL_SECONDS

EXERCISE = pytest.StashKey[Exercise]()
MARKER = "exercise"
GRADING = "grading"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("grading")
    group.addoption("--submission", type=Path, metavar="PATH", help="the notebook, or folder of notebooks, to grade")
    group.addoption(
        "--call-seconds",
        type=float,
        default=CALL_SECONDS,
        metavar="S",
        help="how long one call of a submitted function may take (default: %(default)s)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARKER}(name, part): the exercise, and its part, that a test belongs to")
    if not config.pluginmanager.has_plugin(GRADING):
        config.pluginmanager.register(Grading(config))


class Grading:
    """One run of the tests: the doors it opens, and the results it collects."""

    __name__ = GRADING  # what pytest's plugin manager knows an object by

    def __init__(
        self, config: pytest.Config | None = None, door: Door | None = None, answers: Answers | None = None
    ) -> None:
        self.config = config
        self.live = door
        self.answers = answers
        self.doors: dict[str, Door] = {}
        self.results: list[TestResult] = []
        self.exercises: dict[str, Exercise] = {}
        self.cases: dict[str, list[Case]] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        if self.live:
            config.option.tbstyle = "native"  # nobody sees these tracebacks, and the plainest is the quickest

    def door(self, exercise: Exercise) -> Door:
        """Return the door to the submission for this exercise's assignment; raises CourseError, UnreadableNotebook."""
        if self.live:
            return self.live
        if exercise.assignment not in self.doors:
            assert self.config is not None
            assignment = load_assignment(exercise.assignment)
            solved = assignment.solutions if assignment.solutions.is_dir() else assignment.folder
            path = self.config.getoption("--submission") or solved
            self.doors[exercise.assignment] = SubmittedFiles(assignment, path, self.config.getoption("--call-seconds"))
        return self.doors[exercise.assignment]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the tests of the exercises that were handed in, those of one exercise together and in its order."""
        chosen, others = [], []
        try:
            for item in items:
                marker = item.get_closest_marker(MARKER)
                if marker is None:
                    others.append(item)
                    continue
                exercise = item.stash[EXERCISE] = find_exercise(marker.args[0])
                _require_part(exercise, marker.kwargs.get("part", ""))
                self.exercises[exercise.name] = exercise
                if self.door(exercise).includes(exercise):
                    chosen.append(item)
        except (CourseError, UnreadableNotebook) as error:
            raise pytest.UsageError(str(error)) from None
        chosen.sort(key=lambda item: (_place(item.stash[EXERCISE]), _is_hidden(item)))
        kept = {*chosen, *others}
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = [*others, *chosen]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        exercise = item.stash.get(EXERCISE, None)
        error = call.excinfo.value if call.excinfo else None
        if exercise and (call.when == "call" or error):
            self.results.append(_result(item, exercise, error))
            if isinstance(error, Mismatch | NoAnswer):
                report.longrepr = f"{exercise.name}: {self.results[-1].word}\n{error}"
        return report

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        # The solved notebooks' score is no news; a submission's is what was asked for.
        if self.results and (terminalreporter.config.getoption("--submission") or self._failed()):
            terminalreporter.section("score by exercise")
            terminalreporter.write_line(score_table(self.marks()))

    def marks(self) -> list[ExerciseMark]:
        """Return the marks of all exercises that were tested, in the assignment's order."""
        return mark(sorted(self.exercises.values(), key=_place), self.results, self.cases)

    def pytest_sessionfinish(self) -> None:
        for door in self.doors.values():
            door.close()

    def _failed(self) -> bool:
        return any(result.word != PASSED for result in self.results)


class Round(Protocol):
    """Runs the collected tests on one submission, and returns its marks."""

    def __call__(self, door: Door, unasked: Mapping[str, NoAnswer] = ...) -> list[ExerciseMark]:
        """Run the tests of those exercises that the door includes.

        unasked: the exercises, by name, that have nothing to ask, with what every test of theirs would raise
        """


class Rounds(Grading):
    """Tests that are collected once, and run on one submission after another."""

    def __init__(self, work: Callable[[Round], None]) -> None:
        super().__init__(door=AllExercises())
        self.work = work
        self.items: list[pytest.Item] = []
        self.uncollected: list[str] = []
        self.error: BaseException | None = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what cannot be collected: a suite with a file missing would grade wrongly."""
        if report.failed:
            self.uncollected.append(f"{report.nodeid}: {str(report.longrepr).strip().splitlines()[-1]}")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Do the work in place of pytest's one run of every test; what the work raises is kept in `error`."""
        self.items = [item for item in session.items if EXERCISE in item.stash]
        try:
            if self.items and not self.uncollected:
                self.work(self.run)
        except BaseException as error:
            self.error = error
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Keep what the test said, in place of the traceback that pytest would write and nobody would read."""
        error = call.excinfo.value if call.excinfo else None
        if call.when == "call" or error:
            self.results.append(_result(item, item.stash[EXERCISE], error))
        when: Any = call.when  # of a test, never of its collection
        return pytest.TestReport(item.nodeid, item.location, {}, "failed" if error else "passed", None, when)

    def run(self, door: Door, unasked: Mapping[str, NoAnswer] = {}) -> list[ExerciseMark]:
        """Run the tests of those exercises that the door includes; see Round."""
        self.live, self.results, self.cases = door, [], {}
        items = [item for item in self.items if door.includes(item.stash[EXERCISE])]
        asked = [item for item in items if item.stash[EXERCISE].name not in unasked]
        for item, following in zip(asked, [*asked[1:], None], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        silent = ((item, unasked.get(item.stash[EXERCISE].name)) for item in items)
        self.results += [_result(item, item.stash[EXERCISE], reason) for item, reason in silent if reason]
        return self.marks()


class AllExercises:
    """Stands for a submission while the tests are collected: any exercise may be asked for later."""

    def includes(self, exercise: Exercise) -> bool:  # noqa: ARG002 the interface of a door
        return True

    def open(self, exercise: Exercise) -> Caller:
        raise CourseError(f"{exercise.name}: a test calls the submission before it is run")

    def close(self) -> None:
        """Nothing was started."""


@pytest.fixture
def student(request: pytest.FixtureRequest) -> "Student":
    """The submission under test: `student.hinge_backward` calls the student's function of that name."""
    grading: Any = request.config.pluginmanager.get_plugin(GRADING)
    exercise: Exercise = request.node.stash[EXERCISE]
    cases = grading.cases.setdefault(exercise.name, [])
    return Student(grading.door(exercise).open(exercise), cases, _name(request.node))


@pytest.fixture
def reference(request: pytest.FixtureRequest) -> Reference:
    """The right answers: `reference.hinge_backward` is called as the student's function is."""
    grading: Any = request.config.pluginmanager.get_plugin(GRADING)
    return Reference(_name(request.node), grading.answers)


class Student:
    """Gives the student's functions as attributes."""

    def __init__(self, caller: Caller, cases: list[Case], test: str) -> None:
        self._caller = caller
        self._cases = cases
        self._test = test

    def __getattr__(self, name: str) -> StudentFunction:
        return StudentFunction(name, self._caller, self._cases, self._test)


def _name(item: pytest.Item) -> str:
    """Return a test's name, the same wherever the course's folder is."""
    return f"{item.path.name}::{item.nodeid.partition('::')[2]}"


def _result(item: pytest.Item, exercise: Exercise, error: BaseException | None) -> TestResult:
    return TestResult(
        exercise=exercise.name,
        sentence=_sentence(item),
        word=_word(error),
        message=_message(error),
        finding=error.finding if isinstance(error, Mismatch) else None,
        part=_part(item),
        hidden=_is_hidden(item),
    )


def _word(error: BaseException | None) -> str:
    if error is None:
        return PASSED
    if isinstance(error, NoAnswer):
        return error.word
    return WRONG if isinstance(error, AssertionError) else NOT_JUDGED


def _message(error: BaseException | None) -> str:
    if error is None:
        return ""
    if isinstance(error, NoAnswer | AssertionError):
        return str(error).partition("\nassert ")[0]  # pytest adds the source of a plain `assert` to its message
    return f"this check itself failed ({type(error).__name__}: {error}); please tell your instructor"


def _sentence(item: pytest.Item) -> str:
    function = getattr(item, "function", None)
    first_line = (getattr(function, "__doc__", None) or "").strip().split("\n")[0]
    sentence = first_line or item.name.removeprefix("test_").replace("_", " ")
    case = getattr(item, "callspec", None)
    return f"{sentence.rstrip('.')} ({case.id})" if case else sentence.rstrip(".")


def _place(exercise: Exercise) -> tuple[str, int]:
    names = [each.name for each in load_assignment(exercise.assignment).exercises]
    return exercise.assignment, names.index(exercise.name)


def _require_part(exercise: Exercise, part: str) -> None:
    if part and part not in dict(exercise.parts):
        raise CourseError(f"{exercise.name} has no part {part!r}; list it with its points in assignment.toml")


def _part(item: pytest.Item) -> str:
    marker = item.get_closest_marker(MARKER)
    return str(marker.kwargs.get("part", "")) if marker else ""


def _is_hidden(item: pytest.Item) -> bool:
    return item.path.parent.name == "hidden"
