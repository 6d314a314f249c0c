"""The gradient check: it passes every right gradient, on a kink too, and no wrong one.

The hinge problems are N = 40 examples of D = 16 features in C = 6 classes: f is the loss as a function of
W (D, C), and the gradient is known from the lecture's formula. `nudge` puts one margin where it is wanted.
"""

from html.parser import HTMLParser
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cs_lib.gradcheck import GradientError, QuestionError, assert_gradient, check_gradient, numerical_gradient

N, D, C, REG = 40, 16, 6, 0.1
PROBLEMS = range(200)
ROWS = np.arange(N)


def classic_check(f, x, analytic, h=1e-5, threshold=1e-5):
    """The check of many courses: central differences of one step, and one threshold on the relative error."""
    numerical = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        before = x[i]
        x[i] = before + h
        above = f(x)
        x[i] = before - h
        below = f(x)
        x[i] = before
        numerical[i] = (above - below) / (2 * h)
    error = np.abs(numerical - analytic) / np.maximum(1e-8, np.abs(numerical) + np.abs(analytic))
    return error.max() <= threshold


class HingeProblem(NamedTuple):
    X: np.ndarray
    W: np.ndarray
    y: np.ndarray
    n: int  # the example and
    j: int  # the wrong class whose margin is put near its kink

    def loss(self, W):
        margins = self.X @ W
        margins += 1 - margins[ROWS, self.y, np.newaxis]
        hinge = np.maximum(margins, 0, out=margins).sum() / N - 1  # the right class's own term is 1, always
        return hinge + REG * np.vdot(W, W)

    def gradient(self, at_kink=None):
        """The lecture's formula; `at_kink` in [0, 1] is the indicator of the one margin at its kink."""
        margins = self.X @ self.W
        margins += 1 - margins[ROWS, self.y, np.newaxis]
        violated = (margins > 0).astype(float)
        if at_kink is not None:
            violated[self.n, self.j] = at_kink
        violated[ROWS, self.y] = 0
        violated[ROWS, self.y] = -violated.sum(axis=1)
        return self.X.T @ violated / N + 2 * REG * self.W

    def entry_away_from_the_kink(self, rng):
        others = [c for c in range(C) if c not in (self.j, self.y[self.n])]
        return int(rng.integers(D)), int(rng.choice(others))


def hinge_problem(seed, margin=None):
    """A random problem; with `margin`, one margin of it has that value, within rounding."""
    rng = np.random.default_rng(seed)
    X, W = rng.standard_normal((N, D)), 0.5 * rng.standard_normal((D, C))
    y = rng.integers(C, size=N)
    problem = HingeProblem(X, W, y, n=seed % N, j=(y[seed % N] + 1) % C)
    return problem if margin is None else nudge(problem, margin)


def nudge(problem, margin):
    X, W, y, n, j = problem
    between = W[:, j] - W[:, y[n]]
    for _ in range(3):  # the second and third time remove the rounding of the first
        X[n] += (margin - 1 - X[n] @ between) / (between @ between) * between
    return problem


def softmax_loss(W, X, y):
    scores = X @ W
    shifted = scores - scores.max(axis=1, keepdims=True)
    return (np.log(np.exp(shifted).sum(axis=1)) - shifted[ROWS, y]).mean() + REG * (W * W).sum()


def softmax_gradient(W, X, y):
    scores = X @ W
    S = np.exp(scores - scores.max(axis=1, keepdims=True))
    S /= S.sum(axis=1, keepdims=True)
    S[ROWS, y] -= 1
    return X.T @ S / N + 2 * REG * W


def verdicts(problem, gradients):
    return [check_gradient(problem.loss, problem.W, gradient).verdict for gradient in gradients]


def wrong_by_a_little(problem, gradient, seed):
    """The gradient times 1 ± 1e-5, and with ± 1e-5 added to one entry."""
    rng = np.random.default_rng(seed)
    sign = 1 if seed % 2 else -1
    one_off = gradient.copy()
    one_off[problem.entry_away_from_the_kink(rng)] += rng.choice([-1e-5, 1e-5])
    return [gradient * (1 + sign * 1e-5), one_off]


