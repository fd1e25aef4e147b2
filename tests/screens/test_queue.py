"""The review queue page: what waits, deciding, undoing, and what it says when there is nothing or something breaks."""

import shutil

import pytest
from streamlit.testing.v1 import AppTest

from geo_data.errors import StoreError
from screens import session
from tests.screens.test_pages import text
from tests.screens.world import demo_home, point_at, point_nowhere


def queue():
    def run():
        from screens import look, queue
        look.dress()
        queue.page()
    return AppTest.from_function(run, default_timeout=60)


@pytest.fixture
def own(monkeypatch, tmp_path):
    """A demonstration that may be written to."""
    shutil.copytree(demo_home(), tmp_path, dirs_exist_ok=True)
    point_at(tmp_path, monkeypatch)
    yield
    session.store().close()
    point_nowhere()


@pytest.mark.usefixtures("empty")
def test_nothing_to_review():
    app = queue().run()
    assert not app.exception and "Nothing to review yet" in text(app)


@pytest.mark.usefixtures("empty")
def test_a_broken_store_says_what_to_do(monkeypatch):
    def broken():
        raise StoreError("The database is busy.", fix="Try again.")
    monkeypatch.setattr(session, "present", broken)
    app = queue().run()
    assert not app.exception and "The database is busy" in text(app) and "Try again" in text(app)


@pytest.mark.usefixtures("own")
def test_a_typed_place_is_decided_and_undone():
    app = queue().run()
    assert not app.exception and "SYNTHETIC DATA" in text(app)
    before, waiting = session.version("demo"), app.dataframe[0].value
    first = waiting["Text"].iloc[0]
    key = next(w.key for w in app.text_input if w.key.startswith("typed-"))
    app.text_input(key=key).set_value("NZ 1 1").run()
    app.text_input(key=key).set_value("Quernminster").run()
    button = next(b for b in app.button if b.label.startswith("Place"))
    button.click().run()
    assert not app.exception and "placed anew" in " ".join(s.value for s in app.success)
    assert session.version("demo") != before
    assert first not in set(app.dataframe[0].value["Text"])
    assert app.dataframe[1].value["Text"].iloc[0] == first
    next(b for b in app.button if b.key == "undo-last").click().run()
    assert not app.exception and app.dataframe[0].value["Text"].iloc[0] == first
    assert list(session.store().entries()["action"])[-2:] == ["decide place", "undo place"]


@pytest.mark.usefixtures("own")
def test_no_place_is_a_decision():
    app = queue().run()
    first = app.dataframe[0].value.iloc[0]
    way = next(w for w in app.get("button_group") if w.label == "Decide by")
    way.set_value("no_place").run()
    next(b for b in app.button if b.label.startswith("Names no place")).click().run()
    assert not app.exception and app.dataframe[1].value["Decided"].iloc[0] == "no place"
    assert first["Text"] not in set(app.dataframe[0].value["Text"])
    found = session.store().locations("demo")
    assert (found["method"] == "team_decision").sum() == first["Rows"]
    assert found.loc[found["method"] == "team_decision", "tier"].eq("P5").all()
