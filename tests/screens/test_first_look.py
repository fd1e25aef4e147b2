"""A session's first look draws its map before the filters: what they will say is foreseen, or they are drawn first."""

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
@pytest.mark.parametrize("link", [{}, {"window": "Calendar months"}, {"window": "Weeks"}, {"layers": "Alerts"}])
def test_what_is_foreseen_is_what_the_filters_say(link):
    foreseen, chosen = told(link)
    assert foreseen == chosen is not None


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("link", [{"window": "Nonsense"}, {"eps": "300"}, {"strand": "Care"}, {"data": "Demonstration"}])
def test_what_only_the_filters_understand_is_not_guessed(link):
    foreseen, chosen = told(link)
    assert foreseen is None and chosen is not None


@pytest.mark.usefixtures("demo")
def test_a_dial_that_was_turned_is_foreseen_too():
    app = AppTest.from_function(both, default_timeout=60)
    app.session_state["eps"] = 300
    app.session_state["age"] = ["12-14"]
    app.run()
    foreseen, chosen = app.session_state["told"]
    assert foreseen == chosen and chosen[2].eps_m == 300 and chosen[2].age_bands == ("12-14",)
