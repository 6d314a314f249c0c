"""The catalogue of misconceptions: each a small change to a reference function that gives a known wrong answer.

`cs_lib/reference/MODULE.toml` holds the entries of one notebook. A change is a list of pairs `[old, new]`: text of
the reference function's source, which must occur exactly once, and what stands there instead.
"""

import importlib
import inspect
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from operator import attrgetter
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from cs_lib.course import CourseError, Exercise, load_assignment

Changes = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Misconception:
    """One known mistake in one exercise."""

    exercise: str
    title: str
    """What the mistake is, in a few words, for students and instructors."""
    hint: str
    """A question or observation that helps to find it."""
    changes: Changes


def entries(exercise: Exercise) -> tuple[Misconception, ...]:
    """Return the catalogue's entries for one exercise; raises CourseError where the catalogue is malformed."""
    return tuple(each for each in _catalogue(reference_module(exercise)) if each.exercise == exercise.name)


def exercise_names(exercise: Exercise) -> set[str]:
    """Return the names of all exercises that the catalogue of this exercise's notebook has entries for."""
    return {each.exercise for each in _catalogue(reference_module(exercise))}


def pairs(exercise: Exercise) -> tuple[tuple[Misconception, Misconception], ...]:
    """Return every two entries of one exercise whose changes can be made together."""
    source = reference_source(exercise)
    return tuple(pair for pair in combinations(entries(exercise), 2) if _changed(source, pair) is not None)


def fits(exercise: Exercise, mistake: Misconception) -> bool:
    """Return whether a mistake can be made: whether each of its texts occurs exactly once in the reference."""
    return _changed(reference_source(exercise), [mistake]) is not None


def wrong_source(exercise: Exercise, mistakes: Iterable[Misconception]) -> str:
    """Return the reference function's source with the mistakes in it; raises CourseError where a text is missing."""
    changed = _changed(reference_source(exercise), mistakes)
    if changed is None:
        titles = ", ".join(repr(each.title) for each in mistakes)
        raise CourseError(f"{exercise.name}: {titles}: its text does not occur exactly once in the reference")
    return changed


@cache
def wrong_function(exercise: Exercise, mistakes: tuple[Misconception, ...]) -> Callable[..., Any]:
    """Return the reference function with the mistakes in it, beside the right answers to all other exercises."""
    namespace = dict(vars(reference_module(exercise)))
    exec(compile(wrong_source(exercise, mistakes), f"<{exercise.name} with a mistake>", "exec"), namespace)
    function: Callable[..., Any] = attrgetter(exercise.name)(SimpleNamespace(**namespace))
    return function


def reference_module(exercise: Exercise) -> ModuleType:
    """Return the module of cs_lib.reference that holds the answer to an exercise."""
    name = load_assignment(exercise.assignment).notebook(exercise.notebook).module
    return importlib.import_module(f"cs_lib.reference.{name}")


@cache
def reference_source(exercise: Exercise) -> str:
    """Return the source of the reference function, or class, that answers an exercise."""
    return inspect.getsource(getattr(reference_module(exercise), exercise.name.split(".")[0]))


def _changed(source: str, mistakes: Iterable[Misconception]) -> str | None:
    for mistake in mistakes:
        for old, new in mistake.changes:
            if source.count(old) != 1:
                return None
            source = source.replace(old, new)
    return source


@cache
def _catalogue(module: ModuleType) -> tuple[Misconception, ...]:
    path = Path(str(module.__file__)).with_suffix(".toml")
    if not path.exists():
        return ()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return tuple(_entry(each) for each in table["misconceptions"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise CourseError(f"{path}: not a catalogue of misconceptions: {error}") from None


def _entry(table: dict[str, Any]) -> Misconception:
    unknown = table.keys() - {"exercise", "title", "hint", "changes"}
    if unknown:
        raise ValueError(f"unknown key {min(unknown)!r} in {table.get('title')!r}")
    changes = tuple((str(old), str(new)) for old, new in table["changes"])
    return Misconception(table["exercise"], table["title"], " ".join(table["hint"].split()), changes)
