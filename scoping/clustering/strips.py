"""Sites by strips of height eps: the order in which neighbours are met without a tree; compiled loops."""

from __future__ import annotations

import numpy as np

from scoping.clustering.compiling import compiled

SLACK = 1 + 1e-9  # strips and reach are this much wider than eps, so that rounding hides no neighbour


@compiled
def strips(e, n, eps):
    """Sites, which come by northing, in order of (strip, easting): the site at each position, and its strip."""
    count = len(e)
    line, strip = np.empty(count, np.int32), np.empty(count, np.int64)
    k = 0
    while k < count:
        row = int(np.floor(n[k] / (eps * SLACK)))
        until = k + 1
        while until < count and int(np.floor(n[until] / (eps * SLACK))) == row:
            until += 1
        line[k:until] = k + np.argsort(e[k:until], kind="mergesort")  # of equal eastings the lower northing first
        strip[k:until] = row
        k = until
    return line, strip


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
        line[k:until] = k + np.argsort(e[k:until], kind="mergesort")  # of equal eastings the lower northing first
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
def nearer(e, n, begin, near, eps):
    """Of the neighbours of each site those within a smaller eps: begin, neighbours."""
    found, kept, count = np.zeros(len(begin), np.int64), np.empty(len(near), np.int32), 0
    for i in range(len(e)):
        for q in range(begin[i], begin[i + 1]):
            j = near[q]
            kept[count] = j
            count += (e[i] - e[j]) ** 2 + (n[i] - n[j]) ** 2 <= eps * eps
        found[i + 1] = count
    return found, kept[:count].copy()
