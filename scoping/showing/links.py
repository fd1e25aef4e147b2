"""Lines from pickup places to found places, protected: only pairs of places that are shown, of enough different children."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo_data.errors import DisclosureError
from scoping.change.flows import flows
from scoping.scope import Scoped
from scoping.showing.disclosure import Release
from scoping.showing.rounds import ToWgs84

FEW = 3
DOMINANCE = 0.5  # the most that one child may make of a line's episodes
COLUMNS = ("window", "from_id", "to_id", "children")


@dataclass(frozen=True)
class Links:
    """`rows`: the columns of `COLUMNS`, the most children first within a window; checked when made."""

    least: int
    rows: pd.DataFrame

    def __post_init__(self) -> None:
        if tuple(self.rows.columns) != COLUMNS:
            raise DisclosureError("Lines carry their declared columns and no other.")
        if self.least < FEW or (self.rows["children"] < self.least).any():
            raise DisclosureError(f"A line of fewer than {max(self.least, FEW)} children may not be shown.")


def links(scoped: Mapping[str, Scoped], shown: Mapping[str, Release], least: int = FEW) -> Links:
    """Pickup to found in every window; `scoped` and `shown` by role, under the same settings."""
    least, found = max(least, FEW), []
    there = {role: set(zip(release.hotspots["hotspot_id"], release.hotspots["window"], strict=True))
             for role, release in shown.items()}
    for window in range(len(shown["pickup"].labels)):
        table = flows({role: scoped[role] for role in ("pickup", "found")}, window)
        table = table[(table["children"] >= least) & (table["top_share"] <= DOMINANCE)]
        keep = [(a, window) in there["pickup"] and (b, window) in there["found"]
                for a, b in zip(table["from_id"], table["to_id"], strict=True)]
        found.append(table[np.array(keep, dtype=bool)].assign(window=window)[list(COLUMNS)])
    return Links(least, pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS)))


def overlay(found: Links, shown: Mapping[str, Release], names: Mapping[str, Mapping[str, str]],
            to_wgs84: ToWgs84) -> dict[str, Any]:
    """The lines as overlays.js draws them, between the centres of grid cells; wider for more children."""
    at = {role: _centres(release, to_wgs84) for role, release in shown.items()}
    items = []
    for _, rows in found.rows.groupby(["from_id", "to_id"], sort=True):
        start, end = str(rows["from_id"].iloc[0]), str(rows["to_id"].iloc[0])
        most = int(rows["children"].max())
        items.append({
            "line": [at["pickup"][start], at["found"][end]], "weight": round(min(2 + most / 3, 9), 1), "end": at["found"][end],
            "w": {str(window): 0 for window in rows["window"]},
            "label": f"{names['pickup'].get(start, start)} to {names['found'].get(end, end)}: up to {most} children in a window"})
    return {"name": "Pickup to found", "style": "flow", "items": items,
            "note": f"Lines of at least {found.least} different children, from where they were picked up to where they were found. "
                    "The ring marks the found end."}


def _centres(release: Release, to_wgs84: ToWgs84) -> dict[str, list[float]]:
    anchors = release.anchors
    lat, lon = to_wgs84(anchors["cell_e"].to_numpy(dtype=np.float64), anchors["cell_n"].to_numpy(dtype=np.float64))
    places = zip(anchors["hotspot_id"], lon.tolist(), lat.tolist(), strict=True)
    return {str(name): [round(x, 5), round(y, 5)] for name, x, y in places}
