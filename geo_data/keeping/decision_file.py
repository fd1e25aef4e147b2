"""Decisions as a CSV, out and in. The columns are those of a list of local names, and what a decision says beyond one.

A row needs `alias`, and `easting` and `northing` (or latitude and longitude, or postcode), or `place` = no. The file of
`local_names` holds only the decisions that a list of local names can hold, so that `scoping gazetteer import` takes it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geo_data.errors import InputError
from geo_data.grid import to_bng
from geo_data.keeping.decided import Ruling
from geo_data.placing.answer import tier_of_radius
from geo_data.placing.gazetteer import Gazetteer
from geo_data.reading.raw_table import RawTable
from geo_data.reading.read import read_table
from geo_data.safe_cell import safe_csv
from geo_data.schema import TIERS

LOCAL_RADIUS_M, MOST_RADIUS_M = 50.0, 20_000.0
NAME_RADIUS_M = 5_000.0  # the most that a local name may have
_PAIRS = (("easting", "northing"), ("latitude", "longitude"))
_YES, _NO = "yes", "no"


def write(decisions: pd.DataFrame) -> bytes:
    """DECISION rows (those that hold) as CSV."""
    placed = decisions["tier"].ne("P5")
    return safe_csv(pd.DataFrame({
        "alias": decisions["text"], "easting": decisions["easting"], "northing": decisions["northing"],
        "precision_m": decisions["precision_m"], "type": decisions["location_type"], "tier": decisions["tier"],
        "place": np.where(placed, _YES, _NO), "near_too": np.where(decisions["alias"], _YES, _NO),
        "area": decisions["area"], "matched": decisions["note"], "basis": decisions["basis"],
        "decided_at": decisions["at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"), "decided_by": decisions["actor"],
    }))


def local_names(decisions: pd.DataFrame) -> bytes:
    """The decisions that are names of places, as `scoping gazetteer import local_names` takes them."""
    kept = decisions[decisions["tier"].isin(["P1", "P2", "P3"]) & decisions["precision_m"].le(NAME_RADIUS_M)]
    return safe_csv(pd.DataFrame({
        "alias": kept["text"], "easting": kept["easting"], "northing": kept["northing"],
        "precision_m": kept["precision_m"].clip(lower=1), "type": kept["location_type"].fillna("not_known")}))


def read(data: bytes, filename: str, gazetteer: Gazetteer) -> list[Ruling]:
    """The decisions of a CSV or XLSX. The whole file is refused when one row is wrong: `InputError` with its line."""
    table = read_table(data, filename)
    table.must_be_whole(filename)
    frame = _columns(table, filename)
    e, n, radius = _points(frame, gazetteer, filename)
    none = frame["place"].str.strip().str.lower().eq(_NO).to_numpy(dtype=bool)
    placed = np.isfinite(e + n) & ~none
    _refuse(frame.index[~placed & ~none], "there is no point on land", "Give easting and northing, latitude and longitude, a "
            "postcode, or 'no' under place.", filename)
    rulings = []
    for i, row in enumerate(frame.to_dict("records")):
        said = {name: value.strip() for name, value in row.items() if isinstance(value, str) and value.strip()}
        try:
            point: dict[str, Any] = {"easting": float(e[i]), "northing": float(n[i]), "precision_m": float(radius[i]),
                     "tier": _tier(said.get("tier"), float(radius[i]))} if placed[i] else {}
            rulings.append(Ruling(text=said.get("alias", ""), basis="imported", area=said.get("area"), note=said.get("matched"),
                                  alias=said.get("near_too", _NO).lower() == _YES, location_type=said.get("type"), **point))
        except InputError as error:
            raise InputError(error.what, fix=error.fix, where=f"{filename}, row {frame.index[i]}") from None
    return rulings


def _columns(table: RawTable, filename: str) -> pd.DataFrame:
    frame = table.frame.rename(columns=lambda name: name.strip().lower())
    if "alias" not in frame or not ("postcode" in frame or "place" in frame or any(set(pair) <= set(frame) for pair in _PAIRS)):
        raise InputError("This is no list of decisions.", where=filename,
                         fix="Give the columns alias, type, and easting and northing (or latitude and longitude, or postcode).")
    for name in ("place", "postcode", *_PAIRS[0], *_PAIRS[1], "precision_m"):
        if name not in frame:
            frame[name] = pd.Series(None, index=frame.index, dtype="str")
    return frame


def _tier(said: str | None, radius: float) -> str:
    """The tier that the file says, never finer than the radius allows."""
    least = tier_of_radius(radius)
    return max(said, least) if said in TIERS and said != "P5" else least


def _points(frame: pd.DataFrame, gazetteer: Gazetteer, filename: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    number = {name: _number(frame, name, filename) for name in (*_PAIRS[0], *_PAIRS[1], "precision_m")}
    east, north = to_bng(number["latitude"], number["longitude"])
    e = np.where(np.isfinite(number["easting"]), number["easting"], east)
    n = np.where(np.isfinite(number["northing"]), number["northing"], north)
    radius = np.where(np.isfinite(e + n), LOCAL_RADIUS_M, np.nan)
    found = gazetteer.postcodes(frame["postcode"])
    blank = ~np.isfinite(e + n)
    e, n = np.where(blank, found["easting"], e), np.where(blank, found["northing"], n)
    radius = np.where(blank, found["precision_m"], radius)
    e = np.where(gazetteer.on_land(e, n), e, np.nan)
    given = number["precision_m"]
    _refuse(frame.index[np.isfinite(given) & ~((given >= 1) & (given <= MOST_RADIUS_M))],
            "the precision is not between 1 and 20,000", "Give a radius in metres.", filename)
    return e, n, np.where(np.isfinite(given), given, radius)


def _number(frame: pd.DataFrame, name: str, filename: str) -> np.ndarray:
    column = pd.to_numeric(frame[name], errors="coerce")
    _refuse(frame.index[column.isna() & frame[name].fillna("").str.strip().ne("")], f"{name} is not a number",
            "Give digits and a decimal point.", filename)
    return column.to_numpy(dtype=np.float64)


def _refuse(lines: pd.Index, rule: str, fix: str, filename: str) -> None:
    if len(lines):
        raise InputError(f"{rule[0].upper()}{rule[1:]}.", fix=fix, where=f"{filename}, row {lines[0]}")


