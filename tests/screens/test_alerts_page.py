"""The Alerts page and the grid: what they say with the demonstration, when nothing stands out, and when there is too little."""

from datetime import date

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from geo_data.grid import to_wgs84
from scoping.change.scan import prospective
from scoping.parameters import Parameters
from scoping.showing import area_map, maps
from scoping.showing.alerts import release_alerts
from scoping.showing.grid_view import release_grid
from screens import session
from tests.scoping.change.test_scan import FEW, world
from tests.scoping.showing.test_grid_view import months
from tests.scoping.showing.test_grid_view import world as squares_world
from tests.screens.test_pages import TIMEOUT, text


def page():
    def run():
        from screens import alerts, look
        look.dress()
        alerts.page()
    return AppTest.from_function(run, default_timeout=TIMEOUT)


@pytest.mark.usefixtures("empty")
def test_nothing_imported():
    app = page().run()
    assert not app.exception and "Nothing to look at yet" in text(app)


@pytest.mark.usefixtures("demo")
def test_the_demonstration_s_planted_place_is_an_alert_when_it_began():
    app = page().run()
    assert not app.exception
    assert "SYNTHETIC DATA" in text(app) and "expected by chance" in text(app)
    app.selectbox(key="alerts_week").set_value(date(2025, 1, 26)).run()
    said = text(app)
    assert not app.exception and "different children in the last" in said and "would come" in said
    app.toggle(key="alerts_since").set_value(True).run()
    assert "week" in text(app) and not app.exception


@pytest.mark.usefixtures("demo")
def test_the_grid_and_its_words():
    app = page().run()
    app.segmented_control(key="alerts_view").set_value("Grid").run()
    assert not app.exception and len(app.dataframe) == 1
    assert "persistent" in set(app.dataframe[0].value["Class"])
    app.segmented_control(key="grid_variant").set_value("esri28").run()
    assert not app.exception and len(app.dataframe) == 1


@pytest.fixture
def own_caches():
    """The tests share one session: what is made of other rows must not outlive the test."""
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.mark.usefixtures("demo", "own_caches")
def test_too_little_is_said(monkeypatch):
    rows = session.store().locations("demo").head(20)
    monkeypatch.setattr(session, "locations", lambda collection, version: rows)
    app = page().run()
    assert not app.exception and "Not enough data to say" in text(app)


def test_the_map_is_handed_coarse_rings_and_words_only():
    release = release_alerts(prospective(world(planted=9), Parameters(), settings=FEW))
    payload = area_map.alerts(release, ["</script>{{7*7}}"], to_wgs84, "light")
    area = payload["areas"][0]
    assert area["c"] == "alert" and area["n"] == 9 and len(area["ring"]) == area_map.CORNERS
    assert area["c"] in payload["classes"]
    pushed = maps.push_areas(payload | {"theme": "light", "label": "x", "stamp": ""})
    carried = next(iter(pushed._children.values())).payload
    assert "</script>" not in carried and "{{" not in carried
    grid = area_map.squares(release_grid(months(squares_world())), to_wgs84, "dark")
    assert all(len(area["ring"]) == 4 and area["c"] in grid["classes"] for area in grid["areas"])
    assert {len(style) for style in grid["classes"].values()} == {4}
    empty = release_alerts(prospective(world(), Parameters(), settings=FEW))
    assert area_map.alerts(empty, [], to_wgs84, "dark")["areas"] == []
    assert isinstance(release.alerts, pd.DataFrame)
