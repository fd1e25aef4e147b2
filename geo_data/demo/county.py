"""Quernshire: an invented county in open sea, for demonstrations and tests.

A demonstration must not point at a real street, home or business, so the whole county is made up: coast,
river, railway, streets, names, addresses and postcodes (QX, never used by Royal Mail). Nothing here comes from
a real map. `county(seed)` is deterministic and takes a few seconds. All geometry is EPSG:27700 metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from geo_data.demo import county_plan as plan
from geo_data.demo.county_addresses import addresses, name_streets, postcodes
from geo_data.demo.county_buildings import buildings
from geo_data.demo.county_institutions import institutions
from geo_data.demo.county_streets import BLOCKS, OPEN_ZONES, Town, draw_town

CRS = "EPSG:27700"


@dataclass(frozen=True, eq=False)
class County:
    """The invented county. Frames are in EPSG:27700 metres; every one is in a fixed order.

    ``land``          one row: the island
    ``water``         rivers and the reservoir: kind (river, lake)
    ``green``         kind: park, wood, moor, sports, cemetery, allotments, school, beach
    ``blocks``        built-up blocks: town, zone (centre, terrace, interwar, estate, industrial, village, retail,
                      hospital)
    ``buildings``     outlines for the map; no attribute
    ``streets``       town ('' in the country), name, kind (A, B, distributor, residential, close, lane), zone
    ``rail``          railway lines
    ``places``        name, kind (city, town, village), population, easting, northing
    ``addresses``     street (row of ``streets``), town, number, postcode, easting, northing
    ``postcodes``     postcode, sector, outcode, easting, northing, street, town, addresses
    ``institutions``  institution_id, kind, description, location_type, town, street, postcode, easting, northing,
                      capacity
    """

    name: str
    seed: int
    land: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    green: gpd.GeoDataFrame
    blocks: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    rail: gpd.GeoDataFrame
    places: pd.DataFrame
    addresses: pd.DataFrame
    postcodes: pd.DataFrame
    institutions: pd.DataFrame

    @cached_property
    def address_tree(self) -> shapely.STRtree:
        """The addresses as a search tree, in row order."""
        return shapely.STRtree(shapely.points(self.addresses[["easting", "northing"]].to_numpy()))


def county(seed: int = 1) -> County:
    """Draw the county. The same seed gives the same county, byte for byte."""
    rng = np.random.default_rng([seed, 1])
    warp = plan.Warp.draw(rng)
    land = plan.land(rng)
    water = plan.river(rng)
    moor = plan.moor(rng)
    rails = plan.railways()
    track = shapely.union_all(rails)
    roads = plan.main_roads(rng)

    towns = []
    for settlement in plan.SETTLEMENTS:
        mine = [(kind, end if start == settlement.name else start, line if start == settlement.name else line.reverse())
                for kind, start, end, line in roads if settlement.name in (start, end)]
        towns.append(draw_town(settlement, mine, land=land, water=water, rail=track, rng=rng))

    island = warp(land) | warp(plan.piers())
    wet = warp(water) & island
    streets = _streets(towns, roads, warp, island, rng)
    blocks, open_land = _blocks(towns, warp)
    green = _green(open_land, moor=warp(moor) & island, towns=[warp(town.outline) for town in towns], wet=wet,
                   island=island, rng=rng)
    houses = addresses(streets, rng)
    houses["postcode"], table = postcodes(houses, streets)
    schools = green.geometry.to_numpy()[(green["kind"] == "school").to_numpy()]
    outlines = buildings(houses, streets, blocks, schools, rng)
    houses = houses.drop(columns="at")
    places = pd.DataFrame([(town.name, town.kind, town.population) for town in plan.SETTLEMENTS],
                          columns=["name", "kind", "population"])
    places[["easting", "northing"]] = warp.points(np.array([town.centre for town in plan.SETTLEMENTS])).round()
    return County(
        name=plan.NAME, seed=seed,
        land=_frame([island], kind=["land"]),
        water=_frame([wet], kind=["river"]),
        green=green, blocks=blocks, buildings=_frame(outlines), streets=streets,
        rail=_frame([warp(line) for line in rails], kind="rail"),
        places=places, addresses=houses, postcodes=table,
        institutions=institutions(places, houses, streets, blocks=blocks, green=green, warp=warp, rng=rng),
    )


def _frame(geometry: object, **columns: object) -> gpd.GeoDataFrame:
    """Geometry with columns; a single value fills its column."""
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(geometry, crs=CRS), crs=CRS).assign(**columns)


def _streets(towns: list[Town], roads: list[tuple[str, str, str, LineString]], warp: plan.Warp, island: BaseGeometry,
             rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Every street of every town, then the country roads and lanes between them."""
    frames = []
    for town in towns:
        quarters = shapely.STRtree(town.blocks)
        middle = [line.interpolate(0.5, normalized=True) for line in town.streets]
        zone = np.array(town.zones, dtype=object)[quarters.nearest(middle)]
        style = [_style(kind, str(near)) for kind, near in zip(town.kinds, zone, strict=True)]
        names = name_streets(style, town.names, rng)
        frames.append(_frame(warp(np.array(town.streets, dtype=object)), town=town.settlement.name, name=names,
                             kind=town.kinds, zone=zone))
    built = shapely.union_all([town.outline for town in towns])
    country = []
    for kind, start, end, line in roads:
        parts = [part for part in shapely.get_parts(line - built) if part.length > 60]
        country += [(kind, f"{start} to {end} road", part) for part in parts]
    country += [("lane", "", line) for line in _lanes([line for *_, line in country], built, island, rng)]
    names = name_streets(["village"] * len(country), [name for _, name, _ in country], rng)
    lines = warp(np.array([line for *_, line in country], dtype=object))
    out = _frame(lines, town="", name=names, kind=[kind for kind, *_ in country], zone="country")
    both = pd.concat([*frames, out], ignore_index=True)
    return gpd.GeoDataFrame(both, geometry="geometry", crs=CRS)


