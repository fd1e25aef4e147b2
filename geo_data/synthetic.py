"""A world of invented episodes in the invented county: SYNTHETIC DATA for demonstrations and tests.

`world(county())` gives a file in the native import template and the truth of what was planted in it, so
that anyone can check what the method finds and, in the null world, what it finds where nothing was planted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo_data.county import County, county
from geo_data.county_plan import Array
from geo_data.schema import EPISODES
from geo_data.synthetic_children import HOME_LA, children, episodes
from geo_data.synthetic_places import FOUND_PLACES, LAST_SEEN_PLACES, PUBLIC, UNLOCATED, draw_places, record
from geo_data.synthetic_planted import ONE_CHILD, PLANTED, SCATTER_M, Planted, anchors, choose, plan_months

FORCE = "Synthetic demo force"
ZONE = "Europe/London"
PICKUP = 0.10
RHI_OFFERED, RHI_ACCEPTED, RHI_IN_72_HOURS = 0.7, 0.7, 0.63
RISK = {"high": 0.16, "medium": 0.68, "low": 0.13, "no_apparent_risk": 0.02, "not_recorded": 0.01}
CSE_CONCERN = 0.09
TRUTH_COLUMNS = ["planted_id", "site", "kind", "role", "easting", "northing", "active_from", "active_to",
                 "children_a_month", "monthly", "is_place", "description"]


@dataclass(frozen=True, eq=False)
class World:
    """Episodes and what was planted in them.

    ``episodes_csv``  the native template: columns of `schema.EPISODES`, UTF-8, times with their zone
    ``truth``         one row per planted site: `TRUTH_COLUMNS`; ``monthly`` is the distinct children planted in each
                      month from the first, joined by spaces; ``is_place`` is false for the trap (one child many times)
    ``planted``       one row per planted visit: planted_id, site, role, month, episode_ref, person_ref, easting, northing
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
    for role in places.values():
        role["planted"] = False

    frame["ended"] = frame["started"] + pd.to_timedelta(frame["hours"], unit="h").dt.floor("min")
    visits = pd.DataFrame() if null else _plant(county, frame, places, has_pickup, first, months, np.random.default_rng([seed, 3]))
    rng = np.random.default_rng([seed, 4])
    short = max(0, round(PICKUP * len(frame)) - int(has_pickup.sum()))
    away = np.flatnonzero(~has_pickup & (found["category"] != "own_address").to_numpy() & (person["age"] >= 11).to_numpy())
    has_pickup[rng.choice(away, min(short, len(away)), replace=False)] = True

    frame["reported"] = frame["started"] + pd.to_timedelta(frame["lag"], unit="h").dt.floor("min")
    year = frame["started"].dt.year % 100
    frame["ref"] = [f"DEMO/{y:02d}/{n + 1:06d}" for y, n in zip(year, frame.groupby(year).cumcount(), strict=True)]
    table = _table(county, frame, person, places, has_pickup, last, rng)
    planted, truth = _truth(visits, frame, person, first, months)
    return World(table.to_csv(index=False, lineterminator="\n").encode(), truth, planted)


def _plant(county: County, frame: pd.DataFrame, places: dict[str, pd.DataFrame], has_pickup: Array, first: pd.Timestamp,
           months: int, rng: np.random.Generator) -> pd.DataFrame:
    """Re-point episodes to the planted sites: one row per visit (planted_id, site, role, month, row, site point)."""
    anchor = anchors(county, rng)
    free = np.ones(len(frame), dtype=bool)
    category = places["found"]["category"].to_numpy()
    visits: list[tuple[str, str, str, str, int, float, float]] = []

    def visit(plan: Planted, label: str, month: pd.Period, rows: Array, site: Array) -> None:
        spot = site + np.clip(rng.normal(0, SCATTER_M, (len(rows), 2)), -2 * SCATTER_M, 2 * SCATTER_M)
        role = places[plan.role]
        kinds = np.array(plan.location_types, dtype=object)
        role.loc[rows, ["easting", "northing"]] = spot
        role.loc[rows, "location_type"] = kinds[rng.integers(0, len(kinds), len(rows))]
        role.loc[rows, "description"] = ""
        role.loc[rows, ["planted", "out_of_county"]] = [True, False]
        visits.extend((plan.planted_id, label, plan.role, str(month), int(row), *site) for row in rows)

    _one_child(frame, category, free, anchor, visit)
    ended = frame["ended"].dt.to_period("M")
    began = frame["started"].dt.to_period("M")
    public = np.isin(category, PUBLIC)
    friends = np.isin(category, ("friend_address", "relative_address"))
    weight = {"found": np.where(public, 1.0, np.where(friends, 0.001, 0.0)), "pickup": (public | friends) * 1.0,
              "last_seen": np.ones(len(frame))}
    for month, u in plan_months(first, months):
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
                visit(plan, label, month, rows, site)
                has_pickup[rows] |= plan.role == "pickup"
                for linked in PLANTED:
                    if linked.follows == plan.planted_id:
                        _after_school(frame, places["last_seen"], rows, county, site)
                        visit(linked, label, month, rows, anchor[linked.planted_id])
    return pd.DataFrame(visits, columns=["planted_id", "site", "role", "month", "row", "easting", "northing"])


