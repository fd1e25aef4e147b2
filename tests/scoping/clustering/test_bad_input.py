"""What the engine refuses, and what looks wrong but has one right answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo_data.errors import InputError, ParameterError
from scoping.clustering.clusters import cluster
from scoping.clustering.points import take
from scoping.parameters import EPS_RANGE_M, MAX_WINDOWS, Parameters, WindowScheme
from scoping.windows import make
from tests.scoping.worlds import locations

TOLD = Parameters(min_children=3)


def found(frame: pd.DataFrame):
    windows = make(TOLD.window, frame["at"].min(), frame["at"].max())
    return cluster(take(frame, np.ones(len(frame), dtype=bool)), windows, TOLD)


@pytest.mark.parametrize("eps", [0.0, -1.0, np.nan, np.inf, EPS_RANGE_M[0] - 0.1, EPS_RANGE_M[1] + 0.1])
def test_a_radius_outside_the_range_is_refused_with_the_range(eps: float) -> None:
    with pytest.raises(ParameterError, match=f"between {EPS_RANGE_M[0]:g} and {EPS_RANGE_M[1]:g} metres"):
        Parameters(eps_m=eps)


def test_a_hundred_thousand_windows_are_refused_with_the_limit() -> None:
    first = pd.Timestamp("1800-01-01", tz="UTC")
    with pytest.raises(ParameterError, match=f"100,0.. windows were asked for; the limit is {MAX_WINDOWS:,}"):
        make(WindowScheme.parse("rolling:1d:1d"), first, first + pd.Timedelta(days=100_000))


@pytest.mark.parametrize("place", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("column", ["easting", "northing"])
def test_coordinates_that_are_no_numbers_are_refused(column: str, place: float) -> None:
    frame = locations([0.0, 0.0], [0.0, 0.0], ["2025-03-03"] * 2, ["a", "b"])
    frame.loc[1, column] = place
    with pytest.raises(InputError):
        take(frame, np.ones(2, dtype=bool))


def test_the_order_of_rows_and_equal_times_change_nothing() -> None:
    days = ["2025-03-03"] * 4 + ["2025-04-03"] * 4
    frame = locations([0, 10, 20, 30] * 2, [0.0] * 8, days, list("abcdefgh"))
    plain = found(frame)
    assert plain.summary[["window", "children"]].to_numpy().tolist() == [[0, 4], [1, 4]]
    for order in ([7, 0, 6, 1, 5, 2, 4, 3], list(range(8))[::-1]):
        numbers = ["window", "label", "children", "episodes", "points", "easting", "northing"]
        pd.testing.assert_frame_equal(found(frame.iloc[order].reset_index(drop=True)).summary[numbers], plain.summary[numbers])


def test_times_of_any_zone_fall_into_the_local_month() -> None:
    """Half past midnight in London on 1 July is 30 June in UTC, and in New York."""
    frame = locations([0, 10, 20], [0.0] * 3, ["2025-06-30T23:30:00"] * 3, list("abc"))
    for zone in ("UTC", "Europe/London", "America/New_York", "Asia/Kathmandu"):
        moved = frame.assign(at=frame["at"].dt.tz_convert(zone))
        windows = make(TOLD.window, frame["at"].min(), frame["at"].max())
        assert windows.labels == ("Jul 2025",)
        assert cluster(take(moved, np.ones(3, dtype=bool)), windows, TOLD).summary["children"].tolist() == [3]
