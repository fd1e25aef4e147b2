"""One Chromium, one server with the demonstration, and a record of every request that a page makes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.needed import needed
from tests.screens.world import ROOT, demo_home, hostile_home

# the same browser without the window that nobody sees, where it is installed: a sixth less work
CHROMIUM = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))), "")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]
FRAME = "iframe[title='streamlit_folium.st_folium']"


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def no_browser() -> str:
    """Why no browser can be started here; empty when one can."""
    if not CHROMIUM:
        return "no browser is installed (Debian: apt-get install chromium)"
    return "" if find_spec("playwright") else "playwright is not installed"


@contextmanager
def launched(*flags: str) -> Iterator[Any]:
    """A Chromium without a window."""
    needed(no_browser())
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(flags))
        yield browser
        browser.close()


@contextmanager
def served(home: Path, *flags: str, port: int = 0, **variables: str) -> Iterator[str]:
    """The app with its data in `home`, with further flags of Streamlit and variables of the environment."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    log = (home / "server.log").open("wb")
    process = subprocess.Popen([sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), *flags],
                               cwd=ROOT, env=os.environ | {"SCOPING_HOME": str(home)} | variables,
                               stdout=log, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 240
        while True:
            try:
                with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:  # noqa: S310 - this machine
                    if answer.status == 200:
                        break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((home / "server.log").read_text("utf-8")) from None
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)
        log.close()


@pytest.fixture(scope="package")
def demo_url(request, tmp_path_factory):
    home = tmp_path_factory.mktemp("home") / "demo"
    shutil.copytree(demo_home(request.config), home)
    with served(home) as url:
        yield url


@pytest.fixture(scope="package")
def hostile_url(request, tmp_path_factory):
    with served(hostile_home(request.config, tmp_path_factory.mktemp("hostile"))) as url:
        yield url


@pytest.fixture(scope="package")
def empty_url(tmp_path_factory):
    with served(tmp_path_factory.mktemp("empty")) as url:
        yield url


@pytest.fixture(scope="package")
def chromium():
    with launched(*FLAGS) as browser:
        yield browser


class Watched:
    """A browser context that keeps every address asked for and every fault of a page."""

    def __init__(self, browser, **options):
        self.asked: list[str] = []
        self.faults: list[str] = []
        self.console: list[str] = []
        self.context = browser.new_context(**({"viewport": {"width": 1400, "height": 1000}, "locale": "en-GB",
                                               "reduced_motion": "reduce", "timezone_id": "Europe/London"} | options))
        self.context.set_default_timeout(120_000)  # a busy machine is no fault of the page
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.context.on("page", self._watch)

    def _watch(self, page):
        page.on("websocket", lambda socket: self.asked.append(socket.url))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self.console.append(message.text))

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


def frame_of(page):
    """The frame that holds the map."""
    return next(frame for frame in page.frames if "streamlit_folium" in frame.url)


def idle(page):
    """Wait until the server has said all it has to say of this page."""
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning']")


@pytest.fixture
def watched(chromium):
    """Contexts that fail the test when a page asks another machine for anything, or throws."""
    made: list[Watched] = []

    def make(**options):
        made.append(Watched(chromium, **options))
        return made[-1]

    yield make
    for each in made:
        each.context.close()
    assert [url for each in made for url in each.outside()] == []
    assert [fault for each in made for fault in each.faults] == []


@pytest.fixture(scope="module")
def walked(chromium, demo_url):
    """One open page of the demonstration that all tests of a module walk on, each from where the one before left it."""
    made = Watched(chromium, viewport={"width": 1366, "height": 768}, bypass_csp=True)
    yield made.open(demo_url)
    made.context.close()
    assert made.outside() == [] and made.faults == []


@pytest.fixture
def unwatched(chromium):
    """A context for tests that ask for what is not allowed on purpose."""
    made = Watched(chromium)
    yield made
    made.context.close()
