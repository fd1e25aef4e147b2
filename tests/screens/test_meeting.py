"""The Review meeting: opened once, decided upon, taken back; and what a member without records sees."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from geo_data.errors import StoreError
from geo_data.keeping.concerns import Concerns
from geo_data.keeping.releases import Register
from geo_data.keeping.store import Store
from geo_data.people import Person
from scoping.change import effect
from scoping.parameters import Parameters
from scoping.showing import desk
from scoping.showing.periods import Period
from scoping.transitions import TOLD
from screens import meeting_data, meeting_link, meeting_opening, results, session
from tests.screens.test_pages import main, text
from tests.screens.world import demo_home, point_at, point_nowhere

TIMEOUT = 90
PART = Person("p", "sue", frozenset(("analyst",)), "authority", frozenset(("E06999903",)))  # of one authority's rows


@pytest.fixture
def home(monkeypatch, tmp_path):
    """A demonstration of its own: the review writes."""
    copy = shutil.copytree(demo_home(), tmp_path / "home")
    point_at(copy, monkeypatch)
    yield copy
    session.opened().close()
    point_nowhere()


def meeting():
    def run():
        from screens import look, meeting
        look.dress()
        meeting.page()
    return AppTest.from_function(run, default_timeout=TIMEOUT)


def opened():
    app = meeting().run()
    next(button for button in app.button if button.label == "Open the review").click().run()
    assert not app.exception
    return app


def test_what_its_first_review_looked_at_is_no_before_of_an_action(home, monkeypatch):
    app = opened()
    app.segmented_control[0].set_value("concern")
    next(button for button in app.button if button.label == "Record the decision").click().run()
    book = Concerns(session.store())
    place, review = book.verdicts("demo")[["concern", "review"]].iloc[0]
    first = pd.Timestamp(Period.parse(review).start, tz="Europe/London")
    begins = first + pd.Timedelta(days=70)
    book.act("ann", int(place), kind="outreach", owner="post", agency="police", starts=begins.date(), status="under_way",
             review_by=begins.date() + timedelta(days=90))
    asked, measured = [], effect.effect
    monkeypatch.setattr(effect, "effect", lambda *what, **more: asked.append(more) or measured(*what, **more))
    assert not app.run().exception
    assert [more["picked_us"] for more in asked] == [first.value // 1_000]
    assert [more["start_us"] for more in asked] == [begins.value // 1_000]


@pytest.mark.usefixtures("home")
def test_a_hotspot_has_a_live_action_until_it_is_done_or_late(monkeypatch):
    cells = pd.DataFrame({"hotspot_id": ["a", "b"], "cell_e": [430_000, 440_000], "cell_n": [560_000, 560_000]})
    monkeypatch.setattr(session, "release", lambda *given: SimpleNamespace(cells=cells))
    given = results.Given("demo", "1", Parameters(), session.rules(), date(2026, 3, 1))
    book = Concerns(session.store())
    assert results.open_actions(given) is None
    place = book.open("ann", "demo", role="found", name="The arcade", place_type="street", cells=[(430_000, 560_000)])
    action = book.act("ann", place, kind="outreach", owner="post", agency="police", starts=date(2026, 1, 1),
                      review_by=date(2026, 4, 1))
    assert results.open_actions(given) == {"a"} and results.open_actions(given._replace(today=date(2026, 4, 2))) == set()
    book.amend("ann", action, status="done")
    assert results.open_actions(given) == set()


def test_the_card_of_a_place_says_what_was_decided_and_who_already_acts_there(home):
    app = opened()
    app.segmented_control[0].set_value("concern")
    next(button for button in app.button if button.label == "Record the decision").click().run()
    book = Concerns(session.store())
    book.act("ann", int(book.places("demo")["id"].iloc[0]), kind="outreach", owner="youth worker", agency="<b>Council</b>",
             starts=date(2026, 1, 1), review_by=date(2026, 4, 1), status="under_way")
    screen, cards = main().run(), []
    for hotspot in screen.dataframe[0].value["Hotspot"]:
        screen.session_state["spot"] = screen.session_state["spot"] | {"hotspot": hotspot}
        assert not screen.run().exception
        cards.append(text(screen))
    told = [card for card in cards if "Location of concern, since the review of" in card]
    assert told and all("&lt;b&gt;Council&lt;/b&gt;, youth worker): under way, from 1 Jan 2026, look again by 1 Apr 2026" in card
                        for card in told)
    others = [card for card in cards if card not in told]
    assert others and all("Nothing decided yet, and no action is known" in card for card in others)


@pytest.mark.usefixtures("home")
def test_before_a_review_is_opened_the_page_says_what_opening_does():
    app = meeting().run()
    assert not app.exception
    assert "No review has been opened" in text(app)


def test_a_review_is_frozen_when_it_is_opened_and_opening_again_changes_nothing(home):
    app = opened()
    register = Register(session.store())
    first = register.editions("demo")
    assert first and "Agenda" in text(app) and "By chance alone, had nothing changed" in text(app)
    next(button for button in app.button if button.label == "Open the review").click().run()
    assert not app.exception and register.editions("demo") == first


def test_a_review_can_be_held_after_a_threshold_was_raised_and_shows_nothing_below_it(home, monkeypatch):
    opened()
    raised = replace(session.rules(), rmg=90, briefing=90)
    monkeypatch.setattr(session, "rules", lambda: raised)
    app = meeting().run()
    assert not app.exception and not app.error and "Left out, of this period" in text(app) and "at least 90 different" in text(app)


@pytest.mark.usefixtures("home")
def test_the_agenda_speaks_the_words_of_the_released_page_and_what_waits_for_an_action_is_said():
    app = opened()
    assert "every location of concern has one" in text(app)
    told = [box.label.split(" · ")[1] for box in app.expander if " · " in box.label]
    assert told and set(told) <= {*TOLD, "not on the map"}
    app.segmented_control[0].set_value("concern")
    next(button for button in app.button if button.label == "Record the decision").click().run()
    assert "Nothing was begun yet at" in text(app) and "every location of concern has one" not in text(app)


def test_without_a_chosen_decision_nothing_is_kept(home):
    app = opened()
    next(button for button in app.button if button.label == "Record the decision").click().run()
    assert not app.exception and "Choose what the group decided" in text(app)
    assert Concerns(session.store()).places("demo").empty


def test_a_decision_is_kept_with_the_cells_that_were_shown_and_can_be_taken_back(home):
    app = opened()
    asked = next(line for line in text(app).split("<") if "Agenda:" in line)
    app.segmented_control[0].set_value("concern")
    next(button for button in app.button if button.label == "Record the decision").click().run()
    assert not app.exception
    book = Concerns(session.store())
    assert list(book.verdicts("demo")["verdict"]) == ["concern"] and book.places("demo")["cells"].iloc[0]
    assert asked not in text(app)  # one fewer is asked for
    assert [said.value.split(":")[0] for said in app.toast] == ["Recorded"]  # its form has left the page with it
    next(button for button in app.button if button.label == "Undo").click().run()
    assert not app.exception and book.verdicts("demo").empty


def test_the_page_for_the_meeting_is_made_and_entered_in_the_register(home):
    app = opened()
    next(button for button in app.button if button.label == "Make the page").click().run()
    assert not app.exception
    entered = Register(session.store()).snapshots()
    assert sorted(entered["format"]) == ["html", "pdf", "pptx"]
    assert [button.label for button in app.get("download_button")][:3] == ["PDF", "PPTX", "HTML"]


def test_the_page_of_the_meeting_is_offered_while_it_says_what_stands_and_no_longer(home):
    app = opened()
    next(button for button in app.button if button.label == "Make the page").click().run()
    assert "PDF" in [button.label for button in app.get("download_button")]
    app.segmented_control[0].set_value("watch")
    next(button for button in app.button if button.label == "Record the decision").click().run()
    assert "PDF" not in [button.label for button in app.get("download_button")] and "make it anew" in text(app)
    next(button for button in app.button if button.label == "Make the page").click().run()
    assert "PDF" in [button.label for button in app.get("download_button")] and "make it anew" not in text(app)


def test_a_review_is_made_of_all_records_whoever_opens_it(home, monkeypatch):
    register = Register(session.store())
    month = meeting_opening._months(meeting_data.last_day("demo"))[0]
    of_all = meeting_opening.propose("demo", register, "found", month).release.editions[-1].dump()
    rows = len(session.locations("demo", session.version("demo")))
    session.kept.cache_clear()
    monkeypatch.setattr(session, "person", lambda: PART)
    assert 0 < len(session.locations("demo", session.version("demo"))) < rows / 2
    assert meeting_opening._months(meeting_data.last_day("demo"))[0] == month
    assert meeting_opening.propose("demo", register, "found", month).release.editions[-1].dump() == of_all
    app = opened()
    assert of_all in register.editions("demo") and month in app.session_state["meeting_review"]


def test_the_latest_month_of_all_is_offered_to_those_who_read_older_rows_alone(home, monkeypatch):
    last = session.available("demo", session.version("demo")).last
    assert meeting_data.last_day("demo") == last and meeting_data.last_day("nothing") is None
    monkeypatch.setattr(session, "person", lambda: Person("o", "older", frozenset(("analyst",)), "authority", frozenset(("E09",))))
    assert session.available("demo", session.version("demo")).last is None  # not one row of theirs
    app = meeting().run()
    assert not app.exception and any(button.label.startswith("Open the review of ") for button in app.button)


def test_what_worked_is_said_to_be_of_a_part_to_those_who_read_a_part(home, monkeypatch):
    opened()
    book = Concerns(session.store())
    place = book.open("chair", "demo", role="found", name="the corner", place_type="street", cells=[(1_000_000, 560_000)])
    book.act("chair", place, kind="patrol", owner="Inspector", agency="Police", starts=date(2025, 3, 1), review_by=date(2025, 5, 1),
             status="under_way")
    assert "a part of all" not in text(meeting().run())
    monkeypatch.setattr(session, "person", lambda: PART)
    said = text(meeting().run())
    assert "from the records that you may read, a part of all" in said and "the corner, patrol" in said


def last_cells(app):
    """Of the review that is open, its edition and the cells of its places in order."""
    edition = max(desk.released(Register(session.store()), "demo", "rmg"), key=lambda each: each.period.start)
    return edition, [list(place.cells) for place in edition.places]


def test_a_place_under_two_hotspots_has_one_item_and_the_page_stands(home):
    edition, cells = last_cells(opened())
    book = Concerns(session.store())
    place = book.open("chair", "demo", role="found", name="both sides", place_type="street", cells=[*cells[0], *cells[1]])
    book.decide("chair", place, "2025-11", "concern")
    book.act("chair", place, kind="patrol", owner="Inspector", agency="Police", starts=date(2025, 3, 1), review_by=date(2025, 5, 1))
    for number in (1, 2):  # whichever of the two a card leads from
        app, _ = linked(number)
        assert not app.exception and [box.label.split(" · ")[0] for box in app.expander].count("both sides") == 1
        assert app.expander[0].label.startswith("both sides") and app.expander[0].proto.expanded
        assert "On the map these are 2 places: " in text(app)
        assert f"Agenda: {len(edition.places) - 1} places need the group" in text(app)


def test_a_place_of_another_role_is_neither_missed_nor_minuted_here(home):
    edition, cells = last_cells(opened())
    book = Concerns(session.store())
    now = edition.period.key
    for name, where, review in (("lay-by", [(1_000_000, 560_000)], "2025-10"), ("yard", [(1_000_500, 560_000)], now),
                                ("station", cells[0], now)):
        place = book.open("chair", "demo", role="pickup", name=name, place_type="street", cells=where)
        book.decide("chair", place, review, "watch")
    app = meeting().run()
    assert not app.exception
    said = text(app) + "".join(frame.value.to_string() for frame in app.dataframe)
    assert "lay-by" not in said and "yard" not in said and "not on the map" not in said
    assert "No earlier review has decided anything" in said
    assert "station (agreed among picked up places). Watch" in said  # this map shows it: what was decided can be taken back here


def test_a_member_sees_what_was_released_without_reading_a_record(home, monkeypatch):
    opened()
    member = Person("m", "member", frozenset(("rmg_member",)), "authority")
    monkeypatch.setattr(session, "person", lambda: member)
    def refuse(*_given):
        raise AssertionError("a record was read")
    monkeypatch.setattr(session, "locations", refuse)
    app = meeting().run()
    assert not app.exception
    said = text(app)
    assert "Agenda" in said and all(button.label != "Open the review" for button in app.button)


def test_whoever_may_not_review_is_refused_and_the_refusal_is_entered(home, monkeypatch):
    viewer = Person("v", "viewer", frozenset(("partner_viewer",)), "health")
    monkeypatch.setattr(session, "person", lambda: viewer)
    app = meeting().run()
    assert not app.exception
    assert "Your role does not allow this" in text(app)
    assert "refused" in set(session.opened().entries()["action"])


def test_late_and_worked_speak_of_actions_in_the_register(home):
    opened()
    book = Concerns(session.store())
    place = book.open("chair", "demo", role="found", name="the corner", place_type="street", cells=[(1_000_000, 560_000)])
    book.decide("chair", place, "2025-11", "concern")
    book.act("chair", place, kind="patrol", owner="Inspector", agency="Police", starts=date(2025, 3, 1), review_by=date(2025, 5, 1),
             status="under_way")
    app = meeting().run()
    assert not app.exception
    said = text(app)
    assert "the corner, patrol at the hours it is active, from 01 Mar 2025" in said
    assert any("An action is due for review" in frame.value.to_string() for frame in app.dataframe)


def test_the_minutes_leave_only_once_the_audit_has_them_and_never_stale(home, monkeypatch):
    app = opened()
    assert "Minutes (text)" not in [button.label for button in app.get("download_button")]
    prepare = next(button for button in app.button if button.label == "Prepare the minutes as files")
    prepare.click().run()
    assert "export minutes" in set(session.opened().entries()["action"])
    assert "Minutes (text)" in [button.label for button in app.get("download_button")]
    app.segmented_control[0].set_value("watch")
    next(button for button in app.button if button.label == "Record the decision").click().run()
    assert "Minutes (text)" not in [button.label for button in app.get("download_button")]

    def full(*_given, **_more):
        raise StoreError("The audit cannot be written.", fix="Free some space.")

    monkeypatch.setattr(Store, "note", full)
    next(button for button in app.button if button.label == "Prepare the minutes as files").click().run()
    assert not app.exception and "The audit cannot be written" in text(app)
    assert "Minutes (text)" not in [button.label for button in app.get("download_button")]


@pytest.mark.usefixtures("empty")
def test_without_episodes_there_is_nothing_to_review():
    app = meeting().run()
    assert not app.exception
    assert "Nothing to review yet" in text(app)


def linked(number, review=None):
    """The page behind the link of a card: the place of that number in the latest review."""
    edition = max(desk.released(Register(session.store()), "demo", "rmg"), key=lambda each: each.period.start)
    app = meeting()
    app.query_params["item"] = f"demo.{review or f'{edition.period.key}.{edition.role}'}.{number}"
    return app.run(), edition


@pytest.mark.usefixtures("home")
def test_one_click_makes_the_first_map():
    app = meeting().run()
    assert "There is no map yet" in text(app)
    next(button for button in app.button if button.label.startswith("Open the review of ")).click().run()
    assert not app.exception and "Agenda" in text(app) and Register(session.store()).editions("demo")


@pytest.mark.usefixtures("home")
def test_a_member_is_told_who_can_make_the_first_map(monkeypatch):
    monkeypatch.setattr(session, "person", lambda: Person("m", "member", frozenset(("rmg_member",)), "authority"))
    app = meeting().run()
    assert not app.exception and not app.button and "Ask an analyst to open one" in text(app)


@pytest.mark.usefixtures("home")
def test_a_card_leads_to_the_open_item_of_its_place_and_to_no_other():
    opened()
    for number in (1, 3):
        app, edition = linked(number)
        assert not app.exception and "The place you came from" in text(app)
        items = [each for each in app.expander if each.label.endswith(" children")]
        assert [each.proto.expanded for each in items] == [True] + [False] * (len(items) - 1)
        name = meeting_data.names(desk.reopen(Register(session.store()), "demo", session.rules(), edition))
        cell = edition.places[number - 1].place
        assert items[0].label.startswith(name[cell]) and len(items) == len({each.label for each in items}) == len(edition.places)


@pytest.mark.usefixtures("home")
def test_a_place_that_was_not_released_is_said_so_and_a_decided_one_too():
    opened()
    assert "too few different children" in text(linked(0)[0])
    app, _ = linked(2)
    app.segmented_control[0].set_value("watch")
    next(button for button in app.button if button.label == "Record the decision").click().run()
    assert not app.exception and "needs nothing of this review" in text(app)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("review", ["1999-01.found", "2025-12.found'", "<script>"])
def test_a_link_that_fits_nothing_is_not_believed(review):
    opened()
    app, _ = linked(1, review)
    assert not app.exception and "The place you came from" not in text(app) and "Agenda" in text(app)


@pytest.mark.usefixtures("home")
def test_the_link_holds_a_review_and_a_number_and_finds_the_place_of_most_shared_cells():
    assert meeting_link.onward(shown("H1", [(0, 0)])) == {"item": "demo"}
    opened()
    _, edition = linked(1)
    for number, place in enumerate(edition.places, start=1):
        e, n = place.cells[0]
        link = meeting_link.onward(shown("H1", [(e + 100, n + 350), (0, 0)]))
        assert link == {"item": f"demo.{edition.period.key}.found.{number}"}
    assert meeting_link.onward(shown("H1", [(0, 0)]))["item"].endswith(".found.0")
    assert meeting_link.onward(shown("H2", [(e, n)], role="pickup")) == {"item": "demo"}


def shown(hotspot, cells, role="found"):
    frame = pd.DataFrame([(hotspot, 4, e, n) for e, n in cells], columns=["hotspot_id", "window", "cell_e", "cell_n"])
    return SimpleNamespace(collection="demo", parameters=Parameters(roles=(role,)), hotspot=hotspot, window=4,
                           release=SimpleNamespace(cells=frame))


def test_a_month_is_offered_for_review_once_it_is_over(monkeypatch):
    for today, offered in ((date(2025, 10, 31), "2025-09"), (date(2025, 11, 1), "2025-10")):
        monkeypatch.setattr(session, "today", lambda today=today: today)
        assert meeting_opening._months(date(2025, 10, 31))[0] == offered
