"""From text to a point with an honest precision: the ladder.

Rungs, finest first: latitude and longitude, easting and northing, unit postcode, grid reference; streets,
junctions and features such as stations, as far as a layer of the gazetteer holds them; then the coarse
ones, which never enter clustering: sector, outcode, settlement. What cannot be read is answered with a
reason, never with a point. Without a layer of streets, a street with a known town gives the town.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geo_data.grid import in_gb_degrees, to_bng
from geo_data.placing.answer import MAX_CANDIDATES, Answer, candidate, marked, tier_of_radius
from geo_data.placing.decisions import Decisions, text_key
from geo_data.placing.gazetteer import Area, Gazetteer
from geo_data.placing.home import BEYOND, Extent, Home, home
from geo_data.placing.mend import mend
from geo_data.placing.parse import Reading, only_road, ordinal, read
from geo_data.placing.settlement import COMMON, Named, Towns

COORDINATE_RADIUS_M = 10.0
CONTRADICTION_M = 5_000.0  # a postcode further from coordinates of the same record contradicts them
CONTRADICTED = 0.5
_POSTCODE_LOST = 0.2
_SAME_PLACE_M = 250.0
_MOST_AREAS = 200
_TOGETHER_M = 1_000.0
_WELL_KNOWN = 10_000  # inhabitants of a place beyond the own area that may still be meant
_SURELY_KNOWN = 50_000  # likewise when its name is an everyday word
# Confidence: see docs/GEOCODING.md for how often each was right.
COORDINATES_SURE, POSTCODE_SURE, POSTCODE_REPAIRED, AREA_SURE, PLACE_SURE, PLACE_AMBIGUOUS = 0.95, 0.86, 0.8, 0.85, 0.8, 0.4
PLACE_FAR = 0.5  # nobody near has the name: of stops in Northumbria's villages all of these were wrong


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


def geocode(texts: Iterable[str | None], gazetteer: Gazetteer, area: str | Iterable[str] | Extent | Home | None = None, *,
            decisions: Decisions | None = None) -> pd.DataFrame:
    """Locate texts; one row per text, in order; equal texts are worked out once.

    `area` is the own area (see `geo_data.placing.home`): where a name is found several times, it and its neighbours come
    first; a street without a town is looked for in it alone. Raises `InputError` for an area that is not known.
    `decisions` of a team about texts of this kind go before every other rung.

    Columns: text, tier (P1-P5), precision_m, method, easting, northing (EPSG:27700), matched, reason
    (one sentence), candidates (list of dicts: matched, tier, precision_m, easting, northing), confidence
    (0 to 1: how often such an answer lies within three times its precision), rung (what answered).
    No text raises, whatever it holds.
    """
    given = [text if isinstance(text, str) else "" for text in texts]
    own = area if area is None or isinstance(area, Home) else home(area, gazetteer)
    with _no_garbage_search():
        answers = _decided(given, decisions, own) if decisions else {}
        readings = {text: read(text) for text in dict.fromkeys(given) if text not in answers}
        units = _units(readings.values(), gazetteer)
        answers |= {text: answer(reading, units, gazetteer, own) for text, reading in readings.items()}
        return _frame(given, [answers[text] for text in given])


def _frame(texts: list[str], rows: list[Answer]) -> pd.DataFrame:
    return pd.DataFrame({
        "text": pd.Series(texts, dtype="object"),  # may hold what no UTF-8 column can
        "tier": pd.Series([row.tier for row in rows], dtype="str"),
        "precision_m": pd.Series([row.precision_m for row in rows], dtype="float64"),
        "method": pd.Series([row.method for row in rows], dtype="str"),
        "easting": pd.Series([row.easting for row in rows], dtype="float64"),
        "northing": pd.Series([row.northing for row in rows], dtype="float64"),
        "matched": pd.Series([row.matched for row in rows], dtype="str"),
        "reason": pd.Series([row.reason for row in rows], dtype="str"),
        "candidates": pd.Series([row.candidates for row in rows], dtype="object"),
        "confidence": pd.Series([row.confidence for row in rows], dtype="float64"),
        "rung": pd.Series([row.rung for row in rows], dtype="str"),
    })


@contextmanager
def _no_garbage_search() -> Iterator[None]:
    """Reading texts leaves no garbage to search for, but keeps so much that searching through it took a tenth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _decided(texts: Iterable[str], decisions: Decisions, own: Home | None) -> dict[str, Answer]:
    """The texts a team has decided about."""
    codes = own.codes if own else frozenset()
    found = {text: decisions.find(key, codes) for text in dict.fromkeys(texts) if (key := text_key(text))}
    return {text: decision.answer() for text, decision in found.items() if decision}


