"""What one notebook defines can be used in another, without running the rest of it."""

import json
import sys

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from cs_lib.checking.check import check
from cs_lib.course import load_assignment
from cs_lib.notebook_import import NotebookImportError, from_notebook

HOMEWORK = load_assignment("hw2_neural_network")
SOLVED = HOMEWORK.solutions / "02_two_layer_net.ipynb"


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


def test_what_is_brought_over_has_the_other_notebooks_names_and_not_ours(tmp_path):
    f = from_notebook(notebook(tmp_path, "%matplotlib inline\na = 2\ndef f(): return a"), "f")
    assert sys.modules[f.__module__].a == 2
    assert not hasattr(sys.modules["__main__"], "a")


def test_what_was_brought_over_earlier_keeps_its_names_when_the_notebook_has_changed(tmp_path):
    earlier = from_notebook(notebook(tmp_path, "a = 2", "class F:\n    def f(self): return a"), "F")
    later = from_notebook(notebook(tmp_path, "a = 3", "class F:\n    def f(self): return a"), "F")
    assert (earlier().f(), later().f()) == (2, 3)
    assert sys.modules[earlier.__module__].F is earlier


def test_a_relative_path_begins_at_the_folder_that_one_works_in(tmp_path, monkeypatch):
    notebook(tmp_path, "def f(): return 5")
    monkeypatch.chdir(tmp_path)
    assert from_notebook("other.ipynb", "f")() == 5


def test_a_class_from_another_notebook_is_checked_among_its_own_stages():
    net = from_notebook(SOLVED, "TwoLayerNet")
    assert net(4, 5, 3).loss(np.ones((2, 4))).shape == (2, 3)
    assert check(net)


def test_stages_that_the_class_itself_does_not_call_are_found_too(tmp_path):
    cells = ["".join(cell["source"]) for cell in json.loads(SOLVED.read_text())["cells"] if cell["cell_type"] == "code"]
    whole = "from cs_lib.reference import two_layer_net\n\nclass TwoLayerNet(two_layer_net.TwoLayerNet):\n    pass"
    kept = [
        "import numpy as np",
        *(cell for cell in cells if cell.startswith(("def forward_", "def backward_"))),
        whole,
    ]
    assert check(from_notebook(notebook(tmp_path, *kept), "TwoLayerNet"))


def test_an_unwritten_class_from_another_notebook_is_not_done():
    net = from_notebook(HOMEWORK.folder / "02_two_layer_net.ipynb", "TwoLayerNet")
    report = check(net)
    assert not report
    assert "forward_hidden" in report.standing


def test_the_line_on_which_a_function_fails_is_the_other_notebooks_own(tmp_path):
    code = "# mine\ndef hinge_backward(margins, y):\n    return margins.shape[2]"
    shown = repr(check(from_notebook(notebook(tmp_path, "a = 1", code), "hinge_backward")))
    assert "tuple index out of range (line 3 of your function's cell: return margins.shape[2])" in shown


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["a = 1"], "other.ipynb defines no function or class f; is it spelt so"),
        (["f = 1"], "other.ipynb defines no function or class f; is it spelt so"),
        (
            ["b = 2", "\na = 1 / 0\ndef f(): return a"],
            r"code cell 2, which f needs, fails: ZeroDivisionError: division by zero \(line 2: a = 1 / 0\)",
        ),
        (["raise SystemExit\nimport a_module_that_is_not_there as a\ndef f(): return a"], "fails: ModuleNotFoundError"),
        (["def f(:"], r"defines no function or class f in a cell that is Python; code cell 1 is not: SyntaxError"),
    ],
)
def test_what_cannot_be_taken_is_said_in_a_sentence(tmp_path, cells, words):
    with pytest.raises(NotebookImportError, match=words):
        from_notebook(notebook(tmp_path, *cells), "f")


def test_a_missing_notebook_and_what_is_none_are_said_in_a_sentence(tmp_path):
    with pytest.raises(NotebookImportError, match=r"there is no notebook missing\.ipynb in .*; it should lie beside"):
        from_notebook(tmp_path / "missing.ipynb", "f")
    (tmp_path / "text.ipynb").write_text("no notebook")
    with pytest.raises(NotebookImportError, match="not a notebook"):
        from_notebook(tmp_path / "text.ipynb", "f")


def test_a_notebook_shows_the_sentence_alone(tmp_path):
    code = "from cs_lib.notebook_import import from_notebook\nfrom_notebook('missing.ipynb', 'f')"
    asking = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    client = NotebookClient(asking, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}})
    client.allow_errors = True
    client.execute()
    [output] = asking.cells[0].outputs
    [line] = output["traceback"]
    assert line.startswith("NotebookImportError: there is no notebook missing.ipynb")
