from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo_data.placing.context import contexts, own
from geo_data.placing.gazetteer import Gazetteer
from geo_data.placing.locations import locate
from tests.geo_data.placing.test_locations import episode, frame
from tests.geo_data.streets_layer import layer


@pytest.fixture(scope="module")
def streets(gazetteer_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    return layer(gazetteer_folder, tmp_path_factory.mktemp("context") / "gazetteer")


ROCHDALE, NEWCASTLE, BERKSHIRE = "E08000005", "E08000021", "E06000038"


@pytest.mark.parametrize(("record", "text", "easting"), [
    ({"responsible_la": NEWCASTLE}, "Quorn Wynd", 425_200),
    ({"responsible_la": ROCHDALE}, "Quorn Wynd", None),  # far from its area
    ({"responsible_la": ROCHDALE, "recording_force": "Northumbria Police"}, "Quorn Wynd", 425_200),
    ({"responsible_la": BERKSHIRE, "placing_authority": NEWCASTLE}, "Quorn Wynd", 425_200),
    ({"responsible_la": NEWCASTLE}, "Station Road", 425_000),
    ({"responsible_la": ROCHDALE}, "Station Road", None),  # two there
    ({"responsible_la": NEWCASTLE, "recording_force": "GMP"}, "Station Road", None),  # three in both areas
    ({"responsible_la": "E06999901", "recording_force": "an invented force"}, "Quorn Wynd", None),
    ({}, "Quorn Wynd", None),
    ({"responsible_la": ROCHDALE}, "Quorn Wynd, Newcastle", 425_200),  # a place that everybody knows
])
def test_a_street_without_a_town_is_looked_for_in_the_areas_of_the_record(
        streets: Gazetteer, record: dict[str, str], text: str, easting: int | None) -> None:
    row = locate(frame(episode(found_location_text=text, **record)), streets).iloc[1]
    assert (row["tier"] == "P2") == (easting is not None), row["reason"]
    assert easting is None or row["easting"] == easting


def test_each_row_of_a_file_has_its_own_context(streets: Gazetteer) -> None:
    records = [("Quorn Wynd", NEWCASTLE), ("Quorn Wynd", ROCHDALE), ("Drake Street", ROCHDALE), ("Drake Street", NEWCASTLE)] * 50
    rows = frame(*(episode(found_location_text=text, last_seen_location_text=text, responsible_la=code) for text, code in records))
    together = locate(rows, streets)
    chosen = (together["tier"] == "P2").to_numpy().reshape(50, 4, 2)
    assert (chosen == np.array([True, False, True, False])[None, :, None]).all()
    number, homes = contexts(rows, streets)
    assert len(homes) == 2 and number.tolist() == [0, 1, 1, 0] * 50
    apart = locate(rows.iloc[[2]], streets)
    assert apart["easting"].tolist() == together["easting"][4:6].tolist()


def test_an_area_is_worked_out_once_and_names_the_force(streets: Gazetteer) -> None:
    first = own("Northumbria Police", NEWCASTLE, ROCHDALE, streets)
    assert first is not None and first is own("Northumbria Police", NEWCASTLE, ROCHDALE, streets)
    assert first.name == "Northumbria Police and Rochdale"
    assert first.level([425_000, 389_700, 530_000], [565_000, 413_300, 180_000]).tolist() == [0, 0, 2]
    assert own("", "", "", streets) is None
