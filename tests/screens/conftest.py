"""Pages run against a home folder of their own."""

import pytest

from screens import session
from tests.screens.world import demo_folder, demo_home, point_at

__all__ = ["demo_folder"]


@pytest.fixture
def demo(monkeypatch):
    monkeypatch.setenv("SCOPING_HOME", "")
    point_at(demo_home())
    yield demo_home()
    session.store().close()
    session.store.cache_clear()


@pytest.fixture
def empty(monkeypatch, tmp_path):
    monkeypatch.setenv("SCOPING_HOME", "")
    point_at(tmp_path)
    yield tmp_path
    session.store().close()
    session.store.cache_clear()
