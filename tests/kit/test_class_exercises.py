"""Classes as exercises: made, used step by step and judged, live and in a submission's own process."""

import numpy as np
import pytest

from cs_lib.checking import assert_refuses, assert_use_matches, assert_use_vectorised
from cs_lib.checking.assertions import StudentFunction
from cs_lib.checking.doors import LiveNotebook
from cs_lib.checking.quantities import Mismatch
from cs_lib.checking.reference_answers import reference_function
from cs_lib.course import find_exercise
from cs_lib.submission.notebook import Cell
from cs_lib.submission.outcomes import Crashed, NotFinished, NotStarted
from cs_lib.submission.process import SubmissionProcess
from cs_lib.submission.slicing import slice_cells

ADD = """
class Add:
    def forward(self, x, y):
        {forward}
    def backward(self, dz):
        {backward}
"""
LINEAR = """
class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b
    def forward(self, X):
        self.X = X
        return X @ self.W + self.b
    def backward(self, dY):
        self.grads = {grads}
        return [dY @ self.W.T]
"""
SEQUENTIAL = """
class Sequential:
    def __init__(self, layers):
        self.layers = layers
    def forward(self, X):
        for each in self.layers:
            X = each.forward(X)
        return X
    def backward(self, dY):
        for each in {order}:
            [dY] = each.backward(dY)
        return [dY]
"""
MUL_CONSTANT = """
class MulConstant:
    def __init__(self, a, inplace=False):
        self.a, self.inplace = a, inplace
        if a == "two":
            raise {error}("a number")
    def forward(self, X):
        X *= self.a
        self.X = X
        return X
    def backward(self, dY):
        {restore}
        return [dY * self.a]
"""
RELU = """
class ReLU:
    def forward(self, X):
        self.on = X > 0
        return {forward}
    def backward(self, dY):
        return [dY * self.on]
"""
STEPS = [("forward", 2.0, 3.0), ("backward", 5.0)]


@pytest.fixture(params=["live", "submitted"])
def student(request):
    """Return a function that gives the student's class, defined by source text, behind either door."""
    opened = []

    def written(name, source):
        if request.param == "live":
            namespace = {"np": np}
            exec(source, namespace)
            return StudentFunction(name, LiveNotebook(namespace, name))
        opened.append(SubmissionProcess(slice_cells([Cell(1, f"import numpy as np\n{source}")], {name})))
        return StudentFunction(name, opened[-1])

    yield written
    for each in opened:
        each.close()


def reference(name):
    return reference_function(find_exercise(name))


def add(student, forward="return x + y", backward="return [dz, dz]"):
    return student("Add", ADD.format(forward=forward, backward=backward))


def test_a_right_class_passes_whatever_kind_of_sequence_it_returns(student):
    for backward in ("return [dz, dz]", "return dz, dz", "return 2 * [dz]"):
        assert_use_matches(add(student, backward=backward), reference("Add"), *STEPS)


@pytest.mark.parametrize(
    ("forward", "backward", "kind", "words"),
    [
        ("return x * y", "return [dz, dz]", Mismatch, "z is wrong|z.*expected 5"),
        ("return x + y", "return [dz, 2 * dz]", Mismatch, "dy"),
        ("return x + y", "return [dz]", Mismatch, r"Add.backward returns 1 value, but should return \[dx, dy\]"),
        ("return x + y", "return dz", Mismatch, r"Add.backward returns one float, but should return \[dx, dy\]"),
        ("return x + y", "pass", Mismatch, r"Add.backward returns nothing \(None\)"),
        ("return x + y", "return [..., ...]", NotFinished, "is still what it was"),
        ("return ...", "return [..., ...]", NotStarted, "Add still returns"),
        ("return ...", "return ...", NotStarted, "Add still returns"),
        ("return x + w", "return [dz, dz]", Crashed, "NameError"),
    ],
)
def test_a_wrong_class_is_told_what_is_wrong(student, forward, backward, kind, words):
    with pytest.raises(kind, match=words):
        assert_use_matches(add(student, forward, backward), reference("Add"), *STEPS)


def test_what_is_no_class_or_lacks_a_method_is_told_so(student):
    with pytest.raises(Crashed, match="should be a class"):
        assert_use_matches(student("Add", "def Add(x, y): return x + y"), reference("Add"), *STEPS)
    with pytest.raises(Crashed, match="no attribute 'backward'"):
        assert_use_matches(
            student("Add", "class Add:\n    def forward(self, x, y): return x + y"), reference("Add"), *STEPS
        )


