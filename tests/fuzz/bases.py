"""Good input that chance then spoils: small files of every profile, workbooks, operators' files, words of places."""

from __future__ import annotations

import io
import os
import re
import sqlite3
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import openpyxl

from geo_data.reading.profiles import PROFILES
from geo_data.reading.template import xlsx_template
from tests.geo_data.placing.importers import made
from tests.geo_data.rows import GOOD, csv_bytes

OWN_COLUMNS = ("Ref", "Child", "When", "Where")
PROFILE = """title = "Ours"
nature = "episodes"
dates = "day_first"
recognised_by = ["Ref", "Child"]
[columns]
episode_ref = ["Ref"]
person_ref = ["Child"]
[joins]
last_seen_at = [["When"], ["Time"]]
[texts]
found_location_text = [["Where"]]
[prefixes]
person_ref = "X-"
[constants]
source_system = "ours"
[defaults]
care_status = "not_known"
[values.gender]
f = "female"
"""
SETTINGS = """home = "var"
store = "sqlite:///x.db"
max_upload_mb = 25
allowed_hosts = ["localhost"]
sign_in = "local"
role_names = ["A=analyst"]
marking = "OFFICIAL"
tiles_url = "https://tiles.corp/{z}/{x}/{y}.png"
"""
WORDS = [
    "OL16 1LU",
    "ol161lu",
    "OL16",
    "OL16 1",
    "M1",
    "SW1A 1AA",
    "0L16 1LU",
    "SD 896 134",
    "SD8960013400",
    "NZ2564",
    "389600, 413400",
    "53.6166, -2.1575",
    "53°37'N 2°9'W",
    "-2.1575",
    "Rochdale",
    "Newcastle upon Tyne",
    "St. Ann's",
    "Drake Street",
    "Station Road",
    "12",
    "12a",
    "Flat 3",
    "near",
    "outside",
    "opposite",
    "junction of",
    "between",
    "and",
    "towards",
    "A58",
    "M62 J20",
    "(rear)",
    "bus station",
    "McDonald's",
    "Asda",
    "Children's Home",
    "unknown",
    "n/k",
    "refused",
    "mate's house",
    "ex-boyfriend",
    "the park",
    "railway station",
    "Hospital",
    "Falinge Park High School",
    "Bradford",
    "Durham",
    "Co. Durham",
    "Greater Manchester",
    "UPRN 100012345678",
    "///filled.count.soap",
    "http://maps.example/?q=53.6,-2.1",
    "@53.6,-2.1,17z",
    "GPS:",
    "\u202eLO",
    "é",
    "Ynys Môn",
    "İstanbul",
    "ß",
]


@cache
def csvs() -> list[bytes]:
    native = csv_bytes(
        [
            {**GOOD, "episode_ref": f"NP/2025/{number:04d}", "found_location_text": place}
            for number, place in enumerate(WORDS[:6])
        ]
    )
    made_up = {"day_first": "03/04/2025", "iso": "2025-04-03T14:30"}
    others = []
    for profile in PROFILES.values():
        names = [
            *(names[0] for names in profile.columns.values()),
            *(part[0] for join in profile.joins.values() for part in join),
            *(part[0] for text in profile.texts.values() for part in text),
        ]
        names = list(dict.fromkeys(names))
        row = {
            name: made_up.get(profile.dates, "")
            if "ate" in name or name.endswith("_at")
            else "14:30"
            if "Time" in name
            else "OL16 1LU"
            if "ostcode" in name
            else "389600"
            if "asting" in name
            else f"{name[:3]}1"
            for name in names
        }
        others.append(csv_bytes([row, {**row, names[0]: "B2"}, dict.fromkeys(names, "")]))
    return [native, csv_bytes([GOOD], delimiter=";"), b"a,b\n1,2\n3,4\n", *others]


@cache
def narrow() -> list[bytes]:
    return [b"ref,place,when\nA1,Bus station,2025-04-03\nB2,\"High St, Blyth\",\nC3,OL16 1LU,03/04/2025 14:30\n",
            "ref;Straße;é\r\nA1;\"x \"\"y\"\"\";1\r\nB2;;2\r\n".encode(),
            b"ref|a\nA1|x\nA2|y\n", b"sep=;\r\nref;place\r\nA1;a,b\r\n",
            "ref\tplace\nA1\tx\n\nB2\ty\n".encode("utf-16")]


@cache
def workbooks() -> list[bytes]:
    found = [xlsx_template()]
    for data in csvs()[:4]:
        book = openpyxl.Workbook()
        for line in data.decode().splitlines():
            book.active.append(line.split(","))
        book.active.append(["=1+1", 45000.5, True, None, "#REF!"])
        book.create_sheet("Second").append(["x", 1])
        out = io.BytesIO()
        book.save(out)
        found.append(out.getvalue())
    return [_without_clock(data) for data in found]


