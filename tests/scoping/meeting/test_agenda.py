"""What a meeting is asked, by where each place stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import hypothesis
import pandas as pd
import pytest
from hypothesis import settings
from hypothesis import strategies as st

from geo_data.concern import ACTION, ACTION_KINDS, CONCERN, VERDICT, VERDICTS, Held, cells_of, options
from geo_data.schema import PLACE_TYPES
from scoping.meeting.agenda import AGENDA, DAYS_TO_BEGIN, REASONS, agenda, late, matches, sentence, since, waiting
from scoping.parameters import Parameters
from scoping.scope import scope
from scoping.showing.disclosure import release
from tests.scoping.worlds import Story

E, N = 430_250.0, 560_250.0  # in the middle of a cell
TODAY = date(2024, 7, 1)
HERE, NORTH, ELSEWHERE, FAR = "430000:560000", "430000:570000", "300000:300000", "310000:300000"


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


def places(*cells, role="found"):
    return frame(CONCERN, [{"collection": "episodes", "role": role, "name": f"place {k}", "place_type": "transport_hub",
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
    held = {"places": places(HERE, NORTH), "verdicts": verdicts((1, "2024-03", "dismiss"), (2, "2024-03", "dismiss"))}
    found = asked(june, **held)
    news = set(june.hotspots.loc[june.hotspots["window"] == 5, "change"])
    assert "stable" in news  # the place that was there throughout stays away
    assert list(found["reasons"]) == ["returned"] and list(found["concern"]) == [2]


def test_decided_at_this_review_is_done(june):
    held = {"places": places(HERE, NORTH), "verdicts": verdicts((1, "2024-06", "dismiss"), (2, "2024-06", "concern"))}
    assert asked(june, **held, actions=actions({"concern": 2})).empty


def test_a_watched_place_that_is_not_on_the_map_is_asked_for_once_a_review(june):
    held = {"places": places(ELSEWHERE), "verdicts": verdicts((1, "2024-05", "concern"))}
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
    held = {"places": places(HERE, ELSEWHERE), "verdicts": verdicts((1, "2024-06", "concern"), (2, "2024-06", "watch"))}
    agreed = date(2024, 5, 2)
    assert waiting(Held(**held, actions=actions()), agreed) == [("place 0", agreed)]
    assert waiting(Held(**held, actions=actions({"concern": 1, "status": "planned"})), agreed) == []


def test_last_months_decisions_come_with_what_happened_since(june):
    decided = verdicts((1, "2024-05", "watch"), (2, "2024-05", "concern"), (1, "2024-04", "dismiss"))
    told = since(june, Held(places(HERE, ELSEWHERE), decided, actions()), "2024-05")
    assert told["verdict"].tolist() == ["watch", "concern"]
    assert told["change"].tolist() == ["stable", ""] and told["said"].tolist() == ["7", ""]


def test_a_place_under_two_hotspots_is_asked_for_once_with_the_newest_change_and_the_larger_count(june):
    last = june.hotspots[june.hotspots["window"] == 5].set_index("hotspot_id")
    assert sorted(last["change"]) == ["born", "stable"] and sorted(last["said"]) == ["7", "8"]
    held = {"places": places(f"{HERE} {NORTH}"), "verdicts": verdicts((1, "2024-05", "concern"))}
    row = asked(june, **held, actions=actions({"concern": 1, "review_by": "2024-06-30"})).to_dict("records")
    assert [each["reasons"] for each in row] == ["changed|review_due"]
    assert (row[0]["change"], row[0]["said"], row[0]["concern"]) == ("born", "8", 1)
    assert row[0]["hotspots"].split("|") == sorted(last.index) and last.loc[row[0]["hotspot_id"], "said"] == "8"
    other = june.hotspots["change"].map({"born": "stable", "stable": "born"}).fillna(june.hotspots["change"])
    for given in (june, replace(june, hotspots=june.hotspots.assign(change=other))):  # the newest need not be the largest's
        row = asked(given, **held).iloc[0]
        told = since(given, Held(**held, actions=actions()), "2024-05").iloc[0]
        assert all((each["change"], each["said"]) == ("born", "8") for each in (row, told))


def test_last_decisions_tell_what_is_on_the_map_before_what_has_gone_from_it(june):
    for gone in set(june.hotspots["hotspot_id"]):
        now = june.hotspots["hotspot_id"].eq(gone) & june.hotspots["window"].eq(5)
        hotspots = june.hotspots.assign(change=june.hotspots["change"].mask(now, "dissolved"), **{
            name: june.hotspots[name].mask(now) for name in ("low", "high", "children")})
        held = Held(places(f"{HERE} {NORTH}"), verdicts((1, "2024-05", "watch")), actions())
        told = since(replace(june, hotspots=hotspots), held, "2024-05")
        assert told["change"].iloc[0] in ("born", "stable") and told["said"].iloc[0] in ("7", "8")


def test_a_place_that_shares_a_cell_with_the_map_has_not_left_it_though_another_shares_more(june):
    held = {"places": places(HERE, HERE), "verdicts": verdicts((1, "2024-05", "watch"), (2, "2024-05", "watch"))}
    assert "faded" not in "|".join(asked(june, **held)["reasons"])
    assert since(june, Held(**held, actions=actions()), "2024-05")["change"].tolist() == ["stable", "stable"]


def test_a_place_agreed_under_another_role_is_not_missed_on_this_map(june):
    """Where children were picked up is no place that the map of where they were found could have lost."""
    for role, why in (("found", ["faded"]), ("pickup", [])):
        held = {"places": places(ELSEWHERE, role=role), "verdicts": verdicts((1, "2024-05", "concern"))}
        found = asked(june, **held, actions=actions({"concern": 1, "expires": "2024-06-01"}))
        expected = [["expired", "faded"]] if why else []  # what is late there belongs to the review of its own role
        assert [sorted(row.split("|")) for row in found.loc[found["concern"].eq(1).fillna(False), "reasons"]] == expected
        assert len(since(june, Held(**held, actions=actions()), "2024-05")) == len(why)


def test_a_place_agreed_under_another_role_is_known_where_this_map_shows_it(june):
    held = {"places": places(HERE, role="pickup"), "verdicts": verdicts((1, "2024-05", "concern"))}
    assert asked(june, **held, actions=actions({"concern": 1}))["reasons"].tolist() == ["undecided"]  # the other place alone
    assert since(june, Held(**held, actions=actions()), "2024-05")["change"].tolist() == ["stable"]


def test_of_two_places_on_a_hotspot_the_one_of_its_own_role_is_its_place(june):
    both = pd.concat([places(HERE), places(HERE, HERE, role="pickup").iloc[1:]])
    assert both["role"].tolist() == ["found", "pickup"] and matches(june, both).dropna().tolist() == [1]


CELLS = (HERE, NORTH, ELSEWHERE, FAR)


@st.composite
def registers(draw):
    """Places of any role on cells of the map and elsewhere, decided upon or not, with actions late or not."""
    cells = draw(st.lists(st.lists(st.sampled_from(CELLS), min_size=1, max_size=4, unique=True), min_size=1, max_size=5))
    roles = draw(st.lists(st.sampled_from(["found", "pickup", "last_seen"]), min_size=len(cells), max_size=len(cells)))
    one = st.integers(1, len(cells))
    decided = draw(st.lists(st.tuples(one, st.sampled_from(["2024-04", "2024-05", "2024-06"]), st.sampled_from(list(VERDICTS))),
                            max_size=6))
    begun = draw(st.lists(st.tuples(one, st.sampled_from(["2024-06-01", "2024-12-01"])), max_size=4))
    return Held(places(*(" ".join(each) for each in cells)).assign(role=roles), verdicts(*decided),
                actions(*({"concern": place, "review_by": day} for place, day in begun)))


@settings(max_examples=80, deadline=None)
@hypothesis.given(held=registers())
def test_no_place_is_asked_for_twice_and_none_of_the_map_is_forgotten(june, held):
    found = agenda(june, {}, held, review="2024-06", today=TODAY)
    assert not found["concern"].dropna().duplicated().any()
    spots = june.hotspots.loc[june.hotspots["window"] == 5, "hotspot_id"].tolist()
    cell = june.cells[june.cells["window"] == 5].groupby("hotspot_id")[["cell_e", "cell_n"]].first()
    at = {hotspot: tuple(cell.loc[hotspot].tolist()) for hotspot in spots}
    known = {row["id"]: row for row in held.places.to_dict("records")}
    taken = {hotspot for hotspot in spots for row in known.values() if at[hotspot] in cells_of(row["cells"])}
    new = found[found["concern"].isna()]
    assert sorted(new["hotspot_id"]) == sorted(set(spots) - taken) and set(new["reasons"]) <= {"undecided"}
    for row in found[found["concern"].notna()].to_dict("records"):
        reasons, place = row["reasons"].split("|"), known[row["concern"]]
        here = sorted(hotspot for hotspot in spots if at[hotspot] in cells_of(place["cells"]))
        assert len(set(reasons)) == len(reasons) and row["hotspots"].split("|") == (here or [""])
        assert row["hotspot_id"] in here if here else pd.isna(row["hotspot_id"])
        assert here or place["role"] == "found"  # of the other roles what this map shows alone
        assert "faded" not in reasons or not here
    told = since(june, held, "2024-05")
    assert not told["concern"].duplicated().any() and (told["change"] == "").sum() == sum(
        not any(at[hotspot] in cells_of(known[place]["cells"]) for hotspot in spots) for place in told["concern"])


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
