"""The own area of a force or authority: how far a point lies from it.

A grid of 1 km cells, filled where the area has a postcode. Source of the postcodes' districts: the gazetteer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo_data.distinct import distinct
from geo_data.errors import InputError
from geo_data.placing.districts import codes_of

if TYPE_CHECKING:
    from geo_data.placing.gazetteer import Gazetteer
    from geo_data.placing.gazetteer_part import Part

Extent = tuple[float, float, float, float]
CELL_M = 1_000
BEYOND = 2  # level: 0 in the own area, 1 near it
SHAPE = (700, 1_300)
NEIGHBOUR_M = 20_000.0
_MOST_KEPT = 1_000
Grid = npt.NDArray[np.bool_]


def district_cells(parts: Iterable[Part]) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The 1 km cells of each district: codes, and for every cell of every district its number in them, rising, and the cell.

    A cell is column * SHAPE[1] + row; a cell on a boundary belongs to every district that has a postcode in it.
    """
    codes: list[str] = []
    pairs = [np.zeros(0, dtype=np.int64)]
    size = SHAPE[0] * SHAPE[1]
    for part in parts:
        if "postcode_district" not in part.arrays:
            continue
        e, n = (np.asarray(part.arrays[f"postcode_{axis}"]) for axis in ("e", "n"))
        cell = np.minimum(e // CELL_M, SHAPE[0] - 1) * SHAPE[1] + np.minimum(n // CELL_M, SHAPE[1] - 1)
        pair = (np.asarray(part.arrays["postcode_district"]).astype(np.int64) + len(codes)) * size + cell
        new = e >= 0  # postcodes are in order, so that most lie in the cell of the one before
        new[1:] &= (pair[1:] != pair[:-1]) | ~new[:-1]
        pairs.append(distinct(pair[new]))
        codes += part.arrays["districts"].tolist()
    pair = np.concatenate(pairs)
    return codes, pair // size, pair % size


def cells(gazetteer: Gazetteer, codes: Iterable[str]) -> Grid:
    """The 1 km cells in which a district of these codes has a postcode."""
    grid = np.zeros(SHAPE[0] * SHAPE[1], dtype=bool)
    grid[cell_numbers(gazetteer, codes)] = True
    return grid.reshape(SHAPE)


def cell_numbers(gazetteer: Gazetteer, codes: Iterable[str]) -> npt.NDArray[np.int64]:
    """The filled ones of these `cells`, rising: column * SHAPE[1] + row."""
    held, district, cell = gazetteer.district_cells
    wanted = frozenset(codes)
    numbers = np.array([number for number, code in enumerate(held) if code in wanted], dtype=district.dtype)
    starts, ends = (np.searchsorted(district, numbers, side=side).tolist() for side in ("left", "right"))
    return distinct(np.concatenate([np.zeros(0, np.int64), *(cell[a:b] for a, b in zip(starts, ends, strict=True))]))


def districts_at(gazetteer: Gazetteer, easting: npt.ArrayLike, northing: npt.ArrayLike) -> list[frozenset[str]]:
    """The districts that have a postcode in the 1 km cell of each point: one as a rule, more on a boundary, none in the wild."""
    held, district, cell = gazetteer.district_cells
    column, row = _cell(easting, northing)
    return [frozenset(held[number] for number in district[cell == wanted]) for wanted in np.atleast_1d(column * SHAPE[1] + row)]


def cell_at(easting: float, northing: float) -> int:
    """The number of the cell in which a point lies (as in `cell_numbers`)."""
    column = min(max(int(easting // CELL_M), 0), SHAPE[0] - 1)
    return column * SHAPE[1] + min(max(int(northing // CELL_M), 0), SHAPE[1] - 1)


def _cell(easting: npt.ArrayLike, northing: npt.ArrayLike) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    column = np.minimum(np.maximum(_kilometres(easting), 0), SHAPE[0] - 1)
    row = np.minimum(np.maximum(_kilometres(northing), 0), SHAPE[1] - 1)
    return column, row


def _kilometres(axis: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """`axis // CELL_M` of metres: whole numbers are divided in a tenth of the time."""
    return np.floor(axis).astype(np.intp) // CELL_M


@dataclass(frozen=True)
class Home:
    """Where the own area lies. `name` is used in reasons; `codes` are its districts, none for an extent.

    `levels` covers the cells from `origin` on that lie within `NEIGHBOUR_M` of it, with an edge of others around them.
    """

    name: str
    levels: npt.NDArray[np.int8]
    origin: tuple[int, int]
    codes: frozenset[str] = frozenset()

    def level(self, easting: npt.ArrayLike, northing: npt.ArrayLike) -> npt.NDArray[np.int8]:
        """0 inside the own area, 1 within `NEIGHBOUR_M` of it, 2 beyond."""
        wide, high = self.levels.shape
        column = np.minimum(np.maximum(_kilometres(easting) - self.origin[0], 0), wide - 1)
        row = np.minimum(np.maximum(_kilometres(northing) - self.origin[1], 0), high - 1)
        return np.asarray(self.levels[column, row])

    @property
    def reach(self) -> Extent:
        """A box around it and what lies near."""
        west, south = (axis * CELL_M for axis in self.origin)
        return west, south, west + self.levels.shape[0] * CELL_M, south + self.levels.shape[1] * CELL_M

    def level_at(self, easting: float, northing: float) -> int:
        """The `level` of one point, in a tenth of the time."""
        wide, high = self.levels.shape
        column = min(max(int(easting // CELL_M) - self.origin[0], 0), wide - 1)
        return int(self.levels[column, min(max(int(northing // CELL_M) - self.origin[1], 0), high - 1)])


def home(area: str | Iterable[str] | Extent, gazetteer: Gazetteer, name: str = "") -> Home:
    """The own area: a police force, county or district by name or GSS code, several of them, or an extent.

    An extent is (least easting, least northing, greatest easting, greatest northing) in EPSG:27700 metres. `name` is what it is
    called in reasons, by default its names joined. Worked out once for each gazetteer. Raises `InputError` for a name that is
    not known.
    """
    given: tuple[str | float, ...] = (area,) if isinstance(area, str) else tuple(area)
    found = gazetteer.homes.get((given, name))
    if found is None:
        if len(gazetteer.homes) > _MOST_KEPT:
            gazetteer.homes.clear()
        found = gazetteer.homes[given, name] = _home(given, gazetteer, name)
    return found


def _home(given: tuple[str | float, ...], gazetteer: Gazetteer, name: str) -> Home:
    codes = frozenset[str]()
    if len(given) == 4 and not any(isinstance(part, str) for part in given):
        grid, own = _box(tuple(float(part) for part in given)), "the area given"  # type: ignore[arg-type]
    else:
        names = [str(part) for part in given]
        unknown = [part for part in names if not codes_of(part)]
        if unknown or not names:
            raise InputError("There is no police force, county or district of that name.", where="area",
                             fix="Give a name such as 'Greater Manchester Police' or 'Rochdale', or GSS codes.")
        codes = frozenset().union(*map(codes_of, names))
        grid, own = _grown(cells(gazetteer, codes), 1), " and ".join(names)
    if not grid.any():
        raise InputError("The area is empty.", where="area", fix="Give an area in Great Britain.")
    return Home(name or own, *_levels(grid), codes)


def _levels(grid: Grid) -> tuple[npt.NDArray[np.int8], tuple[int, int]]:
    """The levels of the cells around the filled ones, and the first of those cells."""
    margin = int(NEIGHBOUR_M // CELL_M) + 2
    edges = [np.flatnonzero(grid.any(axis=axis)) for axis in (1, 0)]
    low, high = ([int(edge[end]) for edge in edges] for end in (0, -1))
    part = np.pad(grid[low[0] : high[0] + 1, low[1] : high[1] + 1], margin)
    near = _grown(part, int(NEIGHBOUR_M // CELL_M))
    return np.where(part, 0, np.where(near, 1, 2)).astype(np.int8), (low[0] - margin, low[1] - margin)


def _grown(grid: Grid, reach: int) -> Grid:
    """The cells whose middle lies within so many cells of that of a filled one."""
    wide, high = grid.shape
    filled = np.zeros((wide + 2 * reach, high + 2 * reach + 1), dtype=np.int32)
    filled[reach : reach + wide, reach + 1 : reach + 1 + high] = grid
    before = filled.cumsum(axis=1, dtype=np.int32)  # filled cells of a column below each
    found = np.zeros(grid.shape, dtype=bool)
    for column in range(-reach, reach + 1):
        rows = isqrt(reach**2 - column**2)
        held = before[reach + column : reach + column + wide]
        found |= held[:, reach + rows + 1 : reach + rows + 1 + high] > held[:, reach - rows : reach - rows + high]
    return found


def _box(extent: Extent) -> Grid:
    grid = np.zeros(SHAPE, dtype=bool)
    e0, n0, e1, n1 = (max(0, int(axis // CELL_M)) for axis in extent)
    grid[e0 : e1 + 1, n0 : n1 + 1] = True
    return grid
