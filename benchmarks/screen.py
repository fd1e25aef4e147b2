"""How long the screen takes for one force: 60,000 invented points in 60 monthly windows, in a real browser.

    python benchmarks/screen.py [--points 60000] [--people 1] [--ready 0] [--home FOLDER]

Prints the time from page to first map (of the view the page begins with, of another, and of that one again), the time of a
filter change (from the click until the new shapes are drawn), of a click until the place card, of a slider step in the
browser, and the size of the websocket messages. Targets: first map 2.5 s, a filter change 0.8 s, a slider step 20 ms with 200
hotspots, a card 0.5 s, 300 kB a change; with --people 25, the 95th percentile of a filter change 1.5 s. Asks no other
machine. Needs Chromium and playwright.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
from playwright.sync_api import Browser, Frame, Page, sync_playwright
from serving import served

from geo_data import schema
from geo_data.keeping.store import Source, Store
from geo_data.placing import gazetteer
from geo_data.placing.locations import locate

DAYS = 5 * 365
MONTHS = "window=Calendar+months"
VIEWS = (("as the page begins", "/?"), ("calendar months", f"/?{MONTHS}&"), ("the same, asked before", f"/?{MONTHS}&"))
TOKEN = "benchmark-of-the-screen-alone"  # noqa: S105 - this server is ours and gone when we are
PLACES = 200
FRAME = "iframe[title='streamlit_folium.st_folium']"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]


SEEN = "() => performance.getEntriesByName('first map')[0]"
SINCE = "() => performance.timeOrigin + performance.getEntriesByName('first map')[0].startTime"  # the browser's own clock
BEGAN = "() => [performance.timeOrigin, performance.getEntriesByType('navigation')[0].loadEventEnd]"
DRAWN = "() => window.HS && document.querySelectorAll('path.hs-shape').length > 0"
REST = "[data-testid='stApp'][data-test-script-state='notRunning']"
COUNT = "() => { const old = HS.update; window.pushed = []; HS.update = d => { old(d); pushed.push(Date.now()); }; }"


def force(points: int, seed: int = 1) -> pd.DataFrame:
    """Invented episodes round 12 towns of north-east England's shape: a broad background and 200 denser places."""
    rng = np.random.default_rng(seed)
    towns = np.column_stack([rng.uniform(400_000, 440_000, 12), rng.uniform(550_000, 590_000, 12)])
    places = towns[rng.integers(0, 12, PLACES)] + rng.normal(0, 2_500, (PLACES, 2))
    spread = towns[rng.integers(0, 12, points)] + rng.normal(0, 5_000, (points, 2))
    dense = rng.random(points) < 0.45
    spread[dense] = places[rng.integers(0, PLACES, int(dense.sum()))] + rng.normal(0, 90, (int(dense.sum()), 2))
    at = pd.Timestamp("2021-01-01", tz="UTC") + pd.to_timedelta(rng.uniform(0, DAYS * 24 * 60, points).astype(int), unit="min")
    frame = pd.DataFrame({
        "episode_ref": [f"BM-{i:07d}" for i in range(points)],
        "person_ref": [f"c{i}" for i in rng.integers(0, points // 3, points)],
        "source_system": "manual", "extracted_at": pd.Timestamp("2026-01-02", tz="UTC"), "recording_force": "Benchmark",
        "responsible_la": "E06000057", "age_at_episode": rng.integers(10, 18, points), "care_status": "not_looked_after",
        "episode_type": "missing", "missing_from_type": rng.choice(["home", "childrens_home", "school_education"], points),
        "reported_at": at, "found_at": at + pd.Timedelta(hours=3), "risk_level_initial": "medium", "rhi_offered": "NK",
        "sharing_restriction": "none", "found_easting": spread[:, 0].round(), "found_northing": spread[:, 1].round(),
        "found_location_type": rng.choice(["street", "park_open_space", "shopping_leisure"], points)})
    return schema.EPISODES.conform(frame).assign(category=pd.Series([None] * points, dtype="str"), time_precision="minute")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--points", type=int, default=60_000)
    options.add_argument("--people", type=int, default=1, help="this many pages at once, each changing filters")
    options.add_argument("--ready", type=float, default=0.0, help="seconds that the server gets before the first page")
    options.add_argument("--home", type=Path, help="keep the data here instead of in a temporary folder")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = given.home or Path(temporary)
        _fill(home, given.points)
        with served(home, TOKEN) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS)
            time.sleep(given.ready)
            print(f"points {given.points:,}; load {os.getloadavg()[0]:.1f}; the server had {given.ready:.0f} s to make ready")
            for name, view in VIEWS:
                page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()  # nothing kept from another visit
                received = first_map(page, f"{server.url}{view}token={TOKEN}", name)
            measure(page, received)
            if given.people > 1:
                page.close()
                crowd(browser, server.url, given.people)
            browser.close()


def first_map(page: Page, address: str, name: str) -> list[int]:
    """Open the page, in a browser that holds none of its files; the sizes of what its websocket receives, from now on."""
    received: list[int] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: received.append(len(data))))
    begin = time.perf_counter()
    page.goto(address)
    page.frame_locator(FRAME).locator(".hs-dock").wait_for(timeout=240_000)  # asks at most twice a second
    _map(page).wait_for_function(SEEN, timeout=240_000)
    began, loaded = page.evaluate(BEGAN)
    first, loaded = (_map(page).evaluate(SINCE) - began) / 1000, loaded / 1000
    page.get_by_role("button", name="Home", exact=True).wait_for(timeout=240_000)
    page.wait_for_selector(REST, timeout=240_000)
    print(f"first map, {name:22} {first:6.2f} s, of which {loaded:.2f} s until its own files were loaded (target 2.5); "
          f"whole page {time.perf_counter() - begin:.2f} s; {sum(received) / 1000:.0f} kB", flush=True)
    return received


