"""Pictures show the numbers they are given, in colours and in words, once."""

import io
import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import nbclient
import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from matplotlib.colors import to_rgb
from matplotlib.image import imread

from cs_lib.plots import plot_growth, plot_history, plot_search, show_pictures, show_templates
from cs_lib.plots.picture import COLOURS, WIDTH
from cs_lib.plots.training import smoothed
from cs_lib.training import History, SearchResults, Trial

ROOT = Path(__file__).resolve().parents[2]


def history(losses=(4.0, 3.0, 2.0, 1.0), val=(0.1, 0.7), note="", diverged=False):
    return History(
        losses=np.array(losses, dtype=np.float64),
        evaluated_at=np.array([0, len(losses)]),
        train_accuracy=np.array([0.1, 0.8]),
        val_accuracy=np.array(val, dtype=np.float64),
        note=note,
        diverged=diverged,
    )


def searched(*table):
    """Results with these validation accuracies; nan stands for a run that diverged."""
    trials = [
        Trial(10.0**-i, 10.0 ** (j - 3), None, history(val=(0.1, value), diverged=bool(np.isnan(value))))
        for i, row in enumerate(table)
        for j, value in enumerate(row)
    ]
    rates = tuple(10.0**-i for i in range(len(table)))
    regs = tuple(10.0 ** (j - 3) for j in range(len(table[0])))
    return SearchResults(rates, regs, tuple(trials))


def all_pictures():
    X = np.linspace(0, 1, 12 * 6).reshape(12, 6)
    y = np.arange(12) % 3
    return {
        "history": plot_history(history()),
        "untrained": plot_history(history(losses=())),
        "templates": show_templates(np.eye(7, 3), (2, 3), "abc"),
        "pictures": show_pictures(X, y, (2, 3), ["cat", "dog", "eel"]),
        "mistakes": show_pictures(X, y, (2, 3), ["cat", "dog", "eel"], predicted=y[::-1]),
        "colours": show_pictures(X, y, (1, 2, 3), ["cat", "dog", "eel"]),
        "templates in colour": show_templates(np.eye(7, 3), (1, 2, 3), "abc"),
        "growth": plot_growth([10, 100, 1000], {"loops": [0.1, 1, 10], "vectorised": [0.01, 0.01, 0.02]}),
        "search": plot_search(searched([0.5, np.nan], [0.9, 0.8])),
    }


@pytest.mark.parametrize("name", all_pictures())
def test_every_picture_renders_on_opaque_white_no_wider_than_a_notebook(name):
    picture = all_pictures()[name]
    pixels = imread(io.BytesIO(picture.png()))
    assert picture.get_figwidth() <= WIDTH
    assert pixels.shape[1] >= 500
    np.testing.assert_array_equal(pixels[[0, -1, 0, -1], [0, 0, -1, -1]], 1.0)  # corners: white, not transparent
    assert pixels.min() < 0.5


@pytest.mark.parametrize("name", all_pictures())
def test_every_picture_describes_itself_in_sentences(name):
    picture = all_pictures()[name]
    assert picture.alt.endswith(".")
    assert len(picture.alt.split()) >= 5
    assert repr(picture) == str(picture) == picture.alt


def test_pictures_ignore_the_style_of_the_notebook():
    plain = plot_history(history()).png()
    with mpl.style.context("dark_background"):
        assert plot_history(history()).png() == plain


def test_the_palette_is_okabe_and_itos():
    published = {
        "orange": (230, 159, 0),
        "sky blue": (86, 180, 233),
        "bluish green": (0, 158, 115),
        "blue": (0, 114, 178),
        "vermilion": (213, 94, 0),
        "reddish purple": (204, 121, 167),
        "black": (0, 0, 0),
    }
    ours = [tuple(round(255 * part) for part in to_rgb(colour)) for colour in COLOURS]
    assert ours == list(published.values())