class TestHingeLoss:
    def test_generic_points_pass_and_errors_of_1e_5_do_not(self):
        for seed in PROBLEMS:
            problem = hinge_problem(seed)
            right = problem.gradient()
            found = verdicts(problem, [right, *wrong_by_a_little(problem, right, seed)])
            assert found == ["agrees", "disagrees", "disagrees"], seed

    def test_a_kink_within_the_step_misleads_the_classic_check_and_not_this_one(self):
        for seed in PROBLEMS:
            problem = hinge_problem(seed, margin=3e-6 if seed % 4 < 2 else -3e-6)
            right = problem.gradient()
            assert not classic_check(problem.loss, problem.W.copy(), right), seed
            found = verdicts(problem, [right, *wrong_by_a_little(problem, right, seed)])
            assert found == ["agrees", "disagrees", "disagrees"], seed

    def test_on_a_kink_every_subgradient_passes_and_errors_of_1e_5_do_not(self):
        for seed in PROBLEMS:
            problem = hinge_problem(seed, margin=0.0)
            between = np.random.default_rng(seed).uniform()
            rights = [problem.gradient(at_kink) for at_kink in (0, 1, between)]
            assert not classic_check(problem.loss, problem.W.copy(), rights[0]), seed
            found = verdicts(problem, [*rights, *wrong_by_a_little(problem, rights[0], seed)])
            assert found == ["agrees"] * 3 + ["disagrees"] * 2, seed

    @pytest.mark.parametrize("beyond", [-0.02, 1.02])
    def test_on_a_kink_values_outside_the_slopes_are_rejected(self, beyond):
        for seed in range(4):
            problem = hinge_problem(seed, margin=0.0)
            report = check_gradient(problem.loss, problem.W, problem.gradient(beyond))
            assert report.verdict == "disagrees"
            assert {index[1] for index in report.indices(report.disagrees)} == {
                problem.j,
                problem.y[problem.n],
            }

    @pytest.mark.parametrize("margin", [1e-9, -1e-9, 1e-8, -1e-7])
    def test_a_kink_far_closer_than_the_step_is_told_from_one_at_x(self, margin):
        for seed in range(5):
            problem = hinge_problem(seed, margin)
            assert verdicts(problem, [problem.gradient()]) == ["agrees"]
            other_side = problem.gradient(at_kink=0.0 if margin > 0 else 1.0)
            assert verdicts(problem, [other_side]) == ["disagrees"]

    def test_entries_on_the_kink_are_named_and_only_those(self):
        problem = hinge_problem(0, margin=0.0)
        report = check_gradient(problem.loss, problem.W, problem.gradient())
        touched = {(d, c) for d in range(D) for c in (problem.j, problem.y[problem.n])}
        assert set(report.indices(report.kinks)) == touched

    @pytest.mark.parametrize("margin", [None, 3e-6, 0.0])
    def test_f_is_asked_at_most_three_times_as_often_as_by_central_differences(self, margin):
        problem, calls = hinge_problem(3, margin), []
        check_gradient(lambda W: calls.append(1) or problem.loss(W), problem.W, problem.gradient())
        assert len(calls) <= 3 * 2 * problem.W.size

    @pytest.mark.parametrize("margin", [None, 3e-6, 0.0])
    def test_directions_pass_right_gradients_though_many_margins_cross(self, margin):
        for seed in range(20):
            problem = hinge_problem(seed, margin)
            report = check_gradient(problem.loss, problem.W, problem.gradient(), directions=5)
            assert report.ok, (seed, report)


class TestSmoothFunctions:
    @pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
    def test_softmax_loss_of_any_scale_is_checked_to_1e_5(self, scale):
        for seed in range(10):
            X, W, y, _, _ = hinge_problem(seed)
            right = scale * softmax_gradient(W, X, y)
            one_off = right.copy()
            one_off[3, 2] += 1e-5 * scale
            found = [
                check_gradient(lambda W, X=X, y=y: scale * softmax_loss(W, X, y), W, dW).verdict
                for dW in (right, right * (1 + 1e-5), right * (1 - 1e-5), one_off)
            ]
            assert found == ["agrees", "disagrees", "disagrees", "disagrees"]

    @pytest.mark.parametrize(
        ("f", "slope"),
        [
            (np.exp, np.exp),
            (lambda x: x**3, lambda x: 3 * x**2),
            (lambda x: np.sin(1e3 * x), lambda x: 1e3 * np.cos(1e3 * x)),
            (lambda x: np.sin(1e6 * x), lambda x: 1e6 * np.cos(1e6 * x)),
            (lambda x: np.cos(1e3 * x), lambda x: -1e3 * np.sin(1e3 * x)),
            (lambda x: 1e6 * x**2, lambda x: 2e6 * x),
            (lambda x: 1e-8 * x**2, lambda x: 2e-8 * x),
            (lambda x: np.log(1 + np.exp(50 * x)), lambda x: 50 / (1 + np.exp(-50 * x))),
        ],
    )
    @pytest.mark.parametrize("start", [0.0, 1.0])
    def test_curvature_is_not_a_kink_nor_an_error(self, f, slope, start):
        x = start + 0.1 * start * np.random.default_rng(0).standard_normal((3, 4))
        report = check_gradient(lambda x: f(x).sum(), x, slope(x))
        assert report.ok, report
        assert not report.kinks.any()
        wrong = slope(x) + 1e-4 * np.abs(slope(x)).max() + (1e-4 if start == 0 else 0)
        assert check_gradient(lambda x: f(x).sum(), x, wrong).verdict == "disagrees"

    def test_a_step_out_of_the_domain_of_f_is_made_smaller(self):
        x = np.array([1e-5, 1e-8, 1.0])
        assert check_gradient(lambda x: np.log(x).sum(), x, 1 / x).ok
        assert not check_gradient(lambda x: np.log(x).sum(), x, 1.001 / x).ok


