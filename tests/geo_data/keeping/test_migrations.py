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
