"""What the map cannot show: counts beside it, by role, by reason and by window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.distinct import distinct
from geo_data.schema import ROLES, TIERS
from scoping.left_out import FILTERED, REASONS
from scoping.parameters import Parameters
from scoping.windows import Windows, microseconds

Codes = NDArray[np.int64]
Who = tuple[Codes, Codes]  # the episode and the child of each location
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


def measure(locations: pd.DataFrame, left_out: pd.Series[str], windows: Windows, parameters: Parameters) -> Coverage:
    """Count what entered and what did not. `left_out` is what `left_out.gate` gave for the same rows."""
    at = _times(locations)
    role = pd.Categorical(locations["role"], categories=ROLES).codes.astype(np.int64)
    reason = pd.Categorical(left_out, categories=REASONS).codes.astype(np.int64)
    episode, child = (pd.factorize(locations[name])[0] for name in ("episode_ref", "person_ref"))
    roles = _roles(locations["tier"], role, (episode, child), reason < 0, _inside(at, windows))
    roles.insert(1, "asked", roles["role"].isin(parameters.roles))
    asked = np.isin(role, [ROLES.index(each) for each in parameters.roles])
    by_window = _windows(at[asked], reason[asked], (episode[asked], child[asked]), windows)
    return Coverage(roles, _reasons(role, reason, (episode, child)), by_window.assign(no_data=no_data(locations, windows)))


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


def _different(group: Codes, groups: int, each: Codes) -> Codes:
    """How many different of `each` every group holds; -1 is none, of either."""
    there = (group >= 0) & (each >= 0)
    pairs = distinct(each[there].astype(np.int64) * groups + group[there])
    return np.bincount(pairs % groups, minlength=groups).astype(np.int64)


def _roles(tier: pd.Series[str], role: Codes, who: Who, entered: Mask, inside: Mask) -> pd.DataFrame:
    def of(which: Mask) -> Codes:
        return np.bincount(role[which & (role >= 0)], minlength=len(ROLES)).astype(np.int64)

    found = pd.Categorical(tier, categories=list(TIERS)).codes
    table = pd.DataFrame({
        "role": pd.Series(list(ROLES), dtype="str"), "locations": of(role >= 0),
        "episodes": _different(role, len(ROLES), who[0]), "children": _different(role, len(ROLES), who[1]),
        "entered": of(entered), "outside_windows": of(entered & ~inside), **{name: of(found == k) for k, name in enumerate(TIERS)}})
    table["located"] = table[["P1", "P2", "P3"]].sum(axis=1)
    table["unlocated_share"] = 1 - table["located"] / table["locations"].where(table["locations"] > 0)
    return table


def _reasons(role: Codes, reason: Codes, who: Who) -> pd.DataFrame:
    groups = len(ROLES) * len(REASONS)
    group = np.where((role >= 0) & (reason >= 0), role * len(REASONS) + reason, -1)
    count = np.bincount(group[group >= 0], minlength=groups)
    occurs = np.flatnonzero(count)
    named = [(ROLES[k // len(REASONS)], REASONS[k % len(REASONS)]) for k in occurs.tolist()]
    table = pd.DataFrame(named, columns=["role", "reason"], dtype="str")
    return table.assign(locations=count[occurs], episodes=_different(group, groups, who[0])[occurs],
                        children=_different(group, groups, who[1])[occurs])


def _windows(at: Codes, reason: Codes, who: Who, windows: Windows) -> pd.DataFrame:
    order = np.argsort(at, kind="stable")
    at, reason = at[order], reason[order]
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
    for name, codes in zip(("episodes", "children"), who, strict=True):
        table[name] = different(first, until, codes[order][used], int(codes.max(initial=-1)) + 2)  # the last place is for none
    table["not_mappable"] = total(unmapped)
    table["left_out"] = total(~entered & ~filtered & ~unmapped)
    table["filtered"] = total(filtered)
    return pd.DataFrame(table)
