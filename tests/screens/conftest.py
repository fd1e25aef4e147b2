"""Pages run against a home folder of their own."""

from pathlib import Path

import pytest

from screens import session
from tests.screens.world import demo_home, point_at, point_nowhere


@pytest.fixture
def demo(monkeypatch):
    home = demo_home()
    point_at(home, monkeypatch)
    yield home
    _close()


@pytest.fixture
def empty(monkeypatch, tmp_path):
    point_at(tmp_path, monkeypatch)
    yield Path(tmp_path)
    _close()


def _close():
    session.opened().close()
    point_nowhere()
