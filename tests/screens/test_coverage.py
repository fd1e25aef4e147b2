"""The Coverage page: with the demonstration, empty, and when the store breaks."""

import pytest
from streamlit.testing.v1 import AppTest

from geo_data.errors import StoreError
from screens import rate_chart, session
from tests.screens.test_pages import text


def coverage():
    def run():
        from screens import coverage, look
        look.dress()
        coverage.page()
    return AppTest.from_function(run, default_timeout=60)


@pytest.mark.usefixtures("demo")
def test_the_demonstration_is_measured():
    app = coverage().run()
    assert not app.exception
    said = text(app)
    assert "SYNTHETIC DATA" in said and "Where a hotspot could hide" in said and "Fewer than 85% are placed: last seen" in said
    rates = app.dataframe[0].value
    assert set(rates["Against 85%"]) <= {"reached", "below", "withheld"} and len(rates) == 5
    roles = next(w for w in app.get("button_group") if w.label == "Place")
    roles.set_value("pickup").run()
    assert not app.exception and app.dataframe[0].value["Places"].max() < rates["Places"].max()


@pytest.mark.usefixtures("empty")
def test_nothing_to_measure():
    app = coverage().run()
    assert not app.exception and "Nothing to measure yet" in text(app)


@pytest.mark.usefixtures("empty")
def test_a_broken_store_says_what_to_do(monkeypatch):
    def broken():
        raise StoreError("The database is busy.", fix="Try again.")
    monkeypatch.setattr(session, "present", broken)
    app = coverage().run()
    assert not app.exception and "The database is busy" in text(app) and "Try again" in text(app)


def test_the_chart_says_what_it_draws_and_leaves_gaps():
    drawn = rate_chart.by_month([rate_chart.named("2025-01"), "Feb 2025"], [0.9, None], [0.7, None], 0.85)
    assert "Jan 2025: 90% placed, 70% finely" in drawn and "Feb 2025: withheld or nothing" in drawn and "Feb 2025 " not in drawn
    assert "full height 100%, dashed 85%" in drawn


def test_counts_side_by_side_share_a_scale_and_nothing_is_not_unknown():
    drawn = rate_chart.counts(["2025-01", "2025-02", "2025-03"], [4, 0, None], 8, "referrals")
    assert "height:50%" in drawn and "2025-02: 0 referrals" in drawn and "2025-03: not known or withheld" in drawn
    assert "height:58px" in drawn and "%px" not in drawn  # the frame has a height, else its bars have none
    assert "height:96px" in rate_chart.counts(["2025-01"], [4], 8, "children", rate_chart.TALL)
