"""Who is affected and how: frozen with the edition, and nothing to be had by subtraction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from geo_data.schema import EPISODES
from scoping.parameters import Parameters
from scoping.scope import scope
from scoping.showing import aggregates, disclosure
from scoping.showing.editions import OPEN, Edition
from scoping.showing.periods import Period
from scoping.showing.rules import Rules
from tests.scoping.showing.test_publication import busy
from tests.scoping.showing.towns import ADDRESSES

QUARTERS = ("2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4")


def episodes(*counts, month=1, restriction="none", first=0, year=2024):
    """One episode a child: `counts` children aged 13, 16, 10 and 8."""
    ages = np.repeat([13, 16, 10, 8], [*counts, *[0] * (4 - len(counts))])
    at = pd.Timestamp(year, month, 10, 12, tz="UTC")
    return EPISODES.conform(pd.DataFrame({
        "episode_ref": [f"E{first + k}" for k in range(len(ages))], "person_ref": [f"C{first + k}" for k in range(len(ages))],
        "age_at_episode": ages, "reported_at": at, "last_seen_at": at, "found_at": at + pd.Timedelta(hours=5),
        "care_status": "looked_after", "missing_from_type": "home", "sharing_restriction": restriction, "pickup_mode": "taxi_phv"}))


def groups(frame, key, tier="rmg", before=(), **more):
    return aggregates.groups(frame, Period.parse(key), tier, rules=Rules(), before=before, **more)


def edition(people, key, tier="rmg"):
    return Edition(tier, {"rmg": 5, "briefing": 8}[tier], 3, "found", "{}", Period.parse(key), "", "", (), {}, {}, (), people)


def ages(people):
    return {entry.label: (entry.low, entry.high) for entry in people if entry.title == "Age"}


def test_numbers_are_told_to_the_nearest_five_and_small_groups_not_at_all():
    told, why = groups(episodes(19, 23, 6, 2), "2024-Q1")
    assert why == "" and told[0] == aggregates.Group("victims", "", "", 48, 52)
    assert ages(told) == {"12-14": (18, 22), "15-17": (23, 27)}  # ten-year-olds are hidden with the two of eight
    said = " ".join(aggregates.sentences(edition(told, "2024-Q1"), "victims"))
    assert "About 50 different children." in said and "Age: 12-14 about 20; 15-17 about 25." in said and "none, or too few" in said
    assert " ".join(aggregates.sentences(edition(told, "2024-Q1"), "methods")).startswith("About 50")


def test_what_may_not_leave_is_not_counted():
    some = [episodes(20), *(episodes(10, restriction=word, first=100 * k) for k, word in
                            enumerate(("do_not_export", "police_only", "rmg_only"), start=1))]
    frame = pd.concat(some, ignore_index=True)
    assert [groups(frame, "2024-Q1", tier)[0][0].high - 2 for tier in ("rmg", "briefing")] == [30, 20]
    past = frame.assign(review_by=pd.Timestamp("2024-06-01"))
    assert groups(past, "2024-Q1", today=date(2024, 7, 1))[0][0].low == 0


def test_asked_again_it_says_the_same_whatever_was_recorded_since():
    first = edition(groups(episodes(20, 30), "2024-Q1")[0], "2024-Q1")
    late = pd.concat([episodes(20, 30), episodes(9, first=900)], ignore_index=True)
    assert groups(late, "2024-Q1", before=[replace(first, role="pickup")])[0] == first.people
    assert groups(late, "2024-Q1")[0] != first.people


def test_a_part_of_what_was_told_is_not_told():
    year = edition(groups(episodes(20, 30), "2024")[0], "2024", "briefing")
    people, why = groups(episodes(20, 30), "2024-Q1", before=[year])
    assert people == () and "for 2024 alone" in why


def test_a_longer_period_says_no_more_than_what_the_untold_parts_may_be_without():
    """Four of eight each quarter, never told: "about 15" in the year would put some of them in every quarter."""
    frames = [episodes(40, 40, 40, 4, month=3 * k + 2, first=1_000 * k) for k in range(4)]
    before = [edition(groups(frame, key)[0], key) for frame, key in zip(frames, QUARTERS, strict=True)]
    assert "0-9" not in ages(before[0].people)
    alone = ages(groups(pd.concat(frames, ignore_index=True), "2024")[0])
    after = ages(groups(pd.concat(frames, ignore_index=True), "2024", before=before)[0])
    assert alone["0-9"] == (13, 17) and after["0-9"] == (10, OPEN)
    assert after["12-14"] == alone["12-14"] == (158, 162)


@pytest.mark.parametrize("first", ["rmg", "briefing"])
def test_two_tiers_do_not_tell_who_lies_between(first):
    """Sixteen, of whom three are for the group alone: "about 15" for one and "about 15" for the other, or a least number."""
    frame = pd.concat([episodes(15, 40), episodes(3, first=500, restriction="rmg_only")], ignore_index=True)
    second = {"rmg": "briefing", "briefing": "rmg"}[first]
    one = groups(frame, "2024-Q1", first)[0]
    two = groups(frame, "2024-Q1", second, before=[edition(one, "2024-Q1", first)])[0]
    told = {first: ages(one), second: ages(two)}
    assert told["rmg"]["12-14"][0] <= told["briefing"]["12-14"][1]


def test_a_release_of_a_quarter_carries_them_and_a_month_or_a_choice_does_not():
    def of(period, **dials):
        publish = disclosure.Publication(Period.parse(period), ADDRESSES, (), episodes(20, 30))
        return disclosure.release(scope(busy(9), Parameters(roles=("found",), **dials)), None, "rmg", publish=publish).editions[-1]

    assert ages(of("2024-Q1").people) == {"12-14": (18, 22), "15-17": (28, 32)}
    assert of("2024-03").people == () == of("2024-Q1", strands=("home",)).people
    assert Edition.load(of("2024-Q1").dump()) == of("2024-Q1")
