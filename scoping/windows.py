"""Time windows: half-open [start, end), cut at local midnight in Europe/London, kept in UTC.

A day on which the clocks change is 23 or 25 hours long, so a window's length in hours
varies while its length in local days does not. Windows are whole or not made at all;
one that the data do not yet fill is kept and flagged `partial`, because its counts may
be shown but never compared as a fall.

Windows of a fixed number of days are anchored at the start the analyst gives, else at
Monday 3 January 2000: new records, late or early, never move a window's edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.errors import ParameterError
from scoping.parameters import MAX_WINDOWS, WindowScheme

ZONE = "Europe/London"
ANCHOR = date(2000, 1, 3)  # a Monday
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Span = tuple[date, date]


@dataclass(frozen=True)
class Windows:
    """Windows in order of start. `starts` and `ends` are UTC instants; `partial` is one flag a window."""

    starts: pd.DatetimeIndex
    ends: pd.DatetimeIndex
    labels: tuple[str, ...]
    partial: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def start_us(self) -> NDArray[np.int64]:
        """Starts as microseconds since 1970, UTC."""
        return microseconds(self.starts)

    @cached_property
    def end_us(self) -> NDArray[np.int64]:
        """Ends as microseconds since 1970, UTC."""
        return microseconds(self.ends)

    def part(self, first: int, until: int) -> Windows:
        """The windows [first, until) alone."""
        return Windows(self.starts[first:until], self.ends[first:until], self.labels[first:until], self.partial[first:until])


def make(scheme: WindowScheme, first: pd.Timestamp | None, last: pd.Timestamp | None,
         start: date | None = None, end: date | None = None) -> Windows:
    """The windows of `scheme` that hold the records from `first` to `last` (UTC, both may be missing).

    `start` and `end` bound the windows, half-open local dates: only windows that lie wholly
    between them are made. Raises `ParameterError` when there would be more than `MAX_WINDOWS`,
    or when the dates given leave room for none.
    """
    if scheme.kind == "custom":
        spans = [span for span in scheme.spans if (not start or span[0] >= start) and (not end or span[1] <= end)]
        if len(spans) > MAX_WINDOWS:
            _too_many(len(spans))
        if not spans:
            _no_room()
        return _windows(spans, last, month=False)
    low = start or _local_day(first)
    # `end` bounds what is shown; without it the last record's own window is the last one
    final = end - timedelta(days=1) if end else _local_day(last)
    if low is None or final is None:
        return _windows([], last, month=True)
    if scheme.kind == "month":
        spans = _months(low, final, whole_from=start)
    else:
        spans = _fixed(scheme, low, final, anchor=start or ANCHOR)
    spans = [span for span in spans if end is None or span[1] <= end]
    if not spans and (start or end):
        _no_room()
    return _windows(spans, last, month=scheme.kind == "month")


def microseconds(times: pd.DatetimeIndex) -> NDArray[np.int64]:
    """Instants as microseconds since 1970, UTC."""
    return np.asarray(times.as_unit("us").asi8, dtype=np.int64)


def _local_day(instant: pd.Timestamp | None) -> date | None:
    if instant is None or pd.isna(instant):
        return None
    return instant.tz_convert(ZONE).date()


def _months(low: date, final: date, whole_from: date | None) -> list[Span]:
    index = low.year * 12 + low.month - 1
    if whole_from and low.day > 1:
        index += 1  # a month that began before the analyst's start is not whole
    until = final.year * 12 + final.month - 1
    if until - index + 1 > MAX_WINDOWS:
        _too_many(until - index + 1)
    firsts = [date(month // 12, month % 12 + 1, 1) for month in range(index, until + 2)]
    return list(pairwise(firsts))


def _fixed(scheme: WindowScheme, low: date, final: date, anchor: date) -> list[Span]:
    step, length = timedelta(days=scheme.step_days), timedelta(days=scheme.length_days)
    begin = (low - anchor) // step  # the last anchored start on or before `low`
    until = (final - anchor) // step
    if until - begin + 1 > MAX_WINDOWS:
        _too_many(until - begin + 1)
    spans = [(anchor + k * step, anchor + k * step + length) for k in range(begin, until + 1)]
    # a rolling scheme ends with the first window that reaches past the last record: those
    # after it hold no new day in full
    reach = next((k for k, span in enumerate(spans) if span[1] > final), len(spans) - 1)
    return spans[:reach + 1]


def _windows(spans: list[Span], last: pd.Timestamp | None, *, month: bool) -> Windows:
    starts, ends = (_midnights([span[side] for span in spans]) for side in (0, 1))
    day = _local_day(last)
    # complete only when the last record falls on the window's last local day or later
    partial = np.array([day is None or span[1] > day + timedelta(days=1) for span in spans], dtype=bool)
    labels = tuple(_label(span, month=month) for span in spans)
    return Windows(starts, ends, labels, partial)


def _midnights(days: list[date]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.to_datetime(days)).as_unit("us").tz_localize(ZONE).tz_convert("UTC")


def _label(span: Span, *, month: bool) -> str:
    """"Mar 2025" for a calendar month, else first and last day: "1 Mar - 30 May 2025"."""
    start, final = span[0], span[1] - timedelta(days=1)
    if month:
        return f"{MONTHS[start.month - 1]} {start.year}"
    tail = f"{final.day} {MONTHS[final.month - 1]} {final.year}"
    if start == final:
        return tail
    year = "" if start.year == final.year else f" {start.year}"
    return f"{start.day} {MONTHS[start.month - 1]}{year} - {tail}"


def _too_many(count: int) -> NoReturn:
    raise ParameterError(f"{count:,} windows were asked for; the limit is {MAX_WINDOWS:,}.",
                         fix="Choose a longer step or a shorter period.", where="window")


def _no_room() -> NoReturn:
    raise ParameterError("No whole window lies between the dates given.",
                         fix="Choose dates further apart or a shorter window.", where="from/to")
