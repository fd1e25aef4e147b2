"""Where the street of a name lies: its stretches joined, and the other streets of that name that fit as well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_data.placing.home import Home
from geo_data.placing.names import Names, Rows
from geo_data.placing.zones import Floats, Zone

STREET_RADIUS_M = 60.0
LONGEST_M = 2_500.0  # a road of a larger radius is no point
ALONE_M = 20_000.0
MOST_ROWS = 200
JOIN_M = 500.0  # two stretches of one name with a gap up to this are one street
_MARGIN = 0.12  # candidates whose fit is this close to the best are rivals
_OWN = np.array([0.3, 0.15, 0.0])  # what the own area, its neighbours and the rest add to a fit
_ONE_STREET_M = 2_000.0  # stretches of one name that all lie within this are one street
_MOST_KEPT = 100_000
_MAINLY = 0.8  # the share of the length of all streets of a name that fit, from which the longest is meant
_MIDDLE = 0.15  # how much nearer the middle of the place a street must lie to be meant by its bare name


@dataclass(frozen=True)
class Spot:
    """Where a street lies: its stretches joined, and the other streets of the name that fit as well."""

    rows: Rows
    easting: float
    northing: float
    radius: float
    fit: float  # how well it fits the worst of the places
    rivals: tuple[tuple[int, float, float, float], ...]  # row, easting, northing, radius
    others: int  # streets of the name elsewhere
    doubt: float  # the share of the streets of the name in the wider place that lie elsewhere, by their length
    level: int  # of the own area: 0 inside, 1 near, 2 beyond or not known
    alone: bool  # no other street of the name lies within `ALONE_M`
    pieces: bool  # made of streets of one name that do not touch, but lie close together
    weaker: tuple[tuple[int, float, float, float], ...] = ()  # as `rivals`: fit as well, but hardly meant

    def hint_fit(self, zone: Zone) -> float:
        """How well the spot fits one place."""
        return float(zone.fit(None, np.array([self.easting]), np.array([self.northing]))[0])

    def held_by(self, zones: list[Zone]) -> bool:
        """Whether the street lies by right in every place."""
        e, n = np.full(len(self.rows), self.easting), np.full(len(self.rows), self.northing)
        return all(zone.holds(self.rows, e, n).any() for zone in zones)


class Spots:
    """The spots of names, each worked out once."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._known: dict[tuple[str, tuple[str, ...], int], tuple[Spot | None, Home | None]] = {}  # with the own area: keeps its id
        self._points: dict[str, tuple[Floats, Floats, Floats]] = {}

    def find(self, name: str, rows: Rows, zones: list[Zone], home: Home | None) -> Spot | None:
        """Where the street of a name is that fits all places, None when none does."""
        key = (name, tuple(zone.name for zone in zones), id(home))
        found = self._known.get(key)
        if found is None:
            if len(self._known) > _MOST_KEPT:
                self._known.clear()
            found = self._known[key] = (self._find(name, rows, zones, home), home)
        return found[0]

    def located(self, name: str, rows: Rows) -> tuple[Floats, Floats, Floats]:
        """Easting, northing and radius of the rows of a name."""
        found = self._points.get(name)
        if found is None:
            if len(self._points) > _MOST_KEPT:
                self._points.clear()
            found = self._points[name] = self._names.points(rows)
        return found

    def _find(self, name: str, rows: Rows, zones: list[Zone], home: Home | None) -> Spot | None:
        fitting = self._fitting(name, rows, zones, home)
        if fitting is None:
            return None
        kept, fits, level = fitting
        e, n, radius = (axis[kept] for axis in self.located(name, rows))
        score = (fits[0] if len(fits) == 1 else fits.sum(axis=0) / len(fits)) + _OWN[level]
        if len(kept) > 1:
            inner = tightest(zones) if zones else None
            for zone in zones:
                score += zone.pull(e, n) * (0.5 if zone is inner else 0.2 / len(zones))
        close = np.flatnonzero(score >= score.max() - _MARGIN)
        if len(close) > 1:
            close = close[np.lexsort((-radius[close], -score[close]))][:MOST_ROWS]
            own, rest = self._joined(rows[kept], (e, n, radius), close)
        else:
            own, rest = close, close[:0]
        main = int(own[0])
        easting, northing, size = _circle(e[own], n[own], radius[own])
        pieces, main_only = False, False
        if len(rest):
            reach = float((np.hypot(e[rest] - easting, n[rest] - northing) + radius[rest]).max())
            if pieces := reach <= LONGEST_M:
                size, own, rest = max(size, reach), np.concatenate((own, rest)), rest[:0]
            elif zones:
                points = np.append(easting, e[rest]), np.append(northing, n[rest])
                main_only = _is_meant(np.append(size, radius[rest]), tightest(zones).pull(*points))
        doubt = self._doubt((e, n, radius), own, level, fits) if len(kept) > len(own) else 0.0
        tight = zones.index(tightest(zones)) if zones else 0
        others = tuple(zip(*(axis[rest].tolist() for axis in (rows[kept], e, n, radius)), strict=True))
        rivals, weaker = ((), others) if main_only else (others, ())
        return Spot(rows[kept[own]], easting, northing, max(STREET_RADIUS_M, size), float(fits[tight][own].max()), rivals,
                    len(rows) - len(own) - len(others), doubt, int(level[main]),
                    self._alone(self.located(name, rows), kept[own]), pieces, weaker)

    @staticmethod
    def _alone(points: tuple[Floats, Floats, Floats], own: Rows) -> bool:
        e, n, _ = points
        near = np.abs(e - e[own[0]]) < ALONE_M
        near &= np.abs(n - n[own[0]]) < ALONE_M
        near[own] = False
        return not near.any()

    def _fitting(self, name: str, rows: Rows, zones: list[Zone], home: Home | None,
                 ) -> tuple[Rows, Floats, npt.NDArray[np.int8]] | None:
        """Which rows fit every place a little, how well they fit each, and their level in the own area."""
        e, n, _ = self.located(name, rows)
        kept = zones[-1].around(e, n) if zones else np.arange(len(rows))
        if not len(kept):
            return None
        if zones:
            found: list[Floats] = []
            for zone in reversed(zones):  # the most specific first: it leaves fewest
                fit = zone.fit(rows[kept], e[kept], n[kept])
                good = fit > 0
                if not good.any():
                    return None
                kept, found = kept[good], [*(each[good] for each in found), fit[good]]
            fits = np.array(found[::-1])
        else:
            fits = np.ones((1, len(rows)))
        level = home.level(e[kept], n[kept]) if home else np.full(len(kept), 2, dtype=np.int8)
        if not zones and home:
            inside = level == 0
            kept, level, fits = kept[inside], level[inside], fits[:, inside]
        return (kept, fits, level) if len(kept) else None

    def _joined(self, rows: Rows, points: tuple[Floats, Floats, Floats], close: Rows) -> tuple[Rows, Rows]:
        """The stretches of the best street, the longest first, and the other streets among the `close` ones."""
        e, n, radius = points
        first = close[0]
        beside = np.hypot(e[close] - e[first], n[close] - n[first]) <= radius[close] + radius[first] + JOIN_M
        main = close[np.argmax(radius[close] * beside)]
        close = np.concatenate(([main], close[close != main]))
        apart = np.hypot(e[close] - e[main], n[close] - n[main])
        if (apart + radius[close]).max() <= _ONE_STREET_M:
            return close, close[:0]
        gap = apart - radius[close] - radius[main]
        own, rest = close[gap <= JOIN_M], close[gap > JOIN_M]
        if len(rest) and (self._names.groups(rows[rest]) == self._names.groups(rows[own[:1]])[0]).all():
            return close, rest[:0]
        return own, rest

    @staticmethod
    def _doubt(points: tuple[Floats, Floats, Floats], own: Rows, level: npt.NDArray[np.int8], fits: Floats) -> float:
        """How much of the streets of a name, in the wider place that was named, is not the street chosen: by length and by fit.

        Streets further from the own area than the one chosen raise no doubt.
        """
        e, n, radius = points
        other = np.hypot(e - e[own[0]], n - n[own[0]]) > _ONE_STREET_M
        other[own] = False
        other &= level <= level[own[0]]
        weight = radius * fits.min(axis=0) ** 2
        away, here = float(weight[other].sum()), float(weight[own].sum())
        return away / (away + here)


def _is_meant(radius: Floats, pull: Floats) -> bool:
    """Whether the first of several streets is the one meant: by far the longest, or clearly nearer the middle of the place."""
    return bool(radius[0] >= _MAINLY * radius.sum() or pull[0] >= pull[1:].max() + _MIDDLE)


def _circle(e: Floats, n: Floats, radius: Floats) -> tuple[float, float, float]:
    """The middle of circles, weighed by their size, and the radius around it that holds them all."""
    if len(e) == 1:
        return float(e[0]), float(n[0]), float(radius[0])
    weight = radius / radius.sum()
    easting, northing = float((e * weight).sum()), float((n * weight).sum())
    return easting, northing, float((np.hypot(e - easting, n - northing) + radius).max())


def tightest(zones: list[Zone]) -> Zone:
    """The place named next to the street that is no mere county."""
    return next((zone for zone in reversed(zones) if not zone.only_county), zones[-1])
