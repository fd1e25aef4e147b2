"""Laws of the backtest: equal area, no look ahead, and figures that follow from their definitions."""

import numpy as np
import pytest

from geo_data.errors import InputError
from scoping.change.backtest import COLUMNS, Records, backtest


def records(periods=16, seed=1, drift=False):
    """Three steady places and a scatter; with `drift` the places move away before the last four periods."""
    chance = np.random.default_rng(seed)
    parts = []
    for period in range(periods):
        shift = 5_000 if drift and period >= periods - 4 else 0
        for k in range(3):
            spot = 402_000 + 4_000 * k + shift
            parts.append(np.column_stack([chance.normal(spot, 60, (20, 2)), np.full(20, period)]))
        parts.append(np.column_stack([chance.uniform(400_000, 420_000, (30, 2)), np.full(30, period)]))
    rows = np.concatenate(parts)
    return Records(rows[:, 0], rows[:, 1], rows[:, 2].astype(np.int64), np.arange(len(rows)))


def test_methods_are_compared_at_equal_area_and_steady_places_are_hit():
    table = backtest(records())
    assert tuple(table.columns) == COLUMNS
    assert (table.groupby("months")["area_km2"].nunique() == 1).all()
    assert set(table["method"]) == {"clusters", "KDE", "plain count"} and (table["origins"] == 4).all()
    clusters = table[table["method"] == "clusters"]
    assert (clusters["hit_rate"] > 0.5).all() and (clusters["pai"] > 5).all()
    for name in ("hit_rate", "pai", "pei", "rri"):
        assert ((table[f"{name}_low"] < table[name]) & (table[name] < table[f"{name}_high"])).all()
    assert table["pei"].between(0, 1).all() and table["rri"].between(0.7, 1.1).all()


def test_one_origin_has_an_interval_of_its_records_and_four_a_narrower_one():
    one, four = backtest(records(periods=13)), backtest(records())
    wide, narrow = ((table["hit_rate_high"] - table["hit_rate_low"]).mean() for table in (one, four))
    # 90 records an origin, about two thirds hit: binomial
    assert (one["origins"] == 1).all() and wide == pytest.approx(2 * 1.96 * np.sqrt(2 / 9 / 90), rel=0.2)
    assert narrow < wide


def test_what_moves_away_is_missed():
    still, moved = backtest(records()), backtest(records(drift=True))
    assert moved.set_index(["months", "method"]).loc[(12, "plain count"), "hit_rate"] < still.set_index(
        ["months", "method"]).loc[(12, "plain count"), "hit_rate"] - 0.1


def test_the_last_period_changes_no_earlier_origin():
    held = records()
    fewer = held.period < 15
    cut = Records(held.easting[fewer], held.northing[fewer], held.period[fewer], held.child[fewer])
    told = []
    first = backtest(held, progress=lambda done, total: told.append(done) or done < 3)
    assert told == [1, 2, 3]
    assert first["origins"].tolist() == backtest(cut)["origins"].tolist()
    assert first["hit_rate"].to_numpy() == pytest.approx(backtest(cut)["hit_rate"].to_numpy(), abs=0.02)


def test_too_few_periods():
    with pytest.raises(InputError, match="at least 13 periods"):
        backtest(records(periods=12))
    none = np.empty(0)
    with pytest.raises(InputError):
        backtest(Records(none, none, np.empty(0, np.int64), np.empty(0, np.int64)))


def test_an_origin_without_records_in_the_look_back_has_no_ratio_and_the_others_keep_theirs():
    """A place of ten children in periods 2 and 13 alone, beside one of three in each: its squares are the densest at first."""
    burst = [(period, 5_000 + 2 * i) for period in (2, 13) for i in range(10)]
    steady = [(period, 1_000 + 2 * i) for period in range(15) for i in range(3)]
    period, x = np.array(burst + steady).T
    found = Records(400_000.0 + x, np.full(len(x), 300_000.0), period, np.arange(len(x)))
    table = backtest(found, least=2).set_index(["months", "method"])
    told = table.loc[(1, "plain count")]
    assert table.loc[(1, "clusters"), "rri"] > 0 and told["rri_low"] <= told["rri"] <= told["rri_high"]
