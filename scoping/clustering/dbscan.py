"""DBSCAN in a run of windows that share one set of sites and one neighbour search: compiled loops.

Coincident points are one site, so a children's home with thousands of episodes costs one site.
From window to window only what leaves and arrives is counted; core sites are looked at again
only where something changed within eps. Components are found anew in each window (union-find).
Local sites keep the order of the sites: (northing, easting).
"""

from __future__ import annotations

import numpy as np

from scoping.clustering.compiling import compiled

SLACK = 1 + 1e-9  # strips and reach are this much wider than eps, so that rounding hides no neighbour


@compiled
def solve(low, high, site, person, site_e, site_n, eps, minimum, by_children, number, stamp):
    """Clusters of the windows, each the slice [low, high) of the points in order of time.

    `number` (one int32 a site, all -1, left so) and `stamp` (one int64 a person, never above its last entry, which
    counts on) are scratch. Returns core sites by cluster, how many each cluster has, clusters a window,
    border sites, their label, border sites a window.
    """
    first, until = low.min(), max(high.max(), low.min())
    own, sites = _local_sites(site[first:until], number)
    n = len(sites)
    e, y = site_e[sites], site_n[sites]
    begin, near = neighbours(e, y, eps)
    slot, kid_begin, child = _presences(own, person[first:until], n, stamp)

    there = np.zeros(len(child), np.int32)  # points of each (site, child) in the window
    weight = np.zeros(n, np.int32)  # children, or points, at each site
    within = np.zeros(n, np.int64)  # the sum of the weights within eps
    change = np.zeros(n, np.int32)
    touched, unsure = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    touches, unsures = np.empty(n, np.int32), np.empty(n, np.int32)
    core = np.zeros(n, np.bool_)
    parent, owner = np.empty(n, np.int32), np.full(n, -1, np.int32)
    best = np.empty(n, np.float64)
    label = np.empty(n, np.int32)
    fringe = np.empty(n, np.int32)
    cap = (high - low).sum()
    core_site, core_label = np.empty(cap, np.int32), np.empty(n, np.int32)
    sizes, counts = np.empty(cap, np.int32), np.zeros(len(low), np.int64)
    border_site, border_label = np.empty(cap, np.int32), np.empty(cap, np.int32)
    borders = np.zeros(len(low), np.int64)
    cores, clusters, edge = 0, 0, 0
    a, b = first, first
    for w in range(len(low)):
        # arrivals before departures: a child who comes as another visit goes is no change
        touching = 0
        for come, start, stop in ((1, b, high[w]), (1, low[w], a), (-1, a, low[w]), (-1, high[w], b)):
            for p in range(start - first, stop - first):
                s, k = own[p], slot[p]
                there[k] += come
                if not by_children or there[k] == (1 if come == 1 else 0):
                    change[s] += come
                    if not touched[s]:
                        touched[s] = True
                        touches[touching] = s
                        touching += 1
        a, b = low[w], high[w]
        doubts = 0
        for t in range(touching):
            s = touches[t]
            gain, change[s], touched[s] = change[s], 0, False
            weight[s] += gain
            within[s] += gain
            if not unsure[s]:
                unsure[s] = True
                unsures[doubts] = s
                doubts += 1
            for q in range(begin[s], begin[s + 1]):
                j = near[q]
                within[j] += gain
                if not unsure[j]:
                    unsure[j] = True
                    unsures[doubts] = j
                    doubts += 1
        for t in range(doubts):
            s = unsures[t]
            unsure[s] = False
            core[s] = weight[s] > 0 and within[s] >= minimum and (
                not by_children or _enough(s, begin, near, weight, there, kid_begin, child, minimum, stamp))

        fringes = 0
        for i in range(n):
            if not core[i]:
                continue
            parent[i] = i
            root = i
            for q in range(begin[i], begin[i + 1]):
                j = near[q]
                if core[j]:
                    if j < i and parent[j] != root:
                        other = _root(parent, j)
                        if other < root:
                            parent[root] = other
                            root = other
                        elif root < other:
                            parent[other] = root
                elif weight[j] > 0:
                    apart = (e[i] - e[j]) ** 2 + (y[i] - y[j]) ** 2
                    if owner[j] < 0:
                        fringe[fringes] = j
                        fringes += 1
                        owner[j], best[j] = i, apart
                    elif apart < best[j]:  # a tie stays with the lower site
                        owner[j], best[j] = i, apart
        # a root is the first core site of its cluster, so labels come in order of first core sites
        labels = 0
        for i in range(n):
            if core[i]:
                root = _root(parent, i)
                if root == i:
                    label[i] = labels
                    sizes[clusters + labels] = 0
                    labels += 1
                else:
                    label[i] = label[root]
                sizes[clusters + label[i]] += 1
        at = cores
        for c in range(labels):
            core_label[c] = at
            at += sizes[clusters + c]
        if labels:
            for i in range(n):
                if core[i]:
                    core_site[core_label[label[i]]] = sites[i]
                    core_label[label[i]] += 1
        for t in range(fringes):
            j = fringe[t]
            border_site[edge], border_label[edge] = sites[j], label[owner[j]]
            owner[j] = -1
            edge += 1
        cores, clusters = at, clusters + labels
        counts[w], borders[w] = labels, fringes
    return (core_site[:cores].copy(), sizes[:clusters].copy(), counts, border_site[:edge].copy(),
            border_label[:edge].copy(), borders)


