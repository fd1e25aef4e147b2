"""The main job with the keyboard alone: a question, the slider, a place, its card, the table, and on to what leaves the team."""

from tests.browser.conftest import frame_of, idle

MOST = 120  # presses of Tab between two things that are needed one after the other


def focused(page):
    """What has the focus, on the page or in the map's frame: class and what a screen reader would call it."""
    where = """() => { const n = document.activeElement;
      return [n.tagName, String(n.getAttribute('class')), n.getAttribute('aria-label') || n.innerText || '']; }"""
    found = page.evaluate(where)
    return frame_of(page).evaluate(where) if found[0] == "IFRAME" else found


def tab_to(page, what, key="Tab"):
    seen = []
    for _ in range(MOST):
        page.keyboard.press(key)
        seen.append(focused(page))
        if what in " ".join(seen[-1]):
            return
    raise AssertionError(f"{what} was not reached: {seen}")


def test_the_main_job_needs_no_mouse(demo_url, watched):
    page = watched().open(demo_url)
    frame = frame_of(page)
    page.evaluate("() => document.body.focus()")
    tab_to(page, "Questions")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="2. What changed").wait_for()
    tab_to(page, "2. What changed")
    page.keyboard.press("Enter")
    page.locator(".st-key-answer .sc-said").wait_for()
    idle(page)

    tab_to(page, "hs-slider")
    label = page.locator(".st-key-card h2").inner_text()
    page.keyboard.press("ArrowLeft")
    window = frame.locator(".hs-slider").get_attribute("aria-valuetext")
    assert window != label
    page.locator(".st-key-card").get_by_role("heading", name=window).wait_for()

    tab_to(page, "hs-shape", "Shift+Tab")
    hotspot = frame.evaluate("() => document.activeElement.dataset.hotspot")
    page.keyboard.press("Enter")
    page.locator(".st-key-card").get_by_text(hotspot).wait_for()
    idle(page)
    tab_to(page, "Place card")  # it scrolls, so it can be reached
    tab_to(page, "dvn-scroller")  # the table

    page.keyboard.press("Home")
    tab_to(page, "Decide", "Shift+Tab")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Snapshots").wait_for()
    tab_to(page, "Snapshots")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Snapshots").wait_for()
    idle(page)
    tab_to(page, "the RMG meeting")
