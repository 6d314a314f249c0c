"""Make digits.npz, the course's real data set, from the copy of the UCI digits that scikit-learn carries.

The same script gives the same bytes on every machine: nothing is compressed, members of the archive have a
fixed order and date, and which split a picture falls into depends on its pixels only.
"""

import argparse
import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SHARE_HELD_OUT = 6  # one picture in six for validation, one in six for testing
FIXED_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip archive can say


def main() -> int:
    """Write the file, or with --check compare an existing one; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    default = Path(__file__).parent / "digits.npz"
    parser.add_argument("-o", "--output", type=Path, default=default, help="the file (default: %(default)s)")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file differs")
    arguments = parser.parse_args()

    content = archive(digits())
    if not arguments.check:
        arguments.output.write_bytes(content)
        print(f"{arguments.output}: {len(content):,} bytes")
        return 0
    if arguments.output.is_file() and arguments.output.read_bytes() == content:
        print(f"{arguments.output} is what this script makes.")
        return 0
    print(f"{arguments.output} is missing or differs; run this script without --check.", file=sys.stderr)
    return 1


def digits() -> dict[str, NDArray[np.generic]]:
    """Return pictures (1797, 8, 8) uint8 0..16, labels (1797,) uint8, and train, val, test: rows, uint16."""
    from sklearn.datasets import load_digits  # here, so that --help works without scikit-learn

    source = load_digits()
    pictures = source.images.astype(np.uint8)
    labels = source.target.astype(np.uint8)
    return {"pictures": pictures, "labels": labels, **split(pictures, labels)}


def split(pictures: NDArray[np.uint8], labels: NDArray[np.uint8]) -> dict[str, NDArray[np.uint16]]:
    """Return row numbers of train, val and test: disjoint, ascending, each class in the same proportion.

    Within a class, pictures are ordered by the SHA-256 of their pixels. Unlike a seeded shuffle this cannot
    change with the version of a random generator, nor with the order in which the pictures arrive.
    """
    fingerprints = np.array([hashlib.sha256(picture.tobytes()).hexdigest() for picture in pictures])
    rows: dict[str, list[NDArray[np.intp]]] = {"train": [], "val": [], "test": []}
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        members = members[np.argsort(fingerprints[members], kind="stable")]
        held_out = round(len(members) / SHARE_HELD_OUT)
        rows["val"].append(members[:held_out])
        rows["test"].append(members[held_out : 2 * held_out])
        rows["train"].append(members[2 * held_out :])
    return {name: np.sort(np.concatenate(parts)).astype(np.uint16) for name, parts in rows.items()}


def archive(arrays: dict[str, NDArray[np.generic]]) -> bytes:
    """Return the bytes of an uncompressed .npz of these arrays, without pickle, date or machine in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", FIXED_DATE)
            info.create_system = 3  # otherwise Windows would write another byte here
            info.external_attr = 0o644 << 16
            file.writestr(info, member.getvalue())
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
