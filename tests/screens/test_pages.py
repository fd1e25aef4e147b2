"""What each page says: empty, with the demonstration, with nothing to show, and when something breaks."""

import html
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from geo_data.errors import StoreError
from geo_data.grid import to_wgs84
from geo_data.reading import template
from geo_data.reading.intake import refused
from scoping.parameters import Parameters, WindowScheme
from scoping.scope import scope
from scoping.showing import views
from scoping.showing.disclosure import release
from scoping.showing.maps import CLASSES
from screens import reviewed, session
from screens.controls import DEFAULTS

TIMEOUT = 60
ROOT = Path(__file__).resolve().parents[2]


def main():
    return AppTest.from_file(ROOT / "start.py", default_timeout=TIMEOUT)


def text(app):
    kinds = ("markdown", "text", "error", "warning", "info", "subheader")
    shown = [e.proto.body for e in app.get("html")] + [e.value for kind in kinds for e in app.get(kind)]
    return " ".join(str(s) for s in shown)


def importing():
    def run():
        import streamlit as st

        from screens import intake, look
        st.session_state.setdefault("pages", {})
        look.dress()
        intake.page()
    return AppTest.from_function(run, default_timeout=TIMEOUT)


def about():
    def run():
        from screens import about
        about.page()
    return AppTest.from_function(run, default_timeout=TIMEOUT)


@pytest.mark.usefixtures("empty")
def test_the_first_run_offers_the_demonstration_and_the_import():
    app = main().run()
    assert not app.exception
    assert [button.label for button in app.button] == ["Load the demonstration", "Import a file"]
    assert "<h1>See where" in text(app)  # every page has a title that a reader by ear can go to


def test_a_broken_store_says_what_to_do(empty, monkeypatch):
    def broken():
        raise StoreError("The database is newer than this program.", fix="Install the newer version.")
    monkeypatch.setattr(session, "present", broken)
    app = main().run()
    assert not app.exception
    assert "newer than this program" in text(app) and "Install the newer version" in text(app)


@pytest.mark.usefixtures("demo")
def test_the_demonstration_is_stamped_and_counted():
    app = main().run()
    assert not app.exception
    said = text(app)
    assert "SYNTHETIC DATA" in said and "OFFICIAL-SENSITIVE" in said
    for label in ("Hotspots", "New", "Growing", "Fading", "Children", "Episodes", "Not mappable", "What this map cannot see"):
        assert label in said
    assert len(app.dataframe) == 1


@pytest.mark.usefixtures("demo")
def test_the_table_says_what_the_map_says():
    app = main().run()
    frame = app.dataframe[0].value
    parameters = Parameters(window=WindowScheme.parse(str(DEFAULTS["window"])))
    released = release(scope(session.store().locations("demo"), parameters, session.today()), synthetic=True)
    payload = views.timeline(released, {}, to_wgs84)
    on_map = [{f["id"]: (f["w"][str(k)]["n"], f["w"][str(k)]["e"]) for f in payload["feats"] if str(k) in f["w"]}
              for k in range(len(payload["labels"]))]
    in_table = {row["Hotspot"]: tuple(None if pd.isna(value) else int(value)
                                      for value in (row["Children"], row["Episodes"])) for row in frame.to_dict("records")}
    assert in_table in on_map


@pytest.mark.usefixtures("demo")
def test_a_filter_changes_the_figures_and_reset_brings_them_back():
    app = main().run()
    before = text(app)
    app.slider(key="eps").set_value(100).run()
    assert text(app) != before and "within 100 m" in text(app)
    next(button for button in app.button if button.label == "Reset filters").click().run()
    assert text(app) == before


@pytest.mark.usefixtures("demo")
def test_dates_that_cut_a_month_say_that_it_is_left_out_and_keep_the_one_that_still_fills():
    app = main()
    app.query_params["window"] = "Calendar months"
    app.run()
    first, last = app.sidebar.date_input(key="dates").value
    reach, further = last.strftime("%b %Y"), "The dates chosen reach further; only whole windows are counted."
    assert reach in text(app) and further not in text(app)
    app.sidebar.date_input(key="dates").set_value((first.replace(day=15), last)).run()
    assert not app.exception and reach in text(app) and further in text(app)


@pytest.mark.usefixtures("demo")
def test_settings_that_leave_nothing_say_why():
    app = main().run()
    app.slider(key="least").set_value(20)
    app.slider(key="eps").set_value(50).run()
    assert not app.exception
    assert "No hotspots under these settings" in text(app)
    assert "smaller minimum" in text(app)


@pytest.mark.usefixtures("demo")
def test_hostile_links_are_ignored():
    app = main()
    for name, value in {"eps": "99999", "role": "'; drop table", "window": "<script>", "least": "-1", "strand": "nowhere",
                        "from": "'; drop table", "to": "9999-99-99", "leftout": "<script>"}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert "within 250 m" in text(app) and "1 Jan 2024 to " in text(app) and "Left-out places are kept in" not in text(app)


