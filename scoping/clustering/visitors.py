"""Different children at places that are sets of sites, window by window: compiled loops.

`by_site` and `site_begin` list the points of each site in order of time, so those of a window are a run.
"""

from __future__ import annotations

import numpy as np

from scoping.clustering.compiling import compiled

BITS = 64  # windows told apart in one word
SEEN = np.dtype([("mark", np.int64), ("windows", np.uint64)])  # of a child: in which windows of the test with that mark
PART = np.dtype([("first", np.int64), ("until", np.int64), ("last", np.int64)])  # of a place: a site's points; until when


@compiled
def by_site(site, sites):
    """The points of each site in order of time, and where each site's begin."""
    begin = np.zeros(sites + 1, np.int64)
    for p in range(len(site)):
        begin[site[p] + 1] += 1
    begin = np.cumsum(begin)
    at, order = begin.copy(), np.empty(len(site), np.int64)
    for p in range(len(site)):
        order[at[site[p]]] = p
        at[site[p]] += 1
    return order, begin


@compiled
def different(low, high, code, codes):
    """Different codes in each of the slices [low, high)."""
    seen, count = np.full(codes, -1, np.int32), np.zeros(len(low), np.int64)
    for w in range(len(low)):
        for p in range(low[w], high[w]):
            if seen[code[p]] != w:
                seen[code[p]] = w
                count[w] += 1
    return count


@compiled
def different_in(group, groups, code, codes):
    """Different codes in each of at most 64 groups; -1 is none, of either."""
    seen, count = np.zeros(codes, np.uint64), np.zeros(groups, np.int64)
    for p in range(len(group)):
        if group[p] >= 0 and code[p] >= 0:
            bit = np.uint64(1) << np.uint64(group[p])
            if not seen[code[p]] & bit:
                seen[code[p]] |= bit
                count[group[p]] += 1
    return count


@compiled
def near(clusters, low, high, enough, core_open, core_site, begin, neighbour, order, site_begin, person, seen):
    """Different children within eps of the core sites of each cluster among the points [low, high), up to `enough`.

    `seen` (one int64 a child, none above its last entry, which counts on) is scratch.
    """
    count = np.zeros(len(clusters), np.int64)
    for k in range(len(clusters)):
        seen[-1] += 1
        for c in range(core_open[clusters[k]], core_open[clusters[k] + 1]):
            s = core_site[c]
            for q in range(begin[s] - 1, begin[s + 1]):
                j = s if q < begin[s] else neighbour[q]
                count[k] += _new(low, high, j, order, site_begin, person, seen, seen[-1])
            if count[k] >= enough:
                break
    return count


@compiled
def at_places(hotspot_begin, window, known_begin, known_cluster, known_end, core_open, core_site, begin, neighbour, start, low,
              high, base_begin, base, order, site_begin, child, children, year):
    """Children of each test at its place: in the test window, summed over the baseline windows, and is there a place.

    The tests of each hotspot come by window, its clusters by the end of theirs. The place are the core sites of those that
    had ended when the test window began, less than `year` before, and their neighbours. Baseline windows come latest first
    and overlap neither one another nor the test window. `child` is that of each point in the order of `order`.
    """
    tests, sites = len(window), len(site_begin) - 1
    now, before, fixed = np.zeros(tests, np.int64), np.zeros(tests, np.int64), np.zeros(tests, np.bool_)
    seen, mark = np.zeros(children, SEEN), 0
    held, at = np.full(sites, -1, np.int32), np.empty(sites, np.int32)  # by which hotspot, where in its place
    place = np.empty(sites, PART)
    for h in range(len(hotspot_begin) - 1):
        size, known = 0, known_begin[h]
        for t in range(hotspot_begin[h], hotspot_begin[h + 1]):
            w = window[t]
            while known < known_begin[h + 1] and known_end[known] <= start[w]:
                for c in range(core_open[known_cluster[known]], core_open[known_cluster[known] + 1]):
                    s = core_site[c]
                    for q in range(begin[s] - 1, begin[s + 1]):
                        j = s if q < begin[s] else neighbour[q]
                        if held[j] != h:
                            held[j], at[j] = h, size
                            place[size].first, place[size].until = site_begin[j], site_begin[j + 1]
                            size += 1
                        place[at[j]].last = known_end[known]
                known += 1
            windows = 1 + base_begin[w + 1] - base_begin[w]  # the test window is the first
            for some in range(0, windows, BITS):
                mark += 1
                earliest = min(some + BITS, windows) - 1
                for k in range(size):
                    part = place[k]
                    if part.last <= start[w] - year:
                        continue
                    fixed[t] = True
                    slot = earliest
                    v = w if slot == 0 else base[base_begin[w] + slot - 1]
                    for a in range(_from(low[v], part.first, part.until, order), part.until):
                        while slot > some and order[a] >= high[v]:
                            slot -= 1
                            v = w if slot == 0 else base[base_begin[w] + slot - 1]
                        if order[a] >= high[v]:
                            break
                        who, bit = seen[child[a]], np.uint64(1) << np.uint64(slot - some)
                        if who.mark != mark:
                            who.mark, who.windows = mark, 0
                        if order[a] >= low[v] and not who.windows & bit:
                            who.windows |= bit
                            if slot == 0:
                                now[t] += 1
                            else:
                                before[t] += 1
    return now, before, fixed


@compiled
def _new(low, high, site, order, site_begin, person, seen, mark):
    """Children at the site among the points [low, high) not yet marked; marks them."""
    a, count = _from(low, site_begin[site], site_begin[site + 1], order), 0
    while a < site_begin[site + 1] and order[a] < high:
        if seen[person[order[a]]] != mark:
            seen[person[order[a]]] = mark
            count += 1
        a += 1
    return count


@compiled
def _from(low, a, z, order):
    """The first place from `a` on, before `z`, where `order` is `low` or more."""
    while a < z:
        middle = (a + z) // 2
        if order[middle] < low:
            a = middle + 1
        else:
            z = middle
    return a
