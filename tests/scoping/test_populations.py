"""Populations: counts of different children, small groups hidden and not to be had by subtraction."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data import schema
from geo_data.errors import DisclosureError
from scoping.populations import Facet, Group, Population, methods, population, protect, roles, strands

LEAST = 3


def episodes(people, **columns):
    n = len(people)
    at = pd.Timestamp("2025-03-03 15:10", tz="UTC")
    given = {"episode_ref": [f"E-{i:04d}" for i in range(n)], "person_ref": people, "source_system": "manual",
             "age_at_episode": 14, "care_status": "looked_after", "missing_from_type": "home", "responsible_la": "E06000057",
             "reported_at": at, "found_at": at + pd.Timedelta(hours=5), "gender": "female"} | columns
    return schema.EPISODES.conform(pd.DataFrame(given))


def told(of, title):
    facet = of.facet(title)
    return {group.label: group.children for group in facet.groups}


def test_it_counts_children_and_not_episodes():
    found = population(episodes(["a", "a", "a", "b", "c", "d"]))
    assert (found.children, found.episodes) == (4, 6)
    assert told(found, "Age") == {"12-14": 4}
    assert told(found, "How long missing") == {"3 to 8 hours": 4}


@pytest.mark.parametrize("people", [[], ["a"], ["a", "b", "b"]])
def test_of_too_few_children_nothing_is_told(people):
    found = population(episodes(people))
    assert (found.children, found.episodes, found.facets) == (None, None, ())
    assert methods(episodes(people, pickup_mode="on_foot")).children is None


def test_a_lone_small_group_takes_the_next_smallest_with_it():
    found = population(episodes(list("abcdefghi"), gender=["female"] * 5 + ["male"] * 3 + ["other"]))
    assert told(found, "Gender") == {"Girls": 5, "Boys": None, "Other": None}


def test_the_roles_of_a_place_hide_a_number_that_is_small_and_no_other():
    at = pd.DataFrame({"role": ["found"] * 7 + ["last_seen"] * 3 + ["pickup"] * 2,
                       "person_ref": list("abcdeff") + list("abz") + list("xy")})
    assert roles(at) == Facet("Children here, by role of the place",
                              (Group("Last seen", 3), Group("Picked up", None), Group("Found", 6)), 1)
    assert roles(at, least=5) == Facet("Children here, by role of the place",
                                       (Group("Last seen", None), Group("Picked up", None), Group("Found", 6)), 2)
    assert roles(at.head(7)) is None and roles(at.head(0)) is None  # the card's own number says it


def test_the_strands_of_a_place_hide_a_small_group_and_the_one_that_would_give_it_away():
    whence = ["home"] * 5 + ["childrens_home"] * 3 + ["school_education"]
    found = strands(episodes(list("abcdefghi"), missing_from_type=whence))
    assert {group.label: group.children for group in found.groups} == {"From home": 5, "From care": None, "From education": None}
    assert strands(episodes([])) is None


def test_repeats_are_told_only_when_enough_did_and_enough_did_not():
    assert population(episodes(list("aabbcdef"))).repeat_children is None
    assert population(episodes(list("aabbccdef"))).repeat_children == 3
    assert population(episodes(list("aabbccd"))).repeat_children is None  # 3 of 4: the one who did not would be told
    assert population(episodes(list("abcdef"))).repeat_children == 0


def test_methods_speak_of_recorded_pickups_only():
    frame = episodes(list("abcdef"), pickup_mode=["taxi_phv"] * 3 + [None] * 3, location_source="rhi")
    found = methods(frame)
    assert found.children == 3
    assert told(found, "Means of travel") == {"Taxi or private hire": 3}
    school = methods(episodes(list("abc"), pickup_at=pd.Timestamp("2025-03-03 15:10", tz="UTC")))
    assert told(school, "Time of pickup") == {"school run, weekday 14:30-17:00": 3}
    night = methods(episodes(list("abc"), pickup_at=pd.Timestamp("2025-07-05 22:30", tz="UTC")))  # 23:30 in London
    assert told(night, "Time of pickup") == {"night 22:00-01:00": 3}


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_no_hidden_group_follows_from_the_total_and_the_rest(counts):
    named = [(f"g{i}", n) for i, n in enumerate(counts)]
    total = sum(counts)
    facet = protect(named, LEAST, total)
    shown = [group.children for group in facet.groups if group.children is not None]
    assert all(n >= LEAST for n in shown)
    hidden = total - sum(shown)
    if facet.hidden and shown:
        assert facet.hidden >= 2 and hidden >= LEAST
    assert [group.label for group in facet.groups] == [label for label, n in named if n]
    assert len(shown) + facet.hidden == sum(n > 0 for n in counts)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(8, 17), st.sampled_from(["female", "male", "other", None])),
                max_size=30))
def test_no_number_below_the_floor_leaves(rows):
    frame = episodes([p for p, _, _ in rows], age_at_episode=[a for _, a, _ in rows], gender=[g for *_, g in rows])
    found = population(frame, LEAST)
    numbers = [g.children for f in found.facets for g in f.groups if g.children is not None]
    assert all(n >= LEAST for n in numbers)
    assert found.children is None or found.children == frame["person_ref"].nunique()


def test_a_population_checks_itself():
    with pytest.raises(DisclosureError):
        Population(3, 5, 6, None, (Facet("Age", (Group("12-14", 2),), 0),))
    with pytest.raises(DisclosureError):
        Population(2, 5, 6, None, ())
    with pytest.raises(DisclosureError):
        Population(3, None, 6, None, ())


def test_a_lower_floor_than_three_cannot_be_asked_for():
    assert population(episodes(["a", "b"]), least=1).children is None
    assert np.all([population(episodes(list("abc")), least=1).least == 3])
