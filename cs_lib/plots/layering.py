"""Where the things of a layered drawing go: an order in each layer with few crossings, and heights for straight lines.

Sugiyama's method: layers are swept to and fro, each sorted by the mean place of its neighbours in the one before;
then each thing is drawn to the mean height of its neighbours, as near as the things beside it allow.
Source: K. Sugiyama, S. Tagawa and M. Toda (1981), "Methods for Visual Understanding of Hierarchical System
Structures". Nothing is random: the same graph is always drawn in the same way.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

Layers = Sequence[Sequence[int]]
Links = Sequence[tuple[int, int]]
"""Pairs of things in neighbouring layers, left before right."""

SWEEPS = 16
ROUNDS = 4  # of drawing heights together, to the left and back


def arrange(layers: Layers, links: Links, sizes: Mapping[int, float]) -> dict[int, float]:
    """Return the height of each thing's middle, downwards from 0; those of one layer do not overlap.

    layers: the things in each layer, from left to right, in an order to begin with, from top to bottom.
    sizes: how high each thing is.
    """
    ordered = untangled(layers, links)
    return heights(ordered, links, sizes)


def crossings(layers: Layers, links: Links) -> int:
    """Return how many pairs of links cross when each layer is drawn in its order."""
    layer_of = {thing: number for number, layer in enumerate(layers) for thing in layer}
    place = _places(layers)
    ends: list[list[tuple[int, int]]] = [[] for _ in layers]
    for left, right in links:
        ends[layer_of[left]].append((place[left], place[right]))
    return sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for gap in ends for a, b in combinations(gap, 2))


def untangled(layers: Layers, links: Links) -> list[list[int]]:
    """Return the layers in the order with the fewest crossings that the sweeps come by."""
    best = current = [list(layer) for layer in layers]
    fewest = crossings(best, links)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        current = _swept(current, links, to_the_right=sweep % 2 == 0, turn_ties=sweep % 4 > 1)
        found = crossings(current, links)
        if found < fewest:
            best, fewest = current, found
    return best


def heights(layers: Layers, links: Links, sizes: Mapping[int, float]) -> dict[int, float]:
    """Return the height of each thing's middle when the layers are drawn in their order."""
    middles = {thing: 0.0 for layer in layers for thing in layer}
    for layer in layers:  # begin with each layer centred
        free = np.zeros(len(layer))
        middles.update(zip(layer, _apart(free, _distances(layer, sizes)), strict=True))
    left, right = _neighbours(links)
    # The last sweep goes to the right: what is made of two things stands between them, and what only passes is level.
    for neighbours in [left, *[right, left] * ROUNDS]:
        for layer in layers if neighbours is left else reversed(layers):
            wanted = [float(np.mean([middles[b] for b in neighbours.get(a, [a])])) for a in layer]
            middles.update(zip(layer, _apart(np.array(wanted), _distances(layer, sizes)), strict=True))
    top = min(middles[thing] - sizes[thing] / 2 for thing in middles)
    return {thing: float(middle - top) for thing, middle in middles.items()}


def _swept(layers: Layers, links: Links, *, to_the_right: bool, turn_ties: bool) -> list[list[int]]:
    """Return the layers, each sorted by the mean place of the neighbours on the side that the sweep comes from.

    Things with the same mean keep their order, or turn it round, which finds what keeping it would not.
    """
    new = [list(layer) for layer in layers]
    neighbours = _neighbours(links)[0 if to_the_right else 1]
    for layer in new if to_the_right else reversed(new):
        place = _places(new)
        mean = {a: float(np.mean([place[b] for b in neighbours.get(a, [a])])) for a in layer}
        if turn_ties:
            layer.reverse()
        layer.sort(key=mean.__getitem__)
    return new


def _places(layers: Layers) -> dict[int, int]:
    return {thing: place for layer in layers for place, thing in enumerate(layer)}


def _neighbours(links: Links) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Return the neighbours of each thing to its left, and those to its right."""
    left: dict[int, list[int]] = {}
    right: dict[int, list[int]] = {}
    for a, b in links:
        left.setdefault(b, []).append(a)
        right.setdefault(a, []).append(b)
    return left, right


def _distances(layer: Sequence[int], sizes: Mapping[int, float]) -> NDArray[np.float64]:
    """Return (len(layer),): how far below the first of its layer each thing must be at least."""
    steps = [(sizes[a] + sizes[b]) / 2 for a, b in pairwise(layer)]
    return np.concatenate([[0.0], np.cumsum(steps)])


def _apart(wanted: NDArray[np.float64], distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the heights nearest to those wanted, in the sense of least squares, that keep order and distances.

    Without the distances, it is the nearest sequence that never falls: neighbours that would are pooled to
    their mean.
    """
    pools: list[tuple[float, int]] = []  # mean, how many
    for height in wanted - distances:
        mean, number = float(height), 1
        while pools and pools[-1][0] > mean:
            before, many = pools.pop()
            mean, number = (before * many + mean * number) / (many + number), many + number
        pools.append((mean, number))
    return np.concatenate([np.full(number, mean) for mean, number in pools]) + distances
