"""Coordinates that stand for more than one place: centres of settlements and districts, and points where addresses pile up.

Source systems that cannot find an address often record the centre of its town or postcode district, which looks like an exact
point and makes a hotspot where nobody was. Such coordinates are demoted to tier P4, which never enters clustering.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_data.distinct import distinct
from geo_data.placing.decisions import text_key

if TYPE_CHECKING:
    from geo_data.placing.gazetteer import Gazetteer
    from geo_data.placing.gazetteer_part import Part

MANY = 3  # different addresses at one coordinate
RECORDED = ("coordinates_bng", "coordinates_wgs84")
SMALL_M = 250
FINE = ("P1", "P2", "P3")
_CENTRES = ("place", "sector", "outcode")


def at_centre(easting: npt.ArrayLike, northing: npt.ArrayLike, gazetteer: Gazetteer) -> npt.NDArray[np.bool_]:
    """Whether points (n,), EPSG:27700 metres, lie within a metre of the centre of a settlement, postcode sector or district.

    Areas smaller than `SMALL_M` do not count: their centre may well be the place itself.
    """
    e, n = np.asarray(easting, np.float64), np.asarray(northing, np.float64)
    found = np.zeros(len(e), dtype=bool)
    rows = np.flatnonzero(np.isfinite(e + n))
    if not rows.size:
        return found
    known = gazetteer.centres  # never empty
    for east in (-1, 0, 1):
        for north in (-1, 0, 1):
            code = _code(e[rows] + east, n[rows] + north)
            found[rows] |= known[np.searchsorted(known[:-1], code)] == code
    return found


def centres(parts: Iterable[Part]) -> npt.NDArray[np.int64]:
    """The centres that `at_centre` looks for, sorted, as one number each; the last is that of no point."""
    held = [_code(part.arrays[f"{kind}_e"], part.arrays[f"{kind}_n"])[np.asarray(part.arrays[f"{kind}_radius"]) > SMALL_M]
            for part in parts for kind in _CENTRES if f"{kind}_e" in part.arrays]
    return distinct(np.concatenate([*held, [np.iinfo(np.int64).max]]))


def _code(easting: npt.NDArray[Any], northing: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Points to the metre as one number each."""
    e, n = (np.round(np.asarray(axis, np.float64)).astype(np.int64) for axis in (easting, northing))
    return e * 2**22 + n


def piles(points: pd.DataFrame) -> pd.DataFrame:
    """Coordinates used by `MANY` or more different address texts.

    `points`: easting, northing, text, rows (how many locations); texts of one `text_key` are one. Gives easting, northing, texts
    (how many), rows, in order of the coordinates.
    """
    code, distinct = pd.factorize(points["text"])
    keys = np.array([*map(text_key, distinct), ""], dtype=object)
    said = points.assign(key=keys[code])
    said = said[said["key"].ne("")]
    by = said.groupby(["easting", "northing"], sort=True)
    found = pd.DataFrame({"texts": by["key"].nunique(), "rows": by["rows"].sum()})
    return found[found["texts"] >= MANY].reset_index()


def demote(locations: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """LOCATIONS in which recorded coordinates among `found` (`piles`) are of tier P4, with the reason said."""
    if found.empty or locations.empty:
        return locations
    texts = pd.Series(found["texts"].to_numpy(), index=pd.MultiIndex.from_frame(found[["easting", "northing"]]))
    rows = np.flatnonzero(locations["method"].isin(RECORDED) & locations["tier"].isin(FINE) & ~locations["own_address"])
    many = texts.reindex(pd.MultiIndex.from_frame(locations[["easting", "northing"]].iloc[rows])).to_numpy(dtype=np.float64)
    hit, many = rows[np.isfinite(many)], many[np.isfinite(many)]
    if not hit.size:
        return locations
    said = [f"{int(n)} different addresses share these coordinates: taken as the middle of an area" for n in many]
    tier, radius, reason = (locations[name].to_numpy(copy=True) for name in ("tier", "precision_m", "reason"))
    tier[hit], radius[hit] = "P4", np.nan
    reason[hit] = [f"{before}; {more}" for before, more in zip(reason[hit], said, strict=True)]
    columns = {"tier": tier, "precision_m": radius, "reason": reason}
    return locations.assign(**{name: pd.Series(values, index=locations.index, dtype=locations[name].dtype)
                               for name, values in columns.items()})
