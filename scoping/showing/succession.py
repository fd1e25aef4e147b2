"""Published places through published periods: their names, and what changed, told from published values alone.

Because nothing but what was published goes in, the words "new", "growing" or "reducing" give nothing more away. They are
careful for the same reason: where a count was withheld or banded, growth is claimed only when it holds for every count that
it may have been.
"""

from __future__ import annotations

from collections import defaultdict
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
        shared = [(-len({*place.regions} & {*old.regions}), k, old.place)
                  for k, place in enumerate(places) for old in edition.places if k not in names]
        for overlap, k, name in sorted(shared):
            if overlap and k not in names and name not in names.values():
                names[k] = name
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
        for place in edition.places:
            before = shown.setdefault(place.place, [])
            before.append(k)
            rows.append(Told(k, place.place, place, _change(editions, k, place, before[:-1]), before[0], k, len(before)))
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
    return [_change(editions, k, place, shown[place.place][:-1]) for place in editions[k].places] + gone


def _change(editions: Sequence[Edition], k: int, place: Place, shown_before: list[int]) -> str:
    reach = sum(MONTHS_OF[edition.period.kind] for edition in editions[:k])
    if reach < HALF_A_YEAR:
        return "stable" if shown_before and shown_before[-1] == k - 1 else "first"
    if not shown_before:
        return "born"
    if shown_before[-1] != k - 1:
        return "reactivated"
    return _against(editions, k, place)


def _against(editions: Sequence[Edition], k: int, place: Place) -> str:
    """Against the earlier editions, by the exact conditional test on the least favourable counts."""
    low = high = 0
    for edition in editions[:k]:
        mine = [other for other in edition.places if other.place == place.place]
        low += sum(other.low for other in mine)
        high += sum(other.high for other in mine) if mine else edition.least - 1
    now = max(editions[k].totals.get("children", 0), 0)
    then = sum(max(edition.totals.get("children", 0), 0) for edition in editions[:k])
    if high < OPEN and _ratio(place.low, high, now, then)[1] > 1:
        return "grew"
    if place.high < OPEN and _ratio(place.high, low, now, then)[2] < 1:
        return "shrank"
    return "stable"


def _ratio(c: int, b: int, n_c: int, n_b: int) -> list[float]:
    now, before, all_now, all_before = (np.array([count], dtype=np.int64) for count in (c, b, n_c, n_b))
    return [float(each[0]) for each in rate_ratio(now, before, all_now, all_before)]
