"""An engine that takes long: how far it has come, a way back that leaves the map as it was, and data that change meanwhile."""

import shutil
from pathlib import Path

import pytest

from geo_data.keeping.audit import seal
from geo_data.keeping.store import Store
from tests.browser.conftest import FRAME, frame_of, served
from tests.screens.world import demo_home

SLOWED = Path(__file__).parent / "slowed"


@pytest.fixture(scope="module")
def slow(request, tmp_path_factory):
    """The demonstration in a server that takes eight seconds longer for every answer; its home and its address."""
    home = tmp_path_factory.mktemp("slow") / "home"
    shutil.copytree(demo_home(request.config), home)
    with served(home, PYTHONPATH=str(SLOWED), SLOWED_S="8") as url:
        yield home, url


def test_progress_and_cancel_bring_back_what_was_there(slow, watched):
    page = watched().open(slow[1], wait_for_map=False)
    waiting = page.locator(".st-key-waiting")
    waiting.get_by_role("progressbar").wait_for(timeout=90_000)
    page.frame_locator(FRAME).locator("path.hs-shape").first.wait_for(state="attached", timeout=120_000)
    waiting.get_by_role("progressbar").wait_for(state="detached", timeout=60_000)
    frame = frame_of(page)
    frame.evaluate("() => { window.sameFrame = 1; HS.show(3); }")
    before = frame.evaluate("() => HS.state().core.data().feats.length")
    page.get_by_role("button", name="Care", exact=True).click()
    waiting.get_by_role("button", name="Cancel").click(timeout=60_000)
    waiting.get_by_role("progressbar").wait_for(state="detached", timeout=30_000)
    assert "strand=" not in page.url  # the filter is as it was
    assert frame.evaluate("() => [window.sameFrame, HS.state().core.data().feats.length]") == [1, before]


def test_data_that_change_under_an_open_page_are_said(slow, watched):
    page = watched().open(slow[1], wait_for_map=False)
    page.frame_locator(FRAME).locator("path.hs-shape").first.wait_for(state="attached", timeout=120_000)
    with Store(f"sqlite:///{slow[0] / 'scoping.db'}", seal(slow[0], "")) as store, store.acting("test", "touch", {}) as connection:
        store.remeasure(connection, "demo")  # another version of the same rows
    page.get_by_text("The data have changed.").wait_for(timeout=60_000)
    page.get_by_role("button", name="Show the new data").click()
    page.get_by_text("what you see is made from the new data").wait_for(timeout=90_000)