class TestKinks:
    @pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-9, 1e-10])
    @pytest.mark.parametrize("sign", [1, -1])
    def test_beside_a_kink_only_the_slope_of_that_side_is_right(self, distance, sign):
        x = np.full(3, sign * distance)
        assert check_gradient(lambda x: np.abs(x).sum(), x, sign * np.ones(3)).ok
        for wrong in (0.0, -sign, 0.999 * sign):
            assert check_gradient(lambda x: np.abs(x).sum(), x, np.full(3, wrong)).verdict == "disagrees"

    @pytest.mark.parametrize("bend", [1, -1])
    def test_on_a_kink_values_between_the_slopes_pass_whether_it_opens_up_or_down(self, bend):
        for value in (-1.0, -0.3, 0.0, 1.0):
            report = check_gradient(lambda x: bend * np.abs(x).sum(), np.zeros(2), np.full(2, value))
            assert report.ok
            assert report.kinks.all()
        assert not check_gradient(lambda x: bend * np.abs(x).sum(), np.zeros(2), np.array([0.0, 1.00001])).ok

    def test_a_kink_on_top_of_curvature_is_found_and_bounded(self):
        def f(x):
            return (np.exp(3 * x) + np.abs(x)).sum()

        assert check_gradient(f, np.zeros(2), np.array([2.0, 4.0])).ok
        assert not check_gradient(f, np.zeros(2), np.array([1.999, 3.0])).ok
        assert not check_gradient(f, np.zeros(2), np.array([3.0, 4.001])).ok

    def test_several_kinks_of_either_sign_within_the_step_leave_only_the_one_at_x(self):
        def f(x):
            return (np.abs(x) + 2 * np.abs(x - 1e-6) + 3 * np.abs(x + 1e-9) - 2 * np.maximum(0, x - 3e-6)).sum()

        report = check_gradient(f, np.zeros(1), np.ones(1))  # −2 + 3, and −1 or 1 from the kink at x
        assert report.ok
        assert (report.left[0], report.right[0]) == pytest.approx((0, 2), abs=1e-5)
        for wrong in (-0.01, 2.01):
            assert not check_gradient(f, np.zeros(1), np.array([wrong])).ok

    def test_a_jump_of_f_itself_is_undecided_neither_passed_nor_called_wrong(self):
        report = check_gradient(lambda x: float((x > 0).sum()), np.array([0.0, 1.0]), np.zeros(2))
        assert report.verdict == "undecided"
        assert not report.ok
        assert report.indices(report.undecided) == [(0,)]
        with pytest.raises(GradientError, match=r"at 1 of 2 entries\. All others agree; at \[0\]"):
            assert_gradient(lambda x: float((x > 0).sum()), np.array([0.0, 1.0]), np.zeros(2))

    def test_slopes_lost_in_rounding_are_undecided(self):
        x = np.ones(3)
        assert check_gradient(lambda x: 1e12 + x.sum(), x, np.ones(3)).verdict == "undecided"

    def test_a_relu_layer_is_checked_through_its_upstream_gradient(self):
        rng = np.random.default_rng(0)
        x, df = rng.standard_normal((4, 5)), rng.standard_normal((4, 5))
        x[1, 2] = 0
        for at_zero in (0.0, 0.5, 1.0):
            dx = df * np.where(x == 0, at_zero, x > 0)
            report = check_gradient(lambda x: np.maximum(0, x), x, dx, df=df)
            assert report.ok
            assert report.indices(report.kinks) == [(1, 2)]
        assert not check_gradient(lambda x: np.maximum(0, x), x, (x > 0) * 1.0, df=df).ok


