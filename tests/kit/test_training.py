"""Training follows the gradient as the lecture does, and says in a sentence why it cannot."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_lib.datasets import add_bias_column, load_digits
from cs_lib.training import LinearClassifier, TrainingError, accuracy, search, train

QUIET = {"progress": False}


def squared_distance(W, X, y, reg):
    """A loss whose gradient is easy: the mean squared distance of the scores from one-hot labels."""
    gap = X @ W - np.eye(W.shape[1], dtype=X.dtype)[y]
    return (gap**2).sum() / len(y) + reg * (W**2).sum(), 2 * X.T @ gap / len(y) + 2 * reg * W


def hinge(W, X, y, reg):
    """The lecture's hinge loss, one example and one class at a time for the margins."""
    N, C = len(y), W.shape[1]
    scores = X @ W
    violated = np.zeros((N, C))
    loss = 0.0
    for i in range(N):
        for j in range(C):
            margin = scores[i, j] - scores[i, y[i]] + 1
            if j != y[i] and margin > 0:
                loss += margin
                violated[i, j] += 1
                violated[i, y[i]] -= 1
    return loss / N + reg * (W**2).sum(), X.T @ violated / N + 2 * reg * W


def fast_hinge(W, X, y, reg):
    rows, scores = np.arange(len(y)), X @ W
    margins = np.maximum(0, scores - scores[rows, y][:, np.newaxis] + 1)
    margins[rows, y] = 0
    violated = (margins > 0).astype(X.dtype)
    violated[rows, y] = -violated.sum(axis=1)
    return margins.sum() / len(y) + reg * (W**2).sum(), X.T @ violated / len(y) + 2 * reg * W


def problem(N=30, D=4, C=3, dtype=np.float64):
    rng = np.random.default_rng(7)
    return rng.normal(size=(N, D)).astype(dtype), np.arange(N) % C


def linear(loss_function=squared_distance, D=4, C=3, seed=3, **kwargs):
    return LinearClassifier(loss_function, D, C, rng=np.random.default_rng(seed), **kwargs)


