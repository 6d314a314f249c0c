"""`cs-lib check --watch`: check again whenever a notebook is saved, and say what has changed since the last time."""

import time
from datetime import datetime
from pathlib import Path

from cs_lib.submission.notebook import UnreadableNotebook
from cs_lib.submission.outcomes import DONE
from cs_lib.terminal.checker import Checker, News
from cs_lib.terminal.listing import is_done, score, write_details, write_next, write_problems
from cs_lib.terminal.pen import Pen
from cs_lib.terminal.saved import SavedNotebook

POLL_SECONDS = 0.5
PATIENCE = 6
"""How many times a file that cannot be read is found unchanged before that is said: it may be half-written."""

State = tuple[int, int, int] | None
"""A file's time in ns, its size and its number on the disk: saving changes them; None where there is no file."""


def watch_for_saves(checker: Checker, pen: Pen) -> None:
    """Check what is saved from now on, until Ctrl-C."""
    many = len(checker.notebooks)
    what = checker.notebooks[0].path.name if many == 1 else f"{many} notebooks"
    pen.line(f"\nWatching {what}: save in Jupyter, and what changed is checked here. Ctrl-C ends this.")
    states = [Watched(saved) for saved in checker.notebooks]
    try:
        while True:
            time.sleep(POLL_SECONDS)
            for each in states:
                each.look(checker, pen)
    except KeyboardInterrupt:
        pen.line(f"\nNo longer watching; {score(checker)}.")


class Watched:
    """One notebook's file: the state in which it was last checked, and what it has been found in since."""

    def __init__(self, saved: SavedNotebook) -> None:
        self.saved = saved
        self.checked = state(saved.path)
        self.unreadable: State = None
        self.times = 0

    def look(self, checker: Checker, pen: Pen) -> None:
        """Check the notebook where it was saved since; a file that cannot be read is given time."""
        now = state(self.saved.path)
        if now == self.checked or (self._is_unreadable() and not self._is_settled(now)):
            return
        self.checked = now
        had_problem = self.saved in checker.problems
        submitted = checker.read(self.saved)
        if submitted is None:
            _write_time(self.saved, pen)
            write_problems(self.saved, checker, pen)
            write_next(checker, pen)
            return
        pen.passing_line(f"{self.saved.path.name} saved; checking …")
        news = [each for each in checker.check(self.saved, submitted) if each.now is not each.before]
        write_news(self.saved, news, checker, pen, repaired=had_problem)

    def _is_unreadable(self) -> bool:
        try:
            self.saved.read()
        except UnreadableNotebook:
            return True
        return False

    def _is_settled(self, now: State) -> bool:
        """Return whether the file has been in this state for a while."""
        self.times = self.times + 1 if now == self.unreadable else 1
        self.unreadable = now
        return self.times >= PATIENCE


def state(path: Path) -> State:
    """Return the state of a file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def write_news(saved: SavedNotebook, news: list[News], checker: Checker, pen: Pen, *, repaired: bool) -> None:
    """Write what has changed since the notebook was last checked, and what to do next."""
    changed = [each for each in news if each.before is None or _differ(each)]
    if not changed and not repaired:
        pen.passing_line(f"{saved.path.name}, {saved.when}: nothing to say that is new; {score(checker)}.")
        return
    _write_time(saved, pen)
    write_problems(saved, checker, pen)
    if repaired:
        pen.line(f"  The notebook can be read again; {score(checker)}.")
    for each in changed:
        pen.line(f"  {each.now.exercise.name}: {_what_changed(each, pen)}; {score(checker)}")
        write_details(each.now, pen)
    write_next(checker, pen)
    if is_done(checker):
        pen.line("Ctrl-C ends the watching.")


def _write_time(saved: SavedNotebook, pen: Pen) -> None:
    pen.line(f"\n{datetime.now():%H:%M:%S} {saved.path.name}")


def _differ(news: News) -> bool:
    """Return whether the exercise stands differently now, in its word, its points or what is found wrong with it."""
    before = news.before
    return before is None or (before.standing, before.results) != (news.now.standing, news.now.results)


def _what_changed(news: News, pen: Pen) -> str:
    now = pen.coloured(news.now.standing, news.now.word)
    if news.before is None:
        return f"now {now}"
    if news.before.standing == news.now.standing:
        return f"{'done, as before' if news.now.word == DONE else f'still {now}'}"
    return f"was {news.before.standing}, now {now}"
