"""Grading a notebook with pytest: each exercise on its own, whatever else the notebook holds."""

import json

ALL = ["hinge_loss_naive", "numerical_slope", "initial_hinge_loss"]
ALL += ["hinge_forward", "hinge_backward", "hinge_loss_vectorized"]


def test_the_solved_notebook_has_full_marks(grade, solved_hinge):
    graded = grade(solved_hinge)
    assert graded.exit_code == 0
    assert graded.score == "22 / 22"
    assert graded.words == dict.fromkeys(ALL, "done")


def test_the_untouched_notebook_has_none_and_is_called_not_started(grade, untouched_hinge):
    graded = grade(untouched_hinge)
    assert graded.exit_code == 1
    assert graded.score == "0 / 22"
    assert graded.words == dict.fromkeys(ALL, "not started")
    assert "Traceback" not in graded.output


def test_the_file_may_have_any_name(grade, edited, solved_hinge):
    assert grade(edited(solved_hinge, name="Ünnamed (2) final.ipynb")).score == "22 / 22"


def test_only_the_loops_earn_only_their_points(grade, edited, solved_hinge, untouched_hinge):
    loops = next(cell for cell in cells(solved_hinge) if "def hinge_loss_naive" in cell)
    stub = next(cell for cell in cells(untouched_hinge) if "def hinge_loss_naive" in cell)
    graded = grade(edited(untouched_hinge, (stub, loops)))
    assert graded.score == "8 / 22"
    assert graded.words["hinge_loss_naive"] == "done"
    assert graded.words["hinge_loss_vectorized"] == "not started"


def test_a_syntax_error_costs_what_its_cell_holds(grade, edited, solved_hinge):
    graded = grade(edited(solved_hinge, ("def hinge_forward(", "def hinge_forward((")))
    assert graded.score == "18 / 22"
    assert graded.words["hinge_forward"] == "crashed"
    assert "SyntaxError" in graded.output


def test_a_syntax_error_in_the_first_cell_costs_nothing_that_other_cells_hold(grade, edited, solved_hinge):
    graded = grade(edited(solved_hinge, ("print(digits)", "print(digits))")))
    assert graded.score == "22 / 22"


def test_an_import_that_is_broken_itself_is_the_reason_given(grade, edited, solved_hinge):
    graded = grade(edited(solved_hinge, ("import numpy as np", "import numpy as np =")))
    assert graded.words["initial_hinge_loss"] == "done"  # it needs no import
    assert graded.words["hinge_forward"] == "crashed"
    assert "SyntaxError: invalid syntax (line 3 of code cell 1: import numpy as np =)" in graded.output


def test_a_loop_that_never_ends_costs_its_own_exercise(grade, edited, solved_hinge):
    notebook = edited(solved_hinge, ("    dscores /= N\n", "    while True: pass\n"))
    graded = grade(notebook, "--call-seconds", "1")
    assert graded.score == "18 / 22"
    assert graded.words["hinge_backward"] == "timed out"


def test_composing_right_stages_wrongly_costs_the_composing_alone(grade, edited, solved_hinge):
    graded = grade(edited(solved_hinge, ("X.T @ dscores + 2 * reg * W", "X.T @ dscores + reg * W")))
    assert graded.score == "19 / 22"
    assert graded.words["hinge_loss_vectorized"] == "wrong"
    assert graded.mistakes["hinge_loss_vectorized"] == "The gradient of the regulariser is off by a factor of two"


def test_a_wrong_stage_does_not_cost_what_is_composed_of_it(grade, edited, solved_hinge):
    graded = grade(edited(solved_hinge, ("    dscores /= N\n", "")))
    assert graded.score == "18 / 22"
    assert graded.words["hinge_backward"] == "wrong"
    assert graded.words["hinge_loss_vectorized"] == "done"


def test_what_a_notebook_does_elsewhere_is_not_run(grade, edited, solved_hinge, tmp_path):
    touched = tmp_path / "touched"
    line = f"print(digits)\nopen({str(touched)!r}, 'w').close()"
    assert grade(edited(solved_hinge, ("print(digits)", line))).score == "22 / 22"
    assert not touched.exists()


def test_a_folder_is_graded_on_the_whole_assignment(grade, edited, solved_hinge):
    graded = grade(edited(solved_hinge).parent)
    others = graded.words.keys() - set(ALL)
    assert others
    assert {graded.words[name] for name in ALL} == {"done"}
    assert {graded.words[name] for name in others} == {"not started"}


def test_without_its_metadata_a_notebook_is_known_by_its_functions(grade, edited, solved_hinge):
    path = edited(solved_hinge)
    content = json.loads(path.read_text())
    content["metadata"] = {}
    path.write_text(json.dumps(content))
    assert grade(path).score == "22 / 22"


def test_what_is_no_notebook_is_refused_in_a_sentence(grade, tmp_path):
    path = tmp_path / "essay.ipynb"
    path.write_text("Dear grader")
    graded = grade(path)
    assert graded.exit_code == 4
    assert "essay.ipynb: not a notebook: not JSON in UTF-8" in graded.output
    assert "Traceback" not in graded.output


def test_a_submission_that_does_not_exist_is_named(grade, tmp_path):
    graded = grade(tmp_path / "missing.ipynb")
    assert graded.exit_code == 4
    assert "no submission at" in graded.output


def cells(notebook):
    return ["".join(cell["source"]) for cell in json.loads(notebook.read_text())["cells"]]
