"""A world of invented episodes in the invented county: SYNTHETIC DATA for demonstrations and tests.

`world(county())` gives a file in the native import template and the truth of what was planted in it, so
that anyone can check what the method finds and, in the null world, what it finds where nothing was planted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo_data.demo.county import County, county
from geo_data.demo.county_plan import Array
from geo_data.demo.synthetic_children import children, episodes
from geo_data.demo.synthetic_places import FOUND_PLACES, LAST_SEEN_PLACES, PUBLIC, draw_places
from geo_data.demo.synthetic_planted import ONE_CHILD, PLANTED, SCATTER_M, Planted, anchors, choose, plan_months
from geo_data.demo.synthetic_records import later, records

PICKUP = 0.10  # of episodes: assumed, no figure is published
PLANTED_COLUMNS = ["planted_id", "site", "role", "month", "episode_ref", "person_ref", "easting", "northing"]
TRUTH_COLUMNS = ["planted_id", "site", "kind", "role", "easting", "northing", "active_from", "active_to",
                 "children_a_month", "monthly", "is_place", "description"]


@dataclass(frozen=True, eq=False)
class World:
    """Episodes and what was planted in them.

    ``episodes_csv``  the native template: columns of `schema.EPISODES`, UTF-8, times with their zone
    ``truth``         one row per planted site: `TRUTH_COLUMNS`; ``monthly`` is the distinct children planted in each
                      month from the first, joined by spaces; ``is_place`` is false for the trap (one child many times)
    ``planted``       one row per planted visit: `PLANTED_COLUMNS`
    """

    episodes_csv: bytes
    truth: pd.DataFrame
    planted: pd.DataFrame


def world(county: County, months: int = 24, seed: int = 1, null: bool = False, start: str = "2024-01-01") -> World:
    """Invent `months` of episodes from `start`. `null` plants nothing: the same children and background alone.

    Deterministic: the same arguments give the same bytes.
    """
    first = pd.Timestamp(start)
    last = first + pd.DateOffset(months=months)
    rng = np.random.default_rng([seed, 2])
    people = children(county, months, rng)
    frame = episodes(people, first, last, rng)
    person = people.iloc[frame["child"]].reset_index(drop=True)
    home = person[["easting", "northing"]].to_numpy()
    frame["home_easting"], frame["home_northing"] = home.T
    found = draw_places(county, home, person["episodes"].to_numpy(), FOUND_PLACES, rng)
    seen = draw_places(county, home, person["episodes"].to_numpy(), LAST_SEEN_PLACES, rng)
    pickup = draw_places(county, home, person["episodes"].to_numpy(), FOUND_PLACES, rng)
    has_pickup = np.zeros(len(frame), dtype=bool)
    places = {"found": found, "last_seen": seen, "pickup": pickup}
    frame["ended"] = later(frame["started"], frame["hours"])
    calendar = plan_months(first, months)
    visits = pd.DataFrame(columns=["planted_id", "site", "role", "month", "row", "easting", "northing"])
    if not null:
        visits = _plant(county, frame, places, has_pickup, calendar=calendar, rng=np.random.default_rng([seed, 3]))
    rng = np.random.default_rng([seed, 4])
    short = max(0, round(PICKUP * len(frame)) - int(has_pickup.sum()))
    own = (found["category"] == "own_address").to_numpy()
    away = np.flatnonzero(~has_pickup & ~own & (person["age"] >= 11).to_numpy())
    has_pickup[rng.choice(away, min(short, len(away)), replace=False)] = True

    frame["reported"] = later(frame["started"], frame["lag"])
    year = frame["started"].dt.year % 100
    frame["ref"] = [f"DEMO/{y:02d}/{n + 1:06d}" for y, n in zip(year, frame.groupby(year).cumcount(), strict=True)]
    table = records(county, frame, person, places, has_pickup=has_pickup, last=last, rng=rng)
    visits["episode_ref"] = frame["ref"].to_numpy()[visits["row"].astype(int)]
    visits["person_ref"] = person["person_ref"].to_numpy()[visits["row"].astype(int)]
    planted = visits.loc[visits["month"] <= str(calendar[-1][0]), PLANTED_COLUMNS].reset_index(drop=True)
    truth = _truth(planted, [str(month) for month, _ in calendar])
    return World(table.to_csv(index=False, lineterminator="\n").encode(), truth, planted)


def _plant(county: County, frame: pd.DataFrame, places: dict[str, pd.DataFrame], has_pickup: Array, *,
           calendar: list[tuple[pd.Period, float]], rng: np.random.Generator) -> pd.DataFrame:
    """Re-point episodes to the planted sites: one row per visit (planted_id, site, role, month, row, site point)."""
    anchor = anchors(county, rng)
    free = np.ones(len(frame), dtype=bool)
    category = places["found"]["category"].to_numpy()
    visits: list[tuple[str, str, str, str, int, float, float]] = []
    moved: dict[str, list[tuple[Array, Array, Array]]] = {role: [] for role in places}  # rows, where to, kinds of place

    def visit(plan: Planted, label: str, month: str, rows: Array, site: Array) -> None:
        spot = site + np.clip(rng.normal(0, SCATTER_M, (len(rows), 2)), -2 * SCATTER_M, 2 * SCATTER_M)
        kinds = np.array(plan.location_types, dtype=object)
        moved[plan.role].append((rows, spot, kinds[rng.integers(0, len(kinds), len(rows))]))
        visits.extend((plan.planted_id, label, plan.role, month, int(row), *site) for row in rows)

    rows = _one_child(frame, category)
    for month, mine in pd.Series(rows).groupby(frame["ended"].dt.to_period("M").iloc[rows].to_numpy()):
        visit(ONE_CHILD, "", str(month), mine.to_numpy(), anchor[ONE_CHILD.planted_id])
    free[frame["child"] == frame["child"].iloc[rows[0]]] = False
    ended = frame["ended"].dt.to_period("M")
    began = frame["started"].dt.to_period("M")
    public = np.isin(category, PUBLIC)
    friends = np.isin(category, ("friend_address", "relative_address"))
    weight = {"found": np.where(public, 1.0, np.where(friends, 0.001, 0.0)), "pickup": (public | friends) * 1.0,
              "last_seen": np.ones(len(frame))}
    for month, u in calendar:
        for plan in PLANTED:
            if plan.follows:
                continue
            happened = ended if plan.role == "found" else began
            pool = weight[plan.role] * (free & (happened == month).to_numpy())
            for label, east, north, count in plan.sites(u, month.month):
                site = anchor[plan.planted_id] + [east, north]
                rows = choose(frame, pool, site, count, rng)
                pool[np.isin(frame["child"].to_numpy(), frame["child"].to_numpy()[rows])] = 0.0
                free[rows] = False
                visit(plan, label, str(month), rows, site)
                has_pickup[rows] |= plan.role == "pickup"
                if plan.role == "pickup" and "school_college" in plan.location_types:
                    _after_school(frame, rows)
                for linked in PLANTED:
                    if linked.follows == plan.planted_id:
                        visit(linked, label, str(month), rows, anchor[linked.planted_id])
    for role, moves in moved.items():
        if moves:  # at once: pandas takes milliseconds for each
            rows, spots, types = (np.concatenate(each) for each in zip(*moves, strict=True))
            places[role].loc[rows, ["easting", "northing"]] = spots
            places[role].loc[rows, "location_type"] = types
            places[role].loc[rows, "description"] = ""
            places[role].loc[rows, ["planted", "out_of_county"]] = [True, False]
    return pd.DataFrame(visits, columns=["planted_id", "site", "role", "month", "row", "easting", "northing"])


def _one_child(frame: pd.DataFrame, category: Array) -> Array:
    """Rows of the trap: the child with most episodes, whenever that child was found away from home."""
    most = frame["child"].value_counts().sort_index().idxmax()
    return np.flatnonzero((frame["child"] == most).to_numpy() & (category != "own_address"))


def _after_school(frame: pd.DataFrame, rows: Array) -> None:
    """Episodes that begin at a school gate begin at the end of a school day."""
    day = frame.loc[rows, "started"].dt.normalize()
    back = (day.dt.day_of_week - 4).clip(lower=0)
    back = back.where(day.dt.day > back, back - 7)  # stay in the month
    minute = 14 * 60 + 50 + frame.loc[rows, "started"].dt.minute
    frame.loc[rows, "started"] = day - pd.to_timedelta(back, unit="D") + pd.to_timedelta(minute, unit="min")
    frame.loc[rows, "ended"] = later(frame.loc[rows, "started"], frame.loc[rows, "hours"])


def _truth(planted: pd.DataFrame, calendar: list[str]) -> pd.DataFrame:
    """What was planted, one row per site; the point is where the site ends up."""
    rows = []
    for plan in (*PLANTED, ONE_CHILD):
        for site, mine in planted[planted["planted_id"] == plan.planted_id].groupby("site", sort=True):
            monthly = mine.groupby("month")["person_ref"].nunique().reindex(calendar, fill_value=0)
            active = monthly[monthly > 0]
            last = mine[mine["month"] == active.index[-1]]
            rows.append((plan.planted_id, site, plan.kind, plan.role, round(last["easting"].mean()),
                         round(last["northing"].mean()), active.index[0], active.index[-1], round(active.mean(), 1),
                         " ".join(str(count) for count in monthly), plan is not ONE_CHILD, plan.description))
    return pd.DataFrame(rows, columns=TRUTH_COLUMNS)


__all__ = ["County", "World", "county", "world"]
