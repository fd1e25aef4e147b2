"""The page for retention: what is due, two people for an erasure, and what is kept of one person."""

import pytest
from streamlit.testing.v1 import AppTest

from screens import session
from tests.geo_data.made import episodes, import_into

REFS = [f"R-{n:03d}" for n in range(6)]


def page():
    def run():
        from screens import retention
        retention.page()
    return AppTest.from_function(run, default_timeout=60)


def said(app):
    kinds = ("success", "warning", "text")
    return " ".join([e.proto.body for e in app.get("html")] + [e.value for kind in kinds for e in app.get(kind)])


def press(app, label):
    return next(button for button in app.button if button.label.startswith(label)).click().run()


@pytest.fixture
def records(empty):
    import_into(session.opened(), "a", episodes(REFS, review_by="2020-01-01", person_ref="P1"))
    return session.opened()


@pytest.mark.usefixtures("empty")
def test_an_empty_store_says_so():
    assert "Nothing is kept yet" in said(page().run())


def test_an_erasure_needs_a_second_name(records):
    app = page().run()
    assert not app.exception
    assert app.dataframe[0].value["episode_ref"].tolist() == REFS
    app = press(app, "Propose to erase 6 records")
    assert "waits for a second person" in said(app)
    app = press(app, "Approve and erase")
    assert "cannot approve it" in said(app)
    assert len(records.episodes("episodes")) == 6
    app.text_input(key="second-1").set_value("Second Reader")
    app = press(app, "Approve and erase")
    assert not app.exception
    assert records.episodes("episodes").empty
    assert records.entries()["actor"].iloc[-1] != ""
    assert "erase" in records.entries()["action"].tolist()


def test_a_record_can_be_kept(records):
    app = press(page().run(), "Keep 6 records")
    assert "6 kept for review again" in said(app) and "Nothing is due" in said(app)


def test_everything_of_one_person_can_be_gathered(records):
    app = page().run()
    app.text_input[-1].set_value("P1")
    app = press(app, "Gather")
    assert not app.exception
    assert app.dataframe[-1].value["Rows"].tolist() == [6, 0, 12, 0, 0, 0]
    assert len(app.get("download_button")) == 1
    assert "subject access" in records.entries()["action"].tolist()
