"""The release's search finds an answer wherever it hides in a kit, and says of a clean kit that it is clean."""

import base64
import io
import json
import py_compile
import shutil
import zipfile

import numpy as np
import pytest

from cs_lib.course import ROOT, CourseError
from cs_lib.instructor.release import leaks
from cs_lib.instructor.release.secret_lines import bare, secrets

HINGE = "assignments/hw1_linear_classifiers/02_hinge_loss.ipynb"
RECORD = "tests/hw1_linear_classifiers/public/records/hinge_loss"
ANSWER = "    dscores[np.arange(N), y] = -dscores.sum(axis=1)"
SHORT = "    dscores /= N"
BACKWARD = "the answer to hinge_backward"


@pytest.fixture(scope="module")
def known():
    return secrets()


@pytest.fixture
def kit(released, tmp_path):
    """A few files of the released kit, so that each search is quick."""
    for name in (HINGE, f"{RECORD}.json", f"{RECORD}.npz", "cs_lib/course.py", "cs_lib/plots/softmax.py"):
        (tmp_path / "kit" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(released.kit / name, tmp_path / "kit" / name)
    (tmp_path / "kit" / "datasets").mkdir()
    (tmp_path / "kit" / "cs_lib" / "__pycache__").mkdir()
    return tmp_path / "kit"


def test_a_kit_as_it_is_released_is_clean(released, kit, known):
    leaks.require_none(released.kit, known)
    leaks.require_none(kit, known)


def edited(kit, change):
    content = json.loads((kit / HINGE).read_text())
    change(content)
    (kit / HINGE).write_text(json.dumps(content))


def a_code_cell(content):
    return next(cell for cell in content["cells"] if cell["cell_type"] == "code")


def in_a_markdown_cell(kit):
    edited(kit, lambda content: content["cells"][0]["source"].append(f"\n\n```\n{SHORT}\n```\n"))


def in_a_code_cell_as_a_comment(kit):
    edited(kit, lambda content: a_code_cell(content)["source"].append(f"\n# {SHORT.strip()}"))


def in_the_notebooks_metadata(kit):
    edited(kit, lambda content: content["metadata"].update(draft={"text": f"x\n{SHORT}\ny"}))


def in_a_cells_metadata_as_a_key(kit):
    edited(kit, lambda content: content["cells"][3]["metadata"].update({ANSWER: 1}))


def in_an_output(kit):
    text = {"output_type": "stream", "name": "stdout", "text": ["before\n", f"{SHORT}\n"]}
    edited(kit, lambda content: a_code_cell(content).update(outputs=[text]))


def in_an_attachment(kit):
    hidden = base64.b64encode(f"\x89PNG\r\n\x1a\n tEXt{ANSWER}\0".encode("latin-1")).decode()
    edited(kit, lambda content: content["cells"][0].update(attachments={"a.png": {"image/png": hidden}}))


def in_bytecode(kit):
    source = kit.parent / "answers.py"
    source.write_text(f"def f():\n    return {ANSWER.strip()!r}\n")
    py_compile.compile(str(source), cfile=str(kit / "cs_lib" / "__pycache__" / "course.cpython-311.pyc"))


def in_a_records_text(kit):
    path = kit / f"{RECORD}.json"
    record = json.loads(path.read_text())
    record["functions"]["hinge_backward"]["source"] = f"def f():\n{SHORT}\n"
    path.write_text(json.dumps(record))


def in_a_records_array(kit):
    np.savez(kit / f"{RECORD}.npz", source=np.array(["def f():", SHORT]))


def in_a_records_numbers(kit):
    np.savez(kit / f"{RECORD}.npz", float64=np.array([float(ord(each)) for each in ANSWER]))


def in_a_compressed_array_of_bytes(kit):
    np.savez_compressed(kit / f"{RECORD}.npz", uint8=np.frombuffer(ANSWER.encode(), np.uint8))


def in_a_pickle(kit):
    np.savez(kit / f"{RECORD}.npz", anything=np.array([ANSWER], dtype=object))


def as_a_hidden_test(kit):
    text = (ROOT / "tests/hw1_linear_classifiers/hidden/test_hinge_loss.py").read_text()
    (kit / "tests/hw1_linear_classifiers/public/test_more.py").write_text(text)


def in_the_hidden_tests_room(kit):
    (kit / "tests/hw1_linear_classifiers/hidden").mkdir()
    (kit / "tests/hw1_linear_classifiers/hidden/test_nothing.py").write_text("")


def as_the_catalogue(kit):
    shutil.copy(ROOT / "cs_lib/reference/capacity.toml", kit / "assignments/hints.toml")


def as_a_wrong_line(kit):
    edited(kit, lambda content: content["cells"][0]["source"].append("\n    margins[margins == 1.0] = 0\n"))


def as_a_model_answer_in_other_lines(kit):
    text = (ROOT / "cs_lib/reference/hinge_loss.md").read_text().partition("## right-gradient-fails")[2]
    (kit / "datasets/notes.txt").write_text(text.partition("### Marking")[0].replace("\n", " "))


def as_a_marking_guide(kit):
    text = (ROOT / "cs_lib/reference/capacity.md").read_text().partition("### Marking guide")[2]
    (kit / "datasets/notes.md").write_text(text)


def as_a_reference_module_under_another_name(kit):
    shutil.copy(ROOT / "cs_lib/reference/hinge_loss.py", kit / "cs_lib/plots/extra.py")


def as_an_answer_without_its_marks(kit):
    text = (ROOT / "cs_lib/reference/hinge_loss.py").read_text()
    lines = [line for line in text.split("\n") if "SOLUTION" not in line]
    (kit / "cs_lib/plots/extra.py").write_text("\n".join(lines))


def as_one_string_of_python(kit):
    (kit / "cs_lib/extra.py").write_text(f"TEXT = {f'x{chr(10)}{SHORT}{chr(10)}y'!r}\n")


def as_the_reference_itself(kit):
    (kit / "cs_lib/reference").mkdir()
    (kit / "cs_lib/reference/__init__.py").write_text("")


def as_a_module_called_reference(kit):
    (kit / "cs_lib/reference.py").write_text("")


def as_an_archive(kit):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("hinge_loss.py", ANSWER)
    (kit / "datasets/more.zip").write_bytes(packed.getvalue())


def as_a_link(kit):
    (kit / "datasets/more.txt").symlink_to(ROOT / "LICENSE")


PLANTED = {
    in_a_markdown_cell: (HINGE, "cell 1, line", BACKWARD),
    in_a_code_cell_as_a_comment: (HINGE, "line", BACKWARD),
    in_the_notebooks_metadata: (HINGE, "the notebook's metadata, line", BACKWARD),
    in_a_cells_metadata_as_a_key: (HINGE, "cell 4's metadata, line 1", BACKWARD),
    in_an_output: (HINGE, "'s outputs, line", BACKWARD),
    in_an_attachment: (HINGE, "cell 1's attachments, line", BACKWARD),
    in_bytecode: ("cs_lib/__pycache__/course.cpython-311.pyc", "", "is bytecode"),
    in_a_records_text: (f"{RECORD}.json", "line", BACKWARD),
    in_a_records_array: (f"{RECORD}.npz", "array source, line 2", BACKWARD),
    in_a_records_numbers: (f"{RECORD}.npz", "array float64, line 1", BACKWARD),
    in_a_compressed_array_of_bytes: (f"{RECORD}.npz", "array uint8, line 1", BACKWARD),
    in_a_pickle: (f"{RECORD}.npz", "", "cannot be read without pickle"),
    as_a_hidden_test: ("tests/hw1_linear_classifiers/public/test_more.py", "line", "hidden tests"),
    in_the_hidden_tests_room: ("tests/hw1_linear_classifiers/hidden", "", "a room that stays home"),
    as_the_catalogue: ("assignments/hints.toml", "line", "the source text of a known mistake"),
    as_a_model_answer_in_other_lines: ("datasets/notes.txt", "line 1", "the model answer to right-gradient-fails"),
    as_a_marking_guide: ("datasets/notes.md", "line", "the model answer to"),
    as_a_reference_module_under_another_name: ("cs_lib/plots/extra.py", "line", BACKWARD),
    as_an_answer_without_its_marks: ("cs_lib/plots/extra.py", "line", BACKWARD),
    as_one_string_of_python: ("cs_lib/extra.py", "its strings, line 2", BACKWARD),
    as_the_reference_itself: ("cs_lib/reference", "", "a room that stays home"),
    as_a_module_called_reference: ("cs_lib", "", "cs_lib.reference can be imported"),
    as_an_archive: ("datasets/more.zip", "", "is neither text nor arrays"),
    as_a_link: ("datasets/more.txt", "", "is a link"),
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda each: each.__name__)
def test_a_planted_answer_is_found(kit, known, plant):
    plant(kit)
    file, place, what = PLANTED[plant]
    found = list(leaks.leaks(kit, known))
    assert any(each.file == file and place in each.place and what in each.what for each in found), found[:5]
    assert not [each for each in found if not file.startswith(each.file) and not each.file.startswith(f"{file}/")]
    with pytest.raises(CourseError, match="nothing was released, because it would give answers away"):
        leaks.require_none(kit, known)


def test_a_cell_that_was_run_is_found_whatever_it_shows(kit, known):
    edited(kit, lambda content: a_code_cell(content).update(execution_count=3))
    [found] = leaks.leaks(kit, known)
    assert found.what == "has been run, and shows results"


def test_the_lines_of_known_mistakes_are_secret_and_their_titles_and_hints_are_not(known):
    text = (ROOT / "cs_lib/reference/hinge_loss.toml").read_text()
    assert any("known mistake in hinge_backward" in each.what for each in known.values())
    title = next(line for line in text.split("\n") if line.startswith("title"))
    assert bare(title) not in known


@pytest.mark.parametrize(
    "quoted", ["# dscores /= N", "  dscores  /=  N", "> dscores /= N", '"dscores /= N\\n",', "`dscores/=N`"]
)
def test_a_line_is_known_again_however_it_is_quoted(known, quoted):
    assert known[bare(quoted.replace("\\n", ""))].what.endswith(BACKWARD)
