"""The verdict of a gradient check, as data and as a sentence.

Numbers are printed to the digits that matter and never down to rounding noise, so a report reads the same on
every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from cs_lib.gradcheck.lines import Indices, Mask
from cs_lib.gradcheck.question import Array
from cs_lib.gradcheck.slopes import Slopes

Verdict = Literal["agrees", "disagrees", "undecided", "not started", "invalid"]
Kind = Literal["entries", "directions"]
NAMED = 6  # so many entries are named in a sentence; the masks hold them all


@dataclass(frozen=True)
class Entry:
    """One entry of the gradient: `index` into x (of a direction: its number), `analytic` the value checked,
    `left` and `right` the slopes of f on either side, equal unless f has a kink there, and `difference`, how
    far the value is from lying between them.
    """

    index: tuple[int, ...]
    analytic: float
    left: float
    right: float
    difference: float

    @property
    def numerical(self) -> float:
        """The numerical slope; on a kink the one-sided slope nearest to the value checked."""
        return float(np.clip(self.analytic, min(self.left, self.right), max(self.left, self.right)))


@dataclass(frozen=True, repr=False, eq=False)
class GradientReport:
    """What check_gradient found. `report.ok`, and `bool(report)`, tell whether every entry checked is right.

    verdict:   'agrees', 'disagrees', 'undecided', 'not started' or 'invalid'.
    reason:    why there are no numbers, for the last two; else ''.
    kind:      'entries' or 'directions', what the m rows below are.
    shape:     the shape of x.
    entries:   (m,) int, flat indices into x, or the numbers of the directions.
    analytic:  (m,) float64, the gradient checked; `left`, `right` (m,) the slopes of f on either side.
    tolerance: (m,) float64, how far `analytic` may lie outside [left, right], with the slope's error bound.
    disagrees, kinks, undecided: (m,) bool.
    """

    verdict: Verdict
    reason: str = ""
    kind: Kind = "entries"
    shape: tuple[int, ...] = ()
    entries: Indices = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    analytic: Array = field(default_factory=lambda: np.zeros(0))
    left: Array = field(default_factory=lambda: np.zeros(0))
    right: Array = field(default_factory=lambda: np.zeros(0))
    tolerance: Array = field(default_factory=lambda: np.zeros(0))
    disagrees: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))
    kinks: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))
    undecided: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))

    @classmethod
    def without_numbers(cls, verdict: Verdict, reason: str) -> "GradientReport":
        """Return the report on a gradient that could not be compared."""
        return cls(verdict, reason)

    @classmethod
    def from_numbers(
        cls,
        *,
        kind: Kind,
        shape: tuple[int, ...],
        entries: Indices,
        analytic: Array,
        slopes: Slopes,
        tolerance: Array,
        vague: Mask,
    ) -> "GradientReport":
        """Return the report on values beside the slopes of f; `vague` marks slopes too uncertain."""
        disagrees = distance_outside(analytic, slopes.left, slopes.right) > tolerance
        undecided = vague & ~disagrees
        verdict: Verdict = "disagrees" if disagrees.any() else "undecided" if undecided.any() else "agrees"
        return cls(
            verdict,
            kind=kind,
            shape=shape,
            entries=entries,
            analytic=analytic,
            left=slopes.left,
            right=slopes.right,
            tolerance=tolerance,
            disagrees=disagrees,
            kinks=slopes.kink & ~undecided,
            undecided=undecided,
        )

    @property
    def ok(self) -> bool:
        """Whether every entry checked is right."""
        return self.verdict == "agrees"

    @property
    def difference(self) -> Array:
        """(m,) how far each value lies outside the slopes on either side of x."""
        return distance_outside(self.analytic, self.left, self.right)

    @property
    def size(self) -> int:
        """How many entries x has."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def worst(self) -> Entry | None:
        """The entry with the largest difference; the first of equals. None where nothing was compared."""
        if not len(self.analytic):
            return None
        gap = np.where(self.disagrees, self.difference, -1.0) if self.disagrees.any() else self.difference
        return self.entry(int(np.argmax(gap >= 0.999999 * gap.max())))

    def entry(self, row: int) -> Entry:
        """Return what was found in one of the m rows."""
        numbers = (self.analytic[row], self.left[row], self.right[row], self.difference[row])
        return Entry(self.index(row), *(float(number) for number in numbers))

    def index(self, row: int) -> tuple[int, ...]:
        """Return the index into x of one of the m rows (of a direction: its number)."""
        flat = int(self.entries[row])
        return (flat,) if self.kind == "directions" else tuple(int(i) for i in np.unravel_index(flat, self.shape))

    def indices(self, chosen: Mask) -> list[tuple[int, ...]]:
        """Return the indices into x of the rows that a mask (m,) marks, such as `report.kinks`."""
        return [self.index(int(row)) for row in np.flatnonzero(chosen)]

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return self.reason or sentence(self)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        from cs_lib.gradcheck.picture import html  # only notebooks need it

        return html(self)


