"""Each way to get assignment.toml wrong is met with a sentence that names the place."""

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
"""


@pytest.fixture
def load(tmp_path):
    def write_and_load(text):
        folder = tmp_path / "assignments" / "hw"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "assignment.toml").write_text(text)
        load_assignment.cache_clear()
        return load_assignment("hw", tmp_path)

    return write_and_load


def test_a_right_one_is_read_in_its_order(load):
    assignment = load(RIGHT)
    assert [exercise.name for exercise in assignment.exercises] == ["f", "g"]
    assert assignment.exercise("f").total == 3
    assert assignment.exercise("g").needs == ("f",)
    assert assignment.notebook("01_first").module == "first"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("points = 2", 'points = "2"', "exercise 'f': 'points' should be int, not '2'"),
        ("points = 2", "points = true", "exercise 'f': 'points' should be int, not True"),
        ("points = 2", "points = -2", "exercise 'f' has -2 points; give it at least 1"),
        ("points = 2\n", "", "exercise 'f': the key 'points' is missing"),
        ("points = 2", "point = 2", "exercise 'f': unknown key 'point'; did you mean 'points'?"),
        ('hint = "Think."', 'hint = ""', "exercise 'f': 'hint' is empty"),
        ('name = "g"', 'name = "f"', "the exercise 'f' is listed twice"),
        ('needs = ["f"]', 'needs = ["ff"]', "g needs 'ff', which is no exercise; did you mean 'f'?"),
        ('title = "Homework"', "title = ", "not valid TOML"),
        ('title = "First"\n', "", "notebook '01_first': the key 'title' is missing"),
    ],
)
def test_a_wrong_one_is_a_sentence(load, old, new, said):
    with pytest.raises(CourseError) as error:
        load(RIGHT.replace(old, new, 1))
    assert said in str(error.value)
    assert "assignment.toml" in str(error.value)


def test_an_unknown_assignment_or_exercise_is_met_with_the_closest():
    with pytest.raises(CourseError, match="did you mean 'hw1_linear_classifiers'"):
        load_assignment("hw1_linear_classifier")
    with pytest.raises(CourseError, match="did you mean 'hinge_backward'"):
        find_exercise("hinge_backwards")


def test_no_two_exercises_of_the_course_share_a_name():
    names = [each.name for assignment in assignment_names() for each in load_assignment(assignment).exercises]
    assert len(names) == len(set(names))
