"""Accessibility: axe finds nothing on any screen in either theme; 200 % zoom and reduced motion; colours told apart."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.browser.watched import FRAME, Watched, frame_of, turn_to

AXE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js").read_text("utf-8")
RUN = """() => axe.run(document, {iframes: false,
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
  .then(r => r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ')).join('; ')))"""
UPLOADER = "presentation-role-conflict: section"  # Streamlit's own drop zone; no success criterion of WCAG
ROOT = Path(__file__).resolve().parents[2]
PATHS = re.findall(r'url_path="([a-z_-]+)"', (ROOT / "screens" / "main.py").read_text("utf-8"))
MARKS = ROOT / "scoping" / "showing" / "marks.js"


def violations(page):
    """What axe finds, and finds again: a page that is being drawn may pass through a state that nobody meets."""
    for _ in range(4):
        found = []
        for frame in page.frames:
            if frame.url.startswith("http"):
                frame.evaluate(AXE)
                found += frame.evaluate(RUN)
        found = [each for each in found if each != UPLOADER]
        if not found:
            break
        page.wait_for_timeout(1_500)
    return found


@pytest.fixture(scope="module")
def walked(chromium, demo_url):
    """One open page that lets axe in; the tests walk on it, each from where the one before left it."""
    made = Watched(chromium, viewport={"width": 1366, "height": 768}, bypass_csp=True)
    yield made.open(demo_url)
    made.context.close()
    made.innocent()


@pytest.mark.parametrize("path", [*PATHS, "?q=2"])
def test_axe_finds_nothing_on_any_page_in_either_theme(walked, demo_url, path):
    walked.emulate_media(color_scheme="light")
    if path in PATHS:
        turn_to(walked, "/" if path == PATHS[0] else f"/{path}")
    else:
        walked.goto(f"{demo_url}/{path}")
    settled(walked)
    assert violations(walked) == []
    walked.emulate_media(color_scheme="dark")  # as of a laptop that turns dark in the evening: at once, without a click
    walked.wait_for_function("() => getComputedStyle(document.querySelector('.stApp')).colorScheme === 'dark'")
    walked.wait_for_timeout(300)
    assert violations(walked) == []


def settled(page):
    """Wait until a page is whole, its map too where it has one."""
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning'] h1")
    page.wait_for_timeout(700)
    # asked of the frames that are there now: that of the page before may still be going
    page.wait_for_function("""frames => [...document.querySelectorAll(frames)].every(
        frame => frame.contentDocument?.querySelector("[role='main'] h1"))""", arg=FRAME)


def test_the_card_of_a_place_passes_too(walked):
    walked.emulate_media(color_scheme="light")
    turn_to(walked, "/")
    settled(walked)
    frame_of(walked).locator("path.hs-shape[tabindex='0']").first.dispatch_event("click")
    walked.locator(".st-key-card").get_by_text("Hour and weekday").wait_for()
    assert violations(walked) == []


def test_twice_as_large_is_still_whole(demo_url, watched):
    page = watched(viewport={"width": 683, "height": 384}, device_scale_factor=2).open(demo_url)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 683
    page.frame_locator(FRAME).locator(".hs-slider").wait_for()


def test_nothing_moves_for_those_who_ask_for_stillness(opened):
    moving = frame_of(opened).evaluate("""() => [...document.querySelectorAll('.hs-shape, .hs-icon, .hs-badge')]
      .filter(n => getComputedStyle(n).transitionDuration.split(',').some(t => parseFloat(t) > 0)).length""")
    assert moving == 0


# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB
DEFICIENCIES = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def lab(colour, matrix):
    rgb = np.array([int(colour[i:i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(matrix) @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", ["usual", *DEFICIENCIES])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_more_less_and_the_same_are_told_apart_by_every_eye(theme, sight):
    block = re.search(rf"{theme}: \{{(.*?)\n    \}}", MARKS.read_text("utf-8"), re.DOTALL)[1]
    fills = dict(re.findall(r"(\w+): \['(#[0-9a-f]{6})'", block))
    edges = dict(re.findall(r"(\w+): \['[^']+', '[^']+', [\d.]+, '([^']*)'", block))
    matrix = DEFICIENCIES.get(sight, np.eye(3))
    for a, b in (("born", "stable"), ("born", "shrank"), ("born", "grew"), ("grew", "shrank"), ("shrank", "stable")):
        far = float(np.linalg.norm(lab(fills[a], matrix) - lab(fills[b], matrix)))
        assert far > 8 or edges[a] != edges[b], (a, b, far)  # colour, else the pattern of the line
