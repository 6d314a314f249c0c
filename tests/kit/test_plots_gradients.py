"""The pictures of slopes and descents show the numbers they are given, and refuse what they cannot show."""

import io

import numpy as np
import pytest
from matplotlib.image import imread

from cs_lib.plots import plot_descent, plot_step_errors, plot_zoom
from cs_lib.plots.picture import WIDTH


def bowl(x):
    return float(np.sum(x**2))


def all_pictures():
    h = 10.0 ** np.arange(-6, 0)
    return {
        "errors": plot_step_errors(h, {"forward": h + 1e-9 / h, "central": h**2 + 1e-9 / h}),
        "zoom": plot_zoom({"smooth": np.sin, "kinked": abs}, 0.0, [1, 0.1]),
        "one zoom": plot_zoom({"smooth": np.sin}, 2.0, [1]),
        "descent": plot_descent(bowl, {"a": [[1, 1], [0, 0.5]], "b": [[1, 1], [9, 9]]}),
        "standing": plot_descent(bowl, {"still": [[1, 1]]}),
    }


@pytest.mark.parametrize("name", all_pictures())
def test_every_picture_renders_and_describes_itself(name):
    picture = all_pictures()[name]
    pixels = imread(io.BytesIO(picture.png()))
    assert picture.get_figwidth() <= WIDTH
    assert pixels.shape[1] >= 500
    assert picture.alt.endswith(".")
    assert len(picture.alt.split()) >= 5


def test_errors_are_drawn_on_logarithmic_axes_and_the_best_step_is_named():
    picture = plot_step_errors([1e-3, 1e-2, 1e-1], {"forward": [3, 1, 2]})
    (axes,) = picture.axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert axes.lines[0].get_ydata().tolist() == [3, 1, 2]
    assert axes.lines[1].get_xdata().tolist() == [0.01]
    assert picture.alt.endswith("circled: forward at h = 1e-02.")


def test_an_error_of_zero_is_left_out():
    axes = plot_step_errors([0.1, 1], {"exact": [0.0, 2.0]}).axes[0]
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [np.nan, 2])


@pytest.mark.parametrize(
    ("steps", "errors", "said"),
    [
        ([0.0, 1.0], [1.0, 1.0], "steps should be positive"),
        ([], [], "steps should be positive"),
        ([0.1, 1.0], [1.0], "one error for each of the 2 steps"),
        ([0.1, 1.0], [1.0, -1.0], "none negative"),
        ([0.1, 1.0], [1.0, np.nan], "one error for each"),
        ([0.1, 1.0], [0.0, 0.0], "not all 0"),
    ],
)
def test_errors_that_have_no_place_on_the_axes_are_refused(steps, errors, said):
    with pytest.raises(ValueError, match=said):
        plot_step_errors(steps, {"forward": errors})


def test_each_view_shows_the_function_over_its_own_width():
    axes = plot_zoom({"kinked": abs}, 2.0, [1, 0.5]).axes
    for each, width in zip(axes, [1, 0.5], strict=True):
        x, y = each.lines[0].get_data()
        assert (x[0], x[-1]) == (2 - width, 2 + width)
        np.testing.assert_array_equal(y, np.abs(x))


@pytest.mark.parametrize(("functions", "widths"), [({}, [1]), ({"f": abs}, []), ({"f": abs}, [1, 0])])
def test_a_zoom_without_functions_or_with_no_width_is_refused(functions, widths):
    with pytest.raises(ValueError, match="at least one function and positive widths"):
        plot_zoom(functions, 0.0, widths)


def test_a_descent_shows_the_path_its_start_and_its_end():
    picture = plot_descent(bowl, {"quick": [[1, 2], [0.5, 1], [0, 0]]})
    path, start, end = picture.axes[0].lines
    np.testing.assert_array_equal(path.get_xydata(), [[1, 2], [0.5, 1], [0, 0]])
    assert start.get_xydata().tolist() == [[1, 2]]
    assert end.get_xydata().tolist() == [[0, 0]]
    assert picture.alt.endswith("quick: f goes from 5 to 0 in 2 steps.")


def test_a_path_that_leaves_the_map_does_not_widen_it():
    axes = plot_descent(bowl, {"wild": [[1, 1], [1e6, 0]]}, x_range=(-2, 2)).axes[0]
    assert (axes.get_xlim(), axes.get_ylim()) == ((-2, 2), (-2, 2))


@pytest.mark.parametrize("path", [[1.0, 2.0], [[1.0, 2.0, 3.0]], np.zeros((0, 2))])
def test_a_path_of_another_shape_is_refused(path):
    with pytest.raises(ValueError, match=r"should have shape \(steps \+ 1, 2\)"):
        plot_descent(bowl, {"odd": path})


def test_a_map_without_a_path_is_refused():
    with pytest.raises(ValueError, match="at least one path"):
        plot_descent(bowl, {})
