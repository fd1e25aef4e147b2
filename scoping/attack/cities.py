"""Invented cities to attack: an address file, and episodes at addresses of it. No one in them is real.

`suburb`: 60,000 addresses in 100 square kilometres. `county`: as sparse as Northumberland, villages in 400 square kilometres with
farms between. `edge`: a town whose blocks hold a dense quarter and quarters with almost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.schema import LOCATIONS
from scoping.attack import invented
from scoping.parameters import Parameters
from scoping.scope import Scoped
from scoping.showing.partition import Addresses
from scoping.windows import ZONE

CORNER = (420_000.0, 560_000.0)
KINDS = ("suburb", "county", "edge")
MONTHS = 6
PER_POSTCODE = 15
CANARY = "CANARY7Q"  # begins every reference to a child or an episode

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class City:
    """`addresses` (n, 2) easting, northing; `records` LOCATIONS at addresses of it; `grid` what the product is given; `facts`
    what each record's child and pickup are (`invented.FACTS`), `episodes` EPISODES, which say the same; `analysed` what was already
    made of the records, the analysis being the same for whatever is done with it."""

    kind: str
    addresses: Floats
    records: pd.DataFrame
    grid: Addresses
    facts: pd.DataFrame
    episodes: pd.DataFrame
    analysed: dict[Parameters, Scoped] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def true_count(self) -> dict[tuple[int, int], int]:
        """Addresses that there truly are in each 500 m cell, by its corner in metres."""
        corner, count = np.unique(np.floor(self.addresses / 500).astype(np.int64) * 500, axis=0, return_counts=True)
        return {(e, n): many for (e, n), many in zip(corner.tolist(), count.tolist(), strict=True)}

    @cached_property
    def cells(self) -> pd.Series[int]:
        """The cell of each record, as one number (`number_of`)."""
        found: pd.Series[int] = number_of(self.records["easting"], self.records["northing"])
        return found

    @cached_property
    def days(self) -> pd.Series[pd.Timestamp]:
        """Local time of each record."""
        found: pd.Series[pd.Timestamp] = self.records["at"].dt.tz_convert(ZONE).dt.tz_localize(None)
        return found


def number_of(easting: Any, northing: Any) -> Any:
    """One number for the 500 m cell of a place, in metres."""
    return (northing // 500).astype("int64") * 10_000 + (easting // 500).astype("int64")


@cache
def city(kind: str, seed: int) -> City:
    """The same city for the same kind and seed. Read only."""
    rng = np.random.default_rng([KINDS.index(kind), seed])
    places = _addresses(kind, rng)
    stand_for = places[rng.permutation(len(places))[:max(1, len(places) // PER_POSTCODE)]]
    grid = Addresses.of(stand_for[:, 0], stand_for[:, 1], np.full(len(stand_for), PER_POSTCODE, dtype=np.int64))
    records = _restricted(_records(places, rng), seed)
    facts = invented.facts(records, seed)
    return City(kind, places, records, grid, facts, invented.episodes(records, facts))


def _restricted(records: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Some of the records may not leave, or to the Risk Management Group alone."""
    drawn = np.random.default_rng([7, seed]).choice(["none", "rmg_only", "do_not_export"], len(records), p=[0.92, 0.06, 0.02])
    keep = np.arange(len(records)) >= len(records) - 2  # the first and last say that the months are whole
    return records.assign(sharing_restriction=pd.Series(drawn, index=records.index).mask(keep, "none").astype("str"))


def _addresses(kind: str, rng: np.random.Generator) -> Floats:
    if kind == "suburb":
        return rng.uniform(0, 10_000, (60_000, 2)) + CORNER
    if kind == "county":
        villages = [rng.normal(0, 180, (int(rng.integers(60, 400)), 2)) + rng.uniform(1_000, 19_000, 2) for _ in range(14)]
        farms = rng.uniform(0, 20_000, (800, 2))  # two a square kilometre
        return np.concatenate([*villages, farms]).clip(0, 19_999) + CORNER
    town = rng.normal(2_000, 350, (6_000, 2))
    return np.concatenate([town, rng.uniform(0, 8_000, (150, 2))]).clip(0, 7_999) + CORNER


