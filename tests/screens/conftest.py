"""Pages run against a home folder of their own."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner

from screens import session
from tests.screens.world import demo_home, point_at, point_nowhere


@pytest.fixture(autouse=True, scope="session")
def packages_looked_through_once() -> Iterator[None]:
    """Streamlit reads what every installed package says of itself, for components, whenever a page is first run in a test.
    It takes half a second, longer than most pages, and what is installed stays."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def demo(monkeypatch):
    home = demo_home()
    point_at(home, monkeypatch)
    yield home
    _close()


@pytest.fixture(scope="module")
def standing_demo():
    """`demo` for a file whose tests only look: what one has read and worked out stays for the next, as in the server."""
    with pytest.MonkeyPatch.context() as patch:
        home = demo_home()
        point_at(home, patch)
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
