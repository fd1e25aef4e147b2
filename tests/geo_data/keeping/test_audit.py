"""Every way of tampering with the audit is found; what cannot be entered is not done."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from geo_data.errors import StoreError
from geo_data.keeping import audit
from geo_data.keeping.audit import Anchor, Seal
from geo_data.keeping.engine import writing
from geo_data.keeping.store import Store
from geo_data.keeping.tables import AUDIT, COLLECTIONS
from tests.geo_data.made import MANY, episodes, import_into

KEY = b"k" * 64


@pytest.fixture
def store(ready_url: str, tmp_path: Path) -> Any:
    with Store(ready_url, Seal(KEY, tmp_path / "audit.anchors")) as opened:
        yield opened


def fill(store: Store, n: int = 12) -> None:
    for number in range(n):
        store.note(f"analyst {number % 3}", "view", {"collection": "episodes", "n": number})


def test_what_holds_is_entered_when_it_changes_and_only_then(store: Store) -> None:
    first, other = {"rmg": 5, "bands": "10 20"}, {"rmg": 7, "bands": "10 20"}
    told = [store.hold("ann", "policy", dict(reversed(dial.items()))) for dial in (first, first, other, other, first)]
    assert told == [True, False, True, False, True]  # the order of the dials says nothing; a return to before is a change, too
    entries = store.entries()
    assert entries["action"].tolist() == ["policy"] * 3
    assert [json.loads(detail)["rmg"] for detail in entries["detail"]] == [5, 7, 5]
    assert store.verify().whole


def disarm(connection: Connection) -> None:
    """What an attacker who owns the table does first."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
    else:
        for name in ("audit_no_update", "audit_no_delete"):
            connection.exec_driver_sql("DROP TRIGGER " + name)


def _rewrite(connection: Connection, key: bytes, first: int) -> None:
    """Tell another story from entry `first` on, each entry hashed again."""
    entries = list(audit.walk(connection))
    connection.execute(delete(AUDIT).where(AUDIT.c.seq >= first))
    prev = entries[first - 2].hash
    for entry in entries[first - 1:]:
        said = (entry.seq, entry.at, "someone else", entry.action, entry.detail, prev)
        prev = audit.hash_of(key, said)
        connection.execute(insert(AUDIT).values(audit.Entry(*said, prev)._asdict()))


def _swap(connection: Connection) -> None:
    for old, new in ((4, 99), (5, 4), (99, 5)):
        connection.execute(update(AUDIT).where(AUDIT.c.seq == old).values(seq=new))


def _renumber(connection: Connection) -> None:
    connection.execute(delete(AUDIT).where(AUDIT.c.seq == 5))
    for seq in range(6, 13):
        connection.execute(update(AUDIT).where(AUDIT.c.seq == seq).values(seq=seq - 1))


def _before_the_first(connection: Connection) -> None:
    row = connection.execute(select(AUDIT).where(AUDIT.c.seq == 1)).mappings().one()
    connection.execute(insert(AUDIT).values(dict(row) | {"seq": 0}))


def _tail(connection: Connection) -> None:
    connection.execute(delete(AUDIT).where(AUDIT.c.seq > 9))


ATTACKS: dict[str, tuple[Callable[[Connection], Any], int, bool]] = {  # what, the first bad entry, whether only an anchor shows it
    "edit detail": (lambda c: c.execute(update(AUDIT).where(AUDIT.c.seq == 5).values(detail="{}")), 5, False),
    "edit actor": (lambda c: c.execute(update(AUDIT).where(AUDIT.c.seq == 5).values(actor="nobody")), 5, False),
    "delete": (lambda c: c.execute(delete(AUDIT).where(AUDIT.c.seq == 5)), 5, False),
    "delete and renumber": (_renumber, 5, False),
    "swap": (_swap, 4, False),
    "cut the tail": (_tail, 10, True),
    "rewrite without the key": (lambda c: _rewrite(c, b"x" * 64, 5), 5, False),
    "rewrite with the key": (lambda c: _rewrite(c, KEY, 5), 12, True),
    "cut everything": (lambda c: c.execute(delete(AUDIT)), 1, True),
    "put before the first": (_before_the_first, 0, False),
}


@pytest.mark.parametrize("attack", list(ATTACKS))
def test_every_tampering_is_found(store: Store, attack: str) -> None:
    fill(store)
    store.anchor()
    assert store.verify().whole
    work, first_bad, needs_anchor = ATTACKS[attack]
    with writing(store._engine) as connection:
        disarm(connection)
        work(connection)
    found = store.verify()
    assert (found.whole, found.first_bad) == (False, first_bad)
    assert found.reason
    assert store.verify([]).whole == needs_anchor


