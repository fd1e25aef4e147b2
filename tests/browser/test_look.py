"""The map as it looks, beside kept pictures: ground, footprints, badges, dock and panels, in both themes."""

import pytest

from tests.browser.watched import FRAME, frame_of, idle
from tests.pictures import SAME, difference

WIDTH, HEIGHT = 960, 560
PLACE = f""".st-key-themap {FRAME} {{ position: fixed !important; inset: 0 auto auto 0 !important; z-index: 2000000;
  width: {WIDTH}px !important; max-width: none !important; height: {HEIGHT}px !important; border: 0 !important;
  border-radius: 0 !important }}"""
STILL = """() => { sessionStorage.clear(); HS.show(15); HS.select(null);
  HS.state().map.setView([55.443, -0.735], 12.5, {animate: false}); }"""


@pytest.fixture(scope="module")
def still(chromium, demo_url):
    """One page whose map stands alone in a frame of whole pixels, at one window and one view."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="en-GB", reduced_motion="reduce",
                                   timezone_id="Europe/London")
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.goto(demo_url)
    page.frame_locator(FRAME).locator(".hs-dock").wait_for()
    frame_of(page).wait_for_function("() => window.HS && HS.state().core.data().feats.length > 0")
    idle(page)
    page.add_style_tag(content=PLACE)
    frame_of(page).wait_for_function(f"() => HS.state().map.getSize().x === {WIDTH} && HS.state().map.getSize().y === {HEIGHT}")
    frame_of(page).evaluate(STILL)
    yield page
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_map_looks_as_it_did(still, scheme):
    still.emulate_media(color_scheme=scheme)
    frame_of(still).wait_for_function(
        "dark => document.querySelector('.hs-map').classList.contains('hs-dark') === dark", arg=scheme == "dark")
    assert difference(_settled(still), f"screen-map-{scheme}") < SAME


def test_tiles_and_badges_are_no_layers_of_their_own_and_nothing_fades_while_a_page_runs(still):
    """Without a graphics card each such layer is put together anew at every step."""
    moved = frame_of(still).evaluate("""() => [...document.querySelectorAll('.leaflet-tile, .leaflet-marker-icon')]
      .map(part => part.style.transform)""")
    assert len(moved) > 10
    assert [how for how in moved if "3d" in how] == []
    fades = still.evaluate("""() => [...document.querySelectorAll('[data-testid=stElementContainer]')]
      .filter(part => getComputedStyle(part).transitionDuration !== '0s').length""")
    assert fades == 0


def test_a_page_that_runs_for_long_says_that_parts_of_it_may_be_from_before(still):
    told = "() => { const s = getComputedStyle(document.querySelector('.stApp'), '::before'); return [s.content, s.visibility]; }"
    state = "to => document.querySelector('.stApp').setAttribute('data-test-script-state', to)"
    assert still.evaluate(told)[0] == "none"
    still.evaluate(state, "running")
    assert still.evaluate(told)[1] == "hidden"  # a quick step says nothing
    still.wait_for_function(f"() => ({told})()[1] === 'visible'")
    assert "may be from before" in still.evaluate(told)[0]
    still.evaluate(state, "notRunning")
    assert still.evaluate(told)[0] == "none"


def _settled(page) -> bytes:
    """The picture, once two in a row are the same: the ground is drawn tile by tile."""
    before = b""
    for _ in range(60):
        page.wait_for_timeout(500)
        now = page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT})
        if now == before:
            return now
        before = now
    raise AssertionError("The map did not come to rest.")
