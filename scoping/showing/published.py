"""Counting for publication: from records to places that are unions of fixed cells, and to rounded totals.

Nothing here looks at a cluster, a radius or a day: a record counts by its region of the fixed partition and its calendar
period alone. Moving it anywhere inside both changes no byte of what is published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.schema import PLACE_TYPES
from scoping import left_out
from scoping.coverage import NOT_MAPPABLE
from scoping.parameters import Parameters, WindowScheme
from scoping.showing.editions import OPEN, Edition, Place, most
from scoping.showing.partition import Partition
from scoping.showing.periods import Period
from scoping.showing.rules import FEW, KEPT_FROM, RMG, Rules
from scoping.showing.unions import cells_of, distinct, join
from scoping.windows import ZONE

Mask = NDArray[np.bool_]
FEW_KNOWN = -1  # a total of one to four
INTERVIEWED = ("rhi_offered", "rhi_completed_at", "found_at")  # of EPISODES
PRECISION_M = 250.0  # the least exact place that is counted: half a cell, whatever the analyst's radius
# a kind of place that points to a household or a home for children is named to no one outside the team
UNNAMED = ("own_address", "friend_address", "relative_address", "private_address_concern", "childrens_home_vicinity", "not_known")


@dataclass(frozen=True)
class Records:
    """The located and unlocated records of one role that a tier may count, as columns."""

    day: NDArray[np.datetime64]  # local day
    child: NDArray[np.int64]
    episode: NDArray[np.int64]
    episode_ref: NDArray[np.object_]
    region: NDArray[np.int64]  # -1: does not enter, or lies where there are too few addresses
    kind: NDArray[np.object_]
    reason: NDArray[np.object_]  # why it does not enter; None when it does

    def within(self, period: Period) -> Records:
        inside = (self.day >= np.datetime64(period.start)) & (self.day < np.datetime64(period.end))
        return Records(*(getattr(self, name)[inside] for name in self.__dataclass_fields__))


def take(locations: pd.DataFrame, parameters: Parameters, tier: str, partition: Partition, today: date | None) -> Records:
    """The records of `parameters.roles` (one role) under its filters; those that may not leave are not among them."""
    mine = locations["role"].isin(parameters.roles) & ~locations["sharing_restriction"].isin(KEPT_FROM[tier])
    rows = locations[mine & locations["at"].notna() & (locations["at_precision"] != "unknown")]
    reason = reasons(rows, parameters, today)
    kept = ~reason.isin([left_out.FILTERED, left_out.PAST_REVIEW]).to_numpy()
    rows, reason = rows[kept], reason[kept]
    enters = reason.isna().to_numpy()
    region = np.full(len(rows), -1, dtype=np.int64)
    place = rows[["easting", "northing"]].to_numpy(dtype=np.float64)[enters]
    region[enters] = partition.regions(place[:, 0], place[:, 1])
    return Records(
        day=rows["at"].dt.tz_convert(ZONE).dt.tz_localize(None).to_numpy().astype("datetime64[D]"),
        child=pd.factorize(rows["person_ref"])[0], episode=pd.factorize(rows["episode_ref"])[0],
        episode_ref=rows["episode_ref"].to_numpy(dtype=object), region=region,
        kind=rows["location_type"].astype("str").fillna("not_known").to_numpy(dtype=object),
        reason=reason.astype(object).where(reason.notna(), None).to_numpy())


def reasons(locations: pd.DataFrame, parameters: Parameters, today: date | None) -> pd.Series[str]:
    """Why each of LOCATIONS does not enter what is published under these filters; missing = it enters."""
    return left_out.gate(locations, replace(parameters, eps_m=PRECISION_M, window=WindowScheme("month")), today)


@dataclass(frozen=True)
class Setting:
    """What the counts of one release share; `before` is everything published so far."""

    tier: str
    role: str
    rules: Rules
    partition: Partition
    before: Sequence[Edition]


def places(records: Records, period: Period, setting: Setting) -> tuple[list[Place], dict[str, int]]:
    """What may be shown of the records of one period, unnamed; and how many places are withheld, by reason."""
    rules, partition = setting.rules, setting.partition
    least, found, lost = rules.least(setting.tier), [], {"few": 0, "one": 0, "difference": 0, "remote": 0}
    enters = np.array([reason is None for reason in records.reason], dtype=bool)
    lost["remote"] = len(np.unique(records.episode[enters & (records.region < 0)]))
    here = records.region >= 0
    rows = np.column_stack((records.region, records.child, records.episode))[here]
    kinds, kind = np.unique(records.kind[here].astype(str), return_inverse=True)
    region, children = distinct(rows[:, 0], rows[:, 1])
    named = region[children >= rules.cell_children].tolist()
    lost["few"] = len(region) - len(named)
    unions = join(named, rules, partition)
    of = {region: k for k, union in enumerate(unions) for region in union}
    union = np.array([of.get(each, -1) for each in rows[:, 0].tolist()], dtype=np.int64)
    order = np.argsort(union, kind="stable")
    opens = np.searchsorted(union[order], np.arange(len(unions) + 1)).tolist()
    for regions, first, last in zip(unions, opens, opens[1:], strict=False):
        inside = order[first:last]
        mine = Counted(rows[inside, 1], rows[inside, 2], kinds[kind[inside]])
        each = mine.episodes_of_each
        if len(each) < least:
            lost["few"] += 1
            continue
        if each.max() > rules.dominance * each.sum():
            lost["one"] += 1
            continue
        place = _said(mine, regions, period, setting)
        if place is None:
            lost["difference"] += 1
        else:
            found.append(replace(place, cells=cells_of(regions, partition)))
    return sorted(found, key=lambda place: place.regions), lost


@dataclass(frozen=True)
class Counted:
    """The records of one place: child, episode and kind of place of each."""

    child: NDArray[np.int64]
    episode: NDArray[np.int64]
    kind: NDArray[np.str_]

    @cached_property
    def episodes_of_each(self) -> NDArray[np.int64]:
        """How many episodes each of its children has."""
        width = int(self.episode.max(initial=0)) + 1
        return np.unique(np.unique(self.child * width + self.episode) // width, return_counts=True)[1]


def _said(mine: Counted, regions: list[int], period: Period, setting: Setting) -> Place | None:
    """The place as it may be told; None when even the lowest band would disclose by difference."""
    children, episodes = len(mine.episodes_of_each), int(mine.episodes_of_each.sum())
    area, bands, least = frozenset(regions), setting.rules.bands(setting.tier), setting.rules.least(setting.tier)
    if setting.tier == RMG and period.kind == "month":  # no published period is shorter: nothing can be subtracted
        low, high = children, children
    else:
        edges = [edge for edge in bands if edge <= most(setting.before, setting.role, period, area)]
        if not edges:
            return None
        low, high = band(children, edges)
    edges = [edge for edge in bands if edge <= most(setting.before, setting.role, period, area, episodes=True)]
    episodes_low, episodes_high = band(episodes, edges) if edges else (0, OPEN)
    names, times = np.unique(mine.kind, return_counts=True)
    main = str(names[np.argmax(times)])
    told = 2 * int(times.max()) > len(mine.kind) and len(np.unique(mine.child[mine.kind == main])) >= least
    kind = main if told and main in PLACE_TYPES and main not in UNNAMED else ""
    return Place("", low, high, episodes_low, episodes_high, kind, tuple(sorted(regions)), ())


def band(count: int, edges: Sequence[int]) -> tuple[int, int]:
    """The band of a count that is at least the first edge: its bounds, `OPEN` above the last edge."""
    at = max(k for k, edge in enumerate(edges) if edge <= count)
    return edges[at], edges[at + 1] - 1 if at + 1 < len(edges) else OPEN


def totals(records: Records, episodes: pd.DataFrame | None) -> dict[str, int]:
    """Counts of the whole area in one period, rounded: locations, used, episodes, children, repeat (children with more than
    one episode), not_mappable, left_out; and of the episodes' return interviews, when EPISODES is given: offered,
    interviewed, within_72h.
    """
    enters = np.array([reason is None for reason in records.reason], dtype=bool)
    unmapped = np.isin(records.reason.astype(str), NOT_MAPPABLE)
    pairs = pd.DataFrame({"child": records.child, "episode": records.episode}).drop_duplicates()
    each = np.unique(pairs["child"], return_counts=True)[1]
    found = {"locations": len(records.day), "used": int(enters.sum()), "episodes": len(np.unique(records.episode)),
             "children": len(each), "repeat": int((each > 1).sum()), "not_mappable": int(unmapped.sum()),
             "left_out": int((~enters & ~unmapped).sum())}
    if episodes is not None:
        mine = episodes.loc[episodes["episode_ref"].isin(records.episode_ref), list(INTERVIEWED)]
        done = mine["rhi_completed_at"].notna()
        soon = done & (mine["rhi_completed_at"] - mine["found_at"] <= pd.Timedelta(hours=72))
        found |= {"offered": int((mine["rhi_offered"] == "Y").sum()), "interviewed": int(done.sum()), "within_72h": int(soon.sum())}
    return {name: rounded(count) for name, count in found.items()}


def left_out_totals(records: Records) -> dict[str, int]:
    """Records by the reason why they do not enter, rounded."""
    reasons = pd.Series([reason for reason in records.reason if reason is not None], dtype="object").value_counts()
    return {reason: rounded(int(reasons[reason])) for reason in left_out.REASONS if reason in reasons.index}


def rounded(count: int) -> int:
    """To the nearest five; `FEW_KNOWN` for one to four."""
    return FEW_KNOWN if 0 < count < FEW else FEW * ((count + 2) // FEW)
