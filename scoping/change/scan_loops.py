"""The cylinders of the space-time permutation scan: compiled loops.

A zone grows around its centre site by site, in order of (distance, site), until it holds more than `limit` cases. A child counts
once in a cylinder. Length classes rise: a case of class w lies in the last `lengths[w]` days and in all longer ones; the class
after the last is of cases in none.
"""

from __future__ import annotations

import numpy as np

from scoping.clustering.compiling import compiled

LAST = np.iinfo(np.int32).max


@compiled
def zone(centre, x, y, order, low, high, reach, found, apart):
    """The sites within `reach` (squared) of the centre in order of (distance, site), into `found`; returns how many.

    `order[low[centre, b]:high[centre, b]]` are the sites of the three columns of squares around the centre's own.
    """
    size = 0
    for band in range(low.shape[1]):
        for k in range(low[centre, band], high[centre, band]):
            site = order[k]
            distance = (x[site] - x[centre]) ** 2 + (y[site] - y[centre]) ** 2
            if distance <= reach:
                found[size] = site
                apart[size] = distance
                size += 1
    rank = np.argsort(apart[:size], kind="mergesort")
    kept = found[:size][rank]
    far = apart[:size][rank]
    for k in range(1, size):  # ties of distance by site, which is by (x, y)
        site, at = kept[k], k
        while at and far[at - 1] == far[k] and kept[at - 1] > site:
            kept[at] = kept[at - 1]
            at -= 1
        kept[at] = site
    found[:size] = kept
    apart[:size] = far
    return size


@compiled
def seen(x, y, order, low, high, reach, opens, kind, child, children, expected, total, limit, least):
    """The best cylinder around each centre: log likelihood ratio, length class, sites, children, expected, radius.

    `opens[site]` is the site's first case; `kind` and `child` are each case's length class and child.
    """
    sites, lengths = expected.shape
    ratio, which, size = np.zeros(sites), np.zeros(sites, np.int64), np.zeros(sites, np.int64)
    count, mean, radius = np.zeros(sites, np.int64), np.zeros(sites), np.zeros(sites)
    found, apart = np.empty(sites, np.int64), np.empty(sites)
    mark, youngest = np.full(children, -1, np.int64), np.zeros(children, np.int64)
    for centre in range(sites):
        near = zone(centre, x, y, order, low, high, reach, found, apart)
        held, now, mu = 0, np.zeros(lengths, np.int64), np.zeros(lengths)
        for k in range(near):
            held += opens[found[k] + 1] - opens[found[k]]
            if held > limit:
                break
            for case in range(opens[found[k]], opens[found[k] + 1]):
                until = lengths
                if mark[child[case]] == centre:
                    until = youngest[child[case]]
                for w in range(kind[case], until):
                    now[w] += 1
                if kind[case] < until:
                    mark[child[case]], youngest[child[case]] = centre, kind[case]
            for w in range(lengths):
                mu[w] += expected[found[k], w]
                c = now[w]
                if c >= least and c > mu[w]:
                    value = c * np.log(c / mu[w])
                    if total > c:
                        value += (total - c) * np.log((total - c) / (total - mu[w]))
                    if value > ratio[centre]:
                        ratio[centre], which[centre], size[centre] = value, w, k + 1
                        count[centre], mean[centre], radius[centre] = c, mu[w], np.sqrt(apart[k])
    return ratio, which, size, count, mean, radius


