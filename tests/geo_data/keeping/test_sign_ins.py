"""A sign-in that was ended, left or outlived lets nobody in, whoever holds a copy of its cookie."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from geo_data.errors import AccessError, InputError
from geo_data.keeping.sign_ins import Known, People, SignIns, sign_in_id
from geo_data.keeping.store import Store
from geo_data.people import EVERYTHING, Person
from tests.geo_data.made import RECEIVED

NOW = RECEIVED
ANN = Known("https://provider ann", "ann@force.example", NOW)


@pytest.fixture
def store(ready_url: str) -> Any:
    with Store(ready_url) as opened:
        yield opened


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_a_fresh_sign_in_is_let_in_and_entered(store: Store) -> None:
    sign_ins = SignIns(store)
    assert not sign_ins.alive("a" * 64, NOW)
    sign_ins.admit("a" * 64, ANN, after(1))
    sign_ins.admit("a" * 64, ANN, after(20))
    assert sign_ins.alive("a" * 64, after(20))
    assert sign_ins.living(after(20))["name"].tolist() == [ANN.name]
    assert store.entries()["action"].tolist() == ["sign in"]


@pytest.mark.parametrize("issued", [None, NOW - timedelta(minutes=6), NOW + timedelta(minutes=2)])
def test_an_old_cookie_never_makes_a_sign_in(store: Store, issued: datetime | None) -> None:
    with pytest.raises(AccessError, match="not fresh"):
        SignIns(store).admit("a" * 64, ANN._replace(issued=issued), NOW)
    assert not SignIns(store).alive("a" * 64, NOW)
    assert store.entries()["action"].tolist() == ["refused"]


def test_a_copied_cookie_is_worth_nothing_after_signing_out(store: Store) -> None:
    sign_ins = SignIns(store)
    sign_ins.admit("a" * 64, ANN, NOW)
    sign_ins.end("a" * 64, ANN.name, after(1))
    for _ in range(2):  # even within the minutes in which a sign-in is fresh
        with pytest.raises(AccessError, match="signed out"):
            sign_ins.admit("a" * 64, ANN, after(2))
    assert not sign_ins.alive("a" * 64, after(2))


def test_half_an_hour_away_ends_it(store: Store) -> None:
    sign_ins = SignIns(store)
    sign_ins.admit("a" * 64, ANN, NOW)
    sign_ins.admit("a" * 64, ANN, after(30))
    assert not sign_ins.alive("a" * 64, after(61))
    with pytest.raises(AccessError, match="half an hour"):
        sign_ins.admit("a" * 64, ANN, after(61))
    with pytest.raises(AccessError, match="signed out"):
        sign_ins.admit("a" * 64, ANN, after(61))


def test_eight_hours_end_it_however_busy(store: Store) -> None:
    sign_ins = SignIns(store)
    for minutes in range(0, 481, 20):
        sign_ins.admit("a" * 64, ANN, after(minutes))
    assert not sign_ins.alive("a" * 64, after(481))
    with pytest.raises(AccessError, match="eight hours"):
        sign_ins.admit("a" * 64, ANN, after(481))


def test_a_clock_that_is_set_back_gives_nobody_more_time(store: Store) -> None:
    sign_ins = SignIns(store)
    sign_ins.admit("a" * 64, ANN, NOW)
    assert sign_ins.alive("a" * 64, after(-2)) and len(sign_ins.living(after(-2))) == 1
    assert not sign_ins.alive("a" * 64, after(-60)) and sign_ins.living(after(-60)).empty
    with pytest.raises(AccessError, match="clock"):
        sign_ins.admit("a" * 64, ANN, after(-60))
    assert not sign_ins.alive("a" * 64, after(1))


def test_all_sign_ins_of_a_person_end_at_once(store: Store) -> None:
    sign_ins = SignIns(store)
    for name in "abc":
        sign_ins.admit(name * 64, ANN if name != "c" else ANN._replace(name="bob@force.example"), NOW)
    assert sign_ins.end_all(ANN.name, "administrator", after(1)) == 2
    assert [sign_ins.alive(name * 64, after(1)) for name in "abc"] == [False, False, True]


def test_every_part_of_a_split_cookie_counts() -> None:
    whole = sign_in_id({"_streamlit_user": "chunks-2", "_streamlit_user_1": "x", "_streamlit_user_2": "y"})
    assert len({whole, sign_in_id({"_streamlit_user": "chunks-2", "_streamlit_user_1": "x", "_streamlit_user_2": "z"}),
                sign_in_id({"_streamlit_user": "chunks-2"}), sign_in_id({})}) == 4
    assert sign_in_id({"other": "x"}) == ""


def test_people_are_entered_changed_found_and_removed(store: Store) -> None:
    people = People(store)
    people.put(Person("", "Ann@Force.example ", frozenset(("analyst",)), "police", frozenset("*")), "admin", NOW)
    found = people.find(ANN)
    assert (found.id, found.roles, found.reader) == (ANN.id, {"analyst"}, EVERYTHING)
    people.put(Person("", ANN.name, frozenset(("social_worker",)), "authority", frozenset(("E06000057",))), "admin", NOW)
    assert people.find(ANN).areas == {"E06000057"}
    assert len(people.all()) == 1
    people.remove(ANN.name, "admin")
    assert people.find(ANN).roles == frozenset()
    assert store.entries()["action"].tolist() == ["set role", "set role", "remove person"]
    with pytest.raises(InputError, match="no such person"):
        people.remove(ANN.name, "admin")
    assert len(store.entries()) == 3  # what was not done is not entered


@pytest.mark.parametrize("change", [{"roles": frozenset()}, {"roles": frozenset(("king",))}, {"agency": "press"},
                                    {"areas": frozenset()}, {"name": " "}])
def test_a_person_who_is_not_fully_known_is_not_entered(store: Store, change: dict[str, Any]) -> None:
    given = {"id": "", "name": "ann", "roles": frozenset(("analyst",)), "agency": "police", "areas": frozenset("*")} | change
    with pytest.raises(InputError):
        People(store).put(Person(**given), "admin", NOW)
    assert People(store).all().empty
