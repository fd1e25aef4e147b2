from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.grid import to_wgs84
from geo_data.placing.decisions import Decisions
from geo_data.placing.gazetteer import Gazetteer, add_import, open_gazetteer
from geo_data.placing.locations import locate
from geo_data.schema import EPISODES, LOCATIONS, METHODS, TIERS

START, FOUND = pd.Timestamp("2025-03-01T20:00", tz="UTC"), pd.Timestamp("2025-03-02T03:10", tz="UTC")


def episode(**values: Any) -> dict[str, Any]:
    return {"episode_ref": "MP/0001", "person_ref": "c1", "age_at_episode": 14, "missing_from_type": "childrens_home",
            "reported_at": START, "found_at": FOUND, "sharing_restriction": "none", **values}


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    rows = tuple({"episode_ref": f"MP/{number:04d}"} | row | {"episode_ref": f"MP/{number:04d}"}
                 for number, row in enumerate(rows))
    made = EPISODES.conform(pd.DataFrame(rows))
    extra = {name: pd.Series([row.get(name) for row in rows], dtype="str") for name in ("category", "time_precision")
             if any(name in row for row in rows)}
    return made.assign(**extra)


def found(gazetteer: Gazetteer, decisions: Decisions | None = None, **values: Any) -> pd.Series:
    located = locate(frame(episode(**values)), gazetteer, decisions=decisions)
    return located[located["role"] == "found"].iloc[0]


def test_rows_columns_and_order_are_declared(gazetteer: Gazetteer) -> None:
    episodes = frame(episode(), episode(pickup_basis="cctv"), episode())
    located = locate(episodes.set_axis([7, 7, 1]), gazetteer)
    assert located.columns.tolist() == LOCATIONS.names
    assert {c.name: str(located[c.name].dtype) for c in LOCATIONS.columns} == {
        c.name: str(LOCATIONS.empty()[c.name].dtype) for c in LOCATIONS.columns}
    assert located["location_id"].tolist() == [
        "MP/0000:last_seen", "MP/0000:found", "MP/0001:last_seen", "MP/0001:pickup", "MP/0001:found",
        "MP/0002:last_seen", "MP/0002:found"]
    assert (located["tier"] == "P5").all() and (located["reason"] == "no place recorded").all()
    assert locate(EPISODES.empty(), gazetteer).empty


def test_the_finest_rung_answers(gazetteer: Gazetteer) -> None:
    lat, lon = (float(axis) for axis in to_wgs84(425_043, 564_935))
    bng = {"found_easting": 425_043.0, "found_northing": 564_935.0}
    degrees = {"found_latitude": lat, "found_longitude": lon}
    rungs = [
        (bng | {"found_postcode": "NE1 8PH"}, "coordinates_bng", "P1", 10, (425_043, 564_935)),
        (degrees | {"found_postcode": "NE1 8PH"}, "coordinates_wgs84", "P1", 10, (425_043, 564_935)),
        ({"found_postcode": "ol161lu", "found_location_text": "M1 1AE"}, "postcode", "P3", 60, (389_737, 413_352)),
        ({"found_location_text": "near OL16 1LU"}, "postcode", "P3", 60, (389_737, 413_352)),
        ({"found_location_text": "NZ 250 649"}, "grid_reference", "P2", 50, (425_050, 564_950)),
        ({"found_location_text": "Drake Street, Rochdale"}, "place", "P4", 3_872, (389_700, 413_500)),
    ]
    for values, method, tier, precision, (e, n) in rungs:
        row = found(gazetteer, **values)
        assert (row["method"], row["tier"], row["precision_m"]) == (method, tier, precision), row["reason"]
        assert np.hypot(row["easting"] - e, row["northing"] - n) < 150


@pytest.mark.parametrize(("values", "reason"), [
    ({"found_latitude": -1.61, "found_longitude": 54.975}, "latitude and longitude look swapped"),
    ({"found_easting": 247_500.0, "found_northing": 55_000.0}, ""),
    ({"found_easting": 690_000.0, "found_northing": 690_000.0}, "lie in the sea"),
    ({"found_easting": 660_000.0, "found_northing": 228_000.0}, "easting and northing look swapped"),
    ({"found_latitude": 0.0, "found_longitude": 0.0}, "latitude and longitude are 0,0"),
    ({"found_easting": 0.0, "found_northing": 0.0}, "easting and northing are 0,0"),
    ({"found_latitude": 54.975, "found_longitude": 1.61}, "lie in the sea"),
    ({"found_latitude": 48.85, "found_longitude": 2.35}, "outside Great Britain"),
    ({"found_easting": 425_000.0}, "easting without northing"),
    ({"found_longitude": -1.6}, "latitude without longitude"),
    ({"found_postcode": "rubbish"}, "postcode: not a postcode"),
    ({"found_postcode": "ZZ99 9ZZ"}, "postcode: never existed"),
    ({"found_postcode": "BT1 5GS"}, "postcode: outside Great Britain"),
    ({"found_uprn": "100012345678"}, "only a UPRN"),
    ({"found_location_text": "refused to say"}, "not known"),
    ({"found_location_text": "///filled.count.soap"}, "what3words"),
    ({"found_at": None}, "not yet found"),
    ({}, "no place recorded"),
])
def test_faults_are_never_repaired(gazetteer: Gazetteer, values: dict[str, Any], reason: str) -> None:
    row = found(gazetteer, **values)
    if not reason:
        assert row["tier"] == "P1"  # Cornwall: land both ways is no fault
        return
    assert (row["tier"], row["method"]) == ("P5", "none")
    assert reason in row["reason"]
    assert row[["easting", "northing", "precision_m", "matched"]].isna().all()


