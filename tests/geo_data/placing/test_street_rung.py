from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import InputError
from geo_data.placing.decisions import Decision, Decisions, text_key
from geo_data.placing.gazetteer import Gazetteer
from geo_data.placing.geocode import geocode
from geo_data.schema import METHODS, TIERS
from tests.geo_data.streets_layer import layer

FINE = ("P1", "P2", "P3")


@pytest.fixture(scope="module")
def streets(gazetteer_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    return layer(gazetteer_folder, tmp_path_factory.mktemp("streets") / "gazetteer")


def one(text: str, gazetteer: Gazetteer, area: str | None = None) -> pd.Series:
    return geocode([text], gazetteer, area).iloc[0]


DRAKE = (389_770, 413_099)
GOLD = [
    # text, rung, easting, northing, how far it may lie from there
    ("Drake St Rochdale", "street", *DRAKE, 1),
    ("14 Drake Street, Rochdale", "street", *DRAKE, 1),
    ("Flat 2, 14a Drake St., Rochdale", "street", *DRAKE, 1),
    ("Rochdale, Drake Street", "street", *DRAKE, 1),
    ("Greater Manchester, Rochdale, Drake Street", "street", *DRAKE, 1),
    ("Drake Street, Rochdale, Greater Manchester", "street", *DRAKE, 1),
    ("opp 14 Drake Street Rochdale", "street", *DRAKE, 1),
    ("o/s Drake Street, Rochdale", "street", *DRAKE, 1),
    ("R/O 3 Drake St Rochdale", "street", *DRAKE, 1),
    ("nr Drake Street, Rochdale", "street", *DRAKE, 1),
    ("off Drake Street, Rochdale", "street", *DRAKE, 1),
    ("seen on Drake Street, Rochdale by police", "street", *DRAKE, 1),
    ("Drake Street OL16", "street", *DRAKE, 1),
    ("mate's house, Drake Street, Rochdale", "street", *DRAKE, 1),
    ("Saint Anns Rd, Rochdale", "street", 391_000, 413_700, 1),
    ("St Ann's Road Rochdale", "street", 391_000, 413_700, 1),
    ("12 Kingsway, Rochdale", "street", 391_200, 412_900, 1),
    ("Yorkshre Street Rochdale", "street_fuzzy", 390_100, 413_500, 1),
    ("Nelsan Street, Rochdale", "street_fuzzy", 389_740, 413_200, 1),
    ("Yarkshyre Street Rochdale", "place", 389_627, 413_436, 2_000),  # two slips in nine letters
    ("Yorkshire Streeet Rochdale", "place", 389_627, 413_436, 2_000),
    ("J/W Drake St and Nelson Street Rochdale", "junction", 389_750, 413_175, 150),
    ("junction of Drake Street and Nelson Street, Rochdale", "junction", 389_750, 413_175, 150),
    ("Drake St / Nelson St, Rochdale", "junction", 389_750, 413_175, 150),
    ("Drake St X Nelson St Rochdale", "junction", 389_750, 413_175, 150),
    ("Drake St, jct Nelson St, Rochdale", "junction", 389_750, 413_175, 150),
    ("nr Asda, Dane Street, Rochdale", "place", 389_627, 413_436, 2_000),  # not the one in Warrington, nor Dale Street
    ("South Street, Rochdale", "place", 389_627, 413_436, 2_000),  # not North Street
    ("Falinge Park High School", "feature", 388_600, 414_900, 1),
    ("Rochdale Infirmary", "feature", 389_500, 414_300, 1),
    ("Infirmary, Rochdale", "place", 389_627, 413_436, 2_000),
    ("Rochdale train station", "feature", 389_950, 412_650, 1),
    ("McDonalds, Manchester Piccadilly", "feature", 384_800, 397_900, 1),
    ("Rochdale", "place", 389_627, 413_436, 2_000),
]


@pytest.mark.parametrize("case", GOLD, ids=[row[0] for row in GOLD])
def test_gold_cases(streets: Gazetteer, case: tuple[str, str, float, float, float]) -> None:
    text, rung, e, n, within = case
    row = one(text, streets)
    assert row["rung"] == rung, row["reason"]
    assert np.hypot(row["easting"] - e, row["northing"] - n) <= within
    assert (row["tier"] in FINE) == (rung != "place")
    assert 0 < row["confidence"] <= 1


def test_the_reason_says_where_and_how_many_more(streets: Gazetteer) -> None:
    row = one("14 Drake Street, Rochdale", streets)
    assert row["reason"] == "street matched inside Rochdale; 1 other Drake Street exists elsewhere"
    assert row["matched"] == "Drake Street, Rochdale" and row["method"] == "street" and row["tier"] == "P2"


def test_a_street_never_crosses_the_named_town(streets: Gazetteer) -> None:
    for text in ("Drake Street, Morpeth", "Hill Street, Gateshead", "Quorn Wynd, Rochdale", "Quorne Wynd, Rochdale"):
        row = one(text, streets)
        assert row["tier"] == "P4" and row["method"] == "place", (text, row["reason"])


def test_a_street_outside_the_town_and_one_in_doubt_are_coarse(streets: Gazetteer) -> None:
    outside, doubt = one("Moss Row, Rochdale", streets), one("Bay Row, Rochdale", streets)
    assert outside["tier"] == "P4" and "outside the place named" in outside["reason"]
    assert doubt["tier"] == "P4" and "longer streets of that name" in doubt["reason"]
    beside = one("Long Row, Rochdale", streets)  # the longer one lies in the borough only, not in the town
    assert beside["tier"] == "P2" and beside["easting"] == 389_900


def test_the_only_street_of_a_name_far_and_wide_is_believed_in_the_borough_with_less_confidence(streets: Gazetteer) -> None:
    row = one("Otter Lane, Rochdale", streets)
    assert row["tier"] == "P2" and row["easting"] == 398_000 and row["confidence"] < 0.7
    near = one("Moss Row, Rochdale", streets)  # also the only one, but in another district
    assert near["tier"] == "P4"


def test_pieces_of_one_name_close_together_are_one_street_and_the_precision_holds_both(streets: Gazetteer) -> None:
    row = one("Mere Street, Rochdale", streets)
    assert row["tier"] == "P2" and row["precision_m"] >= 1_800 and row["confidence"] < 0.9


def test_by_far_the_longest_of_several_is_meant_and_the_others_are_listed(streets: Gazetteer) -> None:
    row = one("Tarn Row, Rochdale", streets)
    assert row["tier"] == "P2" and row["easting"] == 388_900 and row["confidence"] <= 0.7, row["reason"]
    assert "1 more" in row["reason"] and [c["easting"] for c in row["candidates"]] == [391_400]


def test_the_only_street_of_a_name_just_outside_the_place_is_believed_with_a_wide_precision(streets: Gazetteer) -> None:
    row = one("Fell Row, Morpeth", streets)
    assert row["tier"] == "P2" and row["precision_m"] >= 1_500 and row["confidence"] < 0.7
    assert "just outside Morpeth" in row["reason"]


def test_an_everyday_word_is_no_town_far_from_the_own_area(streets: Gazetteer) -> None:
    row = one("Street, Bowsden", streets, "Northumbria")
    assert row["tier"] == "P5", row["matched"]  # not Street in Somerset
    assert one("Street, Bowsden", streets)["method"] == "place"


def test_a_street_beside_a_postcode_that_never_existed_is_less_sure(streets: Gazetteer) -> None:
    row, plain = one("Drake Street, Rochdale, M1 9ZZ", streets), one("Drake Street, Rochdale", streets)
    assert row["rung"] == "street" and row["confidence"] == round(plain["confidence"] - 0.2, 2)


def test_a_building_named_after_a_suburb_says_which_street_is_meant(streets: Gazetteer) -> None:
    plain = one("Monton Road, Manchester", streets, "GMP")
    hinted = one("Eccles Baths, Monton Road, Manchester", streets, "GMP")
    assert hinted["tier"] == "P2" and hinted["easting"] == 376_600, hinted["reason"]
    assert plain["easting"] != 376_600
    other = one("Rochdale Baths, Monton Road, Manchester", streets, "GMP")  # no street of the name there: no hint
    assert other["easting"] == plain["easting"] or np.isnan(plain["easting"])


def test_a_numbered_road_needs_a_place_and_is_no_more_exact_than_its_stretch(streets: Gazetteer) -> None:
    row = one("A58, Rochdale", streets)
    assert row["method"] == "street" and row["precision_m"] >= 1_000
    for text in ("A58", "found in vehicle on A58", "A58, Morpeth"):
        assert one(text, streets, "GMP")["tier"] not in FINE, text


def test_two_that_fit_are_coarse_and_listed(streets: Gazetteer) -> None:
    row = one("Station Road, Rochdale", streets)
    assert row["tier"] not in FINE and row["confidence"] < 0.5
    assert [c["tier"] for c in row["candidates"][:2]] == ["P2", "P2"]
    assert all(c["matched"] == "Station Road, Rochdale" for c in row["candidates"][:2])


def test_without_a_town_the_own_area_decides_and_nothing_else(streets: Gazetteer) -> None:
    assert one("Drake Street", streets)["tier"] == "P5"
    own = one("Drake Street", streets, "Greater Manchester Police")
    assert (own["easting"], own["northing"]) == DRAKE and own["tier"] == "P2" and own["confidence"] < 0.9
    assert "only one in Greater Manchester Police" in own["reason"]
    assert one("Drake Street", streets, "Northumbria")["tier"] == "P5"
    assert one("Quorn Wynd", streets)["tier"] == "P5"  # the only one known is no reason to send somebody there


def test_a_well_known_town_is_believed_beyond_the_own_area(streets: Gazetteer) -> None:
    row = one("Drake Street, Rochdale", streets, "Northumbria")
    assert row["tier"] == "P2" and "far from Northumbria" in row["reason"]


def test_the_own_area_chooses_between_places_of_one_name(streets: Gazetteer) -> None:
    far = one("Rochdale", streets, "Northumbria")
    assert far["reason"].endswith("beyond the own area and its neighbours") and far["confidence"] == 0.5
    assert one("Rochdale", streets, "Greater Manchester")["confidence"] == one("Rochdale", streets, None)["confidence"] == 0.8
    north = one("Station Road, Gosforth", streets, "Northumbria")
    assert (north["easting"], north["northing"]) == (425_000, 565_500)
    coarse = geocode(["Washington", "Newcastle"], streets, "Northumbria")
    assert (coarse["northing"] > 550_000).all()
    west = one("Newcastle", streets, "Staffordshire Police")
    assert west["northing"] < 400_000


def test_an_area_by_codes_or_extent(streets: Gazetteer) -> None:
    for area in (["E08000005"], (385_000, 410_000, 395_000, 418_000), "Rochdale Metropolitan Borough Council"):
        assert geocode(["Drake Street"], streets, area)["tier"].tolist() == ["P2"]
    with pytest.raises(InputError, match="no police force"):
        geocode(["Drake Street"], streets, "Atlantis Police")


def test_a_piece_of_a_longer_name_is_no_street(streets: Gazetteer) -> None:
    row = one("John Drake Street, Rochdale", streets)
    assert row["tier"] == "P4" and "piece of the name" in row["reason"]


def test_near_a_street_is_less_exact_and_less_sure(streets: Gazetteer) -> None:
    on, near = one("Nelson Street, Rochdale", streets), one("near Nelson Street, Rochdale", streets)
    assert near["confidence"] < on["confidence"] and near["precision_m"] >= max(150, on["precision_m"])


@settings(max_examples=80, derandomize=True, deadline=None)
@given(st.sampled_from([row[0] for row in GOLD]),
       st.sampled_from(["{}, UK", "{} United Kingdom", " {} ", "{},", "{}.", "{}, England", ",{}"]), st.booleans())
def test_country_case_commas_and_spaces_change_nothing(streets: Gazetteer, text: str, form: str, lower: bool) -> None:
    plain = one(text, streets)
    other = one(form.format(text.lower() if lower else text.upper()).replace(" ", "  "), streets)
    for column in ("tier", "method", "easting", "northing", "precision_m", "confidence", "rung"):
        assert plain[column] == other[column] or plain[column] != plain[column], (column, plain["reason"], other["reason"])


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.lists(st.sampled_from("drake street st road near j/w and rochdale x / opp 14 , - a1 m62 school the north ol16 manchester "
                                "of junction flat station newcastle 🙂 \u202e o/s high".split()), max_size=25))
