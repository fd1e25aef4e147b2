"""What the store promises of rows, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from itertools import count
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from geo_data import schema
from geo_data.errors import StoreError
from geo_data.keeping import rows as kept_rows
from geo_data.keeping.store import Counts, Store
from geo_data.keeping.tables import RECORD
from tests.geo_data.amend_model import ROW, RowByRow
from tests.geo_data.made import RECEIVED, T0, episodes, import_into, locations, source

_collections = (f"collection {number}" for number in count())


@pytest.fixture
def store(ready_url: str) -> Any:
    with Store(ready_url) as opened:
        yield opened


def _content(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[schema.EPISODES.names]


# -- what goes in comes out


def test_a_new_database_is_empty(store: Store) -> None:
    assert store.collections().empty
    assert store.version("episodes") == ""
    assert_frame_equal(store.locations("episodes"), schema.LOCATIONS.empty())
    assert_frame_equal(store.episodes("episodes"), RECORD.empty())
    assert not store.imported("episodes", source("a").sha256)


def test_every_column_comes_back_as_it_went_in(store: Store) -> None:
    refs = ["B-1", "A/2", "a-3", "É-4"]  # in byte order: A/2 B-1 a-3 É-4
    frame = episodes(refs, says=["naïve \U0001f642 'quoted' \"twice\", a,b\n\\.\nc", "tab\tnew\nline\\N", None, ""],
                     category=["Burglary", None, "x", "y"], time_precision="month")
    frame["found_easting"] = [0.1 + 0.2, np.nan, -0.0, 699_999.999]
    moments = ["1970-01-01T00:00:00.000001Z", None, "1899-12-31T23:59:59Z", "2262-04-12T00:00:00Z"]
    frame["found_at"] = pd.to_datetime(moments, format="ISO8601").as_unit("us")
    frame["age_at_episode"] = pd.array([0, None, 17, 9], dtype="Int64")
    frame["review_by"] = pd.to_datetime([None, "1970-01-01", "2999-12-31", None]).as_unit("us")
    places = locations(frame)
    assert store.import_("episodes", "episodes", frame, places, source("a", 4)) == Counts(accepted=4)

    stored = store.episodes("episodes")
    ordered = frame.iloc[[1, 0, 2, 3]]
    assert_frame_equal(_content(stored), _content(ordered).reset_index(drop=True))
    assert stored["category"].fillna("-").tolist() == ["-", "Burglary", "x", "y"]
    assert stored["time_precision"].tolist() == ["month"] * 4
    assert stored["source_line"].tolist() == [3, 2, 4, 5]
    assert stored["version"].tolist() == [1] * 4
    assert_frame_equal(store.locations("episodes"), places.sort_values("location_id").reset_index(drop=True))


def test_the_order_of_rows_never_matters(store: Store) -> None:
    refs = [f"R-{number % 30}" for number in range(40)]
    frame = episodes(refs, [number % 3 for number in range(40)], [f"place {number}" for number in range(40)])
    places = locations(frame)
    store.import_("one", "episodes", frame, places, source("a"))
    store.import_("two", "episodes", frame.sample(frac=1, random_state=1), places.sample(frac=1, random_state=2),
                  source("a"))
    assert_frame_equal(store.episodes("one").drop(columns="source_id"), store.episodes("two").drop(columns="source_id"))
    assert_frame_equal(store.locations("one"), store.locations("two"))
    for ref in refs[:10]:
        assert_frame_equal(*(store.history(name, ref).drop(columns="source_id") for name in ("one", "two")))


@pytest.mark.parametrize("asked", [3, 700])
def test_episodes_can_be_asked_for_by_reference(store: Store, asked: int) -> None:
    refs = [f"R-{number:04d}" for number in range(800)]
    import_into(store, "a", episodes(refs))
    assert store.episodes("episodes", [*refs[:asked], "unknown"])["episode_ref"].tolist() == refs[:asked]
    assert store.episodes("episodes", []).empty


def test_a_few_columns_are_those_of_the_whole_record(store: Store) -> None:
    import_into(store, "a", episodes([f"R-{number:04d}" for number in range(40)]))
    few = ["reported_at", "person_ref", "found_easting"]
    whole = store.episodes("episodes")
    assert_frame_equal(store.episodes("episodes", only=few), whole[[name for name in whole.columns if name in few]])
    assert store.episodes("episodes", [], few).columns.tolist() == store.episodes("episodes", ["R-0001"], few).columns.tolist()
    with pytest.raises(KeyError, match="unknown"):
        store.episodes("episodes", only=["unknown"])


# -- new, newer, the same, older


def test_the_same_file_again_changes_nothing(store: Store) -> None:
    frame = episodes(["R-1", "R-2"])
    import_into(store, "a", frame)
    before = store.version("episodes"), store.collections(), store.sources("episodes")
    assert store.imported("episodes", source("a").sha256)
    assert import_into(store, "a", frame.assign(found_location_text="other")) == Counts(unchanged=len(frame), already_imported=True)
    assert store.version("episodes") == before[0]
    assert_frame_equal(store.collections(), before[1])
    assert_frame_equal(store.sources("episodes"), before[2])
    assert import_into(store, "a", frame, "another collection") == Counts(accepted=2)


def test_the_same_rows_in_another_file_change_no_row(store: Store) -> None:
    frame = episodes(["R-1", "R-2"])
    import_into(store, "a", frame)
    before = store.episodes("episodes"), store.locations("episodes"), store.version("episodes")
    assert import_into(store, "b", frame.iloc[::-1]) == Counts(unchanged=2)
    assert_frame_equal(store.episodes("episodes"), before[0])
    assert_frame_equal(store.locations("episodes"), before[1])
    assert store.version("episodes") != before[2]  # a file more in the list of sources


def test_a_newer_record_amends_and_the_old_one_is_kept(store: Store) -> None:
    import_into(store, "a", episodes(["R-1", "R-2"], 0, "old"))
    newer = episodes(["R-3", "R-1"], 5, "new")
    places = locations(newer, ["pickup"])
    assert store.import_("episodes", "episodes", newer, places, source("b")) == Counts(accepted=1, amended=1)

    now = store.episodes("episodes")
    assert now["found_location_text"].tolist() == ["new", "old", "new"]
    assert now["version"].tolist() == [2, 1, 1]
    assert store.locations("episodes")["location_id"].tolist() == [
        "R-1:pickup", "R-2:found", "R-2:last_seen", "R-3:pickup"]
    kept = store.history("episodes", "R-1")
    assert kept[["found_location_text", "version", "source_line"]].to_numpy().tolist() == [["old", 1, 2]]
    assert_frame_equal(_content(kept), _content(episodes(["R-1"], 0, "old").reset_index(drop=True)))
    assert store.history("episodes", "R-2").empty


def test_an_older_record_is_kept_once_and_never_becomes_current(store: Store) -> None:
    import_into(store, "a", episodes(["R-1"], 5, "now"))
    for name, expected in (("b", Counts(older=1, unchanged=1)), ("c", Counts(unchanged=2))):
        assert import_into(store, name, episodes(["R-1", "R-1"], 1, "before")) == expected
    assert store.episodes("episodes")["found_location_text"].tolist() == ["now"]
    assert store.locations("episodes")["matched"].tolist() == ["now", "now"]
    assert store.history("episodes", "R-1")[["found_location_text", "version"]].to_numpy().tolist() == [["before", 0]]


def test_of_two_extracted_at_the_same_moment_the_one_received_last_is_current(store: Store) -> None:
    import_into(store, "a", episodes(["R-1"], 0, "mistyped"))
    assert import_into(store, "b", episodes(["R-1"], 0, "corrected")) == Counts(amended=1)
    assert store.episodes("episodes")["found_location_text"].tolist() == ["corrected"]


def test_a_newer_extract_that_repeats_the_record_keeps_what_came_between_out(store: Store) -> None:
    import_into(store, "a", episodes(["R-1"], 0, "true"))
    assert import_into(store, "b", episodes(["R-1"], 9, "true")) == Counts(unchanged=1)
    assert import_into(store, "c", episodes(["R-1"], 5, "between")) == Counts(older=1)
    now = store.episodes("episodes")
    assert now["found_location_text"].tolist() == ["true"]
    assert now["extracted_at"].tolist() == [T0 + pd.Timedelta(days=9)]


def test_several_rows_of_one_episode_in_a_file_follow_each_other(store: Store) -> None:
    frame = episodes(["R-1", "R-2", "R-1", "R-1"], [2, 0, 1, 3], ["second", "only", "first", "second"])
    assert import_into(store, "a", frame) == Counts(accepted=2, amended=1, unchanged=1)
    now = store.episodes("episodes")
    assert now["found_location_text"].tolist() == ["second", "only"]
    assert now[["version", "source_line"]].to_numpy().tolist() == [[2, 2], [1, 3]]
    assert store.history("episodes", "R-1")[["found_location_text", "version"]].to_numpy().tolist() == [["first", 1]]
    assert store.locations("episodes")["matched"].tolist() == ["second", "second", "only", "only"]


def _laws(examples: int) -> settings:
    return settings(max_examples=examples, derandomize=True, deadline=None, phases=[Phase.explicit, Phase.generate],
                    suppress_health_check=[HealthCheck.function_scoped_fixture])


@_laws(10)
@given(files=st.lists(st.lists(ROW, min_size=1, max_size=6), min_size=1, max_size=4))
def test_deciding_for_all_rows_at_once_is_deciding_row_by_row(store: Store, files: list[Any]) -> None:
    collection, model = next(_collections), RowByRow()
    for number, rows in enumerate(files):
        refs, days, says = map(list, zip(*rows, strict=True))
        counts = import_into(store, f"{number}", episodes(refs, days, says), collection)
        expected = model.take(rows)
        assert (counts.accepted, counts.amended, counts.unchanged, counts.older) == tuple(
            expected[name] for name in ("accepted", "amended", "unchanged", "older"))
    assert _told(store.episodes(collection)) == {ref: [row] for ref, row in model.current.items()}
    for ref, past in model.history.items():
        assert sorted(_told(store.history(collection, ref)).get(ref, [])) == sorted(past)
    current = store.episodes(collection).set_index("episode_ref")["found_location_text"]
    places = store.locations(collection)
    assert len(places) == 2 * len(current)
    assert (places["matched"] == places["episode_ref"].map(current)).all()


@_laws(5)
@given(rows=st.lists(ROW, min_size=2, max_size=5, unique_by=lambda row: row[:2]), data=st.data())
def test_the_order_of_files_never_changes_what_is_current(store: Store, rows: list[Any], data: Any) -> None:
    told = []
    for order in (rows, data.draw(st.permutations(rows))):
        collection = next(_collections)
        for number, (ref, day, says) in enumerate(order):
            import_into(store, f"{number}", episodes([ref], day, says), collection)
        told.append({ref: row[0][:2] for ref, row in _told(store.episodes(collection)).items()})
    assert told[0] == told[1]


def _told(frame: pd.DataFrame) -> dict[str, list[tuple[int, str, int]]]:
    found: dict[str, list[tuple[int, str, int]]] = {}
    for ref, at, says, version in frame[["episode_ref", "extracted_at", "found_location_text", "version"]].itertuples(
            index=False):
        found.setdefault(ref, []).append(((at - T0).days, says, version))
    return found


# -- collections and sources


def test_a_collection_knows_its_size_and_span(store: Store) -> None:
    frame = episodes(["R-1", "R-2", "R-3"])
    frame["reported_at"] = pd.to_datetime(["2025-01-03T00:00Z", "2024-12-31T23:59Z", None]).as_unit("us")
    import_into(store, "a", frame, "sample")
    import_into(store, "b", episodes(["R-9"]), "demo")
    import_into(store, "c", episodes(["R-2"], 3, "later"), "sample")
    listed = store.collections().set_index("name")
    assert listed.index.tolist() == ["demo", "sample"]
    of = listed.loc["sample"]
    assert (of["nature"], of["episodes"], of["locations"]) == ("episodes", 3, 6)
    assert (of["episodes"], of["locations"]) == (len(store.episodes("sample")), len(store.locations("sample")))
    at = store.locations("sample")["at"]
    assert (of["first_at"], of["last_at"]) == (at.min(), at.max())
    assert of["version"] == store.version("sample") != store.version("demo")
    assert of["updated_at"] == RECEIVED


def test_a_source_tells_what_became_of_its_rows(store: Store) -> None:
    frame = episodes(["R-1", "R-2"])
    file = source("a", rows=5, rejected=3)
    store.import_("episodes", "episodes", frame, locations(frame), file)
    row = store.sources("episodes").iloc[0]
    assert row["sha256"] == file.sha256
    assert row["received_at"] == RECEIVED
    assert row[["filename", "profile"]].tolist() == ["a.csv", "native"]
    assert row[["rows", "accepted", "amended", "unchanged", "older", "rejected"]].tolist() == [5, 2, 0, 0, 0, 3]
    assert store.episodes("episodes")["source_id"].tolist() == [row["id"]] * 2


def test_a_file_without_an_acceptable_row_is_not_remembered(store: Store) -> None:
    assert import_into(store, "a", episodes(["R-1"]).head(0)) == Counts()
    assert store.collections().empty
    assert import_into(store, "a", episodes(["R-1"])) == Counts(accepted=1)


def test_natures_are_never_mixed(store: Store) -> None:
    frame = episodes(["R-1"])
    import_into(store, "a", frame)
    with pytest.raises(StoreError, match="never takes 'public_sample'"):
        store.import_("episodes", "public_sample", frame, locations(frame), source("b"))
    assert len(store.sources("episodes")) == 1


def test_clearing_a_collection_leaves_the_others(store: Store) -> None:
    for collection in ("one", "two"):
        import_into(store, "a", episodes(["R-1", "R-2"]), collection)
        import_into(store, "b", episodes(["R-1"], 1, "later"), collection)
    before = store.version("one")
    kept = store.episodes("two"), store.locations("two"), store.history("two", "R-1"), store.sources("two")
    store.clear("one")
    assert store.collections()["name"].tolist() == ["two"]
    assert store.locations("one").empty
    assert store.history("one", "R-1").empty
    assert store.sources("one").empty
    for now, then in zip((store.episodes("two"), store.locations("two"), store.history("two", "R-1"),
                          store.sources("two")), kept, strict=True):
        assert_frame_equal(now, then)
    assert import_into(store, "a", episodes(["R-1", "R-2"]), "one") == Counts(accepted=2)
    assert store.version("one") not in ("", before)


# -- frames that do not belong together


def test_locations_of_other_episodes_are_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="every episode_ref must be among the episodes"):
        store.import_("episodes", "episodes", episodes(["R-1"]), locations(episodes(["R-1", "R-2"])), source("a"))
    twice = episodes(["R-1", "R-1"], [0, 1], ["x", "y"])
    with pytest.raises(ValueError, match="the index must be the episode's"):
        store.import_("episodes", "episodes", twice, locations(twice).reset_index(drop=True), source("a"))
    assert store.collections().empty


# -- threads


def test_readers_in_other_threads_see_before_or_after(store: Store) -> None:
    first = episodes([f"R-{number}" for number in range(300)], 0, "before")
    import_into(store, "a", first)
    seen: list[set[str]] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.append(set(store.locations("episodes")["matched"]))

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    counts = import_into(store, "b", episodes(first["episode_ref"].tolist(), 1, "after"))
    stop.set()
    for thread in threads:
        thread.join()
    assert counts == Counts(amended=300)
    assert {frozenset(words) for words in seen} <= {frozenset({"before"}), frozenset({"after"})}
    assert set(store.locations("episodes")["matched"]) == {"after"}


def test_records_asked_for_in_several_questions_are_of_one_moment(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    refs = ["R-1", "R-2", "R-3"]
    import_into(store, "a", episodes(refs, 0, "before"))
    frame, imported = kept_rows.frame, []

    def and_import(*given: Any) -> pd.DataFrame:
        found = frame(*given)
        if not imported:
            imported.append("b")
            import_into(store, "b", episodes(refs, 1, "after"))
        return found

    monkeypatch.setattr("geo_data.keeping.store.MANY_REFS", 1)
    monkeypatch.setattr(kept_rows, "frame", and_import)
    assert len(set(store.episodes("episodes", refs)["source_id"])) == 1 and imported == ["b"]
    assert store.episodes("episodes", refs)["episode_ref"].tolist() == refs
