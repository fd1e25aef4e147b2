"""The base map is small, whole, marked as invented, and lies where the county lies."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from geo_data.demo import county_map
from geo_data.grid import to_wgs84
from tests.geo_data.county import the_county, the_map


@pytest.fixture(scope="module")
def folder() -> Path:
    return the_map()


def test_it_writes_the_described_files_and_nothing_else(folder: Path):
    described = json.loads((folder / "map.json").read_text(encoding="utf-8"))
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [layer["file"] for layer in described["layers"]] + ["map.json"])
    assert "SYNTHETIC" in described["attribution"]
    assert "SYNTHETIC" in described["marking"]
    assert [layer["name"] for layer in described["layers"]] == list(county_map.ZOOMS)


def test_it_is_small(folder: Path):
    assert sum(path.stat().st_size for path in folder.iterdir()) < 6_000_000


@pytest.mark.parametrize("name", county_map.ZOOMS)
def test_each_file_is_pmtiles_of_one_layer_named_as_the_file(folder: Path, name: str):
    path = folder / f"{name}.pmtiles"
    head = path.read_bytes()[:127]
    assert head[:8] == b"PMTiles\x03"
    assert (head[100], head[101]) == county_map.ZOOMS[name]
    assert pyogrio.list_layers(path)[:, 0].tolist() == [name]
    assert len(pyogrio.read_dataframe(path)) > 0


def test_roads_and_labels_carry_what_the_styles_ask_for(folder: Path):
    roads = pyogrio.read_dataframe(folder / "roads.pmtiles", read_geometry=False)
    assert set(roads["kind"]) == {"A", "B", "distributor", "residential", "close", "lane"}
    assert roads["name"].notna().all()
    labels = pyogrio.read_dataframe(folder / "labels.pmtiles", read_geometry=False)
    assert set(the_county().places["name"]) <= set(labels["name"])
    assert {"city", "town", "village", "station", "water", "moor"} <= set(labels["kind"])


def test_the_tiles_lie_where_the_county_lies(folder: Path):
    drawn = pyogrio.read_dataframe(folder / "labels.pmtiles").to_crs("EPSG:4326")
    city = the_county().places.iloc[0]
    lat, lon = to_wgs84([city["easting"]], [city["northing"]])
    spot = drawn[drawn["name"] == city["name"]].geometry.iloc[0].centroid
    assert np.hypot((spot.x - lon[0]) * np.cos(np.radians(lat[0])), spot.y - lat[0]) * 111_000 < 20
    described = county_map.describe(the_county())
    (south, west), (north, east) = described["bounds"]
    assert shapely.box(west, south, east, north).contains(shapely.Point(described["centre"][::-1]))


def test_writing_again_replaces_the_files(folder: Path):
    assert (folder / "land.pmtiles").read_bytes()[:7] == b"PMTiles"
    assert not list(folder.glob("unfinished-*"))
