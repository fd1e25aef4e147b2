"""Where the counting does not look: left-out places and places known only roughly, by area and window, protected.

Counts of different children in cells of the fixed 500 m grid (left-out places) or in the sector, district or settlement
that a text could be placed in. An area of fewer than `least` children is not in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.errors import DisclosureError
from scoping import left_out
from scoping.clustering.runs import expand
from scoping.scope import Scoped
from scoping.windows import microseconds

CELL_M = 500
FEW = 3
COLUMNS = ("window", "easting", "northing", "radius_m", "children", "episodes")


@dataclass(frozen=True)
class Areas:
    """`rows`: the columns of `COLUMNS`, one row an area and window, EPSG:27700 metres; checked when made."""

    least: int
    rows: pd.DataFrame

    def __post_init__(self) -> None:
        if tuple(self.rows.columns) != COLUMNS:
            raise DisclosureError("Areas carry their declared columns and no other.")
        if self.least < FEW or (self.rows["children"] < self.least).any():
            raise DisclosureError(f"An area of fewer than {max(self.least, FEW)} children may not be shown.")


def left_out_places(scoped: Scoped, least: int = FEW) -> Areas:
    """Own addresses, placements, police stations and hospitals of the roles asked for, by grid cell."""
    register = (left_out.OWN_ADDRESS, left_out.CHILDRENS_HOME, left_out.POLICE_STATION, left_out.HOSPITAL)
    rows = _asked(scoped, scoped.left_out.isin(register).to_numpy())
    corner = np.floor(rows[["easting", "northing"]].to_numpy(dtype=np.float64) / CELL_M) * CELL_M + CELL_M / 2
    return _areas(scoped, rows.assign(easting=corner[:, 0], northing=corner[:, 1], precision_m=CELL_M / 2), least)


def roughly_placed(scoped: Scoped, least: int = FEW) -> Areas:
    """Records placed only in a sector, district or settlement: never clustered, so a hotspot may hide there."""
    return _areas(scoped, _asked(scoped, (scoped.locations["tier"] == "P4").to_numpy()), least)


def _asked(scoped: Scoped, wanted: NDArray[np.bool_]) -> pd.DataFrame:
    role = scoped.locations["role"].isin(scoped.parameters.roles).to_numpy()
    filtered = (scoped.left_out == left_out.FILTERED).to_numpy(dtype=bool, na_value=False)
    columns = ["at", "easting", "northing", "precision_m", "person_ref", "episode_ref"]
    rows = scoped.locations.loc[role & wanted & ~filtered, columns]
    return rows[rows["easting"].notna() & rows["at"].notna()]


def _areas(scoped: Scoped, rows: pd.DataFrame, least: int) -> Areas:
    least, at = max(least, FEW), microseconds(rows["at"].array)
    order = np.argsort(at, kind="stable")
    low, high = (np.searchsorted(at[order], edge) for edge in (scoped.windows.start_us, scoped.windows.end_us))
    window, position = expand(low, high)
    inside = rows.iloc[order[position]].assign(window=window)
    by = inside.groupby(["window", "easting", "northing"], sort=True)
    table = by.agg(radius_m=("precision_m", "max")).reset_index()
    for name, of in (("children", "person_ref"), ("episodes", "episode_ref")):
        code = pd.factorize(inside[of])[0]
        once = pd.DataFrame({"area": by.ngroup().to_numpy(), "code": code}).drop_duplicates()
        table[name] = np.bincount(once["area"], minlength=len(table))
    return Areas(least, table.loc[table["children"] >= least, list(COLUMNS)].reset_index(drop=True))
