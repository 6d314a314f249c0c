"""The verdict on a gradient somebody derived: compare it with the slopes of f, each within its own error."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cs_lib.gradcheck.corners import look_around_corners
from cs_lib.gradcheck.lines import Coordinates, Directions, Mask, coordinates, random_directions
from cs_lib.gradcheck.precision import Precision, measure_precision
from cs_lib.gradcheck.question import Array, Function, NotWrittenError, Question, QuestionError, finite_array
from cs_lib.gradcheck.report import GradientError, GradientReport, distance_outside
from cs_lib.gradcheck.slopes import Slopes, measure_slopes

RTOL = 1e-6  # what a right gradient in float64 meets with ease, and one wrong by 1e-5 does not
TRUSTED = 0.01  # a slope is trusted where its error bound is below this part of the largest slope


DUST = 1e-300  # so close to the smallest numbers there are, digits are lost that eps knows nothing of


@dataclass(frozen=True)
class Tolerance:
    """How far a right gradient may be from the slopes: the caller's rtol and atol, and the gradient's own eps."""

    rtol: float
    atol: float
    eps: float

    def of(self, analytic: Array, slopes: Slopes) -> Array:
        """Return (m,) the tolerances; the bound of each slope is part of them.

        The gradient is rounded too, in its own dtype, by as much as its largest entries: an entry may be what
        is left of a sum of large terms.
        """
        size = np.maximum(np.abs(analytic), np.abs(slopes.central))
        rounding = 16 * self.eps * np.max(size, initial=0.0)
        return np.asarray(self.atol + self.rtol * size + slopes.bound + rounding + DUST)


def check_gradient(
    f: Function,
    x: ArrayLike,
    analytic: Any,
    *,
    df: ArrayLike | None = None,
    rtol: float = RTOL,
    atol: float = 0.0,
    samples: int | None = None,
    directions: int | None = None,
    rng: np.random.Generator | None = None,
) -> GradientReport:
    """Return a report on whether `analytic` is the gradient of f at x; print it, or look at it in a notebook.

    f:          takes a float64 array shaped like x, returns a scalar; or, with df, an array shaped like df.
                It may write into its argument: x is never modified.
    x:          real numbers of any shape; integers and float32 are worked on as float64.
    analytic:   the gradient to check, shaped like x; `...` for one that is not written yet.
    df:         the upstream gradient: `analytic` is then Σ df · ∂f/∂x, what a layer's backward pass returns.
    rtol, atol: an entry agrees within `atol + rtol · its size + the error bound of the numerical slope`.
                The bound comes with each slope (see slopes.py), so it need not be allowed for. With
                atol = 0, f and its gradient may be of any scale.
    samples:    check only so many randomly chosen entries. Finds what is wrong in many entries.
    directions: instead of entries, check directional derivatives: analytic · v against the slope of f along
                so many random v. Each takes as long as one entry and feels every entry, but an error in a
                single one of n entries only by 1/√n of its size: use it for factors, signs, missing terms.
    rng:        draws samples and directions; `default_rng(0)` unless given, so a check repeats itself.

    The verdict is one of
        agrees       every entry checked is right. Only then is `report.ok` true.
        disagrees    at least one entry is wrong.
        undecided    none is wrong, but for some no step was both small enough for f and large enough for its
                     rounding. They are not passed silently, and not called wrong.
        not started  `analytic`, or f's answer, is `...`.
        invalid      nothing can be compared: a shape, a dtype, a nan, or an f that does not repeat itself.
    On a kink (a margin or ReLU input that is exactly 0) any value between the two one-sided slopes is right;
    such entries are named. A kink closer to x than rounding can resolve (2^-36 at best) counts as at x.

    Limits. Kinks whose jumps cancel at every step tried (one up and one down, at equal and tiny distances on
    either side) stay unseen, and so does what leaves no trace at the few points visited. A slope whose
    effect on f is lost in the rounding of f counts as 0 where the gradient says 0, and is undecided where it
    does not. Entries are checked one by one: on a kink, each may lie between its slopes without the whole
    being a subgradient. Where several kinks meet at x, the slopes around x are sampled; a value not far outside
    them is undecided, and kinks that meet there and cancel along an entry are not seen as kinks. The step is a
    fraction of max(1, |x|): where x and its effects are far smaller (x ~ 1e-12), measure x in a larger unit.

    Evaluates f ten times, then four times an entry or direction, six to ten times on a kink or near one.
    Raises ValueError where rtol, atol, samples or directions make no sense, and whatever f raises.
    """
    require_sensible(rtol, atol, samples, directions)
    if analytic is ...:
        return GradientReport.without_numbers("not started", "The gradient is not written yet: it is still `...`.")
    try:
        question = Question(f, x, df)
        question.require_repeatable()
        gradient, eps = answer_to(question, analytic)
    except NotWrittenError:
        return GradientReport.without_numbers("not started", "f is not written yet: it returned `...`.")
    except QuestionError as fault:
        return GradientReport.without_numbers("invalid", f"The gradient could not be checked: {fault}")
    with np.errstate(all="ignore"):  # f may leave its domain within a step; a smaller step is taken there
        lines = choose_lines(question, samples, directions, np.random.default_rng(0) if rng is None else rng)
        return judge(lines, gradient, Tolerance(rtol, atol, eps))


def assert_gradient(f: Function, x: ArrayLike, analytic: Any, **options: Any) -> None:
    """Raise GradientError, an AssertionError with the report as `.report`, unless check_gradient says ok.

    Takes the arguments of check_gradient. 'Not started', 'undecided' and 'invalid' raise too, and say so.
    """
    report = check_gradient(f, x, analytic, **options)
    if not report.ok:
        raise GradientError(report)


def require_sensible(rtol: float, atol: float, samples: int | None, directions: int | None) -> None:
    """Raise ValueError naming the parameter that makes no sense."""
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if not (np.isfinite(tolerance) and tolerance >= 0):
            raise ValueError(f"{name} must be a finite number that is not negative, but it is {tolerance}.")
    for name, number in (("samples", samples), ("directions", directions)):
        if number is not None and number < 1:
            raise ValueError(f"{name} must be at least 1, but it is {number}. Leave it out to check every entry.")
    if samples is not None and directions is not None:
        raise ValueError("Pass samples or directions, not both: they are two ways of checking a large array.")


def answer_to(question: Question, analytic: Any) -> tuple[Array, float]:
    """Return the gradient as float64 and its dtype's epsilon, or raise QuestionError."""
    if analytic is None:
        raise QuestionError("the gradient is None. Is a return statement missing?")
    if isinstance(analytic, tuple | list) and any(isinstance(part, np.ndarray) for part in analytic):
        raise QuestionError(f"the gradient is a {type(analytic).__name__}, not an array. Pass one array of it.")
    if np.shape(analytic) != question.x.shape:
        advice = " It looks transposed." if np.shape(analytic) == question.x.shape[::-1] else ""
        raise QuestionError(
            f"the gradient has shape {np.shape(analytic)}, but x has shape {question.x.shape}, "
            f"and a gradient has one slope for every entry of x.{advice}"
        )
    dtype = np.asarray(analytic).dtype
    eps = float(np.finfo(dtype if dtype.kind == "f" else np.float64).eps)
    return finite_array("the gradient", analytic), eps


