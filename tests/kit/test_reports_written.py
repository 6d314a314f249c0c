"""Written answers go out beside their marking guide, and marks come back, or a list of all that is wrong with them."""

import csv
import html
import re

import pytest

from cs_lib.course import CourseError, load_assignment
from cs_lib.instructor.grading.reports import write_reports
from cs_lib.instructor.grading.reports.written import Mark, Marks, merged, write_table
from cs_lib.instructor.grading.result import GRADED, UNREADABLE, Result

ASSIGNMENT = load_assignment("hw1_linear_classifiers")
QUESTIONS = ["the-best-step", "right-gradient-fails", "the-shift-changes-nothing", "never-quite-satisfied"]
CLASS = [
    Result("ada", GRADED, 55, answers={"the-best-step": "Rounding & <truncation>."}),
    Result("bob", GRADED, 55, answers={"the-best-step": "*Write your answer here, in place of this line.*\n"}),
    Result("=cy", GRADED, 55),
    Result("dot", UNREADABLE, 55, reason="not a notebook"),
]


def read(table):
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fill_in(table, filled):
    """Fill points and comments into the rows of (name, question), as a spreadsheet saves them."""
    rows = read(table)
    for row in rows:
        row["points"], row["comment"] = filled.get((row["name"], row["question"]), (row["points"], row["comment"]))
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def words(path):
    return html.unescape(re.sub(r"<[^>]*>", "", path.read_text(encoding="utf-8")))


@pytest.fixture
def grades(tmp_path):
    write_table(ASSIGNMENT, [each.name for each in CLASS if each.status == GRADED], Marks(), tmp_path / "written.csv")
    return tmp_path


def test_there_is_a_row_to_fill_in_for_each_question_of_each_graded_submission(grades):
    rows = read(grades / "written.csv")
    assert [(row["question"], row["name"]) for row in rows] == [
        (question, name) for question in QUESTIONS for name in ("ada", "bob", "'=cy")
    ]
    assert {row["maximum"] for row in rows} == {"2"}
    assert {row["points"] + row["comment"] for row in rows} == {""}


def test_the_page_shows_question_guide_model_answer_and_every_answer(tmp_path):
    write_reports(ASSIGNMENT, tmp_path, CLASS)
    page = words(tmp_path / "written.html")
    assert "Why is there a best step, neither the smallest nor the largest?" in page
    assert "1 point: names both errors, and which way each goes with h" in page
    assert "Two errors pull in opposite directions." in page
    assert "Rounding & <truncation>." in page
    assert "No answer in 2 submissions: bob, =cy" in page
    assert "in place of this line" not in page
    assert {row["name"] for row in read(tmp_path / "written.csv")} == {"ada", "bob", "'=cy"}


def test_marks_that_were_filled_in_come_back(grades):
    filled = {("ada", "the-best-step"): ("1.5", "And why?"), ("'=cy", "never-quite-satisfied"): (" 2 ", "")}
    fill_in(grades / "written.csv", filled)
    marks = merged(ASSIGNMENT, CLASS, grades / "written.csv")
    assert marks.by_name == {"ada": {"the-best-step": Mark(1.5, "And why?")}, "=cy": {"never-quite-satisfied": Mark(2)}}
    assert marks.maximum == {"the-best-step": 2, "never-quite-satisfied": 2}
    write_reports(ASSIGNMENT, grades, CLASS, marks=marks)
    assert "1.5 of 2" in words(grades / "written.html")
    assert "And why?" in words(grades / "feedback" / "ada.html")


def test_an_empty_table_gives_no_marks(grades):
    assert merged(ASSIGNMENT, CLASS, grades / "written.csv") == Marks({}, {})


