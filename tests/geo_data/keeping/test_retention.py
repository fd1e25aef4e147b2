"""Records leave only when two people agree; what stays is counted right, and what left does not come back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geo_data.errors import InputError
from geo_data.keeping.audit import Seal
from geo_data.keeping.interviews import Interviews, Told
from geo_data.keeping.retention import Retention
from geo_data.keeping.store import Store
from geo_data.keeping.tables import METADATA
from geo_data.keeping.withdrawn import withdraw
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


# -- episodes that their source has taken back

ANSWER = {"easting": 425_000.0, "northing": 565_000.0, "precision_m": 20.0, "tier": "P1", "method": "postcode", "matched": "M",
          "reason": "made"}
LATE = datetime(2025, 12, 1, tzinfo=UTC)


def taken_back(store: Store, ref: str = REFS[0]) -> None:
    """The episode with what was entered beside it, and then withdrawn."""
    Interviews(store).enter("ann", "episodes", ref, offered="Y", accepted="N")
    Interviews(store).learn("ann", "episodes", Told(ref, "found", "the arcade", "child_account", ANSWER))
    assert withdraw(store, "episodes", [ref], LATE, "feed").gone == 1


def rows_of(store: Store, *refs: str) -> dict[str, int]:
    """How many rows of each table name one of these episodes."""
    named = [table for table in METADATA.sorted_tables if "episode_ref" in table.c]
    with store.reading() as connection:
        found = {table.name: len(connection.execute(table.select().where(table.c.episode_ref.in_(refs))).all()) for table in named}
    return {name: count for name, count in found.items() if count}


def test_what_its_source_took_back_is_still_due(store: Store) -> None:
    taken_back(store)
    import_into(store, "back, then newer", episodes(REFS[1:2], 400, "anew", review_by="2030-01-01"))
    kept = Retention(store)
    found = kept.due("episodes", TODAY)
    assert found["episode_ref"].tolist() == [REFS[0], *REFS[2:10]]  # the older date of an amended record is no longer its date
    assert found["withdrawn"].tolist() == [True] + [False] * 8
    assert Retention(store.seen_by(Reader(frozenset(), None))).due("episodes", TODAY).empty
    assert kept.keep("ann", "episodes", REFS[:1], date(2027, 1, 1), TODAY) == 1
    assert REFS[0] not in set(kept.due("episodes", TODAY)["episode_ref"])
    assert REFS[0] in set(kept.due("episodes", date(2027, 1, 2))["episode_ref"])


def test_what_its_source_took_back_is_shown_to_whom_it_is_about(store: Store) -> None:
    taken_back(store)
    found = {name: len(frame) for name, frame in Retention(store).subject("ann", "episodes", "P0").items()}
    assert found == {"episodes": 9, "earlier records": 3, "places": 18, "interviews": 1, "places learned": 1, "withdrawals": 1}
    hidden = Retention(store.seen_by(Reader(frozenset(), None)))
    with pytest.raises(InputError, match="nothing of such a person"):
        hidden.subject("ann", "episodes", "P0")


def test_what_belongs_to_another_child_now_is_not_given_to_the_first(store: Store) -> None:
    import_into(store, "another child", episodes(REFS[1:2], 2, "anew", person_ref="P9"))
    Interviews(store).enter("ann", "episodes", REFS[1], offered="Y", accepted="N")
    assert withdraw(store, "episodes", REFS[1:2], LATE, "feed").gone == 1
    first = Retention(store).subject("ann", "episodes", "P1")
    assert (len(first["earlier records"]), len(first["interviews"]), len(first["withdrawals"])) == (2, 0, 0)
    assert len(Retention(store).subject("ann", "episodes", "P9")["interviews"]) == 1


def test_what_its_source_took_back_is_erased_whole(store: Store) -> None:
    taken_back(store)
    withdraw(store, "episodes", ["NEVER/1"], LATE, "feed")  # a reference is all that is kept of it
    assert set(rows_of(store, REFS[0])) == {"episode_history", "interviews", "learned", "withdrawn"}
    kept = Retention(store)
    assert kept.approve("bob", kept.propose("ann", "episodes", [REFS[0], "NEVER/1"], "request")) == 2
    assert rows_of(store, REFS[0], "NEVER/1") == {}
    assert store.verify().whole


def test_a_later_deletion_does_not_name_what_was_erased(store: Store) -> None:
    kept = Retention(store)
    kept.approve("bob", kept.propose("ann", "episodes", REFS[:1], "request"))
    assert withdraw(store, "episodes", REFS[:2], LATE, "feed").gone == 1
    assert rows_of(store, REFS[0]) == {} and rows_of(store, REFS[1])["withdrawn"] == 1


def test_no_other_open_proposal_names_what_was_erased(store: Store) -> None:
    kept = Retention(store)
    first, part, same = (kept.propose("ann", "episodes", refs, "review") for refs in (REFS[:2], REFS[1:3], REFS[:2]))
    kept.approve("bob", first)
    assert rows_of(store, *REFS[:2]) == {}
    told = kept.proposals().set_index("id")
    assert told.loc[part, ["state", "episodes"]].tolist() == ["open", 1]
    assert told.loc[same, ["state", "decided_by"]].tolist() == ["withdrawn", "bob"]
    assert kept.approve("bob", part) == 1


# -- the date until which an episode is kept

@pytest.mark.parametrize(("says", "holds"), [("2025-12-31", "2029-01-01"), (None, "2029-01-01"), ("2030-05-05", "2030-05-05")])
def test_a_kept_date_stands_before_an_earlier_one_of_a_file(store: Store, says: str | None, holds: str) -> None:
    kept = Retention(store)
    kept.keep("ann", "episodes", REFS[:1], date(2029, 1, 1), TODAY)
    assert import_into(store, "amended", episodes(REFS[:2], 5, "again", review_by=says)).amended == 2
    found = store.episodes("episodes").set_index("episode_ref")["review_by"]
    assert found[REFS[0]] == pd.Timestamp(holds)
    assert pd.isna(found[REFS[1]]) if says is None else found[REFS[1]] == pd.Timestamp(says)
    assert set(store.locations("episodes").set_index("episode_ref").loc[[REFS[0]], "review_by"]) == {pd.Timestamp(holds)}


def test_a_kept_date_stands_when_an_episode_comes_back(store: Store) -> None:
    kept = Retention(store)
    withdraw(store, "episodes", REFS[:1], LATE, "feed")
    kept.keep("ann", "episodes", REFS[:1], date(2029, 1, 1), TODAY)
    assert import_into(store, "back", episodes(REFS[:1], 400, review_by="2025-12-31")).accepted == 1
    assert REFS[0] not in set(kept.due("episodes", TODAY)["episode_ref"])
    kept.keep("ann", "episodes", REFS[:1], date(2027, 1, 1), TODAY)  # another review may also shorten it
    import_into(store, "amended", episodes(REFS[:1], 401, "again", review_by="2025-12-31"))
    assert store.episodes("episodes", REFS[:1])["review_by"].tolist() == [pd.Timestamp("2027-01-01")]


def test_a_cleared_data_set_keeps_no_date_and_no_proposal(store: Store) -> None:
    kept = Retention(store)
    kept.keep("ann", "episodes", REFS[:1], date(2029, 1, 1), TODAY)
    number = kept.propose("ann", "episodes", REFS[:2], "review")
    import_into(store, "other", episodes(REFS[:1]), "other")
    other = kept.propose("ann", "other", REFS[:1], "review")
    store.clear("episodes", "bob")
    assert set(rows_of(store, *REFS)) == {"episodes", "locations", "erasure_items"}
    assert kept.proposals().set_index("id")["state"].to_dict() == {number: "withdrawn", other: "open"}
    store.clear("other", "bob")
    assert rows_of(store, *REFS) == {}
