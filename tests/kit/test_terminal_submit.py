"""`cs-lib submit` packs an assignment's notebooks into one zip, which `cs-lib grade` takes in under the right name."""

import csv
import os
import subprocess
import sys
import zipfile

import pytest

from cs_lib.course import ROOT, CourseError
from cs_lib.instructor.grading.naming import read_name, safe
from cs_lib.terminal import packing
from cs_lib.terminal.packing import file_name

HW1 = ("01_gradients", "02_hinge_loss", "03_softmax_loss")


def packed(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def submit(kit, *arguments):
    return kit.run("submit", "hw1_linear_classifiers", "--output", "out", "--name", "Ada Lovelace", *arguments)


def test_solved_notebooks_are_graded_at_home_with_full_marks_under_the_name(student_kit, tmp_path):
    student_kit.solve()
    said = submit(student_kit)
    path = student_kit.folder / "out" / "Ada-Lovelace.zip"
    assert said.status == 0, said.errors
    assert "Wrote out/Ada-Lovelace.zip: hand in this file." in said.output
    assert "61 of 61 points: 22 of 22 exercises done." in said.output
    assert packed(path) == {f"{name}.ipynb": (student_kit.hw1 / f"{name}.ipynb").read_bytes() for name in HW1}
    command = student_kit.command("grade", "hw1_linear_classifiers", str(path.parent), "-o", str(tmp_path / "grades"))
    subprocess.run([*command, "--jobs", "1"], cwd=ROOT, capture_output=True, check=True)
    with (tmp_path / "grades" / "grades.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert row["name"] == "Ada-Lovelace"
    assert (row["score"], row["maximum"]) == ("61", "61")


def test_equal_notebooks_give_equal_bytes_and_an_earlier_zip_of_others_is_kept(tmp_path):
    notebook, path = tmp_path / "a.ipynb", tmp_path / "out" / "ada.zip"
    notebook.write_text("{}")
    first = packing.pack([notebook])
    assert packing.write(first, path) == ""
    os.utime(notebook, (0, 0))
    notebook.chmod(0o600)
    assert packing.pack([notebook]) == first
    assert packing.write(first, path) == ""
    assert [each.name for each in path.parent.iterdir()] == ["ada.zip"]
    for number in (1, 2):
        notebook.write_text(f"{{}} {number}")
        kept = f"The ada.zip that was there is kept as ada-earlier-{number}.zip."
        assert packing.write(packing.pack([notebook]), path) == kept
    assert path.with_name("ada-earlier-1.zip").read_bytes() == first
    assert packed(path) == {"a.ipynb": b"{} 2"}


@pytest.fixture
def two_broken(student_kit):
    """A student's kit in which only the notebook on the hinge loss can be read."""
    (student_kit.hw1 / "01_gradients.ipynb").write_text("<<<<<<< HEAD\n")
    (student_kit.hw1 / "03_softmax_loss.ipynb").write_text("{")
    return student_kit


def test_a_notebook_that_cannot_be_read_stops_it_unless_what_can_be_read_is_to_be_packed_anyway(two_broken):
    said = submit(two_broken)
    assert said.status == 1
    assert "no zip was written, for 01_gradients.ipynb, 03_softmax_loss.ipynb cannot be read; repair" in said.errors
    assert list(two_broken.folder.iterdir()) == []
    said = submit(two_broken, "--anyway")
    assert said.status == 0
    assert "Warning: 5 not started: hinge_loss_naive, numerical_slope," in said.output
    assert "  not 01_gradients.ipynb, which cannot be read\n" in said.output
    assert set(packed(two_broken.folder / "out" / "Ada-Lovelace.zip")) == {"02_hinge_loss.ipynb"}


def test_without_a_name_the_user_gives_it_and_a_folder_that_cannot_be_written_is_a_sentence(two_broken, monkeypatch):
    monkeypatch.setenv("LOGNAME", "ada")
    (two_broken.folder / "file").touch()
    said = two_broken.run("submit", "hw1_linear_classifiers", "--output", "file/here", "--anyway")
    assert said.status == 1
    assert said.errors.startswith("cs-lib: file/here/ada.zip: cannot be written: ")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("ada", "ada.zip"),
        ("Ada Lovelace", "Ada-Lovelace.zip"),
        ("../etc/passwd", "etc-passwd.zip"),
        ("josé ß. o'neil", "josé-ß.-o-neil.zip"),
        ("ada_12345_6789_x", "ada-12345-6789_x.zip"),
        ("ada_12_assignsubmission_file_", "ada-12_assignsubmission_file.zip"),
        ("x.zip", "x.zip.zip"),
    ],
)
def test_a_name_becomes_a_file_that_the_grader_takes_for_the_students_own(name, file):
    assert file_name(name) == file
    student = read_name(file, is_folder=False)
    assert student.key == f"own {file}"
    assert safe(student.stem) == file.removesuffix(".zip")


def test_a_name_without_a_letter_is_refused():
    with pytest.raises(CourseError, match="give another with --name"):
        file_name("///")


def test_help_has_an_example():
    for command in ("check", "hint", "submit"):
        code = "from cs_lib.cli import main; main()"
        said = subprocess.run(
            [sys.executable, "-c", code, command, "--help"], capture_output=True, text=True, check=True
        )
        assert f"example: cs-lib {command} " in said.stdout
