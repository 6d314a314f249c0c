"""`cs-lib check --watch` checks again what a save has changed, and says what is new."""

import json
import queue
import signal
import subprocess
import sys
import threading

import pytest

TO_THE_MEAN = "    dscores /= N\n"
PATIENT = 120
"""Seconds after which a line that was expected is taken to be missing: far more than any machine needs."""


class Watching:
    """A running `cs-lib check --watch`, and the lines that it has written."""

    def __init__(self, kit, *arguments):
        self.process = subprocess.Popen(
            kit.command("check", *arguments, "--watch"),
            **kit.place,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def until(self, text):
        """Return the lines up to the one that begins with `text`."""
        found = []
        while not found or not found[-1].startswith(text):
            found.append(self.lines.get(timeout=PATIENT))
        return "\n".join(found)

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))


@pytest.fixture
def watching(student_kit):
    """Start watching one notebook, solved."""
    student_kit.solve("02_hinge_loss")
    running = Watching(student_kit, "02_hinge_loss")
    assert "22 of 22 points" in running.until("Watching 02_hinge_loss.ipynb")
    yield running
    running.process.kill()
    running.process.wait()


def test_a_save_is_followed_by_what_it_changed_and_ctrl_c_ends_it_kindly(student_kit, watching):
    student_kit.edit("02_hinge_loss", TO_THE_MEAN, "    # not yet\n")
    said = watching.until("Next:")
    assert "  hinge_backward: was done, now wrong; 15 of 22 points\n" in said
    assert "      The gradient is a sum over the minibatch, not a mean." in said
    assert "  hinge_loss_vectorized: was done, now waiting; 15 of 22 points\n" in said
    assert "hinge_forward" not in said
    student_kit.edit("02_hinge_loss", "    # not yet\n", TO_THE_MEAN)
    said = watching.until("Ctrl-C ends")
    assert "  hinge_backward: was wrong, now done; 22 of 22 points\n" in said
    assert "cs-lib submit hw1_linear_classifiers" in said
    watching.process.send_signal(signal.SIGINT)
    assert watching.until("No longer").endswith("\nNo longer watching; 22 of 22 points.")
    assert watching.process.wait() == 0
    assert watching.process.stderr.read() == ""


def test_a_notebook_that_stays_broken_is_said_so_and_read_again_once_it_is_repaired(student_kit, watching):
    path = student_kit.hw1 / "02_hinge_loss.ipynb"
    whole = path.read_text()
    path.write_text(whole[:2000])
    assert "cannot be checked: not a notebook: not JSON in UTF-8." in watching.until("Next: repair")
    path.write_text(whole)
    assert "The notebook can be read again; 22 of 22 points." in watching.until("Next:")


IN_STEPS = """
import json, sys
from cs_lib.terminal.check import with_checker
from cs_lib.terminal.checker import Checker
from cs_lib.terminal.pen import Pen
from cs_lib.terminal.saved import asked_for
from cs_lib.terminal.watch import PATIENCE, Watched

(saved,) = asked_for("02_hinge_loss")
ran = []

def work(checker):
    def run(door):
        ran.append(door.exercise.name)
        return checker.run(door)
    counted = Checker(run, [saved])
    list(counted.check(saved, counted.read(saved)))
    watched = Watched(saved)
    for step in sys.stdin:
        ran.clear()
        saved.path.write_text(json.loads(step))
        for _ in range(PATIENCE - 1):
            watched.look(counted, Pen())
        print(f"ran: {json.dumps(ran)}")

with_checker([saved], work, Pen())
"""


@pytest.fixture
def saves(student_kit):
    """Save one text after another, and return what was said and which exercises were run after each."""
    student_kit.solve("02_hinge_loss")

    def run(*texts):
        steps = "".join(json.dumps(each) + "\n" for each in texts)
        command = [sys.executable, "-c", IN_STEPS]
        done = subprocess.run(
            command, input=steps, capture_output=True, text=True, check=True, **student_kit.place
        ).stdout
        first, *others = done.split("ran: ")
        parts = [each.partition("\n") for each in others]
        return [first, *(said for _, _, said in parts[:-1])], [json.loads(ran) for ran, _, _ in parts]

    return run


def changed(text, old, new):
    content = json.loads(text)
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell["source"] = "".join(cell["source"]).replace(old, new)
    return json.dumps(content)


def test_only_what_changed_and_what_rests_on_it_is_run_again(saves, solved_hinge):
    text = solved_hinge.read_text()
    content = json.loads(text)
    empty = {"cell_type": "code", "source": "unused = 1", "outputs": [], "metadata": {}, "execution_count": None}
    moved = json.dumps({**content, "cells": [empty, *content["cells"]]})
    alone = changed(
        text, "def hinge_loss_vectorized(", "LAST = 1\ndef hinge_loss_vectorized(W, X, y, reg=LAST):\n    1\ndef other("
    )
    stage = changed(text, TO_THE_MEAN, "    dscores = dscores / N\n")
    _, ran = saves(moved, alone, text, stage)
    assert ran == [
        [],
        ["hinge_loss_vectorized"],
        ["hinge_loss_vectorized"],
        ["hinge_backward", "hinge_loss_vectorized"],
    ]


def test_a_half_written_file_is_waited_out_in_silence(saves, solved_hinge):
    text = solved_hinge.read_text()
    said, ran = saves(text[:5000], text[:9000], "", text)
    assert ran == [[], [], [], []]
    assert [each.strip() for each in said] == ["", "", "", ""]
    wrong = changed(text, TO_THE_MEAN, "")
    said, ran = saves(wrong[:5000], wrong)
    assert "hinge_backward: was done, now wrong" in said[1]
    assert "cannot be checked" not in "".join(said)
