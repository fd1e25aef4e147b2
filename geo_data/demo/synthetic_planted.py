"""The hotspots that are planted in the demonstration, so that what the method finds can be checked.

Each has a kind of change (emerges, grows, moves, splits, merges, fades, seasonal, stable, linked) and a number of
distinct children a month. They are made by re-pointing episodes that were away from home anyway, so the
background's shares and rates stay as they were. One more is a trap: one child many times, which is not a
place of several children and must not be shown as one. EPSG:27700 metres.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo_data.demo.county import County
from geo_data.demo.county_plan import Array

Site = tuple[str, float, float, float]  # label, metres east and north of the anchor, distinct children this month
SPACING_M = 1_100.0
SCATTER_M = 55.0
SCHOOL_HOLIDAYS = (8,)
SAME_PLACE = ("", "")  # the anchor of a plan that stands where the plan it follows stands


@dataclass(frozen=True)
class Planted:
    """One planted hotspot: `sites(u, month)` gives its sites at the fraction `u` of the world's time."""

    planted_id: str
    kind: str
    role: str
    anchor: tuple[str, str]  # institution kind and town
    location_types: tuple[str, ...]
    description: str
    sites: Callable[[float, int], list[Site]]
    follows: str = ""  # the same episodes as this one


def _path(u: float, begin: float, end: float) -> float:
    return float(np.clip((u - begin) / (end - begin), 0.0, 1.0))


def _term(_u: float, month: int) -> list[Site]:
    return [("", 0, 0, 0.0 if month in SCHOOL_HOLIDAYS else 7.0)]


PLANTED = (
    Planted("P01", "emerges", "found", ("takeaways", "Quernminster"), ("takeaway_food", "street"),
            "A row of takeaways: nothing at first, then about seven children a month.",
            lambda u, month: [("", 0, 0, 7.0 if u > 0.42 else 0.0)]),
    Planted("P02", "grows", "found", ("retail_park", "Quernminster"), ("shopping_leisure", "car_park"),
            "The retail park: from four children a month to eleven.", lambda u, month: [("", 0, 0, 4.0 + 7.0 * u)]),
    Planted("P03", "moves", "found", ("park", "Quernminster"), ("park_open_space", "car_park"),
            "A park whose gathering place shifts about 500 m within three months.",
            lambda u, month: [("before" if u < 0.42 else "after", 400 * _path(u, 0.42, 0.52),
                               300 * _path(u, 0.42, 0.52), 7.0)]),
    Planted("P04", "splits", "found", ("shops", "Whinsea"), ("shopping_leisure", "street"),
            "One parade of shops that becomes two places 760 m apart.",
            lambda u, month: [("west", -95, 0, 5.0), ("east", 95, 0, 5.0)] if u < 0.5 else [
                ("west", -380, 0, 6.0), ("east", 380, 0, 6.0)]),
    Planted("P05", "merges", "found", ("park", "Quernmouth"), ("park_open_space", "street", "car_park"),
            "Two places 760 m apart that grow together into one.",
            lambda u, month: [("north", 0, 380, 6.0), ("south", 0, -380, 6.0)] if u < 0.5 else [
                ("north", 0, 95, 5.0), ("south", 0, -95, 5.0)]),
    Planted("P06", "fades", "last_seen", ("shops", "Thornaxby"), ("shopping_leisure", "street"),
            "Shops where children were last seen: nine a month at first, none in the last third.",
            lambda u, month: [("", 0, 0, 9.0 * (1 - _path(u, 0.3, 0.62)))]),
    Planted("P07", "seasonal", "found", ("seafront", "Whinsea"), ("park_open_space", "shopping_leisure"),
            "The seafront in July and August: gone in winter, back the next summer.",
            lambda u, month: [("", 0, 0, 9.0 if month in (7, 8) else 0.0)]),
    Planted("P08", "stable", "found", ("bus_station", "Quernminster"), ("transport_hub",),
            "The bus station: about seven children every month.", lambda u, month: [("", 0, 0, 7.0)]),
    Planted("P09", "linked pickup", "pickup", ("school", "Quernminster"), ("school_college",),
            "A school gate at the end of the day: children are collected there by others and found at P10.",
            _term),
    Planted("P10", "linked found", "found", ("hotel", "Quernminster"), ("private_address_concern", "hotel_bnb"),
            "Premises where the children collected at P09 are found.", _term, follows="P09"),
    Planted("P11", "emerges", "pickup", ("taxi_rank", "Quernminster"), ("taxi_rank_phv",),
            "A taxi rank where children are collected in the last part of the time.",
            lambda u, month: [("", 0, 0, 6.0 if u > 0.58 else 0.0)]),
    Planted("P12", "linked last seen", "last_seen", SAME_PLACE, ("school_college",),
            "The school gate of P09, as the place where these children were last seen.", _term, follows="P09"),
)
ONE_CHILD = Planted("P13", "one child", "found", ("estate", "Quernminster"), ("friend_address",),
                    "One child found at one address again and again: not a place of several children.",
                    lambda u, month: [("", 0, 0, 1.0)])