def _one_child(frame: pd.DataFrame, category: Array, free: Array, anchor: dict[str, Array], visit: object) -> None:
    """The trap: the child with most episodes is found again and again at one address."""
    most = int(frame["child"].value_counts().sort_index().idxmax())
    rows = np.flatnonzero((frame["child"] == most).to_numpy() & (category != "own_address"))
    for month, mine in pd.Series(rows).groupby(frame["ended"].dt.to_period("M").iloc[rows].to_numpy()):
        visit(ONE_CHILD, "", month, mine.to_numpy(), anchor[ONE_CHILD.planted_id])  # type: ignore[operator]
    free[frame["child"] == most] = False


def _after_school(frame: pd.DataFrame, seen: pd.DataFrame, rows: Array, county: County, gate: Array) -> None:
    """Episodes that begin at a school gate begin at the end of a school day."""
    day = frame.loc[rows, "started"].dt.normalize()
    back = (day.dt.dayofweek - 4).clip(lower=0)
    back = back.where(day.dt.day > back, back - 7)  # stay in the month
    minute = 14 * 60 + 50 + frame.loc[rows, "started"].dt.minute
    frame.loc[rows, "started"] = day - pd.to_timedelta(back, unit="D") + pd.to_timedelta(minute, unit="min")
    frame.loc[rows, "ended"] = frame.loc[rows, "started"] + pd.to_timedelta(frame.loc[rows, "hours"], unit="h").dt.floor("min")
    seen.loc[rows, ["easting", "northing"]] = gate
    seen.loc[rows, ["location_type", "description"]] = ["school_college", ""]
    seen.loc[rows, "out_of_county"] = False


