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
from geo_data.reading import feed, watched
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


def drop(folder: Path, name: str, *rows: dict[str, Any], sender: str = "police", data: bytes | None = None) -> Path:
    """A file that has lain there for a minute."""
    path = folder / sender / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(csv_bytes([GOOD | row for row in rows]) if data is None else data)
    os.utime(path, (path.stat().st_mtime - 60,) * 2)
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


@pytest.mark.parametrize("data", [b"ref\nNP/1\n", b"episode_ref\nNP/1\n\n;drop\n", b"episode_ref,extracted_at\nNP/1,soon\n",
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

