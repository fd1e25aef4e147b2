"""What a place name stands for on the ground, and how well points fit it.

A name may be a settlement, a locality or post town that streets are listed under, and a district or county,
all at once and several times in the country. `Zone.fit` is 1 inside any of them and falls to 0 within
5 km outside: a street listed in a neighbouring locality still fits, one in another town does not.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from math import hypot, inf
from typing import TYPE_CHECKING, Any

import numpy as np

from geo_data.placing import districts
from geo_data.placing.gazetteer_part import Area
from geo_data.placing.home import CELL_M, SHAPE, Extent, Home, cell_at, cell_numbers
from geo_data.placing.layer_table import NOTHING, Located, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_data.placing.gazetteer import Gazetteer

FEW = 400  # a locality of so few streets is known by them; a larger one by its settlement
STREET_REACH_M = 400.0
_NEXT_M, _FAR_M = 3_000.0, 5_000.0
_STEPS_M = (1.0, 1_000.0, _NEXT_M, _FAR_M)  # outside by less than this: the fit of the same place below
_FITS = (1.0, 0.7, 0.45, 0.2, 0.0)
LISTED, LISTED_FAR = 0.9, 0.3  # in the post town, outside the town itself: to 3 km, and beyond
WELL_KNOWN = 20_000  # inhabitants of a place that needs no county
_BOROUGH = 0.3  # in the district that has the name of a town
_LOOKED_AT = 8  # so many points are looked at one by one sooner than first left out as arrays


@dataclass(frozen=True, eq=False)
class Zone:
    """One name on the ground. `areas` are its settlements, `listed` the streets listed under it.

    With `home` it holds only what of the name lies in or near that own area. What is asked of one point at a time is told in
    plain numbers: most names leave one or two points to look at, for which arrays take many times as long.
    """

    name: str
    areas: tuple[Area, ...]
    listed: Located
    cells: Rows  # filled ones of the district, rising (see `geo_data.placing.home`)
    home: Home | None = None

    def in_district(self, e: float, n: float) -> bool:
        """Whether a point lies in a cell of the district that has the name."""
        return _among(cell_at(e, n), self._cells)

    @property
    def rows(self) -> Rows:
        return self.listed.rows

    @property
    def key(self) -> tuple[str, int]:
        return self.name, id(self.home)

    @cached_property
    def _cells(self) -> memoryview:
        return self.cells.data

    @cached_property
    def _rows(self) -> memoryview:
        return self.rows.data

    @cached_property
    def _circles(self) -> tuple[tuple[float, float, float], ...]:
        return tuple((area.easting, area.northing, area.precision_m) for area in self.areas)

    @cached_property
    def _own_district(self) -> bool:
        """Whether the largest settlement of the name lies in the district of the name."""
        return bool(self.areas) and self.in_district(self.areas[0].easting, self.areas[0].northing)

    def pull(self, e: float, n: float) -> float:
        """Which of several streets inside the place is meant by its bare name, 0 to 1: those in its middle and its district.

        Who means one further out names the suburb.
        """
        found = max((1.0 - hypot(e - x, n - y) / (1.5 * max(radius, 1.0)) for x, y, radius in self._circles), default=0.0)
        return (max(found, 0.0) + self.in_district(e, n)) / 2.0

    def is_main(self, easting: float, northing: float) -> bool:
        """Whether a point lies at the settlement that people far away mean by the name, or there is only one."""
        if len(self.areas) < 2 and not (self.areas and len(self.rows)):
            return True
        large = self.areas[0].population / 2
        return any(hypot(area.easting - easting, area.northing - northing) <= area.precision_m + 5_000.0
                   for area in self.areas if area.population >= large)

    @property
    def people(self) -> int:
        """Inhabitants of the largest settlement of the name."""
        return self.areas[0].population if self.areas else 0

    @cached_property
    def reach(self) -> Extent:
        """A box beyond which nothing fits."""
        boxes = [(e - r - _FAR_M, n - r - _FAR_M, e + r + _FAR_M, n + r + _FAR_M) for e, n, r in self._circles]
        if len(self.rows):
            points, reach = self.listed.points, _FAR_M + STREET_REACH_M
            (west, south, _), (east, north, _) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
            boxes.append((west - reach, south - reach, east + reach, north + reach))
        if len(self.cells):
            row = self.cells % SHAPE[1]
            first, last = (int(cell) // SHAPE[1] for cell in (self.cells[0], self.cells[-1]))  # the cells rise by column
            boxes.append((first * CELL_M, int(row.min()) * CELL_M, (last + 1) * CELL_M, (int(row.max()) + 1) * CELL_M))
        west, south, east, north = zip(*boxes, strict=True)
        return min(west), min(south), max(east), max(north)

    @cached_property
    def only_county(self) -> bool:
        return not self.areas and not len(self.rows)

    def fit(self, row: int | None, e: float, n: float) -> float:
        """How well a point (of a street's row, or of anything when `row` is None) fits, 0 to 1."""
        west, south, east, north = self.reach
        if not (west <= e <= east and south <= n <= north):
            return 0.0
        listed = len(self._rows)
        outside = inf
        for x, y, radius in self._circles:
            outside = min(outside, hypot(e - x, n - y) - radius)
        if 0 < listed <= FEW and outside >= _STEPS_M[0]:
            outside = min(outside, self._from_streets(e, n))
        fit = _fit(outside)
        if fit < 1.0 and listed:
            if row is not None:
                if _among(row, self._rows):
                    fit = (max(fit, LISTED) if outside < _NEXT_M else LISTED_FAR) if self._circles else 1.0
            elif listed > FEW and not self._circles:
                fit = max(fit, _fit(self._from_streets(e, n)))
        if len(self._cells):
            if self.in_district(e, n):
                fit = max(fit, 1.0 if self.only_county else _BOROUGH)
            elif not self.only_county and self._own_district:  # the boundary of a town that is a district is known
                fit = min(fit, _BOROUGH)
        return fit

    def _from_streets(self, e: float, n: float) -> float:
        """How far a point lies outside the reach of the nearest street listed."""
        return float(np.hypot(self.listed.e - e, self.listed.n - n).min()) - STREET_REACH_M

    def holds(self, row: int, e: float, n: float) -> bool:
        """Whether a street is listed under the name, or lies in the district of the name: in it by right, not only near it."""
        return _among(row, self._rows) or self.in_district(e, n)

    @cached_property
    def sample(self) -> list[tuple[float, float]]:
        """Points that stand for the zone: settlements, up to 50 streets, or cells of the district."""
        if self.areas or len(self.rows):
            step = max(1, len(self.rows) // 50)
            return [(e, n) for e, n, _ in self._circles] + _pairs(self.listed.e[::step], self.listed.n[::step])
        return _pairs(*_middles(self.cells[:: max(1, len(self.cells) // 200)]))


def within(boxes: Sequence[Extent], held: Located) -> Located:
    """Those that may lie in every box: of many no others, of few all."""
    if len(held.rows) <= _LOOKED_AT or not boxes:
        return held
    west, south, east, north = zip(*boxes, strict=True)
    e, n = held.e, held.n
    return held.only((e >= max(west)) & (e <= min(east)) & (n >= max(south)) & (n <= min(north)))


def _fit(outside: float) -> float:
    return _FITS[bisect_right(_STEPS_M, outside)]


def _among(number: int, rising: memoryview) -> bool:
    """Whether a number is among others that rise."""
    at = bisect_left(rising, number)
    return at < len(rising) and rising[at] == number


def _pairs(e: Any, n: Any) -> list[tuple[float, float]]:
    return list(zip(e.tolist(), n.tolist(), strict=True))


def _middles(cells: Rows) -> tuple[Any, Any]:
    """Easting and northing of the middles of cells."""
    column, row = np.divmod(cells, SHAPE[1])
    return column * float(CELL_M) + CELL_M / 2, row * float(CELL_M) + CELL_M / 2


class Zones:
    """The zones of names, each worked out once. Read-only for its users; safe to share between threads."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._known: dict[str, Zone | None] = {}
        self._together: dict[tuple[str, int, str, int], bool] = {}
        self._near: dict[tuple[str, int], tuple[Zone | None, Home]] = {}  # with the own area: keeps its id

    def find(self, name: str) -> Zone | None:
        """The zone of a normalised name; None when no place has it."""
        known = self._known.get(name, False)  # asked once: another thread may clear it
        if not isinstance(known, bool):
            return known
        if len(self._known) > 200_000:
            self._known.clear()
        found = self._known[name] = self._make(name)
        return found

    def _make(self, name: str) -> Zone | None:
        if not name or name.isdigit() or len(name) < 3:
            return None
        areas = (*self._gazetteer.named.settlements(name), *self._gazetteer.named.localities(name))
        listed = self._gazetteer.streets.listed(name)
        codes = districts.named(name)
        if not areas and not len(listed.rows) and not codes:
            return None
        return Zone(name, areas, listed, cell_numbers(self._gazetteer, codes) if codes else NOTHING)

    def near(self, zone: Zone, home: Home) -> Zone | None:
        """What of a name lies in or near the own area; the whole where only a place that everybody knows has it; else None."""
        key = (zone.name, id(home))
        found = self._near.get(key)
        if found is None:
            if len(self._near) > 100_000:
                self._near.clear()
            found = self._near[key] = (self._part(zone, home), home)
        return found[0]

    @staticmethod
    def _part(zone: Zone, home: Home) -> Zone | None:
        areas = tuple(area for area in zone.areas if home.level_at(area.easting, area.northing) < 2)
        own = home.level(zone.listed.e, zone.listed.n) < 2
        cells = zone.cells if len(zone.cells) and (home.level(*_middles(zone.cells)) < 2).any() else NOTHING
        if not areas and not own.any() and not len(cells):
            return zone if zone.only_county or zone.people >= WELL_KNOWN else None
        if len(areas) == len(zone.areas) and own.all() and len(cells) == len(zone.cells):
            return zone
        return Zone(zone.name, areas, zone.listed.only(own), cells, home)

    def together(self, a: Zone, b: Zone) -> bool:
        """Whether some place of name `a` lies in or near one of name `b`."""
        pair = (*a.key, *b.key)
        found = self._together.get(pair)
        if found is None:
            if len(self._together) > 200_000:
                self._together.clear()
            found = self._together[pair] = any(b.fit(None, *point) > 0.0 for point in a.sample) or (
                not b.only_county and any(a.fit(None, *point) > 0.0 for point in b.sample))
        return found
