"""How many days until a new place is found, at how many false alarms a year? (METHODS section 12)

A background without change is drawn from real places, one child a record; a place is planted in it on a known day and gains
so many children a week; every week each method looks. A method's false alarms are counted in worlds without a plant, and its
threshold is the one at which they are as many as allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo_data.errors import InputError
from scoping.change.permutation_scan import Search, scan
from scoping.clustering.points import Floats, Ints

BASELINE_DAYS = 365
WATCHED_DAYS = 84
SPREAD_M = 100.0
NEAR_M = 1_000.0
QUIET = 0.5  # places in the lower half of density are quiet
Progress = Callable[[int, int], bool | None]


@dataclass(frozen=True)
class World:
    """Cases of one world: EPSG:27700 metres, and the day, 0 on the day the plant begins; `planted` marks its cases."""

    easting: Floats
    northing: Floats
    day: Ints
    planted: Ints
    at: tuple[float, float]


@dataclass(frozen=True)
class Settings:
    """`per_month` background records in 28 days; `rates` extra children a week; `worlds` for each; `null_worlds`, each
    watched for `WATCHED_DAYS`; `runs` permutations of a scan; `alarms` false alarms a year that are allowed.
    """

    per_month: int = 280
    rates: tuple[float, ...] = (1.5, 3.0, 5.0)
    worlds: int = 30
    null_worlds: int = 40
    runs: int = 99
    alarms: float = 4.0
    lengths: tuple[int, ...] = (7, 14, 21, 28)
    quiet: bool | None = None  # plant in quiet places, in busy ones, or anywhere by area (None)
    seed: int = 0


# a method's evidence in one week: the higher the more; where it points to
Evidence = tuple[float, Floats, Floats]


def world(easting: Floats, northing: Floats, settings: Settings, rate: float, chance: np.random.Generator) -> World:
    """A year of background, 84 days of watching, and a plant of `rate` children a week (0 = none)."""
    days = BASELINE_DAYS + WATCHED_DAYS
    count = chance.poisson(settings.per_month / 28 * days)
    drawn = chance.integers(0, len(easting), count)
    e, n = easting[drawn] + chance.normal(0, 30, count), northing[drawn] + chance.normal(0, 30, count)
    day = chance.integers(-BASELINE_DAYS, WATCHED_DAYS, count)
    at = _site(easting, northing, settings.quiet, chance)
    extra = chance.poisson(rate / 7 * WATCHED_DAYS)
    where = chance.normal(at, SPREAD_M, (extra, 2))
    return World(np.concatenate([e, where[:, 0]]), np.concatenate([n, where[:, 1]]),
                 np.concatenate([day, chance.integers(0, WATCHED_DAYS, extra)]).astype(np.int64),
                 np.arange(count + extra) >= count, at)


def _site(easting: Floats, northing: Floats, quiet: bool | None, chance: np.random.Generator) -> tuple[float, float]:
    """Where to plant: near a real record, so never in the sea; drawn by how dense its 1 km square is when asked."""
    square = np.floor(easting / NEAR_M).astype(np.int64) * 10_000 + np.floor(northing / NEAR_M).astype(np.int64)
    squares, which, held = np.unique(square, return_inverse=True, return_counts=True)
    if quiet is None:
        pick = int(chance.integers(0, len(easting)))  # in proportion to what is there, as the published comparison did
    else:
        share = np.argsort(np.argsort(held, kind="stable"), kind="stable") / len(squares)
        allowed = np.flatnonzero((share < QUIET) if quiet else (share >= QUIET))
        pick = int(chance.choice(np.flatnonzero(which == chance.choice(allowed))))
    return float(easting[pick]), float(northing[pick])


def by_scan(held: World, today: int, settings: Settings, seed: int) -> Evidence:
    """The scan's best circle: minus log p, so that a threshold is a recurrence interval."""
    age = today - held.day
    inside = (age >= 0) & (age < BASELINE_DAYS)
    found = scan(held.easting[inside], held.northing[inside], age[inside],
                 Search(settings.lengths, 1_000.0, least=3, runs=settings.runs), seed=seed, most=3)
    if found.cylinders.empty:
        return 0.0, np.empty(0), np.empty(0)
    best = found.cylinders.iloc[0]
    # under the lowest p that the permutations can give, how far beyond the highest of them orders the weeks
    beyond = max(0.0, float(best["ratio"] - found.maxima.max()))
    return -np.log(best["p"]) + beyond, np.array([best["x"]]), np.array([best["y"]])
