"""The ledger's step from one window to the next: compiled loops.

Thousands of windows are walked when chance is counted, so nothing here is a Python object: hotspots and rows are records,
words are their place in `WORDS`, parents are numbers.
"""

from __future__ import annotations

import numpy as np

from scoping.clustering.compiling import compiled

WORDS = ("first", "forming", "born", "reactivated", "stable", "merged", "split", "below", "dissolved", "no_data")
FIRST, FORMING, BORN, REACTIVATED, STABLE, MERGED, SPLIT, BELOW, DISSOLVED, NO_DATA = range(len(WORDS))

# A hotspot on its way through the windows. `first`, `last`: its first and latest cluster (rows of the summary); `arrived`: the
# window in which it last entered. `known`: it has entered once, so that its return is no birth; `forming`: it has not (again).
PLACE = np.dtype([("first", np.int64), ("last", np.int64), ("first_window", np.int64), ("last_window", np.int64),
                  ("arrived", np.int64), ("seen", np.int64), ("misses", np.int64), ("live", np.bool_), ("forming", np.bool_),
                  ("known", np.bool_)])
# A row of the ledger. `shape`: the latest cluster; `before`: the cluster it persisted from, else -1.
ROW = np.dtype([("place", np.int64), ("window", np.int64), ("cluster", np.int64), ("shape", np.int64), ("word", np.int64),
                ("last_window", np.int64), ("seen", np.int64), ("before", np.int64), ("arrived", np.int64)])


@compiled
def carry(window, first, until, edge_place, edge_cluster, back_place, back_cluster, enough, earlier, places, known, rows):
    """One row for each cluster [first, until) of the window: which hotspot goes on in it, and how.

    Edges are pairs of a live hotspot and a cluster, `back` pairs of one that had gone and a cluster to which no live hotspot
    leads; the first of those that compete goes first. `known` hotspots are in `places` so far. Writes `rows`; returns how many
    hotspots are known now.
    """
    size = until - first
    parents, parent = np.zeros(size, np.int64), np.full(size, -1, np.int64)
    heir, returning, seed = np.full(size, -1, np.int64), np.full(size, -1, np.int64), np.full(size, -1, np.int64)
    ways, taken, kin = np.zeros(known, np.int64), np.zeros(known, np.bool_), np.zeros(size, np.bool_)
    for k in range(len(edge_place)):
        p, c = edge_place[k], edge_cluster[k] - first
        ways[p] += 1
        if not places[p].forming:
            if parent[c] < 0:
                parent[c] = p
            parents[c] += 1
            if heir[c] < 0 and not taken[p]:
                heir[c], taken[p] = p, True
    for k in range(len(edge_place)):  # what is only forming carries on where nothing better does
        p, c = edge_place[k], edge_cluster[k] - first
        if places[p].forming and not parents[c] and seed[c] < 0 and not taken[p]:
            seed[c], taken[p] = p, True
    for k in range(len(back_place)):
        p, c = back_place[k], back_cluster[k] - first
        kin[c] = True
        if returning[c] < 0 and not taken[p]:
            returning[c], taken[p] = p, True
    for c in range(size):
        cluster = first + c
        p = heir[c] if heir[c] >= 0 else returning[c] if returning[c] >= 0 else seed[c]
        if parents[c] > 1:
            word = MERGED
        elif parents[c] == 1:
            word = SPLIT if ways[parent[c]] > 1 else STABLE
        elif not earlier:  # nothing of the first window is called new, so nothing there has to pass the higher bar
            word = FIRST
        elif not enough[cluster]:
            word = FORMING
        else:  # of two clusters in which a place returns the lesser is a return as well
            word = REACTIVATED if kin[c] or (p >= 0 and places[p].known) else BORN
        before = places[p].last if p >= 0 and word == STABLE else -1
        if p < 0:
            p = known
            known += 1
            places[p].first, places[p].first_window, places[p].arrived = cluster, window, window
        place = places[p]
        place.last, place.last_window, place.misses, place.live = cluster, window, 0, True
        place.seen += 1
        if word in (BORN, REACTIVATED):
            place.arrived = window
        place.forming = word == FORMING
        place.known = place.known or not place.forming
        row = rows[c]
        row.place, row.window, row.cluster, row.shape, row.word = p, window, cluster, cluster, word
        row.last_window, row.seen, row.before, row.arrived = window, place.seen, before, place.arrived
    return known


@compiled
def close(old, new, box, least):
    """Pairs whose bounding boxes (west, south, east, north) share the smaller `least` of the two."""
    a, b = np.empty(0, np.int64), np.empty(0, np.int64)
    for filling in (False, True):
        count = 0
        for one in old:
            for two in new:
                wide = min(box[one, 2], box[two, 2]) - max(box[one, 0], box[two, 0])
                high = min(box[one, 3], box[two, 3]) - max(box[one, 1], box[two, 1])
                if wide > 0 and high > 0 and wide * high >= 0.999 * min(least[one], least[two]):
                    if filling:
                        a[count], b[count] = one, two
                    count += 1
        if not filling:
            a, b = np.empty(count, np.int64), np.empty(count, np.int64)
    return a, b
