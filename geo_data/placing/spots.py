"""Where the street of a name lies: its stretches joined, and the other streets of that name that fit as well."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import hypot
from typing import NamedTuple

import numpy as np

from geo_data.placing.home import Home
from geo_data.placing.layer_table import Located
from geo_data.placing.names import Names
from geo_data.placing.zones import Zone, within

STREET_RADIUS_M = 60.0
LONGEST_M = 2_500.0  # a road of a larger radius is no point
ALONE_M = 20_000.0
MOST_ROWS = 200
JOIN_M = 500.0  # two stretches of one name with a gap up to this are one street
_MARGIN = 0.12  # candidates whose fit is this close to the best are rivals
_OWN = (0.3, 0.15, 0.0)  # what the own area, its neighbours and the rest add to a fit
_ONE_STREET_M = 2_000.0  # stretches of one name that all lie within this are one street
_MOST_KEPT = 100_000
_MAINLY = 0.8  # the share of the length of all streets of a name that fit, from which the longest is meant
_MIDDLE = 0.15  # how much nearer the middle of the place a street must lie to be meant by its bare name


class Stretch(NamedTuple):
    """One row of a name that fits every place a little."""

    row: int
    easting: float
    northing: float
    radius: float
    fits: tuple[float, ...]  # of each place, in their order
    level: int  # of the own area: 0 inside, 1 near, 2 beyond or not known

    def apart(self, other: Stretch) -> float:
        return hypot(self.easting - other.easting, self.northing - other.northing)


Other = tuple[int, float, float, float]  # row, easting, northing, radius


@dataclass(frozen=True, eq=False)
class Spot:
    """Where a street lies: its stretches joined, and the other streets of the name that fit as well."""

    rows: tuple[int, ...]
    easting: float
    northing: float
    radius: float
    fit: float  # how well it fits the worst of the places
    rivals: tuple[Other, ...]
    weaker: tuple[Other, ...]  # as `rivals`: fit as well, but hardly meant
    doubt: float  # the share of the streets of the name in the wider place that lie elsewhere, by their length
    level: int  # of the own area, as in `Stretch`
    pieces: bool  # made of streets of one name that do not touch, but lie close together
    name: Located  # all of the name

    @property
    def others(self) -> int:
        """Streets of the name elsewhere."""
        return len(self.name.rows) - len(self.rows) - len(self.rivals) - len(self.weaker)

    @cached_property
    def alone(self) -> bool:
        """Whether no other street of the name lies within `ALONE_M`."""
        rows, points = self.name
        near = (np.abs(points - points[rows.searchsorted(self.rows[0])])[:, :2] < ALONE_M).all(axis=1)
        return set(self.rows).issuperset(rows[near].tolist())

    def hint_fit(self, zone: Zone) -> float:
        """How well the spot fits one place."""
        return zone.fit(None, self.easting, self.northing)

    def held_by(self, zones: list[Zone]) -> bool:
        """Whether the street lies by right in every place."""
        return all(any(zone.holds(row, self.easting, self.northing) for row in self.rows) for zone in zones)


class Spots:
    """The spots of names, each worked out once."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._known: dict[tuple[str, tuple[str, ...], int], tuple[Spot | None, Home | None]] = {}  # with the own area: keeps its id

    def find(self, name: str, held: Located, zones: list[Zone], home: Home | None) -> Spot | None:
        """Where the street of a name is that fits all places, None when none does. `held`: all of the name."""
        key = (name, tuple([zone.name for zone in zones]), id(home))
        found = self._known.get(key)
        if found is None:
            if len(self._known) > _MOST_KEPT:
                self._known.clear()
            found = self._known[key] = (self._find(held, zones, home), home)
        return found[0]

    def _find(self, held: Located, zones: list[Zone], home: Home | None) -> Spot | None:
        kept = fitting(held, zones, home)
        if not kept:
            return None
        own, rest = kept[:1], kept[:0]
        if len(kept) > 1:
            scores = [_score(stretch, zones) for stretch in kept]
            least = max(scores) - _MARGIN
            close = sorted((-score, -kept[at].radius, at) for at, score in enumerate(scores) if score >= least)
            own, rest = self._joined([kept[at] for _, _, at in close[:MOST_ROWS]])
        main = own[0]
        easting, northing, size = _circle(own)
        pieces, main_only = False, False
        if rest:
            reach = max(hypot(each.easting - easting, each.northing - northing) + each.radius for each in rest)
            if pieces := reach <= LONGEST_M:
                size, own, rest = max(size, reach), own + rest, []
            elif zones:
                inner = tightest(zones)
                main_only = _is_meant([size, *(each.radius for each in rest)], inner.pull(easting, northing),
                                      max(inner.pull(each.easting, each.northing) for each in rest))
        tight = zones.index(tightest(zones)) if zones else 0
        others = tuple([each[:4] for each in rest])
        return Spot(
            rows=tuple([each.row for each in own]), easting=easting, northing=northing, radius=max(STREET_RADIUS_M, size),
            fit=max([each.fits[tight] for each in own]), rivals=() if main_only else others, weaker=others if main_only else (),
            doubt=_doubt(kept, own) if len(kept) > len(own) else 0.0, level=main.level, pieces=pieces, name=held)

    def _joined(self, close: list[Stretch]) -> tuple[list[Stretch], list[Stretch]]:
        """The stretches of the best street, the longest first, and the other streets among the `close` ones, the best first."""
        first = close[0]
        main = max((each for each in close if each.apart(first) <= each.radius + first.radius + JOIN_M), key=_radius)
        close = [main, *(each for each in close if each is not main)]
        apart = [each.apart(main) for each in close]
        if max(gap + each.radius for gap, each in zip(apart, close, strict=True)) <= _ONE_STREET_M:
            return close, []
        joins = [gap - each.radius - main.radius <= JOIN_M for gap, each in zip(apart, close, strict=True)]
        own, rest = ([each for each, join in zip(close, joins, strict=True) if join is wanted] for wanted in (True, False))
        group = self._names.group(main.row)
        if rest and all(self._names.group(each.row) == group for each in rest):
            return close, []
        return own, rest


