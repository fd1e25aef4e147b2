"""What a meeting is asked, by where each place stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from geo_data.concern import ACTION, ACTION_KINDS, CONCERN, VERDICT, Held, options
from geo_data.schema import PLACE_TYPES
from scoping.meeting.agenda import AGENDA, DAYS_TO_BEGIN, REASONS, agenda, late, matches, sentence, since, waiting
from scoping.parameters import Parameters
from scoping.scope import scope
from scoping.showing.disclosure import release
from tests.scoping.worlds import Story

E, N = 430_250.0, 560_250.0  # in the middle of a cell
TODAY = date(2024, 7, 1)
HERE = "430000:560000"


def shown(months=6):
    """A place that is there throughout, and one 10 km north in the last month alone."""
    story = Story()
    for month in range(months):
        story.visits(month, E, N, 7)
    story.visits(months - 1, E, N + 10_000, 8)
    return release(scope(story.background(months).frame(), Parameters()))


@pytest.fixture(scope="module")
def june():
    return shown()


def frame(table, rows):
    plain = {"actor": "chair", "undoes": None, "at": pd.Timestamp("2024-05-02", tz="UTC")}
    return table.conform(pd.DataFrame([plain | {"id": k + 1} | row for k, row in enumerate(rows)], columns=table.names))


def places(*cells):
    return frame(CONCERN, [{"collection": "episodes", "role": "found", "name": f"place {k}", "place_type": "transport_hub",
                            "cells": text} for k, text in enumerate(cells)])


def verdicts(*rows):
    return frame(VERDICT, [{"concern": c, "review": r, "verdict": v, "reason": "so"} for c, r, v in rows])


def actions(*rows):
    plain = {"kind": "outreach", "owner": "Manager", "agency": "Council", "starts": "2024-05-03", "review_by": "2024-12-01",
             "status": "under_way"}
    return frame(ACTION, [plain | {"action": k + 1} | row for k, row in enumerate(rows)]).assign(
        **{name: lambda f, n=name: pd.to_datetime(f[n]) for name in ("starts", "expires", "review_by")})


def asked(found, review="2024-06", **register):
    held = {"places": places(), "verdicts": verdicts(), "actions": actions()} | register
    return agenda(found, {}, Held(**held), review=review, today=TODAY)


def test_a_place_without_a_decision_is_asked_for_and_after_one_it_is_not(june):
    first = asked(june)
    assert list(first["reasons"]) == ["undecided", "undecided"] and first["concern"].isna().all()
    held = {"places": places(HERE), "verdicts": verdicts((1, "2024-05", "watch"))}
    again = asked(june, **held)
    assert list(again["reasons"]) == ["undecided"]  # the new one; the other continues and was decided


def test_of_places_with_the_same_reason_what_changed_comes_first(june):
    last = june.hotspots[june.hotspots["window"] == 5].set_index("hotspot_id")["change"]
    names = {name: "Abbey" if change == "stable" else "Zoo" for name, change in last.items()}
    found = agenda(june, names, Held(places(), verdicts(), actions()), review="2024-06", today=TODAY)
    assert set(found["reasons"]) == {"undecided"} and list(found["name"]) == ["Zoo", "Abbey"]


def test_a_place_is_the_same_whatever_its_id_while_cells_are_shared(june):
    register = places("100000:100000", HERE, f"{HERE} 430500:560000")
    found = matches(june, register)
    assert found.dropna().tolist() == [3] and found.isna().sum() == 1  # of two alike the one opened last


def test_what_was_dismissed_comes_back_only_with_news(june):
    north = "430000:570000"
    held = {"places": places(HERE, north), "verdicts": verdicts((1, "2024-03", "dismiss"), (2, "2024-03", "dismiss"))}
    found = asked(june, **held)
    news = set(june.hotspots.loc[june.hotspots["window"] == 5, "change"])
    assert "stable" in news  # the place that was there throughout stays away
    assert list(found["reasons"]) == ["returned"] and list(found["concern"]) == [2]


def test_decided_at_this_review_is_done(june):
    held = {"places": places(HERE, "430000:570000"), "verdicts": verdicts((1, "2024-06", "dismiss"), (2, "2024-06", "concern"))}
    assert asked(june, **held, actions=actions({"concern": 2})).empty


def test_a_watched_place_that_is_not_on_the_map_is_asked_for_once_a_review(june):
    held = {"places": places("300000:300000"), "verdicts": verdicts((1, "2024-05", "concern"))}
    found = asked(june, **held, actions=actions({"concern": 1}))
    row = found[found["concern"] == 1].iloc[0]
    assert row["reasons"] == "faded" and pd.isna(row["hotspot_id"]) and row["open_actions"] == 1
    held["verdicts"] = verdicts((1, "2024-05", "concern"), (1, "2024-06", "concern"))
    assert 1 not in asked(june, **held, actions=actions({"concern": 1}))["concern"].dropna().tolist()


@pytest.mark.parametrize(("action", "why"), [
    ({"expires": "2024-06-30"}, "expired"), ({"review_by": "2024-06-30"}, "review_due"),
    ({"expires": "2024-07-01"}, None), ({"expires": "2024-06-30", "status": "done"}, None),
])
def test_late_actions_are_told_from_the_day_after(june, action, why):
    held = {"places": places(HERE), "verdicts": verdicts((1, "2024-06", "concern")), "actions": actions({"concern": 1} | action)}
    told = asked(june, **held)
    assert told[told["concern"] == 1]["reasons"].tolist() == ([why] if why else [])
    overdue = late(Held(**held), TODAY)
    assert overdue["why"].tolist() == ([why] if why else [])


def test_agreed_and_nothing_begun_is_told_after_four_weeks(june):
    held = {"places": places(HERE), "verdicts": verdicts((1, "2024-06", "concern"))}
    overdue = late(Held(**held, actions=actions()), TODAY)
    assert overdue["why"].tolist() == ["no_action"] and overdue["days_late"].iloc[0] == 60
    early = date(2024, 5, 2).toordinal() + DAYS_TO_BEGIN
    assert late(Held(**held, actions=actions()), date.fromordinal(early)).empty


def test_a_location_of_concern_where_nothing_was_begun_is_told_from_the_first_day():
    held = {"places": places(HERE, "300000:300000"), "verdicts": verdicts((1, "2024-06", "concern"), (2, "2024-06", "watch"))}
    agreed = date(2024, 5, 2)
    assert waiting(Held(**held, actions=actions()), agreed) == [("place 0", agreed)]
    assert waiting(Held(**held, actions=actions({"concern": 1, "status": "planned"})), agreed) == []


def test_last_months_decisions_come_with_what_happened_since(june):
    decided = verdicts((1, "2024-05", "watch"), (2, "2024-05", "concern"), (1, "2024-04", "dismiss"))
    told = since(june, Held(places(HERE, "300000:300000"), decided, actions()), "2024-05")
    assert told["verdict"].tolist() == ["watch", "concern"]
    assert told["change"].tolist() == ["stable", ""] and told["said"].tolist() == ["7", ""]


def test_nothing_at_all_is_an_empty_agenda_with_its_columns(june):
    empty = replace(june, hotspots=june.hotspots.iloc[:0], cells=june.cells.iloc[:0], anchors=june.anchors.iloc[:0],
                    profile=june.profile[:0])
    found = asked(empty)
    assert found.empty and tuple(found.columns) == AGENDA


def test_reasons_are_sentences():
    assert sentence("changed|expired", "grew") == "Changed since the last decision (growing); An action has run out"
    assert all(text[0].isupper() for text in REASONS.values())


def test_every_kind_of_place_has_lawful_options_safety_first_and_patrol_last():
    for code in PLACE_TYPES:
        offered = options(code)
        assert offered[0] == "location_assessment" and offered[-2:] == ("patrol", "other_strategy")
        assert set(offered) <= set(ACTION_KINDS) and len(set(offered)) == len(offered)
