"""Places with a duty: children's homes, schools, stations, the hospital, shops, parks and car parks.

Descriptions are generic ("the retail park"); no business is named, real or invented.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_data import county_plan as plan
from geo_data.county_plan import Array, Warp

COLUMNS = ["kind", "description", "location_type", "town", "easting", "northing", "capacity"]
HOMES = (("Quernminster", 11), ("Quernmouth", 3), ("Whinsea", 4), ("Thornaxby", 2), ("Hexwold", 2), ("Ravelby", 1),
         ("Stannerby", 1))  # 24 children's homes; seaside and terrace towns have more than their share


def institutions(places: pd.DataFrame, houses: pd.DataFrame, streets: gpd.GeoDataFrame, blocks: gpd.GeoDataFrame,
                 green: gpd.GeoDataFrame, warp: Warp, rng: np.random.Generator) -> pd.DataFrame:
    """All institutions; see `County.institutions` for the columns. Children's homes are ordinary houses."""
    rows: list[tuple[object, ...]] = []
    zone = streets["zone"].to_numpy()[houses["street"]]
    town_of = houses["town"].to_numpy()
    xy = houses[["easting", "northing"]].to_numpy()

    for town, count in HOMES:
        lodging = np.flatnonzero((town_of == town) & np.isin(zone, ["terrace", "interwar", "estate", "village"]))
        for k in rng.choice(lodging, count, replace=False):
            rows.append(("childrens_home", f"children's home, {town}", "childrens_home_vicinity", town, *xy[k],
                         int(rng.integers(3, 7))))
    for town, east, north in plan.STATIONS:
        rows.append(("rail_station", f"rail station, {town}", "transport_hub", town,
                     *warp.points(plan.metres([(east, north)]))[0], 0))

    def near_centre(town: str, reach_m: float, kind: str, what: str, location_type: str) -> None:
        centre = places.set_index("name").loc[town, ["easting", "northing"]].to_numpy(dtype=float)
        target = centre + rng.uniform(0.3, 1.0) * reach_m * _bearing(rng)
        mine = np.flatnonzero(town_of == town)
        k = mine[np.hypot(*(xy[mine] - target).T).argmin()]
        rows.append((kind, f"{what}, {town}", location_type, town, *xy[k], 0))

    for place in places.itertuples():
        if place.kind == "village":
            near_centre(place.name, 150, "shops", "village shop", "shopping_leisure")
            continue
        city = place.kind == "city"
        near_centre(place.name, 330, "bus_station", "bus station", "transport_hub")
        near_centre(place.name, 300, "police_station", "police station", "police_station")
        near_centre(place.name, 450, "library", "leisure centre", "shopping_leisure")
        near_centre(place.name, 350, "cinema", "amusements" if place.name == "Whinsea" else "cinema", "shopping_leisure")
        for what, kind, location_type, count in (
                ("shopping centre", "shops", "shopping_leisure", 1), ("takeaways row", "takeaways", "takeaway_food", 3),
                ("taxi rank", "taxi_rank", "taxi_rank_phv", 1), ("multi-storey car park", "car_park", "car_park", 1),
                ("hotel", "hotel", "hotel_bnb", 2), ("parade of shops", "shops", "shopping_leisure", 3),
                ("petrol station", "petrol", "petrol_carwash", 2)):
            spread = 0.12 if kind in ("taxi_rank", "car_park") or what == "shopping centre" else 0.55
            for _ in range(count * 3 if city and count > 1 else count):
                near_centre(place.name, spread * 2_300 if city else spread * 1_100, kind, what, location_type)
    for town, zone_name, kind, what, location_type in (
            ("*", "retail", "retail_park", "retail park", "shopping_leisure"),
            ("*", "hospital", "hospital", "hospital", "hospital_health")):
        for block in blocks[blocks["zone"] == zone_name].itertuples():
            spot = block.geometry.representative_point()
            del town
            town = block.town
            rows.append((kind, f"{what}, {block.town}", location_type, block.town, spot.x, spot.y, 0))
    for kind, what, location_type in (("school", "school", "school_college"), ("park", "park", "park_open_space"),
                                      ("sports", "playing field", "park_open_space")):
        for block in green[green["kind"] == kind].itertuples():
            spot = block.geometry.representative_point()
            rows.append((kind, f"{what}, {block.town}", location_type, block.town, spot.x, spot.y,
                         int(rng.integers(500, 1_100)) if kind == "school" else 0))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    nearest = shapely.STRtree(shapely.points(xy)).nearest(shapely.points(frame[["easting", "northing"]].to_numpy(dtype=float)))
    frame["street"] = streets["name"].to_numpy()[houses["street"].to_numpy()[nearest]]
    frame["postcode"] = houses["postcode"].to_numpy()[nearest]
    frame.insert(0, "institution_id", [f"I{k + 1:03d}" for k in range(len(frame))])
    return frame


def _bearing(rng: np.random.Generator) -> Array:
    angle = rng.uniform(0, 2 * np.pi)
    return np.array([np.cos(angle), np.sin(angle)])
