"""DBSCAN in a run of windows: compiled loops.

Coincident points are one site, so a children's home with thousands of episodes costs one site. From window to window
only who leaves and who arrives is counted. The sites of a window, in order of (strip, easting), are copied side by side
and swept against their own strip and the next one: each pair within eps is met once, without a tree or lists of
neighbours, first to count who is within eps, then to join cores (union-find) and find the nearest core of the others.

How many different children are within eps of a site is bounded first. The sum over the sites within eps of their
children is no less. Each child has one of 64 bits, and the number of different bits within eps is no more. Only
between the bounds are children told apart one by one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scoping.clustering.compiling import compiled, ones, trailing_zeros

SLACK = 1 + 1e-9  # reach is this much wider than eps, so that rounding hides no neighbour
MIX = np.uint64(0x9E3779B97F4A7C15)  # multiplying by it spreads numbers that follow one another over the top bits


# What is used together lies together: most of the time went into waiting for memory.
PLACE = np.dtype([("e", np.float64), ("n", np.float64), ("strip", np.int64), ("site", np.int64)])
HERE = np.dtype([("bits", np.uint64), ("weight", np.int32), ("first", np.int32)])
PAIR = np.dtype([("there", np.int32), ("at", np.int32), ("held", np.int32), ("child", np.int32)])


class Ground(NamedTuple):
    """Sites in order of (strip of height eps, easting)."""

    line: np.ndarray  # the site at each position
    rank: np.ndarray  # the position of each site
    place: np.ndarray  # PLACE, of each position


class Folk(NamedTuple):
    """Points in order of time, and the different pairs of site and child, site by site."""

    site: np.ndarray
    person: np.ndarray
    pair: np.ndarray  # of each point
    pair_begin: np.ndarray  # the first pair of each site
    child: np.ndarray  # of each pair


class State(NamedTuple):
    """Who is there in the window at hand, the points [edge[0], edge[1])."""

    edge: np.ndarray
    site: np.ndarray  # HERE, of each position: its children's bits, how many they (or the points) are, its first pair
    alive: np.ndarray  # one byte a position, to pass over eight at once
    pair: np.ndarray  # PAIR: its points; `held`, of each site from its first pair on those that are there; where in it; its child
    stamp: np.ndarray  # a mark on each child; the last entry counts marks
    chosen: np.ndarray  # one byte a site: is it core in this window
    slot: np.ndarray  # its place among the window's sites


class Present(NamedTuple):
    """The sites of one window side by side, in order of (strip, easting)."""

    position: np.ndarray
    e: np.ndarray
    n: np.ndarray
    weight: np.ndarray
    within: np.ndarray  # the weights within eps, summed
    bits: np.ndarray
    joint: np.ndarray  # the bits within eps, together
    core: np.ndarray
    parent: np.ndarray
    owner: np.ndarray  # nearest core of a site that is none, -1
    best: np.ndarray  # its squared distance
    begin: np.ndarray  # where each strip begins
    strip: np.ndarray


def empty_state(ground: Ground, folk: Folk, persons: int) -> State:
    """Nobody there yet."""
    site, pair = np.zeros(len(ground.line), HERE), np.zeros(len(folk.child), PAIR)
    if len(pair):
        site["first"], pair["child"] = folk.pair_begin[ground.line], folk.child
    padded = len(site) + 8
    return State(edge=np.zeros(2, np.int64), site=site, alive=np.zeros(padded, np.uint8), pair=pair,
                 stamp=np.zeros(persons + 1, np.int64), chosen=np.zeros(padded, np.uint8), slot=np.empty(len(site), np.int32))


@compiled
def solve(low, high, ground, folk, state, eps, minimum, by_children):
    """Clusters of the windows, each the slice [low, high) of the points; `state` goes on from window to window.

    Returns core sites by cluster, each cluster's rising, clusters by their first; how many each cluster has; clusters a
    window; border sites, their label, border sites a window.
    """
    most = min((high - low).max(), len(ground.line)) if len(low) else 0
    here = Present(
        np.empty(most, np.int32), np.empty(most), np.empty(most), np.empty(most, np.int32), np.empty(most, np.int32),
        np.empty(most, np.uint64), np.empty(most, np.uint64), np.empty(most, np.bool_), np.empty(most, np.int32),
        np.empty(most, np.int32), np.empty(most), np.empty(most + 1, np.int64), np.empty(most, np.int64))
    cap = (high - low).sum()
    core_site, sizes, counts = np.empty(cap, np.int32), np.empty(cap, np.int32), np.zeros(len(low), np.int64)
    border_site, border_label, borders = np.empty(cap, np.int32), np.empty(cap, np.int32), np.zeros(len(low), np.int64)
    order, label, cursor = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.int64)
    cores, clusters, edge = 0, 0, 0
    for w in range(len(low)):
        _move(low[w], high[w], ground, folk, state, by_children)
        count, strips = _gather(state.alive, ground.place, state.site, here.position, here.e, here.n, here.weight, here.within,
                                here.bits, here.joint, here.begin, here.strip)
        _sum_within(strips, here.begin, here.strip, here.e, here.n, here.weight, here.within, here.bits, here.joint,
                    by_children, eps)
        if not _find_cores(count, strips, ground, folk, state, here, eps, minimum, by_children):
            continue
        _join(strips, ground.line, here.position, here.begin, here.strip, here.e, here.n, here.core, here.parent, here.owner,
              here.best, eps)
        found = _in_order_of_sites(count, ground.line, here.position, here.core, state.chosen, state.slot, order)
        # a cluster's number is that of its first core site, so roots are met in order
        labels = 0
        for k in range(found):
            root = _root(here.parent, order[k])
            if here.core[root]:  # not yet met: from now on it holds its label in `owner`
                here.core[root] = False
                here.owner[root] = labels
                sizes[clusters + labels] = 0
                labels += 1
            label[order[k]] = here.owner[root]
            sizes[clusters + here.owner[root]] += 1
        at = cores
        for c in range(labels):
            cursor[c] = at
            at += sizes[clusters + c]
        for k in range(found):
            core_site[cursor[label[order[k]]]] = ground.line[here.position[order[k]]]
            cursor[label[order[k]]] += 1
        for i in range(count):
            if here.parent[i] < 0 and here.owner[i] >= 0:
                border_site[edge], border_label[edge] = ground.line[here.position[i]], label[here.owner[i]]
                edge += 1
                borders[w] += 1
        cores, clusters = at, clusters + labels
        counts[w] = labels
    return (core_site[:cores].copy(), sizes[:clusters].copy(), counts, border_site[:edge].copy(),
            border_label[:edge].copy(), borders)


@compiled
def _move(low, high, ground, folk, state, by_children):
    """From the window at hand to [low, high): who leaves and who arrives."""
    a, b = state.edge[0], state.edge[1]
    if low >= b or high <= a:  # nobody stays
        for p in range(a, b):
            i = ground.rank[folk.site[p]]
            state.site[i].weight, state.site[i].bits, state.alive[i] = 0, 0, 0
            if by_children:
                state.pair[folk.pair[p]].there = 0
        a, b = low, low
    _step(low, a, 1, ground, folk, state, by_children)
    _step(b, high, 1, ground, folk, state, by_children)
    _step(a, low, -1, ground, folk, state, by_children)
    _step(high, b, -1, ground, folk, state, by_children)
    state.edge[0], state.edge[1] = low, high


@compiled
def _step(start, stop, way, ground, folk, state, by_children):
    """The points [start, stop) arrive (1) or leave (-1)."""
    pair = state.pair
    for p in range(start, stop):
        i = ground.rank[folk.site[p]]
        site = state.site[i]
        if by_children:
            k = folk.pair[p]
            pair[k].there += way
            if pair[k].there != (1 if way == 1 else 0):  # another point of the child stays, or was there
                continue
            if way == 1:
                at = site.first + site.weight
                pair[at].held, pair[k].at = k, at
                site.bits |= _bit(folk.person[p])
            else:
                at, last = pair[k].at, pair[site.first + site.weight - 1].held
                pair[at].held, pair[last].at = last, at
                site.bits = 0
                for h in range(site.first, site.first + site.weight - 1):
                    site.bits |= _bit(pair[pair[h].held].child)
        site.weight += way
        state.alive[i] = site.weight > 0


@compiled
def _bit(child):
    return np.uint64(1) << ((np.uint64(child) * MIX) >> np.uint64(58))


@compiled
def _gather(alive, places, sites, position, e, n, weight, within, bits, joint, begin, strip):
    """Copy the sites of the window side by side; how many, and how many strips."""
    count, strips, last = 0, 0, np.int64(-1 << 62)
    eights = alive[:len(alive) // 8 * 8].view(np.uint64)
    for word in range(len(eights)):
        left = eights[word]
        while left:
            i = 8 * word + (trailing_zeros(left) >> 3)
            left &= left - np.uint64(1)
            place, site = places[i], sites[i]
            if place.strip != last:
                last = place.strip
                begin[strips], strip[strips] = count, last
                strips += 1
            position[count], e[count], n[count] = i, place.e, place.n
            weight[count] = within[count] = site.weight
            bits[count] = joint[count] = site.bits
            count += 1
    begin[strips] = count
    return count, strips


@compiled
def _sum_within(strips, begin, strip, e, n, weight, within, bits, joint, by_children, eps):
    """Add to each site the weights, and the bits, of the others within eps (closed ball)."""
    reach, limit = eps * SLACK, eps * eps
    for r in range(strips):
        ahead, last = begin[r + 1], begin[r + 1]
        if r + 1 < strips and strip[r + 1] == strip[r] + 1:
            last = begin[r + 2]
        for i in range(begin[r], begin[r + 1]):
            east, north, own, total, mine = e[i], n[i], weight[i], 0, np.uint64(0)
            while ahead < last and e[ahead] < east - reach:
                ahead += 1
            for start, stop in ((i + 1, begin[r + 1]), (ahead, last)):
                for q in range(start, stop):
                    if e[q] - east > reach:
                        break
                    near = np.int64((east - e[q]) ** 2 + (north - n[q]) ** 2 <= limit)  # no branch: it could not be foretold
                    total += near * weight[q]
                    within[q] += near * own
                    if by_children:
                        mine |= bits[q] & np.uint64(-near)
                        joint[q] |= bits[i] & np.uint64(-near)
            within[i] += total
            if by_children:
                joint[i] |= mine


@compiled
def _find_cores(count, strips, ground, folk, state, here, eps, minimum, by_children):
    """Mark the core sites; how many."""
    found = 0
    for r in range(strips):
        for i in range(here.begin[r], here.begin[r + 1]):
            core = here.within[i] >= minimum
            if core and by_children and ones(here.joint[i]) < minimum:
                core = _enough(r, i, strips, ground, folk, state, here, eps, minimum)
            here.core[i] = core
            here.parent[i] = i if core else -1
            here.owner[i] = -1
            found += core
    return found


@compiled
def _enough(r, i, strips, ground, folk, state, here, eps, minimum):
    """Are there `minimum` different children within eps of site i of strip r? Counts no further than that."""
    reach, limit = eps * SLACK, eps * eps
    state.stamp[-1] += 1
    mark, count = state.stamp[-1], 0
    for s in (r, r - 1, r + 1):
        if s < 0 or s >= strips or abs(here.strip[s] - here.strip[r]) > 1:
            continue
        a, z = here.begin[s], here.begin[s + 1]
        while a < z:
            middle = (a + z) // 2
            if here.e[middle] < here.e[i] - reach:
                a = middle + 1
            else:
                z = middle
        for j in range(a, here.begin[s + 1]):
            if here.e[j] - here.e[i] > reach:
                break
            if (here.e[i] - here.e[j]) ** 2 + (here.n[i] - here.n[j]) ** 2 > limit:
                continue
            first = state.site[here.position[j]].first
            for h in range(first, first + here.weight[j]):
                child = state.pair[state.pair[h].held].child
                if state.stamp[child] != mark:
                    state.stamp[child] = mark
                    count += 1
                    if count == minimum:
                        return True
    return False


@compiled
def _join(strips, line, position, begin, strip, e, n, core, parent, owner, best, eps):
    """One tree for each cluster of cores within eps of one another; of every other site its nearest core."""
    reach, limit = eps * SLACK, eps * eps
    for r in range(strips):
        ahead, last = begin[r + 1], begin[r + 1]
        if r + 1 < strips and strip[r + 1] == strip[r] + 1:
            last = begin[r + 2]
        for i in range(begin[r], begin[r + 1]):
            east, north, inner = e[i], n[i], core[i]
            root = _root(parent, i) if inner else -2
            while ahead < last and e[ahead] < east - reach:
                ahead += 1
            for start, stop in ((i + 1, begin[r + 1]), (ahead, last)):
                for q in range(start, stop):
                    if e[q] - east > reach:
                        break
                    if parent[q] == root or not (inner or core[q]):
                        continue
                    apart = (east - e[q]) ** 2 + (north - n[q]) ** 2
                    if apart > limit:
                        continue
                    if inner and core[q]:
                        other = _root(parent, q)
                        if other < root:
                            parent[root] = other
                            root = other
                        elif root < other:
                            parent[other] = root
                        continue
                    middle, outer = (i, q) if inner else (q, i)
                    known = owner[outer]
                    if known < 0 or apart < best[outer] or (apart == best[outer] and  # a tie goes to the lower site
                                                            line[position[middle]] < line[position[known]]):
                        owner[outer], best[outer] = middle, apart


@compiled
def _in_order_of_sites(count, line, position, core, chosen, slot, order):
    """The core sites of the window in order of sites, as places among its sites; how many."""
    for i in range(count):
        if core[i]:
            site = line[position[i]]
            chosen[site], slot[site] = 1, i
    eights = chosen[:len(chosen) // 8 * 8].view(np.uint64)
    found = 0
    for word in range(len(eights)):
        left = eights[word]
        while left:
            order[found] = slot[8 * word + (trailing_zeros(left) >> 3)]
            left &= left - np.uint64(1)
            found += 1
        eights[word] = 0
    return found


@compiled
def _root(parent, i):
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i
