"""A hotspot that was chosen and is no longer there, or is another place under the same name: said, and the rest is shown."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from geo_data.keeping.store import Source
from geo_data.placing.locations import locate
from scoping.parameters import Parameters
from screens import controls, session, spot
from screens.worked import Asked
from tests.screens.world import demo_home, point_at, point_nowhere

SCRIPT = Path(__file__).resolve().parents[2] / "start.py"
GONE = "is not in these results any more"


@pytest.fixture
def own_copy(monkeypatch, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(demo_home(), home)
    point_at(home, monkeypatch)
    yield home
    session.opened().close()
    point_nowhere()


def shown():
    asked = Asked(controls.parameters_of({}, Parameters()), session.rules(), session.today())
    return session.data("demo", session.version("demo")).drawn(asked)


def html(app):
    return " ".join(e.proto.body for e in app.get("html")) + " ".join(e.value for e in app.markdown)


def found_at_home_after_all(easting: float, northing: float) -> None:
    """Files of today say that the children found within 2 km were at home: such places are no part of a hotspot."""
    store = session.store()
    rows = store.locations("demo")
    near = np.hypot(rows["easting"] - easting, rows["northing"] - northing) < 2_000
    episodes = store.episodes("demo", rows.loc[near & (rows["role"] == "found"), "episode_ref"].unique().tolist())
    episodes = episodes.assign(found_at_own_address="Y", extracted_at=pd.Timestamp(datetime.now(UTC)))
    placed = locate(episodes, session.gazetteer(), episodes["category"])
    source = Source("f" * 64, "amended.csv", "native", datetime.now(UTC), len(episodes), 0)
    store.import_("demo", "episodes", episodes, placed, source)


@pytest.mark.usefixtures("own_copy")
def test_an_update_that_takes_the_chosen_hotspot_away_is_said_and_the_rest_is_shown():
    before = shown()
    chosen = before.release.anchors.iloc[0]
    app = AppTest.from_file(str(SCRIPT), default_timeout=60)
    app.query_params["spot"] = chosen["hotspot_id"]
    app.run()
    assert not app.exception and GONE not in html(app)
    assert f'aria-label="Place card"><h2>{before.names[chosen["hotspot_id"]]}' in html(app)

    found_at_home_after_all(float(chosen["cell_e"]), float(chosen["cell_n"]))
    app.run()
    assert not app.exception
    after = shown()
    assert chosen["hotspot_id"] not in after.names and len(after.names) > 4
    assert f"The hotspot {chosen['hotspot_id']} {GONE}" in html(app) and "New data." in html(app)
    assert "Choose a hotspot on the map or a row of the table" in html(app)  # the card of the window, and no other place's
    assert len(app.dataframe[0].value) and app.query_params.get("spot") is None


def test_a_hotspot_under_the_same_name_elsewhere_is_not_the_one_that_was_chosen(monkeypatch):
    state = dict(spot.NOWHERE) | {"hotspot": "H2401-AB"}
    monkeypatch.setattr(spot, "spot", lambda: state)

    def release(*places):
        class Some:
            anchors = pd.DataFrame(places, columns=["hotspot_id", "cell_e", "cell_n"])
        return Some

    here = release(("H2401-AB", 400_000, 500_000), ("H2402-CD", 410_000, 500_000))
    assert spot.chosen(here) == "H2401-AB" == spot.chosen(release(("H2401-AB", 400_500, 501_000)))
    assert spot.chosen(release(("H2401-AB", 402_500, 500_000))) is None  # the name went to another place
    assert state["gone"] == "H2401-AB" and spot.chosen(here) is None  # and does not come back unasked
    monkeypatch.setattr(spot.st, "session_state", {"spot": state, "map": {"event": "1", "hotspot": "H2401-AB"}})
    spot.heard()
    assert spot.chosen(here) == "H2401-AB" and state["gone"] is None
