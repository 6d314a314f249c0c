"""`cs-lib hint`: the hint for an exercise, and for what the saved answer to it gets wrong."""

from cs_lib.checking.marking import ExerciseMark
from cs_lib.checking.report import CheckReport
from cs_lib.checking.waiting import all_needed
from cs_lib.course import Exercise, find_exercise, load_assignment
from cs_lib.submission.outcomes import NOT_STARTED, WAITING
from cs_lib.terminal.check import with_checker
from cs_lib.terminal.checker import Checker
from cs_lib.terminal.pen import Pen
from cs_lib.terminal.saved import all_of


def run(name: str) -> int:
    """Write the hints for the exercise called `name`; raises CourseError, naming the closest, where there is none."""
    exercise, pen = find_exercise(name), Pen()
    pen.line(f"{exercise.name}, in {exercise.notebook}.ipynb, {exercise.total} points")
    pen.folded(f"Hint: {exercise.hint}", 2)
    assignment = load_assignment(exercise.assignment)
    saved = next(each for each in all_of(assignment) if each.notebook.name == exercise.notebook)

    def work(checker: Checker) -> None:
        submitted = checker.read(saved)
        if submitted is None:
            pen.folded(f"Your notebook cannot be read: {checker.problems[saved]}.", 0)
            return
        only = {each.name for each in (*all_needed(exercise, assignment), exercise)}
        marks = {news.now.exercise.name: news.now for news in checker.check(saved, submitted, only)}
        _write_standing(exercise, marks[exercise.name], pen)

    with_checker([saved], work, pen)
    return 0


def _write_standing(exercise: Exercise, mark: ExerciseMark, pen: Pen) -> None:
    """Write how the saved answer stands, and the hints of the mistakes that explain it."""
    failure = mark.first_failure
    if failure is None:
        pen.line("Your saved answer is done.")
    elif mark.word == NOT_STARTED:
        pen.line(f"In the saved notebook it is {NOT_STARTED}.")
    elif mark.word == WAITING:
        pen.folded(f"In the saved notebook it {failure.message}. See first to that.", 0)
    elif mark.diagnosis:
        pen.line(f"Your saved answer is {mark.standing}:")
        pen.folded(str(mark.diagnosis), 2)
    else:
        pen.line(f"Your saved answer is {mark.standing}:")
        pen.folded(str(CheckReport(mark).finding), 2)
        pen.line(f"All of its checks: cs-lib check {exercise.notebook}")
