"""Daily feed, return interviews, repeats and profiles: with the demonstration, empty, and when the store breaks."""

import os
import shutil
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from geo_data.errors import InputError, StoreError
from geo_data.keeping import feed_book
from geo_data.keeping.interviews import Interviews
from geo_data.reading import own_profiles
from geo_data.reading.own_profiles import Draft
from geo_data.reading.profiles import PROFILES, adopt
from screens import feed_watch, intake, interviews, look, session
from tests.geo_data.rows import GOOD, csv_bytes
from tests.screens.test_pages import ROOT, text
from tests.screens.world import demo_home, point_at, point_nowhere

PAGES = ("arrivals", "interviews", "repeats")


def show(name):
    def run(name):
        import importlib

        from screens import look
        look.dress()
        importlib.import_module(f"screens.{name}").page()
    return AppTest.from_function(run, default_timeout=60, args=(name,))


def watched():
    def run():
        from screens import feed_watch
        feed_watch.warn()
    return AppTest.from_function(run, default_timeout=60)


@pytest.fixture
def own(monkeypatch, tmp_path):
    """A demonstration that may be written to."""
    shutil.copytree(demo_home(), tmp_path, dirs_exist_ok=True)
    point_at(tmp_path, monkeypatch)
    feed_watch.status.clear()
    yield tmp_path
    session.opened().close()
    point_nowhere()
    feed_watch.status.clear()


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("name", PAGES)
def test_an_empty_store_is_told(name):
    app = show(name).run()
    assert not app.exception
    assert any(said in text(app) for said in ("No episodes yet", "Nothing to interview about yet"))


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("name", PAGES)
def test_a_broken_store_says_what_to_do(name, monkeypatch):
    def broken():
        raise StoreError("The database is busy.", fix="Try again.")
    monkeypatch.setattr(session, "present", broken)
    app = show(name).run()
    assert not app.exception and "The database is busy" in text(app) and "Try again" in text(app)


@pytest.mark.usefixtures("own")
def test_the_feed_page_tells_who_is_missing_and_the_view_is_entered():
    app = show("arrivals").run()
    assert not app.exception and "No folder is watched yet" in text(app)
    assert len(app.dataframe[0].value) == 9
    assert list(session.opened().entries()["action"])[-1] == "view still missing"


def test_the_policy_is_entered_before_the_first_look_and_again_when_it_changes(own, monkeypatch):
    monkeypatch.setattr(session, "UNRECORDED", ())  # looks at the demonstration are entered as those at records are

    def done(page):
        assert not show(page).run().exception
        return [action for action in session.opened().entries()["action"] if action in ("policy", "view records")]

    assert done("repeats") == ["policy", "view records"]
    assert done("coverage") == ["policy", "view records", "view records"]
    (own / "policy.toml").write_text("[thresholds]\nrmg = 6\n", encoding="utf-8")
    monkeypatch.setenv("SCOPING_POLICY", "policy.toml")
    session.settings.cache_clear()
    assert done("changes")[-2:] == ["policy", "view records"]


def test_a_silent_sender_is_told_on_every_screen_until_it_sends(own):
    (own / "feed" / "police").mkdir(parents=True)
    assert any("No feed received: police (never)" in w.value for w in watched().run().warning)
    assert "feed_watch.warn()" in (ROOT / "screens" / "main.py").read_text("utf-8")
    path = own / "feed" / "police" / "a.csv"
    path.write_bytes(csv_bytes([GOOD]))
    os.utime(path, (path.stat().st_mtime - 60,) * 2)
    page = show("arrivals").run()
    next(b for b in page.button if b.label == "Look for files now").click().run()
    assert not page.exception and page.dataframe[0].value["State"].tolist() == ["as expected"]
    assert feed_book.files(session.opened())["outcome"].tolist() == ["imported"]
    assert not watched().run().warning


def test_the_feed_page_tells_what_must_be_known_of_a_file(own):
    (own / "feed" / "police").mkdir(parents=True)
    for name, data in (("a.csv", csv_bytes([GOOD])), ("deleted.csv", b"episode_ref\nNP/77\n"), ("wrong.csv", b"a,b\n1,2\n")):
        path = own / "feed" / "police" / name
        path.write_bytes(data)
        os.utime(path, (path.stat().st_mtime - 60,) * 2)
    page = show("arrivals").run()
    next(b for b in page.button if b.label == "Look for files now").click().run()
    told = page.dataframe[1].value.set_index("File")
    assert not page.exception and set(told["State"].items()) == {("deleted.csv", "taken back"), ("wrong.csv", "put aside")}
    assert "Never held here: 1 of 1" in told["Why"]["deleted.csv"]


def test_a_file_of_a_senders_own_profile_is_taken_up_by_a_server_that_has_not_used_it_yet(own):
    columns = {name: f"Own {name}" for name in GOOD}
    own_profiles.save(session.settings().profiles_folder, "own", Draft("Own list", "iso", columns))
    (own / "feed" / "police").mkdir(parents=True)
    path = own / "feed" / "police" / "a.csv"
    path.write_bytes(csv_bytes([{columns[name]: value for name, value in GOOD.items()}]))
    os.utime(path, (path.stat().st_mtime - 60,) * 2)
    page = show("arrivals").run()
    next(b for b in page.button if b.label == "Look for files now").click().run()
    assert feed_book.files(session.opened())["outcome"].tolist() == ["imported"]
    shutil.rmtree(session.settings().profiles_folder)
    adopt(session.settings().profiles_folder)


