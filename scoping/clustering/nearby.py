"""Which sites lie near which: found once, for all windows and for all worlds that differ in dates alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoping.clustering.once import once

Lists = tuple[NDArray[np.int64], NDArray[np.int32]]  # where each site's neighbours begin, and they


@dataclass(frozen=True)
class Nearby:
    """Neighbours of sites at `e`, `n` (metres, by (northing, easting)); a site is not its own."""

    e: NDArray[np.float64]
    n: NDArray[np.float64]
    eps_m: float

    @once
    def whole(self) -> Lists:
        """Within eps."""
        return _within(self.e, self.n, self.eps_m)

    @once
    def half(self) -> Lists:
        """Within eps/2: in the disc of a footprint."""
        from scoping.clustering.strips import nearer

        begin, near = nearer(self.e, self.n, *self.whole, self.eps_m / 2)
        return begin, near


def _within(e: NDArray[np.float64], n: NDArray[np.float64], reach_m: float) -> Lists:
    from scoping.clustering.strips import neighbours

    begin, near = neighbours(e, n, reach_m)
    return begin, near
