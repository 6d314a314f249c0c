"""feedback/NAME.html: what a student reads of the grading; of hidden tests only their sentence and passed or not."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from cs_lib.course import Assignment
from cs_lib.instructor.grading.reports.page import NOT_PASSED, code, counted, escaped, named, number, page, standing
from cs_lib.instructor.grading.reports.whole_file import write_whole
from cs_lib.instructor.grading.reports.written import Marks, questions
from cs_lib.instructor.grading.reports.written_page import titled
from cs_lib.instructor.grading.result import GRADED, ExerciseOutcome, Result, TestOutcome
from cs_lib.submission.outcomes import DONE, NOT_JUDGED

SAME_NUMBERS = "These mistakes give the same numbers here, so it is one of them:"


def write_feedback(
    assignment: Assignment, folder: Path, result: Result, answers: Mapping[str, str], marks: Marks
) -> None:
    """Write the page of one submission into `folder`; raises ValueError where its name is no name for a file.

    answers: the written answers, by question
    """
    if Path(result.name).name != result.name or result.name in ("", ".", ".."):
        raise ValueError(f"{result.name!r} cannot be a file's name")
    write_whole(folder / f"{result.name}.html", feedback(assignment, result, answers, marks))


def feedback(assignment: Assignment, result: Result, answers: Mapping[str, str], marks: Marks) -> str:
    """Return the page of one submission."""
    who = result.student or result.name
    main = [_exercises(assignment, result.exercises)] if result.exercises else []
    if result.status == GRADED and questions(assignment):
        main.append(_written(assignment, answers, marks, result.name))
    return page(f"{who}: {assignment.title}", _header(assignment, result, marks), "\n".join(main))


def _header(assignment: Assignment, result: Result, marks: Marks) -> str:
    parts = [f'<p class="kicker">{escaped(assignment.title)}</p>', f"<h1>{named(result.student or result.name)}</h1>"]
    parts += _score(marks.score(result), marks.out_of(result)) if result.status == GRADED else []
    tags = ["handed in late"] * result.late + [f"attempt {result.attempt}"] * (result.attempt > 1)
    labels = "".join(f'<span class="tag">{tag}</span>' for tag in tags)
    parts += [f"<p>{labels}</p>"] if tags else []
    if result.status != GRADED:
        reason = escaped(result.reason) or "Please ask your instructor."
        parts.append(f'<div class="note"><p><strong>This could not be graded.</strong></p><p>{reason}</p></div>')
    elif reason := open_reason(result):
        parts.append(f'<div class="note"><p>{escaped(reason)}</p></div>')
    if result.status == GRADED and questions(assignment) and not marks.maximum:
        parts.append('<p class="soft">Without the written answers, which are marked by hand.</p>')
    return "\n".join(parts)


def _score(score: float, maximum: int) -> list[str]:
    share = min(100.0, 100 * score / maximum) if maximum else 0.0
    return [
        f'<p class="score"><strong>{number(score)}</strong> of {counted(maximum, "point")}</p>',
        f'<div class="bar" aria-hidden="true"><div style="width: {share:.1f}%"></div></div>',
    ]


def open_reason(result: Result) -> str:
    """Return what there is to say of a graded submission, unless a hidden test may have said it."""
    hidden = [test for exercise in result.exercises for test in exercise.tests if test.hidden and not test.passed]
    silent = any(test.word == NOT_JUDGED or (test.message and test.message in result.reason) for test in hidden)
    return "" if silent else result.reason


def _exercises(assignment: Assignment, exercises: tuple[ExerciseOutcome, ...]) -> str:
    """Return a table of all exercises, and below it each of them in full."""
    rows, sections = [], []
    for notebook, group in groupby(exercises, key=lambda each: each.notebook):
        name = escaped(next((each.title for each in assignment.notebooks if each.name == notebook), notebook))
        shown = [_shown(exercise) for exercise in group]
        rows.append(f'<tr><th scope="rowgroup" colspan="3">{name}</th></tr>')
        rows += [row for row, _ in shown]
        sections += [f"<h2>{name}</h2>\n", *(article for _, article in shown)]
    done = sum(each.standing == DONE for each in exercises)
    return (
        f"<h2>At a glance</h2>\n<p>{done} of {counted(len(exercises), 'exercise')} done.</p>\n"
        '<table><thead><tr><th scope="col">Exercise</th><th scope="col">How it stands</th>'
        '<th scope="col" class="number">Points</th></tr></thead>\n'
        f"<tbody>{''.join(rows)}</tbody></table>\n{''.join(sections)}"
    )


# Much of a class answers an exercise with the same result, which is put into HTML once.
@lru_cache(maxsize=4096)
def _shown(exercise: ExerciseOutcome) -> tuple[str, str]:
    """Return an exercise's row in the table of all, and its part of the page."""
    return _overview_row(exercise), _exercise(exercise)


