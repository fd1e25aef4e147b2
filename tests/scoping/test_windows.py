from datetime import date

import numpy as np
import pandas as pd
import pytest

from geo_data.errors import ParameterError
from scoping.parameters import MAX_WINDOWS, WindowScheme
from scoping.windows import make

FIRST, LAST = pd.Timestamp("2025-03-10 08:00", tz="UTC"), pd.Timestamp("2025-05-20 22:00", tz="UTC")


def spans(windows):
    return [(a.tz_convert("Europe/London").date(), b.tz_convert("Europe/London").date())
            for a, b in zip(windows.starts, windows.ends, strict=True)]


def test_months_are_cut_at_local_midnight_and_the_unfinished_one_is_flagged():
    windows = make(WindowScheme.parse("month"), FIRST, LAST)
    assert windows.labels == ("Mar 2025", "Apr 2025", "May 2025")
    assert list(windows.starts) == [pd.Timestamp("2025-03-01T00:00Z"), pd.Timestamp("2025-03-31T23:00Z"),
                                    pd.Timestamp("2025-04-30T23:00Z")]
    assert windows.partial.tolist() == [False, False, True]
    assert list(windows.ends[:-1]) == list(windows.starts[1:])


def test_a_month_is_complete_when_its_last_local_day_has_a_record():
    # 23:30 UTC on 30 April is already 1 May in London; 22:59 is the last minute of April
    for last, complete in (("2025-04-29T22:00Z", False), ("2025-04-30T09:00Z", True), ("2025-04-30T23:30Z", True)):
        windows = make(WindowScheme("month"), FIRST, pd.Timestamp(last))
        assert bool(windows.partial[1]) is not complete


@pytest.mark.parametrize(("day", "hours"), [(date(2025, 3, 30), 23), (date(2025, 10, 26), 25), (date(2025, 6, 1), 24)])
def test_a_day_on_which_the_clocks_change_is_not_24_hours(day, hours):
    windows = make(WindowScheme("custom", spans=((day, date.fromordinal(day.toordinal() + 1)),)), None, None)
    assert windows.ends[0] - windows.starts[0] == pd.Timedelta(hours=hours)


def test_fixed_windows_do_not_move_when_records_are_added():
    scheme = WindowScheme.parse("rolling:91d:28d")
    few, more = make(scheme, FIRST, LAST), make(scheme, FIRST - pd.Timedelta(days=200), LAST + pd.Timedelta(days=200))
    assert set(spans(few)) <= set(spans(more))
    assert all((b - a).days == 91 for a, b in spans(more))
    assert all((b[0] - a[0]).days == 28 for a, b in zip(spans(more)[:-1], spans(more)[1:], strict=True))
    assert all(a.weekday() == 0 for a, _ in spans(more))


def test_every_record_lies_in_a_window_and_the_last_window_reaches_past_the_last_record():
    for text in ("month", "days:28", "rolling:91d:7d", "rolling:7d:1d"):
        windows = make(WindowScheme.parse(text), FIRST, LAST)
        assert windows.starts[0] <= FIRST
        assert windows.ends[-1] > LAST
        assert (windows.ends[:-1] <= LAST).all()


def test_a_given_start_is_the_anchor_and_only_whole_windows_fit_before_the_end():
    windows = make(WindowScheme.parse("days:10"), FIRST, LAST, start=date(2025, 4, 2), end=date(2025, 4, 25))
    assert spans(windows) == [(date(2025, 4, 2), date(2025, 4, 12)), (date(2025, 4, 12), date(2025, 4, 22))]
    assert windows.labels[0] == "2 Apr - 11 Apr 2025"
    months = make(WindowScheme("month"), FIRST, LAST, start=date(2025, 3, 15), end=date(2025, 5, 1))
    assert months.labels == ("Apr 2025",)


def test_labels_name_the_days_and_the_years():
    days = [date(2024, 12, 1), date(2025, 3, 1), date(2025, 5, 31)]
    spans_ = ((days[0], days[1]), (days[1], days[2]), (date(2025, 3, 2), date(2025, 3, 3)))
    windows = make(WindowScheme("custom", spans=spans_), FIRST, LAST)
    assert windows.labels == ("1 Dec 2024 - 28 Feb 2025", "1 Mar - 30 May 2025", "2 Mar 2025")


def test_too_many_windows_are_refused_with_the_limit():
    with pytest.raises(ParameterError, match=f"{MAX_WINDOWS:,}"):
        make(WindowScheme.parse("rolling:7d:1d"), pd.Timestamp("1990-01-01", tz="UTC"), LAST)


def test_dates_that_leave_no_room_are_refused():
    with pytest.raises(ParameterError, match="No whole window"):
        make(WindowScheme("month"), FIRST, LAST, start=date(2025, 4, 2), end=date(2025, 4, 30))


def test_no_records_no_windows_unless_dates_are_given():
    assert len(make(WindowScheme("month"), None, None)) == 0
    given = make(WindowScheme("month"), None, None, start=date(2025, 1, 1), end=date(2025, 3, 1))
    assert given.labels == ("Jan 2025", "Feb 2025")
    assert given.partial.all() and given.start_us.dtype == np.int64