class GradientError(AssertionError):
    """A gradient that did not pass; `report` tells why, and is the message."""

    def __init__(self, report: GradientReport) -> None:
        super().__init__(str(report))
        self.report = report


def distance_outside(values: Array, left: Array, right: Array) -> Array:
    """Return how far each value is from the interval between two slopes; 0 inside it."""
    outside = np.maximum(np.minimum(left, right) - values, values - np.maximum(left, right))
    return np.asarray(np.maximum(outside, 0.0))


def sentence(report: GradientReport) -> str:
    """Return the verdict in words: what agrees, the worst entry, what lies on a kink, what is undecided."""
    if not len(report.analytic):
        return "There was nothing to check: x has no entries, and neither has the gradient."
    parts = [headline(report)]
    if report.verdict == "disagrees":
        parts += [describe_worst(report), hint(report)]
    if report.kinks.any():
        parts.append(describe_kinks(report))
    if report.undecided.any():
        parts.append(describe_undecided(report))
    return " ".join(part for part in parts if part)


def headline(report: GradientReport) -> str:
    """Return the first sentence: how many agree or disagree, and how many were looked at."""
    checked = len(report.analytic)
    where, everywhere = scope(report)
    if report.verdict == "agrees":
        return f"The gradient agrees {everywhere}."
    if report.verdict == "disagrees":
        wrong = int(report.disagrees.sum())
        return f"The gradient disagrees {where.format(f'{wrong:,} of {checked:,}')}."
    open_questions = int(report.undecided.sum())
    return f"The gradient could not be decided {where.format(f'{open_questions:,} of {checked:,}')}."


def scope(report: GradientReport) -> tuple[str, str]:
    """Return the phrases for some and for all of what was looked at."""
    checked = len(report.analytic)
    if report.kind == "directions":
        lines = f"random direction{'s' * (checked > 1)} through {report.size:,} entries"
        return f"along {{}} {lines}", f"along {'all ' if checked > 1 else ''}{checked:,} {lines}"
    if checked < report.size:
        drawn = f"{'entry' if checked == 1 else 'entries'} drawn at random from {report.size:,}"
        return f"at {{}} {drawn}", f"at {'all ' if checked > 1 else ''}{checked:,} {drawn}"
    if checked == 1:
        return "at its only entry", "at its only entry"
    return "at {} entries", f"at all {checked:,} entries"


def describe_worst(report: GradientReport) -> str:
    """Return the sentence on the entry with the largest difference."""
    entry = report.worst
    assert entry is not None
    yours = with_difference(entry.analytic, entry.difference)
    if entry.left == entry.right:
        slope = f"the numerical slope is {with_difference(entry.numerical, entry.difference)}"
    else:
        low, high = sorted((entry.left, entry.right))
        slope = (
            f"the slopes on either side of its kink are {with_difference(low, entry.difference)} "
            f"and {with_difference(high, entry.difference)}"
        )
    place = describe_indices(report, [entry.index])
    return f"The largest difference is {place}: yours is {yours}, {slope}."


