"""School day, school holiday, weekend or bank holiday: England and Wales.

Bank holidays follow the standing rules (Banking and Financial Dealings Act 1971). Term dates differ from one authority to the
next, so the breaks here are a common pattern, stated in `usual_breaks`; an operator gives the real ones, and one-off bank
holidays, as spans of dates.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.tseries.holiday import (
    AbstractHolidayCalendar,
    EasterMonday,
    GoodFriday,
    Holiday,
    next_monday,
    next_monday_or_tuesday,
)

from geo_data.errors import ParameterError

KINDS = ("school day", "school holiday", "weekend or bank holiday")
Span = tuple[date, date]


def _monday_from(day: datetime) -> datetime:
    return day + timedelta(days=-day.weekday() % 7)


def _monday_until(day: datetime) -> datetime:
    return day - timedelta(days=day.weekday())


class _BankHolidays(AbstractHolidayCalendar):
    rules = [
        Holiday("New Year's Day", month=1, day=1, observance=next_monday), GoodFriday, EasterMonday,
        Holiday("Early May", month=5, day=1, observance=_monday_from),
        Holiday("Spring", month=5, day=31, observance=_monday_until),
        Holiday("Summer", month=8, day=31, observance=_monday_until),
        Holiday("Christmas Day", month=12, day=25, observance=next_monday),
        Holiday("Boxing Day", month=12, day=26, observance=next_monday_or_tuesday),
    ]


def bank_holidays(first: date, last: date) -> list[date]:
    """The regular bank holidays of England and Wales, both ends included; one-off days are not known here."""
    found = _BankHolidays().holidays(pd.Timestamp(first), pd.Timestamp(last))
    return [day.date() for day in found]


def usual_breaks(year: int) -> list[Span]:
    """The breaks of a calendar year by common pattern, both ends included.

    Christmas 20 December to 3 January; the week of the third Monday of February; Easter from the Saturday eight days before it for
    sixteen days; the week of the spring bank holiday; 22 July to 2 September; the last week of October that has five weekdays.
    """
    easter = (pd.Timestamp(year, 1, 1) + pd.offsets.Easter()).date()
    may = max(day for day in bank_holidays(date(year, 5, 20), date(year, 5, 31)) if day.month == 5)
    first = date(year, 2, 1)
    february = first + timedelta(days=(7 - first.weekday()) % 7 + 14)
    last = date(year, 10, 31)
    october = last - timedelta(days=(last.weekday() - 4) % 7 + 4)
    return [(date(year, 1, 1), date(year, 1, 3)), (february, february + timedelta(days=4)),
            (easter - timedelta(days=8), easter + timedelta(days=7)), (may, may + timedelta(days=4)),
            (date(year, 7, 22), date(year, 9, 2)), (october, october + timedelta(days=4)), (date(year, 12, 20), date(year, 12, 31))]


def kinds(days: pd.DatetimeIndex, breaks: tuple[Span, ...] = ()) -> NDArray[np.int64]:
    """Position in `KINDS` of each local day. `breaks` (both ends included) replace the usual ones in the years they begin in."""
    if not len(days):
        return np.empty(0, dtype=np.int64)
    plain = days.tz_localize(None).normalize() if days.tz is not None else days.normalize()
    first, last = plain.min().date(), plain.max().date()
    given = {start.year for start, _ in breaks}
    spans = [*breaks, *(span for year in range(first.year, last.year + 1) if year not in given for span in usual_breaks(year))]
    result = np.zeros(len(plain), dtype=np.int64)
    for start, end in spans:
        result[(plain >= pd.Timestamp(start)) & (plain <= pd.Timestamp(end))] = 1
    off = plain.isin(pd.DatetimeIndex(bank_holidays(first, last)))
    result[(plain.day_of_week >= 5) | off] = 2
    return result


def parse(spans: tuple[str, ...]) -> tuple[Span, ...]:
    """"2025-07-22..2025-09-02" or a single day. Raises `ParameterError`."""
    found = []
    for text in spans:
        try:
            start, _, end = text.partition("..")
            span = (date.fromisoformat(start), date.fromisoformat(end or start))
        except ValueError:
            span = (date.max, date.min)
        if span[0] > span[1]:
            raise ParameterError("A school holiday is not a span of dates.", fix="Write it as 2025-07-22..2025-09-02.",
                                 where="school_holidays")
        found.append(span)
    return tuple(found)
