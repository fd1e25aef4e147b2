"""The daily feed: every file once, whatever stops it; what cannot be used is put aside with its reasons; silence is told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from geo_data.keeping import feed_book
from geo_data.keeping.store import Store
from geo_data.placing.gazetteer import Gazetteer
from geo_data.reading import feed, own_profiles, watched
from geo_data.reading.profiles import adopt
from geo_data.reading.watched import FeedError
from tests.geo_data.rows import GOOD, csv_bytes

NOW = datetime(2025, 7, 1, 6, tzinfo=UTC)


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    with Store(sqlite_url) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "feed" / "police").mkdir(parents=True)
    return tmp_path / "feed"


def drop(folder: Path, name: str, *rows: dict[str, Any], sender: str = "police", data: bytes | None = None,
         at: datetime | None = None) -> Path:
    """A file that has lain there for a minute, or since `at`."""
    path = folder / sender / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(csv_bytes([GOOD | row for row in rows]) if data is None else data)
    os.utime(path, (path.stat().st_mtime - 60 if at is None else at.timestamp(),) * 2)
    return path


def run(folder: Path, store: Store, gazetteer: Gazetteer, now: datetime = NOW, **more: Any) -> feed.Run:
    return feed.run(folder, store, gazetteer, now=now, **more)


def outcomes(done: feed.Run) -> list[str]:
    return [one.outcome for one in done.handled]


def test_a_file_is_imported_once_and_moved(folder: Path, store: Store, gazetteer: Gazetteer) -> None:
    path = drop(folder, "a.csv", {"episode_ref": "NP/1"}, {"episode_ref": "NP/2"})
    again = path.read_bytes()
    assert outcomes(run(folder, store, gazetteer)) == ["imported"]
    assert not path.exists() and (folder / "police" / "done" / "a.csv").exists()
    assert run(folder, store, gazetteer).handled == ()
    drop(folder, "b.csv", data=again)
    version = store.version("episodes")
    assert outcomes(run(folder, store, gazetteer)) == ["repeated"] and store.version("episodes") == version
    assert len(store.episodes("episodes")) == 2
    assert list(feed_book.files(store)["outcome"]) == ["imported", "repeated"]


def test_a_run_that_stops_after_the_import_is_taken_up_by_the_next(folder: Path, store: Store, gazetteer: Gazetteer,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    drop(folder, "a.csv", {})

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(watched, "put", stop)
        with pytest.raises(KeyboardInterrupt):
            run(folder, store, gazetteer)
    assert outcomes(run(folder, store, gazetteer)) == ["repeated"]
    assert len(store.episodes("episodes")) == 1 and len(store.sources("episodes")) == 1


def test_what_cannot_be_used_is_put_aside_with_the_reason_and_no_value(folder: Path, store: Store, gazetteer: Gazetteer) -> None:
    drop(folder, "wrong.csv", data=b"canary,b\n1,2\n")
    drop(folder, "bad.csv", {"age_at_episode": "canary"})
    drop(folder, "half.csv", {"episode_ref": "NP/1"}, {"episode_ref": "NP/2", "age_at_episode": "77"})
    assert sorted(outcomes(run(folder, store, gazetteer))) == ["imported", "quarantined", "quarantined"]
    aside = folder / "police" / "quarantine"
    assert {path.name for path in aside.iterdir()} == {"wrong.csv", "wrong.csv.reasons.txt", "bad.csv", "bad.csv.reasons.txt"}
    assert "No row of the file can be used" in (aside / "bad.csv.reasons.txt").read_text()
    said = feed_book.files(store)["reason"].dropna().str.cat() + store.entries()["detail"].str.cat()
    assert "canary" not in said and "age_at_episode" in said
    assert (folder / "police" / "done" / "half.csv.rejects.csv").exists()
    assert len(store.episodes("episodes")) == 1


def test_files_still_being_written_or_replaced_wait(folder: Path, store: Store, gazetteer: Gazetteer,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(folder, "a.csv", {})
    drop(folder, "b.csv.part", data=b"x")
    drop(folder, ".c.csv", data=b"x")
    os.utime(path)
    assert run(folder, store, gazetteer).left == ("police/a.csv",)
    os.utime(path, (path.stat().st_mtime - 60,) * 2)
    real = Path.read_bytes

    def replaced(self: Path) -> bytes:
        data = real(self)
        if self == path:
            drop(folder, "a.csv", {"episode_ref": "NP/9"})
        return data

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", replaced)
        assert run(folder, store, gazetteer).left == ("police/a.csv",)
    assert outcomes(run(folder, store, gazetteer)) == ["imported"]
    assert list(store.episodes("episodes")["episode_ref"]) == ["NP/9"]


def test_a_file_replaced_after_it_was_imported_is_the_next_runs(folder: Path, store: Store, gazetteer: Gazetteer,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(folder, "a.csv", {"episode_ref": "NP/1"})
    real = feed.commit

    def slow(*given: Any) -> Any:
        drop(folder, "a.csv", {"episode_ref": "NP/2"})
        return real(*given)

    with monkeypatch.context() as patch:
        patch.setattr(feed, "commit", slow)
        run(folder, store, gazetteer)
    assert path.exists()
    run(folder, store, gazetteer)
    assert list(store.episodes("episodes")["episode_ref"]) == ["NP/1", "NP/2"] and not path.exists()


def test_amendments_and_deletions_are_followed_and_history_stays(url: str, folder: Path, gazetteer: Gazetteer) -> None:
    with Store(url) as store:
        drop(folder, "a.csv", {"episode_ref": "NP/1"}, {"episode_ref": "NP/2"})
        run(folder, store, gazetteer)
        drop(folder, "b.csv", {"episode_ref": "NP/1", "age_at_episode": "16", "extracted_at": "2025-06-02T06:00Z"})
        drop(folder, "deleted-1.csv", data=b"episode_ref,extracted_at\nnp/2,2025-06-02T06:00:00Z\nNP/77,2025-06-02T06:00:00Z\n")
        assert sorted(outcomes(run(folder, store, gazetteer))) == ["imported", "withdrawn"]
        assert store.episodes("episodes")[["episode_ref", "age_at_episode"]].to_numpy().tolist() == [["NP/1", 16]]
        assert set(store.locations("episodes")["episode_ref"]) == {"NP/1"}
        assert len(store.history("episodes", "NP/2")) == 1 and len(store.history("episodes", "NP/1")) == 1
        drop(folder, "late.csv", {"episode_ref": "NP/2", "age_at_episode": "14"}, {"episode_ref": "NP/77"})
        run(folder, store, gazetteer)
        assert set(store.episodes("episodes")["episode_ref"]) == {"NP/1"}  # an extract from before brings nothing back
        drop(folder, "new.csv", {"episode_ref": "NP/2", "extracted_at": "2025-06-03T06:00Z"})
        run(folder, store, gazetteer)
        assert set(store.episodes("episodes")["episode_ref"]) == {"NP/1", "NP/2"}


def test_each_episode_is_taken_back_as_of_its_own_time(folder: Path, store: Store, gazetteer: Gazetteer) -> None:
    drop(folder, "a.csv", {"episode_ref": "NP/1", "extracted_at": "2025-05-02T06:00Z"},
         {"episode_ref": "NP/2", "extracted_at": "2025-05-02T06:00Z"})
    run(folder, store, gazetteer)
    drop(folder, "deleted.csv", data=b"episode_ref,extracted_at\nNP/1,2025-05-01T06:00:00Z\nNP/2,2025-05-03T06:00:00Z\n")
    assert outcomes(run(folder, store, gazetteer)) == ["withdrawn"]
    assert set(store.episodes("episodes")["episode_ref"]) == {"NP/1"}  # recorded again since it was taken back


def test_a_late_file_of_deletions_takes_back_no_later_one(folder: Path, store: Store, gazetteer: Gazetteer) -> None:
    drop(folder, "a.csv", {"episode_ref": "NP/1", "extracted_at": "2025-05-01T06:00Z"}, {"episode_ref": "NP/2"})
    run(folder, store, gazetteer)
    for name, day in (("deleted.csv", 9), ("deleted-before.csv", 3)):
        drop(folder, name, data=f"episode_ref,extracted_at\nNP/1,2025-05-{day:02d}T06:00:00Z\n".encode())
        run(folder, store, gazetteer)
    drop(folder, "between.csv", {"episode_ref": "NP/1", "extracted_at": "2025-05-05T06:00Z"})
    run(folder, store, gazetteer)
    assert set(store.episodes("episodes")["episode_ref"]) == {"NP/2"}


def test_a_file_that_vanishes_while_the_folder_is_looked_through_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(folder, "a.csv", {})
    drop(folder, "gone.csv", {})
    there = Path.is_file

    def vanishing(path: Path) -> bool:
        found = there(path)
        if path.name == "gone.csv":
            path.unlink(missing_ok=True)
        return found

    monkeypatch.setattr(Path, "is_file", vanishing)
    assert "a.csv" in [path.name for path in watched.waiting(watched.senders(folder)[0])]


def held(store: Store) -> set[str]:
    return set(store.episodes("episodes")["episode_ref"])


@pytest.mark.parametrize("data", [b"episode_ref\nNP/1\n", b'\xef\xbb\xbf"episode_ref"\r\n"np/1"\r\n', b"Episode Ref\n\nNP/1\n\n",
                                  "episode_ref\nNP/1\n".encode("utf-16"), b"sep=;\nepisode_ref\nNP/1\n"])
def test_a_file_of_deletions_may_have_one_column_alone(data: bytes, folder: Path, store: Store, gazetteer: Gazetteer) -> None:
    drop(folder, "a.csv", {"episode_ref": "NP/1"}, {"episode_ref": "NP/2"})
    run(folder, store, gazetteer)
    drop(folder, "deleted.csv", data=data)
    assert outcomes(run(folder, store, gazetteer)) == ["withdrawn"] and held(store) == {"NP/2"}


LL = {"miss_table_id": "100234", "miss_person_id": "C77", "extract_date": "30/05/2025", "la_code": "E06000057", "age": "14",
      "care_status": "N", "miss_missing_episode_type": "M", "miss_missing_episode_start_date": "10/05/2025"}


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("data", [b"episode_ref\n100234\n", b"episode_ref\nLL-100234\n", b"miss_table_id,why\n100234,error\n",
                                  b"Miss Table ID,extract_date\n100234,02/06/2025\n",
                                  csv_bytes([LL | {"extract_date": "02/06/2025"}])])
def test_deletions_are_written_as_the_senders_episodes_are(data: bytes, declared: bool, folder: Path, store: Store,
                                                           gazetteer: Gazetteer) -> None:
    if declared:
        (folder / "police" / "feed.toml").write_text('profile = "liquidlogic"')
    drop(folder, "a.csv", data=csv_bytes([LL, LL | {"miss_table_id": "100235"}]))
    drop(folder, "b.csv", {"episode_ref": "100234"}, sender="other")  # another system's record of the same number
    run(folder, store, gazetteer)
    assert held(store) == {"LL-100234", "LL-100235", "100234"}
    drop(folder, "deleted.csv", data=data)
    done, = run(folder, store, gazetteer).handled
    assert (done.outcome, done.amended, done.reason) == ("withdrawn", 1, None) and held(store) == {"LL-100235", "100234"}


def test_references_that_were_not_found_are_counted_and_told(folder: Path, store: Store, gazetteer: Gazetteer) -> None:
    drop(folder, "deleted-1.csv", data=b"episode_ref\nNP/1\nNP/1\nNP/8\n")
    assert "Never held here: 2 of 2 references" in str(run(folder, store, gazetteer).handled[0].reason)  # and nothing else is
    drop(folder, "a.csv", {"episode_ref": "NP/1"}, {"episode_ref": "NP/2", "extracted_at": "2025-06-09T06:00Z"})
    run(folder, store, gazetteer)
    listed = b"episode_ref,extracted_at\nNP/1,2025-06-02T06:00Z\nNP/2,2025-06-02T06:00Z\nNP/8,\nNP/9,\n"
    drop(folder, "deleted-2.csv", data=listed)
    done, = run(folder, store, gazetteer).handled
    assert (done.rows, done.amended, done.unchanged) == (4, 1, 3)
    assert "Never held here: 2 of 4 references" in str(done.reason) and "and kept: 1." in str(done.reason)
    drop(folder, "deleted-3.csv", data=b"episode_ref,extracted_at\nNP/1,2025-06-03T06:00Z\n")
    assert run(folder, store, gazetteer).handled[0].reason is None  # it was here, and is gone already
    assert feed_book.files(store)["reason"].notna().tolist() == [True, False, True, False]


def test_times_of_deletions_are_of_london_unless_they_say_otherwise(folder: Path, store: Store, gazetteer: Gazetteer) -> None:
    now = datetime(2025, 7, 2, 6, 45, tzinfo=UTC)  # 07:45 in London
    drop(folder, "a.csv", *({"episode_ref": f"NP/{n}", "extracted_at": "2025-07-02T07:30"} for n in range(1, 5)))
    run(folder, store, gazetteer, now)
    drop(folder, "deleted.csv", data=b"episode_ref,extracted_at\nNP/1,2025-07-02T07:30\nNP/2,2025-07-02T07:00\nNP/3,\n"
                                     b"NP/4,2025-07-02T06:29:59Z\n")
    assert outcomes(run(folder, store, gazetteer, now)) == ["withdrawn"] and held(store) == {"NP/2", "NP/4"}


def test_after_a_backlog_what_was_recorded_again_is_there(folder: Path, store: Store, gazetteer: Gazetteer) -> None:
    drop(folder, "1.csv", {"episode_ref": "NP/1"}, {"episode_ref": "NP/2"}, at=datetime(2025, 6, 1, 7, tzinfo=UTC))
    drop(folder, "deleted.csv", data=b"episode_ref\nNP/1\nNP/2\n", at=datetime(2025, 6, 1, 12, tzinfo=UTC))
    drop(folder, "2.csv", {"episode_ref": "NP/1", "extracted_at": "2025-06-02T06:00Z"}, at=datetime(2025, 6, 2, 7, tzinfo=UTC))
    assert outcomes(run(folder, store, gazetteer)) == ["imported", "withdrawn", "imported"] and held(store) == {"NP/1"}
    drop(folder, "old.csv", {"episode_ref": "NP/2", "age_at_episode": "14"}, {"episode_ref": "NP/3"})
    done, = run(folder, store, gazetteer).handled
    assert held(store) == {"NP/1", "NP/3"} and done.reason == "1 row was left out: their source has since withdrawn the episode."


def test_a_file_from_the_future_is_of_now(folder: Path, store: Store, gazetteer: Gazetteer) -> None:
    drop(folder, "a.csv", {"episode_ref": "NP/1"})
    drop(folder, "deleted.csv", data=b"episode_ref\nNP/1\n")  # changed a minute before the test, and so after NOW
    assert outcomes(run(folder, store, gazetteer)) == ["imported", "withdrawn"] and held(store) == set()
    drop(folder, "b.csv", {"episode_ref": "NP/1", "extracted_at": "2025-07-01T07:00Z"})
    run(folder, store, gazetteer, NOW + timedelta(hours=2))
    assert held(store) == {"NP/1"}


def test_files_that_are_extracted_when_received_keep_the_order_in_which_they_came(
        folder: Path, store: Store, gazetteer: Gazetteer, tmp_path: Path) -> None:
    profile = own_profiles.Draft("Own", "iso", {name: f"Own {name}" for name in GOOD if name != "extracted_at"},
                                 constants={"extracted_at": "received"})
    own_profiles.save(tmp_path / "profiles", "own", profile)
    adopt(tmp_path / "profiles")
    rows = [{f"Own {name}": value for name, value in (GOOD | {"episode_ref": f"NP/{n}"}).items()} for n in (1, 2)]
    drop(folder, "1.csv", data=csv_bytes(rows), at=datetime(2025, 6, 1, 7, tzinfo=UTC))
    drop(folder, "deleted.csv", data=b"Own episode_ref\nNP/1\nNP/2\n", at=datetime(2025, 6, 1, 12, tzinfo=UTC))
    drop(folder, "2.csv", data=csv_bytes([rows[1] | {"Own age_at_episode": "16"}]), at=datetime(2025, 6, 2, 7, tzinfo=UTC))
    assert outcomes(run(folder, store, gazetteer)) == ["imported", "withdrawn", "imported"]
    assert held(store) == {"NP/2"}
    adopt(tmp_path / "none")


def test_what_must_be_known_of_an_import_is_told(folder: Path, store: Store, gazetteer: Gazetteer) -> None:
    drop(folder, "a.csv", {"episode_ref": "NP/1"}, {"episode_ref": "NP/2", "age_at_episode": "77"})
    drop(folder, "good.csv", {"episode_ref": "NP/3"})
    told, silent = run(folder, store, gazetteer).handled
    assert str(told.reason).startswith("Refused: age_at_episode: 18 or over") and "77" not in str(told.reason)
    assert silent.reason is None and feed_book.files(store)["reason"].notna().tolist() == [True, False]
    drop(folder, "b.csv", {"episode_ref": "NP/1", "age_at_episode": "12", "extracted_at": "2025-05-31T06:00Z"})
    assert run(folder, store, gazetteer).handled[0].reason == "1 row is older than the record held and went to its history."


POLICE = (b"Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
          b"Last outcome category,Context\n,2025-05,GMP,GMP,-2.24,53.48,On or near X,,,Drugs,,\n")


@pytest.mark.parametrize("filled", [True, False])
def test_a_file_of_another_kind_is_put_aside_and_the_next_sender_is_read(filled: bool, folder: Path, store: Store,
                                                                         gazetteer: Gazetteer) -> None:
    (folder / "police" / "feed.toml").write_text('collection = "episodes"')
    if filled:
        drop(folder, "a.csv", {"episode_ref": "NP/1"})
        run(folder, store, gazetteer)
    drop(folder, "street.csv", data=POLICE)
    drop(folder, "good.csv", {"episode_ref": "NP/2"}, sender="quernshire")
    aside, good = run(folder, store, gazetteer).handled
    assert (aside.outcome, good.outcome) == ("quarantined", "imported") and "public_sample" in str(aside.reason)
    assert (folder / "police" / "quarantine" / "street.csv").exists() and "NP/2" in held(store)
    (folder / "quernshire" / "feed.toml").write_text('collection = "sample"')
    drop(folder, "next.csv", {"episode_ref": "NP/4"}, sender="quernshire")
    assert outcomes(run(folder, store, gazetteer)) == ["quarantined"]


@pytest.mark.parametrize("data", [b"ref\nNP/1\n", b"episode_ref\nNP/1\n\n;drop\n", b"episode_ref,extracted_at\nNP/1,soon\n", b"\n",
                                  b"episode_ref,extracted_at\nNP/1,2025-06-02T06:00Z\nNP/1,02/06/2025\n", b"NP/1\nNP/2\n",
                                  b"episode_ref,extracted_at\nNP/1,2031-01-01T00:00:00Z\n"])
def test_a_file_of_deletions_that_is_wrong_deletes_nothing(data: bytes, folder: Path, store: Store, gazetteer: Gazetteer) -> None:
    drop(folder, "a.csv", {"episode_ref": "NP/1"})
    run(folder, store, gazetteer)
    drop(folder, "deleted.csv", data=data)
    assert outcomes(run(folder, store, gazetteer)) == ["quarantined"] and len(store.episodes("episodes")) == 1


def test_silence_is_told_and_a_rhythm_can_be_set(folder: Path, store: Store, gazetteer: Gazetteer) -> None:
    assert feed.status(folder, store, NOW)["overdue"].tolist() == [True]
    drop(folder, "a.csv", {})
    run(folder, store, gazetteer)
    for later, overdue in ((timedelta(hours=29), False), (timedelta(hours=31), True)):
        assert feed.status(folder, store, NOW + later)["overdue"].tolist() == [overdue]
    (folder / "police" / "feed.toml").write_text("every_days = 7\n")
    assert feed.status(folder, store, NOW + timedelta(days=5))["overdue"].tolist() == [False]
    (folder / "police" / "feed.toml").write_text("every_days = 0\n")
    assert feed.status(folder, store, NOW + timedelta(days=500))["overdue"].tolist() == [False]


def test_a_quarantined_file_is_no_sign_of_life(folder: Path, store: Store, gazetteer: Gazetteer) -> None:
    drop(folder, "wrong.csv", data=b"a,b\n1,2\n")
    run(folder, store, gazetteer)
    found = feed.status(folder, store, NOW)
    assert found["overdue"].tolist() == [True] and found["quarantined"].tolist() == [1]


@pytest.mark.parametrize("text", ["every_days = -1", "every_days = true", "who = 1", "profile = 3", "every_days = "])
def test_a_feed_toml_that_cannot_be_used_is_told(text: str, folder: Path, store: Store) -> None:
    (folder / "police" / "feed.toml").write_text(text)
    with pytest.raises(FeedError, match=r"feed\.toml"):
        feed.status(folder, store, NOW)


def test_imported_files_are_removed_in_time(folder: Path, store: Store, gazetteer: Gazetteer) -> None:
    drop(folder, "a.csv", {})
    run(folder, store, gazetteer)
    kept = folder / "police" / "done" / "a.csv"
    now = datetime.fromtimestamp(kept.stat().st_mtime, UTC)
    assert run(folder, store, gazetteer, now + timedelta(days=6)).cleared == 0 and kept.exists()
    assert run(folder, store, gazetteer, now + timedelta(days=8)).cleared == 1 and not kept.exists()


def test_two_runs_do_not_meet_and_a_killed_one_leaves_no_lock(folder: Path, store: Store, gazetteer: Gazetteer) -> None:
    code = ("import sys; from pathlib import Path; from geo_data.reading.watched import locked\n"
            "with locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()")
    with subprocess.Popen([sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as held:
        assert held.stdout is not None and held.stdout.readline().strip() == b"held"
        with pytest.raises(FeedError, match="Another run"):
            run(folder, store, gazetteer)
        held.kill()
    drop(folder, "a.csv", {})
    assert outcomes(run(folder, store, gazetteer)) == ["imported"]


def test_a_file_that_is_too_large_is_put_aside_unread(folder: Path, store: Store, gazetteer: Gazetteer,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    drop(folder, "a.csv", {})
    monkeypatch.setattr(watched, "MAX_BYTES", 10)
    assert outcomes(run(folder, store, gazetteer)) == ["quarantined"]
    assert (folder / "police" / "quarantine" / "a.csv").exists()


def test_no_folder_is_no_feed(tmp_path: Path, store: Store, gazetteer: Gazetteer) -> None:
    assert feed.status(tmp_path / "none", store, NOW).empty
    assert run(tmp_path / "none", store, gazetteer).handled == ()
    shutil.rmtree(tmp_path / "none")

