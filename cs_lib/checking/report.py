"""What `check(f)` shows: a table in a notebook, lines of text anywhere else, the same bytes for the same answer."""

import html
from dataclasses import dataclass, replace

from cs_lib.checking.comparison import Finding
from cs_lib.checking.marking import PASSED, ExerciseMark, TestResult
from cs_lib.submission.outcomes import CRASHED, DONE, NOT_FINISHED, NOT_JUDGED, NOT_STARTED, TIMED_OUT, WAITING, WRONG

SIGNS = {
    PASSED: "✓",
    DONE: "✓",
    WRONG: "✗",
    CRASHED: "!",
    TIMED_OUT: "!",
    NOT_JUDGED: "?",
    NOT_STARTED: "○",
    NOT_FINISHED: "○",
    WAITING: "○",
}
# Blue and orange are told apart by the colour-blind and legible on light and dark; the word stands beside the sign.
COLOURS = {PASSED: "#1f7bbf", DONE: "#1f7bbf", WRONG: "#d55e00", CRASHED: "#d55e00", TIMED_OUT: "#d55e00"}
GREY = "#808080"
FOLDED = (NOT_STARTED, NOT_FINISHED, WAITING)
"""Where there is nothing yet to show a table of."""


@dataclass(frozen=True)
class CheckReport:
    """The marks of one exercise, shown; true when everything passed."""

    mark: ExerciseMark | None
    problem: str = ""

    @classmethod
    def unknown(cls, problem: str) -> "CheckReport":
        """Return the report on a function that answers no exercise."""
        return cls(None, problem)

    def __bool__(self) -> bool:
        return self.word == DONE

    @property
    def name(self) -> str:
        return self.mark.exercise.name if self.mark else "check"

    @property
    def word(self) -> str:
        """`done`, `wrong`, `not started`, `crashed`, `timed out` or `waiting`."""
        return self.mark.word if self.mark else "no such exercise"

    @property
    def standing(self) -> str:
        """The exercise and how it stands, as a phrase: `f, which is wrong`."""
        failure = self.mark.first_failure if self.mark else None
        return f"{self.name}, which {failure.message if failure and self.word == WAITING else 'is ' + self.word}"

    @property
    def hint(self) -> str:
        return self.mark.exercise.hint if self.mark else ""

    def __repr__(self) -> str:
        if self.mark is None:
            return self.problem
        failure = self.mark.first_failure
        if failure and self.word in FOLDED:
            return f"{self.headline}\n{indented(failure.message)}"
        lines = [self.headline]
        for result in self.mark.results:
            lines.append(f"  {SIGNS[result.word]} {result.word}: {result.sentence}")
            if result is failure:
                lines.append(indented(str(self.finding), 6))
        return "\n".join(lines)

    @property
    def headline(self) -> str:
        """The exercise, the word for how it stands, and its points, in one line."""
        assert self.mark is not None
        points, total = self.mark.points, self.mark.exercise.total
        if self.word == DONE:
            of = f" of {total}" if points < total else ""
            return f"{self.name}: {self.mark.standing}, {points}{of} point{'' if total == 1 else 's'}"
        passed = sum(result.word == PASSED for result in self.mark.results)
        of = f" ({passed} of {len(self.mark.results)} checks pass)" if self.word not in FOLDED else ""
        return f"{self.name}: {self.word}{of}"

    @property
    def finding(self) -> Finding | None:
        """What the first failure found, with the mistake it is known to come from in place of a general cause."""
        failure = self.mark.first_failure if self.mark else None
        if self.mark is None or failure is None:
            return None
        finding = failure.finding or Finding("", failure.message)
        return replace(finding, cause=str(self.mark.diagnosis)) if self.mark.diagnosis else finding

    def _repr_html_(self) -> str:
        if self.mark is None:
            return f"<p>{html.escape(self.problem)}</p>"
        failure = self.mark.first_failure
        if failure and self.word in FOLDED:
            return f"<div>{_headline(self)}<p style='margin:4px 0'>{_lines(failure.message)}</p></div>"
        rows = "".join(_row(result, self.finding if result is failure else None) for result in self.mark.results)
        hint = "" if self else f"<details><summary>A hint</summary>{html.escape(self.hint)}</details>"
        return f"<div>{_headline(self)}<table style='text-align:left;margin:4px 0'>{rows}</table>{hint}</div>"


def indented(text: str, by: int = 2) -> str:
    """Return the lines of `text`, each indented by that many spaces."""
    return "\n".join(" " * by + line for line in text.split("\n"))


def _headline(report: CheckReport) -> str:
    return f"<strong style='color:{_colour(report.word)}'>{SIGNS[report.word]} {html.escape(report.headline)}</strong>"


def _row(result: TestResult, finding: Finding | None) -> str:
    style = "text-align:left;vertical-align:top;white-space:normal;max-width:44em"
    said = html.escape(result.sentence) + (_explanation(finding) if finding else "")
    word = f"<span style='color:{_colour(result.word)};white-space:nowrap'>{SIGNS[result.word]} {result.word}</span>"
    return f"<tr><td style='{style}'>{word}</td><td style='{style}'>{said}</td></tr>"


def _explanation(finding: Finding) -> str:
    lines = [_lines(finding.problem)]
    if finding.yours:
        yours, expected = (f"<code>{html.escape(each)}</code>" for each in (finding.yours, finding.expected))
        where = f"at <code>{html.escape(finding.quantity + finding.index)}</code>: " if finding.index else ""
        lines.append(f"{where}yours {yours}, expected {expected}")
    if finding.cause:
        lines.append(f"<strong>{_lines(finding.cause)}</strong>")
    return "".join(f"<div style='margin:4px 0 4px 1em'>{line}</div>" for line in lines)


def _lines(text: str) -> str:
    return "<br>".join(html.escape(line) for line in text.split("\n"))


def _colour(word: str) -> str:
    return COLOURS.get(word, GREY)
