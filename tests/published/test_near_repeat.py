"""Chicago burglary against the Near Repeat Calculator 1.3; Burkitt's lymphoma against PySAL and R's surveillance."""

import numpy as np
import pandas as pd
import pytest

from scoping.change import near_repeat
from tests.published.beside import same
from tests.shared_data import shared

CHICAGO = [[28, 5, 5, 2], [44, 13, 8, 4], [97, 56, 19, 16], [77, 67, 45, 20], [182194, 146149, 95237, 45879]]
RATIOS = [[1.65, 0.43, 0.63, 0.58], [1.69, 0.60, 0.57, 0.56], [1.32, 0.94, 0.51, 0.88], [0.94, 1.03, 1.07, 1.01], [1, 1, 1, 1]]


def burkitt():
    frame = pd.read_csv(shared("published", "burkitt_sparr.csv"))
    return (frame[name].to_numpy(float) for name in "xyt")


def chicago(runs):
    frame = pd.read_csv(shared("published", "near_repeat", "chicago_be_month1.csv"), header=None, names=["x", "y", "date"])
    day = (pd.to_datetime(frame["date"]) - pd.Timestamp("2015-01-01")).dt.days.to_numpy(float)
    return near_repeat.table(frame["x"].to_numpy(), frame["y"].to_numpy(), day, distances=(1, 100, 200, 300), days=(7, 14, 21),
                             manhattan=True, runs=runs)


def test_all_twenty_cells_of_chicago():
    found = chicago(runs=199)
    for row, (counts, ratios) in enumerate(zip(CHICAGO, RATIOS, strict=True)):
        for column, (count, ratio) in enumerate(zip(counts, ratios, strict=True)):
            same(f"Chicago, distance band {row}, time band {column}", count, found.observed[row, column])
            # theirs is the mean of 19 permutations, ours of 199
            same("   observed / expected (theirs of 19 runs)", ratio, round(found.ratio[row, column], 2), 0.2)


def test_knox():
    x, y, t = burkitt()
    small, large = near_repeat.knox(x, y, t, 20, 5), near_repeat.knox(x, y, t, 10, 30)
    same("Knox, Burkitt, 20 km and 5 days (PySAL)", 13, small.statistic)
    same("   its p (PySAL .17, 99 runs)", 0.17, small.p, 0.08)
    same("Knox, Burkitt, 10 km and 30 days (R surveillance)", 24, large.statistic)
    same("   expected (R)", 15.138, large.expected, 5e-4)
    same("   its p (R .02)", 0.02, large.p, 0.015)


def test_modified_knox_mantel_and_jacquez():
    x, y, t = burkitt()
    modified = near_repeat.modified_knox(x, y, t, 20, 5, runs=0)
    same("modified Knox, Burkitt, 20 km and 5 days (PySAL)", 2.81016, modified.statistic, 5e-6)
    same("Mantel, Burkitt (PySAL)", 0.048368, near_repeat.mantel(x, y, t, runs=0).statistic, 5e-7)
    same("Jacquez k = 3, Burkitt (PySAL)", 12, near_repeat.jacquez(x, y, t, 3, runs=0).statistic)


@pytest.mark.parametrize("delta", [10.0, 20.0])
def test_half_open_bands_hold_the_same_pairs(delta):
    x, y, t = burkitt()
    just = float(np.nextafter(delta, np.inf))
    found = near_repeat.table(x, y, t, distances=(just,), days=(5.5,), runs=0)
    assert found.observed[0, 0] == near_repeat.knox(x, y, t, delta, 5, runs=0).statistic
