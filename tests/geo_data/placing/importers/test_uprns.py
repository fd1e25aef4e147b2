from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import InputError
from geo_data.placing import importers
from geo_data.placing.gazetteer import open_gazetteer
from geo_data.placing.importers import big_sort
from tests.geo_data.placing.importers.conftest import Import
from tests.geo_data.placing.importers.made import BOM, CORE_HEADER, core, csv, plus, zipped

HEADER = "UPRN,X_COORDINATE,Y_COORDINATE,LATITUDE,LONGITUDE\r\n"


def test_open_uprn(tmp_path: Path, import_: Import) -> None:
    rows = "100012345678,390000.40,413000.6,53.6,-2.1\r\n1,425043,564935,54.9,-1.6\r\n"
    path = zipped(tmp_path / "osopenuprn_202510_csv.zip",
                  {"osopenuprn_202510.csv": BOM + (HEADER + rows).encode(), "licence.txt": ""})
    about, held = import_("open_uprn", path)
    assert about["counts"] == {"rows": 2, "uprns": 2} and about["product_date"] == "2025-10"
    e, n = held.uprns.points(["000000000001", "100012345678", "2"])
    np.testing.assert_array_equal(e, [425_043, 390_000, np.nan])
    np.testing.assert_array_equal(n, [564_935, 413_001, np.nan])


