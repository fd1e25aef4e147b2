"""SaTScan v9.4.4's own listings: prospective space-time permutation, study period 0 to 1000, half of cases and period at most."""

import numpy as np
import pandas as pd
import pytest

from scoping.change.permutation_scan import Search, scan
from tests.published.beside import same
from tests.shared_data import shared

LENGTHS = tuple(range(1, 501))  # half of the 1,001 units of the period


def cases(name):
    held = pd.read_csv(shared("published", "satscan", f"{name}.cas"), sep=r"\s+", header=None, names=["id", "count", "time"])
    place = pd.read_csv(shared("published", "satscan", f"{name}.geo"), sep=r"\s+", header=None, names=["id", "x", "y"])
    place = place.set_index("id")
    held = held.loc[held.index.repeat(held["count"])]
    x, y = place.loc[held["id"], ["x", "y"]].to_numpy().T
    return x, y, 1000 - held["time"].to_numpy(), place


@pytest.mark.parametrize(("name", "radius", "listed"), [
    ("satscan_test1", np.inf, [(3, 0.42, 3.352053, 20.0, 993, {23, 6, 16}), (4, 0.96, 2.715606, 0.0, 962, {10})]),
    ("satscan_test3", 50.0, [(10, 5.46, 1.622161, 20.0, 930, {21, 6, 22, 11})]),
])
def test_the_clusters_are_those_of_the_listing(name, radius, listed):
    x, y, age, place = cases(name)
    found = scan(x, y, age, Search(LENGTHS, radius, runs=0))
    ids = {(row.x, row.y): number for number, row in place.iterrows()}
    for k, (count, expected, ratio, reach, start, members) in enumerate(listed):
        ours = found.cylinders.iloc[k]
        same(f"{name} cluster {k + 1}: cases", count, ours["cases"])
        same(f"{name} cluster {k + 1}: expected", expected, ours["expected"], 0.005)
        same(f"{name} cluster {k + 1}: log likelihood ratio", ratio, ours["ratio"], 5e-7)
        same(f"{name} cluster {k + 1}: radius", reach, ours["radius"], 0.005)
        same(f"{name} cluster {k + 1}: first unit of time", start, 1000 - ours["length"] + 1)
        sites = found.sites[k]
        assert {ids[found.site_x[s], found.site_y[s]] for s in sites} == members


@pytest.mark.parametrize(("name", "radius", "listed"), [("satscan_test1", np.inf, 0.202), ("satscan_test3", 50.0, 1.0)])
def test_the_p_values_are_of_the_listing_s_size(name, radius, listed):
    """SaTScan stopped after 248 and 50 replications, so its p-values are rough: 50 of 248 has a standard error of .03."""
    x, y, age, _ = cases(name)
    p = scan(x, y, age, Search(LENGTHS, radius, runs=199)).cylinders["p"].iloc[0]
    same(f"{name}: p (theirs rough)", listed, p, 0.15)
