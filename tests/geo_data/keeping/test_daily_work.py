"""Interviews entered by hand, places they told of, and referral counts: only added to, and never lost by an import."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from geo_data.errors import InputError
from geo_data.keeping import referrals
from geo_data.keeping.decided import Decided, Ruling
from geo_data.keeping.facts import FACTS, facts
from geo_data.keeping.interviews import Interviews, Told
from geo_data.keeping.store import Store
from scoping import response
from tests.geo_data.keeping.test_decided import PIN, by_text
from tests.geo_data.made import episodes, import_into

NOW = datetime(2025, 7, 1, tzinfo=UTC)
ANSWER = {"easting": 425_000.0, "northing": 564_000.0, "precision_m": 60.0, "tier": "P2", "method": "street",
          "matched": "Mill Lane", "reason": "made"}


@pytest.fixture
def store(ready_url: str) -> Iterator[Store]:
    with Store(ready_url) as made:
        import_into(made, "a", episodes(["R-1", "R-2"], says="the chippy", rhi_offered="N"))
        yield made


def learned(store: Store) -> pd.DataFrame:
    found = store.locations("episodes")
    return found[found["location_source"] == "rhi"].reset_index(drop=True)


def tell(store: Store, **more: Any) -> int:
    told = Told("R-1", "pickup", "Mill Lane", "child_account", ANSWER | more, "street")
    return Interviews(store).learn("ann", "episodes", told)


def test_a_learned_place_joins_the_locations_of_its_episode(store: Store) -> None:
    version, before = store.version("episodes"), store.locations("episodes")
    tell(store)
    found = learned(store).iloc[0]
    assert (found["role"], found["episode_ref"], found["person_ref"], found["tier"]) == ("pickup", "R-1", "PR-1", "P2")
    assert found["location_type"] == "street" and not found["own_address"] and found["at"] == before["at"].iloc[0]
    assert store.version("episodes") != version and len(store.locations("episodes")) == len(before) + 1


def test_it_stays_when_the_record_is_amended_or_placed_anew_and_goes_when_taken_back(store: Store) -> None:
    number = tell(store)
    import_into(store, "b", episodes(["R-1"], days=1, says="a new text"))
    assert len(learned(store)) == 1
    Decided(store).decide("ann", [Ruling("a new text", "pin", **PIN)], by_text, synthetic=False)
    assert len(learned(store)) == 1
    Interviews(store).forget("ann", "episodes", number)
    assert learned(store).empty and Interviews(store).learned("episodes").empty
    assert [a for a in store.entries()["action"] if "learn" in a] == ["learn place", "take back learned place"]
    store.clear("episodes")
    assert store.locations("episodes").empty


def test_a_learned_place_that_could_not_be_placed_is_kept_and_counted(store: Store) -> None:
    tell(store, easting=float("nan"), northing=float("nan"), precision_m=float("nan"), tier="P5", method="none", matched=None)
    assert learned(store)["easting"].isna().all() and list(learned(store)["tier"]) == ["P5"]


@pytest.mark.parametrize("wrong", [{"role": "seen"}, {"basis": "guess"}, {"text": " "}, {"location_type": "lair"},
                                   {"text": "x" * 201}])
def test_a_learned_place_says_how_it_is_known(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Told(**{"episode_ref": "R-1", "role": "pickup", "text": "Mill Lane", "basis": "cctv", "answer": ANSWER} | wrong)


def test_what_is_entered_by_hand_stands_before_the_record_until_it_is_entered_anew(store: Store) -> None:
    kept = Interviews(store)
    kept.enter("ann", "episodes", "R-1", offered="Y", accepted="NK")
    kept.enter("bob", "episodes", "R-1", offered="Y", accepted="Y", completed_at=datetime(2025, 6, 3, tzinfo=UTC))
    found = kept.over("episodes", facts(store, "episodes")).set_index("episode_ref")
    assert found.loc["R-1", ["rhi_offered", "rhi_accepted"]].tolist() == ["Y", "Y"]
    assert found.loc["R-1", "rhi_completed_at"] == pd.Timestamp("2025-06-03", tz="UTC")
    assert found.loc["R-2", "rhi_offered"] == "N" and pd.isna(found.loc["R-2", "rhi_completed_at"])
    assert list(found.reset_index()[FACTS.names].dtypes) == list(facts(store, "episodes").dtypes)
    few = kept.over("episodes", store.episodes("episodes", only=("episode_ref", "rhi_offered", "found_at")))
    assert few["rhi_offered"].tolist() == ["Y", "N"]  # of a release's columns those that it has
    assert len(kept.entries("episodes")) == 2
    assert store.episodes("episodes")["rhi_offered"].tolist() == ["N", "N"]  # the record stays as its source wrote it


@pytest.mark.parametrize(("given", "says"), [
    ({"offered": "N", "accepted": "Y"}, "only when it was offered"), ({"offered": "maybe", "accepted": "Y"}, "are Y, N"),
    ({"offered": "Y", "accepted": "N", "completed_at": datetime(2025, 6, 3, tzinfo=UTC)}, "only when it was accepted"),
    ({"offered": "Y", "accepted": "Y", "completed_at": datetime(2999, 6, 3, tzinfo=UTC)}, "has passed"),
])
def test_an_interview_that_cannot_be_is_refused(given: dict[str, Any], says: str, store: Store) -> None:
    with pytest.raises(InputError, match=says):
        Interviews(store).enter("ann", "episodes", "R-1", **given)
    with pytest.raises(InputError, match="no such episode"):
        Interviews(store).enter("ann", "episodes", "R-9", offered="Y", accepted="N")


def test_missed_interviews_counted_in_the_database_equal_those_counted_from_the_records(store: Store) -> None:
    found, held = pd.Timestamp("2025-06-01", tz="UTC"), pd.Timestamp("2025-06-02", tz="UTC")
    nothing = [None] * 5
    frame = episodes([f"I-{n}" for n in range(7)], rhi_offered=["Y", "N", "NA", None, "Y", "Y", "Y"],
                     found_at=[found] * 6 + [pd.NaT], rhi_completed_at=[held, *nothing, None])
    import_into(store, "i", frame)
    kept, now = Interviews(store), datetime(2025, 6, 10, tzinfo=UTC)
    kept.enter("ann", "episodes", "I-4", offered="Y", accepted="Y", completed_at=datetime(2025, 6, 3, tzinfo=UTC))
    kept.enter("ann", "episodes", "I-5", offered="NA", accepted="NA")
    table = response.interviews(kept.over("episodes", facts(store, "episodes")), now)
    assert kept.missed("episodes", now) == (int(table["returned"].sum()), int(table["without"].sum()), 4) == (4, 2, 4)
    assert kept.missed("episodes", datetime(2025, 6, 3, tzinfo=UTC)) == (0, 0, 0)


# ------------------------------------------------------------------ referrals

def counts(text: str) -> pd.DataFrame:
    return referrals.read(text.encode(), "r.csv", NOW)


def test_counts_are_kept_and_a_newer_count_takes_the_place_of_the_older(store: Store) -> None:
    first = counts("Agency,Month,Area,Referrals\nHealth,2025-03,E06000057,4\nPolice,2025-03,E06000057,0\n")
    referrals.keep(store, first, NOW, "ann", synthetic=False)
    referrals.keep(store, counts("agency,month,area,referrals\nHealth,2025-03,E06000057,6\n"), NOW, "ann", synthetic=False)
    found = referrals.counts(store, synthetic=False)
    assert found[["agency", "referrals"]].to_numpy().tolist() == [["Health", 6], ["Police", 0]]
    assert referrals.counts(store, synthetic=True).empty


@pytest.mark.parametrize(("row", "says"), [
    ("Health,2025-13,E1,1", "month"), ("Health,2026-01,E1,1", "month"), ("Health,2025-03,E1,-1", "whole number"),
    ("Health,2025-03,E1,1.5", "whole number"), (",2025-03,E1,1", "agency"), ("Health,2025-03,,1", "area"),
    ("First,2025-03,E1,1", "twice"),
])
def test_a_wrong_count_refuses_the_file_with_its_line(row: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        counts(f"agency,month,area,referrals\nFirst,2025-03,E1,2\n{row}\n")
    assert "row 3" in caught.value.where


def test_persons_have_no_place_in_counts() -> None:
    with pytest.raises(InputError, match="no persons"):
        counts("agency,month,area,referrals,date of birth\nHealth,2025-03,E1,1,2010-01-01\n")
    with pytest.raises(InputError, match="no file of referral counts"):
        counts("a,b\n1,2\n")
