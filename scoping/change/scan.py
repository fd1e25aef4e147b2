"""Alerts for new places: the prospective space-time permutation scan over children (METHODS section 9).

Each week the last 7 to 28 days are searched for circles of up to 500 m in which more different children were than the place's
and the days' own totals explain. A recurrence interval says how often chance alone would give as much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from geo_data.errors import ParameterError
from scoping.change import recording
from scoping.change.child_places import UNIX, ChildPlaces, child_places, local_days
from scoping.change.permutation_scan import Search, scan
from scoping.clustering.points import Ints, Points, take
from scoping.left_out import entering
from scoping.parameters import Parameters, WindowScheme

WATCH_DAYS, ALERT_DAYS = 100.0, 365.0
LEVELS = {"alert": "alert", "watch": "watch", "none": "within chance"}
LEAST_DAYS = 168  # of records before the last day, else there is no "usual" to hold it against
LEAST_CASES = 30
OK, NOT_ENOUGH = "ok", "not_enough_data"
COLUMNS = ("level", "recurrence_days", "p", "children", "episodes", "expected", "ratio", "length_days", "first_day", "last_day",
           "radius_m", "easting", "northing", "top_share")


@dataclass(frozen=True)
class ScanSettings:
    """Dials of the scan: lengths in days, greatest radius in metres, days of baseline, permutations, days between scans."""

    lengths: tuple[int, ...] = (7, 14, 21, 28)
    radius_m: float = 500.0
    days: int = 365
    runs: int = 999
    step_days: int = 7
    least: int = 3
    most: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.lengths or list(self.lengths) != sorted(set(self.lengths)) or self.lengths[0] < 1:
            raise ParameterError("The lengths of the scan must be different whole days, rising.", where="lengths")
        if not (100.0 <= self.radius_m <= 5_000.0 and 2 * self.lengths[-1] <= self.days <= 1_461):
            raise ParameterError("The scan takes a radius of 100 to 5,000 m and at least twice its longest length of days.",
                                 where="radius_m, days")
        if self.runs < 19 or self.least < 3 or self.step_days < 1:
            raise ParameterError("The scan needs at least 19 permutations, three children and a step of a day.", where="runs")


@dataclass(frozen=True)
class Alerts:
    """What one scan found, with personal detail: only `showing.alerts.release_alerts` turns it into something to show.

    `cylinders`: `COLUMNS`, best first; places in EPSG:27700 metres, days local and inclusive; `expected` is of child-places.
    `members`: of each cylinder the positions of its records in the frame of locations. `statements`: what limits the
    answer, in sentences. `status` is "ok" or "not_enough_data" (then there is no cylinder).
    """

    at: date
    settings: ScanSettings
    status: str
    statements: tuple[str, ...]
    records: int
    child_places: int
    children: int
    cylinders: pd.DataFrame
    members: tuple[Ints, ...] = field(default=())


def prospective(locations: pd.DataFrame, parameters: Parameters, at: date | None = None, settings: ScanSettings | None = None,
                today: date | None = None) -> Alerts:
    """Scan the days up to and with the local day `at` (default: the last day with a record that enters).

    Of `parameters` the roles and filters count; windows do not. Records after `at` are not looked at. Same rows in any
    order, same answer.
    """
    settings = settings or ScanSettings()
    asked = replace(parameters, window=WindowScheme("days", 28, 28), start=None, end=None)
    points = take(locations, entering(locations, asked, today))
    days = local_days(points.time)
    if not len(points):
        return _nothing(at or date.fromordinal(UNIX.toordinal()), settings, "No record with a place that is exact enough and "
                        "a day enters the scan.")
    last = (at - UNIX.date()).days if at else int(days.max())
    at = UNIX.date() + timedelta(days=last)
    told = []
    if later := int((days > last).sum()):
        told.append(f"{later:,} {'record is' if later == 1 else 'records are'} dated after {_said(at)} and not looked at.")
    found = child_places(points, last, settings.days)
    if refusal := _too_little(found, settings, last - int(days.min())):
        return _nothing(at, settings, *told, refusal)
    told += _silences(last - days, at, settings)
    strata, jumped = _strata(locations, points, found, settings)
    told += jumped
    search = Search(settings.lengths, settings.radius_m, least=settings.least, runs=settings.runs)
    result = scan(found.easting, found.northing, found.age, search, seed=settings.seed, child=found.person, strata=strata,
                  most=settings.most)
    frame, members = _describe(result.cylinders, points, last - days, at, settings)
    return Alerts(at, settings, OK, tuple(told), found.records, len(found), len(np.unique(found.person)), frame,
                  members)


def weekly(locations: pd.DataFrame, parameters: Parameters, at: date | None, weeks: int, *, settings: ScanSettings | None = None,
           today: date | None = None, progress: Callable[[int, int], bool | None] | None = None) -> list[Alerts]:
    """The scans of the `weeks` weeks up to `at`, oldest first. `progress(done, weeks)` may return False to stop."""
    settings = settings or ScanSettings()
    done: list[Alerts] = []
    for week in range(weeks):
        day = done[0].at - timedelta(days=settings.step_days * week) if done else at
        done.append(prospective(locations, parameters, day, settings, today))
        if progress is not None and progress(week + 1, weeks) is False:
            break
    return done[::-1]


def level(recurrence_days: float) -> str:
    """"alert", "watch" or "none", by how many days chance needs on average to give such a place."""
    return "alert" if recurrence_days >= ALERT_DAYS else "watch" if recurrence_days >= WATCH_DAYS else "none"


def _said(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _nothing(at: date, settings: ScanSettings, *told: str) -> Alerts:
    return Alerts(at, settings, NOT_ENOUGH, told, 0, 0, 0, pd.DataFrame(columns=list(COLUMNS)))


def _too_little(found: ChildPlaces, settings: ScanSettings, reach: int) -> str:
    """Why nothing can be said; empty when something can."""
    recent = int((found.age < settings.lengths[-1]).sum())
    if not recent:
        return f"No record enters in the {settings.lengths[-1]} days up to this day: silence is not safety."
    if reach < LEAST_DAYS:
        return f"The records reach back {reach} days; at least {LEAST_DAYS} are needed to know what is usual."
    if (children := len(np.unique(found.person))) < settings.least:
        return f"The records are of {children} {'child' if children == 1 else 'children'}; an alert needs {settings.least}."
    if len(found) < LEAST_CASES:
        return f"Only {len(found)} visits of different children enter; at least {LEAST_CASES} are needed to know what is usual."
    if (found.easting == found.easting[0]).all() and (found.northing == found.northing[0]).all():
        return "All records lie at one place: there is no elsewhere to hold it against."
    return ""


def _silences(age: Ints, at: date, settings: ScanSettings) -> list[str]:
    age = age[(age >= 0) & (age < settings.days)]
    told = []
    silent = recording.late(age, settings.days)
    if silent:
        told.append(f"There is no record of the last {silent} days: the data may not have arrived, and what is new may be missed.")
    for old, young in recording.gaps(age, min(settings.days, int(age.max()) + 1)):
        if young > 0 and not (silent and young < silent):
            told.append(f"There is no record from {_said(at - timedelta(days=old))} to {_said(at - timedelta(days=young))}: "
                        "no data, not zero. Dates are dealt only among days that have records.")
    return told


def _strata(locations: pd.DataFrame, points: Points, found: ChildPlaces, settings: ScanSettings) -> tuple[Ints, list[str]]:
    """One stratum for each agency whose recording jumped, one for all others; and what to say of it."""
    names = locations["responsible_la"].iloc[points.row[found.point]]
    code, labels = pd.factorize(names, sort=True)
    strata = np.zeros(len(found), np.int64)
    told = []
    jumped = recording.jumps(code.astype(np.int64), found.age, found.easting, found.northing, lengths=settings.lengths,
                             days=settings.days, radius=settings.radius_m)
    for number, jump in enumerate(jumped, start=1):
        strata[code == jump.agency] = number
        name = f"authority {labels[jump.agency]}" if jump.agency >= 0 else "records without a responsible authority"
        told.append(f"The volume of {name} is {jump.times:.0f} times its usual in the last {jump.days} days, everywhere at once: "
                    "its recording may have changed. It is held against its own total, so that this alone raises no alert.")
    return strata, told


def _describe(cylinders: pd.DataFrame, points: Points, age: Ints, at: date, settings: ScanSettings
              ) -> tuple[pd.DataFrame, tuple[Ints, ...]]:
    e, n = points.site_e[points.site], points.site_n[points.site]
    rows, members = [], []
    for row in cylinders.to_dict("records"):
        near = (e - row["x"]) ** 2 + (n - row["y"]) ** 2 <= row["radius"] ** 2 * (1 + 1e-12)  # a root, squared, may fall short
        inside = np.flatnonzero(near & (age >= 0) & (age < row["length"]))
        person, counts = np.unique(points.person[inside], return_counts=True)
        recurrence = settings.step_days / row["p"]
        rows.append({
            "level": level(recurrence), "recurrence_days": recurrence, "p": row["p"], "children": len(person),
            "episodes": len(np.unique(points.episode[inside])), "expected": row["expected"], "ratio": row["ratio"],
            "length_days": row["length"], "first_day": at - timedelta(days=row["length"] - 1), "last_day": at,
            "radius_m": row["radius"], "easting": row["x"], "northing": row["y"], "top_share": counts.max() / counts.sum()})
        members.append(points.row[inside])
    return pd.DataFrame(rows, columns=list(COLUMNS)), tuple(members)
