from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely

from scoping.parameters import Parameters, WindowScheme
from scoping.scope import scope
from scoping.showing import views
from scoping.showing.disclosure import release
from scoping.transitions import CHANGES, MEANING
from tests.scoping.change.test_ledger import steady, world
from tests.scoping.showing.rounds_read import outlines
from tests.scoping.worlds import Story

E, N = 430_000.0, 560_000.0


def flat(e, n):
    """A projection that tests can undo: latitude, longitude."""
    return n / 1e4, e / 1e4


@pytest.fixture(scope="module")
def given():
    return release(scope(world(), Parameters(min_children=3)), synthetic=True)


@pytest.fixture(scope="module")
def names(given):
    return {hotspot: f"near Place {k}" for k, hotspot in enumerate(given.hotspots["hotspot_id"].unique())}


def test_the_payload_is_plain_json_and_says_what_the_release_says(given, names):
    payload = json.loads(json.dumps(views.timeline(given, names, flat), allow_nan=False))
    assert set(payload) == {"labels", "spans", "partial", "classes", "words", "marking", "radius", "feats"}
    assert payload["spans"][0] == ["2024-01-01", "2024-02-01"]
    assert payload["classes"] == list(CHANGES) and len(payload["labels"]) == 14 and payload["radius"] == 125
    entries = {(feat["id"], int(k)): entry for feat in payload["feats"] for k, entry in feat["w"].items()}
    assert len(entries) == len(given.hotspots)
    for row in given.hotspots.itertuples():
        entry = entries[row.hotspot_id, row.window]
        assert entry["c"] == row.change
        assert entry["n"] == (None if pd.isna(row.children) else row.children)
        assert entry["e"] == (None if pd.isna(row.episodes) else row.episodes)
    for feat in payload["feats"]:
        assert feat["name"] == names[feat["id"]]
        drawn = outlines(feat, payload["radius"])
        assert {entry["r"] for entry in feat["w"].values()} == set(range(len(drawn)))
        for parts in drawn:
            for ring in parts:
                assert len(ring) > 11 and len(set(ring)) == len(ring)


def test_rings_lie_where_the_places_are(given):
    payload = views.timeline(given, {}, flat)
    rings = [ring for feat in payload["feats"] for parts in outlines(feat, payload["radius"]) for ring in parts]
    lat, lon = np.concatenate(rings).T
    assert (lon.min() > 39.9, lon.max() < 40.6, lat.min() > 54.9, lat.max() < 55.6) == (True,) * 4
    assert all(feat["name"] == feat["id"] for feat in payload["feats"])


def test_the_table_says_the_same_as_the_map(given, names):
    payload = views.timeline(given, names, flat)
    for window in range(len(given.labels)):
        table = views.table(given, names, window).set_index("Hotspot")
        drawn = {feat["id"]: feat["w"][str(window)] for feat in payload["feats"] if str(window) in feat["w"]}
        assert set(table.index) == set(drawn)
        for hotspot, row in table.iterrows():
            entry = drawn[hotspot]
            assert row["Change"] == CHANGES[entry["c"]]
            assert row["Place"] == names[hotspot]
            if entry["n"] is not None:
                assert (row["Children"], row["Episodes"]) == (entry["n"], entry["e"])
            before = next(feat["w"].get(str(window - 1)) for feat in payload["feats"] if feat["id"] == hotspot)
            if before and before["n"] is not None:
                assert row["Children previous window"] == before["n"]


def test_the_card_tells_the_history_up_to_its_window(given, names):
    for hotspot in given.hotspots["hotspot_id"].unique()[:8]:
        mine = given.hotspots[given.hotspots["hotspot_id"] == hotspot]
        for window in mine["window"]:
            card = json.loads(json.dumps(views.card(given, hotspot, window, names)))
            assert [entry["window"] for entry in card["history"]] == [
                given.labels[k] for k in mine["window"] if k <= window]
            assert card["history"][-1]["children"] == card["children"]
            assert np.array(card["hours"]).shape == (7, 24)
            records = mine.loc[mine["window"] <= window, "episodes"].sum()
            assert np.array(card["hours"]).sum() + card["hours_unknown"] == records
            assert sum(kind["records"] for kind in card["kinds"]) == (card["episodes"] or 0)
    assert views.card(given, "H0000-XX", 0, names) == {}


def test_a_place_that_was_there_from_the_first_window_may_be_older(given):
    said = {hotspot: views.card(given, hotspot, int(window), {})["since"]
            for hotspot, window in zip(given.hotspots["hotspot_id"], given.hotspots["window"], strict=True)}
    first = set(given.hotspots.loc[given.hotspots["window"] == 0, "hotspot_id"])
    assert first and first < set(said) and {hotspot for hotspot, since in said.items() if since.endswith(" or before")} == first


