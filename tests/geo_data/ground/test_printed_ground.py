"""The ground of a printed map: the invented county's own, the operator's own layers, else what the gazetteer tells."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo_data.errors import InputError
from geo_data.ground import backdrop, own, tiles
from geo_data.placing.gazetteer import open_gazetteer
from tests.geo_data.county import the_county, the_map
from tests.geo_data.national import the_gazetteer

NEWCASTLE = (415_000.0, 555_000.0, 445_000.0, 575_000.0)
ROADS = [shapely.LineString([(424_000, 564_000), (426_000, 566_000)]), shapely.LineString([(424_000, 566_000), (426_000, 564_000)])]


@pytest.fixture(scope="module")
def gazetteer():
    return open_gazetteer(the_gazetteer())


def layer(folder, style="roads", suffix="gpkg", attribution="Contains OS data", *, areas=tiles.AREAS):
    path = folder / f"{style}.{suffix}"
    shapes = [shape.buffer(800) for shape in ROADS] if style in areas else ROADS
    frame = gpd.GeoDataFrame({"class": ["A Road", "Local"]}, geometry=shapes, crs="EPSG:27700")
    if suffix == "mbtiles":
        frame.to_crs("EPSG:4326").to_file(path, driver="MBTiles", layer="roads", MINZOOM=8, MAXZOOM=13)
    else:
        frame.to_file(path, driver="GPKG", layer="roads")
    return own.import_layer(path, folder / "own", style=style, attribution=attribution)


def test_the_invented_county_is_drawn_from_its_own_map(gazetteer):
    west, south, east, north = the_county().land.total_bounds
    found = backdrop.Paper(gazetteer, the_map()).ground(west, south, east, north)
    kinds = [kind for kind, _ in found.features]
    assert kinds == sorted(set(kinds), key=backdrop.ORDER.index) and {"land", "built", "trunk", "minor", "rail"} <= set(kinds)
    assert not found.areas and not found.built.any()
    land = shapely.union_all(dict(found.features)["land"])
    assert abs(shapely.area(land) / the_county().land.area.sum() - 1) < 0.01
    stations = the_county().institutions.query("kind == 'rail_station'")
    assert sum(kind == "station" for kind, *_ in found.marks) == len(stations)


def test_a_real_place_has_coast_borders_towns_and_stations(gazetteer):
    found = backdrop.Paper(gazetteer).ground(*NEWCASTLE)
    assert [kind for kind, _ in found.features] == ["land", "district", "force"]
    assert {"Newcastle upon Tyne", "Gateshead", "North Tyneside"} <= {name for name, _ in found.areas}
    assert "Newcastle railway station" in [name for _, name, *_ in found.marks] and found.labels[0][0] == "Newcastle upon Tyne"
    tyne = shapely.union_all(dict(found.features)["land"])
    assert shapely.contains_xy(tyne, 425_000, 564_000) and not shapely.contains_xy(tyne, 444_500, 566_000)


def test_the_ground_is_a_function_of_the_place_alone(gazetteer):
    first, again = (backdrop.Paper(gazetteer).ground(*NEWCASTLE) for _ in range(2))
    assert np.array_equal(first.built, again.built) and first.labels == again.labels and first.marks == again.marks
    assert all(a[0] == b[0] and shapely.equals_exact(a[1], b[1]).all() for a, b in zip(first.features, again.features, strict=True))


@pytest.mark.parametrize("suffix", ["gpkg", "mbtiles"])
def test_own_roads_are_drawn_by_class_and_credited(gazetteer, tmp_path, suffix):
    layer(tmp_path, suffix=suffix)
    found = backdrop.Paper(gazetteer, own=tmp_path / "own").ground(*NEWCASTLE)
    shapes = dict(found.features)
    assert [kind for kind, _ in found.features] == ["land", "minor", "trunk", "district", "force"]
    for kind, road in (("trunk", ROADS[0]), ("minor", ROADS[1])):
        assert shapely.hausdorff_distance(shapely.union_all(shapes[kind]), road) < 60
    assert backdrop.credits_of(tmp_path / "own") == ["Contains OS data"]


@pytest.mark.parametrize(("style", "gone"), [("built", ""), ("boundaries", "district"), ("land", "land")])
def test_an_own_layer_stands_for_what_was_guessed(gazetteer, tmp_path, style, gone):
    layer(tmp_path, style)
    found = backdrop.Paper(gazetteer, own=tmp_path / "own").ground(*NEWCASTLE)
    assert sum(kind == (gone or "built") for kind, _ in found.features) == 1
    assert found.built.any() == (style != "built") and bool(found.areas) == (style != "boundaries")


@pytest.mark.parametrize("style", ["land", "water"])
def test_of_lines_alone_no_land_or_water_is_made(gazetteer, tmp_path, style):
    layer(tmp_path, style, areas=())
    found = backdrop.Paper(gazetteer, own=tmp_path / "own").ground(*NEWCASTLE)
    assert [kind for kind, _ in found.features] == ["land", "district", "force"]  # the coast that the postcodes tell


@pytest.mark.parametrize("suffix", ["pmtiles", "mbtiles"])
def test_a_layer_made_for_closer_views_is_left_out_of_a_wide_one(tmp_path, suffix):
    frame = gpd.GeoDataFrame({"class": ["A Road"]}, geometry=ROADS[:1], crs="EPSG:27700").to_crs("EPSG:4326")
    path = tmp_path / f"deep.{suffix}"
    frame.to_file(path, driver={"pmtiles": "PMTiles", "mbtiles": "MBTiles"}[suffix], layer="roads", MINZOOM=13, MAXZOOM=14)
    held = [own.import_layer(path, tmp_path / "own", style="roads")]
    for wide, drawn in ((10_000.0, ["trunk"]), (60_000.0, ["trunk"]), (400_000.0, [])):
        bounds = (425_000.0 - wide / 2, 565_000.0 - wide / 2, 425_000.0 + wide / 2, 565_000.0 + wide / 2)
        assert [kind for kind, _ in tiles.own(held, tmp_path / "own", bounds)] == drawn


def test_pictures_and_addresses_are_neither_drawn_nor_credited(tmp_path):
    kept = [own.Layer(kind, kind, "/", "A", "roads") for kind in ("raster", "wms", "xyz", "pmtiles", "mvt")]
    kept.append(own.Layer("names", "pmtiles", "/", "A", "places"))
    assert [each.name for each in tiles.printed(kept)] == ["pmtiles", "mvt"]


def test_a_layer_that_cannot_be_read_is_told(gazetteer, tmp_path):
    layer(tmp_path)
    (tmp_path / "own" / "roads.pmtiles").write_bytes(b"no tiles")
    with pytest.raises(InputError, match="cannot be read"):
        backdrop.Paper(gazetteer, own=tmp_path / "own").ground(*NEWCASTLE)


def test_two_layers_that_hold_one_station_show_it_once():
    def table(*names):
        arrays = {"e": np.array([424_600, 430_000][:len(names)]), "n": np.array([563_900, 560_000][:len(names)]),
                  "kind": np.zeros(len(names), dtype=np.uint8), "kinds": np.array(["rail_station"])}
        return SimpleNamespace(arrays=arrays, text=lambda _, row: names[row])

    held = SimpleNamespace(features=SimpleNamespace(tables=[table("Newcastle", "Heworth"), table("Newcastle Central")]))
    assert [name for _, name, *_ in backdrop._stations(held, NEWCASTLE)] == ["Heworth", "Newcastle"]
