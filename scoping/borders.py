"""Children across borders: where home, placing and recording authorities differ, and whose children were at a published place.

Raw counts for the analyst's screen; what may be shown of them is decided in `scoping.showing.bordering`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoping.windows import ZONE

FLOWS = ("home", "placing", "force", "children", "episodes")
INVOLVED = ("place", "agency", "link", "children", "episodes", "top_share")
LINKS = {"responsible_la": "home authority", "placing_authority": "placing authority", "recording_force": "recording force"}
CELL_M = 500

Cell = tuple[int, int]


def flows(episodes: pd.DataFrame) -> pd.DataFrame:
    """Distinct children and episodes of each home authority, placing authority ("" none) and recording force: a FLOWS frame.

    A child with episodes in two rows of the result is counted in both: the rows do not add up to all children.
    """
    named = pd.DataFrame({"home": episodes["responsible_la"].fillna(""), "placing": episodes["placing_authority"].fillna(""),
                          "force": episodes["recording_force"].fillna(""), "person": episodes["person_ref"],
                          "episode": episodes["episode_ref"]})
    counted = named.groupby(["home", "placing", "force"], sort=True).agg(
        children=("person", "nunique"), episodes=("episode", "nunique")).reset_index()
    return counted[list(FLOWS)]


def involved(locations: pd.DataFrame, episodes: pd.DataFrame, places: Iterable[tuple[str, Iterable[Cell]]], *, role: str,
             start: date, end: date) -> pd.DataFrame:
    """Whose children have records in the cells of each place between two local days (half-open): an INVOLVED frame.

    `places`: each place's name and its cells' south-west corners (EPSG:27700 metres, 500 m). Counted from cells alone, so the
    answer does not depend on where in a cell a record lies. `top_share`: the most that one child makes of the episodes.
    """
    at = locations["at"].dt.tz_convert(ZONE)
    first, last = (pd.Timestamp(day).tz_localize(ZONE) for day in (start, end))
    inside = (locations["role"] == role) & (at >= first) & (at < last) & locations["easting"].notna() & ~locations["own_address"]
    rows = locations.loc[inside, ["episode_ref", "person_ref", "easting", "northing"]]
    corners = pd.DataFrame([(name, e, n) for name, cells in places for e, n in cells], columns=["place", "cell_e", "cell_n"])
    rows = rows.assign(cell_e=_corner(rows["easting"]), cell_n=_corner(rows["northing"])).merge(
        corners.astype({"cell_e": np.int64, "cell_n": np.int64}), on=["cell_e", "cell_n"])
    linked = rows.merge(episodes[["episode_ref", *LINKS]], on="episode_ref").melt(
        ["place", "person_ref", "episode_ref"], list(LINKS), "column", "agency").dropna(subset="agency")
    if linked.empty:
        return pd.DataFrame({name: [] for name in INVOLVED})
    linked = linked.drop_duplicates(["place", "agency", "column", "person_ref", "episode_ref"])
    keys = ["place", "agency", "column"]
    by_child = linked.groupby([*keys, "person_ref"]).size()
    counted = by_child.groupby(keys).agg(children="size", episodes="sum", top="max").reset_index()
    counted = counted.assign(link=counted["column"].map(LINKS), top_share=counted["top"] / counted["episodes"])
    ordered: pd.DataFrame = counted[list(INVOLVED)].sort_values(["place", "link", "agency"], ignore_index=True)
    return ordered


def _corner(metres: pd.Series[float]) -> npt.NDArray[np.int64]:
    return (np.floor(metres.to_numpy() / CELL_M) * CELL_M).astype(np.int64)
