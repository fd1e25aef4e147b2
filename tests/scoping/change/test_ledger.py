"""Scripted worlds: each gives exactly one named transition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scoping.parameters import Parameters, WindowScheme
from scoping.scope import scope
from tests.scoping.worlds import Story

E, N = 430_000.0, 560_000.0
QUIET = {"first", "stable", "below", "no_data", "forming"}  # nothing happened


def changes(story, months, **dials):
    frame = story.background(months).frame()
    return scope(frame, Parameters(**dials)).ledger


def transitions(ledger):
    told = ledger[~ledger["change"].isin(QUIET)]
    return sorted(set(zip(told["window"].tolist(), told["change"].tolist(), strict=True)))


def test_born():
    story = Story()
    for month in (3, 4, 5):
        story.visits(month, E, N, 7)
    ledger = changes(story, 6)
    assert transitions(ledger) == [(3, "born")]
    assert len(set(ledger["hotspot_id"])) == 1
    assert ledger["windows_seen"].tolist() == [1, 2, 3]
    assert len(set(ledger["first_seen"])) == 1
    assert ledger["last_seen"].is_monotonic_increasing


def test_what_the_first_window_shows_is_not_called_new():
    ledger = changes(Story().visits(0, E, N, 7).visits(1, E, N, 7), 2)
    assert ledger["change"].tolist() == ["first", "stable"]


def test_dissolved_after_two_windows_with_nobody_much_there():
    ledger = changes(Story().visits(0, E, N, 7).visits(1, E, N, 7).visits(2, E, N, 1), 6)
    assert ledger["change"].tolist() == ["first", "stable", "below", "dissolved"]
    assert ledger["label"].tolist() == [0, 0, -1, -1]
    assert len(set(ledger["last_seen"])) == 2


def test_two_children_keep_a_place_open():
    story = Story().visits(0, E, N, 7)
    for month in (1, 2, 3):
        story.visits(month, E, N, 2)
    assert changes(story, 4)["change"].tolist() == ["first", "below", "below", "below"]


def test_one_window_below_the_threshold_keeps_the_id():
    ledger = changes(Story().visits(0, E, N, 7).visits(2, E, N, 7), 4)
    assert transitions(ledger) == []
    assert len(set(ledger["hotspot_id"])) == 1


def test_reactivated_within_twelve_months_and_born_after():
    for back, word in ((8, "reactivated"), (14, "born")):
        ledger = changes(Story().visits(0, E, N, 7).visits(back, E, N, 7), back + 1)
        assert transitions(ledger) == [(2, "dissolved"), (back, word)]
        assert len(set(ledger["hotspot_id"])) == (1 if word == "reactivated" else 2)


def test_a_month_without_any_record_is_no_data_and_keeps_the_id():
    story = Story()
    for month in (0, 1, 3, 4):
        story.visits(month, E, N, 7)
    frame = story.background(5).frame()
    local = frame["at"].dt.tz_convert("Europe/London")
    ledger = scope(frame[local.dt.month != 3].reset_index(drop=True), Parameters()).ledger
    assert ledger["change"].tolist() == ["first", "stable", "no_data", "stable", "stable"]
    assert len(set(ledger["hotspot_id"])) == 1


def test_an_unfinished_window_is_never_a_fall():
    story = Story()
    for month in range(8):
        story.visits(month, E, N, 9)
    frame = story.background(8).frame()
    cut = frame[frame["at"] < pd.Timestamp("2024-08-03", tz="UTC")].reset_index(drop=True)
    assert scope(cut, Parameters()).ledger["change"].tolist() == ["first", *["stable"] * 6, "no_data"]


def test_an_unfinished_window_is_not_tested():
    frame = steady_frame(12, 30)
    assert transitions(scope(frame, Parameters()).ledger) == [(11, "grew")]
    cut = frame[frame["at"] < pd.Timestamp("2024-12-29", tz="UTC")].reset_index(drop=True)
    ledger = scope(cut, Parameters()).ledger
    assert transitions(ledger) == []
    assert np.isnan(ledger["rr"].iloc[-1]) and ledger["label"].iloc[-1] >= 0


def test_moved_four_hundred_metres():
    story = Story()
    for month in range(4):
        # a long place, so that it still overlaps itself after the move
        for k in range(10):
            story.visits(month, E + 100 * k + (400 if month >= 2 else 0), N, 2, spread=10)
    ledger = changes(story, 4, min_children=4)
    assert transitions(ledger) == [(2, "moved")]
    assert len(set(ledger["hotspot_id"])) == 1


def test_merged():
    story = Story()
    for month in range(4):
        story.visits(month, E, N, 9).visits(month, E + 500, N, 7)
        if month >= 2:
            story.visits(month, E + 250, N, 8)
    ledger = changes(story, 4)
    assert transitions(ledger) == [(2, "merged")]
    merged = ledger[ledger["change"] == "merged"].iloc[0]
    assert merged["parents"] == "|".join(sorted(ledger.loc[ledger["window"] == 0, "hotspot_id"]))
    assert ledger.loc[ledger["window"] == 3, "hotspot_id"].tolist() == [merged["hotspot_id"]]


def test_split():
    story = Story()
    for month in range(4):
        story.visits(month, E, N, 9).visits(month, E + 500, N, 5)
        if month < 2:
            story.visits(month, E + 250, N, 8)
    ledger = changes(story, 4)
    assert transitions(ledger) == [(2, "split")]
    parent = ledger.loc[ledger["window"] == 0, "hotspot_id"].item()
    two = ledger[ledger["window"] == 2]
    assert two["parents"].tolist() == [parent, parent]
    assert parent in two["hotspot_id"].tolist() and len(set(two["hotspot_id"])) == 2


def test_one_child_however_busy_is_no_hotspot():
    story = Story()
    for month in range(4):
        story.visits(month, E, N, 25, person="BUSY")
    assert changes(story, 4).empty


def test_a_pile_up_on_a_centroid_never_enters():
    frame = Story().visits(0, E, N, 9, spread=0).background(2).frame()
    assert not scope(frame, Parameters()).ledger.empty
    pile = frame["easting"] == E
    assert scope(frame.assign(tier=frame["tier"].where(~pile, "P4")), Parameters()).ledger.empty
    assert scope(frame.assign(precision_m=frame["precision_m"].where(~pile, 900.0)), Parameters()).ledger.empty


def test_it_is_harder_to_enter_than_to_stay():
    story = Story()
    for month, children in {2: 5, 3: 6, 4: 7, 5: 5, 6: 2, 7: 0, 8: 5, 9: 7}.items():
        story.visits(month, E, N, children)
    ledger = changes(story, 10)
    assert ledger["change"].tolist() == ["forming", "forming", "born", "stable", "below", "below", "stable", "stable"]
    assert len(set(ledger["hotspot_id"])) == 1
    assert changes(Story().visits(2, E, N, 5), 4, enter_extra=0)["change"].tolist() == ["born", "below"]


def test_what_was_only_forming_leaves_no_trace():
    story = Story().visits(1, E, N, 6).visits(3, E, N, 7)
    ledger = changes(story, 5)
    assert ledger["change"].tolist() == ["forming", "born", "below"]
    assert len(set(ledger["hotspot_id"])) == 2


def test_a_place_that_comes_back_forms_before_it_is_reactivated_and_keeps_its_id():
    story = Story().visits(0, E, N, 7).visits(4, E, N, 5).visits(5, E, N, 7)
    ledger = changes(story, 6)
    assert ledger["change"].tolist() == ["first", "below", "dissolved", "forming", "reactivated"]
    assert len(set(ledger["hotspot_id"])) == 1


def test_what_is_forming_neither_merges_nor_becomes_a_parent():
    story = Story()
    for month in range(1, 4):
        story.visits(month, E, N, 6).visits(month, E + 500, N, 6)
        if month == 3:
            story.visits(month, E + 250, N, 8)
    ledger = changes(story, 4)
    assert ledger["change"].tolist() == ["forming", "forming", "forming", "forming", "born"]
    assert (ledger["parents"] == "").all()


def test_the_higher_bar_only_takes_births_away():
    frame = world()
    counts = [scope(frame, Parameters(enter_extra=extra)).ledger["change"].value_counts() for extra in (0, 1, 2, 4)]
    births = [count.get("born", 0) for count in counts]
    assert births == sorted(births, reverse=True) and births[0] > births[-1]
    assert "forming" not in counts[0]


def steady_frame(months, last, background=40):
    story = Story()
    for month in range(months):
        story.visits(month, E, N, last if month == months - 1 else 6)
        for k in range(background):
            story.visits(month, 200_000 + 3_000 * k, 500_000, 1)
    return story.background(months).frame()


def steady(months, last):
    return scope(steady_frame(months, last), Parameters()).ledger


def test_growth_and_reduction_are_said_by_the_interval_never_by_percent():
    assert transitions(steady(12, 20)) == [(11, "grew")]
    assert transitions(steady(12, 9)) == []  # half as many again is within chance
    story = Story()
    for month in range(12):
        story.visits(month, E, N, 5 if month == 11 else 20)
        for k in range(40):
            story.visits(month, 200_000 + 3_000 * k, 500_000, 1)
    assert transitions(changes(story, 12)) == [(11, "shrank")]


def test_a_rise_of_the_whole_force_is_no_growth_of_every_place():
    story = Story()
    for month in range(12):
        for k in range(30):
            story.visits(month, 200_000 + 3_000 * k, 500_000, 10 if month < 11 else 20)
    assert transitions(changes(story, 12)) == []


def test_a_place_is_never_tested_on_the_window_that_picked_it():
    story = Story()
    for month in range(14):
        story.visits(month, E, N, 20 if month >= 12 else 3)  # three children make no hotspot, but they were there
        for k in range(40):
            story.visits(month, 200_000 + 3_000 * k, 500_000, 1)
    ledger = changes(story, 14)
    assert ledger["change"].tolist() == ["born", "stable"]
    assert ledger["rr"].isna().tolist() == [True, False]


def test_a_new_place_is_not_called_growing_before_half_a_year():
    story = Story()
    for month in range(16):
        story.visits(month, E, N, 0 if month < 8 else 7 if month < 15 else 30)
        for k in range(40):
            story.visits(month, 200_000 + 3_000 * k, 500_000, 1)
    ledger = changes(story, 16)
    assert (ledger["rr_low"].iloc[1:5] > 1).all()  # against the year before, which the place was not in
    assert transitions(ledger) == [(8, "born"), (15, "grew")]


def test_less_than_half_a_year_of_baseline_is_not_enough():
    assert transitions(steady(5, 30)) == []
    assert steady(5, 30)["rr"].isna().all()


def world(seed=7, months=14):
    chance = np.random.default_rng(seed)
    story = Story().background(months)
    for _ in range(25):
        e, n = chance.integers(400_000, 404_000), chance.integers(550_000, 554_000)
        for month in range(months):
            story.visits(month, e + chance.integers(-80, 80), n + chance.integers(-80, 80), int(chance.poisson(5)),
                         spread=float(chance.integers(5, 60)))
    return story.frame()


def test_the_changes_said_over_a_window_are_adjusted_for_their_number():
    ledger = scope(world(), Parameters()).ledger
    last = ledger[(ledger["window"] == 13) & ledger["p"].notna()].sort_values("p")
    assert len(last) > 5
    raw = last["p"].to_numpy() * len(last) / np.arange(1, len(last) + 1)
    assert np.allclose(last["q"], np.minimum.accumulate(raw[::-1])[::-1])
    assert ledger.loc[ledger["change"] == "forming", ["p", "rr"]].isna().all(axis=None)


COLUMNS = ["hotspot_id", "window", "change", "parents", "first_seen", "last_seen", "windows_seen"]


@pytest.mark.parametrize("text", ["month", "rolling:56d:14d"])
def test_ids_and_changes_do_not_depend_on_the_order_of_rows(text):
    frame, parameters = world(), Parameters(window=WindowScheme.parse(text))
    there = scope(frame, parameters).ledger
    other = scope(frame.sample(frac=1, random_state=3), parameters).ledger
    assert there["change"].nunique() > 6
    pd.testing.assert_frame_equal(*(ledger[[*COLUMNS, "label"]].sort_values(["window", "hotspot_id"], ignore_index=True)
                                    for ledger in (there, other)))


def test_later_windows_never_change_earlier_rows():
    frame = world()
    cut = frame[frame["at"] < pd.Timestamp("2024-12-01", tz="UTC")].reset_index(drop=True)
    whole, before = (scope(part, Parameters()).ledger for part in (frame, cut))
    # the last window of the shorter file has no record on its last day: it is partial, so it alone may still change
    first, second = (ledger[ledger["window"] <= 9].reset_index(drop=True) for ledger in (whole, before))
    pd.testing.assert_frame_equal(first, second)


def test_repeats_of_one_child_change_no_transition():
    frame = world()
    child = frame[frame["person_ref"].isin(frame["person_ref"].unique()[::9])]
    again = child.assign(episode_ref=child["episode_ref"] + "X", location_id=child["location_id"] + "X")
    twice = pd.concat([frame, again], ignore_index=True)
    pd.testing.assert_frame_equal(*(scope(part, Parameters()).ledger[COLUMNS] for part in (frame, twice)))


@pytest.mark.parametrize("turn", [lambda e, n: (e + 3_000, n - 7_000), lambda e, n: (700_000 - n, e)])
def test_moving_or_turning_the_map_changes_no_transition(turn):
    frame = world()
    e, n = turn(frame["easting"], frame["northing"])
    there, other = (scope(part, Parameters()).ledger for part in (frame, frame.assign(easting=e, northing=n)))
    told = [["window", "change", "windows_seen", "first_seen"]] * 2
    pd.testing.assert_frame_equal(*(ledger[columns].sort_values(columns, ignore_index=True)
                                    for ledger, columns in zip((there, other), told, strict=True)))


def test_ids_are_short_and_unlike():
    ids = scope(world(), Parameters()).ledger["hotspot_id"]
    assert ids.str.fullmatch(r"H\d{4}-[2-9A-HJKMNP-TV-Z]{2,6}").all()