def _map(page: Page) -> Frame:
    return next(frame for frame in page.frames if "streamlit_folium" in frame.url)


CLICKS = "() => addEventListener('click', e => { window.clicked = performance.timeOrigin + e.timeStamp; }, true)"
PAINTED = """() => { const old = HS.update; top.painted = 0; HS.update = d => { old(d);
  requestAnimationFrame(() => setTimeout(() => { top.painted = performance.timeOrigin + performance.now(); })); }; }"""
CARD = """async ([frame, hotspot]) => {
  const shape = document.querySelector(frame).contentDocument.querySelector(`path.hs-shape[data-hotspot='${hotspot}']`);
  const begin = performance.now(), there = () => document.querySelector('.st-key-card')?.textContent.includes(hotspot);
  shape.dispatchEvent(new MouseEvent('click', { bubbles: true }));
  while (!there()) await new Promise(requestAnimationFrame);
  return performance.now() - begin; }"""


def measure(page: Page, received: list[int]) -> None:
    """Filters, cards and steps, by the browser's own clock: from the click until the answer is painted."""
    frame = _map(page)
    page.evaluate(CLICKS)
    frame.evaluate(PAINTED)
    changes, wholes, sizes = [], [], []
    for name in ("Home", "Care", "12-14", "15-17", "10-11"):
        page.wait_for_timeout(600)
        page.evaluate("() => { painted = 0; }")
        size = sum(received)
        page.get_by_role("button", name=name, exact=True).click()
        page.wait_for_function("() => painted > 0", timeout=60_000)
        changes.append(page.evaluate("() => painted - clicked") / 1000)
        page.wait_for_selector(REST, timeout=240_000)
        wholes.append(page.evaluate("() => performance.timeOrigin + performance.now() - clicked") / 1000)
        page.wait_for_timeout(800)
        sizes.append(sum(received) - size)
    print(f"filter change to new shapes  {median(changes):6.2f} s median of {len(changes)}, worst {max(changes):.2f} (target 0.8)")
    print(f"filter change to the whole page {median(wholes):4.2f} s median, worst {max(wholes):.2f}")
    print(f"received for a filter change {median(sizes) / 1000:6.0f} kB median")
    cards = []
    for shape in frame.locator("path.hs-shape[tabindex='0']").all()[:7]:
        page.wait_for_timeout(600)
        cards.append(page.evaluate(CARD, [FRAME, shape.get_attribute("data-hotspot")]) / 1000)
    if cards:
        print(f"click to place card          {median(cards):6.2f} s median of {len(cards)}, worst {max(cards):.2f} (target 0.5)")
    steps = frame.evaluate("""() => { const took = [], n = +document.querySelector('.hs-slider').max;
      for (let lap = 0; lap < 3; lap++) for (let j = 0; j <= n; j++) {
        const t = performance.now(); HS.show(j); document.body.getBoundingClientRect(); took.push(performance.now() - t); }
      return took.sort((a, b) => a - b); }""")
    print(f"slider step in the browser   {median(steps):6.1f} ms median, worst {steps[-1]:.1f} ms (target 20)")


def crowd(browser: Browser, url: str, people: int) -> None:
    """Everybody at once: each page in turn changes a filter; every change is timed to its new shapes."""
    pages = []
    for _ in range(people):
        page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
        page.goto(f"{url}/?{MONTHS}&token={TOKEN}")
        page.frame_locator(FRAME).locator(".hs-dock").wait_for(timeout=240_000)
        frame = _map(page)
        frame.wait_for_function(DRAWN, timeout=240_000)
        frame.evaluate(COUNT)
        pages.append((page, frame))
    asked: list[list[float]] = [[] for _ in pages]
    for name in ("Home", "12-14", "Home", "12-14"):
        for who, (page, _) in enumerate(pages):
            asked[who].append(time.time() * 1000)
            page.get_by_role("button", name=name, exact=True).click()
            page.wait_for_timeout(150)
    page.wait_for_timeout(30_000)
    took = [shown - begun for (_, frame), begins in zip(pages, asked, strict=True)
            for begun, shown in zip(begins, frame.evaluate("() => window.pushed"), strict=False)]
    print(f"{people} people, {len(took)} changes     {np.median(took) / 1000:6.2f} s median, "
          f"p95 {np.percentile(took, 95) / 1000:.2f} s (target 1.5)")


def _fill(home: Path, points: int) -> None:
    folder = home / "gazetteer"
    gazetteer.build(folder)
    home.mkdir(parents=True, exist_ok=True)
    episodes = force(points)
    with Store(f"sqlite:///{home / 'scoping.db'}") as store:
        if len(store.collections()):
            return
        digest = hashlib.sha256(str(points).encode()).hexdigest()
        store.import_("episodes", "episodes", episodes, locate(episodes, gazetteer.open_gazetteer(folder)),
                      Source(digest, "benchmark.csv", "native", datetime.now(UTC), points, 0))


if __name__ == "__main__":
    main()
