"""The minutes of a review tell its own decisions, and of the whole register what is done and what is late."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from geo_data.concern import Held, cells_of
from scoping.meeting.agenda import of_edition
from scoping.meeting.minutes import minutes
from scoping.showing.editions import Edition, Place
from scoping.showing.periods import Period
from tests.scoping.meeting.test_agenda import ELSEWHERE, FAR, HERE, NORTH, TODAY, actions, places, verdicts

SHOWN = Place("430000:560000", 7, 7, 0, 0, "", (), tuple(cells_of(HERE)))
PICKUP = " (agreed among picked up places)"


def edition(role):
    return Edition("rmg", 5, 3, role, "{}", Period.parse("2024-06"), "", "", (SHOWN,), {}, {}, ())


def register():
    """A found place and three pickup places, each decided upon in the same month; the last lies on the map of found places."""
    kept = places(ELSEWHERE, FAR, NORTH, HERE).assign(role=["found", "pickup", "pickup", "pickup"],
                                                      name=["Arcade", "Lay-by", "Yard", "Station"])
    decided = verdicts((1, "2024-06", "concern"), (2, "2024-06", "watch"), (3, "2024-05", "concern"), (4, "2024-06", "watch"))
    return Held(kept, decided, actions({"concern": 2, "review_by": "2024-06-20"}))


def part(text, heading):
    return text.split(f"\n{heading}\n")[1].split("\n\n")[0]


def test_decisions_are_those_about_the_places_of_the_review():
    found = part(minutes(edition("found"), "OFFICIAL", register(), TODAY), "Decisions")
    assert "Arcade (" in found and f"Station{PICKUP}" in found and "Lay-by" not in found and "Yard" not in found
    pickup = part(minutes(edition("pickup"), "OFFICIAL", register(), TODAY), "Decisions")
    assert "Lay-by (" in pickup and "Station (" in pickup and "Arcade" not in pickup and "Yard" not in pickup


def test_what_is_done_and_late_is_told_whatever_the_role_and_says_which():
    text = " ".join(minutes(edition("found"), "OFFICIAL", register(), date(2024, 7, 1)).split())
    assert text.count(f"Lay-by{PICKUP}: ") == 2 and "Lay-by: " not in text  # its action, and that it is late
    assert PICKUP not in minutes(edition("pickup"), "OFFICIAL", register(), TODAY)


@pytest.mark.parametrize("role", ["found", "pickup", "last_seen"])
def test_what_a_review_is_about_is_whole_and_nothing_is_about_no_review(role):
    held = register()
    mine = of_edition(edition(role), held)
    assert set(mine.places["id"]) == {4, *held.places.loc[held.places["role"] == role, "id"]}
    for all_rows, rows in zip(held[1:], mine[1:], strict=True):
        pd.testing.assert_frame_equal(rows, all_rows[all_rows["concern"].isin(mine.places["id"])])
    none = of_edition(edition(role), Held(*(rows.iloc[:0] for rows in held)))
    assert [list(rows.columns) for rows in none] == [list(rows.columns) for rows in held] and all(rows.empty for rows in none)
