import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, binomtest

from scoping.change.known_places import adjusted, baseline, mid_p, rate_ratio
from scoping.parameters import WindowScheme
from scoping.windows import make


def test_the_interval_is_clopper_pearson_of_the_conditional_binomial():
    for c, b, n_c, n_b in [(8, 20, 100, 1_000), (1, 3, 50, 40), (30, 5, 200, 900)]:
        rr, low, high = rate_ratio(*(np.array([k]) for k in (c, b, n_c, n_b)))
        p = binomtest(c, c + b).proportion_ci(0.90, method="exact")
        assert rr[0] == pytest.approx((c / n_c) / (b / n_b))
        assert low[0] == pytest.approx(p.low / (1 - p.low) * n_b / n_c)
        assert high[0] == pytest.approx(p.high / (1 - p.high) * n_b / n_c)


def test_nothing_before_or_nothing_now_leaves_one_side_open():
    rr, low, high = rate_ratio(np.array([5, 0, 0]), np.array([0, 5, 0]), np.array([9, 9, 9]), np.array([90, 90, 90]))
    assert (np.isinf(rr[0]), np.isinf(high[0]), low[0] > 1) == (True, True, True)
    assert (rr[1], low[1], 0 < high[1] < np.inf) == (0, 0, True)
    assert np.isnan([rr[2], low[2], high[2]]).all()


def test_the_interval_holds_a_true_ratio_of_one_at_least_nine_times_in_ten():
    for n, p in [(8, 1 / 13), (20, 1 / 13), (60, 1 / 5)]:
        c = np.arange(n + 1)
        n_c, n_b = np.full(n + 1, 1_000), np.full(n + 1, round(1_000 * (1 - p) / p))
        _, low, high = rate_ratio(c, n - c, n_c, n_b)
        true = 1_000 / (1_000 + n_b[0])
        assert binom.pmf(c, n, true)[(low > 1) | (high < 1)].sum() <= 0.10


@pytest.mark.parametrize(("text", "test", "expected"), [
    ("month", 13, list(range(12, 0, -1))),
    ("month", 5, []),  # five months are less than half a year
    ("days:28", 14, list(range(13, 0, -1))),
    ("rolling:91d:7d", 60, [47, 34, 21, 8]),  # each ends where the next begins
    ("rolling:91d:28d", 16, [12, 8, 4]),
])
def test_the_baseline_is_up_to_a_year_of_windows_that_do_not_overlap(text, test, expected):
    windows = make(WindowScheme.parse(text), pd.Timestamp("2023-01-02", tz="UTC"), pd.Timestamp("2025-01-01", tz="UTC"))
    assert baseline(windows, test, np.zeros(len(windows), dtype=bool)) == expected


def test_windows_without_data_are_passed_over():
    windows = make(WindowScheme("month"), pd.Timestamp("2023-01-02", tz="UTC"), pd.Timestamp("2025-01-01", tz="UTC"))
    skip = np.zeros(len(windows), dtype=bool)
    skip[10] = True
    assert baseline(windows, 12, skip) == [11, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(("c", "b", "n_c", "n_b"), [(8, 20, 100, 1_000), (1, 3, 50, 40), (30, 5, 200, 900), (0, 9, 10, 90),
                                                    (4, 0, 10, 90)])
def test_mid_p_is_half_the_probability_of_what_was_seen_and_all_beyond(c, b, n_c, n_b):
    rise, fall = mid_p(*(np.array([k]) for k in (c, b, n_c, n_b)))
    law = binom(c + b, n_c / (n_c + n_b))
    assert rise[0] == pytest.approx(law.sf(c) + law.pmf(c) / 2)
    assert fall[0] == pytest.approx(law.cdf(c - 1) + law.pmf(c) / 2)


def test_mid_p_is_missing_where_there_is_nothing_to_compare():
    rise, fall = mid_p(np.array([0, 3]), np.array([0, 3]), np.array([9, 9]), np.array([90, 0]))
    assert np.isnan(rise).all() and np.isnan(fall).all()


def test_the_size_of_the_doubled_mid_p_is_near_its_level():
    n, p = 40, 1 / 13
    c = np.arange(n + 1)
    rise, fall = mid_p(c, n - c, np.full(n + 1, 100), np.full(n + 1, 1_200))
    assert 0.02 < binom.pmf(c, n, p)[2 * np.minimum(rise, fall) <= 0.10].sum() < 0.13


def test_each_window_is_a_family_of_its_own_and_the_untested_are_in_none():
    p = np.array([0.01, 0.02, np.nan, 0.04, 0.9])
    q = adjusted(p, np.array([0, 0, 0, 1, 1]))
    assert q[[0, 1, 3, 4]] == pytest.approx([0.02, 0.02, 0.08, 0.9])
    assert np.isnan(q[2])
