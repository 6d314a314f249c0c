"""`cs-lib check` lists how the exercises of saved notebooks stand, as `check(f)` in a notebook says it."""

import json
import os
import pty
import signal
import subprocess
import sys

import pytest

from cs_lib.course import load_assignment

EXERCISES = [each.name for each in load_assignment("hw1_linear_classifiers").exercises]
TO_THE_MEAN = "    dscores /= N\n"


def rows(output):
    """Return the rows of a listing: exercise, and the words that follow it."""
    lines = [line.split(maxsplit=1) for line in output.splitlines() if line.startswith("  ") and line[2] != " "]
    return {name: rest for name, rest in lines if name in EXERCISES}


def test_untouched_notebooks_are_not_started_and_say_where_to_begin(student_kit):
    said = student_kit.run("check", "hw1_linear_classifiers")
    assert said.status == 1
    assert list(rows(said.output)) == EXERCISES
    assert all(row.startswith(("not started", "waiting")) for row in rows(said.output).values())
    assert "\n0 of 61 points: 0 of 22 exercises done, 18 not started, 4 waiting.\n" in said.output
    assert said.output.endswith(
        "Next: write predict_labels in 01_gradients.ipynb. For a hint: cs-lib hint predict_labels\n"
    )


def test_solved_notebooks_are_done_with_status_0(student_kit):
    student_kit.solve()
    said = student_kit.run("check", "hw1_linear_classifiers")
    assert (said.status, said.errors) == (0, "")
    assert all(row.startswith("done") for row in rows(said.output).values())
    assert "\n61 of 61 points: 22 of 22 exercises done.\n" in said.output
    assert said.output.endswith("To hand in: cs-lib submit hw1_linear_classifiers\n")


def test_each_way_not_to_be_done_has_its_word_and_what_a_notebook_says_of_it(student_kit):
    student_kit.solve("02_hinge_loss")
    student_kit.edit("02_hinge_loss", TO_THE_MEAN, "")
    student_kit.edit("02_hinge_loss", "def numerical_slope(", "def numerical_slope(*_):\n    return ...\ndef other(")
    student_kit.edit("02_hinge_loss", "def initial_hinge_loss(", "def initial_hinge_loss(*_):\n    1 / 0\ndef another(")
    said = student_kit.run("check", "02_hinge_loss")
    found = rows(said.output)
    assert said.status == 1
    assert found["hinge_backward"] == "wrong        0 of 4 points (2 of 4 checks pass)"
    assert "      The gradient is a sum over the minibatch, not a mean. The loss is divided by N." in said.output
    assert "      at dscores[0, 0]: yours -3, expected -0.25\n" in said.output
    assert found["numerical_slope"] == "not started  0 of 2 points"
    assert found["initial_hinge_loss"].startswith("crashed")
    assert "initial_hinge_loss raised ZeroDivisionError: division by zero (line 2 of code cell" in said.output
    assert found["hinge_loss_vectorized"] == "waiting      waits for hinge_backward, which is wrong"
    assert "Next: write numerical_slope in 02_hinge_loss.ipynb." in said.output


def test_what_is_composed_of_stages_is_judged_with_the_students_own(student_kit):
    student_kit.solve("02_hinge_loss")
    student_kit.edit("02_hinge_loss", "def hinge_backward(", "CALLS = []\n\n\ndef hinge_backward(")
    student_kit.edit("02_hinge_loss", TO_THE_MEAN, f"    CALLS.append(1)\n{TO_THE_MEAN}")
    call = "    dscores = hinge_backward(margins, y)\n"
    student_kit.edit("02_hinge_loss", call, f"    CALLS.clear()\n{call}    assert CALLS\n")
    assert student_kit.run("check", "02_hinge_loss").status == 0


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "not JSON in UTF-8"),
        ("<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> theirs\n", "it holds the marks of a merge that was not finished"),
        (None, "02_hinge_loss.ipynb is not in hw1_linear_classifiers"),
        ("another", "02_hinge_loss.ipynb is a copy of 01_gradients, not of 02_hinge_loss"),
    ],
    ids=["no JSON", "unmerged", "missing", "another"],
)
def test_a_broken_notebook_is_a_sentence(student_kit, content, why):
    path = student_kit.hw1 / "02_hinge_loss.ipynb"
    if content is None:
        path.unlink()
    else:
        path.write_text(path.with_name("01_gradients.ipynb").read_text() if content == "another" else content)
    said = student_kit.run("check", "02_hinge_loss")
    assert said.status == 1
    assert f"This notebook cannot be checked: {why}" in said.output.replace(": not a notebook: ", ": ")
    assert "Next: repair 02_hinge_loss.ipynb" in said.output


def test_beside_a_broken_notebook_the_others_go_on(student_kit):
    student_kit.solve()
    (student_kit.hw1 / "02_hinge_loss.ipynb").write_text("{")
    said = student_kit.run("check", "hw1_linear_classifiers")
    assert "39 of 61 points: 16 of 22 exercises done" in said.output