class TestCorners:
    """f bends both ways: c₁·max(0, x·a₁) + c₂·max(0, x·a₂) + …, with every kink at or near the same x."""

    A = np.array([[1.0, 0.5], [-0.5, 1.0]])  # rows aₖ: the kinks cross at 0
    c = np.array([1.0, -3.0])

    def f(self, x):
        return float(self.c @ np.maximum(0, self.A @ x))

    def test_the_gradient_of_every_region_that_meets_at_x_passes(self):
        for on in ([0, 0], [0, 1], [1, 0], [1, 1], [0.5, 0.5]):
            gradient = (self.c * on) @ self.A
            report = check_gradient(self.f, np.zeros(2), gradient)
            assert report.ok, (on, report)
            assert report.kinks.all()

    def test_a_value_outside_every_region_does_not_pass(self):
        for wrong in ([4.0, 0.0], [0.0, -4.0]):
            assert not check_gradient(self.f, np.zeros(2), np.array(wrong)).ok

    @pytest.mark.parametrize("mode", [{}, {"directions": 5}])
    def test_a_sign_error_is_wrong_and_not_merely_undecided(self, mode):
        x = np.random.default_rng(0).standard_normal((16, 6))
        x[2, 3] = x[4, 4] = 0
        gradient = 2 * x + np.sign(x)
        assert check_gradient(lambda x: (x * x + np.abs(x)).sum(), x, gradient, **mode).ok
        report = check_gradient(lambda x: (x * x + np.abs(x)).sum(), x, -gradient, **mode)
        assert report.verdict == "disagrees"

    def test_kinks_that_bend_both_ways_close_to_x_do_not_hide_its_slope(self):
        rng = np.random.default_rng(0)
        for _ in range(50):
            at, jump = rng.uniform(1e-9, 1e-8, 3) * [1, -1, 1], rng.standard_normal(3)

            def f(x, at=at, jump=jump):
                return float(x[0] + jump @ np.maximum(0, x[0] - at))

            slope = 1 + jump[at < 0].sum()
            assert check_gradient(f, np.zeros(1), [slope]).ok
            assert check_gradient(f, np.zeros(1), [slope + 0.01]).verdict == "disagrees"


class TestLargeArrays:
    @pytest.fixture
    def problem(self):
        rng = np.random.default_rng(1)
        X, W = 60 * rng.standard_normal((N, 3073)), 0.01 * rng.standard_normal((3073, 10))
        return HingeProblem(X, W, rng.integers(10, size=N), 0, 0)

    @pytest.mark.parametrize("mode", [{"samples": 20}, {"directions": 10}])
    def test_each_mode_passes_the_right_gradient_and_rejects_wrong_ones(self, problem, mode):
        dW = problem.gradient()
        assert check_gradient(problem.loss, problem.W, dW, **mode).ok
        for wrong in (-dW, dW * N, dW * (1 + 1e-5), dW - 2 * REG * problem.W):
            report = check_gradient(problem.loss, problem.W, wrong, **mode)
            assert report.verdict == "disagrees"
            assert report.size == 30730

    def test_samples_are_distinct_repeat_themselves_and_follow_the_generator(self):
        x = np.arange(1.0, 101.0)

        def drawn(**options):
            return check_gradient(lambda x: (x * x).sum(), x, 2 * x, samples=20, **options).entries.tolist()

        assert len(set(drawn())) == 20
        assert drawn() == drawn() == drawn(rng=np.random.default_rng(0))
        assert drawn() != drawn(rng=np.random.default_rng(1))

    def test_more_samples_than_entries_check_every_entry(self):
        report = check_gradient(lambda x: (x * x).sum(), np.ones(3), np.full(3, 2.0), samples=10)
        assert str(report) == "The gradient agrees at all 3 entries."

    def test_a_direction_through_a_kink_at_x_accepts_any_value_between(self):
        for value in (-1.0, 0.2, 1.0):
            report = check_gradient(lambda x: np.abs(x).sum(), np.zeros(4), np.full(4, value), directions=3)
            assert report.ok
            assert report.kinks.all()
        assert not check_gradient(lambda x: np.abs(x).sum(), np.zeros(4), [9, 0, 0, 0], directions=3).ok


