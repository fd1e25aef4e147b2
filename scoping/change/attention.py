"""What to think of before a hotspot is believed: rules computed for each place of a window (METHODS 2.3, 2.13, 8).

Each rule is a fact about the records, never about a child.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scoping.change.members import members
from scoping.left_out import CHILDRENS_HOME, HOSPITAL, POLICE_STATION
from scoping.scope import Scoped

RULES = {
    "one_child": "One child makes half or more of the episodes: look at that child's plan first, then at the place.",
    "few_children": "A few children make most of the episodes: look at their plans as well as at the place.",
    "institution": "A children's home, hospital or police station lies close by: some of this may be its doing.",
    "school": "A school or an interchange lies here, where many children pass anyway.",
    "border": "It lies at the border of the area or of the data: part of it may be cut off. Ask the neighbours for their records.",
    "police": "Half or more were found by police: where more is looked, more is found.",
    "coarse": "Half or more of the places are known only to the postcode: its outline is rougher than it looks.",
    "late": "Records of this window may still come in: its numbers can rise.",
    "recording": "Half or more of the children come from an agency whose recording has changed: no change is said.",
    "unstable": "It depends on a few children: drawn again from like data it often looks different.",
    "settings": "It is not seen under many of the neighbouring settings.",
}
INSTITUTIONS = (CHILDRENS_HOME, POLICE_STATION, HOSPITAL)
PASSING = ("school_college", "transport_hub")
EDGE_RATIO = 0.2  # of shapely.concave_hull: 0 follows every point, 1 is the convex hull
LATE_SHARE = 0.9
Bools = NDArray[np.bool_]
Beyond = Callable[[NDArray[np.float64], NDArray[np.float64], float], Bools]


def attention(scoped: Scoped, window: int, episodes: pd.DataFrame | None = None, beyond: Beyond | None = None) -> pd.DataFrame:
    """One row a hotspot with a cluster in `window`: `hotspot_id`, one bool a rule of `RULES` (but `unstable` and `settings`, which
    `stability` and `sensitivity` decide), and `police_share`, `postcode_share` (of its records; NaN = not recorded).

    `episodes` (EPISODES: episode_ref, found_by, extracted_at) is needed for `police` and `late`. `beyond(easting, northing,
    within_m)` tells where land of another force is so near; without it the outline of the records is the border (`edge`).
    """
    inside = members(scoped, window)
    by = inside.groupby("hotspot_id", sort=True)
    names = [str(name) for name in by.groups]
    summary = scoped.clusters.summary.iloc[by["cluster"].first().to_numpy(dtype=np.int64)]
    records = scoped.locations.iloc[inside["point"].to_numpy()]
    kind = records["location_type"].isin(PASSING).to_numpy(dtype=bool)
    postcode = (records["tier"] == "P3").to_numpy(dtype=bool)
    postcode_share = pd.Series(postcode).groupby(inside["hotspot_id"]).mean().reindex(names).to_numpy(dtype=np.float64)
    police = _police(records, inside["hotspot_id"], episodes, names)
    book = scoped.ledger[scoped.ledger["window"] == window].set_index("hotspot_id").reindex(names)
    return pd.DataFrame({
        "hotspot_id": names,
        "one_child": summary["top_share"].to_numpy() >= 0.5,
        "few_children": (summary["n_eff"].to_numpy() < 3) & (summary["top_share"].to_numpy() < 0.5),
        "institution": _near_institution(scoped, window, inside, names),
        "school": pd.Series(kind).groupby(inside["hotspot_id"]).mean().reindex(names).to_numpy() >= 0.5,
        "border": (beyond or edge(outline(scoped.locations)))(summary["easting"].to_numpy(dtype=np.float64),
                                                              summary["northing"].to_numpy(dtype=np.float64),
                                                              scoped.parameters.eps_m),
        "police": police >= 0.5, "coarse": postcode_share >= 0.5, "late": late(scoped, window, episodes),
        "recording": book["recording"].to_numpy(dtype=bool) if "recording" in book else False,
        "police_share": police, "postcode_share": postcode_share,
    })


def late(scoped: Scoped, window: int, episodes: pd.DataFrame | None) -> bool:
    """Did the data end before nine in ten records of such a window would have come in?

    The lag is from the event to the extract that brought the record; it is told only when records came in three or more
    extracts, else every lag would be the age of the one file.
    """
    if episodes is None or episodes["extracted_at"].nunique() < 3:
        return False
    at = scoped.locations[["episode_ref", "at"]].dropna().drop_duplicates("episode_ref").set_index("episode_ref")["at"]
    taken = episodes.set_index("episode_ref")["extracted_at"]
    lag = (taken - at.reindex(taken.index)).dropna()
    lag = lag[lag >= pd.Timedelta(0)]
    cut_off = episodes["extracted_at"].max()
    return bool(len(lag) and cut_off - scoped.windows.ends[window] < lag.quantile(LATE_SHARE))


def _police(records: pd.DataFrame, hotspot: pd.Series[str], episodes: pd.DataFrame | None, names: list[str]) -> NDArray[np.float64]:
    """Share of the records with a known finder who was found by police; found places only."""
    blank = np.full(len(names), np.nan)
    if episodes is None or set(records["role"]) != {"found"}:
        return blank
    finder = episodes.set_index("episode_ref")["found_by"].reindex(records["episode_ref"]).to_numpy(dtype=object)
    known = pd.notna(finder) & (finder != "not_known")
    share = pd.Series(finder[known] == "police").groupby(hotspot.to_numpy()[known]).mean()
    return np.asarray(share.reindex(names), dtype=np.float64)


def _near_institution(scoped: Scoped, window: int, inside: pd.DataFrame, names: list[str]) -> Bools:
    """Is a record that was left out as an institution's within eps of a record of the hotspot, in any window so far?"""
    rows, reasons = scoped.locations, scoped.left_out
    there = reasons.isin(INSTITUTIONS).to_numpy(dtype=bool) & (rows["at"] < scoped.windows.ends[window]).to_numpy(dtype=bool)
    places = rows.loc[there, ["easting", "northing"]].dropna().to_numpy(dtype=np.float64)
    if not len(places) or not len(inside):
        return np.zeros(len(names), dtype=bool)
    mine = rows[["easting", "northing"]].to_numpy(dtype=np.float64)[inside["point"].to_numpy()]
    close = cKDTree(places).query(mine, distance_upper_bound=scoped.parameters.eps_m)[0] <= scoped.parameters.eps_m
    return np.asarray(pd.Series(close).groupby(inside["hotspot_id"]).max().reindex(names), dtype=bool)


def outline(locations: pd.DataFrame) -> shapely.Geometry | None:
    """Concave hull of all located records, EPSG:27700; None where they have none. Half a second for 60,000."""
    located = locations[["easting", "northing"]].dropna().drop_duplicates().to_numpy(dtype=np.float64)
    if len(located) < 4:
        return None
    hull: shapely.Geometry = shapely.concave_hull(shapely.linestrings(located), EDGE_RATIO)  # of corners, quick to make
    return hull if hull.area else None


def edge(hull: shapely.Geometry | None) -> Beyond:
    """Whether a place lies near the outline of the records or outside it; every place does where there is none."""
    return partial(_past, hull)


def _past(hull: shapely.Geometry | None, easting: NDArray[np.float64], northing: NDArray[np.float64], within_m: float) -> Bools:
    if hull is None:
        return np.ones(len(easting), dtype=bool)
    inside = shapely.contains(shapely.buffer(hull, -within_m), shapely.points(easting, northing))
    return ~np.asarray(inside, dtype=bool)
