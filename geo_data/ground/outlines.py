"""Coast and district borders for the base map, derived from postcodes: no outline ships with the program.

A cell of 500 m is land when a postcode lies within 1 km of it or land closes round it, and belongs to the district of
the nearest postcode. Good to about a kilometre on an open coast and to half of one between districts:
for orientation, never for counting. Contains the data named in `gazetteer.ATTRIBUTION`.
"""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import shapely
from scipy import ndimage

from geo_data.grid import MAX_EASTING_M, MAX_NORTHING_M, to_wgs84
from geo_data.placing import land as coarse
from geo_data.placing.gazetteer import Gazetteer

CELL_M = 500.0
_SHAPE = (int(MAX_NORTHING_M / CELL_M), int(MAX_EASTING_M / CELL_M))  # rows go north, columns east
_REACH_CELLS = 2.0  # a house is land, and so is a kilometre round it
_GAP_CELLS = 9.0  # moors and farmland up to twice this between houses are land too
_TOLERANCE_M = 350.0

Cells = npt.NDArray[np.int32]


def outlines(gazetteer: Gazetteer) -> bytes:
    """UTF-8 JSON for the browser, WGS84: `land`, polygons as lists of rings of [lat, lon]; `borders`, lines of [lat, lon]."""
    district = districts(gazetteer)
    codes = np.unique(district[district >= 0])
    if not len(codes):
        return b'{"land":[],"borders":[]}'
    shapes = np.array([_shape(district == code) for code in codes], dtype=object)
    shapes = shapely.coverage_simplify(shapes, _TOLERANCE_M)
    land = shapely.union_all(shapes)
    inner = shapely.difference(shapely.union_all(shapely.boundary(shapes)), shapely.boundary(land))
    lines = shapely.get_parts(shapely.line_merge(inner)) if not inner.is_empty else []
    polygons = [part for part in shapely.get_parts(land) if part.area > 4 * CELL_M**2]
    return json.dumps({"land": [[_degrees(ring) for ring in (part.exterior, *part.interiors)] for part in polygons],
                       "borders": [_degrees(line) for line in lines]}, separators=(",", ":")).encode()


def districts(gazetteer: Gazetteer) -> Cells:
    """The district of each land cell, as an index into the gazetteer's districts; -1 is sea. Rows go north."""
    arrays = gazetteer.base.arrays
    e, n, code = arrays["postcode_e"], arrays["postcode_n"], arrays["postcode_district"]
    inside = (e > 0) & (n > 0) & (e < MAX_EASTING_M) & (n < MAX_NORTHING_M)
    row, column = (n[inside] // CELL_M).astype(np.intp), (e[inside] // CELL_M).astype(np.intp)
    here: Cells = np.full(_SHAPE, -1, dtype=np.int32)
    here[row, column] = code[inside]
    if not inside.any():
        return here
    far, nearest = ndimage.distance_transform_edt(here < 0, return_indices=True)
    near = far <= _REACH_CELLS
    closed = ~_within(~_within(near, _GAP_CELLS), _GAP_CELLS)
    generous = np.kron(arrays["land"], np.ones((2, 2), dtype=bool))
    closed &= generous
    high = slice(coarse.HIGHLANDS_ROW * 2, None)
    closed[high] = ndimage.binary_erosion(generous, iterations=4)[high] | near[high]
    ground = ndimage.binary_fill_holes(near | closed)
    return np.where(ground, here[nearest[0], nearest[1]], -1).astype(np.int32)


def _within(cells: npt.NDArray[np.bool_], reach: float) -> npt.NDArray[np.bool_]:
    return np.asarray(ndimage.distance_transform_edt(~cells) <= reach, dtype=bool)


def _shape(cells: npt.NDArray[np.bool_]) -> shapely.Geometry:
    """The union of the cells that are set, as one box for each run along a row."""
    rows = np.flatnonzero(cells.any(axis=1))
    part = cells[rows[0]:rows[-1] + 1]
    steps = np.diff(np.pad(part.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    row, start = np.nonzero(steps == 1)
    _, end = np.nonzero(steps == -1)
    south = (row + rows[0]) * CELL_M
    return shapely.union_all(shapely.box(start * CELL_M, south, end * CELL_M, south + CELL_M))


def _degrees(line: shapely.Geometry) -> list[list[float]]:
    points = shapely.get_coordinates(line)
    lat, lon = to_wgs84(points[:, 0], points[:, 1])
    return np.column_stack([lat.round(4), lon.round(4)]).tolist()  # type: ignore[no-any-return]
