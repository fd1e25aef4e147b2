"""Points of one name joined to chains, and the circle of each chain."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def chains(name: npt.NDArray[Any], easting: Floats, northing: Floats, link_m: float) -> Numbers:
    """The chain of each point: points of one name (an integer each) belong together when steps of at most `link_m` join them.

    Chains are numbered 0, 1, ... by their first point. One search serves all names: a third axis sets them apart.
    """
    if not len(name):
        return np.zeros(0, dtype=np.int64)
    # Points on the same spot are one point of the search: large users share a spot by the hundred.
    spot, point = np.unique(np.column_stack([np.asarray(name, dtype=np.float64) * 3 * link_m, easting, northing]),
                            axis=0, return_inverse=True)
    pairs = cKDTree(spot, balanced_tree=False, compact_nodes=False).query_pairs(link_m, output_type="ndarray")
    joined = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(spot), len(spot)))
    chain = connected_components(joined, directed=False)[1][point.ravel()]
    _, first, number = np.unique(chain, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return np.asarray(rank[number], dtype=np.int64)


def circles(chain: Numbers, easting: Floats, northing: Floats, *, least: float, own: Floats | float = 0.0,
            ) -> tuple[Floats, Floats, Floats, Numbers]:
    """Centre (mean), radius and first point of each chain.

    The radius holds nine in ten of its points, each of which is exact to its `own` radius only, and is at least `least`.
    """
    count = np.bincount(chain)
    e, n = np.bincount(chain, easting) / count, np.bincount(chain, northing) / count
    distance = np.hypot(np.hypot(easting - e[chain], northing - n[chain]), own)
    order = np.lexsort((distance, chain))
    start = np.concatenate(([0], np.cumsum(count)[:-1]))
    radius = distance[order[start + np.ceil(0.9 * (count - 1)).astype(np.int64)]]
    first = np.full(len(count), len(chain), dtype=np.int64)
    np.minimum.at(first, chain, np.arange(len(chain)))
    return e, n, np.maximum(radius, least), first