@compiled
def deal(chance, slot, until, kind, cases, lengths):
    """Which cases are recent in each run: a draw without replacement within each stratum (Fisher and Yates).

    `slot`, `until` and `kind` describe each recent date: its place in the deck, the end of its stratum, its length class.
    Returns for each case where its entries begin, and the entries: counter of (run, class), end of the run's counters.
    """
    runs, recents = chance.shape
    deck = np.arange(cases)
    drawn = np.empty((runs, recents), np.int32)
    begin = np.zeros(cases + 1, np.int64)
    for run in range(runs):
        for k in range(recents):
            other = slot[k] + int(chance[run, k] * (until[k] - slot[k]))
            deck[slot[k]], deck[other] = deck[other], deck[slot[k]]
            drawn[run, k] = deck[slot[k]]
            begin[deck[slot[k]] + 1] += 1
    begin = np.cumsum(begin)
    at = begin[:-1].copy()
    entry, stop = np.empty(runs * recents, np.int32), np.empty(runs * recents, np.int32)
    for run in range(runs):
        for k in range(recents):
            place = at[drawn[run, k]]
            at[drawn[run, k]] += 1
            entry[place] = run * lengths + kind[k]
            stop[place] = (run + 1) * lengths
    return begin, entry, stop


@compiled
def chance_maxima(share, shares, x, y, order, low, high, reach, opens, again, expected, begin, entry, stop, runs, total, limit,
                  least):
    """The highest log likelihood ratio of each run, over every `shares`-th centre.

    `again[case]` numbers the children with several cases, -1 for the others. With c cases where mu are expected of
    `total`, the ratio is f(c) - c (log mu - log(total - mu)) - total log(total - mu): only counts that could beat the
    lowest maximum so far (`need`) are worth it.
    """
    sites, lengths = expected.shape
    f = np.zeros(total + 1)
    for c in range(1, total + 1):
        f[c] = c * np.log(c) + ((total - c) * np.log(total - c) if c < total else 0.0)
    best, floor = np.zeros(runs), 0.0
    found, apart = np.empty(sites, np.int64), np.empty(sites)
    now, need = np.zeros(runs * lengths, np.int32), np.empty(lengths, np.int64)
    slope, base, mu = np.empty(lengths), np.empty(lengths), np.empty(lengths)
    # the end of the counters that a child with several cases has not yet moved in a run, one row a child met in this zone
    free = np.empty((64, runs), np.int32)
    row, met = np.full(again.max() + 1, -1, np.int64), np.empty(again.max() + 1, np.int64)
    visited = 0
    for centre in range(share, sites, shares):
        near = zone(centre, x, y, order, low, high, reach, found, apart)
        now[:], need[:], mu[:], held, rows = 0, least, 0.0, 0, 0
        for k in range(near):
            site = found[k]
            held += opens[site + 1] - opens[site]
            if held > limit:
                break
            for w in range(lengths):
                mu[w] += expected[site, w]
                if mu[w] <= 0.0 or mu[w] >= total:  # no date of this length to deal, or no other
                    need[w] = total + 1
                    continue
                slope[w] = np.log(mu[w]) - np.log(total - mu[w])
                base[w] = total * np.log(total - mu[w])
                c = max(need[w], int(mu[w]) + 1)
                while c <= held and f[c] - c * slope[w] - base[w] <= floor:
                    c += 1
                need[w] = c
            for case in range(opens[site], opens[site + 1]):
                mine = again[case]
                if mine >= 0 and row[mine] < 0:
                    if rows == len(free):
                        wider = np.empty((2 * rows, runs), np.int32)
                        wider[:rows] = free
                        free = wider
                    free[rows] = LAST
                    row[mine], met[rows] = rows, mine
                    rows += 1
                for e in range(begin[case], begin[case + 1]):
                    run, w, until = entry[e] // lengths, entry[e] % lengths, stop[e]
                    if mine >= 0:
                        until = min(until, free[row[mine], run])
                        free[row[mine], run] = min(until, entry[e])
                    for counter in range(entry[e], until):
                        now[counter] += 1
                        c = now[counter]
                        if c >= need[w]:
                            value = f[c] - c * slope[w] - base[w]
                            best[run] = max(best[run], value)
                        w += 1
        for k in range(rows):
            row[met[k]] = -1
        visited += 1
        if visited % 8 == 0:
            floor = best.min()
    return best
