"""The saved notebooks that a command is asked for: which files they are, and what is wrong with them."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cs_lib.checking.doors import copied_notebook
from cs_lib.course import Assignment, CourseError, Notebook, assignment_names, load_assignment
from cs_lib.submission.notebook import SubmittedNotebook, UnreadableNotebook, read_notebook

SUFFIX = ".ipynb"


@dataclass(frozen=True)
class SavedNotebook:
    """One of the course's notebooks, and the file in which a student's copy of it is saved."""

    assignment: Assignment
    notebook: Notebook
    path: Path

    def read(self) -> SubmittedNotebook:
        """Return the notebook as it is saved; raises UnreadableNotebook where it is not there, broken, or another."""
        if not self.path.exists():
            folder = self.path.parent.name
            raise UnreadableNotebook(f"{self.path.name} is not in {folder}; put it back under the name that it had")
        submitted = read_notebook(self.path)
        copied = copied_notebook(submitted, self.assignment)
        if copied != self.notebook:
            raise UnreadableNotebook(f"{self.path.name} is a copy of {copied.name}, not of {self.notebook.name}")
        return submitted

    @property
    def when(self) -> str:
        """When the file was last saved, as a phrase, or "" where there is no file."""
        try:
            saved = datetime.fromtimestamp(self.path.stat().st_mtime)
        except OSError:
            return ""
        day = "today" if saved.date() == datetime.now().date() else f"on {saved:%Y-%m-%d}"
        return f"saved {day} at {saved:%H:%M}"


def all_of(assignment: Assignment) -> list[SavedNotebook]:
    """Return the notebooks of an assignment, each where the course keeps it."""
    return [
        SavedNotebook(assignment, each, assignment.folder / f"{each.name}{SUFFIX}") for each in assignment.notebooks
    ]


def asked_for(name: str) -> list[SavedNotebook]:
    """Return the notebooks that `name` stands for: an assignment, a notebook, a file or a folder; all where it is "".

    Raises CourseError where it stands for none.
    """
    course = [each for assignment in map(load_assignment, assignment_names()) for each in all_of(assignment)]
    if not course:
        raise CourseError("there is no assignment here")
    path = Path(name)
    found = [each for each in course if not name or name == each.assignment.name or _is_called(each.notebook, name)]
    if found:
        return found
    if path.is_dir():
        return _in_folder(path, course)
    if path.is_file():
        return [_identified(path, course)]
    names = [*dict.fromkeys(each.assignment.name for each in course), *(each.notebook.name for each in course)]
    close = difflib.get_close_matches(path.stem, names, n=1)
    told = f"; did you mean {close[0]!r}?" if close else f"; there is {', '.join(names)}"
    raise CourseError(f"no assignment, notebook or file is called {name!r}{told}")


def _is_called(notebook: Notebook, name: str) -> bool:
    return name.removesuffix(SUFFIX) in (notebook.name, notebook.module) and not Path(name).exists()


def _in_folder(folder: Path, course: Iterable[SavedNotebook]) -> list[SavedNotebook]:
    own = [each for each in course if each.path.parent == folder.resolve()]
    found = own or [_identified(path, course) for path in sorted(folder.glob(f"*{SUFFIX}"))]
    if not found:
        raise CourseError(f"{folder}: there is no notebook in this folder")
    return found


def _identified(path: Path, course: Iterable[SavedNotebook]) -> SavedNotebook:
    """Return which of the course's notebooks the file is a copy of: by what is in it, else by its name."""
    own = next((each for each in course if each.path == path.resolve()), None)
    if own:
        return own
    by_assignment = {each.assignment.name: each.assignment for each in course}
    try:
        submitted = read_notebook(path)
    except UnreadableNotebook as error:
        named = next((each for each in course if each.path.stem == path.stem), None)
        if named:
            return SavedNotebook(named.assignment, named.notebook, path)
        raise CourseError(str(error)) from None
    says = submitted.copy_of[0] if submitted.copy_of else ""
    for assignment in [by_assignment[says]] if says in by_assignment else by_assignment.values():
        try:
            return SavedNotebook(assignment, copied_notebook(submitted, assignment), path)
        except UnreadableNotebook:
            continue
    raise CourseError(f"{path}: not a notebook of this course: it defines none of its exercises")
