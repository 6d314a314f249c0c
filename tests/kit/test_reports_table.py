"""grades.csv and grades.json hold everything, run nothing, and are written whole or not at all."""

import csv
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from cs_lib.course import load_assignment
from cs_lib.instructor.grading.reports import write_reports
from cs_lib.instructor.grading.reports.table import GradesTable
from cs_lib.instructor.grading.reports.whole_file import whole_file
from cs_lib.instructor.grading.reports.written import Mark, Marks
from cs_lib.instructor.grading.result import (
    GRADED,
    MISSING,
    UNREADABLE,
    ExerciseOutcome,
    Result,
    TestOutcome,
    from_json,
)
from cs_lib.submission.outcomes import DONE, WRONG

ASSIGNMENT = load_assignment("hw1_linear_classifiers")
NAMES = ["O'Neill, Ada", 'say "hi"', "two\nlines", "👩‍💻 Zoë", "a;b\tc", " spaces ", "名前", "'quoted'"]
FORMULAS = [
    '=HYPERLINK("http://example.org")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "a;=1",
    "a; +1",
    "two\n@lines",
]


def class_of_three():
    failed = TestOutcome("It is right", WRONG, "loss is wrong.", hidden=True)
    hinge = ExerciseOutcome("hinge_forward", "02_hinge_loss", 0, 4, WRONG, (failed,), ("The mean is missing",), ("?",))
    labels = ExerciseOutcome("predict_labels", "01_gradients", 1, 1, DONE, (TestOutcome("It is right", "passed"),))
    return [
        Result("ada", GRADED, 55, 1, student="Ada", identity="0042", late=True, exercises=(labels, hinge)),
        Result("bob", UNREADABLE, 55, reason="essay.ipynb: not a notebook: not JSON in UTF-8"),
        Result("cy", MISSING, 55, student="Cy"),
    ]


def rows(folder):
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_table(folder, results):
    with whole_file(folder / "grades.csv") as file:
        table = GradesTable(file, ASSIGNMENT, Marks())
        for result in results:
            table.add(result)


def test_each_submission_has_one_row_with_its_score_and_each_exercise(tmp_path):
    write_reports(ASSIGNMENT, tmp_path, class_of_three())
    ada, bob, cy = rows(tmp_path)
    assert [ada[key] for key in ("name", "student", "identity", "score", "maximum", "late", "status")] == [
        "ada", "Ada", "0042", "1", "55", "late", "graded",
    ]  # fmt: skip
    assert ada["predict_labels"] == "1"
    assert ada["hinge_forward"] == "0"
    assert list(ada)[7:-1] == [each.name for each in ASSIGNMENT.exercises] + [
        "the-best-step", "right-gradient-fails", "the-shift-changes-nothing", "never-quite-satisfied",
    ]  # fmt: skip
    assert (bob["status"], bob["reason"]) == ("unreadable", "essay.ipynb: not a notebook: not JSON in UTF-8")
    assert (cy["status"], cy["student"]) == ("missing", "Cy")
    assert {row["hinge_forward"] for row in (bob, cy)} == {""}  # nothing was graded, which is no 0


def test_names_of_every_kind_survive(tmp_path):
    write_table(tmp_path, [Result(f"s{i}", GRADED, 55, student=name) for i, name in enumerate(NAMES)])
    assert [row["student"] for row in rows(tmp_path)] == NAMES


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_is_one_that_a_spreadsheet_runs(formula, tmp_path):
    write_table(tmp_path, [Result(formula, GRADED, 55, student=formula, identity=formula, reason=formula)])
    (row,) = rows(tmp_path)
    assert {row["student"].replace("'", ""), row["reason"].replace("'", "")} == {formula}
    for separator in ",;\t":  # any of them may be what a spreadsheet takes for the end of a cell
        text = (tmp_path / "grades.csv").read_bytes().decode()
        for cells in csv.reader(text.splitlines(keepends=True), delimiter=separator):
            assert not any(cell.strip(' "').startswith(("=", "+", "-", "@", "＝")) for cell in cells)


def test_points_of_written_answers_count_for_everybody_once_one_is_marked(tmp_path):
    marks = Marks({"ada": {"the-best-step": Mark(1.5)}}, {"the-best-step": 2})
    write_reports(ASSIGNMENT, tmp_path, class_of_three(), marks=marks)
    ada, bob, _ = rows(tmp_path)
    assert (ada["score"], ada["maximum"], ada["the-best-step"]) == ("2.5", "57", "1.5")
    assert (bob["score"], bob["maximum"], bob["the-best-step"]) == ("0", "57", "")


def test_json_has_every_result_and_the_totals(tmp_path):
    marks = Marks({"ada": {"the-best-step": Mark(1.5, "Why?")}}, {"the-best-step": 2})
    write_reports(ASSIGNMENT, tmp_path, class_of_three(), marks=marks)
    table = json.loads((tmp_path / "grades.json").read_text(encoding="utf-8"))
    assert [from_json(json.dumps(each)) for each in table["results"]] == class_of_three()
    assert table["results"] == json.loads(json.dumps([asdict(each) for each in class_of_three()]))
    assert table["assignment"] == "hw1_linear_classifiers"
    assert table["written"] == {"ada": {"the-best-step": {"points": 1.5, "comment": "Why?"}}}
    totals = table["totals"]
    assert (totals["submissions"], totals["late"], totals["mean"], totals["maximum"]) == (3, 1, 2.5, 57)
    assert totals["statuses"] == {"graded": 1, "unreadable": 1, "missing": 1}
    assert totals["exercises"]["hinge_forward"] == {"wrong": 1}


def test_a_class_of_nobody_has_reports_too(tmp_path):
    write_reports(ASSIGNMENT, tmp_path, [], fingerprints={})
    assert rows(tmp_path) == []
    assert json.loads((tmp_path / "grades.json").read_text())["results"] == []
    assert "Nothing was graded." in (tmp_path / "report.html").read_text()


def test_what_stops_the_writing_leaves_the_earlier_tables_as_they_were(tmp_path):
    write_reports(ASSIGNMENT, tmp_path, class_of_three())
    before = digests(tmp_path)

    def broken():
        yield Result("ada", GRADED, 55, 55)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_reports(ASSIGNMENT, tmp_path, broken())
    after = digests(tmp_path)
    assert {name: digest for name, digest in after.items() if before[name] != digest}.keys() == {"feedback/ada.html"}


def test_results_that_are_read_once_are_enough_and_only_one_is_held_at_a_time(tmp_path):
    alive = []

    class Noted(Result):
        def __del__(self):
            alive.remove(self.name)

    def read():
        for i in range(50):
            alive.append(f"s{i}")
            assert len(alive) <= 3
            yield Noted(f"s{i}", GRADED, 55, i)

    write_reports(ASSIGNMENT, tmp_path, read())
    assert len(rows(tmp_path)) == 50


def test_the_same_results_give_the_same_bytes_in_every_process(tmp_path):
    write_reports(ASSIGNMENT, tmp_path / "here", class_of_three(), fingerprints={"ada": {"softmax": range(30)}})
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from test_reports_table import *;"
        "write_reports(ASSIGNMENT, Path(sys.argv[2]), class_of_three(), fingerprints={'ada': {'softmax': range(30)}})"
    )
    env = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "SOURCE_DATE_EPOCH": "86400"}
    command = [sys.executable, "-c", code, str(Path(__file__).parent), str(tmp_path / "there")]
    subprocess.run(command, check=True, env=env, cwd=tmp_path)
    assert digests(tmp_path / "here") == digests(tmp_path / "there")
    assert len(digests(tmp_path / "here")) == 7


def digests(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
