"""The one door: what may be shown. `Release` is the only type that views and maps accept.

The operational tier is for the signed-in analyst who holds the records: true counts, hotspots of at
least three different children, and none in which one child makes more than half of the episodes
(exactly half is shown and flagged). What is withheld is counted and said. Outlines for the screen
are simplified footprints; for files there are only fixed grid cells, because the corners of a hull
or a disc give exact addresses away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.errors import DisclosureError
from geo_data.schema import EPISODES, LOCATIONS, PLACE_TYPES, ROLES, TIERS
from scoping.clustering.points import Floats, Ints
from scoping.scope import Scoped
from scoping.transitions import CHANGES
from scoping.windows import ZONE

TIER = "operational"
FEW_CHILDREN = 3  # the floor of every tier
EFFECTIVE_CHILDREN = 3.0
DO_NOT_EXPORT = "do_not_export"
SOURCES = (*LOCATIONS["location_source"].allowed, "not_recorded")
HOURS = tuple(f"hour:{day}:{hour}" for day in range(7) for hour in range(24))  # 0 = Monday, local time
PROFILE = (*(f"type:{code}" for code in PLACE_TYPES), *(f"tier:{code}" for code in TIERS),
           *(f"role:{role}" for role in ROLES), *(f"source:{source}" for source in SOURCES), *HOURS, "hour:unknown")

HOTSPOTS = ("hotspot_id", "window", "change", "parents", "first_seen", "last_seen", "windows_seen",
            "rr", "rr_low", "rr_high", "children", "episodes", "one_child_half", "few_effective",
            "file_children", "file_episodes", "shape")
CELLS = ("hotspot_id", "window", "cell_e", "cell_n")
ANCHORS = ("hotspot_id", "cell_e", "cell_n")
WINDOWS = ("window", "locations", "used", "episodes", "children", "not_mappable", "left_out", "filtered", "no_data",
           "shown", "withheld")
_RESTRICTED = {column.name for table in (EPISODES, LOCATIONS) for column in table.columns if column.restricted}

Ring = Floats  # (n, 2) easting, northing


@dataclass(frozen=True)
class Rules:
    """Information governance's dials: raising them is free, below the floors they are refused."""

    operational: int = 3  # different children a shown hotspot needs
    rmg: int = 5
    briefing: int = 8
    dominance: float = 0.5  # the most that one child may make of a hotspot's episodes
    marking: str = "OFFICIAL-SENSITIVE"
    cell_m: int = 500

    def __post_init__(self) -> None:
        if not FEW_CHILDREN <= self.operational <= self.rmg <= self.briefing:
            raise DisclosureError("The numbers of children must rise from operational to rmg to briefing, from three.",
                                  where="rules")
        if not 0 < self.dominance <= 0.5:
            raise DisclosureError("One child may make at most half of a shown hotspot.", where="rules")
        if self.cell_m < 500:
            raise DisclosureError("Exported cells are at least 500 m wide.", where="rules")
        if not self.marking.strip():
            raise DisclosureError("A protective marking is needed.", where="rules")


