"""When is a place active? Hour by weekday, month, and school day, holiday or weekend; in local time.

A record known to the minute counts at its hour. A pickup whose own time is not known lies between the last sighting and the
finding; when that is at most a day it is spread evenly over the hours between (aoristic: Ratcliffe 2002, Journal of
Quantitative Criminology 18:23). Every other record has no known hour and is counted apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoping.change.members import members
from scoping.change.school_year import KINDS, Span, kinds
from scoping.clustering.points import Floats, Ints
from scoping.scope import Scoped
from scoping.windows import ZONE

LONGEST = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Rhythm:
    """One entry a hotspot of `hotspot_id`. `hours`: (n, 7, 24) records, Monday first; `months`: (n, 12); `days`: (n, 3) of
    `school_year.KINDS`; `usual`: the days of each kind in the window; `spread`: records spread over an interval; `unknown`: records
    without a known hour.
    """

    hotspot_id: tuple[str, ...]
    hours: Floats
    months: Ints
    days: Ints
    usual: Ints
    spread: Ints
    unknown: Ints


def rhythm(scoped: Scoped, window: int, episodes: pd.DataFrame | None = None, breaks: tuple[Span, ...] = ()) -> Rhythm:
    """The rhythm of each hotspot with a cluster in `window`.

    Hours and months are of the records in it in all windows that had ended by then, up to twelve months back; days are of this
    window alone. `episodes` (episode_ref, last_seen_at, reported_at, found_at, pickup_at) tells the intervals of pickups.
    """
    inside = members(scoped, window)
    names = tuple(sorted(set(inside["hotspot_id"])))
    year = _past_year(scoped, window, names)
    code = pd.Categorical(year["hotspot_id"], categories=names).codes.astype(np.int64)
    records = scoped.locations.iloc[year["point"].to_numpy()].reset_index(drop=True)
    local = pd.DatetimeIndex(records["at"]).tz_convert(ZONE)
    hours = np.zeros((len(names), 7, 24))
    interval = _intervals(records, episodes)
    exact = (records["at_precision"] == "minute").to_numpy(dtype=bool) & interval["start"].isna().to_numpy()
    np.add.at(hours, (code[exact], local.day_of_week.to_numpy()[exact], local.hour.to_numpy()[exact]), 1.0)
    spread = interval["start"].notna().to_numpy()
    for row in np.flatnonzero(spread):
        day, hour, weight = _shares(interval["start"].iloc[row], interval["end"].iloc[row])
        np.add.at(hours[code[row]], (day, hour), weight)
    dated = (records["at_precision"] != "unknown").to_numpy(dtype=bool)
    months = np.zeros((len(names), 12), dtype=np.int64)
    np.add.at(months, (code[dated], local.month.to_numpy()[dated] - 1), 1)
    days, usual = _days(scoped, window, inside, names, breaks)
    return Rhythm(names, hours, months, days, usual, _count(code, spread, names), _count(code, ~exact & ~spread, names))


def _count(code: Ints, mask: NDArray[np.bool_], names: tuple[str, ...]) -> Ints:
    return np.bincount(code[mask], minlength=len(names)).astype(np.int64)


def _past_year(scoped: Scoped, window: int, names: tuple[str, ...]) -> pd.DataFrame:
    """Each record of the hotspots once, over the windows of the year up to this one."""
    spans = scoped.windows
    since = spans.start_us[window] - 364 * 86_400_000_000
    past = [k for k in range(window + 1) if spans.start_us[k] >= since and spans.end_us[k] <= spans.end_us[window]]
    every = pd.concat([members(scoped, k)[["hotspot_id", "point"]] for k in past], ignore_index=True)
    return every[every["hotspot_id"].isin(names)].drop_duplicates(ignore_index=True)


def _days(scoped: Scoped, window: int, inside: pd.DataFrame, names: tuple[str, ...],
          breaks: tuple[Span, ...]) -> tuple[Ints, Ints]:
    start, end = scoped.windows.starts[window].tz_convert(ZONE), scoped.windows.ends[window].tz_convert(ZONE)
    calendar = pd.date_range(start.tz_localize(None).normalize(), end.tz_localize(None).normalize(), inclusive="left")
    usual = np.bincount(kinds(calendar, breaks), minlength=len(KINDS)).astype(np.int64)
    records = scoped.locations.iloc[inside["point"].to_numpy()]
    known = records["at_precision"].isin(["minute", "day"]).to_numpy(dtype=bool)
    kind = kinds(pd.DatetimeIndex(records["at"]).tz_convert(ZONE), breaks)
    code = pd.Categorical(inside["hotspot_id"], categories=names).codes.astype(np.int64)
    days = np.zeros((len(names), len(KINDS)), dtype=np.int64)
    np.add.at(days, (code[known], kind[known]), 1)
    return days, usual


def _intervals(records: pd.DataFrame, episodes: pd.DataFrame | None) -> pd.DataFrame:
    """Start and end between which each pickup lies whose own time is not known; missing for every other record."""
    blank = pd.Series(pd.NaT, index=records.index, dtype="datetime64[us, UTC]")
    frame = pd.DataFrame({"start": blank, "end": blank})
    if episodes is None:
        return frame
    known = episodes.set_index("episode_ref").reindex(records["episode_ref"]).reset_index(drop=True)
    start, end = known["last_seen_at"].fillna(known["reported_at"]), known["found_at"]
    so = (records["role"] == "pickup") & known["pickup_at"].isna() & (end > start) & (end - start <= LONGEST)
    so = so.fillna(False).astype(bool) & (records["at_precision"] == "minute")
    return pd.DataFrame({"start": start.where(so), "end": end.where(so)})


def _shares(start: pd.Timestamp, end: pd.Timestamp) -> tuple[Ints, Ints, Floats]:
    """Weekday, hour and share of each local hour of [start, end); the shares add up to 1."""
    edges = [start, *pd.date_range(start.ceil("h"), end, freq="h"), end]
    ticks = pd.DatetimeIndex(edges).unique()
    length = np.diff(ticks.asi8).astype(np.float64)
    local = ticks[:-1].tz_convert(ZONE)
    return local.day_of_week.to_numpy(dtype=np.int64), local.hour.to_numpy(dtype=np.int64), length / length.sum()