def test_what_was_filled_in_is_never_overwritten(grades):
    filled = {("ada", "the-best-step"): ("1.5", "And why?"), ("bob", "the-best-step"): ("", "ask him"),
              ("'=cy", "the-best-step"): ("two", "")}  # fmt: skip
    fill_in(grades / "written.csv", filled)
    other = Marks({"ada": {"the-best-step": Mark(0)}, "bob": {"right-gradient-fails": Mark(1)}}, {"the-best-step": 2})
    write_reports(ASSIGNMENT, grades, [*CLASS[1:], Result("eve", GRADED, 55)], marks=other)
    rows = {(row["name"], row["question"]): (row["points"], row["comment"]) for row in read(grades / "written.csv")}
    assert {key: rows[key] for key in filled} == filled  # though ada is not in the class today
    assert rows["bob", "right-gradient-fails"] == ("1", "")  # merged from another table
    assert rows["eve", "the-best-step"] == ("", "")
    assert len(rows) == 4 * len(QUESTIONS) - 3


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_table_saved_in_a_country_with_decimal_commas_is_understood(separator, grades):
    lines = ["name", "question", "maximum", "points", "comment"], ["ada", "the-best-step", "2", "1,5", "Warum?"]
    text = "\r\n".join(separator.join(line) for line in lines) + "\r\n"
    (grades / "written.csv").write_text(text, encoding="utf-8-sig", newline="")
    assert merged(ASSIGNMENT, CLASS, grades / "written.csv").of("ada") == {"the-best-step": Mark(1.5, "Warum?")}


def test_everything_that_is_wrong_is_said_at_once_with_its_line(grades):
    table = grades / "written.csv"
    table.write_text(
        "name,question,maximum,points,comment\n"
        'ada,the-best-step,2,2,"two\nlines"\n'
        "zed,the-best-step,2,1,\n"
        "bob,the-best-step,2,3,\n"
        "bob,the-worst-step,2,1,\n"
        "bob,right-gradient-fails,2,good,\n"
        "\n"
        "bob,never-quite-satisfied,2,-1,\n"
        "bob,the-shift-changes-nothing,2,nan,\n"
        "zed,right-gradient-fails,2,,\n"
        "ada,the-best-step,2,1,\n"
    )
    before = table.read_bytes()
    with pytest.raises(CourseError) as raised:
        merged(ASSIGNMENT, CLASS, table)
    head, *lines = str(raised.value).splitlines()
    assert head == f"{table}: nothing was merged:"
    assert [line.partition(": ")[0] for line in lines] == [f"line {n}" for n in (4, 5, 6, 7, 9, 10, 12)]
    for line, said in zip(
        lines,
        [
            "no submission is called 'zed'",
            "'bob' has 3 points for 'the-best-step', which gives 0 to 2",
            "no question is called 'the-worst-step'",
            "should be a number, not 'good'",
            "'bob' has -1 points",
            "should be a number, not 'nan'",
            "'ada' has points for 'the-best-step' in an earlier line, too",
        ],
        strict=True,
    ):
        assert said in line
    assert table.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"Dear grader", b"\xff\xfe\x00", b"a,b,c\n1,2,3\n"])
def test_a_file_that_is_no_such_table_is_refused_and_left_alone(content, grades):
    (grades / "written.csv").write_bytes(content)
    with pytest.raises(CourseError, match=r"written\.csv"):
        merged(ASSIGNMENT, CLASS, grades / "written.csv")
    with pytest.raises(CourseError, match=r"written\.csv"):
        write_reports(ASSIGNMENT, grades, CLASS)
    assert (grades / "written.csv").read_bytes() == content


def test_a_table_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(CourseError, match="cannot be read: No such file"):
        merged(ASSIGNMENT, CLASS, tmp_path / "written.csv")


def test_nothing_in_an_answer_becomes_part_of_the_page(tmp_path):
    wild = "</p><script>hacked = 1</script>"
    write_reports(ASSIGNMENT, tmp_path, [Result("ada", GRADED, 55, student=wild, answers={"the-best-step": wild})])
    assert "<script" not in (tmp_path / "written.html").read_text()
    assert wild in words(tmp_path / "written.html")
