"""`cs-lib data`: fetch a data set that is too large to come with the course."""

import sys

from cs_lib.datasets.download import FetchError, Source
from cs_lib.datasets.fetch import PUBLISHED, fetch_cifar10


def fetch(source: Source = PUBLISHED) -> int:
    """Fetch CIFAR-10, say where it is, and return the exit status: 1 where it could not be had, 130 where stopped."""
    try:
        folder = fetch_cifar10(source=source)
    except FetchError as error:
        print(f"cs-lib: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ncs-lib: stopped; what has arrived is kept, and the same command goes on from there.", file=sys.stderr)
        return 130
    print(f"CIFAR-10 is in {folder}; cs_lib.datasets.load_cifar10() reads it.")
    return 0
