"""The fixed map of regions that published counts are made on; drawn from addresses alone.

A region is a 500 m cell, or cells joined until they hold enough addresses. Within each 4,000 m block: a square
whose four quarters all hold enough is cut into them; quarters that hold too few are joined, and if they
are still too few together, the quarter that holds the least of the others joins them. So regions never overlap, none
depends on a record, and a remote place lends its neighbours no detail. A block with too few addresses has no region.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geo_data.errors import DisclosureError

Ints = NDArray[np.int64]
CELL_M = 500
BLOCK_M = 4_000
_ROW = 1 << 20  # cells in a row of the numbering


@dataclass(frozen=True)
class Addresses:
    """Estimated addresses of 500 m cells of the British National Grid: parallel arrays, one entry a cell that has any.

    `cell_e`, `cell_n`: easting and northing of the south-west corner divided by 500.
    """

    cell_e: Ints
    cell_n: Ints
    count: Ints

    def __post_init__(self) -> None:
        if not len(self.cell_e) == len(self.cell_n) == len(self.count):
            raise DisclosureError("The counts of addresses do not fit together.", where="addresses")

    @cached_property
    def stamp(self) -> str:
        """A short text that is another for other counts: releases of one place must be drawn on one grid."""
        order = np.lexsort((self.cell_e, self.cell_n))
        rows = np.column_stack((self.cell_e, self.cell_n, self.count))[order].astype("<i4")
        return hashlib.sha256(rows.tobytes()).hexdigest()[:12]

    def dump(self) -> bytes:
        """As bytes, for the register of releases."""
        return zlib.compress(np.column_stack((self.cell_e, self.cell_n, self.count)).astype("<i4").tobytes(), 6)

    @classmethod
    def load(cls, data: bytes) -> Addresses:
        """What `dump` gave."""
        e, n, count = np.frombuffer(zlib.decompress(data), dtype="<i4").reshape(-1, 3).T.astype(np.int64)
        return cls(e, n, count)

    @classmethod
    def of(cls, easting: NDArray[np.float64], northing: NDArray[np.float64], each: Ints) -> Addresses:
        """From points (EPSG:27700 metres) that stand for `each` addresses."""
        key = np.floor(northing / CELL_M).astype(np.int64) * _ROW + np.floor(easting / CELL_M).astype(np.int64)
        cell, where = np.unique(key, return_inverse=True)
        count = np.bincount(where, weights=each, minlength=len(cell)).astype(np.int64)
        return cls(cell % _ROW, cell // _ROW, count)


@dataclass(frozen=True)
class Partition:
    """Regions with at least `least` addresses, cut no finer than `cell_m`. Blocks are cut when first asked for."""

    addresses: Addresses
    least: int = 20
    cell_m: int = CELL_M
    _blocks: dict[tuple[int, int], Ints] = field(default_factory=dict, repr=False, compare=False)
    _cells: dict[int, list[tuple[int, int]]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def stamp(self) -> str:
        """What tells this partition from another."""
        return f"{self.addresses.stamp}-{self.least}-{self.cell_m}"

    @cached_property
    def _sorted(self) -> tuple[Ints, Ints]:
        key = self.addresses.cell_n * _ROW + self.addresses.cell_e
        order = np.argsort(key)
        return key[order], self.addresses.count[order]

    def regions(self, easting: NDArray[np.float64], northing: NDArray[np.float64]) -> Ints:
        """The region of each place (EPSG:27700 metres), by the number of its first cell; -1 where there is none."""
        e, n = (np.floor(axis / CELL_M).astype(np.int64) for axis in (easting, northing))
        side = BLOCK_M // CELL_M
        region = np.full(len(e), -1, dtype=np.int64)
        blocks, where = np.unique((n // side) * _ROW + e // side, return_inverse=True)
        for number, block in enumerate(blocks.tolist()):
            mine = where == number
            region[mine] = self._block(block % _ROW, block // _ROW)[n[mine] % side, e[mine] % side]
        return region

    def cells(self, region: int) -> list[tuple[int, int]]:
        """South-west corners (metres) of the region's 500 m cells, in order of (northing, easting)."""
        if region not in self._cells:
            side = BLOCK_M // CELL_M
            block_n, block_e = region // _ROW // side, region % _ROW // side
            rows, columns = np.nonzero(self._block(block_e, block_n) == region)
            self._cells[region] = [(int(block_e * side + c) * CELL_M, int(block_n * side + r) * CELL_M)
                                   for r, c in zip(rows, columns, strict=True)]
        return self._cells[region]

    def held(self, region: int) -> int:
        """Estimated addresses of a region."""
        e, n = np.array(self.cells(region)).T // CELL_M
        return int(self._counts(n * _ROW + e).sum())

    def _counts(self, cells: Ints) -> Ints:
        """Estimated addresses of each of the cells, which are numbered as regions are."""
        key, count = self._sorted
        at = np.minimum(np.searchsorted(key, cells), len(key) - 1)
        return np.where(key[at] == cells, count[at], 0) if len(key) else np.zeros(cells.shape, dtype=np.int64)

    def _block(self, block_e: int, block_n: int) -> Ints:
        """The region of each cell of a block, rows from the south."""
        if (block_e, block_n) not in self._blocks:
            side = BLOCK_M // CELL_M
            south, west = block_n * side, block_e * side
            number = (south + np.arange(side))[:, None] * _ROW + west + np.arange(side)
            counts = self._counts(number)
            label = self._cut(counts, 0)[0] if counts.sum() >= self.least else np.full((side, side), -1)
            first = {int(each): int(number[label == each].min()) for each in np.unique(label) if each >= 0}
            self._blocks[block_e, block_n] = np.vectorize(lambda each: first.get(int(each), -1), otypes=[np.int64])(label)
        return self._blocks[block_e, block_n]

    def _cut(self, counts: Ints, label: int) -> tuple[Ints, int]:
        """Labels from `label` of the regions of a square that holds enough, and the next free label."""
        side = len(counts)
        named = np.full(counts.shape, label, dtype=np.int64)
        if side * CELL_M <= self.cell_m or side == 1:
            return named, label + 1
        half = side // 2
        quarters = [(slice(r, r + half), slice(c, c + half)) for r in (0, half) for c in (0, half)]
        total = [int(counts[quarter].sum()) for quarter in quarters]
        rich = [k for k in range(4) if total[k] >= self.least]
        poor = [k for k in range(4) if total[k] < self.least]
        if rich and poor and sum(total[k] for k in poor) < self.least:
            rich.remove(min(rich, key=lambda k: (total[k], k)))
        if len(rich) < 4:
            label += 1  # the quarters that are not cut keep the square's label
        for k in rich:
            named[quarters[k]], label = self._cut(counts[quarters[k]], label)
        return named, label
