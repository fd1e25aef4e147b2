"""Bounds of the areas of unions of equal discs, from cells of a fixed lattice: compiled loops.

A cell whose centre lies within the radius less half the cell's diagonal lies in the disc as a whole; one whose centre lies
beyond the radius and half the diagonal does not touch it. Cells of the first kind are counted for the lower bound, all but
the second for the upper one. Most questions about two footprints need no more; the others are for `footprints`.
"""

from __future__ import annotations

import numpy as np

from scoping.clustering.compiling import compiled

CELLS = 5  # to a radius
MOST = 4_000_000  # cells of one box; what needs more has no bound
HALF = np.sqrt(0.5)  # of the diagonal of a cell of 1


@compiled
def areas(begin, e, n, radius):
    """Least and greatest area of each group; the discs of group g are begin[g] to begin[g + 1]."""
    low, high = np.zeros(len(begin) - 1), np.zeros(len(begin) - 1)
    scale = CELLS / radius
    scratch = np.zeros(1, np.int32)
    for g in range(len(begin) - 1):
        box = _box(begin[g], begin[g + 1], e, n, scale)
        size = (box[2] - box[0] + 2) * (box[3] - box[1] + 1)
        if size > MOST:
            low[g], high[g] = 0.0, np.inf
            continue
        if size > len(scratch):
            scratch = np.zeros(2 * size, np.int32)
        for outer in (False, True):
            _draw(scratch, box, begin[g], begin[g + 1], e, n, scale, outer)
            cells, held = 0, 0
            for k in range(size):
                held += scratch[k]
                cells += held > 0
                scratch[k] = 0
            if outer:
                high[g] = cells / scale**2
            else:
                low[g] = cells / scale**2
    return low, high


@compiled
def shared(one, two, enough, begin, e, n, radius):
    """Least and greatest area that groups `one` and `two` have in common, pair by pair; no greatest where the least is enough."""
    low, high = np.zeros(len(one)), np.zeros(len(one))
    scale = CELLS / radius
    first, second = np.zeros(1, np.int32), np.zeros(1, np.int32)
    for p in range(len(one)):
        a, b = (begin[one[p]], begin[one[p] + 1]), (begin[two[p]], begin[two[p] + 1])
        box_a, box_b = _box(a[0], a[1], e, n, scale), _box(b[0], b[1], e, n, scale)
        box = (max(box_a[0], box_b[0]), max(box_a[1], box_b[1]), min(box_a[2], box_b[2]), min(box_a[3], box_b[3]))
        if box[2] < box[0] or box[3] < box[1]:
            continue
        size = (box[2] - box[0] + 2) * (box[3] - box[1] + 1)
        if size > MOST:
            low[p], high[p] = 0.0, np.inf
            continue
        if size > len(first):
            first, second = np.zeros(2 * size, np.int32), np.zeros(2 * size, np.int32)
        for outer in (False, True):
            _draw(first, box, a[0], a[1], e, n, scale, outer)
            _draw(second, box, b[0], b[1], e, n, scale, outer)
            cells, held_a, held_b = 0, 0, 0
            for k in range(size):
                held_a += first[k]
                held_b += second[k]
                cells += (held_a > 0) & (held_b > 0)
                first[k] = second[k] = 0
            if outer:
                high[p] = cells / scale**2
            else:
                low[p] = cells / scale**2
                if low[p] >= enough[p]:
                    high[p] = np.inf
                    break
    return low, high


@compiled
def _box(first, until, e, n, scale):
    """West, south, east, north cells that hold all that the discs touch."""
    west = south = np.int64(2**62)
    east = north = np.int64(-(2**62))
    for d in range(first, until):
        x, y = np.int64(np.floor(e[d] * scale)), np.int64(np.floor(n[d] * scale))
        west, east, south, north = min(west, x), max(east, x), min(south, y), max(north, y)
    return west - CELLS - 1, south - CELLS - 1, east + CELLS + 1, north + CELLS + 1


@compiled
def _draw(scratch, box, first, until, e, n, scale, outer):
    """By how many the discs that hold a cell are more than those that hold the one before it, row by row.

    Each row has one more column than the box, so every row ends with none.
    """
    west, south, east, north = box
    columns = east - west + 2
    reach = CELLS + HALF if outer else CELLS - HALF
    for d in range(first, until):
        x, y = e[d] * scale - 0.5, n[d] * scale - 0.5  # in cells; a cell's number is its centre
        for row in range(max(south, np.int64(np.ceil(y - reach))), min(north, np.int64(np.floor(y + reach))) + 1):
            half = np.sqrt(max(reach * reach - (row - y) ** 2, 0.0))
            left, right = max(west, np.int64(np.ceil(x - half))), min(east, np.int64(np.floor(x + half)))
            if left <= right:
                at = (row - south) * columns - west
                scratch[at + left] += 1
                scratch[at + right + 1] -= 1