def test_a_faulty_rung_is_passed_over_aloud(gazetteer: Gazetteer) -> None:
    row = found(gazetteer, found_latitude=-1.61, found_longitude=54.975, found_postcode="OL16 1LU")
    assert row["method"] == "postcode"
    assert row["reason"] == "latitude and longitude look swapped; unit postcode"
    row = found(gazetteer, found_postcode="OL16 lLU")
    assert row["matched"] == "OL16 1LU" and "put right" in row["reason"]


@pytest.mark.parametrize(("recorded", "tier", "precision"), [
    ("premises", "P1", 10), ("street", "P2", 60), ("postcode", "P3", 60), ("locality", "P4", 1_000),
    ("settlement", "P4", 3_000), ("unknown", "P4", None), (None, "P1", 10),
])
def test_recorded_precision_only_makes_coarser(gazetteer: Gazetteer, recorded: str | None, tier: str,
                                               precision: float | None) -> None:
    point = {"found_easting": 425_043.0, "found_northing": 564_935.0, "found_precision": recorded}
    row = found(gazetteer, **point)
    assert row["tier"] == tier and row["easting"] == 425_043
    assert pd.isna(row["precision_m"]) if precision is None else row["precision_m"] == precision
    coarse = found(gazetteer, found_postcode="OL16 1LU", found_precision=recorded)
    assert coarse["tier"] == max(tier, "P3") and not coarse["precision_m"] < 60
    nowhere = found(gazetteer, found_precision=recorded)
    assert nowhere["tier"] == "P5" and pd.isna(nowhere["precision_m"])


def test_public_sample_rows_are_anonymised_points(gazetteer: Gazetteer) -> None:
    row = episode(found_latitude=54.975, found_longitude=-1.61, category="Burglary", time_precision="month",
                  missing_from_type=None, age_at_episode=None)
    located = locate(frame(row, episode()), gazetteer)
    assert located["location_id"].tolist() == ["MP/0000:found", "MP/0001:last_seen", "MP/0001:found"]
    point = located.iloc[0]
    assert (point["method"], point["tier"], point["precision_m"]) == ("published_point", "P2", 150)
    assert (point["category"], point["at_precision"], point["strand"]) == ("Burglary", "month", "other")
    assert pd.isna(point["age_band"]) and pd.isna(located["category"][1])
    plain = frame(row).drop(columns="category")
    given_apart = locate(plain, gazetteer, pd.Series(["Burglary"], index=[99]))
    assert given_apart["method"].tolist() == ["published_point"]


def test_when_the_child_was_there(gazetteer: Gazetteer) -> None:
    seen, picked = START - pd.Timedelta("3h"), START - pd.Timedelta("2h")
    located = locate(frame(
        episode(last_seen_at=seen, pickup_at=picked, pickup_mode="taxi_phv"),
        episode(pickup_mode="taxi_phv"),
        episode(last_seen_at=seen, pickup_mode="taxi_phv", found_at=None),
    ), gazetteer).set_index("location_id")
    assert located["at"].to_dict() == {
        "MP/0000:last_seen": seen, "MP/0000:pickup": picked, "MP/0000:found": FOUND,
        "MP/0001:last_seen": START, "MP/0001:pickup": START, "MP/0001:found": FOUND,
        "MP/0002:last_seen": seen, "MP/0002:pickup": seen, "MP/0002:found": pd.NaT}
    assert located["at_precision"].tolist() == ["minute"] * 8 + ["unknown"]


