"""What frozen reviews and kept results promise, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest

from geo_data.keeping.reviews import MOST_KEPT, Reviews
from geo_data.keeping.store import Store


@pytest.fixture
def store(ready_url: str) -> Any:
    with Store(ready_url) as store:
        yield store


def freeze(store: Store, content: str, month: str = "2025-03", data: str = "v1") -> int:
    return Reviews(store).freeze("episodes", "{}", month, content, data_version=data, actor="ann")


def test_a_frozen_version_stays_and_a_correction_is_another(store: Store) -> None:
    assert [freeze(store, "one"), freeze(store, "one", data="v2"), freeze(store, "two", data="v3")] == [1, 1, 2]
    freeze(store, "other", month="2025-04")
    found = Reviews(store).versions("episodes", "{}", "2025-03")
    assert found[["number", "content", "data_version", "actor"]].to_numpy().tolist() == [[1, "one", "v1", "ann"],
                                                                                         [2, "two", "v3", "ann"]]
    assert found["frozen_at"].notna().all()
    assert len(Reviews(store).versions("episodes")) == 3 and Reviews(store).versions("demo").empty


def test_freezing_is_entered_in_the_audit(store: Store) -> None:
    freeze(store, "one")
    last = store.entries(newest=1).iloc[0]
    assert (last["actor"], last["action"]) == ("ann", "freeze review") and '"version"' in last["detail"]


def test_a_kept_result_is_for_these_data_and_settings_alone(store: Store) -> None:
    reviews = Reviews(store)
    reviews.keep("episodes", "chance", "{}", "v1", "first")
    reviews.keep("episodes", "chance", "{}", "v1", "again")
    assert reviews.kept("episodes", "chance", "{}", "v1") == "again"
    for other in (("demo", "chance", "{}", "v1"), ("episodes", "grid", "{}", "v1"), ("episodes", "chance", "{1}", "v1"),
                  ("episodes", "chance", "{}", "v2")):
        assert reviews.kept(*other) is None


def test_the_oldest_results_go(store: Store) -> None:
    reviews = Reviews(store)
    for k in range(MOST_KEPT + 5):
        reviews.keep("episodes", "chance", f"{k}", "v1", "x")
    held = [k for k in range(MOST_KEPT + 5) if reviews.kept("episodes", "chance", f"{k}", "v1")]
    assert len(held) == MOST_KEPT and held[-1] == MOST_KEPT + 4


def test_clearing_a_collection_clears_its_reviews(store: Store) -> None:
    freeze(store, "one")
    Reviews(store).keep("episodes", "chance", "{}", "v1", "x")
    store.clear("episodes", "ann")
    assert Reviews(store).versions("episodes").empty and Reviews(store).kept("episodes", "chance", "{}", "v1") is None
