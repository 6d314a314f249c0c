"""Find submissions that are unusually alike: in code that few others wrote, whatever its names and comments.

A source is told by its fingerprint: hashes of every run of a few tokens, with comments and docstrings dropped and the
student's own names made one. What the stub, the model answer or a known mistake has, too, says nothing; the rest
weighs more the rarer it is. Two submissions are alike when they share more than a line or two that few others wrote,
and when most of the one, so weighed, is in the other. Nothing here proves that anybody copied.

Work and memory grow with the number of submissions and with the code that few of them share, not with all pairs.
"""

import ast
import io
import keyword
import math
import tokenize
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, combinations

import numpy as np
import numpy.typing as npt

from cs_lib.checking import catalogue
from cs_lib.course import Assignment, Exercise
from cs_lib.instructor import stubs
from cs_lib.submission.notebook import UNPARSABLE, parse

RUN = 8
"""How many tokens each hash is of; so many runs change when one token does."""
MOST_HASHES = 64
"""How many hashes are kept of one source: the smallest, so that two sources keep the same of what they share."""
MOST_CHARACTERS = 20_000
"""How much of one source is looked at; the longest answer of the course has 2,000."""
COMMON, MOST_OWNERS, FEWEST_COMMON = 0.05, 40, 4
"""A run is nobody's own where more than this share of the class has it: more than 40 in any class, 4 in a small one."""
LEAST_SHARED = 3 * RUN
"""How many unusual runs two submissions must share."""
LEAST_SHARE = 0.5
"""How much of the one must be in the other, weighed by rarity."""
MOST_SUSPECTS = 2000
"""How many pairs are looked at closely: those that share most."""

Fingerprint = tuple[int, ...]
Fingerprints = Mapping[str, Sequence[int]]
"""The fingerprints of one submission, by exercise."""
Hashes = npt.NDArray[np.int64]

LAYOUT = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING, tokenize.ENDMARKER)


@dataclass(frozen=True)
class Pair:
    """Two submissions that are unusually alike."""

    names: tuple[str, str]
    share: float
    """How much of the one is in the other, from 0 to 1, weighed by rarity; the larger of the two."""
    shared: int
    """How many unusual runs of tokens they share."""
    exercises: tuple[str, ...]
    """Where, the most first."""


@dataclass(frozen=True)
class _Runs:
    """The runs of one exercise that are not given, in order, and which submissions have them.

    runs: (U,), each once; counts: (U,), how many have it; starts: (U,), where in `owners` those who have it begin;
    weights: (U,), how rare it is
    """

    runs: Hashes
    counts: Hashes
    starts: Hashes
    owners: Hashes
    weights: npt.NDArray[np.float64]

    def of_few(self, total: int) -> Iterator[tuple[int, ...]]:
        """Yield, for each run that some share and that is unusual among `total` submissions, who has it."""
        most = min(MOST_OWNERS, max(FEWEST_COMMON, math.ceil(COMMON * total)))
        few = (self.counts > 1) & (self.counts <= most)
        for start, count in zip(self.starts[few].tolist(), self.counts[few].tolist(), strict=True):
            yield tuple(self.owners[start : start + count].tolist())

    def weight(self, runs: Iterable[int]) -> float:
        """Return the weight of some of the runs together; those that are given weigh nothing."""
        asked = np.array(sorted(runs), np.int64)
        asked = asked[asked <= self.runs.max(initial=-1)]
        places = np.searchsorted(self.runs, asked)
        return float(self.weights[places][self.runs[places] == asked].sum())


def fingerprint(source: str) -> Fingerprint:
    """Return at most MOST_HASHES numbers below 2³² that tell a source from others; () of one too short to tell."""
    return tuple(sorted(_hashes(source))[:MOST_HASHES])


def fingerprints(cells: Iterable[str], exercises: Iterable[Exercise]) -> dict[str, Fingerprint]:
    """Return the fingerprint of each of these exercises that the source of some cell defines; the last one counts."""
    found: dict[str, Fingerprint] = {}
    wanted = list(exercises)
    for source in cells:
        try:
            body = parse(source).body
        except UNPARSABLE:
            continue
        for exercise in wanted:
            node = _defined(body, exercise.name.split("."))
            segment = ast.get_source_segment(source, node) if node else None
            found |= {exercise.name: fingerprint(segment)} if segment else {}
    return found


