"""Write lines on a terminal or into a pipe: folded and coloured on a terminal alone, and never with NO_COLOR."""

import io
import os
import shutil
import sys
import textwrap
from typing import TextIO

from cs_lib.submission.outcomes import CRASHED, DONE, TIMED_OUT, WRONG

CYAN, YELLOW, PLAIN = "\x1b[36m", "\x1b[33m", "\x1b[0m"
# Told apart by the colour-blind; the word itself is always there.
COLOURS = {DONE: CYAN, WRONG: YELLOW, CRASHED: YELLOW, TIMED_OUT: YELLOW}
ERASE = "\r\x1b[K"
NARROWEST = 40
WIDEST = 110
"""Characters in a folded line, where the terminal has room for more."""


class Pen:
    """Writes a command's lines to `stream`, and shows on a terminal what it is at."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        if isinstance(self.stream, io.TextIOWrapper):
            self.stream.reconfigure(errors="replace")  # a terminal that does not know × still shows the rest
        self.terminal = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self.colour = self.terminal and not os.environ.get("NO_COLOR")
        self.passing = False

    def line(self, text: str = "") -> None:
        """Write one line, at once."""
        self._clear()
        print(text, file=self.stream, flush=True)

    def folded(self, text: str, indent: int) -> None:
        """Write text, each of its lines indented, and folded to the width of a terminal."""
        for line in text.split("\n"):
            start = " " * indent
            if not self.terminal:
                self.line(start + line)
                continue
            width = max(NARROWEST, min(WIDEST, shutil.get_terminal_size().columns - 1))
            wrapper = textwrap.TextWrapper(width, start, start, break_long_words=False, break_on_hyphens=False)
            for part in wrapper.wrap(line) or [""]:
                self.line(part)

    def coloured(self, text: str, word: str) -> str:
        """Return text in the colour of what `word` says, where there is colour."""
        return f"{COLOURS[word]}{text}{PLAIN}" if self.colour and word in COLOURS else text

    def passing_line(self, text: str) -> None:
        """Show a line on a terminal that the next line takes the place of."""
        if self.terminal:
            self._clear()
            width = shutil.get_terminal_size().columns - 1
            print(text[:width], end="", file=self.stream, flush=True)
            self.passing = True

    def _clear(self) -> None:
        if self.passing:
            print(ERASE, end="", file=self.stream)
            self.passing = False