def test_a_history_shows_losses_and_accuracies_at_their_steps():
    loss_axes, accuracy_axes = plot_history(history()).axes
    each_step = loss_axes.lines[0]
    assert each_step.get_xdata().tolist() == [1, 2, 3, 4]
    assert each_step.get_ydata().tolist() == [4, 3, 2, 1]
    training, validation = accuracy_axes.lines
    assert training.get_xdata().tolist() == [0, 4]
    assert training.get_ydata().tolist() == [0.1, 0.8]
    assert validation.get_ydata().tolist() == [0.1, 0.7]
    assert [text.get_text() for text in accuracy_axes.get_legend().get_texts()] == ["training", "validation"]
    assert loss_axes.get_xlabel() == accuracy_axes.get_xlabel() == "step"


def test_a_history_without_validation_shows_one_accuracy():
    picture = plot_history(history(val=()))
    assert len(picture.axes[1].lines) == 1
    assert "validation" not in picture.alt


def test_a_history_is_described_by_where_it_starts_and_ends():
    assert plot_history(history()).alt == (
        "Loss and accuracy over 4 steps of training. The smoothed loss falls from 4 to 1. Accuracy goes from "
        "10% to 80% on the training examples and from 10% to 70% on the validation examples."
    )
    assert "rises from 1 to 4" in plot_history(history(losses=(1.0, 2.0, 4.0))).alt


def test_a_history_without_steps_says_so_and_why():
    picture = plot_history(history(losses=(), note="Not trained: f is not written yet."))
    assert picture.alt == ("Loss and accuracy during training: no steps yet. Not trained: f is not written yet.")
    assert "no steps yet" in [text.get_text() for text in picture.axes[0].texts]


@pytest.mark.filterwarnings("error")
def test_a_diverged_history_draws_on_a_logarithmic_scale_without_overflow():
    picture = plot_history(history(losses=np.geomspace(1, 1e307, 50), note="It diverged.", diverged=True))
    assert picture.axes[0].get_yscale() == "log"
    assert picture.alt.endswith("It diverged.")
    picture.png()


@given(arrays.arrays(np.float64, st.integers(1, 300), elements=st.floats(-100, 100)))
def test_the_smoothed_loss_is_the_mean_over_the_neighbours_there_are(losses):
    half = len(losses) // 100
    slow = [np.mean(losses[max(0, i - half) : i + half + 1]) for i in range(len(losses))]
    np.testing.assert_allclose(smoothed(losses), slow, atol=1e-9)


def test_templates_are_the_columns_of_the_weights_on_one_scale_around_zero():
    W = np.random.default_rng(0).normal(size=(6, 3))
    W[2, 1] = -9
    picture = show_templates(W, (2, 3), "abc")
    images = [axes.images[0] for axes in picture.axes if axes.images]
    assert [axes.get_title() for axes in picture.axes if axes.images] == ["a", "b", "c"]
    for image, column in zip(images, W.T, strict=True):
        np.testing.assert_array_equal(image.get_array(), column.reshape(2, 3))
        assert image.get_clim() == (-9, 9)


def test_templates_leave_out_the_row_of_biases():
    W = np.zeros((7, 3))
    W[-1] = 100
    picture = show_templates(W, (2, 3), "abc")
    assert not picture.axes[0].images[0].get_array().any()
    assert "100" not in picture.alt


@pytest.mark.parametrize("shape", [(8, 3), (6, 4), (3, 6), (18,)])
def test_templates_of_another_shape_are_refused_with_the_shape_expected(shape):
    with pytest.raises(ValueError, match=r"\(6, 3\), or \(7, 3\) with a row of biases, for pictures of 2 × 3"):
        show_templates(np.zeros(shape), (2, 3), "abc")


def test_pictures_are_the_rows_titled_with_their_classes():
    X = np.arange(12.0).reshape(2, 6)
    picture = show_pictures(X, [1, 0], (2, 3), ["cat", "dog"])
    shown = [axes for axes in picture.axes if axes.images]
    assert [axes.get_title() for axes in shown] == ["dog", "cat"]
    for axes, row in zip(shown, X, strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), row.reshape(2, 3))
        assert axes.images[0].get_clim() == (0, 11)
    assert picture.alt == "2 pictures: dog, cat."


