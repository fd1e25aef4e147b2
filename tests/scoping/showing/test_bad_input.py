"""What a review says of data that can say little: each a clear statement, no wrong flag, no crash.

Dates in the future never come so far: the import refuses them (`tests/geo_data/reading/test_validate.py`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo_data.errors import ParameterError
from geo_data.schema import ROLES
from scoping import coverage
from scoping.change.findings import find
from scoping.parameters import Parameters
from scoping.scope import scope
from scoping.showing.disclosure import release
from scoping.showing.review import ReviewRelease, review
from tests.scoping.change.test_ledger import world
from tests.scoping.worlds import Story

E, N = 430_000.0, 560_000.0
CHANGES = {"born", "reactivated", "grew", "shrank", "moved", "merged", "split", "dissolved"}


def seen(frame: pd.DataFrame, month: str | None = None) -> ReviewRelease:
    by_role = {role: scope(frame, replace(Parameters(), roles=(role,))) for role in ROLES}
    releases = {role: release(scoped) for role, scoped in by_role.items()}
    return review(releases, "found", find(by_role, "found", month=month, runs=20))


def flags(told: ReviewRelease) -> set[str]:
    return (set(told.places["change"]) & CHANGES) | ({"beyond"} if told.places["beyond"].any() else set())


def test_one_window_only() -> None:
    told = seen(Story().visits(0, E, N, 9).background(1).frame())
    assert flags(told) == set() and told.places["change"].tolist() == ["first"]
    assert "nothing can be called new" in " ".join(told.notes)


def test_an_empty_window_is_no_data_and_no_review() -> None:
    rows = world(months=10)
    rows = rows[rows["at"].dt.tz_convert("Europe/London").dt.month != 6].reset_index(drop=True)
    june = scope(rows, Parameters())
    assert june.windows.labels[5] == "Jun 2024" and bool(coverage.no_data(rows, june.windows)[5])
    told = seen(rows, month="2024-06")  # the last window with data by then
    assert told.release.labels[told.at.now] == "May 2024"
    assert "Some windows have no data at all" in " ".join(told.notes)
    with pytest.raises(ParameterError, match="nothing to review"):
        seen(rows.iloc[:0])


def test_months_missing_close_no_hotspot() -> None:
    story = Story()
    for month in range(12):
        story.visits(month, E, N, 8)
    rows = story.background(12).frame()
    gone = rows["at"].dt.tz_convert("Europe/London").dt.month.isin([6, 7, 8])
    told = seen(rows[~gone].reset_index(drop=True), month="2024-09")
    assert flags(told) == set() and told.places["change"].tolist() == ["stable"]
    assert "nothing can be called new" in " ".join(told.notes)  # the window before has no data
    assert "Some windows have no data at all" in " ".join(told.notes)


def test_all_points_at_one_place() -> None:
    story = Story()
    for month in range(12):
        story.visits(month, E, N, 8, spread=0)
    told = seen(story.frame())
    assert flags(told) == set() and told.places["change"].tolist() == ["stable"]
    assert told.places["watch_border"].tolist() == [True]  # there is no elsewhere: it lies at the edge of the data


def test_one_child_only() -> None:
    story = Story()
    for month in range(12):
        story.visits(month, E, N, 20, person="ONLY")
    told = seen(story.frame())
    assert told.places.empty and flags(told) == set()


def test_ten_times_the_records_of_one_agency() -> None:
    story = Story()
    for month in range(12):
        for place in range(4):
            story.visits(month, E + 3_000 * place, N, 8)
    rows = story.background(12).frame()
    rows["responsible_la"] = np.where(rows["easting"] < E + 4_000, "E08000021", "E08000022")
    last = rows["at"].dt.tz_convert("Europe/London").dt.month == 12
    jump = rows[last & (rows["responsible_la"] == "E08000021")]
    more = [jump.assign(**{name: jump[name] + f"x{k}" for name in ("location_id", "episode_ref", "person_ref")}) for k in range(9)]
    told = seen(pd.concat([rows, *more], ignore_index=True))
    assert flags(told) == set()
    assert "the recording has changed" in " ".join(told.notes)
