"""Grade one submission: the unit of work, the same on this machine and on a cluster.

A result holds nothing that differs from one run to the next: no time, no absolute path, no address in memory.
"""

import contextlib
import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import cs_lib
from cs_lib.checking.marking import ExerciseMark, TestResult
from cs_lib.checking.pytest_plugin import Round
from cs_lib.course import ROOT, Assignment, Exercise, load_assignment
from cs_lib.instructor.grading.archives import ARCHIVE, UnsafeArchive, unpack_submission
from cs_lib.instructor.grading.handed_in import HandedIn
from cs_lib.instructor.grading.intake import Submission
from cs_lib.instructor.grading.jobs import Prints, Terms
from cs_lib.instructor.grading.result import GRADED, UNREADABLE, ExerciseOutcome, Result, TestOutcome
from cs_lib.instructor.grading.store import FULL, room
from cs_lib.submission import sandbox
from cs_lib.submission.notebook import MAX_BYTES
from cs_lib.submission.outcomes import NOT_JUDGED, one_line

LONGEST_MESSAGE = 1500
LONGEST_ANSWER = 20_000
"""Characters of one written answer that are kept; a page has about 3,000."""
INCOMPLETE = "incomplete"
"""The key in `graded_from` that says that grading itself failed somewhere: such a result is not kept."""
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}")
REFERENCE = re.compile(r"\bcs_lib\.reference\.(\w+)")
SCRATCH = re.compile(r"\bsubmission-\w{8}\b")
"""The name of a submission's scratch directory, which is another one in each run."""
ABSOLUTE = re.compile(r"(?<![\w.:/<])/(?:[^\s/'\"():,<>]+/)+(?=[^\s/'\"():,<>])")


@dataclass(frozen=True)
class Grade:
    """A result, and what is kept beside it to compare submissions with."""

    result: Result
    prints: Prints = field(default_factory=dict)
    """The fingerprint of each exercise's code: see cs_lib.instructor.grading.reports.likeness."""


class Grader:
    """Grades submissions of one assignment, one at a time.

    run: runs the assignment's tests on one submission
    """

    def __init__(self, terms: Terms, run: Round) -> None:
        self.terms = terms
        self.assignment = load_assignment(terms.assignment)
        self.run = run
        self.grounds = grounds(terms, self.assignment)
        self.total = sum(each.total for each in self.assignment.exercises)

    def graded_from(self, submission: Submission) -> dict[str, str]:
        """Return what a result of this submission rests on: a result that rests on the same is kept."""
        return {**self.grounds, "submission": digest_of_submission(submission)}

    def grade(self, submission: Submission, exercises: Sequence[str] = ()) -> Grade:
        """Return the result of a submission, of these exercises or of all of them; what goes wrong is a result, too.

        Raises DiskFull where there is no room for scratch files.
        """
        scratch = tempfile.TemporaryDirectory(prefix="graded-", ignore_cleanup_errors=True)
        with room(Path(tempfile.gettempdir())), scratch as folder:
            files, problems = _notebooks(submission, Path(folder))
            terms = self.terms
            door = HandedIn(self.assignment, files, terms.call_seconds, terms.submission_seconds, exercises)
            problems += door.problems
            if not door.doors:
                return Grade(self._result(submission, UNREADABLE, clean(one_line("; ".join(problems)))))
            try:
                return Grade(self._marked(submission, self.run(door, door.unasked), door, problems), self._prints(door))
            except (Exception, SystemExit) as error:
                return self.failed(submission, f"{type(error).__name__}: {error}")
            finally:
                door.close()

    def failed(self, submission: Submission, reason: str) -> Grade:
        """Return the result of a submission on which the grader itself failed, which the next run tries again."""
        said = f"grading failed, which is not the student's fault: a human should look ({clean(one_line(reason))})"
        result = self._result(submission, UNREADABLE, said)
        return Grade(replace(result, graded_from=result.graded_from | {INCOMPLETE: "grading failed"}))

    def _prints(self, door: HandedIn) -> Prints:
        # Imported late, because what the reports need takes a second to import.
        from cs_lib.instructor.grading.reports.likeness import fingerprints

        found: Prints = {}
        for name, own in door.doors.items():
            notebook = own.submitted[name]
            cells = [cell.source for cell in notebook.cells] if notebook else []
            found |= fingerprints(cells, self.assignment.notebook(name).exercises)
        return found

    def _result(self, submission: Submission, status: str, reason: str, **found: Any) -> Result:
        return Result(
            name=submission.name,
            status=status,
            maximum=self.total,
            reason=reason,
            student=submission.student,
            identity=submission.identity,
            attempt=submission.attempt,
            late=submission.late,
            graded_from=self.graded_from(submission),
            **found,
        )

    def _marked(
        self, submission: Submission, marks: Sequence[ExerciseMark], door: HandedIn, problems: Sequence[str]
    ) -> Result:
        by_name = {mark.exercise.name: mark for mark in marks}
        wanted = [each for each in self.assignment.exercises if door.includes(each)]
        exercises = tuple(_outcome(each, by_name.get(each.name)) for each in wanted)
        unjudged = [test.message for each in exercises for test in each.tests if test.word == NOT_JUDGED]
        result = self._result(
            submission,
            GRADED,
            clean(one_line("; ".join([*problems, *unjudged[:1]]))),
            score=sum(each.points for each in exercises),
            exercises=exercises,
            answers=_written_answers(self.assignment, door),
        )
        incomplete = {INCOMPLETE: "a check itself failed"} if unjudged else {}
        return replace(result, graded_from=result.graded_from | incomplete)


