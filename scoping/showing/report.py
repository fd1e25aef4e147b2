"""A Release as plain values: what the command line prints and its `--json` gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoping.showing.disclosure import Release
from scoping.showing.views import interval
from scoping.transitions import CHANGES

Near = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[Any]]


def names(release: Release, near: Near) -> dict[str, str]:
    """Each hotspot in words. `near(easting, northing)` names points; it is asked for the centres of grid cells only."""
    anchors = release.anchors
    if anchors.empty:
        return {}
    words = near(anchors["cell_e"].to_numpy(dtype=np.float64), anchors["cell_n"].to_numpy(dtype=np.float64))
    return {str(hotspot): str(word) or "no named place near" for hotspot, word in zip(anchors["hotspot_id"], words, strict=True)}


def report(release: Release, places: dict[str, str]) -> dict[str, Any]:
    """`by_window` (counts and changes of each), `hotspots` (one entry a hotspot and window), `coverage`, `withheld`,
    `changes` (totals over all windows), with parameters and marking.
    """
    rows = release.hotspots
    changes = rows.groupby(["window", "change"]).size().unstack(fill_value=0)
    totals: dict[Any, dict[Any, Any]] = release.windows.set_index("window").to_dict("index")
    windows = [
        {"window": release.labels[k], "start": start, "end": end, "partial": release.partial[k],
         "no_data": bool(totals[k]["no_data"]), "hotspots": int(totals[k]["shown"]),
         "withheld": int(totals[k]["withheld"]), "children": int(totals[k]["children"]),
         "episodes": int(totals[k]["episodes"]), "not_mappable": int(totals[k]["not_mappable"]),
         "left_out": int(totals[k]["left_out"]), "changes": _counts(changes.loc[k]) if k in changes.index else {}}
        for k, (start, end) in enumerate(release.spans)
    ]
    hotspots = [
        {"hotspot_id": row["hotspot_id"], "place": places.get(row["hotspot_id"], ""), "window": release.labels[row["window"]],
         "window_start": release.spans[row["window"]][0], "window_end": release.spans[row["window"]][1],
         "change": row["change"], "children": row["children"], "episodes": row["episodes"],
         "one_child_half": row["one_child_half"], "first_seen": row["first_seen"].date(), "last_seen": row["last_seen"].date(),
         "windows_seen": row["windows_seen"], "parents": [name for name in row["parents"].split("|") if name],
         "against_past_year": interval(row["rr"], row["rr_low"], row["rr_high"])}
        for row in rows.to_dict("records")
    ]
    return {
        "marking": release.marking, "synthetic": release.synthetic, "tier": release.tier, "parameters": release.parameters,
        "by_window": windows, "hotspots": hotspots, "changes": _counts(rows["change"].value_counts()),
        "words": dict(CHANGES), "withheld": list(release.withheld),
        "coverage": {"roles": release.roles.to_dict("records"), "left_out": release.reasons.to_dict("records")},
    }


def _counts(series: Any) -> dict[str, int]:
    return {str(change): int(n) for change, n in series.items() if n}
