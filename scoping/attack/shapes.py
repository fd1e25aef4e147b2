"""What the shapes in a file give away to somebody who has all addresses.

Every corner of every outline is a claim when an address lies within its tolerance; so is every corner of a shape shrunk
back by a likely radius, and the centre of every arc. A claim is right when an episode was at that address.
"""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from defusedxml import ElementTree as Xml
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo_data.grid import to_bng
from scoping.attack import pictures
from scoping.showing import pack_sheet, sheet
from scoping.showing.partition import CELL_M
from scoping.showing.snapshot import Snapshot

Floats = NDArray[np.float64]
EXACT_M, ROUNDED_M, SHRUNK_M = 1.0, 2.0, 2.0  # rounded: to a tenth of a unit of a page's picture
IN_THE_MIDDLE_M = 0.5
RADII_M = (50.0, 100.0, 125.0, 250.0)
POINTS_AN_INCH = 72.0


def recovered(rings: list[Floats], addresses: Floats, visited: Floats, tolerance: float = EXACT_M) -> int:
    """Addresses of episodes that the outlines (EPSG:27700 metres) give away."""
    tree, true = cKDTree(addresses), {tuple(place) for place in np.round(visited, 3).tolist()}
    found: set[tuple[float, ...]] = set()
    for points, reach in _claims(rings, tolerance):
        told = points[np.isfinite(points).all(axis=1) & ~_on_grid(points, tolerance)]
        if len(told):
            distance, which = tree.query(told)
            found |= {tuple(place) for place in np.round(addresses[which[distance <= reach]], 3).tolist()} & true
    return len(found)


def _on_grid(points: Floats, tolerance: float) -> NDArray[np.bool_]:
    """Corners of the fixed grid: that an address stands on one is known without the file."""
    return np.asarray((np.abs(points - np.round(points / CELL_M) * CELL_M) <= tolerance).all(axis=1), dtype=np.bool_)


def _of_a_number(ring: Floats) -> bool:
    """The disc behind a place's number: as wide as high, in the very middle of a cell, so it says no more than the cell."""
    low, high = ring.min(axis=0), ring.max(axis=0)
    off = np.abs((low + high) / 2 % CELL_M - CELL_M / 2).max()
    return bool(off < IN_THE_MIDDLE_M and np.ptp(high - low) < IN_THE_MIDDLE_M)


def _claims(rings: list[Floats], tolerance: float) -> Iterator[tuple[Floats, float]]:
    for ring in rings:
        if _on_grid(ring, tolerance).all() or _of_a_number(ring):  # a union of cells: it says no more than they do
            continue
        yield ring, tolerance
        yield _centres(ring), max(tolerance, SHRUNK_M)
        shape = shapely.polygons(ring) if len(ring) > 3 else None
        for radius in RADII_M if shape is not None else ():
            small = shapely.buffer(shape, -0.999 * radius)
            if not shapely.is_empty(small):
                yield shapely.get_coordinates(small), max(tolerance, SHRUNK_M)


