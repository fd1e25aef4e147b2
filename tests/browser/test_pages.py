"""Pages in a real browser: first run, a file with hostile content, and the small screen."""

import shutil

import pytest

from tests.browser.watched import FRAME, frame_of, turn_to


def test_from_nothing_to_the_demonstration_in_one_click(empty_url, watched):
    page = watched().open(empty_url, wait_for_map=False)
    page.get_by_role("button", name="Load the demonstration").click()
    page.frame_locator(FRAME).locator(".hs-dock").wait_for(timeout=240_000)
    page.get_by_text("SYNTHETIC DATA").first.wait_for()


def test_a_hostile_file_is_shown_as_text_and_refused(opened):
    turn_to(opened, "/import")
    name = "![x](http://outside.example/a.png)<img src=x onerror=window.xss=1>.csv"
    rows = "episode_ref,person_ref,<img src=x onerror=window.xss=1>\n<script>window.xss=1</script>,p1,![b](http://outside.example/b.png)\n"
    opened.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": rows.encode()})
    opened.get_by_text("cannot be imported yet").wait_for()
    assert opened.evaluate("() => window.xss") is None


@pytest.fixture
def ready_url(gazetteer_folder, empty_home, empty_url):
    """A server with a gazetteer and without a record of the agency's own."""
    if not (empty_home / "gazetteer").exists():  # the demonstration was not loaded before
        shutil.copytree(gazetteer_folder, empty_home / "gazetteer")
    return empty_url


def test_a_template_round_trip_is_checked_and_imported(ready_url, watched):
    page = watched().open(f"{ready_url}/import", wait_for_map=False)
    head = ("episode_ref,person_ref,source_system,extracted_at,recording_force,responsible_la,age_at_episode,care_status,"
            "episode_type,missing_from_type,reported_at,risk_level_initial,rhi_offered,sharing_restriction,found_easting,found_northing")
    good = ("AB-0001,c1,manual,2026-01-02T10:00:00Z,Test force,E06000057,14,not_looked_after,missing,home,"
            "2026-01-01T20:00:00Z,medium,NK,none,420000,580000")
    bad = good.replace("AB-0001", "AB-0002").replace(",14,", ",44,")
    page.locator("input[type=file]").set_input_files(
        {"name": "new.csv", "mimeType": "text/csv", "buffer": "\n".join((head, good, bad)).encode()})
    page.get_by_role("button", name="Import 1 row").wait_for()
    page.get_by_role("button", name="Download the refused rows").wait_for()
    page.get_by_role("button", name="Import 1 row").click()
    page.get_by_role("button", name="See the hotspots").wait_for()


def test_nothing_is_wider_than_the_screen(demo_url, watched):
    page = watched(viewport={"width": 420, "height": 800}, color_scheme="dark").open(demo_url)
    assert frame_of(page).evaluate("() => document.querySelector('.hs-map').classList.contains('hs-dark')")
    for width in (420, 1366):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(500)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        assert frame_of(page).evaluate("() => document.documentElement.scrollWidth") <= width
