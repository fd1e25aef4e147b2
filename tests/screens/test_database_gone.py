"""A database server that stops: told within 15 seconds on the page itself, nothing to start anew when it is back."""

from __future__ import annotations

import time

import psycopg
import pytest
from sqlalchemy import text as sql
from streamlit.testing.v1 import AppTest

from geo_data.errors import StoreError
from screens import session
from tests.geo_data import postgres
from tests.geo_data.made import episodes, import_into
from tests.needed import needed
from tests.screens.test_pages import ROOT, text
from tests.screens.world import point_at, point_nowhere

ANSWERS_WITHIN_S = 15


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A server of this test's own, and a program that keeps its records there."""
    needed(postgres.why_not())
    with postgres.server() as folder:
        with psycopg.connect(host=folder, user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE scoping")
        monkeypatch.setenv("SCOPING_STORE", f"postgresql://postgres@/scoping?host={folder}")
        point_at(tmp_path, monkeypatch)
        session.opened()
        yield folder
        session.opened().close()
        point_nowhere()


def shown(app):
    began = time.monotonic()
    app.run()
    assert not app.exception
    return text(app), time.monotonic() - began


def test_a_stopped_server_is_told_in_the_page_and_its_return_needs_no_new_start(server):
    app = AppTest.from_file(str(ROOT / "start.py"), default_timeout=120)
    said, _ = shown(app)
    assert "cannot be used at the moment" not in said
    postgres.stop(server)
    said, took = shown(app)
    assert "does not answer" in said and "Nothing is half done" in said
    assert took < ANSWERS_WITHIN_S
    assert any(b.label == "Try again" for b in app.button)
    with pytest.raises(StoreError, match="does not answer"):
        session.opened().note("ann", "look")
    postgres.start(server)
    next(b for b in app.button if b.label == "Try again").click()
    said, _ = shown(app)
    assert "does not answer" not in said and "cannot be used" not in said
    assert session.opened().verify([]).whole


def test_a_server_that_takes_no_writes_shows_no_records_and_says_why(server):
    import_into(session.opened(), "a", episodes(["R-1", "R-2"]))
    with psycopg.connect(host=server, user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute("ALTER DATABASE scoping SET default_transaction_read_only = on")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'scoping'")
    with session.opened().reading() as reader:
        assert reader.execute(sql("SHOW default_transaction_read_only")).scalar() == "on"
    app = AppTest.from_file(str(ROOT / "start.py"), default_timeout=120)
    said, _ = shown(app)
    assert "read only at the moment" in said
    assert not app.dataframe