def choose_lines(
    question: Question, samples: int | None, directions: int | None, rng: np.random.Generator
) -> Coordinates | Directions:
    """Return the lines to look along: every entry, a random choice of entries, or random directions."""
    if directions is not None:
        return random_directions(question, directions if question.x.size else 0, rng)
    size = question.x.size
    chosen = np.arange(size)
    if samples is not None and samples < size:
        chosen = np.sort(rng.choice(size, samples, replace=False))
    return coordinates(question, chosen)


def judge(lines: Coordinates | Directions, gradient: Array, tolerance: Tolerance) -> GradientReport:
    """Return the report on a gradient shaped like x, looked at along the lines."""
    precision = measure_precision(lines.question)
    slopes = measure_slopes(lines, precision, tolerance.rtol)
    analytic = lines.project(gradient)
    wrong = distance_outside(analytic, slopes.left, slopes.right) > tolerance.of(analytic, slopes)
    if wrong.any() and not np.any(wrong & ~slopes.kink):  # the verdict hangs on kinks alone
        doubtful = np.flatnonzero(wrong)
        look_around_corners(lines, slopes, precision, doubtful, analytic[doubtful])
    vague = too_vague(lines.question, precision, slopes, analytic) & (slopes.bound > tolerance.atol)
    return GradientReport.from_numbers(
        kind="directions" if isinstance(lines, Directions) else "entries",
        shape=lines.question.x.shape,
        entries=lines.entries,
        analytic=analytic,
        slopes=slopes,
        tolerance=tolerance.of(analytic, slopes),
        vague=vague,
    )


def too_vague(question: Question, precision: Precision, slopes: Slopes, analytic: Array) -> Mask:
    """Tell which slopes (m,) are not known well enough to call a gradient right.

    A slope is known when its bound is small beside the largest slope over the first step. A gradient that
    claims to be 0 is believed as soon as f moves no more than its rounding: the bound is below √eps · |f|.
    """
    scale = np.maximum(np.abs(slopes.central), slopes.typical)
    claims_zero = np.abs(analytic) <= 64 * precision.eps * question.magnitude
    sees_zero = slopes.bound <= precision.eps**0.5 * question.magnitude
    return np.asarray((slopes.bound > TRUSTED * scale) & ~(claims_zero & sees_zero))
