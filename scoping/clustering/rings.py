"""Outlines of one or more rings each, kept as three columns: ten thousand of them are as quick to pass on as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import overload

import numpy as np

from scoping.clustering.points import Floats, Ints
from scoping.clustering.runs import expand


@dataclass(frozen=True, eq=False)
class Rings(Sequence[tuple[Floats, ...]]):
    """A sequence of outlines; each is a tuple of closed rings, (n, 2) arrays of easting and northing.

    `corners`: those of all rings one after the other, (n, 2), the first of a ring not repeated; `ring`: where each ring begins
    among the corners, and their number; `outline`: where each outline begins among the rings, and their number.
    """

    corners: Floats
    ring: Ints
    outline: Ints

    @classmethod
    def of(cls, outlines: Sequence[Sequence[Floats]]) -> Rings:
        """These outlines of closed rings."""
        rings = list(chain.from_iterable(outlines))
        return cls(np.concatenate([np.empty((0, 2)), *(ring[:-1] for ring in rings)]), _begin([len(ring) - 1 for ring in rings]),
                   _begin([len(each) for each in outlines]))

    def __len__(self) -> int:
        return len(self.outline) - 1

    @overload
    def __getitem__(self, at: int) -> tuple[Floats, ...]: ...

    @overload
    def __getitem__(self, at: slice) -> list[tuple[Floats, ...]]: ...

    def __getitem__(self, at: int | slice) -> tuple[Floats, ...] | list[tuple[Floats, ...]]:
        if isinstance(at, slice):
            return [self[k] for k in range(len(self))[at]]
        k = range(len(self))[at]  # raises IndexError where there is none
        ends = self.ring[self.outline[k]:self.outline[k + 1] + 1].tolist()
        return tuple(self.corners[[*range(a, z), a]] for a, z in pairwise(ends))

    def take(self, at: Ints) -> Rings:
        """The outlines with these numbers, in this order."""
        many = np.diff(self.outline)[at]
        _, ring = expand(self.outline[at], self.outline[at + 1])
        _, corner = expand(self.ring[ring], self.ring[ring + 1])
        return Rings(self.corners[corner], _begin(np.diff(self.ring)[ring]), _begin(many))


def _begin(sizes: Sequence[int] | Ints) -> Ints:
    """Where each of that many begins, and their number."""
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(np.asarray(sizes, dtype=np.int64))))
