"""Whatever a class hands in is taken in: names of platforms, attempts, late work, hostile zips, doubled names."""

import json
import os
import stat
import struct
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cs_lib.course import CourseError, load_assignment
from cs_lib.instructor.grading.archives import UnsafeArchive, unpack_submission
from cs_lib.instructor.grading.intake import take_in
from cs_lib.instructor.grading.naming import Slugs
from cs_lib.instructor.grading.roster import match, read_roster

HW1 = load_assignment("hw1_linear_classifiers")
DUE = replace(HW1, deadline=datetime(2026, 10, 1, 22, 0, tzinfo=UTC))
EMPTY = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "submissions"
    made.mkdir()
    return made


@pytest.fixture
def taken(folder, tmp_path):
    """Write files of these names, and return the class as it is taken in, by student."""

    def take(*names, assignment=HW1):
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(EMPTY)
        return take_in(assignment, folder, tmp_path / "grades")

    return take


def files(submission):
    return [path.name for path in submission.files]


def test_a_student_is_a_notebook_a_folder_or_a_zip(taken):
    found = taken("ada.ipynb", "ben/01_gradients.ipynb", "ben/02_hinge_loss.ipynb", "cleo.zip")
    assert [each.name for each in found.submissions] == ["ada", "ben", "cleo"]
    assert [files(each) for each in found.submissions] == [
        ["ada.ipynb"],
        ["01_gradients.ipynb", "02_hinge_loss.ipynb"],
        ["cleo.zip"],
    ]


def test_what_is_nobodys_work_is_left_out_and_said(taken):
    found = taken("ada.ipynb", "notes.txt", ".DS_Store", "__MACOSX/ada.ipynb", "ben/.ipynb_checkpoints/a.ipynb")
    assert [each.name for each in found.submissions] == ["ada", "ben"]
    assert found.submissions[1].problem == "there is no notebook in the folder"
    assert found.left_out == ("notes.txt: no notebook",)


def test_links_are_not_followed(taken, folder, tmp_path):
    secret = tmp_path / "secret.ipynb"
    secret.write_text(EMPTY)
    (folder / "ada").mkdir()
    (folder / "ada" / "mine.ipynb").symlink_to(secret)
    (folder / "ben.ipynb").symlink_to(secret)
    (folder / "cleo").mkdir()
    (folder / "cleo" / "sub").symlink_to(tmp_path)
    found = taken("dora.ipynb")
    assert [(each.name, files(each)) for each in found.submissions] == [
        ("ada", []),
        ("cleo", []),
        ("dora", ["dora.ipynb"]),
    ]
    assert found.left_out == ("ben.ipynb: a link",)


def test_a_download_of_canvas_is_one_submission_per_student(taken):
    found = taken(
        "adalovelace_12345_678901_01_gradients.ipynb",
        "adalovelace_12345_678902_02_hinge_loss.ipynb",
        "benoit_LATE_23456_678903_02_hinge_loss.ipynb",
        "anon_Ab3dE_678904_02_hinge_loss.ipynb",
        "LATE_anon_Xy9zZ_678905_2024_notes.pdf",
    )
    by_name = {each.student: each for each in found.submissions}
    assert set(by_name) == {"adalovelace", "benoit", "anon_Ab3dE", "anon_Xy9zZ"}
    assert by_name["adalovelace"].identity == "12345"
    assert len(by_name["adalovelace"].files) == 2
    assert "2024_notes.pdf" in by_name["anon_Xy9zZ"].problem


def test_on_canvas_the_latest_attempt_counts(taken):
    found = taken(
        "ada_12345_678901_hw1.ipynb",
        "ada_12345_678950_hw1-1.ipynb",
        "ada_LATE_12345_678999_hw1-2.ipynb",
        assignment=DUE,
    )
    (ada,) = found.submissions
    assert files(ada) == ["ada_LATE_12345_678999_hw1-2.ipynb"]
    assert (ada.attempt, ada.late) == (3, True)


def test_late_is_said_only_where_there_is_a_deadline(taken):
    assert not taken("ada_LATE_12345_678999_hw1.ipynb").submissions[0].late


def test_a_download_of_moodle_is_folders_or_prefixed_files(taken):
    found = taken(
        "Ada Lovelace_123456_assignsubmission_file_/02_hinge_loss.ipynb",
        "Ada Lovelace_123456_assignsubmission_onlinetext_/onlinetext.html",
        "Ben Oît_234567_assignsubmission_file_02_hinge_loss.ipynb",
    )
    assert [(each.student, each.identity, each.name) for each in found.submissions] == [
        ("Ada Lovelace", "123456", "Ada-Lovelace_123456"),
        ("Ben Oît", "234567", "Ben-Oît_234567"),
    ]
    assert files(found.submissions[0]) == ["02_hinge_loss.ipynb"]


