"""Runs of positions in sorted columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def expand(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Every position of the slices [low, high): which slice, which position."""
    size = np.maximum(high - low, 0)
    owner = np.repeat(np.arange(len(size)), size)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(size) - size - low, size)
