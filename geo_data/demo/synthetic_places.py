"""Where invented episodes begin and end, and how imperfectly such places are recorded.

A place has a true point; the record holds coordinates, a postcode, a grid reference, latitude and longitude,
a street and town, a town alone, something vague, or nothing: the mixture real sources show. EPSG:27700 metres.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geo_data.demo.county import County
from geo_data.demo.county_plan import Array
from geo_data.grid import to_wgs84

DISTANCE = (1.102, 1.984, 300.0)  # lognormal km, and its cap
REPEAT_DISTANCE = 0.7
OUT_OF_COUNTY_KM = 60.0
FOUND_PLACES = {  # Grampian, ages 12-14
    "own_address": 0.25, "friend_address": 0.24, "street_or_park": 0.19, "relative_address": 0.12,
    "shopping_leisure": 0.11, "police_station": 0.02, "transport_hub": 0.02, "entertainment": 0.01,
    "other_not_known": 0.04,
}
LAST_SEEN_PLACES = {"own_address": 0.72, "school_college": 0.08, "friend_address": 0.06, "street_or_park": 0.06,
                    "shopping_leisure": 0.05, "transport_hub": 0.01, "other_not_known": 0.02}
PRIVATE = ("friend_address", "relative_address", "private_address_concern")
PUBLIC = ("street_or_park", "shopping_leisure", "transport_hub", "entertainment", "other_not_known")
UNLOCATED = 0.15
RECORDED = {"bng": 0.55, "postcode": 0.21, "lat_lon": 0.08, "grid_reference": 0.05, "street_text": 0.11}
PRECISION_OF = {"postcode": "postcode", "street_text": "street", "town_text": "settlement", "vague": "unknown"}
VAGUE = ("town centre", "unknown", "mate's house", "with friends, address not given", "out with friends",
         "near the shops", "not recorded", "a flat, address not known")
_INSTITUTIONS = {
    "shopping_leisure": ("shops", "retail_park", "cinema", "library", "takeaways"),
    "police_station": ("police_station",), "transport_hub": ("bus_station", "rail_station"),
    "entertainment": ("cinema", "hotel"), "park": ("park", "sports"), "school_college": ("school",),
    "other_not_known": ("hotel", "petrol", "car_park", "hospital"),
}
_GRID_SQUARE = (400_000, 600_000, "NU")


def draw_places(county: County, home: Array, repeats: Array, shares: dict[str, float], rng: np.random.Generator
                ) -> pd.DataFrame:
    """One place per row of `home` (n, 2): category, location_type, easting, northing, description, out_of_county."""
    count = len(home)
    category = rng.choice(list(shares), count, p=list(shares.values()))
    mu, sigma, cap = DISTANCE
    away = np.minimum(rng.lognormal(mu, sigma, count), cap) * np.where(repeats > 1, REPEAT_DISTANCE, 1.0)
    own = category == "own_address"
    frame = pd.DataFrame({"category": category, "location_type": category.astype(object), "easting": home[:, 0],
                          "northing": home[:, 1], "description": "", "planted": False,
                          "out_of_county": ~own & (away > OUT_OF_COUNTY_KM)})
    park = (category == "street_or_park") & (rng.random(count) < 0.3)
    for name, kinds in _INSTITUTIONS.items():
        rows = np.flatnonzero(park if name == "park" else category == name)
        if len(rows):
            places = county.institutions[county.institutions["kind"].isin(kinds)]
            _at_institutions(frame, rows, places, home=home[rows], away=away[rows] * 1_000, rng=rng)
    street = (category == "street_or_park") & ~park
    rows = np.flatnonzero(street | np.isin(category, ["friend_address", "relative_address"]))
    frame.loc[rows, ["easting", "northing"]] = _at_addresses(county, home[rows], away[rows] * 1_000, rng)
    frame.loc[street, "location_type"] = "street"
    return frame


def _at_institutions(frame: pd.DataFrame, rows: Array, pool: pd.DataFrame, *, home: Array, away: Array,
                     rng: np.random.Generator) -> None:
    """Put `rows` at institutions of `pool`, about as far from home as drawn; points scatter a little."""
    xy = pool[["easting", "northing"]].to_numpy(dtype=float)
    gap = np.hypot(*(home[:, None] - xy[None]).transpose(2, 0, 1))
    misfit = np.abs(np.log((gap + 100) / (away[:, None] + 100)))
    weight = np.exp(-1.5 * misfit)
    pick = (np.cumsum(weight, axis=1) < rng.random((len(rows), 1)) * weight.sum(axis=1, keepdims=True)).sum(axis=1)
    scatter = np.where(pool["kind"].isin(["park", "sports"]), 60.0, 14.0)[pick]
    spot = xy[pick] + rng.normal(0, scatter[:, None], (len(rows), 2))
    frame.loc[rows, ["easting", "northing"]] = spot
    frame.loc[rows, "location_type"] = pool["location_type"].to_numpy()[pick]
    frame.loc[rows, "description"] = pool["description"].to_numpy()[pick]


def _at_addresses(county: County, home: Array, away: Array, rng: np.random.Generator, tries: int = 10) -> Array:
    """An address about `away` metres from home: of ten random directions, the one that fits best."""
    angle = rng.uniform(0, 2 * np.pi, (len(home), tries))
    reach = np.minimum(away, 35_000)[:, None]
    target = home[:, None] + np.stack([np.cos(angle), np.sin(angle)], axis=-1) * reach[..., None]
    nearest = county.address_tree.nearest(shapely.points(target.reshape(-1, 2))).reshape(len(home), tries)
    xy = county.addresses[["easting", "northing"]].to_numpy()
    misfit = np.abs(np.hypot(*(xy[nearest] - home[:, None]).transpose(2, 0, 1)) - reach)
    best: Array = xy[nearest[np.arange(len(home)), misfit.argmin(axis=1)]]
    return best


def record(county: County, places: pd.DataFrame, role: str, unlocated: float, rng: np.random.Generator) -> pd.DataFrame:
    """The columns of one role as a source would hold them, all text ('' = not recorded).

    `places` has location_type, easting, northing, description, out_of_county and planted (bool). Exactly
    `unlocated` of the rows carry nothing better than a town's name.
    """
    count = len(places)
    kind = places["location_type"].to_numpy(dtype=object)
    own, planted, far = kind == "own_address", places["planted"].to_numpy(), places["out_of_county"].to_numpy()
    lost = _lost(far, own, planted, unlocated, rng)
    style = rng.choice(list(RECORDED), count, p=list(RECORDED.values())).astype(object)
    style[(own | planted) & (style == "street_text")] = "bng"
    style[lost] = rng.choice(["town_text", "vague", "missing"], lost.sum(), p=[0.35, 0.4, 0.25])
    is_style = {name: style == name for name in (*RECORDED, "town_text", "vague")}
    with_postcode = is_style["postcode"] | (is_style["bng"] & (rng.random(count) < 0.3))

    xy = places[["easting", "northing"]].to_numpy(dtype=float)
    nearest = county.addresses.iloc[county.address_tree.nearest(shapely.points(xy))]
    street = county.streets["name"].to_numpy(dtype=object)[nearest["street"]]
    to_town = np.hypot(*(xy[:, None] - county.places[["easting", "northing"]].to_numpy()[None]).transpose(2, 0, 1))
    town = county.places["name"].to_numpy(dtype=object)[to_town.argmin(axis=1)]
    in_street = street + ", " + town

    described = places["description"].to_numpy(dtype=object)
    number = nearest["number"].astype(str).to_numpy(dtype=object)
    text = np.where(np.isin(kind, PRIVATE), number + " " + in_street, in_street)
    text = np.where(described != "", described, text)
    text = np.where(own, "home or placement address", text)
    text = np.where(is_style["grid_reference"], _grid_reference(xy), text)
    text = np.where(is_style["street_text"], in_street, text)
    text = np.where(is_style["town_text"], town, text)
    vague = np.where(far, "out of county, address not given", rng.choice(VAGUE, count))
    text = np.where(is_style["vague"], vague, text)
    precision = np.where(kind == "street", "street", "premises")
    for name, value in PRECISION_OF.items():
        precision = np.where(is_style[name], value, precision)
    latitude, longitude = to_wgs84(xy[:, 0], xy[:, 1])
    missing = style == "missing"
    columns = {
        "location_text": np.where(missing, "", text),
        "postcode": np.where(with_postcode, nearest["postcode"].to_numpy(dtype=object), ""),
        "uprn": "",
        "easting": np.where(is_style["bng"], _text(xy[:, 0], 0), ""),
        "northing": np.where(is_style["bng"], _text(xy[:, 1], 0), ""),
        "latitude": np.where(is_style["lat_lon"], _text(latitude, 6), ""),
        "longitude": np.where(is_style["lat_lon"], _text(longitude, 6), ""),
        "location_type": np.where(missing, "", kind),
        "precision": np.where(missing, "", precision),
    }
    return pd.DataFrame({f"{role}_{name}": cells for name, cells in columns.items()}, index=range(count), dtype=object)


def _lost(far: Array, own: Array, planted: Array, share: float, rng: np.random.Generator) -> Array:
    """Which places are not located: those out of the county first, then by chance, own addresses least."""
    weight = np.where(far, 1e6, np.where(planted, 0.15, np.where(own, 0.12, 1.0)))
    order = np.argsort(rng.exponential(1.0, len(far)) / weight, kind="stable")
    lost = np.zeros(len(far), dtype=bool)
    lost[order[: round(share * len(far))]] = True
    return lost


def _grid_reference(xy: Array) -> Array:
    """Ten-metre National Grid references, e.g. NU 7957 1702."""
    east, north, square = _GRID_SQUARE
    return np.array([f"{square} {int(e - east) // 10:04d} {int(n - north) // 10:04d}" for e, n in xy], dtype=object)


def _text(values: Array, digits: int) -> Array:
    return np.array([f"{value:.{digits}f}" for value in values], dtype=object)
