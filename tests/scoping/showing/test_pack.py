"""The page that a Risk Management Group decides on: one side, whole, the same bytes, and nothing beyond its release."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from pptx import Presentation

from geo_data.concern import ACTION, CONCERN, VERDICT, Held
from geo_data.errors import ParameterError
from scoping.showing.editions import OPEN, Group
from scoping.showing.pack import pack
from scoping.showing.pack_files import FORMATS, make
from scoping.showing.snapshot import MAP_PLACES
from tests.needed import needed
from tests.scoping.meeting.test_agenda import actions, frame, verdicts
from tests.scoping.showing.test_formats import HOSTILE, snapshot

TODAY = date(2024, 7, 1)
NOBODY = Held(CONCERN.empty(), VERDICT.empty(), ACTION.empty())


def known(given, review="2024-03", **action):
    """A register that knows the first place of a snapshot."""
    first = given.places()[0]
    e, n = given.corners(first, given.window)[0].astype(int)
    row = {"collection": "episodes", "role": "found", "name": "the corner", "place_type": "transport_hub", "cells": f"{e}:{n}"}
    return Held(frame(CONCERN, [row]), verdicts((1, review, "concern")),
                actions({"concern": 1, "expires": "2024-06-01", "review_by": "2024-12-01"} | action))


def words(kind, data):
    if kind == "pdf":
        needed("" if shutil.which("pdftotext") else "pdftotext is not installed (Debian: apt-get install poppler-utils)")
        return subprocess.run(["pdftotext", "-layout", "-", "-"], input=data, capture_output=True, check=True).stdout.decode()
    if kind == "pptx":
        deck = Presentation(io.BytesIO(data))
        texts = [shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame]
        cells = [cell.text for slide in deck.slides for shape in slide.shapes if shape.has_table
                 for row in shape.table.rows for cell in row.cells]
        return "\n".join(texts + cells)
    return data.decode()


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_says_marking_place_decision_action_and_what_is_late(kind):
    given = snapshot()
    made = pack(given, known(given), TODAY)
    said = " ".join(words(kind, make(made, [kind])[0].data).split())
    assert said.count(given.marking) >= 2 and given.id in said
    assert given.places()[0].place.split()[0] in said
    for text in ("Location of", "Manager", "30 days"):  # a narrow column may break the rest
        assert text in said, text
    assert "not evidence about any person" in said


def test_that_a_year_before_was_not_released_is_said_once():
    given = snapshot()
    made = pack(given, NOBODY, TODAY)
    assert made.figures and not any(each.before for each in made.figures)
    assert " ".join(words("pdf", make(made, ["pdf"])[0].data).split()).count("not released") == 1


def test_credits_of_many_layers_are_printed_whole():
    credit = " ".join(f"Layer {k} contains public sector information under its licence." for k in range(24)) + " The end of it."
    given = snapshot()
    given = replace(given, about=replace(given.about, attribution=credit))
    said = " ".join(words("pdf", make(pack(given, known(given), TODAY), ["pdf"])[0].data).split())
    assert len(credit) > 1_400 and "The end of it." in said and "Review or destroy by" in said


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_pack_is_the_same_bytes(kind):
    given = snapshot()
    first, second = (make(pack(given, known(given), TODAY), [kind])[0].data for _ in range(2))
    assert first == second


def test_the_page_is_one_page_with_ten_places_and_the_rest_is_in_the_appendix(monkeypatch):
    given = snapshot()
    made = pack(given, NOBODY, TODAY)
    line = made.lines[0]
    many = replace(made, lines=tuple(line._replace(number=k + 1) for k in range(60)))
    assert len(many.page) == MAP_PLACES and len(many.appendix) == 50
    assert _pages(made) == 1 and _pages(many) == 3


def _pages(made):
    data = make(made, ["pdf"])[0].data
    return data.count(b"/Type /Page\n") + data.count(b"/Type /Page ")


def test_a_quarter_adds_who_and_how_as_the_edition_has_it_and_a_month_does_not():
    month = snapshot()
    assert month.release.editions[-1].period.kind == "month" and pack(month, NOBODY, TODAY).profile == ()
    victims = tuple(Group("victims", title, label, low, high) for title, label, low, high in (
        ("", "", 38, 42), ("Age", "12-14", 18, 22), ("Age", "15-17", 15, OPEN)))
    given = _longer((*victims, Group("methods", "", "", 0, OPEN)))
    told = " ".join(line for section in pack(given, NOBODY, TODAY).profile for line in section.lines)
    assert "About 40 different children." in told and "Age: 12-14 about 20; 15-17 at least 15." in told
    assert "Too few children to tell." in told
    for made in make(pack(given, NOBODY, TODAY), FORMATS):
        assert "12-14 about 20" in " ".join(words(made.format, made.data).split())
    assert "Not told" in " ".join(line for s in pack(_longer(), NOBODY, TODAY).profile for line in s.lines)


def _longer(people=()):
    from tests.scoping.showing.test_publication import busy
    from tests.scoping.showing.towns import published

    given = snapshot()
    release = published(busy(9), "rmg", "2024-Q1", synthetic=True)
    release = replace(release, editions=(*release.editions[:-1], replace(release.editions[-1], people=people)))
    return replace(given, release=release, names=dict.fromkeys(release.hotspots["hotspot_id"], "Saltmarrow QX1 1"), _kept={})


def test_a_period_with_nothing_to_show_is_still_a_valid_page_that_says_why():
    given = snapshot()
    empty = replace(given.release.editions[-1], places=())
    from scoping.showing.gathering import gather

    release = gather((empty,), given.release.rules, "rmg", synthetic=True, parameters=given.release.parameters,
                     reason="No place has at least 5 different children.", fresh=())
    made = pack(replace(given, release=release, _kept={}), NOBODY, TODAY)
    assert made.lines == ()
    for kind in FORMATS:
        assert make(made, [kind])[0].data


@pytest.mark.parametrize("text", HOSTILE)
def test_names_of_any_script_and_length_break_no_format(text):
    given = snapshot()
    held = known(given)
    hostile = held._replace(places=held.places.assign(name=text[:80] or "x"), actions=held.actions.assign(owner=text[:80] or "x"))
    for made in make(pack(given, hostile, TODAY), FORMATS):
        said = words(made.format, made.data)
        assert made.format != "html" or "<script>alert" not in said


def test_an_unknown_format_is_refused():
    with pytest.raises(ParameterError):
        make(pack(snapshot(), NOBODY, TODAY), ["docx"])


def test_decisions_of_this_review_fill_the_box():
    given = snapshot()
    held = known(given, review=given.release.editions[-1].period.key)
    assert pack(given, held, TODAY).decisions == ("the corner: location of concern",)
    assert pd.isna(NOBODY.places["id"].max()) and pack(given, NOBODY, TODAY).decisions == ()


def test_decisions_of_the_same_month_about_places_of_another_role_are_not_of_this_page():
    given = snapshot()
    held = known(given, review=given.release.editions[-1].period.key)
    away = held.places.assign(role="pickup", cells="100000:100000")
    made = pack(given, held._replace(places=away), TODAY)
    assert made.decisions == () and made.late[0].startswith("the corner (agreed among picked up places): ")