class TestInputs:
    def test_x_is_left_alone_when_f_writes_into_its_argument(self):
        def f(x):
            value = (x * x).sum()
            x[:] = np.nan
            return value

        x = np.array([1.0, 2.0])
        assert check_gradient(f, x, 2 * x).ok
        np.testing.assert_allclose(numerical_gradient(f, x), [2, 4], rtol=1e-9)
        np.testing.assert_array_equal(x, [1, 2])

    @pytest.mark.parametrize("stop_after", [0, 1, 2, 5, 12])
    def test_x_is_left_alone_when_f_raises(self, stop_after):
        calls = []

        def f(x):
            calls.append(1)
            if len(calls) > stop_after:
                raise RuntimeError("f gave up")
            return x.sum()

        x = np.arange(6.0).reshape(2, 3)
        for ask in (lambda: numerical_gradient(f, x), lambda: check_gradient(f, x, np.ones((2, 3)))):
            calls.clear()
            with pytest.raises(RuntimeError, match="f gave up"):
                ask()
            np.testing.assert_array_equal(x, np.arange(6.0).reshape(2, 3))

    def test_f_may_return_its_argument_or_keep_it(self):
        kept = []
        assert check_gradient(lambda x: kept.append(x) or x, np.ones(3), np.arange(3.0), df=np.arange(3.0)).ok

    def test_integers_are_worked_on_as_float64(self):
        x = np.arange(6).reshape(2, 3)
        assert check_gradient(lambda x: (x**2).sum(), x, 2 * x).ok
        assert numerical_gradient(lambda x: (x**2).sum(), x).dtype == np.float64

    def test_float32_x_is_worked_on_as_float64_and_a_float32_gradient_is_given_its_rounding(self):
        X, W, y, _, _ = hinge_problem(0)
        W = W.astype(np.float32)
        dW = softmax_gradient(W, X.astype(np.float32), y)
        assert dW.dtype == np.float32
        assert check_gradient(lambda W: softmax_loss(W, X, y), W, dW).ok
        assert not check_gradient(lambda W: softmax_loss(W, X, y), W, dW * np.float32(1.001)).ok

    @pytest.mark.parametrize("answer", [np.float32, float])
    def test_an_f_that_computes_in_float32_is_noticed_even_if_it_returns_float64(self, answer):
        X, W, y, _, _ = hinge_problem(0)
        X = X.astype(np.float32)

        def f(W):
            return answer(softmax_loss(W.astype(np.float32), X, y))

        assert check_gradient(f, W, softmax_gradient(W, X, y)).ok
        assert check_gradient(f, W, 1.1 * softmax_gradient(W, X, y)).verdict == "disagrees"

    def test_views_are_checked_like_copies(self):
        x = np.arange(24.0).reshape(4, 6)[::2, ::-1].T
        report = check_gradient(lambda x: (x**3).sum(), x, 3 * x**2)
        assert report.ok
        assert report.shape == (6, 2)

    @pytest.mark.parametrize("mode", [{}, {"samples": 3}, {"directions": 3}])
    def test_an_empty_array_agrees_and_the_report_says_that_nothing_was_checked(self, mode):
        report = check_gradient(lambda x: x.sum(), np.zeros((0, 3)), np.zeros((0, 3)), **mode)
        assert report.ok
        assert "nothing to check" in str(report)
        assert "nothing to check" in report._repr_html_()
        assert report.worst is None

    def test_a_single_number_is_an_array_of_no_dimensions(self):
        assert str(check_gradient(lambda x: x**2, 3.0, 6.0)) == "The gradient agrees at its only entry."
        assert "at x itself: yours is 7, the numerical slope is 6" in str(check_gradient(lambda x: x**2, 3.0, 7))
        assert numerical_gradient(lambda x: x**2, 3.0) == pytest.approx(6)

    @pytest.mark.parametrize(
        ("f", "x", "analytic", "df", "message"),
        [
            (np.sum, [1, np.nan], [1, 1], None, r"x is nan at \[1\]"),
            (np.sum, [1.0, 1.0], [1, np.inf], None, r"the gradient is inf at \[1\] \(1 of 2"),
            (lambda _: np.inf, [1.0], [1.0], None, r"f\(x\) is inf\."),
            (np.sum, [1.0, 1.0], [1.0], None, r"shape \(1,\), but x has shape \(2,\)"),
            (np.sum, np.ones((2, 3)), np.ones((3, 2)), None, "It looks transposed"),
            (np.sum, [1.0], None, None, "None. Is a return statement missing"),
            (np.sum, [1.0], (np.ones(1), 0), None, "is a tuple, not an array"),
            (np.sum, [1j], [1], None, "x must hold real numbers, but its dtype is complex128"),
            (np.sum, [1.0], ["a"], None, "the gradient must hold real numbers"),
            (lambda x: x, [1.0, 2.0], [1, 1], None, r"a single number.*returned shape \(2,\)\. Pass df"),
            (lambda x: (x.sum(), x), [1.0], [1], None, r"a tuple of 2\. .*pass lambda x: f\(x\)\[0\]"),
            (lambda _: None, [1.0], [1], None, "returned None"),
            (lambda x: x, [1.0, 2.0], [1, 1], [1.0], r"shaped like df, \(1,\), but it returned shape \(2,\)"),
            (lambda x: x, [1.0, 2.0], [1, 1], [1.0, np.nan], r"df is nan at \[1\]"),
        ],
    )
    def test_what_cannot_be_compared_is_said_and_not_raised(self, f, x, analytic, df, message):
        report = check_gradient(f, x, analytic, df=df)
        assert report.verdict == "invalid"
        with pytest.raises(GradientError, match=message):
            assert_gradient(f, x, analytic, df=df)

    def test_an_f_that_does_not_repeat_itself_is_noticed_before_any_value_is_compared(self):
        rng = np.random.default_rng(0)
        report = check_gradient(lambda x: x.sum() + rng.random(), np.ones(2), np.ones(2))
        assert report.verdict == "invalid"
        assert "two different values at the same x" in str(report)

    def test_an_f_that_ignores_its_argument_gets_a_hint(self):
        W = np.ones(3)
        assert "does f use its argument?" in str(check_gradient(lambda _: (W * W).sum(), W, 2 * W))

    @pytest.mark.parametrize(("f", "analytic"), [(np.sum, ...), (lambda _: ..., np.ones(2))])
    def test_what_is_not_written_yet_is_not_started(self, f, analytic):
        report = check_gradient(f, np.ones(2), analytic)
        assert report.verdict == "not started"
        assert not report
        assert "not written yet" in str(report)

    @pytest.mark.parametrize(
        "options",
        [{"rtol": -1}, {"atol": np.nan}, {"samples": 0}, {"directions": -1}, {"samples": 1, "directions": 1}],
    )
    def test_parameters_that_make_no_sense_raise(self, options):
        with pytest.raises(ValueError, match=r"samples|directions|rtol|atol"):
            check_gradient(np.sum, np.ones(2), np.ones(2), **options)


