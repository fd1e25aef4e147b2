"""Rail, Metrolink and London stops are known without any import, and a bare name never takes a town's or a street's place."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_data.errors import GazetteerError
from geo_data.placing import stations
from geo_data.placing.gazetteer import Gazetteer, status
from geo_data.placing.geocode import geocode


@pytest.mark.parametrize(("text", "matched", "point"), [
    ("Rochdale railway station", "Rochdale railway station", (389_900, 412_700)),
    ("o/s Stockport stn", "Stockport railway station", (389_200, 389_800)),
    ("Rochdale Town Centre metrolink stop", "Rochdale Town Centre Metrolink stop", (389_800, 413_500)),
    ("McDonalds, Manchester Piccadilly", "Manchester Piccadilly railway station", (384_800, 397_800)),
    ("Brixton tube", "Brixton Underground station", (531_100, 175_500)),
    ("Royal Victoria DLR", "Royal Victoria DLR station", (540_000, 180_900)),
])
def test_a_station_is_found_without_an_import(gazetteer: Gazetteer, text: str, matched: str, point: tuple[int, int]) -> None:
    row = geocode([text], gazetteer).iloc[0]
    assert (row["tier"], row["matched"]) == ("P2", matched)
    assert abs(row["easting"] - point[0]) < 400 and abs(row["northing"] - point[1]) < 400 and row["precision_m"] <= 150


@pytest.mark.parametrize("text", ["Rochdale", "Bank", "outside the bank", "Queens Road", "Market Street, Manchester",
                                  "Roman Bridge", "Victoria", "Piccadilly"])
def test_a_bare_name_is_never_taken_for_a_station(gazetteer: Gazetteer, text: str) -> None:
    assert geocode([text], gazetteer)["tier"].iloc[0] in ("P4", "P5")


def test_the_status_counts_them_and_names_whose_they_are(gazetteer_folder: Path) -> None:
    told = status(gazetteer_folder)
    assert told["counts"]["stations"] > 3_000 and any("NaPTAN" in line for line in told["attribution"])


def test_an_unreadable_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "gb_stations.csv").write_text("nothing\n1\n")
    with pytest.raises(GazetteerError, match=r"gb_stations\.csv"):
        stations.arrays([tmp_path / "gb_stations.csv"], set())
