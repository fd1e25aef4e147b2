"""Which episodes a choice on the screen is about: a hotspot in a window, an outline drawn on the map, or a whole window.

An outline is answered over whole cells of the fixed 500 m grid, each cell that it touches: two outlines that differ by a
house cannot be subtracted to learn of that house.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_data.errors import ParameterError
from geo_data.schema import ROLES
from scoping.left_out import FILTERED, PAST_REVIEW, REASONS
from scoping.scope import Scoped
from scoping.windows import microseconds

CELL_M = 500
MOST_CELLS = 40_000
MOST_CORNERS = 400

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Choice:
    """`rows`: positions in the scoped locations, each once; `episodes`: their references, each once, in order."""

    rows: NDArray[np.int64]
    episodes: tuple[str, ...]
    cells: int = 0  # of an outline


def hotspot(scoped: Scoped, hotspot_id: str, window: int) -> Choice:
    """The members of one hotspot in one window; empty when it has no cluster there."""
    book = scoped.ledger
    row = book[(book["hotspot_id"] == hotspot_id) & (book["window"] == window) & (book["cluster"] >= 0)]
    if row.empty:
        return _choice(scoped, np.empty(0, dtype=np.int64))
    inside = np.isin(scoped.clusters.member, row["cluster"].to_numpy())
    return _choice(scoped, scoped.clusters.members["point"].to_numpy()[inside])


def by_role(scoped: Scoped, hotspot_id: str, window: int) -> NDArray[np.int64]:
    """Positions of the locations of every role at a hotspot in a window: its members, and of roles that were not asked for what
    would enter the counting and lies within eps of a member."""
    members = hotspot(scoped, hotspot_id, window).rows
    rows = scoped.columns
    low, high = np.searchsorted(rows.rising, [scoped.windows.start_us[window], scoped.windows.end_us[window]])
    others = np.sort(rows.order[low:high]).astype(np.int64)
    asked = [ROLES.index(role) for role in scoped.parameters.roles]
    others = others[~np.isin(rows.role[others], asked)]
    others = others[scoped.left_out.iloc[others].isna().to_numpy()]
    if not len(members) or not len(others):
        return members
    mine, theirs = (shapely.points(scoped.locations.iloc[each][["easting", "northing"]].to_numpy(dtype=np.float64))
                    for each in (members, others))
    near, _ = shapely.STRtree(mine).query_nearest(theirs, max_distance=scoped.parameters.eps_m, all_matches=False)
    return np.union1d(members, others[near])


def in_window(scoped: Scoped, window: int) -> Choice:
    """Every location that entered the counting and falls in the window."""
    return _choice(scoped, _entered(scoped, window))


def recorded(scoped: Scoped, window: int) -> Choice:
    """Every location of the roles and filters asked for that falls in the window, also what cannot be mapped or is left out by
    rule; what is past its review date is not looked at."""
    return _choice(scoped, _entered(scoped, window, but=(FILTERED, PAST_REVIEW)))


def outline(scoped: Scoped, corners: Floats, window: int) -> Choice:
    """Locations that entered, in the window, in the grid cells that an outline touches.

    `corners`: (n, 2) easting and northing, EPSG:27700 metres. Raises `ParameterError` when it is no outline or too large.
    """
    cells = touched(corners)
    rows = _entered(scoped, window)
    place = scoped.locations[["easting", "northing"]].to_numpy(dtype=np.float64)[rows]
    key = _key(np.floor(place / CELL_M).astype(np.int64))
    return _choice(scoped, rows[np.isin(key, _key(cells))], len(cells))


def touched(corners: Floats) -> NDArray[np.int64]:
    """Column and row of each 500 m cell that the outline touches."""
    if not 3 <= len(corners) <= MOST_CORNERS or not np.isfinite(corners).all():
        raise ParameterError("An outline needs three corners or more.", fix="Draw it again.", where="outline")
    area = shapely.make_valid(shapely.polygons(corners))
    west, south, east, north = np.floor(np.array(area.bounds) / CELL_M).astype(np.int64)
    if (east - west + 1) * (north - south + 1) > MOST_CELLS:
        raise ParameterError("The outline is too large to answer.", fix="Draw one of less than 100 km each way.", where="outline")
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(west, east + 1), np.arange(south, north + 1)))
    boxes = shapely.box(column * CELL_M, row * CELL_M, (column + 1) * CELL_M, (row + 1) * CELL_M)
    hit = shapely.intersects(area, boxes)
    return np.column_stack([column[hit], row[hit]])


def _key(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(cells[:, 1] * 1_000_000 + cells[:, 0])


def _entered(scoped: Scoped, window: int, but: tuple[str, ...] = REASONS) -> NDArray[np.int64]:
    """Locations of the roles asked for in the window, `but` those left out for these reasons."""
    low, high = scoped.windows.start_us[window], scoped.windows.end_us[window]
    at = microseconds(scoped.locations["at"].array)
    entered = ~scoped.left_out.isin(but).to_numpy() & scoped.locations["role"].isin(scoped.parameters.roles).to_numpy()
    return np.flatnonzero(entered & (at >= low) & (at < high))


def _choice(scoped: Scoped, rows: NDArray[np.int64], cells: int = 0) -> Choice:
    rows = np.unique(rows)
    refs = scoped.locations["episode_ref"].to_numpy()[rows]
    return Choice(rows, tuple(sorted(set(refs.tolist()))), cells)
