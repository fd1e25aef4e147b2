"""Footprints: the union of discs of radius r = eps/2 on a cluster's core sites (METHODS 2.7).

The boundary of a union of equal discs is the set of arcs that no other disc covers, so areas and
overlaps come from arcs by Green's theorem: exact, for all clusters at once, and without polygons,
which are built only for what is drawn. Discs of different clusters of one window never overlap,
because their cores lie more than eps apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scoping.points import Floats, Ints
from scoping.runs import expand

TURN = 2 * np.pi
QUADRANT_SEGMENTS = 4  # outlines are drawn with 16 corners a disc
BATCH_DISCS = 200_000
BATCH_PAIRS = 5_000


@dataclass(frozen=True)
class Discs:
    """The discs of many groups: `group` (rising), `e`, `n` in metres (EPSG:27700); one radius."""

    group: Ints
    e: Floats
    n: Floats
    radius: float

    def take(self, groups: Ints) -> Discs:
        """The discs of `groups` alone, numbered in the order given."""
        owner, at = expand(np.searchsorted(self.group, groups), np.searchsorted(self.group, groups, side="right"))
        return Discs(owner, self.e[at], self.n[at], self.radius)


class Footprints:
    """The footprints of `count` groups, each of which has at least one disc.

    `area` in square metres; `same` numbers the different outlines: a cluster with the same core
    sites in another window has the same number.
    """

    def __init__(self, discs: Discs, count: int) -> None:
        self.discs = discs
        _, first, self.same = np.unique(_identity(discs, count), return_index=True, return_inverse=True)
        self._discs = discs.take(first)  # each outline once
        self._count = len(first)
        self._begin = np.searchsorted(self._discs.group, np.arange(self._count + 1))
        self._disc, self._low, self._high = exposed(self._discs)
        self._arcs = np.searchsorted(self._discs.group[self._disc], np.arange(self._count + 1))
        origin = self._begin[self._discs.group[self._disc]]
        arcs = _green(self._discs, self._disc, self._low, self._high, origin)
        self._area = np.bincount(self._discs.group[self._disc], arcs, self._count)
        self.area: Floats = self._area[self.same]

    def overlaps(self, a: Ints, b: Ints) -> tuple[Floats, Floats]:
        """Pair by pair: |A n B| / min(|A|, |B|), and |A n B| in square metres."""
        a, b = self.same[a], self.same[b]
        key, back = np.unique(np.minimum(a, b) * self._count + np.maximum(a, b), return_inverse=True)
        one, other = np.divmod(key, max(self._count, 1))
        shared = self._area[one].copy()
        differ = np.flatnonzero(one != other)
        for at in range(0, len(differ), BATCH_PAIRS):
            part = differ[at:at + BATCH_PAIRS]
            # an arc of A inside B bounds the intersection, and the reverse; an arc of both counts once
            shared[part] = (self._inside(one[part], other[part], one[part], closed=True)
                            + self._inside(other[part], one[part], one[part], closed=False))
        shared = np.maximum(shared, 0.0)[back]
        return shared / np.minimum(self._area[a], self._area[b]), shared

    def polygons(self, outlines: Ints) -> NDArray[np.object_]:
        """Polygons or multipolygons of the outlines with these `same` numbers; enclosed gaps may be filled."""
        shapes = np.empty(len(outlines), dtype=object)
        if len(outlines):
            # discs wholly inside the union add nothing to its outline
            pair, arc = expand(self._arcs[outlines], self._arcs[outlines + 1])
            edge, first = np.unique(np.column_stack((pair, self._disc[arc])), axis=0, return_index=True)
            dots = shapely.points(self._discs.e[edge[:, 1]], self._discs.n[edge[:, 1]])
            shapes[:] = shapely.buffer(shapely.multipoints(dots, indices=pair[first]), self.discs.radius,
                                       quad_segs=QUADRANT_SEGMENTS)
        return shapes

    def boxes(self) -> Floats:
        """West, south, east, north of each group's footprint, one row a group."""
        if not self._count:
            return np.zeros((0, 4))
        e, n, r, begin = self._discs.e, self._discs.n, self._discs.radius, self._begin[:-1]
        box = np.column_stack((np.minimum.reduceat(e, begin) - r, np.minimum.reduceat(n, begin) - r,
                               np.maximum.reduceat(e, begin) + r, np.maximum.reduceat(n, begin) + r))
        return box[self.same]

    def _inside(self, of: Ints, within: Ints, origin: Ints, *, closed: bool) -> Floats:
        """Green's integral along the arcs of outlines `of` that lie inside outlines `within`, pair by pair.

        A disc of both: its own circle counts as inside when `closed`, not when open.
        """
        pair, arc = expand(self._arcs[of], self._arcs[of + 1])
        disc = self._disc[arc]
        target, at = expand(self._begin[within], self._begin[within + 1])
        apart = 4 * self._discs.radius  # pairs are held apart by a third axis, one search serves all
        centres = cKDTree(np.column_stack((self._discs.e[disc], self._discs.n[disc], pair * apart)))
        others = cKDTree(np.column_stack((self._discs.e[at], self._discs.n[at], target * apart)))
        near = centres.sparse_distance_matrix(others, 2 * self._discs.radius, output_type="coo_matrix")
        owner, cover = near.row.astype(np.int64), at[near.col]
        twin = near.data == 0
        full = owner[twin] if closed else np.empty(0, np.int64)
        owner, cover = owner[~twin], cover[~twin]
        start, end = _covering(self._discs, disc[owner], cover)
        low, high = self._low[arc], self._high[arc]
        start, end = np.concatenate((start, low[full])), np.concatenate((end, high[full]))
        which, gap_low, gap_high = _gaps(np.concatenate((owner, full)), start, end, low, high)
        centre = self._begin[origin]
        whole = np.bincount(pair, _green(self._discs, disc, low, high, centre[pair]), len(of))
        return whole - np.bincount(pair[which], _green(self._discs, disc[which], gap_low, gap_high, centre[pair[which]]), len(of))