def test_flags_are_sentences():
    story = Story().visits(0, E, N, 5).visits(0, E, N, 5, person="BUSY").background(1)
    frame = story.frame()
    given = release(scope(frame.assign(location_type="friend_address"), Parameters(min_children=3)))
    card = views.card(given, given.hotspots["hotspot_id"].iloc[0], 0, {})
    assert any("One child makes half" in flag for flag in card["flags"])
    assert any("private addresses" in flag for flag in card["flags"])
    assert all(flag.endswith(".") for flag in card["flags"])


def test_hours_are_local_time_and_unknown_times_stand_apart():
    frame = Story("2024-07").visits(0, E, N, 6).background(1).frame()  # noon, British Summer Time
    given = release(scope(frame, Parameters()))
    card = views.card(given, given.hotspots["hotspot_id"].iloc[0], 0, {})
    assert np.array(card["hours"]).sum(axis=0).tolist() == [0] * 12 + [6] + [0] * 11
    given = release(scope(frame.assign(at_precision="day"), Parameters()))
    card = views.card(given, given.hotspots["hotspot_id"].iloc[0], 0, {})
    assert (np.array(card["hours"]).sum(), card["hours_unknown"]) == (0, 6)


def test_records_of_overlapping_windows_are_counted_once_in_the_hours():
    frame = Story().visits(0, E, N, 6).visits(1, E, N, 6).visits(2, E, N, 6).visits(5, E, N, 6).background(6).frame()
    given = release(scope(frame, Parameters(min_children=3, window=WindowScheme.parse("rolling:91d:28d"))))
    here = frame[(frame["easting"] - E).abs() < 500]
    for hotspot, window in zip(given.hotspots["hotspot_id"], given.hotspots["window"], strict=True):
        shown = views.card(given, hotspot, int(window), {})
        counted = views.apart(given, int(window))
        spans = [[pd.Timestamp(day, tz="Europe/London") for day in given.spans[k]] for k in counted]
        assert counted[0] == window and all(early[1] <= late[0] for late, early in pairwise(spans))
        held = sum(here["at"].between(*span, inclusive="left").sum() for span in spans)
        assert np.array(shown["hours"]).sum() + shown["hours_unknown"] <= held <= len(here)


def test_new_is_said_against_no_more_than_was_looked_at():
    story = Story().visits(0, E + 9_000, N, 5).visits(5, E, N, 8).visits(14, E + 20_000, N, 8).background(16)
    given = release(scope(story.frame(), Parameters(min_children=3)))
    born = {int(row.window): views.card(given, row.hotspot_id, row.window, {})["meaning"]
            for row in given.hotspots[given.hotspots["change"] == "born"].itertuples()}
    assert "since 1 Jan 2024, where these windows begin" in born[5] and born[14] == MEANING["born"]


def test_of_a_window_without_a_past_or_still_filling_or_without_records_no_change_is_said():
    story = Story().visits(0, E, N, 6).visits(1, E, N, 6).visits(3, E, N, 6)
    for month in (0, 1, 3):
        story.visits(month, 300_000, 700_000, 1)  # none in the third month, and the last one still fills
    given = release(scope(story.frame(), Parameters(min_children=3)))
    assert [views.unsettled(given, k).partition(" ")[0] for k in range(4)] == ["There", "", "There", "Apr"]
    assert "before Jan 2024" in views.unsettled(given, 0) and "gap in the data" in views.unsettled(given, 2)


def test_geojson_holds_only_whole_grid_cells_of_the_release(given):
    collection = json.loads(json.dumps(views.geojson(given, flat), allow_nan=False))
    assert collection["type"] == "FeatureCollection" and collection["features"]
    assert collection["metadata"]["parameters"] == given.parameters
    for feature in collection["features"]:
        shape = shapely.transform(shapely.geometry.shape(feature["geometry"]), lambda place: place * 1e4)
        corners = shapely.get_coordinates(shape)
        np.testing.assert_allclose(np.round(corners / 500) * 500, corners, atol=0.01)
        here = feature["properties"]
        window = [span[0] for span in given.spans].index(here["window_start"])
        cells = given.cells[(given.cells["hotspot_id"] == here["hotspot_id"]) & (given.cells["window"] == window)]
        assert shape.area == pytest.approx(len(cells) * 250_000, rel=1e-6)
        assert here["children"] >= 3 and here["marking"] == given.marking
        assert all(shapely.is_ccw(part.exterior) for part in shape.geoms)


def test_intervals_in_words():
    assert views.interval(1.44, 0.9, 2.06) == "1.4x (0.9-2.1)"
    assert views.interval(np.inf, 2.34, np.inf) == "at least 2.3x"
    assert views.interval(np.nan, np.nan, np.nan) == "not enough data"


def test_growth_reaches_the_table():
    assert steady(12, 20)["rr_low"].iloc[-1] > 1


def test_every_change_has_a_word_and_a_meaning():
    assert set(CHANGES) == set(MEANING)
    assert len(set(CHANGES.values())) == len(CHANGES)


def test_views_of_nothing():
    nothing = release(scope(world().iloc[:0], Parameters()))
    assert views.timeline(nothing, {}, flat)["feats"] == []
    assert views.table(nothing, {}, 0).empty
    assert views.geojson(nothing, flat)["features"] == []
