"""What of a review passes the door, and what it says in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo_data.errors import DisclosureError
from geo_data.schema import EPISODES, LOCATIONS, ROLES
from scoping.change import versions
from scoping.change.calibrate import expected_by_window
from scoping.change.findings import find
from scoping.parameters import Parameters
from scoping.scope import scope
from scoping.showing import changes
from scoping.showing.disclosure import release
from scoping.showing.review import PLACES, differences, review
from scoping.transitions import CHANGES
from tests.scoping.change.test_ledger import world
from tests.scoping.worlds import Story

E, N = 430_000.0, 560_000.0


def seen(frame, chance=0, month=None, **dials):
    parameters = Parameters(**dials)
    by_role = {role: scope(frame, replace(parameters, roles=(role,))) for role in ROLES}
    found = find(by_role, "found", month=month, runs=20)
    table = expected_by_window(frame, parameters, runs=chance) if chance else None
    return review({role: release(scoped) for role, scoped in by_role.items()}, "found", found, table)


@pytest.fixture(scope="module")
def whole():
    return seen(world(months=15), chance=3, min_children=3)


def test_a_review_tells_of_what_the_release_shows_and_of_nothing_else(whole):
    rows = whole.release.hotspots
    now = rows[rows["window"] == whole.at.now].set_index("hotspot_id")
    told = whole.places.set_index("hotspot_id")
    assert set(now.index) <= set(told.index) and len(told) > len(now)
    assert told.loc[now.index, "children"].equals(now["children"].rename("children"))
    assert told.loc[now.index, "change"].tolist() == now["change"].tolist()
    assert tuple(whole.places.columns) == PLACES
    restricted = {column.name for table in (EPISODES, LOCATIONS) for column in table.columns if column.restricted}
    for frame in (whole.places, whole.flows, whole.feeders, whole.grid, whole.chance):
        assert not restricted & set(frame.columns)


def test_a_place_that_is_withheld_is_in_no_part_of_the_review():
    story = Story()
    for month in range(8):
        story.visits(month, E, N, 7).visits(month, E + 9_000, N, 4).visits(month, E + 9_000, N, 9, person="BUSY")
    told = seen(story.background(8).frame(), min_children=4)
    assert len(told.places) == 1 and len(told.rhythm.hotspot_id) == 1 and len(set(told.feeders["hotspot_id"])) == 1
    assert any("withheld" in note for note in told.notes)


def test_feeders_under_the_least_are_one_line_without_a_number():
    frame = Story().visits(0, E, N, 9).background(2).frame()
    frame.loc[:1, "age_band"] = ["0-9", "10-11"]
    frame.loc[2:8, "age_band"] = "15-17"
    ages = seen(frame, month="2024-01").feeders.query("what == 'age_band'")
    assert ages[["code", "children"]].to_numpy().tolist() == [["15-17", "5-9"], ["fewer", "fewer"]]


def flowing(children, busy=0):
    found = Story().visits(0, E, N, 9).visits(0, E, N, busy, person="BUSY").background(2).frame()
    count = children + busy
    rows = pd.concat([found.head(children), found[found["person_ref"] == "CBUSY"]])
    pickup = rows.assign(role="pickup", easting=E + 4_000 + 10.0 * np.arange(count))
    others = [pickup.assign(episode_ref=f"O{k}", person_ref=f"O{k}") for k in range(6)]
    frame = pd.concat([found, pickup, *others], ignore_index=True)
    frame["location_id"] = frame["episode_ref"] + ":" + frame["role"] + frame.index.astype(str)
    return seen(frame, month="2024-01").flows


def test_flows_of_few_children_or_of_one_childs_making_are_not_told():
    assert flowing(6)[["children", "direction", "distance_m"]].to_numpy().tolist() == [["5-9", "W", 4_000.0]]
    assert flowing(2).empty
    assert flowing(3, busy=4).empty  # one child makes more than half of the episodes


@pytest.mark.parametrize("forge", [
    lambda r: {"places": r.places.assign(easting=1.0)},
    lambda r: {"places": r.places.assign(children=r.places["children"] - 40)},
    lambda r: {"places": r.places.assign(hotspot_id="H9999-ZZ")},
    lambda r: {"feeders": r.feeders.assign(children="4")},
    lambda r: {"feeders": r.feeders.assign(hotspot_id="H9999-ZZ")},
    lambda r: {"chance": r.chance.assign(world=1)},
    lambda r: {"release": replace(r.release, tier="rmg")},
])
def test_a_review_checks_itself(whole, forge):
    with pytest.raises(DisclosureError):
        replace(whole, **forge(whole))


def test_the_table_has_a_sentence_for_every_place_and_chance_beside_the_changes(whole):
    table = changes.table(whole, {})
    assert len(table) == len(whole.places) and table["In words"].str.len().gt(12).all()
    assert set(table["Change"]) <= {changes.word(code) for code in (*CHANGES, "")} and table["Change"].nunique() > 3
    counted = changes.chance_table(whole)
    assert counted["Expected by chance"].notna().all() and set(counted["So"]) <= {
        "more than chance", "fewer than chance", "as chance would give"}
    assert not table["In words"].str.contains("offender|risk|victim|abscond", case=False).any()


def test_before_a_change_was_counted_by_chance_nothing_is_claimed():
    told = seen(world(months=15))
    assert told.chance.empty and changes.chance_table(told).empty
    assert not changes.table(told, {})["In words"].str.contains("chance alone").any()
    assert changes.table(told, {})["By chance"].isna().all()


STORY_WORDS = {"born": ("New: 8 different children", "no hotspot here in the twelve months before"),
               "dissolved": ("Gone:", "does not prove the place is safe"), "stable": ("Continuing: 8", "8 in the review before")}


@pytest.mark.parametrize(("months", "change"), [((13,), "born"), (range(12), "dissolved"), (range(14), "stable")])
def test_the_sentence_says_what_happened(months, change):
    story = Story()
    for month in months:
        story.visits(month, E, N, 8)
    for month in range(14):
        for k in range(30):
            story.visits(month, 200_000 + 3_000 * k, 500_000, 1)
    told = changes.table(seen(story.background(14).frame()), {})
    assert told["Change"].tolist() == [changes.word(change)]
    for words in STORY_WORDS[change]:
        assert words in told["In words"].item()


def test_a_hotspot_that_ran_into_another_is_not_called_gone():
    story = Story()
    for month in range(4):
        story.visits(month, E, N, 9).visits(month, E + 500, N, 7)
        if month == 3:
            story.visits(month, E + 250, N, 8)
    words = changes.table(seen(story.background(4).frame()), {}).set_index("Change")["In words"]
    assert words["Merged"].startswith("Merged: 24 different children where there were several hotspots: ")
    assert "it has run into" in words["Not now"]


def test_growth_that_stands_out_and_growth_that_may_be_chance_are_told_apart():
    story = Story()
    for month in range(13):
        story.visits(month, E, N, 30 if month == 12 else 8).visits(month, E + 9_000, N, 8)
        for k in range(40):
            story.visits(month, 200_000 + 3_000 * k, 500_000, 1)
    told = seen(story.background(13).frame())
    words = changes.table(told, {}).set_index("Change")["In words"]
    assert "still stands out" in words["Growing"] and "times what is usual" in words["Growing"]
    lone = replace(told, places=told.places.assign(beyond=False))
    assert "can be chance" in changes.table(lone, {}).set_index("Change").loc["Growing", "In words"]


def payload(told):
    from geo_data.grid import to_wgs84
    from scoping.showing import views
    return views.timeline(told.release, {}, to_wgs84)


def test_the_picture_is_the_two_windows_compared(whole):
    drawn = changes.picture(whole, payload(whole), "last")
    assert drawn["labels"] == [whole.release.labels[whole.at.last], whole.release.labels[whole.at.now]]
    rows = whole.release.hotspots
    for k, window in ((0, whole.at.last), (1, whole.at.now)):
        on_map = {feat["id"]: feat["w"][str(k)]["n"] for feat in drawn["feats"] if str(k) in feat["w"]}
        shown = rows[(rows["window"] == window) & (rows["children"].notna() if k == 0 else True)]
        assert on_map == {name: None if pd.isna(n) else n for name, n in zip(shown["hotspot_id"], shown["children"], strict=True)}


def test_beside_a_year_ago_the_classes_are_of_that_comparison(whole):
    year = changes.picture(whole, payload(whole), "year")
    entries = [(feat["w"].get("0"), feat["w"].get("1")) for feat in year["feats"]]
    assert {new["c"] for old, new in entries if new and not old} == {"born"}
    assert {new["c"] for old, new in entries if old and new and new["n"] is None} <= {"dissolved"}
    assert all(new["c"] in ("stable", "grew", "shrank", "moved") for old, new in entries if old and new and new["n"] is not None)


def test_without_a_window_to_compare_only_now_is_drawn():
    told = seen(Story().visits(0, E, N, 9).background(2).frame(), month="2024-01")
    assert changes.picture(told, payload(told), "year")["labels"] == ["Jan 2024"]
    assert any("a year ago" in note for note in told.notes)


def test_every_life_is_drawn_and_told_with_its_lineage():
    story = Story()
    for month in range(6):
        story.visits(month, E, N, 9).visits(month, E + 500, N, 7)
        if month >= 3:
            story.visits(month, E + 250, N, 8)
    told = seen(story.background(6).frame())
    bars, links = changes.lives(told.release, {}, told.at.now)
    assert links[["start"]].drop_duplicates().to_numpy().tolist() == [["2024-04-01"]] and len(links) == 1
    assert bars.groupby("hotspot_id").size().tolist() == [6, 3] or bars.groupby("hotspot_id").size().tolist() == [3, 6]
    twin = changes.told_lives(bars, links)
    assert (twin["From"] != "").sum() == 1 and twin["Life"].str.contains("merged Apr 2024").sum() == 1


def test_differences_never_tell_a_number_under_the_least(whole):
    row = dict.fromkeys(versions.COLUMNS) | {"hotspot_id": whole.places["hotspot_id"].iloc[0], "change": "stable",
                                             "children": 7, "centre_e": 0.0, "centre_n": 0.0}
    told = differences(whole, [row], [row | {"children": 2}], 250)
    assert told[["before", "after"]].to_numpy().tolist() == [["7", "fewer"]]
    small = row | {"hotspot_id": "H9999-ZZ", "children": 2}
    assert differences(whole, [small], [small | {"children": 9}], 250).empty


def flags(told):
    return set(told.places["change"]) & {"born", "reactivated", "grew", "shrank", "moved", "dissolved", "merged", "split"}


def test_everything_at_one_place_is_one_hotspot_that_continues():
    frame = world().assign(easting=E, northing=N)
    assert flags(seen(frame)) == set() and len(seen(frame).places) == 1


def test_one_child_only_is_no_hotspot_and_said():
    frame = world()
    told = seen(frame.assign(person_ref="C1"), min_children=2)
    assert told.places.empty and changes.table(told, {}).empty and changes.chance_table(told).empty


def test_missing_months_are_said_and_no_fall():
    story = Story()
    for month in range(14):
        story.visits(month, E, N, 8)
    frame = story.background(14).frame()
    gaps = frame[~frame["at"].dt.tz_convert("Europe/London").dt.month.isin([5, 6, 9])].reset_index(drop=True)
    told = seen(gaps)
    assert flags(told) == set() and any("no data at all" in note for note in told.notes)


def test_dates_in_the_future_are_windows_like_any_other():
    frame = world()
    now, then = seen(frame), seen(frame.assign(at=frame["at"] + pd.DateOffset(years=10)))
    told = [sorted(map(str, review.places[["change", "children", "last_children", "episodes"]].to_numpy().tolist()))
            for review in (now, then)]
    assert told[0] == told[1] and len(told[0]) > 5