def with_exercises(known: Result, fresh: Result) -> Result:
    """Return a known result with those of its exercises replaced that were graded again."""
    if fresh.status != GRADED or known.status != GRADED:
        return fresh
    again = {each.name: each for each in fresh.exercises}
    exercises = tuple(again.get(each.name, each) for each in known.exercises)
    return replace(known, exercises=exercises, score=sum(each.points for each in exercises))


def clean(text: str, limit: int = LONGEST_MESSAGE) -> str:
    """Return text that is partly of a submission's making, fit to be kept: bounded, printable, the same every time."""
    text = SCRATCH.sub("submission-…", ADDRESS.sub("0x…", text[: 4 * limit]))
    text = ABSOLUTE.sub("", text)
    text = "\n".join(map(_printable, text.split("\n")))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _printable(line: str) -> str:
    return line if line.isprintable() else "".join(sign for sign in line if sign.isprintable())


def _outcome(exercise: Exercise, mark: ExerciseMark | None) -> ExerciseOutcome:
    if mark is None:
        return ExerciseOutcome(exercise.name, exercise.notebook, 0, exercise.total, NOT_JUDGED)
    known = mark.diagnosis.suspects if mark.diagnosis else ()
    unknown = (exercise.hint,) if mark.points < exercise.total else ()
    return ExerciseOutcome(
        name=exercise.name,
        notebook=exercise.notebook,
        points=mark.points,
        maximum=exercise.total,
        standing=mark.standing,
        tests=tuple(_test(each, known=bool(known)) for each in mark.results),
        misconceptions=mark.diagnosis.titles if mark.diagnosis else (),
        hints=tuple(" ".join(each.hint for each in suspect) for suspect in known) or unknown,
    )


def _test(result: TestResult, *, known: bool) -> TestOutcome:
    # Where the mistake is known, a general guess at the cause would only contradict it.
    finding = replace(result.finding, cause="") if result.finding and known else result.finding
    message = str(finding) if finding else result.message
    return TestOutcome(result.sentence, result.word, clean(message), result.part, result.hidden)


def _notebooks(submission: Submission, folder: Path) -> tuple[list[Path], list[str]]:
    """Return the submission's notebooks, those in zips unpacked below `folder`, and what is wrong with others."""
    files: list[Path] = []
    problems = [submission.problem] if submission.problem else []
    for number, file in enumerate(submission.files):
        if file.suffix != ARCHIVE:
            files.append(file)
            continue
        try:
            files += unpack_submission(file, folder / str(number))
        except UnsafeArchive as error:
            problems.append(f"{file.name}: {error}")
        except OSError as error:
            if error.errno in FULL:
                raise
            problems.append(f"{file.name}: cannot be read: {error.strerror}")
    return files, problems


