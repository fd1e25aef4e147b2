"""Rules that look at more than one column of a row: order of times, conditions, pairs of coordinates."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from geo_data.reading.rejects import Problems
from geo_data.reading.times import london_day
from geo_data.schema import EPISODES, ROLES, Column

# United Kingdom in degrees: west, east, south, north
UK_BOX = (-8.7, 1.8, 49.8, 60.9)
_COPY = "Copy the coordinates from the source system, or leave them blank and give a postcode or a text."


def check_rows(typed: pd.DataFrame, text: pd.DataFrame, date_only: Mapping[str, pd.Series], problems: Problems) -> None:
    """Add a problem for every row that breaks a rule; `typed` EPISODES columns, `text` what the file says."""
    rules = _Rules(typed, text, date_only, problems)
    rules.order_of_times()
    rules.conditions()
    for role in ROLES:
        rules.coordinates(role)


class _Rules:
    def __init__(self, typed: pd.DataFrame, text: pd.DataFrame, date_only: Mapping[str, pd.Series],
                 problems: Problems) -> None:
        self.typed, self.text, self.date_only, self.problems = typed, text, date_only, problems

    def refuse(self, bad: pd.Series, column: str, rule: str, fix: str) -> None:
        bad = bad.fillna(False).astype(bool)
        if bad.any():
            self.problems.add(bad.index[bad], column, rule, fix, self.text[column])

    def order_of_times(self) -> None:
        """The end is not before the start; by day where either has no time. A report before last seen is fine."""
        start = self.typed["last_seen_at"].fillna(self.typed["reported_at"])
        coarse = self._coarse("last_seen_at").where(self.typed["last_seen_at"].notna(), self._coarse("reported_at"))
        end = self.typed["found_at"]
        by_day = coarse | self._coarse("found_at")
        before = (end < start).where(~by_day, london_day(end) < london_day(start))
        self.refuse(before, "found_at", "before the start of the episode",
                    "Check day and month; the start is last_seen_at, else reported_at.")

    def conditions(self) -> None:
        """Columns of need C: required when another column says so."""
        pickup = pd.Series(False, index=self.typed.index)
        for name in EPISODES.names:
            if name.startswith("pickup_") and name != "pickup_basis":
                pickup |= self.text[name].notna()
        away = self.typed["care_status"].eq("looked_after") & self.typed["placed_out_of_area"].eq("Y")
        for bad, name, when in (
            (pickup, "pickup_basis", "when any pickup column is filled in"),
            (pickup, "location_source", "when any pickup column is filled in"),
            (away, "placing_authority", "for a looked-after child placed out of area"),
            (self.typed["rhi_offered"].eq("Y"), "rhi_accepted", "when the return home interview was offered"),
        ):
            fix = f"Use one of: {', '.join(allowed)}." if (allowed := EPISODES[name].allowed) else "Fill it in."
            self.refuse(bad & self.text[name].isna(), name, f"required {when}", fix)

    def coordinates(self, role: str) -> None:
        """Pairs, one system, and a place that can be in the UK. What is at sea, only the gazetteer knows."""
        axes = ("easting", "northing", "latitude", "longitude")
        easting, northing, latitude, longitude = (f"{role}_{axis}" for axis in axes)
        if not self.text[[easting, northing, latitude, longitude]].notna().any(axis=None):
            return
        pairs = ((easting, northing), (latitude, longitude))
        for one, other in (*pairs, *(pair[::-1] for pair in pairs)):
            alone = self.text[one].isna() & self.text[other].notna()
            self.refuse(alone, one, f"blank although {other} is given", _COPY)
        both = self.text[easting].notna() & self.text[latitude].notna()
        self.refuse(both, latitude, f"given beside {easting}",
                    "Give easting and northing, or latitude and longitude, not both.")
        self._metres(easting, northing)
        self._degrees(latitude, longitude)

    def _metres(self, easting: str, northing: str) -> None:
        east, north = self.typed[easting], self.typed[northing]
        zero = east.eq(0) & north.eq(0)
        degrees = ~zero & east.abs().le(180) & north.abs().le(180)
        swapped = east.gt(_high(easting)) & east.le(_high(northing)) & north.between(0, _high(easting))
        self.refuse(zero, easting, "0,0 is no place but an empty record", "Leave both blank.")
        self.refuse(degrees, easting, "degrees where metres are expected",
                    f"Put them into {easting.replace('easting', 'latitude')} and longitude.")
        self.refuse(swapped, easting, "easting and northing are swapped", "Swap the two columns.")
        told = zero | degrees | swapped
        for name, value in ((easting, east), (northing, north)):
            column = EPISODES[name]
            outside = (value.lt(column.low) | value.gt(column.high)) & ~told
            self.refuse(outside, name, f"must be between {column.low:,.0f} and {column.high:,.0f} metres", _COPY)

    def _degrees(self, latitude: str, longitude: str) -> None:
        west, east, south, north = UK_BOX
        lat, lon = self.typed[latitude], self.typed[longitude]
        zero = lat.eq(0) & lon.eq(0)
        metres = lat.abs().gt(180) | lon.abs().gt(180)
        swapped = lat.between(west, east) & lon.between(south, north)
        inside = lat.between(south, north) & lon.between(west, east)
        self.refuse(zero, latitude, "0,0 is no place but an empty record", "Leave both blank.")
        self.refuse(metres, latitude, "metres where degrees are expected",
                    f"Put them into {longitude.replace('longitude', 'easting')} and northing.")
        self.refuse(swapped, latitude, "latitude and longitude are swapped", "Swap the two columns.")
        self.refuse(lat.notna() & lon.notna() & ~(zero | metres | swapped | inside), latitude,
                    "outside the United Kingdom", _COPY)

    def _coarse(self, name: str) -> pd.Series:
        return self.date_only.get(name, pd.Series(False, index=self.typed.index))


def _high(name: str) -> float:
    column: Column = EPISODES[name]
    return float("inf") if column.high is None else column.high
