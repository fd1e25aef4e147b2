"""A base map from the gazetteer alone: where people live, drawn from postcodes, and the names of places.

A tile is transparent with soft warm-grey marks. Postcodes lie along streets, so from zoom 12 streets and
estates can be read, and below it the built-up form of the country. They are kept in quadkey order:
a tile is one slice of a sorted array, and nothing is rendered beforehand.
"""

from __future__ import annotations

import io
import json
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from geo_data.errors import InputError
from geo_data.grid import to_wgs84
from geo_data.ground import mercator
from geo_data.placing.gazetteer import Gazetteer

ZOOMS = range(5, 17)
TILE = 256
_MARGIN = TILE // 4  # pixels of the neighbours: as far as a mark can reach
_SIDE = TILE + 2 * _MARGIN
_PIXEL_M = 156_543.034 * 0.588  # metres in a pixel of zoom 0 at 54 degrees north
_DOT_M, _DOT_PX = 11.0, (0.6, 3.4)  # radius (standard deviation) of one postcode's mark, and its limits
_WASH_M, _WASH_PX = 75.0, (1.4, 20.0)  # the same for the tint of a built-up area
_DENSE_PER_KM2 = 130.0
_SHADES = 128  # steps of the palette
_LIGHT = ((188, 178, 163), (104, 95, 84), 0.80)  # faintest colour, strongest colour, strongest opacity
_DARK = ((96, 91, 84), (214, 205, 190), 0.62)

Pixels = npt.NDArray[np.float32]


def texture_tile(gazetteer: Gazetteer, z: int, x: int, y: int, dark: bool = False) -> bytes:
    """PNG bytes (256 x 256, transparent) of web-mercator tile z/x/y; zooms 5 to 16.

    The same tile always gives the same bytes. Raises `InputError` for a tile that does not exist.
    """
    if z not in ZOOMS or not (0 <= x < 2**z and 0 <= y < 2**z):
        raise InputError("There is no such tile.", fix=f"Zooms are {ZOOMS[0]} to {ZOOMS[-1]}.", where="tile")
    counts = _counts(gazetteer, z, x, y)
    shade = None if counts is None else _shade(counts, z)[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    steps = None if shade is None else np.rint(shade * (_SHADES - 1)).astype(np.uint8)
    return _blank() if steps is None or not steps.any() else _png(steps, dark)


def _counts(gazetteer: Gazetteer, z: int, x: int, y: int) -> Pixels | None:
    """Postcodes on each pixel of the tile and its margin; None when there are none."""
    quads, weights, level = _overview(gazetteer, z)
    columns, rows = np.meshgrid(np.arange(4 * x - 1, 4 * x + 5), np.arange(4 * y - 1, 4 * y + 5))
    inside = (columns >= 0) & (rows >= 0) & (columns < 4 * 2**z) & (rows < 4 * 2**z)
    cells = mercator.interleave(columns[inside].astype(np.uint64), rows[inside].astype(np.uint64))
    shift = np.uint64(2 * (level - z - 2))
    starts = np.searchsorted(quads, cells << shift)
    ends = np.searchsorted(quads, (cells + np.uint64(1)) << shift)
    if not (ends > starts).any():
        return None
    spans = [slice(start, end) for start, end in zip(starts, ends, strict=True)]
    px, py = mercator.separate(np.concatenate([quads[span] for span in spans]))
    fine = np.uint64(level - z - 8)
    column = (px >> fine).astype(np.int64) - (x * TILE - _MARGIN)
    row = (py >> fine).astype(np.int64) - (y * TILE - _MARGIN)
    weight = None if weights is None else np.concatenate([weights[span] for span in spans])
    counts = np.bincount(row * _SIDE + column, weight, _SIDE * _SIDE)
    return np.asarray(counts.reshape(_SIDE, _SIDE), dtype=np.float32)


def _overview(gazetteer: Gazetteer, z: int) -> tuple[mercator.Quads, npt.NDArray[np.uint16] | None, int]:
    """The coarsest set of postcodes that still tells the pixels of this zoom apart: quadkeys, counts, level."""
    arrays = gazetteer.base.arrays
    for level in mercator.OVERVIEWS:
        if level >= z + 8:
            return arrays[f"quads_{level}"], arrays[f"quads_{level}_count"], level
    return arrays["quads"], None, mercator.LEVEL


def _shade(counts: Pixels, z: int) -> Pixels:
    """0 to 1 on each pixel: a tint where it is built up, and a mark on every postcode."""
    pixel_m = _PIXEL_M / 2**z
    dot, wash = float(np.clip(_DOT_M / pixel_m, *_DOT_PX)), float(np.clip(_WASH_M / pixel_m, *_WASH_PX))
    marks = _blur(counts, dot) * np.float32(2 * np.pi * dot**2)
    density = _blur(counts, wash) * np.float32(1e6 / pixel_m**2 / _DENSE_PER_KM2)
    # Far out the marks melt into the tint; close up they carry the picture.
    close = float(np.clip((z - 10) / 4, 0.0, 1.0))
    tint = (1 - np.exp(-density)) ** np.float32(0.55 + 0.2 * close)
    shade = (0.9 - 0.6 * close) * tint + 0.55 * close * (1 - np.exp(-0.7 * marks))
    return np.asarray(np.clip(shade, 0, 1), dtype=np.float32)


def _blur(counts: Pixels, sigma: float) -> Pixels:
    """Gaussian blur; a wide one is worked out on every fourth pixel, which the eye cannot tell."""
    if sigma < 5:
        return np.asarray(ndimage.gaussian_filter(counts, sigma, mode="constant", truncate=3.0))
    small = counts.reshape(_SIDE // 4, 4, _SIDE // 4, 4).mean(axis=(1, 3))
    soft = ndimage.gaussian_filter(small, sigma / 4, mode="constant", truncate=3.0)
    return np.asarray(Image.fromarray(soft).resize((_SIDE, _SIDE), Image.Resampling.BILINEAR))


@cache
def _palette(dark: bool) -> tuple[bytes, bytes]:
    """Colours and opacities of the steps, as PNG wants them."""
    faint, strong, opacity = _DARK if dark else _LIGHT
    step = np.linspace(0, 1, _SHADES)[:, None]
    colours = np.rint(np.array(faint) * (1 - step) + np.array(strong) * step).astype(np.uint8)
    return colours.tobytes(), np.rint(255 * opacity * step).astype(np.uint8).tobytes()


def _png(steps: npt.NDArray[np.uint8], dark: bool) -> bytes:
    image = Image.frombytes("P", (TILE, TILE), steps.tobytes())
    colours, opacities = _palette(dark)
    image.putpalette(colours)
    out = io.BytesIO()
    image.save(out, "PNG", transparency=opacities, compress_level=4)
    return out.getvalue()


@cache
def _blank() -> bytes:
    return _png(np.zeros((TILE, TILE), dtype=np.uint8), dark=False)


def labels(gazetteer: Gazetteer) -> bytes:
    """UTF-8 JSON for the browser: `[[name, lat, lon, population], ...]` of Great Britain, largest first."""
    arrays = gazetteer.base.arrays
    lat, lon = to_wgs84(arrays["place_e"], arrays["place_n"])
    columns = (arrays["place_name"], lat.round(4), lon.round(4), arrays["place_population"])
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
