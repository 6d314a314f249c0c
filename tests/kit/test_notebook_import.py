"""What one notebook defines can be used in another, without running the rest of it."""

import json

import numpy as np
import pytest

from cs_lib.checking.check import check
from cs_lib.course import load_assignment
from cs_lib.notebook_import import NotebookImportError, from_notebook

HOMEWORK = load_assignment("hw2_neural_network")


def notebook(folder, *cells, name="other.ipynb"):
    path = folder / name
    listed = [{"cell_type": "code", "metadata": {}, "source": cell, "outputs": []} for cell in cells]
    path.write_text(json.dumps({"cells": listed, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_only_what_is_needed_is_run(tmp_path):
    path = notebook(
        tmp_path, "a = 2\nopen('trained', 'w')", "def f(x):\n    return g(x) + a", "def g(x): return 10 * x"
    )
    assert from_notebook(path, "f")(3) == 32
    assert not (tmp_path / "trained").exists()


def test_a_class_from_another_notebook_is_checked_among_its_own_stages():
    net = from_notebook(HOMEWORK.solutions / "02_two_layer_net.ipynb", "TwoLayerNet")
    assert net(4, 5, 3).loss(np.ones((2, 4))).shape == (2, 3)
    assert check(net)


def test_an_unwritten_class_from_another_notebook_is_not_done():
    net = from_notebook(HOMEWORK.folder / "02_two_layer_net.ipynb", "TwoLayerNet")
    report = check(net)
    assert not report
    assert "forward_hidden" in report.standing


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["a = 1"], "does not define f"),
        (["a = 1 / 0\ndef f(): return a"], "ZeroDivisionError"),
        (["def f(:"], "does not define f, and SyntaxError"),
    ],
)
def test_what_cannot_be_taken_is_said_in_a_sentence(tmp_path, cells, words):
    with pytest.raises(NotebookImportError, match=words):
        from_notebook(notebook(tmp_path, *cells), "f")


def test_a_missing_notebook_and_what_is_none_are_said_in_a_sentence(tmp_path):
    with pytest.raises(NotebookImportError, match="there is no notebook"):
        from_notebook(tmp_path / "missing.ipynb", "f")
    (tmp_path / "text.ipynb").write_text("no notebook")
    with pytest.raises(NotebookImportError, match="not a notebook"):
        from_notebook(tmp_path / "text.ipynb", "f")


def test_a_notebook_shows_the_sentence_alone(tmp_path):
    with pytest.raises(NotebookImportError) as caught:
        from_notebook(tmp_path / "missing.ipynb", "f")
    [line] = caught.value._render_traceback_()
    assert line.startswith("NotebookImportError: there is no notebook")
