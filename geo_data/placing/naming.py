"""Name a point in words: the settlement and the postcode sector it lies in ("Quernminster QX1 4")."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from geo_data.placing import postcode
from geo_data.placing.gazetteer import Gazetteer

LEAST_POSTCODES = 10  # a sector of fewer is an office's own, not a part of a town
LEAST_RADIUS_M = 150  # so is one whose postcodes all lie at one sorting office


def describe(gazetteer: Gazetteer, easting: npt.ArrayLike, northing: npt.ArrayLike) -> npt.NDArray[np.str_]:
    """`Gazetteer.near` with the nearest postcode sector's name behind it, within 5 km of its centre.

    EPSG:27700 metres. A town has many hotspots; the sector (about 2,500 addresses) tells them apart and
    points to no household.
    """
    words = gazetteer.near(easting, northing)
    keys, centres = _sectors(gazetteer)
    if not len(keys):
        return words
    xy = np.column_stack([np.atleast_1d(np.asarray(axis, dtype=np.float64)) for axis in (easting, northing)])
    finite: npt.NDArray[np.bool_] = np.asarray(np.isfinite(xy).all(axis=1))
    distance, nearest = cKDTree(centres).query(np.where(finite[:, None], xy, 0.0))
    sector = postcode.text_of(keys[nearest] * postcode.SECTOR).str.strip().to_numpy(dtype=object)
    close = finite & (distance <= 5_000.0)
    named = [f"{word} {code}".strip() if near else str(word) for word, code, near in zip(words, sector, close, strict=True)]
    return np.array(named, dtype=np.str_)


def _sectors(gazetteer: Gazetteer) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    keys, centres = [], []
    for part in gazetteer.parts:
        arrays: dict[str, Any] = part.arrays
        use = (arrays["sector_count"] >= LEAST_POSTCODES) & (arrays["sector_radius"] >= LEAST_RADIUS_M)
        keys.append(arrays["sector_key"][use])
        centres.append(np.column_stack([arrays["sector_e"][use], arrays["sector_n"][use]]).astype(np.float64))
    return np.concatenate(keys), np.concatenate(centres)
