"""One hostile or broken submission: how it is made, and what its row must say."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cs_lib.course import ROOT
from cs_lib.submission.outcomes import DONE, NOT_STARTED

ASSIGNMENT = "hw1_linear_classifiers"
NOTEBOOK = "02_hinge_loss"
"""The notebook that every sample hands in."""
EXERCISES = (
    "hinge_loss_naive",
    "numerical_slope",
    "initial_hinge_loss",
    "hinge_forward",
    "hinge_backward",
    "hinge_loss_vectorized",
)
UNREADABLE = "unreadable"
Files = Callable[[Path, str], None]
"""Writes a submission into the class's folder, under the given name."""

REPORT = """def report(reached):
    raise LookupError(f"reached {' '.join(map(str, reached))[:200]}" if reached else "reached nothing")
"""
"""What ends a sample that goes for something: its row shows what it got."""


@dataclass(frozen=True)
class Sample:
    """One submission with one thing bad in it.

    cell: what takes the place of the cell of the exercise `spoils`, and is run where submissions run
    files: what writes a submission that is no notebook with one bad cell; it then stands in place of `cell`
    word: what the spoilt exercise is: `crashed`, `wrong`, `done` where it costs nothing; or `unreadable`, of all of it
    says: what a line of the row must contain
    all_of_it: whether what is bad spoils all exercises of the notebook
    """

    name: str
    what: str
    word: str
    says: str = ""
    cell: str = ""
    spoils: str = "initial_hinge_loss"
    files: Files | None = None
    all_of_it: bool = False
    needs_sandbox: bool = False
    without: str = "reached"
    """What the row of a sample that needs a sandbox says where there is none."""
    also: str = ""
    """The word that is as good where the machine is slow, and the time is up before the limit is reached."""

    @property
    def standings(self) -> dict[str, set[str]]:
        """The words that each exercise of its notebook may have; none where nothing of it can be read."""
        if self.word == UNREADABLE:
            return {}
        spoilt = EXERCISES if self.all_of_it else (self.spoils,)
        return {name: {self.word, self.also or self.word} if name in spoilt else {DONE} for name in EXERCISES}

    def write(self, folder: Path, name: str, places: Mapping[str, str]) -> None:
        """Write the submission into the class's folder, with `@PLACE@` in its code replaced by what it stands for."""
        if self.files:
            self.files(folder, name)
            return
        cell = self.cell
        for place, text in places.items():
            cell = cell.replace(f"@{place}@", text)
        (folder / f"{name}.ipynb").write_text(spoilt(self.spoils, cell), encoding="utf-8")


def not_started(name: str, what: str, files: Files, says: str) -> Sample:
    """Return a sample in which nothing is there to be graded, and which is not broken either."""
    return Sample(name, what, NOT_STARTED, says, files=files, all_of_it=True)


def right(name: str, what: str, files: Files) -> Sample:
    """Return a sample that only looks bad, and has full marks."""
    return Sample(name, what, DONE, files=files)


@cache
def _solved() -> str:
    return (ROOT / "assignments" / ASSIGNMENT / "solutions" / f"{NOTEBOOK}.ipynb").read_text(encoding="utf-8")


def solved() -> dict[str, Any]:
    """Return the solved notebook, without its outputs."""
    content: dict[str, Any] = json.loads(_solved())
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    return content


def spoilt(exercise: str, cell: str) -> str:
    """Return the solved notebook as JSON, with `cell` in place of the cell that defines the exercise."""
    content = solved()
    for each in content["cells"]:
        if "".join(each["source"]).startswith(f"def {exercise}("):
            each["source"] = cell
            return json.dumps(content)
    raise LookupError(exercise)


def body(statements: str, head: str = "") -> str:
    """Return a cell with `initial_hinge_loss`, in which these statements run before the right answer is returned."""
    indented = "\n".join(f"    {line}" for line in statements.strip().split("\n"))
    function = f"def initial_hinge_loss(C, delta=1.0):\n{indented}\n    return (C - 1) * delta\n"
    return f"import os, sys, time\n{head}\n\n{function}"
