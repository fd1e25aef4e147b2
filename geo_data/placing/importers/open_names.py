"""OS Open Names: named and numbered roads, populated places, stations, schools, hospitals, open spaces.

Format: a zip of 20 km tiles (or a folder, or one tile), CSV of 34 columns in EPSG:27700, without a header
line and with a byte order mark; some exports have the header. Source: Ordnance Survey, OS Open Names
technical specification; the columns are those of Doc/OS_Open_Names_Header.csv.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

from geo_data.errors import InputError
from geo_data.grid import MAX_EASTING_M, MAX_NORTHING_M
from geo_data.placing import gazetteer, land, names
from geo_data.placing.array_folder import Arrays
from geo_data.placing.gazetteer_build import place_arrays
from geo_data.placing.importers.files import Member, batches, members, numbers
from geo_data.placing.importers.product import OS, Importer, Product, Progress
from geo_data.placing.kinds import station_names
from geo_data.placing.street_name import normal

COLUMNS = tuple("""ID NAMES_URI NAME1 NAME1_LANG NAME2 NAME2_LANG TYPE LOCAL_TYPE GEOMETRY_X GEOMETRY_Y MOST_DETAIL_VIEW_RES
LEAST_DETAIL_VIEW_RES MBR_XMIN MBR_YMIN MBR_XMAX MBR_YMAX POSTCODE_DISTRICT POSTCODE_DISTRICT_URI POPULATED_PLACE
POPULATED_PLACE_URI POPULATED_PLACE_TYPE DISTRICT_BOROUGH DISTRICT_BOROUGH_URI DISTRICT_BOROUGH_TYPE COUNTY_UNITARY
COUNTY_UNITARY_URI COUNTY_UNITARY_TYPE REGION REGION_URI COUNTRY COUNTRY_URI RELATED_SPATIAL_OBJECT SAME_AS_DBPEDIA
SAME_AS_GEONAMES""".split())
TYPES = {"transportNetwork", "populatedPlace", "landcover", "landform", "hydrography", "other"}
ROADS = {
    "Named Road": "road",
    "Section Of Named Road": "section",
    "Numbered Road": "numbered",
    "Section Of Numbered Road": "numbered_section",
}
# No inhabitants are told: a number of the usual size puts a city before a hamlet of the same name, and no more.
PLACES = {"City": 100_000, "Town": 10_000, "Suburban Area": 2_000, "Village": 500, "Other Settlement": 100, "Hamlet": 50}
_FEATURES = (  # the first pattern found in the LOCAL_TYPE gives the kind
    ("rail_station", "railway station|underground station"),
    ("tram_stop", "rapid transit|tram"),
    ("bus_station", "(?:bus|coach) station"),
    ("ferry_terminal", "ferry terminal"),
    ("airport", "airport"),
    ("services", "road user services"),
    ("school_college", "education|school|college|university"),
    ("hospital_health", "hospital|medical|hospice"),
    ("police_station", "police"),
    ("shopping_leisure", "leisure|sport|shopping|retail"),
    ("park_open_space", "greenspace|^park|woodland|beach|inland water|common|heath"),
)
_USED = ("ID", "NAME1", "NAME2", "TYPE", "LOCAL_TYPE", "GEOMETRY_X", "GEOMETRY_Y", "MBR_XMIN", "MBR_YMIN", "MBR_XMAX",
         "MBR_YMAX", "POSTCODE_DISTRICT", "POPULATED_PLACE", "DISTRICT_BOROUGH", "COUNTY_UNITARY", "RELATED_SPATIAL_OBJECT")
_TILES = r"^(?!(?:.*/)?doc/)(?!.*headers?\.csv$).*\.csv$"
_FEATURE_RADIUS_M, _ROAD_RADIUS_M, _PLACE_RADIUS_M = 80.0, 60.0, 500.0


def read(path: Path, folder: Path, progress: Progress) -> Product:
    """Streets, places and features of the tiles."""
    parts: list[pd.DataFrame] = []
    rows = 0
    with members(path, _TILES, "OS Open Names tile (CSV)") as tiles:
        for number, tile in enumerate(tiles):
            found, count = _tile(tile)
            parts.append(found)
            rows += count
            progress(0.7 * (number + 1) / len(tiles), f"Tile {number + 1:,} of {len(tiles):,}")
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame["NAME1"].map(normal).ne("")].drop_duplicates("ID").reset_index(drop=True)
    roads = frame[frame["LOCAL_TYPE"].isin(list(ROADS))].reset_index(drop=True)
    places = frame[frame["LOCAL_TYPE"].isin(list(PLACES))].reset_index(drop=True)
    kind = frame["LOCAL_TYPE"].map({name: feature_kind(name) for name in frame["LOCAL_TYPE"].unique()}).astype("str")
    features = frame.assign(kind=kind)[kind.ne("")].reset_index(drop=True)
    if not len(roads) + len(places) + len(features):
        raise InputError("There is no road, place or station in the file.", where=path.name,
                         fix="Choose the CSV form of OS Open Names.")
    progress(0.8, "Indexes")
    arrays = _named("street", roads.assign(kind=roads["LOCAL_TYPE"].map(ROADS)), _ROAD_RADIUS_M, _groups(roads))
    settlements = set(gazetteer.open_gazetteer(folder).base.arrays["place_alias"].tolist()) | set(places["NAME1"].map(normal))
    arrays |= _named("feature", _called(features, settlements), _FEATURE_RADIUS_M, pd.Series(np.arange(len(features))))
    arrays |= _places(places)
    return Product(arrays, {"rows": rows, "streets": len(roads), "places": len(places), "features": len(features)})


def feature_kind(local_type: str) -> str:
    """The kind of feature of a LOCAL_TYPE, empty for one that is not kept."""
    if local_type in ROADS or local_type in PLACES:
        return ""
    return next((kind for kind, pattern in _FEATURES if re.search(pattern, local_type, re.IGNORECASE)), "")


def _tile(tile: Member) -> tuple[pd.DataFrame, int]:
    first = tile.first_row()
    headed = first[0].strip().upper() == "ID"
    names_ = [name.strip().upper() for name in first] if headed else list(COLUMNS)
    if len(first) != len(COLUMNS) or not set(_USED) <= set(names_):
        raise InputError(f"This is no tile of OS Open Names: {len(first)} columns where {len(COLUMNS)} are expected.",
                         where=tile.name, fix="Choose the CSV form of OS Open Names.")
    kept, count = [], 0
    for batch in batches(tile, names_, {name: name for name in _USED}, skip=int(headed)):
        table = pa.table(batch)
        count += table.num_rows
        unknown = pa.compute.invert(pa.compute.is_in(table["TYPE"], pa.array(sorted(TYPES), pa.large_string())))
        if pa.compute.any(unknown).as_py():
            raise InputError("This is no tile of OS Open Names: a TYPE is none of its six.", where=tile.name,
                             fix="Choose the CSV form of OS Open Names.")
        local = table["LOCAL_TYPE"].unique().to_pylist()
        wanted = [name for name in local if name in ROADS or name in PLACES or feature_kind(name)]
        table = table.filter(pa.compute.is_in(table["LOCAL_TYPE"], pa.array(wanted, pa.large_string())))
        kept.append(_placed(table, tile))
    return pd.concat(kept, ignore_index=True), count


def _placed(table: Any, tile: Member) -> pd.DataFrame:
    """Texts as `str`, coordinates as numbers; a point outside the grid refuses the file."""
    axes = [name for name in _USED if name.startswith(("GEOMETRY", "MBR"))]
    frame: pd.DataFrame = table.drop_columns(axes).to_pandas().astype("str")
    for name in axes:
        frame[name] = numbers(table[name].combine_chunks(), tile, name)
    e, n = frame["GEOMETRY_X"], frame["GEOMETRY_Y"]
    if not (e.between(0, MAX_EASTING_M) & n.between(0, MAX_NORTHING_M)).all():
        raise InputError("A point lies outside the National Grid.", where=tile.name,
                         fix="Choose the CSV form of OS Open Names, in EPSG:27700.")
    return frame


def _radius(frame: pd.DataFrame, least: float) -> pd.Series:
    """Half the diagonal of the bounding box."""
    width, height = frame["MBR_XMAX"] - frame["MBR_XMIN"], frame["MBR_YMAX"] - frame["MBR_YMIN"]
    return pd.Series(np.hypot(width, height) / 2, index=frame.index).fillna(least).clip(least)


def _groups(roads: pd.DataFrame) -> pd.Series:
    """A section belongs to its road, when that is among the rows; each other row is its own."""
    row = pd.Series(np.arange(len(roads)), index=roads["ID"])
    parent = roads["RELATED_SPATIAL_OBJECT"].where(roads["LOCAL_TYPE"].str.startswith("Section")).map(row)
    return parent.fillna(pd.Series(np.arange(len(roads)), index=roads.index)).astype("int64")


def _called(features: pd.DataFrame, settlements: set[str]) -> pd.DataFrame:
    """Features with stations called as such, so that a town's name alone does not lead to its station."""
    rows: list[tuple[str, str, str]] = list(features[["NAME1", "kind", "POPULATED_PLACE"]].itertuples(index=False, name=None))
    found = [station_names(*row, settlements) for row in rows]
    others = [[*more, other] for (_, more), other in zip(found, features["NAME2"], strict=True)]
    return features.assign(NAME1=pd.Series([name for name, _ in found], dtype="str"), others=pd.Series(others, dtype="object"))


