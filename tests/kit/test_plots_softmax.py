"""Pictures of softmax show the numbers of the formulas, in bars, colours and words."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from matplotlib.image import imread

from cs_lib.gradcheck import numerical_gradient
from cs_lib.plots import plot_jacobian, plot_pulls, plot_softmax, plot_two_losses
from cs_lib.plots.picture import ORANGE, WIDTH

SCORES, Y = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]]), np.array([0, 1, 2])
J = np.array([[0.09, -0.09], [-0.09, 0.09]])


def heights(axes):
    return [bar.get_height() for bar in axes.patches]


def hinge_by_the_formula(scores, y):
    return sum(max(0.0, score - scores[y] + 1.0) for j, score in enumerate(scores) if j != y)


def softmax_by_the_formula(scores, y):
    return -np.log(np.exp(scores[y]) / np.sum(np.exp(scores)))


def all_pictures():
    return {
        "softmax": plot_softmax(SCORES[0], [0.13, 0.87, 0.0], "abc"),
        "jacobian": plot_jacobian(J, "ab"),
        "large jacobian": plot_jacobian(np.eye(10), "0123456789"),
        "single jacobian": plot_jacobian([[0.0]], "a"),
        "two losses": plot_two_losses(),
        "pulls": plot_pulls(SCORES, Y, "abc"),
    }


@pytest.mark.parametrize("name", all_pictures())
def test_every_picture_renders_on_opaque_white_and_describes_itself(name):
    picture = all_pictures()[name]
    pixels = imread(io.BytesIO(picture.png()))
    assert picture.get_figwidth() <= WIDTH
    np.testing.assert_array_equal(pixels[[0, -1, 0, -1], [0, 0, -1, -1]], 1.0)
    assert pixels.min() < 0.5
    assert picture.alt.endswith(".")
    assert len(picture.alt.split()) >= 5
    assert "nan" not in picture.alt


def test_scores_and_probabilities_stand_side_by_side():
    picture = plot_softmax(SCORES[0], [0.13, 0.87, 0.0], "abc")
    left, right = picture.axes
    assert heights(left) == [3.2, 5.1, -1.7]
    assert heights(right) == [0.13, 0.87, 0.0]
    assert "b: 5.10 becomes 0.87" in picture.alt


def test_a_rising_probability_is_orange_and_a_falling_one_is_purple():
    image = plot_jacobian(J, "ab").axes[0].images[0]
    (up, down), _ = image.to_rgba(image.get_array())[:, :, :3]
    assert up[0] > up[2]  # more red than blue
    assert down[2] > down[0]
    assert image.norm(0.0) == pytest.approx(0.5)  # the white middle


def test_no_entry_is_written_as_minus_zero():
    texts = [text.get_text() for text in plot_jacobian([[0.001, -0.001], [-0.001, 0.001]], "ab").axes[0].texts]
    assert texts == ["0.00"] * 4


def test_the_hinge_loss_is_satisfied_at_the_margin_and_softmax_never():
    loss_axes, slope_axes = plot_two_losses(delta=1.5).axes
    for axes in (loss_axes, slope_axes):
        lead, hinge = axes.lines[0].get_data()
        _, softmax = axes.lines[1].get_data()
        assert (hinge[lead >= 1.5] == 0).all()
        assert (np.abs(hinge[lead < 1.5 - 0.02]) > 0.01).all()
        assert (np.abs(softmax) > 0).all()


def test_the_slopes_of_the_two_losses_are_those_of_the_curves():
    loss_axes, slope_axes = plot_two_losses().axes
    for curve, slopes, tolerance in zip(loss_axes.lines[:2], slope_axes.lines[:2], (0.51, 1e-4), strict=True):
        lead, loss = curve.get_data()
        error = np.abs(np.gradient(loss, lead) - slopes.get_ydata())[1:-1]
        assert error.max() <= tolerance
        assert (error > 1e-4).sum() <= 2  # the hinge's kink, seen from both sides


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(2, 5))
def test_pulls_point_against_the_gradients_of_both_losses(seed, N, C):
    rng = np.random.default_rng(seed)
    scores, y = 3 * rng.standard_normal((N, C)), rng.integers(0, C, N)
    axes = np.reshape(plot_pulls(scores, y, "abcde"[:C]).axes, (N, 2))
    for column, loss in enumerate((hinge_by_the_formula, softmax_by_the_formula)):
        for i in range(N):
            expected = -numerical_gradient(lambda row, i=i, loss=loss: loss(row, y[i]), scores[i])
            np.testing.assert_allclose(heights(axes[i, column]), expected, atol=1e-5)
            assert f"loss {loss(scores[i], y[i]):.2f}" in axes[i, column].get_title()


def test_the_right_class_is_marked_by_colour_and_by_name():
    axes = plot_pulls(SCORES, Y, "abc").axes[0]
    assert [bar.get_facecolor()[:3] == to_rgb(ORANGE) for bar in axes.patches] == [True, False, False]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a (right)", "b", "c"]


def test_a_satisfied_hinge_loss_pulls_nothing():
    alt = plot_pulls(SCORES, Y, "abc").alt
    assert "right class b: hinge loss 0.00, pulls nothing." in alt
    assert "right class b: softmax loss 0.08, pulls a -0.03, b +0.08, c -0.05." in alt


def test_scores_around_1000_do_not_overflow():
    with np.errstate(all="raise", under="ignore"):
        assert plot_pulls(SCORES + 1000, Y, "abc").alt == plot_pulls(SCORES, Y, "abc").alt


@pytest.mark.parametrize(
    ("draw", "name", "shape"),
    [
        (lambda: plot_softmax([1.0, 2.0], [0.5, 0.5], "abc"), "score", r"\(3,\)"),
        (lambda: plot_softmax([1.0, 2.0, 3.0], [0.5, 0.5], "abc"), "probability", r"\(3,\)"),
        (lambda: plot_jacobian(np.eye(2), "abc"), "J", r"\(3, 3\)"),
        (lambda: plot_pulls(SCORES, Y[:2], "abc"), "scores", r"\(2, 3\)"),
        (lambda: plot_pulls(SCORES, Y, "ab"), "scores", r"\(3, 2\)"),
    ],
)
def test_a_wrong_shape_is_named(draw, name, shape):
    with pytest.raises(ValueError, match=rf"{name} should have shape {shape}.*found"):
        draw()
