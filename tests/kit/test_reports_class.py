"""The class report counts what the results say, names what a human should look at, and shows it in pictures."""

import html
import re
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from cs_lib.checking import catalogue
from cs_lib.course import load_assignment
from cs_lib.instructor.grading.reports import write_reports
from cs_lib.instructor.grading.reports.likeness import fingerprint
from cs_lib.instructor.grading.reports.pictures import scores_figure, standings_figure
from cs_lib.instructor.grading.reports.tally import GROUPS, group
from cs_lib.instructor.grading.result import GRADED, MISSING, UNREADABLE, ExerciseOutcome, Result, TestOutcome
from cs_lib.submission.outcomes import CRASHED, DONE, NOT_JUDGED, NOT_STARTED, TIMED_OUT, WRONG

ASSIGNMENT = load_assignment("hw1_linear_classifiers")
BACKWARD = catalogue.entries(ASSIGNMENT.exercise("hinge_backward"))
RIGHT = TestOutcome("It is right", "passed")
HOSTILE = "</td><script>hacked = 1</script>"
ENDED = "hinge_forward ended its process with exit code 0; does it call exit()?"


def exercise(name, standing, *tests, misconceptions=(), hints=()):
    known = ASSIGNMENT.exercise(name)
    points = known.total if standing == DONE else 0
    return ExerciseOutcome(name, known.notebook, points, known.total, standing, tests, misconceptions, hints)


def student(name, *exercises, **more):
    return Result(name, GRADED, 8, sum(each.points for each in exercises), exercises=exercises, **more)


class Sections(HTMLParser):
    """The words of each section of the report, by its heading, its table rows, and all ids and links."""

    def __init__(self, source):
        super().__init__()
        self.words, self.rows, self.ids, self.links, self.at, self.in_cell = {}, {}, [], [], "top", False
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        table = dict(attributes)
        self.ids += [table["id"]] if "id" in table else []
        self.links += [table["href"]] if tag == "a" else []
        if tag == "section":
            self.at = table["aria-labelledby"]
        if tag == "tr":
            self.rows.setdefault(self.at, []).append([])
        if tag in ("td", "th") and self.rows.get(self.at):
            self.rows[self.at][-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag):
        self.in_cell = self.in_cell and tag not in ("td", "th")

    def handle_data(self, data):
        self.words[self.at] = self.words.get(self.at, "") + data
        if self.in_cell:
            self.rows[self.at][-1][-1] += data


