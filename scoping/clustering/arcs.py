"""Arcs of circles inside and outside unions of equal discs: compiled loops.

A *place* is a centre that any of the discs has. What each place's circle has inside the disc of another
is worked out once, as a *sector* from one angle to another; every union then only looks up which of those
places it has.
"""

from __future__ import annotations

import numpy as np

from scoping.clustering.compiling import compiled

TURN = 2 * np.pi
LEAST = 1e-9  # a shorter gap is rounding
NODE_M = 1e-4  # ends of arcs that meet differ by rounding alone
ASLANT = (np.cos(1.0), np.sin(1.0))  # along this line places of a grid do not line up
FEW = 48  # from here on a sort by halves is quicker than one by insertion
PLACE_BITS = 21  # more neighbours than any memory holds the pairs of
FINE = 2.0**41 / TURN  # so angles that differ by less than LEAST / 300 may change places


@compiled
def sectors(e, n, begin, near, radius):
    """The part of each place's circle inside the disc of each of its neighbours, by rising start: other, start, end.

    Start lies in [0, 2 pi), end up to half a turn further.
    """
    other, start, end = np.empty(len(near), np.int32), np.empty(len(near)), np.empty(len(near))
    at = begin[:-1].copy()
    for i in range(len(e)):
        for q in range(begin[i], begin[i + 1]):
            j = near[q]
            if j > i:
                east, north = e[j] - e[i], n[j] - n[i]
                half = np.arccos(min(np.sqrt(east * east + north * north) / (2 * radius), 1.0))
                toward = np.arctan2(north, east)
                here, there = toward - half, toward + np.pi - half
                here += TURN if here < 0 else 0.0
                there += TURN if there < 0 else -TURN if there >= TURN else 0.0
                other[at[i]], start[at[i]], end[at[i]] = j, here, here + 2 * half
                other[at[j]], start[at[j]], end[at[j]] = i, there, there + 2 * half
                at[i] += 1
                at[j] += 1
    most = 0
    for i in range(len(e)):
        most = max(most, begin[i + 1] - begin[i])
    key, names, lows, highs = np.empty(most, np.int64), np.empty(most, np.int32), np.empty(most), np.empty(most)
    for i in range(len(e)):
        first, last = begin[i], begin[i + 1]
        if last - first > FEW:
            count = last - first
            names[:count], lows[:count], highs[:count] = other[first:last], start[first:last], end[first:last]
            for q in range(count):  # angle and place in one number: a quicker sort than that of places by angles
                key[q] = np.int64(lows[q] * FINE) << PLACE_BITS | q
            key[:count].sort()
            for q in range(count):
                k = key[q] & ((1 << PLACE_BITS) - 1)
                other[first + q], start[first + q], end[first + q] = names[k], lows[k], highs[k]
            continue
        for q in range(first + 1, last):  # few: put each in its place among those before it
            j, low, high = other[q], start[q], end[q]
            k = q
            while k > first and start[k - 1] > low:
                other[k], start[k], end[k] = other[k - 1], start[k - 1], end[k - 1]
                k -= 1
            other[k], start[k], end[k] = j, low, high
    return other, start, end


@compiled
def exposed(place, group_begin, begin, other, start, end):
    """The arcs of each disc's circle that no other disc of its group covers: disc, from, to, within [0, 2 pi].

    Discs come group by group; the angle 0 ends an arc. Arcs come in order of disc and angle.
    """
    cap = 7 * len(place)  # a union of m discs has fewer than 6 m arcs, and the angle 0 cuts at most one a disc
    disc, low, high = np.empty(cap, np.int64), np.empty(cap), np.empty(cap)
    mark = np.full(len(begin), -1, np.int64)
    gap_low, gap_high = np.empty(len(other) + 1), np.empty(len(other) + 1)
    count = 0
    for g in range(len(group_begin) - 1):
        for d in range(group_begin[g], group_begin[g + 1]):
            mark[place[d]] = g
        for d in range(group_begin[g], group_begin[g + 1]):
            gaps = _gaps(place[d], mark, g, begin, other, start, end, 0.0, TURN, gap_low, gap_high)
            for k in range(gaps):
                disc[count], low[count], high[count] = d, gap_low[k], gap_high[k]
                count += 1
    return disc[:count].copy(), low[:count].copy(), high[:count].copy()


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
def shared(one, two, place, group_begin, arc_begin, disc, low, high, begin, other, start, end, e, n, radius):
    """Area of the intersection of groups `one` and `two`, pair by pair, by Green's theorem.

    An arc of either that lies inside the other bounds the intersection; an arc of both counts once.
    """
    area = np.zeros(len(one))
    mark = np.full(len(begin), -1, np.int64)
    gap_low, gap_high = np.empty(len(other) + 1), np.empty(len(other) + 1)
    for p in range(len(one)):
        origin = place[group_begin[one[p]]]
        for side in range(2):
            of, within = (one[p], two[p]) if side == 0 else (two[p], one[p])
            this = 2 * p + side
            for d in range(group_begin[within], group_begin[within + 1]):
                mark[place[d]] = this
            for a in range(arc_begin[of], arc_begin[of + 1]):
                at = place[disc[a]]
                if side == 0 and mark[at] == this:  # a disc of both: its own circle, counted with the first alone
                    area[p] += _green(e[at] - e[origin], n[at] - n[origin], radius, low[a], high[a])
                    continue
                gaps = _gaps(at, mark, this, begin, other, start, end, low[a], high[a], gap_low, gap_high)
                if gaps == 1 and gap_low[0] == low[a] and gap_high[0] == high[a]:
                    continue
                area[p] += _green(e[at] - e[origin], n[at] - n[origin], radius, low[a], high[a])
                for k in range(gaps):
                    area[p] -= _green(e[at] - e[origin], n[at] - n[origin], radius, gap_low[k], gap_high[k])
    return area


@compiled
def _gaps(at, mark, this, begin, other, start, end, low, high, gap_low, gap_high):
    """What the marked neighbours leave open of [low, high] on the circle of place `at`: how many gaps."""
    covered = low
    for q in range(begin[at + 1] - 1, begin[at] - 1, -1):
        if start[q] < np.pi:
            break
        if mark[other[q]] == this:  # a sector across the angle 0 goes on from there
            covered = max(covered, end[q] - TURN)
    gaps = 0
    for q in range(begin[at], begin[at + 1]):
        if start[q] >= high or covered >= high:
            break
        if mark[other[q]] == this:
            if start[q] - covered > LEAST:
                gap_low[gaps], gap_high[gaps] = covered, start[q]
                gaps += 1
            covered = max(covered, end[q])
    if high - covered > LEAST:
        gap_low[gaps], gap_high[gaps] = covered, high
        gaps += 1
    return gaps


@compiled
def _green(e, n, r, low, high):
    """Half the integral of x dy - y dx along an arc of the circle of radius r about (e, n)."""
    return (r * r * (high - low) + r * e * (np.sin(high) - np.sin(low)) - r * n * (np.cos(high) - np.cos(low))) / 2