def _table(county: County, frame: pd.DataFrame, person: pd.DataFrame, places: dict[str, pd.DataFrame], has_pickup: Array,
           last: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """All columns of EPISODES as text; rows in order of `episode_ref`."""
    count = len(frame)
    is_open = (frame["ended"] >= last).to_numpy()
    care = person["care"].to_numpy()
    strand = person["setting"].to_numpy(dtype=object).copy()
    at_school = (places["last_seen"]["location_type"] == "school_college").to_numpy()
    strand[at_school] = "school_education"
    offered = np.where(is_open, "NA", np.where(rng.random(count) < RHI_OFFERED, "Y", "N"))
    accepted = np.where(offered == "Y", np.where(rng.random(count) < RHI_ACCEPTED, "Y", "N"), "NA")
    wait = np.where(rng.random(count) < RHI_IN_72_HOURS, rng.uniform(6, 71, count), rng.uniform(73, 400, count))
    interviewed = frame["ended"] + pd.to_timedelta(wait, unit="h").floor("min")
    done = (accepted == "Y") & (interviewed < last).to_numpy()
    own = (places["found"]["location_type"] == "own_address").to_numpy()
    risk = rng.choice(list(RISK), count, p=list(RISK.values()))
    picked_at = frame["started"] + pd.to_timedelta(frame["hours"] * rng.uniform(0.02, 0.4, count), unit="h").dt.floor("min")
    source = np.where(done, "rhi", rng.choice(["prevention_interview", "police_record", "partner_form"], count, p=[0.6, 0.25, 0.15]))
    out = {
        "episode_ref": frame["ref"], "person_ref": person["person_ref"], "source_system": "compact",
        "extracted_at": _zoned(pd.Series([last + pd.Timedelta(hours=6)] * count)), "recording_force": FORCE,
        "responsible_la": person["responsible_la"],
        "placing_authority": np.where(person["out_of_area"], person["responsible_la"], ""),
        "placed_out_of_area": np.where(care, np.where(person["out_of_area"], "Y", "N"), ""),
        "age_at_episode": frame["age"].astype(str), "gender": person["gender"],
        "care_status": np.where(care, "looked_after", "not_looked_after"),
        "legal_status": person["legal_status"].fillna(""), "placement_type": person["placement_type"].fillna(""),
        "placement_urn": np.where(person["home"] >= 0, "SC9" + person["home"].clip(lower=0).astype(str).str.zfill(5), ""),
        "episode_type": np.where(care & (rng.random(count) < 0.12), "away_from_placement", "missing"),
        "missing_from_type": strand,
        "last_seen_at": _zoned(frame["started"]), "reported_at": _zoned(frame["reported"]),
        "found_at": np.where(is_open, "", _zoned(frame["ended"])),
        "risk_level_initial": risk,
        "risk_level_highest": np.where((risk == "medium") & (rng.random(count) < 0.08), "high", risk),
        "pickup_at": np.where(has_pickup, _zoned(picked_at), ""),
        "pickup_mode": np.where(has_pickup, rng.choice(["private_car", "taxi_phv", "public_transport", "on_foot", "not_known"],
                                                       count, p=[0.5, 0.2, 0.1, 0.05, 0.15]), ""),
        "pickup_basis": np.where(has_pickup, rng.choice(["child_account", "carer_observed", "cctv", "witness"], count,
                                                        p=[0.65, 0.15, 0.1, 0.1]), ""),
        "found_by": np.where(is_open, "", np.where(own, rng.choice(["returned_self", "parent_carer", "police"], count, p=[0.6, 0.2, 0.2]),
                                                   rng.choice(["police", "parent_carer", "placement_staff", "public"], count,
                                                              p=[0.6, 0.2, 0.15, 0.05]))),
        "found_at_own_address": np.where(is_open, "", np.where(own, "Y", "N")),
        "found_with_adult_of_concern": np.where(is_open, "", rng.choice(["Y", "N", "NK"], count, p=[0.05, 0.8, 0.15])),
        "harm_reported": np.where(is_open, "", rng.choice(["none_known", "physical", "self_harm", "not_known"], count,
                                                          p=[0.93, 0.025, 0.01, 0.035])),
        "exploitation_concern": rng.choice(["cse_suspected", "cce", "none_known", "not_known"], count,
                                           p=[CSE_CONCERN, 0.04, 0.72, 0.15]),
        "prevention_interview": np.where(is_open, "NA", rng.choice(["Y", "N"], count, p=[0.75, 0.25])),
        "rhi_offered": offered, "rhi_accepted": accepted,
        "rhi_completed_at": np.where(done, _zoned(interviewed), ""),
        "location_source": np.where(has_pickup, source, "police_record"),
        "intel_grade": np.where(has_pickup, rng.choice(["2BP", "2CP", "1BP"], count), ""),
        "sharing_restriction": rng.choice(["none", "rmg_only", "police_only", "do_not_export"], count,
                                          p=[0.95, 0.03, 0.015, 0.005]),
        "review_by": (last + pd.DateOffset(years=6)).date().isoformat(),
    }
    table = pd.DataFrame({name: pd.Series(np.asarray(values, dtype=object), index=frame.index) for name, values in out.items()})
    for role, place in places.items():
        cells = record(county, place, role, UNLOCATED, rng)
        absent = ~has_pickup if role == "pickup" else is_open if role == "found" else np.zeros(count, dtype=bool)
        cells[absent] = ""
        table = table.join(cells)
    return table[EPISODES.names].sort_values("episode_ref", kind="stable", ignore_index=True)


def _zoned(local: pd.Series) -> pd.Series:
    """Local wall clock as ISO 8601 with the offset in force; the hour that spring skips moves forward."""
    stamped = local.dt.tz_localize(ZONE, ambiguous=np.zeros(len(local), dtype=bool), nonexistent="shift_forward")
    return stamped.map(lambda moment: moment.isoformat(timespec="minutes"))


def _truth(visits: pd.DataFrame, frame: pd.DataFrame, person: pd.DataFrame, first: pd.Timestamp, months: int
           ) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(planted visits with their references, truth per site)."""
    if visits.empty:
        return (pd.DataFrame(columns=["planted_id", "site", "role", "month", "episode_ref", "person_ref", "easting", "northing"]),
                pd.DataFrame(columns=TRUTH_COLUMNS))
    visits = visits[visits["month"] <= str(plan_months(first, months)[-1][0])]
    visits = visits.assign(episode_ref=frame["ref"].to_numpy()[visits["row"]],
                           person_ref=person["person_ref"].to_numpy()[visits["row"]]).drop(columns="row")
    calendar = [str(month) for month, _ in plan_months(first, months)]
    rows = []
    for plan in (*PLANTED, ONE_CHILD):
        for site, mine in visits[visits["planted_id"] == plan.planted_id].groupby("site", sort=True):
            monthly = mine.groupby("month")["person_ref"].nunique().reindex(calendar, fill_value=0)
            active = monthly[monthly > 0]
            end = mine.loc[mine["month"] == mine["month"].max(), ["easting", "northing"]].mean()
            rows.append((plan.planted_id, site, plan.kind, plan.role, round(end["easting"]), round(end["northing"]),
                         active.index[0], active.index[-1], round(float(active.mean()), 1),
                         " ".join(str(count) for count in monthly), plan is not ONE_CHILD, plan.description))
    return visits.reset_index(drop=True), pd.DataFrame(rows, columns=TRUTH_COLUMNS)


__all__ = ["HOME_LA", "World", "county", "world"]
