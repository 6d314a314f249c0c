"""The list of students: who each submission belongs to, who handed in nothing, and what belongs to nobody."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cs_lib.course import CourseError
from cs_lib.instructor.grading.intake import Submission
from cs_lib.instructor.grading.naming import Slugs, folded, folded_ways

IDENTITIES = (
    *("id", "studentid", "idnumber", "identifier", "sisuserid", "sisloginid", "login", "username", "email"),
    *("emailaddress", "userid", "user", "matriculation", "number", "netid", "participant"),
)
NAMES = ("student", "name", "fullname", "studentname", "displayname")
FIRST, LAST = ("firstname", "givenname", "forename"), ("lastname", "surname", "familyname")
NOBODY = ("pointspossible", "studenttest", "teststudent")
"""What learning platforms list among the students, and is none."""


@dataclass(frozen=True)
class Student:
    """One line of the roster."""

    name: str
    identity: str
    keys: frozenset[str]
    """All that a submission of this student may be known by."""


@dataclass(frozen=True)
class Matched:
    """The class beside its roster."""

    submissions: tuple[Submission, ...]
    missing: tuple[Submission, ...]
    """One submission without files for each student who handed in nothing."""
    strangers: tuple[Submission, ...]
    """Those that belong to nobody on the roster; they are graded as well."""


def read_roster(path: Path) -> list[Student]:
    """Return the students in a table with a column id or name; raises CourseError where it is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            sample = file.read(4096)
            file.seek(0)
            delimiter = max(",;\t", key=sample.partition("\n")[0].count)
            rows = [_by_column(row) for row in csv.DictReader(file, delimiter=delimiter)]
    except OSError as error:
        raise CourseError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, csv.Error) as error:
        raise CourseError(f"{path}: not a table in UTF-8: {error}") from None
    students = [student for row in rows if (student := _student(row))]
    if not students:
        raise CourseError(f"{path}: no student in it; give a table with the columns id and name")
    return students


def match(submissions: Sequence[Submission], students: Iterable[Student]) -> Matched:
    """Return each submission with its student's name and id, who is missing, and what belongs to nobody."""
    students = list(students)
    counts = Counter(key for student in students for key in student.keys)
    # Two students of one name are told apart by their ids alone.
    owners = {key: student for student in students for key in student.keys if counts[key] == 1}
    found, strangers, present = [], [], set()
    for submission in submissions:
        student = _owner(submission, owners)
        if student is None:
            found.append(submission)
            strangers.append(submission)
            continue
        present.add(student)
        found.append(replace(submission, student=student.name, identity=student.identity or submission.identity))
    slugs = Slugs()
    slugs.taken |= {each.name.casefold() for each in submissions}
    absent = [student for student in students if student not in present]
    missing = tuple(Submission(slugs.unique(each.name), each.name, each.identity) for each in absent)
    return Matched(tuple(found), missing, tuple(strangers))


def _owner(submission: Submission, owners: Mapping[str, Student]) -> Student | None:
    ways = [folded(submission.identity), folded(submission.student), *folded_ways(submission.student)]
    return next((owners[way] for way in ways if way and way in owners), None)


def _by_column(row: Mapping[str | None, str | list[str] | None]) -> dict[str, str]:
    """Return a row by its columns' names, as they are compared."""
    return {folded(key): value.strip() for key, value in row.items() if key and isinstance(value, str)}


def _student(row: Mapping[str, str]) -> Student | None:
    identities = [row[column] for column in IDENTITIES if row.get(column)]
    name = _first(row, NAMES) or f"{_first(row, FIRST)} {_first(row, LAST)}".strip()
    if not (name or identities) or folded(name) in NOBODY:
        return None
    keys = {folded(each) for each in identities} | {folded(each.partition("@")[0]) for each in identities}
    keys |= {folded(each.removeprefix("Participant ")) for each in identities}
    keys |= set(folded_ways(name))
    return Student(name or identities[0], identities[0] if identities else "", frozenset(keys - {""}))


def _first(row: Mapping[str, str], columns: Iterable[str]) -> str:
    return next((row[column] for column in columns if row.get(column)), "")
