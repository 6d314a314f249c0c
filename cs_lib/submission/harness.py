"""What a test does with a class that a student wrote: take steps with one, or train it, and note what it answers.

These functions run where the student's code runs, and are given it first; the tests name them by their key in
`HARNESS`.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cs_lib.graph.gates import Flip, Multiply, Scale, Square
from cs_lib.submission.copies import copied

GATES: dict[str, Callable[..., Any]] = {"Flip": Flip, "Multiply": Multiply, "Scale": Scale, "Square": Square}
GIVEN = "given"
"""A step that answers with what the first step was given, as it is by now."""


def use(made: Any, made_with: Sequence[Any], steps: Sequence[Sequence[Any]]) -> list[Any]:
    """Return what each step answers, taken one after the other with one object, made with the arguments `made_with`.

    steps: sequences (name, *arguments). A method is called with the arguments, an attribute is read, and `given` is
    what the first step was given, as it is by now. A name may have dots: `params.update`.

    A dict {"gate": name, "with": [arguments]} among the arguments stands for a gate of the course's. Raises TypeError
    where the student did not write a class, and whatever the class raises.
    """
    if not isinstance(made, type):
        raise TypeError(f"{getattr(made, '__name__', 'this')} should be a class: class NAME: … with def inside it")
    used = made(*[_with_gates(each) for each in made_with])
    given = [_with_gates(each) for first in steps[:1] for each in first[1:]]
    answers = []
    for i, (name, *arguments) in enumerate(steps):
        answer = given if name == GIVEN else _step(used, name, given if i == 0 else [_with_gates(a) for a in arguments])
        answers.append(copied(answer))  # a later step may write into it
    return answers


def _step(used: Any, name: str, arguments: list[Any]) -> Any:
    found = used
    for part in name.split("."):
        found = getattr(found, part)
    return found(*arguments) if callable(found) else found


def _with_gates(value: Any) -> Any:
    """Return the value with every description of a gate in it made into that gate."""
    if isinstance(value, list | tuple):
        return type(value)(_with_gates(each) for each in value)
    if isinstance(value, Mapping) and "gate" in value:
        return GATES[value["gate"]](*value.get("with", ()))
    return value


def trained(
    net_class: Any,
    settings: dict[str, Any],
    X: NDArray[Any],
    y: NDArray[Any],
    X_held_back: NDArray[Any],
    num_classes: int,
    seed: int,
) -> dict[str, Any]:
    """Return what a net predicts for its training and for held-back examples, after training with these settings.

    settings: hidden_size and weight_scale, with which the net is made, and learning_rate, reg, batch_size, steps and
        decay, with which it is trained
    X (N, D), y (N,): the examples to train on; X_held_back (M, D)

    Returns train (N,), held_back (M,): what predict answers; note: why training ended early, or "".
    """
    from cs_lib.training import train  # here, because every exercise's process would pay for it

    rng = np.random.default_rng(seed)
    net = net_class(X.shape[1], settings["hidden_size"], num_classes, settings["weight_scale"], rng)
    steering = {key: settings[key] for key in ("learning_rate", "reg", "batch_size", "steps", "decay")}
    history = train(net, X, y, **steering, evaluate_every=settings["steps"], rng=rng, progress=False)
    return {"train": net.predict(X), "held_back": net.predict(X_held_back), "note": history.note}


HARNESS: dict[str, Callable[..., Any]] = {"use": use, "trained": trained}
PATIENCE = {"trained": 6}
"""How many times the time of a call is allowed."""


def harnessed(function: Callable[..., Any], via: str) -> Callable[..., Any]:
    """Return the function itself where `via` is "", else what that harness does with it, given the arguments."""
    return partial(HARNESS[via], function) if via else function
