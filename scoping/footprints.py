"""Footprints: the union of discs of radius r = eps/2 on a cluster's core sites (METHODS 2.7).

The boundary of a union of equal discs is the set of arcs that no neighbouring disc covers, so
areas come from the arcs by Green's theorem, exactly and for all clusters at once; polygons are
built only for what is drawn. Discs of different clusters of one window never overlap, because
cores of different clusters lie more than eps apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scoping.points import Floats, Ints

TURN = 2 * np.pi
QUADRANT_SEGMENTS = 6
BATCH = 200_000  # discs whose neighbours are searched at once


@dataclass(frozen=True)
class Discs:
    """The discs of many clusters: `group` (rising), `e`, `n` in metres; one radius."""

    group: Ints
    e: Floats
    n: Floats
    radius: float


def areas(discs: Discs, groups: int) -> Floats:
    """Area of each group's union of discs, square metres; no discs, no area."""
    area = np.zeros(groups)
    for part in _batches(discs):
        disc, start, end = exposed(part)
        group = part.group[disc]
        first = np.searchsorted(part.group, group)  # a disc of the group as origin: small numbers, no cancellation
        e, n = part.e[disc] - part.e[first], part.n[disc] - part.n[first]
        r = part.radius
        arc = r * r * (end - start) + r * e * (np.sin(end) - np.sin(start)) - r * n * (np.cos(end) - np.cos(start))
        area += np.bincount(group, arc / 2, groups)
    return area


def exposed(discs: Discs) -> tuple[Ints, Floats, Floats]:
    """The arcs of each circle that no other disc of its group covers: disc, start and end angle in [0, 2 pi]."""
    i, j = _touching(discs)
    e, n = discs.e[j] - discs.e[i], discs.n[j] - discs.n[i]
    half = np.arccos(np.minimum(np.hypot(e, n) / (2 * discs.radius), 1.0))
    angle = np.arctan2(n, e)
    disc = np.concatenate((i, j))
    start = np.concatenate((angle - half, angle - half + np.pi)) % TURN
    end = start + 2 * np.concatenate((half, half))
    over = np.flatnonzero(end > TURN)  # an interval across angle 0 is two
    every = np.arange(len(discs.group))
    disc = np.concatenate((disc, disc[over], every, every))
    start = np.concatenate((start, np.zeros(len(over)), np.zeros(len(every)), np.full(len(every), TURN)))
    end = np.concatenate((np.minimum(end, TURN), end[over] - TURN, np.zeros(len(every)), np.full(len(every), TURN)))
    base = disc * 7.0  # more than one turn: neither order nor running maximum crosses from one disc to the next
    order = np.argsort(base + start)
    disc, start, end, base = disc[order], start[order], end[order], base[order]
    covered = np.maximum.accumulate(end + base) - base
    gap = np.flatnonzero((disc[1:] == disc[:-1]) & (start[1:] - covered[:-1] > 1e-9))
    return disc[gap], covered[gap], start[gap + 1]


def polygons(discs: Discs, groups: int) -> NDArray[np.object_]:
    """Each group's footprint as a polygon or multipolygon without holes; discs have 24 corners."""
    shapes = np.empty(groups, dtype=object)
    if len(discs.group):
        # discs wholly inside the union add nothing to its outline
        edge = np.unique(np.concatenate([np.unique(exposed(part)[0]) + at for part, at in _parts(discs)]))
        dots = shapely.points(discs.e[edge], discs.n[edge])
        shapes[:] = shapely.buffer(shapely.multipoints(dots, indices=discs.group[edge]), discs.radius,
                                   quad_segs=QUADRANT_SEGMENTS)
    return shapes