def test_nobody_changes_an_entry(store: Store) -> None:
    fill(store, 3)
    attempts = [update(AUDIT).values(actor="x"), delete(AUDIT)]
    if store._engine.dialect.name == "postgresql":
        attempts.append(text("TRUNCATE audit"))  # type: ignore[arg-type]
    for attempt in attempts:
        with pytest.raises(StoreError), writing(store._engine) as connection:
            connection.execute(attempt)
    assert store.verify().entries == 3


def test_an_act_and_its_entry_stand_or_fall_together(store: Store) -> None:
    import_into(store, "a", episodes(MANY[:5]))
    with pytest.raises(RuntimeError), store.acting("a", "clear", {}) as connection:
        connection.execute(delete(COLLECTIONS.metadata.tables["locations"]))
        raise RuntimeError
    assert len(store.locations("episodes")) == 10
    assert store.entries()["action"].tolist() == ["import"]


def test_what_cannot_be_entered_is_not_done(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    import_into(store, "a", episodes(MANY[:5]))

    def refuse(*_: Any) -> None:
        raise OSError("no room")

    monkeypatch.setattr(audit, "append", refuse)
    for act in (lambda: import_into(store, "b", episodes(MANY[5:9])), lambda: store.clear("episodes")):
        with pytest.raises(OSError, match="no room"):
            act()
    assert store.episodes("episodes")["episode_ref"].tolist() == MANY[:5]
    assert len(store.sources("episodes")) == 1


def test_imports_and_clearing_are_entered_with_counts_only(store: Store) -> None:
    import_into(store, "a", episodes(MANY[:5]))
    import_into(store, "a", episodes(MANY[:5]))
    store.clear("episodes", "governance")
    entries = store.entries()
    assert entries["action"].tolist() == ["import", "import", "clear"]
    details = [json.loads(detail) for detail in entries["detail"]]
    assert (details[0]["accepted"], details[0]["rows"]) == (5, 5)
    assert details[1]["already_imported"] is True
    assert details[2] == {"collection": "episodes", "episodes": 5}
    assert entries["actor"].tolist()[2] == "governance"
    assert not any(ref in detail for ref in MANY[:5] for detail in entries["detail"])


@pytest.mark.parametrize("detail", [{"row": {"a": {"b": 1}}}, {"text": "x" * 300}, {"refs": [f"R{n:09d}" for n in range(1_000)]},
                                    {"when": object()}])
def test_a_detail_is_identifiers_and_counts(store: Store, detail: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="audit"):
        store.note("a", "view", detail)
    assert store.entries().empty


@pytest.mark.parametrize("actor", ["", "  ", "a\x00b", "x" * 201])
def test_an_entry_names_who_acted(store: Store, actor: str) -> None:
    with pytest.raises(ValueError, match="actor"):
        store.note(actor, "view")


def test_many_writers_make_one_chain(store: Store) -> None:
    def work(number: int) -> None:
        for _ in range(20):
            store.note(f"analyst {number}", "view")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = store.verify()
    assert (found.whole, found.entries) == (True, 160)


def test_anchors_of_entries_that_a_restore_took_away_are_set_aside(tmp_path: Path, sqlite_url: str) -> None:
    file = tmp_path / "anchors"
    with Store(sqlite_url, Seal(KEY, file)) as store:
        fill(store, 3)
        early = store.anchor()
        audit.keep_anchor(file, store.place, Anchor(7, "f" * 64))  # of entries that are not in the backup
        assert store.verify().reason == "entries up to 7 were anchored and are gone"
        audit.keep_anchor(file, store.place, early, "restore")
        assert store.verify().whole
        assert store.verify().set_aside == 1
        fill(store, 1)
        store.anchor()
        assert store.verify().whole


def test_the_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    made = audit.seal(tmp_path / "new")
    assert audit.seal(tmp_path / "new") == made
    assert len(made.key) == 64
    if os.name == "posix":
        file = tmp_path / "new" / audit.KEY_FILE
        assert file.stat().st_mode & 0o777 == 0o600
        file.chmod(0o640)
        with pytest.raises(StoreError, match="Others can read"):
            audit.seal(tmp_path / "new")
    assert audit.seal(tmp_path, "s" * 40).key == b"s" * 40
    with pytest.raises(StoreError, match="shorter than 32"):
        audit.seal(tmp_path, "short")


def test_a_spoilt_file_of_anchors_is_told(tmp_path: Path) -> None:
    file = tmp_path / "anchors"
    file.write_text('{"seq": 1}\n', "utf-8")
    with pytest.raises(StoreError, match="not an anchor"):
        audit.kept_anchors(file)
