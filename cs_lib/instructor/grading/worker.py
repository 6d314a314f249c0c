"""One process of the grader: a pytest session of its own, which grades the submissions it is sent, one at a time.

Started by cs_lib.instructor.grading.pool with the number of a file descriptor, the worker's end of a connection; it
ends when that closes.
"""

import contextlib
import signal
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType

from cs_lib.checking.running import serve_tests
from cs_lib.course import Assignment, CourseError, load_assignment
from cs_lib.instructor.grading.jobs import DiskFull, Graded, Hello, Job, Terms, Trouble
from cs_lib.instructor.grading.result import GRADED, Result, first_wrong, to_json
from cs_lib.instructor.grading.store import Store
from cs_lib.instructor.grading.unit import INCOMPLETE, Grader, with_exercises


def main(descriptor: int) -> None:
    """Grade what comes through the connection until it closes."""
    signal.signal(signal.SIGTERM, _stop)
    connection = Connection(descriptor)
    # The other side may be gone at any time, by Ctrl-C or a kill: then nothing here is wanted any more.
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        try:
            terms: Terms = connection.recv()
            assignment = load_assignment(terms.assignment)
            serve_tests(test_files(assignment), lambda run: _serve(connection, Grader(terms, run)))
        except (CourseError, DiskFull) as error:
            connection.send(Trouble(str(error), full=isinstance(error, DiskFull)))
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)


def test_files(assignment: Assignment) -> list[Path]:
    """Return all files of tests of an assignment, public and hidden."""
    return sorted(assignment.tests.glob("*/test_*.py"))


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _serve(connection: Connection, grader: Grader) -> None:
    connection.send(Hello())
    while True:
        job: Job = connection.recv()
        connection.send(_done(job, grader))


def _done(job: Job, grader: Grader) -> Graded:
    """Return the line on a submission, once its result is written, or with the result itself."""
    if job.grades is None:
        grade = grader.failed(job.submission, job.failed) if job.failed else grader.grade(job.submission)
        return replace(line_on(grade.result), result=to_json(grade.result), prints=grade.prints)
    store = Store(job.grades)
    known = store.kept(job.submission, grader.graded_from(job.submission))
    if known and not job.again and not job.failed:
        return replace(line_on(known), kept=True)
    if job.failed:
        grade = grader.failed(job.submission, job.failed)
    elif known and job.exercises:
        fresh = grader.grade(job.submission, job.exercises)
        grade = replace(fresh, result=with_exercises(known, fresh.result))
    else:
        grade = grader.grade(job.submission)
    store.write(grade.result, grade.prints)
    return line_on(grade.result)


def line_on(result: Result) -> Graded:
    """Return what is said of a result in one line."""
    return Graded(
        name=result.name,
        student=result.student,
        readable=result.status == GRADED,
        score=result.score,
        maximum=result.maximum,
        first=first_wrong(result),
        protection=result.graded_from["protection"],
        incomplete=INCOMPLETE in result.graded_from,
    )
