"""A small believable class to try the grader on: right, unfinished, each known mistake, two mistakes at once."""

import csv
import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from cs_lib.checking import catalogue
from cs_lib.checking.catalogue import Misconception
from cs_lib.course import Assignment, Exercise, Notebook
from cs_lib.instructor import notebook_file, stubs

CLASS_TABLE = "class.csv"
PAIRS_EACH = 2
"""How many students make two mistakes at once, for each exercise."""


@dataclass(frozen=True)
class ExampleStudent:
    """One made-up student: a name, the mistakes made, and for which exercises nothing was written."""

    name: str
    mistakes: tuple[Misconception, ...] = ()
    unwritten: frozenset[str] = frozenset()


def example_class(assignment: Assignment) -> Iterator[ExampleStudent]:
    """Yield the students of an example class, in the same order each time."""
    yield ExampleStudent("all-right")
    names = [exercise.name for exercise in assignment.exercises]
    yield ExampleStudent("nothing-written", unwritten=frozenset(names))
    yield ExampleStudent("first-half-only", unwritten=frozenset(names[len(names) // 2 :]))
    for exercise in assignment.exercises:
        for mistake in catalogue.entries(exercise):
            yield ExampleStudent(_slug(exercise.name, mistake.title), (mistake,))
        for pair in islice(reversed(catalogue.pairs(exercise)), PAIRS_EACH):
            yield ExampleStudent(_slug(exercise.name, "two", *(each.title[:30] for each in pair)), pair)


def write_examples(assignment: Assignment, folder: Path, only: Container[str] | None = None) -> int:
    """Write one folder of notebooks per student, and what is known of each in `CLASS_TABLE`; return how many.

    only: the names of the students to write; all of them when None
    """
    students = [each for each in example_class(assignment) if only is None or each.name in only]
    for student in students:
        for notebook in assignment.notebooks:
            path = folder / student.name / f"{notebook.name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(notebook_file.text(_submission(assignment, notebook, student)), encoding="utf-8")
    with (folder / CLASS_TABLE).open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["name", "exercise", "mistakes"])
        for student in students:
            exercise = student.mistakes[0].exercise if student.mistakes else ""
            rows.writerow([student.name, exercise, " and ".join(each.title for each in student.mistakes)])
    return len(students)


def _submission(assignment: Assignment, notebook: Notebook, student: ExampleStudent) -> notebook_file.Notebook:
    solved = notebook_file.read(assignment.solutions / f"{notebook.name}.ipynb")
    untouched = notebook_file.read(assignment.folder / f"{notebook.name}.ipynb")
    exercises = {exercise.name: exercise for exercise in notebook.exercises}
    cells = []
    for cell, stub in zip(solved["cells"], untouched["cells"], strict=True):
        source = notebook_file.source(cell)
        for name in notebook_file.defined(cell) & exercises.keys():
            if name in student.unwritten:
                source = notebook_file.source(stub)
            elif _made_in(exercises[name], student.mistakes):
                source = _wrong_cell(exercises[name], student.mistakes)
        cells.append(notebook_file.with_source(cell, source))
    return {**solved, "cells": cells}


def _made_in(exercise: Exercise, mistakes: Iterable[Misconception]) -> bool:
    return any(mistake.exercise == exercise.name for mistake in mistakes)


def _wrong_cell(exercise: Exercise, mistakes: Iterable[Misconception]) -> str:
    return stubs.solved(catalogue.wrong_source(exercise, mistakes).rstrip())


def _slug(*words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", " ".join(words).lower()).strip("-")[:100]
