"""Laws of the scan statistic on plain arrays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoping.change.permutation_scan import Search, p_value, scan


def brute(x, y, age, lengths, radius, least, share=0.5):
    """Every circle and length in turn, as the definition says."""
    total, best = len(x), 0.0
    for cx, cy in set(zip(x, y, strict=True)):
        apart = (x - cx) ** 2 + (y - cy) ** 2
        places = sorted({(d, a, b) for d, a, b in zip(apart, x, y, strict=True) if d <= radius**2})
        inside = np.zeros(total, dtype=bool)
        for _, a, b in places:
            inside |= (x == a) & (y == b)
            if inside.sum() > share * total:
                break
            for length in lengths:
                recent = age < length
                c, mu = int((inside & recent).sum()), inside.sum() * recent.sum() / total
                if c >= least and c > mu:
                    rest = (total - c) * np.log((total - c) / (total - mu)) if c < total else 0.0
                    best = max(best, c * np.log(c / mu) + rest)
    return best


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 60)), min_size=2, max_size=40),
       st.sampled_from([0.5, 1.0, 1.5, np.inf]), st.integers(1, 3))
def test_the_statistic_is_the_definition_s(cases, radius, least):
    x, y, age = (np.array(column) for column in zip(*cases, strict=True))
    found = scan(x.astype(float), y.astype(float), age, Search((7, 14, 28), radius, least=least, runs=0))
    ours = found.cylinders["ratio"].iloc[0] if len(found.cylinders) else 0.0
    assert ours == pytest.approx(brute(x, y, age, (7, 14, 28), radius, least), abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1.0, 2.5, np.inf]))
def test_a_permutation_s_maximum_is_that_of_the_permuted_cases(seed, radius):
    """With as many runs as needed, every maximum is one that some dealing of the dates gives: the loops agree."""
    chance = np.random.default_rng(seed)
    x, y = chance.integers(0, 4, (2, 6)).astype(float)
    age = np.array([0, 3, 9, 40, 50, 60])
    found = scan(x, y, age, Search((7, 14), radius, least=1, runs=40), seed=seed)
    from itertools import permutations

    alike = [0, 0, 9, 40, 40, 40]  # to lengths of 7 and 14 days: 60 dealings differ, of 720
    possible = {round(brute(x, y, np.array(dealt), (7, 14), radius, 1), 7) for dealt in set(permutations(alike))}
    assert {round(value, 7) for value in found.maxima} <= possible


def cloud(count=400, seed=1):
    chance = np.random.default_rng(seed)
    return chance.uniform(0, 10_000, count).round(), chance.uniform(0, 10_000, count).round(), chance.integers(0, 365, count)


SEARCH = Search((7, 14, 21, 28), 1_000.0, least=3, runs=99)


def test_row_order_translation_and_seed():
    x, y, age = cloud()
    shuffled = np.random.default_rng(2).permutation(len(x))
    once, again = scan(x, y, age, SEARCH, seed=5), scan(x[shuffled], y[shuffled], age[shuffled], SEARCH, seed=5)
    assert once.cylinders["ratio"].tolist() == pytest.approx(again.cylinders["ratio"].tolist())
    moved = scan(x + 300_000, y + 400_000, age, SEARCH, seed=5)
    assert moved.cylinders["ratio"].tolist() == pytest.approx(once.cylinders["ratio"].tolist())
    assert np.array_equal(scan(x, y, age, SEARCH, seed=5).maxima, once.maxima)
    assert not np.array_equal(scan(x, y, age, SEARCH, seed=6).maxima, once.maxima)


def test_a_planted_place_is_found_where_and_when_it_is():
    x, y, age = cloud()
    px, py = np.full(8, 5_000.0), np.arange(8) * 30.0 + 5_000
    found = scan(np.append(x, px), np.append(y, py), np.append(age, np.arange(8)), SEARCH)
    best = found.cylinders.iloc[0]
    assert best["p"] == 0.01 and abs(best["x"] - 5_000) < 300 and abs(best["y"] - 5_100) < 400
    assert best["length"] in (7, 14) and best["cases"] >= 7


def test_one_child_s_burst_counts_once_and_in_the_permutations_too():
    x, y, age = cloud()
    x, y, age = np.append(x, np.full(8, 5_000.0)), np.append(y, np.arange(8) * 30.0 + 5_000), np.append(age, np.arange(8))
    child = np.append(np.arange(400), np.full(8, 400))
    burst = scan(x, y, age, SEARCH, child=child)
    assert burst.cylinders["ratio"].iloc[0] < scan(x, y, age, SEARCH).cylinders["ratio"].iloc[0] - 5
    assert burst.cylinders["p"].iloc[0] > 0.05
    everyone = scan(x, y, age, Search((7, 14, 21, 28), 1_000.0, least=2, runs=9), child=np.zeros(len(x), np.int64))
    assert everyone.cylinders.empty  # one child is never two


def test_a_jump_of_one_stratum_is_no_cluster():
    """Ten times the records everywhere in one half of the map in the last fortnight."""
    chance = np.random.default_rng(3)
    x, y, age = cloud(600, seed=4)
    more = 240
    x, y = np.append(x, chance.uniform(0, 3_000, more)), np.append(y, chance.uniform(0, 10_000, more))
    age = np.append(age, chance.integers(0, 14, more))
    agency = (x < 3_000).astype(np.int64)
    assert scan(x, y, age, SEARCH).cylinders["p"].iloc[0] < 0.05
    assert scan(x, y, age, SEARCH, strata=agency).cylinders["p"].iloc[0] > 0.05


def test_zones_hold_half_of_the_cases_at_most_and_share_no_site():
    x, y, age = cloud()
    found = scan(x, y, age, Search((28,), np.inf, least=1, runs=0))
    every = np.concatenate(found.sites)
    assert len(every) == len(set(every))
    assert all(np.isin(found.site, sites).sum() <= 200 for sites in found.sites)


def test_nothing_to_find():
    none = np.empty(0)
    assert scan(none, none, np.empty(0, np.int64), SEARCH).cylinders.empty
    same = np.zeros(50)
    assert scan(same, same, np.arange(50), SEARCH).cylinders.empty  # all at one place
    x, y, _ = cloud(50)
    assert scan(x, y, np.full(50, 200), SEARCH).cylinders.empty  # nothing recent
    assert scan(x, y, np.full(50, 2), SEARCH).cylinders.empty  # everything recent: nothing is unexpected


def test_p_counts_the_data_and_ties():
    assert p_value(2.0, np.array([1.0, 2.0 - 1e-12, 3.0])) == 0.75
    assert np.isnan(p_value(2.0, np.empty(0)))
