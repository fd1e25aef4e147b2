"""Where land is: a mask of 1 km cells derived from postcodes, to catch places recorded in the sea.

A cell is land when a postcode lies within about 3 km of it, or when such cells enclose it; in the
Highlands, where that leaves glens without a house, also when it lies between settled cells. The
coast is therefore generous: a place is called "in the sea" only when it is some kilometres out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo_data.grid import MAX_EASTING_M, MAX_NORTHING_M

CELL_M = 1_000.0
REACH_CELLS = 3.0
HIGHLANDS_ROW, HIGHLANDS_GAP_CELLS = 620, 9.0  # north of there, gaps up to twice that between settled cells are land
SHAPE = (int(MAX_NORTHING_M / CELL_M), int(MAX_EASTING_M / CELL_M))  # rows go north, columns east

Mask = npt.NDArray[np.bool_]


def mask(easting: npt.ArrayLike, northing: npt.ArrayLike) -> Mask:
    """Land mask (1300 rows north, 700 columns east) of the points given in EPSG:27700 metres."""
    row, column, inside = _cell(easting, northing)
    here = np.zeros(SHAPE, dtype=bool)
    here[row[inside], column[inside]] = True
    if not here.any():
        return here
    from scipy import ndimage  # where it is called: it takes a third of a second to load, which most commands need not wait for

    covered = _within(here, REACH_CELLS)
    closed = ~_within(~_within(here, HIGHLANDS_GAP_CELLS), HIGHLANDS_GAP_CELLS - REACH_CELLS)
    covered[HIGHLANDS_ROW:] |= closed[HIGHLANDS_ROW:]
    return np.asarray(ndimage.binary_fill_holes(covered), dtype=bool)


def _within(cells: Mask, reach: float) -> Mask:
    """Cells whose centre lies within `reach` cells of one that is set."""
    from scipy import ndimage

    return np.asarray(ndimage.distance_transform_edt(~cells) <= reach, dtype=bool)


def on_land(land: Mask, easting: npt.ArrayLike, northing: npt.ArrayLike) -> Mask:
    """Whether each point lies on a land cell; a missing coordinate does not."""
    row, column, inside = _cell(easting, northing)
    return np.asarray(land[row, column] & inside)


def _cell(easting: npt.ArrayLike, northing: npt.ArrayLike) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Mask]:
    e, n = np.asarray(easting, dtype=np.float64), np.asarray(northing, dtype=np.float64)
    inside = (e >= 0) & (e < MAX_EASTING_M) & (n >= 0) & (n < MAX_NORTHING_M)
    row = np.where(inside, n, 0.0) // CELL_M
    column = np.where(inside, e, 0.0) // CELL_M
    return row.astype(np.intp), column.astype(np.intp), inside
