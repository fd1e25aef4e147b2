"""A review: one window of the ledger beside the last and beside the same window a year ago."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.errors import ParameterError
from scoping import coverage
from scoping.change.known_places import DAY_US, FALSE_SHARE
from scoping.scope import Scoped
from scoping.windows import ZONE, Windows

YEAR_DAYS = 364  # whole weeks, so that weekdays agree
NEAR_US = 16 * DAY_US  # how far from a year ago a window may start and still be called the same
NONE = -1
BEFORE = ("last", "year")


@dataclass(frozen=True)
class Reviewed:
    """Numbers of the windows compared; `NONE` where there is none with data."""

    now: int
    last: int
    year: int


def choose(windows: Windows, empty: NDArray[np.bool_], month: str | None = None) -> Reviewed:
    """The windows of the review of `month` ("2025-03": the last window complete by its end), else of the latest review.

    `empty` marks windows without data. Raises `ParameterError` when the month cannot be read or no window was complete by then.
    """
    whole = ~windows.partial & ~empty
    if month is not None:
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
            raise ParameterError("A review is named by its month.", fix="Write it as YYYY-MM, for example 2025-03.", where="review")
        after = (pd.Period(month, freq="M") + 1).start_time.tz_localize(ZONE)
        whole &= np.asarray(windows.ends <= after)
    if not whole.any():
        raise ParameterError("No window with data was complete by then: there is nothing to review." if month else
                             "No window is complete and has data: there is nothing to review.",
                             fix="Choose a later month, shorter windows, or import more records.", where="review")
    now = int(np.flatnonzero(whole)[-1])
    start = windows.start_us
    away = np.abs(start - (start[now] - YEAR_DAYS * DAY_US))
    year = int(np.argmin(away))
    return Reviewed(now, _with_data(now - 1, empty), _with_data(year, empty) if away[year] <= NEAR_US else NONE)


def months(windows: Windows, empty: NDArray[np.bool_]) -> list[str]:
    """The months for which there is a review, the first to the latest: those in which a whole window with data ended."""
    whole = ~windows.partial & ~empty
    last_days = (windows.ends[whole] - pd.Timedelta(days=1)).tz_convert(ZONE)
    return sorted({f"{day:%Y-%m}" for day in last_days})


def _with_data(window: int, empty: NDArray[np.bool_]) -> int:
    return window if window >= 0 and not empty[window] else NONE


def reviewed(scoped: Scoped, month: str | None = None) -> Reviewed:
    """The windows that a review compares: `month` (2025-03), by default the last complete one with data."""
    return choose(scoped.windows, coverage.no_data(scoped.locations, scoped.windows), month)


def evidence(scoped: Scoped, at: Reviewed) -> pd.DataFrame:
    """One row a hotspot of any of the compared windows.

    `hotspot_id`, `change` (the ledger's word for this review; missing when the hotspot has no row now), `parents`,
    `first_seen`, `windows_seen`, `rr`, `rr_low`, `rr_high`, `q`, `beyond` (q <= 0.10), `children`, `episodes`, and those of
    `last_...` and `year_...`: missing where it had no cluster.
    """
    book, summary = scoped.ledger, scoped.clusters.summary
    now = book[book["window"] == at.now].set_index("hotspot_id")
    frames = {"": now} | {f"{name}_": book[book["window"] == getattr(at, name)].set_index("hotspot_id") for name in BEFORE}
    names = sorted(set().union(*(frame.index[frame["cluster"] >= 0] for frame in frames.values())) | set(now.index))
    table = now.reindex(names)[["change", "parents", "first_seen", "windows_seen", "rr", "rr_low", "rr_high", "q"]]
    table["beyond"] = table["q"] <= FALSE_SHARE
    for name, frame in frames.items():
        cluster = frame["cluster"].reindex(names, fill_value=NONE).to_numpy(dtype=np.int64)
        for count in ("children", "episodes"):
            values = np.append(summary[count].to_numpy(dtype=np.int64), 0)[cluster]
            table[f"{name}{count}"] = pd.Series(values, index=table.index, dtype="Int64").where(cluster >= 0)
    return table.rename_axis("hotspot_id").reset_index()
