"""What the map of areas is handed: rings in WGS84, classes with their colours and words. Pure functions of releases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoping.change.grid import CELL_M
from scoping.change.scan import LEVELS
from scoping.showing.alerts import AlertRelease, sentence
from scoping.showing.grid_view import GridRelease, meaning
from scoping.showing.rounds import ToWgs84

CORNERS = 48  # of a circle as a ring

# fill, line, dash: more is purple, less is green, as on the map of hotspots; dashes tell apart what colour alone would
_ALERTS = {"light": {"alert": ("#7b3294", "#40004b", ""), "watch": ("#c2a5cf", "#762a83", "9 4")},
           "dark": {"alert": ("#a64ac9", "#efd9fb", ""), "watch": ("#8d6aa3", "#efd9fb", "9 4")}}
_SQUARES = {
    "light": {
        "persistent": ("#762a83", "#40004b", ""), "intensifying": ("#5b1a69", "#40004b", ""),
        "emerging": ("#d6604d", "#67001f", ""), "new": ("#d6604d", "#67001f", ""), "consecutive": ("#f4a582", "#b2182b", ""),
        "intermittent": ("#d9c7e2", "#762a83", "6 3"), "sporadic": ("#d9c7e2", "#762a83", "6 3"),
        "oscillating": ("#d9c7e2", "#67001f", "3 3"), "diminishing": ("#a6dba0", "#1b7837", ""),
        "former": ("#e4e7eb", "#4d545e", "4 4"), "historical": ("#e4e7eb", "#4d545e", "4 4"), "none": ("#c2a5cf", "#762a83", "2 4"),
    },
    "dark": {
        "persistent": ("#a64ac9", "#efd9fb", ""), "intensifying": ("#c07ae0", "#ffffff", ""),
        "emerging": ("#e07b68", "#ffd9d0", ""), "new": ("#e07b68", "#ffd9d0", ""), "consecutive": ("#c96a50", "#ffd9d0", ""),
        "intermittent": ("#5f4a6b", "#d3a6ea", "6 3"), "sporadic": ("#5f4a6b", "#d3a6ea", "6 3"),
        "oscillating": ("#5f4a6b", "#ffd9d0", "3 3"), "diminishing": ("#4f8a4c", "#d4f0d0", ""),
        "former": ("#3b424c", "#c3c9d1", "4 4"), "historical": ("#3b424c", "#c3c9d1", "4 4"), "none": ("#6d5480", "#d3a6ea", "2 4"),
    },
}
_COLD = {"light": ("#d9f0d3", "#1b7837", "2 3"), "dark": ("#2e4a33", "#7fcf86", "2 3")}


def alerts(release: AlertRelease, places: Sequence[str], to_wgs84: ToWgs84, theme: str) -> dict[str, Any]:
    """`classes` {code: [words, fill, line, dash]} and `areas`, one circle an alert, as `areas.js` takes them."""
    turn = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    rows = release.alerts
    east, north, radius = (rows[name].to_numpy(dtype=np.float64)[:, None] for name in ("cell_e", "cell_n", "radius_m"))
    rings = _rings(east + radius * np.cos(turn), north + radius * np.sin(turn), to_wgs84)
    return {
        "classes": {code: [LEVELS[code].capitalize(), *style] for code, style in _ALERTS[theme].items()},
        "areas": [{"ring": ring, "c": row["level"], "name": place, "says": sentence(row), "n": int(row["children"])}
                  for ring, place, row in zip(rings, places, rows.to_dict("records"), strict=True)],
    }


def squares(release: GridRelease, to_wgs84: ToWgs84, theme: str) -> dict[str, Any]:
    """The same of a grid: one square each, those without a category that are hot in the window last."""
    rows = release.squares
    east, north = (rows[name].to_numpy(dtype=np.float64)[:, None] for name in ("cell_e", "cell_n"))
    rings = _rings(east + np.array([0, CELL_M, CELL_M, 0]), north + np.array([0, 0, CELL_M, CELL_M]), to_wgs84)
    words = list(dict.fromkeys([*_SQUARES[theme], *sorted(set(rows["category"]))]))
    return {
        "classes": {word: [_legend(word), *_SQUARES[theme].get(word, _COLD[theme])] for word in words},
        "areas": [{"ring": ring, "c": row["category"], "name": f"Square {row['cell_e']:06d} {row['cell_n']:06d}",
                   "says": _says(row, release), "n": ""}
                  for ring, row in zip(rings, rows.to_dict("records"), strict=True)],
    }


def _legend(word: str) -> str:
    return "Hot in this window only" if word == "none" else f"{word.capitalize()}: {meaning(word)}"


def _says(row: dict[Any, Any], release: GridRelease) -> str:
    children = "Few or no children" if pd.isna(row["children"]) else f"{row['children']} different children"
    return f"{children} in {release.window}; hot in {row['windows_hot']} of {release.windows} windows."


def _rings(east: NDArray[np.float64], north: NDArray[np.float64], to_wgs84: ToWgs84) -> list[list[list[float]]]:
    """Rings in (lon, lat), five decimals, with one call of the projection. Rows of the arrays are rings."""
    if not len(east):
        return []
    lat, lon = to_wgs84(east.ravel(), north.ravel())
    pairs = np.column_stack((np.round(lon, 5), np.round(lat, 5))).reshape(len(east), -1, 2)
    rings: list[list[list[float]]] = pairs.tolist()
    return rings
