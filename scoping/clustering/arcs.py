"""Arcs of circles inside and outside unions of equal discs: compiled loops.

What one disc covers of another's circle is a *sector* from one direction to another. Directions are compared far more often
than told, so here they are *bearings*: numbers from 0 to 4 that rise with the angle and cost a division, not an arc tangent.
Discs of group g are `begin[g]:begin[g + 1]` in order of northing, no two of a group at one place.
"""

from __future__ import annotations

import numpy as np

from scoping.clustering.compiling import compiled

ROUND = 4.0  # a whole turn, as a bearing
TURN = 2 * np.pi
LEAST = 1e-9  # a shorter gap is rounding
NODE_M = 1e-4  # ends of arcs that meet differ by rounding alone
ASLANT = (np.cos(1.0), np.sin(1.0))  # along this line places of a grid do not line up
FEW = 48  # from here on a sort by halves is quicker than one by insertion


@compiled
def exposed(e, n, begin, radius):
    """The arcs of each disc's circle that no other disc of its group covers: disc, from, to, as bearings within [0, 4].

    Bearing 0 ends an arc; arcs come in order of disc and bearing.
    """
    cap = 7 * len(e)  # a union of m discs has fewer than 6 m arcs, and bearing 0 cuts at most one a disc
    disc, low, high = np.empty(cap, np.int64), np.empty(cap), np.empty(cap)
    sector, gap = _room(begin)
    count = 0
    for g in range(len(begin) - 1):
        first = begin[g]
        for d in range(begin[g], begin[g + 1]):
            while n[d] - n[first] > 2 * radius:
                first += 1
            gaps, _ = _gaps(e[d], n[d], e[first:begin[g + 1]], n[first:begin[g + 1]], radius, 0.0, ROUND, sector, gap)
            for k in range(gaps):
                disc[count], low[count], high[count] = d, gap[0, k], gap[1, k]
                count += 1
    return disc[:count].copy(), low[:count].copy(), high[:count].copy()


@compiled
def angles(bearing):
    """Radians within [0, 2 pi] of each bearing."""
    told = np.empty(len(bearing))
    for k in range(len(bearing)):
        told[k] = _angle(bearing[k])
    return told


@compiled
def follow(begin, starts, ends, low, high):
    """The arc that begins where each arc ends; outline g has the arcs `begin[g]:begin[g + 1]`, with starts and ends (x, y).

    Where several arcs meet in one point the sharpest turn to the right is taken: it keeps to the same
    outside, so a gap that touches the outline in a point stays a gap.
    """
    onward = np.arange(len(starts))
    for g in range(len(begin) - 1):
        first, count = begin[g], begin[g + 1] - begin[g]
        place = np.concatenate((starts[first:first + count], ends[first:first + count]))
        node = _nodes(place)
        order = np.argsort(node, kind="mergesort")  # at each node the starts come before the ends
        at = 0
        while at < 2 * count:
            until = at
            while until < 2 * count and node[order[until]] == node[order[at]]:
                until += 1
            _meet(first + order[at:until], first, count, low, high, onward)
            at = until
    return onward


@compiled
def _nodes(place):
    """A number for each place, the same for those that are one but for rounding."""
    along = ASLANT[0] * (place[:, 0] - place[0, 0]) + ASLANT[1] * (place[:, 1] - place[0, 1])
    order = np.argsort(along)
    node = np.arange(len(place))
    for k in range(len(order)):
        i = order[k]
        for q in range(k + 1, len(order)):
            j = order[q]
            if along[j] - along[i] > NODE_M:
                break
            if np.hypot(place[i, 0] - place[j, 0], place[i, 1] - place[j, 1]) <= NODE_M:
                node[_root(node, i)] = _root(node, j)
    for i in range(len(node)):
        node[i] = _root(node, i)
    return node


@compiled
def _root(node, i):
    while node[i] != i:
        i = node[i]
    return i


