"""Whether a graded sample has the row that it should have."""

from collections.abc import Iterator, Mapping
from typing import Any

from cs_lib.submission.outcomes import DONE, NOT_STARTED
from hostile.sample import NOTEBOOK, UNREADABLE, Sample


def faults(sample: Sample, result: Mapping[str, Any], reason: str, *, sandboxed: bool = True) -> list[str]:
    """Return what is not as it should be, in sentences; none where the sample cost what it should and nothing else.

    result: what is stored of it
    reason: the last column of its row in grades.csv
    """
    return [f"{sample.name}: {fault}" for fault in _faults(sample, result, reason, sandboxed=sandboxed)]


def lines(sample: Sample, result: Mapping[str, Any]) -> list[str]:
    """Return all that is said of a sample in its result."""
    spoilt = [each for each in result["exercises"] if each["name"] == sample.spoils]
    return [result["reason"], *(test["message"] for each in spoilt for test in each["tests"])]


def _faults(sample: Sample, result: Mapping[str, Any], reason: str, *, sandboxed: bool) -> Iterator[str]:
    own = {each["name"]: each["standing"] for each in result["exercises"] if each["notebook"] == NOTEBOOK}
    if own.keys() != sample.standings.keys():
        yield f"it has marks for {', '.join(own) or 'nothing'}"
        return
    for name, word in own.items():
        if word not in sample.standings[name]:
            yield f"{name} is {word!r}, and not {' or '.join(sample.standings[name])!r}"
    if result["status"] != (UNREADABLE if sample.word == UNREADABLE else "graded"):
        yield f"it is {result['status']}"
    # Where the time may be up before, either of two things is said.
    says = "" if sample.also else sample.says if sandboxed else sample.without
    if not any(says in line for line in lines(sample, result)):
        yield f"{says!r} is nowhere in {lines(sample, result)}"
    if not reason.isprintable():
        yield f"its row is no line: {reason!r}"
    if sample.word not in (DONE, NOT_STARTED, UNREADABLE):
        told = f"{sample.spoils}: {own[sample.spoils]}: "
        if not reason.startswith(told):
            yield f"its row says {reason!r}, and not {told!r}"
