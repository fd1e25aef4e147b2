"""What a place name stands for on the ground, and how well points fit it.

A name may be a settlement, a locality or post town that streets are listed under, and a district or county,
all at once and several times in the country. `Zone.fit` is 1 inside any of them and falls to 0 within
5 km outside: a street listed in a neighbouring locality still fits, one in another town does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import hypot
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo_data.placing import districts
from geo_data.placing.gazetteer_part import Area
from geo_data.placing.home import CELL_M, SHAPE, Home, cell_numbers, cell_of

if TYPE_CHECKING:
    from geo_data.placing.gazetteer import Gazetteer

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
_NONE: Rows = np.zeros(0, dtype=np.int64)
FEW = 400  # a locality of so few streets is known by them; a larger one by its settlement
STREET_REACH_M = 400.0
_STEPS_M = np.array([1.0, 1_000.0, 3_000.0, 5_000.0])  # outside by less than this: the fit of the same place below
_FITS = np.array([1.0, 0.7, 0.45, 0.2, 0.0])
LISTED, LISTED_FAR = 0.9, 0.3  # in the post town, outside the town itself: to 3 km, and beyond
WELL_KNOWN = 20_000  # inhabitants of a place that needs no county
_BOROUGH = 0.3  # in the district that has the name of a town


@dataclass(frozen=True, eq=False)
class Zone:
    """One name on the ground. `areas` are its settlements, `rows` the streets listed under it.

    With `home` it holds only what of the name lies in or near that own area.
    """

    name: str
    areas: tuple[Area, ...]
    rows: Rows
    points: tuple[Floats, Floats]  # of the rows
    cells: Rows  # filled ones of the district, rising (see `geo_data.placing.home`)
    home: Home | None = None

    def in_district(self, e: Floats, n: Floats) -> npt.NDArray[np.bool_]:
        """Which points lie in a cell of the district that has the name."""
        return _among(cell_of(e, n), self.cells)

    @property
    def key(self) -> tuple[str, int]:
        return self.name, id(self.home)

    @cached_property
    def _circles(self) -> Floats:
        return np.array([[area.easting, area.northing, area.precision_m] for area in self.areas]).reshape(-1, 3)

    @cached_property
    def _own_district(self) -> bool:
        """Whether the largest settlement of the name lies in the district of the name."""
        first = self.areas[0] if self.areas else None
        return first is not None and bool(self.in_district(np.array([first.easting]), np.array([first.northing]))[0])

    def pull(self, e: Floats, n: Floats) -> Floats:
        """Which of several streets inside the place is meant by its bare name, 0 to 1: those in its middle and its district.

        Who means one further out names the suburb.
        """
        found = np.zeros(len(e))
        for easting, northing, radius in self._circles:
            np.maximum(found, 1.0 - np.hypot(e - easting, n - northing) / (1.5 * radius), out=found)
        if len(self.cells):
            found += self.in_district(e, n)
        return found / 2.0

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
    def _box(self) -> tuple[float, float, float, float]:
        e, n = self.points
        reach = _STEPS_M[-1] + STREET_REACH_M
        return float(e.min() - reach), float(n.min() - reach), float(e.max() + reach), float(n.max() + reach)

    @cached_property
    def _reach(self) -> tuple[float, float, float, float]:
        """A box beyond which nothing fits."""
        boxes = [self._box] if len(self.rows) else []
        for e, n, radius in self._circles + np.array([0.0, 0.0, _STEPS_M[-1]]):
            boxes.append((e - radius, n - radius, e + radius, n + radius))
        if len(self.cells):
            column, row = np.divmod(self.cells, SHAPE[1])
            boxes.append((column.min() * CELL_M, row.min() * CELL_M, (column.max() + 1) * CELL_M, (row.max() + 1) * CELL_M))
        west, south, east, north = (array.tolist() for array in np.array(boxes).T)
        return min(west), min(south), max(east), max(north)

    def around(self, e: Floats, n: Floats) -> Rows:
        """The numbers of the points that may fit."""
        if len(e) < FEW // 10:
            return np.arange(len(e))
        west, south, east, north = self._reach
        return np.flatnonzero((e >= west) & (e <= east) & (n >= south) & (n <= north))

    @property
    def only_county(self) -> bool:
        return not self.areas and not len(self.rows)

    def fit(self, rows: Rows | None, e: Floats, n: Floats) -> Floats:
        """How well points (of street rows, or of anything when `rows` is None) fit, 0 to 1."""
        outside = np.full(len(e), np.inf)
        for easting, northing, radius in self._circles:
            np.minimum(outside, np.hypot(e - easting, n - northing) - radius, out=outside)
        if 0 < len(self.rows) <= FEW:
            west, south, east, north = self._box
            close = np.flatnonzero((e > west) & (e < east) & (n > south) & (n < north) & (outside >= _STEPS_M[0]))
            if len(close):
                near = np.hypot(e[close, None] - self.points[0], n[close, None] - self.points[1]).min(axis=1)
                outside[close] = np.minimum(outside[close], near - STREET_REACH_M)
        fit = _FITS[np.searchsorted(_STEPS_M, outside, side="right")]
        if rows is not None and len(self.rows):
            listed = _among(rows, self.rows)
            fit[listed] = np.where(outside[listed] < _STEPS_M[2], np.maximum(fit[listed], LISTED), LISTED_FAR) \
                if len(self._circles) else 1.0
        elif rows is None and len(self.rows) > FEW and not len(self._circles):
            near = np.array([np.hypot(x - self.points[0], y - self.points[1]).min() for x, y in zip(e, n, strict=True)])
            fit = np.maximum(fit, _FITS[np.searchsorted(_STEPS_M, near - STREET_REACH_M, side="right")])
        if len(self.cells):
            inside = self.in_district(e, n)
            fit[inside] = np.maximum(fit[inside], 1.0 if self.only_county else _BOROUGH)
            if not self.only_county and self._own_district:  # the boundary of a town that is a district is known
                fit[~inside] = np.minimum(fit[~inside], _BOROUGH)
        return fit

    def holds(self, rows: Rows, e: Floats, n: Floats) -> npt.NDArray[np.bool_]:
        """Whether streets are listed under the name, or lie in the district of the name: in it by right, not only near it."""
        return _among(rows, self.rows) | self.in_district(e, n)

    @cached_property
    def sample(self) -> tuple[Floats, Floats]:
        """Points that stand for the zone: settlements, up to 50 streets, or cells of the district."""
        if len(self._circles) or len(self.rows):
            step = max(1, len(self.rows) // 50)
            return (np.concatenate([self._circles[:, 0], self.points[0][::step]]),
                    np.concatenate([self._circles[:, 1], self.points[1][::step]]))
        return _middles(self.cells[:: max(1, len(self.cells) // 200)])


def _among(numbers: Rows, rising: Rows) -> npt.NDArray[np.bool_]:
    """Which numbers are among others that rise: `np.isin` without sorting both."""
    if not len(rising):
        return np.zeros(len(numbers), dtype=bool)
    return np.asarray(rising[np.minimum(rising.searchsorted(numbers), len(rising) - 1)] == numbers)


def _middles(cells: Rows) -> tuple[Floats, Floats]:
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
        if name not in self._known:
            if len(self._known) > 200_000:
                self._known.clear()
            self._known[name] = self._make(name)
        return self._known[name]

    def _make(self, name: str) -> Zone | None:
        if not name or name.isdigit() or len(name) < 3:
            return None
        areas = (*self._gazetteer.settlements(name), *self._gazetteer.localities(name))
        rows = np.sort(self._gazetteer.streets.inside(name))
        codes = districts.named(name)
        if not areas and not len(rows) and not codes:
            return None
        e, n, _ = self._gazetteer.streets.points(rows)
        return Zone(name, areas, rows, (e, n), cell_numbers(self._gazetteer, codes) if codes else _NONE)

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
        areas = tuple(area for area in zone.areas if home.level(area.easting, area.northing) < 2)
        e, n = zone.points
        listed = home.level(e, n) < 2 if len(e) else np.zeros(0, dtype=bool)
        cells = zone.cells if (home.level(*_middles(zone.cells)) < 2).any() else _NONE
        if not areas and not listed.any() and not len(cells):
            return zone if zone.only_county or zone.people >= WELL_KNOWN else None
        if len(areas) == len(zone.areas) and listed.all() and cells is zone.cells:
            return zone
        return Zone(zone.name, areas, zone.rows[listed], (e[listed], n[listed]), cells, home)

    def together(self, a: Zone, b: Zone) -> bool:
        """Whether some place of name `a` lies in or near one of name `b`."""
        pair = (*a.key, *b.key)
        if pair not in self._together:
            if len(self._together) > 200_000:
                self._together.clear()
            e, n = a.sample
            near = bool((b.fit(None, e, n) > 0).any())
            if not near and not b.only_county:
                e, n = b.sample
                near = bool((a.fit(None, e, n) > 0).any())
            self._together[pair] = near
        return self._together[pair]
