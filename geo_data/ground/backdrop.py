"""What lies under a printed map: how built-up the ground is and what places are called, from the gazetteer alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from geo_data.placing.gazetteer import Gazetteer

SIDE_M = 100.0
LEAST_PEOPLE = 4_000
MAX_SQUARES = 1_500  # a side: squares grow for a wider area
_FULL = 3.0  # postcodes in a square (of 100 m, smoothed) at which it is drawn darkest


class Ground(NamedTuple):
    """Squares from `left`, `bottom` (EPSG:27700 metres), `side` wide, rows from the south, 0 to 1; names with people."""

    left: float
    bottom: float
    side: float
    built: npt.NDArray[np.float32]
    labels: tuple[tuple[str, float, float, int], ...]


def ground(gazetteer: Gazetteer, left: float, bottom: float, right: float, top: float) -> Ground:
    """The ground inside the bounds; names of places above 4,000 people, or of the largest where there are none, largest first."""
    side = max(SIDE_M, float(np.ceil(max(right - left, top - bottom) / MAX_SQUARES / SIDE_M)) * SIDE_M)
    shape = (int(np.ceil((top - bottom) / side)), int(np.ceil((right - left) / side)))
    counts = np.zeros(shape, dtype=np.float32)
    names: dict[tuple[str, int, int], tuple[str, float, float, int]] = {}
    for part in gazetteer.parts:
        e, n = (np.asarray(part.arrays[name], dtype=np.float64) for name in ("postcode_e", "postcode_n"))
        column, row = ((e - left) // side).astype(np.int64), ((n - bottom) // side).astype(np.int64)
        inside = (e >= 0) & (column >= 0) & (column < shape[1]) & (row >= 0) & (row < shape[0])
        np.add.at(counts, (row[inside], column[inside]), 1.0)
        e, n = (np.asarray(part.arrays[name], dtype=np.float64) for name in ("place_e", "place_n"))
        near = np.flatnonzero((e > left) & (e < right) & (n > bottom) & (n < top))
        for at in near.tolist():
            name, people = str(part.arrays["place_name"][at]), int(part.arrays["place_population"][at])
            names.setdefault((name, int(e[at] // 1_000), int(n[at] // 1_000)), (name, float(e[at]), float(n[at]), people))
    labels = sorted(names.values(), key=lambda label: (-label[3], label[0]))
    large = [label for label in labels if label[3] >= LEAST_PEOPLE] or labels[:3]
    smooth = ndimage.gaussian_filter(counts, 0.7)
    return Ground(left, bottom, side, np.clip(smooth / _FULL, 0, 1).astype(np.float32), tuple(large[:60]))
