from datetime import date

import pandas as pd
import pytest

from geo_data.errors import ParameterError
from scoping.change.school_year import KINDS, bank_holidays, kinds, parse, usual_breaks


def test_bank_holidays_are_those_that_the_government_lists():
    """GOV.UK, England and Wales; 2021, 2022 and 2027 have days moved from a weekend."""
    assert [f"{day:%d %b}" for day in bank_holidays(date(2025, 1, 1), date(2025, 12, 31))] == [
        "01 Jan", "18 Apr", "21 Apr", "05 May", "26 May", "25 Aug", "25 Dec", "26 Dec"]
    assert bank_holidays(date(2021, 12, 1), date(2022, 1, 31)) == [date(2021, 12, 27), date(2021, 12, 28), date(2022, 1, 3)]
    assert bank_holidays(date(2027, 12, 1), date(2027, 12, 31)) == [date(2027, 12, 27), date(2027, 12, 28)]


@pytest.mark.parametrize(("day", "kind"), [
    ("2025-03-12", "school day"), ("2025-03-15", "weekend or bank holiday"), ("2025-05-05", "weekend or bank holiday"),
    ("2025-08-13", "school holiday"), ("2025-02-19", "school holiday"), ("2025-04-16", "school holiday"),
    ("2025-04-21", "weekend or bank holiday"), ("2025-10-29", "school holiday"), ("2025-12-23", "school holiday"),
    ("2025-01-02", "school holiday"), ("2025-01-06", "school day"), ("2025-05-28", "school holiday")])
def test_each_day_is_of_one_kind(day, kind):
    assert KINDS[kinds(pd.DatetimeIndex([day]))[0]] == kind


@pytest.mark.parametrize("year", range(2020, 2031))
def test_the_usual_breaks_are_whole_and_about_thirteen_weeks(year):
    spans = usual_breaks(year)
    assert all(start <= end for start, end in spans) and spans == sorted(spans)
    days = kinds(pd.date_range(f"{year}-01-01", f"{year}-12-31"))
    assert 180 <= (days == 0).sum() <= 200  # schools open on 190 days


def test_the_operators_dates_replace_the_usual_ones():
    given = parse(("2025-07-10..2025-08-20", "2025-11-11"))
    days = pd.DatetimeIndex(["2025-07-14", "2025-08-27", "2025-11-11", "2026-08-12"])
    assert kinds(days, given).tolist() == [1, 0, 1, 1]


@pytest.mark.parametrize("text", ["summer", "2025-09-01..2025-07-01", "2025-7", ""])
def test_what_is_no_span_of_dates_is_refused(text):
    with pytest.raises(ParameterError, match="span of dates"):
        parse((text,))


def test_local_days_count_not_those_of_utc():
    midnight = pd.DatetimeIndex(["2025-06-06T23:30Z"]).tz_convert("Europe/London")  # Saturday there
    assert kinds(midnight).tolist() == [2]
    assert kinds(pd.DatetimeIndex([])).tolist() == []
