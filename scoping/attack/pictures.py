"""What the pixels of a map give away to somebody who has the program, the addresses and the scale printed on it.

The attacker draws the same sheet without its places; where the two pictures differ, a place was drawn. The outlines of that,
less the width of the pen, are followed to the pixel. What lies on a line of the fixed grid is no claim: it is known without it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import binary_dilation, binary_fill_holes

from scoping.showing import sheet
from scoping.showing.partition import CELL_M
from scoping.showing.snapshot import Listed, Snapshot

Floats = NDArray[np.float64]
Pixels = NDArray[np.int16]
PENS = (0.0, 0.7, 1.4, 2.0, 2.8, 3.1)  # half a line's width in pixels
NEAR_LINE = 3.5  # pixels from a line of the grid that are taken for it: half a pen and the smoothing of its edge
TOLERANCE = 1.5  # pixels
NOWHERE = (np.zeros((4, 2)),)


@dataclass(frozen=True)
class _Without(Snapshot):
    """The same sheet without the outlines of its places, and without their numbers if these are not wanted."""

    numbers: bool = True

    def places(self, window: int | None = None) -> list[Listed]:
        found = super().places(window)
        return [place._replace(rings=NOWHERE, number=place.number if self.numbers else 0) for place in found]

    def numbered(self) -> Floats:
        """Where the names of the sheet make room for numbers: there too when these are not drawn."""
        return Snapshot(self.release, self.about, self.names, self.backdrop).numbered()


def claims(kind: str, data: bytes, snapshot: Snapshot) -> tuple[list[Floats], float]:
    """Corners that the picture in a PNG or PPTX tells and the grid does not, in EPSG:27700 metres, and how exactly."""
    if kind == "pptx":
        archive = zipfile.ZipFile(io.BytesIO(data))
        data = archive.read(next(name for name in archive.namelist() if name.startswith("ppt/media/")))
        frames = [(0.0, 0.0, 1.0, 1.0, sheet.widened(snapshot, *sheet.SLIDE))]
        draw: Callable[[Snapshot], bytes] = sheet.map_png
    else:
        frames = [(*box, extent) for *box, _, extent in sheet.frames(snapshot)]  # type: ignore[misc]
        draw = sheet.png
    bare, blank = (draw(_Without(snapshot.release, snapshot.about, snapshot.names, snapshot.backdrop, numbers=numbers))
                   for numbers in (True, False))
    whole, empty, discs = _pixels(data), _pixels(bare), _differ(_pixels(bare), _pixels(blank))
    drawn, hidden = _differ(whole, empty), binary_dilation(discs, iterations=5)
    tall, wide = drawn.shape
    found, tolerance = [], 0.0
    for left, bottom, width, height, extent in frames:
        box = (slice(round(tall * (1 - bottom - height)) + 2, round(tall * (1 - bottom)) - 2),
               slice(round(wide * left) + 2, round(wide * (left + width)) - 2))
        metre = (extent[2] - extent[0]) / (width * wide)
        tolerance = max(tolerance, TOLERANCE * metre)
        corner = (extent[0] - left * wide * metre, extent[1] + tall * (1 - bottom) * metre)
        for ring in _rings(drawn[box]):
            column, row = (ring + np.array([box[1].start, box[0].start])).T
            seen = ~hidden[np.clip(row.round().astype(int), 0, tall - 1), np.clip(column.round().astype(int), 0, wide - 1)]
            points = np.column_stack((corner[0] + (column[seen] + 0.5) * metre, corner[1] - (row[seen] + 0.5) * metre))
            off = np.abs(points - np.round(points / CELL_M) * CELL_M).min(axis=1) > NEAR_LINE * metre
            if off.any():
                found.append(points[off])
    return found, tolerance


def _pixels(data: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.int16)


def _differ(one: Pixels, other: Pixels) -> NDArray[np.bool_]:
    return np.asarray(np.abs(one - other).max(axis=2) > 12, dtype=np.bool_)


def _rings(drawn: NDArray[np.bool_]) -> Iterator[Floats]:
    """Corners (column, row) of what was drawn, less each likely width of the pen."""
    filled = np.pad(binary_fill_holes(drawn), 1).astype(float)
    for line in contourpy.contour_generator(z=filled).lines(0.5):
        if len(line) < 12:
            continue
        shape = shapely.make_valid(shapely.polygons(np.asarray(line) - 1))
        for pen in PENS:
            small = shapely.simplify(shapely.buffer(shape, -pen, join_style="mitre"), 1.0)
            coordinates = shapely.get_coordinates(small)
            if len(coordinates):
                yield coordinates
