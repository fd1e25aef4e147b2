"""Frozen versions: what a review said, as rows that can be kept, and what a later run would say otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scoping.change.review import Reviewed
from scoping.scope import Scoped
from scoping.windows import ZONE

COLUMNS = ("hotspot_id", "change", "parents", "first_seen", "windows_seen", "children", "episodes", "rr", "rr_low", "rr_high", "q",
           "centre_e", "centre_n")
SAID = ("change", "parents", "first_seen", "windows_seen", "children", "episodes", "rr", "rr_low", "rr_high", "q")
DIGITS = {"rr": 4, "rr_low": 4, "rr_high": 4, "q": 4, "centre_e": 0, "centre_n": 0}


def frozen(scoped: Scoped, at: Reviewed) -> list[dict[str, Any]]:
    """The ledger's rows of a review as plain values, in order of id: the same records and settings give the same list."""
    book = scoped.ledger[scoped.ledger["window"] == at.now].sort_values("hotspot_id")
    summary = scoped.clusters.summary
    rows = []
    for row in book.to_dict("records"):
        cluster, shape = int(row["cluster"]), int(row["shape"])
        counts = {name: int(summary[name].iloc[cluster]) if cluster >= 0 else None for name in ("children", "episodes")}
        plain = {"hotspot_id": str(row["hotspot_id"]), "change": str(row["change"]), "parents": str(row["parents"]),
                 "first_seen": row["first_seen"].tz_convert(ZONE).date().isoformat(), "windows_seen": int(row["windows_seen"]),
                 **counts, "rr": row["rr"], "rr_low": row["rr_low"], "rr_high": row["rr_high"], "q": row["q"],
                 "centre_e": float(summary["easting"].iloc[shape]), "centre_n": float(summary["northing"].iloc[shape])}
        rows.append({name: _rounded(name, plain[name]) for name in COLUMNS})
    return rows


def _rounded(name: str, value: Any) -> Any:
    if name not in DIGITS:
        return value
    if np.isnan(value) or np.isinf(value):
        return None if np.isnan(value) else "inf"  # JSON knows neither
    return round(float(value), DIGITS[name])


def differences(old: list[dict[str, Any]], new: list[dict[str, Any]], near_m: float) -> pd.DataFrame:
    """What `new` says otherwise: `hotspot_id`, `what`, `before`, `after` (text; empty where there is none).

    Hotspots are the same by id, else by the nearest centre within `near_m` (EPSG:27700 metres; one to one), which is told as a
    new id. `what` is "id", "found" (only in the new), "lost" (only in the old) or a name of `SAID`.
    """
    before, after = ({row["hotspot_id"]: row for row in rows} for rows in (old, new))
    pairs = {name: name for name in before if name in after} | _nearest(before, after, near_m)
    told: list[tuple[str, str, str, str]] = []
    for name, row in before.items():
        if name not in pairs:
            told.append((name, "lost", str(row["change"]), ""))
            continue
        other = after[pairs[name]]
        if pairs[name] != name:
            told.append((name, "id", name, pairs[name]))
        told += [(name, what, _text(row[what]), _text(other[what])) for what in SAID if row[what] != other[what]]
    told += [(name, "found", "", str(row["change"])) for name, row in after.items() if name not in pairs.values()]
    return pd.DataFrame(sorted(told), columns=["hotspot_id", "what", "before", "after"])


def _nearest(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]], near_m: float) -> dict[str, str]:
    apart = sorted((float(np.hypot(a["centre_e"] - b["centre_e"], a["centre_n"] - b["centre_n"])), old, new)
                   for old, a in before.items() if old not in after for new, b in after.items() if new not in before)
    pairs: dict[str, str] = {}
    for gap, old, new in apart:
        if gap <= near_m and old not in pairs and new not in pairs.values():
            pairs[old] = new
    return pairs


def _text(value: Any) -> str:
    return "" if value is None else str(value)
