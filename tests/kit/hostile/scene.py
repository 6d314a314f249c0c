"""The secrets that hostile submissions go for, and a class in which all of them are handed in.

A secret is a word that stands nowhere else. Where one of them appears in anything that grading wrote, a submission
has read what it must not.
"""

import secrets
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cs_lib.course import ROOT
from hostile.files import HUGE
from hostile.sample import ASSIGNMENT, NOTEBOOK, Sample, spoilt

GRADE = "import sys; sys.path[0] = sys.argv.pop(1); from cs_lib.cli import main; sys.exit(main(sys.argv[1:]))"
CANARY = "aaa-canary"
"""The student whose work has a secret in it, handed in first."""
RIGHT = "right"
"""What the names of right submissions begin with."""
NOTES = "notes.txt"
EVERY = 10
"""After how many samples there is a right submission."""


class Listener:
    """Listens on the loopback, and on a socket without a file, and notes who comes."""

    def __init__(self, name: str) -> None:
        self.visits = 0
        self.sockets = [socket.socket(socket.AF_INET), socket.socket(socket.AF_UNIX)]
        for each, address in zip(self.sockets, (("127.0.0.1", 0), f"\0{name}"), strict=True):
            each.bind(address)
            each.listen()
            threading.Thread(target=self._listen, args=(each,), daemon=True).start()
        self.port: int = self.sockets[0].getsockname()[1]

    def close(self) -> None:
        for each in self.sockets:
            each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _listen(self, listening: socket.socket) -> None:
        while True:
            try:
                listening.accept()[0].close()
            except OSError:
                return
            self.visits += 1


@dataclass
class Scene:
    """A course with secrets in it, a class of submissions, and everything that they go for."""

    folder: Path
    run: str = field(default_factory=lambda: f"hostile-{secrets.token_hex(4)}")
    """What is in the environment of all processes of this run, and of no others."""
    before: dict[str, bytes] = field(default_factory=dict)
    """All files but those of grading itself, as they were before."""

    def __post_init__(self) -> None:
        self.folder = self.folder / self.run
        self.course, self.submissions = self.folder / "course", self.folder / "submissions"
        self.grades, self.home = self.folder / "grades", self.folder / "home"
        self.listener = Listener(self.run)
        left_out = shutil.ignore_patterns(".*", "__pycache__", "kit", "benchmarks", "cifar-10-*")
        shutil.copytree(ROOT, self.course, ignore=left_out)
        for folder in (self.submissions / CANARY, self.grades, self.home):
            folder.mkdir(parents=True)
        self._hide(
            self.course / "tests" / ASSIGNMENT / "hidden" / "test_hinge_loss.py", f"\n# {self._secret('hidden')}\n"
        )
        self._hide(self.course / "cs_lib" / "reference" / "hinge_loss.py", f"\n# {self._secret('reference')}\n")
        self._hide(self.home / NOTES, self._secret("home"))
        self._hide(self.grades / NOTES, self._secret("grades"))
        cell = f"# {self._secret('student')}\n{ANOTHER_RIGHT}"
        self._hide(self.submissions / CANARY / f"{NOTEBOOK}.ipynb", spoilt("initial_hinge_loss", cell))

    @cached_property
    def has_sandbox(self) -> bool:
        """Whether there is a sandbox here: one right submission is graded in it."""
        probe = self.folder / "probe"
        shutil.copytree(self.submissions / CANARY, probe / "submissions" / CANARY)
        command = self.command(probe / "grades", "--sandbox", "require", submissions=probe / "submissions")
        return subprocess.run(command, cwd=probe, capture_output=True, check=False).returncode == 0

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the grader, with a secret of its own."""
        return {"HOME": str(self.home), "HOSTILE_RUN": self.run, "PASSWORD": self._secret("environment")}

    @property
    def secrets(self) -> list[str]:
        """All secrets."""
        return [self._secret(place) for place in ("hidden", "reference", "home", "grades", "student", "environment")]

    @property
    def places(self) -> Mapping[str, str]:
        """What the samples are told."""
        return {
            "COURSE": str(self.course),
            "SUBMISSIONS": str(self.submissions),
            "GRADES": str(self.grades),
            "PORT": str(self.listener.port),
            "SOCKET": self.run,
            "RUN": self.run,
        }

    def hand_in(self, samples: Iterable[Sample]) -> None:
        """Write the samples, and right submissions among them."""
        for i, sample in enumerate(samples):
            sample.write(self.submissions, sample.name, self.places)
            if i % EVERY == 0:
                path = self.submissions / f"{RIGHT}-{i:03}.ipynb"
                path.write_text(spoilt("initial_hinge_loss", f"{ANOTHER_RIGHT}# {i}\n"), encoding="utf-8")
        # In the folder from which the grader is started: it must shadow nothing.
        (self.submissions / "numpy.py").write_text("raise SystemExit('shadowed')\n")

        self.before = self.files()

    def files(self) -> dict[str, bytes]:
        """Return the bytes of all files that grading should leave alone, and that are not too large to be read."""
        places = (self.course, self.submissions, self.home / NOTES, self.grades / NOTES)
        found = [path for place in places for path in (place.rglob("*") if place.is_dir() else [place])]
        kept = [path for path in found if path.is_file() and "__pycache__" not in path.parts]
        return {str(path): path.read_bytes() if path.stat().st_size < HUGE else b"" for path in kept}

    def command(self, grades: Path, *options: str, submissions: Path | None = None) -> list[str]:
        """Return the command that grades the class, or other submissions."""
        places = [ASSIGNMENT, str(submissions or self.submissions), "-o", str(grades)]
        return [sys.executable, "-c", GRADE, str(self.course), "grade", *places, *options]

    def close(self) -> None:
        self.listener.close()

    def _secret(self, place: str) -> str:
        return f"CANARY-{place}-{self.run.rpartition('-')[2]}"

    @staticmethod
    def _hide(path: Path, text: str) -> None:
        """Add text with a secret in it to a file."""
        with path.open("a", encoding="utf-8") as file:
            file.write(text)


ANOTHER_RIGHT = "def initial_hinge_loss(C, delta=1.0):\n    return delta * (C - 1)\n"
