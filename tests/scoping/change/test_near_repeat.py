"""Laws of the near-repeat table and tests."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import InputError, ParameterError
from scoping.change import near_repeat
from scoping.change.near_repeat import table

EVENT = st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(0, 40), st.integers(0, 6))
EVENTS = st.lists(EVENT, min_size=2, max_size=40)


def brute(x, y, day, child, distances, days, manhattan):
    counts = np.zeros((len(distances) + 1, len(days) + 1), int)
    for i in range(len(x)):
        for j in range(i):
            if child[i] != child[j]:
                dx, dy = x[i] - x[j], y[i] - y[j]
                apart = abs(dx) + abs(dy) if manhattan else np.hypot(dx, dy)
                row = sum(apart >= edge for edge in distances)
                counts[row, sum(abs(day[i] - day[j]) >= edge for edge in days)] += 1
    return counts


@settings(max_examples=60, deadline=None)
@given(EVENTS, st.booleans())
def test_every_pair_of_different_children_is_in_one_half_open_cell(events, manhattan):
    x, y, day, child = (np.array(column) for column in zip(*events, strict=True))
    x, y, day = x.astype(float), y.astype(float), day.astype(float)
    found = table(x, y, day, child=child, distances=(1, 100, 200), days=(7, 14), manhattan=manhattan, runs=3)
    assert found.observed.tolist() == brute(x, y, day, child, (1, 100, 200), (7, 14), manhattan).tolist()
    # dealing the dates moves no pair in space
    assert found.expected.sum(axis=1) == pytest.approx(found.observed.sum(axis=1))


def spread(seed=1, planted=0):
    chance = np.random.default_rng(seed)
    x, y = chance.uniform(0, 8_000, (2, 400))
    day = chance.integers(0, 200, 400).astype(float)
    for k in range(planted):  # a second event of another child, near and soon
        x, y, day = np.append(x, x[k] + 60), np.append(y, y[k]), np.append(day, day[k] + 2)
    return x, y, day


def test_what_is_planted_is_found_and_nothing_else():
    found = table(*spread(planted=25), runs=199)
    assert found.p[1, 0] == 0.005 and found.ratio[1, 0] > 3
    assert found.p[3, 1] > 0.01
    assert table(*spread(), runs=199).p[1, 0] > 0.01


def test_one_child_s_returns_are_no_near_repeat():
    x, y, day = spread(planted=25)
    child = np.append(np.arange(400), np.arange(25))
    assert table(x, y, day, child=child, runs=199).p[1, 0] > 0.01


def test_permutations_agree_with_the_expectation_in_closed_form():
    x, y, day = spread()
    found, closed = table(x, y, day, distances=(400,), days=(14,), runs=400), near_repeat.knox(x, y, day, 400, 13, runs=99)
    assert found.expected[0, 0] == pytest.approx(closed.expected, rel=0.03)
    assert near_repeat.jacquez(x, y, day, 3, runs=19).p > 0.05
    assert near_repeat.mantel(x, y, day, runs=19).p > 0.05


def test_the_caller_s_dates_are_left_as_they_were():
    x, y, day = spread()
    before = day.copy()
    near_repeat.knox(x, y, day, 200, 7, runs=9)
    table(x, y, day, runs=9)
    assert np.array_equal(day, before)


def test_bad_dials_and_too_many_pairs(monkeypatch):
    for wrong in ({"distances": ()}, {"distances": (100, 100)}, {"days": (0, 7)}):
        with pytest.raises(ParameterError):
            table(*spread(), **wrong)
    with pytest.raises(ParameterError):
        near_repeat.jacquez(*spread(), 0)
    monkeypatch.setattr(near_repeat, "MAX_PAIRS", 10)
    with pytest.raises(InputError):
        table(*spread())
    with pytest.raises(InputError):
        near_repeat.mantel(*spread())


def test_no_events_and_one():
    for count in (0, 1):
        none = np.zeros(count)
        assert table(none, none, none, child=none.astype(int), runs=2).observed.sum() == 0