def loops(model, X, y, *, learning_rate, reg, batch_size, steps, decay, rng):
    """The lecture's loop as it stands on the slide; returns the losses and leaves W in the model."""
    losses = []
    W = model.params["W"].copy()
    for step in range(steps):
        batch = rng.choice(len(X), batch_size)
        loss, dW = model.loss_function(W, X[batch], y[batch], reg)
        rate = learning_rate
        for _ in range(step // math.ceil(len(X) / batch_size)):
            rate *= decay
        W = W - rate * dW
        losses.append(loss)
    return losses, W


class TwoParameters:
    """A model that is no classifier function's wrapper: scores X @ W + b."""

    def __init__(self):
        self.params = {"W": np.zeros((4, 3)), "b": np.zeros(3)}
        self.grads = ("W", "b")

    def loss(self, X, y, _reg):
        gap = X @ self.params["W"] + self.params["b"] - np.eye(3)[y]
        grads = {"W": 2 * X.T @ gap / len(y), "b": 2 * gap.mean(axis=0)}
        return (gap**2).sum() / len(y), {name: grads[name] for name in self.grads}

    def predict(self, X):
        return (X @ self.params["W"] + self.params["b"]).argmax(axis=1)


@settings(max_examples=30, deadline=None)
@given(
    batch_size=st.integers(1, 40),
    steps=st.integers(1, 30),
    decay=st.sampled_from([1.0, 0.5]),
    seed=st.integers(0, 100),
)
def test_training_takes_the_same_steps_as_the_lectures_loop(batch_size, steps, decay, seed):
    X, y = problem()
    numbers = {"learning_rate": 0.05, "reg": 0.01, "batch_size": batch_size, "steps": steps, "decay": decay}
    model = linear()
    losses, W = loops(model, X, y, **numbers, rng=np.random.default_rng(seed))
    history = train(model, X, y, **numbers, **QUIET, rng=np.random.default_rng(seed))
    np.testing.assert_allclose(history.losses, losses, rtol=1e-10)
    np.testing.assert_allclose(model.params["W"], W, rtol=1e-10, atol=1e-14)


def test_drawing_minibatches_in_blocks_changes_nothing(monkeypatch):
    X, y = problem()
    numbers = {"learning_rate": 0.05, "batch_size": 7, "steps": 20, **QUIET}
    at_once = train(linear(), X, y, **numbers, rng=np.random.default_rng(0))
    monkeypatch.setattr("cs_lib.training.descent.INDICES_AT_ONCE", 15)  # two steps' indices, and one over
    in_blocks = train(linear(), X, y, **numbers, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(in_blocks.losses, at_once.losses)


def test_full_batch_descent_on_least_squares_finds_the_exact_solution():
    X, y = problem()
    model = linear()
    train(model, X, y, learning_rate=0.2, batch_size=None, steps=500, rng=np.random.default_rng(0), **QUIET)
    solution = np.linalg.lstsq(X, np.eye(3)[y], rcond=None)[0]
    np.testing.assert_allclose(model.params["W"], solution, atol=1e-10)


def test_parameters_are_updated_in_place_and_every_one_of_them():
    X, y = problem()
    model = TwoParameters()
    W, b = model.params["W"], model.params["b"]
    train(model, X, y, learning_rate=0.1, steps=5, rng=np.random.default_rng(0), **QUIET)
    assert model.params["W"] is W
    assert model.params["b"] is b
    assert W.any()
    assert b.any()


def test_gradients_stay_the_models_own():
    dW = np.ones((4, 3))
    model = linear(lambda *_: (1.0, dW))
    X, y = problem()
    train(model, X, y, learning_rate=0.1, steps=5, rng=np.random.default_rng(0), **QUIET)
    assert (dW == 1).all()


def test_float32_stays_float32_all_the_way():
    seen = set()

    def watching(W, X, y, reg):
        seen.update({W.dtype, X.dtype})
        return squared_distance(W, X, y, reg)

    X, y = problem(dtype=np.float32)
    model = linear(watching, dtype=np.float32)
    train(model, X, y, learning_rate=np.float64(0.1), decay=0.9, steps=20, rng=np.random.default_rng(0), **QUIET)
    assert seen == {np.dtype(np.float32)}
    assert model.params["W"].dtype == np.float32


def test_first_weights_are_small_and_follow_the_generator():
    W = linear(D=100, C=100, weight_scale=0.01).params["W"]
    assert abs(W.mean()) < 0.001
    assert 0.0095 < W.std() < 0.0105
    np.testing.assert_array_equal(W, linear(D=100, C=100, weight_scale=0.01).params["W"])
    assert not np.isin(W, linear(D=100, C=100, weight_scale=0.01, seed=4).params["W"]).any()


def test_predictions_are_the_classes_with_the_highest_scores():
    model = linear(D=2)
    model.params["W"][:] = [[1, 0, -1], [0, 2, 0]]
    assert model.predict(np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])).tolist() == [0, 1, 2]
    assert accuracy(model, np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 2])) == 0.5


def test_accuracies_are_measured_before_at_intervals_and_at_the_end():
    X, y = problem(N=30)
    numbers = {"learning_rate": 0.1, "batch_size": 10, "rng": np.random.default_rng(0), **QUIET}
    assert train(linear(), X, y, steps=7, **numbers).evaluated_at.tolist() == [0, 3, 6, 7]
    assert train(linear(), X, y, steps=7, evaluate_every=5, **numbers).evaluated_at.tolist() == [0, 5, 7]
    assert len(train(linear(), X, y, steps=1000, **numbers).evaluated_at) == 101
    model = linear()
    history = train(model, X, y, X_val=X[:5], y_val=y[:5], steps=4, **numbers)
    assert history.final_train_accuracy == accuracy(model, X, y)
    assert history.final_val_accuracy == accuracy(model, X[:5], y[:5])
    assert len(history.val_accuracy) == len(history.train_accuracy) == len(history.evaluated_at)


