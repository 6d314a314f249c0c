"""An exercise judged by its result: what does not learn is rejected, with words that help, and labels stay here."""

import numpy as np
import pytest

from cs_lib.checking import assert_net_learns
from cs_lib.checking.assertions import StudentFunction
from cs_lib.checking.doors import LiveNotebook
from cs_lib.checking.quantities import Mismatch
from cs_lib.checking.results import BUDGET
from cs_lib.datasets import load_digits
from cs_lib.reference.two_layer_net import TwoLayerNet, hyperparameters
from cs_lib.submission.outcomes import Crashed, NotStarted

DIGITS = load_digits()
QUICK = hyperparameters() | {"steps": 300}


def judge(settings, net=TwoLayerNet, at_least=0.9):
    door = LiveNotebook({"hyperparameters": lambda: settings, "TwoLayerNet": net})
    student = [StudentFunction(name, door) for name in ("hyperparameters", "TwoLayerNet")]
    assert_net_learns(*student, DIGITS, (DIGITS.X_val, DIGITS.y_val), at_least, seed=0)


def test_settings_that_learn_are_accepted():
    judge(QUICK)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"learning_rate": 1e-6}, "hardly learnt"),
        ({"reg": 10.0, "learning_rate": 0.01}, "hardly learnt"),
        ({"learning_rate": 100.0, "reg": 1.0}, "Training stopped at step"),
        ({"weight_scale": 0.0}, "hardly learnt"),
        ({"steps": 40}, "never seen"),
    ],
)
def test_settings_that_do_not_learn_are_rejected_with_advice(changes, words):
    with pytest.raises(Mismatch, match=words):
        judge(QUICK | changes)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (None, "should return a dict"),
        ({"hidden_size": 50}, "'weight_scale' is missing"),
        (QUICK | {"hidden_size": 50.5}, "hidden_size is 50.5, but should be a whole number from 1 to 1000"),
        (QUICK | {"steps": True}, "steps is True"),
        (QUICK | {"reg": float("nan")}, "reg is nan"),
        (QUICK | {"steps": 50_000, "batch_size": 1000}, f"the budget is {BUDGET:,}"),
    ],
)
def test_settings_that_are_no_settings_are_told_apart(settings, words):
    with pytest.raises(Mismatch, match=words):
        judge(settings)


def test_what_is_not_written_yet_is_not_started():
    class Stub(TwoLayerNet):
        def loss(self, _X, y=None, _reg=0.0):
            return ... if y is None else (..., ...)

        def predict(self, _X):
            return ...

    with pytest.raises(NotStarted):
        judge(...)
    with pytest.raises(NotStarted):
        judge(QUICK, Stub)


def test_predictions_that_are_none_are_a_crash_and_not_a_mark():
    class Boastful(TwoLayerNet):
        def predict(self, X):
            return np.full(len(X), 1.0)

    with pytest.raises(Crashed, match="one class"):
        judge(QUICK, Boastful)


def test_the_labels_of_held_back_examples_are_not_given_to_the_net():
    seen = []

    class Curious(TwoLayerNet):
        def loss(self, X, y=None, reg=0.0):
            if y is not None:
                seen.append(y)
            return super().loss(X, y, reg)

    judge(QUICK | {"batch_size": 50, "steps": 200}, Curious, at_least=0.5)
    assert all(len(y) == 50 for y in seen)
