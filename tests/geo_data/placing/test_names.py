from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.placing import names, postcode
from geo_data.placing.layer_table import Table
from geo_data.placing.names import Names

ROWS = [
    # name, e, n, radius, kind, locality, town, district, sector, group
    ("Drake Street", 389_770, 413_100, 350, "street", "Rochdale", "Rochdale", "E08000005", "OL16 1", 0),
    ("Drake Street", 530_000, 180_000, 80, "street", None, "London", "E09000033", "SW1A 1", 1),
    ("St Ann's Road", 390_500, 413_900, 120, "road", "Belfield", "Rochdale", "E08000005", "OL16 2", 2),
    ("St Ann's Road", 390_700, 414_000, 60, "section", "Belfield", "Rochdale", "E08000005", "OL16 2", 2),
]
COLUMNS = ["name", "easting", "northing", "radius_m", "kind", "locality", "town", "district", "sector", "group"]


def table(rows: list[tuple[object, ...]] = ROWS, source: str = "one", **more: pd.DataFrame) -> Table:
    made = names.arrays("street", pd.DataFrame(rows, columns=COLUMNS), **more)
    return Table({name.removeprefix("street_"): array for name, array in made.items()}, source)


@pytest.fixture
def streets() -> Names:
    return Names([table(names=pd.DataFrame({"row": [2, 2], "name": ["Heol Santes Ann", ""]}),
                        areas=pd.DataFrame({"row": [0], "name": ["Milnrow"]}))])


def test_found_by_every_spelling_and_by_further_names(streets: Names) -> None:
    for text in ("Drake St", "DRAKE STREET", "drake st."):
        assert streets.find(text).tolist() == [0, 1]
    assert streets.find("Saint Anns Rd").tolist() == [2, 3]
    assert streets.find("heol santes ann").tolist() == [2]
    assert streets.find("Drake").size == streets.find("").size == streets.find("!?").size == 0


def test_inside_reaches_locality_town_district_sector_outcode_and_further_areas(streets: Names) -> None:
    assert streets.inside("ROCHDALE").tolist() == [0, 2, 3]
    assert streets.inside("Belfield").tolist() == streets.inside("OL16 2").tolist() == [2, 3]
    assert streets.inside("ol16").tolist() == streets.inside("E08000005").tolist() == [0, 2, 3]
    assert streets.inside("Milnrow").tolist() == [0] and streets.inside("Oldham").size == 0
    assert streets.spellings(streets.inside("Rochdale")) == {"drake street", "st anns road"}
    assert streets.spellings(streets.inside("Rochdale"), " road") == {"st anns road"}
    assert streets.spellings(streets.inside("Rochdale"), "drake street") == set()


def test_a_row_tells_all_it_holds(streets: Names) -> None:
    row = streets[2]
    assert (row.name, row.kind, row.easting, row.radius_m) == ("St Ann's Road", "road", 390_500, 120)
    assert (row.locality, row.town, row.district, row.sector, row.street) == ("Belfield", "Rochdale", "E08000005", "OL16 2", "")
    assert (row.source, row.marking, row.group, row.layer_row) == ("one", "", 2, 2)
    assert streets[1].locality == "" and [streets.group(row) for row in (2, 3, 0)] == [2, 2, 0]
    assert streets.kind(0) == "street" and streets.label(2) == "St Ann's Road, Belfield, Rochdale"
    drake = streets.located("drake street")
    assert drake.rows.tolist() == [0, 1] and drake.points.tolist() == [[389_770, 413_100, 350], [530_000, 180_000, 80]]
    assert drake.only([False, True]).rows.tolist() == [1] and drake.e.tolist() == [389_770, 530_000]
    for wrong in (-1, 4):
        with pytest.raises(IndexError):
            streets[wrong]


def test_of_two_layers_the_first_answers_for_a_spot_and_the_other_for_the_rest() -> None:
    second = [("Drake Street", 389_900, 413_200, 60, "road", "Rochdale", None, None, None, 0),
              ("Drake Street", 425_000, 565_000, 60, "road", "Gosforth", None, None, None, 1)]
    both = Names([table(), table(second, "two")])
    assert both.find("Drake St").tolist() == [0, 1, 5]
    assert [both[row].source for row in (1, 4, 5)] == ["one", "two", "two"] and both[5].layer_row == 1
    assert both.inside("Rochdale").tolist() == [0, 2, 3, 4]
    assert both.group(5) == 5 and len(both) == 6


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 699_000), st.integers(0, 1_290_000)), min_size=1, max_size=60),
       st.tuples(st.integers(0, 699_000), st.integers(0, 1_290_000)), st.integers(0, 90_000))
def test_near_is_every_row_within_the_distance(points: list[tuple[int, int]], at: tuple[int, int], radius: int) -> None:
    rows = [("Mill Lane", e, n, 60, "street", None, None, None, None, i) for i, (e, n) in enumerate(points)]
    far = np.hypot(np.array(points)[:, 0] - at[0], np.array(points)[:, 1] - at[1])
    assert Names([table(rows)]).near(*at, radius).tolist() == np.flatnonzero(far <= radius).tolist()


def test_no_table_no_answer() -> None:
    nothing = Names([])
    assert len(nothing) == 0 and nothing.find("High Street").size == nothing.near(1, 1, 9).size == nothing.inside("Bath").size == 0
    assert nothing.spellings(nothing.find("x")) == set()
    with pytest.raises(IndexError):
        nothing[0]


@pytest.mark.parametrize("text", ["OL16 1", "M1 1", "NE6 1", "SW1A 1"])
def test_a_sector_key_is_written_back(text: str) -> None:
    assert names.sector_text(postcode.sector_key(text)) == text
    assert names.sector_text(-1) == ""
