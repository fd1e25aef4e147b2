"""Counts on the fixed grid, Gi* against esda, and exact tails that stay quiet when nothing goes on."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoping.change.grid import CELL_M, Q, gi_star, grid, neighbourhoods, study_area, tails
from scoping.parameters import Parameters, WindowScheme
from tests.scoping.worlds import locations

MONTHS = Parameters(window=WindowScheme("month"))


def block(side):
    return np.array([(a, b) for a in range(side) for b in range(side)]) * CELL_M


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 6), st.integers(-3, 6)), min_size=2, max_size=30, unique=True), st.integers(0, 999))
def test_gi_star_is_the_formula(squares, seed):
    cells = np.array(sorted(squares)) * CELL_M
    near = neighbourhoods(cells)
    x = np.random.default_rng(seed).poisson(2, len(cells)).astype(float)
    weight = (np.abs(cells[:, None] - cells[None]).max(axis=2) <= CELL_M).astype(float)
    assert np.array_equal(near.toarray(), weight)
    n, spread = len(x), np.sqrt((x**2).mean() - x.mean() ** 2)
    for i, z in enumerate(gi_star(x[None], near)[0]):
        below = spread * np.sqrt(max(n * (weight[i] ** 2).sum() - weight[i].sum() ** 2, 0) / (n - 1))
        if below > 1e-9:
            assert z == pytest.approx((weight[i] @ x - x.mean() * weight[i].sum()) / below, abs=1e-9)
        else:
            assert np.isnan(z) or below > 0


@pytest.mark.filterwarnings("ignore")
def test_gi_star_equals_esda():
    esda = pytest.importorskip("esda", reason="esda is not installed: pip install esda")
    from libpysal.weights import W

    cells, chance = block(12), np.random.default_rng(3)
    near = neighbourhoods(cells)
    x = chance.poisson(3, len(cells))
    others = {i: [int(j) for j in near.indices[near.indptr[i]:near.indptr[i + 1]]] for i in range(len(cells))}
    theirs = esda.G_Local(x.astype(float), W(others, silence_warnings=True), transform="B", star=None, permutations=0)
    assert np.abs(gi_star(x[None], near)[0] - theirs.Zs).max() < 1e-12


@pytest.mark.parametrize("events", [80, 450, 2_000])
def test_nothing_is_hot_when_nothing_goes_on(events):
    """METHODS of others give a hot square in 85 % of such maps of 80 events; the exact tail in 5 % at most."""
    cells = block(37)  # 1,369 squares
    near, chance = neighbourhoods(cells), np.random.default_rng(events)
    counts = np.stack([np.bincount(chance.integers(0, len(cells), events), minlength=len(cells)) for _ in range(200)])
    high, low = tails(counts, near)
    assert (high.min(axis=1) <= Q).mean() <= 0.08
    assert (low.min(axis=1) <= Q).mean() <= 0.08


def test_a_crowded_square_is_hot_and_its_child_counts_once():
    chance = np.random.default_rng(1)
    e, n = chance.uniform(400_000, 420_000, (2, 300))
    at = pd.date_range("2024-01-01", "2024-12-30", periods=300, tz="UTC")
    crowd = pd.to_datetime(["2024-06-10 12:00"] * 15, utc=True)
    frame = locations(np.append(e, np.full(15, 410_100.0)), np.append(n, np.full(15, 410_100.0)), at.append(crowd),
                      [*range(300), *(1_000 + k for k in range(15))])
    found = grid(frame, MONTHS)
    june = found.windows.labels.index("Jun 2024")
    square = np.flatnonzero((found.cells == (410_000, 410_000)).all(axis=1))[0]
    assert found.hot[june, square] and found.children[june, square] == 15 and found.z[june, square] > 3
    assert not found.hot[june + 2].any()
    frame.loc[300:, "person_ref"] = "ONE"
    alone = grid(frame, MONTHS)
    assert alone.children[june, square] == 1 and alone.top_share[june, square] == 1 and not alone.hot[june].any()
    pd.testing.assert_frame_equal(pd.DataFrame(grid(frame.sample(frac=1, random_state=1), MONTHS).children),
                                  pd.DataFrame(alone.children))


def test_windows_without_data_and_empty_collections():
    frame = locations(np.full(4, 400_100.0), np.full(4, 400_100.0),
                      pd.to_datetime(["2024-01-05", "2024-01-20", "2024-03-31", "2024-03-02"], utc=True), range(4))
    found = grid(frame, MONTHS)
    assert found.measured.tolist() == [True, False, True] and len(found.cells) == 9
    empty = grid(frame.iloc[:0], MONTHS)
    assert empty.children.shape == (0, 0) and empty.hot.shape == (0, 0)
    assert len(study_area(np.empty((0, 2)))) == 0
