"""Databases for tests: each test that asks for `url` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from geo_data.keeping.store import Store
from tests.geo_data import postgres
from tests.needed import needed

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The folder of a running server's socket; `needed`, where none can be started."""
    needed(postgres.why_not())
    with postgres.server() as folder:
        yield folder


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """A new, empty PostgreSQL database."""
    return _new_database(postgres_server)


def _new_database(server: str, template: str = "template1") -> str:
    name = f"test_{next(_numbers)}"
    with psycopg.connect(host=server, user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"postgresql://postgres@/{name}?host={server}"


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the tables as they are now."""
    file = tmp_path_factory.mktemp("tables") / "scoping.db"
    with Store(f"sqlite:///{file}") as store:
        store.settle()
    return file


@pytest.fixture(scope="session")
def postgres_tables(postgres_server: str) -> str:
    """The name of a PostgreSQL database with the tables as they are now."""
    with psycopg.connect(host=postgres_server, user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE tables")
    Store(f"postgresql://postgres@/tables?host={postgres_server}").close()
    return "tables"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'kept' / 'scoping.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A new database, once on each system."""
    chosen = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(chosen))


@pytest.fixture(params=["sqlite", "postgresql"])
def ready_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database that a store has opened before, once on each system: copied, as making the tables each time takes long."""
    if request.param == "sqlite":
        made = tmp_path / "kept" / "scoping.db"
        made.parent.mkdir()
        shutil.copy(request.getfixturevalue("sqlite_tables"), made)
        return f"sqlite:///{made}"
    server, tables = request.getfixturevalue("postgres_server"), request.getfixturevalue("postgres_tables")
    return _new_database(server, tables)
