"""A store copied, backed up and brought back is the same, row by row, or is not kept at all."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy import text, update

from geo_data.errors import StoreError
from geo_data.keeping import migrations, transfer
from geo_data.keeping.audit import Seal
from geo_data.keeping.engine import forget, open_engine, writing
from geo_data.keeping.store import Store
from geo_data.keeping.tables import METADATA
from tests.geo_data.made import MANY, episodes, import_into

KEY = b"k" * 64


@pytest.fixture
def seal(tmp_path: Path) -> Seal:
    return Seal(KEY, tmp_path / "anchors")


@pytest.fixture
def urls(request: pytest.FixtureRequest, sqlite_url: str, postgres_url: str, tmp_path: Path) -> tuple[str, str]:
    there = {"file": sqlite_url, "server": postgres_url, "other file": f"sqlite:///{tmp_path / 'other' / 'scoping.db'}"}
    a, b = request.param
    return there[a], there[b]


WAYS = pytest.mark.parametrize("urls", [("file", "server"), ("server", "file"), ("file", "other file")], indirect=True, ids=str)


def fill(store: Store) -> None:
    import_into(store, "a", episodes(MANY[:300], found_easting=[0.1 * n for n in range(300)]))
    import_into(store, "b", episodes(MANY[100:200], 1, "élsewhere \U0001f642 'quoted'", placed_out_of_area=None))
    import_into(store, "c", episodes(["D-1"]), "demo")


def content(store: Store) -> list[Any]:
    with store.reading() as connection:
        return [[tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key.columns))]
                for table in METADATA.sorted_tables if table.name != "audit"]


@WAYS
def test_a_copy_is_the_same_and_goes_on(urls: tuple[str, str], seal: Seal) -> None:
    with Store(urls[0], seal) as source, Store(urls[1], seal) as target:
        fill(source)
        done = transfer.copy(source, target, "ann")
        assert content(source) == content(target)
        assert done.rows["episodes"] == 301 and done.rows["episode_history"] == 100
        assert_frame_equal(source.locations("episodes"), target.locations("episodes"))
        assert target.entries()["action"].tolist() == ["import", "import", "import", "copy store"]
        assert target.verify().whole
        for store in (source, target):  # numbers go on where they were
            assert import_into(store, "d", episodes(MANY[150:400], 2)).accepted == 100
        versions = [table.name for table in METADATA.sorted_tables if table.name != "audit"].index("collections")
        ours, theirs = content(source), content(target)
        del ours[versions], theirs[versions]  # a collection's version is its own after an import
        assert ours == theirs


def test_a_copy_never_mixes(sqlite_url: str, tmp_path: Path, seal: Seal) -> None:
    with Store(sqlite_url, seal) as source, Store(f"sqlite:///{tmp_path}/b.db", seal) as target:
        fill(source)
        target.note("ann", "view")
        with pytest.raises(StoreError, match="holds something already"):
            transfer.copy(source, target, "ann")
        assert target.collections().empty


@WAYS
def test_a_row_that_differs_undoes_the_copy(urls: tuple[str, str], seal: Seal, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(urls[0], seal) as source, Store(urls[1], seal) as target:
        fill(source)
        real = transfer._continue_numbers

        def spoil(connection: Any, table: Any) -> None:
            real(connection, table)
            if table.name == "locations":
                connection.execute(update(table).where(table.c.location_id == f"{MANY[7]}:found").values(easting=1.0))

        monkeypatch.setattr(transfer, "_continue_numbers", spoil)
        with pytest.raises(StoreError, match="Row 17 of 'locations' is not the same"):
            transfer.copy(source, target, "ann")
        assert target.collections().empty and target.entries().empty


@pytest.mark.parametrize("fate", ["missing", "added"])
def test_a_row_too_few_or_too_many_undoes_the_copy(sqlite_url: str, tmp_path: Path, seal: Seal, fate: str,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(sqlite_url, seal) as source, Store(f"sqlite:///{tmp_path}/b.db", seal) as target:
        fill(source)
        real = transfer._insert

        def lossy(connection: Any, table: Any, batch: list[Any]) -> None:
            if table.name == "sources":
                batch = batch[:-1] if fate == "missing" else [*batch, (99, *batch[0][1:2], "another", *batch[0][3:])]
            real(connection, table, batch)

        monkeypatch.setattr(transfer, "_insert", lossy)
        with pytest.raises(StoreError, match="'sources' is not the same"):
            transfer.copy(source, target, "ann")
        assert target.collections().empty


def test_a_copy_is_one_moment_while_others_write(url: str, tmp_path: Path, seal: Seal, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(url, seal) as source, Store(f"sqlite:///{tmp_path}/b.db", seal) as target:
        fill(source)
        before = content(source)
        real = transfer._continue_numbers
        wrote = []

        def interfere(connection: Any, table: Any) -> None:
            if not wrote:
                wrote.append(import_into(source, "late", episodes([f"L-{n}" for n in range(50)])))
            real(connection, table)

        monkeypatch.setattr(transfer, "_continue_numbers", interfere)
        transfer.copy(source, target, "ann")
        assert wrote[0].accepted == 50
        assert content(target) == before


def test_a_backup_comes_back_whole(url: str, postgres_url: str, tmp_path: Path, seal: Seal) -> None:
    file = tmp_path / "backups" / "backup.db"
    file.parent.mkdir()
    with Store(url, seal) as store:
        fill(store)
        done = transfer.backup(store, file, "ann")
        before = content(store)
        assert done.target == str(file) and store.entries()["action"].iloc[-1] == "back up"
        with pytest.raises(StoreError, match="never replaces"):
            transfer.backup(store, file, "ann")
    assert [path.name for path in file.parent.iterdir()] == ["backup.db"]  # no log beside it: one file is all
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
    with Store(f"sqlite:///{tmp_path}/again.db", seal) as back:
        done, verdict = transfer.restore(file, back, "ann")
        assert verdict.whole and verdict.anchors >= 1
        assert content(back) == before
        assert back.entries()["action"].tolist()[-2:] == ["back up", "restore"]


def test_a_damaged_backup_is_refused(sqlite_url: str, tmp_path: Path, seal: Seal) -> None:
    file = tmp_path / "backup.db"
    with Store(sqlite_url, seal) as store:
        fill(store)
        transfer.backup(store, file, "ann")
    whole = file.read_bytes()
    with Store(f"sqlite:///{tmp_path}/again.db", seal) as back:
        for damaged in (whole[: len(whole) // 2], whole[:40_000] + b"\xff" * 20_000 + whole[60_000:], b"not a database" * 500):
            file.write_bytes(damaged)
            with pytest.raises(StoreError):
                transfer.restore(file, back, "ann")
            assert back.collections().empty
        with pytest.raises(StoreError, match="no such backup"):
            transfer.restore(tmp_path / "none.db", back, "ann")


def test_a_backup_whose_audit_was_changed_says_so(sqlite_url: str, tmp_path: Path, seal: Seal) -> None:
    file = tmp_path / "backup.db"
    with Store(sqlite_url, seal) as store:
        fill(store)
        transfer.backup(store, file, "ann")
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 2")
    connection.close()
    with Store(f"sqlite:///{tmp_path}/again.db", seal) as back:
        _, verdict = transfer.restore(file, back, "ann")
    assert (verdict.whole, verdict.first_bad) == (False, 2)


def test_a_table_that_others_add_is_copied_too(sqlite_url: str, tmp_path: Path, seal: Seal) -> None:
    """Every table that the program knows is in the list that is copied; none that a database holds is forgotten."""
    with Store(sqlite_url, seal) as store, writing(store.engine) as connection:
        held = set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())
    assert held - {"scoping_version", "sqlite_sequence", "sqlite_stat1"} == set(METADATA.tables)


@pytest.fixture
def old_backup(sqlite_url: str, tmp_path: Path, seal: Seal) -> Path:
    """A backup as an older version of the program wrote it, alone in its folder."""
    file = tmp_path / "backups" / "old.db"
    file.parent.mkdir()
    with Store(sqlite_url, seal) as store:
        fill(store)
        transfer.backup(store, file, "ann")
    engine = open_engine(f"sqlite:///{file}")
    with writing(engine) as connection:
        migrations.downgrade(connection, "0012")
    forget(engine)
    engine.dispose()
    for log in file.parent.glob("*-*"):
        log.unlink()
    return file


@pytest.mark.parametrize("refused", [False, True], ids=["restored", "refused"])
def test_a_backup_stays_as_it_was_made(old_backup: Path, url: str, tmp_path: Path, seal: Seal, refused: bool) -> None:
    before, old_backup_folder = old_backup.read_bytes(), old_backup.parent
    target = url if "postgresql" in url else f"sqlite:///{tmp_path}/new/again.db"
    old_backup.chmod(0o400)
    with Store(target, seal) as back:
        if refused:
            back.note("ann", "view")
            with pytest.raises(StoreError, match="holds something already"):
                transfer.restore(old_backup, back, "ann")
        else:
            done, verdict = transfer.restore(old_backup, back, "ann")
            assert verdict.whole and done.rows["episodes"] == 301 and done.source == str(old_backup)
            assert str(old_backup)[-150:] in back.entries()["detail"].iloc[-1]
    assert old_backup.read_bytes() == before
    assert [path.name for path in old_backup_folder.iterdir()] == ["old.db"]
    assert not list((tmp_path / "new").glob(".restore*"))


def test_a_store_that_was_killed_is_restored_with_its_log(sqlite_url: str, tmp_path: Path, seal: Seal) -> None:
    """What a copy of the files of a store holds that was not brought to rest: a part is in its log."""
    taken = tmp_path / "taken"
    with Store(sqlite_url, seal) as store:
        fill(store)
        file = Path(sqlite_url.removeprefix("sqlite:///"))
        shutil.copytree(file.parent, taken, ignore=shutil.ignore_patterns("taken", "*-shm"))
    assert (taken / f"{file.name}-wal").stat().st_size > 0
    with Store(f"sqlite:///{tmp_path}/new/again.db", seal) as back:
        assert transfer.restore(taken / file.name, back, "ann")[0].rows["episodes"] == 301


def test_a_disk_without_room_for_the_copy_says_so(old_backup: Path, tmp_path: Path, seal: Seal,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(transfer.shutil, "copyfile", full)
    with Store(f"sqlite:///{tmp_path}/new/again.db", seal) as back, pytest.raises(StoreError, match="No space left"):
        transfer.restore(old_backup, back, "ann")
    assert not list((tmp_path / "new").glob(".restore*"))