@pytest.mark.usefixtures("demo")
def test_a_link_carries_the_filters():
    app = main()
    app.query_params["eps"] = "150"
    app.query_params["window"] = "Calendar months"
    app.query_params["role"] = "Last seen"
    app.run()
    assert "within 150 m" in text(app) and "1 Jan 2024 to " in text(app) and "were last seen" in text(app)


@pytest.mark.usefixtures("demo")
def test_a_link_carries_the_dates_and_whether_left_out_places_are_kept():
    app = main()
    app.query_params["window"], app.query_params["leftout"] = "Calendar months", "true"
    app.query_params["from"], app.query_params["to"] = "2025-02-01", "2025-05-31"
    app.run()
    assert not app.exception and "1 Feb 2025 to 31 May 2025" in text(app) and "Left-out places are kept in." in text(app)


@pytest.mark.usefixtures("demo")
def test_choosing_a_place_shows_its_card():
    app = main().run()
    hotspot = app.dataframe[0].value["Hotspot"].iloc[0]
    app.session_state["spot"] = app.session_state["spot"] | {"hotspot": hotspot}
    app.run()
    assert not app.exception
    said = text(app)
    assert "<h3>Strand</h3>" in said and "Decided, and who acts here" in said
    assert "Children here, by role of the place" in said and "within 250 m of a record of this hotspot" in said
    assert hotspot in said and "Hour and weekday" in said and "Rate against the past year" in said and "Indicative" in said
    links = {link.proto.label: link.proto.query_string for link in app.get("page_link")}
    assert links == {"Decide": "item=demo", "Snapshot": ""}  # no review has been opened: the link holds no place


@pytest.mark.usefixtures("demo")
def test_a_chosen_place_that_is_gone_is_let_go():
    app = main().run()
    app.session_state["spot"] = app.session_state["spot"] | {"hotspot": "H9999-ZZ", "start": "1999-01-01"}
    app.run()
    assert not app.exception


@pytest.mark.usefixtures("demo")
def test_the_import_page_shows_what_is_here_and_offers_templates():
    app = importing().run()
    assert not app.exception
    assert "Demonstration (synthetic)" in text(app)
    assert len(app.get("download_button")) == 2


@pytest.mark.usefixtures("empty")
def test_the_import_page_without_a_gazetteer_says_so():
    app = importing().run()
    assert not app.exception
    assert "not ready yet" in text(app)


@pytest.mark.usefixtures("demo")
def test_a_file_is_checked_before_anything_is_stored():
    stored = session.version("demo")
    app = importing().run()
    app.file_uploader[0].set_value([("bad.csv", b"a,b\n1,2\n", "text/csv")]).run()
    assert not app.exception
    assert "cannot be imported yet" in text(app)
    assert session.version("demo") == stored


@pytest.mark.usefixtures("demo")
def test_what_was_refused_is_told_whole_once_a_rule_with_what_to_do_and_where():
    header = template.csv_template().decode("utf-8-sig").splitlines()[0].split(",")
    rows = [header] + [["<i>x</i>"] * len(header)] * 30
    app = importing().run()
    app.file_uploader[0].set_value([("bad.csv", "\n".join(map(",".join, rows)).encode(), "text/csv")]).run()
    assert not app.exception
    card = next(block for block in text(app).split('<div class="sc-card">') if "sc-list" in block)
    table = next(frame.value for frame in app.dataframe if "rule" in frame.value)
    told = refused(table)
    assert len(told) > 20 and all(html.escape(rule["rule"]) in card and html.escape(rule["fix"]) in card for rule in told[:20])
    assert card.count("<li>") == 20 and f"And {len(told) - 20} more, row by row" in card
    assert f"30 rows: line {', '.join(map(str, told[0]['lines']))} ..." in card
    assert "<i>" not in card


def test_the_help_page_explains_every_class():
    app = about().run()
    assert not app.exception
    assert list(app.table[0].value["Class"]) == [label for label, _ in CLASSES.values()]


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("url", ["", "https://gis.force.local/{z}/{x}/{y}.png"])
def test_who_learns_what_is_looked_at_is_told(monkeypatch, url):
    monkeypatch.setenv("SCOPING_TILES_URL", url)
    session.settings.cache_clear()
    app = about().run()
    assert not app.exception
    assert ("Map tiles come from gis.force.local" in text(app)) == bool(url)


def test_new_and_growing_stand_beside_what_chance_gives_once_it_was_counted(demo, monkeypatch):
    app = main().run()
    assert "by chance" not in text(app).partition("Not mappable")[0]
    counted = pd.DataFrame({"window": 22, "change": ["born", "reactivated", "grew", "shrank", "dissolved"],
                            "expected_mean": [1.5, 0.25, 0.5, 0.25, 1.0]})
    monkeypatch.setattr(reviewed, "kept_chance", lambda given, month: counted if month == "2025-12" else None)
    app.run()
    strip = text(app).partition("Not mappable")[0]
    assert not app.exception
    for said in ("or active again, 1.8 by chance", "beyond its past year, 0.5 by chance", "reducing or gone, 1.2 by chance"):
        assert said in strip
