"""LOCATIONS frames for tests, from a few arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geo_data.schema import LOCATIONS


def locations(easting: Any, northing: Any, at: Any, person: Any, **columns: Any) -> pd.DataFrame:
    """One row a point, found by a full postcode on a street unless `columns` say otherwise."""
    count = len(easting)
    plain = {
        "episode_ref": [f"EP{k:06d}" for k in range(count)], "person_ref": [f"C{child}" for child in person],
        "role": "found", "at": pd.to_datetime(pd.Series(at), utc=True), "at_precision": "minute", "easting": easting,
        "northing": northing, "precision_m": 50.0, "tier": "P3", "method": "postcode", "reason": "a unit postcode",
        "location_type": "street", "own_address": False, "strand": "home", "sharing_restriction": "none",
    }
    frame = pd.DataFrame(plain | columns)
    if "location_id" not in frame:
        frame["location_id"] = frame["episode_ref"] + ":" + frame["role"]
    return LOCATIONS.conform(frame)


class Story:
    """A scripted world: so many children at a place in a month; each visit by a child of its own, 20 m apart."""

    def __init__(self, first: str = "2024-01") -> None:
        self._first = pd.Period(first, freq="M")
        self._rows: list[tuple[float, float, pd.Timestamp, str]] = []
        self._children = 0

    def visits(self, month: int, easting: float, northing: float, children: int, *, spread: float = 20.0,
               person: str | None = None) -> Story:
        start = (self._first + month).start_time.tz_localize("Europe/London")
        for k in range(children):
            child = person or f"S{self._children}"
            self._children += 1
            self._rows.append((easting + spread * (k % 5), northing + spread * (k // 5),
                               start + pd.Timedelta(days=1 + k % 27, hours=12), child))
        return self

    def background(self, months: int) -> Story:
        """Lone children far apart, so that no month is without data, and one on the last day of the last month."""
        for month in range(months):
            for k in range(4):
                self.visits(month, 300_000 + 5_000 * k, 700_000 + 5_000 * month, 1)
        last = (self._first + months - 1).end_time.floor("D") + pd.Timedelta(hours=12)
        self._rows.append((250_000.0, 650_000.0, last.tz_localize("Europe/London"), "LAST"))
        return self

    def frame(self) -> pd.DataFrame:
        e, n, at, person = zip(*self._rows, strict=True)
        return locations(np.array(e), np.array(n), [time.tz_convert("UTC") for time in at], person)
