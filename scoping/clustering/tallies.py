"""What each cluster holds, counted window by window: compiled loops."""

from __future__ import annotations

import numpy as np

from scoping.clustering.compiling import compiled


@compiled
def presences(site, person, sites, persons):
    """The different pairs of site and child, site by site: the pair of each point, where each site's begin, each one's child."""
    at = np.zeros(sites + 1, np.int64)
    for s in site:
        at[s + 1] += 1
    at = np.cumsum(at)
    order = np.empty(len(site), np.int64)
    for p in range(len(site)):
        order[at[site[p]]] = p
        at[site[p]] += 1
    pair, begin = np.empty(len(site), np.int32), np.zeros(sites + 1, np.int64)
    child = np.empty(len(site), np.int64)
    place, known = np.full(persons, -1, np.int64), np.empty(persons, np.int32)
    count = 0
    for k in range(len(order)):
        p = order[k]
        if place[person[p]] != site[p]:
            place[person[p]], known[person[p]], child[count] = site[p], count, person[p]
            count += 1
            begin[site[p] + 1] = count
        pair[p] = known[person[p]]
    return pair, begin, child[:count].copy()


@compiled
def tally(low, high, opens, core_open, core_site, border_open, border_site, border_label,
          site, person, episode, role, pair, site_e, site_n, single, persons, episodes, roles):
    """Counts and centres of the clusters of the windows [low, high): columns as `clusters.Clusters` says.

    `opens` is each window's first cluster, `core_open` each cluster's first core site, `border_open` each
    window's first border site; `single`: every point is an episode of its own.

    The last but one is the bootstrap variance (m2, both axes together) of the centre when children are drawn
    again, in closed form, the infinitesimal jackknife (Efron 1982): with a child's distinct sites summing to
    s_i over n_i of them and the centre c, the sum of (s_i - n_i c)^2 / (sum of n_i)^2.
    """
    first = opens[0]
    total = opens[-1] - first
    children, cases, points = np.zeros(total, np.int64), np.zeros(total, np.int64), np.zeros(total, np.int64)
    top, squares = np.zeros(total, np.int64), np.zeros(total, np.float64)
    centre_e, centre_n, spread = np.zeros(total), np.zeros(total), np.zeros(total)
    of_role = np.zeros((roles, total), np.int64)
    label = np.full(len(site_e), -1, np.int32)
    seen_child, own = np.full(persons, -1, np.int32), np.zeros(persons, np.int64)
    away_e, away_n = np.zeros(persons), np.zeros(persons)
    seen_case = np.full(episodes, -1, np.int32)
    seen_pair = np.full(len(pair), -1, np.int32)
    kids = np.empty(persons, np.int64)
    order = np.empty((high - low).max() if len(low) else 0, np.int64)
    for w in range(len(low)):
        here, until = opens[w], opens[w + 1]
        if here == until:
            continue
        for c in range(here, until):
            for k in range(core_open[c], core_open[c + 1]):
                label[core_site[k]] = c - first
        for k in range(border_open[w], border_open[w + 1]):
            label[border_site[k]] = here + border_label[k] - first
        for p in range(low[w], high[w]):
            if label[site[p]] >= 0:
                points[label[site[p]]] += 1
        at = np.zeros(until - here + 1, np.int64)
        at[1:] = np.cumsum(points[here - first:until - first])
        place = at.copy()
        for p in range(low[w], high[w]):
            c = label[site[p]]
            if c >= 0:
                order[place[c - here + first]] = p
                place[c - here + first] += 1
        for c in range(here - first, until - first):
            visits, known = 0, 0
            east, north = site_e[site[order[at[c - here + first]]]], site_n[site[order[at[c - here + first]]]]
            sum_e, sum_n = 0.0, 0.0  # from the first point, so that numbers stay small
            for k in range(at[c - here + first], at[c - here + first + 1]):
                p = order[k]
                child = person[p]
                of_role[role[p], c] += 1
                if seen_child[child] != c:
                    seen_child[child], own[child], away_e[child], away_n[child] = c, 0, 0.0, 0.0
                    kids[known] = child
                    known += 1
                if single or seen_case[episode[p]] != c:
                    if not single:
                        seen_case[episode[p]] = c
                    own[child] += 1
                    cases[c] += 1
                if seen_pair[pair[p]] != 2 * w:
                    seen_pair[pair[p]] = 2 * w
                    visits += 1
                    sum_e += site_e[site[p]] - east
                    sum_n += site_n[site[p]] - north
            centre_e[c], centre_n[c] = east + sum_e / visits, north + sum_n / visits
            for k in range(at[c - here + first], at[c - here + first + 1]):
                p = order[k]
                if seen_pair[pair[p]] != 2 * w + 1:
                    seen_pair[pair[p]] = 2 * w + 1
                    away_e[person[p]] += site_e[site[p]] - centre_e[c]
                    away_n[person[p]] += site_n[site[p]] - centre_n[c]
            children[c] = known
            for k in range(known):
                child = kids[k]
                top[c] = max(top[c], own[child])
                squares[c] += own[child] ** 2
                spread[c] += away_e[child] ** 2 + away_n[child] ** 2
            spread[c] /= visits**2
        for c in range(here, until):
            for k in range(core_open[c], core_open[c + 1]):
                label[core_site[k]] = -1
        for k in range(border_open[w], border_open[w + 1]):
            label[border_site[k]] = -1
    return children, cases, points, top, squares, centre_e, centre_n, spread, of_role


@compiled
def memberships(low, high, opens, core_open, core_site, border_open, border_site, border_label, site, sites):
    """The cluster of every (window, point), window by window; -1 noise."""
    cluster = np.empty((high - low).sum(), np.int32)
    label = np.full(sites, -1, np.int32)
    at = 0
    for w in range(len(low)):
        for c in range(opens[w], opens[w + 1]):
            for k in range(core_open[c], core_open[c + 1]):
                label[core_site[k]] = c
        for k in range(border_open[w], border_open[w + 1]):
            label[border_site[k]] = opens[w] + border_label[k]
        for p in range(low[w], high[w]):
            cluster[at] = label[site[p]]
            at += 1
        for k in range(core_open[opens[w]], core_open[opens[w + 1]]):
            label[core_site[k]] = -1
        for k in range(border_open[w], border_open[w + 1]):
            label[border_site[k]] = -1
    return cluster


@compiled
def insides(low, high, opens, core_open, core_site, site, sites):
    """Whether every (window, point) is core, window by window."""
    core = np.empty((high - low).sum(), np.bool_)
    inner = np.zeros(sites, np.bool_)
    at = 0
    for w in range(len(low)):
        first, until = core_open[opens[w]], core_open[opens[w + 1]]
        for k in range(first, until):
            inner[core_site[k]] = True
        for p in range(low[w], high[w]):
            core[at] = inner[site[p]]
            at += 1
        for k in range(first, until):
            inner[core_site[k]] = False
    return core
