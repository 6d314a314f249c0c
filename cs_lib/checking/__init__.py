"""Check a student's function against the tests of its exercise, and say in words what is wrong.

In a notebook: `check(f)` and `ready(f, …)`. In a test: `@exercise("f")`, `assert_matches` and its siblings.
"""

from typing import Any

from cs_lib.checking.assertions import (
    assert_leaves_arguments_alone,
    assert_matches,
    assert_refuses,
    assert_use_matches,
    assert_use_vectorised,
    assert_vectorised,
)
from cs_lib.checking.check import check, ready
from cs_lib.checking.results import assert_net_learns

__all__ = [
    "assert_leaves_arguments_alone",
    "assert_matches",
    "assert_net_learns",
    "assert_refuses",
    "assert_use_matches",
    "assert_use_vectorised",
    "assert_vectorised",
    "check",
    "exercise",
    "ready",
]


def exercise(name: str, part: str = "") -> Any:
    """Return the mark that says of a test which exercise it belongs to, and which part where that has points."""
    import pytest

    return pytest.mark.exercise(name, part=part)
