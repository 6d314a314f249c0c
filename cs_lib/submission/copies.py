"""Copies of plain values: arrays wherever they are in lists, tuples and dicts."""

from typing import Any

import numpy as np


def copied(value: Any) -> Any:
    """Return a value in which every array is a copy of its own, those in lists, tuples and dicts included."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)(copied(each) for each in value)
    return {key: copied(each) for key, each in value.items()} if type(value) is dict else value