def fitting(held: Located, zones: list[Zone], home: Home | None, *, streets: bool = True) -> list[Stretch]:
    """What of a name fits every place a little; without a place what lies in the own area; without both all of it.

    A street also fits a place that it is listed under.
    """
    near = within([zone.reach for zone in zones] or ([home.reach] if home else []), held)
    found = []
    backwards = zones[::-1]  # the most specific first: it leaves fewest
    for row, (easting, northing, size) in zip(near.rows.tolist(), near.points.astype(np.float64).tolist(), strict=True):
        fits = []
        for zone in backwards:
            fit = zone.fit(row if streets else None, easting, northing)
            if fit <= 0.0:
                break
            fits.append(fit)
        else:
            level = home.level_at(easting, northing) if home else 2
            if zones or not home or level == 0:
                found.append(Stretch(row, easting, northing, size, tuple(fits[::-1]) or (1.0,), level))
    return found


def _radius(stretch: Stretch) -> float:
    return stretch.radius


def _score(stretch: Stretch, zones: list[Zone]) -> float:
    """How likely a stretch is the one meant: by its fit, the own area, and how near the middle of the places it lies."""
    score = sum(stretch.fits) / len(stretch.fits) + _OWN[stretch.level]
    inner = tightest(zones) if zones else None
    for zone in zones:
        score += zone.pull(stretch.easting, stretch.northing) * (0.5 if zone is inner else 0.2 / len(zones))
    return score


def _doubt(kept: list[Stretch], own: list[Stretch]) -> float:
    """How much of the streets of a name, in the wider place that was named, is not the street chosen: by length and by fit.

    Streets further from the own area than the one chosen raise no doubt.
    """
    main, chosen = own[0], {each.row for each in own}
    here = sum([_weight(each) for each in own])
    away = sum([_weight(each) for each in kept
                if each.level <= main.level and each.row not in chosen and each.apart(main) > _ONE_STREET_M])
    return away / (away + here)


def _weight(stretch: Stretch) -> float:
    least = min(stretch.fits)
    return stretch.radius * (least * least)


def _is_meant(radius: list[float], pull: float, other: float) -> bool:
    """Whether the first of several streets is the one meant: by far the longest, or clearly nearer the middle of the place."""
    return radius[0] >= _MAINLY * sum(radius) or pull >= other + _MIDDLE


def _circle(own: list[Stretch]) -> tuple[float, float, float]:
    """The middle of circles, weighed by their size, and the radius around it that holds them all."""
    if len(own) == 1:
        return own[0].easting, own[0].northing, own[0].radius
    e, n, radius = (np.array(column) for column in list(zip(*own, strict=True))[1:4])
    weight = radius / radius.sum()
    easting, northing = float((e * weight).sum()), float((n * weight).sum())
    return easting, northing, float((np.hypot(e - easting, n - northing) + radius).max())


def tightest(zones: list[Zone]) -> Zone:
    """The place named next to the street that is no mere county."""
    return next((zone for zone in reversed(zones) if not zone.only_county), zones[-1])
