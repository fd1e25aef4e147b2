"""The same episode told by two systems: matched by child and overlapping time, both kept, the differences shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoping.windows import ZONE, microseconds

PAIRS = ("first", "second", "first_source", "second_source", "apart_hours")
OPEN = np.iinfo(np.int64).max
COMPARED = ("responsible_la", "age_at_episode", "care_status", "missing_from_type", "last_seen_at", "reported_at", "found_at",
            "risk_level_initial", "last_seen_location_text", "found_location_text", "found_location_type", "rhi_offered",
            "rhi_completed_at")


def pairs(facts: pd.DataFrame) -> pd.DataFrame:
    """Episodes of one child in different source systems whose times overlap, each in one pair at most: the columns `PAIRS`.

    Times from the first known start to the return, or open; where only days are known, whole days. Of several that overlap, those
    that begin nearest to one another. `apart_hours` is between their starts. `facts`: FACTS.
    """
    start, end = _spans(facts)
    order = np.lexsort((start, pd.factorize(facts["person_ref"])[0]))
    person = facts["person_ref"].to_numpy(object)[order]
    ref, source = facts["episode_ref"].to_numpy(object), facts["source_system"].to_numpy(object)
    found: list[tuple[int, int, int]] = []
    begins = 0
    for i, row in enumerate(order):
        if i and person[i] != person[i - 1]:
            begins = i
        for other in order[begins:i]:
            if source[row] != source[other] and start[row] < end[other]:
                found.append((abs(int(start[row] - start[other])), int(other), int(row)))
    used: set[int] = set()
    kept = []
    for apart, a, b in sorted(found, key=lambda pair: (pair[0], ref[pair[1]], ref[pair[2]])):
        if a not in used and b not in used:
            used |= {a, b}
            one, two = sorted((a, b), key=lambda row: (source[row], ref[row]))
            kept.append((ref[one], ref[two], source[one], source[two], apart / 3.6e9))
    return pd.DataFrame(kept, columns=list(PAIRS)).sort_values(["first", "second"]).reset_index(drop=True)


def _spans(facts: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """From and until of each episode in microseconds; until is past everything while the child is missing."""
    first = facts[["last_seen_at", "reported_at"]].min(axis=1)
    first, last = (pd.to_datetime(times, utc=True).dt.as_unit("us") for times in (first, facts["found_at"]))
    days = facts["time_precision"].isin(["day", "month"])
    local_first, local_last = (times.dt.tz_convert(ZONE).dt.normalize() for times in (first, last))
    first = first.mask(days, local_first.dt.tz_convert("UTC"))
    last = last.mask(days, (local_last + pd.Timedelta(days=1)).dt.tz_convert("UTC"))
    until = microseconds(pd.DatetimeIndex(last))
    return microseconds(pd.DatetimeIndex(first)), np.where(last.isna().to_numpy(), OPEN, until)


def differences(episodes: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Where two records of EPISODES say something else: column, first, second. Equal and empty columns are left out."""
    records = episodes.set_index("episode_ref").to_dict("index")
    one, two = records[first], records[second]
    said = [(name, one[name], two[name]) for name in COMPARED if name in one]
    kept = [(name, a, b) for name, a, b in said if not (pd.isna(a) and pd.isna(b)) and (pd.isna(a) or pd.isna(b) or a != b)]
    return pd.DataFrame(kept, columns=["column", "first", "second"])
