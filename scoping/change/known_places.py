"""Has a known place changed? The exact conditional test (METHODS 2.8).

A place is fixed before the window that tests it: the union of the hotspot's footprints in
windows that had ended when the test window began, in the twelve months before. Testing a
place on the window that picked it finds "growth" in one of four places where there is none.

Counted are child-windows: a child counts once in each window in which it was at the place.
With c of them in the test window and b in the baseline (the earlier windows of the same scheme
that overlap neither it nor one another, up to twelve months), and N_c, N_b the same counts over
the whole area, c given c + b is Bin(c + b, N_c / (N_c + N_b)) when nothing changed at the place.
A rise of the whole force changes N, so it does not make every place "grow".

The p-values are mid-p, one-sided each way and doubled; over all places of a window they are adjusted
for their number (Benjamini & Hochberg 1995): of the changes with q <= 0.10 one in ten is false.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv

from scoping.change import false_discovery
from scoping.clustering.clusters import Clusters
from scoping.clustering.nearby import Nearby
from scoping.clustering.points import Floats, Ints, Points
from scoping.parameters import Parameters
from scoping.windows import Windows

DAY_US = 86_400_000_000
YEAR_US = 366 * DAY_US  # twelve calendar months, thirteen times 28 days, four times 91
MIN_BASELINE_US = 167 * DAY_US  # six 28-day windows, less the hour of a clock change
LEVEL = 0.90
FALSE_SHARE = 0.10  # of the changes that are said to be beyond chance over a whole window


@dataclass(frozen=True)
class Tests:
    """One entry a (hotspot, window). `rr`, the interval and `p` are NaN where there is not enough data or none was asked for."""

    rr: Floats
    low: Floats
    high: Floats
    now: Ints  # child-windows at the place in the test window
    before: Ints  # child-windows at the place in the baseline
    p: Floats  # two-sided mid-p


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


def mid_p(c: Ints, b: Ints, n_c: Ints, n_b: Ints) -> tuple[Floats, Floats]:
    """One-sided mid-p values of a rise and of a fall; NaN where c + b, N_c or N_b is 0. They add up to 1."""
    now, before, all_now, all_before = (np.asarray(count, dtype=np.float64) for count in (c, b, n_c, n_b))
    possible = (now + before > 0) & (all_now > 0) & (all_before > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(possible, all_now / (all_now + all_before), np.nan)
        as_many = np.where(now > 0, betainc(np.maximum(now, 1), before + 1, p), 1.0)  # P(C >= c)
        more = np.where(before > 0, betainc(now + 1, np.maximum(before, 1), p), 0.0)  # P(C > c)
        rise = np.where(possible, (as_many + more) / 2, np.nan)
    return rise, 1 - rise


def adjusted(p: Floats, window: Ints) -> Floats:
    """q-values: `p` adjusted within each window over the places tested there; NaN stays NaN."""
    q = np.full(len(p), np.nan)
    tested = ~np.isnan(p)
    for k in np.unique(window[tested]):
        family = tested & (window == k)
        q[family] = false_discovery.adjusted(p[family])
    return q


def baseline(windows: Windows, test: int, skip: NDArray[np.bool_]) -> list[int]:
    """Earlier windows that overlap neither the test window nor one another, the latest first, up to a year.

    Windows that `skip` marks (no data, partial) are passed over. Empty when they do not reach
    back far enough to tell a change from chance ("not enough data").
    """
    start, end = windows.start_us.tolist(), windows.end_us.tolist()
    chosen: list[int] = []
    edge = start[test]
    for window in range(test - 1, -1, -1):
        if start[window] < start[test] - YEAR_US:
            break
        if end[window] <= edge and not skip[window]:
            chosen.append(window)
            edge = start[window]
    reach = sum(end[window] - start[window] for window in chosen)
    return chosen if reach >= MIN_BASELINE_US else []


def test_places(hotspot: Ints, window: Ints, known_hotspot: Ints, known_cluster: Ints, *, clusters: Clusters,
               near: Nearby, points: Points, windows: Windows, parameters: Parameters, skip: NDArray[np.bool_],
               asked: NDArray[np.bool_]) -> Tests:
    """Test each (hotspot, window) that is `asked`. `known_*` list every cluster of every hotspot: the places.

    `hotspot` are numbers; windows that `skip` marks are neither tested nor used as baseline.
    """
    baselines = [baseline(windows, k, skip) if not skip[k] else [] for k in range(len(windows))]
    able = np.array([bool(chosen) for chosen in baselines], dtype=bool)
    ask = np.flatnonzero(able[window] & asked) if len(window) else np.empty(0, np.int64)
    now, before = np.zeros(len(hotspot), np.int64), np.zeros(len(hotspot), np.int64)
    blank = np.full(len(hotspot), np.nan)
    if not len(ask) or not len(known_cluster):
        return Tests(blank, blank.copy(), blank.copy(), now, before, blank.copy())
    from scoping.clustering.visitors import at_places, different

    tests = ask[np.lexsort((window[ask], hotspot[ask]))]
    ended = windows.end_us[clusters.summary["window"].to_numpy()[known_cluster]]
    known = np.lexsort((ended, known_hotspot))
    hotspots = np.arange(max(hotspot.max(), known_hotspot.max()) + 2)
    earlier = np.array([k for chosen in baselines for k in chosen], dtype=np.int64)
    base = np.concatenate(([0], np.cumsum([len(chosen) for chosen in baselines])))
    fixed = np.zeros(len(hotspot), dtype=bool)  # a hotspot that no window had shown before has no place to test
    now[tests], before[tests], fixed[tests] = at_places(
        np.searchsorted(hotspot[tests], hotspots), window[tests], np.searchsorted(known_hotspot[known], hotspots),
        known_cluster[known], ended[known], clusters.core_open, clusters.core_site, *near.half, windows.start_us,
        clusters.low, clusters.high, base, earlier, *points.by_site, points.facts_by_site[0], points.persons, YEAR_US)
    total = different(clusters.low, clusters.high, points.person, points.persons)
    running = np.concatenate(([0], np.cumsum(total[earlier])))
    n_now, n_before = total[window], np.diff(running[base])[window]
    enough = np.flatnonzero(fixed & (now + before >= parameters.min_children))
    counted = now[enough], before[enough], n_now[enough], n_before[enough]
    rr, low, high, p = (blank.copy() for _ in range(4))
    rr[enough], low[enough], high[enough] = rate_ratio(*counted)
    p[enough] = np.minimum(1.0, 2 * np.minimum(*mid_p(*counted)))
    return Tests(rr, low, high, now, before, p)
