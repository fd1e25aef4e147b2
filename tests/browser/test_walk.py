"""An analyst's path through the Hotspots and Changes screens: kept views, the main job by keyboard alone, long work stopped."""

from tests.browser.watched import FRAME, frame_of, idle, turn_to

SHAPES = "() => JSON.stringify(HS.state().core.data().feats.map(feature => [feature.id, feature.rev]))"


def test_a_view_is_kept_opened_and_compared_with_what_is_on_the_screen(opened):
    frame = frame_of(opened)
    whole = frame.evaluate(SHAPES)
    opened.get_by_role("button", name="Care").click()
    opened.get_by_text("Only: care").wait_for()
    frame.wait_for_function(f"whole => ({SHAPES})() !== whole", arg=whole)
    opened.get_by_role("button", name="Views").click()
    opened.get_by_label("Name").fill("Care, for the walk")
    opened.get_by_role("button", name="Keep this view").click()
    opened.get_by_role("button", name="Show", exact=True).wait_for()
    opened.keyboard.press("Escape")
    opened.get_by_role("button", name="Reset filters").click()
    frame.wait_for_function(f"whole => ({SHAPES})() === whole", arg=whole)
    opened.get_by_role("button", name="Views").click()
    opened.get_by_text("Compare with what is on the screen").click()
    opened.get_by_role("region", name="Hotspots and children of both views").wait_for()
    opened.get_by_role("button", name="Show", exact=True).click()
    frame.wait_for_function(f"whole => ({SHAPES})() !== whole", arg=whole)
    assert "strand=Care" in opened.evaluate("() => location.search")
    opened.get_by_role("button", name="Undo").click()
    frame.wait_for_function(f"whole => ({SHAPES})() === whole", arg=whole)


def test_a_reset_says_the_dates_that_it_means(opened):
    dates, windows = opened.get_by_test_id("stDateInput"), opened.get_by_text(" windows, ")
    told = [each.get_attribute("value") for each in dates.locator("input").all()], windows.inner_text()
    dates.get_by_role("spinbutton").nth(1).click()
    opened.keyboard.type("06")
    opened.keyboard.press("Escape")
    windows.filter(has_not_text=told[1]).wait_for()
    opened.get_by_role("button", name="Reset filters").click()
    windows.filter(has_text=told[1]).wait_for()
    idle(opened)
    assert ([each.get_attribute("value") for each in dates.locator("input").all()], windows.inner_text()) == told


def test_dates_and_left_out_places_stay_on_another_page_and_in_the_link(opened):
    windows, kept = opened.get_by_text(" windows, "), opened.get_by_text("Left-out places are kept in.")
    in_link = "() => location.search.includes('from=2024-06-01') && location.search.includes('leftout=true')"
    opened.get_by_text("Method", exact=True).click()
    opened.get_by_text("Keep left-out places").click()
    kept.wait_for()
    opened.get_by_test_id("stDateInput").get_by_role("spinbutton").nth(1).click()
    opened.keyboard.type("06")
    opened.keyboard.press("Escape")
    opened.wait_for_function(in_link)
    idle(opened)
    told = windows.inner_text()
    assert "1 Jun 2024" in told and "to=" not in opened.evaluate("() => location.search")
    step(opened, "Changes")
    opened.get_by_role("heading", name="What has changed").wait_for()
    opened.wait_for_function(in_link)
    idle(opened)
    step(opened, "Hotspots")
    kept.wait_for()
    opened.wait_for_function(in_link)
    idle(opened)
    assert windows.inner_text() == told
    opened.reload()  # a session of its own, opened by the link
    kept.wait_for()
    opened.get_by_role("button", name="Care").wait_for()
    idle(opened)
    assert windows.inner_text() == told and opened.evaluate(in_link)


def step(page, name):
    """To another page by the menu, as a hand goes: the address keeps the filters, as it does not on the browser's way back."""
    page.locator("header").get_by_text("Look", exact=True).click()
    page.get_by_test_id("stTopNavDropdownLink").filter(has_text=name).click()


