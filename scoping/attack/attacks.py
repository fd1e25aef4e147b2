"""The attacks: each takes what was published of a city, and the truth to judge by, and counts what it found out.

Nothing may be found: every count is to be 0.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections import defaultdict
from html.parser import HTMLParser

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog

from geo_data.errors import DisclosureError
from geo_data.grid import to_wgs84
from scoping.attack import invented
from scoping.attack.campaign import MONTHS, Campaign
from scoping.attack.cities import CANARY, moved, number_of
from scoping.attack.shapes import inflated, outlines, recovered
from scoping.showing.contents import Release
from scoping.showing.editions import Edition, Place
from scoping.showing.periods import Period
from scoping.showing.rules import FLOORS, KEPT_FROM

CHECKED = 40  # records whose exact coordinates are searched for in every file
FEWEST_ADDRESSES = 8  # police.uk's snap points stand for eight addresses or more


def addresses_from_shapes(campaign: Campaign, release: Release, files: dict[str, bytes]) -> dict[str, int]:
    """Exact addresses of episodes recovered from each file."""
    snapshot, city = campaign.snapshot(release), campaign.city
    visited = city.records[["easting", "northing"]].to_numpy(dtype=np.float64)
    found = {}
    for kind, data in files.items():
        rings, tolerance = outlines(kind, data, snapshot)
        left, bottom, right, top = snapshot.extent()  # stands on the printed map's frame: its corners less the usual margins
        frame = np.array([[left, bottom], [right, bottom], [right, top], [left, top]])
        found[kind] = recovered(rings, city.addresses, visited, tolerance) + _edges(frame, visited)
    return found


def _edges(frame: NDArray[np.float64], visited: NDArray[np.float64]) -> int:
    """Bounds drawn from points: an edge of the frame, less a round margin, that is no multiple of the grid and is an episode's."""
    margins = np.array([0.0, 500.0, 1_000.0, 1_500.0, 2_000.0])
    count = 0
    for axis in (0, 1):
        for edge, inward in ((frame[:, axis].min(), 1), (frame[:, axis].max(), -1)):
            claims = edge + inward * margins
            claims = claims[np.minimum(claims % 250, -claims % 250) > 1.0]
            count += int((np.abs(visited[:, axis][:, None] - claims) < 0.05).any())
    return count


