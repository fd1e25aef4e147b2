"""Laws of the invented world: it keeps to the published targets, and what is planted is there and nowhere else."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from geo_data.demo.synthetic import PLANTED_COLUMNS, TRUTH_COLUMNS, world
from geo_data.demo.synthetic_planted import ONE_CHILD, PLANTED
from geo_data.placing.land import mask, on_land
from geo_data.schema import EPISODES
from tests.geo_data.county import read, the_county, the_episodes, the_world

NOT_OUR_WORDS = re.compile(r"abscond|runaway|ran away|prostitut|promiscu|risky|boyfriend|girlfriend|streetwise|"
                           r"hard to engage|refuse|offender|groom", re.IGNORECASE)
ROLES = ("last_seen", "pickup", "found")


def has_point(frame: pd.DataFrame, role: str) -> pd.Series:
    return ((frame[f"{role}_easting"] != "") | (frame[f"{role}_latitude"] != "") | (frame[f"{role}_postcode"] != "")
            | frame[f"{role}_location_text"].str.fullmatch(r"NU \d{4} \d{4}"))


def times(frame: pd.DataFrame, column: str) -> pd.Series:
    return pd.to_datetime(frame[column].where(frame[column] != ""), utc=True)


def test_the_same_arguments_give_the_same_bytes_and_another_seed_others():
    assert world(the_county(), months=3).episodes_csv == world(the_county(), months=3).episodes_csv
    assert world(the_county(), months=3, seed=2).episodes_csv != world(the_county(), months=3).episodes_csv


# ---------------------------------------------------------------- the file

def test_the_file_is_the_native_template():
    assert the_episodes().columns.tolist() == EPISODES.names


@pytest.mark.parametrize("column", EPISODES.columns, ids=lambda column: column.name)
def test_every_cell_keeps_its_columns_rule(column):
    cells = the_episodes()[column.name]
    given = cells[cells != ""]
    if column.need == "R":
        assert len(given) == len(cells)
    if column.allowed:
        assert set(given) <= set(column.allowed)
    if column.pattern:
        assert given.str.fullmatch(column.pattern).all()
    if column.max_length:
        assert given.str.len().max() <= column.max_length or given.empty
    if column.kind in ("int", "float") and len(given):
        assert pd.to_numeric(given).between(column.low, column.high).all()
    if column.kind == "datetime":
        assert given.str.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d[+-]\d\d:\d\d").all()


def test_the_rules_between_columns_hold():
    frame = the_episodes()
    assert frame["episode_ref"].is_unique
    out = frame["placed_out_of_area"] == "Y"
    assert (frame.loc[out, "placing_authority"] != "").all()
    pickup = frame[[name for name in frame if name.startswith("pickup_") and name != "pickup_basis"]].ne("").any(axis=1)
    assert (pickup == (frame["pickup_basis"] != "")).all()
    assert (frame.loc[pickup, "location_source"] != "").all()
    assert ((frame["rhi_offered"] != "Y") | frame["rhi_accepted"].isin(["Y", "N"])).all()
    assert ((frame["found_at"] == "") == (frame["found_at_own_address"] == "")).all()
    for role in ROLES:
        bng, degrees = frame[f"{role}_easting"] != "", frame[f"{role}_latitude"] != ""
        assert not (bng & degrees).any()
        assert (bng == (frame[f"{role}_northing"] != "")).all()
        assert (degrees == (frame[f"{role}_longitude"] != "")).all()


def test_times_are_in_order():
    frame = the_episodes()
    seen, told, found = (times(frame, name) for name in ("last_seen_at", "reported_at", "found_at"))
    closed = found.notna()
    assert (seen <= told).all()
    assert (told[closed] <= found[closed]).all()
    picked = times(frame, "pickup_at")
    assert (picked.isna() | (picked >= seen)).all()
    assert (picked.isna() | ~closed | (picked <= found)).all()
    assert (found[closed] < times(frame, "extracted_at")[closed]).all()
    assert 0 < (~closed).sum() < 40  # some are still missing at the data cut-off


def test_no_word_the_house_rules_out_and_nothing_personal():
    text = the_world().episodes_csv.decode() + " ".join(the_world().truth["description"])
    assert not NOT_OUR_WORDS.search(text)
    assert the_episodes()["person_ref"].str.fullmatch(r"DEMO-C\d{5}").all()
    assert the_episodes()["recording_force"].eq("Synthetic demo force").all()
    assert not the_episodes()["responsible_la"].str.match(r"E0[6-9]0000").any()  # no real authority


def test_every_recorded_point_is_in_the_invented_county():
    frame, postcodes = the_episodes(), the_county().postcodes
    land = mask(postcodes["easting"], postcodes["northing"])
    for role in ROLES:
        given = frame[frame[f"{role}_easting"] != ""]
        assert on_land(land, given[f"{role}_easting"].astype(float), given[f"{role}_northing"].astype(float)).all()
        recorded = frame[f"{role}_postcode"]
        assert recorded[recorded != ""].isin(postcodes["postcode"]).all()
        assert not frame[f"{role}_uprn"].ne("").any()  # an invented number could be a real property's


def test_places_are_recorded_in_every_way_that_real_sources_use():
    frame = the_episodes()
    text = frame["found_location_text"]
    bare = ~has_point(frame, "found")
    assert (frame["found_easting"] != "").mean() > 0.3
    assert ((frame["found_easting"] == "") & (frame["found_postcode"] != "")).mean() > 0.1
    assert (frame["found_latitude"] != "").mean() > 0.03
    assert text.str.fullmatch(r"NU \d{4} \d{4}").mean() > 0.02
    assert (bare & text.str.contains(", ")).mean() > 0.03  # street and town
    assert (bare & text.isin(the_county().places["name"])).mean() > 0.02  # a town alone
    assert (bare & text.isin(["town centre", "unknown", "mate's house"])).mean() > 0.01
    assert (text == "").mean() > 0.02


# ---------------------------------------------------------------- the targets

def test_episodes_per_child_keep_to_the_law():
    each = the_episodes().groupby("person_ref").size().sort_values(ascending=False)
    assert each.sum() == pytest.approx(4_000, rel=0.03)
    assert (each == 1).mean() == pytest.approx(0.577, abs=0.01)
    assert each.mean() == pytest.approx(2.67, abs=0.05)
    assert each.iloc[: round(0.15 * len(each))].sum() / each.sum() == pytest.approx(0.529, abs=0.02)
    assert each[each >= 10].sum() / each.sum() == pytest.approx(0.297, abs=0.03)


def test_durations_delays_and_repeats_keep_to_the_published_quantiles():
    frame = the_episodes()
    hours = (times(frame, "found_at") - times(frame, "last_seen_at")).dt.total_seconds().dropna() / 3_600
    assert hours.median() == pytest.approx(6.9, rel=0.1)
    assert (hours < 24).mean() == pytest.approx(0.79, abs=0.03)
    assert (hours < 48).mean() == pytest.approx(0.89, abs=0.03)
    started = times(frame, "last_seen_at").sort_values()
    gap = started.groupby(frame["person_ref"].loc[started.index]).agg(list).map(
        lambda at: (at[1] - at[0]).days if len(at) > 1 else np.nan)
    assert (gap.dropna() <= 28).mean() > 0.5


def test_care_ages_and_out_of_area_keep_to_the_targets():
    frame = the_episodes()
    care = frame["care_status"] == "looked_after"
    assert care.mean() == pytest.approx(0.36, abs=0.02)
    assert care.groupby(frame["person_ref"]).first().mean() == pytest.approx(0.19, abs=0.01)
    homes = frame["placement_type"] == "K2"
    assert (frame.loc[homes, "placed_out_of_area"] == "Y").mean() == pytest.approx(0.41, abs=0.02)
    age = frame["age_at_episode"].astype(int)
    assert (age >= 12).mean() == pytest.approx(0.93, abs=0.04)
    assert (age >= 15).mean() == pytest.approx(0.58, abs=0.10)  # children grow older in two years
    hour = times(frame, "last_seen_at").dt.tz_convert("Europe/London").dt.hour
    assert hour[care].isin([22, 23, 0]).mean() > 1.5 * hour[~care].isin([22, 23, 0]).mean()


def test_found_places_keep_to_the_published_shares():
    frame = the_episodes()
    assert (frame["found_at_own_address"] == "Y").mean() == pytest.approx(0.25, abs=0.02)
    kind = frame["found_location_type"]
    kind = kind[kind != ""]
    public = kind.isin(["street", "park_open_space", "car_park", "shopping_leisure", "takeaway_food", "transport_hub"])
    assert (kind == "own_address").mean() == pytest.approx(0.25, abs=0.03)
    assert kind.isin(["friend_address", "private_address_concern"]).mean() == pytest.approx(0.24, abs=0.04)
    assert (kind == "relative_address").mean() == pytest.approx(0.12, abs=0.03)
    assert public.mean() == pytest.approx(0.32, abs=0.05)
    assert (kind == "police_station").mean() == pytest.approx(0.02, abs=0.01)


def test_interviews_pickups_and_unlocated_places_keep_to_the_targets():
    frame = the_episodes()
    closed = frame[frame["found_at"] != ""]
    assert (closed["rhi_offered"] == "Y").mean() == pytest.approx(0.7, abs=0.03)
    offered = closed[closed["rhi_offered"] == "Y"]
    assert (offered["rhi_accepted"] == "Y").mean() == pytest.approx(0.7, abs=0.03)
    done = offered[offered["rhi_completed_at"] != ""]
    wait = (times(done, "rhi_completed_at") - times(done, "found_at")).dt.total_seconds() / 3_600
    assert (wait <= 72).mean() == pytest.approx(0.63, abs=0.03)
    assert (frame["pickup_basis"] != "").mean() == pytest.approx(0.10, abs=0.01)
    street = closed["found_location_text"].str.contains(", ")
    assert (~has_point(closed, "found") & ~street).mean() == pytest.approx(0.15, abs=0.03)


def test_a_short_world_keeps_its_size_and_shape():
    short = read(the_world(months=3))
    assert len(short) == pytest.approx(500, rel=0.05)
    assert short["person_ref"].value_counts().eq(1).mean() == pytest.approx(0.577, abs=0.03)


# ---------------------------------------------------------------- what is planted

def children_near(frame: pd.DataFrame, role: str, easting: float, northing: float, reach_m: float = 300.0) -> pd.Series:
    """Distinct children a month within reach of a point, by recorded coordinates alone."""
    at = times(frame, {"found": "found_at", "last_seen": "last_seen_at", "pickup": "pickup_at"}[role])
    e = pd.to_numeric(frame[f"{role}_easting"], errors="coerce")
    n = pd.to_numeric(frame[f"{role}_northing"], errors="coerce")
    near = (np.hypot(e - easting, n - northing) < reach_m) & at.notna()
    month = at[near].dt.tz_convert("Europe/London").dt.strftime("%Y-%m")
    return frame.loc[near, "person_ref"].groupby(month).nunique()


def test_the_truth_names_every_planted_hotspot_in_plain_words():
    truth = the_world().truth
    assert truth.columns.tolist() == TRUTH_COLUMNS
    assert set(truth["planted_id"]) == {plan.planted_id for plan in (*PLANTED, ONE_CHILD)}
    assert {"emerges", "grows", "moves", "splits", "merges", "fades", "seasonal", "stable", "linked pickup",
            "linked found", "one child"} <= set(truth["kind"])
    assert set(truth["role"]) == set(ROLES)
    assert truth.loc[truth["is_place"], "kind"].ne("one child").all()
    assert truth["monthly"].str.split(" ").str.len().eq(24).all()
    assert the_world().planted.columns.tolist() == PLANTED_COLUMNS


def test_every_planted_visit_is_in_the_file():
    planted, frame = the_world().planted, the_episodes().set_index("episode_ref")
    assert planted["episode_ref"].isin(frame.index).all()
    assert (frame.loc[planted["episode_ref"], "person_ref"].to_numpy() == planted["person_ref"].to_numpy()).all()
    for role in ROLES:
        mine = planted[planted["role"] == role]
        rows = frame.loc[mine["episode_ref"]]
        given = (rows[f"{role}_easting"] != "").to_numpy()
        e, n = (rows.loc[given, f"{role}_{axis}"].astype(float).to_numpy() for axis in ("easting", "northing"))
        away = np.hypot(e - mine["easting"].to_numpy()[given], n - mine["northing"].to_numpy()[given])
        assert given.mean() > 0.4
        assert away.max() < 160


@pytest.mark.parametrize("planted_id", [plan.planted_id for plan in PLANTED])
def test_each_planted_hotspot_has_several_children_in_its_active_months(planted_id: str):
    visits = the_world().planted
    visits = visits[visits["planted_id"] == planted_id]
    children = visits.groupby("month")["person_ref"].nunique()
    fades = planted_id == "P06"
    assert (children if not fades else children.iloc[:9]).min() >= 3
    assert children.max() <= 14
    assert (children >= 5).mean() > (0.5 if fades else 0.8)


def test_planted_hotspots_stand_apart():
    truth = the_world().truth
    points = truth.groupby(["role", "planted_id"])[["easting", "northing"]].mean()
    for _, mine in points.groupby("role"):
        xy = mine.to_numpy()
        gap = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) + np.eye(len(xy)) * 1e9
        assert gap.min() > 750


def test_changes_are_the_ones_that_were_planned():
    truth = the_world().truth.set_index(["planted_id", "site"])
    monthly = {key: np.array(value.split(), dtype=int) for key, value in truth["monthly"].items()}
    assert monthly["P01", ""][:10].sum() == 0 < monthly["P01", ""][10:].min()
    assert monthly["P02", ""][-6:].mean() > 1.8 * monthly["P02", ""][:6].mean()
    moved = truth.loc[("P03", "after"), ["easting", "northing"]] - truth.loc[("P03", "before"), ["easting", "northing"]]
    assert 400 <= np.hypot(*moved.astype(float)) <= 600
    for planted_id, first, second, ends_apart in (("P04", "west", "east", True), ("P05", "north", "south", False)):
        visits = the_world().planted
        mine = visits[visits["planted_id"] == planted_id]
        gap = mine.pivot_table(index="month", columns="site", values=["easting", "northing"])
        gap = np.hypot(gap["easting"][first] - gap["easting"][second], gap["northing"][first] - gap["northing"][second])
        near, far = (gap.iloc[0], gap.iloc[-1]) if ends_apart else (gap.iloc[-1], gap.iloc[0])
        assert near < 250
        assert far > 700
    assert monthly["P06", ""][:4].min() >= 6
    assert monthly["P06", ""][-8:].sum() == 0
    season = pd.Series(monthly["P07", ""], index=pd.period_range("2024-01", periods=24, freq="M"))
    assert season[season.index.month.isin([7, 8])].min() >= 5
    assert season[~season.index.month.isin([7, 8])].sum() == 0
    assert monthly["P08", ""].min() >= 4


def test_children_collected_at_the_school_gate_are_found_at_the_linked_place():
    visits = the_world().planted.groupby("planted_id")["episode_ref"].agg(set)
    assert visits["P09"] == visits["P10"] == visits["P12"]
    frame = the_episodes().set_index("episode_ref").loc[sorted(visits["P09"])]
    started = times(frame, "last_seen_at").dt.tz_convert("Europe/London")
    assert (started.dt.day_of_week < 5).all()
    assert started.dt.hour.isin([14, 15]).all()
    assert (frame["missing_from_type"] == "school_education").all()


def test_one_child_many_times_is_never_several_children():
    trap = the_world().truth.set_index("planted_id").loc["P13"]
    assert not trap["is_place"]
    visits = the_world().planted
    mine = visits[visits["planted_id"] == "P13"]
    assert len(set(mine["person_ref"])) == 1
    assert len(mine) >= 15
    assert children_near(the_episodes(), "found", trap["easting"], trap["northing"], 250).max() < 5


def test_the_null_world_is_the_same_background_with_nothing_planted():
    null, planted = the_episodes(null=True), the_episodes()
    assert the_world(null=True).truth.empty
    assert the_world(null=True).planted.empty
    assert the_world(null=True).truth.columns.tolist() == TRUTH_COLUMNS
    assert (null["person_ref"] == planted["person_ref"]).all()
    own, null_own = (frame["found_at_own_address"].eq("Y").mean() for frame in (planted, null))
    assert null_own == pytest.approx(own, abs=0.005)
    for site in the_world().truth.itertuples():
        if site.is_place:
            assert children_near(null, site.role, site.easting, site.northing).reindex(
                [f"{y}-{m:02d}" for y in (2024, 2025) for m in range(1, 13)], fill_value=0).mean() < 2.5
