"""The Changes page: empty, with the demonstration, counting aside, freezing, and when something breaks."""

from __future__ import annotations

import time

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from geo_data.errors import StoreError
from scoping.change.calibrate import expected_by_window
from scoping.transitions import CHANGES
from screens import change_parts, jobs, reviewed, session

TIMEOUT = 90


def page():
    def run():
        import streamlit as st

        from screens import changes, look
        st.session_state.setdefault("pages", {})
        look.dress()
        changes.page()
    return AppTest.from_function(run, default_timeout=TIMEOUT)


def text(app):
    kinds = ("markdown", "text", "error", "warning", "info", "subheader")
    return " ".join(str(s) for s in [e.proto.body for e in app.get("html")] + [e.value for kind in kinds for e in app.get(kind)])


@pytest.fixture
def few_runs(monkeypatch):
    monkeypatch.setattr(reviewed, "RUNS", 3)


@pytest.mark.usefixtures("demo")
def test_the_latest_review_is_shown_with_tests_chance_and_words():
    app = page().run()
    assert not app.exception
    said = text(app)
    for words in ("What has changed", "SYNTHETIC DATA", "never by a percentage", "What chance alone would give", "In words",
                  "The life of every hotspot", "Hour and weekday", "From where to where", "Nothing is frozen yet"):
        assert words in said
    table = next(frame.value for frame in app.dataframe if "In words" in frame.value)
    assert len(table) > 5 and table["In words"].str.len().gt(10).all() and table["Stability"].notna().any()


@pytest.mark.usefixtures("demo")
def test_another_month_is_another_review_and_its_comparison_can_be_a_year_ago():
    app = page()
    app.query_params["review"] = "April 2025"
    app.run()
    assert "9 Sep" not in text(app) and not app.exception
    first = text(app)
    app.segmented_control(key="against").set_value("year").run()
    assert not app.exception and text(app) != first


def test_what_chance_gives_is_counted_aside_kept_and_shown(demo, few_runs, tmp_path, monkeypatch):
    kept = {}
    monkeypatch.setattr(reviewed, "kept_chance", lambda given, month: kept.get("table"))

    def work_of(given, month):
        rows = session.locations(given.collection, given.version)
        return lambda tell: kept.setdefault("table", expected_by_window(rows, given.parameters, runs=3, progress=tell))

    monkeypatch.setattr(reviewed, "chance_work", work_of)
    monkeypatch.setattr(jobs, "_JOBS", {})
    app = page().run()
    assert "by chance</b>" not in text(app)
    next(button for button in app.button if button.label == "Count what chance gives").click().run()
    until = time.monotonic() + 60
    while "table" not in kept and time.monotonic() < until:
        time.sleep(0.1)
    app = page().run()
    assert "by chance</b>" in text(app) and not app.exception


@pytest.mark.usefixtures("empty")
def test_without_data_the_page_offers_a_way_in():
    app = page().run()
    assert not app.exception and [button.label for button in app.button] == ["Load the demonstration", "Import a file"]


def test_a_broken_store_says_what_to_do(empty, monkeypatch):
    def broken():
        raise StoreError("The database is newer than this program.", fix="Install the newer version.")
    monkeypatch.setattr(session, "present", broken)
    app = page().run()
    assert not app.exception and "Install the newer version" in text(app)


@pytest.mark.usefixtures("demo")
def test_a_quiet_review_leads_to_the_last_in_which_something_changed():
    app = page().run()
    assert "Nothing has changed" in text(app)
    back = app.button(key="look-back")
    month = back.label.removeprefix("Look at ")
    back.click().run()
    assert not app.exception and app.selectbox(key="review").value == f"{pd.Period(month, freq='M')}"
    assert "Nothing has changed" not in text(app)


@pytest.mark.usefixtures("demo")
def test_settings_that_leave_nothing_say_so():
    app = page().run()
    app.slider(key="least").set_value(20)
    app.slider(key="eps").set_value(50).run()
    assert not app.exception and "No hotspots in this review" in text(app)


@pytest.mark.usefixtures("demo")
def test_a_period_too_short_for_a_review_is_said():
    app = page()
    app.query_params["window"] = "91 days, every 28 days"
    app.run()
    from datetime import date
    app.date_input(key="dates").set_value((date(2025, 11, 1), date(2026, 1, 3))).run()
    assert not app.exception
    assert "There is no review yet" in text(app) or "No whole window" in text(app)


def test_the_drawing_of_lives_has_a_bar_for_each_window_and_a_line_for_each_kinship():
    bars = pd.DataFrame({"hotspot_id": ["H1", "H1", "H2"], "place": ["A", "A", "B"],
                         "start": ["2025-01-01", "2025-02-01", "2025-02-01"],
                         "end": ["2025-02-01", "2025-03-01", "2025-03-01"], "change": ["new", "split", "split"],
                         "children": pd.array([7, 8, None], dtype="Int64")})
    links = pd.DataFrame({"start": ["2025-02-01"], "parent": ["H1"], "child": ["H2"]})
    drawn = change_parts._drawn(bars, links).to_dict()
    assert len(drawn["layer"]) == 4
    assert drawn["layer"][0]["encoding"]["color"]["scale"]["domain"] == ["new", "split"]
    assert "http" not in str({key: value for key, value in drawn.items() if key != "$schema"})
    assert set(change_parts.TONES) == set(CHANGES.values())
    assert len(change_parts._drawn(bars, links.iloc[:0]).to_dict()["layer"]) == 1
