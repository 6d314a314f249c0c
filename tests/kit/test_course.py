"""Each way to get assignment.toml wrong is met with a sentence that names the place."""

from datetime import UTC, datetime

import pytest

from cs_lib.course import CourseError, assignment_names, find_exercise, load_assignment

RIGHT = """
title = "Homework"
[[notebooks]]
name = "01_first"
title = "First"
[[notebooks.exercises]]
name = "f"
points = 2
hint = "Think."
parts = { overflow = 1 }
[[notebooks.exercises]]
name = "g"
points = 3
hint = "Think again."
needs = ["f"]
[[notebooks.questions]]
name = "why"
points = 1
"""
NOTEBOOK = """
name = "01_first"
title = "First again"
exercises = [{ name = "NAME", points = 1, hint = "Think." }]
"""


@pytest.fixture
def load(tmp_path):
    def write_and_load(text):
        write_and_load.path.parent.mkdir(parents=True, exist_ok=True)
        write_and_load.path.write_text(text)
        load_assignment.cache_clear()
        return load_assignment("hw", tmp_path)

    write_and_load.path = tmp_path / "assignments" / "hw" / "assignment.toml"
    return write_and_load


def test_a_right_one_is_read_in_its_order(load):
    assignment = load(RIGHT)
    assert [exercise.name for exercise in assignment.exercises] == ["f", "g"]
    assert assignment.exercise("f").total == 3
    assert assignment.exercise("f").parts == (("overflow", 1),)
    assert assignment.exercise("g").needs == ("f",)
    assert [(each.name, each.points) for each in assignment.notebook("01_first").questions] == [("why", 1)]
    assert assignment.notebook("01_first").module == "first"


def test_a_deadline_is_a_moment_with_its_offset(load):
    assert load(RIGHT).deadline is None
    text = RIGHT.replace('title = "Homework"', 'title = "Homework"\ndeadline = 2026-10-01T23:59:00+02:00', 1)
    assert load(text).deadline == datetime(2026, 10, 1, 21, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("points = 2", 'points = "2"', "exercise 'f': 'points' should be int, not '2'"),
        ("points = 2", "points = true", "exercise 'f': 'points' should be int, not True"),
        ("points = 2", "points = -2", "exercise 'f' has -2 points; give it at least 1"),
        ("points = 2", "points = 0", "exercise 'f' has 0 points; give it at least 1"),
        ("points = 2\n", "", "exercise 'f': the key 'points' is missing"),
        ("points = 2", "point = 2", "exercise 'f': unknown key 'point'; did you mean 'points'?"),
        ("points = 2", "zebra = 2", "exercise 'f': unknown key 'zebra'; there is name, points, hint"),
        ('hint = "Think."', 'hint = ""', "exercise 'f': 'hint' is empty"),
        ('hint = "Think."', 'hint = " \\n "', "exercise 'f': 'hint' is empty"),
        ('hint = "Think."', 'hint = ["Think."]', "exercise 'f': 'hint' should be str, not ['Think.']"),
        ('name = "f"', "name = 3", "exercise: 'name' should be str, not 3"),
        ('name = "g"', 'name = "f"', "the exercise 'f' is listed twice"),
        ("{ overflow = 1 }", "{ overflow = 0 }", "exercise 'f': 'parts': 'overflow' has 0 points"),
        ("{ overflow = 1 }", '{ overflow = "x" }', "exercise 'f': 'parts': 'overflow': the points should be int"),
        ("{ overflow = 1 }", '["overflow"]', "exercise 'f': 'parts' should be dict, not ['overflow']"),
        (
            'needs = ["f"]',
            'needs = ["ff"]',
            "exercise 'g': 'needs' names 'ff', which is no exercise before it; did you",
        ),
        ('needs = ["f"]', 'needs = ["g"]', "exercise 'g': 'needs' names 'g', which is no exercise before it"),
        ('needs = ["f"]', "needs = [3]", "exercise 'g': 'needs' should be a list of exercises' names, not [3]"),
        ('needs = ["f"]', 'needs = "f"', "exercise 'g': 'needs' should be list, not 'f'"),
        ('title = "Homework"', "title = ", "not valid TOML"),
        ('title = "Homework"', "titel = 3", "assignment: unknown key 'titel'; did you mean 'title'?"),
        ('title = "Homework"', 'title = "H"\ndeadline = "soon"', "'deadline' should be datetime, not 'soon'"),
        ('title = "Homework"', 'title = "H"\ndeadline = 2026-10-01', "'deadline' should be datetime, not datetime.da"),
        (
            'title = "Homework"',
            'title = "H"\ndeadline = 2026-10-01T23:59:00',
            "'deadline' needs its offset from UTC, as in 2026-10-01T23:59:00+02:00, not 2026-10-01T23:59:00",
        ),
        ('title = "First"\n', "", "notebook '01_first': the key 'title' is missing"),
        ('name = "why"', "why = true", "question: unknown key 'why'"),
        ('name = "why"\npoints = 1', 'name = "why"\npoints = -1', "question 'why' has -1 points; give it at least 1"),
        (RIGHT, 'title = "H"\nnotebooks = []', "assignment: 'notebooks' is empty"),
        (RIGHT, 'title = "H"\nnotebooks = [1]', "each notebook should be a table with the keys name, title"),
        (RIGHT, 'title = "H"\nnotebooks = [{name = "a", title = "A", exercises = ["f"]}]', "each exercise should be a"),
        (RIGHT, f"{RIGHT}[[notebooks]]{NOTEBOOK.replace('NAME', 'h')}", "the notebook '01_first' is listed twice"),
    ],
)
def test_a_wrong_one_is_a_sentence(load, old, new, said):
    with pytest.raises(CourseError) as error:
        load(RIGHT.replace(old, new, 1))
    assert said in str(error.value)
    assert str(error.value).startswith(str(load.path))


def test_a_file_that_is_not_utf_8_is_a_sentence(load):
    load(RIGHT)
    load.path.write_bytes(b'title = "\xff"')
    load_assignment.cache_clear()
    with pytest.raises(CourseError, match="not valid TOML in UTF-8"):
        load_assignment("hw", load.path.parents[2])


def test_a_folder_in_place_of_the_file_is_a_sentence(load):
    load.path.mkdir(parents=True)
    load_assignment.cache_clear()
    with pytest.raises(CourseError, match="cannot be read: Is a directory"):
        load_assignment("hw", load.path.parents[2])


def test_the_courses_own_assignments_are_right():
    for name in assignment_names():
        for exercise in load_assignment(name).exercises:
            assert exercise.total > 0
            assert find_exercise(exercise.name) == exercise


def test_an_unknown_assignment_or_exercise_is_met_with_the_closest():
    with pytest.raises(CourseError, match="did you mean 'hw1_linear_classifiers'"):
        load_assignment("hw1_linear_classifier")
    with pytest.raises(CourseError, match="did you mean 'hinge_backward'"):
        find_exercise("hinge_backwards")


def test_no_two_exercises_of_the_course_share_a_name():
    names = [each.name for assignment in assignment_names() for each in load_assignment(assignment).exercises]
    assert len(names) == len(set(names))
