"""Lines as short texts, in the Encoded Polyline Algorithm Format (Google Maps Platform): a corner takes four characters or so.

Differences from corner to corner, in steps of 0.00001 degrees (about a metre), latitude before longitude; each as groups of five
bits from the lowest, a sixth bit on where more follow, plus 63. `marks.js` reads them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS = 100_000  # of a degree
MOST = 6  # groups of five bits that a difference of 360 degrees needs


def encode(lat: NDArray[np.float64], lon: NDArray[np.float64], begin: NDArray[np.int64]) -> list[str]:
    """One text a line, in WGS84 degrees; `begin` are the rows at which lines begin (each has at least one), rising from 0.

    Raises ValueError for a coordinate that is not finite.
    """
    if not len(begin):
        return []
    if not (np.isfinite(lat).all() and np.isfinite(lon).all()):
        raise ValueError("a corner that is nowhere")
    steps = np.round(np.column_stack((lat, lon)) * STEPS).astype(np.int64)
    moved = np.diff(steps, axis=0, prepend=0)
    moved[begin] = steps[begin]
    bits = np.where(moved < 0, ~(moved << 1), moved << 1).ravel()
    groups = np.ones(len(bits), np.int64)
    for k in range(1, MOST):
        groups += bits >= 1 << 5 * k
    ends = np.cumsum(groups)
    letters = np.zeros(ends[-1], np.uint8)
    for k in range(MOST):
        has = groups > k
        more = (groups[has] > k + 1) * 0x20
        letters[ends[has] - groups[has] + k] = (bits[has] >> 5 * k & 0x1F | more) + 63
    text = letters.tobytes().decode("ascii")
    first = (ends - groups)[2 * begin].tolist()
    return [text[at:until] for at, until in zip(first, [*first[1:], len(text)], strict=True)]
