"""From where to where: pickup to found and last seen to found, between hotspots; and who feeds a hotspot."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from scoping.change.members import members
from scoping.scope import Scoped

LEGS = (("pickup", "found"), ("last_seen", "found"))
COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
FEEDERS = {"strand": "Missing from (strand)", "missing_from_type": "Missing from", "responsible_la": "Responsible authority",
           "age_band": "Age"}
COLUMNS = ["from_role", "from_id", "to_role", "to_id", "episodes", "children", "top_share", "distance_m", "direction"]


def flows(by_role: Mapping[str, Scoped], window: int) -> pd.DataFrame:
    """One row a leg and pair of hotspots that at least one episode links in `window` (the same windows in every role).

    `from_role`, `from_id`, `to_role`, `to_id`, `episodes`, `children` (different ones), `top_share` (the largest child's
    share of the episodes), `distance_m` (between the centres), `direction` (of eight; empty for the same place).
    """
    found = []
    for start, end in LEGS:
        if start in by_role and end in by_role:
            left = _linked(by_role[start], window)
            if left.empty:
                continue
            joined = left.merge(_linked(by_role[end], window), on=["episode", "child"], suffixes=("_from", "_to"))
            for (a, b), rows in joined.groupby(["hotspot_id_from", "hotspot_id_to"]):
                each = rows.drop_duplicates("episode").groupby("child").size()
                east, north = (float(rows[f"{axis}_to"].iloc[0] - rows[f"{axis}_from"].iloc[0]) for axis in ("e", "n"))
                found.append({"from_role": start, "from_id": a, "to_role": end, "to_id": b, "episodes": int(each.sum()),
                              "children": len(each), "top_share": float(each.max() / each.sum()),
                              "distance_m": float(np.hypot(east, north)), "direction": compass(east, north)})
    table = pd.DataFrame(found, columns=COLUMNS)
    return table.sort_values(["children", "from_id", "to_id"], ascending=[False, True, True], ignore_index=True)


def compass(east: float, north: float) -> str:
    """The nearest of eight directions; empty within a metre."""
    if np.hypot(east, north) < 1:
        return ""
    return COMPASS[round(np.degrees(np.arctan2(east, north)) / 45) % 8]


def feeders(scoped: Scoped, window: int) -> pd.DataFrame:
    """`hotspot_id`, `what` (a key of `FEEDERS`), `code`, `children`: how many different children of each kind a hotspot holds."""
    inside = members(scoped, window)
    records = scoped.locations.iloc[inside["point"].to_numpy()]
    frames = []
    for what in FEEDERS:
        frame = pd.DataFrame({"hotspot_id": inside["hotspot_id"].array, "what": what,
                              "code": records[what].astype("str").fillna("not_known").array, "child": records["person_ref"].array})
        frames.append(frame.drop_duplicates().groupby(["hotspot_id", "what", "code"]).size().rename("children").reset_index())
    table = pd.concat(frames, ignore_index=True)
    return table.sort_values(["hotspot_id", "what", "children", "code"], ascending=[True, True, False, True], ignore_index=True)


def _linked(scoped: Scoped, window: int) -> pd.DataFrame:
    """Each episode and the hotspot of one role that its place lies in, with the hotspot's centre."""
    inside = members(scoped, window)
    records = scoped.locations.iloc[inside["point"].to_numpy()]
    centre = scoped.clusters.summary.iloc[inside["cluster"].to_numpy(dtype=np.int64)]
    return pd.DataFrame({"hotspot_id": inside["hotspot_id"].array, "episode": records["episode_ref"].array,
                         "child": records["person_ref"].array, "e": centre["easting"].array, "n": centre["northing"].array})