def test_a_million_in_bounded_memory(tmp_path: Path, folder: Path) -> None:
    size = 1_000_000
    chance = np.random.default_rng(3)
    keys = chance.choice(50 * size, size, replace=False) + 10**11
    path = tmp_path / "osopenuprn_202510.csv"
    with path.open("w", newline="") as out:
        out.write(HEADER)
        out.writelines(f"{key},{key % 600_000}.00,{key % 1_200_000}.00,53.0000000,-2.0000000\r\n" for key in keys.tolist())
    tracemalloc.start()
    importers.run("open_uprn", path, folder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    held = open_gazetteer(folder).uprns
    assert len(held) == size and peak < 150e6
    asked = keys[:: size // 100]
    e, n = held.points([str(key) for key in asked.tolist()])
    np.testing.assert_array_equal(e, asked % 600_000)
    np.testing.assert_array_equal(n, asked % 1_200_000)
    assert not list(folder.glob(".building*"))


@settings(max_examples=40, derandomize=True, deadline=None)
@given(blocks=st.lists(st.lists(st.integers(0, 40), max_size=12), max_size=6), most=st.sampled_from([1, 2_000, 5_000]))
def test_records_come_sorted_once_each_and_the_last_wins(tmp_path_factory: pytest.TempPathFactory, blocks: list[list[int]],
                                                         most: int) -> None:
    given_ = [{"key": np.array(keys, dtype=np.int64), "at": np.arange(len(keys)) + 100 * i} for i, keys in enumerate(blocks)]
    last = {key: int(at) for block in given_ for key, at in zip(block["key"].tolist(), block["at"], strict=True)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(big_sort, "RANGE", most)
        patch.setattr(big_sort, "_SAMPLE", 2)
        found = big_sort.sort_records(given_, tmp_path_factory.mktemp("sort"))
    if not last:
        assert found == {}
        return
    assert found["key"].tolist() == sorted(last) and found["at"].tolist() == [last[key] for key in sorted(last)]


@pytest.mark.parametrize(("row", "rule"), [
    ("12x,1,1,1,1", "not one to twelve digits"), ("1234567890123,1,1,1,1", "not one to twelve digits"),
    ("1,,1,1,1", "outside the National Grid or is missing"), ("1,800000,1,1,1", "outside the National Grid"),
    ("1,1,1,1", "4 columns where 5"),
])
def test_a_row_that_is_no_property_reference_refuses_the_file(row: str, rule: str, tmp_path: Path, import_: Import) -> None:
    path = tmp_path / "osopenuprn_202510.csv"
    path.write_text(HEADER + "5,1,1,1,1\r\n" + row + "\r\n", newline="")
    with pytest.raises(InputError, match=rule):
        import_("open_uprn", path)


HOUSES = [  # uprn, number, street, usrn, e, n, postcode
    ("100012345601", "1", "WEAVER ROW", "23300001", 390_000, 413_000, "OL16 1LU"),
    ("100012345602", "12", "WEAVER ROW", "23300001", 390_100, 413_000, "OL16 1LU"),
    ("100012345603", "5", "LOOM'S YARD", "23300002", 391_000, 413_000, "OL16 2AA"),
]


def core_file(path: Path) -> Path:
    rows = [core(uprn=uprn, usrn=usrn, easting=str(e), northing=str(n), street_name=street, building_number=number,
                 classification_code="RD04", single_line_address=f"{number} {street}, ROCHDALE, {unit}", locality="BELFIELD",
                 town_name="ROCHDALE", postcode=unit) for uprn, number, street, usrn, e, n, unit in HOUSES]
    rows.append(core(uprn="100012345604", usrn="23300001", easting="390050", northing="413010", street_name="WEAVER ROW",
                     classification_code="CE03PS", organisation="LOOM PRIMARY SCHOOL", town_name="ROCHDALE", postcode="OL16 1LX",
                     single_line_address="LOOM PRIMARY SCHOOL, WEAVER ROW, ROCHDALE, OL16 1LX"))
    path.write_bytes(csv([CORE_HEADER, *rows]))
    return path


def plus_file(path: Path, *, header: bool = False) -> Path:
    rows = [plus(UPRN=uprn, X_COORDINATE=f"{e}.00", Y_COORDINATE=f"{n}.00", PAO_START_NUMBER=number, USRN=usrn, CLASS="RD04",
                 STREET_DESCRIPTION=street, LOCALITY="BELFIELD", TOWN_NAME="ROCHDALE", POSTCODE="", POSTCODE_LOCATOR=unit)
            for uprn, number, street, usrn, e, n, unit in HOUSES]
    rows.append(plus(UPRN="100012345604", X_COORDINATE="390050", Y_COORDINATE="413010", USRN="23300001", CLASS="CE03PS",
                     STREET_DESCRIPTION="WEAVER ROW", RM_ORGANISATION_NAME="LOOM PRIMARY SCHOOL", TOWN_NAME="ROCHDALE",
                     POSTCODE="OL16 1LX"))
    path.write_bytes(csv(([list(plus_columns())] if header else []) + rows))
    return path


def plus_columns() -> tuple[str, ...]:
    from geo_data.placing.importers.addressbase import PLUS

    return PLUS


def premium_file(path: Path) -> Path:
    lines = [["10", "GeoPlace", "9999", "2026-01-01", "1", "2026-01-01", "10:00:00", "2.1", "F"]]
    for usrn, street in (("23300001", "WEAVER ROW"), ("23300002", "LOOM'S YARD")):
        lines.append(["11", "I", "1", usrn, "1", *[""] * 19])
        lines.append(["15", "I", "2", usrn, street, "BELFIELD", "ROCHDALE", "ROCHDALE", "ENG", "", "", "", ""])
    school = ("100012345604", "", "WEAVER ROW", "23300001", 390_050, 413_010, "OL16 1LX")
    for uprn, number, _street, usrn, e, n, unit in (*HOUSES, school):
        lines.append(["21", "I", "3", uprn, "1", "2", "", "", f"{e}.00", f"{n}.00", "53.6", "-2.1", "1", "4225", "E", *[""] * 4,
                      "D", unit, "0"])
        for status, house in (("8", "999"), ("1", number)):  # the historical identifier comes first in the file
            lines.append(["24", "I", "4", uprn, f"4225L{uprn}{status}", "ENG", status, *[""] * 4, *[""] * 5, house, *[""] * 4, usrn,
                          "1", "", "", "Y"])
        lines.append(["32", "I", "5", uprn, "x", "CE03PS" if number == "" else "RD04", "AddressBase Premium Classification Scheme",
                      "1.0", "", "", "", ""])
    lines.append(["31", "I", "6", "100012345604", "x", "LOOM PRIMARY SCHOOL", "", "", "", "", ""])
    lines.append(["28", "I", "7", "100012345601", "1", *[""] * 4, "1", "", "WEAVER ROW", "", "BELFIELD", "ROCHDALE", "OL16 1LU",
                  "S", "1A", *[""] * 11])
    lines.append(["99", "0", str(len(lines)), "2026-01-01", "10:00:00"])
    path.write_bytes(csv(lines, end="\n"))
    return path


@pytest.mark.parametrize("flavour", ["core", "plus", "plus with header", "premium"])
def test_addressbase(flavour: str, tmp_path: Path, import_: Import) -> None:
    path = tmp_path / "AddressBase_FULL_2026-01-05_001.csv"
    if flavour == "core":
        core_file(path)
    elif flavour == "premium":
        premium_file(path)
    else:
        plus_file(path, header=flavour != "plus")
    about, held = import_("addressbase", path)
    assert about["counts"]["uprns"] == 4 and about["counts"]["streets"] == 2 and about["counts"]["organisations"] == 1
    assert about["product_date"] == "2026-01-05" and "Public Sector Geospatial Agreement" in about["licence"]
    assert held.uprns.points(["100012345602"])[0].tolist() == [390_100]
    addresses = held.addresses
    assert addresses is not None and len(addresses) == 4
    rows = addresses.in_postcode("ol161lu")
    assert [addresses.uprn(row) for row in rows] == [100_012_345_601, 100_012_345_602]
    line = addresses.line(int(rows[1]))
    assert line.startswith("12 WEAVER ROW") and line.endswith("ROCHDALE, OL16 1LU")
    assert addresses.postcode(int(rows[0])) == "OL16 1LU" and addresses.point(int(rows[0])) == (390_000, 413_000)
    street = held.streets[int(held.streets.find("Weaver Row")[0])]
    assert (street.name, street.town, street.source, street.radius_m) == ("Weaver Row", "Rochdale", "addressbase", 60)
    assert len(addresses.on_street(street.layer_row)) == 3 and addresses.street(int(rows[0])) == street.layer_row
    assert held.streets.find("Looms Yard").tolist() == held.streets.inside("OL16 2").tolist()
    school = held.features[int(held.features.find("Loom Primary School")[0])]
    assert (school.kind, school.street, school.easting) == ("school_college", "Weaver Row", 390_050)
    assert addresses.rows(["1", "100012345603"]).tolist() == [-1, 2] and addresses.in_postcode("SW1A 1AA").size == 0


def test_homes_alone_make_no_feature(tmp_path: Path, import_: Import) -> None:
    path = core_file(tmp_path / "core.csv")
    path.write_bytes(b"\r\n".join(path.read_bytes().split(b"\r\n")[:4]) + b"\r\n")
    about, held = import_("addressbase", path)
    assert about["counts"] == {"rows": 3, "uprns": 3, "streets": 2, "organisations": 0}
    assert not any(table.source == "addressbase" for table in held.features.tables)


def test_the_columns_of_plus_are_those_of_the_product() -> None:
    from tests.shared_data import shared

    assert shared("geocoding", "addressbase_plus_header.txt").read_text().strip().split(",") == list(plus_columns())


@pytest.mark.parametrize(("before", "after", "rule"), [
    ('21,I,3', '77,I,3', "none of the types"), (",Y\n", "\n", "type 24 has 25 fields"), ("390000.00", "", "is missing"),
])
def test_broken_premium_is_refused(before: str, after: str, rule: str, tmp_path: Path, import_: Import) -> None:
    path = premium_file(tmp_path / "premium.csv")
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1), newline="")
    with pytest.raises(InputError, match=rule):
        import_("addressbase", path)
