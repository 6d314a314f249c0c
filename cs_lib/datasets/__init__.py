"""The course's data: handwritten digits, photographs and toys in the plane.

Shapes: N examples of D features in C classes. X is (N, D), y is (N,) int64 from 0 to C − 1. Pictures are in [0, 1],
split once and for all into training, validation and test examples. Every call returns fresh arrays, so writing into
them never changes what the next call gives. Nothing is fetched unless it is asked for.
"""

from cs_lib.datasets.bias import add_bias_column
from cs_lib.datasets.cifar10 import load_cifar10
from cs_lib.datasets.digits import load_digits
from cs_lib.datasets.places import data_directory
from cs_lib.datasets.splits import Dataset
from cs_lib.datasets.toys import make_circles, make_moons, make_spirals

__all__ = [
    "Dataset",
    "add_bias_column",
    "data_directory",
    "load_cifar10",
    "load_digits",
    "make_circles",
    "make_moons",
    "make_spirals",
]
