"""Near-repeat: do events near in space also come near in time, more often than their places and dates explain?

Only pairs of different children count: one child's return is a repeat, not a spread. Bands are half-open, [0, 1) [1, 100) ...
in metres and [0, 7) [7, 14) ... in days, so that every pair is in one cell. Expected is the mean over permutations of the
dates; a ratio is observed / expected.

Sources: Knox 1964; Mantel 1967; Baker 2004 (modified Knox); Jacquez 1996; Ratcliffe & Rengert 2008 (the table).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist

from geo_data.errors import InputError, ParameterError
from scoping.clustering.points import Floats, Ints

MAX_PAIRS = 20_000_000
DISTANCES_M = (1.0, 100.0, 200.0, 300.0, 400.0)
DAYS = (7.0, 14.0, 21.0, 28.0)


@dataclass(frozen=True)
class Table:
    """Pairs by distance band (rows, the last without an end) and time band (columns likewise).

    `p` is the share of permutations, the data counted among them, with at least as many pairs in the cell; `expected`
    and `p` are NaN without a permutation.
    """

    distances: tuple[float, ...]
    days: tuple[float, ...]
    observed: Ints
    expected: Floats
    p: Floats
    runs: int

    @property
    def ratio(self) -> Floats:
        """Observed / expected; NaN where nothing is expected."""
        blank: Floats = np.full(self.expected.shape, np.nan)
        return np.where(self.expected > 0, self.observed / np.where(self.expected > 0, self.expected, 1.0), blank)


@dataclass(frozen=True)
class Test:
    """One statistic, its expectation when place and date are independent, and its one-sided permutation p."""

    statistic: float
    expected: float
    p: float


def table(x: Floats, y: Floats, day: Floats, *, child: Ints | None = None, distances: tuple[float, ...] = DISTANCES_M,
          days: tuple[float, ...] = DAYS, manhattan: bool = False, runs: int = 999, seed: int = 0) -> Table:
    """The table of pairs. `distances` and `days` are the edges after 0, rising; x, y in metres, `day` in days.

    Raises `InputError` for more than `MAX_PAIRS` pairs under the longest distance.
    """
    _check(distances, days)
    first, second = _near(x, y, distances[-1], manhattan=manhattan)
    apart = np.abs(x[first] - x[second]) + np.abs(y[first] - y[second]) if manhattan else np.hypot(
        x[first] - x[second], y[first] - y[second])
    inside = apart < distances[-1]
    first, second = first[inside], second[inside]
    band = np.searchsorted(distances, apart[inside], side="right")
    same = np.empty((0, 2), np.int64) if child is None else _same_child(child)
    if child is not None:
        different = child[first] != child[second]
        first, second, band = first[different], second[different], band[different]
    edges = np.array(days)
    total = _by_time(day, edges)  # of all pairs, whatever their distance: the same for every dealing

    def count(dates: Floats) -> Ints:
        when = np.searchsorted(edges, np.abs(dates[first] - dates[second]), side="right")
        near = np.bincount(band * (len(edges) + 1) + when, minlength=len(distances) * (len(edges) + 1))
        near = near.reshape(len(distances), len(edges) + 1)
        own = np.bincount(np.searchsorted(edges, np.abs(dates[same[:, 0]] - dates[same[:, 1]]), side="right"),
                          minlength=len(edges) + 1)
        return np.vstack([near, total - own - near.sum(axis=0)])

    observed = count(day)
    chance = np.random.default_rng(seed)
    sums, reached = np.zeros(observed.shape), np.ones(observed.shape)
    for _ in range(runs):
        drawn = count(day[chance.permutation(len(day))])
        sums += drawn
        reached += drawn >= observed
    blank = np.full(observed.shape, np.nan)
    return Table(distances, days, observed, sums / runs if runs else blank, reached / (runs + 1) if runs else blank, runs)


def knox(x: Floats, y: Floats, day: Floats, delta: float, tau: float, *, runs: int = 999, seed: int = 0) -> Test:
    """Pairs at most `delta` apart in space and `tau` in time (both closed, as published)."""
    first, second = _near(x, y, delta, manhattan=False)
    statistic = float((np.abs(day[first] - day[second]) <= tau).sum())
    pairs = len(day) * (len(day) - 1) / 2
    order = np.sort(day)
    close = float((np.searchsorted(order, order + tau, side="right") - np.arange(1, len(order) + 1)).sum())
    return Test(statistic, len(first) * close / pairs if pairs else np.nan,
                _p(statistic, day, lambda dates: float((np.abs(dates[first] - dates[second]) <= tau).sum()), runs, seed))


def modified_knox(x: Floats, y: Floats, day: Floats, delta: float, tau: float, *, runs: int = 999, seed: int = 0) -> Test:
    """Knox less what each event's numbers of neighbours in space and in time explain (Baker 2004)."""
    first, second = _near(x, y, delta, manhattan=False)
    around = np.bincount(np.concatenate([first, second]), minlength=len(day))

    def statistic(dates: Floats) -> float:
        order = np.sort(dates)
        close = np.searchsorted(order, dates + tau, side="right") - np.searchsorted(order, dates - tau, side="left") - 1
        return float((np.abs(dates[first] - dates[second]) <= tau).sum() - (around * close).sum() / (len(dates) - 1) / 2)

    return Test(statistic(day), 0.0, _p(statistic(day), day, statistic, runs, seed))


