"""NaPTAN, the national register of public transport access points: stops and stations, and the streets they are on.

Format: Stops.csv of 43 columns with a header, nationally or of one administrative area (310Stops.csv); longitude
comes before latitude. Source: Department for Transport, NaPTAN schema guide 2.5 (CSV form).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

from geo_data.errors import InputError
from geo_data.grid import MAX_EASTING_M, MAX_NORTHING_M, to_bng
from geo_data.placing import gazetteer, names
from geo_data.placing.array_folder import Arrays
from geo_data.placing.importers import localities
from geo_data.placing.importers.chains import Numbers, chains, circles
from geo_data.placing.importers.files import Member, batches, header, members, numbers
from geo_data.placing.importers.product import OGL, Importer, Product, Progress
from geo_data.placing.kinds import station_names
from geo_data.placing.street_name import is_numbered, is_street, normal

KINDS = {
    "BCT": "bus_stop", "BCS": "bus_station", "BCE": "bus_station", "BCQ": "bus_station", "BST": "bus_station",
    "RLY": "rail_station", "RPL": "rail_station", "RSE": "rail_station",
    "MET": "tram_stop", "PLT": "tram_stop", "TMU": "tram_stop",
    "FER": "ferry_terminal", "FTD": "ferry_terminal", "FBT": "ferry_terminal",
    "TXR": "taxi_rank_phv", "STR": "taxi_rank_phv", "AIR": "airport", "GAT": "airport",
}
_COLUMNS = {name: name for name in ("ATCOCode", "CommonName", "Street", "LocalityName", "Easting", "Northing", "Longitude",
                                    "Latitude", "StopType", "Status")}
_OPTIONAL = {name: f"?{name}" for name in ("ShortCommonName", "ParentLocalityName", "GrandParentLocalityName", "Town", "Suburb",
                                           "GridType")}
_LINK_M, _STREET_LINK_M = 400.0, 600.0  # stops of one name, and stops on one street, this near are one
_RADIUS_M = {"bus_stop": 50.0}
_STATION_RADIUS_M, _STREET_RADIUS_M = 80.0, 60.0
_PEOPLE_A_STOP = 150


def read(path: Path, folder: Path, progress: Progress) -> Product:
    """Active stops as features, one for all stops of a name in one spot; and the streets on which stops stand."""
    parts, rows = [], 0
    with members(path, r"stops[^/]*\.csv$", "NaPTAN Stops.csv") as found:
        for number, member in enumerate(found):
            part, count = _stops(member)
            parts.append(part)
            rows += count
            progress(0.5 * (number + 1) / len(found), member.name)
    stops = pd.concat(parts, ignore_index=True).drop_duplicates("ATCOCode", ignore_index=True)
    if not len(stops):
        raise InputError("There is no active stop in Great Britain in the file.", where=path.name)
    progress(0.6, "Stops and stations")
    settlements = set(gazetteer.open_gazetteer(folder).base.arrays["place_alias"].tolist())
    arrays, features = _features(stops, settlements)
    streets, on_streets = _streets(stops)
    code, shown = pd.factorize(_given(stops["LocalityName"]))
    places = localities.arrays(code, np.asarray(shown, dtype=object), stops["easting"].to_numpy(), stops["northing"].to_numpy(),
                               least=1, people=_PEOPLE_A_STOP)
    return Product(arrays | streets | places, {"rows": rows, "active": len(stops), "features": features, "streets": on_streets,
                                               "localities": len(places.get("place_name", ()))})


def _stops(member: Member) -> tuple[pd.DataFrame, int]:
    names_ = member.first_row()
    columns = header(names_, _COLUMNS | _OPTIONAL, member, "NaPTAN Stops.csv")
    parts, count = [], 0
    for batch in batches(member, names_, columns, skip=1):
        table = pa.table(batch)
        count += table.num_rows
        table = table.filter(pa.compute.equal(pa.compute.utf8_lower(table["Status"]), "active"))
        frame = table.select([name for name in table.column_names if name not in _NUMBERS]).to_pandas().astype("str")
        for name in _NUMBERS:
            frame[name] = numbers(table[name].combine_chunks(), member, name)
        parts.append(_located(frame))
    return pd.concat(parts, ignore_index=True), count


_NUMBERS = ("Easting", "Northing", "Longitude", "Latitude")


def _located(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with a point in Great Britain: by easting and northing unless they are Irish or missing, else by degrees."""
    grid = frame["GridType"].str.strip().str.upper() if "GridType" in frame else pd.Series("", index=frame.index)
    irish = grid.str.startswith("I")
    e, n = frame["Easting"].where(~irish), frame["Northing"].where(~irish)
    by_degrees = (e.isna() | n.isna() | ((e == 0) & (n == 0))) & ~irish & frame["Latitude"].gt(49) & frame["Latitude"].lt(61.5)
    east, north = to_bng(frame["Latitude"].where(by_degrees), frame["Longitude"].where(by_degrees))
    e, n = e.where(~by_degrees, east), n.where(~by_degrees, north)
    inside = e.between(1, MAX_EASTING_M) & n.between(1, MAX_NORTHING_M)
    kept = frame.drop(columns=list(_NUMBERS)).assign(easting=e, northing=n, kind=frame["StopType"].map(KINDS))
    for name in ("ShortCommonName", "ParentLocalityName", "GrandParentLocalityName", "Town", "Suburb"):
        kept[name] = kept.get(name, "")
    return kept[inside & kept["kind"].notna()]


