"""`check(f)` as a student meets it: in a running kernel, on right, wrong, broken and unwritten functions."""

import json
import re

import nbformat
import pytest
from nbclient import NotebookClient

SETUP = "import numpy as np\nfrom cs_lib.checking import check, ready"


@pytest.fixture(scope="module")
def kernel():
    """Run code in one real kernel and return the text of its outputs, with the HTML of the last."""
    client = NotebookClient(nbformat.v4.new_notebook(), kernel_name="python3", timeout=60)
    with client.setup_kernel():
        yield Kernel(client)


class Kernel:
    def __init__(self, client):
        self.client = client
        self.html = ""
        self.run(SETUP)

    def run(self, *codes):
        text = ""
        for code in codes:
            cell = nbformat.v4.new_code_cell(code)
            self.client.nb.cells = [cell]
            self.client.execute_cell(cell, 0, store_history=True)
            for output in cell.outputs:
                data = output.get("data", {"text/plain": output.get("text", "")})
                text += data["text/plain"]
                self.html = data.get("text/html", "")
        return text


@pytest.fixture
def solution(solved_hinge):
    def source(name):
        sources = ["".join(cell["source"]) for cell in json.loads(solved_hinge.read_text())["cells"]]
        return next(each for each in sources if f"def {name}(" in each)

    return source


def test_a_right_answer_is_done_with_its_points(kernel, solution):
    shown = kernel.run(solution("hinge_backward"), "check(hinge_backward)")
    assert shown.startswith("hinge_backward: done, 4 points\n  ✓ passed: The gradient flows only through violated")
    assert "✓ hinge_backward: done, 4 points" in kernel.html


def test_a_gradient_not_divided_by_n_is_told_so_in_words(kernel, solution):
    wrong = solution("hinge_loss_naive").replace("dW = dW / N", "dW = dW")
    shown = kernel.run(wrong, "check(hinge_loss_naive)")
    assert "hinge_loss_naive: wrong (1 of 4 checks pass)" in shown
    assert "dW is wrong in 20 of 20 entries." in shown
    assert "The gradient is a sum over the minibatch, not a mean. The loss is divided by N." in shown
    assert re.search(r"at dW\[\d, \d\]: yours -?[\d.]+, expected -?[\d.]+", shown)
    assert "The gradient is a sum over the minibatch, not a mean." in kernel.html


def test_a_mistake_that_is_in_no_catalogue_is_told_by_its_numbers(kernel, solution):
    kernel.run(solution("hinge_forward"))
    shown = kernel.run(
        solution("hinge_backward").replace("dscores /= N", "dscores *= 0.7 / N"), "check(hinge_backward)"
    )
    assert "It is the right answer times 0.7." in shown


def test_two_mistakes_at_once_are_both_named(kernel, solution):
    wrong = solution("hinge_loss_naive").replace("2 * reg * W", "reg * W").replace("] + 1.0", "]")
    shown = kernel.run(wrong, "check(hinge_loss_naive)")
    assert "Two mistakes at once:" in shown
    assert "- The gradient of the regulariser is off by a factor of two." in shown
    assert "- The margin has no delta." in shown


def test_a_fault_of_the_kit_is_a_sentence(kernel, solution):
    kernel.run(
        "import sys; inside = sys.modules['cs_lib.checking.check']; kept, inside.run_tests = inside.run_tests, None"
    )
    shown = kernel.run(solution("hinge_backward"), "check(hinge_backward)")
    kernel.run("inside.run_tests = kept")
    assert "please tell your instructor" in shown


def test_the_same_answer_is_shown_the_same_way_twice(kernel, solution):
    kernel.run(solution("hinge_forward").replace("/ N", "/ (N + 1)"))
    first = kernel.run("check(hinge_forward)"), kernel.html
    assert first == (kernel.run("check(hinge_forward)"), kernel.html)


def test_an_unwritten_stub_is_not_started(kernel):
    shown = kernel.run(
        "def hinge_backward(margins, y):\n    dscores = ...\n    return dscores", "check(hinge_backward)"
    )
    assert shown == "hinge_backward: not started\n  hinge_backward still returns `...`"


