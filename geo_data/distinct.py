"""Different values of many numbers, quickly."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)


def distinct(numbers: NDArray[Number]) -> NDArray[Number]:
    """The different values of a column, rising; what `np.unique` gives.

    Since NumPy 2.3 that finds whole numbers by hashing before it sorts: for values that lie apart it takes 15 to 40 times as long
    (two million places: 2.5 s for 0.15 s; its issue 28375).
    """
    rising = np.sort(numbers)
    first = np.ones(len(rising), dtype=np.bool_)
    np.not_equal(rising[1:], rising[:-1], out=first[1:])
    return rising[first]