def _features(stops: pd.DataFrame, settlements: set[str]) -> tuple[Arrays, int]:
    called = stops[["CommonName", "kind", "LocalityName"]].drop_duplicates()
    called_keys: list[tuple[str, str, str]] = list(called.itertuples(index=False, name=None))
    shown = {key: station_names(*key, settlements) for key in called_keys}
    keys: list[tuple[str, str, str]] = list(stops[list(called)].itertuples(index=False, name=None))
    name = pd.Series([shown[key][0] for key in keys], dtype="str")
    plain = name.map({text: normal(text) for text in name.unique()})
    rows = np.flatnonzero(plain.ne(""))
    stops, name, plain = stops.iloc[rows].reset_index(drop=True), name.iloc[rows], plain.iloc[rows].reset_index(drop=True)
    keys = [keys[row] for row in rows]
    chain = chains(pd.factorize(stops["kind"] + " " + plain)[0], stops["easting"].to_numpy(), stops["northing"].to_numpy(), _LINK_M)
    e, n, radius, first = circles(chain, stops["easting"].to_numpy(), stops["northing"].to_numpy(), least=0.0)
    head = stops.iloc[first].reset_index(drop=True)
    least = head["kind"].map(_RADIUS_M).fillna(_STATION_RADIUS_M).to_numpy()
    frame = pd.DataFrame({
        "name": name.iloc[first].to_numpy(), "easting": e, "northing": n, "radius_m": np.maximum(radius, least),
        "kind": head["kind"], "locality": _given(head["LocalityName"]), "town": _town(head), "street": _given(head["Street"]),
    })
    others = [(int(chain[row]), text) for row in first for text in shown[keys[row]][1]]
    others += [(int(row), text) for row, text in zip(chain, stops["ShortCommonName"], strict=True) if text]
    more = pd.DataFrame(others, columns=["row", "name"])
    return names.arrays("feature", frame, names=more, areas=_areas(stops, chain)), len(frame)


def _streets(stops: pd.DataFrame) -> tuple[Arrays, int]:
    """Streets and numbered roads, as far as stops stand on them."""
    plain = stops["Street"].map({text: normal(text) for text in stops["Street"].unique()})
    proper = plain.map({text: is_numbered(text) or is_street(text) for text in plain.unique()}).astype(bool)
    stops, plain = stops[proper].reset_index(drop=True), plain[proper].reset_index(drop=True)
    if not len(stops):
        return {}, 0
    chain = chains(pd.factorize(plain)[0], stops["easting"].to_numpy(), stops["northing"].to_numpy(), _STREET_LINK_M)
    e, n, radius, first = circles(chain, stops["easting"].to_numpy(), stops["northing"].to_numpy(), least=_STREET_RADIUS_M)
    head = stops.iloc[first].reset_index(drop=True)
    frame = pd.DataFrame({
        "name": head["Street"], "easting": e, "northing": n, "radius_m": radius,
        "kind": np.where([is_numbered(text) for text in plain.iloc[first]], "numbered", "street"),
        "locality": _given(head["LocalityName"]), "town": _town(head),
    })
    return names.arrays("street", frame, areas=_areas(stops, chain)), len(frame)


def _given(texts: pd.Series) -> pd.Series:
    return texts.where(texts.ne(""))


def _town(stops: pd.DataFrame) -> pd.Series:
    """The largest place the stop is said to lie in: the grandparent of its locality, else the parent, else its town."""
    return _given(stops["GrandParentLocalityName"]).fillna(_given(stops["ParentLocalityName"])).fillna(_given(stops["Town"]))


def _areas(stops: pd.DataFrame, chain: Numbers) -> pd.DataFrame:
    columns = ("LocalityName", "ParentLocalityName", "GrandParentLocalityName", "Town", "Suburb")
    return pd.concat([pd.DataFrame({"row": chain, "name": stops[name]}) for name in columns]).drop_duplicates()


IMPORTER = Importer(
    title="NaPTAN stops and stations",
    licence=f"Contains public sector information (Department for Transport, NaPTAN) {OGL}.",
    takes="Stops.csv of the country or of one area (310Stops.csv), or a zip or folder of such files",
    read=read,
)