def _overview_row(exercise: ExerciseOutcome) -> str:
    return (
        f'<tr><th scope="row"><a href="#{escaped(exercise.name)}">{code(exercise.name)}</a></th>'
        f"<td>{standing(exercise.standing)}</td>"
        f'<td class="number">{exercise.points} of {exercise.maximum}</td></tr>\n'
    )


def _exercise(exercise: ExerciseOutcome) -> str:
    name = escaped(exercise.name)
    head = (
        f'<div class="head"><h3 id="{name}-title">{code(exercise.name)}</h3>'
        f"<span>{standing(exercise.standing)}, {exercise.points} of {counted(exercise.maximum, 'point')}</span></div>"
    )
    passed = sum(test.passed for test in exercise.tests)
    if not exercise.tests:
        checks = f'<p class="soft">No check was run.</p>{_explanation(exercise)}'
    elif passed == len(exercise.tests):
        checks = f"<details><summary>{_all_passed(passed)}</summary>\n{_tests(exercise.tests)}</details>"
    else:
        checks = f'<p class="soft">{passed} of {counted(len(exercise.tests), "check")} pass.</p>\n'
        checks += _tests(exercise.tests) + _explanation(exercise)
    return f'<article class="card" id="{name}" aria-labelledby="{name}-title">\n{head}\n{checks}</article>\n'


def _all_passed(count: int) -> str:
    return "The check passed" if count == 1 else f"All {count} checks passed"


def _tests(tests: tuple[TestOutcome, ...]) -> str:
    if not tests:
        return ""
    head = '<thead><tr><th scope="col">Result</th><th scope="col">What is checked</th></tr></thead>'
    return f'<table class="stack">{head}\n<tbody>{"".join(map(_test, tests))}</tbody></table>\n'


def _test(test: TestOutcome) -> str:
    """Return a row. What a hidden test says of itself besides its sentence goes no further than this function."""
    if test.hidden:
        word = "passed" if test.passed else NOT_PASSED
        sentence, message = f'{escaped(test.sentence)} <span class="soft">(hidden check)</span>', ""
    else:
        word, sentence = test.word, escaped(test.sentence)
        message = f'<div class="said">{escaped(test.message)}</div>' if test.message else ""
    return f"<tr><td>{standing(word)}</td><td>{sentence}{message}</td></tr>\n"


def _explanation(exercise: ExerciseOutcome) -> str:
    """Return the known mistakes that explain the answers, each with its hint, or the exercise's own hint."""
    hints = [*exercise.hints, *[""] * len(exercise.misconceptions)]
    if not exercise.misconceptions:
        said = [f'<p class="pre"><strong>A hint.</strong> {escaped(hint)}</p>' for hint in exercise.hints if hint]
        return f'<div class="note">{"".join(said)}</div>\n' if said else ""
    said = [
        f"<strong>{escaped(title)}.</strong> {escaped(hint)}"
        for title, hint in zip(exercise.misconceptions, hints, strict=False)
    ]
    if len(said) == 1:
        return f'<div class="note"><p class="pre">{said[0]}</p></div>\n'
    return f'<div class="note"><p>{SAME_NUMBERS}</p><ul>{"".join(f"<li>{each}</li>" for each in said)}</ul></div>\n'


def _written(assignment: Assignment, answers: Mapping[str, str], marks: Marks, name: str) -> str:
    parts = ["<h2>Written answers</h2>\n"]
    for question in questions(assignment):
        mark = marks.of(name).get(question.name)
        stands = f"{number(mark.points)} of {counted(question.points, 'point')}" if mark else "not marked yet"
        answer = answers.get(question.name)
        said = f'<p class="said">{escaped(answer)}</p>' if answer else '<p class="soft">No answer was found.</p>'
        comment = f'<div class="note"><p class="pre">{escaped(mark.comment)}</p></div>' if mark and mark.comment else ""
        head = f"<h3>{escaped(titled(question.name))}</h3><span>marked by hand: {stands}</span>"
        parts.append(f'<article class="card"><div class="head">{head}</div>{said}{comment}</article>\n')
    return "".join(parts)
