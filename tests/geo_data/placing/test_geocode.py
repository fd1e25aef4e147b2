from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.grid import to_bng
from geo_data.placing.gazetteer import Gazetteer
from geo_data.placing.geocode import geocode
from geo_data.schema import METHODS, TIERS
from tests.shared_data import shared

FINE = ["P1", "P2", "P3"]


def one(text: str | None, gazetteer: Gazetteer) -> pd.Series:
    return geocode([text], gazetteer).iloc[0]


# Text, method, tier, latitude, longitude, how far it may lie from there in metres.
GOLD = [
    ("14 Drake Street, Rochdale, OL16 1LU", "postcode", "P3", 53.6167, -2.1566, 20),
    ("ol161lu", "postcode", "P3", 53.6167, -2.1566, 20),
    ("OL16 lLU", "postcode", "P3", 53.6167, -2.1566, 20),
    ("0L16 1LU", "postcode", "P3", 53.6167, -2.1566, 20),
    ("OL16 1", "sector", "P4", 53.6166, -2.1562, 300),
    ("SD 89610 13456", "grid_reference", "P1", 53.6176, -2.1585, 20),
    ("389610 413456", "coordinates_bng", "P1", 53.6176, -2.1585, 20),
    ("SD8913", "grid_reference", "P4", 53.6180, -2.1602, 20),
    ("53.6155, -2.1561", "coordinates_wgs84", "P1", 53.6155, -2.1561, 5),
    ("NZ 276 812", "grid_reference", "P2", 55.1249, -1.5680, 20),
    ("nz276812", "grid_reference", "P2", 55.1249, -1.5680, 20),
    ("NE61", "outcode", "P4", 55.167, -1.689, 3_000),  # Morpeth, not Byker (sector NE6 1)
    ("NE6 1", "sector", "P4", 54.975, -1.580, 2_000),
    ("OL12", "outcode", "P4", 53.630, -2.166, 2_000),  # Rochdale, not Oldham (sector OL1 2)
    ("London", "place", "P4", 51.507, -0.128, 2_000),
    ("A1 near Berwick", "place", "P4", 55.769, -2.006, 2_000),
    ("Rochdale Town Centre metrolink stop", "feature", "P2", 53.6173, -2.1554, 50),
    ("McDonalds, Manchester Piccadilly", "feature", "P2", 53.4774, -2.2309, 50),
    # Without a layer of streets: the town, and never a town elsewhere.
    ("Drake St Rochdale", "place", "P4", 53.617, -2.155, 2_000),
    ("J/W Drake St and Nelson Street Rochdale", "place", "P4", 53.617, -2.155, 2_000),
    ("Yorkshre Street Rochdale", "place", "P4", 53.617, -2.155, 2_000),
    ("nr Asda, Dane Street, Rochdale", "place", "P4", 53.617, -2.155, 2_000),
    ("Rochdale Infirmary", "place", "P4", 53.617, -2.155, 2_000),
    ("High Street, Bath", "place", "P4", 51.38, -2.36, 2_000),
    ("Peterlee, Durham", "place", "P4", 54.76, -1.34, 2_000),
    ("lat: 54.9750 long: -1.6100", "coordinates_wgs84", "P1", 54.975, -1.61, 12),
    ("Easting 425043, Northing 564935", "coordinates_bng", "P1", 54.978, -1.610, 500),
    ("54.97 -1.61", "coordinates_wgs84", "P4", 54.97, -1.61, 5),  # two decimals are half a kilometre
    ("54.97,-1.6", "coordinates_wgs84", "P4", 54.97, -1.6, 5),  # one is five and a half
    ("54.9, -1.6", "coordinates_wgs84", "P4", 54.9, -1.6, 5),
    ("Hartlepool, ES25 2BB", "postcode", "P3", 54.69, -1.21, 5_000),  # no such outcode; one postcode of the town fits
]


@pytest.mark.parametrize("case", GOLD, ids=[row[0] for row in GOLD])
def test_gold_cases(gazetteer: Gazetteer, case: tuple[str, str, str, float, float, float]) -> None:
    text, method, tier, lat, lon, within = case
    row = one(text, gazetteer)
    e, n = to_bng(lat, lon)
    assert (row["method"], row["tier"]) == (method, tier), row["reason"]
    assert np.hypot(row["easting"] - e, row["northing"] - n) <= within
    assert row["precision_m"] >= 10 and row["reason"] and row["matched"]


