"""The eps-graph of a block of windows, and who is core in it.

A block is a run of windows that share one set of sites and one neighbour search. Its unit
is the *cell*: one site in one window, numbered window by window and within a window by site.
Coincident points are one site, so a children's home with thousands of episodes costs one
cell; pairs are pairs of sites.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from scoping.points import Floats, Ints
from scoping.runs import distinct

MAX_EDGES = 40_000_000  # pairs x windows held at once; beyond it a block is halved


@dataclass(frozen=True)
class Cells:
    """One block: `visit` is the cell of each (window, point); `flat` cells are window * sites + local site."""

    windows: int
    sites: Ints  # global site of each local site, rising
    visit: Ints
    active: NDArray[np.bool_]  # some point lies there in that window
    left: Ints  # edges between active cells of one window, d <= eps, left < right
    right: Ints

    @property
    def count(self) -> int:
        return len(self.active)


def cells(window: Ints, site: Ints, *, windows: int, site_e: Floats, site_n: Floats, eps: float) -> Cells | None:
    """The cells and edges of the visits (window, site); None when the block is too large and must be halved."""
    present = np.zeros(len(site_e), dtype=bool)
    present[site] = True
    sites = np.flatnonzero(present)
    local = np.zeros(len(site_e), dtype=np.int64)
    local[sites] = np.arange(len(sites))
    n = len(sites)
    visit = window * n + local[site]
    active = np.zeros(windows * n, dtype=bool)
    active[visit] = True
    i, j = _pairs(site_e[sites], site_n[sites], eps)
    if windows > 1 and len(i) * windows > MAX_EDGES:
        return None
    if windows > 1:
        grid = active.reshape(windows, n)
        both = np.flatnonzero(grid[:, i] & grid[:, j])
        at, pair = np.divmod(both, max(len(i), 1))
        i, j = at * n + i[pair], at * n + j[pair]
    return Cells(windows, sites, visit, active, i, j)


def _pairs(e: Floats, n: Floats, eps: float) -> tuple[Ints, Ints]:
    """Pairs of different sites within eps, closed ball, i < j."""
    if len(e) < 2:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    tree = cKDTree(np.column_stack((e, n)), compact_nodes=False, balanced_tree=False)
    found = tree.query_pairs(eps, output_type="ndarray")
    return found[:, 0], found[:, 1]


def core_by_points(block: Cells, minimum: int) -> NDArray[np.bool_]:
    """Cells with at least `minimum` points within eps, themselves included: scikit-learn's core rule."""
    weight = np.bincount(block.visit, minlength=block.count)
    return block.active & (_neighbour_sum(block, weight) >= minimum)


def core_by_children(block: Cells, person: Ints, persons: int, minimum: int) -> NDArray[np.bool_]:
    """Cells with at least `minimum` different children within eps (METHODS 2.4).

    Exact. Only cells in doubt are counted in full: the sum of each site's children is an upper
    bound (a child at two sites counts twice), and one neighbour with enough children settles it.
    So a site in the full count has fewer than `minimum` children, however many its points.
    """
    key = distinct(block.visit * persons + person)
    cell, child = np.divmod(key, max(persons, 1))
    kids = np.bincount(cell, minlength=block.count)
    enough = kids >= minimum
    core = enough.copy()
    core[block.left[enough[block.right]]] = True
    core[block.right[enough[block.left]]] = True
    doubt = block.active & ~core & (_neighbour_sum(block, kids) >= minimum)
    targets = np.flatnonzero(doubt)
    if len(targets):
        number = np.cumsum(doubt) - 1
        to_left, to_right = doubt[block.left], doubt[block.right]
        rows = np.concatenate((number[block.left[to_left]], number[block.right[to_right]], number[targets]))
        cols = np.concatenate((block.right[to_left], block.left[to_right], targets))
        near = csr_array((np.ones(len(rows), np.int32), (rows, cols)), shape=(len(targets), block.count))
        starts = np.concatenate(([0], np.cumsum(kids)))
        there = csr_array((np.ones(len(child), np.int32), child, starts), shape=(block.count, persons))
        core[targets] = np.diff((near @ there).indptr) >= minimum
    return core & block.active


def _neighbour_sum(block: Cells, weight: Ints) -> Ints:
    total = weight + np.bincount(block.left, weight[block.right], block.count)
    total += np.bincount(block.right, weight[block.left], block.count)
    return total.astype(np.int64)
