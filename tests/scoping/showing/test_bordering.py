"""Across borders: whose children were at a published place, and what a receiving agency may be given of it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data import schema
from geo_data.errors import DisclosureError
from scoping.borders import flows
from scoping.showing.bordering import extract, release, to_tell
from scoping.showing.editions import Edition, Place
from scoping.showing.periods import Period
from scoping.showing.rules import Rules

HOMES, FORCES = ("E06000001", "E06000002"), ("North", "South")
PLACE = Place("P1", 20, 49, 20, 49, "", (1,), ((400_000, 500_000), (400_500, 500_000)))
EDITION = Edition("briefing", 8, 3, "found", "{}", Period(date(2025, 3, 1), "month"), "grid", "", (PLACE,), {}, {}, ())


def world(children: int, seed: int = 1, **columns: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One episode a child, found in the place's cells in March 2025: homes and forces by turns."""
    rng = np.random.default_rng(seed)
    refs = [f"R-{n:04d}" for n in range(children)]
    episodes = schema.EPISODES.conform(pd.DataFrame({
        "episode_ref": refs, "person_ref": [f"P{n}" for n in range(children)],
        "responsible_la": [HOMES[n % 2] for n in range(children)], "placing_authority": None,
        "recording_force": [FORCES[n % 3 == 0] for n in range(children)], "sharing_restriction": "none"} | columns))
    locations = schema.LOCATIONS.conform(pd.DataFrame({
        "location_id": [f"{ref}:found" for ref in refs], "episode_ref": refs, "person_ref": episodes["person_ref"], "role": "found",
        "at": pd.Timestamp("2025-03-01", tz="Europe/London") + pd.to_timedelta(rng.integers(0, 31 * 24 - 1, children), "h"),
        "easting": 400_000 + rng.uniform(0, 999, children), "northing": 500_000 + rng.uniform(0, 499, children),
        "own_address": False, "tier": "P1", "precision_m": 5.0, "at_precision": "minute", "location_type": "street",
        "sharing_restriction": episodes["sharing_restriction"]}))
    locations["at"] = locations["at"].dt.tz_convert("UTC")
    return locations, episodes


def test_flows_count_children_once() -> None:
    _, episodes = world(12)
    twice = pd.concat([episodes, episodes.assign(episode_ref=episodes["episode_ref"] + "-2")])
    found = flows(twice)
    assert found["children"].sum() == 12 and found["episodes"].sum() == 24
    shown = release(twice, Rules(), today=None)
    assert shown.flows["children"].dropna().ge(3).all() and shown.withheld == shown.flows["children"].isna().sum()


def test_an_agency_with_enough_children_is_told() -> None:
    told = to_tell(EDITION, *world(30), Rules(), today=None)
    assert told[["agency", "link"]].to_numpy().tolist() == [
        [HOMES[0], "home authority"], [HOMES[1], "home authority"], ["North", "recording force"], ["South", "recording force"]]
    assert told["least"].tolist() == [8, 8, 20, 8] and told["most"].tolist() == [19, 19, 49, 19]


def test_seven_children_are_not_enough_and_the_agency_gets_nothing() -> None:
    locations, episodes = world(15)  # 8 and 7 by home
    assert to_tell(EDITION, locations, episodes, Rules(), today=None)["agency"].tolist().count(HOMES[1]) == 0
    assert extract(EDITION, locations, episodes, HOMES[0], Rules(), today=None)["place"].tolist() == ["P1"]
    with pytest.raises(DisclosureError, match="no published place"):
        extract(EDITION, locations, episodes, HOMES[1], Rules(), today=None)
    with pytest.raises(DisclosureError):
        extract(EDITION, locations, episodes, "Nobody", Rules(), today=None)


@pytest.mark.parametrize("restriction", ["police_only", "rmg_only", "do_not_export"])
def test_a_restricted_record_reaches_no_agency(restriction: str) -> None:
    locations, episodes = world(30)
    assert to_tell(EDITION, locations.assign(sharing_restriction=restriction), episodes, Rules(), today=None).empty
    assert to_tell(EDITION, locations, episodes.assign(sharing_restriction=restriction), Rules(), today=None).empty


@pytest.mark.parametrize("change", [
    {"review_by": pd.Timestamp("2025-05-31")}, {"tier": "P4", "precision_m": 2_000.0}, {"precision_m": 251.0},
    {"at_precision": "unknown"}, {"location_type": "police_station"}, {"location_type": "childrens_home_vicinity"}])
def test_what_the_release_does_not_count_is_not_told_to_an_agency(change: dict[str, object]) -> None:
    locations, episodes = world(30)
    assert len(to_tell(EDITION, locations, episodes, Rules(), today=date(2025, 6, 1))) == 4
    assert to_tell(EDITION, locations.assign(**change), episodes, Rules(), today=date(2025, 6, 1)).empty


def test_flows_do_not_count_what_is_past_its_review_date() -> None:
    _, episodes = world(30, review_by=pd.Timestamp("2025-05-31"))
    assert release(episodes, Rules(), today=date(2025, 5, 31)).flows["children"].sum() == 30
    assert release(episodes, Rules(), today=date(2025, 6, 1)).flows.empty


def test_one_child_who_makes_most_of_it_is_nobodys_figure() -> None:
    locations, episodes = world(60)
    many = episodes["responsible_la"] == HOMES[0]
    person = episodes["person_ref"].mask(many & (np.arange(60) >= 16), "P0")  # of 30 episodes 23 are one child's
    told = to_tell(EDITION, locations.assign(person_ref=person), episodes.assign(person_ref=person), Rules(), today=None)
    assert HOMES[0] not in told["agency"].tolist() and HOMES[1] in told["agency"].tolist()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(8, 60))
def test_where_in_its_cell_and_when_in_its_period_a_record_lies_changes_nothing(seed: int, children: int) -> None:
    locations, episodes = world(children, 1)
    rng = np.random.default_rng(seed)
    corner = np.floor(locations[["easting", "northing"]].to_numpy() / 500) * 500
    east, north = (corner[:, side] + rng.uniform(0, 499.9, children) for side in (0, 1))
    moved = locations.assign(easting=east, northing=north,
                             at=world(children, seed)[0]["at"]).sample(frac=1, random_state=seed)
    before, after = (to_tell(EDITION, rows, episodes, Rules(), today=None) for rows in (locations, moved))
    pd.testing.assert_frame_equal(before, after)
    assert len(before) or children < 16


def test_outside_the_place_the_role_or_the_period_nobody_is_counted() -> None:
    locations, episodes = world(30)
    for change in ({"easting": locations["easting"] + 1_000}, {"role": "pickup"}, {"own_address": True},
                   {"at": locations["at"] + pd.Timedelta(days=31)}, {"at": locations["at"] - pd.Timedelta(days=31)}):
        assert to_tell(EDITION, locations.assign(**change), episodes, Rules(), today=None).empty


def test_an_extract_holds_cells_and_bands_and_no_record() -> None:
    locations, episodes = world(40)
    given = extract(EDITION, locations, episodes, HOMES[0], Rules(), today=None)
    assert given["cells"].tolist() == ["400000 500000; 400500 500000"]
    text = given.to_csv()
    assert not any(ref in text for ref in [*episodes["episode_ref"], *(f"{e:.3f}" for e in locations["easting"])])
