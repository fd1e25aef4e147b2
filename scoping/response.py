"""Return interviews and repeat episodes, counted: how the agencies responded. Nobody is scored or ranked.

A return interview is offered when a child is found and is to be held within 72 hours (DfE 2014). A *repeat* is a further episode
of a child within a year; the *first repeat within 28 days* is of children whose first episode for a year ended, in months that
have been followed for 28 days.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from scoping.recording import month_of
from scoping.windows import ZONE

DUE_HOURS = 72
QUIET_DAYS, SOON_DAYS = 365, 28
NOT_OFFERED, NO_ANSWER, ACCEPTED, DECLINED, COMPLETED, NOT_NEEDED = (
    "not offered", "offered, no answer", "accepted", "declined", "completed", "not applicable")
STATES = (NOT_OFFERED, NO_ANSWER, ACCEPTED, DECLINED, COMPLETED, NOT_NEEDED)
WAITING = (NOT_OFFERED, NO_ANSWER, ACCEPTED)
INTERVIEWS = ("month", "children", "returned", "offered", "accepted", "completed", "in_72_hours", "without")
REPEATS = ("month", "children", "episodes", "again", "firsts", "soon")


def states(facts: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """The interview of each episode whose child has returned; the index is that of `facts`.

    Columns: episode_ref, state, due_at, hours_left (until due; missing unless it waits), hours_taken (from return to interview;
    missing when it was held before the recorded return).
    """
    back = facts[facts["found_at"].notna()]
    offered, accepted, done = back["rhi_offered"], back["rhi_accepted"], back["rhi_completed_at"]
    state = np.select([done.notna(), offered.eq("NA"), accepted.eq("N"), accepted.eq("Y"), offered.eq("Y")],
                      [COMPLETED, NOT_NEEDED, DECLINED, ACCEPTED, NO_ANSWER], NOT_OFFERED)
    due = back["found_at"] + pd.Timedelta(hours=DUE_HOURS)
    left = (due - pd.Timestamp(now)).dt.total_seconds() / 3600
    taken = (done - back["found_at"]).dt.total_seconds() / 3600
    return pd.DataFrame({"episode_ref": back["episode_ref"], "state": state, "due_at": due,
                         "hours_left": left.where(np.isin(state, WAITING)), "hours_taken": taken.where(taken >= 0)},
                        index=back.index)


def interviews(facts: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """By month of return: the columns `INTERVIEWS`. `without`: no interview was held, for whatever reason, though one was due."""
    told = states(facts, now)
    back = facts.loc[told.index]
    due = told["state"] != NOT_NEEDED
    frame = pd.DataFrame({
        "month": month_of(back["found_at"]), "child": back["person_ref"], "offered": back["rhi_offered"].eq("Y"),
        "accepted": back["rhi_accepted"].eq("Y"), "completed": told["state"] == COMPLETED,
        "in_72_hours": told["hours_taken"] <= DUE_HOURS,
        "without": told["state"].ne(COMPLETED) & (told["due_at"] < pd.Timestamp(now)),
    })[due]
    by = frame.groupby("month")
    table = pd.DataFrame({"children": by["child"].nunique(), "returned": by.size(),
                          **{name: by[name].sum() for name in INTERVIEWS[3:]}})
    return table.astype("int64").reset_index(names="month")[list(INTERVIEWS)]


def repeats(facts: pd.DataFrame, until: datetime) -> pd.DataFrame:
    """By month of report: the columns `REPEATS`.

    `again`: children who were also missing in the year before an episode of that month. `firsts`: children with an episode and
    none in the year before; `soon`: those of them missing again within 28 days of their return (of the report, while it is open).
    Both are missing for months not yet followed for 28 days to `until`, and for the first year of the data, when nobody can know.
    """
    seen = facts[facts["reported_at"].notna()].sort_values(["person_ref", "reported_at", "episode_ref"])
    if seen.empty:
        return pd.DataFrame({name: pd.Series(dtype="str" if name == "month" else "float64") for name in REPEATS})
    at, end = seen["reported_at"], seen["found_at"].fillna(seen["reported_at"])
    same = seen["person_ref"].eq(seen["person_ref"].shift())
    gap = (at - at.shift()).where(same)
    after = (at.shift(-1) - end).where(seen["person_ref"].eq(seen["person_ref"].shift(-1)))
    again = gap <= pd.Timedelta(days=QUIET_DAYS)
    frame = pd.DataFrame({"month": month_of(at), "child": seen["person_ref"], "again": again,
                          "soon": ~again & (after <= pd.Timedelta(days=SOON_DAYS))})
    by = frame.groupby("month")
    table = pd.DataFrame({"children": by["child"].nunique(), "episodes": by.size(),
                          "again": frame[frame["again"]].groupby("month")["child"].nunique(),
                          "firsts": frame[~frame["again"]].groupby("month").size(), "soon": by["soon"].sum()})
    table = table.fillna(0).astype("float64").reset_index(names="month")
    followed = (pd.Timestamp(until) - pd.Timedelta(days=SOON_DAYS)).tz_convert(ZONE).strftime("%Y-%m")
    known = (at.min() + pd.Timedelta(days=QUIET_DAYS)).tz_convert(ZONE).strftime("%Y-%m")
    unknown = table["month"] <= known
    table[["again", "firsts", "soon"]] = table[["again", "firsts", "soon"]].mask(unknown)
    table["soon"] = table["soon"].mask(table["month"] >= followed)
    return table[list(REPEATS)]
