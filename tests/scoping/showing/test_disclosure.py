from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from geo_data.errors import DisclosureError
from geo_data.schema import EPISODES, LOCATIONS
from scoping.parameters import Parameters
from scoping.scope import scope
from scoping.showing.disclosure import PROFILE, Release, Rules, release
from tests.scoping.change.test_ledger import world
from tests.scoping.worlds import Story

E, N = 430_000.0, 560_000.0


def two_months(children, busy=0):
    story = Story()
    for month in (0, 1):
        story.visits(month, E, N, children)
        if busy:
            story.visits(month, E, N, busy, person="BUSY")
    return story.background(2).frame()


def shown(frame, **dials):
    return release(scope(frame, Parameters(**({"min_children": 2} | dials))))


def test_fewer_than_three_children_are_withheld_and_said():
    given = shown(two_months(2))
    assert given.hotspots.empty and given.cells.empty and not given.shapes and given.anchors.empty
    assert given.withheld == ("2 places withheld: fewer than 3 children.",)
    assert given.windows["withheld"].tolist() == [1, 1]
    assert len(shown(two_months(3)).hotspots) == 2


def test_one_child_with_more_than_half_is_withheld_and_exactly_half_is_flagged():
    over, half, under = (shown(two_months(5, busy=busy)) for busy in (6, 5, 4))
    assert over.hotspots.empty
    assert ["one child makes more than half" in sentence for sentence in over.withheld] == [True]
    assert half.hotspots["one_child_half"].tolist() == [True, True]
    assert under.hotspots["one_child_half"].tolist() == [False, False]
    assert half.hotspots["children"].tolist() == [6, 6]


def test_a_place_that_was_never_shown_is_not_shown_when_it_goes():
    story = Story().visits(0, E + 9_000, N, 6)
    for k in range(12):  # some ids sort before the shown one and some after
        story.visits(0, E + 9_000 * k, N + 9_000, 2)
    frame = story.background(4).frame()
    given = shown(frame)
    assert given.hotspots["change"].tolist() == ["first", "below", "dissolved"]
    assert len(set(given.hotspots["hotspot_id"])) == 1
    assert given.hotspots["children"].isna().tolist() == [False, True, True]


def test_a_withheld_window_lends_its_outline_to_no_other():
    story = Story().visits(0, E, N, 6)
    story.visits(1, E, N, 4).visits(1, E + 150, N, 9, person="BUSY")  # wider, and one child's
    given = shown(story.background(4).frame())
    assert given.hotspots["window"].tolist() == [0, 2, 3]
    assert len(given.shapes) == 1
    assert np.concatenate(given.shapes[0])[:, 0].max() < E + 80 + 125 + 1


def test_stricter_rules_never_show_more():
    scoped = scope(world(), Parameters(min_children=3))
    shown_by = []
    for rules in (Rules(), Rules(operational=5), Rules(operational=5, dominance=0.3),
                  Rules(operational=8, rmg=8, dominance=0.3)):
        hotspots = release(scoped, rules).hotspots
        counted = hotspots.loc[hotspots["children"].notna(), ["hotspot_id", "window"]]
        shown_by.append(set(map(tuple, counted.to_numpy())))
    assert all(stricter <= laxer for laxer, stricter in pairwise(shown_by))
    assert len(shown_by[0]) > len(shown_by[1]) > len(shown_by[-1]) > 0


def test_rules_have_a_floor():
    for bad in ({"operational": 2}, {"dominance": 0.6}, {"cell_m": 100}, {"marking": " "}, {"rmg": 9}):
        with pytest.raises(DisclosureError):
            Rules(**bad)


@pytest.mark.parametrize("tier", ["rmg", "briefing", "public"])
def test_no_tier_is_released_to_without_what_it_needs(tier):
    with pytest.raises(DisclosureError, match=tier):
        release(scope(two_months(6), Parameters()), tier=tier)