def test_every_mixture_of_address_words_keeps_the_rules(streets: Gazetteer, words: list[str]) -> None:
    row = one(" ".join(words), streets)
    assert row["tier"] in TIERS and row["method"] in METHODS and row["reason"] and 0 <= row["confidence"] <= 1
    located = np.isfinite([row["easting"], row["northing"], row["precision_m"]])
    assert located.all() if row["tier"] != "P5" else not located.any()
    assert (row["confidence"] == 0) == (row["tier"] == "P5")


BAD = ["drake street " * 800, "j/w " * 2_500, "st " * 4_000, "/ " * 5_000, "near opp r/o o/s " * 600, "a and " * 1_600,
       "Drake Street, " * 700, "x " * 5_000, "road" * 2_500, "-".join(["abc"] * 2_500) + " road", "'; DROP TABLE x; --",
       "\u202eteertS ekarD", "Dräke Strëet, Röchdale", "\ud800 Drake Street", "D\x00rake Street, Rochdale", "🙂" * 3_000,
       "((((" * 2_500, "the junction of the " * 500, "flat 1 " * 1_400, "1a " * 3_000, "rochdale " * 1_000, "aaaa street " * 800]


def test_hostile_texts_are_answered_in_bounded_time(streets: Gazetteer) -> None:
    geocode(BAD[:1], streets)
    for text in BAD:
        start = time.process_time()
        geocode([text], streets, "GMP")
        assert time.process_time() - start < 1  # a bomb would take minutes: not a measure of speed