@dataclass(frozen=True)
class Release:
    """What may be seen. It checks itself when made.

    `hotspots`: the columns of `HOTSPOTS`, one row a hotspot and window; counts are missing where the
    hotspot has no cluster in the window; `file_*` are the counts without records that may not be exported
    (missing = withheld from files); `shape` indexes `shapes`, each a tuple of outer rings (EPSG:27700 metres).
    `profile`: records per row of `hotspots` and entry of `PROFILE`. `cells`: south-west corners of the grid
    cells for files. `anchors`: the centre of the cell of each hotspot's latest shown window, to name it by.
    `windows`: totals a window. `withheld`: sentences.
    """

    tier: str
    rules: Rules
    marking: str
    synthetic: bool
    parameters: dict[str, Any]
    labels: tuple[str, ...]
    spans: tuple[tuple[str, str], ...]  # local dates, half-open
    partial: tuple[bool, ...]
    hotspots: pd.DataFrame
    shapes: tuple[tuple[Ring, ...], ...]
    profile: NDArray[np.int32]
    cells: pd.DataFrame
    anchors: pd.DataFrame
    windows: pd.DataFrame
    roles: pd.DataFrame
    reasons: pd.DataFrame
    withheld: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.tier != TIER:
            raise DisclosureError(f"There is no tier '{self.tier[:20]}' to release to.", fix=f"Use {TIER}.")
        if not self.marking.strip():
            raise DisclosureError("A release carries a protective marking.")
        for frame, columns in ((self.hotspots, HOTSPOTS), (self.cells, CELLS), (self.anchors, ANCHORS),
                               (self.windows, WINDOWS)):
            if tuple(frame.columns) != columns:
                raise DisclosureError("A release carries its declared columns and no other.")
        for frame in (self.hotspots, self.cells, self.anchors, self.windows, self.roles, self.reasons):
            if _RESTRICTED.intersection(frame.columns):
                raise DisclosureError("A release carries no column that describes one child or household.")
        if not set(self.hotspots["change"]) <= set(CHANGES):
            raise DisclosureError("A release names only known changes.")
        for column in ("children", "file_children"):
            if (self.hotspots[column].dropna() < self.rules.operational).any():
                raise DisclosureError(f"A hotspot of fewer than {self.rules.operational} children may not be shown.")
        for frame, at in ((self.cells, 0), (self.anchors, self.rules.cell_m // 2)):
            if ((frame[["cell_e", "cell_n"]] - at) % self.rules.cell_m).any(axis=None):
                raise DisclosureError("Places in a release lie on the fixed grid.")
        if self.profile.shape != (len(self.hotspots), len(PROFILE)):
            raise DisclosureError("A release profiles exactly the hotspots that it shows.")


def release(scoped: Scoped, rules: Rules | None = None, tier: str = TIER, *, synthetic: bool = False) -> Release:
    """What of `scoped` may be shown. Raises `DisclosureError` for a tier other than operational.

    `synthetic` stamps invented data in the marking.
    """
    rules = rules or Rules()
    if tier != TIER:
        raise DisclosureError(f"There is no tier '{tier[:20]}' to release to.", fix=f"Use {TIER}.", where="tier")
    book, summary = scoped.ledger, scoped.clusters.summary
    cluster = book["cluster"].to_numpy()
    clustered = cluster >= 0
    few = clustered & (_at(summary["children"], cluster) < rules.operational)
    one = clustered & ~few & (_at(summary["top_share"], cluster) > rules.dominance)
    shape = _last_shown(book, clustered & ~few & ~one)
    keep = (shape >= 0) & ~few & ~one
    rows, cluster, shape = book[keep].reset_index(drop=True), cluster[keep], shape[keep]
    present = cluster >= 0
    exported = _file_counts(scoped, rules)
    shapes, ring = _rings(scoped, shape)
    hotspots = rows[["hotspot_id", "window", "change", "parents", "first_seen", "last_seen", "windows_seen",
                     "rr", "rr_low", "rr_high"]].assign(
        parents=_known_parents(rows),
        children=_count(summary["children"], cluster, present),
        episodes=_count(summary["episodes"], cluster, present),
        one_child_half=present & (_at(summary["top_share"], cluster) >= rules.dominance),
        few_effective=present & (_at(summary["n_eff"], cluster) < EFFECTIVE_CHILDREN),
        file_children=_count(exported["children"], cluster, present & _at(exported["shown"], cluster)),
        file_episodes=_count(exported["episodes"], cluster, present & _at(exported["shown"], cluster)),
        shape=ring,
    )
    cells = _cells(scoped, rules, hotspots, cluster)
    spans = tuple((_day(a), _day(b)) for a, b in zip(scoped.windows.starts, scoped.windows.ends, strict=True))
    lost = np.bincount(book["window"].to_numpy()[few | one], minlength=len(spans))
    totals = scoped.coverage.windows.assign(
        shown=np.bincount(hotspots["window"].to_numpy()[present], minlength=len(spans)), withheld=lost)
    return Release(
        tier=tier, rules=rules, marking=f"{rules.marking} - SYNTHETIC DATA" if synthetic else rules.marking,
        synthetic=synthetic, parameters=scoped.parameters.as_dict(), labels=scoped.windows.labels, spans=spans,
        partial=tuple(scoped.windows.partial.tolist()), hotspots=hotspots, shapes=shapes,
        profile=_profile(scoped, cluster), cells=cells, anchors=_anchors(scoped, rules, hotspots, cluster),
        windows=totals[list(WINDOWS)], roles=scoped.coverage.roles, reasons=scoped.coverage.reasons,
        withheld=_sentences(rules, int(few.sum()), int(one.sum())),
    )


def _at(column: pd.Series[Any] | NDArray[Any], cluster: Ints) -> NDArray[Any]:
    """The column's value at each cluster; anything at -1, which callers mask."""
    values = np.asarray(column)
    return values[cluster] if len(values) else np.zeros(len(cluster), values.dtype)


def _count(column: pd.Series[Any] | NDArray[Any], cluster: Ints, known: NDArray[np.bool_]) -> pd.Series[Any]:
    return pd.Series(_at(column, cluster)).astype("Int64").where(pd.Series(known), pd.NA)


def _last_shown(book: pd.DataFrame, shown: NDArray[np.bool_]) -> Ints:
    """Per ledger row the hotspot's latest cluster that may be shown, up to that window; -1 before the first."""
    order = np.lexsort((book["window"], book["hotspot_id"].astype(object)))
    hotspot = book["hotspot_id"].to_numpy()[order]
    position = np.where(shown[order], np.arange(len(order)), -1)
    latest = np.maximum.accumulate(position) if len(order) else position
    own = (latest >= 0) & (hotspot[np.maximum(latest, 0)] == hotspot) if len(order) else position >= 0
    result = np.empty(len(order), dtype=np.int64)
    cluster = book["cluster"].to_numpy()[order]
    result[order] = np.where(own, cluster[np.maximum(latest, 0)], -1) if len(order) else cluster
    return result


def _known_parents(rows: pd.DataFrame) -> pd.Series[str]:
    """Parents that are themselves shown somewhere in the release."""
    known = set(rows["hotspot_id"])
    kept = ["|".join(name for name in text.split("|") if name in known) for text in rows["parents"]]
    return pd.Series(kept, index=rows.index, dtype="str")


def _rings(scoped: Scoped, shape: Ints) -> tuple[tuple[tuple[Ring, ...], ...], Ints]:
    """Outer rings of the footprints used, each outline once, and the index of each row's outline."""
    footprints = scoped.clusters.footprints
    used, ring = np.unique(footprints.same[shape], return_inverse=True)
    return tuple(footprints.rings(used)), ring


def _members(scoped: Scoped, cluster: Ints) -> tuple[Ints, Ints]:
    """Members of the clusters of `cluster` (one row each, -1 none): row of `cluster`, position in the frame."""
    row_of = np.full(len(scoped.clusters.summary) + 1, -1, dtype=np.int64)
    row_of[cluster[cluster >= 0]] = np.flatnonzero(cluster >= 0)
    row = row_of[scoped.clusters.member]  # noise is -1: the last entry, also -1
    inside = np.flatnonzero(row >= 0)
    return row[inside], scoped.clusters.members["point"].to_numpy()[inside]


def _exportable(scoped: Scoped) -> NDArray[np.bool_]:
    return (scoped.locations["sharing_restriction"] != DO_NOT_EXPORT).to_numpy()


def _file_counts(scoped: Scoped, rules: Rules) -> pd.DataFrame:
    """Children and episodes of each cluster without the records that no file may hold, and whether it passes."""
    clusters = scoped.clusters
    total = len(clusters.summary)
    inside = np.flatnonzero(clusters.member >= 0)
    inside = inside[_exportable(scoped)[clusters.members["point"].to_numpy()[inside]]]
    frame = pd.DataFrame({"cluster": clusters.member[inside], "person": scoped.points.person[clusters.visit[inside]],
                          "episode": scoped.points.episode[clusters.visit[inside]]}).drop_duplicates()
    each = frame.groupby(["cluster", "person"]).size()
    by = each.groupby(level=0)
    counts = pd.DataFrame({"children": by.size(), "episodes": by.sum(), "top": by.max()})
    counts = counts.reindex(range(total), fill_value=0)
    share = counts["top"] / counts["episodes"].clip(lower=1)
    counts["shown"] = (counts["children"] >= rules.operational) & (share <= rules.dominance)
    return counts


def _cells(scoped: Scoped, rules: Rules, hotspots: pd.DataFrame, cluster: Ints) -> pd.DataFrame:
    """Grid cells that hold an exportable member of each hotspot shown in files."""
    row, point = _members(scoped, np.where(hotspots["file_children"].notna(), cluster, -1))
    allowed = _exportable(scoped)[point]
    row, point = row[allowed], point[allowed]
    corner = _corner(scoped, point, rules.cell_m)
    frame = pd.DataFrame({"row": row, "cell_e": corner[:, 0], "cell_n": corner[:, 1]}).drop_duplicates()
    frame = frame.sort_values(["row", "cell_n", "cell_e"])
    of = hotspots.iloc[frame["row"].to_numpy()]
    return pd.DataFrame({"hotspot_id": of["hotspot_id"].array, "window": of["window"].array,
                         "cell_e": frame["cell_e"].array, "cell_n": frame["cell_n"].array})


def _corner(scoped: Scoped, point: Ints, cell_m: int) -> Ints:
    place = scoped.locations[["easting", "northing"]].to_numpy(dtype=np.float64)[point]
    return (np.floor(place / cell_m) * cell_m).astype(np.int64)


def _anchors(scoped: Scoped, rules: Rules, hotspots: pd.DataFrame, cluster: Ints) -> pd.DataFrame:
    latest = hotspots.assign(cluster=cluster)[cluster >= 0].drop_duplicates("hotspot_id", keep="last")
    centre = scoped.clusters.summary[["easting", "northing"]].to_numpy()[latest["cluster"].to_numpy()]
    cell = (np.floor(centre / rules.cell_m) * rules.cell_m + rules.cell_m // 2).astype(np.int64)
    return pd.DataFrame({"hotspot_id": latest["hotspot_id"].array, "cell_e": cell[:, 0], "cell_n": cell[:, 1]})


def _profile(scoped: Scoped, cluster: Ints) -> NDArray[np.int32]:
    """Records of each shown row by kind of place, tier, role, source, and local hour of the week."""
    row, point = _members(scoped, cluster)
    used, where = np.unique(point, return_inverse=True)
    records = scoped.locations.iloc[used]
    codes = []
    offset = 0
    for column, allowed, other in (("location_type", tuple(PLACE_TYPES), "not_known"), ("tier", tuple(TIERS), "P5"),
                                   ("role", ROLES, ROLES[0]), ("location_source", SOURCES, "not_recorded")):
        code = pd.Categorical(records[column], categories=allowed).codes.astype(np.int64)
        codes.append(np.where(code < 0, allowed.index(other), code) + offset)
        offset += len(allowed)
    local = pd.DatetimeIndex(records["at"]).tz_convert(ZONE)
    timed = (records["at_precision"] == "minute").to_numpy()
    codes.append(np.where(timed, local.day_of_week * 24 + local.hour, len(HOURS)) + offset)
    counts = np.zeros(len(cluster) * len(PROFILE), dtype=np.int64)
    for code in codes:
        counts += np.bincount(row * len(PROFILE) + code[where], minlength=len(counts))
    return counts.reshape(len(cluster), len(PROFILE)).astype(np.int32)


def _sentences(rules: Rules, few: int, one: int) -> tuple[str, ...]:
    said = []
    for count, why in ((few, f"fewer than {rules.operational} children"),
                       (one, "one child makes more than half of the episodes: refer to the child's plan")):
        if count:
            said.append(f"{count} {'place' if count == 1 else 'places'} withheld: {why}.")
    return tuple(said)


def _day(instant: pd.Timestamp) -> str:
    return instant.tz_convert(ZONE).date().isoformat()
