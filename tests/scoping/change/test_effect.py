"""Before and after an action: what is told, and what is left untold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_data.errors import ParameterError
from scoping.change.effect import PERIOD_US, Place, Tally, displacement, effect, ratio, sentence
from scoping.clustering.points import build

START = 20_000 * 86_400_000_000
HOME = Place("here", np.array([430_000.0]), np.array([560_000.0]))
OTHERS = [Place(f"other {k}", np.array([440_000.0 + 5_000 * k]), np.array([560_000.0])) for k in range(4)]
RING = (430_400.0, 560_000.0)


def world(rates, rng, periods=6):
    """Points from {(easting, northing): (children a period before, after)}, every visit by a child of its own."""
    e, n, t = [], [], []
    for (east, north), (before, after) in rates.items():
        for k in range(-periods, periods):
            visits = rng.poisson(before if k < 0 else after)
            e += [east + 10 * (v % 4) for v in range(visits)]
            n += [north] * visits
            t += (START + k * PERIOD_US + rng.integers(0, PERIOD_US, visits)).tolist()
    return points(e, n, t, range(len(e)))


def points(e, n, t, person):
    count = len(e)
    codes = np.asarray(list(person), dtype=np.int64)
    return build(row=np.arange(count), time=np.array(t, dtype=np.int64), person=codes, episode=np.arange(count),
                 role=np.zeros(count, np.int64), easting=np.array(e, dtype=float), northing=np.array(n, dtype=float))


def measure(found, **dials):
    given_ = {"radius_m": 125.0, "start_us": START, "until_us": START + 6 * PERIOD_US, "since_us": START - 6 * PERIOD_US}
    return effect(found, HOME, OTHERS, **(given_ | dials))


def rates(here=(8, 8), ring=(4, 4), other=(8, 8)):
    return {(430_000.0, 560_000.0): here, RING: ring, **{(o.easting[0], 560_000.0): other for o in OTHERS}}


def test_a_fall_against_places_where_nobody_acted_is_told():
    found = measure(world(rates(here=(10, 3)), np.random.default_rng(1)))
    assert found.verdict == "fell" and found.high < 1 and len(found.controls) == 4
    assert sentence(found).startswith("Lower than before")


def test_a_fall_of_the_whole_area_is_nobodys_success():
    found = measure(world(rates((10, 4), (5, 2), (10, 4)), np.random.default_rng(2)))
    assert found.place.after < 0.6 * found.place.before and found.verdict == "unclear"


def test_under_no_change_the_interval_misses_one_no_more_often_than_it_says():
    rng = np.random.default_rng(3)
    verdicts = [measure(world(rates(), rng)).verdict for _ in range(200)]
    assert sum(v in ("fell", "rose") for v in verdicts) <= 30  # nominal 10 % of 200; 30 is beyond 3.9 standard errors


def test_what_moves_into_the_ring_is_displacement_and_what_falls_there_too_is_diffusion():
    moved = measure(world(rates((12, 4), (4, 12)), np.random.default_rng(4)))
    spread = measure(world(rates((12, 4), (8, 2)), np.random.default_rng(4)))
    assert -1.6 < moved.wdq < -0.5 and "moved nearby" in sentence(moved)
    assert spread.wdq > 0.3 and "fell too" in sentence(spread)


def test_the_quotient_is_that_of_the_paper():
    # (R1/C1 - R0/C0) / (P1/C1 - P0/C0) by hand: (30/200 - 40/200) / (50/200 - 100/200) = 0.2
    assert displacement(Tally(100, 50), Tally(40, 30), Tally(200, 200)) == pytest.approx(0.2)
    assert displacement(Tally(50, 100), Tally(40, 30), Tally(200, 200)) is None


def test_the_interval_is_the_exact_conditional_one_of_r():
    # R 4.2.2: fisher.test(matrix(c(3, 12, 40, 41), 2, byrow = TRUE), conf.level = 0.9)
    rr, low, high = ratio(Tally(before=12, after=3), Tally(before=41, after=40))
    assert (rr, low, high) == pytest.approx((0.25958708, 0.05854106, 0.88729857), rel=5e-4)


def test_too_few_is_an_answer_and_so_is_too_early():
    few = measure(world(rates(here=(0.5, 0.3)), np.random.default_rng(5)))
    assert few.verdict == "too_few" and few.rr is None and "may be chance" in sentence(few)
    early = measure(world(rates(), np.random.default_rng(5)), until_us=START + 2 * PERIOD_US)
    assert early.verdict == "too_early" and early.rr is None
    short = measure(world(rates(), np.random.default_rng(5)), since_us=START - 2 * PERIOD_US)
    assert short.verdict == "too_short"


def test_the_window_that_picked_the_place_does_not_count_as_before():
    rng = np.random.default_rng(6)
    busy = world(rates(), rng)
    peak = world({(430_000.0, 560_000.0): (40, 0)}, rng, periods=1)
    both = points([*busy.site_e[busy.site], *peak.site_e[peak.site]], [*busy.site_n[busy.site], *peak.site_n[peak.site]],
                  [*busy.time, *peak.time], range(len(busy) + len(peak)))
    assert measure(both).verdict == "fell"  # regression to the mean looks like success
    assert measure(both, picked_us=START - PERIOD_US, since_us=START - 7 * PERIOD_US).verdict == "unclear"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_order_of_rows_and_a_childs_repeats_change_nothing(seed):
    rng = np.random.default_rng(seed)
    found = world(rates(), rng)
    e, n, t, who = found.site_e[found.site], found.site_n[found.site], found.time, found.person
    again = np.concatenate((np.arange(len(e)), rng.integers(0, len(e), 30)))
    rng.shuffle(again)
    assert measure(points(e[again], n[again], t[again], who[again])) == measure(found)


def test_without_another_place_the_rest_of_the_area_is_the_control():
    found = effect(world(rates(), np.random.default_rng(7)), HOME, [], radius_m=125.0, start_us=START,
                   until_us=START + 6 * PERIOD_US, since_us=START - 6 * PERIOD_US)
    assert found.controls == () and found.control.before > 0 and "the rest of the area" in sentence(found)


def test_nobody_at_all_is_too_few():
    nobody = points([], [], [], [])
    assert measure(nobody).verdict == "too_few"


def test_impossible_dates_are_refused():
    with pytest.raises(ParameterError):
        measure(world(rates(), np.random.default_rng(8)), picked_us=START + PERIOD_US)


def test_a_place_of_cells_is_the_cells_and_the_ring_lies_around_them():
    cell = Place("cell", np.array([430_250.0]), np.array([560_250.0]), square=True)
    edge = cell.distance(np.array([430_499.0, 430_501.0, 430_000.0]), np.array([560_499.0, 560_000.0, 560_000.0]))
    assert (edge <= 250).tolist() == [True, False, True]  # a corner belongs to its cell, as on the map
    assert measure(world(rates((10, 3)), np.random.default_rng(1))).verdict == "fell"