def test_a_history_says_in_one_line_how_far_training_came():
    X, y = problem()
    numbers = {"learning_rate": 0.1, "steps": 1500, **QUIET}
    history = train(linear(), X, y, rng=np.random.default_rng(0), **numbers)
    assert re.fullmatch(r"History\(1,500 steps, training accuracy \d+\.\d%\)", repr(history))
    assert math.isnan(history.final_val_accuracy)
    history = train(linear(), X, y, X_val=X, y_val=y, rng=np.random.default_rng(0), **numbers)
    assert re.search(r"validation accuracy \d+\.\d%\)", repr(history))


def test_divergence_ends_training_with_a_sentence_and_the_last_measured_weights(capsys):
    X, y = problem()
    model, twin = linear(), linear()
    numbers = {"learning_rate": 50.0, "reg": 0.1, "batch_size": 10, **QUIET}
    history = train(model, X, y, steps=1000, **numbers, rng=np.random.default_rng(0))
    kept = int(history.evaluated_at[-1])
    train(twin, X, y, steps=kept, **numbers, rng=np.random.default_rng(0))
    assert history.diverged
    assert np.isfinite(history.losses).all()
    np.testing.assert_array_equal(model.params["W"], twin.params["W"])
    assert f"stopped at step {len(history.losses) + 1} of 1,000: the loss is" in history.note
    assert f"back at what they were after step {kept}." in history.note
    assert capsys.readouterr().out.strip() == history.note
    assert "diverged" in repr(history)


def test_divergence_suggests_a_learning_rate_at_which_the_regulariser_shrinks_the_weights():
    X, y = problem()
    numbers = {"steps": 2000, "rng": np.random.default_rng(0), **QUIET}
    history = train(linear(), X, y, learning_rate=100.0, reg=10.0, **numbers)
    assert "learning_rate × reg is 1000" in history.note
    assert "try 0.01 instead of 100" in history.note
    assert "try 5 instead of 50" in train(linear(), X, y, learning_rate=50.0, **numbers).note


def test_divergence_raises_no_numpy_warnings(recwarn):
    X, y = problem()
    train(linear(), X, y, learning_rate=50.0, rng=np.random.default_rng(0), **QUIET)
    assert not recwarn.list


def test_a_loss_that_is_not_finite_at_once_does_not_blame_the_learning_rate():
    X, y = problem()
    history = train(
        linear(lambda W, *_: (np.nan, W)),
        X,
        y,
        learning_rate=0.1,
        rng=np.random.default_rng(0),
        **QUIET,
    )
    assert history.diverged
    assert "the loss is nan before any update, so the learning rate is not the cause" in history.note


def test_a_gradient_that_is_not_finite_is_noticed_even_at_the_last_step():
    X, y = problem()
    model = linear(lambda W, *_: (1.0, W * np.nan))
    before = model.params["W"].copy()
    history = train(model, X, y, learning_rate=0.1, steps=1, rng=np.random.default_rng(0), **QUIET)
    assert history.diverged
    assert "W is no longer finite" in history.note
    np.testing.assert_array_equal(model.params["W"], before)


@pytest.mark.parametrize(
    ("returned", "what"),
    [(..., "loss"), ((..., ...), "loss"), ((1.0, ...), "dW")],
    ids=["nothing written", "both unwritten", "gradient unwritten"],
)
def test_an_unwritten_loss_leaves_the_model_as_it_was_and_is_named(returned, what, capsys):
    def hinge_loss_naive(*_):
        return returned

    X, y = problem()
    model = linear(hinge_loss_naive)
    before = model.params["W"].copy()
    history = train(model, X, y, learning_rate=0.1, rng=np.random.default_rng(0), **QUIET)
    expected = f"Not trained: hinge_loss_naive is not written yet, its {what} is still `...`."
    assert history.note == capsys.readouterr().out.strip() == expected
    assert not history.diverged
    assert len(history.losses) == 0
    np.testing.assert_array_equal(model.params["W"], before)


def test_an_unwritten_prediction_gives_no_accuracy_instead_of_an_error():
    model = TwoParameters()
    model.predict = lambda _: ...
    X, y = problem()
    history = train(model, X, y, learning_rate=0.1, steps=3, rng=np.random.default_rng(0), **QUIET)
    assert math.isnan(history.final_train_accuracy)


