"""Return interviews and repeats are plain counts; the same episode of two systems is matched once and never merged."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import DisclosureError
from scoping import response, same_episode
from scoping.showing import responded
from scoping.showing.disclosure import Rules

NOW = datetime(2025, 6, 30, 12, tzinfo=UTC)


def at(text: str | None) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC") if text else pd.NaT


def facts(*rows: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame([{"episode_ref": f"R-{i}", "person_ref": "a", "source_system": "compact", "time_precision": "minute",
                           "last_seen_at": None, "reported_at": "2025-06-01T12:00", "found_at": "2025-06-01T20:00",
                           "rhi_offered": "N", "rhi_accepted": None, "rhi_completed_at": None} | row for i, row in enumerate(rows)])
    for name in ("last_seen_at", "reported_at", "found_at", "rhi_completed_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601").astype("datetime64[us, UTC]")
    return frame


# ------------------------------------------------------------------ interviews

def test_each_interview_has_one_state_and_its_time() -> None:
    rows = facts({}, {"rhi_offered": "Y"}, {"rhi_offered": "Y", "rhi_accepted": "Y"}, {"rhi_offered": "Y", "rhi_accepted": "N"},
                 {"rhi_offered": "Y", "rhi_accepted": "Y", "rhi_completed_at": "2025-06-04T20:00"}, {"rhi_offered": "NA"},
                 {"found_at": None}, {"found_at": "2025-06-29T12:00"},
                 {"rhi_offered": "Y", "rhi_accepted": "Y", "rhi_completed_at": "2025-05-30T20:00"})
    told = response.states(rows, NOW)
    assert list(told["state"]) == [response.NOT_OFFERED, response.NO_ANSWER, response.ACCEPTED, response.DECLINED,
                                   response.COMPLETED, response.NOT_NEEDED, response.NOT_OFFERED, response.COMPLETED]
    assert told.loc[7, "hours_left"] == 48 and told.loc[0, "hours_left"] < 0 and np.isnan(told.loc[4, "hours_left"])
    assert told.loc[4, "hours_taken"] == 72 and np.isnan(told.loc[8, "hours_taken"])


def test_the_72_hour_measure_counts_to_the_minute_and_leaves_out_what_is_not_due() -> None:
    done = {"rhi_offered": "Y", "rhi_accepted": "Y"}
    table = response.interviews(facts(done | {"rhi_completed_at": "2025-06-04T20:00"},
                                      done | {"rhi_completed_at": "2025-06-04T20:01"},
                                      {}, {"rhi_offered": "NA"}, {"found_at": "2025-06-29T12:00"}), NOW)
    row = table.iloc[0]
    assert len(table) == 1
    assert (row["returned"], row["offered"], row["completed"], row["in_72_hours"], row["without"]) == (4, 2, 2, 1, 1)


# ------------------------------------------------------------------ repeats

def test_repeats_are_children_missing_again_within_a_year() -> None:
    days = ["2024-01-10", "2024-02-20", "2025-03-01", "2025-03-20", "2025-05-01"]
    rows = facts(*({"reported_at": day, "found_at": day} for day in days), {"person_ref": "b", "reported_at": "2025-03-02",
                                                                            "found_at": "2025-03-02"})
    table = response.repeats(rows, NOW).set_index("month")
    assert np.isnan(table.loc["2024-02", "again"])  # the first year: nobody can know
    march = table.loc["2025-03"]
    assert (march["children"], march["episodes"], march["again"], march["firsts"], march["soon"]) == (2, 3, 1, 2, 1)
    assert table.loc["2025-05", "again"] == 1 and table.loc["2025-05", "firsts"] == 0
    assert np.isnan(response.repeats(rows, datetime(2025, 4, 15, tzinfo=UTC)).set_index("month").loc["2025-03", "soon"])


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 900)), min_size=1, max_size=20), st.randoms())
def test_counts_equal_a_plain_count_in_any_order(rows: list[tuple[str, int]], chance: Any) -> None:
    start = pd.Timestamp("2023-01-01")
    given_ = [{"person_ref": who, "reported_at": (start + pd.Timedelta(days=day)).isoformat(),
               "found_at": (start + pd.Timedelta(days=day)).isoformat()} for who, day in rows]
    chance.shuffle(given_)
    table = response.repeats(facts(*given_), NOW).set_index("month")
    for month, row in table.iterrows():
        here = [(w, d) for w, d in rows if (start + pd.Timedelta(days=d)).strftime("%Y-%m") == month]
        assert row["children"] == len({w for w, _ in here}) and row["episodes"] == len(here)
        if not np.isnan(row["again"]):
            again = {w for w, d in here if any(v == w and e != d and 0 < d - e <= 365 for v, e in rows) or here.count((w, d)) > 1}
            assert row["again"] == len(again)


# ------------------------------------------------------------------ the same episode of two systems

def pair(*rows: dict[str, Any]) -> list[tuple[str, str]]:
    found = same_episode.pairs(facts(*rows))
    return list(zip(found["first"], found["second"], strict=True))


def test_overlapping_episodes_of_one_child_in_two_systems_are_one_pair() -> None:
    other = {"source_system": "mosaic"}
    assert pair({}, other | {"reported_at": "2025-06-01T14:00", "found_at": "2025-06-02T09:00"}) == [("R-0", "R-1")]
    assert pair({}, other | {"reported_at": "2025-06-01T20:00", "found_at": "2025-06-02T09:00"}) == []
    assert pair({}, {"reported_at": "2025-06-01T14:00"}) == []  # one system: an overlap there is a fault of its own
    assert pair({}, other | {"person_ref": "b"}) == []
    assert pair({"found_at": None}, other | {"reported_at": "2025-06-03T09:00", "found_at": None}) == [("R-0", "R-1")]


def test_days_without_a_clock_overlap_as_days() -> None:
    day = {"source_system": "mosaic", "reported_at": "2025-06-01", "found_at": "2025-06-01", "time_precision": "day"}
    assert pair({}, day) == [("R-0", "R-1")]
    assert pair({}, day | {"reported_at": "2025-06-02", "found_at": "2025-06-02"}) == []


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["compact", "mosaic"]), st.integers(0, 40), st.integers(1, 20)),
                max_size=12))
def test_no_episode_is_in_two_pairs_and_every_pair_overlaps(rows: list[tuple[str, str, int, int]]) -> None:
    start = pd.Timestamp("2025-06-01")
    hours = lambda n: (start + pd.Timedelta(hours=n)).isoformat()  # noqa: E731
    if not rows:
        return
    frame = facts(*({"person_ref": w, "source_system": s, "reported_at": hours(a), "found_at": hours(a + n)}
                    for w, s, a, n in rows))
    found = same_episode.pairs(frame)
    used = [*found["first"], *found["second"]]
    assert len(used) == len(set(used))
    by = frame.set_index("episode_ref")
    for one, two in zip(found["first"], found["second"], strict=True):
        a, b = by.loc[one], by.loc[two]
        assert a["person_ref"] == b["person_ref"] and a["source_system"] != b["source_system"]
        assert a["reported_at"] < b["found_at"] and b["reported_at"] < a["found_at"]


def test_differences_are_those_columns_that_say_something_else() -> None:
    frame = pd.DataFrame({"episode_ref": ["R-0", "R-1"], "found_at": [at("2025-06-01"), at("2025-06-02")],
                          "responsible_la": ["E1", "E1"], "found_location_text": [None, "park"], "care_status": [None, None]})
    assert same_episode.differences(frame, "R-0", "R-1")["column"].tolist() == ["found_at", "found_location_text"]


# ------------------------------------------------------------------ the door

def test_a_release_protects_months_of_few_children() -> None:
    rows = facts(*({"person_ref": f"c{i}", "reported_at": f"2025-0{month}-10", "found_at": f"2025-0{month}-10"}
                   for month, n in ((1, 2), (2, 5), (3, 6)) for i in range(n)))
    none = pd.DataFrame({"agency": [], "month": [], "area": [], "referrals": []})
    made = responded.release(response.interviews(rows, NOW), response.repeats(rows, NOW), none, Rules())
    by = made.interviews.set_index("month")["returned"]
    assert by.isna().to_dict() == {"2025-01": True, "2025-02": True, "2025-03": False}
    with pytest.raises(DisclosureError, match="declared columns"):
        responded.RespondedRelease(**vars(made) | {"repeats": made.repeats.assign(person_ref="x")})
    with pytest.raises(DisclosureError, match="fewer than 3"):
        responded.RespondedRelease(**vars(made) | {"repeats": made.repeats.assign(children=1.0)})
