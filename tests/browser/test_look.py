"""The map as it looks, beside a kept picture: ground, footprints, badges, dock and panels."""

import pytest

from tests.browser.conftest import FRAME, frame_of, idle
from tests.pictures import SAME, difference

STILL = """() => { HS.show(15); HS.state().map.setView([55.443, -0.735], 12.5, {animate: false}); }"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_map_looks_as_it_did(demo_url, watched, scheme):
    page = watched(viewport={"width": 1366, "height": 768}, color_scheme=scheme).open(demo_url)
    idle(page)
    frame_of(page).evaluate(STILL)
    page.wait_for_load_state("networkidle")
    for _ in range(20):  # until the vector tiles are drawn
        page.wait_for_timeout(700)
        apart = difference(page.locator(FRAME).screenshot(), f"screen-map-{scheme}")
        if apart < SAME:
            break
    assert apart < SAME
