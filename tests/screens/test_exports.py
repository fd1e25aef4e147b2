"""The page of snapshots: what would be shown, a release with its files, the register, and what it refuses."""

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from geo_data.keeping.interviews import Interviews
from geo_data.keeping.releases import Register
from geo_data.people import Person
from scoping.parameters import Parameters
from scoping.showing import desk
from scoping.showing.disclosure import Chosen
from scoping.showing.periods import Period
from screens import meeting_opening, session
from tests.screens.test_borders import page as borders_page
from tests.screens.test_meeting import home  # noqa: F401 - a fixture


def page():
    def run():
        from screens import exports
        exports.page()
    return AppTest.from_function(run, default_timeout=180)


def said(app):
    kinds = ("success", "warning", "info", "error", "text")
    return " ".join([e.proto.body for e in app.get("html")] + [e.value for kind in kinds for e in app.get(kind)])


def press(app, label):
    return next(button for button in app.button if button.label.startswith(label)).click().run()


@pytest.fixture
def register(demo):
    """The demonstration's register, empty before and after: its store is shared between tests."""
    kept = Register(session.opened())
    kept.forget("demo", "tests")
    yield kept
    kept.forget("demo", "tests")


@pytest.mark.usefixtures("empty")
def test_an_empty_store_says_so():
    assert "nothing to release" in said(page().run())


def test_a_period_is_looked_at_released_once_and_then_frozen(register, monkeypatch):
    app = page().run()
    assert not app.exception
    assert "What would be shown" in said(app) and "Nothing has been released yet" in said(app)
    assert "chance alone" in said(app) and "Without return interview: about" in said(app)
    assert app.button[0].disabled  # without a purpose nothing leaves
    app.text_input(key="snap_purpose").set_value("the meeting")
    app.multiselect(key="snap_formats").set_value(["csv", "html"])
    app = press(app.run(), "Release and make the files")
    assert not app.exception
    assert "Registered with their hashes" in said(app) and "has been released before" in said(app)
    kept = register.snapshots()
    assert set(kept["format"]) == {"csv", "html"} and set(kept["purpose"]) == {"the meeting"}
    assert "release" in session.opened().entries()["action"].tolist()
    across = borders_page().run()
    told = across.dataframe[1].value  # whom to tell about it: places by their codes and in words
    assert len(told) and told["name"].str.len().gt(5).all() and not told["name"].eq(told["place"]).any()
    across.button[0].click().run()
    assert not across.exception and len(across.get("download_button")) == 1
    other = across.selectbox[-2]
    assert other.label == "Release" and len(other.options) > 1
    other.set_value(other.options[1]).run()
    assert not across.exception and not across.get("download_button")  # the extract was made of another release
    part = Person("x", "ann", frozenset({"analyst"}), "police", frozenset({"E06999901"}))
    monkeypatch.setattr(session, "person", lambda: part)
    assert borders_page().run().dataframe[1].value.equals(told)  # who reads a part tells the same agencies


@pytest.mark.usefixtures("home")
def test_what_is_released_counts_the_interviews_entered_by_hand():
    def unheard():
        return next(text for text in (e.proto.body for e in page().run().get("html")) if "Without return interview" in text)

    month = session.available("demo", session.version("demo")).last
    month = Period.holding(month, "month").before().key  # the last one that is whole
    before, opening = unheard(), meeting_opening.propose("demo", Register(session.store()), "found", month).release
    assert "about 0 %" not in before
    rows = session.store().episodes("demo").dropna(subset=["found_at"])
    rows = rows[(rows["found_at"] >= rows["found_at"].max() - pd.Timedelta(days=40)) & rows["rhi_completed_at"].isna()]
    for ref, held in zip(rows["episode_ref"], rows["found_at"] + pd.Timedelta(hours=20), strict=True):
        Interviews(session.store()).enter("ann", "demo", ref, offered="Y", accepted="Y", completed_at=held)
    assert "about 0 %" in unheard()
    after = meeting_opening.propose("demo", Register(session.store()), "found", month).release
    assert after.editions[-1].totals["interviewed"] > opening.editions[-1].totals["interviewed"]


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("period", ["2024-Q4", "2024-H2"])
def test_the_columns_that_a_release_asks_for_are_all_that_it_looks_at(period):
    """Of the records the page reads a third of their columns; with all of them it says the same, aggregates included."""
    data = session.whole("demo")

    def made(episodes):
        chosen = Chosen(data.locations(), Parameters(roles=("found",)))
        return desk.propose(Register(session.opened()), "demo", chosen, rules=session.rules(), tier="rmg", today=session.today(),
                            period=Period.parse(period), addresses=session.grid, episodes=episodes).release.editions

    few = made(data.episodes(desk.NEEDED))
    assert few[-1].people and few == made(session.opened().episodes("demo"))