def test_half_an_answer_says_which_half_is_missing(kernel, solution):
    half = solution("hinge_forward").replace("return loss, margins", "return loss, ...")
    shown = kernel.run(half, "check(hinge_forward)")
    assert shown == "hinge_forward: not finished\n  margins is still what it was at the start; the rest is right"


def test_an_exception_is_shown_with_the_students_own_line(kernel):
    code = "def hinge_backward(margins, y):\n    N = margins.shape[2]\n    return N"
    shown = kernel.run(code, "check(hinge_backward)")
    assert "hinge_backward raised IndexError: tuple index out of range" in shown
    assert "(line 2 of your function's cell: N = margins.shape[2])" in shown
    assert "Traceback" not in shown


def test_a_loop_is_found_with_its_line_and_without_a_clock(kernel):
    code = """def hinge_backward(margins, y):
    dscores = (margins > 0) * 1.0
    for i in range(len(y)):
        dscores[i, y[i]] = -dscores[i].sum()
    return dscores / len(y)"""
    shown = kernel.run(code, "check(hinge_backward)")
    assert "wrong (3 of 4 checks pass)" in shown
    assert "not vectorised" in shown
    assert re.search(r"Line [34] of your function's cell: (for i in range|dscores\[i, y\[i\]\])", shown)


def test_a_changed_argument_is_named(kernel):
    code = """def hinge_backward(margins, y):
    margins[margins > 0] = 1
    margins[np.arange(len(y)), y] = -margins.sum(axis=1)
    return margins / len(y)"""
    shown = kernel.run(code, "check(hinge_backward)")
    assert "hinge_backward changes margins, which it was given." in shown


def test_what_is_composed_waits_for_its_stage(kernel, solution):
    kernel.run(solution("hinge_forward"), solution("hinge_backward").replace("dscores /= N", "pass"))
    shown = kernel.run(solution("hinge_loss_vectorized"), "check(hinge_loss_vectorized)")
    assert shown.startswith("hinge_loss_vectorized: waiting\n")
    assert "waits for hinge_backward, which is wrong" in shown
    shown = kernel.run("if ready(hinge_loss_vectorized):\n    1 / 0")
    assert shown.startswith(
        "This cell waits for hinge_loss_vectorized, which waits for hinge_backward, which is wrong."
    )


def test_a_cell_that_is_not_ready_says_for_what_it_waits(kernel):
    kernel.run("def hinge_backward(margins, y):\n    return ...")
    shown = kernel.run("if ready(hinge_backward):\n    1 / 0")
    assert shown == "This cell waits for hinge_backward, which is not started.\n"


def test_a_name_that_is_no_exercise_is_met_with_the_closest(kernel):
    shown = kernel.run("def hinge_backwards(): pass", "check(hinge_backwards)")
    assert shown == "no exercise is called 'hinge_backwards'; did you mean 'hinge_backward'?"


def test_what_is_no_function_is_met_with_a_sentence(kernel):
    assert "no exercise is called" in kernel.run("check(3)")


def test_a_wrong_number_of_values_is_said(kernel):
    shown = kernel.run("def hinge_forward(scores, y, delta=1.0):\n    return 3.0", "check(hinge_forward)")
    assert "hinge_forward returns one float, but should return (loss, margins)." in shown


def test_a_students_html_is_shown_and_not_obeyed(kernel):
    code = "def hinge_backward(margins, y):\n    raise ValueError('<script>alert(1)</script>')"
    kernel.run(code, "check(hinge_backward)")
    assert "&lt;script&gt;" in kernel.html
    assert "<script>" not in kernel.html


def test_checking_leaves_the_notebook_as_it_was(kernel, solution):
    before = "import sys, os, warnings; before = (sys.stdout, sys.gettrace(), os.getcwd(), len(warnings.filters))"
    after = "before == (sys.stdout, sys.gettrace(), os.getcwd(), len(warnings.filters))"
    assert kernel.run(solution("hinge_backward"), before, "check(hinge_backward);", after) == "True"
