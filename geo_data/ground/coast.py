"""Coast and borders for a printed map, from postcodes: finer and smoother than the screen's, and for one view alone.

A cell is sea when it lies near open sea and outside what houses enclose; the rest is land, and belongs to the district that
has most of the ground round it. Good to about half a kilometre where houses reach the shore, to two where they do not, and
narrow estuaries are land: for orientation, never for counting. Contains the data named in `gazetteer.ATTRIBUTION`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from scipy import ndimage

from geo_data.grid import MAX_EASTING_M, MAX_NORTHING_M
from geo_data.placing import districts, land
from geo_data.placing.gazetteer import Gazetteer

LEAST_CELL_M, MOST_CELLS = 200.0, 420  # a side of the view: cells grow for a wider area
MARGIN_M = 8_000.0  # looked at round the view, so that its edge is like its middle
GAP_M = 1_400.0  # gaps up to twice this between houses are land
FRONT_M = 220.0  # a house is land, and so is its front garden
SHORE_M = 9_000.0  # how far inside the coarse coast the sea can reach
ISLAND_CELLS = 40  # a smaller one is not drawn
EVEN_CELLS = 2.2  # over how much ground the district is taken

Lines = npt.NDArray[np.object_]
NONE: Lines = np.empty(0, dtype=object)


class Borders(NamedTuple):
    """EPSG:27700 metres: `land` polygons, lines between `districts` and between `forces`, `areas`: districts by name."""

    land: Lines
    districts: Lines
    forces: Lines
    areas: tuple[tuple[str, shapely.Geometry], ...]


def borders(gazetteer: Gazetteer, left: float, bottom: float, right: float, top: float) -> Borders:
    """What lies within the bounds and a little round them; empty where there is no postcode."""
    cell = max(LEAST_CELL_M, float(np.ceil(max(right - left, top - bottom) / MOST_CELLS / 50.0)) * 50.0)
    low_e, low_n = left - MARGIN_M, bottom - MARGIN_M
    shape = (int((top - bottom + 2 * MARGIN_M) // cell) + 1, int((right - left + 2 * MARGIN_M) // cell) + 1)
    here = _codes(gazetteer, low_e, low_n, cell, shape)
    if not (here >= 0).any():
        return Borders(NONE, NONE, NONE, ())
    far, nearest = ndimage.distance_transform_edt(here < 0, return_indices=True)
    dry = _dry(far * cell, _open_sea(gazetteer, low_e, low_n, cell, shape), cell)
    codes = _even(here[nearest[0], nearest[1]])
    present = np.unique(codes[dry])
    if not len(present):  # a postcode alone in open sea
        return Borders(NONE, NONE, NONE, ())
    parts = np.array([_polygons(dry & (codes == code), low_e, low_n, cell) for code in present], dtype=object)
    parts = shapely.coverage_simplify(parts, 0.9 * cell)
    return _drawn(parts, [str(gazetteer.base.arrays["districts"][code]) for code in present], (left, bottom, right, top))


def _codes(gazetteer: Gazetteer, left: float, bottom: float, cell: float, shape: tuple[int, int]) -> npt.NDArray[np.int32]:
    """The district of a postcode in each cell, -1 without one."""
    arrays = gazetteer.base.arrays
    e, n = (np.asarray(arrays[name], dtype=np.float64) for name in ("postcode_e", "postcode_n"))
    right, top = left + shape[1] * cell, bottom + shape[0] * cell
    inside = np.flatnonzero((e > max(left, 0)) & (n > max(bottom, 0)) & (e < right) & (n < top))
    here = np.full(shape, -1, dtype=np.int32)
    here[((n[inside] - bottom) // cell).astype(np.intp), ((e[inside] - left) // cell).astype(np.intp)] = (
        arrays["postcode_district"][inside])
    return here


def _open_sea(gazetteer: Gazetteer, left: float, bottom: float, cell: float, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    e, n = left + (np.arange(shape[1]) + 0.5) * cell, bottom + (np.arange(shape[0]) + 0.5) * cell
    mask = np.asarray(gazetteer.base.arrays["land"], dtype=bool)
    rows, columns = ((axis // land.CELL_M).astype(np.intp) for axis in (n, e))
    known = ((n >= 0) & (n < MAX_NORTHING_M))[:, None] & ((e >= 0) & (e < MAX_EASTING_M))[None, :]
    return ~(mask[np.clip(rows, 0, mask.shape[0] - 1)[:, None], np.clip(columns, 0, mask.shape[1] - 1)[None, :]] & known)


def _dry(house_m: npt.NDArray[np.float64], open_sea: npt.NDArray[np.bool_], cell: float) -> npt.NDArray[np.bool_]:
    if not open_sea.any():
        return np.ones(open_sea.shape, dtype=bool)
    closed = ndimage.distance_transform_edt(house_m <= GAP_M) * cell >= GAP_M - FRONT_M
    wet = ~(closed | (house_m <= FRONT_M)) & (ndimage.distance_transform_edt(~open_sea) * cell <= SHORE_M)
    labels, count = ndimage.label(ndimage.gaussian_filter(wet.astype(np.float32), 1.2) > 0.5)
    reached_by_sea = np.zeros(count + 1, dtype=bool)  # a moor without houses is no sea, however near the coast it lies
    reached_by_sea[labels[open_sea]] = True
    reached_by_sea[0] = False
    labels, count = ndimage.label(~reached_by_sea[labels])
    large = np.bincount(labels.ravel(), minlength=count + 1) >= ISLAND_CELLS
    large[0] = False
    return np.asarray(large[labels])


def _even(codes: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """The district that has most of the ground round each cell: no border runs round a single house."""
    best, most = codes.copy(), np.zeros(codes.shape, dtype=np.float32)
    for code in np.unique(codes):
        share = ndimage.gaussian_filter((codes == code).astype(np.float32), EVEN_CELLS)
        best[share > most] = code
        most = np.maximum(most, share)
    return best


def _polygons(cells: npt.NDArray[np.bool_], left: float, bottom: float, cell: float) -> shapely.Geometry:
    """The union of the cells that are set, as one box for each run along a row."""
    row, start = np.nonzero(np.diff(np.pad(cells.astype(np.int8), ((0, 0), (1, 1))), axis=1) == 1)
    _, end = np.nonzero(np.diff(np.pad(cells.astype(np.int8), ((0, 0), (1, 1))), axis=1) == -1)
    south = bottom + row * cell
    return shapely.union_all(shapely.box(left + start * cell, south, left + end * cell, south + cell))


def _drawn(parts: Lines, codes: list[str], view: tuple[float, float, float, float]) -> Borders:
    whole = shapely.union_all(parts)
    by_force: dict[str, list[shapely.Geometry]] = {}
    for code, part in zip(codes, parts, strict=True):
        by_force.setdefault(districts.force_of(code) or code, []).append(part)
    forces = np.array([shapely.union_all(each) for each in by_force.values()], dtype=object)
    outer = shapely.boundary(whole)
    between = shapely.difference(shapely.union_all(shapely.boundary(forces)), outer)
    within = shapely.difference(shapely.difference(shapely.union_all(shapely.boundary(parts)), outer), between)
    seen = shapely.intersects(parts, shapely.box(*view))
    named = tuple((districts.name_of(code), part) for code, part, near in zip(codes, parts, seen, strict=True) if near and code)
    return Borders(rounded(shapely.get_parts(whole)), rounded(_joined(within)), rounded(_joined(between)), named)


def _joined(lines: shapely.Geometry) -> Lines:
    return np.asarray([] if lines.is_empty else shapely.get_parts(shapely.line_merge(lines)), dtype=object)


def rounded(shapes: npt.NDArray[np.object_]) -> Lines:
    """Lines or polygons with their corners cut twice; the ends of lines stay."""
    return np.array([_polygon(each) if each.geom_type == "Polygon" else shapely.linestrings(_cut(shapely.get_coordinates(each)))
                     for each in shapes], dtype=object)


def _polygon(shape: shapely.Polygon) -> shapely.Polygon:
    rings = [_cut(shapely.get_coordinates(ring)) for ring in (shape.exterior, *shape.interiors)]
    return shapely.Polygon(rings[0], rings[1:])


def _cut(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Chaikin's curve of a line; of a ring, when it ends where it begins."""
    ring = bool((points[0] == points[-1]).all())
    for _ in range(2):
        a, b = points[:-1], points[1:]
        middle = np.stack((0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b), axis=1).reshape(-1, 2)
        points = np.concatenate((middle, middle[:1]) if ring else (points[:1], middle, points[-1:]))
    return points
