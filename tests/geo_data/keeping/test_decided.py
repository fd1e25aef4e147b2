"""Decisions on texts: they reach every row with the text and no other, come back when undone, and are one transaction."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from geo_data import schema
from geo_data.errors import InputError
from geo_data.keeping.decided import Decided, Ruling
from geo_data.keeping.store import Store
from geo_data.placing.decisions import text_key
from geo_data.placing.taught import Taught
from tests.geo_data.made import episodes, locations, source

PIN = {"easting": 425_000.0, "northing": 564_000.0, "precision_m": 60.0, "tier": "P2"}


def by_text(frame: pd.DataFrame, taught: Taught) -> pd.DataFrame:
    """What `locate` does with decisions, and nothing else: a text without one is not placed."""
    found = locations(frame)
    text = pd.concat([frame["last_seen_location_text"], frame["found_location_text"]])
    answers = [taught.find(text_key(t)) if isinstance(t, str) else None for t in text]
    for name in ("easting", "northing", "precision_m"):
        found[name] = [getattr(a, name) if a else float("nan") for a in answers]
    found["tier"] = [a.tier if a else "P5" for a in answers]
    found["method"] = ["team_decision" if a else "none" for a in answers]
    return schema.LOCATIONS.conform(found)


def fill(store: Store, collection: str, texts: list[str | None], prefix: str = "R") -> None:
    frame = episodes([f"{prefix}-{n}" for n in range(len(texts))], says=texts)
    frame["last_seen_location_text"] = None
    store.import_(collection, "episodes", frame, by_text(frame, Taught()), source(f"{collection}{prefix}", len(frame)))


@pytest.fixture
def store(ready_url: str) -> Iterator[Store]:
    with Store(ready_url) as made:
        fill(made, "episodes", ["the chippy", "The Chippy, UK", "nr the chippy", "town centre", None])
        fill(made, "demo", ["the chippy"])
        yield made


def tiers(store: Store, collection: str = "episodes") -> list[str]:
    found = store.locations(collection)
    return list(found.loc[found["role"] == "found", "tier"])


def test_one_decision_serves_every_row_with_the_text_and_no_other(store: Store) -> None:
    before, version, demo = store.locations("episodes"), store.version("episodes"), store.version("demo")
    done = Decided(store).decide("ann", [Ruling("the chippy", "pin", **PIN)], by_text, synthetic=False)
    assert done.episodes == {"episodes": 2}
    assert tiers(store) == ["P2", "P2", "P5", "P5", "P5"]
    after = store.locations("episodes")
    untouched = ~after["episode_ref"].isin(["R-0", "R-1"])
    assert_frame_equal(after[untouched], before[untouched])
    assert store.version("episodes") != version and store.version("demo") == demo
    assert tiers(store, "demo") == ["P5"]


def test_an_alias_holds_behind_words_such_as_near(store: Store) -> None:
    Decided(store).decide("ann", [Ruling("the chippy", "pin", alias=True, **PIN)], by_text, synthetic=False)
    assert tiers(store) == ["P2", "P2", "P2", "P5", "P5"]


def test_undoing_brings_back_what_held_before(store: Store) -> None:
    kept = Decided(store)
    first = kept.decide("ann", [Ruling("the chippy", "pin", **PIN)], by_text, synthetic=False).ids[0]
    placed = store.locations("episodes")
    second = kept.decide("bob", [Ruling("the chippy", "no_place")], by_text, synthetic=False).ids[0]
    assert tiers(store)[:2] == ["P5", "P5"]
    assert kept.undo("ann", second, by_text).episodes == {"episodes": 2}
    assert_frame_equal(store.locations("episodes"), placed)
    assert list(kept.current(synthetic=False)["id"]) == [first]
    kept.undo("ann", first, by_text)
    assert tiers(store) == ["P5"] * 5 and kept.current(synthetic=False).empty
    assert list(store.entries()["action"])[-4:] == ["decide place", "decide place", "undo place", "undo place"]
    assert "chippy" not in "".join(store.entries()["detail"])
    assert list(kept.history()["basis"]) == ["pin", "no_place", "undo", "undo"]
    with pytest.raises(InputError, match="does not hold"):
        kept.undo("ann", first, by_text)


def test_the_history_of_episodes_and_their_records_stay_as_they_are(store: Store) -> None:
    records, past = store.episodes("episodes"), store.history("episodes", "R-0")
    Decided(store).decide("ann", [Ruling("the chippy", "pin", **PIN)], by_text, synthetic=False)
    assert_frame_equal(store.episodes("episodes"), records)
    assert_frame_equal(store.history("episodes", "R-0"), past)


def test_what_is_decided_on_invented_data_never_touches_real_records(store: Store) -> None:
    kept = Decided(store)
    kept.decide("ann", [Ruling("the chippy", "pin", **PIN)], by_text, synthetic=True)
    assert tiers(store) == ["P5"] * 5 and tiers(store, "demo") == ["P2"]
    assert len(kept.taught(synthetic=False)) == 0 and len(kept.taught(synthetic=True)) == 1


def test_a_decision_that_fails_half_way_leaves_nothing(store: Store) -> None:
    kept, before = Decided(store), store.locations("episodes")

    def fails(frame: pd.DataFrame, taught: Taught) -> pd.DataFrame:
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        kept.decide("ann", [Ruling("the chippy", "pin", **PIN)], fails, synthetic=False)
    assert kept.history().empty
    assert_frame_equal(store.locations("episodes"), before)


def test_more_rows_than_one_statement_takes(store: Store) -> None:
    fill(store, "episodes", ["bus shelter"] * 1_203, "M")
    done = Decided(store).decide("ann", [Ruling("bus shelter", "pin", **PIN)], by_text, synthetic=False)
    assert done.episodes == {"episodes": 1_203}
    assert tiers(store).count("P2") == 1_203 and len(store.locations("episodes")) == 2 * 1_208


def test_open_texts_are_those_without_a_fine_point(store: Store) -> None:
    kept = Decided(store)
    assert list(kept.open_texts("episodes")["text"]) == ["the chippy", "The Chippy, UK", "nr the chippy", "town centre"]
    kept.decide("ann", [Ruling("the chippy", "pin", alias=True, **PIN)], by_text, synthetic=False)
    assert list(kept.open_texts("episodes")["text"]) == ["town centre"]


def test_a_decision_is_refused_when_it_says_nothing() -> None:
    with pytest.raises(InputError, match="needs a text"):
        Ruling(" , ", "pin", **PIN)
    with pytest.raises(InputError):
        Ruling("the chippy", "pin", easting=1.0, northing=2.0)
    with pytest.raises(InputError, match="kind of place"):
        Ruling("the chippy", "pin", location_type="lair", **PIN)
