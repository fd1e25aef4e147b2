"""ST-DBSCAN: near in space and near in time (Birant & Kut 2007); compiled loops.

The points of a site lie in order of time, so of each site within eps those near in time are one run.
"""

from __future__ import annotations

import numpy as np

from scoping.clustering.compiling import compiled


@compiled
def st_dbscan(time, site, person, order, site_begin, begin, near, site_e, site_n, span, minimum, by_children, persons):
    """Label (-1 noise) of each point and core flags; labels by the first core in order of (site, time).

    `order` and `site_begin` list the points of each site in order of time; `begin`, `near` the other sites within eps.
    Two points are neighbours when their sites are within eps and their times at most `span` apart, both closed. A core
    has `minimum` different children, or points, as neighbours, itself included. A border point joins the core nearest
    in space; of those equally near the lowest site's, and of that the one nearest in time, the earlier first.
    """
    count, sites = len(time), len(site_begin) - 1
    core = np.zeros(count, np.bool_)
    seen = np.full(persons, -1, np.int64)
    for p in range(count):
        found, s = 0, site[p]
        for q in range(begin[s] - 1, begin[s + 1]):
            j = s if q < begin[s] else near[q]
            k = _first(order, site_begin[j], site_begin[j + 1], time, time[p] - span)
            while found < minimum and k < site_begin[j + 1] and time[order[k]] <= time[p] + span:
                child = person[order[k]]
                if not by_children or seen[child] != p:
                    seen[child] = p
                    found += 1
                k += 1
        core[p] = found >= minimum

    inner, inner_begin = np.empty(count, np.int64), np.zeros(sites + 1, np.int64)  # the cores of each site in order of time
    cores = 0
    for s in range(sites):
        for k in range(site_begin[s], site_begin[s + 1]):
            if core[order[k]]:
                inner[cores] = order[k]
                cores += 1
        inner_begin[s + 1] = cores

    # the cores of a site within span on one side of a moment are all neighbours, so joining the next one joins them all
    parent = np.arange(count)
    for s in range(sites):
        for a in range(inner_begin[s], inner_begin[s + 1]):
            p = inner[a]
            if a > inner_begin[s] and time[p] - time[inner[a - 1]] <= span:
                _join(parent, p, inner[a - 1])
            for q in range(begin[s], begin[s + 1]):
                j = near[q]
                if j > s:
                    k = _first(inner, inner_begin[j], inner_begin[j + 1], time, time[p])
                    if k < inner_begin[j + 1] and time[inner[k]] - time[p] <= span:
                        _join(parent, p, inner[k])
                    if k > inner_begin[j] and time[p] - time[inner[k - 1]] <= span:
                        _join(parent, p, inner[k - 1])

    label, named = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    labels = 0
    for a in range(cores):
        root = _root(parent, inner[a])
        if named[root] < 0:
            named[root] = labels
            labels += 1
        label[inner[a]] = named[root]
    for p in range(count):
        if core[p]:
            continue
        s, nearest, apart, owner, wait = site[p], -1, np.inf, -1, np.int64(0)
        for q in range(begin[s] - 1, begin[s + 1]):
            j = s if q < begin[s] else near[q]
            far = (site_e[s] - site_e[j]) ** 2 + (site_n[s] - site_n[j]) ** 2
            if far > apart or (far == apart and j > nearest):
                continue
            k = _first(inner, inner_begin[j], inner_begin[j + 1], time, time[p])
            chosen = -1
            if k > inner_begin[j] and time[p] - time[inner[k - 1]] <= span:
                wait = time[p] - time[inner[k - 1]]
                chosen = inner[_first(inner, inner_begin[j], k, time, time[inner[k - 1]])]
            if k < inner_begin[j + 1] and time[inner[k]] - time[p] <= span and (chosen < 0 or time[inner[k]] - time[p] < wait):
                chosen = inner[k]
            if chosen >= 0:
                nearest, apart, owner = j, far, chosen
        if owner >= 0:
            label[p] = label[owner]
    return label, core


@compiled
def _first(order, start, stop, time, moment):
    """Where in order[start:stop] the first point at or after the moment is."""
    while start < stop:
        middle = (start + stop) // 2
        if time[order[middle]] < moment:
            start = middle + 1
        else:
            stop = middle
    return start


@compiled
def _join(parent, i, j):
    one, other = _root(parent, i), _root(parent, j)
    parent[max(one, other)] = min(one, other)


@compiled
def _root(parent, i):
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i
