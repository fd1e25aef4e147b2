"""The database's versions: the steps lead to the declared tables, and to nothing newer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pandas.testing import assert_frame_equal
from sqlalchemy import column, table, update

from geo_data.errors import StoreError
from geo_data.keeping import migrations
from geo_data.keeping.engine import open_engine, reading, writing
from geo_data.keeping.store import Store
from geo_data.keeping.tables import METADATA
from tests.geo_data.made import episodes, import_into

ROOT = Path(__file__).resolve().parents[3]


def test_the_version_the_program_needs_is_the_last_step() -> None:
    steps = ScriptDirectory.from_config(migrations._config())
    assert steps.get_heads() == [migrations.HEAD]


def test_the_steps_lead_to_the_declared_tables(url: str) -> None:
    with Store(url) as store, reading(store._engine) as connection:
        options = {"compare_type": True, "version_table": migrations.VERSION_TABLE}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), METADATA) == []


def test_a_database_goes_down_and_up_again(url: str) -> None:
    with Store(url) as store:
        import_into(store, "a", episodes(["R-1"]))
        with writing(store._engine) as connection:
            migrations.downgrade(connection, "base")
        with pytest.raises(StoreError):
            store.collections()
    with Store(url) as store:
        assert store.collections().empty
        import_into(store, "a", episodes(["R-1"]))


@pytest.mark.parametrize("former", ["0001", "0003", "0006", "0010"])
def test_a_database_of_an_older_version_is_brought_up_with_what_it_holds(url: str, former: str) -> None:
    with Store(url) as store:
        import_into(store, "a", episodes([f"R-{n}" for n in range(40)]))
        import_into(store, "b", episodes(["R-1", "R-2"], 1, "elsewhere"))
        told = [store.episodes("episodes"), store.locations("episodes"), store.history("episodes", "R-1")]
        with writing(store._engine) as connection:
            migrations.downgrade(connection, former)
    with Store(url) as store:
        for before, after in zip(told, [store.episodes("episodes"), store.locations("episodes"), store.history("episodes", "R-1")],
                                 strict=True):
            assert_frame_equal(before, after)
        import_into(store, "c", episodes(["R-1"], 2, "a third place"))
        assert len(store.history("episodes", "R-1")) == len(told[2]) + 1
        assert store.verify([]).whole


def test_a_step_that_fails_leaves_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(connection: object) -> None:
        upgrade(connection)
        raise RuntimeError("half way")

    upgrade = migrations.upgrade
    monkeypatch.setattr(migrations, "upgrade", fail)
    with pytest.raises(RuntimeError):
        Store(url)
    monkeypatch.undo()
    with Store(url) as store:
        assert store.collections().empty


def _call_it(url: str, version: str) -> None:
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.execute(update(table(migrations.VERSION_TABLE, column("version_num"))).values(version_num=version))
    engine.dispose()


def test_a_newer_database_is_told_and_left_alone(url: str) -> None:
    with Store(url) as store:
        import_into(store, "a", episodes(["R-1"]))
        before = store.episodes("episodes")
    _call_it(url, "9999")
    with pytest.raises(StoreError, match="made by a newer version"):
        Store(url)
    _call_it(url, migrations.HEAD)
    with Store(url) as store:
        assert_frame_equal(store.episodes("episodes"), before)


def test_a_current_database_opens_without_alembic(sqlite_url: str) -> None:
    Store(sqlite_url).close()
    opens = f"import sys; from geo_data.keeping.store import Store; Store({sqlite_url!r}); sys.exit('alembic' in sys.modules)"
    subprocess.run([sys.executable, "-c", opens], cwd=ROOT, check=True, timeout=60)
