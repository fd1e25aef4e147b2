"""One case a child, 28 days and place: what the scan counts, so that one child's burst is not a crowd (METHODS section 9).

Without it a child who goes missing ten times in a month to one place looks like ten children, and a test that should be
wrong one time in twenty is wrong nearly every time. The scan then counts a child of several cases once in a cylinder.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from scoping.clustering.points import Floats, Ints, Points
from scoping.windows import ZONE

PERIOD_DAYS = 28
LINK_M = 500.0
UNIX = pd.Timestamp("1970-01-01")


@dataclass(frozen=True)
class ChildPlaces:
    """One entry a (child, period, place): the child, the age of its first point in whole local days before the last day
    (0 = on it), and where that was (EPSG:27700 metres).

    `point` is that point's position in the points; `records` how many points are in all of them.
    """

    point: Ints
    person: Ints
    age: Ints
    easting: Floats
    northing: Floats
    records: int

    def __len__(self) -> int:
        return len(self.point)


def local_days(time: Ints) -> Ints:
    """Microseconds since 1970 UTC as local days (Europe/London) since 1970-01-01."""
    local = pd.DatetimeIndex(pd.to_datetime(time, unit="us", utc=True)).tz_convert(ZONE).tz_localize(None)
    return np.asarray((local.normalize() - UNIX) // pd.Timedelta(days=1), dtype=np.int64)


def child_places(points: Points, last_day: int, days: int, link_m: float = LINK_M) -> ChildPlaces:
    """The cases of the `days` up to and with `last_day` (local days since 1970).

    Periods of 28 days are counted back from `last_day`. A child's points of one period belong to one place when steps of
    at most `link_m` join them; the first of them, by time and then site, stands for all.
    """
    age = last_day - local_days(points.time)
    inside = np.flatnonzero((age >= 0) & (age < days))
    if not len(inside):
        none, nowhere = np.empty(0, np.int64), np.empty(0, np.float64)
        return ChildPlaces(none, none, none, nowhere, nowhere, 0)
    periods = days // PERIOD_DAYS + 1
    _, group = np.unique(points.person[inside] * periods + age[inside] // PERIOD_DAYS, return_inverse=True)
    e, n = points.site_e[points.site[inside]], points.site_n[points.site[inside]]
    tree = cKDTree(np.column_stack([e, n, group * (3.0 * link_m)]))  # groups lie too far apart to be joined
    pairs = tree.query_pairs(link_m, output_type="ndarray")
    joined = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(inside), len(inside)))
    _, label = connected_components(joined, directed=False)
    order = np.lexsort((points.site[inside], points.time[inside], label))
    first = np.sort(order[np.concatenate(([True], np.diff(label[order]) != 0))])
    return ChildPlaces(inside[first], points.person[inside][first], age[inside][first], e[first], n[first], len(inside))
