"""`cs-lib hint` gives an exercise's hint, and those for what the saved answer gets wrong."""

from cs_lib.course import find_exercise


def test_an_exercise_that_is_not_started_has_the_hint_of_the_assignment(student_kit):
    said = student_kit.run("hint", "hinge_backward")
    assert said.status == 0
    assert said.output.startswith("hinge_backward, in 02_hinge_loss.ipynb, 4 points\n")
    assert f"Hint: {find_exercise('hinge_backward').hint}\n" in said.output
    assert said.output.endswith("In the saved notebook it is not started.\n")


def test_a_known_mistake_adds_its_own_hint(student_kit):
    student_kit.solve("02_hinge_loss")
    student_kit.edit("02_hinge_loss", "    dscores /= N\n", "")
    output = student_kit.run("hint", "hinge_backward").output
    assert "Your saved answer is wrong:\n  The gradient is a sum over the minibatch, not a mean." in output


def test_an_unknown_mistake_is_described(student_kit):
    student_kit.solve("02_hinge_loss")
    student_kit.edit("02_hinge_loss", "    dscores /= N\n", "    dscores = dscores**3 + 17\n")
    output = student_kit.run("hint", "hinge_backward").output
    assert "Your saved answer is wrong:\n  dscores is wrong in" in output
    assert output.endswith("All of its checks: cs-lib check 02_hinge_loss\n")


def test_a_right_answer_is_said_to_be_done(student_kit):
    student_kit.solve("02_hinge_loss")
    assert student_kit.run("hint", "hinge_backward").output.endswith("Your saved answer is done.\n")


def test_what_waits_for_a_stage_says_for_which(student_kit):
    assert "it waits for hinge_forward, which is not started" in student_kit.run("hint", "hinge_loss_vectorized").output


def test_a_broken_notebook_still_has_the_hint(student_kit):
    (student_kit.hw1 / "02_hinge_loss.ipynb").write_text("{")
    said = student_kit.run("hint", "hinge_backward")
    assert "Hint: " in said.output
    assert "cannot be read: " in said.output


def test_an_unknown_exercise_suggests_the_closest(student_kit):
    said = student_kit.run("hint", "hinge_bakward")
    assert said.status == 1
    assert said.errors == "cs-lib: no exercise is called 'hinge_bakward'; did you mean 'hinge_backward'?\n"
