"""What one person's work leaves in the process changes nothing of what another is shown."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from geo_data.people import Person
from screens import session
from tests.screens.test_stored_markup import show, shown
from tests.screens.world import demo_home, point_at, point_nowhere

ALL = Person("1", "ann@force.example", frozenset(("analyst",)), "police", frozenset("*"))
PART = Person("2", "sue@authority.example", frozenset(("social_worker",)), "authority", frozenset(("E06999902", "E06999903")))
PAGES = ("hotspots", "coverage", "borders")


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    point_at(shutil.copytree(demo_home(), tmp_path / "home"), monkeypatch)
    yield
    session.opened().close()
    point_nowhere()


def page_of(who: Person, name: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    monkeypatch.setattr(session, "person", lambda: who)
    app: AppTest = show(name).run()
    assert not app.exception
    found = [text for root in app._tree.children.values() for text in shown(root)]
    return found + [("table", frame.value.to_csv()) for frame in app.dataframe]


@pytest.mark.usefixtures("home")
def test_a_page_is_the_same_whoever_looked_before(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = {name: page_of(PART, name, monkeypatch) for name in PAGES}
    for forget in (session.kept.cache_clear, st.cache_data.clear, st.cache_resource.clear):
        forget()
    of_all = {name: page_of(ALL, name, monkeypatch) for name in PAGES}
    after = {name: page_of(PART, name, monkeypatch) for name in PAGES}
    for name in PAGES:
        assert after[name] == alone[name], name
    assert alone["hotspots"] != of_all["hotspots"] and alone["coverage"] != of_all["coverage"]
