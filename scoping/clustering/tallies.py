"""What each cluster holds, counted window by window: compiled loops."""

from __future__ import annotations

import numpy as np

from scoping.clustering.compiling import compiled

CHILD = np.dtype([("cluster", np.int32), ("site", np.int32), ("episodes", np.int32), ("sites", np.int32),
                  ("e", np.float64), ("n", np.float64)])  # in the cluster of that number less 1


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
def profiles(row, point, entries, rows, size):
    """How often each of `size` entries occurs in each row: `entries` has several columns, one line a point."""
    count = np.zeros((rows, size), np.int32)
    for k in range(len(row)):
        for column in range(entries.shape[1]):
            count[row[k], entries[point[k], column]] += 1
    return count


@compiled
def tally(low, high, opens, core_open, core_site, border_open, border_site, border_label,
          order, begin, person, episode, role, site_e, site_n, child, single, episodes, roles):
    """Counts and centres of the clusters of the windows [low, high): columns as `clusters.Clusters` says.

    `opens` is each window's first cluster, `core_open` each cluster's first core site, `border_open` each
    window's first border site. `order` and `begin` list the points site by site (`visitors.by_site`), `person`,
    `episode` and `role` are theirs in that order; `single`: every point is an episode of its own. `child`: one
    CHILD a person, scratch.

    The last but one is the bootstrap variance (m2, both axes together) of the centre when children are drawn
    again, in closed form, the infinitesimal jackknife (Efron 1982): with a child's distinct sites summing to
    s_i over n_i of them and the centre c, the sum of (s_i - n_i c)^2 / (sum of n_i)^2.
    """
    first = opens[0]
    total = opens[-1] - first
    children, cases, points = np.zeros(total, np.int64), np.zeros(total, np.int64), np.zeros(total, np.int64)
    top, squares = np.zeros(total, np.int64), np.zeros(total, np.float64)
    centre_e, centre_n, spread = np.zeros(total), np.zeros(total), np.zeros(total)
    of_role = np.zeros((total, roles), np.int64)
    seen_case = np.full(episodes, -1, np.int32)
    kids = np.empty(len(child), np.int64)
    edge = np.empty((border_open[1:] - border_open[:-1]).max() if len(low) else 0, np.int64)  # border sites by label
    for w in range(len(low)):
        count = opens[w + 1] - opens[w]
        at = np.zeros(count + 2, np.int64)
        for k in range(border_open[w], border_open[w + 1]):
            at[border_label[k] + 2] += 1
        at = np.cumsum(at)
        for k in range(border_open[w], border_open[w + 1]):
            edge[at[border_label[k] + 1]] = border_site[k]
            at[border_label[k] + 1] += 1
        for c in range(opens[w] - first, opens[w + 1] - first):
            inner, until = core_open[c + first], core_open[c + first + 1]
            label = c + first - opens[w]
            visits, known = 0, 0
            east, north = site_e[core_site[inner]], site_n[core_site[inner]]
            sum_e, sum_n = 0.0, 0.0  # from the first site, so that numbers stay small
            for k in range(inner, until + at[label + 1] - at[label]):
                s = core_site[k] if k < until else edge[at[label] + k - until]
                away_e, away_n = site_e[s] - east, site_n[s] - north
                q, end = begin[s], begin[s + 1]
                while q < end:  # the first point of the site in the window
                    middle = (q + end) // 2
                    if order[middle] < low[w]:
                        q = middle + 1
                    else:
                        end = middle
                while q < begin[s + 1] and order[q] < high[w]:
                    points[c] += 1
                    of_role[c, role[q]] += 1
                    kid = child[person[q]]
                    if kid.cluster != c + 1:
                        kid.cluster, kid.site, kid.episodes, kid.sites, kid.e, kid.n = c + 1, -1, 0, 0, 0.0, 0.0
                        kids[known] = person[q]
                        known += 1
                    if kid.site != s:
                        kid.site = s
                        kid.sites += 1
                        kid.e += away_e
                        kid.n += away_n
                        visits += 1
                        sum_e += away_e
                        sum_n += away_n
                    if single or seen_case[episode[q]] != c:
                        if not single:
                            seen_case[episode[q]] = c
                        kid.episodes += 1
                        cases[c] += 1
                    q += 1
            sum_e, sum_n = sum_e / visits, sum_n / visits
            centre_e[c], centre_n[c] = east + sum_e, north + sum_n
            children[c] = known
            for k in range(known):
                kid = child[kids[k]]
                top[c] = max(top[c], kid.episodes)
                squares[c] += kid.episodes ** 2
                spread[c] += (kid.e - kid.sites * sum_e) ** 2 + (kid.n - kid.sites * sum_n) ** 2
            spread[c] /= visits**2
    return children, cases, points, top, squares, centre_e, centre_n, spread, of_role.T


@compiled
def memberships(cluster, low, high, opens, core_open, core_site, border_open, border_site, border_label, site, sites):
    """Writes the cluster of every (window, point), window by window; -1 noise."""
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