def _units(readings: Iterable[Reading], gazetteer: Gazetteer) -> dict[str, Unit]:
    """Every postcode written in any of the texts, looked up in one go."""
    wanted = list(dict.fromkeys(unit for reading in readings for unit in (*reading.units, *reading.slips)))
    found = gazetteer.postcodes(wanted, repair=True).drop(columns="known")
    found["postcode"] = found["postcode"].astype(object)
    return {text: Unit(*row) for text, row in zip(wanted, found.itertuples(index=False, name=None), strict=True)}


def answer(reading: Reading, units: dict[str, Unit], gazetteer: Gazetteer, own: Home | None = None) -> Answer:
    """Climb the ladder for one reading."""
    troubles: list[str] = []
    for rung in (_from_degrees, _from_metres, _from_units, _from_grid):
        found = rung(reading, units, gazetteer)
        if isinstance(found, Answer):
            return _premises(found, reading, gazetteer) or _against_postcode(found, reading, units)
        troubles += [found] if found else []
    street = None if reading.coded else _named(reading, gazetteer, own)
    coarse = None if street and street.fine else _coarse(reading, units, gazetteer, own)
    context = street if street and street.fine else coarse
    lost = [text for text in reading.units if units[text].fault == "never existed" and not ordinal(text)]
    if lost and context and (context.fine or context.method == "place") and (mended := mend(lost, gazetteer, context)):
        return replace(mended, reason="; ".join([*troubles, mended.reason]))
    if street and street.fine:
        best = _premises(street, reading, gazetteer) or street
        if lost:  # what is wrong in the postcode may be wrong in the street
            best = replace(best, confidence=round(best.confidence - _POSTCODE_LOST, 2))
        return replace(best, reason="; ".join([*troubles, best.reason])) if troubles else best
    if coarse and not (street and street.precision_m < coarse.precision_m):
        street, coarse = None, replace(coarse, candidates=(street.candidates if street else []) + coarse.candidates,
                                       reason="; ".join([*([street.reason] if street else []), coarse.reason]))
    if rough := street or coarse:
        return replace(rough, reason="; ".join([*troubles, rough.reason]), candidates=rough.candidates[:MAX_CANDIDATES])
    if not troubles:
        on_a_road = "a numbered road without a place: too long to be a point" if only_road(reading) else ""
        troubles = [reading.null or on_a_road or "no postcode, coordinates or known place name in the text"]
    return Answer(reason="; ".join(troubles))


def _premises(found: Answer, reading: Reading, gazetteer: Gazetteer) -> Answer | None:
    """The house or flat at the postcode or street found, where addresses are held."""
    at_hand = gazetteer.address_rung if found.fine and found.method in ("postcode", "street") else None
    return at_hand.answer(reading.segments, found) if at_hand else None


def _against_postcode(found: Answer, reading: Reading, units: dict[str, Unit]) -> Answer:
    """Coordinates beside a postcode that lies far from them: one of the two is wrong, so the answer is coarse."""
    if found.method == "postcode":
        return found
    for text in reading.units:
        unit = units[text]
        apart = float(np.hypot(unit.easting - found.easting, unit.northing - found.northing)) if unit.located else 0.0
        if apart > CONTRADICTION_M + found.precision_m:
            return replace(found, tier="P4", precision_m=float(round(apart)), confidence=CONTRADICTED, reason=(
                f"{found.reason}; the postcode in it lies {apart / 1000:.0f} km away: one of the two is wrong"))
    return found


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
                  "latitude and longitude in the text", [], COORDINATES_SURE, "coordinates")


def _from_metres(reading: Reading, units: dict[str, Unit], gazetteer: Gazetteer) -> Answer | str:
    if reading.bng is None:
        return ""
    e, n = reading.bng
    if not gazetteer.on_land(e, n).all():
        swapped = bool(gazetteer.on_land(n, e).all())
        return "easting and northing look swapped" if swapped else "the easting and northing lie in the sea"
    return Answer("P1", COORDINATE_RADIUS_M, "coordinates_bng", e, n, f"{e:.0f}, {n:.0f}",
                  "easting and northing in the text", [], COORDINATES_SURE, "coordinates")


