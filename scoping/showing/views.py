"""What a Release looks like: the map's payload, the table that says the same, one place's card, GeoJSON.

Pure functions of a `Release` and the places' names. They open nothing and reach no raw result.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo_data.schema import PLACE_TYPES, SOURCE_LABELS, TIERS
from scoping.showing.disclosure import HOURS, PROFILE, Release
from scoping.showing.rounds import ToWgs84, encode
from scoping.transitions import CHANGES, MEANING, TOLD, TOLD_AS
from scoping.windows import ZONE

CAVEAT = ("Indicative, based on reported missing episodes; not evidence about any person or business. It describes "
          "where children were seen or found, not who lives there. Advisory only: people decide.")
_DRAWN_AS = {change: TOLD[name][0] for change, name in TOLD_AS.items()} | {"forming": "forming", "no_data": "no_data"}
PRIVATE = ("friend_address", "relative_address", "private_address_concern")


def timeline(release: Release, names: Mapping[str, str], to_wgs84: ToWgs84) -> dict[str, Any]:
    """The map's payload: every window at once, plain JSON values.

    What is released is drawn as its files tell it (`transitions.TOLD`).
    `labels`, `spans` (local dates, half-open), `partial`, `classes` (codes of `CHANGES` in order, with
    `words`), `marking`, and `feats`: `id`, `name`, `w` = {window: {`c` class code, `n`
    children, `e` episodes (both null when there is no cluster), `s` 1 when one child makes half or few
    children make it, `r` which of the feature's outlines}}, and the outlines as `rounds.encode` writes them (WGS84, five
    decimals, about a metre), for discs of `radius` metres.
    """
    feats = []
    rows = release.hotspots.sort_values("hotspot_id", kind="stable")
    radius = float(release.parameters.get("eps_m", 0.0)) / 2  # a release of fixed cells has straight edges
    shapes: list[list[int]] = []
    flag = (rows["one_child_half"] | rows["few_effective"]).astype(int)
    changes = rows["change"].map(_DRAWN_AS) if release.published else rows["change"]
    columns = (rows["window"].tolist(), changes.tolist(), _plain(rows["children"]), _plain(rows["episodes"]), flag.tolist(),
               rows["shape"].tolist())
    for hotspot, group in groupby(zip(rows["hotspot_id"].tolist(), *columns, strict=True), key=itemgetter(0)):
        mine = list(group)
        shapes.append(sorted({row[-1] for row in mine}))
        ring = {shape: r for r, shape in enumerate(shapes[-1])}
        feats.append({
            "id": hotspot,
            "name": names.get(str(hotspot), str(hotspot)),
            "w": {str(k): {"c": c, "n": n, "e": e, "s": s, "r": ring[shape]} for _, k, c, n, e, s, shape in mine},
        })
    used = np.array([shape for each in shapes for shape in each], dtype=np.int64)
    begin = np.cumsum([0, *map(len, shapes)])[:-1]
    outlines = encode(release.shapes.take(used), begin, radius, to_wgs84)
    return {
        "labels": list(release.labels),
        "spans": [list(span) for span in release.spans],
        "partial": list(release.partial),
        "classes": list(CHANGES),
        "words": list(CHANGES.values()),
        "marking": release.marking,
        "radius": radius,
        "feats": [feat | mine for feat, mine in zip(feats, outlines, strict=True)],
    }


def table(release: Release, names: Mapping[str, str], window: int) -> pd.DataFrame:
    """What the map says in `window`, in words; the most children first."""
    every = release.hotspots[["hotspot_id", "window", "change", "children", "episodes", "first_seen", "windows_seen",
                              "rr", "rr_low", "rr_high"]]  # few columns are quick to cut
    rows = every[every["window"] == window]
    before = every.loc[every["window"] == window - 1, ["hotspot_id", "children"]].set_index("hotspot_id")["children"]
    frame = pd.DataFrame({
        "Hotspot": rows["hotspot_id"],
        "Place": [names.get(name, "") for name in rows["hotspot_id"]],
        "Change": rows["change"].map(CHANGES),
        "Children": rows["children"],
        "Episodes": rows["episodes"],
        "Children previous window": before.reindex(rows["hotspot_id"]).array,
        "Since": rows["first_seen"].map({day: _month(day) + _or_before(release, day) for day in rows["first_seen"].unique()}),
        "Windows seen": rows["windows_seen"],
        "Interval": [interval(*each) for each in zip(rows["rr"], rows["rr_low"], rows["rr_high"], strict=True)],
    })
    return frame.sort_values(["Children", "Hotspot"], ascending=[False, True], na_position="last", ignore_index=True)


def card(release: Release, hotspot_id: str, window: int, names: Mapping[str, str]) -> dict[str, Any]:
    """Everything to show of one place in one window; empty when it is not in that window.

    `id`, `name`, `window`, `change` (word), `meaning`, `children`, `episodes`, `interval`, `since`,
    `windows_seen`, `parents`, `history` (one entry a window up to this one: `window`, `children`, `usual`), `kinds`, `tiers`,
    `sources` (lists of label and records; `kinds` with the guardian to talk to), `hours` (7 x 24 records,
    Monday first, local time, of this window and those before it that share no day: each record once), `hours_unknown`,
    `flags` (sentences), `caveat`.
    """
    mine = release.hotspots[(release.hotspots["hotspot_id"] == hotspot_id) & (release.hotspots["window"] <= window)]
    now = mine[mine["window"] == window]
    if now.empty:
        return {}
    row = now.iloc[0]
    counts = release.profile[now.index[0]]
    to_date = release.profile[mine.index[mine["window"].isin(apart(release, window))]].sum(axis=0)
    hours = to_date[PROFILE.index(HOURS[0]):PROFILE.index(HOURS[-1]) + 1].reshape(7, 24)
    kinds = _kinds(counts)
    return {
        "id": hotspot_id,
        "name": names.get(hotspot_id, hotspot_id),
        "window": release.labels[window],
        "change": CHANGES[row["change"]],
        "meaning": _meaning(release, row),
        "children": _plain(now["children"])[0],
        "episodes": _plain(now["episodes"])[0],
        "interval": interval(row["rr"], row["rr_low"], row["rr_high"]),
        "since": _month(row["first_seen"]) + _or_before(release, row["first_seen"]),
        "windows_seen": int(row["windows_seen"]),
        "parents": [name for name in row["parents"].split("|") if name],
        "history": [
            {"window": release.labels[k], "children": children, "usual": usual(children, rr)}
            for k, children, rr in zip(mine["window"], _plain(mine["children"]), mine["rr"], strict=True)],
        "kinds": kinds,
        "tiers": _listed(counts, "tier", TIERS),
        "sources": _listed(counts, "source", SOURCE_LABELS),
        "hours": hours.tolist(),
        "hours_unknown": int(to_date[PROFILE.index("hour:unknown")]),
        "flags": _flags(release, row, kinds),
        "caveat": CAVEAT,
    }


def apart(release: Release, window: int) -> list[int]:
    """The window and, going back from it, each last one that shares no day with those taken: no record is counted twice."""
    taken = [window]
    for k in range(window - 1, -1, -1):
        if release.spans[k][1] <= release.spans[taken[-1]][0]:
            taken.append(k)
    return taken


def unsettled(release: Release, window: int) -> str:
    """Why nothing can be said of change in this window, in a sentence; empty where it can."""
    label = release.labels[window]
    if release.windows["no_data"].iloc[window]:
        return f"There is no record of {label} at all: a gap in the data, not a quiet time."
    if release.partial[window]:
        return f"{label} is not complete yet: its counts can only rise, and cannot be compared."
    return "" if window else f"There is no window before {label} to compare it with."


def _meaning(release: Release, row: pd.Series[Any]) -> str:
    """What the change means; of a new hotspot with less than a year of windows behind it, since when none was there."""
    first, begins = (date.fromisoformat(release.spans[k][0]) for k in (0, row["window"]))
    if row["change"] != "born" or begins - first >= timedelta(days=365):
        return MEANING[row["change"]]
    return (f"No hotspot here since {first.day} {first:%b %Y}, where these windows begin, and clearly enough children now. "
            "What was here before is not looked at.")


def totals(release: Release) -> pd.DataFrame:
    """Each window's label and first day, its hotspots that are shown, and different children: to lay two views side by side."""
    return pd.DataFrame({"Window": release.labels, "Starts": [start for start, _ in release.spans],
                         "Hotspots": release.windows["shown"].array, "Children": release.windows["children"].array})


def inside(release: Release, window: int, corners: NDArray[np.float64]) -> list[tuple[str, int]]:
    """Hotspots of the window whose footprint touches the outline (EPSG:27700 metres), with their children, the most first."""
    area = shapely.make_valid(shapely.polygons(corners))
    rows = release.hotspots[(release.hotspots["window"] == window) & release.hotspots["children"].notna()]
    columns = zip(rows["hotspot_id"], rows["children"], rows["shape"], strict=True)
    found = [(name, int(children)) for name, children, shape in columns
             if any(area.intersects(shapely.make_valid(shapely.polygons(ring))) for ring in release.shapes[shape])]
    return sorted(found, key=lambda each: (-each[1], each[0]))


def geojson(release: Release, to_wgs84: ToWgs84) -> dict[str, Any]:
    """A GeoJSON FeatureCollection (RFC 7946, WGS84): one feature a hotspot and window, its shape the union of fixed
    grid cells that hold a record. No hull, disc, centre or point leaves the program; records marked do_not_export
    are neither drawn nor counted, and a hotspot that falls under the rule without them is left out.
    """
    corners = dict(iter(release.cells.groupby(["hotspot_id", "window"])))
    shown = release.hotspots[release.hotspots["file_children"].notna()]
    features = [_feature(release, row, corners[row.hotspot_id, row.window], to_wgs84)
                for row in shown.sort_values(["hotspot_id", "window"]).itertuples(index=False)]
    return {
        "type": "FeatureCollection",
        "metadata": {
            "marking": release.marking, "synthetic": release.synthetic, "tier": release.tier,
            "handling": release.rules.handling(release.tier),
            "caveat": CAVEAT,
            "accuracy": f"Unions of {release.cell_side} m cells of the British National Grid.",
            "rule": release.rule,
            "withheld": list(release.withheld), "parameters": release.parameters, "classes": dict(CHANGES),
        },
        "features": features,
    }


def usual(children: int | None, rr: float) -> tuple[int, int] | None:
    """Between which numbers of children nine of ten such windows would lie at the past year's rate; missing when it is not known.

    The Poisson quantiles at 5 and 95 % of the number that the past year's rate would give; the uncertainty of that rate itself
    is in the interval of the ratio, not here.
    """
    if children is None or not np.isfinite(rr) or rr <= 0:
        return None
    from scipy.special import pdtr  # the Poisson distribution, without the weight of scipy.stats

    expected = children / rr
    reach = np.arange(int(expected + 6 * expected**0.5 + 12))
    below = pdtr(reach, expected)
    return int(np.searchsorted(below, 0.05)), int(np.searchsorted(below, 0.95))


def interval(rr: float, low: float, high: float) -> str:
    """"1.4x (0.9-2.1)": rate ratio against the past year with its 90 % interval."""
    if np.isnan(low):
        return "not enough data"
    if np.isinf(rr):
        return f"at least {low:.1f}x"
    return f"{rr:.1f}x ({low:.1f}-{high:.1f})"


def _feature(release: Release, row: Any, cells: pd.DataFrame, to_wgs84: ToWgs84) -> dict[str, Any]:
    e, n, side = cells["cell_e"].to_numpy(), cells["cell_n"].to_numpy(), release.cell_side
    parts = shapely.get_parts(shapely.union_all(shapely.box(e, n, e + side, n + side)))
    start, end = release.spans[row.window]
    return {
        "type": "Feature",
        "geometry": shapely.geometry.mapping(lonlat(shapely.multipolygons(parts), to_wgs84)),
        "properties": {
            "hotspot_id": row.hotspot_id, "window_start": start, "window_end": end,
            "partial": release.partial[row.window], "change": row.change, "children": int(row.file_children),
            "episodes": int(row.file_episodes), "marking": release.marking, "parameters": release.parameters,
        },
    }


def lonlat(shape: shapely.MultiPolygon, to_wgs84: ToWgs84) -> shapely.MultiPolygon:
    """The shape (EPSG:27700) in longitude and latitude to six decimals, outer rings counter-clockwise as GeoJSON has them."""
    def project(place: NDArray[np.float64]) -> NDArray[np.float64]:
        lat, lon = to_wgs84(place[:, 0], place[:, 1])
        return np.column_stack((np.round(lon, 6), np.round(lat, 6)))

    return shapely.orient_polygons(shapely.transform(shape, project))


def _plain(counts: pd.Series[Any]) -> list[int | None]:
    told: list[int | None] = counts.astype(object).where(counts.notna(), None).tolist()
    return told


def _or_before(release: Release, first_seen: pd.Timestamp) -> str:
    """What was there in the first window may be older: nothing before it is known here."""
    return " or before" if first_seen.tz_convert(ZONE).date().isoformat() <= release.spans[0][0] else ""


def _month(day: pd.Timestamp) -> str:
    return day.tz_convert(ZONE).strftime("%d %b %Y").lstrip("0")


def _listed(counts: NDArray[np.int32], kind: str, labels: Mapping[str, str]) -> list[tuple[str, int]]:
    """(label, records) of one kind of the profile, the most first."""
    found = [(code.split(":", 1)[1], int(count)) for code, count in zip(PROFILE, counts, strict=True)
             if count and code.startswith(f"{kind}:")]
    found.sort(key=lambda item: (-item[1], item[0]))
    return [(labels.get(code, code.replace("_", " ")), count) for code, count in found]


def _kinds(counts: NDArray[np.int32]) -> list[dict[str, Any]]:
    found = [(code, int(counts[PROFILE.index(f"type:{code}")])) for code in PLACE_TYPES]
    return [{"code": code, "kind": PLACE_TYPES[code].label, "records": count, "response": PLACE_TYPES[code].response}
            for code, count in sorted(found, key=lambda item: -item[1]) if count]


def _flags(release: Release, row: pd.Series[Any], kinds: list[dict[str, Any]]) -> list[str]:
    said = []
    if row["one_child_half"]:
        said.append("One child makes half of the episodes: refer to the child's plan as well as to the place.")
    elif row["few_effective"]:
        said.append("A few children make most of the episodes: refer to their plans as well as to the place.")
    records = sum(kind["records"] for kind in kinds)
    if sum(kind["records"] for kind in kinds if kind["code"] in PRIVATE) * 2 >= records > 0:
        said.append("Half or more of the records are at private addresses: name no address outside the team.")
    if release.partial[row["window"]]:
        said.append("This window is not yet complete: its counts can only rise.")
    if np.isnan(row["rr_low"]) and row["change"] not in ("no_data", "first", "born"):
        said.append("There is not enough data before this window to say whether the number of children has changed.")
    return said