class TestNumericalGradient:
    def test_it_is_the_gradient_of_a_smooth_scalar_function(self):
        x = np.random.default_rng(0).standard_normal((3, 4))
        np.testing.assert_allclose(numerical_gradient(lambda x: np.sin(x).sum(), x), np.cos(x), atol=1e-9)

    def test_with_an_upstream_gradient_it_is_the_vector_jacobian_product(self):
        rng = np.random.default_rng(0)
        X, W, df = rng.standard_normal((5, 3)), rng.standard_normal((3, 2)), rng.standard_normal((5, 2))
        np.testing.assert_allclose(numerical_gradient(lambda W: X @ W, W, df), X.T @ df, atol=1e-9)

    def test_the_step_can_be_chosen(self):
        np.testing.assert_allclose(numerical_gradient(lambda x: (x**3).sum(), np.ones(1), h=0.5), [3.25])

    @pytest.mark.parametrize("h", [0.0, -1.0, np.nan, np.inf])
    def test_a_step_that_is_not_positive_and_finite_raises(self, h):
        with pytest.raises(QuestionError, match="h is the size of the step"):
            numerical_gradient(np.sum, np.ones(1), h=h)

    def test_leaving_the_domain_of_f_raises_and_names_the_entry(self):
        with (
            pytest.raises(QuestionError, match=r"within a step of x at \[1\]"),
            np.errstate(invalid="ignore"),
        ):
            numerical_gradient(lambda x: np.sqrt(x).sum(), np.array([1.0, 0.0]))

    def test_an_unwritten_f_raises(self):
        with pytest.raises(QuestionError, match="not written yet"):
            numerical_gradient(lambda _: ..., np.ones(1))


finite = st.floats(-100, 100, allow_subnormal=False)
vectors = arrays(np.float64, st.integers(1, 6), elements=finite)


class TestProperties:
    @settings(deadline=None, max_examples=50)
    @given(x=vectors, seed=st.integers(0, 1000), power=st.integers(-30, 30))
    def test_linear_functions_are_recovered_at_any_scale(self, x, seed, power):
        a = 2.0**power * np.random.default_rng(seed).uniform(1, 2, x.shape)
        rounding = 1e-8 * np.abs(a).max() * (1 + np.abs(x).sum())
        np.testing.assert_allclose(numerical_gradient(lambda x: a @ x, x), a, atol=rounding)
        assert check_gradient(lambda x: a @ x, x, a).ok
        assert not check_gradient(lambda x: a @ x, x, a * 1.001).ok

    @settings(deadline=None, max_examples=25)
    @given(seed=st.integers(0, 1000), power=st.integers(-100, 100), error=st.sampled_from([0, 1e-7, 1e-5, 1e-2]))
    def test_scaling_f_and_its_gradient_leaves_the_verdict(self, seed, power, error):
        x, scale = np.random.default_rng(seed).standard_normal((2, 3)), 2.0**power
        gradient = (1 + error) * (np.cos(x) + np.sign(x))

        def f(x):
            return (np.sin(x) + np.abs(x)).sum()

        plain = check_gradient(f, x, gradient)
        scaled = check_gradient(lambda x: scale * f(x), x, scale * gradient)
        assert plain.verdict == scaled.verdict == ("agrees" if error < 1e-6 else "disagrees")
        assert str(plain.indices(plain.disagrees)) == str(scaled.indices(scaled.disagrees))

    @settings(deadline=None, max_examples=25)
    @given(seed=st.integers(0, 1000), error=st.sampled_from([0, 1e-3]))
    def test_a_transposed_view_gets_the_transposed_report(self, seed, error):
        x = np.random.default_rng(seed).standard_normal((3, 4))
        gradient = 3 * x**2
        gradient[1, 2] += error
        plain = check_gradient(lambda x: (x**3).sum(), x, gradient)
        turned = check_gradient(lambda x: (x**3).sum(), x.T, gradient.T)
        assert plain.verdict == turned.verdict == ("disagrees" if error else "agrees")
        assert [index[::-1] for index in plain.indices(plain.disagrees)] == turned.indices(turned.disagrees)

    @settings(deadline=None, max_examples=50)
    @given(
        bends=st.lists(
            st.tuples(st.sampled_from([0.0, 1e-9, -1e-9, 1e-7, -1e-6, 5e-6]), st.floats(0.1, 10)), max_size=4
        ),
        slope=st.floats(-5, 5, allow_subnormal=False),
        part=st.floats(0, 1),
    )
    def test_of_convex_piecewise_linear_functions_subgradients_pass_and_others_do_not(self, bends, slope, part):
        def f(x):
            return float(slope * x[0] + sum(jump * max(0.0, x[0] - at) for at, jump in bends))

        left = slope + sum(jump for at, jump in bends if at < 0)
        right = left + sum(jump for at, jump in bends if at == 0)
        assert check_gradient(f, np.zeros(1), [left + part * (right - left)]).ok
        for wrong in (left - 0.01, right + 0.01):
            report = check_gradient(f, np.zeros(1), [wrong])
            assert report.verdict in ("disagrees", "undecided" if report.left[0] != report.right[0] else "disagrees")


