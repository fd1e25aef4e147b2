"""Further layers of the map as plain JSON values: what the browser's overlays.js draws beside the hotspots.

Each overlay is {name, style, note, items}; see overlays.js for the shape of an item. Everything comes from a `Release`
or from protected `Areas`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np

from geo_data.schema import ROLE_LABELS
from scoping.change.scan import OK
from scoping.showing.alerts import AlertRelease, sentence
from scoping.showing.areas import Areas
from scoping.showing.disclosure import Release
from scoping.showing.rounds import ToWgs84
from scoping.showing.views import timeline


def role(release: Release, to_wgs84: ToWgs84) -> dict[str, Any]:
    """The hotspots of another role of the same episodes, as outlines. `release` was made for that role alone."""
    code = release.parameters["roles"][0]
    word = ROLE_LABELS[code]
    items, drawn = [], timeline(release, {}, to_wgs84)
    for feature in drawn["feats"]:
        shown = {k: w["r"] for k, w in feature["w"].items() if w["n"] is not None}
        if shown:
            most = max(w["n"] for w in feature["w"].values() if w["n"] is not None)
            items.append({"discs": feature["discs"], "rings": feature["rings"], "w": shown,
                          "label": f"{feature['id']}: up to {most} children in a window"})
    return {"name": f"{word}: hotspots", "style": code, "items": items, "radius": drawn["radius"],
            "note": f"Where children were {word.lower()}, under the same settings. A place of its own, never added to the others."}


def cells(release: Release, to_wgs84: ToWgs84) -> dict[str, Any]:
    """The fixed grid cells that a file would carry in place of the footprints."""
    side = release.rules.cell_m
    rows = release.cells.sort_values(["hotspot_id", "window"], kind="stable")
    corners, cell = np.unique(rows[["cell_e", "cell_n"]].to_numpy(dtype=np.float64), axis=0, return_inverse=True)
    every = corners[:, None, :] + np.array([(0, 0), (side, 0), (side, side), (0, side)], dtype=np.float64)
    lat, lon = to_wgs84(every[..., 0].ravel(), every[..., 1].ravel())
    squares = np.column_stack([lon.round(5), lat.round(5)]).reshape(-1, 4, 2).tolist()
    hotspot, window = rows["hotspot_id"].to_numpy(dtype=object), rows["window"].to_numpy(dtype=np.int64)
    opens = np.flatnonzero(np.concatenate(([True], (hotspot[1:] != hotspot[:-1]) | (window[1:] != window[:-1])))[:len(rows)])
    held: dict[str, dict[tuple[int, ...], list[int]]] = {}  # of each hotspot: its sets of cells, and the windows of each
    for first, last in pairwise([*opens.tolist(), len(rows)]):
        held.setdefault(str(hotspot[first]), {}).setdefault(tuple(cell[first:last].tolist()), []).append(int(window[first]))
    items = [{"rings": [[squares[k] for k in which] for which in sets],
              "w": {str(k): at for k, at in sorted((k, at) for at, windows in enumerate(sets.values()) for k in windows)},
              "label": f"{name}: the cells of {side} m that a file would hold"} for name, sets in held.items()]
    return {"name": f"Cells of {side} m", "style": "cell", "items": items,
            "note": "Files carry these fixed cells, never a footprint."}


def areas(found: Areas, to_wgs84: ToWgs84, name: str, style: str, note: str) -> dict[str, Any]:
    """Protected counts by area: a circle as large as the place is uncertain, with the number of children on it."""
    rows = found.rows
    if rows.empty:
        return {"name": name, "style": style, "note": note, "items": []}
    lat, lon = to_wgs84(rows["easting"].to_numpy(dtype=np.float64), rows["northing"].to_numpy(dtype=np.float64))
    columns = (rows[column].tolist() for column in ("window", "radius_m", "children", "episodes"))
    items = [{"at": [round(x, 5), round(y, 5)], "m": round(metres), "w": {str(window): 0}, "text": str(children),
              "label": f"{children} children, {episodes} episodes"}
             for x, y, window, metres, children, episodes in zip(lon.tolist(), lat.tolist(), *columns, strict=True)]
    return {"name": name, "style": style, "note": note, "items": items}


def alerts(release: AlertRelease, places: Sequence[str], to_wgs84: ToWgs84, window: int) -> list[dict[str, Any]]:
    """The circles of one scan, as they belong to `window`: alerts, and places to watch. None is said too, and why."""
    until = f"week to {_day(release.at)}"
    note = ("Different children who newly gather, held against the year before, with how often chance alone would give as much. "
            "See the page Alerts.")
    if release.status != OK or release.alerts.empty:
        said = f"No alert, {until}" if release.status == OK else "Alerts: not enough data"
        return [{"name": said, "style": "alert", "note": " ".join([note, *release.statements]), "items": []}]
    rows = release.alerts
    lat, lon = to_wgs84(rows["cell_e"].to_numpy(dtype=np.float64), rows["cell_n"].to_numpy(dtype=np.float64))
    each = [(row["level"], {"at": [round(x, 5), round(y, 5)], "m": row["radius_m"], "w": {str(window): 0},
                            "text": f"{row['children']} in {row['length_days']} days", "label": f"{place}. {sentence(row)}"})
            for x, y, place, row in zip(lon.tolist(), lat.tolist(), places, rows.to_dict("records"), strict=True)]
    return [{"name": f"{word}, {until}", "style": level, "note": note, "items": items}
            for level, word in (("alert", "Alerts"), ("watch", "To watch"), ("none", "Within chance"))
            if (items := [item for of, item in each if of == level])]


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