@pytest.mark.parametrize(
    ("X", "expected"),
    [
        ([[0.25, 0.5, 0.75], [0.5, 0.5, 0.5]], [[0.25, 0.5, 0.75], [0.5, 0.5, 0.5]]),
        ([[-1, 0, 1], [3, 3, 3]], [[0, 0.25, 0.5], [1, 1, 1]]),
        ([[0, 51, 255], [0, 0, 0]], [[0, 0.2, 1], [0, 0, 0]]),
        ([[7, 7, 7], [7, 7, 7]], [[0, 0, 0], [0, 0, 0]]),
    ],
    ids=["true colours", "centred", "bytes", "all the same"],
)
@pytest.mark.filterwarnings("error")
def test_colour_pictures_keep_their_colours_or_are_stretched_to_what_can_be_shown(X, expected):
    picture = show_pictures(X, [1, 0], (1, 1, 3), ["cat", "dog"])
    shown = [axes.images[0].get_array() for axes in picture.axes if axes.images]
    for image, colours in zip(shown, expected, strict=True):
        np.testing.assert_allclose(image, [[colours]])


def test_colour_templates_are_grey_for_zero_and_as_strong_as_their_weights():
    W = np.array([[0.0, 4], [-4, 2], [0, -2], [100, 100]])  # the last row holds the biases
    picture = show_templates(W, (1, 1, 3), ["cat", "dog"])
    cat, dog = (axes.images[0].get_array() for axes in picture.axes if axes.images)
    np.testing.assert_allclose(cat, [[[0.5, 0, 0.5]]])
    np.testing.assert_allclose(dog, [[[1, 0.75, 0.25]]])
    assert "orange" not in picture.alt
    assert "grey where a pixel does not matter" in picture.alt


@pytest.mark.parametrize("shape", [(6,), (2, 3, 4), (1, 2, 1, 3)])
def test_a_shape_that_is_neither_grey_nor_in_colour_is_refused(shape):
    sentence = r"picture_shape should be \(height, width\) for grey .* \(height, width, 3\) for colour; found"
    pixels = int(np.prod(shape))
    with pytest.raises(ValueError, match=sentence):
        show_pictures(np.zeros((1, pixels)), [0], shape, ["cat"])
    with pytest.raises(ValueError, match=sentence):
        show_templates(np.zeros((pixels, 1)), shape, ["cat"])


def test_a_wrong_prediction_is_told_apart_by_words_and_not_by_colour_alone():
    picture = show_pictures(np.eye(2, 6), [1, 0], (2, 3), ["cat", "dog"], predicted=[1, 1])
    assert [axes.get_title() for axes in picture.axes if axes.images] == ["dog", "cat,\nread as dog"]
    assert picture.alt == "2 pictures: dog, cat. Classified wrong: cat read as dog."


def test_a_long_name_that_was_read_wrongly_gets_a_line_of_its_own():
    picture = show_pictures(np.eye(2, 6), [1, 0], (2, 3), ["automobile", "truck"], predicted=[0, 1])
    titles = [axes.get_title() for axes in picture.axes if axes.images]
    assert titles == ["truck,\nread as\nautomobile", "automobile,\nread as\ntruck"]


def test_a_long_list_of_pictures_is_cut_short_in_the_description():
    picture = show_pictures(np.eye(50, 6), np.zeros(50, dtype=int), (2, 3), ["cat"])
    assert picture.alt.endswith("cat, and 10 more.")


