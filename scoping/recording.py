"""How well places are recorded and placed: by role, source, agency and month, and where what is lacking could hide a hotspot.

A place is *placed* (hit) when it has any point, *fine* when it has one that may enter clustering (P1 to P3). Rates are of places
away from home: the child's own address is easy to place and never enters. Places that cannot be known yet, because the child has
not been found, do not count. The least that is asked of geocoded incidents is 85 % (Ratcliffe 2004).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.schema import ROLES, TIERS
from scoping.windows import ZONE, microseconds

ENOUGH = 0.85
WINDOW_DAYS = 91  # the windows of the map
FINE = ("P1", "P2", "P3")
SLICES = ("all", "source", "profile", "force", "authority", "month")
RATES = ("slice", "value", "role", "children", "places", "placed", "fine", "own")
HIDDEN = ("slice", "value", "role", "children", "places", "share", "most_children")
MIX = ("role", "where", *TIERS)
LAGS = ("source", "children", "episodes", "median_days", "p90_days")
COARSE_METHODS = ("place", "sector", "outcode")


@dataclass(frozen=True)
class Recording:
    """Plain counts.

    `rates`: the columns `RATES`; places away from home, placed and fine ones among them, and `own` addresses beside them, for each
    role and each value of a slice. `hidden`: `HIDDEN`; places away from home without a fine point: their share, and the most
    different children of them in any `WINDOW_DAYS` days. `mix`: places of each tier, at home and away. `lags`: `LAGS`, days from
    report to extract of episodes never amended. `piled`: places demoted because addresses pile up at their coordinates.
    """

    rates: pd.DataFrame
    hidden: pd.DataFrame
    mix: pd.DataFrame
    lags: pd.DataFrame
    piled: int
    not_found_yet: int


def measure(locations: pd.DataFrame, facts: pd.DataFrame) -> Recording:
    """Count. `locations`: LOCATIONS; `facts`: FACTS of the same episodes (others are ignored)."""
    frame = _joined(locations, facts)
    waits = (frame["role"] == "found") & frame["at"].isna()
    known = frame[~waits]
    away = known[~known["own"]]
    return Recording(
        rates=_rates(known), hidden=_hidden(away), mix=_mix(known), lags=_lags(facts), not_found_yet=int(waits.sum()),
        piled=int(locations["reason"].str.contains("different addresses share these coordinates", regex=False).sum()),
    )


def month_of(times: pd.Series) -> pd.Series:
    """Local month as text, "2025-03"; missing where there is no time."""
    return pd.Series(times.dt.tz_convert(ZONE).dt.strftime("%Y-%m"), dtype="str")


def _joined(locations: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    row = pd.Index(facts["episode_ref"]).get_indexer(pd.Index(locations["episode_ref"]))
    kept = np.flatnonzero(row >= 0)
    of, placed = facts.iloc[row[kept]].reset_index(drop=True), locations.iloc[kept].reset_index(drop=True)
    return pd.DataFrame({
        "role": pd.Categorical(placed["role"], categories=ROLES), "tier": placed["tier"], "at": placed["at"],
        "own": placed["own_address"], "child": pd.factorize(placed["person_ref"])[0],
        "fine": placed["tier"].isin(FINE), "placed": placed["tier"].ne("P5"),
        "named": placed["matched"].where(placed["method"].isin(COARSE_METHODS)),
        "us": microseconds(pd.DatetimeIndex(of["reported_at"])),
        "all": "all", "source": of["source_system"], "profile": of["profile"], "force": of["recording_force"],
        "authority": of["responsible_la"], "month": month_of(of["reported_at"]),
    })


def _rates(known: pd.DataFrame) -> pd.DataFrame:
    parts = []
    away = known[~known["own"]]
    for name in SLICES:
        by = away.groupby([name, "role"], observed=True)
        table = pd.DataFrame({"children": by["child"].nunique(), "places": by.size(), "placed": by["placed"].sum(),
                              "fine": by["fine"].sum()})
        table["own"] = known[known["own"]].groupby([name, "role"], observed=True).size().reindex(table.index).fillna(0)
        parts.append(table.reset_index(names=["value", "role"]).assign(slice=name))
    found = pd.concat(parts, ignore_index=True).astype({"role": "str", "value": "str", "own": "int64"})
    return found[list(RATES)]


def _hidden(away: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for name in ("authority", "force", "named"):
        for (value, role), rows in away.groupby([name, "role"], observed=True):
            lost = rows[~rows["fine"]]
            share = len(lost) / len(rows) if name != "named" else np.nan  # only what was not placed finely names a town
            if len(lost):
                parts.append((name, str(value), str(role), lost["child"].nunique(), len(lost), share,
                              most_at_once(lost["us"].to_numpy(), lost["child"].to_numpy())))
    found = pd.DataFrame(parts, columns=list(HIDDEN))
    order = found.sort_values(["most_children", "places", "slice", "value", "role"], ascending=[False, False, True, True, True])
    return order.reset_index(drop=True)


def most_at_once(times_us: NDArray[np.int64], children: NDArray[np.int64], days: int = WINDOW_DAYS) -> int:
    """The most different children in any `days` days: [t, t + days)."""
    order = np.argsort(times_us, kind="stable")
    times, children = times_us[order], children[order]
    counts: dict[int, int] = {}
    first = most = 0
    for last, child in enumerate(children.tolist()):
        counts[child] = counts.get(child, 0) + 1
        while times[last] - times[first] >= days * 86_400_000_000:
            leaving = int(children[first])
            counts[leaving] -= 1
            if not counts[leaving]:
                del counts[leaving]
            first += 1
        most = max(most, len(counts))
    return most


def _mix(known: pd.DataFrame) -> pd.DataFrame:
    held = pd.DataFrame({tier: known["tier"] == tier for tier in TIERS}, index=known.index)
    table = held.assign(role=known["role"], own=known["own"]).groupby(["role", "own"], observed=True).sum()
    table = table.astype("int64").reset_index()
    table.insert(1, "where", np.where(table.pop("own"), "home", "away"))
    return table.astype({"role": "str"})[list(MIX)]


def _lags(facts: pd.DataFrame) -> pd.DataFrame:
    first = facts[(facts["version"] == 1) & facts["reported_at"].notna() & facts["extracted_at"].notna()]
    days = (first["extracted_at"] - first["reported_at"]).dt.total_seconds() / 86_400
    by = days.groupby(first["source_system"])
    table = pd.DataFrame({"children": first.groupby("source_system")["person_ref"].nunique(), "episodes": by.size(),
                          "median_days": by.median(), "p90_days": by.quantile(0.9)})
    return table.reset_index(names="source")[list(LAGS)].astype({"source": "str"})