@pytest.mark.parametrize(("text", "reason"), [
    ("///filled.count.soap", "what3words"),
    ("unknown", "not known"),
    ("refused to say", "not known"),
    ("friend's house", "somebody's home"),
    ("Mates house", "somebody's home"),
    ("NFA", "no fixed abode"),
    ("M62 J20", "numbered road"),
    ("found in vehicle on A1", "numbered road"),
    ("B6318", "numbered road"),
    ("M1", "numbered road"),
    ("", "no place recorded"),
    (None, "no place recorded"),
    ("  ,; \x00", "no place recorded"),
    ("-2.1561, 53.6155", "look swapped"),
    ("564935 425043 ", "text"),
    ("48.8566, 2.3522", "outside Great Britain"),
    ("0.00000, 0.00000", "outside Great Britain"),
    ("54.9750, 1.6100", "in the sea"),
    ("600000 600000", "in the sea"),
    ("OV 5050 5050", "in the sea"),
    ("BT1 5GS", "outside Great Britain"),
    ("NE1 9ZZ", "ever existed"),
    ("B2 1st floor", "no postcode"),
    ("London Road", "no postcode"),
    ("Falinge Park High School", "no postcode"),
    ("West Tarbert", "no postcode"),
])
def test_what_names_no_place_is_none_with_a_reason(gazetteer: Gazetteer, text: str | None, reason: str) -> None:
    row = one(text, gazetteer)
    assert (row["tier"], row["method"]) == ("P5", "none"), row["matched"]
    assert np.isnan([row["easting"], row["northing"], row["precision_m"]]).all()
    if text != "564935 425043 ":
        assert reason in row["reason"]


def test_swapped_easting_and_northing_are_not_repaired(gazetteer: Gazetteer) -> None:
    row = one("413456 189610", gazetteer)  # on land both ways: nothing to see
    assert row["tier"] == "P1"
    row = one("813000 252000", gazetteer)  # Highland, the wrong way round
    assert row["tier"] == "P5" and "look swapped" in row["reason"]


def test_two_postcodes_far_apart_are_left_to_a_person(gazetteer: Gazetteer) -> None:
    row = one("from OL16 1LU to M1 1AE", gazetteer)
    assert row["tier"] == "P5" and "2 postcodes" in row["reason"]
    assert [c["matched"] for c in row["candidates"]] == ["OL16 1LU", "M1 1AE"]
    same = one("OL16 1LU / ol161lu", gazetteer)
    assert same["tier"] == "P3"


def test_a_postcode_that_never_existed_falls_to_its_sector(gazetteer: Gazetteer) -> None:
    row = one("12 Drake Street, OL16 1CC", gazetteer)
    assert row["method"] == "sector" and row["tier"] == "P4" and "OL16 1CC is no postcode" in row["reason"]


def test_an_ambiguous_name_says_so_and_lists_the_others(gazetteer: Gazetteer) -> None:
    row = one("Newport", gazetteer)
    assert row["tier"] == "P4" and "ambiguous" in row["reason"] and len(row["candidates"]) >= 3
    assert set(row["candidates"][0]) == {"matched", "tier", "precision_m", "easting", "northing"}
    near = one("Whitchurch, Cardiff", gazetteer)
    assert "ambiguous" not in near["reason"] and "Cardiff" in near["matched"]


def test_without_a_list_of_streets_the_town_is_said_to_be_all(gazetteer: Gazetteer) -> None:
    assert "no list of streets" in one("14 Drake Street, Rochdale", gazetteer)["reason"]
    assert "no list of streets" not in one("Rochdale", gazetteer)["reason"]


def test_a_layer_is_marked(layered: Gazetteer) -> None:
    frame = geocode(["qx1 1aa", "Saltmarrow", "High Street, Saltmarrow", "QX1", "OL16 1LU"], layered)
    assert frame["reason"].str.contains("invented county").tolist() == [True] * 4 + [False]
    assert frame["tier"].tolist() == ["P3", "P4", "P4", "P4", "P3"]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.sampled_from([row[0] for row in GOLD]),
       st.sampled_from(["{}, UK", "{} united kingdom", " {} ", "{},", "{}."]), st.booleans())
