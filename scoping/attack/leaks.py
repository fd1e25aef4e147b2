"""Planted leaks: known mistakes, put into the program for the length of one attack, which must find each of them.

An attack that finds nothing proves something only if it would have found these.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import shapely

from scoping import borders
from scoping.attack.campaign import Campaign
from scoping.showing import (
    aggregates,
    bordering,
    chance,
    editions,
    layers,
    pack_files,
    page,
    partition,
    publication,
    published,
    slides,
)
from scoping.showing.rules import KEPT_FROM
from scoping.showing.snapshot import Snapshot

Leak = Callable[[Campaign], Any]


@contextmanager
def _instead(owner: Any, name: str, value: Any) -> Iterator[None]:
    kept = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, kept)


def _shapes(campaign: Campaign, drawn: Callable[[np.ndarray], shapely.Geometry]) -> Any:
    """Outlines drawn from the points of each place in place of its cells, on maps and in layers."""
    truth = campaign.city.records[["easting", "northing"]].to_numpy(dtype=np.float64)

    def shape(corners: np.ndarray) -> shapely.MultiPolygon:
        inside = [truth[((truth >= corner) & (truth < corner + 500)).all(axis=1)] for corner in corners]
        made = drawn(np.concatenate([*inside, np.empty((0, 2))]))
        polygons = [part for part in shapely.get_parts(made) if part.geom_type == "Polygon"]
        return shapely.multipolygons(polygons or [shapely.box(*corners[0], *(corners[0] + 500))])

    def places(snapshot: Snapshot, window: int | None = None) -> list[Any]:
        at = snapshot.window if window is None else window
        found = kept(snapshot, window)
        return [place._replace(rings=tuple(np.asarray(part.exterior.coords) for part in shape(snapshot.corners(place, at)).geoms))
                if place.number else place for place in found]

    @contextmanager
    def both() -> Iterator[None]:
        with _instead(Snapshot, "places", places), _instead(layers, "_union", lambda corners, side: shape(corners)):
            yield

    kept = Snapshot.places
    return both()


def _hull(campaign: Campaign) -> Any:
    return _shapes(campaign, lambda points: shapely.convex_hull(shapely.multipoints(points)))


def _hull_buffered(campaign: Campaign) -> Any:
    return _shapes(campaign, lambda points: shapely.convex_hull(shapely.multipoints(points)).buffer(100))


def _discs(campaign: Campaign) -> Any:
    return _shapes(campaign, lambda points: shapely.union_all(shapely.buffer(shapely.points(points), 100.0)))


def _bounds_of_points(campaign: Campaign) -> Any:
    place = campaign.city.records[["easting", "northing"]].to_numpy(dtype=np.float64)
    low, high = place.min(axis=0) - 1_500, place.max(axis=0) + 1_500
    return _instead(Snapshot, "extent", lambda snapshot: (*low.tolist(), *high.tolist()))


def _episodes_for_children(campaign: Campaign) -> Any:
    def take(*given: Any) -> published.Records:
        records = kept(*given)
        return dataclasses.replace(records, child=records.episode)

    kept = published.take
    return _instead(published, "take", take)


def _dominance_off(campaign: Campaign) -> Any:
    return _rules(campaign, dominance=1.0)


def _low_threshold(campaign: Campaign) -> Any:
    return _rules(campaign, rmg=3, briefing=3, cell_children=1)


def _small_cells(campaign: Campaign) -> Any:
    return _rules(campaign, least_addresses=1)


def _rules(campaign: Campaign, **dials: Any) -> Any:
    rules = dataclasses.replace(campaign.rules)
    for name, value in dials.items():
        object.__setattr__(rules, name, value)  # past the floors, which would refuse it
    return _instead(campaign, "rules", rules)


def _ten_days(campaign: Campaign) -> Any:
    """Counts of the first ten days of each period."""
    def within(records: published.Records, period: Any) -> published.Records:
        inside = (records.day >= np.datetime64(period.start)) & (records.day < np.datetime64(period.start) + 10)
        return published.Records(*(getattr(records, name)[inside] for name in records.__dataclass_fields__))

    return _instead(published.Records, "within", within)


def _no_freezing(campaign: Campaign) -> Any:
    return _instead(publication, "frozen", lambda *given: None)


def _no_refusal(campaign: Campaign) -> Any:
    return _instead(publication, "refuse", lambda *given: None)


def _no_coding(campaign: Campaign) -> Any:
    return _instead(published, "most", lambda *given, **more: editions.OPEN)


def _every_kind(campaign: Campaign) -> Any:
    """The kind of place of the first record, however few name it."""
    def said(mine: Any, regions: list[int], period: Any, setting: Any) -> Any:
        place = kept(mine, regions, period, setting)
        return place and dataclasses.replace(place, kind=str(np.sort(mine.kind)[0]))

    kept = published._said
    return _instead(published, "_said", said)


def _radius_gates(campaign: Campaign) -> Any:
    """Only records about as exact as the analyst's radius are counted."""
    def take(locations: Any, parameters: Any, *more: Any) -> published.Records:
        return kept(locations[np.arange(len(locations)) % 500 < parameters.eps_m], parameters, *more)

    kept = published.take
    return _instead(published, "take", take)


