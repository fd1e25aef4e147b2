"""Web Mercator tiles and the quadkey (Morton) order that makes every tile one slice of a sorted array."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LEVEL = 26  # 0.6 m at the equator: a quarter of a pixel of zoom 16
OVERVIEWS = (15, 18)  # levels kept as distinct cells with a count, for the pixels of zooms up to 7 and up to 10
Quads = npt.NDArray[np.uint64]
_SPREAD = ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F), (2, 0x3333333333333333),
           (1, 0x5555555555555555))


def quads(lat: npt.ArrayLike, lon: npt.ArrayLike) -> Quads:
    """Quadkeys at `LEVEL` of points in degrees (EPSG:4326 to EPSG:3857)."""
    size = 2.0**LEVEL
    x = (np.asarray(lon, dtype=np.float64) + 180.0) / 360.0
    y = 0.5 - np.arcsinh(np.tan(np.radians(np.asarray(lat, dtype=np.float64)))) / (2.0 * np.pi)
    limit = size - 1
    return interleave(np.clip(x * size, 0, limit).astype(np.uint64), np.clip(y * size, 0, limit).astype(np.uint64))


def interleave(x: Quads, y: Quads) -> Quads:
    """One integer whose bits alternate those of y and x, y first: its prefixes are the tiles."""
    return _spread(x) | (_spread(y) << np.uint64(1))


def separate(quad: Quads) -> tuple[Quads, Quads]:
    """The inverse of `interleave`: (x, y)."""
    return _gather(quad), _gather(quad >> np.uint64(1))


def _spread(value: Quads) -> Quads:
    for shift, bits in _SPREAD:
        value = (value | (value << np.uint64(shift))) & np.uint64(bits)
    return value


def _gather(value: Quads) -> Quads:
    value = value & np.uint64(0x5555555555555555)
    for shift, bits in ((1, 0x3333333333333333), (2, 0x0F0F0F0F0F0F0F0F), (4, 0x00FF00FF00FF00FF),
                        (8, 0x0000FFFF0000FFFF), (16, 0x00000000FFFFFFFF)):
        value = (value | (value >> np.uint64(shift))) & np.uint64(bits)
    return value