def test_country_case_commas_and_spaces_change_nothing(gazetteer: Gazetteer, text: str, form: str, lower: bool) -> None:
    plain = one(text, gazetteer)
    other = one(form.format(text.lower() if lower else text.upper()).replace(" ", "  "), gazetteer)
    for column in ("tier", "method", "easting", "northing", "precision_m"):
        assert plain[column] == other[column], (column, plain["reason"], other["reason"])


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.text(max_size=80))
def test_no_text_raises_and_every_answer_keeps_the_rules(gazetteer: Gazetteer, text: str) -> None:
    row = one(text, gazetteer)
    assert row["tier"] in TIERS and row["method"] in METHODS and row["reason"]
    located = np.isfinite([row["easting"], row["northing"], row["precision_m"]])
    assert located.all() if row["tier"] != "P5" else not located.any()
    assert (row["method"] in ("sector", "outcode", "place")) <= (row["tier"] == "P4")


BAD = ["x" * 10_000, "1 " * 5_000, "OL16 " * 3_000, "\ud800 OL16 1LU", "🙂" * 3_000, "\u202eOL16 1LU",
       "'; DROP TABLE x; --", "a" * 50 + "!" * 9_000, "53." * 4_000, ", " * 5_000, "st " * 4_000, "(" * 10_000,
       "near " * 3_000, "\ufdfa" * 1_000]


def test_hostile_texts_are_answered_in_bounded_time(gazetteer: Gazetteer) -> None:
    start = time.process_time()
    frame = geocode(BAD * 3, gazetteer)
    assert len(frame) == len(BAD) * 3
    assert time.process_time() - start < 5  # a bomb would take minutes: not a measure of speed


def test_rows_keep_their_order_and_equal_texts_their_answer(gazetteer: Gazetteer) -> None:
    texts = ["Rochdale", "M1 1AE", "Rochdale", None, "M1 1AE"]
    frame = geocode(texts, gazetteer)
    assert frame["text"].tolist() == ["Rochdale", "M1 1AE", "Rochdale", "", "M1 1AE"]
    assert frame["method"].tolist() == ["place", "postcode", "place", "none", "postcode"]
    assert geocode([], gazetteer).empty and list(geocode([], gazetteer).columns) == list(frame.columns)


def test_real_addresses_with_a_postcode(gazetteer: Gazetteer) -> None:
    rows = pd.read_csv(shared("geocoding", "eval_ncr.csv"), dtype="str")
    rows = rows[rows["county"] == "Greater Manchester"]
    frame = geocode(rows["text"], gazetteer)
    e, n = to_bng(rows["lat"].astype(float), rows["lon"].astype(float))
    error = np.hypot(frame["easting"] - e, frame["northing"] - n)
    assert frame["tier"].isin(FINE).mean() == 1.0
    assert np.median(error) <= 80 and (error > 5_000).sum() == 0


def test_decimals_say_how_exact_coordinates_are(gazetteer: Gazetteer) -> None:
    rows = geocode(["54.9,-1.6", "54.97,-1.6", "54.97,-1.61", "54.975,-1.612", "54.97512,-1.61234",
                    "54.9, -1.6 miles away"], gazetteer)
    assert rows["precision_m"].tolist()[:5] == [5_566, 5_566, 557, 56, 10]
    assert rows["tier"].tolist()[:5] == ["P4", "P4", "P4", "P2", "P1"]
    assert rows["method"][5] != "coordinates_wgs84"  # numbers of another kind


def test_a_postcode_that_contradicts_coordinates_makes_them_coarse(gazetteer: Gazetteer) -> None:
    near, far = geocode(["53.6155, -2.1561, OL16 1LU", "53.6155, -2.1561, NE1 1AD"], gazetteer).itertuples()
    assert (near.tier, near.precision_m) == ("P1", 10)
    assert far.tier == "P4" and far.precision_m > 100_000 and far.confidence < 0.9 and "one of the two is wrong" in far.reason


def test_a_mended_postcode_needs_its_street_or_an_outcode_that_does_not_exist(gazetteer: Gazetteer) -> None:
    new = one("Border House, Hexham, NE46 4ZY", gazetteer)  # rather too new for the list than one of its neighbours
    assert new["tier"] == "P4" and "no postcode that ever existed" in new["reason"]
    mended = one("Hartlepool, ES25 2BB", gazetteer)
    assert mended["matched"] == "TS25 2BB" and mended["confidence"] < 0.7 and "one character put right" in mended["reason"]
    elsewhere = one("Rochdale, ES25 2BB", gazetteer)
    assert elsewhere["tier"] == "P4"
