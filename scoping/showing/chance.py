"""How many places would be called new, growing, reducing or gone on a published page if nothing had changed?

As `change/calibrate` does for hotspots, the tie between place and time is broken and nothing else: the months of the
published counts are dealt anew over the units (child, region, month), and every page is counted again, by the very rules
by which it is published. Nothing finer than a region and a calendar month enters, so moving a record inside both changes no
number; neither do a child's name or the order of the rows. The mean is told to the nearest whole number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scoping.showing.editions import OPEN, Edition, Place
from scoping.showing.partition import Partition
from scoping.showing.periods import MONTHS_OF, Period
from scoping.showing.published import band
from scoping.showing.rules import RMG, Rules
from scoping.showing.succession import HALF_A_YEAR, last_changes, named
from scoping.showing.unions import cells_of, join

Ints = NDArray[np.int64]
RUNS = 20
COUNTED = ("born", "reactivated", "grew", "shrank", "below")


@dataclass(frozen=True)
class Units:
    """A child in a region in a month, and in how many episodes. Children are numbered by what they did, not by name."""

    child: Ints
    region: Ints
    month: Ints  # months since January of the year 0
    episodes: Ints

    @classmethod
    def of(cls, child: Ints, region: Ints, day: NDArray[np.datetime64], episode: Ints) -> Units:
        """From records in a region (parallel arrays)."""
        month = day.astype("datetime64[M]").astype(np.int64) + 1970 * 12
        once = np.unique(np.column_stack((child, region, month, episode)), axis=0)
        units, episodes = np.unique(once[:, :3], axis=0, return_counts=True)
        # children in order of what they did, as bytes that sort as its numbers do; who did alike may change places
        did = np.column_stack((units[:, 1:], episodes)).astype(">i8").tobytes()
        _, opens, mine = np.unique(units[:, 0], return_index=True, return_inverse=True)
        size = len(did) // max(len(units), 1)
        deeds = [did[size * first:size * last] for first, last in pairwise([*opens.tolist(), len(units)])]
        rank = np.empty(len(deeds), dtype=np.int64)
        rank[sorted(range(len(deeds)), key=deeds.__getitem__)] = np.arange(len(deeds))
        numbered = rank[mine]
        order = np.lexsort((numbered, episodes, units[:, 2], units[:, 1]))
        return cls(numbered[order], units[order, 1], units[order, 2], episodes[order].astype(np.int64))

    def within(self, period: Period) -> NDArray[np.bool_]:
        first = period.start.year * 12 + period.start.month - 1
        return (self.month >= first) & (self.month < first + MONTHS_OF[period.kind])


def expected(units: Units, periods: Sequence[Period], children: Sequence[int], reach: int, *, tier: str, rules: Rules,
             partition: Partition, runs: int = RUNS, seed: int = 0) -> list[dict[str, int]]:
    """Of each of the periods (of one kind, one after the other) how many places of each of `COUNTED` chance alone would give.

    `children`: the published total of each period; `reach`: how many periods before are looked at. Empty for a period
    that is too early to call anything new.
    """
    inside = np.logical_or.reduce([units.within(period) for period in periods])
    mine = Units(*(getattr(units, name)[inside] for name in units.__dataclass_fields__))
    months = MONTHS_OF[periods[0].kind]
    late = [k for k in range(len(periods)) if min(k, reach) * months >= HALF_A_YEAR]
    dealt, count = np.random.default_rng(seed), [Counter[str]() for _ in periods]
    for _ in range(runs if late else 0):
        world = Units(mine.child, mine.region, dealt.permutation(mine.month), mine.episodes)
        editions: list[Edition] = []
        for period, total in zip(periods, children, strict=True):
            places = named(_places(world, period, tier, rules, partition), editions[-reach:])
            editions.append(Edition(tier, rules.least(tier), rules.cell_children, "", "", period, "", "", places,
                                    {"children": total}, {}, ()))
        for k in late:
            count[k].update(last_changes(editions[max(0, k - reach):k + 1]))
    return [{change: int(count[k][change] / runs + 0.5) for change in COUNTED} if k in late else {} for k in range(len(periods))]


def _places(world: Units, period: Period, tier: str, rules: Rules, partition: Partition) -> list[Place]:
    """What would be shown of one period, with nothing released before: `published.places` on units."""
    inside = world.within(period)
    child, width = world.child[inside], int(world.child.max(initial=0)) + 1
    pair, which = np.unique(world.region[inside] * width + child, return_inverse=True)
    each = np.bincount(which, weights=world.episodes[inside], minlength=len(pair))
    regions, where, held = np.unique(pair // width, return_inverse=True, return_counts=True)
    unions = join(regions[held >= rules.cell_children].tolist(), rules, partition)
    if not unions:
        return []
    union = np.full(len(regions), -1, dtype=np.int64)
    for k, joined in enumerate(unions):
        union[np.searchsorted(regions, joined)] = k
    shown = union[where] >= 0
    pair, which = np.unique(union[where][shown] * width + pair[shown] % width, return_inverse=True)
    each = np.bincount(which, weights=each[shown])  # episodes of each child at each union
    at, many = pair // width, len(unions)
    children, total, most = np.bincount(at, minlength=many), np.bincount(at, weights=each, minlength=many), np.zeros(many)
    np.maximum.at(most, at, each)
    exact, edges = tier == RMG and period.kind == "month", rules.bands(tier)
    found = []
    for k in np.flatnonzero((children >= rules.least(tier)) & (most <= rules.dominance * total)).tolist():
        count = int(children[k])
        low, high = (count, count) if exact else band(count, edges)
        found.append(Place("", low, high, 0, OPEN, "", tuple(sorted(unions[k])), cells_of(unions[k], partition)))
    return sorted(found, key=lambda place: place.regions)
