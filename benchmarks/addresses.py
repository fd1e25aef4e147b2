"""House and flat from a noisy address: our ladder against uk_address_matcher. Run: `python benchmarks/addresses.py GAZETTEER`.

Invented streets at real postcodes of Rochdale, written as AddressBase Core, imported, and asked for with the errors that the
package address-errors has learned from councils' records. `pip install address-errors uk-address-matcher` first; without the
second, its line is left out. Nothing of either is used by the product. Right: the property that the record means. Rates are of
CPU seconds.
"""

from __future__ import annotations

import csv
import importlib
import importlib.util
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo_data.placing import importers, postcode
from geo_data.placing.gazetteer import Gazetteer, open_gazetteer
from geo_data.placing.geocode import geocode

STREETS, ASKED = 400, 4_000
CORE = ("uprn,parent_uprn,udprn,usrn,toid,classification_code,easting,northing,latitude,longitude,rpc,last_update_date,"
        "single_line_address,po_box,organisation,sub_building,building_name,building_number,street_name,locality,town_name,"
        "post_town,island,postcode,delivery_point_suffix,gss_code,change_code").split(",")
COMPONENTS = ("uprn,feature_type,subname,name,number,streetname,locality,townname,postcode,floorlevel,classificationcode,"
              "parentuprn,rootuprn,usrn,n_children,n_siblings,parent_in_extract,sao_type,number_type,number_int,number_suffix,"
              "number_range_end,name_is_generic,rm_subbuildingname,rm_buildingname,rm_buildingnumber,rm_dependentthoroughfare,rm_thoroughfare,"
              "rm_dependentlocality,rm_posttown,organisationname,easting,northing,lowertierlocalauthoritygsscode").split(",")
FIRST = "Otter Quill Sable Wren Mallow Thistle Bracken Heron Saffron Tansy Juniper Linnet Plover Rowan Sorrel Teasel".split()
LAST = "mere wood field dale ford brook thorpe ley".split()
KINDS = "Street Road Avenue Close Drive Lane Grove Crescent Terrace Way".split()