def test_the_main_job_is_done_by_keyboard_alone(opened):
    opened.reload()  # Tab begins where the page begins
    opened.frame_locator(FRAME).locator(".hs-dock").wait_for()
    frame = frame_of(opened)
    frame.wait_for_function("() => document.querySelectorAll('path.hs-shape').length > 0")
    opened.get_by_role("radio", name="Home").or_(opened.get_by_role("button", name="Home", exact=True)).first.wait_for()
    idle(opened)
    whole = frame.evaluate(SHAPES)
    tab_to(opened, "() => document.activeElement.textContent === 'Home'")  # a filter; its values are one stop, moved in by arrows
    opened.keyboard.press("ArrowRight")
    opened.keyboard.press("Space")
    frame.wait_for_function(f"whole => ({SHAPES})() !== whole", arg=whole)
    tab_to(opened, "() => document.activeElement.textContent.includes('Questions')")  # past the question menu, into the map
    k = frame.evaluate("() => HS.state().k")
    tab_to(frame, "() => document.activeElement.classList.contains('hs-shape')", opened)
    name = frame.evaluate("() => document.activeElement.dataset.hotspot")
    opened.keyboard.press("Enter")
    opened.locator(".st-key-card").get_by_text(name).wait_for()
    tab_to(frame, "() => document.activeElement.classList.contains('hs-slider')", opened)
    opened.keyboard.press("ArrowLeft")
    frame.wait_for_function(f"() => HS.state().k === {k - 1}")
    label = frame.evaluate("() => HS.state().core.data().labels[HS.state().k]")
    opened.get_by_text(f"The same in a table: {label}").wait_for()
    opened.locator(".st-key-card").get_by_text(label).first.wait_for()
    tab_to(opened, "() => !!document.activeElement.closest('[data-testid=stDataFrame]')")  # the table that says the same


def test_a_place_is_carried_from_its_card_to_its_open_item_in_the_meeting(opened):
    turn_to(opened, "/meeting")
    opened.get_by_role("button", name="Open the review of").click()  # the one click from no map to the first
    opened.get_by_text("Agenda:").wait_for()
    idle(opened)
    turn_to(opened, "/")
    opened.frame_locator(FRAME).locator(".hs-dock").wait_for()
    frame = frame_of(opened)
    frame.wait_for_function("() => window.HS && document.querySelectorAll('path.hs-shape').length > 0")
    idle(opened)
    shapes = frame.locator("path.hs-shape")
    for k in range(shapes.count()):  # until one was also released to the group
        shapes.nth(k).focus()
        opened.keyboard.press("Enter")
        opened.locator(".st-key-card").get_by_text(shapes.nth(k).get_attribute("data-hotspot")).wait_for()
        idle(opened)
        link = opened.get_by_role("link", name="Decide")
        if not link.get_attribute("href").endswith(".0"):
            break
    link.click()
    opened.get_by_text("The place you came from").wait_for()
    idle(opened)
    item = opened.locator("details[open]").filter(has_text="Record the decision")
    assert item.count() == 1 and item.bounding_box()["y"] < 400  # in view without a turn of the wheel
    assert opened.evaluate("() => [...new URL(location).searchParams.keys()].join()") == "item"


def tab_to(where, found, page=None, most=60):
    """Press Tab until `found` holds where the focus is; a focus that cannot be seen, or is never reached, fails."""
    for _ in range(most):
        (page or where).keyboard.press("Tab")
        if where.evaluate(found):
            return
    raise AssertionError(f"not reached with {most} steps of the Tab key: {found}")


def test_the_counting_of_chance_is_stopped_and_the_page_stays_whole(opened):
    turn_to(opened, "/changes")
    start = opened.get_by_role("button", name="Count what chance gives")
    start.click()
    opened.get_by_text("of 200").wait_for()
    opened.get_by_role("button", name="Stop", exact=True).click()
    start.wait_for()
    opened.get_by_text("Every place of this review").wait_for()
    idle(opened)
    assert opened.locator("[data-testid='stAlert'], [data-testid='stException']").count() == 0
