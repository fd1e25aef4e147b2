"""The own area of a force or authority: how far a point lies from it.

A grid of 1 km cells, filled where the area has a postcode. Source of the postcodes' districts: the gazetteer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_dilation, distance_transform_edt

from geo_data.districts import codes_of
from geo_data.errors import InputError

if TYPE_CHECKING:
    from geo_data.gazetteer import Gazetteer

Extent = tuple[float, float, float, float]
CELL_M = 1_000
SHAPE = (700, 1_300)
NEIGHBOUR_M = 20_000.0
Grid = npt.NDArray[np.bool_]


def cells(gazetteer: Gazetteer, codes: Iterable[str]) -> Grid:
    """The 1 km cells in which a district of these codes has a postcode."""
    grid = np.zeros(SHAPE, dtype=bool)
    wanted = list(codes)
    for part in gazetteer.parts:
        if "postcode_district" not in part.arrays:
            continue
        member = np.isin(part.arrays["districts"], wanted)
        e, n = part.arrays["postcode_e"], part.arrays["postcode_n"]
        rows = np.flatnonzero(member[part.arrays["postcode_district"]] & (e >= 0))
        grid[np.minimum(e[rows] // CELL_M, SHAPE[0] - 1), np.minimum(n[rows] // CELL_M, SHAPE[1] - 1)] = True
    return grid


def at(grid: npt.NDArray[np.generic], easting: npt.ArrayLike, northing: npt.ArrayLike) -> npt.NDArray[np.generic]:
    """The values of the cells in which points lie; points beyond the edge get the cell at the edge."""
    e, n = (np.asarray(axis, dtype=np.float64) // CELL_M for axis in (easting, northing))
    return np.asarray(grid[np.clip(e, 0, SHAPE[0] - 1).astype(np.intp), np.clip(n, 0, SHAPE[1] - 1).astype(np.intp)])


@dataclass(frozen=True)
class Home:
    """Where the own area lies. `name` is used in reasons."""

    name: str
    distance_m: npt.NDArray[np.float32]

    def level(self, easting: npt.ArrayLike, northing: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """0 inside the own area, 1 within `NEIGHBOUR_M` of it, 2 beyond."""
        distance = at(self.distance_m, easting, northing).astype(np.float64)
        return np.asarray((distance > 0).astype(np.int64) + (distance > NEIGHBOUR_M))


def home(area: str | Iterable[str] | Extent, gazetteer: Gazetteer) -> Home:
    """The own area: a police force, county or district by name or GSS code, several of them, or an extent.

    An extent is (least easting, least northing, greatest easting, greatest northing) in EPSG:27700 metres.
    Raises `InputError` for a name that is not known.
    """
    given = (area,) if isinstance(area, str) else tuple(area)
    if len(given) == 4 and not any(isinstance(part, str) for part in given):
        grid, name = _box(tuple(float(part) for part in given)), "the area given"  # type: ignore[arg-type]
    else:
        names = [str(part) for part in given]
        unknown = [part for part in names if not codes_of(part)]
        if unknown or not names:
            raise InputError("There is no police force, county or district of that name.", where="area",
                             fix="Give a name such as 'Greater Manchester Police' or 'Rochdale', or GSS codes.")
        grid = binary_dilation(cells(gazetteer, frozenset().union(*map(codes_of, names))))
        name = " and ".join(names)
    if not grid.any():
        raise InputError("The area is empty.", where="area", fix="Give an area in England or Wales.")
    return Home(name, (distance_transform_edt(~grid) * CELL_M).astype(np.float32))


def _box(extent: Extent) -> Grid:
    grid = np.zeros(SHAPE, dtype=bool)
    e0, n0, e1, n1 = (max(0, int(axis // CELL_M)) for axis in extent)
    grid[e0 : e1 + 1, n0 : n1 + 1] = True
    return grid
