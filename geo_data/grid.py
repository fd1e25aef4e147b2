"""The British National Grid: to and from latitude and longitude, and grid references.

Easting and northing are EPSG:27700 metres, latitude and longitude EPSG:4326 degrees. The
transformation is pinned to the national seven-parameter Helmert shift (EPSG:1314): the same
numbers on every machine, no grid file, no network. Against OSTN15 it is wrong by 1.8 m at the
median and 4.8 m at the worst, so `to_bng` answers in whole metres.

Source of the grid letters: Ordnance Survey, A guide to coordinate systems in Great Britain, section 7.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import numpy.typing as npt
import pyproj
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]

Floats = npt.NDArray[np.float64]

set_network_enabled(active=False)

_HELMERT = (
    "+proj=pipeline "
    "+step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=push +v_3 +step +proj=cart +ellps=WGS84 "
    "+step +inv +proj=helmert +x=446.448 +y=-125.157 +z=542.06 +rx=0.15 +ry=0.247 +rz=0.842 +s=-20.489 "
    "+convention=position_vector "
    "+step +inv +proj=cart +ellps=airy +step +proj=pop +v_3 "
    "+step +proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy"
)
_REFERENCE = re.compile(r"([HNOST])([A-HJ-Z])((?:\d\d){1,5})")
MAX_EASTING_M, MAX_NORTHING_M = 700_000.0, 1_300_000.0


@cache
def _transformer() -> pyproj.Transformer:
    return pyproj.Transformer.from_pipeline(_HELMERT)


def _plain(values: npt.ArrayLike) -> Floats:
    return np.array(values, dtype=np.float64, ndmin=0)  # a copy: pyproj works in place


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def to_bng(lat: npt.ArrayLike, lon: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Latitude and longitude in degrees to (easting, northing), rounded to 1 m; missing stays missing."""
    east, north = _transformer().transform(_plain(lon), _plain(lat))
    return np.rint(_finite(np.asarray(east))), np.rint(_finite(np.asarray(north)))


def to_wgs84(easting: npt.ArrayLike, northing: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Easting and northing in metres to (latitude, longitude) in degrees; missing stays missing."""
    lon, lat = _transformer().transform(_plain(easting), _plain(northing), direction="INVERSE")
    return _finite(np.asarray(lat)), _finite(np.asarray(lon))


def in_gb_degrees(lat: npt.ArrayLike, lon: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether each latitude and longitude lies in the box around Great Britain; a missing one does not."""
    north, east = np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)
    return np.asarray((north >= 49.0) & (north <= 61.5) & (east >= -9.5) & (east <= 2.5))


def parse_grid_reference(text: str) -> tuple[float, float, float] | None:
    """`(easting, northing, cell_m)` of a GB grid reference, or None when the text is not one.

    Two letters and 2, 4, 6, 8 or 10 digits, in any case and spacing. The answer is the centre of
    the cell, not its corner; `cell_m` is its side (10,000 m for two digits, 1 m for ten).
    """
    found = _REFERENCE.fullmatch("".join(text.split()).upper())
    if found is None:
        return None
    corner = _square(found[1], found[2])
    if corner is None:
        return None
    half = len(found[3]) // 2
    cell = 10.0 ** (5 - half)
    east, north = int(found[3][:half]), int(found[3][half:])
    return corner[0] + (east + 0.5) * cell, corner[1] + (north + 0.5) * cell, cell


@cache
def _square(first: str, second: str) -> tuple[float, float] | None:
    """South-west corner in metres of a 100 km square, or None for a square off the grid of Great Britain."""
    a, b = ("ABCDEFGHJKLMNOPQRSTUVWXYZ".index(letter) for letter in (first, second))
    east = ((a - 2) % 5) * 5 + b % 5
    north = 19 - (a // 5) * 5 - b // 5
    if not (0 <= east < 7 and 0 <= north < 13):
        return None
    return east * 100_000.0, north * 100_000.0
