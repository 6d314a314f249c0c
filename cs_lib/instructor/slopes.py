"""Prove the reference itself: its gradients against numerical slopes, and what is vectorised against its loops.

Every test compares with the reference, so a wrong reference would pass them all. What it claims is read off the names
that the whole course uses: a function that returns `(loss, dW)` and takes W claims that dW is the gradient of the loss
with respect to W; what `NAME_backward` returns as `dscores` belongs to the loss of `NAME_forward` and its `scores`; a
class with `forward` and `backward` passes an upstream gradient on to its inputs; and `NAME_vectorized` gives the
answers of `NAME_naive`. Each claim is judged on the arguments that the public tests use.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cs_lib.checking.answers import Case
from cs_lib.checking.diagnosis import Raised, agree
from cs_lib.checking.reference_answers import ReferenceFunction, reference_function
from cs_lib.course import Exercise, Notebook
from cs_lib.gradcheck import check_gradient
from cs_lib.submission.calling import call_on_copies

SAMPLES = 60
"""How many entries of a large gradient are looked at."""


@dataclass(frozen=True)
class Claim:
    """One statement of the reference that can be checked: `name` is the gradient of what f returns, at x."""

    exercise: str
    name: str
    f: Callable[[Any], Any]
    x: Any
    gradient: Any
    upstream: Any = None

    @property
    def fault(self) -> str:
        """What speaks against the claim, as a sentence, or ""."""
        report = check_gradient(self.f, self.x, self.gradient, df=self.upstream, samples=SAMPLES)
        misshapen = report.verdict == "invalid" and np.shape(self.gradient) != np.shape(self.x)
        return str(report) if misshapen or report.verdict == "disagrees" else ""


@dataclass(frozen=True)
class Proof:
    """What became of the reference of one notebook: whose gradients were judged, and what is wrong."""

    judged: tuple[str, ...]
    faults: tuple[str, ...]


def prove(notebook: Notebook, cases: Mapping[str, Sequence[Case]]) -> Proof:
    """Return the proof of a notebook's reference.

    cases: for each exercise by name, the calls that its public tests make
    """
    place = f"cs_lib/reference/{notebook.module}.py"
    judged: dict[str, None] = {}
    wrong: dict[tuple[str, str], str] = {}
    for claim in _claims(notebook, cases):
        judged[claim.exercise] = None
        if (claim.exercise, claim.name) not in wrong and (fault := claim.fault):
            problem = f"{claim.exercise} is itself wrong: {claim.name} is not the gradient it should be. {fault}"
            wrong[claim.exercise, claim.name] = f"{place}: {problem} Put the function right."
    return Proof(tuple(judged), (*wrong.values(), *_unlike_its_loops(place, notebook, cases)))


def _claims(notebook: Notebook, cases: Mapping[str, Sequence[Case]]) -> Iterator[Claim]:
    references = {exercise.name: reference_function(exercise) for exercise in notebook.exercises}
    for exercise in notebook.exercises:
        reference = references[exercise.name]
        forward = references.get(exercise.name.replace("backward", "forward"))
        # A stage backwards is judged where its forward stage is: there is a loss there.
        staged = forward is not None and forward is not reference and not inspect.isclass(forward.function)
        for case in cases.get(forward.exercise.name if forward and staged else exercise.name, ()):
            if isinstance(case.expected, Raised) or case.via not in ("", "use"):
                continue
            if case.via == "use":
                yield from _of_layer(exercise, reference, case)
            elif forward and staged:
                yield from _of_stage(exercise, reference, forward, case)
            else:
                yield from _of_loss(exercise, reference, case)


def _of_loss(exercise: Exercise, reference: ReferenceFunction, case: Case) -> Iterator[Claim]:
    """Yield the claims of a function that returns a number and its gradients: (loss, dW), or (f, dx, dy)."""
    names = reference.returns
    gradients = _gradients(names[1:], case.arguments)
    if not gradients or np.ndim(_called(reference, case.arguments)[0]):
        return
    for name, parameter in gradients.items():
        value = dict(zip(names, _called(reference, case.arguments), strict=True))[name]
        yield Claim(exercise.name, name, _along(reference, case.arguments, parameter), case.arguments[parameter], value)


def _of_stage(
    exercise: Exercise, reference: ReferenceFunction, forward: ReferenceFunction, case: Case
) -> Iterator[Claim]:
    """Yield the claims of a stage backwards, given what the stage forwards was given and has returned."""
    known = dict(case.arguments)
    returned = _called(forward, case.arguments)
    known |= dict(zip(forward.returns, returned, strict=True))
    parameters = inspect.signature(reference.function).parameters
    if np.ndim(returned[0]) or not known.keys() >= parameters.keys():
        return
    answers = dict(zip(reference.returns, _called(reference, {name: known[name] for name in parameters}), strict=True))
    for name, parameter in _gradients(reference.returns, case.arguments).items():
        f = _along(forward, case.arguments, parameter)
        yield Claim(exercise.name, name, f, case.arguments[parameter], answers[name])


def _of_layer(exercise: Exercise, reference: ReferenceFunction, case: Case) -> Iterator[Claim]:
    """Yield the claims of a class that is used forwards once and then backwards: a gradient for each of its inputs."""
    made_with, steps = case.arguments["made_with"], case.arguments["steps"]
    if [step[0] for step in steps[:2]] != ["forward", "backward"] or len(steps[1]) != 2:
        return
    inputs, upstream = list(steps[0][1:]), steps[1][1]
    gradients = reference.use(made_with, steps[:2])[1]
    if not isinstance(gradients, list | tuple) or len(gradients) != len(inputs) or not all(map(_is_real, inputs)):
        return
    for place, gradient in enumerate(gradients):

        def f(x: Any, place: int = place) -> Any:
            moved = [x if i == place else each for i, each in enumerate(inputs)]
            return reference.use(made_with, [("forward", *moved)])[0]

        name = f"the gradient of input {place + 1}"
        yield Claim(exercise.name, name, f, inputs[place], gradient, upstream)


def _gradients(returned: Sequence[str], arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return which returned names are gradients by their name, and of which argument: dW of W."""
    named = {name: name.removeprefix("d") for name in returned if name.startswith("d")}
    return {name: of for name, of in named.items() if of in arguments and _is_real(arguments[of])}


def _is_real(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f")


def _along(reference: ReferenceFunction, arguments: Mapping[str, Any], parameter: str) -> Callable[[Any], Any]:
    """Return the function's first answer as a function of one argument alone."""
    return lambda x: _called(reference, {**arguments, parameter: x})[0]


def _called(reference: ReferenceFunction, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the quantities that a call answers, as a tuple of the length of `returns`."""
    value = call_on_copies(reference.function, (), arguments).value
    return tuple(value) if len(reference.returns) > 1 else (value,)


def _unlike_its_loops(place: str, notebook: Notebook, cases: Mapping[str, Sequence[Case]]) -> Iterator[str]:
    references = {exercise.name: reference_function(exercise) for exercise in notebook.exercises}
    for name, reference in references.items():
        naive = references.get(name.removesuffix("_vectorized") + "_naive")
        if naive is None or not name.endswith("_vectorized"):
            continue
        for case in cases.get(name, ()):
            if not agree(_called(reference, case.arguments), _called(naive, case.arguments)):
                yield f"{place}: {name} and {naive.exercise.name} give different answers; put the wrong one right."
                break