WRONG_LOSSES = {
    "no pair": (lambda *_: None, r"return the pair \(loss, dW\); it returned None"),
    "loss alone": (lambda *_: 3.0, r"it returned 3\.0 \(float\)"),
    "one loss each": (
        lambda W, X, *_: (X[:, 0], W),
        r"one number, the mean .* an array of shape \(200,\)",
    ),
    "loss of text": (lambda W, *_: ("3", W), r"should be one number"),
    "transposed": (
        lambda W, *_: (1.0, W.T),
        r"shape of W, \(4, 3\); found an array of shape \(3, 4\)",
    ),
    "no gradient": (lambda *_: (1.0, None), r"shape of W, \(4, 3\); found None"),
}


@pytest.mark.parametrize(("loss_function", "sentence"), WRONG_LOSSES.values(), ids=WRONG_LOSSES.keys())
def test_what_a_loss_function_cannot_return_is_named(loss_function, sentence):
    X, y = problem()
    with pytest.raises(TrainingError, match=sentence):
        train(linear(loss_function), X, y, learning_rate=0.1, rng=np.random.default_rng(0), **QUIET)


def test_a_missing_gradient_is_named():
    model = TwoParameters()
    model.grads = ("W",)
    X, y = problem()
    with pytest.raises(TrainingError, match=r"TwoParameters\.loss .* each of \['W', 'b'\]; found \['W'\]"):
        train(model, X, y, learning_rate=0.1, rng=np.random.default_rng(0), **QUIET)


X0, Y0 = problem()
WRONG_DATA = {
    "lengths": ((X0, Y0[:5]), {}, "30 rows in X and 5 labels in y"),
    "validation lengths": (
        (X0, Y0),
        {"X_val": X0, "y_val": Y0[:5]},
        "30 rows in X_val and 5 labels in y_val",
    ),
    "half a validation": ((X0, Y0), {"X_val": X0}, "both X_val and y_val"),
    "no examples": ((X0[:0], Y0[:0]), {}, "at least one example"),
    "whole numbers": ((X0.astype(np.uint8), Y0), {}, r"found uint8.*X\.astype"),
    "learning rate": (
        (X0, Y0),
        {"learning_rate": 0},
        "learning_rate should be a finite number above 0; found 0",
    ),
    "reg": ((X0, Y0), {"reg": -1}, "reg should be .* 0 or above; found -1"),
    "decay": ((X0, Y0), {"decay": math.nan}, "decay should be a finite number above 0; found nan"),
    "steps": ((X0, Y0), {"steps": 0}, "steps should be a whole number, 1 or above; found 0"),
    "batch size": (
        (X0, Y0),
        {"batch_size": 2.5},
        r"batch_size should be a whole number, 1 or above; found 2\.5",
    ),
}


@pytest.mark.parametrize(("data", "changed", "sentence"), WRONG_DATA.values(), ids=WRONG_DATA.keys())
def test_data_and_settings_that_cannot_be_right_are_named(data, changed, sentence):
    with pytest.raises(TrainingError, match=sentence):
        train(linear(), *data, **{"learning_rate": 0.1, **changed}, rng=np.random.default_rng(0), **QUIET)


@pytest.mark.parametrize("W", [np.zeros((4, 3), dtype=int), [[0.0]], np.full((4, 3), np.nan)])
def test_parameters_that_cannot_be_trained_are_named(W):
    model = linear()
    model.params["W"] = W
    with pytest.raises(TrainingError, match=r"params\['W'\]"):
        train(model, X0, Y0, learning_rate=0.1, rng=np.random.default_rng(0), **QUIET)


def test_predictions_of_the_wrong_shape_are_named():
    model = linear()
    model.predict = lambda X: X
    with pytest.raises(TrainingError, match=r"one class for each example, shape \(30,\).*shape \(30, 4\)"):
        accuracy(model, X0, Y0)


