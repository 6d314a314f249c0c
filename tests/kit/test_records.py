"""A kit without the reference says what the course says: the same verdicts, numbers and diagnoses, from records."""

import inspect
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cs_lib.checking import catalogue
from cs_lib.checking.answers import answers
from cs_lib.checking.diagnosis import Raised
from cs_lib.checking.records import Unlike, Values, read_record, write_record
from cs_lib.checking.reference_answers import ReferenceAnswers
from cs_lib.course import ROOT, CourseError, assignment_names, find_exercise, load_assignment
from cs_lib.instructor import stubs

RUN = f"import runpy; runpy.run_path({str(Path(__file__).with_name('marked_answers.py'))!r})['main']()"
PAIRS_EACH = 2
NOTEBOOKS = [(each, notebook) for each in map(load_assignment, assignment_names()) for notebook in each.notebooks]


def module_text(exercise):
    return stubs.solved(inspect.getsource(catalogue.reference_module(exercise)))


def wrong_answers(exercise):
    """Return every known mistake and a sample of pairs, as a student would have written them."""
    pairs = catalogue.pairs(exercise)
    known = [(each,) for each in catalogue.entries(exercise)] + [*pairs[:: max(1, len(pairs) // PAIRS_EACH)]]
    right = module_text(exercise)
    return [[right, stubs.solved(catalogue.wrong_source(exercise, each)), exercise.name] for each in known]


def tasks(notebooks):
    return [
        [
            assignment.name,
            notebook.name,
            [each for exercise in notebook.exercises if not exercise.uses for each in wrong_answers(exercise)],
        ]
        for assignment, notebook in notebooks
    ]


def at_home(task):
    done = subprocess.run(
        [sys.executable, "-c", RUN], cwd=ROOT, input=json.dumps(task), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def in_the_kit(released, task):
    done = released.python(RUN, given=json.dumps(task))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("assignment", "notebook"), [pytest.param(*each, id=each[1].name) for each in NOTEBOOKS])
def test_the_kit_says_of_every_known_mistake_what_the_course_says(released, assignment, notebook):
    task = tasks([(assignment, notebook)])
    home, kit = at_home(task), in_the_kit(released, task)
    assert len(home) == len(task[0][2])
    differing = [each[1][1] for each in zip(home, task[0][2], kit, strict=True) if each[0] != each[2]]
    assert differing == []
    named = [text for text, _ in home if any(title in text for title in titles(notebook))]
    assert len(named) > 0.9 * len(home)


def titles(notebook):
    return [each.title for exercise in notebook.exercises for each in catalogue.entries(exercise)]


def test_an_answer_that_stops_a_test_early_is_the_same_too(released):
    exercise = find_exercise("hinge_loss_naive")
    right = module_text(exercise)
    halves = [
        "if reg: raise KeyError('reg')",
        "if len(X) < 5: return 1.0, 2",
        "if reg: return loss",
        "if reg: return ...",
    ]
    body = stubs.solved(catalogue.reference_source(exercise))
    answers = [
        [right, body.replace("    return loss, dW", f"    {half}\n    return loss, 2 * dW"), exercise.name]
        for half in halves
    ]
    task = [["hw1_linear_classifiers", "02_hinge_loss", answers]]
    assert at_home(task) == in_the_kit(released, task)


def test_right_answers_are_done_in_the_kit_also_where_they_are_judged_by_their_result(released):
    right = [
        [assignment.name, notebook.name, [[module_text(e), "", e.name] for e in notebook.exercises if not e.uses]]
        for assignment, notebook in NOTEBOOKS
    ]
    said = in_the_kit(released, right)
    assert len(said) == sum(len(answers) for *_, answers in right)
    assert {re.match(r"\w+: ([\w ]+)", text)[1] for text, _ in said} == {"done"}
    code = "from cs_lib.checking import check; namespace = {}; exec(sys.stdin.read(), namespace); "
    code += "print(check(namespace['hyperparameters']))"
    done = released.python(code, given=module_text(find_exercise("hyperparameters")))
    assert done.stdout.startswith("hyperparameters: done, 4 points"), done.stdout + done.stderr


def test_in_the_kits_terminal_the_students_own_stages_are_used(released, tmp_path):
    code = "import pytest; sys.exit(pytest.main(sys.argv[1:]))"
    solved = released.course.path / "assignments/hw1_linear_classifiers/solutions/02_hinge_loss.ipynb"
    tests = ("-q", "-p", "no:cacheprovider", "tests/hw1_linear_classifiers", "--submission")
    done = released.python(code, *tests, str(solved))
    assert done.returncode == 0
    assert "score: 22 / 22" in done.stdout
    wrong = tmp_path / "wrong.ipynb"
    wrong.write_text(solved.read_text().replace("    dscores /= N\\n", "    dscores = dscores\\n"))
    done = released.python(code, *tests, str(wrong))
    assert "hinge_backward         0 / 4  wrong: The gradient is a sum over the minibatch, not a mean" in done.stdout
    assert "hinge_loss_vectorized  0 / 3" in done.stdout


def test_a_test_that_asks_for_more_than_was_recorded_says_so(released):
    code = """
from cs_lib.checking.answers import Reference
reference = Reference("test_hinge_loss.py::test_satisfied_rows_have_no_gradient")
print(reference.hinge_backward(1, 2).shape)
for more in (lambda: reference.hinge_backward(1, 2), lambda: Reference("another").softmax(1)):
    try:
        more()
    except Exception as error:
        print(type(error).__name__, error)
"""
    said = released.python(code).stdout.splitlines()
    assert said[0] == "(12, 4)"
    assert said[1].startswith("CourseError no answer was recorded for this call of hinge_backward")
    assert said[2].startswith("CourseError no answer was recorded for this call of softmax")


def test_a_kit_whose_records_are_lost_says_so_and_judges_nothing(released, tmp_path):
    spoilt = replace(released, kit=tmp_path / "kit")
    shutil.copytree(released.kit, spoilt.kit)
    record = spoilt.kit / "tests/hw1_linear_classifiers/public/records/hinge_loss.json"
    record.write_text(record.read_text()[:5000])
    right = module_text(find_exercise("hinge_backward"))
    [[text, _]] = in_the_kit(spoilt, [["hw1_linear_classifiers", "02_hinge_loss", [[right, "", "hinge_backward"]]]])
    assert text.startswith("hinge_backward: not judged")
    assert "missing or broken (JSONDecodeError); unpack the kit again to have it whole" in text


VALUES = [
    None,
    True,
    3,
    2.5,
    float("inf"),
    np.float32(0.1),
    np.int64(7),
    np.bool_(True),
    np.arange(6.0).reshape(2, 3),
    np.zeros((0, 3)),
    np.arange(4, dtype=np.int32),
    np.array(True),
    np.array([np.nan, -np.inf, -0.0]),
    (1, np.ones(2)),
    [1.5, [np.ones(2), None]],
    {"W1": np.eye(2), "b1": (np.zeros(1), 2)},
    Raised("ValueError"),
]


def written(folder, values):
    numbers = Values()
    found = [numbers.number(each) for each in values]
    write_record(folder, "some", {}, numbers)
    return found, read_record(folder, "some")


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back_as_it_was(tmp_path, value):
    [number], record = written(tmp_path, [value])
    assert_same(record.value(number), value)


def assert_same(got, value):
    assert type(got) is type(value)
    if isinstance(value, np.ndarray | np.generic):
        assert got.dtype == value.dtype
        np.testing.assert_array_equal(got, value)
    elif isinstance(value, tuple | list | dict):
        assert len(got) == len(value)
        for one, other in zip(got, value, strict=True):
            if isinstance(value, dict):
                assert one == other
                one, other = got[one], value[other]
            assert_same(one, other)
    else:
        assert got == value


def test_what_is_no_plain_value_is_recorded_as_like_nothing(tmp_path):
    numbers, record = written(tmp_path, [..., "text", np.array([object()]), np.array(["a"]), len])
    assert [type(record.value(each)) for each in numbers] == [Unlike, str, Unlike, Unlike, Unlike]


def test_equal_values_are_kept_once_and_given_out_as_copies(tmp_path):
    numbers, record = written(tmp_path, [np.ones(3), (np.ones(3), 1), np.ones((3, 1)), np.ones(3)])
    assert numbers[0] == numbers[3]
    assert record.pools["float64"].size == 3
    record.value(numbers[0])[:] = 7
    np.testing.assert_array_equal(record.value(numbers[0]), np.ones(3))


def test_the_same_values_give_the_same_bytes(tmp_path):
    for folder in ("one", "other"):
        written(tmp_path / folder, VALUES)
    for name in ("some.json", "some.npz"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_a_record_that_holds_a_pickle_is_not_opened(tmp_path):
    written(tmp_path, [1.0, np.ones(3)])
    np.savez(tmp_path / "some.npz", float64=np.array([print], dtype=object))
    with pytest.raises(CourseError, match=r"missing or broken \(ValueError\)"):
        read_record(tmp_path, "some")


def test_records_are_small(released):
    files = list(released.kit.glob("tests/*/public/records/*"))
    assert len(files) == 2 * len(NOTEBOOKS)
    assert sum(each.stat().st_size for each in files) < 5e6


def test_the_course_answers_by_its_reference_and_the_kit_by_its_records(released):
    assert isinstance(answers(), ReferenceAnswers)
    done = released.python("from cs_lib.checking.answers import answers; print(type(answers()).__name__)")
    assert done.stdout == "RecordedAnswers\n"
