"""How a database is opened, and what its failures tell."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Connection

from geo_data.errors import StoreError
from geo_data.keeping import engine
from geo_data.keeping.store import Store
from tests.geo_data.made import episodes, import_into, locations, source

CANARY = "CANARY-7f3a"


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def test_a_new_file_is_its_owners_alone(sqlite_url: str) -> None:
    with Store(sqlite_url) as store:
        import_into(store, "a", episodes(["R-1"]))
        file = file_of(sqlite_url)
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()} == {
            "scoping.db": 0o600, "scoping.db-wal": 0o600, "scoping.db-shm": 0o600}


def test_every_connection_to_a_file_is_guarded(sqlite_url: str) -> None:
    with Store(sqlite_url) as store, engine.reading(store._engine) as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in (
            "journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete", "trusted_schema")}
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000,
                     "secure_delete": 1, "trusted_schema": 0}


def test_only_who_writes_to_a_file_has_a_large_cache_and_gives_it_back(sqlite_url: str) -> None:
    def cache(begun: AbstractContextManager[Connection]) -> int:
        with begun as connection:
            return int(connection.exec_driver_sql("PRAGMA cache_size").scalar_one())

    with Store(sqlite_url) as store:
        found = [cache(begin(store._engine)) for begin in (engine.reading, engine.writing, engine.reading)]
    assert found == [-engine.READ_CACHE_KB, -engine.WRITE_CACHE_KB, -engine.READ_CACHE_KB]


def test_postgresql_has_time_limits_which_the_url_may_change(postgres_url: str) -> None:
    def limits(url: str) -> dict[str, str]:
        with Store(url) as store, store._engine.connect() as connection:
            return {name: str(connection.exec_driver_sql(f"SHOW {name}").scalar()) for name in (
                "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")}

    assert limits(postgres_url) == {"statement_timeout": "8s", "lock_timeout": "5s",
                                    "idle_in_transaction_session_timeout": "30s"}
    assert limits(f"{postgres_url}&options=-c%20statement_timeout%3D3000")["statement_timeout"] == "3s"


def test_readers_cannot_write(url: str) -> None:
    with Store(url) as store:
        import_into(store, "a", episodes(["R-1"]))
        with pytest.raises(StoreError, match="read only at the moment"), engine.reading(store._engine) as reader:
            reader.exec_driver_sql("DELETE FROM locations")
        assert len(store.locations("episodes")) == 2


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://h/d", "sqlite://", "sqlite:///:memory:", "oracle://x",
                                 "postgresql+asyncpg://h/d", f"//{CANARY}"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(StoreError, match="The store's URL") as caught:
        Store(url)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("query", ["host=/nowhere", "host=127.0.0.1&port=1"])
def test_a_server_that_does_not_answer_is_told_without_the_password(query: str) -> None:
    with pytest.raises(StoreError, match="does not answer") as caught:
        Store(f"postgresql://someone:{CANARY}@/db?{query}")
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_a_database_that_is_not_there_is_told(postgres_server: str) -> None:
    with pytest.raises(StoreError, match="/absent: The database server does not answer or refuses"):
        Store(f"postgresql://postgres@/absent?host={postgres_server}")


def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("episode_ref,person_ref\n" * 100)
    before = file.read_bytes()
    with pytest.raises(StoreError, match=r"damaged or is not a database.*Put the file aside"):
        Store(f"sqlite:///{file}")
    assert file.read_bytes() == before


def test_another_programs_database_is_left_alone(url: str) -> None:
    first = engine.open_engine(url)
    with engine.writing(first) as connection:
        connection.exec_driver_sql("CREATE TABLE episodes (title TEXT)")
    with pytest.raises(StoreError, match="belongs to another program"):
        Store(url)
    with engine.writing(first) as connection:
        connection.exec_driver_sql("DROP TABLE episodes")
    first.dispose()
    Store(url).close()


def test_a_folder_in_the_files_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be made or opened"):
        Store(f"sqlite:///{tmp_path}")
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be made or opened"):
        Store(f"sqlite:///{tmp_path}/file/scoping.db")


@pytest.mark.parametrize("harm", ["truncated", "overwritten"])
def test_a_damaged_file_is_told(sqlite_url: str, harm: str) -> None:
    with Store(sqlite_url) as store:
        import_into(store, "a", episodes([f"R-{number}" for number in range(400)]))
        store.check()
    file = file_of(sqlite_url)
    content = bytearray(file.read_bytes())
    if harm == "truncated":
        file.write_bytes(content[: len(content) // 2])
    else:
        middle = len(content) // 2 // 4096 * 4096
        content[middle : middle + 8 * 4096] = os.urandom(8 * 4096)
        file.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"), Store(sqlite_url) as store:
        store.check()


def test_check_finds_nothing_wrong_with_a_sound_database(url: str) -> None:
    with Store(url) as store:
        import_into(store, "a", episodes(["R-1"]))
        store.check()


def test_a_busy_database_is_told_and_the_import_can_be_tried_again(
        url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "WRITE_WAIT_MS", 100)
    with Store(url) as store, Store(url) as other:
        with engine.writing(other._engine):
            with pytest.raises(StoreError, match="Another program is writing"):
                import_into(store, "a", episodes(["R-1"]))
            assert store.locations("episodes").empty  # readers do not wait
        assert import_into(store, "a", episodes(["R-1"])).accepted == 1


def test_a_writer_waits_for_another(url: str) -> None:
    with Store(url) as store, Store(url) as other:
        holding, waited = threading.Event(), []

        def hold() -> None:
            with engine.writing(other._engine):
                holding.set()
                time.sleep(0.5)
                waited.append(time.monotonic())

        thread = threading.Thread(target=hold)
        thread.start()
        holding.wait()
        assert import_into(store, "a", episodes(["R-1"])).accepted == 1
        assert time.monotonic() > waited[0]
        thread.join()


def _repeated_location(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    return frame, pd.concat([locations(frame), locations(frame)])


def _no_person(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    return frame.assign(person_ref=None), locations(frame)


@pytest.mark.parametrize("wrong", [_repeated_location, _no_person])
def test_a_refused_row_is_neither_kept_nor_quoted(
        url: str, wrong: Callable[[pd.DataFrame], tuple[pd.DataFrame, pd.DataFrame]]) -> None:
    with Store(url) as store:
        import_into(store, "a", episodes(["R-1"]))
        before = store.version("episodes")
        frame, places = wrong(episodes(["R-1", f"R-{CANARY}"], 1, CANARY))
        with pytest.raises(StoreError, match=r"refused a step .*nothing of it was kept") as caught:
            store.import_("episodes", "episodes", frame, places, source("b"))
        assert CANARY not in "".join(traceback.format_exception(caught.value))
        assert store.version("episodes") == before
        assert store.episodes("episodes")["found_location_text"].tolist() == ["street"]
        assert len(store.sources("episodes")) == 1


def test_clearing_leaves_no_byte_behind(sqlite_url: str) -> None:
    with Store(sqlite_url) as store:
        import_into(store, "a", episodes([f"R-{number}" for number in range(200)], 0, CANARY))
        import_into(store, "b", episodes(["R-7"], 1, "later"))
        store.clear("episodes")
        left = b"".join(path.read_bytes() for path in file_of(sqlite_url).parent.iterdir())
    assert CANARY.encode() not in left
    assert b"R-7" not in left


def test_a_reader_that_keeps_the_old_content_is_told_of(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "READ_WAIT_MS", 100)
    with Store(sqlite_url) as store:
        import_into(store, "a", episodes(["R-1"]))
        reader = sqlite3.connect(file_of(sqlite_url), isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM locations").fetchall()
        with pytest.raises(StoreError, match="still reads the old content"):
            store.clear("episodes")
        reader.close()
        store.clear("episodes")
        assert store.collections().empty