def test_an_input_changed_in_place_is_seen(student):
    x, y, dz = np.array([1.0, 2.0]), np.array([3.0, 5.0]), np.array([1.0, -1.0])
    steps = [("forward", x, y), ("backward", dz), ("given",)]
    assert_use_matches(add(student), reference("Add"), *steps)
    with pytest.raises(Mismatch, match="the x it was given"):
        assert_use_matches(add(student, forward="x += y; return x.copy()"), reference("Add"), *steps)
    np.testing.assert_array_equal(x, [1.0, 2.0])
    with pytest.raises(NotStarted):
        assert_use_matches(add(student, forward="return ...", backward="return [..., ...]"), reference("Add"), *steps)


def test_an_answer_is_what_it_was_when_its_step_was_taken(student):
    steps = [("forward", np.array([[1.0, 2.0]])), ("given",), ("backward", np.array([[3.0, 4.0]])), ("given",)]
    for restore, is_right in (("self.X /= self.a", True), ("pass", False)):
        written = student("MulConstant", MUL_CONSTANT.format(error="TypeError", restore=restore))
        if is_right:
            assert_use_matches(written, reference("MulConstant"), *steps, made_with=(2.5, True))
            continue
        with pytest.raises(Mismatch, match="the X it was given"):
            assert_use_matches(written, reference("MulConstant"), *steps, made_with=(2.5, True))


def test_a_dict_of_gradients_is_judged_key_by_key(student):
    rng = np.random.default_rng(0)
    made_with = (rng.standard_normal((3, 2)), rng.standard_normal(2))
    steps = [("forward", rng.standard_normal((4, 3))), ("backward", rng.standard_normal((4, 2))), ("grads",)]
    whole = student("Linear", LINEAR.format(grads="{'W': self.X.T @ dY, 'b': dY.sum(axis=0)}"))
    assert_use_matches(whole, reference("Linear"), *steps, made_with=made_with)
    for grads, words in (
        ("{}", "grads has no 'W'"),
        ("[1]", "should be a dict"),
        ("{'W': 0, 'b': 0}", r"grads\['W'\]"),
    ):
        wrong = student("Linear", LINEAR.format(grads=grads))
        with pytest.raises(Mismatch, match=words):
            assert_use_matches(wrong, reference("Linear"), *steps, made_with=made_with)


def test_gates_of_the_course_are_made_where_the_class_is(student):
    steps = [("forward", np.array([[1.0, 2.0]])), ("backward", np.array([[3.0, 4.0]]))]
    made_with = ([{"gate": "Square"}, {"gate": "Scale", "with": [3.0]}, {"gate": "Square"}],)
    right = student("Sequential", SEQUENTIAL.format(order="self.layers[::-1]"))
    assert_use_matches(right, reference("Sequential"), *steps, made_with=made_with)
    wrong = student("Sequential", SEQUENTIAL.format(order="[]"))
    with pytest.raises(Mismatch, match="dX"):
        assert_use_matches(wrong, reference("Sequential"), *steps, made_with=made_with)


def test_an_argument_that_must_be_refused_is(student):
    refusing = student("MulConstant", MUL_CONSTANT.format(error="TypeError", restore="pass"))
    assert_refuses(refusing, TypeError, made_with=("two",))
    with pytest.raises(Mismatch, match="is accepted, but should raise TypeError"):
        assert_refuses(refusing, TypeError, made_with=("three",))
    other = student("MulConstant", MUL_CONSTANT.format(error="ValueError", restore="pass"))
    with pytest.raises(Crashed, match="ValueError"):
        assert_refuses(other, TypeError, made_with=("two",))


def test_a_loop_over_the_examples_is_not_vectorised(student):
    few, many = ([("forward", np.ones((n, 3))), ("backward", np.ones((n, 3)))] for n in (4, 40))
    assert_use_vectorised(student("ReLU", RELU.format(forward="X * self.on")), few, many)
    looped = student("ReLU", RELU.format(forward="np.array([row * (row > 0) for row in X])"))
    with pytest.raises(Mismatch, match="not vectorised"):
        assert_use_vectorised(looped, few, many)
