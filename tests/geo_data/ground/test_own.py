"""The operator's own base map: files are checked before they are served; an address outside is refused unless allowed."""

import sqlite3

import geopandas as gpd
import pytest
import shapely

from geo_data.errors import InputError, ParameterError
from geo_data.ground import own

PNG = b"\x89PNG\r\n\x1a\n"


def mbtiles(path, form="png", rows=((3, 2, 5, PNG),)):
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        base.execute("CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB)")
        base.executemany("INSERT INTO metadata VALUES (?, ?)", [("format", form)])
        base.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    base.close()
    return path


def geopackage(path, **more):
    gpd.GeoDataFrame({"name": ["High Street"]}, geometry=[shapely.LineString([(400_000, 500_000), (401_000, 500_500)])],
                     crs="EPSG:27700", **more).to_file(path, driver="GPKG", layer="streets")
    return path


def test_a_geopackage_becomes_vector_tiles_and_can_be_removed(tmp_path):
    layer = own.import_layer(geopackage(tmp_path / "Open Roads.gpkg"), tmp_path / "own", style="roads", attribution="OS")
    assert (layer.name, layer.type, layer.style, layer.attribution) == ("open-roads", "pmtiles", "roads", "OS")
    assert (tmp_path / "own" / "open-roads.pmtiles").read_bytes()[:8] == b"PMTiles\x03"
    assert own.layers(tmp_path / "own") == [layer]
    again = own.import_layer(tmp_path / "own" / "open-roads.pmtiles", tmp_path / "own", style="roads", name="copy",
                             source="open-roads")
    assert (again.type, again.zoom, again.layer) == ("pmtiles", 14, "open-roads")
    own.remove_layer("open-roads", tmp_path / "own")
    assert [each.name for each in own.layers(tmp_path / "own")] == ["copy"]


def test_a_file_may_have_any_name_and_lie_in_any_folder(tmp_path):
    folder = tmp_path / "50% #1?"
    folder.mkdir()
    own.import_layer(mbtiles(folder / "Roads #2, 50%.mbtiles"), folder / "own", style="roads", name="roads")
    assert own.tile(folder / "own", "roads", 3, 2, 2)


def test_rows_of_mbtiles_count_from_the_south(tmp_path):
    layer = own.import_layer(mbtiles(tmp_path / "zoom.mbtiles"), tmp_path / "own", style="land")
    assert (layer.type, layer.zoom) == ("raster", 3)
    assert own.tile(tmp_path / "own", "zoom", 3, 2, 2) == (PNG, {"content-type": "image/png"})
    assert own.tile(tmp_path / "own", "zoom", 3, 2, 5) is None
    assert own.tile(tmp_path / "own", "../zoom", 3, 2, 2) is None


def test_packed_vector_tiles_say_so(tmp_path):
    own.import_layer(mbtiles(tmp_path / "v.mbtiles", "pbf", [(0, 0, 0, b"\x1f\x8bxx")]), tmp_path / "own", style="roads")
    assert own.tile(tmp_path / "own", "v", 0, 0, 0)[1] == {"content-type": "application/x-protobuf", "content-encoding": "gzip"}


@pytest.mark.parametrize(("name", "body"), [
    ("a.pmtiles", b"PMTiles\x02" + bytes(120)), ("a.pmtiles", b""), ("a.pmtiles", b"PMTiles\x03" + bytes(91) + b"\x02" + bytes(27)),
    ("a.mbtiles", b"not a database at all"), ("a.gpkg", b"nor this"), ("a.exe", b"MZ")])
def test_a_file_that_is_none_is_refused_and_nothing_is_left(tmp_path, name, body):
    (tmp_path / name).write_bytes(body)
    with pytest.raises(InputError):
        own.import_layer(tmp_path / name, tmp_path / "own", style="roads")
    assert list((tmp_path / "own").glob("[!u]*")) == []


def test_names_and_kinds_are_checked(tmp_path):
    file = mbtiles(tmp_path / "x.mbtiles")
    for more in ({"name": "../etc", "style": "roads"}, {"style": "streets"}):
        with pytest.raises(InputError):
            own.import_layer(file, tmp_path / "own", **more)
    with pytest.raises(InputError):
        own.remove_layer("../x", tmp_path)


@pytest.mark.parametrize("host", ["tiles", "maps.force.local", "10.1.2.3", "192.168.0.9", "127.0.0.1", "[fd00::1]", "gis.intranet"])
def test_a_host_of_the_own_network_is_let_in(host):
    found = own.intranet(f"https://{host}/{{z}}/{{x}}/{{y}}.png", "", "", allow_public=False)
    assert own.origin(found) == f"https://{host}" and found.type == "xyz"


@pytest.mark.parametrize("host", ["tile.openstreetmap.org", "8.8.8.8", "maps.example.com", "local.example.org", "[2001:4860::1]"])
def test_a_public_host_is_refused_unless_allowed(host):
    url = f"https://{host}/{{z}}/{{x}}/{{y}}.png"
    with pytest.raises(ParameterError, match="outside the organisation"):
        own.intranet(url, "", "", allow_public=False)
    assert own.intranet(url, "", "", allow_public=True).url == url


@pytest.mark.parametrize("url", ["ftp://tiles/{z}/{x}/{y}", "https:///{z}/{x}/{y}", "javascript:alert(1)", "https://user:pass@tiles/{z}/{x}/{y}",
                                 "https://tiles/map.png", "https://tiles; script-src */{z}/{x}/{y}", "tiles"])
def test_what_is_no_address_never_reaches_the_browsers_rules(url):
    with pytest.raises(ParameterError):
        own.intranet(url, "", "", allow_public=True)


def test_a_wms_needs_no_marks():
    found = own.intranet("http://gis.corp/wms", "roads,places", "OS", allow_public=False)
    assert (found.type, found.wms, found.attribution) == ("wms", "roads,places", "OS")
    assert own.intranet("", "", "", allow_public=False) is None and own.origin(None) == ""
