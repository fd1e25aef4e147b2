"""The attack report: every attack on every city, and every planted leak found again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from scoping.attack import aggregates, attacks, others
from scoping.attack.campaign import ALL_FORMATS, Campaign
from scoping.attack.cities import KINDS, city
from scoping.attack.leaks import LEAKS
from scoping.showing.contents import Release

Tell = Callable[[float, str], None]
Found = Iterator[tuple[str, int]]  # each attack and what it found
LEAK_FORMATS = ("pptx", "html", "gpkg", "geojson", "pack html")
LEAK_PLAN = (*((month, "rmg") for month in ("2024-01", "2024-02", "2024-03")), ("2024-02", "briefing"), ("2024-03", "briefing"),
             ("2024-Q1", "rmg"), ("2024-Q1", "briefing"), ("2024-Q2", "rmg"), ("2024-H1", "rmg"))


def attack(seeds: Iterable[int] = (1,), kinds: Iterable[str] = KINDS, formats: Iterable[str] = ALL_FORMATS,
           tell: Tell = lambda fraction, text: None) -> dict[str, Any]:
    """`found`: what each attack found in all cities together, all to be 0; `leaks`: which planted leaks were caught.

    The same seeds give the same report.
    """
    seeds, kinds, formats = tuple(seeds), tuple(kinds), tuple(formats)
    found: Counter[str] = Counter()
    work: Counter[str] = Counter()
    steps = len(seeds) * len(kinds) + len(LEAKS)
    for k, (kind, seed) in enumerate((kind, seed) for kind in kinds for seed in seeds):
        tell(k / steps, f"Attacking {kind} {seed}")
        campaign = Campaign(city(kind, seed)).run()
        found.update(one_city(campaign, formats, seed))
        work.update({"cities": 1, "releases": len(campaign.releases), "refused": len(campaign.refused),
                     "periods": len(campaign.before), "places": sum(len(each.places) for each in campaign.before),
                     "unions": sum(len(place.regions) > 1 for each in campaign.before for place in each.places),
                     "regions of joined cells": sum(len(place.cells) > len(place.regions) for each in campaign.before
                                                    for place in each.places)})
    caught = {}
    for k, name in enumerate(LEAKS):
        tell((steps - len(LEAKS) + k) / steps, f"Planting: {name}")
        caught[name] = by_whom(name)
    tell(1.0, "Attacked")
    return {
        "seeds": list(seeds), "cities": list(kinds), "formats": list(formats), "done": dict(work),
        "found": dict(sorted(found.items())), "found_in_all": sum(found.values()), "leaks": caught,
        "leaks_caught": f"{sum(bool(by) for by in caught.values())} of {len(caught)}",
        "safe": not sum(found.values()) and all(caught.values())}


def one_city(campaign: Campaign, formats: Iterable[str], seed: int) -> Counter[str]:
    """What every attack finds in a campaign. Files are attacked for the last release of each tier that shows a place."""
    found: Counter[str] = Counter()
    formats = tuple(formats)
    for attacked in PARTS.values():
        for name, count in attacked(campaign, formats, seed):
            found[name] += count
    return found


def _releases(campaign: Campaign, formats: tuple[str, ...], seed: int) -> Found:
    yield from attacks.shown_against_the_truth(campaign).items()
    yield "withheld months pinned by subtraction", attacks.pinned_by_subtraction(campaign)
    yield "between filters", attacks.between_filters(campaign)
    yield "between radius, minimum and count", attacks.between_dials(campaign)
    yield "by repeating a release", attacks.by_repeating(campaign)


def _groups(campaign: Campaign, formats: tuple[str, ...], seed: int) -> Found:
    yield from aggregates.against_the_truth(campaign).items()
    yield "groups pinned by subtraction", aggregates.pinned(campaign)
    yield "groups pinned by parts told after the whole", aggregates.parts_after_the_whole(campaign)


def _files(campaign: Campaign, formats: tuple[str, ...], seed: int) -> Found:
    for release in _attacked(campaign):
        files = campaign.files(release, formats)
        yield from _each("canary bytes", attacks.canaries(campaign, files))
        yield "hidden in the page", attacks.hidden_html(files)
        yield "between formats", attacks.between_formats(campaign, release, files)
        yield "groups between formats", aggregates.between_formats(release, files)
        yield from _each("exact addresses", attacks.addresses_from_shapes(campaign, release, files))
        yield from _each("changed by moving inside cells", attacks.by_moving_inside_cells(campaign, release, files, seed))


def _others(campaign: Campaign, formats: tuple[str, ...], seed: int) -> Found:
    yield from others.extracts(campaign).items()
    yield "chance lines changed by moving inside cells", others.chance_lines(campaign, seed)


PARTS: dict[str, Callable[[Campaign, tuple[str, ...], int], Found]] = {
    "releases": _releases, "groups": _groups, "files": _files, "others": _others}


def _each(title: str, counts: dict[str, int]) -> Iterator[tuple[str, int]]:
    return ((f"{title}: {kind}", count) for kind, count in counts.items())


def _attacked(campaign: Campaign) -> list[Release]:
    chosen: dict[str, Release] = {}
    for release in campaign.releases:
        if release.hotspots["low"].notna().any():
            chosen[release.tier] = release
    return list(chosen.values())


def by_whom(name: str) -> str:
    """The first attack that finds a planted leak in an invented city, among those on the part where it is planted; empty: none."""
    leak, part = LEAKS[name]
    kind = "county" if name == "cells that hold one address" else "suburb"
    drawn = part == "files"  # planted in what is drawn of releases that are honest themselves
    campaign = honest(kind) if drawn else Campaign(city(kind, 1))
    with leak(campaign):
        attacked = campaign if drawn else campaign.run(LEAK_PLAN)
        return next((attack for attack, count in PARTS[part](attacked, LEAK_FORMATS, 1) if count), "")


@cache
def honest(kind: str) -> Campaign:
    """What is published of a city without a leak, by the plan for leaks."""
    return Campaign(city(kind, 1)).run(LEAK_PLAN)
