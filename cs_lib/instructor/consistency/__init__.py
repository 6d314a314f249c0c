"""Find what does not fit together in an assignment, by reading its files alone: each misfit one sentence.

A sentence names the file and the place in it, what is wrong there, and what to do about it.

places    how a file, and a cell of a notebook, are named
listing   assignment.toml against the answers, the notebooks and their cells
points    points that do not add up
mistakes  the catalogue of misconceptions against the answers
suite     the tests: whose they are, and whether they say what they are about
pictures  pictures without a text for whoever does not see them
released  answers in places that students get
"""

from collections.abc import Iterator

from cs_lib.course import Assignment, CourseError
from cs_lib.instructor.consistency import listing, mistakes, pictures, points, released, suite

LOOKS = (listing.faults, points.faults, mistakes.faults, suite.faults, pictures.faults, released.faults)


def inconsistencies(assignment: Assignment) -> list[str]:
    """Return each misfit as a sentence, none twice."""
    return list(dict.fromkeys(fault for look in LOOKS for fault in _found(look(assignment))))


def _found(faults: Iterator[str]) -> Iterator[str]:
    """Yield the faults; what keeps a look from going on is one of them, and keeps none of the others from theirs."""
    try:
        yield from faults
    except CourseError as error:
        yield str(error)
