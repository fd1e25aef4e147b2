from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_data.errors import InputError
from geo_data.placing.decisions import Decision, Decisions, text_key
from geo_data.placing.gazetteer import Gazetteer
from geo_data.placing.geocode import geocode
from tests.geo_data.placing.test_locations import found

HERE: dict[str, Any] = {"easting": 389_700.0, "northing": 413_300.0, "precision_m": 40.0, "tier": "P2", "note": "the youth club"}


@pytest.mark.parametrize("other", [
    "the old den, Drake St", "THE OLD DEN, DRAKE STREET", " the  old den,, drake st. ", "The Old Den Drake Street, UK",
    "thé old den - Drake str", "the old den, Drake Street, England, UK",
])
def test_ways_of_writing_one_text_have_one_key(other: str) -> None:
    assert text_key(other) == text_key("The old den, Drake Street")


@pytest.mark.parametrize(("a", "b"), [
    ("12 Drake Street", "13 Drake Street"), ("Drake Street, Bury", "Bury, Drake Street"), ("54.97, -1.61", "54.97, 1.61"),
    ("///filled.count.soap", "///filled.soap.count"), ("مدرسة", "بيت"), ("flat 1 2 High St", "flat 12 High St"),
])
def test_different_texts_have_different_keys(a: str, b: str) -> None:
    assert text_key(a) != text_key(b)


@given(st.text(max_size=80))
def test_a_key_is_its_own_key(text: str) -> None:
    assert text_key(text_key(text)) == text_key(text)
    assert text_key(f"  {text} ") == text_key(text)
    assert text_key(None) == ""


def test_a_decision_goes_before_every_rung(gazetteer: Gazetteer) -> None:
    made = Decisions([Decision(text_key("The Den, OL16 1LU"), **HERE), Decision(text_key("dunno"), note="no place")])
    rows = geocode(["the den, OL16 1LU, UK", "Dunno", "Den, OL16 1LU"], gazetteer, decisions=made)
    assert rows["method"].tolist() == ["team_decision", "team_decision", "postcode"]
    assert rows["tier"].tolist() == ["P2", "P5", "P3"]
    assert (rows["easting"][0], rows["northing"][0], rows["precision_m"][0], rows["matched"][0]) == (
        389_700, 413_300, 40, "the youth club")
    assert rows["reason"].tolist()[:2] == ["decided by the team", "decided by the team: no place"]


def test_the_narrowest_area_decides_and_the_later_of_two() -> None:
    key = text_key("town centre")
    elsewhere, force, town, later = (Decision(key, **HERE | {"note": note, "area": area}) for note, area in (
        ("all", ""), ("force", "Greater Manchester Police"), ("town", "Rochdale"), ("later", "E08000005")))
    made = Decisions([elsewhere, force, town, later])
    assert len(made) == 4
    for area, note in (({"E08000005"}, "later"), ({"E08000002"}, "force"), ({"E08000021"}, "all"), (set(), "all")):
        decision = made.find(key, frozenset(area))
        assert decision is not None and decision.note == note
    assert Decisions([town]).find(key, frozenset()) is None
    assert Decisions([town]).find(text_key("town"), town.codes) is None


def test_an_import_takes_decisions_over_in_the_area_of_the_record(gazetteer: Gazetteer) -> None:
    key = text_key("The Den")
    made = Decisions([Decision(key, **HERE | {"area": "Rochdale"})])
    inside = found(gazetteer, decisions=made, found_location_text="the den", responsible_la="E08000005")
    outside = found(gazetteer, decisions=made, found_location_text="the den", responsible_la="E08000021")
    coded = found(gazetteer, decisions=made, found_location_text="the den", found_postcode="OL16 1LU", responsible_la="E08000005")
    assert (inside["method"], inside["tier"], inside["easting"]) == ("team_decision", "P2", 389_700)
    assert outside["tier"] == "P5"
    assert coded["method"] == "postcode"


@pytest.mark.parametrize("wrong", [
    {"tier": "P2"}, {"easting": 1.0, "northing": 2.0, "tier": "P5"}, HERE | {"precision_m": 0.0}, HERE | {"area": "Atlantis"},
    HERE | {"precision_m": float("nan")},
])
def test_a_decision_that_says_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Decision("key", **wrong)
