"""Buildings of the invented county, for the map at street level: terraces, semis, shops, sheds, schools.

Houses stand along the streets where the addresses are; a town centre and a works are cut into plots.
EPSG:27700 metres.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo_data.demo.county_addresses import beside
from geo_data.demo.county_plan import Array
from geo_data.demo.county_streets import subdivide

# zone: houses in a row, metres of garden in front, metres of depth, metres between rows
ROWS: dict[str, tuple[int, float, float, float]] = {
    "terrace": (9, 6.0, 10.0, 3.0), "interwar": (2, 9.0, 10.0, 3.5), "estate": (3, 8.0, 9.5, 4.0),
    "village": (2, 7.5, 9.0, 5.0), "country": (1, 20.0, 16.0, 8.0),
}
PLOTS = {"centre": (38.0, 30.0), "industrial": (130.0, 70.0), "retail": (120.0, 70.0), "hospital": (75.0, 45.0)}
COVER = {"centre": 0.9, "industrial": 0.72, "retail": 0.5, "hospital": 0.6}


def buildings(houses: pd.DataFrame, streets: gpd.GeoDataFrame, blocks: gpd.GeoDataFrame, schools: Array,
              rng: np.random.Generator) -> list[BaseGeometry]:
    """Building outlines; `houses` need street, number and `at` (metres along the street)."""
    rows = _rows(houses, streets)
    plots = [_plots(blocks.geometry.to_numpy()[(blocks["zone"] == zone).to_numpy()], zone, rng) for zone in PLOTS]
    return [*rows, *np.concatenate(plots), *_school_wings(schools)]


def _rows(houses: pd.DataFrame, streets: gpd.GeoDataFrame) -> Array:
    """Rows of houses along the streets, less those that would stand in another street."""
    zone = streets["zone"].to_numpy()[houses["street"]]
    style = pd.Series(np.where(pd.Series(zone).isin(list(ROWS)), zone, "terrace"), index=houses.index)
    size, front, depth, gap = (style.map({name: row[k] for name, row in ROWS.items()}) for k in range(4))
    side = np.where(houses["number"] % 2 == 1, 1, -1)
    row = (houses["number"] - 1) // 2 // size.astype(int)
    keys = pd.DataFrame({"street": houses["street"], "side": side, "row": row})
    gap_to_last = houses["at"].diff().where((keys[["street", "side"]].diff() == 0).all(axis=1))
    frontage = gap_to_last.bfill().ffill().clip(6.0, 14.0)  # the first of a side takes the next one's
    ends = pd.DataFrame({"start": houses["at"] - frontage / 2, "end": houses["at"] + frontage / 2, "front": front,
                         "depth": depth, "gap": gap}).groupby([keys["street"], keys["side"], keys["row"]]).agg(
        {"start": "min", "end": "max", "front": "first", "depth": "first", "gap": "first"}).reset_index()
    lines = streets.geometry.to_numpy()[ends["street"]]
    first, last = (ends["start"] + ends["gap"] / 2).to_numpy(), (ends["end"] - ends["gap"] / 2).to_numpy()
    middle = (first + last) / 2
    near, far = (ends["front"] * ends["side"]).to_numpy(), ((ends["front"] + ends["depth"]) * ends["side"]).to_numpy()
    ring = np.stack([beside(lines, at, off) for at, off in (
        (first, near), (middle, near), (last, near), (last, far), (middle, far), (first, far))], axis=1)
    rows = shapely.polygons(ring[last - first > 5])
    rows = rows[shapely.is_valid(rows)]
    hit, _ = shapely.STRtree(streets.geometry.to_numpy()).query(rows, predicate="intersects")
    free: Array = rows[np.setdiff1d(np.arange(len(rows)), hit)]
    return free


def _plots(blocks: Array, zone: str, rng: np.random.Generator) -> Array:
    """Buildings that fill plots: shops and offices of a centre, sheds of a works."""
    inner = shapely.get_parts(shapely.buffer(blocks, -3.0))
    inner = inner[shapely.area(inner) > 150]
    plots, _ = subdivide(inner, np.tile(PLOTS[zone], (len(inner), 1)), rng)
    plots = shapely.buffer(plots, -1.5 if zone == "centre" else -11.0, join_style="mitre")
    keep = (shapely.get_type_id(plots) == 3) & (shapely.area(plots) > 60) & (rng.random(len(plots)) < COVER[zone])
    return np.asarray(plots[keep])


def _school_wings(schools: Array) -> list[BaseGeometry]:
    """An L of two wings near the middle of each school's grounds."""
    wings = []
    for ground in schools:
        spot = ground.representative_point()
        corner = np.asarray(shapely.get_coordinates(shapely.oriented_envelope(ground)))
        way = corner[1] - corner[0]
        angle = np.degrees(np.arctan2(way[1], way[0]))
        shape = shapely.union(shapely.box(spot.x - 40, spot.y - 9, spot.x + 40, spot.y + 9),
                              shapely.box(spot.x - 40, spot.y - 9, spot.x - 22, spot.y + 45))
        turned = shapely.affinity.rotate(shape, angle, origin=spot)
        if ground.buffer(-6).contains(turned):
            wings.append(turned)
    return wings
