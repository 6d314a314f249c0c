"""Whatever a student hands in is read as a notebook's code, or refused in one sentence."""

import json
import os

import pytest

from cs_lib.submission.notebook import MAX_BYTES, MAX_CODE, UnreadableNotebook, read_notebook, without_magics

F = "def f(x):\n    return x"


@pytest.fixture
def handed_in(tmp_path):
    """Write a notebook with the given code cells, or any other content, and read it."""

    def write_and_read(*sources, content=None, **more):
        cells = [{"cell_type": "code", "source": source, "outputs": [], "metadata": {}} for source in sources]
        if content is None:
            content = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more})
        path = tmp_path / "mine.ipynb"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_notebook(path)

    return write_and_read


def test_code_cells_are_numbered_from_1_and_text_is_left_out(handed_in):
    text = {"cell_type": "markdown", "source": "def g(): pass"}
    code = {"cell_type": "code", "source": F}
    notebook = handed_in(cells=[text, {"cell_type": "code", "source": ""}, text, code])
    assert [(cell.name, cell.source) for cell in notebook.cells] == [("code cell 1", ""), ("code cell 2", F)]
    assert notebook.functions == {"f"}


def test_a_source_is_a_text_or_a_list_of_lines(handed_in):
    assert handed_in(F).cells == handed_in(F.splitlines(keepends=True)).cells


@pytest.mark.parametrize("source", [None, 3, {"a": 1}, [1, None, "x = 1"], [["x"]]])
def test_a_source_of_another_kind_is_no_code(handed_in, source):
    assert handed_in(source, F).cells[0].source in ("", "x = 1")


@pytest.mark.parametrize("cell", [None, 3, "code", [], {}, {"cell_type": ["code"]}, {"cell_type": "code"}])
def test_what_is_no_cell_is_passed_over(handed_in, cell):
    notebook = handed_in(cells=[cell, {"cell_type": "code", "source": F}])
    assert notebook.cells[-1].source == F


def test_the_line_ends_of_other_systems_are_read(handed_in):
    assert handed_in(F.replace("\n", "\r\n")).cells == handed_in(F.replace("\n", "\r")).cells == handed_in(F).cells


def test_a_mark_of_byte_order_in_front_does_no_harm(handed_in):
    assert handed_in(content=b'\xef\xbb\xbf{"cells": []}').cells == ()


def test_functions_are_those_at_the_top_of_cells_that_can_be_parsed(handed_in):
    nested = "class Net:\n    def loss(self):\n        pass\nif True:\n    def g(): pass"
    assert handed_in(nested, "async def h(): pass", "def broken(:").functions == {"Net", "h"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "not a notebook: not JSON in UTF-8"),
        ("Dear grader", "not a notebook: not JSON in UTF-8"),
        (b'{"cells": ["\xff"]}', "not a notebook: not JSON in UTF-8"),
        ('{"cells": [', "not a notebook: not JSON in UTF-8"),
        ("[" * 10**6, "not a notebook: not JSON in UTF-8"),
        ('{"cells": ' + "9" * 10**5 + "}", "not a notebook: not JSON in UTF-8"),
        ("[]", "not a notebook of format 4: it has no list of cells"),
        ("3", "not a notebook of format 4: it has no list of cells"),
        ('{"cells": {}}', "not a notebook of format 4: it has no list of cells"),
        ('{"nbformat": 3, "worksheets": [{"cells": []}]}', "format 3 or older; open it in Jupyter"),
        (json.dumps({"cells": [{"cell_type": "code", "source": "#" * (MAX_CODE + 1)}]}), "characters of code"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_notebook_is_refused_in_a_sentence(handed_in, content, said):
    with pytest.raises(UnreadableNotebook, match=said) as refused:
        handed_in(content=content)
    assert str(refused.value).startswith("mine.ipynb: ")
    assert "\n" not in str(refused.value)


def test_a_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "huge.ipynb"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(UnreadableNotebook, match=r"huge\.ipynb: larger than 50 MB"):
        read_notebook(path)


def test_a_file_that_is_missing_or_none_is_refused_and_not_waited_for(tmp_path):
    with pytest.raises(UnreadableNotebook, match="cannot be read: No such file"):
        read_notebook(tmp_path / "missing.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    with pytest.raises(UnreadableNotebook, match="not a file"):
        read_notebook(tmp_path / "folder.ipynb")
    os.mkfifo(tmp_path / "pipe.ipynb")
    with pytest.raises(UnreadableNotebook, match="not a file"):
        read_notebook(tmp_path / "pipe.ipynb")


def test_the_metadata_say_of_what_it_is_a_copy(handed_in):
    copy = {"cs_lib": {"assignment": "hw1_linear_classifiers", "notebook": "02_hinge_loss"}}
    assert handed_in(metadata=copy).copy_of == ("hw1_linear_classifiers", "02_hinge_loss")


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        3,
        [],
        {},
        {"cs_lib": None},
        {"cs_lib": "hw1"},
        {"cs_lib": {}},
        {"cs_lib": {"assignment": "hw1"}},
        {"cs_lib": {"assignment": ["hw1"], "notebook": "a"}},
        {"cs_lib": {"assignment": "hw1", "notebook": {}}},
    ],
)
def test_metadata_of_another_form_say_nothing(handed_in, metadata):
    assert handed_in(metadata=metadata).copy_of is None


