"""What the name of a handed-in file says: who, which attempt, whether late; and names that are safe for files.

Canvas calls a file `studentname_12345_678901_hw1-2.ipynb` (the student's id, the file's id, and `-2` for the second
time it was handed in again), with `LATE_` before the first number where it was late, and `anon_Ab3dE` in place of
name and number where marking is anonymous. Moodle calls a folder `First Last_123456_assignsubmission_file_`, or begins
the names of files so. Any other name is the student's own.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from cs_lib.submission.names import safe

CANVAS = re.compile(
    r"(?:(?P<late>LATE_)?(?P<anonymous>anon_[A-Za-z0-9]+)|(?P<student>\w+?)_(?P<late_too>LATE_)?(?P<user>\d{2,}))"
    r"_(?P<file>\d{3,})_(?P<rest>.+)",
    re.DOTALL,
)
MOODLE = re.compile(r"(?P<student>.+?)_(?P<user>\d+)_assignsubmission_(?P<kind>[a-z]+)_?(?P<rest>.*)", re.DOTALL)
AGAIN = re.compile(r"(?P<stem>.+?)-(?P<again>\d{1,3})(?P<ending>\.\w+)", re.DOTALL)


@dataclass(frozen=True)
class Name:
    """What one name says."""

    key: str
    """The same for all that one student handed in, and different for different students."""
    student: str
    stem: str
    """What files about this student are called, once `Slugs` has made it safe."""
    identity: str = ""
    """The number by which the learning platform knows the student."""
    attempt: int = 1
    number: int = 0
    """The platform's own number of the file: larger is later."""
    late: bool = False
    file: str = ""
    """What the student called the file: one name for all attempts at it."""
    has_files: bool = True
    """False for what a platform keeps beside the files, such as text typed into a form."""


def read_name(name: str, *, is_folder: bool) -> Name:
    """Return what the name of a file, or of a folder, says."""
    canvas, moodle = CANVAS.fullmatch(name), MOODLE.fullmatch(name)
    if canvas and not is_folder:
        return _canvas(canvas)
    if moodle:
        student, user = _shown(moodle["student"]), moodle["user"]
        stem, has_files = f"{student}_{user}", moodle["kind"] == "file"
        return Name(f"moodle {user}", student, stem, user, file=moodle["rest"] or name, has_files=has_files)
    own = _shown(name if is_folder else PurePath(name).stem)
    return Name(f"own {name}", own, own, file=name)


def _canvas(match: re.Match[str]) -> Name:
    user = match["user"] or match["anonymous"]
    student = match["student"] or match["anonymous"]
    again = AGAIN.fullmatch(match["rest"])
    return Name(
        key=f"canvas {user}",
        student=student,
        stem=f"{student}_{user}" if match["user"] else student,
        identity=match["user"] or "",
        attempt=int(again["again"]) + 1 if again else 1,
        number=int(match["file"]),
        late=bool(match["late"] or match["late_too"]),
        file=again["stem"] + again["ending"] if again else match["rest"],
    )


def _shown(name: str) -> str:
    """Return a name from the file system as text that can be written as UTF-8."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class Slugs:
    """Gives out names that any file system, address and shell takes, each once."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def unique(self, stem: str) -> str:
        """Return a safe name like `stem`: letters, digits, `_`, `-` and inner dots; numbered where it is taken."""
        slug = safe(stem) or "submission"
        number = 1
        # Two names that differ in case alone are one file on some file systems.
        while (name := slug if number == 1 else f"{slug}-{number}").casefold() in self.taken:
            number += 1
        self.taken.add(name.casefold())
        return name


def folded(text: str) -> str:
    """Return a name as it is compared: letters and digits alone, of one case, without accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in letters if sign.isalnum())


def folded_ways(name: str) -> Iterable[str]:
    """Yield the ways to write one person's name: as it is, and with the last name first."""
    yield folded(name)
    first, comma, rest = name.partition(",")
    words = name.split()
    if comma:
        yield folded(rest + first)
    elif len(words) > 1:
        yield folded(words[-1] + "".join(words[:-1]))
