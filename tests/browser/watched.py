"""A browser context with a record of what its pages ask for, and what every test does with an open page."""

from __future__ import annotations

from urllib.parse import urlsplit

FRAME = "iframe[title='streamlit_folium.st_folium']"


class Watched:
    """A browser context that keeps every address asked for and every fault of a page."""

    def __init__(self, browser, **options):
        self.asked: list[str] = []
        self.faults: list[str] = []
        self.console: list[str] = []
        self.context = browser.new_context(**({"viewport": {"width": 1400, "height": 1000}, "locale": "en-GB",
                                               "reduced_motion": "reduce", "timezone_id": "Europe/London"} | options))
        self.context.set_default_timeout(120_000)  # a busy machine is no fault of the page
        self.missing: list[str] = []  # files of ours that a page asks for and does not get
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.context.on("response", self._answered)
        self.context.on("page", self._watch)

    def _watch(self, page):
        page.on("websocket", lambda socket: self.asked.append(socket.url))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self.console.append(message.text))

    def _answered(self, answer):
        if answer.status >= 400 and ("/assets/" in answer.url or "/basemap/" in answer.url):
            self.missing.append(answer.url)

    def outside(self) -> list[str]:
        return [url for url in self.asked if urlsplit(url).scheme in ("http", "https", "ws", "wss")
                and urlsplit(url).hostname not in ("127.0.0.1", "localhost")]

    def open(self, url, *, wait_for_map=True):
        page = self.context.new_page()
        page.goto(url)
        if wait_for_map:
            page.frame_locator(FRAME).locator(".hs-dock").wait_for(timeout=120_000)
            frame_of(page).wait_for_function("() => window.HS && document.querySelectorAll('path.hs-shape').length > 0")
        return page

    def innocent(self):
        """No page asked another machine for anything, threw, or missed a file of ours."""
        assert (self.outside(), self.faults, self.missing) == ([], [], [])


def frame_of(page):
    """The frame that holds the map."""
    return next(frame for frame in page.frames if "streamlit_folium" in frame.url)


def turn_to(page, address):
    """Another page of the program, as by the browser's own way back and forth: nothing is loaded anew."""
    if page.evaluate("() => location.pathname") == address:
        return
    before = page.locator(".sc-head h1").first.inner_text()
    page.evaluate("to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate', {state: {}})); }", address)
    page.wait_for_function("before => { const h = document.querySelector('.sc-head h1'); return h && h.innerText !== before; }",
                           arg=before)


def idle(page):
    """Wait until the server has said all it has to say of this page."""
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning']")
