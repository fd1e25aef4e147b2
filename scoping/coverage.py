"""What the map cannot show: counts beside it, by role, by reason and by window."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.schema import ROLES, TIERS
from scoping.columns import Columns
from scoping.left_out import FILTERED, REASONS
from scoping.parameters import Parameters
from scoping.windows import Windows

Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

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


def measure(locations: pd.DataFrame, left_out: pd.Series[str], windows: Windows, parameters: Parameters, *,
            columns: Columns | None = None) -> Coverage:
    """Count what entered and what did not. `left_out` is what `left_out.gate` gave for the same rows, `columns` are theirs."""
    rows = columns or Columns(locations)
    reason = np.asarray(pd.Categorical(left_out, categories=REASONS).codes)
    return Coverage(_roles(rows, reason < 0, windows, parameters), _reasons(rows, reason),
                    _windows(rows, reason, windows, parameters).assign(no_data=no_data(locations, windows, columns=rows)))


def no_data(locations: pd.DataFrame, windows: Windows, *, columns: Columns | None = None) -> Mask:
    """Windows in which the source has no record at all, whatever its role or quality: a gap in the feed, not a zero."""
    at = (columns or Columns(locations)).rising
    return np.searchsorted(at, windows.start_us) >= np.searchsorted(at, windows.end_us)


def _inside(at: Codes, windows: Windows) -> Mask:
    """Which instants lie in any window; windows may overlap and leave gaps."""
    begun = np.searchsorted(windows.start_us, at, side="right") - 1
    latest = np.maximum.accumulate(windows.end_us) if len(windows) else windows.end_us
    found: Mask = begun >= 0
    found[found] = at[found] < latest[begun[found]]
    return found


def _different(group: NDArray[Any], groups: int, each: NDArray[np.int32]) -> Codes:
    """How many different of `each` every group holds, of at most 64; -1 is none, of either."""
    from scoping.clustering.visitors import different_in

    found: Codes = different_in(group, groups, each, int(each.max(initial=-1)) + 1)
    return found


def _by_role(rows: Columns) -> pd.DataFrame:
    """What of `Coverage.roles` hangs on no choice."""
    of = partial(np.bincount, minlength=len(ROLES))
    role, tier = rows.role, rows.tier
    table = pd.DataFrame({
        "role": pd.Series(list(ROLES), dtype="str"), "locations": of(role[role >= 0]),
        "episodes": _different(role, len(ROLES), rows.episode), "children": _different(role, len(ROLES), rows.child),
        "entered": 0, "outside_windows": 0, **{name: of(role[(tier == k) & (role >= 0)]) for k, name in enumerate(TIERS)}})
    table["located"] = table[["P1", "P2", "P3"]].sum(axis=1)
    table["unlocated_share"] = 1 - table["located"] / table["locations"].where(table["locations"] > 0)
    return table


def _roles(rows: Columns, entered: Mask, windows: Windows, parameters: Parameters) -> pd.DataFrame:
    outside = rows.cut("outside", windows, lambda: ~_inside(rows.at, windows))
    role = rows.role
    table = rows.kept("roles", lambda: _by_role(rows)).copy()
    for name, which in (("entered", entered), ("outside_windows", entered & outside)):
        table[name] = np.bincount(role[which & (role >= 0)], minlength=len(ROLES)).astype(np.int64)
    table.insert(1, "asked", table["role"].isin(parameters.roles))
    return table


def _reasons(rows: Columns, reason: NDArray[np.int8]) -> pd.DataFrame:
    groups = len(ROLES) * len(REASONS)
    group = np.where((rows.role >= 0) & (reason >= 0), rows.role * np.int8(len(REASONS)) + reason, -1).astype(np.int8)
    count = np.bincount(group[group >= 0], minlength=groups)
    occurs = np.flatnonzero(count)
    named = [(ROLES[k // len(REASONS)], REASONS[k % len(REASONS)]) for k in occurs.tolist()]
    table = pd.DataFrame(named, columns=["role", "reason"], dtype="str")
    return table.assign(locations=count[occurs], episodes=_different(group, groups, rows.episode)[occurs],
                        children=_different(group, groups, rows.child)[occurs])


def _windows(rows: Columns, reason: NDArray[np.int8], windows: Windows, parameters: Parameters) -> pd.DataFrame:
    from scoping.clustering.visitors import different

    asked = np.isin(rows.role, [ROLES.index(each) for each in parameters.roles])[rows.order]
    reason = np.where(asked, reason[rows.order], len(REASONS))  # of another role
    low, high = (np.searchsorted(rows.rising, edge) for edge in (windows.start_us, windows.end_us))

    def total(mask: Mask) -> Codes:
        running = np.concatenate(([0], np.cumsum(mask)))
        inside: Codes = running[high] - running[low]
        return inside

    entered = reason < 0
    used = np.flatnonzero(entered)
    first, until = np.searchsorted(used, low), np.searchsorted(used, high)
    filtered, unmapped = reason == REASONS.index(FILTERED), np.isin(reason, [REASONS.index(each) for each in NOT_MAPPABLE])
    table: dict[str, object] = {"window": np.arange(len(windows)), "locations": total(asked), "used": total(entered)}
    for name, codes in (("episodes", rows.episode), ("children", rows.child)):
        table[name] = different(first, until, codes[rows.order[used]], int(codes.max(initial=-1)) + 2)  # the last place is for none
    table["not_mappable"] = total(unmapped)
    table["left_out"] = total(asked & ~entered & ~filtered & ~unmapped)
    table["filtered"] = total(filtered)
    return pd.DataFrame(table)
