"""A team's first files are small, or say little: every page, question and layer stands on them, and says what there is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from geo_data.keeping.store import Source, Store
from geo_data.placing.gazetteer import open_gazetteer
from geo_data.placing.locations import locate
from geo_data.schema import EPISODES
from scoping.questions import QUESTIONS
from screens import reviewed, session
from screens.controls import LAYERS
from tests.screens.test_stored_markup import PAGES, show
from tests.screens.world import ROOT, demo_home, point_at, point_nowhere

MANY = 60
START = pd.Timestamp("2025-01-06 21:00", tz="UTC")


def episodes(**told: object) -> pd.DataFrame:
    """Episodes of as many children, each found at one place within a year, with the columns of `told` instead."""
    k = np.arange(MANY)
    at = pd.Series(START + pd.to_timedelta(k * 6, unit="D"))
    plain = {
        "episode_ref": [f"T{i:03d}" for i in k], "person_ref": [f"c{i}" for i in k], "source_system": "manual",
        "extracted_at": pd.Timestamp("2026-01-10", tz="UTC"), "episode_type": "missing", "reported_at": at,
        "found_at": at + pd.Timedelta(hours=5), "found_easting": 425_000.0 + k % 5 * 20, "found_northing": 565_000.0,
        "found_location_type": "street", "sharing_restriction": "none"}
    frame = EPISODES.conform(pd.DataFrame(plain | told))
    return frame.assign(category=pd.Series([None] * MANY, dtype="str"), time_precision="minute")


THIN: dict[str, Callable[[], pd.DataFrame]] = {
    "found places alone": episodes,
    "no place at all": lambda: episodes(found_easting=None, found_northing=None),
    "one episode": lambda: episodes().iloc[:1].reset_index(drop=True),
}


@pytest.fixture(scope="module", params=list(THIN))
def thin(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home, frame = tmp_path_factory.mktemp("thin"), THIN[request.param]()
    shutil.copytree(demo_home() / "gazetteer", home / "gazetteer")
    with Store(f"sqlite:///{home / 'scoping.db'}") as store:
        store.import_("episodes", "episodes", frame, locate(frame, open_gazetteer(home / "gazetteer")),
                      Source("0" * 64, "first.csv", "native", datetime.now(UTC), len(frame), 0))
    with pytest.MonkeyPatch.context() as patch:
        point_at(home, patch)
        yield home
        point_nowhere()


@pytest.mark.usefixtures("thin")
def test_a_server_makes_itself_ready() -> None:
    session.prepare()
    session.prepare_rest()
    reviewed.prepare()


@pytest.mark.usefixtures("thin")
def test_every_page_and_layer_stands_and_every_question_is_answered() -> None:
    for name in (*PAGES, "alerts"):
        assert not show(name).run().exception, name
    app = AppTest.from_file(ROOT / "start.py", default_timeout=120).run()
    for layer in LAYERS:
        app.session_state["layers"] = [layer]
        assert not app.run().exception, layer
    for question in QUESTIONS:
        app = AppTest.from_file(ROOT / "start.py", default_timeout=120)
        app.query_params["q"] = str(question.number)
        assert not app.run().exception, question.text
        assert any('class="sc-said"' in str(each.proto.body) for each in app.get("html")), question.text