@pytest.mark.parametrize(
    ("X", "y", "predicted", "sentence"),
    [
        (np.zeros((2, 7)), [0, 0], None, r"X should have shape \(N, 6\), .* no bias column; found \(2, 7\)"),
        (np.zeros(6), [0], None, r"X should have shape \(N, 6\)"),
        (np.zeros((0, 6)), [], None, r"found \(0, 6\)"),
        (np.zeros((2, 6)), [0], [0, 0], r"y should have shape \(2,\), one per picture; found \(1,\)"),
        (np.zeros((2, 6)), [0, 0], [0], r"predicted should have shape \(2,\), one per picture; found \(1,\)"),
    ],
)
def test_pictures_of_another_shape_are_refused_with_the_shape_expected(X, y, predicted, sentence):
    with pytest.raises(ValueError, match=sentence):
        show_pictures(X, y, (2, 3), ["cat", "dog"], predicted=predicted)


def test_growth_shows_each_way_of_computing_on_logarithmic_axes_with_units():
    picture = plot_growth([10, 100], {"loops": [0.1, 1], "vectorised": [0.01, 0.02]})
    (axes,) = picture.axes
    assert [line.get_ydata().tolist() for line in axes.lines] == [[0.1, 1], [0.01, 0.02]]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert "seconds" in axes.get_ylabel()
    assert [text.get_text() for text in axes.texts] == ["loops", "vectorised"]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["10", "100"]


def test_the_description_of_growth_does_not_depend_on_the_clock():
    assert plot_growth([1, 2], {"a": [1, 2]}).alt == plot_growth([1, 2], {"a": [3.5, 4]}).alt


@pytest.mark.parametrize(
    ("sizes", "times", "name"),
    [
        ([1, 2], [1.0], "loops"),
        ([1, 2], [0.0, 1.0], "loops"),
        ([0, 1], [1.0, 1.0], "sizes"),
        ([], [], "sizes"),
    ],
)
def test_growth_without_one_positive_time_for_each_size_is_refused(sizes, times, name):
    with pytest.raises(ValueError, match=rf"{name} should be one positive number for each of the sizes"):
        plot_growth(sizes, {"loops": times})


def test_a_search_shows_each_accuracy_in_its_place_and_frames_the_best():
    table = [[0.5, np.nan], [0.6, 0.9]]
    picture = plot_search(searched(*table))
    axes = picture.axes[0]
    np.testing.assert_array_equal(axes.images[0].get_array().filled(np.nan), table)
    written = {text.get_position(): text.get_text() for text in axes.texts}
    assert written == {(0, 0): "50.0%", (1, 0): "diverged", (0, 1): "60.0%", (1, 1): "90.0%"}
    (frame,) = axes.patches
    assert frame.get_xy() == (0.5, 0.5)
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["0.001", "0.01"]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["1", "0.1"]
    assert picture.alt.endswith("The best, 90.0%, is at learning rate 0.1 and reg 0.01. Of 4 runs, 1 diverged.")


@pytest.mark.filterwarnings("error")
def test_a_search_in_which_everything_diverged_still_has_a_picture():
    picture = plot_search(searched([np.nan, np.nan]))
    picture.png()
    assert not picture.axes[0].patches
    assert picture.alt.endswith("Of 2 runs, 2 diverged.")


@pytest.mark.parametrize("preamble", ["", "%matplotlib inline\nimport matplotlib.pyplot as plt; plt.figure\n"])
def test_a_notebook_shows_a_picture_once_with_its_description_below(preamble, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    source = f"{preamble}from cs_lib.plots import plot_growth\nplot_growth([1, 2], {{'<b>': [1, 2]}})"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbclient.NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    shown, caption = (output["data"] for output in notebook.cells[0].outputs)
    assert list(shown) == ["image/png"]
    assert caption["text/plain"] == plot_growth([1, 2], {"<b>": [1, 2]}).alt
    assert "&lt;b&gt;" in caption["text/html"]
    assert "data:" not in caption["text/html"]  # pixels differ between machines, and text is compared strictly


def test_drawing_needs_neither_pyplot_nor_a_screen():
    program = (
        "import sys; from cs_lib.plots import plot_growth; plot_growth([1, 2], {'a': [1, 2]}).png();"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DISPLAY": ""}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


def test_training_and_data_do_not_load_the_drawing_library():
    program = "import sys, cs_lib.training, cs_lib.datasets; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
