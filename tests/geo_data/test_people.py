"""The one table of roles and rights: what is not in it is denied."""

from __future__ import annotations

import pytest

from geo_data.errors import AccessError
from geo_data.people import EVERYTHING, LOCAL, NOTHING, RIGHTS, ROLES, Person, known_roles


def having(*roles: str, agency: str = "police", areas: str = "*") -> Person:
    return Person("id", "ann", frozenset(roles), agency, frozenset((areas,)))


def test_every_right_is_somebodys_and_names_known_roles() -> None:
    assert all(roles and set(roles) <= set(ROLES) for roles in RIGHTS.values())


@pytest.mark.parametrize("role", ["", "king", "ANALYST", "analyst "])
def test_an_unknown_role_has_no_right(role: str) -> None:
    assert not any(having(role).may(right) for right in RIGHTS)
    assert having(role).reader == NOTHING


@pytest.mark.parametrize("right", ["", "everything", "Records"])
def test_an_unknown_right_is_nobodys(right: str) -> None:
    assert not having(*ROLES).may(right)
    with pytest.raises(AccessError):
        having(*ROLES).must(right)


def test_partners_and_governance_read_no_rows() -> None:
    for role in ("rmg_member", "partner_viewer", "information_governance", "administrator"):
        assert having(role).reader == NOTHING
        assert not having(role).may("records") and not having(role).may("import")


def test_handling_restrictions_follow_the_work() -> None:
    assert having("analyst").reader == LOCAL.reader == EVERYTHING
    assert having("social_worker", agency="authority").reader.restrictions == {"none", "do_not_export"}
    assert "police_only" in having("social_worker").reader.restrictions
    assert "rmg_only" in having("social_worker", "rmg_member", agency="authority").reader.restrictions
    assert "police_only" not in having("analyst", agency="authority").reader.restrictions


def test_every_need_to_know_has_a_key_of_its_own() -> None:
    keys = [having("analyst").reader.key, having("analyst", agency="health").reader.key,
            having("analyst", areas="E06000057").reader.key, having("analyst", areas="E06000047").reader.key,
            having("social_worker").reader.key, NOTHING.key]
    assert len(set(keys)) == len(keys)
    assert keys[0] == ""


def test_only_known_claims_give_roles() -> None:
    mapping = {"Scoping.Analyst": "analyst", "x": "king"}
    assert known_roles(["Scoping.Analyst", "rmg_member", "x", "Everyone", ""], mapping) == {"analyst", "rmg_member"}