@pytest.mark.parametrize(
    ("magic", "instead"),
    [
        ("%matplotlib inline", "pass"),
        ("!pip install torch", "pass"),
        ("!echo 'it", "pass"),
        ('!echo """', "pass"),
        ("!curl a \\\n  | head", "pass\n"),
        ("pip install torch==1.2", "pass"),
        ("files = !ls", "files = None"),
        ("a, b = !ls", "a, b = None"),
        ("result = %timeit -o f(3)", "result = None"),
        ("f?", "pass"),
        ("np.sum??", "pass"),
        ("?f", "pass"),
        ("if True:\n    %load_ext autoreload", "if True:\n    pass"),
    ],
)
def test_a_line_for_ipython_alone_is_taken_out_and_the_rest_of_its_cell_stays(magic, instead):
    assert without_magics(f"{magic}\n{F}") == f"{instead}\n{F}"


def test_many_magics_in_one_cell_are_all_taken_out():
    assert without_magics("%a\n!b\nc?\n\n" + F) == "pass\npass\npass\n\n" + F


def test_a_cell_magic_keeps_python_at_its_lines_and_drops_other_languages():
    assert without_magics(f"%%time\n{F}") == f"\n{F}"
    assert without_magics(f"\n%%time\n%%capture out\n%matplotlib inline\n{F}") == f"\n\n\npass\n{F}"
    for other in ("bash", "html", "writefile f.py", "javascript"):
        assert without_magics(f"%%{other}\n{F}") == ""


@pytest.mark.parametrize(
    "inside",
    [
        'text = """\n%matplotlib inline\n!ls\nf?\n"""',
        "text = '''\n%%time\n'''",
        "text = ('%d'\n  % 3)",
        "text = [1,\n  # f?\n  2\n]",
    ],
)
@pytest.mark.parametrize("before", ["", "%matplotlib inline\n"])
def test_what_only_looks_like_a_magic_stays(inside, before):
    expected = f"{'pass' if before else ''}{before[-1:]}{inside}\n{F}"
    assert without_magics(f"{before}{inside}\n{F}") == expected


@pytest.mark.parametrize("source", ["x = = 3", "def f(:\n  pass", "x = '", "x = 1 # really?\n)", "\0", "'\ud800'", ""])
def test_what_is_wrong_python_is_left_as_it_is(source):
    assert without_magics(source) == source


@pytest.mark.parametrize("hostile", [" " * 10**5 + "%", "%%time\n" * 10**4, "%a\n" * 10**4, "a" + ".a" * 10**5])
def test_a_cell_made_to_exhaust_the_reader_does_not(hostile):
    assert len(without_magics(hostile)) <= len(hostile) + 4 * 50