def _centres(ring: Floats) -> Floats:
    """Centres of the circles through three corners in a row, where three such circles in a row agree."""
    if len(ring) < 6:
        return np.empty((0, 2))
    a, b, c = ring[:-2], ring[1:-1], ring[2:]
    ab, ac = b - a, c - a
    cross = 2 * (ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        ab2, ac2 = (ab**2).sum(axis=1), (ac**2).sum(axis=1)
        middle = a + np.column_stack((ac[:, 1] * ab2 - ab[:, 1] * ac2, ab[:, 0] * ac2 - ac[:, 0] * ab2)) / cross[:, None]
    steady = np.asarray(np.isfinite(middle).all(axis=1), dtype=np.bool_)
    middle[~steady] = np.inf
    with np.errstate(invalid="ignore"):
        agree = steady[:-2] & steady[2:] & (np.abs(middle[:-2] - middle[2:]).max(axis=1) < 0.5)
    return np.asarray(middle[:-2][agree], dtype=np.float64)


def outlines(kind: str, data: bytes, snapshot: Snapshot) -> tuple[list[Floats], float]:
    """The outlines that can be read from a file, in EPSG:27700 metres, and how exactly; of a table none.

    The attacker is given the scale of the printed maps (it stands on them).
    """
    *of, kind = kind.split()
    printer: Any = pack_sheet if of else sheet
    if kind == "geojson":
        shapes = [shapely.geometry.shape(feature["geometry"]) for feature in json.loads(data)["features"]]
        return _projected([np.asarray(ring.coords) for shape in shapes for part in _parts(shape) for ring in _rings(part)]), EXACT_M
    if kind == "kml":
        tags = Xml.fromstring(data).iter("{http://www.opengis.net/kml/2.2}coordinates")
        return _projected([np.array([pair.split(",")[:2] for pair in str(tag.text).split()], dtype=float) for tag in tags]), EXACT_M
    if kind == "gpkg":
        return [np.asarray(ring.coords) for shape in _package(data) for part in _parts(shape) for ring in _rings(part)], EXACT_M
    if kind == "html":
        left, bottom, right, top = snapshot.extent()
        tall = max(top - bottom, (right - left) / 2)
        scale = (right - left) / 900
        paths = [_numbers(path) for path in re.findall(r'<path d="([^"]+ Z)"', data.decode())]
        return [np.column_stack((left + p[:, 0] * scale, bottom + tall - p[:, 1] * scale)) for p in paths if len(p)], ROUNDED_M
    if kind in ("png", "pptx"):
        return pictures.claims(kind, data, snapshot)
    return (list(_printed(kind, data, snapshot, printer)) if kind in ("svg", "pdf") else []), ROUNDED_M


def _parts(shape: shapely.Geometry) -> list[shapely.Polygon]:
    return list(shapely.get_parts(shape))


def _rings(part: shapely.Polygon) -> list[shapely.LinearRing]:
    return [part.exterior, *part.interiors]


def _projected(rings: list[Floats]) -> list[Floats]:
    return [np.column_stack(to_bng(ring[:, 1], ring[:, 0])) for ring in rings]


def _package(data: bytes) -> list[shapely.Geometry]:
    import warnings

    import pyogrio

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # that a file in memory has no ending
        return list(pyogrio.read_dataframe(io.BytesIO(data)).geometry)


def _numbers(path: str) -> Floats:
    found = np.array(re.findall(r"-?\d+\.?\d*", path), dtype=float)
    return found[:len(found) // 2 * 2].reshape(-1, 2)


def _printed(kind: str, data: bytes, snapshot: Snapshot, printer: Any) -> Iterator[Floats]:
    """Paths of a printed page: its points to metres, by the frame that they lie in."""
    paper = np.array(printer.A4)
    if kind == "svg":
        found = re.findall(r'<path d="([^"]+)"', data.decode())
        paths = [_numbers(path) * (1, -1) + (0, paper[1] * POINTS_AN_INCH) for path in found]
    else:
        paths = [_numbers(line) for line in _drawn(data)]
    for left, bottom, width, height, _, extent in printer.frames(snapshot):
        page = np.array([left, bottom]) * paper * POINTS_AN_INCH
        size = np.array([width, height]) * paper * POINTS_AN_INCH
        metres = (np.array(extent[2:]) - extent[:2]) / size
        for path in paths:
            inside = (path >= page - 1).all(axis=1) & (path <= page + size + 1).all(axis=1)
            if len(path) and inside.all():
                yield (path - page) * metres + np.array(extent[:2])


def _drawn(data: bytes) -> list[str]:
    """The runs of "x y m", "x y l" of a PDF's content."""
    text = b"\n".join(inflated(data)).decode("latin-1")
    return re.findall(r"(?:-?[\d.]+ -?[\d.]+ [ml]\s+)+", text)


def inflated(data: bytes) -> list[bytes]:
    """The streams of a PDF, unpacked."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            found.append(stream)
    return found
