import numpy as np
import pandas as pd
import pytest

from scoping.change.rhythm import rhythm
from scoping.parameters import Parameters
from scoping.scope import scope
from tests.scoping.worlds import Story, locations

E, N = 430_000.0, 560_000.0


def place(times, **columns):
    count = len(times)
    rest = Story().background(2).frame()
    mine = locations(E + 10.0 * np.arange(count), np.full(count, N), pd.to_datetime(times, utc=True), range(count),
                     **columns)
    mine = mine.assign(episode_ref=[f"P{k}" for k in range(count)], location_id=[f"P{k}:x" for k in range(count)])
    return pd.concat([mine, rest.assign(role=mine["role"].iloc[0])], ignore_index=True)


def test_hours_are_local_and_each_record_counts_once():
    frame = place(["2024-01-03T22:15Z"] * 5 + ["2024-01-06T09:00Z"])
    told = rhythm(scope(frame, Parameters()), 0)
    assert told.hours[0, 2, 22] == 5 and told.hours[0, 5, 9] == 1 and told.hours.sum() == 6
    assert told.months[0].tolist() == [6, *[0] * 11]
    assert told.days[0].tolist() == [0, 5, 1] and told.usual.sum() == 31  # 3 January is a school holiday
    assert told.unknown.tolist() == [0]


def test_summer_time_is_the_readers_time():
    story = place(["2024-07-03T22:15Z"] * 6)
    tail = story.tail(1).assign(at=pd.Timestamp("2024-08-31T12:00Z"), episode_ref="Z", location_id="Z:found")
    scoped = scope(pd.concat([story, tail], ignore_index=True), Parameters())
    assert rhythm(scoped, 6).hours[0, 2, 23] == 6


def test_times_that_are_not_known_are_counted_apart():
    frame = place(["2024-01-03T12:00Z"] * 6, at_precision=["minute", "minute", "minute", "day", "day", "month"])
    told = rhythm(scope(frame, Parameters()), 0)
    assert told.hours.sum() == 3 and told.unknown.tolist() == [3] and told.days.sum() == 5 and told.months.sum() == 6


def pickups(ends):
    frame = place(["2024-01-03T14:30Z"] * 6, role="pickup")
    episodes = pd.DataFrame({"episode_ref": [f"P{k}" for k in range(6)], "reported_at": pd.Timestamp("2024-01-03T20:00Z"),
                             "last_seen_at": pd.Timestamp("2024-01-03T14:30Z"), "pickup_at": pd.NaT,
                             "found_at": pd.to_datetime(ends, utc=True)})
    episodes["pickup_at"] = pd.to_datetime(episodes["pickup_at"], utc=True)
    return scope(frame, Parameters(roles=("pickup",))), episodes


def test_a_pickup_between_two_times_is_spread_evenly_over_the_hours_between():
    scoped, episodes = pickups(["2024-01-03T16:30Z"] * 6)
    told = rhythm(scoped, 0, episodes)
    assert told.spread.tolist() == [6] and told.unknown.tolist() == [0]
    assert told.hours[0, 2, 14:17] == pytest.approx([1.5, 3.0, 1.5]) and told.hours.sum() == pytest.approx(6)
    past_midnight, episodes = pickups(["2024-01-04T02:30Z"] * 6)
    told = rhythm(past_midnight, 0, episodes)
    assert told.hours[0, 3, :3] == pytest.approx([0.5, 0.5, 0.25]) and told.hours.sum() == pytest.approx(6)


def test_a_pickup_with_its_own_time_or_over_more_than_a_day_is_not_spread():
    scoped, episodes = pickups(["2024-01-07T16:30Z"] * 6)
    told = rhythm(scoped, 0, episodes)
    assert told.spread.tolist() == [0] and told.hours[0, 2, 14] == 6
    scoped, episodes = pickups(["2024-01-03T16:30Z"] * 6)
    told = rhythm(scoped, 0, episodes.assign(pickup_at=pd.Timestamp("2024-01-03T14:30Z")))
    assert told.spread.tolist() == [0] and told.hours[0, 2, 14] == 6


def test_an_empty_window_has_no_rhythm():
    scoped = scope(Story().visits(0, E, N, 7).background(2).frame(), Parameters())
    assert rhythm(scoped, 1).hotspot_id == () and rhythm(scoped, 1).hours.shape == (0, 7, 24)