def test_a_notebook_shows_the_sentence_without_a_traceback():
    assert TrainingError("why")._render_traceback_() == ["TrainingError: why"]


def test_the_progress_bar_shows_the_loss_and_then_makes_room(capsys):
    train(linear(), X0, Y0, learning_rate=0.1, steps=3, evaluate_every=1, rng=np.random.default_rng(0))
    shown = capsys.readouterr()
    assert "/3 [" in shown.err
    assert not shown.out


def grid(loss_function=squared_distance, **changed):
    numbers = {"learning_rates": [0.01, 0.1, 50.0], "regs": [0.0, 1.0], "steps": 300, **QUIET, **changed}
    return search(
        lambda rng: LinearClassifier(loss_function, 4, 3, rng=rng),
        *(X0, Y0, X0[:10], Y0[:10]),
        **numbers,
        rng=np.random.default_rng(0),
    )


def test_a_search_tries_every_pair_from_the_same_start_with_the_same_minibatches():
    results = grid(learning_rates=[0.1, 0.1], regs=[0.0, 1.0])
    pairs = [(trial.learning_rate, trial.reg) for trial in results.trials]
    assert pairs == [(0.1, 0.0), (0.1, 1.0), (0.1, 0.0), (0.1, 1.0)]
    np.testing.assert_array_equal(results.trials[0].history.losses, results.trials[2].history.losses)
    assert results.trials[0].model is not results.trials[2].model
    assert results.val_accuracy.shape == (2, 2)


def test_the_best_run_has_the_highest_validation_accuracy_of_those_that_did_not_diverge():
    results = grid()
    diverged = [trial.history.diverged for trial in results.trials]
    assert diverged == [False, False, False, False, True, True]
    assert np.isnan(results.val_accuracy).ravel().tolist() == diverged
    assert results.best.val_accuracy == max(trial.val_accuracy for trial in results.trials[:4])
    assert accuracy(results.best.model, X0[:10], Y0[:10]) == results.best.val_accuracy


def test_a_search_reads_as_a_table_with_the_best_run_marked():
    results = grid()
    lines = repr(results).splitlines()
    assert len(lines) == 1 + 6
    assert [line.endswith("<- best") for line in lines[1:]] == [t is results.best for t in results.trials]
    assert all(line.endswith("diverged") for line in lines[5:])


def test_a_search_in_which_everything_diverged_says_where_to_look():
    results = grid(learning_rates=[50.0, 80.0])
    assert "best" not in repr(results)
    with pytest.raises(TrainingError, match="all 4 combinations; search learning rates below 50"):
        _ = results.best


def test_a_search_with_an_unwritten_loss_says_so_once(capsys):
    results = grid(lambda *_: ...)
    assert capsys.readouterr().out.count("not written yet") == 1
    assert repr(results).count("not trained") == 6
    assert results.best.model.params["W"].shape == (4, 3)


def test_a_search_needs_something_to_try():
    with pytest.raises(TrainingError, match="at least one learning rate and one reg"):
        grid(regs=[])


def test_the_fast_hinge_loss_of_these_tests_is_the_lectures():
    W = np.random.default_rng(2).normal(size=(4, 3))
    for fast, slow in zip(fast_hinge(W, X0, Y0, 0.1), hinge(W, X0, Y0, 0.1), strict=True):
        np.testing.assert_allclose(fast, slow, rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_a_linear_classifier_reads_at_least_93_of_100_digits(seed):
    digits, rng = load_digits(), np.random.default_rng(seed)
    X, X_val, X_test = map(add_bias_column, (digits.X_train, digits.X_val, digits.X_test))
    model = LinearClassifier(fast_hinge, 65, 10, rng=rng)
    history = train(
        *(model, X, digits.y_train),
        X_val=X_val,
        y_val=digits.y_val,
        learning_rate=0.1,
        reg=1e-3,
        steps=1500,
        rng=rng,
        **QUIET,
    )
    assert abs(history.losses[0] - 9) < 0.1  # nine other classes, each about one margin short
    assert history.final_val_accuracy >= 0.93
    assert accuracy(model, X_test, digits.y_test) >= 0.93
