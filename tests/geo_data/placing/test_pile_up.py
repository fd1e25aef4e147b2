"""Coordinates that stand for many places are demoted; those of one place are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data import schema
from geo_data.placing.gazetteer import Gazetteer
from geo_data.placing.locations import locate
from geo_data.placing.pile_up import MANY, at_centre, demote, piles
from tests.geo_data.made import episodes, locations


def points(*texts: str | None, easting: float = 425_000.0) -> pd.DataFrame:
    return pd.DataFrame({"easting": easting, "northing": 564_000.0, "text": pd.Series(texts, dtype="object"), "rows": 1})


def test_three_addresses_at_one_point_are_a_pile_and_three_spellings_are_not() -> None:
    assert piles(points("1 Mill Lane", "Hill Street", "The Green"))[["texts", "rows"]].to_numpy().tolist() == [[3, 3]]
    often = points("1 Mill Lane", "Hill Street", "The Green").assign(rows=[4, 1, 1])
    assert piles(often)[["texts", "rows"]].to_numpy().tolist() == [[3, 6]]
    assert piles(points("1 Mill Lane", "1 MILL LANE", "1, Mill Ln.", "The Green")).empty
    assert piles(points("1 Mill Lane", None, "", "The Green")).empty


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["a lane", "b lane", "c lane", "d lane"])), max_size=30), st.randoms())
def test_a_pile_is_what_a_plain_count_says_in_any_order(rows: list[tuple[int, str]], chance: object) -> None:
    said: dict[int, set[str]] = {}
    for place, text in rows:
        said.setdefault(place, set()).add(text)
    frame = pd.concat([points(text, easting=float(place)) for place, text in rows] or [points()], ignore_index=True)
    expected = sorted(float(place) for place, texts in said.items() if len(texts) >= MANY)
    assert list(piles(frame)["easting"]) == expected
    assert piles(frame.sample(frac=1, random_state=1)).equals(piles(frame))


def test_only_recorded_fine_points_are_demoted_and_own_addresses_stay() -> None:
    frame = locations(episodes(["R-1", "R-2"])).assign(easting=425_000.0, northing=564_000.0, precision_m=10.0, tier="P1")
    frame["method"] = ["coordinates_bng", "postcode", "coordinates_bng", "coordinates_bng"]
    frame["own_address"] = [False, False, True, False]
    frame["easting"] = [425_000.0, 425_000.0, 425_000.0, 1.0]
    frame = schema.LOCATIONS.conform(frame)
    found = piles(points("1 Mill Lane", "Hill Street", "The Green"))
    after = demote(frame, found)
    assert list(after["tier"]) == ["P4", "P1", "P1", "P1"]
    assert np.isnan(after["precision_m"].iloc[0]) and "3 different addresses" in after["reason"].iloc[0]
    assert list(frame["tier"]) == ["P1"] * 4
    pd.testing.assert_frame_equal(after.iloc[1:], frame.iloc[1:])


def test_the_middle_of_a_town_is_not_an_exact_point(gazetteer: Gazetteer) -> None:
    town = gazetteer.places("Hexham")[0]
    sector = gazetteer.sector("NE46 1")
    assert sector is not None
    e = np.array([town.easting, sector.easting, town.easting + 40, np.nan])
    n = np.array([town.northing, sector.northing, town.northing, np.nan])
    assert at_centre(e, n, gazetteer).tolist() == [True, True, False, False]
    frame = episodes(["R-1", "R-2"], found_easting=e[[0, 2]], found_northing=n[[0, 2]])
    found = locate(frame, gazetteer)
    found = found[found["role"] == "found"]
    assert list(found["tier"]) == ["P4", "P1"] and "middle of a settlement" in found["reason"].iloc[0]
    assert list(found["method"]) == ["coordinates_bng"] * 2


def test_every_centre_is_known_within_a_metre_and_nothing_further(gazetteer: Gazetteer) -> None:
    kinds = ("place", "sector", "outcode")
    centres = [np.column_stack([part.arrays[f"{kind}_{axis}"] for axis in ("e", "n")])[part.arrays[f"{kind}_radius"] > 250]
               for part in gazetteer.parts for kind in kinds]
    held = np.concatenate(centres).astype(np.float64)
    every = np.concatenate([held[:: len(held) // 300], held[held[:, 0].argsort()[[0, -1]]]])
    for shift in ((0, 0), (1, -1), (-1, 1), (0.4, 0.4), (2, 0), (0, -2), (700, 700)):
        at = every + shift
        near = [bool((np.abs(held - point).max(axis=1) < 1.5).any()) for point in at]
        assert at_centre(at[:, 0], at[:, 1], gazetteer).tolist() == near
    assert at_centre([1e6, -5.0, np.inf, np.nan], [2e6, -5.0, 0.0, 0.0], gazetteer).tolist() == [False] * 4
    assert not at_centre([], [], gazetteer).size


@pytest.mark.parametrize("empty", [points(), points("1 Mill Lane")])
def test_nothing_piles_up_in_nothing(empty: pd.DataFrame) -> None:
    assert piles(empty).empty and demote(schema.LOCATIONS.empty(), piles(empty)).empty