def canaries(campaign: Campaign, files: dict[str, bytes]) -> dict[str, int]:
    """Child and episode references and exact coordinates in the bytes of each file.

    Coordinates as text: both of one record, with 5 to 7 decimals in degrees or 2 to 3 in metres; and each as a double.
    """
    records = campaign.city.records.iloc[:: max(1, len(campaign.city.records) // CHECKED)]
    e, n = records["easting"].to_numpy(), records["northing"].to_numpy()
    lat, lon = to_wgs84(e, n)
    marks: list[tuple[bytes, ...]] = [(CANARY.encode(),)]
    for pair, decimals in (((lat, lon), (5, 6, 7)), ((e, n), (2, 3))):
        both = zip(*(axis.tolist() for axis in pair), strict=True)
        marks += [tuple(f"{value:.{places}f}".encode() for value in each) for each in both for places in decimals]
    marks += [(struct.pack(order + "d", value),) for axis in (e, n, lat, lon) for value in axis.tolist() for order in "<>"]
    return {kind: sum(all(mark in part for mark in each) for part in _unpacked(kind, data) for each in marks)
            for kind, data in files.items()}


def _unpacked(kind: str, data: bytes) -> list[bytes]:
    kind = kind.rsplit(maxsplit=1)[-1]
    if kind in ("pptx", "xlsx"):
        archive = zipfile.ZipFile(io.BytesIO(data))
        return [data, *(archive.read(name) for name in archive.namelist())]
    return [data, *inflated(data)] if kind == "pdf" else [data]


class _Hidden(HTMLParser):
    """What a page holds and does not show."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.count = 0
        self.feed(text)

    def handle_comment(self, data: str) -> None:
        self.count += 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count += tag in ("script", "template", "iframe", "object", "link", "input")
        self.count += sum(name.startswith(("data-", "on")) or name in ("hidden", "src") for name, _ in attrs)
        self.count += any(name == "href" and not str(value).startswith("data:image/png") for name, value in attrs)


def hidden_html(files: dict[str, bytes]) -> int:
    """Elements of the web pages that carry what they do not show."""
    return sum(_Hidden(data.decode()).count for kind, data in files.items() if kind.endswith("html"))


def shown_against_the_truth(campaign: Campaign) -> dict[str, int]:
    """Places that stand on too few children or on one child, kinds named for too few, and regions of too few real addresses."""
    counts = {"places below the threshold": 0, "places of one child": 0, "rare kinds named": 0, "homes in small regions": 0,
              "counts that are not so": 0}
    for edition in campaign.before:
        least = FLOORS[edition.tier]  # whatever the release went by
        for place in edition.places:
            rows = _rows(campaign, edition, place)
            each = rows.groupby("person_ref")["episode_ref"].nunique()
            counts["places below the threshold"] += len(each) < least
            counts["places of one child"] += bool(len(each)) and each.max() > each.sum() / 2
            counts["counts that are not so"] += not place.low <= len(each) <= place.high
            named = rows.loc[rows["location_type"] == place.kind, "person_ref"].nunique()
            counts["rare kinds named"] += bool(place.kind) and named < least
            counts["homes in small regions"] += _small(campaign, place)
    return {name: int(count) for name, count in counts.items()}


def _rows(campaign: Campaign, edition: Edition, place: Place) -> pd.DataFrame:
    city = campaign.city
    inside = (city.days >= pd.Timestamp(edition.period.start)) & (city.days < pd.Timestamp(edition.period.end))
    corners = np.array(place.cells)
    inside &= ~city.records["sharing_restriction"].isin(KEPT_FROM[edition.tier])
    return city.records[inside & city.cells.isin(number_of(corners[:, 0], corners[:, 1]))]


def _small(campaign: Campaign, place: Place) -> bool:
    return sum(campaign.city.true_count.get(cell, 0) for cell in place.cells) < FEWEST_ADDRESSES


def pinned_by_subtraction(campaign: Campaign) -> int:
    """Withheld places and periods that must hold a child, whatever else is true: by linear programming over all that was published.

    For each published place of a longer period, the unknowns are the children of every shorter period there: shown places
    have at most what was told, a withheld place at most what the threshold lets through.
    """
    found: set[tuple[str, frozenset[int]]] = set()
    for whole in campaign.before:
        parts = [each for each in campaign.before if each.period.inside(whole.period)]
        months = [Period.parse(month) for month in MONTHS if Period.parse(month).inside(whole.period)]
        for place in whole.places if months else ():
            for month in months:
                hidden = frozenset(place.regions) - _shown_regions(parts, month)
                if hidden and _least(place, month, months, parts) > 0.5:
                    found.add((month.key, hidden))
    return len(found)


def _shown_regions(parts: list[Edition], month: Period) -> set[int]:
    return {region for each in parts if each.period == month for shown in each.places for region in shown.regions}


def _least(place: Place, target: Period, months: list[Period], parts: list[Edition]) -> float:
    """The fewest children that the regions of the place which no tier shows can hold in the month."""
    unknowns = [(month, what) for month in months for what in ("shown", "hidden")]
    upper, limit = [[-1.0] * len(unknowns)], [-float(place.low)]  # together at least what is told of the whole

    def at_most(month: Period, what: tuple[str, ...], most: float) -> None:
        upper.append([float(each[0] == month and each[1] in what) for each in unknowns])
        limit.append(float(min(most, 10**6)))

    for month in months:
        told = [each for each in parts if each.period == month]
        if not told:
            return 0.0  # of a month nothing was published: it may hold all
        known = _shown_regions(parts, month) & set(place.regions)
        for each in told:
            mine = [shown for shown in each.places if not set(shown.regions).isdisjoint(place.regions)]
            here = {region for shown in mine for region in shown.regions} & set(place.regions)
            unseen = len(place.regions) - len(here)
            rest = 0 if not unseen else each.least - 1 + (unseen - 1) * (each.floor - 1)
            at_most(month, ("shown", "hidden"), sum(shown.high for shown in mine) + rest)
            if here == known:
                at_most(month, ("shown",), sum(shown.high for shown in mine))
                at_most(month, ("hidden",), rest)
    aim = [float(each == (target, "hidden")) for each in unknowns]
    solved = linprog(aim, A_ub=np.array(upper), b_ub=np.array(limit), bounds=(0, None))
    return float(solved.fun) if solved.success else 1.0


def between_filters(campaign: Campaign) -> int:
    """Subgroups of one to four children that a filtered release beside the unfiltered one gives away."""
    count = 0
    for tier in ("rmg", "briefing"):
        for month in MONTHS:
            try:
                some = campaign.release(month, tier, age_bands=("12-14",))
            except DisclosureError:
                continue
            whole = [place for each in campaign.before if each.tier == tier and each.period.key == month and each.filters == "{}"
                     for place in each.places]
            part = {place.regions: place for place in some.editions[-1].places}
            count += sum(0 < place.low - part[place.regions].high < 5 for place in whole if place.regions in part)
            count += any(each.filters != "{}" for each in some.fresh)
    return count


def between_dials(campaign: Campaign) -> int:
    """Releases that another radius, minimum or way of counting changes."""
    plain = _told(campaign.release("2024-03", "rmg", fresh=True))
    return sum(_told(campaign.release("2024-03", "rmg", fresh=True, **dials)) != plain
               for dials in ({"eps_m": 75.0}, {"eps_m": 500.0}, {"min_children": 12}, {"count": "episodes"}))


def by_repeating(campaign: Campaign) -> int:
    """Released periods that say something else when they are asked for again, with late and corrected records."""
    def more(frame: pd.DataFrame) -> pd.DataFrame:
        late = frame[frame["episode_ref"].isin(which)]
        late = late.assign(**{name: late[name] + "B" for name in ("episode_ref", "location_id", "person_ref") if name in late})
        return pd.concat([frame, late], ignore_index=True)

    which = campaign.city.records["episode_ref"].iloc[:-2].sample(frac=0.2, random_state=1)
    records, episodes = more(campaign.city.records), more(campaign.city.episodes)
    months = [each for each in campaign.releases if each.period and each.period.kind == "month"]
    longer = [each for each in campaign.releases if each.period and each.period.kind != "month"]
    return sum(_changes(campaign, each, records, episodes) for each in (*months[-3:], *longer[-2:]))


def _changes(campaign: Campaign, release: Release, records: pd.DataFrame, episodes: pd.DataFrame) -> bool:
    last = release.editions[-1]
    try:
        again = campaign.release(last.period.key, release.tier, records, episodes)
        other = campaign.release(last.period.key, release.tier, records, episodes, roles=("pickup",)) if last.people else again
    except DisclosureError:  # what was released must be had again
        return True
    people = [each.people for each in (*other.editions, *other.fresh) if each.period == last.period]
    return _told(again) != _told(release) or any(each != last.people for each in people)


def _told(release: Release) -> list[str]:
    return [each.dump() for each in release.editions]


def by_moving_inside_cells(campaign: Campaign, release: Release, files: dict[str, bytes], seed: int) -> dict[str, int]:
    """Files that change when every episode moves inside its own cell and month: what changes, tells."""
    period = release.editions[-1].period.key
    before, campaign.before = campaign.before, []
    try:
        city = campaign.city
        twin = campaign.release(period, release.tier, moved(city.records, seed), invented.moved(city.episodes, seed))
        plain = campaign.release(period, release.tier)
        old = files if _told(plain) == _told(release) else campaign.files(plain, files)
        new = campaign.files(twin, files)
    finally:
        campaign.before = before
    return {kind: int(new[kind] != old[kind]) for kind in files}


def between_formats(campaign: Campaign, release: Release, files: dict[str, bytes]) -> int:
    """Counts that one format tells and another does not."""
    told = defaultdict(set)
    for window in range(len(release.labels)):
        for place in campaign.snapshot(release).places(window):
            told[place.place].add(place.children)
    pattern = {"csv": r'"(Place \d+)","[^"]*","[^"]*","([^"]*)"', "geojson": r'"place":"(Place \d+)".*?"children":"([^"]*)"',
               "html": r"<td>(Place \d+)</td><td>[^<]*</td><td>[^<]*</td><td>([^<]*)</td>",
               "pack html": r"<td>(Place \d+)[^<]*</td><td>[^<]*</td><td>([^<]*)</td>",
               "kml": r"\d+\. (Place \d+)<.*?different children ([^;]*);"}
    said = {kind: data.decode("utf-8", "replace") for kind, data in files.items() if kind in pattern}
    extra = 0
    for kind, text in said.items():
        for name, children in re.findall(pattern[kind], text):
            plain = children.replace("&lt;", "<")
            extra += plain not in told[name]
    return extra
