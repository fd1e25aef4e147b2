"""A session's first look draws its map before the filters: what they will say is foreseen, or they are drawn first."""

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest


def both():
    import streamlit as st

    from screens import choosing
    foreseen = choosing.foreseen()  # before any filter is drawn
    st.session_state["told"] = foreseen, choosing.chosen("", at_once=True)


def told(link):
    """What is foreseen of a link, and what the filters say."""
    app = AppTest.from_function(both, default_timeout=60)
    for name, value in link.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app.session_state["told"]


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("link", [
    {}, {"window": "Calendar months"}, {"window": "Weeks"}, {"layers": "Alerts"}, {"from": "2025-01-01"}, {"to": "2025-06-30"},
    {"from": "2025-01-01", "to": "2025-06-30", "window": "Weeks"}, {"from": "<script>"}, {"from": "1999-01-01"}])
def test_what_is_foreseen_is_what_the_filters_say(link):
    foreseen, chosen = told(link)
    assert foreseen == chosen is not None


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("link", [{"window": "Nonsense"}, {"eps": "300"}, {"strand": "Care"}, {"data": "Demonstration"},
                                  {"leftout": "true"}, {"leftout": "true", "from": "2025-01-01"}])
def test_what_only_the_filters_understand_is_not_guessed(link):
    foreseen, chosen = told(link)
    assert foreseen is None and chosen is not None


@pytest.mark.usefixtures("demo")
def test_dates_and_left_out_places_of_a_link_are_what_the_filters_say():
    chosen = told({"from": "2025-01-01", "leftout": "true"})[1][2]
    assert (chosen.start, chosen.end, chosen.keep_left_out) == (date(2025, 1, 1), None, True)


@pytest.mark.usefixtures("demo")
def test_a_dial_that_was_turned_is_foreseen_too():
    app = AppTest.from_function(both, default_timeout=60)
    app.session_state["eps"] = 300
    app.session_state["age"] = ["12-14"]
    app.run()
    foreseen, chosen = app.session_state["told"]
    assert foreseen == chosen and chosen[2].eps_m == 300 and chosen[2].age_bands == ("12-14",)


def guessed():
    import streamlit as st

    from screens import choosing, controls
    guesses, drawn = [], []
    real = controls.parameters
    controls.parameters = lambda *given, **named: drawn.append(True) or real(*given, **named)
    try:
        chosen = choosing.chosen("", at_once=True, guess=lambda *told: guesses.append((told, bool(drawn))))
    finally:
        controls.parameters = real
    st.session_state["told"] = guesses, chosen


TURNS = {
    "nothing": lambda app: None,
    "strands, in any order": lambda app: app.session_state.__setitem__("strand", ["care", "home"]),
    "neighbourhood": lambda app: app.sidebar.slider(key="eps").set_value(400),
    "windows": lambda app: app.sidebar.selectbox(key="window").set_value("month"),
    "left-out places": lambda app: app.sidebar.checkbox(key="leftout").check(),
    "dates": lambda app: app.sidebar.date_input(key="dates").set_value(
        (app.sidebar.date_input(key="dates").value[0] + timedelta(days=40), app.sidebar.date_input(key="dates").value[1])),
    "half a choice of dates": lambda app: app.sidebar.date_input(key="dates").set_value(
        (app.sidebar.date_input(key="dates").value[0],)),
}


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("turn", TURNS.values(), ids=TURNS)
def test_after_a_turn_of_a_dial_it_is_known_before_the_filters_are_drawn_what_they_will_say(turn):
    app = AppTest.from_function(guessed, default_timeout=60).run()
    assert app.session_state["told"][0] == []  # nothing was drawn yet that could have been turned
    turn(app)
    app.run()
    guesses, chosen = app.session_state["told"]
    assert not app.exception and guesses == [(chosen, False)]


def nonsense():
    import streamlit as st

    from screens import controls
    for name, value in {"window": "month", "eps": 250, "least": 5, "dates": (), "strand": ["anything"]}.items():
        st.session_state[name] = value
    st.session_state["told"] = controls.turned(controls.Available({"found": 1}, None, None, {}, ()))


def test_a_dial_that_holds_nonsense_is_not_guessed_at():
    app = AppTest.from_function(nonsense, default_timeout=60).run()
    assert not app.exception and app.session_state["told"] is None