def test_nothing_of_a_text_is_printed_logged_or_warned_of(
        streets: Gazetteer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    texts = [*BAD, "", None, "Drake Street, Rochdale", "Monton Baths, 3 Monton Road, M99 9ZZ", "A58, Rochdale"]
    with caplog.at_level("DEBUG"):
        rows = geocode(texts, streets, "GMP", decisions=Decisions([Decision(text_key("rosalind's place"))]))
    assert len(rows) == len(texts) and rows["tier"].isin(list(TIERS)).all() and rows["reason"].ne("").all()
    assert caplog.records == [] and capfd.readouterr() == ("", "")


def test_many_equal_texts_are_one(streets: Gazetteer) -> None:
    start = time.process_time()
    frame = geocode(["14 Drake Street, Rochdale"] * 500_000, streets)
    assert len(frame) == 500_000 and (frame["easting"] == frame["easting"][0]).all()
    assert time.process_time() - start < 10


def test_a_postcode_that_never_existed_falls_to_the_street_and_is_mended_only_on_it(streets: Gazetteer) -> None:
    unknown = one("Drake Street, Rochdale, OL16 1CC", streets)
    assert unknown["rung"] == "street" and "no postcode that ever existed" in unknown["reason"]
    slip = one("Drake Street, Rochdale, OL76 1QH", streets)
    assert slip["rung"] == "postcode_mended" and slip["matched"] == "OL16 1QH" and slip["tier"] == "P3"
    assert np.hypot(slip["easting"] - DRAKE[0], slip["northing"] - DRAKE[1]) < 500
    other = one("Quorn Wynd, Newcastle, OL76 1QH", streets)
    assert other["rung"] == "street" and other["easting"] == 425_200