def anchors(county: County, rng: np.random.Generator) -> dict[str, Array]:
    """Where each planted hotspot stands: at an institution of its kind, well apart from the others."""
    places = county.institutions
    xy = places[["easting", "northing"]].to_numpy(dtype=float)
    chosen: dict[str, Array] = {}
    choices = places.groupby(["kind", "town"]).size().to_dict()
    for plan in sorted((*PLANTED, ONE_CHILD), key=lambda plan: choices.get(plan.anchor, 10_000)):  # least choice first
        kind, town = plan.anchor
        if plan.anchor == SAME_PLACE:
            chosen[plan.planted_id] = chosen[plan.follows]
            continue
        if kind in ("seafront", "estate"):
            spots = _spots(county, kind, town)
        else:
            spots = xy[((places["kind"] == kind) & (places["town"] == town)).to_numpy()]
        others = np.array([spot for name, spot in chosen.items() if name != plan.follows]).reshape(-1, 2)
        gap = np.hypot(*(spots[:, None] - others[None]).transpose(2, 0, 1)).min(axis=1, initial=np.inf)
        apart = np.flatnonzero(gap > SPACING_M)
        chosen[plan.planted_id] = spots[rng.choice(apart)] if len(apart) else spots[gap.argmax()]
    return chosen


def _spots(county: County, kind: str, town: str) -> Array:
    """Spots that are no institution: addresses by the sea, or on an estate."""
    houses = county.addresses
    mine = houses[houses["town"] == town]
    if kind == "estate":
        mine = mine[(county.streets["zone"].to_numpy()[mine["street"]] == "estate")]
    else:
        mine = mine.nlargest(40, "easting")  # the sea lies east
    return mine[["easting", "northing"]].to_numpy()[:: max(1, len(mine) // 200)]


def plan_months(start: pd.Timestamp, months: int) -> list[tuple[pd.Period, float]]:
    """(calendar month, fraction of the world's time at its middle)."""
    return [(period, (k + 0.5) / months) for k, period in enumerate(pd.period_range(start, periods=months, freq="M"))]


def choose(frame: pd.DataFrame, pool: Array, site: Array, count: float, rng: np.random.Generator) -> Array:
    """Rows of `frame` to be re-pointed to `site`: distinct children, those who live nearer more often.

    `pool` weighs each row: 0 never, and a small weight is taken only when the others run out.
    """
    rows = rng.permutation(np.flatnonzero(pool > 0))
    rows = rows[np.argsort(-pool[rows], kind="stable")]
    rows = rows[np.unique(frame["child"].to_numpy()[rows], return_index=True)[1]]
    wanted = min(len(rows), int(count + rng.random()) + (int(rng.integers(-1, 2)) if count >= 5 else 0))
    if wanted <= 0:
        return np.array([], dtype=int)
    away = np.hypot(frame["home_easting"].to_numpy()[rows] - site[0], frame["home_northing"].to_numpy()[rows] - site[1])
    weight = (np.exp(-away / 5_000) + 0.01) * pool[rows]
    return np.sort(rng.choice(rows, wanted, replace=False, p=weight / weight.sum()))
