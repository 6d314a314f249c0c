"""Tell which known mistake gives exactly the student's numbers, on every case of the exercise's tests.

A diagnosis is a function of arrays alone: what the student's function returned in each case, what is right, and
what each known mistake returns. A mistake is named only when it agrees with the student in every case, the right
ones included, to within rounding; where several do, all of them are named.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cs_lib.checking.catalogue import Misconception
from cs_lib.checking.comparison import unequal

MOST_NAMED = 3
"""Where more mistakes than this cannot be told apart, naming them would not help."""


@dataclass(frozen=True)
class Raised:
    """What stands for an answer where the call raised an exception: the name of its type."""

    kind: str


@dataclass(frozen=True)
class Suspect:
    """One mistake, or two made together, and what it returns in each case, computed when it is asked for."""

    mistakes: tuple[Misconception, ...]
    answers: Iterable[Any]


@dataclass(frozen=True)
class Diagnosis:
    """The suspects that agree with the student's answers in every case; usually one."""

    suspects: tuple[tuple[Misconception, ...], ...]

    def __str__(self) -> str:
        """Return titles and hints as lines of text."""
        if len(self.suspects) == 1:
            return _sentences(self.suspects[0])
        lines = ["These mistakes give the same numbers here, so it is one of them:"]
        return "\n".join([*lines, *(f"- {_sentences(each)}" for each in self.suspects)])

    @property
    def titles(self) -> tuple[str, ...]:
        """The titles of each suspect, two made together joined by `and`."""
        return tuple(" and ".join(each.title for each in suspect) for suspect in self.suspects)


def diagnose(got: Sequence[Any], right: Sequence[Any], suspects: Iterable[Suspect]) -> Diagnosis | None:
    """Return the suspects that explain `got` in every case, or None where none does or too many do.

    got, right: what the student's function returned in each case, and what it should have
    """
    matching = [suspect.mistakes for suspect in suspects if _explains(suspect.answers, got, right)]
    return Diagnosis(tuple(matching)) if 0 < len(matching) <= MOST_NAMED else None


def _explains(answers: Iterable[Any], got: Sequence[Any], right: Sequence[Any]) -> bool:
    """Return whether the answers are the student's in every case, and in some case are not the right ones."""
    is_wrong = False
    for answer, mine, expected in zip(answers, got, right, strict=False):
        if not agree(mine, answer):
            return False
        is_wrong = is_wrong or not agree(expected, answer)
    return is_wrong


def agree(mine: Any, other: Any) -> bool:
    """Return whether two answers are the same to within rounding: structure, shapes and values."""
    if isinstance(mine, Raised) or isinstance(other, Raised):
        return isinstance(mine, Raised) and isinstance(other, Raised) and mine == other
    if isinstance(mine, tuple | list) or isinstance(other, tuple | list):
        both = isinstance(mine, tuple | list) and isinstance(other, tuple | list) and len(mine) == len(other)
        return both and all(agree(a, b) for a, b in zip(mine, other, strict=True))
    if isinstance(mine, dict) or isinstance(other, dict):
        both = isinstance(mine, dict) and isinstance(other, dict) and mine.keys() == other.keys()
        return both and all(agree(mine[key], other[key]) for key in other)
    if mine is None and other is None:
        return True
    if not (_is_plain(mine) and _is_plain(other)):
        return False
    a, b = np.asarray(mine), np.asarray(other)
    return a.shape == b.shape and a.dtype.kind in "biuf" and not unequal(a, b).any()


def _is_plain(value: Any) -> bool:
    return isinstance(value, np.ndarray | np.generic) or type(value) in (int, float, bool)


def _sentences(mistakes: tuple[Misconception, ...]) -> str:
    lines = [f"{each.title}. {each.hint}" for each in mistakes]
    return lines[0] if len(lines) == 1 else "\n".join(["Two mistakes at once:", *(f"- {line}" for line in lines)])