def report(folder, results, **more):
    write_reports(ASSIGNMENT, folder, results, **more)
    return Sections((folder / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sections(tmp_path_factory):
    title, other = BACKWARD[0].title, BACKWARD[1].title
    wrong = TestOutcome("It is right", WRONG, "dscores is wrong.")
    hidden = TestOutcome("One class is enough", WRONG, "", hidden=True)
    results = [
        student("ada", exercise("hinge_forward", DONE, RIGHT), exercise("hinge_backward", DONE, RIGHT)),
        student("bob", exercise("hinge_forward", DONE, RIGHT),
                exercise("hinge_backward", WRONG, wrong, hidden, misconceptions=(title,), hints=("h",)), late=True),
        student("cy", exercise("hinge_forward", CRASHED, TestOutcome("It is right", CRASHED, ENDED)),
                exercise("hinge_backward", WRONG, wrong, misconceptions=(f"{title} and {other}",), hints=("h",))),
        student("dot", exercise("hinge_forward", TIMED_OUT, TestOutcome("It is right", TIMED_OUT, "it took 10 s")),
                exercise("hinge_backward", NOT_STARTED, TestOutcome("It is right", NOT_STARTED, "not yet"))),
        student("eve", exercise("hinge_forward", NOT_JUDGED, TestOutcome("It is right", NOT_JUDGED, "KeyError: 3"))),
        Result("=fay", UNREADABLE, 8, reason="a.ipynb: not a notebook", student=HOSTILE),
        Result("gil", MISSING, 8, student="Gil, Jr."),
    ]  # fmt: skip
    return report(tmp_path_factory.mktemp("grades"), results)


def test_the_figures_at_the_top_count_the_class(sections):
    top = " ".join(sections.words["top"].split())
    assert "5graded, of 7" in top
    assert "2.4mean score, of 8" in top  # (8 + 4 + 0 + 0 + 0) / 5, each exercise having 4 points
    assert "4need a human" in top
    assert "1late" in top
    assert "1missing" in top


def test_what_needs_a_human_has_one_line_each(sections):
    assert sections.rows["human"][1:] == [
        [HOSTILE, "a.ipynb: not a notebook"],
        ["cy", f"hinge_forward: {ENDED}"],
        ["dot", "hinge_forward: timed out: it took 10 s"],
        ["eve", "hinge_forward: not judged: KeyError: 3"],
    ]


def test_each_exercise_is_counted_by_how_it_stands(sections):
    head, *rows = sections.rows["exercises"]
    assert head == ["Exercise", "right", "done", "wrong", "crashed", "timed out", "not started", "not judged"]
    table = {row[0]: row[1:] for row in rows}
    assert table["hinge_forward"] == ["40%", "2", "", "1", "1", "", "1"]
    assert table["hinge_backward"] == ["25%", "1", "2", "", "", "1", ""]


def test_a_mistake_is_counted_where_it_is_made_alone_and_where_it_is_made_with_another(sections):
    rows = [[" ".join(cell.split()) for cell in row] for row in sections.rows["misconceptions"][1:]]
    assert [row[0] for row in rows] == ["2", "1"]
    for (_, text), known, who in zip(rows, BACKWARD, ("Whobob, cy", "Whocy"), strict=False):
        assert text.startswith(f"hinge_backward: {known.title}. {known.hint}")
        assert text.endswith(who)


def test_the_hardest_checks_come_first_and_those_not_started_do_not_count(sections):
    assert sections.rows["tests"][1:] == [
        ["60%", "3 of 5", "hinge_forward: It is right"],
        ["67%", "2 of 3", "hinge_backward: It is right"],
        ["100%", "1 of 1", "hinge_backward: One class is enough (hidden)"],
    ]


def test_late_and_missing_are_named(sections):
    assert "Late: 1bob" in sections.words["late"]
    assert "Missing: 1Gil, Jr." in sections.words["late"]


def test_every_link_leads_somewhere_and_no_id_is_used_twice(tmp_path):
    names = ["ada", "=fay", "50% & <more>", "Zoë 👩‍💻", "a?b#c", "'; x"]
    sections = report(tmp_path, [Result(name, UNREADABLE, 8, reason="no notebook") for name in names])
    files = [unquote(html.unescape(link)) for link in sections.links if not link.startswith("#")]
    assert sorted(files) == sorted(f"feedback/{name}.html" for name in names)
    assert all((tmp_path / file).is_file() for file in files)
    assert {link[1:] for link in sections.links if link.startswith("#")} <= set(sections.ids)


def test_ids_of_the_pictures_are_unique(sections):
    assert sorted(sections.ids) == sorted(set(sections.ids))


def test_copies_are_listed_with_the_exercises_they_share(tmp_path):
    source = "def f(a, b):\n" + "".join(f"    a, b = b.sum({i}) ** a, a.T @ b - {i}\n" for i in range(9))
    prints = {name: {"softmax": fingerprint(source)} for name in ("ada", "bob")} | {f"s{i}": {} for i in range(9)}
    sections = report(tmp_path, [student(name) for name in prints], fingerprints=prints)
    assert sections.rows["alike"][1:] == [["ada", "bob", "100%", "softmax"]]


def test_where_nobody_looked_for_copies_the_report_says_so(tmp_path):
    assert "Not looked for." in report(tmp_path, [student("ada")]).words["alike"]
    assert "No two submissions" in report(tmp_path, [student("ada")], fingerprints={"ada": {}}).words["alike"]


def test_long_lists_are_cut_and_say_so(tmp_path):
    sections = report(tmp_path, [Result(f"s{i:03}", UNREADABLE, 8, reason="no notebook") for i in range(250)])
    assert len(sections.rows["human"]) == 1 + 200
    assert "And 50 more, in grades.json." in sections.words["human"]


@pytest.mark.parametrize(
    ("standing", "expected"),
    [("done but for overflow", "done in part"), ("waiting", "not finished"), ("something new", NOT_JUDGED)]
    + [(each, each) for each in GROUPS],
)
def test_every_standing_has_its_group(standing, expected):
    assert group(standing) == expected


def test_the_picture_of_the_scores_says_the_same_in_words():
    figure = scores_figure([0, 10, 10, 20, 40], 40)
    assert "5 submissions, out of 40 points" in figure
    assert "Half of them have 10 points or more; the middle half lies between 10 and 20." in figure
    assert "Full marks: 1. No points at all: 1." in figure


@pytest.mark.parametrize(
    "figure",
    [
        scores_figure([3.5], 40),
        scores_figure([0], 0),
        standings_figure({"hinge_$x$_<b>&": dict.fromkeys(GROUPS, 1), "softmax": {DONE: 3}}),
    ],
)
def test_a_picture_is_sound_svg_with_a_name_text_and_no_fixed_ink(figure):
    svg = ElementTree.fromstring(figure[figure.index("<svg") : figure.index("</svg>") + 6])
    title = svg[0]
    assert title.tag.endswith("title")
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == title.get("id")
    assert "currentColor" in figure
    assert not re.search(r"#000000|#010203|<metadata|\bdate\b", figure)
    assert any(element.tag.endswith("text") for element in svg.iter())