def describe_kinks(report: GradientReport) -> str:
    """Return the sentence that names what lies on a kink."""
    number = int(report.kinks.sum())
    noun = "direction" if report.kind == "directions" else "entry"
    plural = noun[:-1] + "ies" if noun == "entry" else "directions"
    who = f"1 {noun} lies" if number == 1 else f"{number:,} {plural} lie"
    named = join_indices(report.indices(report.kinks), report.kind)
    return f"{who} on a kink, where any value between the one-sided slopes is right: {named}."


def describe_undecided(report: GradientReport) -> str:
    """Return the sentences on slopes that no step could settle, and what to do about them."""
    number, where = int(report.undecided.sum()), describe_indices(report, report.indices(report.undecided))
    them = "all others agree; " if report.verdict == "undecided" and number < len(report.analytic) else ""
    also = f"{number:,} more could not be decided, {where}. " if report.verdict == "disagrees" else ""
    place = "There" if also else f"{them}{where},".capitalize()
    return (
        f"{also}{place} f bends or jumps too fast for any step, rounding hides its slope, or several kinks "
        "meet. Move x a little, compute f in float64, or avoid large numbers that cancel."
    )


def hint(report: GradientReport) -> str:
    """Return a sentence on what the differences have in common, or ''."""
    if not report.left.any() and not report.right.any():
        return "f did not change anywhere, whatever was moved: does f use its argument?"
    factor = common_factor(report)
    if factor is None or len(report.analytic) < 2:
        return ""
    blur = float(np.max(report.tolerance)) / max(float(np.max(np.abs(report.analytic))), np.finfo(float).tiny)
    digits = int(np.clip(1 - np.log10(max(blur, 1e-9)), 2, 6))
    times = short(factor, digits)
    return "" if times == "1" else f"Yours is {times} times the numerical gradient everywhere."


def common_factor(report: GradientReport) -> float | None:
    """Return k where the values are k times the slopes everywhere within tolerance, or None."""
    slope = (report.left + report.right) / 2
    smooth = ~(report.kinks | report.undecided)
    if not smooth.any() or not np.any(slope[smooth]):
        return None
    squares = float(np.vdot(slope[smooth], slope[smooth]))
    if not squares:  # slopes so small that their squares vanish
        return None
    factor = float(np.vdot(report.analytic[smooth], slope[smooth])) / squares
    fits = np.abs(report.analytic - factor * slope) <= report.tolerance * max(1.0, abs(factor))
    return factor if factor and bool(fits[smooth].all()) else None


def describe_indices(report: GradientReport, indices: Sequence[tuple[int, ...]]) -> str:
    """Return 'at [0, 1], [4, 3]' or 'along direction 3'; of many, the first few and how many more."""
    if report.kind == "entries":
        return f"at {join_indices(indices, 'entries')}"
    return f"along direction{'s' * (len(indices) > 1)} {join_indices(indices, 'directions')}"


def join_indices(indices: Sequence[tuple[int, ...]], kind: Kind) -> str:
    """Return indices as text, NAMED of them at most."""
    written = [str(list(index)) if kind == "entries" else str(index[0]) for index in indices[:NAMED]]
    more = f" and {len(indices) - NAMED:,} more" if len(indices) > NAMED else ""
    return ", ".join(written).replace("[]", "x itself") + more


def with_difference(value: float, difference: float) -> str:
    """Return a number with enough digits, three at least, for a difference to show in its last two."""
    if not (value and difference):
        return short(value, 3)
    return short(value, int(np.clip(np.floor(np.log10(abs(value) / difference)) + 3, 3, 12)))


def short(value: float, digits: int) -> str:
    """Return a number to so many significant digits, with a true minus sign, and 0 for either zero."""
    return f"{value:.{digits}g}".replace("-", "−") if value else "0"
