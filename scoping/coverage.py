"""What the map cannot show: counts beside it, by role, by reason and by window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.schema import ROLES, TIERS
from scoping.left_out import FILTERED, REASONS
from scoping.parameters import Parameters
from scoping.windows import Windows, microseconds

NOT_MAPPABLE = ("not located", "too coarse: precision above eps")


@dataclass(frozen=True)
class Coverage:
    """Three frames, all plain counts.

    `roles`: role, asked (is it clustered), locations, episodes, children, P1..P5, located (P1-P3),
    unlocated_share, entered, outside_windows.
    `reasons`: role, reason, locations, episodes, children; one row a reason that occurs.
    `windows`: window, locations, used (locations that entered), episodes, children (of those used),
    not_mappable, left_out (every other reason but the filters), filtered, no_data; of the roles asked for.
    """

    roles: pd.DataFrame
    reasons: pd.DataFrame
    windows: pd.DataFrame


def measure(locations: pd.DataFrame, left_out: pd.Series[str], windows: Windows, parameters: Parameters) -> Coverage:
    """Count what entered and what did not. `left_out` is what `left_out.gate` gave for the same rows."""
    at = _times(locations)
    inside = _inside(at, windows)
    frame = pd.DataFrame({
        "role": pd.Categorical(locations["role"], categories=ROLES),
        "tier": pd.Categorical(locations["tier"], categories=list(TIERS)),
        "episode": pd.factorize(locations["episode_ref"])[0], "child": pd.factorize(locations["person_ref"])[0],
        "reason": left_out.array, "entered": left_out.isna().array, "outside": left_out.isna().to_numpy() & ~inside,
    })
    return Coverage(_roles(frame, parameters), _reasons(frame), _windows(locations, left_out, at, windows, parameters))


def no_data(locations: pd.DataFrame, windows: Windows) -> NDArray[np.bool_]:
    """Windows in which the source has no record at all, whatever its role or quality: a gap in the feed, not a zero."""
    at = np.sort(_times(locations))
    return np.searchsorted(at, windows.start_us) >= np.searchsorted(at, windows.end_us)


def _inside(at: NDArray[np.int64], windows: Windows) -> NDArray[np.bool_]:
    """Which instants lie in any window; windows may overlap and leave gaps."""
    begun = np.searchsorted(windows.start_us, at, side="right") - 1
    latest = np.maximum.accumulate(windows.end_us) if len(windows) else windows.end_us
    found: NDArray[np.bool_] = begun >= 0
    found[found] = at[found] < latest[begun[found]]
    return found


def _times(locations: pd.DataFrame) -> NDArray[np.int64]:
    """UTC microseconds; a missing time is before every window."""
    return microseconds(pd.DatetimeIndex(locations["at"]))


def _roles(frame: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    by = frame.groupby("role", observed=False)
    table = pd.DataFrame({"locations": by.size(), "episodes": by["episode"].nunique(),
                          "children": by["child"].nunique(), "entered": by["entered"].sum(),
                          "outside_windows": by["outside"].sum()})
    for tier in TIERS:
        table[tier] = (frame["tier"] == tier).groupby(frame["role"], observed=False).sum()
    table = table.astype(np.int64)
    table["located"] = table[["P1", "P2", "P3"]].sum(axis=1)
    table["unlocated_share"] = 1 - table["located"] / table["locations"].where(table["locations"] > 0)
    table.insert(0, "asked", [role in parameters.roles for role in table.index])
    return table.reset_index().astype({"role": "str"})


def _reasons(frame: pd.DataFrame) -> pd.DataFrame:
    by = frame[frame["reason"].notna()].groupby(["role", "reason"], observed=True)
    table = pd.DataFrame({"locations": by.size(), "episodes": by["episode"].nunique(),
                          "children": by["child"].nunique()})
    table = table.reset_index().astype({"role": "str", "reason": "str"})
    order = table["role"].map(ROLES.index) * len(REASONS) + table["reason"].map(REASONS.index)
    return table.loc[order.sort_values().index].reset_index(drop=True)


def _windows(locations: pd.DataFrame, left_out: pd.Series[str], at: NDArray[np.int64], windows: Windows,
             parameters: Parameters) -> pd.DataFrame:
    asked = locations["role"].isin(parameters.roles).to_numpy()
    order = np.argsort(at, kind="stable")
    order = order[asked[order]]
    at = at[order]
    reason = pd.Categorical(left_out, categories=REASONS).codes[order]
    entered = reason < 0
    filtered = reason == REASONS.index(FILTERED)
    unmapped = np.isin(reason, [REASONS.index(each) for each in NOT_MAPPABLE])
    low, high = np.searchsorted(at, windows.start_us), np.searchsorted(at, windows.end_us)

    def total(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        running = np.concatenate(([0], np.cumsum(mask)))
        inside: NDArray[np.int64] = running[high] - running[low]
        return inside

    from scoping.clustering.visitors import different

    used = np.flatnonzero(entered)
    first, until = np.searchsorted(used, low), np.searchsorted(used, high)
    table: dict[str, object] = {"window": np.arange(len(windows)), "locations": total(np.ones(len(at), dtype=bool)),
                                "used": total(entered)}
    for name, column in (("episodes", "episode_ref"), ("children", "person_ref")):
        codes = pd.factorize(locations[column])[0][order][used]
        table[name] = different(first, until, codes, len(locations))
    table["not_mappable"] = total(unmapped)
    table["left_out"] = total(~entered & ~filtered & ~unmapped)
    table["filtered"] = total(filtered)
    table["no_data"] = no_data(locations, windows)
    return pd.DataFrame(table)
