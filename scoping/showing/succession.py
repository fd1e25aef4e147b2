"""Published places through published periods: their names, and what changed, told from published values alone.

Because nothing but what was published goes in, the words "new", "growing" or "reducing" give nothing more away. They are
careful for the same reason: where a count was withheld or banded, growth is claimed only when it holds for every count that
it may have been.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from scoping.change.known_places import rate_ratio
from scoping.showing.editions import OPEN, Edition, Place
from scoping.showing.partition import CELL_M
from scoping.showing.periods import MONTHS_OF

HALF_A_YEAR = 6  # months of earlier periods without which nothing is called new or growing


class Told(NamedTuple):
    """One place in one edition: `place` None when it was shown in the edition before and is not now."""

    edition: int
    name: str
    place: Place | None
    change: str
    first: int  # edition in which it was first shown
    last: int
    seen: int  # editions in which it was shown so far


def named(places: Sequence[Place], earlier: Sequence[Edition]) -> tuple[Place, ...]:
    """The places with the names of those they continue: of the latest edition with which they share most regions."""
    names: dict[int, str] = {}
    for edition in reversed(earlier):
        of = {region: old.place for old in edition.places for region in old.regions}
        shared = Counter((k, of[region]) for k, place in enumerate(places) if k not in names
                         for region in place.regions if region in of)
        given = set(names.values())
        for (k, name), _ in sorted(shared.items(), key=lambda each: (-each[1], *each[0])):
            if k not in names and name not in given:
                names[k] = name
                given.add(name)
    taken = {place.place for edition in earlier for place in edition.places} | set(names.values())
    for k, place in enumerate(places):
        if k not in names:
            names[k] = _fresh(place, taken)
            taken.add(names[k])
    return tuple(replace(place, place=names[k]) for k, place in enumerate(places))


def _fresh(place: Place, taken: set[str]) -> str:
    e, n = place.cells[0]
    base = f"P{e // CELL_M:04d}-{n // CELL_M:04d}"
    return next(name for name in (base, *(f"{base}{letter}" for letter in "bcdefghijklmnopqrstuvwxyz")) if name not in taken)


def told(editions: Sequence[Edition]) -> list[Told]:
    """Every place in every edition (of one tier, role and kind of period, in order of time), and where one is shown no more."""
    rows: list[Told] = []
    shown: dict[str, list[int]] = {}
    for k, edition in enumerate(editions):
        before = [tuple(shown.get(place.place, ())) for place in edition.places]
        for place, seen, change in zip(edition.places, before, _changes(editions, k, before), strict=True):
            shown.setdefault(place.place, []).append(k)
            rows.append(Told(k, place.place, place, change, shown[place.place][0], k, len(seen) + 1))
        now = {place.place for place in edition.places}
        rows += [Told(k, name, None, "below", seen[0], k - 1, len(seen))
                 for name, seen in shown.items() if seen[-1] == k - 1 and name not in now]
    return rows


def last_changes(editions: Sequence[Edition]) -> list[str]:
    """The changes that `told` gives for the last edition alone."""
    k, shown = len(editions) - 1, defaultdict[str, list[int]](list)
    for at, edition in enumerate(editions):
        for place in edition.places:
            shown[place.place].append(at)
    now = {place.place for place in editions[k].places}
    gone = ["below" for name, seen in shown.items() if name not in now and seen[-1] == k - 1]
    return _changes(editions, k, [shown[place.place][:-1] for place in editions[k].places]) + gone


def _changes(editions: Sequence[Edition], k: int, before: Sequence[Sequence[int]]) -> list[str]:
    """The change of each place of edition `k`; `before`: the earlier editions in which each was shown."""
    if sum(MONTHS_OF[edition.period.kind] for edition in editions[:k]) < HALF_A_YEAR:
        return ["stable" if seen and seen[-1] == k - 1 else "first" for seen in before]
    words = ["reactivated" if seen else "born" for seen in before]
    held = [at for at, seen in enumerate(before) if seen and seen[-1] == k - 1]
    for at, word in zip(held, _against(editions, k, [editions[k].places[at] for at in held]), strict=True):
        words[at] = word
    return words


def _against(editions: Sequence[Edition], k: int, places: Sequence[Place]) -> list[str]:
    """Against the earlier editions, by the exact conditional test on the least favourable counts."""
    held = [(edition.least - 1, {other.place: other for other in edition.places}) for edition in editions[:k]]
    names = [place.place for place in places]
    low = np.array([sum(each[name].low for _, each in held if name in each) for name in names], dtype=np.int64)
    high = np.array([sum(each[name].high if name in each else few for few, each in held) for name in names], dtype=np.int64)
    now = max(editions[k].totals.get("children", 0), 0)
    then = sum(max(edition.totals.get("children", 0), 0) for edition in editions[:k])
    least, most = (np.array([getattr(place, bound) for place in places], dtype=np.int64) for bound in ("low", "high"))
    all_now, all_then = (np.full(len(places), count, dtype=np.int64) for count in (now, then))
    grew = (high < OPEN) & (rate_ratio(least, high, all_now, all_then)[1] > 1)
    shrank = (most < OPEN) & (rate_ratio(most, low, all_now, all_then)[2] < 1)
    return ["grew" if up else "shrank" if down else "stable" for up, down in zip(grew.tolist(), shrank.tolist(), strict=True)]

