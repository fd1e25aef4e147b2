"""Personal data is refused by name and by content, is never repeated, and places are not taken for it."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.reading.personal import FREE_TEXT, refused_cells, refused_columns
from geo_data.reading.profiles import PROFILES
from geo_data.schema import EPISODES, LOCATIONS
from tests.geo_data.rows import source_names


def refused(column: str, *texts: str) -> dict[int, set[str]]:
    rejects = refused_cells(pd.DataFrame({column: pd.Series(texts, dtype="str")}))
    assert rejects["value"].isna().all()
    assert set(rejects["column"]) <= {column}
    return {int(row): set(group["rule"]) for row, group in rejects.groupby("row")}


@pytest.mark.parametrize(("what", "names"), [
    ("names", "Forename|SURNAME|First Name|firstName|Child Name|Name|Full_Name|Known As|Alias 1|initials"),
    ("dates of birth", "DOB|D.O.B.|Date of Birth|DateOfBirth|date_of_birth|Birth Date|childDOB"),
    ("phone numbers", "Phone|Mobile No|Tel|Contact Number|Home Telephone|IMEI"),
    ("e-mail addresses", "Email|E-mail address|e_mail"),
    ("vehicle registrations", "VRM|VRN|Vehicle Registration|Registration|Reg No|Number Plate"),
    ("ethnicity, nationality or religion", "Ethnicity|Self-defined ethnicity|Ethnic Code|Nationality|Religion"),
    ("personal numbers", "NHS Number|NHSNo|UPN|Unique Pupil Number|NI Number|Passport|PNC ID"),
    ("narrative", "Narrative|Notes|Circumstances|Free Text|Comments|Summary|Enquiry Log"),
    ("people around the child", "Mother's address|Address of parent|Next of kin|Associates|Officer in Case|OIC"),
    ("home addresses", "Home Address|Child's Address|Address Line 1"),
])
def test_columns_are_refused_by_name(what: str, names: str) -> None:
    given_names = names.split("|")
    assert refused_columns(given_names) == dict.fromkeys(given_names, f"holds {what}")


def test_no_column_that_the_product_reads_is_refused() -> None:
    known = {name for profile in PROFILES.values() for name in source_names(profile)}
    known |= {*EPISODES.names, *LOCATIONS.names, *(name.upper() for name in EPISODES.names)}
    assert refused_columns(known) == {}


def test_words_are_whole_words() -> None:
    harmless = ["Hotel", "Trace Id", "Telford area", "Denotes", "Regional office", "School Name", "Street name",
                "Beat name", "Placement name", "Location details", "Place description", "Mobility", "Racecourse",
                "Logged at"]
    assert refused_columns(harmless) == {}


@pytest.mark.parametrize(("rule", "texts"), [
    ("looks like a phone number",
     "07700 900123|call 07700900123|(01670) 555 123|+44 7700 900123|0044 191 498 0000|Tel 0191 4960000"),
    ("looks like an e-mail address", "a.b@example.org|mail x@y.co.uk now"),
    ("looks like a vehicle registration", "AB12 CDE|seen in AB12CDE|NE63 XYZ parked"),
    ("looks like an NHS number", "943 476 5919|9434765919|nhs 943-476-5919"),
    ("looks like a date, perhaps of birth", "b. 12/03/2010|2010-03-12|J 1.2.2011"),
    ("speaks of a date of birth", "DOB 2010|d.o.b. unknown|Date of birth given|born on a Monday"),
    ("longer than 200 characters: a narrative, not a place", "She was seen " * 17),
])
@pytest.mark.parametrize("column", FREE_TEXT)
def test_cells_are_refused_by_content(column: str, rule: str, texts: str) -> None:
    found = refused(column, *texts.split("|"))
    assert list(found) == list(range(len(texts.split("|"))))
    assert all(rule in rules for rules in found.values())


def test_places_are_not_taken_for_persons() -> None:
    assert refused(
        "found_location_text",
        "Bus station, Ashington", "NZ 01234 56789", "NZ 276 864, Station Road", "NE61 AND NE62", "NE24 BUS STOP, Blyth",
        "Seaton Delaval, A193 OFF slip", "425100 586400", "012345 654321", "UPRN 100123456789", "010012345678",
        "NE1 4ST", "10 High Street, NE63 9XX", "9434765918", "Newborn Road", "Osborne Road 0191",
        "55.18123, -1.56789", "St John's Church", "Flat 2, 14-16 Dobson Close", "x" * 200,
        "McDonald's, Kingston Park", "On or near Victoria Street",
    ) == {}


def test_a_pseudonym_is_no_name_and_no_number_of_a_person() -> None:
    bad = ["John Smith", "SMITH, John", "SMITH JOHN", "Mary-Jane O'Neil", "12/03/2010", "A123456789012", "943 476 5919",
           "a@b.org", "Jo Smith-Jones 2010-03-12"]
    assert list(refused("person_ref", *bad)) == list(range(len(bad)))
    good = ["P-0001", "NOM-123", "X1", "child-7", "5f2b9c", "A 12", "123456", "LL-10023", "case alpha"]
    assert refused("person_ref", *good) == {}


def test_ten_digit_pseudonyms_are_nhs_numbers_only_when_half_of_them_check() -> None:
    """One number in eleven passes the check by chance."""
    plain = [str(4_000_000_000 + number * 7) for number in range(300)]
    assert refused("person_ref", *plain) == {}
    assert list(refused("person_ref", "9434765919", "P1")) == [0]
    assert list(refused("person_ref", "9434765919", "4010232137", "4000000000")) == [0, 1]


@settings(max_examples=80, derandomize=True, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_text_passes_without_raising_or_being_repeated(texts: list[str]) -> None:
    for column in ("found_location_text", "person_ref"):
        refused(column, *texts)


@settings(max_examples=80, derandomize=True, deadline=None)
@given(st.text(max_size=30))
def test_any_column_name_can_be_judged(name: str) -> None:
    assert set(refused_columns([name])) <= {name}


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.integers(100_000_000, 999_999_999), st.sampled_from(["{}", "tel {}", "({}) home"]))
def test_every_mobile_number_is_caught(number: int, around: str) -> None:
    assert "looks like a phone number" in refused("found_location_text", around.format(f"07{number}"))[0]
