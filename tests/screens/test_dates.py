"""Dates that leave nothing out go on to do so: of another data set, of one that has grown, after a reset, of a link and of a view.

Dates that leave something out are kept wherever the other filters are: on other pages, in the link, by Undo and in kept views.
"""

from __future__ import annotations

import json
from datetime import date
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from geo_data.errors import ParameterError
from scoping.parameters import Parameters, WindowScheme
from screens import controls, session, viewing
from screens.results import Given


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


# ------------------------------------------------------------------ other pages, the link, Undo, kept views

ALL = (date(2024, 1, 1), date(2024, 6, 30))


def page():
    from datetime import date

    import streamlit as st

    from scoping.questions import numbered
    from screens import asking, controls, viewing, waiting
    if st.session_state.get("away"):
        st.text("another page")
        return
    available = controls.Available({"found": 9}, date(2024, 1, 1), st.session_state.get("grown_to", date(2024, 6, 30)), {}, ())
    ahead = controls.foreseen(available)
    controls.data_set(["episodes", "demo"])
    st.session_state["told"] = ahead, controls.parameters(available, sample=False)
    viewing.remember()
    st.session_state["now"] = viewing.now()
    st.button("Undo", on_click=viewing.undo, key="undo")
    st.button("Ask", on_click=asking.ask, args=(numbered(2),), key="asked")
    st.button("Cancel", on_click=waiting.stop, args=("key",), key="cancelled")
    st.button("Show", on_click=lambda: viewing.restore(st.session_state["kept"]), key="show")


@pytest.fixture
def seen():
    return AppTest.from_function(page, default_timeout=60).run()


def choose(app, first, last):
    app.date_input(key="dates").set_value((first, last)).run()
    assert not app.exception


def press(app, key):
    app.button(key=key).click().run()
    assert not app.exception
    return app.date_input(key="dates").value


def show(app, view):
    app.session_state["kept"] = json.loads(json.dumps(view))
    return press(app, "show")


def opened(**link):
    app = AppTest.from_function(page, default_timeout=60)
    for name, value in link.items():
        app.query_params["from" if name == "from_" else name] = value
    app.run()
    assert not app.exception
    return app


def test_dates_and_left_out_places_are_kept_while_another_page_is_open(seen):
    choose(seen, date(2024, 2, 1), date(2024, 3, 31))
    seen.checkbox(key="leftout").check().run()
    before = seen.session_state["told"][1]
    seen.session_state["away"] = True
    seen.query_params.clear()  # as the browser does
    seen.run()
    assert seen.text[0].value == "another page"
    seen.session_state["away"] = False
    seen.run()
    assert seen.session_state["told"][1] == before
    assert before.keep_left_out and (before.start, before.end) == (date(2024, 2, 1), date(2024, 4, 1))


def test_the_link_says_the_dates_that_leave_something_out_and_no_others(seen):
    first, last = date(2024, 2, 1), date(2024, 3, 31)
    for chosen, said in (((first, ALL[1]), {"from": "2024-02-01"}), ((ALL[0], last), {"to": "2024-03-31"}),
                         ((first, last), {"from": "2024-02-01", "to": "2024-03-31"}), (ALL, {})):
        choose(seen, *chosen)
        assert {name: seen.query_params[name] for name in ("from", "to") if name in seen.query_params} == said
    choose(seen, first, last)
    next(button for button in seen.button if button.label == "Reset filters").click().run()
    assert not {"from", "to"} & set(seen.query_params)


def test_a_link_opens_with_its_dates_and_what_was_recorded_later():
    app = AppTest.from_function(page, default_timeout=60)
    app.session_state["grown_to"] = date(2024, 8, 31)
    app.query_params["from"] = "2024-02-01"
    app.run()
    foreseen, said = app.session_state["told"]
    assert app.date_input(key="dates").value == (date(2024, 2, 1), date(2024, 8, 31))
    assert (said.start, said.end) == (date(2024, 2, 1), None) and foreseen == said
    app = opened(from_="2024-02-01", to="2024-03-31")
    foreseen, said = app.session_state["told"]
    assert (said.start, said.end) == (date(2024, 2, 1), date(2024, 4, 1)) and foreseen == said


def test_a_link_opens_with_left_out_places_kept():
    assert opened(leftout="true").session_state["told"][1].keep_left_out
    assert not opened(leftout="perhaps").session_state["told"][1].keep_left_out


@pytest.mark.parametrize("link", [
    {"from_": "<script>"}, {"from_": "2024-13-01"}, {"from_": "2024-02-30"}, {"from_": "20240201"}, {"from_": "2024-02-01T00:00"},
    {"from_": "٢٠٢٤-٠٢-٠١"}, {"from_": "2031-01-01"}, {"from_": "0000-00-00"}, {"to": "9999-12-31"}, {"to": "1999-01-01"},
    {"from_": "2024-05-01", "to": "2024-02-01"}, {"from_": ""}, {"to": "x" * 3000}, {"dates": "2024-02-01"}])
def test_dates_of_a_link_that_are_none_or_are_not_there_are_all_dates(link):
    app = opened(**link)
    foreseen, said = app.session_state["told"]
    assert app.date_input(key="dates").value == ALL and said.start is said.end is None and foreseen == said
    assert not {"from", "to"} & set(app.query_params)  # the address tells what is shown


