"""What is used again gives the same answer as what is worked out anew."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import InputError, ParameterError
from scoping.clustering import solving
from scoping.clustering.clusters import cluster
from scoping.clustering.explorer import Explorer
from scoping.clustering.points import take
from scoping.clustering.solving import Stopped
from scoping.parameters import Parameters, WindowScheme
from scoping.scope import labels_frame, scope
from scoping.windows import make
from tests.scoping.worlds import locations

DIALS = st.builds(Parameters, eps_m=st.sampled_from([50.0, 150.0, 250.0]), min_children=st.integers(2, 5),
                  count=st.sampled_from(["children", "episodes"]),
                  window=st.sampled_from([WindowScheme.parse(text) for text in ("month", "rolling:28d:7d", "rolling:14d:7d")]))


def crowd(count: int = 400, seed: int = 1) -> pd.DataFrame:
    """A few busy places over half a year, two roles, a child here and there again; rows in no order of time."""
    chance = np.random.default_rng(seed)
    at = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(chance.integers(0, 180 * 24, count), unit="h")
    return locations(chance.integers(0, 20, count) * 50.0, chance.integers(0, 20, count) * 50.0, at, chance.integers(0, 90, count),
                     role=chance.choice(["found", "pickup"], count), strand=chance.choice(["home", "care"], count))


def spans_of(frame, told):
    return make(told.window, frame["at"].min(), frame["at"].max(), told.start, told.end)


def same(one, other):
    pd.testing.assert_frame_equal(one.members, other.members)
    pd.testing.assert_frame_equal(one.summary, other.summary)


@settings(max_examples=25, derandomize=True, deadline=None)
@given(st.lists(st.tuples(DIALS, st.sampled_from(["found", "pickup", "both"])), min_size=1, max_size=6),
       st.sampled_from([0, 1, 256]))
def test_turning_dials_gives_what_a_first_answer_gives(turns, budget):
    frame = crowd()
    explorer = Explorer(frame, budget)
    for told, role in turns:
        keep = np.ones(len(frame), dtype=bool) if role == "both" else (frame["role"] == role).to_numpy()
        found = explorer.clusters(explorer.points(keep), spans_of(frame, told), told)
        same(found, cluster(take(frame, keep), spans_of(frame, told), told))
        assert explorer.held_mb <= budget


def test_windows_that_are_known_are_not_solved_again(monkeypatch):
    frame = crowd()
    explorer = Explorer(frame)
    points = explorer.points(np.ones(len(frame), dtype=bool))
    solved, real = [], solving.solve
    monkeypatch.setattr("scoping.clustering.solving.solve",
                        lambda points, low, *more: solved.append(len(low)) or real(points, low, *more))
    told = Parameters(min_children=3)
    all_months = spans_of(frame, told)
    whole = explorer.clusters(points, all_months, told)
    assert explorer.clusters(points, all_months, told) is whole
    later = Parameters(min_children=3, start=pd.Timestamp("2025-03-01").date())
    same(explorer.clusters(points, spans_of(frame, later), later), cluster(points, spans_of(frame, later), later))
    explorer.clusters(points, all_months, Parameters(min_children=4))
    assert solved == [len(all_months), len(spans_of(frame, later)), len(all_months)]  # the second is the test's own


def test_stopping_leaves_nothing_half_done():
    frame, told = crowd(), Parameters(min_children=3)
    explorer = Explorer(frame)
    points, spans = explorer.points(np.ones(len(frame), dtype=bool)), spans_of(frame, told)
    with pytest.raises(Stopped):
        explorer.clusters(points, spans, told, stop=lambda: True)
    assert explorer.held_mb == 0
    same(explorer.clusters(points, spans, told), cluster(take(frame, np.ones(400, dtype=bool)), spans, told))


def test_a_row_without_a_place_is_refused_and_a_budget_below_zero():
    frame = locations([0.0, np.nan], [0.0, 0.0], ["2025-03-03"] * 2, ["a", "b"])
    explorer = Explorer(frame)
    assert len(explorer.points(np.array([True, False]))) == 1
    with pytest.raises(InputError):
        explorer.points(np.ones(2, dtype=bool))
    with pytest.raises(ParameterError):
        Explorer(frame, -1)


def test_the_whole_method_says_the_same_with_an_explorer():
    frame = crowd(900)
    explorer = Explorer(frame)
    days = WindowScheme.parse("rolling:91d:28d")
    for told in (Parameters(min_children=3), Parameters(min_children=3, roles=("pickup",)), Parameters(min_children=3, window=days),
                 Parameters(min_children=4, roles=("found", "pickup")), Parameters(min_children=3, strands=("care",), eps_m=60.0),
                 Parameters(min_children=3, start=date(2025, 3, 1), keep_left_out=True), Parameters(min_children=3)):
        plain, again = scope(frame, told), scope(frame, told, explorer=explorer)
        pd.testing.assert_frame_equal(plain.ledger, again.ledger)
        pd.testing.assert_frame_equal(labels_frame(plain), labels_frame(again))
        pd.testing.assert_series_equal(plain.left_out, again.left_out)
        for one, other in zip(vars(plain.coverage).values(), vars(again.coverage).values(), strict=True):
            pd.testing.assert_frame_equal(one, other)
