from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.placing import postcode

_letters = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_digits = st.sampled_from("0123456789")
_outcodes = st.one_of(
    st.tuples(_letters, _digits), st.tuples(_letters, _digits, _digits), st.tuples(_letters, _digits, _letters),
    st.tuples(_letters, _letters, _digits), st.tuples(_letters, _letters, _digits, _digits),
    st.tuples(_letters, _letters, _digits, _letters)).map("".join)
_units = st.tuples(_outcodes, _digits, _letters, _letters).map(lambda part: f"{part[0]} {part[1]}{part[2]}{part[3]}")


def keys(*texts: str | None) -> list[int]:
    return postcode.keys_of(postcode.codes(list(texts))).tolist()


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(_units, min_size=1, max_size=6))
def test_writing_back_gives_the_usual_form_whatever_case_and_spaces(units: list[str]) -> None:
    messy = [f"  {unit.lower().replace(' ', '  ')}\t" for unit in units]
    assert keys(*messy) == keys(*units) == keys(*(unit.replace(" ", "") for unit in units))
    assert postcode.text_of(np.array(keys(*units))).tolist() == units


@settings(max_examples=100, derandomize=True, deadline=None)
@given(_units, _units)
def test_different_postcodes_have_different_keys(a: str, b: str) -> None:
    assert (keys(a) == keys(b)) == (a == b)


def test_sector_and_outcode_are_prefixes_and_stay_apart() -> None:
    morpeth, byker = keys("NE61 1AA", "NE6 1AA")
    assert morpeth // postcode.OUTCODE == postcode.outcode_key("NE61") != postcode.outcode_key("NE6")
    assert byker // postcode.SECTOR == postcode.sector_key("ne6 1") != postcode.sector_key("NE61 1")
    assert byker // postcode.OUTCODE == postcode.outcode_key("ne6 ")
    assert postcode.outcode_key("") == postcode.sector_key("NE61X") == postcode.outcode_key("61") == -1


@pytest.mark.parametrize("text", ["", None, "OL16", "OL16 1L", "1OL6 1LU", "OL16 11U", "OL16 1LUX", "OL166 1LU",
                                  "é1 1AA",
                                  "NE1\x001AA", "N" * 100_000, "THE 1ST", "OL16-1LU", "🙂 1AA", "ABC 0AD"])
def test_what_has_not_the_shape_is_refused(text: str | None) -> None:
    assert keys(text) == [-1]


def test_terminated_outcodes_of_letters_alone_are_postcodes() -> None:
    assert min(keys("GIR 0AA", "NPT 0AD")) > 0


def test_a_no_break_space_is_a_space() -> None:
    assert keys("OL16\u00a01LU") == keys("OL16 1LU")
    assert keys("OL16£1LU") == [-1]


def test_any_column_of_text_will_do() -> None:
    wanted = keys("M1 1AE", None, "x")
    column = pd.Series(["skipped", "M1 1AE", None, "x"], dtype="str")[1:]
    chunks = pd.concat([column[:1], column[1:]])
    for texts in (column, chunks, column.astype(object), np.array(["M1 1AE", None, "x"], dtype=object)):
        assert postcode.keys_of(postcode.codes(texts)).tolist() == wanted
    assert len(postcode.keys_of(postcode.codes([]))) == 0
    assert postcode.keys_of(postcode.codes([None, ""])).tolist() == [-1, -1]


@pytest.mark.parametrize("slip", ["OL16 lLU", "0L16 1LU", "OLI6 1LU", "ol16 ilu", "OLl6 1LU"])
def test_mixed_up_letters_and_digits_can_be_put_right(slip: str) -> None:
    options = np.concatenate(postcode.repairs(postcode.codes([slip])))
    assert keys("OL16 1LU")[0] in options.tolist()


def test_one_off_differs_in_one_letter_or_digit() -> None:
    found = postcode.text_of(postcode.one_off("OL16 1LU")).tolist()
    assert "OL16 1LV" in found and "OL17 1LU" in found and "AL16 1LU" in found
    assert "OL16 1LU" not in found and "OL1 6LU" not in found and "OLA6 1LU" not in found
    assert all(sum(a != b for a, b in zip(text, "OL16 1LU", strict=True)) == 1 for text in found)
    assert len(postcode.one_off("no postcode")) == 0