def _named(prefix: str, frame: pd.DataFrame, least: float, group: pd.Series) -> Arrays:
    local, district, county = (frame[name].where(frame[name].ne(""))
                               for name in ("POPULATED_PLACE", "DISTRICT_BOROUGH", "COUNTY_UNITARY"))
    rows = pd.DataFrame({
        "name": frame["NAME1"], "easting": frame["GEOMETRY_X"], "northing": frame["GEOMETRY_Y"],
        "radius_m": _radius(frame, least), "kind": frame["kind"], "locality": local,
        "district": district.fillna(county), "group": group.to_numpy(),
    })
    row = np.arange(len(frame))
    others = (frame["others"] if "others" in frame else frame["NAME2"].map(lambda name: [name])).explode()
    others = others[others.notna() & others.ne("")]
    return names.arrays(
        prefix, rows, names=pd.DataFrame({"row": others.index.to_numpy(), "name": others.to_numpy()}),
        areas=pd.DataFrame({"row": np.concatenate([row, row]),
                            "name": pd.concat([county, frame["POSTCODE_DISTRICT"]], ignore_index=True)}))


def _places(frame: pd.DataFrame) -> Arrays:
    places = pd.DataFrame({
        "name": frame["NAME1"], "easting": frame["GEOMETRY_X"], "northing": frame["GEOMETRY_Y"],
        "population": frame["LOCAL_TYPE"].map(PLACES).astype("int64"), "radius_m": _radius(frame, _PLACE_RADIUS_M).round(),
        "alternatenames": [[name] if name else [] for name in frame["NAME2"]],
    })
    return place_arrays(places) | {"land": land.mask(places["easting"], places["northing"])}


IMPORTER = Importer(
    title="OS Open Names",
    licence=OS,
    takes="opname_csv_gb.zip, the folder of its tiles, or one tile (CSV)",
    read=read,
)
