"""`cs-lib check`: how each exercise of the saved notebooks stands, said as soon as it is known."""

from collections.abc import Callable, Sequence

from cs_lib.checking.running import public_tests, serve_tests
from cs_lib.terminal.checker import Checker
from cs_lib.terminal.listing import is_done, write_exercise, write_heading, write_next, write_problems, write_summary
from cs_lib.terminal.pen import Pen
from cs_lib.terminal.saved import SavedNotebook, asked_for
from cs_lib.terminal.watch import watch_for_saves


def run(name: str, *, watch: bool) -> int:
    """List the exercises that `name` stands for; return 0 when all of them are done, else 1."""
    pen, done = Pen(), False

    def work(checker: Checker) -> None:
        nonlocal done
        list_exercises(checker, pen)
        done = is_done(checker)
        if watch:
            watch_for_saves(checker, pen)

    with_checker(asked_for(name), work, pen)
    return 0 if done or watch else 1


def with_checker(notebooks: Sequence[SavedNotebook], work: Callable[[Checker], None], pen: Pen) -> None:
    """Collect the public tests of these notebooks once, and do `work` with what checks them.

    Raises CourseError where the tests cannot be collected, and whatever `work` raises.
    """
    pen.passing_line("reading the tests …")
    files = sorted({public_tests(each.assignment, each.notebook) for each in notebooks})
    serve_tests(files, lambda run: work(Checker(run, notebooks)))


def list_exercises(checker: Checker, pen: Pen, *, next_step: bool = True) -> None:
    """Check all exercises and write how they stand, with the points and, where wanted, what to do next."""
    title = ""
    for saved in checker.notebooks:
        if saved.assignment.title != title:
            pen.line(("\n" if title else "") + saved.assignment.title)
            title = saved.assignment.title
        submitted = checker.read(saved)
        write_heading(saved, pen)
        write_problems(saved, checker, pen)
        exercises = saved.notebook.exercises
        if submitted:
            pen.passing_line(f"  checking {exercises[0].name} …")
            for number, news in enumerate(checker.check(saved, submitted), start=1):
                write_exercise(news.now, pen, exercises)
                if number < len(exercises):
                    pen.passing_line(f"  checking {exercises[number].name} …")
    write_summary(checker, pen)
    if next_step:
        write_next(checker, pen)