def test_records_that_may_not_be_exported_are_in_no_file():
    frame = two_months(6)
    def but_for(first):
        there = (frame["easting"] < E + 1_000) & (np.arange(len(frame)) % 6 < first)
        return frame.assign(sharing_restriction=np.where(there, "do_not_export", "none"))

    given = shown(but_for(2))
    assert given.hotspots["children"].tolist() == [6, 6]
    assert given.hotspots["file_children"].tolist() == [4, 4]
    apart = shown(frame.assign(sharing_restriction=np.where(frame["easting"] < E + 15, "do_not_export", "none"),
                               easting=frame["easting"] - 10))  # the two westernmost lie in a cell of their own
    assert apart.hotspots["file_children"].tolist() == [4, 4]
    assert set(apart.cells["cell_e"]) == {430_000}
    given = shown(but_for(4))
    assert given.hotspots["file_children"].isna().all() and given.cells.empty


def test_a_release_holds_no_column_of_a_child_or_household_and_no_reference():
    frame = world()
    given = shown(frame, min_children=3)
    restricted = {column.name for table in (EPISODES, LOCATIONS) for column in table.columns if column.restricted}
    frames = [value for value in vars(given).values() if isinstance(value, pd.DataFrame)]
    assert len(frames) == 7
    secrets = set(frame["person_ref"]) | set(frame["episode_ref"]) | set(frame["location_id"])
    for part in frames:
        assert not restricted & set(part.columns)
        assert not secrets & set(part.to_numpy(dtype=object).astype(str).ravel())


def test_cells_and_anchors_lie_on_the_fixed_grid_and_hold_the_members():
    given = shown(two_months(6))
    assert given.cells[["cell_e", "cell_n"]].drop_duplicates().to_numpy().tolist() == [[430_000, 560_000]]
    assert given.anchors[["cell_e", "cell_n"]].to_numpy().tolist() == [[430_250, 560_250]]


def test_the_profile_counts_each_record_once_in_each_kind():
    given = shown(world(), min_children=3)
    columns = np.array([name.split(":")[0] for name in PROFILE])
    present = given.hotspots["children"].notna().to_numpy()
    for kind in ("type", "tier", "role", "source", "hour"):
        records = given.profile[:, columns == kind].sum(axis=1)
        assert (records[present] == given.hotspots["episodes"][present]).all()  # one role: an episode is a record
        assert (records[~present] == 0).all()


@pytest.mark.parametrize("forge", [
    lambda r: {"hotspots": r.hotspots.assign(children=r.hotspots["children"] - 4)},
    lambda r: {"hotspots": r.hotspots.assign(file_children=r.hotspots["file_children"] - 4)},
    lambda r: {"hotspots": r.hotspots.assign(easting=1.0)},
    lambda r: {"hotspots": r.hotspots.assign(change="arrived")},
    lambda r: {"cells": r.cells.assign(cell_e=r.cells["cell_e"] + 1)},
    lambda r: {"cells": r.cells.assign(cell_e=r.cells["cell_e"] + 0.7)},
    lambda r: {"cells": r.cells.assign(cell_n=r.cells["cell_n"].astype("Float64").mask(r.cells.index == 0))},
    lambda r: {"roles": r.roles.assign(person_ref="x")},
    lambda r: {"anchors": r.anchors.assign(cell_n=r.anchors["cell_n"] + 1)},
    lambda r: {"profile": r.profile[:-1]},
    lambda r: {"marking": ""},
    lambda r: {"tier": "public"},
])
def test_a_release_checks_itself(forge):
    given = shown(two_months(6))
    assert isinstance(given, Release)
    with pytest.raises(DisclosureError):
        replace(given, **forge(given))


def test_invented_data_are_stamped():
    scoped = scope(two_months(6), Parameters())
    assert release(scoped, synthetic=True).marking == "OFFICIAL-SENSITIVE - SYNTHETIC DATA"
    assert release(scoped).marking == "OFFICIAL-SENSITIVE"


def test_no_rows_release_nothing_without_complaint():
    given = shown(world().iloc[:0])
    assert given.hotspots.empty and given.labels == () and given.withheld == ()
