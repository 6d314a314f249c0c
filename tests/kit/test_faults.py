"""Each way in which an assignment can be wrong is planted in a copy of the course, and met with its own sentence."""

import json
import re
import shutil

import pytest

HW1, HW3 = "assignments/hw1_linear_classifiers", "assignments/hw3_regression"
GRADIENTS, HINGE, SOFTMAX = (f"{HW1}/{name}.ipynb" for name in ("01_gradients", "02_hinge_loss", "03_softmax_loss"))
SMALL = f"{HW3}/01_regression.ipynb"
TESTS = "tests/hw1_linear_classifiers/public"
KNOWN = "cs_lib/reference"
PNG = {"data": {"image/png": "aGk="}, "metadata": {}, "output_type": "display_data"}


def change(path, old, new):
    text = path.read_text()
    assert old in text, f"{old!r} does not occur in {path.name}"
    path.write_text(text.replace(old, new, 1))


def change_cells(path, edit):
    notebook = json.loads(path.read_text())
    notebook["cells"] = edit(notebook["cells"])
    path.write_text(json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def beginning(cells, text):
    return next(cell for cell in cells if "".join(cell["source"]).startswith(text))


def prose(text):
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def code(text):
    return {**prose(text), "cell_type": "code", "outputs": [], "execution_count": None}


def add_cells(path, *cells):
    change_cells(path, lambda present: [*present, *cells])


def plant_in_lists(course):
    change(course / HW1 / "assignment.toml", 'title = "Homework 1', 'points = 60\ntitle = "Homework 1')
    change(course / HW1 / "assignment.toml", '"the-best-step"\npoints = 2', '"the-best-step"\npoints = 3')
    change(course / "assignments/hw2_neural_network/assignment.toml", 'name = "neuron_tick"', 'name = "softmax"')
    shutil.copytree(course / HW1, course / "assignments/hw3_misspelt")
    change(course / "assignments/hw3_misspelt/assignment.toml", "\npoints = 1\n", "\npiont = 1\n")
    shutil.copytree(course / HW1, course / "assignments/hw4_hintless")
    hintless = course / "assignments/hw4_hintless/assignment.toml"
    hintless.write_text(re.sub('hint = """.*?"""', 'hint = " "', hintless.read_text(), count=1, flags=re.DOTALL))
    shutil.copytree(course / HW1, course / "assignments/hw5_twice")
    change(course / "assignments/hw5_twice/assignment.toml", 'name = "descend"', 'name = "bowl_gradient"')


def plant_in_answers(course):
    reference = course / KNOWN / "gradients.py"
    unlisted = "\n\ndef squared(x):\n    # BEGIN SOLUTION\n    y = x * x\n    # END SOLUTION\n    return y\n"
    reference.write_text(reference.read_text() + unlisted)
    entry = '\n[[misconceptions]]\nexercise = "{}"\ntitle = "{}"\nhint = "{}"\nchanges = [{}]\n'
    strays = [("hinge_sideways", "?", "?", ""), ("hinge_forward", "Gone", " ", '["no such text", ""]')]
    strays += [("hinge_forward", "Twin", "?", '["loss = np.sum(margins) / N", "loss = 3.0"]')] * 2
    catalogue = course / KNOWN / "hinge_loss.toml"
    catalogue.write_text(catalogue.read_text() + "".join(entry.format(*each) for each in strays))
    catalogue = course / KNOWN / "softmax_loss.toml"
    kept = [each for each in catalogue.read_text().split("[[misconceptions]]") if '"initial_softmax_loss"' not in each]
    catalogue.write_text("[[misconceptions]]".join(kept))


def plant_in_tests(course):
    tests = course / TESTS / "test_hinge_loss.py"
    change(tests, '    """With reg = 0, the loss and its gradient are those of the data alone."""\n', "")
    change(tests, '@exercise("hinge_backward")\ndef test_sat', "def test_sat")
    change(
        tests, '@exercise("hinge_forward")\ndef test_forward_with', '@exercise("hinge_foward")\ndef test_forward_with'
    )
    change(tests, '@exercise("initial_hinge_loss")', '@exercise("initial_hinge_loss", part="deep")')
    shutil.copy(tests, course / TESTS / "test_sideways.py")
    (course / TESTS / "test_sideways.py").write_text('"""Nothing."""\n')
    tests = course / TESTS / "test_gradients.py"
    tests.write_text("from cs_lib.reference import gradients\n" + tests.read_text())


def plant_in_notebooks(course):
    shutil.copy(course / GRADIENTS, course / HW1 / "04_more.ipynb")
    change(course / GRADIENTS, "y_pred = ...", "y_pred = 3")
    change(course / GRADIENTS, '"check(descend)"', '"check(squared)"')
    answer = "dscores[np.arange(N), y] = -dscores.sum(axis=1)"
    model = "Every value between the two one-sided slopes is a subgradient, so each of them is acceptable"
    add_cells(course / HINGE, code(answer), prose(f"As we know: {model}; taking 0 where the margin is exactly 0 is"))
    pictures = [
        prose("![ ](bowl.png)"),
        prose('<img src="bowl.png" alt="">'),
        prose('`<img>` ![A bowl](bowl.png) <img alt="B">'),
    ]
    add_cells(course / SOFTMAX, *pictures)
    change_cells(
        course / SOFTMAX, lambda cells: [each for each in cells if "points" not in each["metadata"].get("tags", [])]
    )
    change_cells(course / HW1 / "solutions/03_softmax_loss.ipynb", lambda cells: show(cells, PNG))
    plots = course / "cs_lib/plots/panel.py"
    plots.write_text(
        plots.read_text() + "\n\n\ndef f():\n    dscores = probs.copy()\n    dscores[np.arange(N), y] -= 1\n"
    )


def show(cells, output):
    beginning(cells, "import numpy")["outputs"] = [output]
    return cells


CELL = "the cell that begins"
SENTENCE = "say in its first line, in a student's words, which behaviour it is about"
PLANTED = [
    f"{HW1}/assignment.toml: the exercise 'softmax' is listed in hw2_neural_network too; give each its own name",
    f"{HW1}/assignment.toml declares 60 points, but its exercises, their parts and questions have 70 together; "
    "put one of them right",
    f"{GRADIENTS}, {CELL} '*Write your answer here, in place of this line.*': the question 'the-best-step' is said to "
    "have 2 points, but assignment.toml gives it 3; put one of them right",
    f"{HW1}/04_more.ipynb is not listed in {HW1}/assignment.toml; list it there, or move the notebook out of the "
    "assignment",
    f"{KNOWN}/gradients.py answers squared, which assignment.toml does not list; list it in {HW1}/assignment.toml, or "
    "take its markers away",
    f"{GRADIENTS} is stale; run `cs-lib sync`",
    f"{GRADIENTS}: no cell checks descend; write `check(descend)` below its cell",
    f"{GRADIENTS}: a cell checks squared, which assignment.toml does not list there; list it, or take the check out",
    f"{HW1}/solutions/01_gradients.ipynb is stale; run `cs-lib sync`",
    f"{HINGE} is stale; run `cs-lib sync`",
    f"{HW1}/solutions/02_hinge_loss.ipynb is stale; run `cs-lib sync`",
    f"{SOFTMAX} is stale; run `cs-lib sync`",
    f"{HW1}/solutions/03_softmax_loss.ipynb is stale; run `cs-lib sync`",
    f"{SOFTMAX} does not say what its exercises are worth; tag a Markdown cell `points`, and run `cs-lib sync`",
    f"{KNOWN}/hinge_loss.toml: a misconception is about 'hinge_sideways', which assignment.toml does not list; put its "
    "name right",
    f"{KNOWN}/hinge_loss.toml: hinge_forward: 'Gone': its hint is empty; write one that a student learns from",
    f"{KNOWN}/hinge_loss.toml: hinge_forward: 'Gone': its text does not occur exactly once in the reference; copy the "
    "text from the function as it is now",
    f"{KNOWN}/hinge_loss.toml: hinge_forward: 2 misconceptions are called 'Twin'; give each its own title",
    f"{KNOWN}/softmax_loss.toml: initial_softmax_loss: the catalogue has no misconception; add [[misconceptions]] with "
    "what students get wrong in it",
    f"{TESTS}/test_hinge_loss.py:LINE: test_loss_and_gradient_without_regularisation has no docstring; {SENTENCE}",
    f"{TESTS}/test_hinge_loss.py:LINE: test_satisfied_rows_have_no_gradient belongs to no exercise; write "
    '@exercise("NAME") above it',
    f"{TESTS}/test_hinge_loss.py:LINE: test_forward_with_another_delta: no exercise in hw1_linear_classifiers is "
    "called 'hinge_foward'; did you mean 'hinge_forward'?",
    f"{TESTS}/test_hinge_loss.py:LINE: test_initial_loss_grows_with_the_classes: initial_hinge_loss has no part "
    f"'deep'; list it with its points in {HW1}/assignment.toml",
    f"{TESTS}/test_hinge_loss.py: no public test is about initial_hinge_loss; write one, with "
    '@exercise("initial_hinge_loss")',
    f"{TESTS}/test_sideways.py belongs to no notebook of hw1_linear_classifiers; name it after the notebook whose "
    "exercises it tests",
    f"{TESTS}/test_gradients.py imports cs_lib.reference, which students do not get; use the fixture `reference` "
    "instead",
    f"{HINGE}, {CELL} 'dscores[np.arange(N), y] = -dscores.sum(axis=1)' holds a line of the answer to hinge_backward; "
    "students get this file, so take it out",
    f"{HINGE}, {CELL} 'As we know: Every value between the two one-sided…' holds a sentence of the model answer to "
    "'right-gradient-fails'; take it out",
    f"{SOFTMAX}, {CELL} '![ ](bowl.png)': the picture bowl.png has no alternative text; say in words what it shows, as "
    "in ![text](file)",
    f'{SOFTMAX}, {CELL} \'<img src="bowl.png" alt="">\': an <img> has no alternative text; say in words what it shows, '
    'with alt="…"',
    f"{HW1}/solutions/03_softmax_loss.ipynb, {CELL} 'import numpy as np': it shows a picture without alternative text; "
    "show a cs_lib.plots.Picture with `alt`, or an SVG with aria-label",
    "cs_lib/plots/panel.py holds lines of the answer to softmax_backward; students get this file",
]


UNREADABLE = [
    "assignments/hw3_misspelt/assignment.toml: exercise 'predict_labels': unknown key 'piont'; did you mean 'points'?",
    "assignments/hw4_hintless/assignment.toml: exercise 'predict_labels': 'hint' is empty",
    "assignments/hw5_twice/assignment.toml: the exercise 'bowl_gradient' is listed twice; give each its own name",
]


@pytest.fixture(scope="module")
def planted(tmp_path_factory, copied_course, run_cs_lib):
    """What `validate --quick` says of a course in which all of it was planted, line by line."""
    course = copied_course(tmp_path_factory.mktemp("planted") / "course")
    for plant in (plant_in_lists, plant_in_answers, plant_in_tests, plant_in_notebooks):
        plant(course)
    done = run_cs_lib(course, "validate", "--quick")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    lines = (line.replace(f"{course}/", "") for line in done.stdout.splitlines())
    return [re.sub(r"\.py:\d+:", ".py:LINE:", line) for line in lines]


# Each is one test for all sentences, so that workers that share the tests do not each make the course anew.
def test_what_is_planted_is_said_and_nothing_else(planted):
    assert [sentence for sentence in PLANTED if planted.count(sentence) != 1] == []
    own = (HW1, "tests/hw1_", *(f"{KNOWN}/{name}." for name in ("gradients", "hinge_loss", "softmax_loss")))
    assert {line for line in planted if line.startswith(own)} <= set(PLANTED)


def test_a_list_that_cannot_be_read_is_said_and_the_other_assignments_are_looked_at(planted):
    assert [start for start in UNREADABLE if not any(line.startswith(start) for line in planted)] == []


def plant_in_what_runs(course):
    """Plant what shows when the small assignment's answers, tests and notebooks run."""
    reference = course / KNOWN / "regression.py"
    change(reference, "np.sum(errors**2) / len(t)", "0.5 * np.sum(errors**2) / len(t)")
    change(reference, "return predictions", "return predictions.copy()")
    tests = course / "tests/hw3_regression/public/test_regression.py"
    change(tests, "from cs_lib.checking", "import time\n\nimport pytest\n\nfrom cs_lib.checking")
    change(
        tests,
        '@exercise("regression_predictions")',
        '@pytest.mark.parametrize("now", [time.time_ns()])\n@exercise("regression_predictions")',
    )
    change(tests, "features(student, reference, problem)", "features(student, reference, problem, now)")
    add_cells(course / SMALL, code("print(1 + regression_predictions(np.ones((1, 2)), np.ones(2))[0])"))


RUNNING = [
    f"{KNOWN}/regression.py: regression_loss is itself wrong: dw is not the gradient it should be. The gradient "
    "disagrees at 3 of 3 entries.",
    f"untouched: regression_predictions should be 'not started', but is 'crashed' in {SMALL}: Every feature counts by "
    "its weight (NOW): regression_predictions raised AttributeError: 'ellipsis' object has no attribute 'copy'",
    f"{SMALL}, {CELL} 'print(1 + regression_predictions(np.ones((1, 2)),…' raises AttributeError: 'ellipsis' object "
    "has no attribute 'copy' when the notebook runs; guard it with `if ready(…):`",
    f"{HW3}/solutions/01_regression.ipynb, {CELL} 'check(regression_predictions)': what it says differs from run to "
    "run; seed what it draws, or tag a demonstration `nbval-ignore-output`",
    f"{HW3}/solutions/01_regression.ipynb, {CELL} 'import numpy as np': it no longer says what the solved notebook "
    "holds; run `cs-lib sync --execute`",
]


@pytest.fixture(scope="module")
def run(tmp_path_factory, copied_course, small_course, run_cs_lib):
    """What `validate` says of the small assignment in which all of it was planted."""
    course = copied_course(tmp_path_factory.mktemp("run") / "course", of=small_course)
    plant_in_what_runs(course)
    done = run_cs_lib(course, "sync", "hw3_regression")
    assert done.returncode == 0, done.stderr
    said = {"name": "stdout", "output_type": "stream", "text": ["Hello\n"]}
    change_cells(course / HW3 / "solutions/01_regression.ipynb", lambda cells: show(cells, said))
    done = run_cs_lib(course, "validate", "hw3_regression")
    assert "Traceback" not in done.stderr
    return re.sub(r"\(\d{15,}\)", "(NOW)", done.stdout)


def test_what_shows_only_when_it_runs_is_said(run):
    lines = run.splitlines()
    assert [start for start in RUNNING if sum(line.startswith(start) for line in lines) != 1] == [], run


def test_a_reference_that_differs_from_its_loops_and_a_solution_that_does_not_pass_are_said(course, run_cs_lib):
    change(
        course / KNOWN / "hinge_loss.py",
        "    dscores = hinge_backward(",
        "    loss = 2 * loss\n    dscores = hinge_backward(",
    )
    said = run_cs_lib(course, "validate", "hw1_linear_classifiers", "--only", "initial_hinge_loss").stdout
    place = f"{KNOWN}/hinge_loss.py: hinge_loss_vectorized"
    assert f"{place} and hinge_loss_naive give different answers; put the wrong one right." in said
    assert f"{place} is itself wrong: dW is not the gradient it should be." in said
    solved = f"{HW1}/solutions/02_hinge_loss.ipynb"
    unlike = f"reference: hinge_loss_vectorized should be 'done', but is 'wrong' in {solved}: "
    assert f"{unlike}With reg = 0, the two stages and two matrix products give the loss and dW: loss is wrong." in said
