"""Dates that leave nothing out go on to do so: of another data set, of one that has grown, and after a reset."""

from __future__ import annotations

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest


def filters():
    from datetime import date

    import streamlit as st

    from screens import controls
    name = controls.data_set(["episodes", "demo"])
    last = st.session_state.get("grown_to", date(2024, 6, 30)) if name == "episodes" else date(2026, 1, 2)
    available = controls.Available({"found": 9}, date(2024, 1, 1), last, {}, ())
    ahead = controls.turned(available)
    said = controls.parameters(available, sample=False)
    st.session_state["told"] = ahead, said


@pytest.fixture
def app():
    return AppTest.from_function(filters, default_timeout=60).run()


def turned_to(app, name):
    app.selectbox(key="data").set_value(name).run()
    told = app.session_state["told"]
    app.run()  # a browser sends what it shows with every look at the page
    assert not app.exception and app.session_state["told"][1] == told[1]
    return told


def test_another_data_set_is_shown_from_its_first_day_to_its_last(app):
    for name, last in (("demo", date(2026, 1, 2)), ("episodes", date(2024, 6, 30)), ("demo", date(2026, 1, 2))):
        ahead, said = turned_to(app, name)
        assert app.date_input(key="dates").value == (date(2024, 1, 1), last) and said.start is said.end is None
        assert ahead == said


def test_dates_chosen_in_one_data_set_are_not_those_of_another(app):
    app.date_input(key="dates").set_value((date(2024, 2, 1), date(2024, 3, 31))).run()
    assert app.session_state["told"][1].start == date(2024, 2, 1)
    said = turned_to(app, "demo")[1]
    assert app.date_input(key="dates").value == (date(2024, 1, 1), date(2026, 1, 2)) and said.start is said.end is None


def test_what_is_imported_later_is_shown_and_chosen_dates_stay(app):
    app.session_state["grown_to"] = date(2024, 7, 31)
    app.run()
    assert app.date_input(key="dates").value[1] == date(2024, 7, 31) and app.session_state["told"][1].end is None
    app.date_input(key="dates").set_value((date(2024, 2, 1), date(2024, 3, 31))).run()
    app.session_state["grown_to"] = date(2024, 8, 31)
    app.run()
    assert app.date_input(key="dates").value == (date(2024, 2, 1), date(2024, 3, 31))


def test_dates_that_are_no_longer_there_are_all_dates(app):
    app.date_input(key="dates").set_value((date(2024, 5, 1), date(2024, 6, 30))).run()
    app.session_state["grown_to"] = date(2024, 4, 30)
    app.run()
    assert not app.exception and app.date_input(key="dates").value == (date(2024, 1, 1), date(2024, 4, 30))


def test_a_reset_shows_all_dates_and_means_them(app):
    app.date_input(key="dates").set_value((date(2024, 2, 1), date(2024, 3, 31))).run()
    app.button[0].click().run()
    for _ in range(2):
        assert app.date_input(key="dates").value == (date(2024, 1, 1), date(2024, 6, 30))
        assert app.session_state["told"][1].start is app.session_state["told"][1].end is None
        app.run()


def test_a_first_day_alone_keeps_the_month_that_still_fills_and_what_comes_later(app):
    app.date_input(key="dates").set_value((date(2024, 2, 1), date(2024, 6, 30))).run()
    assert (app.session_state["told"][1].start, app.session_state["told"][1].end) == (date(2024, 2, 1), None)
    app.session_state["grown_to"] = date(2024, 8, 31)
    app.run()
    assert app.date_input(key="dates").value == (date(2024, 2, 1), date(2024, 8, 31))
    assert (app.session_state["told"][1].start, app.session_state["told"][1].end) == (date(2024, 2, 1), None)


def test_a_last_day_alone_keeps_the_month_the_records_begin_in(app):
    app.date_input(key="dates").set_value((date(2024, 1, 1), date(2024, 4, 30))).run()
    assert (app.session_state["told"][1].start, app.session_state["told"][1].end) == (None, date(2024, 5, 1))
