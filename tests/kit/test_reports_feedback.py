"""A student's page says all that is a student's to know, and nothing of what hidden tests are made of."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from cs_lib.checking.doors import SubmittedFiles
from cs_lib.checking.running import run_tests
from cs_lib.course import load_assignment
from cs_lib.instructor.grading.reports import write_reports
from cs_lib.instructor.grading.reports.feedback import feedback
from cs_lib.instructor.grading.reports.written import Mark, Marks
from cs_lib.instructor.grading.result import GRADED, UNREADABLE, ExerciseOutcome, Result, TestOutcome
from cs_lib.submission.outcomes import CRASHED, NOT_FINISHED, NOT_JUDGED, NOT_STARTED, TIMED_OUT, WRONG

ASSIGNMENT = load_assignment("hw1_linear_classifiers")
SECRET = "margins[2, 1] = 0.7312"
HOSTILE = "<script>hacked = 1</script><img src=x onerror='hacked = 1'>&amp;\"'"
VOID = {"meta", "img", "br", "hr", "input", "link", "wbr"}


def exercise(*tests, standing=WRONG, **more):
    return ExerciseOutcome("hinge_forward", "02_hinge_loss", 0, 4, standing, tests, **more)


def result(*exercises, **more):
    return Result(**{"name": "ada", "status": GRADED, "maximum": 55, "exercises": exercises} | more)


def page_of(*exercises, answers=None, marks=None, **more):
    return Page(feedback(ASSIGNMENT, result(*exercises, **more), answers or {}, marks or Marks()))


class Page(HTMLParser):
    """A page as a browser reads it: its words, its tags, its attributes and its headings."""

    def __init__(self, source):
        super().__init__()
        self.source, self.tags, self.attributes, self.open, self.headings, self.words = source, [], [], [], [], ""
        self.feed(source)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *each) for each in attributes]
        self.open += [] if tag in VOID else [tag]
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += "" if self.open[-1:] == ["style"] else data


@pytest.mark.parametrize("word", [WRONG, CRASHED, TIMED_OUT, NOT_STARTED, NOT_FINISHED, NOT_JUDGED, "passed"])
def test_of_a_hidden_test_a_student_reads_its_sentence_and_passed_or_not(word):
    open_test = TestOutcome("It is right on a small problem", WRONG, "loss is wrong.")
    hidden = TestOutcome("It is right for one class", word, SECRET, hidden=True)
    page = page_of(exercise(open_test, hidden, standing=WRONG))
    assert "It is right for one class (hidden check)" in page.words
    assert SECRET not in page.source
    assert page.words.count("not passed") == (word != "passed")
    assert all(other not in page.words for other in (CRASHED, TIMED_OUT, NOT_STARTED, NOT_FINISHED, NOT_JUDGED))


def test_of_a_public_test_a_student_reads_everything():
    message = "loss is wrong.\nat margins[2, 1]: yours 0.5, expected 0.7312"
    page = page_of(exercise(TestOutcome("It is right on a small problem", WRONG, message)))
    assert "It is right on a small problem" in page.words
    assert message in page.words


def test_a_hidden_test_that_failed_itself_does_not_speak_through_the_reason():
    hidden = TestOutcome("It is right for one class", NOT_JUDGED, f"this check itself failed ({SECRET})", hidden=True)
    assert SECRET not in page_of(exercise(hidden), reason=f"this check itself failed ({SECRET})").source
    wrong = replace(hidden, word=WRONG, message=SECRET)
    assert SECRET not in page_of(exercise(wrong), reason=f"look at this: {SECRET}").source


def test_a_notebook_that_could_not_be_read_is_named_beside_those_that_could():
    reason = "02_hinge_loss.ipynb: not a notebook: not JSON in UTF-8"
    assert reason in page_of(exercise(TestOutcome("It is right", "passed"), standing="done"), reason=reason).words


def test_what_could_not_be_graded_says_why():
    page = page_of(status=UNREADABLE, reason="essay.ipynb: not a notebook: not JSON in UTF-8")
    assert "This could not be graded." in page.words
    assert "essay.ipynb: not a notebook: not JSON in UTF-8" in page.words
    assert "of 55 points" not in page.words  # nobody earned 0: nothing was graded


def test_nothing_that_a_student_writes_becomes_part_of_the_page():
    sane = exercise(TestOutcome("s", WRONG, "m"), misconceptions=("t",), hints=("h",))
    wild = exercise(TestOutcome(HOSTILE, WRONG, HOSTILE), misconceptions=(HOSTILE,), hints=(HOSTILE,))
    marked = Marks({"ada": {"the-best-step": Mark(1, HOSTILE)}}, {"the-best-step": 2})
    plain = page_of(
        sane, answers={"the-best-step": "a"}, marks=replace(marked, by_name={"ada": {"the-best-step": Mark(1, "c")}})
    )
    page = page_of(wild, student=HOSTILE, answers={"the-best-step": HOSTILE}, marks=marked)
    assert page.tags == plain.tags
    assert {name for _, name, _ in page.attributes} == {name for _, name, _ in plain.attributes}
    assert page.words.count(HOSTILE) == 8  # the title, the heading, sentence, message, mistake, hint, answer, comment


def test_control_codes_do_not_reach_the_page():
    page = page_of(exercise(TestOutcome("It is right", WRONG, "a\x00b\x1b[31mc\r\nd\udc80")), student="A\x00da")
    assert not any(code in page.source for code in "\x00\x1b\r\udc80")
    assert "[31mc\nd" in page.words


def test_names_of_every_script_are_shown_whole_and_leave_the_rest_as_it_is():
    name = "Zoë, “Ünal” 👩‍💻 \u202eevil"
    assert f"<bdi>{name}</bdi></h1>" in page_of(student=name).source


def test_mistakes_that_cannot_be_told_apart_are_both_named_with_their_hints():
    failed = TestOutcome("It is right", WRONG, "loss is wrong.")
    page = page_of(exercise(failed, misconceptions=("The mean is missing", "N is D"), hints=("Count.", "Look.")))
    assert "so it is one of them" in page.words
    assert "The mean is missing. Count." in page.words
    assert "N is D. Look." in page.words


def test_without_a_known_mistake_there_is_the_hint_of_the_exercise():
    page = page_of(
        exercise(TestOutcome("It is right", NOT_STARTED, "not yet"), standing=NOT_STARTED, hints=("Begin.",))
    )
    assert "A hint. Begin." in page.words


def test_an_exercise_without_any_test_result_does_not_claim_that_checks_passed():
    page = page_of(exercise(standing=NOT_JUDGED))
    assert "No check was run." in page.words
    assert "passed" not in page.words


def test_written_answers_are_shown_with_the_marks_that_a_human_gave():
    answers = {"the-best-step": "Rounding grows,\ntruncation falls."}
    before = page_of(score=40, answers=answers)
    assert "40 of 55 points" in before.words
    assert "Without the written answers" in before.words
    assert "marked by hand: not marked yet" in before.words
    marks = Marks({"ada": {"the-best-step": Mark(1.5, "And the balance?")}}, {"the-best-step": 2})
    after = page_of(score=40, answers=answers, marks=marks)
    assert "41.5 of 57 points" in after.words
    assert "marked by hand: 1.5 of 2 points" in after.words
    assert "And the balance?" in after.words
    assert "Rounding grows,\ntruncation falls." in after.words
    assert after.words.count("No answer was found.") == 3


def test_late_work_and_later_attempts_say_so():
    assert "handed in late" in page_of(late=True).words
    assert "attempt 3" in page_of(attempt=3).words
    assert "attempt" not in page_of().words


def test_a_page_needs_nothing_but_itself_and_can_be_read_without_seeing_it():
    tests = (TestOutcome("It is right", "passed"), TestOutcome("It is quick", WRONG, "It is not."))
    page = page_of(exercise(*tests), exercise(tests[0], standing="done"), answers={"the-best-step": "a"})
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert all(value.startswith("#") for _, name, value in page.attributes if name in ("href", "src"))
    assert "url(" not in page.source
    assert ("html", "lang", "en") in page.attributes
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert page.tags.count("th") == len([1 for tag, name, _ in page.attributes if (tag, name) == ("th", "scope")])
    assert {"header", "main"} <= set(page.tags)
    assert all(word in page.words for word in ("✓ passed", "✗ wrong"))  # never by colour alone


@pytest.mark.parametrize("name", ["../ada", "a/b", "", ".", "..", "/etc/passwd"])
def test_a_name_that_leads_elsewhere_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match="cannot be a file's name"):
        write_reports(ASSIGNMENT, tmp_path / "grades", [result(name=name)])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_notebook_that_was_really_graded_is_explained(edited, solved_hinge, tmp_path):
    notebook = edited(solved_hinge, ("    dscores /= N\n", ""))
    door = SubmittedFiles(ASSIGNMENT, notebook)
    files = [ASSIGNMENT.tests / room / "test_hinge_loss.py" for room in ("public", "hidden")]
    try:
        marks = run_tests(files, door).marks()
    finally:
        door.close()
    graded = [mark for mark in marks if mark.exercise.notebook == "02_hinge_loss"]
    exercises = tuple(map(outcome, graded))
    ada = result(*exercises, score=sum(each.points for each in exercises), maximum=22)
    write_reports(ASSIGNMENT, tmp_path, [ada])
    page = Page((tmp_path / "feedback" / "ada.html").read_text(encoding="utf-8"))
    backward = next(mark for mark in graded if mark.exercise.name == "hinge_backward")
    assert "18 of 22 points" in page.words
    assert "5 of 6 exercises done." in page.words
    assert backward.diagnosis.titles[0] in page.words
    assert backward.diagnosis.suspects[0][0].hint in page.words
    for test in backward.results:
        assert test.sentence in page.words
        assert test.hidden or not test.message or test.message in page.words
    public = {test.message for test in backward.results if not test.hidden}
    private = {test.message for test in backward.results if test.hidden} - public
    assert private
    assert not any(message in page.words for message in private)


def outcome(mark):
    tests = (TestOutcome(t.sentence, t.word, t.message, t.part, t.hidden) for t in mark.results)
    known = mark.diagnosis.suspects if mark.diagnosis else ()
    return ExerciseOutcome(
        mark.exercise.name,
        mark.exercise.notebook,
        mark.points,
        mark.exercise.total,
        mark.standing,
        tuple(tests),
        mark.diagnosis.titles if mark.diagnosis else (),
        tuple(each.hint for suspect in known for each in suspect),
    )
