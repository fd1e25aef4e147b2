"""A team's own list of names: what officers call a place, and where it is.

A CSV or XLSX with a header: alias; easting and northing, or latitude and longitude, or postcode; type (a code of
the data dictionary's place types); and optionally precision_m. The whole file is refused when one row is wrong.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_data.errors import InputError
from geo_data.grid import to_bng
from geo_data.placing import gazetteer, names
from geo_data.placing.gazetteer import Gazetteer
from geo_data.placing.importers.product import Importer, Product, Progress
from geo_data.placing.street_name import normal
from geo_data.reading.raw_table import MAX_BYTES
from geo_data.reading.read import read_table
from geo_data.schema import PLACE_TYPES

_RADIUS_M, _MOST_RADIUS_M = 50.0, 5_000.0
_HEADER = "Give the columns alias, type, and easting and northing (or latitude and longitude, or postcode)."
_PAIRS = (("easting", "northing"), ("latitude", "longitude"))


def read(path: Path, folder: Path, _progress: Progress) -> Product:
    """Local names as features; rows of one name and point are one feature."""
    if path.is_dir() or path.stat().st_size > MAX_BYTES:
        raise InputError(f"A list of local names is one file of at most {MAX_BYTES / 1e6:.0f} MB.", where=path.name)
    table = read_table(path.read_bytes(), path.name)
    if len(table.rejects):
        raise InputError(f"{table.rejects['rule'].iloc[0].capitalize()}.", fix=str(table.rejects["fix"].iloc[0]),
                         where=f"{path.name}, row {table.rejects['row'].iloc[0]}")
    frame = table.frame.rename(columns=lambda name: name.strip().lower())
    if not {"alias", "type"} <= set(frame) or not ("postcode" in frame or any(set(pair) <= set(frame) for pair in _PAIRS)):
        raise InputError("This is not a list of local names.", fix=_HEADER, where=path.name)
    e, n, radius = _points(frame, gazetteer.open_gazetteer(folder), path)
    kind = frame["type"].str.strip().fillna("")
    plain = frame["alias"].fillna("").map(normal)
    _refuse(plain.eq(""), "the alias is blank", "Give the name by which the place is known.", path)
    _refuse(~kind.isin(list(PLACE_TYPES)), "the type is no place type", f"Use one of {', '.join(PLACE_TYPES)}.", path)
    features = pd.DataFrame({"name": frame["alias"].str.strip(), "easting": e, "northing": n, "radius_m": radius, "kind": kind})
    features = features[~features.assign(name=plain).duplicated(["name", "easting", "northing"])].reset_index(drop=True)
    return Product(names.arrays("feature", features), {"rows": len(frame), "features": len(features)})


def _points(frame: pd.DataFrame, held: Gazetteer, path: Path,
            ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Of each row the easting and northing, else latitude and longitude, else postcode; and the radius."""
    e, n = (_number(frame, name, path) for name in _PAIRS[0])
    lat, lon = (_number(frame, name, path) for name in _PAIRS[1])
    east, north = to_bng(lat, lon)
    e, n = np.where(np.isfinite(e + n), e, east), np.where(np.isfinite(e + n), n, north)
    radius = np.where(np.isfinite(e + n), _RADIUS_M, np.nan)
    if "postcode" in frame:
        found = held.postcodes(frame["postcode"])
        blank = ~np.isfinite(e + n)
        e, n = np.where(blank, found["easting"], e), np.where(blank, found["northing"], n)
        radius = np.where(blank, found["precision_m"], radius)
    lost = ~held.on_land(e, n)
    _refuse(pd.Series(lost, index=frame.index), "there is no point on land: no pair of coordinates and no known postcode",
            "Give easting and northing in metres, latitude and longitude in degrees, or a unit postcode.", path)
    given = _number(frame, "precision_m", path)
    wrong = np.isfinite(given) & ~((given >= 1) & (given <= _MOST_RADIUS_M))
    _refuse(pd.Series(wrong, index=frame.index), "precision_m is not between 1 and 5,000", "Give a radius in metres.", path)
    return e, n, np.where(np.isfinite(given), given, radius)


def _number(frame: pd.DataFrame, name: str, path: Path) -> npt.NDArray[np.float64]:
    if name not in frame:
        return np.full(len(frame), np.nan)
    column = pd.to_numeric(frame[name], errors="coerce")
    _refuse(column.isna() & frame[name].notna(), f"{name} is not a number", "Give digits and a decimal point.", path)
    return column.to_numpy(dtype=np.float64)


def _refuse(bad: pd.Series, rule: str, fix: str, path: Path) -> None:
    """Refuse the file at the first row that is bad; the index of `bad` is the row of the file."""
    if bad.any():
        raise InputError(f"{rule[0].upper()}{rule[1:]}.", fix=fix, where=f"{path.name}, row {bad.idxmax()}")


IMPORTER = Importer(
    title="Local names",
    licence="Local names: the team's own list.",
    takes="a CSV or XLSX of alias, type, and easting and northing (or latitude and longitude, or postcode)",
    read=read,
)