def _records(places: Floats, rng: np.random.Generator) -> pd.DataFrame:
    """Lone events all over, and places that several children visit again and again, in some of the months."""
    lone = rng.integers(0, len(places), 160)
    at = [np.column_stack((lone, rng.integers(0, MONTHS, len(lone)), np.arange(len(lone))))]
    child = len(lone)
    for _ in range(14):
        hub = places[rng.integers(len(places))]
        near = np.argsort(((places - hub) ** 2).sum(axis=1))[:25]
        many = int(rng.integers(3, 26))
        for month in rng.permutation(MONTHS)[:int(rng.integers(1, MONTHS + 1))]:
            there = rng.permutation(many)[:int(rng.integers(2, many + 1))] if many > 2 else np.arange(many)
            at.append(np.column_stack((rng.choice(near, len(there)), np.full(len(there), month), child + there)))
        child += many
    row = np.concatenate(at)
    busy = np.arange(60)  # one child, many times, where ten others were once: that child's place, and no other's
    own = np.argsort(((places - places[rng.integers(len(places))]) ** 2).sum(axis=1))[:3]
    who = np.where(busy < 10, child + 3 + busy, child)
    row = np.concatenate([row, np.column_stack((rng.choice(own, len(busy)), np.full(len(busy), 2), who))])
    # four others each month at one address: withheld month by month, and twelve in the quarter
    quarter = np.column_stack((np.zeros(12), np.repeat([0, 1, 2], 4), child + 20 + np.arange(12))).astype(np.int64)
    row = np.concatenate([row, quarter])
    edges = np.array([[lone[0], 0, child + 1], [lone[1], MONTHS - 1, child + 2]])  # so that every month is whole
    row = np.concatenate([row, edges])
    start = pd.Timestamp("2024-01-01", tz=ZONE)
    hours = rng.uniform(1, 27 * 24, len(row)).tolist()
    moments = [start + pd.DateOffset(months=int(month)) + pd.Timedelta(hours=hour)
               for month, hour in zip(row[:-2, 1], hours[:-2], strict=True)]
    moments += [start + pd.Timedelta(hours=1), start + pd.DateOffset(months=MONTHS) - pd.Timedelta(hours=2)]
    place = places[row[:, 0]]
    kinds = np.array(["street", "car_park", "park_open_space", "friend_address"])[rng.integers(0, 4, len(row))]
    return LOCATIONS.conform(pd.DataFrame({
        "location_id": [f"{CANARY}-L{k}" for k in range(len(row))], "episode_ref": [f"{CANARY}-E{k}" for k in range(len(row))],
        "person_ref": [f"{CANARY}-C{k}" for k in row[:, 2]], "role": "found", "at": pd.DatetimeIndex(moments).tz_convert("UTC"),
        "at_precision": "minute", "easting": place[:, 0], "northing": place[:, 1], "precision_m": 5.0, "tier": "P1",
        "method": "coordinates_bng", "reason": "recorded coordinates", "location_type": kinds, "own_address": False,
        "location_source": "police_record", "age_band": np.array(["12-14", "15-17"])[rng.integers(0, 2, len(row))],
        "strand": "home", "sharing_restriction": "none"}))


def moved(records: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The same records, each anywhere else in its own 500 m cell and at any moment of its own local month."""
    rng = np.random.default_rng(seed)
    local = records["at"].dt.tz_convert(ZONE).dt.tz_localize(None).dt.to_period("M")
    start = pd.DatetimeIndex(local.dt.start_time).tz_localize(ZONE)
    at = start + pd.to_timedelta(rng.uniform(1, 27 * 24, len(records)), unit="h")
    keep = np.arange(len(records)) >= len(records) - 2  # the first and last say that the months are whole
    shift = rng.uniform(0, 499.99, (2, len(records)))
    return records.assign(
        easting=np.floor(records["easting"] / 500) * 500 + shift[0], northing=np.floor(records["northing"] / 500) * 500 + shift[1],
        at=records["at"].where(keep, pd.Series(at.tz_convert("UTC"), index=records.index)))