class TestReport:
    def square(self, analytic, **options):
        x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        return check_gradient(lambda x: (x * x).sum(), x, analytic, **options)

    right = 2 * np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])

    def test_agreement_is_one_sentence_without_rounding_noise(self):
        report = self.square(self.right)
        assert str(report) == repr(report) == "The gradient agrees at all 6 entries."
        assert report

    def test_a_failure_names_the_worst_entry_both_values_and_how_many_disagree(self):
        wrong = self.right.copy()
        wrong[1, 0], wrong[0, 2] = 7.0, 6.5
        report = self.square(wrong)
        assert str(report) == (
            "The gradient disagrees at 2 of 6 entries. "
            "The largest difference is at [1, 0]: yours is 7, the numerical slope is 8."
        )
        assert (report.worst.index, report.worst.analytic) == ((1, 0), 7.0)
        assert report.worst.numerical == pytest.approx(8)
        assert int(report.disagrees.sum()) == 2

    def test_digits_are_enough_to_see_a_small_difference(self):
        wrong = self.right.copy()
        wrong[1, 0] += 1e-3
        assert "yours is 8.001, the numerical slope is 8." in str(self.square(wrong))

    @pytest.mark.parametrize(("factor", "words"), [(2, "2"), (-1, "−1"), (0.025, "0.025"), (1.00001, "1.00001")])
    def test_a_common_factor_is_pointed_out(self, factor, words):
        assert f"Yours is {words} times the numerical gradient everywhere." in str(self.square(factor * self.right))

    def test_no_common_factor_is_claimed_where_there_is_none(self):
        assert "times" not in str(self.square(self.right + 1))

    def test_kinks_are_named_and_a_long_list_is_cut_short(self):
        x = np.zeros((3, 3))
        assert str(check_gradient(lambda x: np.abs(x).sum(), x, x)) == (
            "The gradient agrees at all 9 entries. 9 entries lie on a kink, where any value between the "
            "one-sided slopes is right: [0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2] and 3 more."
        )

    def test_beyond_a_kink_both_slopes_are_given(self):
        report = check_gradient(lambda x: np.abs(x).sum(), np.array([0.0, 1.0]), np.array([1.5, 1.0]))
        assert "yours is 1.5, the slopes on either side of its kink are −1 and 1." in str(report)

    def test_samples_and_directions_say_what_was_looked_at(self):
        assert str(self.square(self.right, samples=2)) == (
            "The gradient agrees at all 2 entries drawn at random from 6."
        )
        assert str(self.square(self.right, directions=3)) == (
            "The gradient agrees along all 3 random directions through 6 entries."
        )
        assert "disagrees along 3 of 3 random directions" in str(self.square(-self.right, directions=3))

    def test_assert_gradient_raises_with_the_report_and_is_silent_when_right(self):
        def f(x):
            return (x * x).sum()

        assert assert_gradient(f, np.ones(2), np.full(2, 2.0)) is None
        with pytest.raises(AssertionError) as caught:
            assert_gradient(f, np.ones(2), np.ones(2))
        assert caught.value.report.verdict == "disagrees"
        assert str(caught.value) == str(caught.value.report)


