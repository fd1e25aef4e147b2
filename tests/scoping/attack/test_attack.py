"""The attack suite on what is published, and on planted leaks, each of which must be found."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from scoping.attack import pictures, report
from scoping.attack.attacks import addresses_from_shapes
from scoping.attack.campaign import Campaign
from scoping.attack.cities import KINDS, city
from scoping.attack.leaks import LEAKS
from scoping.attack.shapes import recovered


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_found_in_an_honest_city(kind):
    campaign = Campaign(city(kind, 1)).run(report.LEAK_PLAN)
    assert sum(len(each.places) for each in campaign.before) >= 10  # it publishes often, or the attack proves nothing
    found = report.one_city(campaign, ("csv", "html", "geojson", "gpkg", "svg"), 1)
    assert {name: count for name, count in found.items() if count} == {}
    assert len(found) >= 25


def test_the_cities_publish_unions_and_joined_regions():
    places = [place for each in Campaign(city("county", 1)).run(report.LEAK_PLAN).before for place in each.places]
    assert any(len(place.cells) > len(place.regions) for place in places)
    places = [place for each in Campaign(city("suburb", 1)).run(report.LEAK_PLAN).before for place in each.places]
    assert any(len(place.regions) > 1 for place in places)


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_caught(leak):
    assert report.by_whom(leak)


@pytest.mark.parametrize("kind", ["png", "pptx"])
def test_the_pixels_of_a_map_tell_only_whole_cells_and_hulls_would_be_found_there(kind):
    campaign = Campaign(city("suburb", 1)).run(report.LEAK_PLAN[:3])
    release = campaign.releases[-1]
    assert release.hotspots["low"].notna().any()
    assert pictures.claims(kind, campaign.files(release, [kind])[kind], campaign.snapshot(release))[0] == []
    with LEAKS["hulls of points"](campaign):
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