def test_interviews_and_repeats_are_of_this_day_after_midnight(own, monkeypatch):
    def shown(name):
        page = show(name).run()
        assert not page.exception
        return [table.value.to_csv() for table in page.dataframe]

    before = shown("interviews"), shown("repeats")
    last = session.store().episodes("demo")["review_by"].max()
    monkeypatch.setattr(session, "today", (last + pd.Timedelta(days=1)).date)
    assert all(len(after) < len(then) for after, then in zip((shown("interviews"), shown("repeats")), before, strict=True))


@pytest.mark.usefixtures("own")
def test_an_interview_is_entered_and_a_place_learned():
    app = show("interviews").run()
    assert not app.exception and "In 72 hours" in text(app)
    first = app.dataframe[0].value.iloc[0]["Episode"]
    place = next(w for w in app.text_input if w.key == f"place-{first}")
    place.set_value("Quernminster").run()
    next(b for b in app.button if b.label == "Keep this place").click().run()
    assert not app.exception
    learned = Interviews(session.store()).learned("demo")
    assert learned[["episode_ref", "role", "basis"]].to_numpy().tolist() == [[first, "pickup", "child_account"]]
    offered, accepted = (next(w for w in app.get("button_group") if w.label == label) for label in ("Offered", "Accepted"))
    offered.set_value("Y")
    accepted.set_value("N")
    next(b for b in app.button if b.label == "Save").click().run()
    assert not app.exception and first not in set(app.dataframe[0].value["Episode"])  # declined: it waits no more


@pytest.mark.usefixtures("own")
def test_repeats_are_shown_as_counts_and_signals_ask_for_a_file():
    app = show("repeats").run()
    assert not app.exception
    said = text(app)
    assert "no child is scored or ranked" in said and "Soon again" in said and "No referral counts yet" in said


@pytest.mark.usefixtures("own")
def test_profiles_are_listed():
    app = show("profiles").run()
    assert not app.exception and set(app.dataframe[0].value["Name"]) == set(PROFILES)
    adopt(session.settings().profiles_folder)


def test_a_profile_that_another_process_saved_is_known_to_import_at_once(own):
    app = show("intake").run()
    app.file_uploader[0].set_value([("a.csv", b"Own No,Own Child\n1,2\n", "text/csv")]).run()
    assert "The columns fit no profile" in text(app)
    own_profiles.save(session.settings().profiles_folder, "own", Draft("Own list", "iso", {
        "episode_ref": "Own No", "person_ref": "Own Child"}))
    app.run()
    assert not app.exception and "profile 'own' are missing" in text(app)
    (session.settings().profiles_folder / "broken.toml").write_text("title = [", "utf-8")
    app.run()
    assert not app.exception and "broken" in text(app)
    shutil.rmtree(session.settings().profiles_folder)
    adopt(session.settings().profiles_folder)


def test_a_file_off_the_list_is_forgotten_and_those_on_it_are_read_once(own, monkeypatch):
    read = []

    def prepare(data, name, **_):
        read.append(name)
        raise InputError("No.")

    monkeypatch.setattr(intake, "prepare", prepare)
    app = show("intake").run()
    files = [(f"{number}.csv", f"a,b\n{number},2\n".encode(), "text/csv") for number in range(25)]
    app.file_uploader[0].set_value(files).run()
    app.run()
    assert not app.exception and sorted(read) == sorted(name for name, *_ in files)
    app.file_uploader[0].set_value(files[:1]).run()
    assert len(app.session_state["checked"]) == 1


def test_a_profile_that_was_chosen_and_taken_away_leaves_the_page_standing(own):
    app = show("intake").run()
    own_profiles.save(session.settings().profiles_folder, "own", Draft("Own list", "iso", {"episode_ref": "No"}))
    app.file_uploader[0].set_value([("a.csv", b"No,Child\n1,2\n", "text/csv")]).run()
    next(box for box in app.selectbox if box.label == "Kind of file").set_value("own").run()
    assert not app.exception and "profile 'own' are missing" in text(app)
    shutil.rmtree(session.settings().profiles_folder)
    app.run()
    assert not app.exception and "The columns fit no profile" in text(app)


def test_a_link_keeps_every_value_of_a_filter():
    def run():
        from types import SimpleNamespace

        import streamlit as st

        from screens import viewing
        st.query_params["strand"] = ["care", "home"]
        st.query_params["eps"] = "150"
        release = SimpleNamespace(spans=[("2025-01-01", "2025-02-01")])
        st.text(viewing.link(SimpleNamespace(release=release, window=0, hotspot=None)))
    app = AppTest.from_function(run, default_timeout=60).run()
    assert not app.exception
    assert parse_qs(urlsplit(app.text[0].value).query) == {"strand": ["care", "home"], "eps": ["150"], "at": ["2025-01-01"]}


@pytest.mark.parametrize(("hours", "said"), [
    (0.2, "under an hour"), (1.0, "1 hour"), (71.9, "71 hours"), (72.0, "3 days"), (641.0, "26 days")])
def test_a_length_of_time_is_said_in_words(hours, said):
    assert look.lasting(hours) == said
    assert interviews._left(hours) == f"{said} left" and interviews._left(-hours) == f"overdue {said}"
