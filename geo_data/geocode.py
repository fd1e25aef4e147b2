"""From text to a point with an honest precision: the ladder.

Rungs, finest first: latitude and longitude, easting and northing, unit postcode, grid reference; then
the coarse ones, which never enter clustering: sector, outcode, settlement. What cannot be read is
answered with a reason, never with a point. Streets are not matched yet: a street with a known town
gives the town.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from geo_data.gazetteer import Area, Gazetteer
from geo_data.grid import in_gb_degrees, to_bng
from geo_data.parse import Reading, only_road, ordinal, read
from geo_data.settlement import named

COORDINATE_RADIUS_M = 10.0
MAX_CANDIDATES = 5
_SAME_PLACE_M = 250.0
_COLUMNS = ["text", "tier", "precision_m", "method", "easting", "northing", "matched", "reason", "candidates"]


@dataclass(frozen=True)
class Answer:
    """One answer of the ladder. `candidates` are the alternatives, best first."""

    tier: str = "P5"
    precision_m: float = float("nan")
    method: str = "none"
    easting: float = float("nan")
    northing: float = float("nan")
    matched: str | None = None
    reason: str = ""
    candidates: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Unit:
    """A unit postcode as the gazetteer knows it."""

    postcode: str
    easting: float
    northing: float
    precision_m: float
    fault: str
    marking: str
    repaired: bool

    @property
    def located(self) -> bool:
        return not self.fault


def geocode(texts: Iterable[str | None], gazetteer: Gazetteer) -> pd.DataFrame:
    """Locate texts; one row per text, in order; equal texts are worked out once.

    Columns: text, tier (P1-P5), precision_m, method, easting, northing (EPSG:27700), matched, reason
    (one sentence), candidates (list of dicts: matched, tier, precision_m, easting, northing).
    No text raises, whatever it holds.
    """
    given = [text if isinstance(text, str) else "" for text in texts]
    readings = {text: read(text) for text in dict.fromkeys(given)}
    units = _units(readings.values(), gazetteer)
    answers = {text: answer(reading, units, gazetteer) for text, reading in readings.items()}
    rows = [answers[text] for text in given]
    frame = pd.DataFrame({
        "text": pd.Series(given, dtype="object"),  # may hold what no UTF-8 column can
        "tier": pd.Series([row.tier for row in rows], dtype="str"),
        "precision_m": pd.Series([row.precision_m for row in rows], dtype="float64"),
        "method": pd.Series([row.method for row in rows], dtype="str"),
        "easting": pd.Series([row.easting for row in rows], dtype="float64"),
        "northing": pd.Series([row.northing for row in rows], dtype="float64"),
        "matched": pd.Series([row.matched for row in rows], dtype="str"),
        "reason": pd.Series([row.reason for row in rows], dtype="str"),
        "candidates": pd.Series([row.candidates for row in rows], dtype="object"),
    })
    return frame[_COLUMNS]


def _units(readings: Iterable[Reading], gazetteer: Gazetteer) -> dict[str, Unit]:
    """Every postcode written in any of the texts, looked up in one go."""
    wanted = list(dict.fromkeys(unit for reading in readings for unit in (*reading.units, *reading.slips)))
    found = gazetteer.postcodes(wanted, repair=True).drop(columns="known")
    found["postcode"] = found["postcode"].astype(object)
    return {text: Unit(*row) for text, row in zip(wanted, found.itertuples(index=False, name=None), strict=True)}


def answer(reading: Reading, units: dict[str, Unit], gazetteer: Gazetteer) -> Answer:
    """Climb the ladder for one reading."""
    troubles: list[str] = []
    for rung in (_from_degrees, _from_metres, _from_units, _from_grid):
        found = rung(reading, units, gazetteer)
        if isinstance(found, Answer):
            return found
        troubles += [found] if found else []
    if coarse := _coarse(reading, units, gazetteer):
        return replace(coarse, reason="; ".join([*troubles, coarse.reason]))
    if not troubles:
        on_a_road = "a numbered road without a place: too long to be a point" if only_road(reading) else ""
        troubles = [reading.null or on_a_road or "no postcode, coordinates or known place name in the text"]
    return Answer(reason="; ".join(troubles))


def tier_of_radius(precision_m: float) -> str:
    """The tier of a point that is exact only to a radius: recorded point, street-like, or too coarse to cluster."""
    return "P1" if precision_m <= 25 else "P2" if precision_m <= 250 else "P4"


def _from_degrees(reading: Reading, units: dict[str, Unit], gazetteer: Gazetteer) -> Answer | str:
    if reading.lat_lon is None:
        return ""
    lat, lon, precision = reading.lat_lon
    if in_gb_degrees(lon, lat):
        return "latitude and longitude look swapped"
    if not in_gb_degrees(lat, lon):
        return "the latitude and longitude lie outside Great Britain"
    e, n = (float(axis) for axis in to_bng(lat, lon))
    if not gazetteer.on_land(e, n).all():
        return "the latitude and longitude lie in the sea"
    return Answer(tier_of_radius(precision), precision, "coordinates_wgs84", e, n, f"{lat}, {lon}",
                  "latitude and longitude in the text")


def _from_metres(reading: Reading, units: dict[str, Unit], gazetteer: Gazetteer) -> Answer | str:
    if reading.bng is None:
        return ""
    e, n = reading.bng
    if not gazetteer.on_land(e, n).all():
        swapped = bool(gazetteer.on_land(n, e).all())
        return "easting and northing look swapped" if swapped else "the easting and northing lie in the sea"
    return Answer("P1", COORDINATE_RADIUS_M, "coordinates_bng", e, n, f"{e:.0f}, {n:.0f}",
                  "easting and northing in the text")


def _from_grid(reading: Reading, units: dict[str, Unit], gazetteer: Gazetteer) -> Answer | str:
    if reading.grid is None:
        return ""
    e, n, cell, reference = reading.grid
    if not gazetteer.on_land(e, n).all():
        return "the grid reference lies in the sea"
    precision = max(COORDINATE_RADIUS_M, cell / 2)
    return Answer(tier_of_radius(precision), precision, "grid_reference", e, n, reference,
                  f"grid reference: the centre of a {cell:,.0f} m cell")


def _from_units(reading: Reading, units: dict[str, Unit], gazetteer: Gazetteer) -> Answer | str:
    found = {unit.postcode: unit for text in reading.units if (unit := units[text]).located and not unit.repaired}
    if not found:
        mended = [units[text] for text in (*reading.units, *reading.slips)]
        found = {unit.postcode: unit for unit in mended if unit.located and unit.repaired}
    if not found:
        return _trouble(reading, units)
    options = list(found.values())
    first = options[0]
    spread = max(((u.easting - first.easting) ** 2 + (u.northing - first.northing) ** 2) ** 0.5 for u in options)
    candidates = [_candidate(u.postcode, "P3", u.precision_m, u.easting, u.northing) for u in options]
    if spread > _SAME_PLACE_M:
        return Answer(reason=f"{len(options)} postcodes up to {spread / 1000:.1f} km apart in the text: pick one",
                      candidates=candidates[:MAX_CANDIDATES])
    how = "unit postcode, with O and 0 or I, l and 1 put right" if first.repaired else "unit postcode in the text"
    return Answer("P3", max(first.precision_m, round(spread)), "postcode", first.easting, first.northing,
                  first.postcode, how + _marked(first.marking), candidates[1:MAX_CANDIDATES])


def _trouble(reading: Reading, units: dict[str, Unit]) -> str:
    for text in reading.units:
        unit = units[text]
        if unit.fault == "never existed" and not ordinal(text):
            return f"{unit.postcode} is no postcode that ever existed"
        if unit.fault in ("no coordinates", "outside Great Britain"):
            return f"{unit.postcode}: {unit.fault}"
    return ""


def _coarse(reading: Reading, units: dict[str, Unit], gazetteer: Gazetteer) -> Answer | None:
    """Sector, outcode or settlement: the one with the smallest radius, never entering clustering."""
    options: list[tuple[Area, str, str]] = []
    sectors = [*reading.sectors]
    for text in reading.units:
        unit = units[text]
        if unit.fault in ("never existed", "no coordinates") and not ordinal(text):
            sectors.append(unit.postcode[:-2])
    for text in sectors:
        if area := gazetteer.sector(text):
            options.append((area, "sector", "postcode sector"))
    for text in reading.outcodes if not options else ():
        if area := gazetteer.outcode(text):
            options.append((area, "outcode", "postcode district"))
    place = named(reading.segments, gazetteer.settlements)
    others: tuple[Area, ...] = ()
    if place:
        others = place.others
        options.append((place.best, "place", _place_reason(place.best, others, rest=place.rest)))
    if not options:
        return None
    ambiguous = bool(others)
    area, method, how = min(options, key=lambda option: (ambiguous and option[1] == "place", option[0].precision_m))
    rest = [option[0] for option in options if option[0] is not area] + list(others if method == "place" else ())
    candidates = [_candidate(a.name, "P4", a.precision_m, a.easting, a.northing) for a in rest[:MAX_CANDIDATES]]
    return Answer("P4", area.precision_m, method, area.easting, area.northing, area.name, how + _marked(area.marking),
                  candidates)


def _place_reason(best: Area, others: tuple[Area, ...], *, rest: bool) -> str:
    how = "town only: streets and buildings are not matched yet" if rest else "place name"
    if others:
        many = "another place has" if len(others) == 1 else f"{len(others)} other places have"
        how += f"; ambiguous: {many} that name"
    return how


def _marked(marking: str) -> str:
    return f" ({marking})" if marking else ""


def _candidate(matched: str, tier: str, precision_m: float, easting: float, northing: float) -> dict[str, Any]:
    return {"matched": matched, "tier": tier, "precision_m": precision_m, "easting": easting, "northing": northing}
