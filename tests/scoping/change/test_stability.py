import numpy as np
import pandas as pd
import pytest

from scoping.change.stability import DOUBTFUL, STABLE, stability
from scoping.parameters import Parameters
from scoping.scope import scope
from tests.scoping.change.test_ledger import world
from tests.scoping.worlds import Story

E, N = 430_000.0, 560_000.0


def told(frame, window=0, runs=60, seed=1, **dials):
    return stability(scope(frame, Parameters(**dials)), window, runs=runs, seed=seed)


def test_a_dense_place_is_stable_and_a_chain_is_doubtful():
    dense = Story().visits(0, E, N, 30).background(2).frame()
    assert told(dense)["jaccard"].item() > 0.98
    story = Story()
    for k in range(12):  # a string of lone children 230 m apart: any gap breaks it
        story.visits(0, E + 230 * k, N, 1)
    assert told(story.background(2).frame(), min_children=3)["jaccard"].item() < DOUBTFUL < STABLE


def test_five_children_are_less_sure_than_thirty():
    few = Story().visits(0, E, N, 5).background(2).frame()
    assert told(few)["jaccard"].item() < told(Story().visits(0, E, N, 30).background(2).frame())["jaccard"].item()


def test_the_order_of_rows_changes_nothing_and_the_seed_decides():
    frame = world(months=3)
    first, again, other = told(frame), told(frame.sample(frac=1, random_state=4)), told(frame, seed=2)
    pd.testing.assert_frame_equal(*(table.sort_values("hotspot_id", ignore_index=True) for table in (first, again)))
    assert not first["jaccard"].equals(other["jaccard"])
    assert first["jaccard"].between(0, 1).all() and len(first) > 5


def test_it_can_be_stopped_and_one_child_or_an_empty_window_is_no_error():
    frame = Story().visits(0, E, N, 9).background(2).frame()
    scoped = scope(frame, Parameters())
    assert stability(scoped, 0, runs=9, progress=lambda done, runs: done < 3)["runs"].tolist() == [3]
    assert stability(scoped, 1, runs=3).empty
    gap = frame[frame["at"].dt.month != 2]
    assert stability(scope(gap, Parameters()), 0, runs=2)["jaccard"].notna().all()


def test_a_child_with_many_records_counts_once():
    frame = Story().visits(0, E, N, 9).background(2).frame()
    busy = frame.head(1)
    many = pd.concat([frame, *(busy.assign(episode_ref=f"B{k}", location_id=f"B{k}:found") for k in range(20))], ignore_index=True)
    assert told(many)["jaccard"].item() == pytest.approx(told(frame)["jaccard"].item(), abs=0.1)
    assert np.isfinite(told(many)["jaccard"]).all()
