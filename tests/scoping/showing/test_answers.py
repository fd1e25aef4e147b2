"""The sentences that answer the questions say what the questions ask, and tell no group that is too small."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from scoping.parameters import Parameters
from scoping.populations import NOT_RECORDED, agencies, population
from scoping.scope import scope
from scoping.showing.answers import Facts, answer
from scoping.showing.disclosure import release
from tests.scoping.worlds import Story

E, N = 430_250.0, 560_250.0


@pytest.fixture(scope="module")
def facts():
    """A place that is there in all six months, and another in the last alone."""
    story = Story()
    for month in range(6):
        story.visits(month, E, N, 7)
    story.visits(5, E, N + 10_000, 8)
    found = release(scope(story.background(6).frame(), Parameters()))
    return Facts(found, 5, dict.fromkeys(found.hotspots["hotspot_id"], "Arcade"))


def episodes(home, placing, force="Northumbria"):
    """One episode a child: its home and placing authority."""
    count = len(home)
    plain = dict.fromkeys(("gender", "care_status", "missing_from_type", "placed_out_of_area", "found_easting", "found_northing",
                           "last_seen_easting", "last_seen_northing"))
    return pd.DataFrame(plain | {
        "episode_ref": [f"e{k}" for k in range(count)], "person_ref": [f"p{k}" for k in range(count)], "responsible_la": home,
        "placing_authority": placing, "recording_force": force, "age_at_episode": 14, "placed_out_of_area": "Y",
        "last_seen_at": pd.Timestamp("2024-06-01", tz="UTC"), "reported_at": pd.Timestamp("2024-06-01", tz="UTC"),
        "found_at": pd.Timestamp("2024-06-02", tz="UTC")}, index=range(count))


def test_who_must_be_told_is_named_and_whoever_has_too_few_children_is_not(facts):
    rows = episodes(["Newcastle"] * 5 + ["Leeds"] * 2 + ["Durham"] * 3, ["Hull"] * 4 + [None] * 6)
    said = answer(9, replace(facts, population=population(rows), agencies=agencies(rows)))
    assert "To be told: Northumbria, Hull, Newcastle" in said.sentence
    told = dict(said.lines)
    assert set(told) >= {"Home authority", "Placing authority", "Recording force"}
    everything = " ".join([said.sentence, *told.values()])
    assert "Leeds" not in everything and "too small to tell" in told["Home authority"]
    assert f"To be told: {NOT_RECORDED}" not in said.sentence and f", {NOT_RECORDED}" not in said.sentence


def test_nobody_is_named_where_no_authority_has_enough_children(facts):
    rows = episodes(["Newcastle", "Leeds", "Durham"], [None] * 3, ["A", "B", "C"])
    said = answer(9, replace(facts, population=population(rows), agencies=agencies(rows)))
    assert "nobody has enough" in said.sentence
    assert not any(name in str(said) for name in ("Newcastle", "Leeds", "Durham"))


def test_each_of_the_largest_hotspots_says_where_its_children_went_missing_from(facts):
    rows = episodes(["Newcastle"] * 6, [None] * 6).assign(missing_from_type=["home"] * 3 + ["childrens_home"] * 3)
    names = list(facts.release.hotspots["hotspot_id"].unique())
    said = answer(8, replace(facts, population=population(rows), feeds={name: population(rows) for name in names}))
    assert [line for line in said.lines if line[0].startswith("Arcade")] == [
        (f"Arcade ({name})", "Home 3, Children's home 3") for name in names]


@pytest.mark.parametrize(("day", "hour", "said"), [
    ("2024-06-03", 15, "weekdays 14-17 (school run)"), ("2024-06-03", 19, "evening 17-22"), ("2024-06-04", 0, "night 22-01"),
    ("2024-06-08", 11, "weekend")])
def test_the_part_of_day_or_week_is_told_with_its_hours(day, hour, said):
    frame = Story("2024-06").visits(0, E, N, 7).background(1).frame()
    local = pd.Timestamp(f"{day} {hour:02d}:30", tz="Europe/London").tz_convert("UTC")
    here = (frame["easting"] - E).abs() < 500
    found = release(scope(frame.assign(at=frame["at"].where(~here, local)), Parameters()))
    told = answer(6, Facts(found, 0, dict.fromkeys(found.hotspots["hotspot_id"], "Arcade")))
    assert told.lines == ((told.lines[0][0], f"{said}: 7 of 7 records"),)
    assert "1 place has half or more of the records" in told.sentence


def test_missing_interviews_stand_in_the_answer_to_what_is_not_on_the_map(facts):
    assert "75% of the episodes that ended had no return home interview" in answer(10, replace(facts, interviews=(8, 2))).sentence
    assert "interview" not in answer(10, replace(facts, interviews=(0, 0))).sentence


def test_a_place_as_old_as_the_records_is_open_for_at_least_so_long(facts):
    old, new = answer(13, facts).lines
    assert old[1].startswith("at least 6 months") and new[1].startswith("1 month,")
    assert answer(13, facts).sentence.startswith("Open longest with no live action: Arcade")
    every = frozenset(facts.release.hotspots["hotspot_id"])
    assert answer(13, replace(facts, open_actions=every)).sentence.startswith("No place is open with no live action")


def test_open_actions_lead_to_where_something_was_done(facts):
    name = str(facts.release.hotspots["hotspot_id"].iloc[0])
    done = replace(facts, doing={name: ("Outreach (Council, manager): under way",)})
    said = answer(12, done)
    assert "Actions are open at 1 hotspot." in said.sentence and said.lines[0][1].startswith("Outreach")
    assert ("Action", "Outreach (Council, manager): under way") in answer(12, replace(done, hotspot=name)).lines
    assert "Actions" not in answer(12, facts).sentence


def test_referrals_are_set_beside_the_hotspots_of_their_areas(facts):
    assert "No referral counts are here" in answer(14, facts).sentence
    counted = pd.DataFrame({"area": ["Gateshead", "Gateshead", "Leeds", "Atlantis"],
                            "agency": ["health", "school", "health", "school"],
                            "hotspots": [2.0, 2.0, 0.0, float("nan")], "referrals": [4, 3, 2, 1], "months": 1})
    said = answer(14, replace(facts, signals=counted))
    assert said.sentence.endswith("Referrals were counted about 3 areas; in 1 of them a hotspot shows.")
    assert said.lines[-3:] == (("Gateshead", "health 4, school 3; 2 hotspots"), ("Leeds", "health 2; no hotspots"),
                               ("Atlantis", "school 1"))


def test_what_may_be_shown_to_whom_is_said_with_whether_it_lasts(facts):
    sentence = answer(15, replace(facts, others={"other": facts.release})).sentence
    assert "2 have enough children for the group, 1 for a briefing or file" in sentence


def test_a_window_that_is_not_complete_is_not_compared(facts):
    month = Story().visits(0, E, N, 7).visits(1, E, N, 7).background(2).visits(2, E, N, 7).visits(2, E, N + 10_000, 8)
    filling = Facts(release(scope(month.frame(), Parameters())), 2, {})
    assert filling.release.partial[2]
    assert "1 place is new or active again in Mar 2024" in answer(1, filling).sentence
    assert answer(1, filling).sentence.endswith("It is not complete: more may follow.")
    assert "not complete" in answer(11, filling).sentence and "fewer than usual" not in answer(11, filling).sentence
    assert "median of 2 windows before" in answer(11, filling).sentence
    quiet = Facts(release(scope(month.visits(3, E, N, 1).frame(), Parameters())), 3, {})
    for number in (2, 7, 11):
        assert "Apr 2024 is not complete yet" in answer(number, quiet).sentence


def test_the_first_window_is_compared_with_nothing(facts):
    for number in (2, 7):
        assert answer(number, replace(facts, window=0)).sentence == "There is no window before Jan 2024 to compare it with."


def test_one_is_said_as_one(facts):
    assert answer(13, facts).lines[1][1] == "1 month, 1 window"
    assert answer(3, replace(facts, window=0)).sentence.startswith("Of 1 hotspot, 1 rest on several")
