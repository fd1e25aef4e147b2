"""No request leaves the machine; and if code on a page tried, the browser would refuse it."""

import re
import socket
import urllib.request
from threading import Thread

import pytest

from tests.browser.conftest import free_port, served
from tests.browser.watched import frame_of, idle, turn_to

ATTEMPT = """async () => {
  const image = new Image();
  const seen = new Promise(done => {
    image.onload = () => done('loaded'); image.onerror = () => done('refused'); setTimeout(() => done('silent'), 4000); });
  image.src = 'https://tile.openstreetmap.org/1/1/1.png?leak';
  let fetched = 'got';
  try { await fetch('https://tile.openstreetmap.org/1/1/1.png?leak'); } catch (e) { fetched = 'refused'; }
  return [fetched, await seen];
}"""


def test_no_page_asks_another_machine(demo_url, empty_url, watched):
    seen = watched()
    page = seen.open(demo_url)
    frame_of(page).locator("path.hs-shape[tabindex='0']").first.dispatch_event("click")
    page.get_by_text("Hour and weekday").wait_for()
    for path in ("/changes", "/import", "/about"):
        turn_to(page, path)
        idle(page)
        page.wait_for_timeout(1_500)
    page.goto(empty_url)
    page.get_by_role("button", name="Load the demonstration").wait_for()
    assert len(seen.asked) > 60
    assert any(url.startswith("ws://127.0.0.1") for url in seen.asked)
    assert any(".pmtiles" in url for url in seen.asked)


def test_the_browser_blocks_what_should_never_be_tried(demo_url, unwatched):
    page = unwatched.open(demo_url)
    for target in (page, frame_of(page)):
        unwatched.console.clear()
        assert target.evaluate(ATTEMPT) == ["refused", "refused"]
        page.wait_for_timeout(200)
        blocked = [line for line in unwatched.console if "Content Security Policy" in line and "leak" in line]
        assert any(re.search("connect-src", line) for line in blocked)
        assert any(re.search("img-src", line) for line in blocked)


@pytest.fixture
def way_out():
    """A proxy that every request to another machine would be sent through: what came to it."""
    came = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        def take():
            while True:
                try:
                    caller, _ = listening.accept()
                except OSError:
                    return
                with caller:
                    came.append(caller.recv(200))

        Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", came
        listening.shutdown(socket.SHUT_RDWR)


def test_the_server_asks_nobody_for_its_own_address(tmp_path, way_out):
    """Streamlit does, when it listens on every address and for a name that it does not know: at the start and of each request."""
    proxy, came = way_out
    port, name = free_port(), "scoping.force.example"
    own = {"host": f"{name}:{port}", "origin": f"http://{name}:{port}"}
    flags = ("--server.address", "0.0.0.0", "--server.allowedHosts", name, "--server.allowedHosts", "127.0.0.1")  # noqa: S104
    with served(tmp_path, *flags, port=port, SCOPING_ALLOWED_HOSTS=name, http_proxy=proxy, https_proxy=proxy,
                no_proxy="127.0.0.1") as url:
        for path in ("/_stcore/health", "/_stcore/host-config"):
            with urllib.request.urlopen(urllib.request.Request(url + path, headers=own), timeout=60) as answer:  # noqa: S310
                assert answer.status == 200
    assert came == []
