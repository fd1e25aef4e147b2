"""Local readings become instants as the law of the clock says; see also test_validate for what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.reading.times import LONDON, london_day, parse_times
from geo_data.reading.words import written_dates

MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2037, 12, 31)).map(lambda m: m.replace(microsecond=0))


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(MOMENTS, min_size=1, max_size=20))
def test_local_times_agree_with_the_zone_database(moments: list[datetime]) -> None:
    """zoneinfo with fold 0 is the oracle."""
    times = parse_times(pd.Series([moment.isoformat() for moment in moments], dtype="str"))
    expected = [moment.replace(tzinfo=ZoneInfo(LONDON)).astimezone(UTC) for moment in moments]
    assert times.utc.tolist() == expected


def test_folds_and_gaps_are_flagged() -> None:
    text = pd.Series(["2025-10-26T01:00", "2025-10-26T01:59:59", "2025-10-26T02:00", "2025-10-26T00:59:59",
                      "2025-03-30T01:00", "2025-03-30T02:00", "2025-03-30", "2025-10-26T01:30Z"], dtype="str")
    told = parse_times(text).doubtful.fillna("").tolist()
    assert told == ["ambiguous", "ambiguous", "", "", "nonexistent", "", "", ""]


def test_a_local_night_is_as_long_as_it_was() -> None:
    """SECURITY 7.3: 26 October 23:00 to 27 October 08:00 2024 is 10 hours."""
    utc = parse_times(pd.Series(["2024-10-26T23:00", "2024-10-27T08:00"], dtype="str")).utc
    assert utc[1] - utc[0] == pd.Timedelta(hours=10)


def test_the_local_day_of_a_summer_midnight() -> None:
    utc = parse_times(pd.Series(["2025-07-01"], dtype="str")).utc
    assert utc[0] == pd.Timestamp("2025-06-30T23:00Z")
    assert london_day(utc)[0] == pd.Timestamp(2025, 7, 1)


def test_no_texts_and_blank_texts() -> None:
    for text in (pd.Series([], dtype="str"), pd.Series([None, None], dtype="str")):
        times = parse_times(text)
        assert times.utc.isna().all()
        assert times.refused.eq(-1).all()


def test_a_clock_and_its_zone_are_read_in_every_way_of_writing_them() -> None:
    same = ["2025-04-25T14:30:00Z", "2025-04-25 14:30Z", "2025-04-25T14:30:00.000+00", "2025-04-25 15:30:00,0 +01:00",
            "2025-04-25T16:30\u00a0+0200", "2025-04-25T15:30"]
    assert parse_times(pd.Series(same, dtype="str")).utc.eq(pd.Timestamp("2025-04-25T14:30Z")).all()
    wrong = ["2025-04-25T14", "2025-04-25T14:30+1", "x2025-04-25", "2025-04-25T14:30Zx", "1825-04-25", "2025-04-25T14:30 \u00a0Z"]
    assert parse_times(pd.Series(wrong, dtype="str")).utc.isna().all()


def test_dates_written_day_first() -> None:
    written = {
        "03/04/2025": "2025-04-03", "3.4.2025": "2025-04-03", "3-Apr-2025 14:30": "2025-04-03T14:30:00",
        "3 April 2025": "2025-04-03", "03/04/2025 14:30:15": "2025-04-03T14:30:15",
        "25/04/2025 2:05 PM": "2025-04-25T14:05:00",
        "12/12/2025 12:05 am": "2025-12-12T00:05:00", "25/04/2025 1430": "2025-04-25T14:30:00",
        "2025-04-03": "2025-04-03", "2025-04-03T14:30:00Z": "2025-04-03T14:30:00Z", "31/02/2025": "2025-02-31",
    }
    unread = ["03/04/25", "04/2025", "45291", "2025/04/03", "3/4-2025", "next week", "25/04/2025 25"]
    text = pd.Series([*written, *unread], dtype="str")
    assert written_dates(text).fillna("").tolist() == [*written.values(), *[""] * len(unread)]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(st.text(max_size=30) | st.from_regex(r"\d{1,2}[/. -][\dA-Za-z]{1,9}[/. -]\d{4}.{0,10}"), max_size=10))
def test_any_text_is_a_date_or_none(texts: list[str]) -> None:
    iso = written_dates(pd.Series(texts, dtype="str"))
    parse_times(iso)
    parse_times(pd.Series(texts, dtype="str"))
    assert len(iso) == len(texts)