def test_a_manifest_says_who_when_and_which_counts(taken, folder):
    rows = ["file,student,time", "one.ipynb,Ada,2026-10-01T21:00:00+00:00", "two.ipynb,Ada,2026-10-01T23:00:00+00:00"]
    (folder / "manifest.csv").write_text("\n".join([*rows, "three.ipynb,Ben,2026-10-01T21:59:00"]))
    ada, ben = taken("one.ipynb", "two.ipynb", "three.ipynb", assignment=DUE).submissions
    assert (ada.student, files(ada), ada.attempt, ada.late) == ("Ada", ["two.ipynb"], 2, True)
    assert (ben.student, ben.late) == ("Ben", False)


def test_a_manifest_with_a_time_that_is_none_is_a_sentence(taken, folder):
    (folder / "manifest.csv").write_text("file,student,time\none.ipynb,Ada,yesterday")
    with pytest.raises(CourseError, match=r"one.ipynb: the time should be as in .*, not 'yesterday'"):
        taken("one.ipynb")


STRANGE = [
    "a,b",
    'say "hi"',
    "two\nlines",
    "🦊",
    '=HYPERLINK("http://x","y")',
    "<b>bold</b>",
    "ev..il",
    "-rf",
    "b\udcff",
]


def test_strange_names_are_shown_as_they_are_and_stored_under_safe_ones(taken):
    found = taken(*(f"{name}.ipynb".replace("/", "_") for name in STRANGE))
    assert {each.student for each in found.submissions} >= {"a,b", "two\nlines", "🦊", "<b>bold<_b>"}
    for each in found.submissions:
        assert each.name.replace("-", "").replace("_", "").replace(".", "").isalnum()
        assert each.name[0] not in "-."
        each.student.encode("utf-8")
    assert len({each.name for each in found.submissions}) == len(STRANGE)


def test_submissions_of_one_name_get_names_of_their_own(taken):
    found = taken("ada.ipynb", "ada/x.ipynb", "ada.zip", "Ada.ipynb")
    assert sorted(each.name for each in found.submissions) == ["Ada", "ada-2", "ada-3", "ada-4"]


def test_a_safe_name_is_short_enough_for_a_file_system_and_never_empty():
    assert len(Slugs().unique("é" * 300).encode()) <= 100
    assert Slugs().unique("///") == "submission"
    slugs = Slugs()
    assert [slugs.unique("x"), slugs.unique("x"), slugs.unique("x-2")] == ["x", "x-2", "x-2-2"]