def test_a_cell_that_is_not_python_is_named(student_kit):
    student_kit.solve("02_hinge_loss")
    student_kit.edit("02_hinge_loss", "def hinge_backward(", "<<<<<<< HEAD\ndef hinge_backward(")
    said = student_kit.run("check", "02_hinge_loss")
    assert "is not Python: SyntaxError" in said.output
    assert rows(said.output)["hinge_backward"].startswith("crashed")
    assert rows(said.output)["hinge_forward"].startswith("done")


@pytest.mark.parametrize(
    "name",
    [
        "02_hinge_loss",
        "hinge_loss",
        "02_hinge_loss.ipynb",
        "{root}/assignments/hw1_linear_classifiers/02_hinge_loss.ipynb",
    ],
)
def test_a_notebook_is_asked_for_by_name_or_path(student_kit, name):
    name = name.format(root=student_kit.root)
    assert "\n0 of 22 points: 0 of 6 exercises done" in student_kit.run("check", name).output


def test_a_notebook_elsewhere_is_known_by_what_is_in_it(student_kit, solved_hinge):
    copy = student_kit.folder / "my hinge.ipynb"
    copy.write_text(solved_hinge.read_text())
    said = student_kit.run("check", copy.name)
    assert (said.status, "22 of 22 points" in said.output) == (0, True)
    stranger = student_kit.folder / "stranger.ipynb"
    stranger.write_text(json.dumps({"cells": [], "metadata": {}}))
    assert "not a notebook of this course" in student_kit.run("check", stranger.name).errors


def test_an_unknown_name_suggests_the_closest(student_kit):
    said = student_kit.run("check", "02_hing_loss")
    assert said.status == 1
    assert (
        said.errors
        == "cs-lib: no assignment, notebook or file is called '02_hing_loss'; did you mean '02_hinge_loss'?\n"
    )


def test_nothing_is_written_into_a_students_kit(student_kit):
    def files():
        found = (path for path in student_kit.root.rglob("*") if "__pycache__" not in path.parts)
        return {path: path.stat().st_mtime_ns for path in found if path.is_file()}

    before = files()
    student_kit.run("check", "01_gradients")
    student_kit.run("hint", "softmax")
    assert files() == before


def on_a_terminal(kit, *arguments, **variables):
    """Return what a command writes on a terminal of its own."""
    ours, theirs = pty.openpty()
    env = {**kit.place["env"], "TERM": "xterm", **variables}
    process = subprocess.Popen(kit.command(*arguments), cwd=kit.folder, env=env, stdout=theirs, stderr=theirs)
    os.close(theirs)
    written = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # how Linux tells that the other end is closed
            break
        if not chunk:
            break
        written += chunk
    process.wait()
    os.close(ours)
    return written.decode()


def test_colour_is_for_terminals_and_never_with_no_color(student_kit):
    student_kit.solve("02_hinge_loss")
    coloured = on_a_terminal(student_kit, "check", "02_hinge_loss", NO_COLOR="")
    colourless = on_a_terminal(student_kit, "check", "02_hinge_loss", NO_COLOR="1")
    assert "\x1b[36mdone" in coloured
    assert "\x1b[3" not in colourless
    assert "checking hinge_backward …\r\x1b[K" in colourless
    assert "\x1b" not in on_a_terminal(student_kit, "hint", "hinge_backward", TERM="dumb")


def test_every_row_is_made_of_words_that_any_encoding_and_screen_reader_knows(student_kit):
    student_kit.solve("02_hinge_loss")
    output = student_kit.run("check", "02_hinge_loss").output
    assert output.isascii()  # so there is no colour in it, and no sign to be read out
    assert not set("│┌─|*#") & set(output)


def test_a_reader_that_goes_away_is_no_error(student_kit):
    process = subprocess.Popen(
        student_kit.command("check", "01_gradients"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **student_kit.place,
    )
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1


def test_ctrl_c_ends_it_with_a_line_and_status_130(student_kit):
    student_kit.edit("01_gradients", "def predict_labels(", "while True: pass\ndef predict_labels(")
    process = subprocess.Popen(
        student_kit.command("check", "01_gradients"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        **student_kit.place,
    )
    with process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "\ncs-lib: stopped\n"
    assert process.returncode == 130


JUDGE_QUICKLY = """
from cs_lib.terminal.check import with_checker
from cs_lib.terminal.checker import Checker
from cs_lib.terminal.pen import Pen
from cs_lib.terminal.saved import asked_for

(saved,) = asked_for("01_gradients")

def work(checker):
    quick = Checker(checker.run, [saved], call_seconds=0.5)
    for news in quick.check(saved, quick.read(saved), only={"descend"}):
        print(news.now.exercise.name, news.now.word, sep=": ")

with_checker([saved], work, Pen())
"""


def test_a_loop_that_never_ends_is_called_timed_out(student_kit):
    student_kit.solve("01_gradients")
    student_kit.edit("01_gradients", "def descend(", "def descend(*_):\n    while True: pass\ndef other(")
    command = [sys.executable, "-c", JUDGE_QUICKLY]
    done = subprocess.run(command, capture_output=True, text=True, check=True, **student_kit.place)
    assert done.stdout == "descend: timed out\n"