def _written_answers(assignment: Assignment, door: HandedIn) -> dict[str, str]:
    """Return what stands in the cells of the assignment's questions, where it is not what stood there before."""
    answers = {}
    for notebook in assignment.notebooks:
        if notebook.questions and notebook.name in door.doors:
            before = _untouched(assignment.folder / f"{notebook.name}.ipynb")
            found = _question_cells(door.doors[notebook.name].path)
            for question in notebook.questions:
                answer = found.get(question.name, "").strip()
                if answer and answer != before.get(question.name, "").strip():
                    answers[question.name] = _kept(answer)
    return answers


@cache
def _untouched(path: Path) -> dict[str, str]:
    return _question_cells(path)


def _kept(answer: str) -> str:
    """Return a written answer as it may be kept: all of its signs but control codes, and a bounded number of them."""
    text = "".join(sign for sign in answer[:LONGEST_ANSWER] if sign.isprintable() or sign in "\n\t")
    return text + (" …" if len(answer) > LONGEST_ANSWER else "")


def _question_cells(path: Path) -> dict[str, str]:
    """Return the text of the cells tagged `question:NAME`, by name; a notebook that can be graded is JSON."""
    cells: dict[str, str] = {}
    with contextlib.suppress(OSError, ValueError, RecursionError):
        for cell in json.loads(path.read_text(encoding="utf-8-sig"))["cells"]:
            for name in _questions(cell):
                source = cell.get("source", "")
                lines = source if isinstance(source, list) else [source]
                text = "".join(line for line in lines if isinstance(line, str))
                cells[name] = "\n\n".join(filter(None, [cells.get(name, ""), text]))
    return cells


def _questions(cell: Any) -> Iterator[str]:
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, str) and tag.startswith("question:"):
            yield tag.removeprefix("question:")


def grounds(terms: Terms, assignment: Assignment) -> dict[str, str]:
    """Return what all results of one run rest on; raises DiskFull where there is no room for a sandbox."""
    with room(Path(tempfile.gettempdir())):
        protection = sandbox.choose(terms.sandbox)
    limits = f"{terms.call_seconds:g} s a call, {terms.submission_seconds:g} s a submission"
    return {
        "tests": digest_of_tests(assignment),
        "cs_lib": cs_lib.__version__,
        "limits": limits,
        "protection": protection,
    }


@cache
def digest_of_tests(assignment: Assignment) -> str:
    """Return the hash of all that decides on marks: the tests, the reference and assignment.toml."""
    tests = [path for kind in ("*.py", "*.toml", "*.npz") for path in assignment.tests.rglob(kind)]
    files = [*tests, *_reference_files(assignment), assignment.folder / "assignment.toml"]
    digest = hashlib.sha256()
    for path in sorted(files):
        _add(digest.update, path.relative_to(assignment.folder.parent.parent).as_posix(), path)
    return digest.hexdigest()


def _reference_files(assignment: Assignment) -> list[Path]:
    """Return the modules of the assignment's answers, those that they import, and their known mistakes."""
    room, found = ROOT / "cs_lib" / "reference", set[str]()
    todo = [notebook.module for notebook in assignment.notebooks]
    while todo:
        module = todo.pop()
        path = room / f"{module}.py"
        if module not in found and path.is_file():
            found.add(module)
            todo += REFERENCE.findall(path.read_text(encoding="utf-8"))
    return [path for module in found for kind in (".py", ".toml") if (path := room / f"{module}{kind}").is_file()]


@lru_cache(maxsize=1)
def digest_of_submission(submission: Submission) -> str:
    """Return the hash of all files of a submission: their names, sizes and bytes."""
    digest = hashlib.sha256(submission.problem.encode("utf-8", "replace"))
    for file in submission.files:
        _add(digest.update, file.name, file)
    return digest.hexdigest()


def _add(update: Callable[[bytes], None], name: str, path: Path) -> None:
    """Add a file to a digest: its name and its bytes, or its size alone where nobody will read it."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MAX_BYTES else b"too large"
    except OSError as error:
        size, content = 0, f"unreadable: {error.strerror}".encode()
    update(f"{name}\0{size}\0".encode("utf-8", "replace"))
    update(content)
