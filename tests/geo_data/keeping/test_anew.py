"""Records held are placed again where they were rough, and only there; what came out is told and audited."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from geo_data.errors import StoreError
from geo_data.keeping.anew import place_anew, roughly
from geo_data.keeping.interviews import Interviews, Told
from geo_data.keeping.store import Store
from tests.geo_data.made import episodes, import_into, locations, source

REFS = ["R-FINE", "R-MUTE", "R-OURS", "R-SURE", "R-TOWN"]
ANSWER = {"easting": 425_000.0, "northing": 565_000.0, "precision_m": 3_000.0, "tier": "P4", "method": "place", "matched": "M",
          "reason": "made"}


def placed(of: pd.DataFrame) -> pd.DataFrame:
    """As the gazetteer once answered: R-FINE finely, nothing of R-SURE but what the team decided, the others roughly."""
    found = locations(of, ["found"])
    fine, sure = found["episode_ref"] == "R-FINE", found["episode_ref"] == "R-SURE"
    found["tier"] = found["tier"].mask(~fine, "P4")
    found["method"] = found["method"].mask(~fine, "place").mask(sure, "team_decision")
    found["easting"] = 400_000.0
    return found


def now(of: pd.DataFrame) -> pd.DataFrame:
    """As it answers now: everything finely, but a town."""
    found = locations(of, ["found"])
    found["tier"] = found["tier"].mask(found["episode_ref"] == "R-TOWN", "P4")
    return found


@pytest.fixture
def store(ready_url: str) -> Any:
    with Store(ready_url) as opened:
        of = episodes(REFS, says=["a", None, "b", "c", "d"])
        opened.import_("episodes", "episodes", of, placed(of), source("a", len(of)))
        Interviews(opened).learn("ann", "episodes", Told("R-FINE", "found", "the arcade", "cctv", ANSWER))
        yield opened


def test_what_was_rough_is_placed_and_nothing_else(store: Store) -> None:
    before, version = store.locations("episodes").set_index("location_id"), store.version("episodes")
    steps: list[tuple[int, int]] = []
    assert roughly(store, "episodes") == 2
    done = place_anew(store, "episodes", now, "ann", lambda *step: steps.append(step))
    after = store.locations("episodes").set_index("location_id")
    changed = [key for key in before.index if after.loc[key, "easting"] != before.loc[key, "easting"]]
    assert changed == ["R-OURS:found", "R-TOWN:found"]  # not the fine one, the decided one, the one without a text, the learned one
    assert (done.places, done.changed, done.before, done.after) == (2, 2, {"P4": 2}, {"P3": 1, "P4": 1})
    assert steps == [(2, 2)] and store.version("episodes") != version
    last = store.entries().iloc[-1]
    assert (last["actor"], last["action"]) == ("ann", "place anew")
    assert json.loads(last["detail"])["after"] == {"P3": 1, "P4": 1} and "R-OURS" not in last["detail"]
    assert store.verify([]).whole and len(after) == len(before) and roughly(store, "episodes") == 1


def test_a_second_time_changes_nothing(store: Store) -> None:
    place_anew(store, "episodes", now, "ann")
    version, held = store.version("episodes"), store.locations("episodes")
    done = place_anew(store, "episodes", now, "ann")
    assert (done.places, done.changed) == (1, 0)
    assert store.version("episodes") == version
    pd.testing.assert_frame_equal(store.locations("episodes"), held)


def test_rows_that_came_meanwhile_are_not_overwritten(store: Store) -> None:
    def slow(of: pd.DataFrame) -> pd.DataFrame:
        import_into(store, "meanwhile", episodes(["R-OURS"], 1, "elsewhere"))
        return now(of)

    with pytest.raises(StoreError, match="changed while"):
        place_anew(store, "episodes", slow, "ann")
    assert "place anew" not in set(store.entries()["action"])
    assert store.locations("episodes").set_index("location_id").loc["R-TOWN:found", "easting"] == 400_000.0


def test_nothing_held_is_nothing_placed(store: Store) -> None:
    assert roughly(store, "sample") == 0
    done = place_anew(store, "sample", now, "ann")
    assert (done.places, done.changed, done.before, done.after) == (0, 0, {}, {})
