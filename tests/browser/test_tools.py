"""Comparing windows, asking about an outline, finding a place, measuring; and the National Grid in the browser."""

import numpy as np

from geo_data.grid import to_bng
from tests.browser.watched import FRAME, frame_of

MODE = "(mode) => HS.state().core.compare.choose(mode)"
PLACES = [(50.1, -5.2), (51.5, -0.12), (53.4, -2.9), (54.97, -1.61), (55.44, -0.75), (58.2, -6.4)]


def test_each_way_of_comparing_draws_and_leaves_the_view_as_it_was(opened):
    frame = frame_of(opened)
    frame.evaluate("() => HS.state().map.setView([55.43, -0.75], 12, {animate: false})")
    centre = """() => { const map = HS.state().map, c = map.getCenter();
      return [+c.lat.toFixed(3), +c.lng.toFixed(3), map.getZoom()]; }"""
    before = frame.evaluate(centre)
    for mode in ("before", "change", "swipe", "two"):
        frame.evaluate(MODE, mode)
        assert frame.locator("path.hs-past").count() > 0, mode
        frame.locator(".hs-against select").wait_for()
    assert frame.locator(".hs-second").count() == 1
    assert frame.evaluate("() => HS.state().core.compare.second().getZoom()") == 12
    frame.evaluate(MODE, "now")
    assert frame.locator("path.hs-past").count() == 0 and frame.locator(".hs-second").count() == 0
    assert frame.evaluate(centre) == before


def test_no_hotspot_lies_under_the_card_of_the_map_until_a_person_moves_it(opened):
    frame = frame_of(opened)
    frame.evaluate("() => HS.state().map.getContainer().style.setProperty('height', '420px', 'important')")
    opened.wait_for_timeout(500)
    frame.locator(".hs-home a").click()
    under = """() => { const card = document.querySelector('.hs-card').getBoundingClientRect();
      return [...document.querySelectorAll('.leaflet-nowMarks-pane .hs-icon')].map(icon => icon.getBoundingClientRect())
        .filter(box => box.width && box.top < card.bottom - 2 && box.left < card.right && box.right > card.left).length; }"""
    for mode in ("change", "now", "swipe"):
        frame.evaluate(MODE, mode)
        assert frame.evaluate(under) == 0, mode
    kept = "() => sessionStorage.length"
    assert frame.evaluate(kept) == 0  # nobody moved it: another page of this ground makes its own room
    frame.evaluate("() => HS.state().map.setZoom(13, {animate: false})")
    assert frame.evaluate(kept) == 1
    frame.evaluate("() => HS.state().map.getContainer().style.removeProperty('height')")


def test_swipe_cuts_the_two_windows_at_the_handle_and_works_by_keyboard(opened):
    frame = frame_of(opened)
    frame.evaluate(MODE, "swipe")
    clip = "() => ['past', 'now'].map(n => HS.state().map.getPane(n).style.clip)"
    before = frame.evaluate(clip)
    assert all(cut.startswith("rect(") for cut in before) and before[0] != before[1]
    handle = frame.locator(".hs-swipe input")
    handle.focus()
    handle.press("ArrowRight")
    assert frame.evaluate(clip) != before


def test_the_other_window_shares_no_day_with_this_one_at_first(opened):
    apart = frame_of(opened).evaluate("""() => { const core = HS.state().core, spans = core.data().spans;
      core.compare.choose('before'); return [spans[core.compare.other()][1], spans[core.k()][0]]; }""")
    assert apart[0] <= apart[1]


def test_what_is_in_the_view_is_answered_beside_the_map_and_cleared(opened):
    frame = frame_of(opened)
    frame.get_by_role("button", name="What is in this view?").click()
    card = opened.locator(".st-key-card")
    card.get_by_text("What is in here?").wait_for()
    card.get_by_text("different children in").first.wait_for()
    frame.locator(".hs-toolbox").get_by_role("button", name="Clear").click()
    card.get_by_text("What is in here?").wait_for(state="detached")


def test_a_place_is_found_offline_and_the_map_goes_there(opened):
    frame = frame_of(opened)
    frame.get_by_role("button", name="Find a place or postcode").click()
    box = frame.get_by_role("searchbox")
    box.fill("QX1 1AA")
    box.press("Enter")
    frame.locator("path.hs-pin").wait_for(state="attached")
    assert frame.evaluate("() => HS.state().map.getZoom()") >= 13
    box.fill("nowhere at all <b>")
    box.press("Enter")
    frame.get_by_text("Not found").wait_for()