class Tags(HTMLParser):
    """Collects (tag, attributes) and fails on what is not closed."""

    def __init__(self):
        super().__init__()
        self.seen, self.open = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def tags(html):
    parser = Tags()
    parser.feed(html)
    assert parser.open == []
    return parser.seen


class TestPicture:
    def test_the_heat_map_has_a_cell_for_every_entry_and_a_text_for_those_who_cannot_see_it(self):
        x = np.ones((4, 5))
        wrong = 2 * x
        wrong[1, 2] = 0
        seen = tags(check_gradient(lambda x: (x * x).sum(), x, wrong)._repr_html_())
        assert sum(tag == "rect" for tag, _ in seen) == 20
        (svg,) = [attributes for tag, attributes in seen if tag == "svg"]
        assert svg["role"] == "img"
        assert "agrees: 19, differs by a tenth or more: 1" in svg["aria-label"]

    def test_the_table_holds_the_worst_entries_largest_first(self):
        x = np.ones(8)
        html = check_gradient(lambda x: (x * x).sum(), x, 2 + np.arange(8.0))._repr_html_()
        rows = [html.index(f'<th scope="row">[{i}]</th>') for i in (7, 6, 5, 4, 3)]
        assert rows == sorted(rows)
        assert '<th scope="row">[2]</th>' not in html

    def test_the_same_report_gives_the_same_bytes(self):
        reports = [check_gradient(lambda x: np.abs(x).sum(), np.zeros((2, 3)), np.eye(2, 3) * 2) for _ in range(2)]
        assert reports[0]._repr_html_() == reports[0]._repr_html_() == reports[1]._repr_html_()

    def test_every_level_is_told_by_a_sign_or_word_and_not_by_colour_alone(self):
        x = np.array([0.0, 1.0, 2.0, 3.0])
        html = check_gradient(lambda x: np.abs(x).sum(), x, [0.0, 1.0, 1.01, 9.0])._repr_html_()
        for words in ("agrees, on a kink", "differs by less than a tenth", "differs by a tenth or more"):
            assert words in html
        for sign in ("∧", "+", "×"):
            assert f">{sign}</text>" in html

    @pytest.mark.parametrize("shape", [(), (7,), (2, 3, 4), (300, 200), (1, 1000)])
    def test_arrays_of_any_shape_have_a_picture_of_bounded_size(self, shape):
        x = np.ones(shape)
        report = check_gradient(lambda x: (x * x).sum(), x, 2 * x, samples=30)
        html = report._repr_html_()
        assert sum(tag == "rect" for tag, _ in tags(html)) <= 64 * 64

    def test_one_wrong_entry_of_a_large_array_shows_in_its_block(self):
        x = np.ones((200, 10))
        wrong = 2 * x
        wrong[123, 4] = 5
        html = check_gradient(lambda x: (x * x).sum(), x, wrong)._repr_html_()
        assert "differs by a tenth or more: 1" in html

    def test_directions_have_one_row(self):
        report = check_gradient(lambda x: (x * x).sum(), np.ones((5, 5)), np.zeros((5, 5)), directions=4)
        assert sum(tag == "rect" for tag, _ in tags(report._repr_html_())) == 4

    def test_it_needs_nothing_from_elsewhere(self):
        html = check_gradient(lambda x: (x * x).sum(), np.ones(3), np.ones(3))._repr_html_()
        assert "<script" not in html
        assert html.replace("http://www.w3.org/2000/svg", "").count("http") == 0

    def test_a_report_without_numbers_is_a_sentence_with_its_signs_escaped(self):
        html = check_gradient(lambda x: (x, x), np.ones(3), np.ones(3))._repr_html_()
        assert tags(html)[1][0] == "p"
        assert "<svg" not in html


def test_a_tall_gradient_is_drawn_lying_and_says_so():
    W = np.ones((64, 10))
    shown = check_gradient(lambda W: np.sum(W), W, np.ones_like(W), samples=5)._repr_html_()
    assert 'width="512" height="80"' in shown
    assert "rows run from left to right" in shown
    square = check_gradient(lambda W: np.sum(W), W[:10], np.ones((10, 10)))._repr_html_()
    assert "rows run from left to right" not in square


@pytest.mark.parametrize("slope", [2.2250738585e-313, 1e-310, 5e-324, 1e-300])
def test_a_slope_too_small_for_all_its_digits_is_not_called_wrong(slope):
    assert check_gradient(lambda x: float(slope * x[0]), np.zeros(1), [slope]).verdict != "disagrees"


@pytest.mark.parametrize("x", [3e-32, 1e-20, 1e-12])
def test_beside_the_bottom_of_a_bowl_a_right_gradient_agrees(x):
    report = check_gradient(lambda x: float(np.sum(x**2)), np.array([x]), np.array([2 * x]))
    assert report.verdict != "disagrees"