def exposed(discs: Discs) -> tuple[Ints, Floats, Floats]:
    """The arcs of each circle that no other disc of its group covers: disc, from angle, to angle, in [0, 2 pi].

    The angle 0 ends an arc. Arcs come in order of disc and angle. Whole groups are taken in batches.
    """
    found: list[tuple[Ints, Floats, Floats]] = []
    first, total = 0, len(discs.group)
    while first < total:
        last = discs.group[min(first + BATCH_DISCS, total) - 1]
        until = int(np.searchsorted(discs.group, last, side="right"))
        part = Discs(discs.group[first:until], discs.e[first:until], discs.n[first:until], discs.radius)
        i, j = _touching(part)
        owner, other = np.concatenate((i, j)), np.concatenate((j, i))
        start, end = _covering(part, owner, other)
        disc, low, high = _gaps(owner, start, end, np.zeros(until - first), np.full(until - first, TURN))
        found.append((disc + first, low, high))
        first = until
    if not found:
        return np.empty(0, np.int64), np.empty(0), np.empty(0)
    disc, low, high = (np.concatenate(column) for column in zip(*found, strict=True))
    return disc, low, high


def _touching(discs: Discs) -> tuple[Ints, Ints]:
    """Pairs of overlapping discs of one group, each once."""
    if len(discs.group) < 2:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    apart = 4 * discs.radius
    tree = cKDTree(np.column_stack((discs.e, discs.n, discs.group * apart)), compact_nodes=False, balanced_tree=False)
    found = tree.query_pairs(2 * discs.radius, output_type="ndarray")
    return found[:, 0], found[:, 1]


def _covering(discs: Discs, circle: Ints, other: Ints) -> tuple[Floats, Floats]:
    """The part of each circle inside another disc: start in [0, 2 pi), end up to one turn further."""
    e, n = discs.e[other] - discs.e[circle], discs.n[other] - discs.n[circle]
    half = np.arccos(np.minimum(np.hypot(e, n) / (2 * discs.radius), 1.0))
    start = (np.arctan2(n, e) - half) % TURN
    return start, start + 2 * half


def _gaps(owner: Ints, start: Floats, end: Floats, low: Floats, high: Floats) -> tuple[Ints, Floats, Floats]:
    """What the intervals leave open of each owner's [low, high] within [0, 2 pi]: owner, from, to."""
    over = np.flatnonzero(end > TURN)  # an interval across angle 0 is two
    every = np.arange(len(low))
    owner = np.concatenate((owner, owner[over], every, every))
    start = np.concatenate((start, np.zeros(len(over)), low, high))
    end = np.concatenate((end, end[over] - TURN, low, high))
    start, end = np.clip(start, low[owner], high[owner]), np.clip(end, low[owner], high[owner])
    base = owner * 7.0  # more than one turn: neither order nor running maximum crosses from one owner to the next
    order = np.argsort(base + start)
    owner, start, base = owner[order], start[order], base[order]
    covered = np.maximum.accumulate(end[order] + base) - base
    gap = np.flatnonzero((owner[1:] == owner[:-1]) & (start[1:] - covered[:-1] > 1e-9))
    return owner[gap], covered[gap], start[gap + 1]


def _green(discs: Discs, disc: Ints, low: Floats, high: Floats, origin: Ints) -> Floats:
    """Half the integral of x dy - y dx along each arc; x and y from the disc `origin`, so that numbers stay small."""
    e, n, r = discs.e[disc] - discs.e[origin], discs.n[disc] - discs.n[origin], discs.radius
    return (r * r * (high - low) + r * e * (np.sin(high) - np.sin(low)) - r * n * (np.cos(high) - np.cos(low))) / 2


def _identity(discs: Discs, groups: int) -> Ints:
    """A 64-bit number for each group's set of discs."""
    if not groups:
        return np.empty(0, np.int64)
    bits = discs.e.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15) ^ discs.n.view(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # splitmix64's finaliser
        bits = (bits ^ (bits >> np.uint64(shift))) * np.uint64(factor)
    starts = np.searchsorted(discs.group, np.arange(groups))
    return np.add.reduceat(bits ^ (bits >> np.uint64(31)), starts).view(np.int64)
