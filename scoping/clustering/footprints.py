"""Footprints: the union of discs of radius r = eps/2 on a cluster's core sites (METHODS 2.7).

The boundary of a union of equal discs is the set of arcs that no other disc covers, so areas and
overlaps come from arcs by Green's theorem: exact, and for all clusters at once. What is drawn are
the same arcs joined to rings. Discs of different clusters of one window never overlap,
because their cores lie more than eps apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scoping.clustering.once import once
from scoping.clustering.points import Floats, Ints
from scoping.clustering.rings import Rings
from scoping.clustering.runs import expand

SAGITTA_M = 5.0  # drawn outlines depart from the true ones by no more


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

    def at(self, disc: Ints, angle: Floats) -> Floats:
        """Points on the circles, one row each."""
        return np.column_stack((self.e[disc] + self.radius * np.cos(angle), self.n[disc] + self.radius * np.sin(angle)))


@dataclass(frozen=True)
class _Arcs:
    """Exposed arcs in order of group: disc, from angle, to angle, the same as `bearings`; `begin` of each group; areas."""

    disc: Ints
    low: Floats
    high: Floats
    bearings: tuple[Floats, Floats]
    begin: Ints
    area: Floats


class Footprints:
    """The footprints of `count` groups, each of which has at least one disc.

    `area` in square metres; `same` numbers the different outlines: a cluster with the same core
    sites in another window has the same number.
    """

    def __init__(self, discs: Discs, count: int) -> None:
        self.discs = discs
        _, first, self.same = np.unique(_identity(discs, count), return_index=True, return_inverse=True)
        self._discs = _by_northing(discs.take(first))  # each outline once
        self._count = len(first)
        self._begin = np.searchsorted(self._discs.group, np.arange(self._count + 1))

    @property
    def area(self) -> Floats:
        """Square metres of each group's footprint."""
        return self._arcs.area[self.same]

    @once
    def _arcs(self) -> _Arcs:
        """The outlines, found when first asked for: clusters alone need none."""
        from scoping.clustering.arcs import angles, exposed

        disc, *bearings = exposed(self._discs.e, self._discs.n, self._begin, self._discs.radius)
        low, high = map(angles, bearings)
        group = self._discs.group[disc]
        area = np.bincount(group, _green(self._discs, disc, low, high, self._begin[group]), self._count)
        begin = np.searchsorted(group, np.arange(self._count + 1))
        return _Arcs(disc, low, high, (bearings[0], bearings[1]), begin, area.astype(np.float64))

    def area_bounds(self) -> tuple[Floats, Floats]:
        """What each footprint's area is not under and not over, in square metres: quick."""
        from scoping.clustering.rasters import areas

        low, high = areas(self._begin, self._discs.e, self._discs.n, self._discs.radius)
        return low[self.same], high[self.same]

    def shared_bounds(self, a: Ints, b: Ints, enough: Floats) -> tuple[Floats, Floats]:
        """What |A n B| is not under and not over, pair by pair, in square metres: quick. Infinite where the least is `enough`."""
        from scoping.clustering.rasters import shared

        low, high = shared(self.same[a], self.same[b], enough, self._begin, self._discs.e, self._discs.n, self._discs.radius)
        return low, high

    def overlaps(self, a: Ints, b: Ints) -> tuple[Floats, Floats]:
        """Pair by pair: |A n B| / min(|A|, |B|), and |A n B| in square metres."""
        if "_arcs" not in self.__dict__ and 4 * len(a) < self._count:  # of a few: their outlines alone
            groups, at = np.unique(np.concatenate((a, b)), return_inverse=True)
            return Footprints(self.discs.take(groups), len(groups))._overlaps(at[:len(a)], at[len(a):])
        return self._overlaps(a, b)

    def _overlaps(self, a: Ints, b: Ints) -> tuple[Floats, Floats]:
        from scoping.clustering.arcs import shared

        a, b = self.same[a], self.same[b]
        key, back = np.unique(np.minimum(a, b) * self._count + np.maximum(a, b), return_inverse=True)
        one, other = np.divmod(key, max(self._count, 1))
        area = self._arcs.area
        both = area[one].copy()
        differ = np.flatnonzero(one != other)
        arcs = self._arcs
        both[differ] = shared(one[differ], other[differ], self._discs.e, self._discs.n, self._begin, self._discs.radius, arcs.begin,
                              arcs.disc, *arcs.bearings)
        common: Floats = np.maximum(both, 0.0)[back]
        return common / np.minimum(area[a], area[b]), common

    def rings(self, outlines: Ints) -> Rings:
        """The outer rings of the outlines with these `same` numbers: easting and northing, anticlockwise.

        Corners lie on the true outline and chords within `SAGITTA_M` of it; enclosed gaps are filled.
        """
        from scoping.clustering.arcs import chains, follow

        owner, arc = expand(self._arcs.begin[outlines], self._arcs.begin[outlines + 1])
        disc, low, high = self._arcs.disc[arc], self._arcs.low[arc], self._arcs.high[arc]
        step = 2 * np.arccos(1 - SAGITTA_M / self.discs.radius)
        pieces = np.maximum(np.ceil((high - low) / step).astype(np.int64), 1)
        which, k = expand(np.zeros(len(arc), np.int64), pieces)
        angle = low[which] + (high - low)[which] * k / pieces[which]
        corner = self._discs.at(disc[which], angle)
        begin = np.cumsum(pieces) - pieces
        first = np.searchsorted(owner, np.arange(len(outlines) + 1))
        order, ring = chains(follow(first, self._discs.at(disc, low), self._discs.at(disc, high), low, high))
        corners = corner[expand(begin[order], begin[order] + pieces[order])[1]]
        start = np.concatenate((np.zeros(1, np.int64), np.cumsum(pieces[order])))[ring]
        outer = np.flatnonzero((np.diff(start) > 2) & (_turns(corners, start) > 0))  # the rings of gaps run clockwise
        many = np.bincount(owner[order[ring[:-1][outer]]], minlength=len(outlines))
        every = Rings(corners, start, np.arange(len(start)))  # an outline each
        return replace(every.take(outer), outline=np.concatenate((np.zeros(1, np.int64), np.cumsum(many))))

    def boxes(self) -> Floats:
        """West, south, east, north of each group's footprint, one row a group."""
        if not self._count:
            return np.zeros((0, 4))
        e, n, r, begin = self._discs.e, self._discs.n, self._discs.radius, self._begin[:-1]
        box = np.column_stack((np.minimum.reduceat(e, begin) - r, np.minimum.reduceat(n, begin) - r,
                               np.maximum.reduceat(e, begin) + r, np.maximum.reduceat(n, begin) + r))
        return box[self.same]


