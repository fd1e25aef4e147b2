"""The prospective space-time permutation scan statistic (Kulldorff et al. 2005, PLoS Med 2:e59), on plain arrays.

A cylinder is a circle around a site times the last w days. Of C cases, C_Z lie in the circle and C_w in the last w days,
so mu = C_Z C_w / C are expected in it if place and date are independent. With strata (say, agencies whose volume jumped)
mu is the sum of each stratum's own, and dates are dealt within strata, so a jump that is everywhere in one is no cluster.
The statistic is c ln(c / mu) + (C - c) ln((C - c) / (C - mu)) where c > mu, and its highest value is held against the
highest values when the dates are dealt anew.

Circles close around every site and take in the others one by one by (distance, x, y), as SaTScan does, up to the
greatest radius and share of the cases. A child of several cases counts once in a cylinder, in the data as in the
permutations; without `child` every case is its own.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoping.clustering.points import Floats, Ints

TIE = 1e-8  # two ways of writing one ratio differ by less

Around = tuple[Floats, Floats, Ints, Ints, Ints, float]  # sites, their order by squares, slices of it around each, radius squared


@dataclass(frozen=True)
class Search:
    """What is searched: lengths of time in days, rising; circles up to `radius` metres and `share` of the cases; at least
    `least` cases in a cylinder; `runs` permutations.
    """

    lengths: tuple[int, ...]
    radius: float = np.inf
    share: float = 0.5
    least: int = 2
    runs: int = 999


@dataclass(frozen=True)
class Deck:
    """The cases in order of site: site, length class (the number of lengths = in none), child and stratum of each."""

    site: Ints
    kind: Ints
    child: Ints
    strata: Ints


@dataclass(frozen=True)
class Found:
    """`cylinders`: the best around each centre, none sharing a site with a better one, best first: `length` (days), `ratio`
    (log likelihood), `cases`, `expected`, `radius`, `x`, `y` (the centre) and `p`. `sites`: the sites of each, as positions
    in `site_x`, `site_y`; `site`: the site of each case. `maxima`: the highest ratio of each permutation.
    """

    cylinders: pd.DataFrame
    sites: tuple[Ints, ...]
    site: Ints
    site_x: Floats
    site_y: Floats
    maxima: Floats


def scan(x: Floats, y: Floats, age: Ints, search: Search, *, seed: int = 0, child: Ints | None = None,
         strata: Ints | None = None, most: int = 20) -> Found:
    """Scan cases at (x, y), `age` whole days before the last day of the study (0 = on it). At most `most` cylinders.

    `p` is (1 + permutations whose highest ratio is at least the cylinder's) / (permutations + 1), NaN without a permutation.
    """
    from scoping.change.scan_loops import seen

    site, site_x, site_y = _sites(x, y)
    order = np.argsort(site, kind="stable")
    lengths = np.array(search.lengths, dtype=np.int64)
    # the shortest length that holds the case; len(lengths) = none
    deck = Deck(site[order], np.searchsorted(lengths, age[order], side="right"),
                np.arange(len(x)) if child is None else child[order],
                np.zeros(len(x), np.int64) if strata is None else strata[order])
    opens = np.searchsorted(deck.site, np.arange(len(site_x) + 1))
    expected = _expected(deck, len(site_x), len(lengths))
    around = (site_x, site_y, *_around(site_x, site_y, search.radius), search.radius**2)
    limit = int(np.floor(search.share * len(x)))
    ratio, which, size, count, mean, radius = seen(*around, opens, deck.kind, deck.child, int(deck.child.max(initial=-1)) + 1,
                                                   expected, len(x), limit, search.least)
    chosen, sites = _apart(ratio, size, most, around)
    maxima = np.zeros(0)
    if search.runs and len(x):
        maxima = _maxima(deck, search, seed, expected=expected, around=around, opens=opens, limit=limit)
    frame = pd.DataFrame({
        "length": lengths[which[chosen]], "ratio": ratio[chosen], "cases": count[chosen], "expected": mean[chosen],
        "radius": radius[chosen], "x": site_x[chosen], "y": site_y[chosen],
        "p": [p_value(value, maxima) for value in ratio[chosen]]})
    return Found(frame, sites, site, site_x, site_y, maxima)


def p_value(ratio: float, maxima: Floats) -> float:
    """Share of the permutations, the data counted among them, whose highest ratio is at least `ratio`."""
    return float((1 + (maxima >= ratio - TIE).sum()) / (len(maxima) + 1)) if len(maxima) else np.nan


def _sites(x: Floats, y: Floats) -> tuple[Ints, Floats, Floats]:
    """Site of each case; the sites in order of (x, y)."""
    order = np.lexsort((y, x))
    new = np.ones(len(x), dtype=bool)
    new[1:] = (np.diff(x[order]) != 0) | (np.diff(y[order]) != 0)
    site = np.empty(len(x), np.int64)
    site[order] = np.cumsum(new) - 1
    return site, x[order][new], y[order][new]


def _expected(deck: Deck, sites: int, lengths: int) -> Floats:
    """Cases expected at each site in each length of time, from its strata's shares of recent dates."""
    groups = int(deck.strata.max(initial=-1)) + 1
    dated = np.zeros((groups, lengths + 1), np.int64)
    np.add.at(dated, (deck.strata, deck.kind), 1)
    share = np.cumsum(dated[:, :lengths], axis=1) / np.maximum(dated.sum(axis=1), 1)[:, None]
    expected = np.zeros((sites, lengths))
    for group in range(groups):
        held = np.bincount(deck.site[deck.strata == group], minlength=sites)
        expected += held[:, None] * share[group]
    return expected


def _around(x: Floats, y: Floats, radius: float) -> tuple[Ints, Ints, Ints]:
    """Sites in order of squares of side `radius`, and for each site the slices of the three columns around its own."""
    if not np.isfinite(radius) or not len(x):
        everything = np.zeros((len(x), 1), np.int64)
        return np.arange(len(x)), everything, everything + len(x)
    column = np.floor((x - x.min()) / radius).astype(np.int64) + 1
    row = np.floor((y - y.min()) / radius).astype(np.int64) + 1
    rows = int(row.max()) + 3  # a gap of empty squares, so that one column's last is not the next one's neighbour
    key = column * rows + row
    order = np.argsort(key, kind="stable")
    centre = key[:, None] + np.array([-rows, 0, rows])
    return order, np.searchsorted(key[order], centre - 1, side="left"), np.searchsorted(key[order], centre + 1, side="right")


def _apart(ratio: Floats, size: Ints, most: int, around: Around) -> tuple[Ints, tuple[Ints, ...]]:
    """The best centres whose zones share no site with a better one's, and the sites of each."""
    from scoping.change.scan_loops import zone

    taken = np.zeros(len(ratio), dtype=bool)
    found, apart = np.empty(len(ratio), np.int64), np.empty(len(ratio))
    chosen: list[int] = []
    zones: list[Ints] = []
    for centre in np.lexsort((np.arange(len(ratio)), -ratio)):
        if ratio[centre] <= 0 or len(chosen) == most:
            break
        if taken[centre]:
            continue
        zone(centre, *around, found, apart)
        inside = found[:size[centre]].copy()
        if not taken[inside].any():
            taken[inside] = True
            chosen.append(int(centre))
            zones.append(inside)
    return np.array(chosen, dtype=np.int64), tuple(zones)


def _maxima(deck: Deck, search: Search, seed: int, *, expected: Floats, around: Around, opens: Ints, limit: int) -> Floats:
    from scoping.change.scan_loops import chance_maxima, deal
    from scoping.clustering.compiling import threads

    lengths, total = len(search.lengths), len(deck.site)
    dealing = np.argsort(deck.strata, kind="stable")  # strata lie together, so that each deals its own dates
    start = np.searchsorted(deck.strata[dealing], np.arange(int(deck.strata.max()) + 2))
    recent = deck.kind < lengths
    dates = np.sort(deck.strata[recent] * lengths + deck.kind[recent])
    stratum = dates // lengths
    slot = start[stratum] + np.arange(len(dates)) - np.searchsorted(stratum, stratum)
    chance = np.random.default_rng(seed).random((search.runs, len(dates)))
    dealt = _reorder(np.argsort(dealing), *deal(chance, slot, start[stratum + 1], dates % lengths, total, lengths))
    again = _again(deck.child)

    def some(share: int) -> NDArray[np.float64]:
        best: NDArray[np.float64] = chance_maxima(share, shares, *around, opens, again, expected, *dealt, search.runs, total, limit,
                                                  search.least)
        return best

    shares = max(1, min(threads(), len(opens) - 1))
    with ThreadPoolExecutor(shares) as pool:
        return np.asarray(np.max(list(pool.map(some, range(shares))), axis=0), dtype=np.float64)


def _again(child: Ints) -> Ints:
    """A number for each child with several cases, -1 for the others."""
    several = np.bincount(child) > 1
    return np.where(several, np.cumsum(several) - 1, -1)[child]


def _reorder(order: Ints, begin: Ints, entry: Ints, stop: Ints) -> tuple[Ints, Ints, Ints]:
    """The entries of each case, in another order of cases."""
    size = np.diff(begin)[order]
    opens = np.concatenate(([0], np.cumsum(size)))
    position = np.arange(len(entry)) - np.repeat(opens[:-1] - begin[order], size)
    return opens, entry[position], stop[position]