def test_of_a_link_that_reaches_beyond_the_data_the_other_day_still_counts():
    app = opened(from_="2024-02-01", to="2025-03-31")
    assert app.date_input(key="dates").value == (date(2024, 2, 1), ALL[1]) and app.session_state["told"][1].end is None


def test_a_change_of_dates_is_a_step_and_undo_of_another_filter_leaves_them(seen):
    choose(seen, date(2024, 2, 1), ALL[1])
    seen.slider(key="eps").set_value(300).run()
    assert press(seen, "undo") == (date(2024, 2, 1), ALL[1]) and seen.slider(key="eps").value == 250
    assert press(seen, "undo") == ALL
    assert press(seen, "undo") == ALL  # there is nothing before


def test_undo_brings_back_a_side_that_leaves_nothing_out_as_one(seen):
    choose(seen, date(2024, 2, 1), ALL[1])
    choose(seen, date(2024, 3, 1), date(2024, 4, 30))
    seen.session_state["grown_to"] = date(2024, 8, 31)
    seen.run()
    assert press(seen, "undo") == (date(2024, 2, 1), date(2024, 8, 31)) and seen.session_state["told"][1].end is None


def test_dates_half_chosen_are_no_step_to_go_back_to(seen):
    choose(seen, date(2024, 2, 1), ALL[1])
    seen.date_input(key="dates").set_value((date(2024, 3, 1),)).run()
    assert press(seen, "undo") == (date(2024, 2, 1), ALL[1])
    seen.date_input(key="dates").set_value((date(2024, 3, 1),)).run()
    choose(seen, date(2024, 3, 1), date(2024, 4, 30))
    assert press(seen, "undo") == (date(2024, 2, 1), ALL[1])


@pytest.mark.parametrize("back", ["undo", "cancelled"])
def test_after_a_question_the_dates_are_those_of_before(seen, back):
    choose(seen, date(2024, 2, 1), date(2024, 3, 31))
    assert press(seen, "asked") == ALL
    assert press(seen, back) == (date(2024, 2, 1), date(2024, 3, 31))


def test_undo_never_brings_dates_of_another_data_set(seen):
    seen.slider(key="eps").set_value(300).run()
    choose(seen, date(2024, 2, 1), date(2024, 3, 31))
    seen.selectbox(key="data").set_value("demo").run()
    assert press(seen, "undo") == ALL and seen.slider(key="eps").value == 250


def test_a_kept_view_opens_with_its_dates_on_data_that_have_grown(seen):
    choose(seen, date(2024, 2, 1), ALL[1])
    view = seen.session_state["now"]
    choose(seen, date(2024, 3, 1), date(2024, 3, 31))
    seen.session_state["grown_to"] = date(2024, 8, 31)
    seen.run()
    assert show(seen, view) == (date(2024, 2, 1), date(2024, 8, 31))
    assert (seen.session_state["told"][1].start, seen.session_state["told"][1].end) == (date(2024, 2, 1), None)


@pytest.mark.parametrize("view", [
    {"eps": 300}, {"eps": 300, "from": "2031-01-01"}, {"eps": 300, "to": "1999-12-31"},
    {"eps": 300, "from": 7, "to": ["2024-02-01"]}, {"eps": 300, "from": "2024-05-01", "to": "2024-02-01"},
    {"eps": 300, "from": None}])
def test_a_kept_view_without_dates_or_with_dates_that_are_not_there_opens_with_all(seen, view):
    choose(seen, date(2024, 2, 1), date(2024, 3, 31))
    assert show(seen, view) == ALL and seen.slider(key="eps").value == 300


def compared(monkeypatch, view, **shown):
    """What a kept view beside the screen is worked out with."""
    asked = []

    def release(_collection, _version, parameters, *_more):
        asked.append(parameters)
        raise ParameterError("Enough.")
    monkeypatch.setattr(session, "release", release)
    monkeypatch.setattr(viewing.st, "toggle", lambda *_given, **_named: True)
    monkeypatch.setattr(viewing.st, "session_state", {"all_dates": ALL})
    given = Given(shown["collection"], "1", shown["parameters"], None, date(2024, 7, 1))
    viewing._beside(SimpleNamespace(given=given, **shown), view)
    return asked[0]


def test_a_kept_view_beside_public_sample_data_has_the_window_of_the_screen(monkeypatch):
    month = Parameters(window=WindowScheme.parse("month"))
    view = {"crime": ["Shoplifting"], "window": "days:7", "strand": ["care"]}  # the latter left from another data set
    asked = compared(monkeypatch, view, collection="sample", parameters=month)
    assert asked.window == month.window and asked.categories == ("Shoplifting",) and asked.strands == ()


def test_a_kept_view_is_compared_under_its_own_window_and_dates(monkeypatch):
    here = Parameters(window=WindowScheme.parse("month"), start=date(2024, 5, 1), end=date(2024, 6, 1))
    asked = compared(monkeypatch, {"to": "2024-03-31", "crime": ["Shoplifting"]}, collection="demo", parameters=here)
    assert asked.window == WindowScheme.parse(str(controls.DEFAULTS["window"])) and asked.categories == ()
    assert (asked.start, asked.end) == (None, date(2024, 4, 1))
