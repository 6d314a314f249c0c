"""Minibatch stochastic gradient descent for any model with parameters, a loss and a prediction.

Shapes: X (N, D) floating point, y (N,) whole numbers from 0 to C − 1, W (D, C). A model is anything with the
three members of `Model`, and training changes its parameters in place.

An unwritten exercise returns `...`. Training such a model stops before its first step, says which function is
missing, and leaves the model as it was, so that a notebook with unwritten exercises runs from top to bottom.
"""

from cs_lib.training.descent import History, accuracy, train
from cs_lib.training.models import LinearClassifier, Model, TrainingError
from cs_lib.training.search import SearchResults, Trial, search

__all__ = [
    "History",
    "LinearClassifier",
    "Model",
    "SearchResults",
    "TrainingError",
    "Trial",
    "accuracy",
    "search",
    "train",
]
