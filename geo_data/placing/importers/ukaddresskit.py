"""Streets from the data files of the package ukaddresskit: England and Wales, sold homes only.

The package lists postcodes with their streets and localities but no positions. The postcodes of one
street name, placed by the gazetteer, are chained where they lie near each other; each chain is a street
with a centre, a radius, and the places it lies in. The package's code is never imported: its files are
read. Its data fall under terms that its own licence does not state, so it is installed only on request.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
from pyarrow import csv as arrow_csv

from geo_data.distinct import distinct
from geo_data.errors import InputError
from geo_data.placing import gazetteer, names, postcode
from geo_data.placing.array_folder import Arrays
from geo_data.placing.importers import localities
from geo_data.placing.importers.chains import Numbers, chains, circles
from geo_data.placing.importers.product import Importer, Product, Progress

VERSION = "0.0.5"
LINK_M = 1_000.0
LEAST_RADIUS_M = 60.0
LEAST_POSTCODES, PEOPLE_A_POSTCODE = 5, 40  # of a locality: see docs/GEOCODING.md for fewer
_LOW = 2**32 - 1  # of two numbers packed in one
_LOOKUPS = Path("data") / "lookups"
_COLUMNS = {
    "postcode_to_streets.csv": ("postcode", "street"),
    "postcode_to_locality.csv": ("postcode", "locality"),
    "locality_to_town.csv": ("locality_key", "town_city"),
    "postcode_district_to_town.csv": ("postcode", "town"),
}


def installed() -> Path:
    """The folder of the installed package, found without importing it; raises `InputError` when it is not there."""
    spec = importlib.util.find_spec("ukaddresskit")
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not places:
        raise InputError("The package ukaddresskit is not installed.", where="ukaddresskit",
                         fix="Run 'make streets', which shows its licence note first, or give the folder of its files.")
    if importlib.metadata.version("ukaddresskit") != VERSION:
        raise InputError(f"Another version of ukaddresskit than {VERSION} is installed.", where="ukaddresskit",
                         fix="Run 'make streets'.")
    return Path(places[0])


def read(path: Path, folder: Path, progress: Progress) -> Product:
    """Streets as chains of postcodes. `path` is the package's folder, or its folder of lookups."""
    lookups = next((place for place in (path, path / _LOOKUPS, path / "ukaddresskit" / _LOOKUPS)
                    if (place / "postcode_to_streets.csv").is_file()), None)
    if lookups is None:
        raise InputError("This is not the data of ukaddresskit: no postcode_to_streets.csv.", where=path.name,
                         fix="Give the folder of the package, or that of its lookups.")
    progress(0.0, "Streets and postcodes")
    pairs = _table(lookups, "postcode_to_streets.csv")
    base = gazetteer.open_gazetteer(folder).base.arrays
    keys = postcode.keys_of(postcode.codes(pairs["postcode"]))
    at = np.minimum(np.searchsorted(base["postcode_key"], keys), len(base["postcode_key"]) - 1)
    e, n = base["postcode_e"][at], base["postcode_n"][at]
    street, shown = pd.factorize(pairs["street"])
    good = (base["postcode_key"][at] == keys) & (e >= 0) & (np.array([_is_name(name) for name in shown])[street])
    keys, at, e, n, street = keys[good], at[good], e[good].astype(float), n[good].astype(float), street[good]
    progress(0.15, "Chaining the postcodes of each street")
    number = chains(street, e, n, LINK_M)
    centre_e, centre_n, radius, first = circles(number, e, n, least=LEAST_RADIUS_M, own=base["postcode_radius"][at])
    progress(0.6, "Localities and towns")
    listed = _table(lookups, "postcode_to_locality.csv")
    locality = _localities(listed, keys, number, len(first))
    outcode = _most_common(number, keys // postcode.OUTCODE, len(first))
    town = _towns(lookups, locality, outcode)
    sector = _most_common(number, keys // postcode.SECTOR, len(first))
    district = base["postcode_district"][at]
    frame = pd.DataFrame({
        "name": _titled(shown[street[first]]),
        "easting": centre_e, "northing": centre_n, "radius_m": radius, "kind": "street",
        "locality": pd.Series(locality, dtype="str").str.title(), "town": pd.Series(town, dtype="str").str.title(),
        "district": base["districts"][_most_common(number, district, len(first))],
        "sector": _sector_column(sector),
    })
    progress(0.7, "Indexes")
    code, sectors = pd.factorize(keys // postcode.SECTOR)
    areas = pd.concat([_areas(number, code, _sector_texts(sectors)), _areas(number, district, base["districts"]),
                       _post_towns(lookups, number, keys)])
    arrays = names.arrays("street", frame, areas=areas) | _places(listed, base)
    counts = {"pairs": len(pairs["street"]), "pairs_placed": int(good.sum()), "streets": len(frame),
              "names": len(arrays["street_name_key"]), "localities": len(arrays.get("place_name", ()))}
    return Product(arrays, counts)


def _table(lookups: Path, file: str) -> dict[str, pd.Series]:
    columns = _COLUMNS[file]
    try:
        table = arrow_csv.read_csv(lookups / file, convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.large_string()), include_columns=columns))
    except (OSError, KeyError, pa.ArrowException):
        raise InputError(f"It is missing, broken or lacks the columns {' and '.join(columns)}.", where=file,
                         fix=f"Install ukaddresskit {VERSION} again.") from None
    return {name: table.column(name).to_pandas().astype("str") for name in columns}


def _titled(shown: npt.NDArray[Any] | pd.Index) -> pd.Series:
    return pd.Series(list(shown), dtype="str").str.title().str.replace(r"'S\b", "'s", regex=True)


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and sum(sign.isalpha() for sign in name) >= 3


def _most_common(number: Numbers, value: npt.NDArray[Any], size: int) -> Numbers:
    """For each chain the value that most of its postcodes have; the smallest of several, -1 where all are negative."""
    held, count = np.unique(_packed(number, value)[value >= 0], return_counts=True)
    chain = held >> 32
    order = np.lexsort((held, -count, chain))
    first = order[np.unique(chain[order], return_index=True)[1]]
    found = np.full(size, -1, dtype=np.int64)
    found[chain[first]] = held[first] & _LOW
    return found


def _packed(number: Numbers, value: npt.NDArray[Any]) -> Numbers:
    return np.asarray(number << 32 | (value.astype(np.int64) & _LOW), dtype=np.int64)


def _places(listed: dict[str, pd.Series], base: Arrays) -> Arrays:
    """Localities as settlements, where their postcodes lie."""
    keys = postcode.keys_of(postcode.codes(listed["postcode"]))
    at = np.minimum(np.searchsorted(base["postcode_key"], keys), len(base["postcode_key"]) - 1)
    e, n = base["postcode_e"][at], base["postcode_n"][at]
    code, shown = pd.factorize(listed["locality"])
    code = np.where((base["postcode_key"][at] == keys) & (e >= 0), code, -1)
    return localities.arrays(code, np.asarray(_titled(shown), dtype=object), e.astype(float), n.astype(float),
                             least=LEAST_POSTCODES, people=PEOPLE_A_POSTCODE)


def _localities(table: dict[str, pd.Series], keys: postcode.Keys, number: Numbers, size: int) -> npt.NDArray[Any]:
    """The locality of most postcodes of each chain; None where the package has none."""
    known = postcode.keys_of(postcode.codes(table["postcode"]))
    code, shown = pd.factorize(table["locality"])
    order = np.argsort(known, kind="stable")
    at = np.minimum(np.searchsorted(known[order], keys), len(order) - 1)
    row = order[at]
    chosen = _most_common(number, np.where(known[row] == keys, code[row], -1), size)
    texts: npt.NDArray[Any] = np.array([*shown, None], dtype=object)[chosen]
    return texts


def _outcode_towns(lookups: Path) -> pd.DataFrame:
    table = _table(lookups, "postcode_district_to_town.csv")
    keys = [postcode.outcode_key(text) for text in table["postcode"]]
    towns = pd.DataFrame({"outcode": keys, "town": table["town"]})
    return towns[towns["outcode"] >= 0]


def _towns(lookups: Path, locality: npt.NDArray[Any], outcode: Numbers) -> pd.Series:
    """The post town of each street: of its postcode district; where that has several, the one of its locality."""
    towns = _outcode_towns(lookups)
    local = pd.DataFrame(_table(lookups, "locality_to_town.csv")).rename(columns={"locality_key": "locality", "town_city": "town"})
    asked = pd.DataFrame({"outcode": outcode, "locality": pd.Series(locality, dtype="str")})
    kinds = asked.drop_duplicates()  # far fewer than streets
    both = kinds.merge(towns, on="outcode")
    agreed = both.merge(local.drop_duplicates(), on=["locality", "town"])
    same = both[both["locality"] == both["town"]]
    best = pd.concat([same, agreed, both]).drop_duplicates(["outcode", "locality"])
    return asked.merge(best, on=["outcode", "locality"], how="left")["town"]


def _post_towns(lookups: Path, number: Numbers, keys: postcode.Keys) -> pd.DataFrame:
    """Every post town of every postcode district that a street runs through."""
    held = distinct(_packed(number, keys // postcode.OUTCODE))
    rows = pd.DataFrame({"row": held >> 32, "outcode": held & _LOW})
    return rows.merge(_outcode_towns(lookups), on="outcode")[["row", "town"]].rename(columns={"town": "name"})


def _areas(number: Numbers, code: npt.NDArray[Any], shown: npt.NDArray[Any]) -> pd.DataFrame:
    held = distinct(_packed(number, code))
    return pd.DataFrame({"row": held >> 32, "name": shown[held & _LOW]})


def _sector_texts(keys: Numbers) -> npt.NDArray[Any]:
    return np.array([names.sector_text(int(key)) for key in keys], dtype=object)


def _sector_column(sectors: Numbers) -> pd.Series:
    code, keys = pd.factorize(sectors)
    return pd.Series(_sector_texts(keys)[code], dtype="str")


IMPORTER = Importer(
    title="Streets from ukaddresskit",
    licence="ukaddresskit 0.0.5: MIT licence on the package; it does not state the source of its data, which look like HM Land "
            "Registry Price Paid Data (OGL v3.0, address fields subject to Royal Mail PAF terms).",
    takes=f"the folder of the package ukaddresskit {VERSION}, or nothing when it is installed",
    read=read,
    find=installed,
)