def packed(path, entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def test_a_zip_of_a_class_is_unpacked_and_so_is_the_one_folder_around_it(tmp_path):
    entries = [("hw1/ada.ipynb", EMPTY), ("hw1/ben/02_hinge_loss.ipynb", EMPTY), ("hw1/essay.pdf", "long")]
    found = take_in(HW1, packed(tmp_path / "all.zip", entries), tmp_path / "grades")
    assert [each.name for each in found.submissions] == ["ada", "ben"]
    assert found.submissions[0].files[0].read_text() == EMPTY


def test_a_folder_with_one_student_is_not_taken_for_a_folder_around_a_class(taken):
    assert [each.name for each in taken("ada/01_gradients.ipynb").submissions] == ["ada"]


def test_names_that_lead_out_of_a_class_zip_are_left_out(tmp_path):
    entries = [("../evil.ipynb", EMPTY), ("/abs.ipynb", EMPTY), ("ada.ipynb", EMPTY)]
    found = take_in(HW1, packed(tmp_path / "all.zip", entries), tmp_path / "grades")
    assert [each.name for each in found.submissions] == ["ada"]
    assert len(found.left_out) == 2
    assert not (tmp_path / "grades" / "evil.ipynb").exists()


def test_a_large_notebook_in_a_class_zip_takes_no_room(tmp_path):
    archive = packed(tmp_path / "all.zip", [("big.ipynb", b" " * 60 * 2**20), ("ada.ipynb", EMPTY)])
    found = take_in(HW1, archive, tmp_path / "grades")
    big = found.submissions[1].files[0].stat()
    assert big.st_size > 50 * 2**20
    assert big.st_blocks * 512 < 2**20


def link(name, target):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, target


def many(path):
    return packed(path, [(f"{i}.txt", "") for i in range(501)])


def forged_count(path):
    """A zip whose table of contents is long, and which states that there is one entry in it."""
    packed(path, [("n" * 200 + f"{i:06}", "") for i in range(20_000)])
    data = bytearray(path.read_bytes())
    data[-22 + 8 : -22 + 12] = struct.pack("<HH", 1, 1)
    path.write_bytes(data)
    return path


def two_ends(path):
    """The same, with what looks like a second end of the table inside the first one."""
    data = bytearray(forged_count(path).read_bytes())
    data[-6:-2] = b"PK\x05\x06"
    path.write_bytes(data)
    return path


def locked(path):
    packed(path, [("a.ipynb", EMPTY)])
    data = bytearray(path.read_bytes())
    for start in (data.find(b"PK\x03\x04") + 6, data.find(b"PK\x01\x02") + 8):
        data[start] |= 1
    path.write_bytes(data)
    return path


def truncated(path):
    packed(path, [("a.ipynb", os.urandom(5000))])
    data = bytearray(path.read_bytes())
    data[200:260] = bytes(60)
    path.write_bytes(data)
    return path


def not_a_zip(path):
    path.write_bytes(b"PK\x05\x06 and nothing else")
    return path


TRAPS = {
    "leads out": (lambda p: packed(p, [("../a.ipynb", EMPTY)]), "a name in it leads out of it"),
    "leads out as on Windows": (lambda p: packed(p, [("..\\a.ipynb", EMPTY)]), "a name in it leads out of it"),
    "absolute": (lambda p: packed(p, [("/tmp/a.ipynb", EMPTY)]), "a name in it leads out of it"),
    "a drive": (lambda p: packed(p, [("C:/a.ipynb", EMPTY)]), "a name in it leads out of it"),
    "a link": (lambda p: packed(p, [link("a.ipynb", "/etc/passwd")]), "a link in it"),
    "a long name": (lambda p: packed(p, [("a" * 300 + ".ipynb", EMPTY)]), "a name in it is too long"),
    "many files": (many, "more than 500 files in it"),
    "a forged count": (forged_count, "more than 500 files in it"),
    "two ends of its table": (two_ends, "more than 500 files in it"),
    "a bomb": (
        lambda p: packed(p, [(f"{i}.ipynb", bytes(45 * 2**20)) for i in range(5)]),
        "unpacks to more than 200 MB",
    ),
    "locked": (locked, "locked with a password"),
    "broken": (truncated, "broken, or not a zip"),
    "not a zip": (not_a_zip, "broken, or not a zip"),
    "empty": (lambda p: packed(p, [("readme.txt", "hello")]), "there is no notebook in it"),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_zip_that_is_a_trap_is_one_clear_line(trap, tmp_path):
    make, said = TRAPS[trap]
    with pytest.raises(UnsafeArchive) as error:
        unpack_submission(make(tmp_path / "x.zip"), tmp_path / "out")
    assert str(error.value) == said
    outside = [path for path in tmp_path.rglob("*.ipynb") if tmp_path / "out" not in path.parents]
    assert outside == []


def test_of_a_zip_the_notebooks_alone_are_taken(tmp_path):
    entries = [
        ("hw/01.ipynb", "one"),
        ("hw\\02.ipynb", "two"),
        ("hw/numpy.py", "evil"),
        ("__MACOSX/hw/._01.ipynb", "x"),
    ]
    paths = unpack_submission(packed(tmp_path / "x.zip", entries), tmp_path / "out")
    assert {path.name: path.read_text() for path in paths} == {"01.ipynb": "one", "02.ipynb": "two"}
    assert not list(tmp_path.rglob("numpy.py"))


def test_a_large_zip_is_refused_unread(tmp_path):
    path = tmp_path / "x.zip"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(UnsafeArchive, match="larger than 50 MB"):
        unpack_submission(path, tmp_path / "out")


ROSTERS = {
    "plain": "id,name\n7,Ada Lovelace\n8,Ben Oît\n9,Cleo Sol\n",
    "canvas": "Student,ID,SIS Login ID\n    Points Possible,,\n"
    '"Lovelace, Ada",7,al\n"Oît, Ben",8,bo\n"Sol, Cleo",9,cs\n',
    "moodle": "Identifier;Full name;Email address\nParticipant 7;Ada Lovelace;ada@x.org\n"
    "Participant 8;Ben Oît;ben@x.org\nParticipant 9;Cleo Sol;cleo@x.org\n",
    "one column": "student\nAda Lovelace\nBen Oît\nCleo Sol\n",
    "first and last": "First name,Last name,ID number\nAda,Lovelace,7\nBen,Oît,8\nCleo,Sol,9\n",
}


@pytest.mark.parametrize("form", ROSTERS)
def test_a_roster_says_who_is_missing_and_what_is_nobodys(form, taken, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("\ufeff" + ROSTERS[form], encoding="utf-8")
    found = taken("lovelaceada_77_678901_hw1.ipynb", "ben oit.ipynb", "zoe.ipynb")
    matched = match(found.submissions, read_roster(roster))
    assert ["Cleo" in each.student for each in matched.missing] == [True]
    assert [each.student for each in matched.strangers] == ["zoe"]
    assert {"Lovelace" in each.student for each in matched.submissions if "ada" in each.name} == {True}


def test_students_of_one_name_are_told_apart_by_their_ids(taken, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name\n71,Ada Lovelace\n72,Ada Lovelace\n")
    found = taken("lovelaceada_71_678901_hw1.ipynb", "Ada Lovelace.ipynb")
    matched = match(found.submissions, read_roster(roster))
    assert [(each.student, each.identity) for each in matched.missing] == [("Ada Lovelace", "72")]
    assert [each.name for each in matched.strangers] == ["Ada-Lovelace"]


def test_a_roster_that_is_none_is_a_sentence(tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("colour\nblue\n")
    with pytest.raises(CourseError, match="no student in it; give a table with the columns id and name"):
        read_roster(roster)
    with pytest.raises(CourseError, match="cannot be read"):
        read_roster(Path(tmp_path / "none.csv"))
