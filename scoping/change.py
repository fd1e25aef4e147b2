"""Has a known place changed? The exact conditional test (METHODS 2.8).

A place is fixed before the window that tests it: the union of the hotspot's footprints in
windows that had ended when the test window began, in the twelve months before. Testing a
place on the window that picked it finds "growth" in one of four places where there is none.

Counted are child-windows: a child counts once in each window in which it was at the place.
With c of them in the test window and b in the baseline (the earlier windows of the same scheme
that overlap neither it nor one another, up to twelve months), and N_c, N_b the same counts over
the whole area, c given c + b is Bin(c + b, N_c / (N_c + N_b)) when nothing changed at the place.
A rise of the whole force changes N, so it does not make every place "grow".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import betaincinv

from scoping.clusters import Clusters
from scoping.parameters import Parameters
from scoping.points import Floats, Ints, Points
from scoping.windows import Windows

DAY_US = 86_400_000_000
YEAR_US = 366 * DAY_US  # twelve calendar months, thirteen times 28 days, four times 91
MIN_BASELINE_US = 167 * DAY_US  # six 28-day windows, less the hour of a clock change
LEVEL = 0.90


@dataclass(frozen=True)
class Tests:
    """One entry a (hotspot, window) that was asked for. `rr` and the interval are NaN when there is not enough data."""

    rr: Floats
    low: Floats
    high: Floats
    now: Ints  # child-windows at the place in the test window
    before: Ints  # child-windows at the place in the baseline


def rate_ratio(c: Ints, b: Ints, n_c: Ints, n_b: Ints, level: float = LEVEL) -> tuple[Floats, Floats, Floats]:
    """RR = (c / N_c) / (b / N_b) with its Clopper-Pearson interval; NaN where c + b, N_c or N_b is 0.

    With p the share of c in c + b, RR = p / (1 - p) * N_b / N_c. The interval is exact, hence
    conservative: it holds the true ratio at least `level` of the time.
    """
    c, b, n_c, n_b = (np.asarray(count, dtype=np.float64) for count in (c, b, n_c, n_b))
    tail = (1 - level) / 2
    possible = (c + b > 0) & (n_c > 0) & (n_b > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(possible, n_b / n_c, np.nan)
        p_low = np.where(c > 0, betaincinv(np.maximum(c, 1), b + 1, tail), 0.0)
        p_high = np.where(b > 0, betaincinv(c + 1, np.maximum(b, 1), 1 - tail), 1.0)
        return scale * c / b, scale * p_low / (1 - p_low), scale * p_high / (1 - p_high)


def baseline(windows: Windows, test: int, skip: NDArray[np.bool_]) -> list[int]:
    """Earlier windows that overlap neither the test window nor one another, the latest first, up to a year.

    Windows that `skip` marks (no data, partial) are passed over. Empty when they do not reach
    back far enough to tell a change from chance ("not enough data").
    """
    start, end = windows.start_us, windows.end_us
    chosen: list[int] = []
    edge = start[test]
    for window in range(test - 1, -1, -1):
        if start[window] < start[test] - YEAR_US:
            break
        if end[window] <= edge and not skip[window]:
            chosen.append(window)
            edge = start[window]
    reach = sum(int(end[window] - start[window]) for window in chosen)
    return chosen if reach >= MIN_BASELINE_US else []


def test_places(hotspot: Ints, window: Ints, known_hotspot: Ints, known_cluster: Ints, *, clusters: Clusters,
                points: Points, windows: Windows, parameters: Parameters, skip: NDArray[np.bool_]) -> Tests:
    """Test each (hotspot, window). `known_*` list every cluster of every hotspot: the places.

    `hotspot` are numbers; windows that `skip` marks are neither tested nor used as baseline.
    """
    baselines = [baseline(windows, k, skip) if not skip[k] else [] for k in range(len(windows))]
    able = np.array([bool(chosen) for chosen in baselines], dtype=bool)
    ask = np.flatnonzero(able[window]) if len(window) else np.empty(0, np.int64)
    now, before = np.zeros(len(hotspot), np.int64), np.zeros(len(hotspot), np.int64)
    blank = np.full(len(hotspot), np.nan)
    if not len(ask) or not len(known_cluster):
        return Tests(blank, blank.copy(), blank.copy(), now, before)
    visits = _ChildVisits(points, windows)
    asked, site = _fixed_sites(hotspot[ask], window[ask], known_hotspot, known_cluster, clusters, points, windows, parameters)
    tests = ask[asked]
    now += visits.count(tests, site, window[tests], len(hotspot))
    n_now, n_before = visits.total[window], np.zeros(len(hotspot), np.int64)
    longest = max(len(chosen) for chosen in baselines)
    for step in range(longest):  # the first earlier window of every test, then the second ...
        earlier = np.array([chosen[step] if step < len(chosen) else -1 for chosen in baselines])[window]
        use = earlier[tests] >= 0
        before += visits.count(tests[use], site[use], earlier[tests[use]], len(hotspot))
        n_before += np.where(earlier >= 0, visits.total[np.maximum(earlier, 0)], 0)
    fixed = np.zeros(len(hotspot), dtype=bool)
    fixed[tests] = True  # a hotspot that no window had shown before has no place to test
    rr, low, high = rate_ratio(now, before, n_now, n_before)
    enough = fixed & (now + before >= parameters.min_children)
    return Tests(*(np.where(enough, value, np.nan) for value in (rr, low, high)), now, before)


class _ChildVisits:
    """Distinct (site, window, child), and how many different children each window has in all."""

    def __init__(self, points: Points, windows: Windows) -> None:
        low = np.searchsorted(points.at, windows.start_us)
        size = np.maximum(np.searchsorted(points.at, windows.end_us) - low, 0)
        window = np.repeat(np.arange(len(windows)), size)
        at = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size) + np.repeat(low, size)
        self._windows, self._persons = len(windows), max(points.persons, 1)
        key = np.unique((points.site[at] * self._windows + window) * self._persons + points.person[at])
        self._cell, self._child = np.divmod(key, self._persons)
        distinct = np.unique((self._cell % max(self._windows, 1)) * self._persons + self._child)
        self.total = np.bincount(distinct // self._persons, minlength=self._windows)

    def count(self, test: Ints, site: Ints, window: Ints, tests: int) -> Ints:
        """Different children of each test over its (site, window) entries."""
        cell = site * self._windows + window
        low, high = np.searchsorted(self._cell, cell), np.searchsorted(self._cell, cell, side="right")
        size = high - low
        at = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size - low, size)
        child = np.unique(np.repeat(test, size) * self._persons + self._child[at])
        return np.bincount(child // self._persons, minlength=tests)


def _fixed_sites(hotspot: Ints, window: Ints, known_hotspot: Ints, known_cluster: Ints, clusters: Clusters,
                 points: Points, windows: Windows, parameters: Parameters) -> tuple[Ints, Ints]:
    """Every (test, site) such that the site lay in the hotspot's place when the test window began."""
    end = windows.end_us[clusters.summary["window"].to_numpy()]
    begin = np.searchsorted(clusters.discs.group, np.arange(len(end) + 1))
    size = begin[known_cluster + 1] - begin[known_cluster]
    disc = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size - begin[known_cluster], size)
    owner, ended = np.repeat(known_hotspot, size), np.repeat(end[known_cluster], size)
    core, which = np.unique(clusters.core_site[disc], return_inverse=True)
    near_core, near_site = _within(points, core, parameters.eps_m / 2)
    # (hotspot, core site, end) once each, then every site within eps/2 of that core site
    moment, when = np.unique(ended, return_inverse=True)
    key = np.unique((owner * len(core) + which) * len(moment) + when)
    owner, which, when = key // (len(core) * len(moment)), key // len(moment) % len(core), key % len(moment)
    first = np.searchsorted(near_core, np.arange(len(core) + 1))
    size = first[which + 1] - first[which]
    at = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size - first[which], size)
    sites = len(points.site_e)
    known = np.unique((np.repeat(owner, size) * sites + near_site[at]) * len(moment) + np.repeat(when, size))
    place = np.unique(known // len(moment))  # (hotspot, site)
    opens = np.searchsorted(place // sites, np.arange(int(max(hotspot.max(), owner.max())) + 2))
    size = opens[hotspot + 1] - opens[hotspot]
    test = np.repeat(np.arange(len(hotspot)), size)
    at = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size - opens[hotspot], size)
    start = windows.start_us[window[test]]
    # the last time the site was in a footprint that had ended by then
    last = np.searchsorted(known, place[at] * len(moment) + np.searchsorted(moment, start, side="right")) - 1
    held = (last >= 0) & (known[np.maximum(last, 0)] // len(moment) == place[at])
    held &= moment[known[np.maximum(last, 0)] % len(moment)] > start - YEAR_US
    return test[held], place[at[held]] % sites


def _within(points: Points, core: Ints, radius: float) -> tuple[Ints, Ints]:
    """(position in `core`, site) pairs within `radius`, ordered by the first."""
    every = cKDTree(np.column_stack((points.site_e, points.site_n)))
    centres = cKDTree(np.column_stack((points.site_e[core], points.site_n[core])))
    found = centres.sparse_distance_matrix(every, radius, output_type="coo_matrix")
    order = np.argsort(found.row, kind="stable")
    return found.row[order].astype(np.int64), found.col[order].astype(np.int64)
