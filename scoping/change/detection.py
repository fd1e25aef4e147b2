"""How many days until a new place is found, at how many false alarms a year? (METHODS section 12)

A background without change is drawn from real places, one child a record; in it a place is planted on a known day that gains
so many children a week; every week each method looks. A method's false alarms are counted in worlds without a plant, and its
threshold is the one at which they are as many as allowed, so that methods are compared at equal cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import bdtrc

from geo_data.errors import ParameterError
from scoping.change.permutation_scan import Search, scan
from scoping.change.scan import ScanSettings
from scoping.clustering.points import Floats, Ints

BASELINE_DAYS = 365
WATCHED_DAYS = 84
WEEKS = WATCHED_DAYS // 7
SPREAD_M = 100.0  # of a planted place
JITTER_M = 30.0
FOUND_M = 1_000.0  # an alarm within this distance of the plant has found it
SQUARE_M = 1_000.0
EPS_M, CLUSTER_DAYS = 250.0, 28
SCAN = ScanSettings()
SEARCHES = {
    "scan": Search(SCAN.lengths, SCAN.radius_m, least=SCAN.least, runs=0),
    "scan up to 1 km": Search(SCAN.lengths, 1_000.0, least=SCAN.least, runs=0),
}
ROLLING, OWN, COMBINED = "rolling clusters", "clusters against their own past", "scan and clusters together"
METHODS = (*SEARCHES, ROLLING, OWN, COMBINED)
COLUMNS = ("method", "rate", "median_days", "found", "low", "high", "mean_days", "false_alarms_a_year")
Progress = Callable[[int, int], bool | None]


@dataclass(frozen=True)
class Bench:
    """`per_month` background records in 28 days; `rates` extra children a week; `worlds` for each; `null_worlds`, each
    watched for 12 weeks; `alarms` false alarms a year that are allowed; `quiet` plants in the quieter half of the 1 km
    squares that hold records, else in proportion to the records.
    """

    per_month: int = 280
    rates: tuple[float, ...] = (1.5, 3.0, 5.0)
    worlds: int = 30
    null_worlds: int = 40
    alarms: float = 4.0
    quiet: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if not (10 <= self.per_month <= 5_000 and 1 <= self.worlds <= 1_000 and 10 <= self.null_worlds <= 1_000):
            raise ParameterError("The bench takes 10 to 5,000 records a month, 1 to 1,000 worlds and 10 to 1,000 null worlds.",
                                 where="per_month, worlds")
        if not self.rates or min(self.rates) <= 0 or max(self.rates) > 100 or not 0.5 <= self.alarms <= 50 or self.seed < 0:
            raise ParameterError("Rates are above 0 and up to 100 a week, alarms 0.5 to 50 a year.", where="rates, alarms")


@dataclass(frozen=True)
class World:
    """Records of one world, one child each: EPSG:27700 metres, `day` from 0 on the day the plant begins, at `plant`."""

    easting: Floats
    northing: Floats
    day: Ints
    plant: tuple[float, float]


# the evidence of one week: a value for each place that a method points to, and where
Evidence = tuple[Floats, Floats, Floats]


def bench(easting: Floats, northing: Floats, asked: Bench, progress: Progress | None = None) -> pd.DataFrame:
    """One row a method and rate, `COLUMNS`. `median_days` is NaN when under half are found within 84 days; `found` is the
    share found, `low` and `high` its 95 % Wilson interval; `mean_days` counts those not found as 91. Same seed, same answer.
    """
    total, done = asked.null_worlds + len(asked.rates) * asked.worlds, 0
    null: list[dict[str, Floats]] = []
    rows = []

    def told() -> bool:
        nonlocal done
        done += 1
        return progress is None or progress(done, total) is not False

    for number in range(asked.null_worlds):
        held = world(easting, northing, asked, 0.0, np.random.default_rng([asked.seed, 0, number]))
        weeks = [evidence(held, week) for week in range(1, WEEKS + 1)]
        null.append({method: np.array([_highest(each[method]) for each in weeks]) for method in weeks[0]})
        if not told():
            break
    quiet = {method: np.sort(np.concatenate([each[method] for each in null])) for method in null[0]}
    quiet[COMBINED] = np.sort(np.maximum(*(np.concatenate([_rarity(each[method], quiet[method]) for each in null])
                                           for method in ("scan", OWN))))
    threshold = {method: _threshold(values, asked.alarms) for method, values in quiet.items()}
    for rate in asked.rates:
        days: dict[str, list[float]] = {method: [] for method in METHODS}
        for number in range(asked.worlds):
            held = world(easting, northing, asked, rate, np.random.default_rng([asked.seed, 1, number]))
            first = _first_found(held, threshold, quiet)
            for method in METHODS:
                days[method].append(first[method])
            if not told():
                break
        rows += [_row(method, rate, np.array(days[method]), (quiet[method] > threshold[method]).mean() * 365 / 7)
                 for method in METHODS]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def world(easting: Floats, northing: Floats, asked: Bench, rate: float, chance: np.random.Generator) -> World:
    """A year of background, 84 days of watching, and a plant of `rate` children a week (0 = none)."""
    count = int(chance.poisson(asked.per_month / 28 * (BASELINE_DAYS + WATCHED_DAYS)))
    drawn = chance.integers(0, len(easting), count)
    at = _site(easting, northing, chance, quiet=asked.quiet)
    extra = int(chance.poisson(rate / 7 * WATCHED_DAYS))
    planted = chance.normal(at, SPREAD_M, (extra, 2))
    return World(np.concatenate([easting[drawn] + chance.normal(0, JITTER_M, count), planted[:, 0]]),
                 np.concatenate([northing[drawn] + chance.normal(0, JITTER_M, count), planted[:, 1]]),
                 np.concatenate([chance.integers(-BASELINE_DAYS, WATCHED_DAYS, count), chance.integers(0, WATCHED_DAYS, extra)]),
                 at)


def evidence(held: World, week: int) -> dict[str, Evidence]:
    """What each method sees at the end of the `week`-th week, knowing nothing later."""
    age = 7 * week - 1 - held.day
    inside = (age >= 0) & (age < BASELINE_DAYS)
    e, n, age = held.easting[inside], held.northing[inside], age[inside]
    seen = {}
    for method, search in SEARCHES.items():
        found = scan(e, n, age, search, most=3).cylinders
        seen[method] = (found["ratio"].to_numpy(), found["x"].to_numpy(), found["y"].to_numpy())
    return seen | _clusters(e, n, age)


def _clusters(e: Floats, n: Floats, age: Ints) -> dict[str, Evidence]:
    """Cores of the last 28 days: how many children are within eps, alone and against the year before at the same circle."""
    place = np.column_stack([e, n])
    recent = np.flatnonzero(age < CLUSTER_DAYS)
    tree, every = cKDTree(place[recent]), cKDTree(place)
    now = tree.query_ball_point(place[recent], EPS_M, return_length=True) if len(recent) else np.empty(0, np.int64)
    core = recent[now >= 3]
    now = now[now >= 3]
    past = every.query_ball_point(place[core], EPS_M, return_length=True) - now if len(core) else now
    # new: no cluster of as many in the 28 days before at the same circle
    before = np.flatnonzero((age >= CLUSTER_DAYS) & (age < 2 * CLUSTER_DAYS))
    fresh = np.ones(len(core), dtype=bool)
    if len(before) and len(core):
        fresh = cKDTree(place[before]).query_ball_point(place[core], EPS_M, return_length=True) < 3
    tail = -np.log(bdtrc(now - 1, now + past, CLUSTER_DAYS / BASELINE_DAYS))
    return {ROLLING: (now[fresh].astype(np.float64), e[core][fresh], n[core][fresh]), OWN: (tail, e[core], n[core])}


def _first_found(held: World, threshold: dict[str, float], quiet: dict[str, Floats]) -> dict[str, float]:
    """Days until each method points within 1 km of the plant with evidence above its threshold; inf when it never does."""
    first = dict.fromkeys(METHODS, np.inf)
    for week in range(1, WEEKS + 1):
        seen = evidence(held, week)
        best = {method: float(values[np.hypot(x - held.plant[0], y - held.plant[1]) <= FOUND_M].max(initial=0.0))
                for method, (values, x, y) in seen.items()}
        best[COMBINED] = max(float(_rarity(np.array([best[method]]), quiet[method])[0]) for method in ("scan", OWN))
        for method in METHODS:
            if best[method] > threshold[method] and np.isinf(first[method]):
                first[method] = 7.0 * week
        if np.isfinite(list(first.values())).all():
            break
    return first


def _site(easting: Floats, northing: Floats, chance: np.random.Generator, *, quiet: bool) -> tuple[float, float]:
    """Where to plant: at a real record, so never in the sea."""
    pick = int(chance.integers(0, len(easting)))
    if quiet:
        square = np.column_stack([np.floor(easting / SQUARE_M), np.floor(northing / SQUARE_M)])
        _, which, held = np.unique(square, axis=0, return_inverse=True, return_counts=True)
        which = which.ravel()
        rank = np.argsort(np.argsort(held, kind="stable"), kind="stable")
        pick = int(chance.choice(np.flatnonzero(which == chance.choice(np.flatnonzero(rank < len(held) / 2)))))
    return float(easting[pick]), float(northing[pick])


def _highest(seen: Evidence) -> float:
    return float(seen[0].max(initial=0.0))


def _rarity(values: Floats, quiet: Floats) -> Floats:
    """Minus log of the share of quiet weeks with at least as much; beyond all of them it goes on with the value itself."""
    above = len(quiet) - np.searchsorted(quiet, values, side="left")
    beyond = np.maximum(values - quiet[-1], 0) if len(quiet) else 0.0
    return np.asarray(-np.log((above + 1) / (len(quiet) + 1)) + beyond, dtype=np.float64)


def _threshold(quiet: Floats, alarms: float) -> float:
    """The value that the allowed share of quiet weeks exceeds, and no more."""
    allowed = int(np.floor(alarms * 7 / 365 * len(quiet)))
    return float(quiet[len(quiet) - 1 - allowed]) if allowed < len(quiet) else -np.inf


def _row(method: str, rate: float, days: NDArray[np.float64], alarms: float) -> tuple[object, ...]:
    share, count, z = float(np.isfinite(days).mean()), len(days), 1.96
    scale, half = 1 + z**2 / count, z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    low, high = (share + z**2 / (2 * count) - half) / scale, (share + z**2 / (2 * count) + half) / scale
    middle = np.sort(days)[(count - 1) // 2]  # the lower of two middle ones: an infinite one is no number
    return (method, rate, float(middle) if np.isfinite(middle) else np.nan, share, float(max(0.0, low)), float(min(1.0, high)),
            float(np.minimum(days, WATCHED_DAYS + 7).mean()), round(float(alarms), 2))
