from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo_data.errors import InputError
from geo_data.placing import importers
from geo_data.placing.gazetteer import add_layer, open_gazetteer
from tests.geo_data.placing.importers.conftest import Import
from tests.geo_data.placing.importers.made import NEW_DIRECTORY, OLD_DIRECTORY, directory, zipped

CODE_POINT = ('"OL16 1LU",10,390000,413000,"E92000001","E19000001","E18000002","","E08000005","E05000719"\r\n'
              '"OL161ZZ",60,390100,413100,"E92000001","","","","E08000005",""\r\n'
              '"OL16 1YY",90,0,0,"E92000001","","","","E08000005",""\r\n')
METADATA = "ORDNANCE SURVEY\r\nCode-Point Open\r\nCOPYRIGHT DATE: 20250519\r\n"
ROWS = [  # postcode, ended, easting, northing, grid indicator, latitude
    ("OL16 1LU", "", "390200", "0413200", "1", "53.6"),
    ("OL16 1ZY", "201903", "390300", "0413300", "8", "53.6"),
    ("BT1 5GS", "", "333000", "0374000", "1", "54.6"),
    ("IM1 1AA", "", "", "", "9", "99.999999"),
    ("QX1 1AA", "", "390300", "0413300", "1", "99.999999"),
    ("OL16 1ZW", "", "390300", "0413300", "5", "53.6"),
]


@pytest.mark.parametrize("form", ["zip", "folder", "file", "padded", "header"])
def test_code_point_open(form: str, tmp_path: Path, import_: Import) -> None:
    path = tmp_path / "codepo_gb.zip"
    text = CODE_POINT.replace("OL161ZZ", "B1  1ZZ").replace("OL16 1LU", "OL161LU") if form == "padded" else CODE_POINT
    if form in {"zip", "padded"}:
        zipped(path, {"Data/CSV/ol.csv": text, "Doc/metadata.txt": METADATA, "Doc/licence.txt": "©".encode("latin-1"),
                      "Doc/Code-Point_Open_Column_Headers.csv": "PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC\r\nPostcode,x"})
    else:
        path = tmp_path / "ol.csv"
        path.write_text(("PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC\r\n" if form == "header" else "") + text, newline="")
        path = path if form != "folder" else tmp_path
    about, held = import_("code_point", path)
    assert about["counts"] | {"rows": 3, "postcodes": 2, "located": 2, "dropped": 1} == about["counts"]
    assert about["product_date"] == ("2025-05-19" if form in {"zip", "padded"} else "")
    found = held.postcodes(["OL16 1LU", "b11zz" if form == "padded" else "ol161zz", "OL16 1LX"])
    assert found["easting"].tolist()[:2] == [390_000, 390_100]
    assert found["precision_m"][1] > 60 if form != "padded" else True  # the mean of its sector
    assert held.districts(["OL16 1LU"]).tolist() == ["E08000005"]


def test_a_postcode_without_coordinates_keeps_its_place_in_the_package(tmp_path: Path, import_: Import) -> None:
    path = tmp_path / "ol.csv"
    path.write_text(CODE_POINT.replace("OL16 1YY", "OL16 1PJ"), newline="")
    _, held = import_("code_point", path)
    assert held.postcodes(["OL16 1PJ"])["easting"].notna().all()


@pytest.mark.parametrize("header", [OLD_DIRECTORY, NEW_DIRECTORY])
def test_directory_with_old_and_new_headers(header: list[str], tmp_path: Path, import_: Import) -> None:
    path = zipped(tmp_path / "ONSPD_NOV_2025.zip", {
        "Data/ONSPD_NOV_2025_UK.csv": b"\xef\xbb\xbf" + directory(header, ROWS),
        "Data/multi_csv/ONSPD_NOV_2025_UK_OL.csv": directory(header, ROWS[:1]),
        "Documents/LA names and codes.csv": "LAD25CD,LAD25NM\r\nE08000005,Rochdale\r\n"})
    about, held = import_("postcode_directory", path)
    assert about["product_date"] == "2025-11"
    assert about["counts"] == {"rows": 6, "postcodes": 6, "located": 3, "terminated": 1, "outside_gb": 2, "dropped": 0}
    found = held.postcodes([row[0] for row in ROWS])
    np.testing.assert_array_equal(found["easting"], [390_200, 390_300, np.nan, np.nan, np.nan, 390_300])
    assert found["northing"][0] == 413_200 and found["known"].all()
    assert found["fault"].tolist() == ["", "", "outside Great Britain", "outside Great Britain", "no coordinates", ""]
    assert found["precision_m"][1] >= 100 and found["precision_m"][5] >= 250
    assert held.terminated(["OL16 1LU", "OL16 1ZY", "SW1A 1AA", "x"]).tolist() == ["", "2019-03", "", ""]
    assert held.districts(["OL16 1ZY"]).tolist() == ["E08000005"]


def test_newer_goes_before_older_before_the_package_before_invented(tmp_path: Path, folder: Path) -> None:
    places = pd.DataFrame({"name": ["X"], "easting": [1_000.0], "northing": [1_000.0], "population": [1]})
    add_layer(folder, "demo", pd.DataFrame({"postcode": ["OL16 1LU"], "easting": [1.0], "northing": [1.0]}), places, "invented")
    old = zipped(tmp_path / "codepo_gb.zip", {"Data/CSV/ol.csv": CODE_POINT, "Doc/metadata.txt": METADATA})
    new = tmp_path / "NSPL_AUG_2025_UK.csv"
    new.write_bytes(directory(NEW_DIRECTORY, ROWS))
    package = open_gazetteer(folder).postcodes(["OL16 1LU"])
    assert package["easting"][0] not in {1, 390_000, 390_200}
    importers.run("postcode_directory", new, folder)
    importers.run("code_point", old, folder)
    found = open_gazetteer(folder).postcodes(["OL16 1LU", "OL16 1ZZ", "SW1A 1AA"])
    assert found["easting"].tolist()[:2] == [390_200, 390_100] and found["known"].all() and (found["marking"] == "").all()


@pytest.mark.parametrize(("text", "rule"), [
    (CODE_POINT.replace("390000", "east"), "not a number"),
    (CODE_POINT.replace("390000", "9390000"), "outside the National Grid"),
    (CODE_POINT.replace("OL16", "Rochdale"), "holds no postcodes"),
    (CODE_POINT.replace(',"E05000719"', ""), "9 columns where 10"),
])
def test_what_is_no_code_point_open_is_refused(text: str, rule: str, tmp_path: Path, import_: Import) -> None:
    path = tmp_path / "ol.csv"
    path.write_text(text, newline="")
    with pytest.raises(InputError, match=rule):
        import_("code_point", path)
