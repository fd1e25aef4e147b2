"""Times of a file to UTC: ISO 8601 only, local time where no zone is given, doubt never resolved by guessing.

A time without zone is Europe/London. In the repeated hour of October the first of the two instants is taken;
the hour that March leaves out is read with the winter offset (PEP 495, fold 0). Both are kept and flagged.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

LONDON = "Europe/London"
# years beyond these lie outside what calendars and zones can reckon with
_ISO = (r"(?P<day>(?:19|20)\d{2}-\d{2}-\d{2})(?:[T ](?P<clock>\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)"
        r"[\s\pZ]?(?P<zone>Z|z|[+-]\d{2}(?::?\d{2})?)?)?")
# why a text is refused, what to do: the first that fits
_TWELVE = r"(?:0?[1-9]|1[0-2])"
_WRITE = "Write the date as year-month-day, e.g. 2025-04-25 or 2025-04-25T14:30"
_REFUSALS = (
    (rf"{_TWELVE}[/. -]{_TWELVE}[/. -](?:\d\d)?\d\d(?:\D.*)?", "day and month may be confused",
     f"{_WRITE}, or choose the profile of the source."),
    (r"\d{5}(?:\.\d+)?", "an Excel serial number, not a date",
     "Format the column in Excel as text or as yyyy-mm-dd and save again."),
    (r"\d{4}-\d{2}-\d{2}.*", "no such date or time", "Check the day, the month and the clock time."),
)
_OTHER = ("not a date as year-month-day", f"{_WRITE}.")


class Times(NamedTuple):
    """Same index as the text. ``refused`` holds (rule, fix) codes: -1 where fine or blank, else into `REFUSALS`."""

    utc: pd.Series
    date_only: pd.Series
    doubtful: pd.Series  # "ambiguous", "nonexistent" or missing
    refused: pd.Series


REFUSALS = (*((rule, fix) for _, rule, fix in _REFUSALS), _OTHER)


def parse_times(text: pd.Series) -> Times:
    """Parse ISO 8601 dates and times; never raises for any text."""
    given = text.notna()
    parts = _parts(text)
    clock = parts["clock"].str.replace(",", ".", regex=False)
    zoned = parts["zone"].notna()
    date_only = parts["day"].notna() & parts["clock"].isna()

    written = parts["day"] + "T" + clock.fillna("00:00")
    local, doubtful = _from_london(_naive(written.mask(zoned)))
    if zoned.any():
        local = local.where(~zoned, _absolute(written.where(zoned), parts["zone"]))
    utc = local.astype("datetime64[us, UTC]")

    refused = pd.Series(-1, index=text.index, dtype="int64")
    wrong = given & utc.isna()
    if wrong.any():
        left = text[wrong]
        codes = pd.Series(len(_REFUSALS), index=left.index, dtype="int64")
        for number, (pattern, _, _) in reversed(list(enumerate(_REFUSALS))):
            codes = codes.mask(left.str.fullmatch(pattern).fillna(False).astype(bool), number)
        refused[wrong] = codes
    return Times(utc, date_only & utc.notna(), doubtful, refused)


def _parts(text: pd.Series) -> pd.DataFrame:
    """Day, clock and zone as written; all missing where the text is no such time."""
    written = pa.array(text, pa.large_string(), from_pandas=True)
    found = pa.compute.extract_regex(written, f"^(?:{_ISO})$")
    parts = {}
    for name in ("day", "clock", "zone"):  # what an optional part did not find comes as an empty text
        part = pa.compute.struct_field(found, name)
        part = pa.compute.if_else(pa.compute.equal(part, ""), None, part)
        parts[name] = pd.Series(pd.array(part, dtype="str"), index=text.index)
    return pd.DataFrame(parts)


def _naive(text: pd.Series) -> pd.Series:
    return pd.to_datetime(text, format="ISO8601", errors="coerce").astype("datetime64[us]")


def _absolute(text: pd.Series, zone: pd.Series) -> pd.Series:
    """Local readings with a written offset to UTC, by arithmetic: no reading can overflow a parser."""
    sign = zone.str[0].map({"+": 1, "-": -1, "Z": 0, "z": 0})
    digits = zone.str.replace(r"\D", "", regex=True)
    hours = pd.to_numeric(digits.str[:2], errors="coerce").fillna(0)
    minutes = pd.to_numeric(digits.str[2:], errors="coerce").fillna(0)
    offset = sign * (hours * 60 + minutes)
    offset = offset.where((hours <= 14) & (minutes < 60))
    naive = _naive(text.where(offset.notna()))
    return (naive - pd.to_timedelta(offset.fillna(0), unit="min").astype("timedelta64[us]")).dt.tz_localize("UTC")


def _from_london(naive: pd.Series) -> tuple[pd.Series, pd.Series]:
    """London readings to UTC, and where they are two instants or none."""
    first = naive.dt.tz_localize(LONDON, ambiguous=np.ones(len(naive), dtype=bool), nonexistent="NaT")
    second = naive.dt.tz_localize(LONDON, ambiguous=np.zeros(len(naive), dtype=bool), nonexistent="NaT")
    missing_hour = first.isna() & naive.notna()
    twice = first.notna() & (first != second)
    utc = first.dt.tz_convert("UTC").where(~missing_hour, naive.dt.tz_localize("UTC"))
    doubtful = pd.Series(None, index=naive.index, dtype="str")
    return utc, doubtful.mask(twice, "ambiguous").mask(missing_hour, "nonexistent")


def london_day(utc: pd.Series) -> pd.Series:
    """The local calendar day (naive midnight) of each instant."""
    local: pd.Series = utc.dt.tz_convert(LONDON).dt.tz_localize(None).dt.normalize()
    return local