def _style(kind: str, zone: str) -> str:
    """How a street is named: by its class, else by the quarter it lies in."""
    if kind in ("close", "distributor"):
        return kind
    return zone if kind == "residential" and zone in BLOCKS else "distributor"


def _lanes(roads: list[LineString], built: BaseGeometry, island: BaseGeometry, rng: np.random.Generator
           ) -> list[LineString]:
    """Farm lanes that leave the country roads and wander."""
    inland = island.buffer(-300) - built.buffer(150)
    lanes = []
    for road in roads:
        for at in np.arange(rng.uniform(400, 1_400), road.length, 1_500):
            start = np.asarray(road.interpolate(at).coords[0])
            ahead = np.asarray(road.interpolate(at + 20).coords[0]) - start
            turn = rng.choice([-1, 1]) * rng.uniform(1.1, 1.9)
            heading = np.arctan2(ahead[1], ahead[0]) + turn
            reach = rng.uniform(700, 2_600)
            end = start + reach * np.array([np.cos(heading), np.sin(heading)])
            path = plan.roughen(np.vstack([start, end]), 0.16, False, rng, rounds=3)
            path = plan.smooth(path, closed=False, rounds=2)
            parts = [part for part in shapely.get_parts(LineString(path) & inland) if part.length > 250]
            lanes += parts[:1]
    return lanes


def _blocks(towns: list[Town], warp: plan.Warp) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Finished blocks, bent with the streets: (built, open)."""
    shapes = warp(np.array([block for town in towns for block in town.blocks], dtype=object))
    frame = _frame(shapely.buffer(shapes, -5.0), town=[town.settlement.name for town in towns for _ in town.blocks],
                   zone=[zone for town in towns for zone in town.zones])
    frame = frame[~frame.geometry.is_empty]
    is_open = frame["zone"].isin([zone for zone in OPEN_ZONES if zone not in ("retail", "hospital")])
    return frame[~is_open].reset_index(drop=True), frame[is_open].reset_index(drop=True)


def _green(open_land: gpd.GeoDataFrame, *, moor: BaseGeometry, towns: list[BaseGeometry], wet: BaseGeometry,
           island: BaseGeometry, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Parks and school grounds from the towns; moor, woods and the bay's beach from the country."""
    built = shapely.union_all(towns)
    west, south, east, north = island.bounds
    woods: list[BaseGeometry] = []
    for _ in range(90):
        middle = np.array([rng.uniform(west, east), rng.uniform(south, north)])
        angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)
        reach = np.full(28, rng.lognormal(5.6, 0.45))
        for wave, size in ((2, 0.3), (3, 0.18), (7, 0.1)):
            reach *= 1 + size * np.sin(wave * angle + rng.uniform(0, 6))
        woods.append(shapely.Polygon(middle + np.column_stack([np.cos(angle) * 1.25, np.sin(angle)]) * reach[:, None]))
    wood = shapely.union_all(woods) & island.buffer(-250)
    wood = shapely.difference(wood, shapely.union_all([built.buffer(120), wet.buffer(25)]))
    bay = shapely.box(*plan.metres([(32.6, 14.2)])[0], *plan.metres([(36.5, 23.8)])[0])
    strand = shapely.union_all([bay, shapely.box(*plan.metres([(40, 9)])[0], *plan.metres([(42, 14)])[0])])
    shore = island.buffer(-16).buffer(16)  # without the piers
    beach = shapely.difference((shore - shore.buffer(-45)) & strand, wet.buffer(30))
    country = _frame([*shapely.get_parts(wood), moor - built - wood, beach],
                     town="", zone=["wood"] * len(shapely.get_parts(wood)) + ["moor", "beach"])
    both = pd.concat([country, open_land], ignore_index=True).rename(columns={"zone": "kind"})
    return gpd.GeoDataFrame(both, geometry="geometry", crs=CRS)