def _green(discs: Discs, disc: Ints, low: Floats, high: Floats, origin: Ints) -> Floats:
    """Half the integral of x dy - y dx along each arc; x and y from the disc `origin`, so that numbers stay small."""
    e, n, r = discs.e[disc] - discs.e[origin], discs.n[disc] - discs.n[origin], discs.radius
    turn: Floats = r * r * (high - low) + r * e * (np.sin(high) - np.sin(low)) - r * n * (np.cos(high) - np.cos(low))
    return turn / 2


def _by_northing(discs: Discs) -> Discs:
    """The discs of each group in order of northing."""
    if (np.diff(discs.n)[np.diff(discs.group) == 0] >= 0).all():
        return discs
    order = np.lexsort((discs.n, discs.group))
    return Discs(discs.group, discs.e[order], discs.n[order], discs.radius)


def _identity(discs: Discs, groups: int) -> Ints:
    """A 64-bit number for each group's set of discs."""
    if not groups:
        return np.empty(0, np.int64)
    bits = discs.e.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15) ^ discs.n.view(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # splitmix64's finaliser
        bits = (bits ^ (bits >> np.uint64(shift))) * np.uint64(factor)
    starts = np.searchsorted(discs.group, np.arange(groups))
    return np.add.reduceat(bits ^ (bits >> np.uint64(31)), starts).view(np.int64)


def _turns(corners: Floats, start: Ints) -> Floats:
    """Twice the signed area of each open ring, anticlockwise positive; ring k is `corners[start[k]:start[k + 1]]`."""
    if len(start) < 2:
        return np.empty(0)
    x, y = (corners - np.repeat(corners[start[:-1]], np.diff(start), axis=0)).T  # small numbers; each begins and ends in (0, 0)
    cross = np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0.0)
    cross[start[1:] - 1] = 0.0  # from the last corner to the first, which is the origin
    turned: Floats = np.add.reduceat(cross, start[:-1])
    return turned
