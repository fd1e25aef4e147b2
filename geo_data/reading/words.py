"""Words as people write them: column names, codes, yes and no, dates with the day first."""

from __future__ import annotations

import re

import pandas as pd

from geo_data.schema import EPISODES

_MONTHS = {name: f"{number:02d}" for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}
_YES_NO = {"yes": "Y", "y": "Y", "true": "Y", "1": "Y", "no": "N", "n": "N", "false": "N", "0": "N",
           "na": "NA", "notapplicable": "NA", "nk": "NK", "notknown": "NK", "unknown": "NK", "null": "NK"}
_ISO = r"(?P<iso>\d{4}-\d{2}-\d{2})"
_DAY_FIRST = r"(?P<day>\d{1,2})(?P<mark>[/. -])(?P<month>\d{1,2}|[A-Za-z]{3,9})(?P=mark)(?P<year>\d{4})"
_CLOCK = (r"(?:(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:\.\d+)?)?|(?P<four>\d{4}))"
          r"\s*(?P<half>[AaPp][Mm])?(?P<zone>Z|[+-]\d{2}:?\d{2})?")
_WRITTEN = rf"(?:{_ISO}|{_DAY_FIRST})(?:[T, ]+{_CLOCK})?"


def key(text: str) -> str:
    """A name without case, spaces and punctuation: 'Post-code Found ' and 'postcode_found' are one."""
    return "".join(re.findall(r"[^\W_]+", text.casefold()))


def read_yes_no(text: pd.Series, target: str) -> pd.Series:
    """Yes, No, True, NA and the like as Y, N, NA, NK where the schema column knows those codes."""
    allowed = () if target == "category" else EPISODES[target].allowed
    if "Y" not in allowed:
        return text
    words = {word: _YES_NO[key(word)] for word in text.dropna().unique() if _YES_NO.get(key(word)) in allowed}
    return text.replace(words) if words else text


def written_dates(text: pd.Series) -> pd.Series:
    """Day-first or ISO dates, with or without a clock time, as ISO text; missing where the text is neither.

    Whether such a day exists is not asked here: 2025-02-30 stays, for the reader of times to refuse.
    """
    if text.isna().all():
        return text.astype("str")
    unique = pd.Series(text.dropna().unique(), dtype="str")
    parts = unique.str.extract(f"^(?:{_WRITTEN})$")
    named = parts["month"].str[:3].str.lower().map(_MONTHS).astype("str")
    month = named.fillna(parts["month"]).str.zfill(2)
    day = parts["iso"].fillna(parts["year"] + "-" + month + "-" + parts["day"].str.zfill(2))
    hour = parts["hour"].fillna(parts["four"].str[:2])
    minute = parts["minute"].fillna(parts["four"].str[2:])
    afternoon = parts["half"].str.lower().map({"am": 0, "pm": 12})
    twelve = pd.to_numeric(hour, errors="coerce")
    twelve = twelve.where(afternoon.isna(), twelve % 12 + afternoon)
    hour = twelve.astype("Int64").astype("str").str.zfill(2)
    clock = hour + ":" + minute + ":" + parts["second"].fillna("00") + parts["zone"].fillna("")
    iso = day.where(hour.isna(), day + "T" + clock)
    return text.map(dict(zip(unique, iso, strict=True))).astype("str")
