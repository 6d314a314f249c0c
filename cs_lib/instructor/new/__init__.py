"""Make a new assignment from the files in `template/`: complete, small, and valid from its first moment."""

import importlib
import json
import keyword
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cs_lib.course import ROOT, Assignment, CourseError, assignment_names, load_assignment
from cs_lib.instructor import sync

TEMPLATE = Path(__file__).parent / "template"
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
NUMBERED = re.compile(r"hw(\d+)_([a-z]\w*)")


def make(name: str, title: str | None = None, say: Callable[[str], None] = print) -> Assignment:
    """Make the assignment `name` in this course, stubs and solved notebook included, and return it.

    title: what its pages are headed with; made of the name where there is none

    Raises CourseError where the name will not do, or something of that name is there already. It makes all or nothing:
    what it has written is taken away again where it cannot go on.
    """
    stem = _stem(name)
    title = title.strip() if title else _title(name, stem)
    _require_free(name, stem, title)
    with _undone_where_it_fails() as write:
        for path, text in _files(name, stem, title):
            write(path, text)
        importlib.invalidate_caches()
        load_assignment.cache_clear()
        assignment = load_assignment(name)
        sync.sync(assignment, say=lambda _: None)
        for path in sorted(path for path, _ in _files(name, stem, title)):
            say(f"wrote {path.relative_to(ROOT)}")
        return assignment


def _stem(name: str) -> str:
    """Return what the notebook and its exercises are called after: `hw3_regression` gives `regression`."""
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        advice = "use small letters, digits and single underscores, a letter first, as in hw3_regression"
        raise CourseError(f"an assignment cannot be called {name!r}; {advice}")
    numbered = NUMBERED.fullmatch(name)
    return numbered[2] if numbered else name


def _title(name: str, stem: str) -> str:
    words = stem.replace("_", " ")
    numbered = NUMBERED.fullmatch(name)
    return f"Homework {numbered[1]}: {words}" if numbered else words.capitalize()


def _require_free(name: str, stem: str, title: str) -> None:
    """Raise CourseError where a file is in the way, or an exercise of the course has a name that this one needs."""
    if not title.isprintable():
        raise CourseError("a title is one line of text")
    rooms = [ROOT / "assignments" / name, ROOT / "tests" / name]
    for path in (*rooms, *(path for path, _ in _files(name, stem, title))):
        if path.exists():
            advice = "choose another name, or take it away first"
            raise CourseError(f"{path.relative_to(ROOT)} is there already; {advice}")
    taken = {e.name: other for other in assignment_names() for e in load_assignment(other).exercises}
    listed = (path.read_text(encoding="utf-8") for path in TEMPLATE.rglob("assignment.toml"))
    for exercise in re.findall(r'name = "(__STEM___\w+)"', "".join(listed)):
        own = exercise.replace("__STEM__", stem)
        if own in taken:
            raise CourseError(f"{name} would have an exercise {own}, which {taken[own]} has; choose another name")


def _files(name: str, stem: str, title: str) -> Iterator[tuple[Path, str]]:
    """Yield each file of the new assignment: where it belongs, and its text."""
    for source in sorted(path for path in TEMPLATE.rglob("*.*") if path.is_file() and path.suffix != ".pyc"):
        place = str(source.relative_to(TEMPLATE)).replace("__ASSIGNMENT__", name).replace("__STEM__", stem)
        # Quotes and backslashes are written alike in TOML and in JSON.
        quoted = json.dumps(title, ensure_ascii=False)[1:-1] if source.suffix in (".toml", ".ipynb") else title
        text = source.read_text(encoding="utf-8").replace("__ASSIGNMENT__", name).replace("__STEM__", stem)
        yield ROOT / place, text.replace("__TITLE__", quoted)


@contextmanager
def _undone_where_it_fails() -> Iterator[Callable[[Path, str], None]]:
    """Give what writes a file whole; where the work under it fails or is stopped, take away all that it made."""
    made: list[Path] = []

    def write(path: Path, text: str) -> None:
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        made.extend(each for each in (*reversed(path.parents), path, beside) if not each.exists())
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)

    try:
        yield write
    except BaseException:
        for path in made:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        raise