def mantel(x: Floats, y: Floats, day: Floats, *, constant: float = 1.0, power: float = -1.0, runs: int = 999, seed: int = 0
           ) -> Test:
    """Correlation of (distance + constant)^power in space and in time over all pairs."""
    if len(day) * (len(day) - 1) // 2 > MAX_PAIRS:
        raise _too_many()
    space = (pdist(np.column_stack([x, y])) + constant) ** power
    space = (space - space.mean()) / space.std()
    upper = np.triu_indices(len(day), 1)

    def statistic(dates: Floats) -> float:
        time = (np.abs(dates[upper[0]] - dates[upper[1]]) + constant) ** power
        return float((space * (time - time.mean())).mean() / time.std())

    return Test(statistic(day), 0.0, _p(statistic(day), day, statistic, runs, seed))


def jacquez(x: Floats, y: Floats, day: Floats, k: int, *, runs: int = 999, seed: int = 0) -> Test:
    """How many of each event's `k` nearest in space are among its `k` nearest in time; ties in the order of the data."""
    if not 1 <= k < len(day):
        raise ParameterError("k must be at least 1 and less than the number of events.", where="k")
    space = _nearest(np.column_stack([x, y]), k)

    def statistic(dates: Floats) -> float:
        time = _nearest(dates[:, None], k)
        return float((space[:, :, None] == time[:, None, :]).sum())

    return Test(statistic(day), len(day) * k * k / (len(day) - 1), _p(statistic(day), day, statistic, runs, seed))


def _check(distances: tuple[float, ...], days: tuple[float, ...]) -> None:
    for edges, where in ((distances, "bands"), (days, "days")):
        if not edges or edges[0] <= 0 or any(later <= earlier for earlier, later in pairwise(edges)):
            raise ParameterError("The edges of bands must be above 0 and rise.", fix="Give for example 100,200,300.", where=where)


def _too_many() -> InputError:
    return InputError(f"There are more than {MAX_PAIRS:,} pairs to compare.", fix="Take a shorter distance or fewer events.")


def _near(x: Floats, y: Floats, reach: float, *, manhattan: bool) -> tuple[Ints, Ints]:
    """Pairs at most `reach` apart."""
    tree = cKDTree(np.column_stack([x, y]))
    p = 1.0 if manhattan else 2.0
    if (tree.count_neighbors(tree, reach, p=p) - len(x)) // 2 > MAX_PAIRS:
        raise _too_many()
    pairs = tree.query_pairs(reach, p=p, output_type="ndarray").astype(np.int64)
    return pairs[:, 0], pairs[:, 1]


def _by_time(day: Floats, edges: Floats) -> Ints:
    """All pairs by time band."""
    order = np.sort(day)
    under = [int((np.searchsorted(order, order + edge, side="left") - np.arange(1, len(order) + 1)).sum()) for edge in edges]
    return np.diff([0, *under, len(day) * (len(day) - 1) // 2])


def _same_child(child: Ints) -> Ints:
    """Pairs of events of one child."""
    order = np.argsort(child, kind="stable")
    blocks = np.split(order, np.flatnonzero(np.diff(child[order])) + 1)
    pairs = [np.column_stack([block[a] for a in np.triu_indices(len(block), 1)]) for block in blocks if len(block) > 1]
    return np.concatenate(pairs) if pairs else np.empty((0, 2), np.int64)


def _nearest(place: Floats, k: int) -> NDArray[np.int64]:
    """The k nearest others of each, ties by the order of the data."""
    found = np.empty((len(place), k), np.int64)
    for i, mine in enumerate(place):
        apart = ((place - mine) ** 2).sum(axis=1)
        apart[i] = np.inf
        found[i] = np.argsort(apart, kind="stable")[:k]
    return found


def _p(observed: float, day: Floats, statistic: Callable[[Floats], float], runs: int, seed: int) -> float:
    chance = np.random.default_rng(seed)
    reached = sum(statistic(day[chance.permutation(len(day))]) >= observed - 1e-12 for _ in range(runs))
    return (1 + reached) / (runs + 1) if runs else np.nan
