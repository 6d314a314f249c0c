"""What must never leave home, line by line: answers, hidden tests, known mistakes, model answers, of the whole course.

Lines are compared without their spaces, comment signs and quotation marks, so that one is known again when it is
indented, quoted or commented out. Short and common ones say nothing (see common_lines.txt).
"""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cs_lib.course import ROOT
from cs_lib.instructor.stubs import BEGIN, END

SHORTEST = 9
"""Signs from which on a line of its own is known again."""
TELLING = 24
"""Signs from which on it is known again inside other text."""
OF_ITS_OWN = 40
"""Signs from which on a line of a hidden test is of that test alone: shorter ones are how any test is written."""
COMMON = Path(__file__).with_name("common_lines.txt")
DECORATION = "#>\"'`*,;|\\"


@dataclass(frozen=True)
class Secret:
    """One line that must not leave home, and what it is of."""

    line: str
    what: str


def bare(text: str) -> str:
    """Return a line without what may differ when it is quoted: spaces, comment signs, quotation marks."""
    return re.sub(r"\s+", "", text).strip(DECORATION)


def secrets(root: Path = ROOT) -> dict[str, Secret]:
    """Return every secret of the course by its bare line, those of unreleased assignments included."""
    reference = root / "cs_lib" / "reference"
    answers = [each for path in sorted(reference.glob("*.py")) for each in _answers(path)]
    open_lines = {bare(line) for path in reference.glob("*.py") for line in _open_lines(path)}
    public = {bare(line) for path in _public_files(root) for line in path.read_text(encoding="utf-8").split("\n")}
    common = {bare(line) for line in COMMON.read_text(encoding="utf-8").split("\n") if not line.startswith("#")}
    hidden = [each for path in sorted(root.glob("tests/*/hidden/*.py")) for each in _hidden(path, root)]
    found = [
        *(each for each in answers if bare(each.line) not in open_lines | common),
        *(each for each in _mistakes(reference) if bare(each.line) not in open_lines | common),
        *(each for each in hidden if bare(each.line) not in public),
        *(each for path in sorted(reference.glob("*.md")) for each in _model_answers(path)),
    ]
    return {line: each for each in reversed(found) if len(line := bare(each.line)) >= SHORTEST}


def _answers(path: Path) -> Iterator[Secret]:
    """Yield the lines of the marked regions of a reference module."""
    text = path.read_text(encoding="utf-8")
    names = {
        node.lineno: node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    inside, owner = False, ""
    for number, line in enumerate(text.split("\n"), start=1):
        owner = names.get(number, owner)
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif inside:
            yield Secret(line.strip(), f"a line of the answer to {owner}")


def _open_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a reference module that stubs show."""
    inside = False
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif not inside:
            yield line


def _mistakes(reference: Path) -> Iterator[Secret]:
    """Yield the lines that each known mistake puts into an answer, and what the catalogue writes of them."""
    for path in sorted(reference.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        right = path.with_suffix(".py").read_text(encoding="utf-8")
        shown = "".join(map(bare, _open_lines(path.with_suffix(".py"))))
        for entry in tomllib.loads(text).get("misconceptions", []):
            what = f"the source text of a known mistake in {entry['exercise']}"
            for old, new in entry["changes"]:
                changed = set(right.replace(old, new).split("\n")) - set(right.split("\n"))
                yield from (Secret(line.strip(), what) for line in sorted(changed))
                parts = (line.strip() for line in old.split("\n") if len(bare(line)) >= TELLING)
                yield from (Secret(part, what) for part in parts if bare(part) not in shown)
        written = (line for line in text.split("\n") if line.startswith("changes"))
        yield from (Secret(line, "the source text of a known mistake") for line in written)


def _hidden(path: Path, root: Path) -> Iterator[Secret]:
    what = f"a line of the hidden tests in {path.relative_to(root)}"
    lines = path.read_text(encoding="utf-8").split("\n")
    yield from (Secret(line.strip(), what) for line in lines if len(bare(line)) >= OF_ITS_OWN)


def _model_answers(path: Path) -> Iterator[Secret]:
    """Yield the sentences of the model answers and marking guides, however their lines are broken."""
    for section in path.read_text(encoding="utf-8").split("\n## ")[1:]:
        name, _, body = section.partition("\n")
        for sentence in re.split(r"(?<=[.?!:;])\s+|\n\s*\n|\n- ", body):
            if len(bare(sentence)) >= TELLING:
                yield Secret(" ".join(sentence.split()), f"the model answer to {name.strip()}")


def _public_files(root: Path) -> Iterable[Path]:
    yield from root.glob("tests/*/public/*.py")
    yield from root.glob("tests/*/conftest.py")
    yield from root.glob("cs_lib/checking/*.py")