def _references_in_a_layer(campaign: Campaign) -> Any:
    def places(snapshot: Snapshot) -> Any:
        frame = kept(snapshot)
        return frame.assign(kind=campaign.city.records["person_ref"].iloc[:len(frame)].to_numpy())

    kept = layers.places
    return _instead(layers, "places", places)


def _points_in_a_page(campaign: Campaign) -> Any:
    def made(snapshot: Snapshot) -> bytes:
        row = campaign.city.records.iloc[0]
        return kept(snapshot).replace(b"</main>", f"</main><!-- {row['easting']:.3f},{row['northing']:.3f} -->".encode())

    kept = page.page
    return _instead(page, "page", made)


def _references_in_notes(campaign: Campaign) -> Any:
    return _instead(slides, "alt_text", lambda snapshot: f"Map of {', '.join(campaign.city.records['episode_ref'].iloc[:5])}")


def _finer_inside(campaign: Campaign) -> Any:
    """Cells of 250 m: a record's half of its cell decides where it counts."""
    def regions(self: partition.Partition, easting: Any, northing: Any) -> Any:
        found = kept(self, easting, northing)
        return np.where(np.asarray(easting) % 500 < 250, found, -1)

    kept = partition.Partition.regions
    return _instead(partition.Partition, "regions", regions)


# ------------------------------------------------------------------ in what stands beside the places

def _groups_of_three(campaign: Campaign) -> Any:
    asked = {part: (lambda rows, least, ask=ask: ask(rows, 3)) for part, ask in aggregates._ASK.items()}
    return _instead(aggregates, "_ASK", asked)


def _groups_in_full(campaign: Campaign) -> Any:
    """Whatever was told of the parts of the period, or to the other tier."""
    return _instead(aggregates, "_beside", lambda one, *given: one)


def _groups_anew(campaign: Campaign) -> Any:
    """Counted again for each release, as if nothing had been told before."""
    kept = aggregates.groups
    return _instead(aggregates, "groups", lambda *given, **more: kept(*given, **more | {"before": ()}))


def _groups_of_parts(campaign: Campaign) -> Any:
    """Of a quarter, though the half-year around it was told."""
    def groups(episodes: Any, period: Any, tier: str, **more: Any) -> Any:
        shorter = [each for each in more["before"] if not period.inside(each.period)]
        return kept(episodes, period, tier, **more | {"before": shorter})

    kept = aggregates.groups
    return _instead(aggregates, "groups", groups)


def _restricted_counted(campaign: Campaign) -> Any:
    return _instead(aggregates, "KEPT_FROM", dict.fromkeys(KEPT_FROM, ()))


def _other_numbers_in_a_page(campaign: Campaign) -> Any:
    def made(given: Any) -> bytes:
        return re.sub(rb"about (\d+)", lambda found: b"about %d" % (int(found[1]) + 1), kept(given))

    kept = pack_files.page
    return _instead(pack_files, "page", made)


def _episodes_in_an_extract(campaign: Campaign) -> Any:
    def involved(*given: Any, **more: Any) -> Any:
        found = kept(*given, **more)
        return found.assign(children=found["episodes"], top_share=0.0)

    kept = borders.involved
    return _instead(bordering, "involved", involved)


def _chance_by_days(campaign: Campaign) -> Any:
    """Months that begin in the middle."""
    def of(child: Any, region: Any, day: Any, episode: Any) -> chance.Units:
        return kept(child, region, day + np.timedelta64(15, "D"), episode)

    kept = chance.Units.of
    return _instead(chance.Units, "of", of)


_BY_PART: dict[str, dict[str, Leak]] = {
    "releases": {
        "episodes counted for children": _episodes_for_children, "dominance not looked at": _dominance_off,
        "three children are enough": _low_threshold, "cells that hold one address": _small_cells,
        "windows of ten days": _ten_days, "half cells": _finer_inside, "released months change": _no_freezing,
        "nothing is refused": _no_refusal, "longer counts told in full": _no_coding, "every kind of place named": _every_kind,
        "the radius decides what counts": _radius_gates, "groups counted anew": _groups_anew},
    "groups": {
        "groups of three children": _groups_of_three, "groups told in full": _groups_in_full,
        "groups of a part of what was told": _groups_of_parts, "restricted records in the groups": _restricted_counted},
    "files": {
        "hulls of points": _hull, "hulls widened by 100 m": _hull_buffered, "discs around points": _discs,
        "bounds of the map from points": _bounds_of_points, "references in a layer": _references_in_a_layer,
        "a point in a comment of the page": _points_in_a_page, "references in an alt text": _references_in_notes,
        "other numbers in one format": _other_numbers_in_a_page},
    "others": {
        "episodes counted for children in an extract": _episodes_in_an_extract, "chance by days": _chance_by_days},
}
LEAKS: dict[str, tuple[Leak, str]] = {name: (leak, part) for part, those in _BY_PART.items() for name, leak in those.items()}
