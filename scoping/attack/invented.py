"""The invented children of a city: who they are and how they were picked up, some of it rare; and EPISODES that say so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geo_data.schema import EPISODES
from scoping.windows import ZONE

Group = tuple[str, Any, int]  # how it is told, how it is recorded (None: it is not), its share in a hundred
OF_CHILD: dict[str, tuple[Group, ...]] = {
    "Age": (("12-14", 13, 50), ("15-17", 16, 41), ("10-11", 10, 7), ("0-9", 8, 2)),
    "Gender": (("Girls", "female", 60), ("Boys", "male", 37), ("Other", "other", 1), ("Not known", "not_known", 2)),
    "Care status": (("Not looked after", "not_looked_after", 55), ("Looked after", "looked_after", 41),
                    ("Care leaver", "care_leaver", 2), ("Not known", "not_known", 2)),
    "Placed out of area": (("In its own area", "N", 78), ("Out of area", "Y", 7), ("Not known", "NK", 3),
                           ("Not recorded", None, 12)),
}
OF_EPISODE: dict[str, tuple[Group, ...]] = {
    "Missing from": (("Home", "home", 60), ("Children's home", "childrens_home", 25), ("Foster placement", "foster_placement", 9),
                     ("School or education", "school_education", 6), ("Hospital", "hospital", 0)),
    "How long missing": (("under 3 hours", 2, 20), ("3 to 8 hours", 5, 40), ("8 to 24 hours", 12, 35), ("1 to 3 days", 30, 3),
                         ("over 3 days", 80, 2)),
}
OF_PICKUP: dict[str, tuple[Group, ...]] = {
    "Means of travel": (("Private car", "private_car", 60), ("Taxi or private hire", "taxi_phv", 28), ("On foot", "on_foot", 9),
                        ("Public transport", "public_transport", 3)),
    "Kind of pickup place": (("Street", "street", 45), ("Car park or lay-by", "car_park", 40),
                             ("Park or open space", "park_open_space", 4), ("Friend's address", "friend_address", 3),
                             ("Not recorded", None, 8)),
    "Time of pickup": (("evening 17:00-22:00", 19, 60), ("night 22:00-01:00", 23, 34), ("small hours 01:00-06:00", 3, 3),
                       ("other daytime", 9, 3)),
    "How the pickup is known": (("The child's account", "child_account", 52), ("CCTV", "cctv", 40), ("A witness", "witness", 5),
                                ("Seen by a carer", "carer_observed", 3)),
}
FACTS = {"victims": {**OF_CHILD, **OF_EPISODE}, "methods": OF_PICKUP}
KNOWN = 0.7  # of the pickups
FEW = {1: 6, 2: 4}  # children missing from hospital in each quarter: told, not told, and ten of both together
AGENCIES: dict[str, tuple[Group, ...]] = {
    "home": (("E06000001", None, 70), ("E06000002", None, 26), ("E06000003", None, 4)),
    "force": (("North", None, 60), ("South", None, 40)),
}


def facts(records: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Of each record a group for each question, beside its references, restriction, agencies and local day; no pickup: missing.

    The same records and seed give the same.
    """
    rng = np.random.default_rng([11, seed])
    person = pd.factorize(records["person_ref"])[0]
    found = records[["episode_ref", "person_ref", "sharing_restriction"]].copy()
    drawn = {title: _drawn(groups, int(person.max()) + 1, rng)[person] for title, groups in OF_CHILD.items()}
    drawn |= {title: _drawn(groups, len(records), rng) for title, groups in (OF_EPISODE | OF_PICKUP).items()}
    known = rng.random(len(records)) < KNOWN
    for title, column in drawn.items():
        found[title] = pd.Series(column, index=records.index, dtype=object).where(known | (title not in OF_PICKUP))
    for name, groups in AGENCIES.items():
        found[name] = _drawn(groups, int(person.max()) + 1, rng)[person]
    hours = found["How long missing"].map(_codes(OF_EPISODE["How long missing"])).astype(float)
    found["reported_at"] = records["at"] - pd.to_timedelta(hours, unit="h")
    found["day"] = found["reported_at"].dt.tz_convert(ZONE).dt.tz_localize(None)
    once = ~found["person_ref"].duplicated(keep=False) & (found["sharing_restriction"] == "none")
    for quarter, few in FEW.items():
        rows = found.index[once & (found["day"].dt.year == 2024) & (found["day"].dt.quarter == quarter)][:few]
        found.loc[rows, "Missing from"] = "Hospital"
    return found


def _drawn(groups: tuple[Group, ...], many: int, rng: np.random.Generator) -> Any:
    share = np.array([group[2] for group in groups], dtype=float)
    return np.array([group[0] for group in groups], dtype=object)[rng.choice(len(groups), many, p=share / share.sum())]


def _codes(groups: tuple[Group, ...]) -> dict[str, Any]:
    return {label: code for label, code, _ in groups}


def episodes(records: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """EPISODES of the records, as `told` by `facts`."""
    def coded(title: str) -> pd.Series[Any]:
        groups = (OF_CHILD | OF_EPISODE | OF_PICKUP)[title]
        return told[title].map(_codes(groups))

    pickup = told["day"].dt.floor("D") + pd.to_timedelta(coded("Time of pickup").astype(float), unit="h")
    return EPISODES.conform(pd.DataFrame({
        "episode_ref": told["episode_ref"], "person_ref": told["person_ref"], "sharing_restriction": told["sharing_restriction"],
        "age_at_episode": coded("Age"), "gender": coded("Gender"), "care_status": coded("Care status"),
        "placed_out_of_area": coded("Placed out of area"), "missing_from_type": coded("Missing from"),
        "last_seen_at": told["reported_at"], "reported_at": told["reported_at"], "found_at": records["at"],
        "pickup_mode": coded("Means of travel"), "pickup_location_type": coded("Kind of pickup place"),
        "pickup_at": pickup.dt.tz_localize(ZONE, ambiguous=True, nonexistent="shift_forward").dt.tz_convert("UTC"),
        "pickup_basis": coded("How the pickup is known"), "responsible_la": told["home"], "recording_force": told["force"]}))


def moved(told: pd.DataFrame, seed: int) -> pd.DataFrame:
    """EPISODES reported at any moment of their own local month, as long missing and picked up at the same hour as before."""
    rng = np.random.default_rng([13, seed])
    month = told["reported_at"].dt.tz_convert(ZONE).dt.tz_localize(None).dt.to_period("M")
    start = pd.DatetimeIndex(month.dt.start_time).tz_localize(ZONE)
    at = pd.Series((start + pd.to_timedelta(rng.uniform(1, 27 * 24, len(told)), unit="h")).tz_convert("UTC"), index=told.index)
    return told.assign(last_seen_at=at, reported_at=at, found_at=at + (told["found_at"] - told["reported_at"]))
