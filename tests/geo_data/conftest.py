"""One gazetteer and empty databases for the tests of the data rooms, and no way out to a network."""

from __future__ import annotations

import hashlib
import ipaddress
import shutil
import socket
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest

import geo_data
from geo_data.gazetteer import Gazetteer, add_layer, build, open_gazetteer
from tests.geo_data import postgres

_numbers = count(1)
_MADE_BY = ("gazetteer", "gazetteer_build", "array_folder", "grid", "land", "mercator", "postcode", "text_column")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any attempt to reach a machine other than this one fails the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError("a connection to another machine was attempted")
        return connect(self, address)

    def no_lookup(*args: Any, **kwargs: Any) -> Any:
        if args and args[0] in (None, "localhost", "127.0.0.1", "::1"):
            return look_up(*args, **kwargs)
        raise AssertionError("a name was looked up on the network")

    look_up = socket.getaddrinfo
    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket, "getaddrinfo", no_lookup)


@pytest.fixture(scope="session")
def gazetteer_folder(request: pytest.FixtureRequest) -> Path:
    """The national gazetteer, built once and kept until the code that builds it changes."""
    source = Path(geo_data.__file__).parent
    code = b"".join((source / f"{name}.py").read_bytes() for name in _MADE_BY)
    folder = request.config.cache.mkdir(f"gazetteer-{hashlib.sha256(code).hexdigest()[:12]}")
    build(folder)
    return folder


@pytest.fixture(scope="session")
def gazetteer(gazetteer_folder: Path) -> Gazetteer:
    """The national gazetteer, without a layer."""
    return open_gazetteer(gazetteer_folder)


@pytest.fixture(scope="session")
def layered(gazetteer_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    """The national gazetteer with a layer of an invented county in the North Sea."""
    folder = shutil.copytree(gazetteer_folder, tmp_path_factory.mktemp("layered"), dirs_exist_ok=True)
    add_layer(
        folder,
        "invented",
        pd.DataFrame({"postcode": ["QX1 1AA", "QX1 1AB", "QX1 2AA"], "easting": [480_000.0, 480_100.0, 481_000.0],
                      "northing": [600_000.0, 600_000.0, 600_500.0]}),
        pd.DataFrame({"name": ["Saltmarrow"], "easting": [480_050.0], "northing": [600_000.0], "population": [40_000]}),
        "invented county",
    )
    return open_gazetteer(folder)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The folder of a running server's socket; skips, with the reason, where none can be started."""
    reason = postgres.why_not()
    if reason:
        pytest.skip(reason)
    with postgres.server() as folder:
        yield folder


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """A new, empty PostgreSQL database."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(host=postgres_server, user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"postgresql://postgres@/{name}?host={postgres_server}"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'kept' / 'scoping.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A new database, once on each system."""
    chosen = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(chosen))
