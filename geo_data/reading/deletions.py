"""A file of what a source has taken back: a reference a row, and as of which extract, written as the source's other files are."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from geo_data.errors import InputError
from geo_data.reading.profiles import Profile
from geo_data.reading.raw_table import RawTable
from geo_data.reading.times import REFUSALS, parse_times
from geo_data.schema import EPISODES

_COLUMNS = ("episode_ref", "extracted_at")
_NOTHING = "nothing was deleted."


def taken_back(table: RawTable, profile: Profile, arrived: datetime, now: datetime) -> pd.DataFrame:
    """episode_ref as the store has it, and at (UTC): as of when it is taken back, `arrived` where the file does not say.

    The index is the line of the file. Raises `InputError`, with the first row that is wrong: it is taken whole or not at all.
    """
    if len(table.rejects):
        raise _refused(table.rejects)
    read = profile.some(table.frame, _COLUMNS)
    if "episode_ref" not in read.frame:
        raise InputError("A file of deletions needs the column episode_ref, or the one that the sender's profile reads as such.",
                         fix="Give one reference a row; extracted_at beside it, when it is not the time of receipt.")
    if len(read.rejects):
        raise _refused(read.rejects)
    refs = read.frame["episode_ref"].fillna("").str.strip().str.upper()
    wrong = refs.index[~refs.str.fullmatch(EPISODES["episode_ref"].pattern)]
    if len(wrong):
        raise InputError("A reference of the file is none.", where=f"row {wrong[0]}",
                         fix=f"Every row needs an episode_ref as in the episodes; {_NOTHING}")
    return pd.DataFrame({"episode_ref": refs, "at": _moments(read.frame, arrived, now)})


def _moments(frame: pd.DataFrame, arrived: datetime, now: datetime) -> pd.Series:
    text = frame["extracted_at"] if "extracted_at" in frame else pd.Series(None, index=frame.index, dtype="str")
    times = parse_times(text)
    bad = times.refused.index[times.refused >= 0]
    if len(bad):
        rule, fix = REFUSALS[times.refused[bad[0]]]
        raise InputError(f"A time of extraction cannot be read ({rule}): {_NOTHING}", where=f"row {bad[0]}", fix=fix)
    late = times.utc.index[times.utc > now]
    if len(late):
        raise InputError(f"A time of extraction lies in the future: {_NOTHING}", where=f"row {late[0]}",
                         fix="Write it as 2025-03-01T06:00 (local time) or 2025-03-01T06:00Z.")
    return times.utc.fillna(pd.Timestamp(arrived))


def _refused(rejects: pd.DataFrame) -> InputError:
    first = rejects.iloc[0]
    return InputError(f"A row is wrong ({first['rule']}): {_NOTHING}", where=f"row {first['row']}", fix=str(first["fix"]))
