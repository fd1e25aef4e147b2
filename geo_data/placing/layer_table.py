"""One layer's table of named things, opened: what it holds of a name or an area, and where that lies.

`geo_data.placing.names` makes such tables and looks into those of all layers at once. Coordinates are EPSG:27700 metres.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from geo_data.distinct import distinct
from geo_data.placing.array_folder import Arrays

Rows = npt.NDArray[np.int64]
NOTHING: Rows = np.zeros(0, dtype=np.int64)
CELL_M = 1_000
COLUMN = 1 << 12  # cells in a column of the grid: northings up to 4,096 km
_SAME_M = 100.0  # two layers' rows of one name are one thing when their circles lie this close
_BITS = 16  # marks for each key of an index
_FEW_PAIRS = 4_000  # so many distances are worked out sooner than a tree of points is built


class Located(NamedTuple):
    """Rows in rising order and their points: for each its easting, northing and radius_m (whole metres)."""

    rows: Rows
    points: npt.NDArray[np.int32]

    @property
    def e(self) -> npt.NDArray[np.int32]:
        return self.points[:, 0]

    @property
    def n(self) -> npt.NDArray[np.int32]:
        return self.points[:, 1]

    def only(self, kept: Any) -> Located:
        """Those of some numbers, or where an array is true."""
        return Located(self.rows[kept], self.points[kept])


NOWHERE = Located(NOTHING, np.zeros((0, 3), dtype=np.int32))


@dataclass(frozen=True)
class Table:
    """One layer's arrays, without their prefix."""

    arrays: Arrays
    source: str
    marking: str = ""

    def __post_init__(self) -> None:  # a plain view of each memory map: indexing it takes a fraction of the time
        object.__setattr__(self, "arrays", {name: np.asarray(array) for name, array in self.arrays.items()})

    def __len__(self) -> int:
        return len(self.arrays["e"])

    @cached_property
    def marks(self) -> dict[str, tuple[bytes, int]]:
        """For each index one bit of the last bits of every key that it holds, and the greatest such number.

        Most groups of words name nothing: a bit that is not set says so without a search, and 15 of 16 others are not set.
        """
        found = {}
        for index in ("name", "area"):
            keys = self.arrays[f"{index}_key"]
            most = (1 << max(10, (_BITS * len(keys)).bit_length())) - 1
            bits = np.zeros(most + 1, dtype=np.bool_)
            bits[keys & most] = True
            found[index] = np.packbits(bits, bitorder="little").tobytes(), most
        return found

    @cached_property
    def _read(self) -> dict[str, memoryview]:
        """The same arrays, of which one element is read in a quarter of the time."""
        return {name: array.data for name, array in self.arrays.items() if array.dtype.kind in "iu"}

    def rows_of(self, index: str, wanted: int) -> Rows:
        """The rows of a key, rising; none when it is not there."""
        read = self._read
        keys = read[f"{index}_key"]
        at = bisect_left(keys, wanted)
        if at == len(keys) or keys[at] != wanted:
            return NOTHING
        starts = read[f"{index}_start"]
        return self.arrays[f"{index}_row"][starts[at] : starts[at + 1]].astype(np.int64)

    def near(self, easting: float, northing: float, radius_m: float) -> Rows:
        keys, low, high = self.arrays["cell_key"], northing - radius_m, northing + radius_m
        columns = np.arange(int(easting - radius_m) // CELL_M, int(easting + radius_m) // CELL_M + 1) * COLUMN
        # Of the type of the keys: searching for another type would convert all keys each time.
        first, last = ((columns + int(edge) // CELL_M).astype(keys.dtype) for edge in (low, high))
        starts, ends = keys.searchsorted(first), keys.searchsorted(last, side="right")
        parts = [self.arrays["cell_row"][start:end] for start, end in zip(starts, ends, strict=True) if end > start]
        if not parts:
            return NOTHING
        rows = np.concatenate(parts).astype(np.int64)
        far = np.hypot(self.arrays["e"][rows] - easting, self.arrays["n"][rows] - northing)
        return np.sort(rows[far <= radius_m])

    def number(self, column: str, row: int) -> int:
        return int(self._read[column][row])

    def text(self, column: str, row: int) -> str:
        """The text of a row, empty where it has none. `column` is one of `TEXTS`."""
        read = self._read
        number = read[column][row]
        if number < 0:
            return ""
        at = read[f"{column}s_at"]
        return str(read[f"{column}s"][at[number] : at[number + 1]], "utf-8")

    @cached_property
    def _points(self) -> npt.NDArray[np.int32]:
        """Side by side, so that one look into memory finds all of a row."""
        return np.column_stack([self.arrays[axis] for axis in ("e", "n", "radius")])

    def located(self, rows: Rows, first: int) -> Located:
        """Some of its rows, as they count through all tables from `first` on."""
        return Located(rows + first, self._points[rows])

    def spellings(self, rows: Rows, ending: bytes) -> list[str]:
        """The distinct own names of rows, normalised, that are longer than this end of them."""
        at, data = self.arrays["name_texts_at"], self.arrays["name_texts"]
        numbers = self.arrays["own"][rows]
        numbers = numbers[at[numbers + 1] - at[numbers] > len(ending)]
        for back, sign in enumerate(reversed(ending), start=1):
            numbers = numbers[data[at[numbers + 1] - back] == sign]
        numbers = distinct(numbers)
        spans = zip(at[numbers].tolist(), at[numbers + 1].tolist(), strict=True)
        return [str(data.data[start:end], "utf-8") for start, end in spans]


def together(found: list[Located]) -> Located:
    """What several layers have, one behind the other."""
    if len(found) < 2:
        return found[0] if found else NOWHERE
    return Located(np.concatenate([each.rows for each in found]), np.concatenate([each.points for each in found]))


def merged(found: list[Located]) -> Located:
    """What several layers have, in order of preference, without what a preferred layer holds nearby."""
    kept = found[:1]
    for more in found[1:]:
        held = together(kept)
        if len(held.rows) * len(more.rows) <= _FEW_PAIRS:
            apart = np.hypot(more.e[:, None] - held.e, more.n[:, None] - held.n)
            which, distance = apart.argmin(axis=1), apart.min(axis=1)
        else:
            distance, which = cKDTree(held.points[:, :2]).query(more.points[:, :2])
        kept.append(more.only(distance > np.maximum(held.points[which, 2], more.points[:, 2]) + _SAME_M))
    return together(kept)
