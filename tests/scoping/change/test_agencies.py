"""A change of recording is not a change of the picture."""

import numpy as np
import pandas as pd
import pytest

from scoping import coverage
from scoping.change.agencies import measure
from scoping.parameters import Parameters
from scoping.scope import scope
from tests.scoping.worlds import Story

E, N = 430_000.0, 560_000.0
MONTHS = 12
OURS, THEIRS = "E06000001", "E06000002"


def county(theirs):
    """Two authorities; `theirs(month)` times the second's usual three children at each of its six places."""
    story = Story()
    for month in range(MONTHS):
        for k in range(6):
            story.visits(month, E + 3_000 * k, N, 7)
            story.visits(month, E + 3_000 * k, N + 20_000, int(3 * theirs(month)))
    frame = story.background(MONTHS).frame()
    return frame.assign(responsible_la=np.where(frame["northing"] > N + 10_000, THEIRS, OURS))


def found(frame):
    scoped = scope(frame, Parameters())
    return scoped, measure(frame, scoped.windows, coverage.no_data(frame, scoped.windows)).odd


def test_ten_times_the_records_of_one_agency_is_said_and_gives_no_wrong_flag():
    scoped, odd = found(county(lambda month: 10 if month == 11 else 1))
    assert odd[["window", "agency"]].to_numpy().tolist() == [[11, THEIRS]]
    assert 7 < odd["ratio"].item() < 10  # its lone children elsewhere have not risen
    now = scoped.ledger[scoped.ledger["window"] == 11]
    assert now["recording"].sum() == 6 and not now["change"].isin(["born", "grew", "reactivated"]).any()
    assert now.loc[now["recording"], ["rr", "q"]].isna().all(axis=None)
    others = now[~now["recording"]]  # less of the whole than they were, but they have not shrunk
    assert set(others["change"]) == {"stable"} and others["rr"].to_numpy() == pytest.approx(1, rel=0.1)
    assert not (others["q"] <= 0.10).any()


def test_an_agency_that_stops_sending_closes_no_hotspot():
    scoped, odd = found(county(lambda month: 4 if month < 10 else 0))
    assert set(odd["agency"]) == {THEIRS} and (odd["ratio"] < 1).all()
    assert "dissolved" not in set(scoped.ledger["change"]) and "shrank" not in set(scoped.ledger["change"])


def test_a_steady_world_and_a_doubled_one_have_no_change_of_recording():
    for theirs in (lambda month: 1, lambda month: 2 if month == 11 else 1):
        scoped, odd = found(county(theirs))
        assert odd.empty and not scoped.ledger["recording"].any()


def test_an_only_agency_is_measured_against_its_own_days():
    story = Story()
    for month in range(MONTHS):
        for k in range(30):
            story.visits(month, E + 3_000 * k, N, 20 if month == 11 else 2)
    scoped, odd = found(story.background(MONTHS).frame())
    assert odd[["window", "agency"]].to_numpy().tolist() == [[11, "not recorded"]]
    assert set(scoped.ledger.loc[scoped.ledger["window"] == 11, "change"]) == {"first"}


def test_many_records_of_one_child_are_no_change_of_recording():
    frame = county(lambda month: 1)
    busy = frame[frame["responsible_la"] == THEIRS].tail(1)
    many = pd.concat([busy.assign(episode_ref=f"B{k}", location_id=f"B{k}:found") for k in range(200)])
    _, odd = found(pd.concat([frame, many], ignore_index=True))
    assert odd.empty


def test_half_a_year_of_windows_is_needed():
    _, odd = found(county(lambda month: 10 if month == 3 else 1))
    assert 3 not in set(odd["window"])
