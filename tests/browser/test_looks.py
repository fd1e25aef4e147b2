"""The map looks as it did, in both themes; without its hotspots or its ground it does not."""

import pytest

from tests.browser.conftest import FRAME, frame_of, idle
from tests.pictures import ANOTHER, SAME, difference

# what depends on the fonts of a machine stays out of the picture: words, and with them the size of the panels
QUIET = """() => { const style = document.createElement('style');
  style.textContent = '.hs-card, .hs-legend, .hs-stamp, .leaflet-control-attribution, .hs-coordinates {display: none !important}'
    + '.hs-name, .hs-ends {visibility: hidden !important} * {caret-color: transparent !important}';
  document.head.append(style); document.activeElement.blur(); }"""
HIDDEN = {"hotspots": "['now', 'nowMarks', 'ghost']", "ground": "['tilePane']"}


def pictured(watched, url, scheme):
    page = watched(viewport={"width": 1366, "height": 1000}, color_scheme=scheme).open(f"{url}/?at=2025-03-24")
    idle(page)
    frame = frame_of(page)
    frame.evaluate("() => HS.state().map.setView([55.443, -0.735], 12.5, {animate: false})")
    frame.evaluate(QUIET)
    page.mouse.move(5, 5)
    page.wait_for_timeout(2_500)  # the ground is drawn tile by tile, without a word when it is done
    return page, frame


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_map_looks_as_it_did(demo_url, watched, scheme):
    page, _ = pictured(watched, demo_url, scheme)
    assert difference(page.locator(FRAME).screenshot(), f"map-{scheme}") < SAME


@pytest.mark.parametrize("missing", HIDDEN)
def test_what_is_not_drawn_is_noticed(demo_url, watched, missing):
    page, frame = pictured(watched, demo_url, "light")
    frame.evaluate(f"() => {HIDDEN[missing]}.forEach(name => {{ HS.state().map.getPane(name).style.display = 'none'; }})")
    assert difference(page.locator(FRAME).screenshot(), "map-light") > ANOTHER
