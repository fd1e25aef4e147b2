from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.placing.street_name import is_numbered, normal


@pytest.mark.parametrize(("one", "other"), [
    ("Drake St", "DRAKE STREET"),
    ("Drake St.", "drake  street"),
    ("St. Ann's Rd", "Saint Anns Road"),
    ("St Johns St", "ST JOHN’S STREET"),
    ("High St West", "High Street West"),
    ("Queen's Sq", "Queens Square"),
    ("Park Gdns", "Park Gardens"),
    ("Mill Ct", "Mill Court"),
    ("Elm Cl", "Elm Close"),
    ("Elm Av", "Elm Avenue"),
    ("1st Ave", "First Avenue"),
    ("Smith & Jones Yd", "Smith and Jones Yard"),
    ("A627 (M)", "a627(m)"),
    ("Stoke-on-Trent Rd", "stoke on trent road"),
    ("Caffè Row", "Caffe Row"),
])
def test_ways_of_writing_one_name_are_one_name(one: str, other: str) -> None:
    assert normal(one) == normal(other) != ""


@pytest.mark.parametrize(("one", "other"), [
    ("Church Street", "Church Road"), ("St Johns", "Johns Street"), ("A1", "A11"),
])
def test_other_names_stay_apart(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.text("abstreiSTDRn .'-,&1é(m)", max_size=60))
def test_normalising_twice_changes_nothing_and_case_and_spaces_never_matter(text: str) -> None:
    once = normal(text)
    assert normal(once) == once
    assert normal(f"  {once.upper().replace(' ', '   ')}, ") == once


def test_a_road_number_is_told_from_a_name() -> None:
    assert [is_numbered(normal(text)) for text in ("A664", "M62", "A1(M)", "B6318", "Mill 62", "C8")] == [True] * 4 + [False] * 2
