"""Take the pictures of the documentation from a fresh demonstration.

    python docs/screenshots.py            docs/images/hotspots.png
    python docs/screenshots.py --all      every screen, both themes, two sizes, into build/album/ (`make album`)
    --home FOLDER                         of a demonstration that is already loaded, instead of a fresh one

Needs Chromium (CHROMIUM=/path, default /usr/bin/chromium) and playwright. Asks no other machine.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

from serving import served  # noqa: E402 - found once its folder is on the path

SIZES = ((1366, 768), (3840, 2160))
FRAME = "iframe[title='streamlit_folium.st_folium']"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--all", action="store_true", help="every screen in both themes and two sizes")
    options.add_argument("--home", type=Path, help="of a demonstration that is already loaded")
    given = options.parse_args()
    every = given.all
    with tempfile.TemporaryDirectory() as fresh, served(given.home or Path(fresh)) as server, sync_playwright() as playwright:
        url = server.url
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS)
        album = ROOT / "build" / "album"
        if every and not given.home:
            _shoot(browser, url, album / "first-run.png", wait=False)
        if not given.home:
            _load_demo(browser, url)
        _shoot(browser, url, ROOT / "docs" / "images" / "hotspots.png", choose=True, height=1010)
        for width, height in (*SIZES, (420, 1700)) if every else ():
            size = {"width": width, "height": height, "schemes": ("light", "dark")}
            _shoot(browser, url, album / f"hotspots-{width}.png", choose=True, **size)
            for mode in ("before", "change", "swipe", "two"):
                _shoot(browser, url, album / f"hotspots-{mode}-{width}.png", compare=mode, **size)
            for path in _pages():
                _shoot(browser, f"{url}/{path}", album / f"{path}-{width}.png", wait=False, **size)
            for number in range(1, 16) if width == SIZES[0][0] else ():
                _shoot(browser, f"{url}/?q={number}", album / f"question-{number:02d}.png", **size)
        browser.close()


def _load_demo(browser: Browser, url: str) -> None:
    page = browser.new_page()
    page.goto(url)
    page.get_by_role("button", name="Load the demonstration").click()
    page.frame_locator(FRAME).locator(".hs-dock").wait_for(timeout=900_000)
    page.close()


def _pages() -> list[str]:
    """The addresses of the other pages, as the program names them."""
    found = re.findall(r'url_path="([a-z_-]+)"', (ROOT / "screens" / "main.py").read_text("utf-8"))
    return [path for path in found if path != "hotspots"]


def _shoot(browser: Browser, url: str, out: Path, *, schemes: tuple[Literal["light", "dark"], ...] = (), width: int = 1440,
           height: int = 1000, wait: bool = True, choose: bool = False, compare: str = "") -> None:
    """One picture; with `schemes` one of each theme: the page turns dark as it is."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="light", reduced_motion="reduce",
                                  locale="en-GB", timezone_id="Europe/London")
    page = context.new_page()
    page.goto(url)
    if wait:
        page.frame_locator(FRAME).locator(".hs-dock").wait_for(timeout=120_000)
        page.wait_for_timeout(2_500)
        if choose:
            _choose(page)
        if compare:
            frame = next(frame for frame in page.frames if "streamlit_folium" in frame.url)
            frame.evaluate("mode => { HS.show(HS.state().k); HS.state().core.compare.choose(mode); }", compare)
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning'] h1", timeout=120_000)
    out.parent.mkdir(parents=True, exist_ok=True)
    for scheme in schemes or (None,):
        if scheme:
            page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(2_000)  # the tiles of the ground too
        page.screenshot(path=out.with_stem(f"{out.stem}-{scheme}") if scheme else out)
    context.close()


def _choose(page: Page) -> None:
    """Go to the window in which most changed, look at the largest town, choose the hotspot with the most children."""
    frame = next(frame for frame in page.frames if "streamlit_folium" in frame.url)
    frame.evaluate("""() => {
      const slider = document.querySelector('.hs-slider'), summary = document.querySelector('.hs-summary');
      let best = 0, most = -1;
      for (let j = 1; j < +slider.max; j++) {
        HS.show(j);
        const changes = [...summary.textContent.matchAll(/· (\\d+)/g)].reduce((sum, found) => sum + +found[1], 0);
        if (changes >= most) { best = j; most = changes; }
      }
      slider.value = best;
      for (const name of ['input', 'change']) slider.dispatchEvent(new Event(name, {bubbles: true}));
    }""")
    page.wait_for_timeout(2_500)
    frame.evaluate("""() => {
      const shown = [...document.querySelectorAll('path.hs-shape')].filter(p => p.style.display !== 'none');
      const children = p => +((p.getAttribute('aria-label').match(/(\\d+) child/) || [0, 0])[1]);
      shown.sort((a, b) => children(b) - children(a));
      HS.state().map.setView([55.443, -0.735], 13, {animate: false});
      if (shown.length) shown[0].dispatchEvent(new MouseEvent('click', {bubbles: true}));
      HS.state().map.eachLayer(l => l.closeTooltip && l.closeTooltip());
    }""")


if __name__ == "__main__":
    main()
