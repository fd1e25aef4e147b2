"""Where the recording changed, so that a change of the picture is not read as a change of the world."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scoping.recording import month_of

MARKS = ("month", "slice", "value", "what")
STARTED, ENDED, GAP = "begins", "ends", "nothing received"
ABSENT_OUT, ABSENT_IN = "'absent' category no longer used", "'absent' category comes into use"
DAY_ONLY, CLOCK = "times known to the day only", "times known to the minute"
_NAMES = {"source": "source_system", "profile": "profile", "force": "recording_force"}
SHIFT = 0.3  # of a month's share, to be called a change of recording
FEW = 10  # episodes a month below which a share says nothing


def marks(facts: pd.DataFrame, day_only: pd.Series) -> pd.DataFrame:
    """Changes of recording by month: the columns `MARKS`, in order of month.

    `facts`: FACTS; `day_only`: aligned, whether the record's times are known only to the day or worse. A source, profile or force
    *begins* after the first month of the data, *ends* two or more months before the last, has *nothing received* in a month
    between; the category 'absent' comes or goes; the share of times without a clock jumps by `SHIFT` from month to month.
    """
    month = month_of(facts["reported_at"])
    known = month.notna()
    if not known.any():
        return pd.DataFrame({name: pd.Series(dtype="str") for name in MARKS})
    every = [str(m) for m in pd.period_range(month.min(), month.max(), freq="M")]
    said: list[tuple[str, str, str, str]] = []
    for name, column in _NAMES.items():
        for value, months in month[known].groupby(facts.loc[known, column]):
            said += [(m, name, str(value), what) for m, what in _presence(set(months), every)]
    for force, months in month[known & facts["episode_type"].eq("absent_legacy")].groupby(facts["recording_force"]):
        said += [(m, "force", str(force), ABSENT_IN if what == STARTED else ABSENT_OUT)
                 for m, what in _presence(set(months), every) if what != GAP]
    for source, rows in day_only[known].groupby(facts.loc[known, "source_system"]):
        said += [(m, "source", str(source), what) for m, what in _jumps(rows, month[rows.index], every)]
    return pd.DataFrame(sorted(set(said)), columns=list(MARKS)).astype("str")


def _presence(present: set[str], every: list[str]) -> list[tuple[str, str]]:
    first, last = min(present), max(present)
    said = [(first, STARTED)] if first > every[0] else []
    after = every.index(last) + 1
    if after < len(every) - 1:
        said.append((every[after], ENDED))
    return said + [(m, GAP) for m in every[every.index(first):every.index(last)] if m not in present]


def _jumps(day_only: pd.Series, month: pd.Series, every: list[str]) -> list[tuple[str, str]]:
    by = day_only.groupby(month)
    share, enough = by.mean().reindex(every), by.size().reindex(every).fillna(0) >= FEW
    change = share.where(enough).diff()
    return [(str(m), DAY_ONLY if moved > 0 else CLOCK) for m, moved in change.items() if np.isfinite(moved) and abs(moved) >= SHIFT]
