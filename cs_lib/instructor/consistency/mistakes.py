"""The catalogue of misconceptions against the answers it changes and the exercises it is about."""

from collections import Counter
from collections.abc import Iterator, Sequence

from cs_lib.checking import catalogue
from cs_lib.checking.catalogue import Misconception
from cs_lib.course import ROOT, Assignment, Exercise, Notebook


def faults(assignment: Assignment) -> Iterator[str]:
    """Yield each entry that changes nothing there is, says nothing, or is about nothing; and what has no entry."""
    for notebook in assignment.notebooks:
        if (ROOT / "cs_lib" / "reference" / f"{notebook.module}.py").exists():
            yield from _of_notebook(notebook)


def _of_notebook(notebook: Notebook) -> Iterator[str]:
    place = f"cs_lib/reference/{notebook.module}.toml"
    names = {exercise.name for exercise in notebook.exercises}
    for name in sorted(catalogue.exercise_names(notebook.exercises[0]) - names):
        yield f"{place}: a misconception is about {name!r}, which assignment.toml does not list; put its name right"
    for exercise in notebook.exercises:
        entries = catalogue.entries(exercise)
        if not entries and not exercise.uses:  # what is judged by its result has no wrong answers to recognise
            advice = "add [[misconceptions]] with what students get wrong in it"
            yield f"{place}: {exercise.name}: the catalogue has no misconception; {advice}"
        yield from _of_entries(place, exercise, entries)


def _of_entries(place: str, exercise: Exercise, entries: Sequence[Misconception]) -> Iterator[str]:
    for title, count in Counter(entry.title for entry in entries).items():
        if count > 1:
            yield f"{place}: {exercise.name}: {count} misconceptions are called {title!r}; give each its own title"
    for entry in entries:
        who = f"{place}: {exercise.name}: {entry.title!r}"
        for key, value in (("title", entry.title), ("hint", entry.hint)):
            if not value.strip():
                yield f"{who}: its {key} is empty; write one that a student learns from"
        if not catalogue.fits(exercise, entry):
            advice = "copy the text from the function as it is now"
            yield f"{who}: its text does not occur exactly once in the reference; {advice}"
