from __future__ import annotations

from pathlib import Path

import pytest

from geo_data.errors import InputError
from geo_data.placing.importers.open_names import COLUMNS, feature_kind
from tests.geo_data.placing.importers.conftest import Import
from tests.geo_data.placing.importers.made import OPEN_NAMES_HEADER, csv, open_name, zipped
from tests.shared_data import shared

ROADS = [
    open_name("Weaver Row", "Named Road", 390_000, 413_000, box=300, place="Belfield", number="road1"),
    open_name("Weaver Row", "Section Of Named Road", 390_200, 413_100, box=100, place="Belfield", part_of="road1"),
    open_name("Rhes y Gwehydd", "Named Road", 320_000, 178_000, other="Loom Terrace", district="", county="Caerdydd - Cardiff"),
    open_name("A9664", "Numbered Road", 391_000, 414_000, box=5_000),
    open_name("", "Named Road", 391_000, 414_000),
]
OTHERS = [
    open_name("Amblecote Green", "Hamlet", 392_000, 415_000, type_="populatedPlace", box=400),
    open_name("Amblecote", "Railway Station", 392_100, 415_100, place="Amblecote Green"),
    open_name("Rochdale", "Railway Station", 389_900, 412_800, place="Rochdale"),
    open_name("Weaver Infirmary", "Hospital", 392_200, 415_200, type_="other"),
    open_name("Loom Hill Academy", "Secondary Education", 392_300, 415_300, type_="other"),
    open_name("OL16 1AA", "Postcode", 392_300, 415_300, type_="other"),
    open_name("North Loom Sea", "Sea", 392_300, 415_300, type_="hydrography"),
]


def test_the_columns_are_those_of_the_product() -> None:
    assert list(COLUMNS) == OPEN_NAMES_HEADER and len(COLUMNS) == 34


@pytest.mark.parametrize("form", ["file", "header", "folder", "zip"])
def test_roads_places_and_features(form: str, tmp_path: Path, import_: Import) -> None:
    path = tmp_path / "opname.zip"
    if form in {"file", "header"}:
        path = tmp_path / "tile.csv"
        head = [OPEN_NAMES_HEADER] if form == "header" else []
        path.write_bytes(csv(head + ROADS + OTHERS, bom=True))
    elif form == "folder":
        path = tmp_path / "tiles"
        (path / "Doc").mkdir(parents=True)
        (path / "Doc" / "OS_Open_Names_Header.csv").write_bytes(csv([OPEN_NAMES_HEADER], bom=True))
        (path / "SD80.csv").write_bytes(csv(ROADS, bom=True))
        (path / "SD90.csv").write_bytes(csv(OTHERS, bom=True))
    else:
        zipped(path, {"Doc/OS_Open_Names_Header.csv": csv([OPEN_NAMES_HEADER], bom=True), "Data/SD80.csv": csv(ROADS, bom=True),
                      "Data/SD90.csv": csv(OTHERS, bom=True), "Readme.txt": "x"})
    about, held = import_("open_names", path)
    assert about["counts"] == {"rows": 12, "streets": 4, "places": 1, "features": 4}
    streets = held.streets
    road, section = (streets[row] for row in streets.find("weaver row"))
    assert (road.kind, road.radius_m, road.locality, road.district) == ("road", 424, "Belfield", "Rochdale")
    assert section.kind == "section" and section.group == road.group == road.row
    assert streets.find("Loom Ter").tolist() == streets.find("rhes y gwehydd").tolist() != []
    numbered = streets[int(streets.find("a9664")[0])]
    assert numbered.kind == "numbered" and numbered.radius_m == 7_071
    assert len(streets.inside("Rochdale")) == 3 and len(streets.inside("OL16")) == 4 and len(streets.inside("Belfield")) == 2
    place = held.places("Amblecote Green")
    assert [(area.name, area.easting, area.precision_m) for area in place] == [("Amblecote Green", 392_000, 566)]


def test_a_town_alone_does_not_lead_to_its_station(tmp_path: Path, import_: Import) -> None:
    path = tmp_path / "tile.csv"
    path.write_bytes(csv(OTHERS))
    _, held = import_("open_names", path)
    features = held.features
    assert features.find("Rochdale").size == 0
    for text in ("Rochdale station", "rochdale rail station", "Rochdale Railway Stn", "Rochdale train station"):
        assert [features[row].name for row in features.find(text)] == ["Rochdale railway station"]
    assert [features[row].kind for row in features.find("Weaver Infirmary")] == ["hospital_health"]
    assert [features[row].kind for row in features.find("Loom Hill Academy")] == ["school_college"]
    assert [features[row].name for row in features.find("Amblecote")] == ["Amblecote railway station"]  # no settlement's name


def test_a_place_that_the_base_has_is_not_a_second_one(tmp_path: Path, import_: Import) -> None:
    path = tmp_path / "tile.csv"
    path.write_bytes(csv([open_name("Rochdale", "Town", 389_600, 413_300, type_="populatedPlace", box=3_000),
                          open_name("Rochdale", "Hamlet", 250_000, 60_000, type_="populatedPlace")]))
    _, held = import_("open_names", path)
    assert [(area.easting, area.population) for area in held.places("Rochdale")] == [(389_831, 97_550), (250_000, 50)]


@pytest.mark.parametrize(("change", "rule"), [
    ({"TYPE": "road"}, "TYPE is none of its six"),
    ({"GEOMETRY_X": "east"}, "not a number"),
    ({"GEOMETRY_X": ""}, "outside the National Grid"),
    ({"GEOMETRY_Y": "9999999"}, "outside the National Grid"),
])
def test_a_row_out_of_shape_refuses_the_file(change: dict[str, str], rule: str, tmp_path: Path, import_: Import) -> None:
    row = [change.get(name, cell) for name, cell in zip(COLUMNS, ROADS[0], strict=True)]
    path = tmp_path / "tile.csv"
    path.write_bytes(csv([ROADS[1], row]))
    with pytest.raises(InputError, match=rule):
        import_("open_names", path)


@pytest.mark.parametrize(("local_type", "kind"), [
    ("Railway Station And London Underground Station", "rail_station"), ("Light Rapid Transit Station", "tram_stop"),
    ("Bus Station", "bus_station"), ("Primary Education", "school_college"), ("Medical Care Accommodation", "hospital_health"),
    ("Urban Greenspace", "park_open_space"), ("Electricity Production", ""), ("Named Road", ""), ("Village", ""),
])
def test_local_types_have_kinds(local_type: str, kind: str) -> None:
    assert feature_kind(local_type) == kind


def test_a_real_tile(import_: Import) -> None:
    about, held = import_("open_names", shared("geocoding", "os_open_names_TR00_sample.csv"))
    assert about["counts"] == {"rows": 64, "streets": 35, "places": 2, "features": 4}
    rows = [held.streets[row] for row in held.streets.find("Dungeness Rd")]
    assert sorted(row.kind for row in rows) == ["road", "section", "section"] and len({row.group for row in rows}) == 1
    assert [held.features[row].kind for row in held.features.find("Dungeness station")] == ["rail_station"]