def test_what_the_analysis_filters_by(gazetteer: Gazetteer) -> None:
    located = locate(frame(
        episode(age_at_episode=9, found_at_own_address="Y", missing_from_type="school_education"),
        episode(age_at_episode=10, found_location_type="own_address", found_at_own_address="N"),
        episode(age_at_episode=17, last_seen_location_type="own_address", missing_from_type="home"),
        episode(age_at_episode=0, found_location_type="park_open_space", responsible_la="E08000005"),
    ), gazetteer)
    rows = located[located["role"] == "found"]
    assert rows["age_band"].tolist() == ["0-9", "10-11", "15-17", "0-9"]
    assert rows["strand"].tolist() == ["education", "care", "home", "care"]
    assert rows["own_address"].tolist() == [True, True, False, False]
    assert rows["location_type"].tolist()[-1] == "park_open_space"
    assert rows["responsible_la"].tolist()[-1] == "E08000005"
    seen = located[located["role"] == "last_seen"]
    assert seen["own_address"].tolist() == [False, False, True, False]


def test_a_layer_is_marked(layered: Gazetteer) -> None:
    row = found(layered, found_postcode="QX1 1AA")
    assert row["tier"] == "P3" and row["reason"] == "unit postcode (invented county)"
    assert found(layered, found_easting=480_000.0, found_northing=600_000.0)["tier"] == "P1"


_value = st.one_of(st.none(), st.floats(-200, 1_400_000, allow_nan=False))
_words = st.sampled_from([None, "", "OL16 1LU", "ol16 llu", "rubbish", "BT1 5GS", "Rochdale", "unknown"])


@settings(max_examples=30, derandomize=True, deadline=None)
@given(st.lists(st.fixed_dictionaries({
    "found_easting": _value, "found_northing": _value, "found_latitude": _value, "found_longitude": _value,
    "found_postcode": _words, "found_location_text": _words,
    "found_precision": st.sampled_from([None, *EPISODES["found_precision"].allowed])}), min_size=1, max_size=6),
    st.randoms(use_true_random=False))
def test_answers_keep_the_rules_and_rows_do_not_touch_each_other(gazetteer: Gazetteer, rows: Any, chance: Any) -> None:
    episodes = frame(*(episode(**row) for row in rows))
    located = locate(episodes, gazetteer)
    assert located["tier"].isin(list(TIERS)).all() and located["method"].isin(METHODS).all()
    assert (located["reason"] != "").all() and located["reason"].notna().all()
    nowhere = located["tier"] == "P5"
    assert (located["easting"].isna() == nowhere).all() and (located["northing"].isna() == nowhere).all()
    assert ((located["method"] == "none") == nowhere).all()
    assert located.loc[nowhere, "precision_m"].isna().all()
    order = list(range(len(episodes)))
    chance.shuffle(order)
    again = locate(episodes.iloc[order], gazetteer)
    pd.testing.assert_frame_equal(again.sort_values("location_id", ignore_index=True),
                                  located.sort_values("location_id", ignore_index=True))


def test_a_recorded_uprn_goes_before_the_postcode_when_a_list_is_there(gazetteer_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(gazetteer_folder, tmp_path / "gazetteer", copy_function=os.link))
    points = {"uprn_key": [100_012_345_678], "uprn_e": [425_043], "uprn_n": [564_935]}
    add_import(folder, "open_uprn", {name: np.array(column) for name, column in points.items()}, {"counts": {}})
    held = open_gazetteer(folder)
    known, unknown = "0100012345678"[1:], "5"
    row = found(held, found_uprn=known, found_postcode="NE1 8PH")
    assert (row["method"], row["tier"], row["precision_m"], row["easting"]) == ("uprn", "P1", 10, 425_043)
    assert (row["matched"], row["reason"]) == (known, "recorded UPRN")
    row = found(held, found_uprn=known, found_easting=389_700.0, found_northing=413_400.0)
    assert row["method"] == "coordinates_bng"
    row = found(held, found_uprn=unknown, found_postcode="OL16 1LU")
    assert (row["method"], row["reason"]) == ("postcode", "the UPRN is in no imported list; unit postcode")
    assert found(held, found_uprn=unknown)["reason"] == "the UPRN is in no imported list"
    assert found(held, found_uprn=known, found_precision="settlement")["tier"] == "P4"


@pytest.mark.parametrize(("postcode", "tier", "within", "said"), [
    ("NE1 1AD", "P1", 10, ""),
    ("NE6 1AA", "P1", 10, "more than 1 km"),
    ("OL16 1LU", "P4", 200_000, "more than 5 km from the point: one of them is wrong"),
    ("QX99 9ZZ", "P1", 10, ""),
])
def test_a_postcode_far_from_the_recorded_point_is_said_and_makes_it_coarse(
        gazetteer: Gazetteer, postcode: str, tier: str, within: float, said: str) -> None:
    row = found(gazetteer, found_easting=424_700.0, found_northing=563_700.0, found_postcode=postcode)
    assert (row["tier"], row["easting"], row["northing"]) == (tier, 424_700, 563_700)
    assert said in row["reason"] and bool(said) == ("recorded postcode" in row["reason"])
    assert row["precision_m"] <= within and (tier == "P1" or row["precision_m"] > 100_000)
