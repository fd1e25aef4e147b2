"""Released and Administration: what each role gets, and what nobody gets."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
from streamlit.testing.v1 import AppTest

from geo_data.errors import InputError
from geo_data.keeping.releases import Register
from geo_data.keeping.sign_ins import People
from geo_data.people import Person
from screens import session
from tests.screens.test_pages import text

TODAY = date(2025, 6, 1)


def show(name):
    def run(name):
        import importlib

        from screens import look
        look.dress()
        importlib.import_module(f"screens.{name}").page()
    return AppTest.from_function(run, default_timeout=60, args=(name,))


def put_file(content, tier="briefing", review_by=date(2099, 1, 1)):
    Register(session.opened()).enter("episodes", "ann", seen=0, editions=[], snapshots=[{
        "snapshot_id": f"S-{tier}", "sha256": sha256(content).hexdigest(), "bytes": len(content), "format": "csv", "tier": tier,
        "role": "found", "period": "2025-Q1", "title": f"Places for {tier}", "author_role": "analyst", "purpose": "meeting",
        "parameters": "{}", "review_by": review_by, "content": content}])


def as_(role, monkeypatch):
    monkeypatch.setattr(session, "person", lambda: Person("id", "pat@force.example", frozenset((role,)), "health", frozenset("*")))


@pytest.mark.usefixtures("empty")
def test_nothing_released_is_said():
    assert "Nothing is here for you" in text(show("released").run())


@pytest.mark.usefixtures("empty")
def test_a_partner_fetches_what_was_released_to_partners_and_it_is_entered(monkeypatch):
    put_file(b"for partners")
    put_file(b"for the group", "rmg")
    put_file(b"long ago", review_by=date(2020, 1, 1))
    as_("partner_viewer", monkeypatch)
    app = show("released").run()
    assert not app.exception and app.dataframe[0].value["What"].tolist() == ["Places for briefing"]
    next(b for b in app.button if b.label == "Fetch the file").click().run()
    assert app.session_state["fetched_file"][1] == b"for partners"
    last = session.opened().entries().iloc[-1]
    assert (last["actor"], last["action"]) == ("pat@force.example", "download release")
    as_("rmg_member", monkeypatch)
    assert len(show("released").run().dataframe[0].value) == 2


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize(("role", "page"), [("administrator", "released"), ("partner_viewer", "administration"),
                                            ("analyst", "administration")])
def test_other_roles_are_refused_and_the_refusal_is_entered(role, page, monkeypatch):
    put_file(b"x")
    as_(role, monkeypatch)
    app = show(page).run()
    assert "Your role does not allow this" in text(app) and not app.dataframe
    assert session.opened().entries()["action"].iloc[-1] == "refused"


@pytest.mark.usefixtures("empty")
def test_a_file_that_is_called_back_changed_or_not_meant_for_them_is_not_given():
    put_file(b"x")
    put_file(b"y", "rmg")
    register = Register(session.opened())
    theirs = {row["tier"]: int(row["id"]) for row in register.snapshots().to_dict("records")}
    with pytest.raises(InputError, match="can no longer be had"):
        register.fetch(theirs["rmg"], ("briefing",), TODAY, "pat")
    assert register.fetch(theirs["briefing"], ("briefing",), TODAY, "pat") == b"x"
    register.recall(theirs["briefing"], "wrong", "ann")
    with pytest.raises(InputError, match="can no longer be had"):
        register.fetch(theirs["briefing"], ("briefing",), TODAY, "pat")
    with session.opened().acting("mallory", "test", {}) as connection:
        from sqlalchemy import update

        from geo_data.keeping.release_tables import FILES
        connection.execute(update(FILES).values(content=b"z"))
    with pytest.raises(InputError, match="not as it left"):
        register.fetch(theirs["rmg"], ("rmg",), TODAY, "rob")


@pytest.mark.usefixtures("empty")
def test_administration_tells_health_people_and_settings(monkeypatch):
    monkeypatch.setenv("SCOPING_AUDIT_KEY", "k" * 40)
    session.settings.cache_clear()
    app = show("administration").run()
    said = text(app)
    assert not app.exception and "Never" in said and any("No backup" in w.value for w in app.warning)
    values = next(frame.value for frame in app.dataframe if "Setting" in frame.value)
    assert values.set_index("Setting").loc["audit_key", "Value"] == "***" and "k" * 40 not in values.to_csv()


@pytest.mark.usefixtures("empty")
def test_an_administrator_enters_people_and_cannot_shut_themselves_out(monkeypatch):
    team = People(session.opened())
    team.put(Person("", "ada@force.example", frozenset(("administrator",)), "police", frozenset("*")), "test", datetime.now(UTC))
    monkeypatch.setattr(session, "person", lambda: Person("id", "ada@force.example", frozenset(("administrator",))))
    app = show("administration").run()

    def keep(who, what):
        name, areas = (next(w for w in app.text_input if w.label.startswith(label)) for label in ("Name", "Areas"))
        roles = next(w for w in app.multiselect if w.label == "Roles")
        name.set_value(who)
        roles.set_value([what])
        areas.set_value("E06000057, Northumbria")
        next(b for b in app.button if b.label == "Keep").click().run()

    keep("Sue@force.example", "social_worker")
    assert not app.exception
    listed = team.all().set_index("name")
    assert listed.loc["sue@force.example", ["areas", "added_by"]].tolist() == ["E06000057|Northumbria", "ada@force.example"]
    keep("ada@force.example", "analyst")
    assert any("your own administration" in w.value for w in app.warning)
    assert team.all().set_index("name").loc["ada@force.example", "roles"] == "administrator"
