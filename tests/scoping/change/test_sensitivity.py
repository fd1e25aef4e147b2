from datetime import date

import pandas as pd

from scoping.change.sensitivity import sensitivity
from scoping.parameters import Parameters
from scoping.scope import scope
from tests.scoping.change.test_ledger import world
from tests.scoping.worlds import Story

E, N = 430_000.0, 560_000.0


def test_the_chosen_setting_stands_in_the_grid_as_it_is():
    scoped = scope(world(months=3), Parameters())
    grid, hotspots = sensitivity(scoped, 1)
    here = grid[(grid["eps_m"] == 250) & (grid["min_children"] == 5)]
    count = ((scoped.ledger["window"] == 1) & (scoped.ledger["cluster"] >= 0)).sum()
    assert here["hotspots"].item() == here["kept"].item() == count > 3
    assert len(grid) == 25 and hotspots["settings"].eq(25).all() and hotspots["kept"].between(1, 25).all()
    assert (grid.groupby("eps_m")["children"].diff().dropna() <= 0).all()  # a higher bar never holds more children


def test_a_place_that_needs_the_setting_is_told_from_one_that_does_not():
    story = Story().visits(0, E, N, 20)
    for k in range(5):
        story.visits(0, E + 9_000 + 240 * k, N, 2)  # five pairs in a row: together only at 250 m and up
    scoped = scope(story.background(2).frame(), Parameters())
    _, hotspots = sensitivity(scoped, 0)
    kept = hotspots.set_index("hotspot_id")["kept"].sort_values()
    assert kept.iloc[1] == 25 and kept.iloc[0] < 15


def test_what_is_too_coarse_for_a_smaller_eps_is_out_of_it():
    frame = Story().visits(0, E, N, 9).background(2).frame().assign(precision_m=200.0)
    grid, _ = sensitivity(scope(frame, Parameters()), 0)
    assert grid.loc[grid["eps_m"] < 200, "entered"].eq(0).all() and grid.loc[grid["eps_m"] >= 250, "entered"].gt(0).all()


def test_what_is_past_its_review_date_stays_out_at_every_eps():
    frame = Story().visits(0, E, N, 9).background(2).frame().assign(precision_m=300.0, review_by=pd.Timestamp("2025-01-01"))
    grid, _ = sensitivity(scope(frame, Parameters(eps_m=250.0), today=date(2026, 1, 1)), 0)
    assert grid["eps_m"].max() > 300 and grid["entered"].eq(0).all()


def test_an_empty_window_has_an_empty_grid():
    frame = Story().visits(0, E, N, 9).background(2).frame()
    grid, hotspots = sensitivity(scope(frame, Parameters()), 1)
    assert grid["hotspots"].eq(0).all() and hotspots.empty and isinstance(grid, pd.DataFrame)
