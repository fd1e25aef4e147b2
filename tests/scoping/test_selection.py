"""What a choice on the screen is about: members of a hotspot, a window, an outline over whole grid cells."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data import schema
from geo_data.errors import ParameterError
from scoping import selection
from scoping.parameters import Parameters, WindowScheme
from scoping.scope import scope
from scoping.showing import areas


def locations(places, role="found", tier="P1", **more):
    """One row a (child, easting, northing, day)."""
    frame = pd.DataFrame({
        "location_id": [f"E{i:04d}:{role}" for i in range(len(places))], "episode_ref": [f"E{i:04d}" for i in range(len(places))],
        "person_ref": [p for p, *_ in places], "role": role,
        "at": [pd.Timestamp("2025-01-01 12:00", tz="UTC") + pd.Timedelta(days=d) for *_, d in places], "at_precision": "minute",
        "easting": [float(e) for _, e, *_ in places], "northing": [float(n) for _, _, n, _ in places], "precision_m": 10.0,
        "tier": tier, "method": "coordinates_bng", "reason": "given", "own_address": False, "strand": "home",
        "sharing_restriction": "none"} | more)
    return schema.LOCATIONS.conform(frame)


HERE = [(f"c{i}", 400_100 + i, 500_100, i) for i in range(6)]
THERE = [(f"d{i}", 403_100 + i, 500_100, i) for i in range(3)]
SCOPED = scope(locations(HERE + THERE), Parameters(window=WindowScheme.parse("month")))
SQUARE = np.array([(400_050.0, 500_050.0), (400_050.0, 500_060.0), (400_060.0, 500_060.0), (400_060.0, 500_050.0)])

HUGE = SQUARE * [[1, 1], [1, 1], [9, 9], [9, 1]]


def test_a_hotspot_gives_its_members_and_no_other():
    name = SCOPED.ledger["hotspot_id"].iloc[0]
    found = selection.hotspot(SCOPED, name, 0)
    assert found.episodes == tuple(f"E{i:04d}" for i in range(6))
    assert selection.hotspot(SCOPED, "H0000-XX", 0).episodes == ()


def test_other_roles_at_a_hotspot_are_what_would_enter_within_eps_of_a_member_in_the_window():
    seen = [("c0", 400_100, 500_350, 3),  # exactly eps from the first member
            ("e1", 400_105, 500_351, 3), ("e2", 400_105, 500_100, 40), ("e3", 400_106, 500_100, 4)]
    rows = pd.concat([locations(HERE + THERE), locations(seen, "last_seen"), locations(HERE[:2], "pickup", "P4")])
    both = scope(schema.LOCATIONS.conform(rows), Parameters(window=WindowScheme.parse("month")))
    name = both.ledger["hotspot_id"].iloc[0]
    found = both.locations.iloc[selection.by_role(both, name, 0)]
    assert sorted(found["person_ref"][found["role"] == "last_seen"]) == ["c0", "e3"]
    assert sorted(found["person_ref"][found["role"] == "found"]) == [f"c{i}" for i in range(6)]
    assert not (found["role"] == "pickup").any()  # too coarse to enter
    assert len(selection.by_role(both, name, 1)) == 0  # no hotspot there


def test_what_was_recorded_in_a_window_counts_also_where_it_cannot_be_mapped_but_not_what_is_filtered_out():
    rows = pd.concat([locations(HERE), locations([("z0", 400_000, 500_000, 2)], "found", "P5", strand="care",
                                                 location_id="Z:found", episode_ref="Z"),
                      locations([("z1", 400_000, 500_000, 2)], "found", "P5", location_id="Y:found", episode_ref="Y")])
    both = scope(schema.LOCATIONS.conform(rows), Parameters(window=WindowScheme.parse("month")))
    assert set(selection.recorded(both, 0).episodes) - set(selection.in_window(both, 0).episodes) == {"Z", "Y"}
    home = scope(both.locations, Parameters(window=WindowScheme.parse("month"), strands=("home",)))
    assert set(selection.recorded(home, 0).episodes) - set(selection.in_window(home, 0).episodes) == {"Y"}


def test_a_window_gives_all_that_entered():
    assert len(selection.in_window(SCOPED, 0).episodes) == 9


def test_an_outline_is_answered_over_whole_cells():
    tiny = selection.outline(SCOPED, SQUARE, 0)  # ten metres of a cell that holds six children
    assert tiny.cells == 1 and len(tiny.episodes) == 6
    assert selection.outline(SCOPED, np.add(SQUARE, [20_000, 0]), 0).episodes == ()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.floats(399_000, 405_000), st.floats(498_000, 502_000)), min_size=3, max_size=12))
def test_two_outlines_in_the_same_cells_get_the_same_answer(corners):
    corners = np.array(corners)
    cells = selection.touched(corners)
    inside = {tuple(cell) for cell in cells.tolist()}
    place = SCOPED.locations[["easting", "northing"]].to_numpy() // selection.CELL_M
    expected = {ref for ref, at in zip(SCOPED.locations["episode_ref"], place, strict=True) if tuple(at.astype(int)) in inside}
    assert set(selection.outline(SCOPED, corners, 0).episodes) == expected


@pytest.mark.parametrize("corners", [np.empty((0, 2)), SQUARE[:2], np.full((4, 2), np.nan), HUGE])
def test_what_is_no_outline_or_too_large_is_refused(corners):
    with pytest.raises(ParameterError):
        selection.outline(SCOPED, corners, 0)


def test_areas_of_too_few_children_are_not_there():
    rough = locations([(f"c{i}", 400_000, 500_000, i) for i in range(4)] + [("x", 410_000, 500_000, 1), ("y", 410_000, 500_000, 2)],
                      tier="P4", precision_m=3_000.0)
    found = areas.roughly_placed(scope(rough, Parameters(window=WindowScheme.parse("month"))))
    assert found.rows[["easting", "children", "episodes", "radius_m"]].to_numpy().tolist() == [[400_000, 4, 4, 3_000]]


def test_left_out_places_are_counted_by_cell_and_never_at_their_own_spot():
    homes = locations([(f"c{i}", 400_010 + i, 500_020, i) for i in range(3)], own_address=True)
    found = areas.left_out_places(scope(homes, Parameters(window=WindowScheme.parse("month")))).rows
    assert found[["easting", "northing", "children"]].to_numpy().tolist() == [[400_250, 500_250, 3]]