def _without_clock(workbook: bytes) -> bytes:
    """The workbook as any other moment would have made it: cases are made again from their number alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2025-01-01T00:00:00Z", source.read(name))
            target.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def policy() -> str:
    return (Path(__file__).resolve().parents[2] / "docs" / "policy.toml").read_text("utf-8")


def _zip(**files: bytes | str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name.replace("__", "/") + ".csv"), content)
    return out.getvalue()


@cache
def imports() -> dict[str, bytes]:
    names = [
        made.open_name("Weaver Row", "Named Road", 390_000, 413_000, place="Belfield", number="road1"),
        made.open_name("A9664", "Numbered Road", 391_000, 414_000, number="road2"),
        made.open_name("Amblecote Green", "Hamlet", 392_000, 415_000, type_="populatedPlace", number="place1"),
    ]
    stops = [
        made.NAPTAN_HEADER,
        made.stop("1", "Loom Arms", "BCT", 390_000, 413_000, Street="Weaver Row"),
        made.stop("7", "By degrees", "BCT", "", "", GridType="", Latitude="53.6155", Longitude="-2.1561"),
    ]
    plus = [
        made.plus(
            UPRN="100012345678",
            X_COORDINATE="390000",
            Y_COORDINATE="413000",
            BUILDING_NUMBER="12",
            THOROUGHFARE="WEAVER ROW",
            POST_TOWN="ROCHDALE",
            POSTCODE="OL16 1LU",
            COUNTRY="E",
            CLASS="RD04",
        )
    ]
    return {
        "local_names": b"alias,easting,northing,type,precision_m\nthe swings,390000,413000,not_known,50\n"
        b"The Arches,391000,414000,not_known,\n",
        "open_names": _zip(Data__SD81=made.csv(names), Data__SD91=made.csv(names[:1], bom=True)),
        "naptan": made.csv(stops),
        "code_point": _zip(
            Data__CSV__ol='"OL16 1LU",10,390000,413000,"E92000001","E19000001","","","E08000005","E05000719"\r\n'
        ),
        "postcode_directory": made.directory(
            made.NEW_DIRECTORY, [("OL16 1LU", "", "390200", "0413200", "1", "53.6"), ("IM1 1AA", "", "", "", "9", "99.999999")]
        ),
        "open_uprn": b"UPRN,X_COORDINATE,Y_COORDINATE,LATITUDE,LONGITUDE\r\n100012345678,390000.40,413000.6,53.6,-2.1\r\n",
        "addressbase": made.csv(plus),
        "police_streets": b"Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
        b"Last outcome category,Context\nabc,2025-01,Some,Some,-2.157500,53.616600,On or near Quorn Wynd,E01005533,"
        b"Rochdale 009A,Burglary,,\n" + b"abc,2025-01,Some,Some,,,No Location,,,Burglary,,\n",
    }


def _mbtiles(path: Path) -> None:
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA page_size = 512")
        base.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        base.execute("CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB)")
        base.executemany(
            "INSERT INTO metadata VALUES (?, ?)", [("format", "pbf"), ("json", '{"vector_layers": [{"id": "roads"}]}')]
        )
        base.execute("INSERT INTO tiles VALUES (1, 0, 1, ?)", (b"\x1f\x8bxx",))
    base.close()


@cache
def layers() -> dict[str, bytes]:
    """The bytes of a small base map in each form that can be imported, by its ending."""
    import geopandas as gpd
    import shapely

    frame = gpd.GeoDataFrame(
        {"name": ["High Street"]}, geometry=[shapely.LineString([(400_000, 500_000), (401_000, 500_500)])], crs="EPSG:27700"
    )
    found = {
        "geojson": frame.to_crs("EPSG:4326").to_json().encode(),
        "pmtiles": b"PMTiles\x03" + bytes(91) + b"\x01\x00\x0e" + bytes(25),
    }
    with tempfile.TemporaryDirectory() as kept:
        os.environ["OGR_CURRENT_DATE"] = "2025-01-01T00:00:00.000Z"  # of the GeoPackage
        _mbtiles(Path(kept) / "x.mbtiles")
        found["mbtiles"] = (Path(kept) / "x.mbtiles").read_bytes()
        frame.to_file(Path(kept) / "x.gpkg", driver="GPKG", layer="roads")
        found["gpkg"] = (Path(kept) / "x.gpkg").read_bytes()
    return found


def lists() -> list[bytes]:
    """Decisions of a team, and counts of referrals."""
    return [
        b"alias,easting,northing,precision_m,type,tier,place,near_too,area,matched\n"
        b"the swings,390000,413000,50,not_known,P2,yes,no,,\n"
        b"mate's house,,,,,,no,no,,\n",
        b"agency,month,area,referrals\nHealth,2025-03,E08000005,12\nHealth,2025-04,E08000005,0\n",
    ]
