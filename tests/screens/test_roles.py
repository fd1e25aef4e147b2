"""Every screen, file route and command has somebody whose right it is; what is in no table is nobody's."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import cli
from geo_data.errors import AccessError
from geo_data.people import LOCAL, RIGHTS, ROLES, Person
from screens import door, server, session, signin

ROOT = Path(__file__).resolve().parents[2]
ADDRESSES = re.findall(r'url_path="([\w-]+)"', (ROOT / "screens" / "main.py").read_text("utf-8"))
SEES = {  # who may open what, written out: a change of the table is a change here
    "analyst": {"hotspots", "import", "queue", "coverage", "meeting", "retention", "about", "borders"},
    "social_worker": {"hotspots", "queue", "coverage", "meeting", "about", "borders", "interviews"},
    "rmg_member": {"meeting", "about", "released"},
    "partner_viewer": {"about", "released"},
    "information_governance": {"audit", "retention", "about", "released"},
    "administrator": {"about", "administration"},
}
NEVER = {
    "analyst": {"audit", "administration"},
    "social_worker": {"import", "audit", "retention", "administration", "profiles", "snapshots"},
    "rmg_member": {"hotspots", "import", "queue", "coverage", "audit", "retention", "borders", "interviews", "repeats", "alerts",
                   "administration"},
    "partner_viewer": set(ADDRESSES) - {"about", "released"},
    "information_governance": {"hotspots", "import", "queue", "coverage", "borders", "interviews", "repeats", "alerts",
                               "administration"},
    "administrator": set(ADDRESSES) - {"about", "administration"},
}


def person(role):
    return Person("id", "ann", frozenset((role,)), "police", frozenset("*"))


def pages():
    return {"": [SimpleNamespace(url_path=address if address != "hotspots" else "") for address in ADDRESSES]}


def opens(who):
    return {page.url_path or "hotspots" for kept in signin.allowed_pages(pages(), who).values() for page in kept
            if isinstance(page, SimpleNamespace)}  # not the first page of those whose work is not the map


def test_every_page_has_a_right_and_every_right_is_known():
    assert set(ADDRESSES) == set(signin.PAGES)
    assert set(signin.PAGES.values()) <= set(RIGHTS)


def test_every_right_is_asked_for_somewhere():
    """A right that nothing asks for would promise what is not there."""
    code = "".join(file.read_text("utf-8") for file in (ROOT / "screens").glob("*.py"))
    asked = set(re.findall(r'(?:must|may)\("([a-z ]+)"\)', code)) | set(signin.PAGES.values())
    assert asked == set(RIGHTS)


@pytest.mark.parametrize("role", list(ROLES))
def test_each_role_opens_its_pages(role):
    assert opens(person(role)) >= SEES[role]
    assert not opens(person(role)) & NEVER.get(role, set())


def test_an_unknown_role_or_page_opens_nothing():
    assert opens(person("king")) == set()
    sections = {"": [SimpleNamespace(url_path="a-page-of-tomorrow")]}
    kept = signin.allowed_pages(sections, Person("id", "ann", frozenset(ROLES), "police", frozenset("*")))
    assert kept.get("", []) == []
    assert signin.allowed_pages(sections, LOCAL) == sections


def test_every_file_route_is_free_of_data_or_asks():
    pages = ["/hotspots"]  # sends on to the first page, and asks as a page does: test_door
    assert [route.path for route in server.routes() if not route.path.startswith(door.FREE)] == pages
    for path in ("/media/x.csv", "/_stcore/upload_file/a/b"):
        assert path.startswith(tuple(door.THEIRS)) and not path.startswith(door.FREE)


def test_what_a_role_may_not_do_is_refused_and_entered(empty, monkeypatch):
    monkeypatch.setattr(session, "person", lambda: person("social_worker"))
    with pytest.raises(AccessError):
        session.must("import")
    session.must("records")
    assert session.opened().entries()[["actor", "action"]].to_numpy().tolist() == [["ann", "refused"]]


def test_every_command_says_who_acts_when_it_changes_or_shows_records():
    """A command that opens the store names the login; those that never do are listed."""
    without = {"prepare", "address", "template", "profiles", "geocode", "geocode-file", "gazetteer", "basemap", "calibrate"}
    named = set(next(action for action in cli._parser()._actions if action.choices).choices)
    assert without <= named
    for room in cli.ROOMS:
        source = Path(room.__file__).read_text("utf-8")
        if "open_store" in source:
            assert re.search(r"base\.(actor|collection)\(", source), room.__name__
