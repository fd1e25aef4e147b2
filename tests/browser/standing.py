"""The open page of the demonstration that tests share: loading it anew costs seven seconds of the processor."""

from __future__ import annotations

from tests.browser.watched import FRAME, Watched, frame_of, idle, turn_to

# what a person sees of the map: window, hotspot, comparison, view, shapes
LOOKS = """() => { const { k, selected, map, core } = HS.state(), c = map.getCenter();
  return [k, selected, core.compare.mode(), [+c.lat.toFixed(4), +c.lng.toFixed(4), map.getZoom()],
    core.data().feats.map(feature => [feature.id, feature.rev])]; }"""
BACK = """([k, selected, mode, [lat, lon, zoom]]) => { const { map, core } = HS.state();
  delete window.tag;
  [...document.querySelectorAll('.hs-toolbox button')].filter(b => b.textContent === 'Clear').forEach(b => b.click());
  core.compare.choose(mode); HS.show(k); HS.select(selected);
  map.setView([lat, lon], zoom, {animate: false});
  core.send(); }"""
PLAIN = "() => [...new URL(location).searchParams.keys()].every(name => name === 'at' || name === 'spot')"


class Standing:
    """Each test gets the page as it was when it opened: filters, question, window, hotspot, outline, view, theme and size.

    What cannot be taken back so, a test takes back itself. A page on which a test failed is left with all that happened to it.
    """

    def __init__(self, browser, url):
        self.browser, self.url = browser, url
        self.watched = self.page = None

    def again(self):
        """The page as it was when it opened."""
        if self.page is None:
            self._open()
        elif not self._back():
            self.watched.innocent()
            self.close()
            self._open()
        return self.page

    def left(self):
        """The page as the test before left it: for what sets the whole view itself."""
        if self.page is None:
            self._open()
        return self.page

    def close(self):
        if self.watched:
            self.watched.context.close()
        self.watched = self.page = None

    def _open(self):
        self.watched = Watched(self.browser)
        self.page = self.watched.open(self.url)
        self.page.get_by_role("button", name="Care").wait_for()  # the map comes first, the filters after it
        idle(self.page)
        self.page.wait_for_function("() => location.search.startsWith('?at=')")
        self.size, self.begins = self.page.viewport_size, self.page.evaluate("() => location.search")
        self.looks = frame_of(self.page).evaluate(LOOKS)

    def _back(self):
        """Whether all is as it was."""
        page = self.page
        if page.viewport_size != self.size:
            page.set_viewport_size(self.size)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        turn_to(page, "/")
        page.frame_locator(FRAME).locator(".hs-dock").wait_for()
        frame = frame_of(page)
        frame.wait_for_function("() => window.HS && document.querySelectorAll('path.hs-shape').length > 0")
        idle(page)
        if not page.evaluate(PLAIN):  # the address tells of filters and of a question
            if page.locator(".st-key-leave").count():
                page.locator(".st-key-leave").get_by_role("button").click()
                page.locator(".st-key-leave").wait_for(state="detached")
                idle(page)
            page.get_by_role("button", name="Reset filters").click()
            page.wait_for_function(PLAIN)
            idle(page)
        for _ in range(4):  # an answer to the step before may still be on its way to the map
            frame.evaluate(BACK, self.looks)
            page.wait_for_timeout(300)
            idle(page)
            asked = page.locator(".st-key-card").get_by_text("What is in here?").count()
            if not asked and page.evaluate("() => location.search") == self.begins and frame.evaluate(LOOKS) == self.looks:
                return True
        return False
