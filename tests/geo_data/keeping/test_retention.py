"""Records leave only when two people agree; what stays is counted right, and what left does not come back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geo_data.errors import InputError
from geo_data.keeping.audit import Seal
from geo_data.keeping.retention import Retention
from geo_data.keeping.store import Store
from geo_data.people import Reader
from tests.geo_data.made import MANY, episodes, import_into

TODAY = date(2026, 1, 1)
REFS = MANY[:40]


@pytest.fixture
def store(ready_url: str) -> Any:
    with Store(ready_url, Seal(b"k" * 64)) as opened:
        due = pd.to_datetime(["2025-12-31"] * 10 + ["2026-01-01"] * 10 + [None] * 20)
        import_into(opened, "a", episodes(REFS, review_by=due, person_ref=[f"P{n % 4}" for n in range(40)]))
        import_into(opened, "b", episodes(REFS[:5], 1, "elsewhere", review_by=due[:5], person_ref=[f"P{n % 4}" for n in range(5)]))
        yield opened


def test_what_is_past_its_date_is_due(store: Store) -> None:
    kept = Retention(store)
    assert kept.due("episodes", TODAY)["episode_ref"].tolist() == REFS[:10]
    assert len(kept.due("episodes", date(2026, 1, 2))) == 20
    assert Retention(store.seen_by(Reader(frozenset(), None))).due("episodes", TODAY).empty


def test_a_record_that_is_kept_is_due_again_later(store: Store) -> None:
    kept, version = Retention(store), store.version("episodes")
    assert kept.keep("ann", "episodes", REFS[:3], date(2027, 1, 1), TODAY) == 3
    assert kept.due("episodes", TODAY)["episode_ref"].tolist() == REFS[3:10]
    places = store.locations("episodes").set_index("episode_ref")["review_by"]
    assert set(places[REFS[:3]]) == {pd.Timestamp("2027-01-01")}
    assert store.version("episodes") != version
    with pytest.raises(InputError, match="future"):
        kept.keep("ann", "episodes", REFS, TODAY, TODAY)


def test_nobody_erases_alone(store: Store) -> None:
    kept = Retention(store)
    number = kept.propose("ann", "episodes", REFS[:10], "review")
    assert len(store.episodes("episodes")) == 40
    with pytest.raises(InputError, match="second person"):
        kept.approve("ann", number)
    assert len(store.episodes("episodes")) == 40 and kept.proposals()["state"].tolist() == ["open"]
    assert kept.approve("bob", number) == 10
    with pytest.raises(InputError, match="no open proposal"):
        kept.approve("bob", number)


def test_an_erasure_leaves_counts_right_and_the_chain_whole(store: Store) -> None:
    kept, version = Retention(store), store.version("episodes")
    kept.approve("bob", kept.propose("ann", "episodes", REFS[:10], "review"))
    assert store.episodes("episodes")["episode_ref"].tolist() == REFS[10:]
    assert set(store.locations("episodes")["episode_ref"]) == set(REFS[10:])
    assert all(store.history("episodes", ref).empty for ref in REFS[:10])
    listed = store.collections().iloc[0]
    assert (listed["episodes"], listed["locations"]) == (30, 60)
    assert store.version("episodes") != version
    assert store.verify().whole
    assert store.entries()["action"].tolist()[-2:] == ["propose erasure", "erase"]
    assert not any(ref in detail for ref in REFS for detail in store.entries()["detail"])
    assert (kept.proposals().iloc[0][["state", "proposed_by", "decided_by"]] == ["erased", "ann", "bob"]).all()


def test_nothing_of_it_is_left_in_the_file(sqlite_url: str) -> None:
    canary = "CANARY-STREET"
    with Store(sqlite_url, Seal(b"k" * 64)) as store:
        import_into(store, "a", episodes(["GONE/0001", *REFS], says=[canary] + ["street"] * 40))
        kept = Retention(store)
        kept.approve("bob", kept.propose("ann", "episodes", ["GONE/0001"], "request"))
    held = b"".join(file.read_bytes() for file in Path(sqlite_url.removeprefix("sqlite:///")).parent.iterdir())
    assert REFS[0].encode() in held
    assert canary.encode() not in held and b"GONE/0001" not in held


def test_what_was_erased_does_not_come_back(store: Store) -> None:
    kept = Retention(store)
    kept.approve("bob", kept.propose("ann", "episodes", REFS[:10], "review"))
    counts = import_into(store, "later", episodes([*REFS, "NEW/1"], 5, "again"))
    assert (counts.accepted, counts.amended, counts.unchanged) == (1, 30, 10)
    assert store.episodes("episodes")["episode_ref"].tolist() == sorted([*REFS[10:], "NEW/1"])
    assert import_into(store, "only erased", episodes(REFS[:3], 6)).unchanged == 3


def test_a_proposal_can_be_withdrawn(store: Store) -> None:
    kept = Retention(store)
    number = kept.propose("ann", "episodes", REFS[:2], "error")
    kept.withdraw("bob", number)
    with pytest.raises(InputError):
        kept.approve("bob", number)
    assert len(store.episodes("episodes")) == 40


@pytest.mark.parametrize(("refs", "reason"), [([], "review"), (["NONE/1"], "review"), (REFS[:1], "because")])
def test_a_proposal_that_makes_no_sense_is_refused(store: Store, refs: list[str], reason: str) -> None:
    before = len(store.entries())
    with pytest.raises(InputError):
        Retention(store).propose("ann", "episodes", refs, reason)
    assert len(store.entries()) == before


def test_everything_kept_of_one_person_is_gathered(store: Store) -> None:
    found = Retention(store).subject("ann", "episodes", "P1")
    assert (len(found["episodes"]), len(found["earlier records"]), len(found["places"])) == (10, 1, 20)
    assert set(found["episodes"]["person_ref"]) == {"P1"}
    assert store.entries()["action"].iloc[-1] == "subject access"
    with pytest.raises(InputError, match="nothing of such a person"):
        Retention(store).subject("ann", "episodes", "nobody")