def properties(gazetteer: Gazetteer) -> list[dict[str, Any]]:
    """Invented properties: houses 1 to 40 of each street, some of them in flats, some with a name."""
    chance = np.random.default_rng(7)
    arrays = gazetteer.base.arrays
    here = np.flatnonzero((np.hypot(arrays["postcode_e"] - 389_600.0, arrays["postcode_n"] - 413_400.0) < 4_000)
                          & (arrays["postcode_e"] >= 0))
    chosen = chance.choice(here, STREETS, replace=False)
    units = postcode.text_of(arrays["postcode_key"][chosen])
    names = [f"{a}{b} {kind}".upper() for a in FIRST for b in LAST for kind in KINDS]
    streets = chance.choice(names, STREETS, replace=False)
    found: list[dict[str, Any]] = []
    for number, (row, unit, street) in enumerate(zip(chosen, units, streets, strict=True)):
        for house in range(1, 41):
            flats = 4 if chance.random() < 0.06 else 1
            name = f"{chance.choice(FIRST).upper()} HOUSE" if chance.random() < 0.05 else ""
            e, n = int(arrays["postcode_e"][row]) + 8 * (house // 2), int(arrays["postcode_n"][row]) + 12 * (house % 2)
            for flat in range(flats):
                found.append({"uprn": 100_000_000 + len(found), "usrn": 4_000_000 + number, "name": name, "house": str(house),
                              "flat": f"FLAT {flat + 1}" if flats > 1 else "", "street": str(street),
                              "postcode": unit, "e": e, "n": n})
    return found


def line(row: dict[str, Any]) -> str:
    return ", ".join(filter(None, (row["flat"], row["name"], f"{row['house']} {row['street']}", "ROCHDALE", row["postcode"])))


def write(rows: list[dict[str, Any]], core: Path, components: Path) -> None:
    with core.open("w", newline="") as out, components.open("w", newline="") as parts:
        addressbase, loose = csv.DictWriter(out, CORE, restval=""), csv.DictWriter(parts, COMPONENTS, restval="")
        addressbase.writeheader()
        loose.writeheader()
        for row in rows:
            shared = {"uprn": row["uprn"], "usrn": row["usrn"], "easting": row["e"], "northing": row["n"],
                      "postcode": row["postcode"]}
            addressbase.writerow(shared | {
                "toid": "osgb1", "classification_code": "RD04", "latitude": 53.6, "longitude": -2.15, "rpc": 1,
                "last_update_date": "2026-01-01", "single_line_address": line(row), "sub_building": row["flat"],
                "building_name": row["name"], "building_number": row["house"], "street_name": row["street"],
                "town_name": "ROCHDALE", "post_town": "ROCHDALE", "gss_code": "E08000005", "change_code": "I"})
            loose.writerow(shared | {
                "feature_type": "builtaddress", "subname": row["flat"], "name": row["name"], "number": row["house"],
                "streetname": row["street"], "townname": "ROCHDALE", "classificationcode": "RD06" if row["flat"] else "RD04",
                "rootuprn": row["uprn"], "n_children": 0, "n_siblings": 3 if row["flat"] else 0,
                "sao_type": "flat_id" if row["flat"] else "", "number_type": "plain", "number_int": row["house"],
                "name_is_generic": "false", "rm_subbuildingname": row["flat"], "rm_buildingname": row["name"],
                "rm_buildingnumber": row["house"], "rm_thoroughfare": row["street"], "rm_posttown": "ROCHDALE",
                "lowertierlocalauthoritygsscode": "E08000005"})


def noisy(components: Path, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Addresses as a council would have recorded them, with the property that each means."""
    package = importlib.import_module("address_errors")
    made = package.Corruptor(package.Profile.load(), style="leeds", seed=1)
    made.index(package.load_components(components))
    chosen = np.random.default_rng(9).choice(len(rows), ASKED, replace=False)
    frame = pd.DataFrame(list(made.generate([str(rows[i]["uprn"]) for i in chosen])))
    unit = {str(row["uprn"]): row["postcode"] for row in rows}
    frame["postcode"] = frame["assigned_uprn"].map(unit)
    frame["text"] = frame["recorded_address"].str.replace("ROCHDALE", ", ROCHDALE", regex=False)
    return frame.reset_index(drop=True)


def told(name: str, answer: pd.Series, meant: pd.Series, seconds: float) -> None:
    given = answer.notna() & answer.ne("")
    right = given & answer.eq(meant)
    shares = f"{right.mean():8.2%} {(given & ~right).mean():8.2%} {(~given).mean():8.2%}"
    print(f"{name:44} {shares} {len(meant) / seconds:10,.0f} rows/s")


def ours(gazetteer: Gazetteer, texts: pd.Series, by_line: dict[str, str]) -> tuple[pd.Series, float, pd.DataFrame]:
    geocode(["1 High Street, Rochdale"], gazetteer, "Rochdale")
    start = time.process_time()
    found = geocode(texts, gazetteer, "Rochdale")
    seconds = time.process_time() - start
    return found["matched"].where(found["rung"].eq("address")).map(by_line), seconds, found


def theirs(rows: list[dict[str, Any]], texts: pd.Series, units: pd.Series | None) -> tuple[pd.Series, float]:
    duckdb, package = (importlib.import_module(name) for name in ("duckdb", "uk_address_matcher"))
    held = pd.DataFrame([{"unique_id": str(row["uprn"]), "address_concat": line(row).removesuffix(f", {row['postcode']}"),
                          "postcode": row["postcode"]} for row in rows])
    asked = pd.DataFrame({"unique_id": texts.index.astype(str), "address_concat": texts,
                          "postcode": "" if units is None else units})
    con = duckdb.connect()
    con.execute("set threads to 1")
    con.register("held_", held.astype(object))
    con.register("asked_", asked.astype(object))
    start = time.process_time()
    matcher = package.AddressMatcher(canonical_addresses=con.table("held_"), addresses_to_match=con.table("asked_"), con=con)
    frame = matcher.match().matches().df()
    seconds = time.process_time() - start
    best = frame.drop_duplicates("unique_id").set_index("unique_id")["resolved_canonical_id"]
    return pd.Series(texts.index.astype(str), index=texts.index).map(best), seconds


def main() -> None:
    if importlib.util.find_spec("address_errors") is None:
        print("address-errors is not installed: nothing was measured")
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(shutil.copytree(sys.argv[1] if len(sys.argv) > 1 else "var/gazetteer", Path(temporary) / "gazetteer"))
        rows = properties(open_gazetteer(folder))
        write(rows, Path(temporary) / "AddressBaseCore.csv", Path(temporary) / "components.csv")
        asked = noisy(Path(temporary) / "components.csv", rows)
        importers.run("addressbase", Path(temporary) / "AddressBaseCore.csv", folder)
        gazetteer = open_gazetteer(folder)
        by_line = {line(row): str(row["uprn"]) for row in rows}
        print(f"{len(rows):,} properties, {len(asked):,} records{'right':>26}{'wrong':>9}{'none':>9}")
        coded = asked["text"] + ", " + asked["postcode"]
        for name, texts, units in (("with postcode", coded, asked["postcode"]), ("without postcode", asked["text"], None)):
            answer, seconds, found = ours(gazetteer, texts, by_line)
            told(f"ours, {name}", answer, asked["assigned_uprn"], seconds)
            placed = found["tier"].isin(["P1", "P2", "P3"])
            print(f"{'  of these fine at all (house, street, postcode)':44} {placed.mean():8.2%}")
            if importlib.util.find_spec("uk_address_matcher") is not None:
                told(f"uk_address_matcher, {name}", *_swap(theirs(rows, asked["recorded_address"], units), asked["assigned_uprn"]))


def _swap(found: tuple[pd.Series, float], meant: pd.Series) -> tuple[pd.Series, pd.Series, float]:
    return found[0], meant, found[1]


if __name__ == "__main__":
    main()
