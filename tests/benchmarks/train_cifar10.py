"""Train the reference models on CIFAR-10 and print how much of it they read.

    python tests/benchmarks/train_cifar10.py net     # the two-layer net: at least 55 % of validation, 53 % of test
    python tests/benchmarks/train_cifar10.py svm     # a linear classifier with the hinge loss: 39 % of test

Fetch the pictures first with `cs-lib data cifar10`, or let CS_LIB_DATA point to where they are. It takes about 2 GB of
memory. The last digits depend on the machine's matrix products; the seed fixes everything else.
"""

import argparse
import sys
import time

import numpy as np

from cs_lib.datasets import Dataset, add_bias_column, load_cifar10
from cs_lib.reference.hinge_loss import hinge_loss_vectorized
from cs_lib.reference.two_layer_net import TwoLayerNet
from cs_lib.training import LinearClassifier, accuracy, train

PIXELS, CLASSES = 3072, 10
SETTINGS = {
    "net": {"learning_rate": 0.05, "decay": 0.93, "reg": 6e-3, "batch_size": 200, "steps": 4900},
    "svm": {"learning_rate": 2e-3, "decay": 0.9, "reg": 0.1, "batch_size": 200, "steps": 3000},
}
HIDDEN, WEIGHT_SCALE = 300, 0.02


def standardised(data):
    """Return the same data about 0 with a spread of 1, as the training pictures measure them; in place."""
    mean, spread = data.X_train.mean(axis=0), data.X_train.std()
    for X in (data.X_train, data.X_val, data.X_test):
        X -= mean
        X /= spread
    return data


def with_bias_columns(data):
    """Return the same data with a column of ones for the bias of a linear classifier."""
    X_train, X_val, X_test = (add_bias_column(X) for X in (data.X_train, data.X_val, data.X_test))
    return Dataset(X_train, data.y_train, X_val, data.y_val, X_test, data.y_test, data.class_names, data.picture_shape)


def untrained(kind, rng):
    """Return the model in float32, like the pictures."""
    if kind == "net":
        return TwoLayerNet(PIXELS, HIDDEN, CLASSES, WEIGHT_SCALE, rng=rng, dtype=np.float32)
    return LinearClassifier(hinge_loss_vectorized, PIXELS + 1, CLASSES, dtype=np.float32, rng=rng)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=SETTINGS, help="what to train")
    parser.add_argument("--seed", type=int, default=0, help="of the first weights and the minibatches (default 0)")
    parser.add_argument("--steps", type=int, help="how many steps, if not as many as it takes; 245 are an epoch")
    asked = parser.parse_args()
    settings = SETTINGS[asked.model] | ({"steps": asked.steps} if asked.steps else {})

    try:
        data = standardised(load_cifar10())
    except (FileNotFoundError, ValueError) as error:
        sys.exit(str(error))
    if asked.model == "svm":
        data = with_bias_columns(data)
    rng = np.random.default_rng(asked.seed)
    model = untrained(asked.model, rng)
    print(", ".join(f"{name} {value:g}" for name, value in settings.items()))
    start = time.perf_counter()
    # Reading all 49,000 training pictures takes as long as a hundred steps, so only before and after.
    history = train(model, data.X_train, data.y_train, **settings, evaluate_every=settings["steps"], rng=rng)
    seconds = time.perf_counter() - start
    print(f"trained in {seconds:.0f} s")
    print(f"training   {history.final_train_accuracy:.1%}")
    print(f"validation {accuracy(model, data.X_val, data.y_val):.1%}")
    print(f"test       {accuracy(model, data.X_test, data.y_test):.1%}")


if __name__ == "__main__":
    main()
