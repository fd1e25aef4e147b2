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
from scoping.runs import distinct, expand
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
    now, before, all_now, all_before = (np.asarray(count, dtype=np.float64) for count in (c, b, n_c, n_b))
    tail = (1 - level) / 2
    possible = (now + before > 0) & (all_now > 0) & (all_before > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(possible, all_before / all_now, np.nan)
        p_low = np.where(now > 0, betaincinv(np.maximum(now, 1), before + 1, tail), 0.0)
        p_high = np.where(before > 0, betaincinv(now + 1, np.maximum(before, 1), 1 - tail), 1.0)
        return scale * now / before, scale * p_low / (1 - p_low), scale * p_high / (1 - p_high)


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
    asked, site = _fixed_sites(hotspot[ask], window[ask], known_hotspot, known_cluster, clusters=clusters,
                               points=points, windows=windows, parameters=parameters)
    tests = ask[asked]
    visits = _ChildVisits(points, windows, site)
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
    enough = fixed & (now + before >= parameters.min_children)
    rr, low, high = (np.where(enough, value, np.nan) for value in rate_ratio(now, before, n_now, n_before))
    return Tests(rr, low, high, now, before)


class _ChildVisits:
    """Different children at each of the sites asked for in each window, and in each window over all sites."""

    def __init__(self, points: Points, windows: Windows, sites: Ints) -> None:
        edges = (np.searchsorted(points.time, edge) for edge in (windows.start_us, windows.end_us))
        window, at = expand(*edges)
        self._windows, self._persons = len(windows), max(points.persons, 1)
        everywhere = distinct(window * self._persons + points.person[at])
        self.total = np.bincount(everywhere // self._persons, minlength=self._windows)
        wanted = np.zeros(len(points.site_e), dtype=bool)
        wanted[sites] = True
        self._number = np.cumsum(wanted) - 1
        there = wanted[points.site[at]]
        window, at = window[there], at[there]
        key = distinct((self._number[points.site[at]] * self._windows + window) * self._persons + points.person[at])
        cell, self._child = np.divmod(key, self._persons)
        counts = np.bincount(cell, minlength=int(wanted.sum()) * self._windows)
        self._begin = np.concatenate(([0], np.cumsum(counts)))

    def count(self, test: Ints, site: Ints, window: Ints, tests: int) -> Ints:
        """Different children of each test over its (site, window) entries."""
        cell = self._number[site] * self._windows + window
        entry, at = expand(self._begin[cell], self._begin[cell + 1])
        child = distinct(test[entry] * self._persons + self._child[at])
        return np.bincount(child // self._persons, minlength=tests)


def _fixed_sites(hotspot: Ints, window: Ints, known_hotspot: Ints, known_cluster: Ints, *, clusters: Clusters,
                 points: Points, windows: Windows, parameters: Parameters) -> tuple[Ints, Ints]:
    """Every (test, site) such that the site lay in the hotspot's place when the test window began."""
    ends, which_end = np.unique(windows.end_us, return_inverse=True)
    when = which_end[clusters.summary["window"].to_numpy()[known_cluster]]
    group = clusters.footprints.discs.group
    entry, disc = expand(np.searchsorted(group, known_cluster), np.searchsorted(group, known_cluster, side="right"))
    core, which = np.unique(clusters.core_site[disc], return_inverse=True)
    # (hotspot, core site, end) once each, then every site within eps/2 of that core site
    key = distinct((known_hotspot[entry] * len(core) + which) * len(ends) + when[entry])
    owner, which, when = key // (len(core) * len(ends)), key // len(ends) % len(core), key % len(ends)
    near_core, near_site = _within(points, core, parameters.eps_m / 2)
    entry, at = expand(np.searchsorted(near_core, which), np.searchsorted(near_core, which, side="right"))
    sites = len(points.site_e)
    known = distinct((owner[entry] * sites + near_site[at]) * len(ends) + when[entry])
    place = distinct(known // len(ends))  # (hotspot, site)
    begin = np.searchsorted(known, place * len(ends))
    test, at = expand(np.searchsorted(place, hotspot * sites), np.searchsorted(place, (hotspot + 1) * sites))
    # the last time the site was in a footprint that had ended when the test window began
    ended = np.searchsorted(ends, windows.start_us, side="right")[window[test]]
    last = np.searchsorted(known, place[at] * len(ends) + ended) - 1
    held = last >= begin[at]
    held &= ends[known[last] % len(ends)] > windows.start_us[window[test]] - YEAR_US
    return test[held], place[at[held]] % sites


def _within(points: Points, core: Ints, radius: float) -> tuple[Ints, Ints]:
    """(position in `core`, site) pairs within `radius`, ordered by the first."""
    every = cKDTree(np.column_stack((points.site_e, points.site_n)))
    centres = cKDTree(np.column_stack((points.site_e[core], points.site_n[core])))
    found = centres.sparse_distance_matrix(every, radius, output_type="coo_matrix")
    order = np.argsort(found.row, kind="stable")
    return found.row[order].astype(np.int64), found.col[order].astype(np.int64)
