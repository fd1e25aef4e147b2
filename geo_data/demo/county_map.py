"""The invented county's base map as files that a browser draws offline.

`write_map(county, folder)` writes vector tiles (PMTiles v3, one layer a file, the layer named as the file) and
one description. Web Mercator tiles, zoom levels as below; a browser draws deeper zooms from the deepest tiles.

    land.pmtiles       5-12   the island
    green.pmtiles      8-14   kind: park wood moor sports cemetery allotments school beach
    built.pmtiles      9-14   built-up blocks; zone: centre terrace interwar estate industrial village retail hospital
    water.pmtiles      7-14   kind: river
    buildings.pmtiles  14     building outlines
    roads.pmtiles      8-14   kind: A B distributor residential close lane; name
    rail.pmtiles       8-13   railway lines
    labels.pmtiles     6-13   points; kind: city town village station water moor; name; population; rank (1 first)
    map.json           name, marking, attribution, centre and bounds (lat, lon), layers ({name, file, min_zoom, zoom})
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_data.demo import county_plan as plan
from geo_data.demo.county import CRS, County
from geo_data.demo.county_plan import Array
from geo_data.grid import to_wgs84

ATTRIBUTION = "Invented county - SYNTHETIC DATA"
MARKING = "SYNTHETIC DATA"
ZOOMS = {"land": (5, 12), "green": (8, 14), "built": (9, 14), "water": (7, 14), "buildings": (14, 14), "roads": (8, 14),
         "rail": (8, 13), "labels": (6, 13)}
DESCRIPTION = "map.json"
# labels that are no settlement: name, kind, kilometres east and north of the plan's origin
FEATURES = (
    ("River Quern", "water", 28.6, 18.65), ("River Quern", "water", 19, 19),
    ("Quern Bay", "water", 36.4, 20.4), ("Pellow Beck", "water", 21.6, 26.9), ("Hexwold Reservoir", "water", 8.3, 19.4),
    ("Hexwold Moor", "moor", 6.9, 22.6),
)


def layers(county: County) -> dict[str, gpd.GeoDataFrame]:
    """The map's layers by name, in EPSG:27700, in drawing order."""
    return {
        "land": county.land,
        "green": county.green[["kind", "geometry"]],
        "built": county.blocks[["zone", "geometry"]],
        "water": county.water,
        "buildings": county.buildings,
        "roads": county.streets[["name", "kind", "geometry"]],
        "rail": county.rail,
        "labels": _labels(county),
    }


def write_map(county: County, folder: Path) -> dict[str, Any]:
    """Write the base map into `folder` (made if absent; former files are replaced) and return its description.

    Each file is finished under another name first, so that a half-written map is never served.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in layers(county).items():
        low, high = ZOOMS[name]
        unfinished = folder / f"unfinished-{name}.pmtiles"
        unfinished.unlink(missing_ok=True)
        _wgs84(frame).to_file(unfinished, driver="PMTiles", layer=name, MINZOOM=low, MAXZOOM=high)
        unfinished.replace(folder / f"{name}.pmtiles")
    description = describe(county)
    (folder / DESCRIPTION).write_text(json.dumps(description, indent=1), encoding="utf-8")
    return description


def describe(county: County) -> dict[str, Any]:
    """What map.json holds."""
    west, south, east, north = county.land.total_bounds
    city = county.places.iloc[0]
    degrees = to_wgs84([west, east, city["easting"]], [south, north, city["northing"]])
    lat, lon = (axis.round(5).tolist() for axis in degrees)
    return {
        "name": county.name, "marking": MARKING, "attribution": ATTRIBUTION, "seed": county.seed,
        "centre": [lat[2], lon[2]], "zoom": 13, "bounds": [[lat[0], lon[0]], [lat[1], lon[1]]],
        "layers": [{"name": name, "file": f"{name}.pmtiles", "min_zoom": low, "zoom": high}
                   for name, (low, high) in ZOOMS.items()],
    }


def _wgs84(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """By the product's own transformation, so that the ground and the marks on it agree to the metre."""
    def degrees(xy: Array) -> Array:
        lat, lon = to_wgs84(xy[:, 0], xy[:, 1])
        return np.column_stack([lon, lat])

    moved = shapely.transform(frame.geometry.to_numpy(), degrees)
    return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs="EPSG:4326"))


def _labels(county: County) -> gpd.GeoDataFrame:
    """Names on the map: settlements by size, stations, the river, the bay and the moor."""
    settlements = county.places[["name", "kind", "population", "easting", "northing"]]
    stations = county.institutions[county.institutions["kind"] == "rail_station"]
    features = pd.DataFrame([(name, kind, 0, *plan.metres([(east, north)])[0]) for name, kind, east, north in FEATURES],
                            columns=settlements.columns)
    halts = pd.DataFrame({"name": stations["town"] + " station", "kind": "station", "population": 0,
                          "easting": stations["easting"], "northing": stations["northing"]})
    both = pd.concat([settlements, features, halts], ignore_index=True)
    rank = both["kind"].map({"city": 1, "town": 2, "village": 3, "water": 3, "moor": 3, "station": 4})
    points = gpd.points_from_xy(both.pop("easting"), both.pop("northing"), crs=CRS)
    return gpd.GeoDataFrame(both.assign(rank=rank), geometry=points, crs=CRS)
