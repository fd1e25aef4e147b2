"""From regions with enough children to places: neighbours joined, unless they grow too wide together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from scoping.showing.partition import CELL_M, Partition
from scoping.showing.rules import Rules

Ints = NDArray[np.int64]
LARGE_CELLS = 4  # a region of more cells than this is a place of its own


def distinct(region: Ints, child: Ints) -> tuple[Ints, Ints]:
    """The regions that hold records, and the different children of each."""
    width = int(child.max()) + 1 if len(child) else 1
    return np.unique(np.unique(region * width + child) // width, return_counts=True)


def join(named: Iterable[int], rules: Rules, partition: Partition) -> list[list[int]]:
    """Groups of regions that touch; a union that grows too wide is taken apart again."""
    named = list(named)
    of = {cell: region for region in named if len(cells := partition.cells(region)) <= LARGE_CELLS for cell in cells}
    parent = {region: region for region in named}

    def root(region: int) -> int:
        while parent[region] != region:
            region = parent[region]
        return region

    for (e, n), region in of.items():
        for beside in ((e + CELL_M, n), (e, n + CELL_M)):
            if beside in of:
                a, b = sorted((root(region), root(of[beside])))
                parent[b] = a
    groups: dict[int, list[int]] = {}
    for region in named:
        groups.setdefault(root(region), []).append(region)
    joined: list[list[int]] = []
    for group in groups.values():
        joined.extend([group] if _width(group, partition) <= rules.union_m else [[region] for region in group])
    return joined


def _width(group: list[int], partition: Partition) -> int:
    if len(group) == 1:
        return 0
    cells = np.array([cell for region in group for cell in partition.cells(region)])
    return int((cells.max(axis=0) - cells.min(axis=0)).max()) + CELL_M


def cells_of(regions: Iterable[int], partition: Partition) -> tuple[tuple[int, int], ...]:
    """South-west corners of the cells of a union, in order of (northing, easting)."""
    return tuple(sorted((cell for region in regions for cell in partition.cells(region)), key=lambda c: (c[1], c[0])))
