from __future__ import annotations

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data import grid

# Ordnance Survey, OSTN15/OSGM15 test points: ETRS89 latitude and longitude, and easting and northing.
OSTN15 = [
    (49.92226393730, -6.29977752014, 91492.146, 11318.804),
    (49.96006137820, -5.20304609998, 170370.718, 11572.405),
    (54.11685144290, -0.07773133187, 525745.670, 470703.214),
]


@pytest.mark.parametrize(("lat", "lon", "easting", "northing"), OSTN15)
def test_agrees_with_the_official_transformation_to_the_stated_five_metres(
    lat: float, lon: float, easting: float, northing: float
) -> None:
    e, n = grid.to_bng(lat, lon)
    assert np.hypot(e - easting, n - northing) < 6.0
    assert float(e).is_integer() and float(n).is_integer()


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.floats(100_000, 650_000), st.floats(10_000, 1_200_000))
def test_there_and_back_is_the_same_metre(easting: float, northing: float) -> None:
    e, n = grid.to_bng(*grid.to_wgs84(easting, northing))
    assert abs(float(e) - easting) <= 0.51 and abs(float(n) - northing) <= 0.51


def test_arrays_keep_their_order_and_missing_values_stay_missing() -> None:
    given_lat = np.array([54.975, np.nan, 51.5])
    before = given_lat.copy()
    e, n = grid.to_bng(given_lat, np.array([-1.61, -1.0, np.nan]))
    assert np.isfinite(e).tolist() == [True, False, False]
    assert np.isfinite(n).tolist() == [True, False, False]
    np.testing.assert_array_equal(given_lat, before)
    lat, _ = grid.to_wgs84([425_000, np.inf], [565_000, 1])
    assert np.isfinite(lat).tolist() == [True, False]


def test_the_network_is_off() -> None:
    assert not pyproj.network.is_network_enabled()


# Published: the OS guide's own example (TG 51409 13177 at Caister), Ben Nevis, Land's End; centres of the cells.
PUBLISHED = [
    ("TG 51409 13177", 651_409.5, 313_177.5, 1),
    ("NN166712", 216_650, 771_250, 100),
    ("SW 34 25", 134_500, 25_500, 1_000),
    ("SD8913", 389_500, 413_500, 1_000),
    ("nz 276 812", 427_650, 581_250, 100),
    ("TQ38", 535_000, 185_000, 10_000),
    ("HP 6 1", 465_000, 1_215_000, 10_000),
    ("NZ27608120", 427_605, 581_205, 10),
]


@pytest.mark.parametrize(("text", "easting", "northing", "cell"), PUBLISHED)
def test_published_grid_references(text: str, easting: float, northing: float, cell: float) -> None:
    assert grid.parse_grid_reference(text) == (easting, northing, cell)


@pytest.mark.parametrize("text", ["", "NZ", "NZ1", "NZ123", "NZ12345678901", "NZ 1234 567", "IZ1234", "NI1234",
                                  "AA1234", "NZ12E4", "HA1", "1234", "NZ 12,34", "ZZ12", "JL12"])
def test_what_is_no_grid_reference_is_none(text: str) -> None:
    assert grid.parse_grid_reference(text) is None


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.sampled_from(["NZ", "SD", "TQ", "SW", "HU", "NY"]), st.integers(1, 5), st.data())
def test_a_reference_written_from_its_cell_reads_back(square: str, half: int, data: st.DataObject) -> None:
    east, north = (data.draw(st.integers(0, 10**half - 1)) for _ in range(2))
    text = f"{square.lower()} {east:0{half}d} {north:0{half}d}"
    found = grid.parse_grid_reference(text)
    corner = grid.parse_grid_reference(f"{square}00")
    assert found is not None and corner is not None
    e, n, cell = found
    assert cell == 10 ** (5 - half)
    assert (e - (corner[0] - 5_000)) // cell == east and (n - (corner[1] - 5_000)) // cell == north


def test_degrees_of_great_britain() -> None:
    assert grid.in_gb_degrees([54.9, -1.6, np.nan, 48.8], [-1.6, 54.9, 0, 2.3]).tolist() == [True, False, False, False]