@compiled
def _local_sites(site, number):
    """The local site of each point, and the site of each local one, rising."""
    found = np.empty(len(site), np.int32)
    count = 0
    for s in site:
        if number[s] < 0:
            number[s] = 0
            found[count] = s
            count += 1
    if count * 16 < len(number):
        sites = np.sort(found[:count])
    else:
        sites = np.empty(count, np.int32)
        count = 0
        for s in range(len(number)):
            if number[s] >= 0:
                sites[count] = s
                count += 1
    for k in range(count):
        number[sites[k]] = k
    own = np.empty(len(site), np.int32)
    for p in range(len(site)):
        own[p] = number[site[p]]
    for s in sites:
        number[s] = -1
    return own, sites


@compiled
def neighbours(e, y, eps):
    """Sites within eps of each (closed ball, itself left out): begin, neighbours.

    Sites come by northing, so strips of height eps are runs of them; each strip is put in order of
    easting and swept against itself and the next one: no tree, and pairs are met in order.
    """
    n = len(e)
    reach, limit = eps * SLACK, eps * eps
    line = np.empty(n, np.int32)  # sites by (strip, easting)
    strip_begin, strip_row = np.empty(n + 1, np.int64), np.empty(n, np.int64)
    strips, k = 0, 0
    while k < n:
        row = int(np.floor(y[k] / reach))
        until = k + 1
        while until < n and int(np.floor(y[until] / reach)) == row:
            until += 1
        line[k:until] = k + np.argsort(e[k:until])
        strip_begin[strips], strip_row[strips] = k, row
        strips += 1
        k = until
    strip_begin[strips] = n
    begin = np.zeros(n + 1, np.int64)
    near = np.empty(0, np.int32)
    at = np.empty(0, np.int64)
    for filling in (False, True):
        if filling:
            begin[1:] = np.cumsum(begin[1:])
            near, at = np.empty(begin[n], np.int32), begin[:-1].copy()
        for r in range(strips):
            ahead, last = 0, 0  # the run of the strip above
            if r + 1 < strips and strip_row[r + 1] == strip_row[r] + 1:
                ahead, last = strip_begin[r + 1], strip_begin[r + 2]
            for k in range(strip_begin[r], strip_begin[r + 1]):
                i = line[k]
                while ahead < last and e[line[ahead]] < e[i] - reach:
                    ahead += 1
                for start, stop in ((k + 1, strip_begin[r + 1]), (ahead, last)):
                    for q in range(start, stop):
                        j = line[q]
                        if e[j] - e[i] > reach:
                            break
                        if (e[i] - e[j]) ** 2 + (y[i] - y[j]) ** 2 <= limit:
                            if filling:
                                near[at[i]], near[at[j]] = j, i
                                at[i] += 1
                                at[j] += 1
                            else:
                                begin[i + 1] += 1
                                begin[j + 1] += 1
    return begin, near


@compiled
def _presences(own, person, sites, stamp):
    """Different (site, child) pairs: the pair of each point, where each site's pairs begin, the child of each."""
    count = np.zeros(sites + 1, np.int64)
    for s in own:
        count[s + 1] += 1
    at = np.cumsum(count)
    order = np.empty(len(own), np.int32)
    for p in range(len(own)):
        order[at[own[p]]] = p
        at[own[p]] += 1
    slot = np.empty(len(own), np.int32)
    child = np.empty(len(own), np.int64)
    begin = np.zeros(sites + 1, np.int64)
    base = stamp[-1]  # pairs are numbered from here, so that no stamp of another call is taken for one of this
    pairs, k = 0, 0
    for s in range(sites):
        begin[s] = pairs
        opened = base + 1 + pairs
        while k < len(own) and own[order[k]] == s:
            p = order[k]
            if stamp[person[p]] < opened:
                child[pairs] = person[p]
                pairs += 1
                stamp[person[p]] = base + pairs
            slot[p] = stamp[person[p]] - base - 1
            k += 1
    begin[sites] = pairs
    stamp[-1] = base + pairs
    return slot, begin, child[:pairs].copy()


@compiled
def _enough(s, begin, near, kids, there, kid_begin, child, minimum, stamp):
    """Are there `minimum` different children within eps of site s? Counts no further than that."""
    if kids[s] >= minimum:
        return True
    for q in range(begin[s], begin[s + 1]):
        if kids[near[q]] >= minimum:
            return True
    stamp[-1] += 1
    mark, count = stamp[-1], 0
    for q in range(begin[s] - 1, begin[s + 1]):
        j = s if q < begin[s] else near[q]
        if kids[j] > 0:
            for k in range(kid_begin[j], kid_begin[j + 1]):
                if there[k] > 0 and stamp[child[k]] != mark:
                    stamp[child[k]] = mark
                    count += 1
                    if count == minimum:
                        return True
    return False


@compiled
def _root(parent, i):
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i
