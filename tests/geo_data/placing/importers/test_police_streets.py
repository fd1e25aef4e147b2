from __future__ import annotations

from pathlib import Path

import pytest

from geo_data.errors import InputError
from geo_data.grid import to_wgs84
from geo_data.placing.geocode import geocode
from tests.geo_data.placing.importers.conftest import Import
from tests.geo_data.placing.importers.made import zipped

HEAD = ("Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
        "Last outcome category,Context\n")
PLACES = [  # easting, northing, what stands in Location
    (389_700, 413_100, "On or near Quorn Wynd"), (389_900, 413_300, "On or near Quorn Wynd"),
    (384_000, 398_000, "On or near Quorn Wynd"), (389_750, 413_200, "On or near Parking Area"), (389_760, 413_210, "On or near "),
    (391_000, 414_000, "On or near A9999"), (389_800, 413_400, "On or near Sports/Recreation Area"),
]


def street_file(places: list[tuple[int, int, str]] = PLACES) -> str:
    rows = []
    for e, n, location in places:
        lat, lon = (float(axis) for axis in to_wgs84(e, n))
        rows.append(f"abc,2025-01,Some Police,Some Police,{lon:.6f},{lat:.6f},{location},E01005533,Rochdale 009A,Burglary,,\n")
    return HEAD + "".join(rows * 2) + "abc,2025-01,Some Police,Some Police,,,No Location,,,Burglary,,\n"


def test_streets_are_the_names_of_published_points_and_nothing_else(tmp_path: Path, import_: Import) -> None:
    path = zipped(tmp_path / "police.zip", {"2025-01/2025-01-some-street.csv": street_file(),
                                            "2025-02/2025-02-some-street.csv": street_file(PLACES[:1]),
                                            "2025-01/2025-01-some-outcomes.csv": "a,b\n1,2\n"})
    about, held = import_("police_streets", path)
    assert about["counts"] == {"rows": 18, "points": 4, "streets": 3, "names": 2}
    assert about["product_date"] == "2025-02-01"
    wynd = [held.streets[int(row)] for row in held.streets.find("quorn wynd")]
    assert sorted((round(each.easting), each.district) for each in wynd) == [(384_000, "Rochdale"), (389_800, "Rochdale")]
    assert all(each.radius_m >= 120 for each in wynd)
    road = held.streets[int(held.streets.find("A9999")[0])]
    assert road.kind == "numbered" and road.radius_m >= 1_500  # known by one point: no more exact than that
    found = geocode(["Quorn Wynd, Rochdale", "A9999, Rochdale"], held)
    assert found["method"].tolist() == ["street", "street"] and (found["confidence"] < 0.9).all()


@pytest.mark.parametrize(("name", "text", "rule"), [
    ("2025-01-some-street.csv", HEAD.replace("Location", "Where") + "x,2025-01,a,a,-2,53,X,,,B,,\n", "no column for 'location'"),
    ("2025-01-some-street.csv", street_file([(389_700, 413_100, "On or near Hospital")]), "No street is named"),
    ("2025-01-some-street.csv", street_file().replace("-2.1", "west"), "not a number"),
])
def test_another_file_is_refused(name: str, text: str, rule: str, tmp_path: Path, import_: Import) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=rule):
        import_("police_streets", path)
