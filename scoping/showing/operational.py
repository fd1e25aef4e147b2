"""The operational tier: for the signed-in analyst who holds the records.

True counts, hotspots of at least three different children, and none in which one child makes more than half of
the episodes (exactly half is shown and flagged). What is withheld is counted and said. Outlines for the screen
are simplified footprints; for files there are only fixed grid cells, because the corners of a hull
or a disc give exact addresses away.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.schema import PLACE_TYPES, ROLES, TIERS
from scoping.clustering.points import Ints
from scoping.clustering.rings import Rings
from scoping.columns import Columns
from scoping.scope import Scoped
from scoping.showing.contents import HOURS, PROFILE, SOURCES, WINDOWS, Release
from scoping.showing.rules import OPERATIONAL, Rules
from scoping.windows import ZONE

EFFECTIVE_CHILDREN = 3.0
DO_NOT_EXPORT = "do_not_export"


def release(scoped: Scoped, rules: Rules, *, synthetic: bool) -> Release:
    """What of `scoped` the signed-in analyst may see on screen."""
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
    hotspots = hotspots.assign(low=hotspots["children"], high=hotspots["children"], said=_text(hotspots["children"]),
                               episodes_said=_text(hotspots["episodes"]), kind="")
    cells = _cells(scoped, rules, hotspots, cluster)
    spans = tuple((_day(a), _day(b)) for a, b in zip(scoped.windows.starts, scoped.windows.ends, strict=True))
    lost = np.bincount(book["window"].to_numpy()[few | one], minlength=len(spans))
    totals = scoped.coverage.windows.assign(
        shown=np.bincount(hotspots["window"].to_numpy()[present], minlength=len(spans)), withheld=lost)
    return Release(
        tier=OPERATIONAL, rules=rules, marking=rules.stamped(synthetic),
        synthetic=synthetic, parameters=scoped.parameters.as_dict(), labels=scoped.windows.labels, spans=spans,
        partial=tuple(scoped.windows.partial.tolist()), hotspots=hotspots, shapes=shapes,
        profile=_profile(scoped, cluster), cells=cells, anchors=_anchors(scoped, rules, hotspots, cluster),
        windows=totals[list(WINDOWS)], roles=scoped.coverage.roles, reasons=scoped.coverage.reasons,
        withheld=_sentences(rules, int(few.sum()), int(one.sum())),
    )


def _text(count: pd.Series[Any]) -> pd.Series[str]:
    return count.astype("str").where(count.notna(), "")


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
    known = set(rows["hotspot_id"].unique())
    kept = {text: "|".join(name for name in text.split("|") if name in known) for text in rows["parents"].unique()}
    return rows["parents"].map(kept).astype("str")


def _rings(scoped: Scoped, shape: Ints) -> tuple[Rings, Ints]:
    """Outer rings of the footprints used, each outline once, and the index of each row's outline."""
    footprints = scoped.clusters.footprints
    used, ring = np.unique(footprints.same[shape], return_inverse=True)
    return footprints.rings(used), ring


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
    """Children and episodes of each cluster without the records that no file may hold, and whether it passes.

    An episode is of one child.
    """
    clusters, points = scoped.clusters, scoped.points
    exportable = _exportable(scoped)
    counts = clusters.summary[["children", "episodes", "top_share"]]
    if not exportable.all():
        inside = np.flatnonzero(clusters.member >= 0)
        inside = inside[exportable[clusters.members["point"].to_numpy()[inside]]]
        frame = pd.DataFrame({"cluster": clusters.member[inside], "person": points.person[clusters.visit[inside]],
                              "episode": points.episode[clusters.visit[inside]]}).drop_duplicates()
        by = frame.groupby(["cluster", "person"]).size().groupby(level=0)
        counts = pd.DataFrame({"children": by.size(), "episodes": by.sum(), "top_share": by.max() / by.sum()})
        counts = counts.reindex(range(len(clusters.summary)), fill_value=0)
    return counts.assign(shown=(counts["children"] >= rules.operational) & (counts["top_share"] <= rules.dominance))


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
    from scoping.clustering.tallies import profiles

    entries = scoped.columns.kept("profile", lambda: _entries(scoped.columns))
    counts: NDArray[np.int32] = profiles(*_members(scoped, cluster), entries, len(cluster), len(PROFILE))
    return counts


def _entries(rows: Columns) -> NDArray[np.int16]:
    """The entries of `PROFILE` to which each row counts, one of each kind."""
    found = []
    offset = 0
    for column, allowed, other in (("location_type", tuple(PLACE_TYPES), "not_known"), ("tier", tuple(TIERS), "P5"),
                                   ("role", ROLES, ROLES[0]), ("location_source", SOURCES, "not_recorded")):
        code = rows.codes(column, allowed)
        found.append(np.where(code < 0, allowed.index(other), code) + offset)
        offset += len(allowed)
    local = pd.DatetimeIndex(rows.frame["at"]).tz_convert(ZONE)
    timed = (rows.frame["at_precision"] == "minute").to_numpy(dtype=bool, na_value=False) & local.notna()
    hour = np.full(len(rows), len(HOURS))
    hour[timed] = local.day_of_week[timed] * 24 + local.hour[timed]
    return np.column_stack((*found, hour + offset)).astype(np.int16)


def _sentences(rules: Rules, few: int, one: int) -> tuple[str, ...]:
    said = []
    for count, why in ((few, f"fewer than {rules.operational} children"),
                       (one, "one child makes more than half of the episodes: refer to the child's plan")):
        if count:
            said.append(f"{count} {'place' if count == 1 else 'places'} withheld: {why}.")
    return tuple(said)


def _day(instant: pd.Timestamp) -> str:
    return instant.tz_convert(ZONE).date().isoformat()
