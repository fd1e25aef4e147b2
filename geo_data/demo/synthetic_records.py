"""How invented episodes are written down: the columns of the native import template, all text.

Shares follow published figures where there are any (docs/DATA.md); the rest are plain assumptions.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo_data.demo.county import County
from geo_data.demo.county_plan import Array
from geo_data.demo.synthetic_places import UNLOCATED, record
from geo_data.schema import EPISODES

FORCE = "Synthetic demo force"
ZONE = "Europe/London"
RHI_OFFERED, RHI_ACCEPTED, RHI_IN_72_HOURS = 0.7, 0.7, 0.63
SHARES: dict[str, dict[str, float]] = {
    "risk": {"high": 0.16, "medium": 0.68, "low": 0.13, "no_apparent_risk": 0.02, "not_recorded": 0.01},
    "mode": {"private_car": 0.5, "taxi_phv": 0.2, "public_transport": 0.1, "on_foot": 0.05, "not_known": 0.15},
    "basis": {"child_account": 0.65, "carer_observed": 0.15, "cctv": 0.1, "witness": 0.1},
    "source": {"prevention_interview": 0.6, "police_record": 0.25, "partner_form": 0.15},
    "returned": {"returned_self": 0.6, "parent_carer": 0.2, "police": 0.2},
    "found_by": {"police": 0.6, "parent_carer": 0.2, "placement_staff": 0.15, "public": 0.05},
    "adult": {"Y": 0.05, "N": 0.8, "NK": 0.15},
    "harm": {"none_known": 0.93, "physical": 0.025, "self_harm": 0.01, "not_known": 0.035},
    "concern": {"cse_suspected": 0.09, "cce": 0.04, "none_known": 0.72, "not_known": 0.15},
    "interview": {"Y": 0.75, "N": 0.25},
    "grade": {"2BP": 0.5, "2CP": 0.3, "1BP": 0.2},
    "sharing": {"none": 0.95, "rmg_only": 0.03, "police_only": 0.015, "do_not_export": 0.005},
}


def records(county: County, frame: pd.DataFrame, person: pd.DataFrame, places: dict[str, pd.DataFrame], *,
            has_pickup: Array, last: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """All columns of EPISODES as text, rows in order of `episode_ref`.

    `frame` has ref, started, reported, ended (local), hours and age, `person` the child of each row, `places`
    the place of each role; `last` is the end of the world, at which some episodes are still open.
    """
    count = len(frame)

    def draw(name: str) -> Array:
        shares = SHARES[name]
        drawn: Array = rng.choice(list(shares), count, p=list(shares.values())).astype(object)
        return drawn

    def only(rows: Array, values: Array | pd.Series) -> Array:
        return np.where(rows, np.asarray(values, dtype=object), "")

    care, out_of_area = person["care"].to_numpy(), person["out_of_area"].to_numpy()
    is_open = (frame["ended"] >= last).to_numpy()
    own = (places["found"]["location_type"] == "own_address").to_numpy()
    at_school = (places["last_seen"]["location_type"] == "school_college").to_numpy()
    offered = np.where(is_open, "NA", np.where(rng.random(count) < RHI_OFFERED, "Y", "N"))
    accepted = np.where(offered == "Y", np.where(rng.random(count) < RHI_ACCEPTED, "Y", "N"), "NA")
    wait = np.where(rng.random(count) < RHI_IN_72_HOURS, rng.uniform(6, 71, count), rng.uniform(73, 400, count))
    interviewed = later(frame["ended"], pd.Series(wait))
    done = (accepted == "Y") & (interviewed < last).to_numpy()
    risk = draw("risk")
    picked_up = later(frame["started"], frame["hours"] * rng.uniform(0.02, 0.4, count))
    columns: dict[str, object] = {
        "episode_ref": frame["ref"],
        "person_ref": person["person_ref"],
        "source_system": "compact",
        "extracted_at": zoned(pd.Series([last + pd.Timedelta(hours=6)])).iloc[0],
        "recording_force": FORCE,
        "responsible_la": person["responsible_la"],
        "placing_authority": only(out_of_area, person["responsible_la"]),
        "placed_out_of_area": only(care, np.where(out_of_area, "Y", "N")),
        "age_at_episode": frame["age"].astype(str),
        "gender": person["gender"],
        "care_status": np.where(care, "looked_after", "not_looked_after"),
        "legal_status": person["legal_status"],
        "placement_type": person["placement_type"],
        "placement_urn": only((person["home"] >= 0).to_numpy(), "SC9" + person["home"].astype(str).str.zfill(5)),
        "episode_type": np.where(care & (rng.random(count) < 0.12), "away_from_placement", "missing"),
        "missing_from_type": np.where(at_school, "school_education", person["setting"]),
        "last_seen_at": zoned(frame["started"]),
        "reported_at": zoned(frame["reported"]),
        "found_at": only(~is_open, zoned(frame["ended"])),
        "risk_level_initial": risk,
        "risk_level_highest": np.where((risk == "medium") & (rng.random(count) < 0.08), "high", risk),
        "pickup_at": only(has_pickup, zoned(picked_up)),
        "pickup_mode": only(has_pickup, draw("mode")),
        "pickup_basis": only(has_pickup, draw("basis")),
        "found_by": only(~is_open, np.where(own, draw("returned"), draw("found_by"))),
        "found_at_own_address": only(~is_open, np.where(own, "Y", "N")),
        "found_with_adult_of_concern": only(~is_open, draw("adult")),
        "harm_reported": only(~is_open, draw("harm")),
        "exploitation_concern": draw("concern"),
        "prevention_interview": np.where(is_open, "NA", draw("interview")),
        "rhi_offered": offered,
        "rhi_accepted": accepted,
        "rhi_completed_at": only(done, zoned(interviewed)),
        "location_source": np.where(has_pickup, np.where(done, "rhi", draw("source")), "police_record"),
        "intel_grade": only(has_pickup, draw("grade")),
        "sharing_restriction": draw("sharing"),
        "review_by": (last + pd.DateOffset(years=6)).date().isoformat(),
    }
    parts = [pd.DataFrame(columns, index=frame.index, dtype=object)]
    for role, place in places.items():
        cells = record(county, place, role, UNLOCATED, rng)
        if role == "pickup":
            cells[~has_pickup] = ""
        elif role == "found":
            cells[is_open] = ""
        parts.append(cells)
    table = pd.concat(parts, axis=1)[EPISODES.names]
    return table.sort_values("episode_ref", kind="stable", ignore_index=True)


def later(start: pd.Series, hours: pd.Series) -> pd.Series:
    """`start` plus `hours`, to the whole minute."""
    moved: pd.Series = start + pd.to_timedelta(np.floor(hours * 60), unit="min")
    return moved


def zoned(local: pd.Series) -> pd.Series:
    """Local wall clock as ISO 8601 with the offset in force; the hour that spring skips moves forward."""
    stamped = local.dt.tz_localize(ZONE, ambiguous=np.zeros(len(local), dtype=bool), nonexistent="shift_forward")
    text: pd.Series = stamped.map(lambda moment: moment.isoformat(timespec="minutes"))
    return text
