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
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.browser.standing import Standing
from tests.browser.watched import Watched
from tests.needed import needed
from tests.screens.world import ROOT, demo_home, hostile_home

# the same browser without the window that nobody sees, where it is installed: a sixth less work
CHROMIUM = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))), "")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@cache
def no_browser() -> str:
    """Why no browser can be started here; empty when one can."""
    if not CHROMIUM:
        return "no browser is installed (Debian: apt-get install chromium)"
    if not find_spec("playwright"):
        return "playwright is not installed"
    if subprocess.run([sys.executable, "-m", "playwright", "--version"], capture_output=True, check=False).returncode:
        return "what drives the browser does not start (Debian: apt-get install libatomic1)"
    return ""


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
def demo_url(tmp_path_factory):
    home = tmp_path_factory.mktemp("home") / "demo"
    shutil.copytree(demo_home(), home)
    with served(home) as url:
        yield url


@pytest.fixture(scope="package")
def hostile_url(tmp_path_factory):
    with served(hostile_home(tmp_path_factory.mktemp("hostile"))) as url:
        yield url


@pytest.fixture(scope="package")
def empty_home(tmp_path_factory):
    return tmp_path_factory.mktemp("empty")


@pytest.fixture(scope="package")
def empty_url(empty_home):
    with served(empty_home) as url:
        yield url


@pytest.fixture(scope="package")
def chromium():
    with launched(*FLAGS) as browser:
        yield browser


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
    for each in made:
        each.innocent()


@pytest.fixture(scope="package")
def standing(chromium, demo_url):
    made = Standing(chromium, demo_url)
    yield made
    made.close()


@pytest.fixture
def opened(request, standing):
    """The page of the demonstration as it opens. Fails the test when it asks another machine for anything, or throws."""
    yield from _watching(request, standing, standing.again)


@pytest.fixture
def left(request, standing):
    """The page of the demonstration as the test before left it, watched as `opened` is."""
    yield from _watching(request, standing, standing.left)


def _watching(request, standing, page):
    failed = request.session.testsfailed
    try:
        yield page()
        standing.watched.innocent()
    except BaseException:
        standing.close()
        raise
    if request.session.testsfailed > failed:
        standing.close()


@pytest.fixture
def unwatched(chromium):
    """A context for tests that ask for what is not allowed on purpose."""
    made = Watched(chromium)
    yield made
    made.context.close()