@compiled
def _meet(here, first, count, low, high, onward):
    """Joins the arcs that end at a node to those that begin there: each of `here`, starts as they are, ends `count` further."""
    taken = np.zeros(len(here), np.bool_)
    for _ in range(len(here) // 2):
        best, left, right = np.inf, -1, -1
        for i in range(len(here)):
            for j in range(len(here)):
                if here[i] < first + count or here[j] >= first + count or taken[i] or taken[j]:
                    continue
                turn = (low[here[j]] - high[here[i] - count] + np.pi) % TURN
                if turn < best:
                    best, left, right = turn, i, j
        if left < 0:
            break
        taken[left], taken[right] = True, True
        onward[here[left] - count] = here[right]


@compiled
def chains(onward):
    """The arcs ring by ring, and where each ring begins in them; `onward` is the arc that follows each arc."""
    order, begin = np.empty(len(onward), np.int64), np.empty(len(onward) + 1, np.int64)
    seen = np.zeros(len(onward), np.bool_)
    count, rings = 0, 0
    for first in range(len(onward)):
        if seen[first]:
            continue
        begin[rings] = count
        rings += 1
        at = first
        while not seen[at]:
            seen[at] = True
            order[count] = at
            count += 1
            at = onward[at]
    begin[rings] = count
    return order, begin[:rings + 1].copy()


@compiled
def shared(one, two, e, n, begin, radius, arc_begin, disc, low, high):
    """Area of the intersection of groups `one` and `two`, pair by pair, by Green's theorem; arcs as `exposed` gives them.

    An arc of either that lies inside the other bounds the intersection; an arc of both counts once.
    """
    area = np.zeros(len(one))
    sector, gap = _room(begin)
    for p in range(len(one)):
        east, north = e[begin[one[p]]], n[begin[one[p]]]  # from here, so that numbers stay small
        for side in range(2):
            of, within = (one[p], two[p]) if side == 0 else (two[p], one[p])
            first, until = begin[within], begin[within + 1]
            for a in range(arc_begin[of], arc_begin[of + 1]):
                x, y = e[disc[a]], n[disc[a]]
                while first < until and y - n[first] > 2 * radius:
                    first += 1
                gaps, both = _gaps(x, y, e[first:until], n[first:until], radius, low[a], high[a], sector, gap)
                if side == 0 and both:  # a disc of both: its own circle, counted with the first alone
                    gaps = 0
                elif gaps == 1 and gap[0, 0] == low[a] and gap[1, 0] == high[a]:
                    continue
                area[p] += _green(x - east, y - north, radius, low[a], high[a])
                for k in range(gaps):
                    area[p] -= _green(x - east, y - north, radius, gap[0, k], gap[1, k])
    return area


@compiled
def _room(begin):
    """For the sectors and gaps of one circle: starts and ends of each."""
    most = 1
    for g in range(len(begin) - 1):
        most = max(most, begin[g + 1] - begin[g])
    return np.empty((2, most)), np.empty((2, most + 1))


@compiled
def _gaps(x, y, e, n, radius, low, high, sector, gap):
    """What discs leave open of [low, high] on the circle about (x, y), put into `gap`: how many, and is one of them at (x, y).

    Discs come by northing; none is more than two radii south.
    """
    count, covered, here = 0, low, False
    for q in range(len(e)):
        east, north = e[q] - x, n[q] - y
        if north > 2 * radius:
            break
        apart = east * east + north * north
        if apart == 0:
            here = True
        elif apart <= 4 * radius * radius:
            cos = np.sqrt(apart) / (2 * radius)  # of half the sector
            sin = np.sqrt(max(1 - cos * cos, 0.0))
            start, end = _bearing(east * cos + north * sin, north * cos - east * sin), \
                _bearing(east * cos - north * sin, north * cos + east * sin)
            if end < start:  # across bearing 0: goes on from there
                covered = max(covered, end)
                end = ROUND
            if start < high and end >= covered:
                sector[0, count], sector[1, count] = start, end
                count += 1
    _sort(sector, count)
    gaps = 0
    for q in range(count):
        if covered >= high:
            break
        if sector[0, q] - covered > LEAST:
            gap[0, gaps], gap[1, gaps] = covered, sector[0, q]
            gaps += 1
        covered = max(covered, sector[1, q])
    if high - covered > LEAST:
        gap[0, gaps], gap[1, gaps] = covered, high
        gaps += 1
    return gaps, here


@compiled
def _sort(sector, count):
    """The first `count` sectors by rising start."""
    if count > FEW:
        order = np.argsort(sector[0, :count])
        sector[:, :count] = sector[:, order]
        return
    for q in range(1, count):  # few: put each in its place among those before it
        start, end = sector[0, q], sector[1, q]
        k = q
        while k > 0 and sector[0, k - 1] > start:
            sector[0, k], sector[1, k] = sector[0, k - 1], sector[1, k - 1]
            k -= 1
        sector[0, k], sector[1, k] = start, end


@compiled
def _bearing(x, y):
    """The direction of (x, y), not both 0, as a number from 0 (east) by 1 (north) to 4."""
    part = x / (abs(x) + abs(y))
    return 1.0 - part if y >= 0 else 3.0 + part


@compiled
def _angle(bearing):
    """Radians within [0, 2 pi]."""
    if bearing <= 2:
        return np.arctan2(1 - abs(1 - bearing), 1 - bearing)
    return TURN - np.arctan2(1 - abs(bearing - 3), bearing - 3)


@compiled
def _green(e, n, r, low, high):
    """Half the integral of x dy - y dx along an arc, between two bearings, of the circle of radius r about (e, n)."""
    a, z = _angle(low), _angle(high)
    return (r * r * (z - a) + r * e * (np.sin(z) - np.sin(a)) - r * n * (np.cos(z) - np.cos(a))) / 2