def overlaps(discs: Discs, groups: int, area: Floats, a: Ints, b: Ints) -> tuple[Floats, Floats]:
    """Overlap of the footprints of groups `a` and `b`, pair by pair: |A n B| / min(|A|, |B|), and |A n B|."""
    if not len(a):
        return np.zeros(0), np.zeros(0)
    begin = np.searchsorted(discs.group, np.arange(groups + 1))
    pair_a, at_a = _gather(begin, a)
    pair_b, at_b = _gather(begin, b)
    pair, at = np.concatenate((pair_a, pair_b)), np.concatenate((at_a, at_b))
    order = np.lexsort((discs.e[at], discs.n[at], pair))
    pair, at = pair[order], at[order]
    new = np.ones(len(pair), dtype=bool)  # a site that is core in both is one disc of the union
    new[1:] = (pair[1:] != pair[:-1]) | (discs.e[at[1:]] != discs.e[at[:-1]]) | (discs.n[at[1:]] != discs.n[at[:-1]])
    union = areas(Discs(pair[new], discs.e[at[new]], discs.n[at[new]], discs.radius), len(a))
    shared = np.maximum(area[a] + area[b] - union, 0.0)
    return shared / np.minimum(area[a], area[b]), shared


def boxes(discs: Discs, groups: int) -> Floats:
    """West, south, east, north of each group's footprint, one row a group; groups without discs are refused by numpy."""
    begin = np.searchsorted(discs.group, np.arange(groups))
    if not groups:
        return np.zeros((0, 4))
    r = discs.radius
    return np.column_stack((np.minimum.reduceat(discs.e, begin) - r, np.minimum.reduceat(discs.n, begin) - r,
                            np.maximum.reduceat(discs.e, begin) + r, np.maximum.reduceat(discs.n, begin) + r))


def _gather(begin: Ints, groups: Ints) -> tuple[Ints, Ints]:
    """Every disc of each of `groups`: position in `groups`, position among the discs."""
    size = begin[groups + 1] - begin[groups]
    owner = np.repeat(np.arange(len(groups)), size)
    return owner, np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size - begin[groups], size)


def _parts(discs: Discs) -> list[tuple[Discs, int]]:
    """Runs of whole groups of about `BATCH` discs, with the position of their first disc."""
    total = len(discs.group)
    cuts = [0]
    while cuts[-1] < total:
        target = min(cuts[-1] + BATCH, total)
        cuts.append(int(np.searchsorted(discs.group, discs.group[target - 1], side="right")))
    return [(Discs(discs.group[a:z], discs.e[a:z], discs.n[a:z], discs.radius), a)
            for a, z in zip(cuts[:-1], cuts[1:], strict=True)]


def _batches(discs: Discs) -> list[Discs]:
    return [part for part, _ in _parts(discs)]


def _touching(discs: Discs) -> tuple[Ints, Ints]:
    """Pairs of discs of one group that overlap: one search, groups held apart by a third axis."""
    if len(discs.group) < 2:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    apart = 4 * discs.radius
    tree = cKDTree(np.column_stack((discs.e, discs.n, discs.group * apart)), compact_nodes=False, balanced_tree=False)
    found = tree.query_pairs(2 * discs.radius, output_type="ndarray")
    return found[:, 0], found[:, 1]


def chosen(discs: Discs, groups: Ints) -> Discs:
    """The discs of `groups` alone, numbered in the order given."""
    begin = np.searchsorted(discs.group, groups)
    size = np.searchsorted(discs.group, groups, side="right") - begin
    at = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size - begin, size)
    return Discs(np.repeat(np.arange(len(groups)), size), discs.e[at], discs.n[at], discs.radius)


def identity(discs: Discs, groups: int) -> Ints:
    """A 64-bit number for each group's set of discs: the same set in another window has the same number."""
    if not groups:
        return np.empty(0, np.int64)
    bits = discs.e.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15) ^ discs.n.view(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # splitmix64's finaliser
        bits = (bits ^ (bits >> np.uint64(shift))) * np.uint64(factor)
    return np.add.reduceat(bits ^ (bits >> np.uint64(31)), np.searchsorted(discs.group, np.arange(groups))).view(np.int64)