def test_a_measured_line_says_its_length(opened):
    frame = frame_of(opened)
    frame.evaluate("() => HS.state().map.setView([55.3, -0.4], 14, {animate: false})")
    frame.get_by_role("button", name="Measure a distance").click()
    size = opened.locator(FRAME).bounding_box()
    for x in (0.4, 0.6):
        opened.mouse.click(size["x"] + size["width"] * x, size["y"] + size["height"] * 0.5)
    frame.locator(".hs-toolsays").get_by_text("m").wait_for()
    assert frame.locator(".hs-toolsays").inner_text().split()[1] in ("m", "km")


def test_the_browsers_grid_agrees_with_the_analysis_to_ten_metres(opened):
    frame = frame_of(opened)
    lat, lon = np.array(PLACES).T
    ours = np.column_stack(to_bng(lat, lon))
    theirs = np.array(frame.evaluate("places => places.map(p => ScopingGrid.bng(p[0], p[1]))", PLACES))
    assert np.abs(ours - theirs).max() < 10
    assert frame.evaluate("() => ScopingGrid.reference(51.5, -0.12)").startswith("TQ 305")
    assert frame.evaluate("() => ScopingGrid.reference(20, 20)") == ""


def test_the_whole_map_is_worked_by_keyboard(opened):
    frame = frame_of(opened)
    k = frame.evaluate("() => HS.state().k")
    frame.evaluate("() => HS.state().map.getContainer().focus()")
    opened.keyboard.press(",")
    frame.wait_for_function(f"() => HS.state().k === {k - 1}")
    opened.keyboard.press(".")
    frame.wait_for_function(f"() => HS.state().k === {k}")


def test_badges_of_near_hotspots_do_not_hide_each_other(opened):
    frame = frame_of(opened)
    frame.evaluate("() => HS.state().map.setView([55.43, -0.75], 11, {animate: false})")
    hidden = frame.evaluate("""() => { const shown = [...document.querySelectorAll('.leaflet-nowMarks-pane .hs-badge')]
        .filter(b => b.style.display !== 'none' && getComputedStyle(b).display !== 'none' && !b.classList.contains('hs-quiet'))
        .map(b => b.querySelector('.hs-plate').getBoundingClientRect());
      let n = 0; shown.forEach((a, i) => shown.slice(i + 1).forEach(b => {
        const far = Math.hypot(a.x + a.width / 2 - b.x - b.width / 2, a.y + a.height / 2 - b.y - b.height / 2);
        if (far < (a.width + b.width) / 2 * 0.75) n += 1; }));
      return [shown.length, n]; }""")
    assert hidden[0] > 3 and hidden[1] == 0


CROWD = """() => { const old = HS.state().core.data(), k = HS.state().k, there = old.feats.filter(f => f.w[k]), feats = [];
  for (let copy = 0; feats.length < 300; copy += 1) {
    there.forEach(f => feats.push(Object.assign({}, f, { id: `${f.id}-${copy}`, rev: `${f.rev}-${copy}` })));
  }
  HS.update(Object.assign({}, old, { feats })); HS.state().map.setZoom(11, { animate: false });
  return feats[feats.length - 1].id; }"""
STANDING = """() => {
  const badges = [...document.querySelectorAll('.leaflet-nowMarks-pane .hs-badge')];
  const dots = document.querySelectorAll('.hs-shape.hs-dot');
  return [badges.filter(b => getComputedStyle(b).display !== 'none').length, dots.length]; }"""


def test_of_very_many_hotspots_those_without_room_are_dots_the_chosen_one_never(opened):
    frame = frame_of(opened)
    before = frame.evaluate("() => HS.state().core.data()")
    last = frame.evaluate(CROWD)
    badges, dots = frame.evaluate(STANDING)
    assert 0 < badges < 150 < dots
    assert frame.locator(".hs-note", has_text="A dot is a hotspot").count() == 1
    frame.evaluate("id => { HS.select(id); HS.show(HS.state().k); }", last)
    assert frame.evaluate("id => !document.querySelector(`path[data-hotspot='${id}']`).classList.contains('hs-dot')", last)
    frame.evaluate("data => HS.update(data)", before)
    assert frame.evaluate(STANDING)[1] == 0
