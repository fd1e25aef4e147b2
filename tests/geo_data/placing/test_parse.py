from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.placing import parse
from geo_data.placing.parse import MAX_CHARS, clean, read


def test_cleaning_leaves_one_line_of_plain_text() -> None:
    assert clean(" Drake\tStreet\x00,\u00a0 Rochdale – UK ") == "Drake Street , Rochdale"
    assert clean("Bath, England") == "Bath"
    assert len(clean("x" * 100_000)) == MAX_CHARS


@pytest.mark.parametrize(("text", "units"), [
    ("OL16 1LU", ("OL161LU",)),
    ("flat 2, ol161lu rochdale", ("OL161LU",)),
    ("OL16-1LU and M1 1AE", ("OL161LU", "M11AE")),
    ("OL16.1LU OL16 1LU", ("OL161LU",)),
    ("A1 M62 B6318", ()),
    ("xOL16 1LUx", ()),
])
def test_unit_postcodes(text: str, units: tuple[str, ...]) -> None:
    assert read(text).units == units


def test_slips_need_a_digit_somewhere() -> None:
    assert read("OL16 lLU").slips == ("OL16LLU",)
    assert read("the old inn hill").slips == ()


@pytest.mark.parametrize(("text", "outcodes", "sectors"), [
    ("NE61", ("NE61",), ()),
    ("Morpeth NE61", ("NE61",), ()),
    ("Byker, NE6 1", ("NE6",), ("NE6 1",)),
    ("M62 J20", (), ()),
    ("A1", (), ()),
    ("Flat E1 3 High Street", (), ()),
    ("M1", (), ()),
])
def test_parts_of_a_postcode_are_not_roads(text: str, outcodes: tuple[str, ...], sectors: tuple[str, ...]) -> None:
    found = read(text)
    assert (found.outcodes, found.sectors) == (outcodes, sectors)


@pytest.mark.parametrize("text", ["No 1234", "st 1234", "High St 1234 56", "NZ 123 4567", "Flat SE1 2"])
def test_house_numbers_are_no_grid_references(text: str) -> None:
    assert read(text).grid is None


def test_latitude_and_longitude_carry_the_precision_of_their_decimals() -> None:
    assert read("54.9712, -1.6134").lat_lon == (54.9712, -1.6134, 10.0)
    assert read("54.971 N 1.613 W").lat_lon == (54.971, -1.613, 56.0)
    assert read("54.9712345, -1.61").lat_lon == (54.9712345, -1.61, 557.0)
    assert read("at 10.30 to 11.45").lat_lon is None


@pytest.mark.parametrize("text", ["unknown", "Not known", "N/K", "refused", "declined to say", "won't say",
                                  "nfa", "no fixed abode",
                                  "///a.b.c ///filled.count.soap", "boyfriend's address", "mums house",
                                  "own home", "TBC"])
def test_phrases_that_name_no_place(text: str) -> None:
    assert read(text).null


@pytest.mark.parametrize("text", ["Nuneaton", "Nilston Road", "Friendly Street", "Monkseaton", "Refuge Road"])
def test_names_are_not_taken_for_such_phrases(text: str) -> None:
    assert not read(text).null


def test_labels_of_coordinates_are_left_out_and_streets_are_not() -> None:
    assert read("Long Lane, Lat Street").segments == ("LONG LANE", "LAT STREET")
    assert read("Lat 54.9712 Long -1.6134").lat_lon == (54.9712, -1.6134, 10.0)
    assert read("OS grid ref: NZ 276 812").grid is not None and read("os NZ276812").grid is not None


_PIECES = [
    "Lat", "lon 1", "os grid ref", "NGR", "easting", "Northing: 4", "OS SD 896 134", "53.61, -2.15", "389770 413100", "38977 41310",
    "ol16 1lu", "0L16 1LU", "M1 1", "OL16", "A627(M)", "NFA", "no fixed abode", "sofa surfing", "homeless", "///filled.count.soap",
    "w3w", "what3words", "mate's house", "own home", "foster placement", "gran's flat", "uncle's place", "england", "U.K.", "GB",
    "g.b.", "Great Britain", "united kingdom", "Drake Street", "Rochdale", ",", ";", "é", "`", "’", "not known", "n/a", "١٢٣٤٥٦"]


@settings(max_examples=400, derandomize=True, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), min_size=1, max_size=6), st.sampled_from([" ", ", ", ""]))
def test_what_is_not_searched_for_is_not_there(pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    found = parse.read(text)
    with pytest.MonkeyPatch.context() as patch:
        for gate in ("_COUNTRY_ENDS", "_IN_LABEL", "_IN_WHAT3WORDS", "_IN_NO_ADDRESS", "_IN_SOMEONES"):
            patch.setattr(parse, gate, ("",))
        for gate in ("_DIGIT", "_FIVE_DIGITS"):
            patch.setattr(parse, gate, re.compile(""))
        assert parse.read(text) == found
