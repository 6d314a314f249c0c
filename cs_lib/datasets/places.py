"""Where data sets live: the directory that CS_LIB_DATA names, and the one that comes with the course."""

import os
from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[2] / "datasets"
DATA_VARIABLE = "CS_LIB_DATA"


def data_directory() -> Path:
    """Return where data sets live: the directory named by CS_LIB_DATA, or else the course's own datasets/."""
    named = os.environ.get(DATA_VARIABLE)
    return Path(named).expanduser() if named else SHIPPED


def find(name: str, advice: str) -> Path:
    """Return the file or folder called name in the data directory, or else the one shipped with the course.

    Raises FileNotFoundError, which ends with the advice, where there is neither.
    """
    for directory in (data_directory(), SHIPPED):
        if (directory / name).exists():
            return directory / name
    raise FileNotFoundError(f"{name} is not in {data_directory()}. {advice}")
