"""The attack suite on what is published, and on planted leaks, each of which must be found."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from scoping.attack import aggregates, pictures, report
from scoping.attack.attacks import addresses_from_shapes
from scoping.attack.campaign import Campaign
from scoping.attack.cities import KINDS, city
from scoping.attack.invented import FACTS
from scoping.attack.leaks import LEAKS
from scoping.attack.shapes import recovered
from scoping.showing.editions import Edition, Group
from scoping.showing.periods import Period

FORMATS = {"suburb": ("html", "gpkg"), "county": ("csv", "pack html"), "edge": ("geojson", "svg")}  # `scoping attack`: all in each


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_found_in_an_honest_city(kind):
    campaign = report.honest(kind)
    assert sum(len(each.places) for each in campaign.before) >= 10  # it publishes often, or the attack proves nothing
    found = report.one_city(campaign, FORMATS[kind], 1)
    assert {name: count for name, count in found.items() if count} == {}
    assert len(found) >= 24
    longer = [each for each in campaign.before if each.people]
    assert {each.period.kind for each in longer} == {"quarter", "half_year"}
    for edition in longer:  # groups are told in each, and there are small ones that must not be
        small = [label for title in FACTS["victims"] for label, *_ in FACTS["victims"][title]
                 if 0 < len(aggregates._children(campaign, edition, "victims", (title, label))) < edition.least]
        assert sum(bool(group.low) for group in edition.people) >= 15 and len(small) >= 2


def test_the_cities_publish_unions_and_joined_regions():
    places = [place for each in report.honest("county").before for place in each.places]
    assert any(len(place.cells) > len(place.regions) for place in places)
    places = [place for each in report.honest("suburb").before for place in each.places]
    assert any(len(place.regions) > 1 for place in places)


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_caught(leak):
    assert report.by_whom(leak)


def test_nothing_of_a_leak_that_was_drawn_stays():
    assert report.by_whom("hulls of points")
    assert not any(count for _, count in report.PARTS["files"](report.honest("suburb"), ("html", "geojson"), 1))


@pytest.mark.parametrize("kind", ["png", "pptx", "pack pptx", "pack pdf"])
def test_a_map_tells_only_whole_cells_and_hulls_would_be_found_there(kind):
    campaign = Campaign(city("suburb", 1)).run(report.LEAK_PLAN[:3])
    release = campaign.releases[-1]
    assert release.hotspots["low"].notna().any()
    files = campaign.files(release, [kind])
    assert addresses_from_shapes(campaign, release, files)[kind] == 0
    if not kind.endswith("pdf"):
        assert pictures.claims(kind.split()[-1], files[kind], campaign.snapshot(release))[0] == []
    with LEAKS["hulls of points"][0](campaign):
        assert addresses_from_shapes(campaign, release, campaign.files(release, [kind]))[kind] >= 1


@pytest.mark.parametrize("draw", [
    shapely.convex_hull, lambda points: shapely.convex_hull(points).buffer(100),
    lambda points: shapely.union_all(shapely.buffer(shapely.points(shapely.get_coordinates(points)), 100.0))])
def test_the_attack_on_shapes_recovers_exact_addresses_where_it_should(draw):
    rng = np.random.default_rng(0)
    addresses = rng.uniform(0, 10_000, (60_000, 2))
    visited = addresses[np.argsort(((addresses - 5_000) ** 2).sum(axis=1))[:60:5]]
    shape = draw(shapely.multipoints(visited))
    rings = [np.asarray(part.exterior.coords) for part in shapely.get_parts(shape)]
    assert recovered(rings, addresses, visited) >= 3
    corners = [np.array([[0, 0], [500, 0], [500, 500], [0, 500], [0, 0]], dtype=float)]
    assert recovered(corners, addresses, visited) == 0


def test_the_disc_of_a_number_is_no_claim_and_a_disc_around_a_point_is():
    at = np.array([[5_250.0, 5_750.0]])
    for middle, found in ((at, 0), (at + 30, 1)):
        disc = np.asarray(shapely.Point(*middle[0]).buffer(100).exterior.coords)
        assert recovered([disc], middle, middle) == found


def told(key, tier="rmg", **numbers):
    people = tuple(Group("victims", "" if label == "all" else "Gender", label.replace("all", ""), low, high)
                   for label, (low, high) in numbers.items())
    return Edition(tier, {"rmg": 5, "briefing": 8}[tier], 3, "found", "{}", Period.parse(key), "", "", (), {}, {}, (), people)


@pytest.mark.parametrize(("editions", "at_least"), [
    ((told("2024-Q1", all=(48, 52), Girls=(23, 27), Boys=(18, 22)),), 0),
    ((told("2024-Q1", Girls=(6, 7)), told("2024-Q2"), told("2024-H1", Girls=(8, 12))), 1),  # the second quarter must hold one
    ((told("2024-Q1", Girls=(6, 7)), told("2024-Q2"), told("2024-H1", Girls=(7, 12))), 0),
    ((told("2024-Q1", Girls=(6, 7)), told("2024-H1", Girls=(8, 12)), told("2024-Q2")), 1),
    ((told("2024-Q1", Girls=(6, 7)), told("2024-Q2", all=(2, 9)), told("2024-H1", "briefing", Girls=(9, 12))), 2)])
def test_the_attack_on_groups_finds_what_must_be_and_no_more(editions, at_least):
    known = aggregates._Known(editions, "victims", "Gender", ["", "Girls", "Boys", "Other", "Not known"])
    which = [k for k, each in enumerate(editions) if each.period.key in ("2024-Q2", "2024-Q1")][-1]
    label = "Girls" if len(editions) > 1 else "Other"
    assert known.least({(which, label): 1.0}) == at_least


def test_what_contradicts_itself_counts_as_found():
    known = aggregates._Known((told("2024-Q1", Girls=(9, 9)), told("2024-H1", Girls=(5, 7))), "victims", "Gender", ["", "Girls"])
    assert known.least({(0, "Girls"): 1.0}) == 1
