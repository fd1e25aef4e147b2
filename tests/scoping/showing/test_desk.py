from __future__ import annotations

from datetime import date

import pytest

from geo_data.errors import DisclosureError
from geo_data.keeping.releases import Register
from geo_data.keeping.store import Store
from scoping.parameters import Parameters
from scoping.scope import scope
from scoping.showing import desk
from scoping.showing.partition import Addresses
from scoping.showing.periods import Period
from scoping.showing.rules import Rules
from tests.scoping.showing.test_publication import busy
from tests.scoping.showing.towns import ADDRESSES

FILE = {"snapshot_id": "S1", "title": "March", "author_role": "analyst", "purpose": "meeting", "review_by": date(2025, 1, 1)}


@pytest.fixture
def register(tmp_path):
    with Store(f"sqlite:///{tmp_path / 'scoping.db'}") as store:
        yield Register(store)


def propose(register, children=9, period="2024-03", tier="rmg", addresses=lambda: ADDRESSES, rules=None):
    return desk.propose(register, "episodes", scope(busy(children), Parameters()), rules=rules or Rules(), tier=tier,
                        period=Period.parse(period), addresses=addresses, cut_off="2024-07-01")


def test_what_is_signed_is_frozen_and_its_file_is_known(register):
    first = propose(register)
    desk.sign(register, first, "ann", [desk.Made("pdf", b"page")], **FILE)
    again = propose(register, children=12, addresses=lambda: pytest.fail("the register keeps the grid"))
    assert again.release.editions == first.release.editions and again.release.fresh == ()
    assert register.find(desk.Made("pdf", b"page").sha256)["period"].tolist() == ["2024-03"]
    desk.sign(register, propose(register, period="2024-Q2"), "ann")
    with pytest.raises(DisclosureError, match="lies in"):
        propose(register, period="2024-05")


def test_of_two_who_release_the_same_month_one_wins(register):
    ann, ben = propose(register), propose(register, children=12)
    desk.sign(register, ann, "ann")
    with pytest.raises(DisclosureError, match="in the meantime"):
        desk.sign(register, ben, "ben", [desk.Made("pdf", b"page")], **FILE)
    assert propose(register, children=12).release.hotspots["said"].tolist() == ["9"] and register.snapshots().empty


def test_a_review_is_opened_again_after_a_threshold_was_raised_and_shows_nothing_below_it(register):
    desk.sign(register, propose(register, children=5), "ann")
    edition = desk.released(register, "episodes", "rmg")[-1]
    assert desk.reopen(register, "episodes", Rules(), edition).hotspots["said"].tolist() == ["5"]
    raised = desk.reopen(register, "episodes", Rules(rmg=6), edition)
    assert raised.hotspots.empty and raised.cells.empty and "Left out, of this period" in raised.withheld[-1]
    assert propose(register, children=5, period="2024-04", rules=Rules(rmg=6)).release.fresh
    assert desk.released(register, "episodes", "rmg")[-1] == edition


def test_the_grid_survives_the_register():
    assert Addresses.load(ADDRESSES.dump()).stamp == ADDRESSES.stamp