def _from_grid(reading: Reading, units: dict[str, Unit], gazetteer: Gazetteer) -> Answer | str:
    if reading.grid is None:
        return ""
    e, n, cell, reference = reading.grid
    if not gazetteer.on_land(e, n).all():
        return "the grid reference lies in the sea"
    precision = max(COORDINATE_RADIUS_M, cell / 2)
    return Answer(tier_of_radius(precision), precision, "grid_reference", e, n, reference,
                  f"grid reference: the centre of a {cell:,.0f} m cell", [], COORDINATES_SURE, "grid_reference")


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
    candidates = [candidate(u.postcode, "P3", u.precision_m, u.easting, u.northing) for u in options]
    if spread > _SAME_PLACE_M:
        return Answer(reason=f"{len(options)} postcodes up to {spread / 1000:.1f} km apart in the text: pick one",
                      candidates=candidates[:MAX_CANDIDATES])
    how = "unit postcode, with O and 0 or I, l and 1 put right" if first.repaired else "unit postcode in the text"
    return Answer("P3", max(first.precision_m, round(spread)), "postcode", first.easting, first.northing,
                  first.postcode, how + marked(first.marking), candidates[1:MAX_CANDIDATES],
                  POSTCODE_REPAIRED if first.repaired else POSTCODE_SURE, "postcode")


def _trouble(reading: Reading, units: dict[str, Unit]) -> str:
    for text in reading.units:
        unit = units[text]
        if unit.fault == "never existed" and not ordinal(text):
            return f"{unit.postcode} is no postcode that ever existed"
        if unit.fault in ("no coordinates", "outside Great Britain"):
            return f"{unit.postcode}: {unit.fault}"
    return ""


def _coarse(reading: Reading, units: dict[str, Unit], gazetteer: Gazetteer, own: Home | None) -> Answer | None:
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
    place = _towns(gazetteer, own).named(reading.segments)
    streets = len(gazetteer.streets) > 0
    others: tuple[Area, ...] = ()
    far = False
    if place:
        others = place.others
        far = own is not None and own.level_at(place.best.easting, place.best.northing) >= BEYOND
        options.append((place.best, "place", _place_reason(place, streets=streets, far=far)))
    if not options:
        return None
    ambiguous = bool(others)
    area, method, how = min(options, key=lambda option: (ambiguous and option[1] == "place", option[0].precision_m))
    rest = [option[0] for option in options if option[0] is not area] + list(others if method == "place" else ())
    candidates = [candidate(a.name, "P4", a.precision_m, a.easting, a.northing) for a in rest[:MAX_CANDIDATES]]
    sure = AREA_SURE if method != "place" else PLACE_AMBIGUOUS if ambiguous else PLACE_FAR if far else PLACE_SURE
    return Answer("P4", area.precision_m, method, area.easting, area.northing, area.name, how + marked(area.marking),
                  candidates, sure, method)


def _named(reading: Reading, gazetteer: Gazetteer, own: Home | None) -> Answer | None:
    """A street, junction or feature. A house number goes before a station; else the smaller of two that agree counts."""
    if not len(gazetteer.streets) and not len(gazetteer.features):
        return None
    found = gazetteer.street_rung.reader.read(reading.segments, reading.roads)
    street = gazetteer.street_rung.answer(found, own)
    feature = gazetteer.feature_rung.answer(found, own)
    if feature is None or not feature.fine or (street and street.fine and street.method == "junction"):
        return street or feature
    if street is None or not street.fine:
        return feature
    if any(named.number for named in found.streets):
        return street
    apart = np.hypot(street.easting - feature.easting, street.northing - feature.northing)
    return feature if apart <= street.precision_m + _TOGETHER_M else street


def _towns(gazetteer: Gazetteer, own: Home | None) -> Towns:
    """What finds settlements, those in or near the own area first; the rest only where there is none."""
    found = gazetteer.towns.get(id(own))
    if found is None:
        if len(gazetteer.towns) > _MOST_AREAS:
            gazetteer.towns.clear()
        found = gazetteer.towns[id(own)] = Towns(_own_first(gazetteer, own) if own else gazetteer.named.settlements), own
    return found[0]


def _own_first(gazetteer: Gazetteer, own: Home) -> Callable[[str], list[Area]]:
    def look_up(name: str) -> list[Area]:
        areas = gazetteer.named.settlements(name)
        if not areas:
            return areas
        level = [own.level_at(area.easting, area.northing) for area in areas]
        nearest, known = min(level), _SURELY_KNOWN if name in COMMON else _WELL_KNOWN
        return [area for area, at in zip(areas, level, strict=True) if at == nearest and (at < BEYOND or area.population >= known)]

    return look_up


def _place_reason(place: Named, *, streets: bool, far: bool) -> str:
    more = "town only: the street or building was not found in it" if streets else "town only: no list of streets is loaded"
    how = more if place.rest else "place name"
    if place.others:
        many = "another place has" if len(place.others) == 1 else f"{len(place.others)} other places have"
        how += f"; ambiguous: {many} that name"
    return f"{how}; it lies beyond the own area and its neighbours" if far else how
