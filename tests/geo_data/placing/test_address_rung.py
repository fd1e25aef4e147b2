from __future__ import annotations

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from geo_data.placing import importers
from geo_data.placing.gazetteer import Gazetteer, open_gazetteer
from geo_data.placing.geocode import geocode
from tests.geo_data.placing.importers.made import CORE_HEADER, core, csv

HOUSES = [  # uprn, flat, name, number, easting
    *((number, "", "", str(number), 389_700 + 10 * number) for number in range(1, 8)),
    (20, "FLAT 1", "", "9", 389_900), (21, "FLAT 2", "", "9", 389_905), (22, "", "ROSE HOUSE", "", 389_950),
    (23, "", "", "11A", 389_960),
]


@pytest.fixture(scope="module")
def held(gazetteer_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    folder = Path(shutil.copytree(gazetteer_folder, tmp_path_factory.mktemp("addresses") / "g", copy_function=os.link))
    rows = []
    for uprn, flat, name, number, easting in HOUSES:
        line = ", ".join(filter(None, (flat, name, f"{number} QUORN WYND".strip(), "ROCHDALE", "OL16 1LU")))
        rows.append(core(
            uprn=str(uprn), easting=str(easting), northing="413350", single_line_address=line, usrn="7", sub_building=flat,
            building_name=name, building_number=number, street_name="QUORN WYND", town_name="ROCHDALE", postcode="OL16 1LU",
            classification_code="RD04"))
    path = folder.parent / "AddressBaseCore.csv"
    path.write_bytes(csv([CORE_HEADER, *rows]))
    importers.run("addressbase", path, folder)
    return open_gazetteer(folder)


def one(text: str, held: Gazetteer) -> pd.Series:
    return geocode([text], held).iloc[0]


@pytest.mark.parametrize(("text", "easting", "tier"), [
    ("3 Quorn Wynd, Rochdale, OL16 1LU", 389_730, "P1"),
    ("3 Quorn Wynd, Rochdale", 389_730, "P1"),  # by its street
    ("3 QUORN WYND ROCHDALE ol161lu UK", 389_730, "P1"),
    ("3 Qorn Wind, OL16 1LU", 389_730, "P1"),
    ("Flat 2, 9 Quorn Wynd, OL16 1LU", 389_905, "P1"),
    ("9 Quorn Wynd, OL16 1LU", 389_902.5, "P1"),  # the building of both flats
    ("Rose House, Quorn Wynd, Rochdale", 389_950, "P1"),
    ("11a Quorn Wynd, OL16 1LU", 389_960, "P1"),
    ("12 Quorn Wynd, OL16 1LU", None, "P3"),  # no such house: the postcode
    ("11 Quorn Wynd, Rochdale", None, "P2"),
    ("opposite 3 Quorn Wynd, OL16 1LU", None, "P3"),  # not that house
    ("Quorn Wynd, OL16 1LU", None, "P3"),
    ("OL16 1LU", None, "P3"),
])
def test_the_house_at_the_postcode_or_on_the_street(held: Gazetteer, text: str, easting: float | None, tier: str) -> None:
    row = one(text, held)
    assert row["tier"] == tier, row["reason"]
    assert (row["rung"] == "address") == (easting is not None)
    assert easting is None or row["easting"] == easting


def test_the_answer_says_how_and_shows_the_address(held: Gazetteer) -> None:
    row = one("3 Quorn Wynd, Rochdale, OL16 1LU", held)
    assert row["matched"] == "3 QUORN WYND, ROCHDALE, OL16 1LU" and row["method"] == "uprn"
    assert row["reason"] == "address matched with that postcode" and row["precision_m"] == 10 and row["confidence"] > 0.9
    both = one("9 Quorn Wynd, OL16 1LU", held)
    assert "building matched" in both["reason"] and len(both["candidates"]) == 1


def test_without_addressbase_there_is_no_such_rung(gazetteer: Gazetteer) -> None:
    assert gazetteer.address_rung is None
    assert geocode(["3 Drake Street, OL16 1LU"], gazetteer)["tier"].tolist() == ["P3"]
