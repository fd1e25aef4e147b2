"""Places with a duty: children's homes, schools, stations, the hospital, shops, parks and car parks.

Descriptions are generic ("the retail park"); no business is named, real or invented.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_data.demo import county_plan as plan
from geo_data.demo.county_plan import Array, Warp

COLUMNS = ["kind", "description", "location_type", "town", "easting", "northing", "capacity"]
TOWN_PLACES = (  # what, kind, location type, how many, how far from the centre
    ("shopping centre", "shops", "shopping_leisure", 1, 0.12), ("takeaways row", "takeaways", "takeaway_food", 3, 0.55),
    ("taxi rank", "taxi_rank", "taxi_rank_phv", 1, 0.12), ("multi-storey car park", "car_park", "car_park", 1, 0.12),
    ("hotel", "hotel", "hotel_bnb", 2, 0.55), ("parade of shops", "shops", "shopping_leisure", 3, 0.55),
    ("petrol station", "petrol", "petrol_carwash", 2, 0.55),
)
HOMES = (("Quernminster", 11), ("Quernmouth", 3), ("Whinsea", 4), ("Thornaxby", 2), ("Hexwold", 2), ("Ravelby", 1),
         ("Stannerby", 1))  # 24 children's homes; seaside and terrace towns have more than their share


def institutions(places: pd.DataFrame, houses: pd.DataFrame, streets: gpd.GeoDataFrame, *, blocks: gpd.GeoDataFrame,
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

    for town, size in zip(places["name"].astype(str), places["kind"], strict=True):
        if size == "village":
            near_centre(town, 150, "shops", "village shop", "shopping_leisure")
            continue
        city = size == "city"
        near_centre(town, 330, "bus_station", "bus station", "transport_hub")
        near_centre(town, 300, "police_station", "police station", "police_station")
        near_centre(town, 450, "library", "leisure centre", "shopping_leisure")
        near_centre(town, 350, "cinema", "amusements" if town == "Whinsea" else "cinema", "shopping_leisure")
        reach = 2_300 if city else 1_100
        for what, kind, location_type, count, spread in TOWN_PLACES:
            for _ in range(count * 3 if city and count > 1 else count):
                near_centre(town, spread * reach, kind, what, location_type)
    for frame, layer, kind, what, location_type in (
            (blocks, "zone", "retail", "retail park", "shopping_leisure"),
            (blocks, "zone", "hospital", "hospital", "hospital_health"),
            (green, "kind", "school", "school", "school_college"),
            (green, "kind", "park", "park", "park_open_space"),
            (green, "kind", "sports", "playing field", "park_open_space")):
        mine = frame[frame[layer] == kind]
        for town, ground in zip(mine["town"], mine.geometry, strict=True):
            spot = ground.representative_point()
            pupils = int(rng.integers(500, 1_100)) if kind == "school" else 0
            rows.append((what.replace(" ", "_") if kind == "retail" else kind, f"{what}, {town}", location_type, town,
                         spot.x, spot.y, pupils))
    out = pd.DataFrame(rows, columns=COLUMNS)
    spots = shapely.points(out[["easting", "northing"]].to_numpy(dtype=float))
    nearest = shapely.STRtree(shapely.points(xy)).nearest(spots)
    out["street"] = streets["name"].to_numpy()[houses["street"].to_numpy()[nearest]]
    out["postcode"] = houses["postcode"].to_numpy()[nearest]
    out.insert(0, "institution_id", [f"I{k + 1:03d}" for k in range(len(out))])
    return out


def _bearing(rng: np.random.Generator) -> Array:
    angle = rng.uniform(0, 2 * np.pi)
    return np.array([np.cos(angle), np.sin(angle)])
