"""What was published of one period, frozen; and what a new period may say beside everything published before.

Published windows lie whole in longer ones, so a longer one minus the shorter ones in it could give away what
was withheld in the rest. Three rules of the release, none of which looks at a count, and one that does:

* of one role and stretch of time, only one choice of filters is ever published;
* no part of a longer period is published after the longer one;
* all of it is drawn on one grid;
* a longer period's count is coded from above (`most`) so that it lies within what the shorter ones already
  allow. How far depends on published values only, so the coding itself tells nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from geo_data.errors import DisclosureError
from scoping.showing.periods import WORDS, Period
from scoping.showing.rules import LEAST_ADDRESSES, MOST_OF_ONE, Rules

Cell = tuple[int, int]  # south-west corner, metres
OPEN = 10**9  # no upper bound is published


@dataclass(frozen=True)
class Place:
    """A union of cells and what is said of it: bounds of its different children and of its episodes.

    `exact`: the bounds are one number and it is shown. `episodes_low` 0 when the episodes are not shown.
    """

    place: str
    low: int
    high: int
    episodes_low: int
    episodes_high: int
    kind: str  # the kind of place most records name; empty unless enough children make it
    regions: tuple[int, ...]
    cells: tuple[Cell, ...]

    @property
    def exact(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True)
class Group:
    """How many different children of the whole period one group of an aggregate has, in bounds.

    `of` is "victims" or "methods", `title` the question ("" for all children that the aggregate tells of), `label` the group.
    `low` 0: not told. `high` is `OPEN` when only a least number is told.
    """

    of: str
    title: str
    label: str
    low: int
    high: int


@dataclass(frozen=True)
class Edition:
    """One period as published to a tier. A late or corrected record never changes it.

    `totals`: rounded counts of the whole area, -1 for "fewer than five"; `left_out`: the same for each reason.
    `people`: aggregates of a quarter or longer (`aggregates`). `chance`: by kind of change how many places chance alone would give
    (`chance`); empty where it was not counted. `dominance`, `least_addresses`: those of the rules it was made by; an edition from
    before they were kept has the loosest that any rules may have.
    """

    tier: str
    least: int  # different children that the tier needed
    floor: int  # different children that each region of a place needed
    role: str
    filters: str  # canonical JSON
    period: Period
    grid: str
    cut_off: str
    places: tuple[Place, ...]
    totals: dict[str, int]
    left_out: dict[str, int]
    withheld: tuple[str, ...]
    people: tuple[Group, ...] = ()
    chance: Mapping[str, int] = field(default_factory=dict)
    dominance: float = MOST_OF_ONE
    least_addresses: int = LEAST_ADDRESSES

    def dump(self) -> str:
        """As JSON, the same text for the same content. What an edition has not is not written: an old one stays as it was."""
        plain = asdict(self) | {"period": self.period.key}
        none = {"people": (), "chance": {}, "dominance": MOST_OF_ONE, "least_addresses": LEAST_ADDRESSES}
        plain = {name: value for name, value in plain.items() if name not in none or value != none[name]}
        return json.dumps(plain, sort_keys=True, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> Edition:
        """What `dump` wrote."""
        plain: dict[str, Any] = json.loads(text)
        places = tuple(Place(**{**each, "regions": tuple(each["regions"]), "cells": tuple((e, n) for e, n in each["cells"])})
                       for each in plain["places"])
        people = tuple(Group(**each) for each in plain.get("people", ()))
        return cls(**{**plain, "period": Period.parse(plain["period"]), "places": places, "withheld": tuple(plain["withheld"]),
                      "people": people})


def under(edition: Edition, rules: Rules) -> Edition:
    """What of a frozen edition may still be shown: without the places and groups that today's `rules` would withhold.

    Whoever kept the older files knows what is left out here; nothing that was not published follows from it. What follows for
    further releases is worked out from the edition as it was published, never from this. A place of several regions is left out
    where each region was asked for fewer children than today: how many each has was not published.
    """
    least, floor = max(edition.least, rules.least(edition.tier)), max(edition.floor, rules.cell_children)
    as_then = (least, floor) == (edition.least, edition.floor)
    places = tuple(place for place in edition.places if place.low >= least and (
        floor == edition.floor or (len(place.regions) == 1 and place.low >= floor)))
    people = tuple(group if group.low >= least else replace(group, low=0, high=OPEN)
                   for group in edition.people if group.low >= least or not group.title)
    return replace(edition, least=least, floor=floor, places=places, people=people,
                   chance=edition.chance if as_then else {})  # it was counted for what the old thresholds show


def frozen(before: Iterable[Edition], tier: str, role: str, filters: str, period: Period) -> Edition | None:
    """The edition of this very period, if it was published."""
    return next((each for each in before if (each.tier, each.role, each.filters, each.period) == (tier, role, filters, period)),
                None)


def refuse(before: Iterable[Edition], role: str, filters: str, period: Period, grid: str) -> None:
    """Raise `DisclosureError` when publishing this period would disclose by difference."""
    for other in before:
        if other.role != role or not other.period.overlaps(period):
            continue
        if other.filters != filters:
            raise DisclosureError(
                f"{other.period.label} was released under other filters; the two together would give away who lies between.",
                fix="Release it under the same filters, or not at all.", where="filters")
        if period.inside(other.period):
            raise DisclosureError(
                f"{period.label} lies in {other.period.label}, which was released as one {WORDS[other.period.kind]}; "
                "its parts could be subtracted from it.", fix=f"Use the release of {other.period.label}.", where="period")
        if other.grid != grid:
            raise DisclosureError(
                f"{other.period.label} was released on another grid; overlapping cells could be subtracted.",
                fix="Release on the grid that the register keeps.", where="grid")


def most(before: Sequence[Edition], role: str, period: Period, regions: frozenset[int], *, episodes: bool = False) -> int:
    """The largest lower bound that may be published of these regions in this period; `OPEN` when any may.

    Any more, and a published shorter period in which some of the regions were withheld would have to hold someone.
    """
    inside = [each for each in before if each.role == role and each.period.inside(period)]

    def held(edition: Edition) -> Bounds:
        unseen = len(regions - _regions(edition))
        # one withheld place holds fewer children than the tier needs, and the regions around it fewer than make one;
        # of episodes nothing is known
        most_unseen = 0 if not unseen else OPEN if episodes else edition.least - 1 + (unseen - 1) * (edition.floor - 1)
        return _shown(edition, regions, episodes), most_unseen

    return least_bound(inside, period, held)


def _regions(edition: Edition) -> set[int]:
    return {region for place in edition.places for region in place.regions}


def _shown(edition: Edition, regions: frozenset[int], episodes: bool) -> int:
    """The most that the shown places among the regions can hold, from what was published."""
    touched = [place for place in edition.places if not regions.isdisjoint(place.regions)]
    return min(OPEN, sum(place.episodes_high if episodes else place.high for place in touched))


# ------------------------------------------------------------------ what follows from all that was published of shorter periods

Bounds = tuple[int, int]  # the most that an edition's published values allow of something: what it shows, what it withholds


def least_bound(inside: Sequence[Edition], period: Period, held: Callable[[Edition], Bounds]) -> int:
    """The largest lower bound of something in `period` that forces nothing of it into what any edition `inside` withholds."""
    bounds = [_rest(inside, period, hidden.period, held) + held(hidden)[0] for hidden in inside if held(hidden)[1]]
    return min([OPEN, *bounds])


def _bound(inside: Sequence[Edition], period: Period, held: Callable[[Edition], Bounds]) -> int:
    """The most that there can be in a period, from all that was published of it and of its parts."""
    own = [OPEN, *(sum(held(edition)) for edition in inside if edition.period == period)]
    parts = period.parts()
    if parts:
        own.append(sum(_bound(inside, part, held) for part in parts))
    return min(own)


def _rest(inside: Sequence[Edition], period: Period, but: Period, held: Callable[[Edition], Bounds]) -> int:
    """The most that there can be in `period` outside `but`."""
    return min(OPEN, sum(
        0 if part == but else _rest(inside, part, but, held) if but.inside(part) else _bound(inside, part, held)
        for part in period.parts()))