def alike(assignment: Assignment, prints: Mapping[str, Fingerprints]) -> list[Pair]:
    """Return the pairs of submissions that are unusually alike, the most alike first.

    prints: for each submission, the fingerprints of its answers
    """
    names = sorted(prints)
    own = np.zeros(len(names))
    unusual: Counter[tuple[int, int]] = Counter()
    for exercise in assignment.exercises:
        runs = _runs(exercise, names, prints)
        own += np.bincount(runs.owners, weights=np.repeat(runs.weights, runs.counts), minlength=len(names))
        unusual.update(_shared(runs, len(names)))
    suspects = {pair: count for pair, count in unusual.most_common(MOST_SUSPECTS) if count >= LEAST_SHARED}
    common: dict[tuple[int, int], list[tuple[float, str]]] = {pair: [] for pair in suspects}
    for exercise in assignment.exercises if suspects else ():
        runs = _runs(exercise, names, prints)
        for pair, found in common.items():
            one, other = (prints[names[i]].get(exercise.name, ()) for i in pair)
            found.append((runs.weight({*one} & {*other}), exercise.name))
    pairs = [_pair(names, pair, suspects[pair], found, own) for pair, found in common.items()]
    return sorted((each for each in pairs if each.share >= LEAST_SHARE), key=lambda each: (-each.shared, each.names))


def _runs(exercise: Exercise, names: Sequence[str], prints: Mapping[str, Fingerprints]) -> _Runs:
    sketches = [prints[name].get(exercise.name, ()) for name in names]
    flat = np.array(list(chain.from_iterable(sketches)), np.int64)
    owners = np.repeat(np.arange(len(names)), [len(sketch) for sketch in sketches])
    own = ~np.isin(flat, np.fromiter(_given(exercise), np.int64))
    flat, owners = flat[own], owners[own]
    order = np.argsort(flat, kind="stable")
    flat, owners = flat[order], owners[order]
    starts = np.flatnonzero(np.diff(flat, prepend=-1))
    counts = np.diff(starts, append=len(flat))
    return _Runs(flat[starts], counts, starts, owners, np.log((len(names) + 1) / counts))


def _shared(runs: _Runs, total: int) -> dict[tuple[int, int], int]:
    """Return how many unusual runs each two submissions share in an exercise, where it is more than a token makes."""
    shared: Counter[tuple[int, int]] = Counter()
    for owners, count in Counter(runs.of_few(total)).items():
        for pair in combinations(owners, 2):
            shared[pair] += count
    return {pair: count for pair, count in shared.items() if count >= RUN}


def _pair(
    names: Sequence[str],
    pair: tuple[int, int],
    shared: int,
    found: Iterable[tuple[float, str]],
    own: npt.NDArray[np.float64],
) -> Pair:
    heaviest = sorted(((weight, name) for weight, name in found if weight), key=lambda each: (-each[0], each[1]))
    share = sum(weight for weight, _ in heaviest) / min(float(own[i]) for i in pair)
    return Pair((names[pair[0]], names[pair[1]]), min(1.0, share), shared, tuple(name for _, name in heaviest))


@cache
def _given(exercise: Exercise) -> set[int]:
    """Return the hashes of what is nobody's own: the stub, the model answer, and every known mistake."""
    answer = catalogue.reference_source(exercise)
    wrong = (catalogue.wrong_source(exercise, [mistake]) for mistake in catalogue.entries(exercise))
    return {each for source in (stubs.stub(answer), answer, *wrong) for each in _hashes(source)}


def _hashes(source: str) -> set[int]:
    words = list(_words(source[:MOST_CHARACTERS]))
    return {zlib.crc32(" ".join(words[i : i + RUN]).encode()) for i in range(len(words) - RUN + 1)}


def _words(source: str) -> Iterator[str]:
    """Yield the tokens of a source as far as Python understands it, with names that a student chooses made one."""
    before = ""
    starts_statement = True
    for token in _tokens(source):
        if token.type in (*LAYOUT, tokenize.INDENT, tokenize.DEDENT):
            starts_statement = starts_statement or token.type in (tokenize.NEWLINE, tokenize.INDENT)
        elif not (token.type == tokenize.STRING and starts_statement):
            yield _word(token, before)
            before, starts_statement = token.string, False


def _word(token: tokenize.TokenInfo, before: str) -> str:
    """Return what counts of a token: of a name only that it is one, unless it belongs to Python or to a module."""
    if token.type == tokenize.STRING:
        return "text"
    if token.type != tokenize.NAME or before == "." or keyword.iskeyword(token.string):
        return token.string.encode("utf-8", "replace").decode()
    return "name"


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(source).readline)
    except (tokenize.TokenError, SyntaxError):
        return  # what came before it is told by


def _defined(body: Sequence[ast.stmt], path: Sequence[str]) -> ast.stmt | None:
    """Return the last statement that defines a function, or a method by the path to it, or None."""
    found: ast.stmt | None = None
    for node in body:
        if path[0] not in _names(node):
            continue
        if len(path) == 1:
            found = node
        elif isinstance(node, ast.ClassDef):
            found = _defined(node.body, path[1:]) or found
    return found


def _names(node: ast.stmt) -> tuple[str, ...]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return (node.name,)
    if isinstance(node, ast.Assign):  # softmax = lambda …
        return tuple(target.id for target in node.targets if isinstance(target, ast.Name))
    return ()
