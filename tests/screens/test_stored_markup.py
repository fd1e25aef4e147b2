"""Markup kept in every text field of the store is text on every page: no link, no picture, no code."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from geo_data.keeping import referrals
from geo_data.keeping.concerns import Concerns
from geo_data.keeping.decided import Ruling
from geo_data.keeping.interviews import Interviews, Told
from geo_data.keeping.releases import Register
from geo_data.keeping.saved_views import SavedViews
from geo_data.keeping.sign_ins import People
from geo_data.people import Person
from geo_data.placing.geocode import geocode
from screens import feed_watch, look, session
from tests.screens.world import hostile_home, point_at, point_nowhere

LINK = "](//out.example)"  # what no reader of Markdown may be handed
BAD = f"![x{LINK} [y{LINK} <img src=x onerror=xss()> $x$"
PAGES = ("hotspots", "changes", "repeats", "borders", "interviews", "meeting", "exports", "released", "intake", "arrivals",
         "profiles", "queue", "coverage", "retention", "audit", "administration")
POISONED = {"episodes": ("recording_force", "last_seen_location_text", "pickup_location_text", "found_location_text"),
            "locations": ("matched", "reason"), "sources": ("filename",)}
AS_IT_IS = {"Text.body", "Code.code_text", "Selectbox.options", "MultiSelect.options", "TextInput.default", "TextInput.value",
            "TextArea.default", "TextArea.value", "ComponentInstance.json_args",
            "VegaLiteChart.spec"}  # what the browser reads no Markdown in


def texts(message: Message, seen: str = "") -> Iterator[tuple[str, str]]:
    """Every text of what is sent to the browser, with the name of its field."""
    for field, value in message.ListFields():
        many = value if isinstance(value, list) or hasattr(value, "append") or hasattr(value, "add") else [value]
        for one in many:
            if isinstance(one, Message):
                yield from texts(one)
            elif isinstance(one, str):
                yield field.full_name, one


def shown(block: Block) -> Iterator[tuple[str, str]]:
    for child in block.children.values():
        if child.proto is not None:
            yield from texts(child.proto)
        if isinstance(child, Block):
            yield from shown(child)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = hostile_home(tmp_path_factory.mktemp("markup"))
    with pytest.MonkeyPatch.context() as patch:
        point_at(made, patch)
        fill(made)
        feed_watch.status.clear()
        yield made
        session.opened().close()
    point_nowhere()
    feed_watch.status.clear()


def fill(home: Path) -> None:
    """Something in every table that keeps texts, each text `BAD`."""
    with sqlite3.connect(home / "scoping.db") as raw:
        for table, columns in POISONED.items():
            for column in columns:
                raw.execute(f"UPDATE {table} SET {column} = {column} || ? WHERE {column} IS NOT NULL", (BAD,))  # noqa: S608
    raw.close()
    store, today = session.opened(), date.today()
    book = Concerns(store)
    place = book.open("ann", "demo", role="found", name=BAD[:80], place_type="street", cells=[(425_000, 565_000)])
    for month in pd.period_range("2023-01", pd.Timestamp.now(), freq="M"):  # whichever review the page opens on
        book.decide("ann", place, str(month), "concern", BAD)
    book.act("ann", place, kind="patrol", owner=BAD[:80], agency="police", starts=today, review_by=today, result=BAD)
    gazetteer = session.gazetteer()
    refs = list(store.episodes("demo")["episode_ref"].head(1))
    Interviews(store).learn("ann", "demo", Told(refs[0], "pickup", BAD, "child_account",
                                                geocode(["Quernminster"], gazetteer).iloc[0].to_dict()))
    session.decided().decide("ann", [Ruling(BAD, "team_knowledge", 425_100.0, 565_100.0, 50.0, "P2", note=BAD, alias=True)],
                             session.place, synthetic=True)
    counts = pd.DataFrame({"agency": [BAD], "month": ["2025-06"], "area": [BAD], "referrals": [7]})
    referrals.keep(store, counts, datetime.now(UTC), "ann", synthetic=True)
    SavedViews(store).keep("local", "demo", BAD[:60], {}, team=True)
    People(store).put(Person("", BAD, frozenset(("analyst",)), "police", frozenset((BAD,))), "ann", datetime.now(UTC))
    Register(store).enter("demo", "ann", seen=0, editions=[], snapshots=[{
        "snapshot_id": "S-1", "sha256": "0" * 64, "bytes": 1, "format": "csv", "tier": "briefing", "role": "found",
        "period": "2025-Q1", "title": BAD, "author_role": BAD, "purpose": BAD, "parameters": "{}",
        "review_by": date(2099, 1, 1), "content": b"x"}])
    sender = home / "feed" / "![x](out.example)"
    sender.mkdir(parents=True)
    (sender / "![y](out.example).csv").write_bytes(b"not what it says")
    store.note(BAD, "view place", {"hotspot": BAD})


def show(name: str) -> AppTest:
    def run(name: str) -> None:
        import importlib

        from screens import look
        look.dress()
        importlib.import_module(f"screens.{name}").page()
    return AppTest.from_function(run, default_timeout=400, args=(name,))


def wrong(app: AppTest) -> list[tuple[str, str]]:
    found = []
    for root in app._tree.children.values():
        for field, text in shown(root):
            if field == "Html.body":
                bad = "<img src=x" in text
            else:
                bad = field not in AS_IT_IS and re.search(r"(?<!\\)(\]\(/?/?out|<img src=x)", text) is not None
            if bad:
                found.append((field, text[:200]))
    return found


@pytest.mark.parametrize("name", PAGES)
def test_markup_in_any_field_is_text_and_every_page_bears_its_marking(home: Path, name: str) -> None:
    app = show(name).run()
    assert not app.exception
    assert wrong(app) == []
    assert any(session.settings().marking in text for _, text in shown(app.main))
    if name == "meeting":  # once opened, it names the places of the agenda
        next(button for button in app.button if button.label == "Open the review").click().run()
        assert not app.exception and any("Begin an action at" in each.label for each in app.expander)
        assert wrong(app) == []


def test_a_sender_of_the_feed_is_named_as_text(home: Path) -> None:
    def run() -> None:
        from screens import feed_watch
        feed_watch.warn()
    app = AppTest.from_function(run, default_timeout=400).run()
    assert "No feed received" in app.warning[0].value and "x" in app.warning[0].value
    assert wrong(app) == []


@pytest.mark.parametrize("bad", ["[a](http://out.example)", "![a](b)", "<b>a</b>", "`a`", "$a$", ":red[a]", ":material/home:",
                                 "a\n# b", "http://out.example", "www.out.example", "a@out.example", "\\[a](b)", "**a**", "~~a~~"])
def test_what_stands_in_a_label_is_no_markdown(bad: str) -> None:
    made = look.literal(bad)
    plainly = made.replace("\u2060", "")
    assert re.sub(r"\\(.)", r"\1", plainly) == " ".join(bad.split())  # the same to the eye
    assert not re.search(r"(?<!\\)[`*\[\]<>$~]|(?<!\\):\w|https?:|www\.|\w@|\n", made)
