"""Views in a browser: undone, kept, opened again, sent as a link, laid beside the screen."""

from urllib.parse import parse_qs, urlsplit

from tests.browser.conftest import frame_of, idle

CARE = "document.querySelector(\"[aria-label='Missing from'] button:nth-child(2)\").getAttribute('aria-pressed')"
IN_LINKS = {"at", "spot", "q", "role", "window", "strand", "age", "place", "crime", "eps", "least", "count", "layers"}


def care(page):
    idle(page)
    return page.evaluate(f"() => {CARE}") == "true"


def press_care(page):
    page.get_by_role("button", name="Care", exact=True).click()
    page.get_by_text("Only: care.").wait_for()
    idle(page)


def test_a_change_of_filters_is_undone(demo_url, watched):
    page = watched().open(demo_url)
    assert page.get_by_role("button", name="Undo").is_disabled()
    press_care(page)
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Only: care.").wait_for(state="detached")
    assert not care(page)
    assert page.get_by_role("button", name="Undo").is_disabled()


def test_a_link_opens_the_same_view_and_says_nothing_else(demo_url, watched):
    page = watched().open(demo_url)
    press_care(page)
    slider = frame_of(page).locator(".hs-slider")
    slider.press("ArrowLeft")
    frame_of(page).locator("path.hs-shape[tabindex='0']").first.dispatch_event("click")
    page.locator(".st-key-card").get_by_text("Hour and weekday").wait_for()
    window = slider.get_attribute("aria-valuetext")
    page.get_by_role("button", name="Views").click()
    link = page.locator("[data-testid='stCode']").inner_text().strip()
    said = parse_qs(urlsplit(link).query)
    assert set(said) <= IN_LINKS and said["strand"] == ["care"] and {"at", "spot"} <= set(said)

    other = watched().open(link)
    assert care(other)
    assert frame_of(other).locator(".hs-slider").get_attribute("aria-valuetext") == window
    assert frame_of(other).evaluate("() => HS.state().selected") == said["spot"][0]
    other.locator(".st-key-card").get_by_text(said["spot"][0]).wait_for()


def test_a_view_is_kept_shown_again_compared_and_deleted(demo_url, watched):
    page = watched().open(demo_url)
    press_care(page)
    page.get_by_role("button", name="Views").click()
    page.get_by_label("Name", exact=True).fill("![x](http://outside.example/a.png) care")
    page.get_by_role("button", name="Keep this view").click()
    page.get_by_role("button", name="Delete").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Reset filters").click()
    page.get_by_text("Only: care.").wait_for(state="detached")

    page.get_by_role("button", name="Views").click()
    page.get_by_text("Compare with what is on the screen").click()
    page.locator("[data-testid='stPopoverBody'] [data-testid='stDataFrame']").wait_for()
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_text("Only: care.").wait_for()
    assert care(page)

    if not page.get_by_role("button", name="Delete").count():
        page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_text("None yet.").wait_for()
