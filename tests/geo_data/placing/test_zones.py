from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.placing import zones
from geo_data.placing.gazetteer import Gazetteer
from geo_data.placing.home import home
from geo_data.placing.spots import fitting
from geo_data.placing.zones import Zone, within
from tests.geo_data.streets_layer import layer

# a town that is a district, a locality without a settlement, a county, a suburb, a post town far from the rest
NAMES = ("rochdale", "summit", "greater manchester", "hexham", "salford", "northumberland", "keighley")


@pytest.fixture(scope="module")
def streets(gazetteer_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    return layer(gazetteer_folder, tmp_path_factory.mktemp("streets") / "gazetteer")


def zone(name: str, gazetteer: Gazetteer) -> Zone:
    found = gazetteer.street_rung.zones.find(name)
    assert found is not None, name
    return found


@settings(max_examples=300, derandomize=True, deadline=None)
@given(name=st.sampled_from(NAMES), share=st.tuples(st.floats(0, 1), st.floats(0, 1)), row=st.none() | st.integers(0, 40))
def test_nothing_fits_beyond_the_reach(streets: Gazetteer, name: str, share: tuple[float, float], row: int | None) -> None:
    held = zone(name, streets)
    anywhere = replace(held)
    anywhere.__dict__["reach"] = (-1e9, -1e9, 1e9, 1e9)
    west, south, east, north = held.reach
    e = west - 8_000 + share[0] * (east - west + 16_000)
    n = south - 8_000 + share[1] * (north - south + 16_000)
    inside = west <= e <= east and south <= n <= north
    listed = row is not None and row in held.rows  # its point lies in the reach
    if inside or not listed:
        assert held.fit(row, e, n) == anywhere.fit(row, e, n)
    if not inside:
        assert held.fit(row, e, n) == 0.0


def test_a_fit_falls_with_the_distance_from_a_settlement(streets: Gazetteer) -> None:
    held = zone("hexham", streets)
    area = held.areas[0]
    east = [area.easting + area.precision_m + further for further in (-1.0, 999.0, 2_999.0, 4_999.0, 5_001.0)]
    assert [held.fit(None, e, area.northing) for e in east] == [1.0, 0.7, 0.45, 0.2, 0.0]
    middle, edge = held.pull(area.easting, area.northing), held.pull(east[0], area.northing)
    assert middle > edge > 0.0 and middle <= 1.0


@pytest.mark.parametrize("own", [None, "Greater Manchester"])
@pytest.mark.parametrize("places", [(), ("rochdale",), ("greater manchester", "rochdale"), ("keighley",)])
def test_what_is_left_out_as_arrays_would_not_fit(streets: Gazetteer, monkeypatch: pytest.MonkeyPatch, own: str | None,
                                                  places: tuple[str, ...]) -> None:
    named, area = [zone(name, streets) for name in places], home(own, streets) if own else None
    for name in ("drake street", "station road", "sorrel gardens", "long row"):
        held = streets.streets.located(name)
        found = []
        for at_once in (0, 1_000):
            monkeypatch.setattr(zones, "_LOOKED_AT", at_once)
            found.append(fitting(held, named, area))
        assert found[0] == found[1]
        if own and not places:
            assert [each.row for each in found[0]] == held.rows[area.level(held.e, held.n) == 0].tolist()


def test_a_list_of_points_is_cut_to_the_boxes(streets: Gazetteer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zones, "_LOOKED_AT", 0)
    held = streets.streets.located("drake street")
    assert held.e.tolist() == [389_770, 410_000]
    for box, kept in (((0, 0, 400_000, 10**6), 1), ((389_770, 413_099, 410_000, 443_000), 2), ((0, 0, 1, 1), 0)):
        assert within([box], held).e.tolist() == held.e.tolist()[:kept]
    assert within([(0, 0, 400_000, 10**6), (400_000, 0, 10**6, 10**6)], held).rows.size == 0
    assert np.array_equal(within([], held).rows, held.rows)
