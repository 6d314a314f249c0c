"""The grades as tables for other programs: grades.csv to open in a spreadsheet, grades.json with everything."""

import json
from collections.abc import Mapping
from typing import TextIO

from cs_lib.course import Assignment
from cs_lib.instructor.grading.reports.sheet import Cell, csv_line
from cs_lib.instructor.grading.reports.written import Marks, questions
from cs_lib.instructor.grading.result import Result, first_wrong

ABOUT = ("name", "student", "identity", "score", "maximum", "late", "status")


class GradesTable:
    """grades.csv, written row by row: one row a submission, one column an exercise, then the written questions."""

    def __init__(self, file: TextIO, assignment: Assignment, marks: Marks) -> None:
        self.file = file
        self.marks = marks
        self.exercises = [exercise.name for exercise in assignment.exercises]
        self.questions = [question.name for question in questions(assignment)]
        file.write(csv_line([*ABOUT, *self.exercises, *self.questions, "reason"]))

    def add(self, result: Result) -> None:
        """Write the row of one submission; an exercise that was not graded has an empty cell, never a bare 0."""
        points = {each.name: each.points for each in result.exercises}
        written = {name: mark.points for name, mark in self.marks.of(result.name).items()}
        earned: list[Cell] = [points.get(name, "") for name in self.exercises]
        earned += [written.get(name, "") for name in self.questions]
        about: list[Cell] = [result.name, result.student or result.name, result.identity]
        about += [self.marks.score(result), self.marks.out_of(result)]
        late = "late" if result.late else ""
        self.file.write(csv_line([*about, late, result.status, *earned, result.reason or first_wrong(result)]))


class GradesJson:
    """grades.json, written line by line: `assignment`, `results`, `written` and `totals`."""

    def __init__(self, file: TextIO, assignment: Assignment, marks: Marks) -> None:
        self.file = file
        self.marks = marks
        self.count = 0
        self.file.write(f'{{"assignment": {json.dumps(assignment.name)},\n"results": [')

    def add(self, result: Result) -> None:
        """Write one result, in a line of its own, as `from_json` of cs_lib.instructor.grading.result reads it."""
        self.file.write((",\n" if self.count else "\n") + _json(result))
        self.count += 1

    def finish(self, totals: Mapping[str, object]) -> None:
        """Write the marks of written answers and the totals of the class, and close the object."""
        self.file.write(f'\n],\n"totals": {_json(totals)},\n"written": {_json(self.marks.by_name)}}}\n')


def _json(value: object) -> str:
    # In one line, and its dataclasses read where they are: a tenth of the time that indented copies take.
    return json.dumps(value, default=vars, sort_keys=True, ensure_ascii=False, allow_nan=False)
