"""Benjamini and Hochberg's adjustment is SciPy's, number for number."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from scoping.change.false_discovery import adjusted


@pytest.mark.parametrize("many", [0, 1, 2, 7, 500])
def test_it_is_scipys(many):
    chance = np.random.default_rng(many)
    for p in (chance.random(many), chance.random(many) ** 6, np.round(chance.random(many), 1), np.zeros(many), np.ones(many)):
        np.testing.assert_array_equal(adjusted(p), false_discovery_control(p, method="bh"))


def test_q_is_never_below_p_and_keeps_its_order():
    p = np.random.default_rng(3).random(200) ** 3
    q = adjusted(p)
    assert (q >= p).all() and (q <= 1).all()
    assert (np.diff(q[np.argsort(p)]) >= 0).all()
