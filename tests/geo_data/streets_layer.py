"""A gazetteer with an OS Open Names layer of invented records in the exact format, on real towns."""

from __future__ import annotations

import shutil
from pathlib import Path

from geo_data.placing import importers
from geo_data.placing.gazetteer import Gazetteer, open_gazetteer
from tests.geo_data.placing.importers.made import csv, open_name, zipped

ROADS = [
    # name, easting, northing, box, place, district, county, outcode
    ("Drake Street", 389_770, 413_099, 250, "Rochdale", "Rochdale", "Greater Manchester", "OL16"),
    ("Drake Street", 410_000, 443_000, 100, "Keighley", "Bradford", "West Yorkshire", "BD21"),
    ("Nelson Street", 389_740, 413_200, 90, "Rochdale", "Rochdale", "Greater Manchester", "OL16"),
    ("Yorkshire Street", 390_100, 413_500, 300, "Rochdale", "Rochdale", "Greater Manchester", "OL16"),
    ("Dale Street", 390_500, 412_500, 100, "Rochdale", "Rochdale", "Greater Manchester", "OL16"),
    ("Dane Street", 361_000, 391_000, 100, "Warrington", "Warrington", "Warrington", "WA1"),
    ("North Street", 389_300, 413_900, 100, "Rochdale", "Rochdale", "Greater Manchester", "OL16"),
    ("St. Ann's Road", 391_000, 413_700, 100, "Rochdale", "Rochdale", "Greater Manchester", "OL16"),
    ("Station Road", 389_900, 411_800, 80, "Rochdale", "Rochdale", "Greater Manchester", "OL11"),
    ("Station Road", 391_900, 414_800, 80, "Rochdale", "Rochdale", "Greater Manchester", "OL16"),
    ("Station Road", 425_000, 565_500, 80, "Gosforth", "Newcastle upon Tyne", "Newcastle upon Tyne", "NE3"),
    ("Hill Street", 435_000, 565_000, 80, "Jarrow", "South Tyneside", "South Tyneside", "NE32"),
    ("Kingsway", 391_200, 412_900, 300, "Rochdale", "Rochdale", "Greater Manchester", "OL16"),
    ("Moss Row", 395_700, 413_500, 100, "Denshaw", "Oldham", "Oldham", "OL3"),  # two kilometres outside Rochdale
    ("Long Row", 389_900, 413_300, 60, "Rochdale", "Rochdale", "Greater Manchester", "OL16"),
    ("Long Row", 397_200, 417_500, 900, "Summit", "Rochdale", "Greater Manchester", "OL15"),  # longer, in the district
    ("Bay Row", 389_800, 413_400, 60, "Rochdale", "Rochdale", "Greater Manchester", "OL16"),
    ("Bay Row", 392_900, 415_600, 900, "Rochdale", "Rochdale", "Greater Manchester", "OL16"),  # longer, in the town
    ("Mere Street", 389_500, 413_600, 80, "Rochdale", "Rochdale", "Greater Manchester", "OL16"),
    ("Mere Street", 391_800, 413_500, 80, "Rochdale", "Rochdale", "Greater Manchester", "OL16"),  # 2.3 km away: one street
    ("Monton Road", 376_600, 399_400, 300, "Eccles", "Salford", "Greater Manchester", "M30"),
    ("Monton Road", 390_900, 392_900, 300, "Manchester", "Stockport", "Greater Manchester", "SK5"),
    ("Otter Lane", 398_000, 416_900, 100, "Littleborough", "Rochdale", "Greater Manchester", "OL15"),  # alone, in the borough
    ("Tarn Row", 388_900, 413_400, 900, "Rochdale", "Rochdale", "Greater Manchester", "OL16"),  # far longer than the other
    ("Tarn Row", 391_400, 413_400, 60, "Rochdale", "Rochdale", "Greater Manchester", "OL16"),
    ("Fell Row", 415_900, 587_500, 100, "", "Northumberland", "Northumberland", "NE61"),  # alone, two kilometres outside Morpeth
    *(("Sorrel Gardens", e, n, 80, town, town, "", "") for e, n, town in (
        (389_900, 413_900, "Rochdale"), (410_000, 443_200, "Keighley"), (361_000, 391_200, "Warrington"))),
    ("The Green", 370_000, 580_000, 80, "Slaley", "Northumberland", "Northumberland", "NE47"),
    ("Quorn Wynd", 425_200, 564_200, 80, "Newcastle upon Tyne", "Newcastle upon Tyne", "Newcastle upon Tyne", "NE1"),
]
FEATURES = [
    ("Rochdale Railway Station", "Railway Station", 389_950, 412_650, "Rochdale"),
    ("Falinge Park High School", "Secondary Education", 388_600, 414_900, "Rochdale"),
    ("Rochdale Infirmary", "Hospital", 389_500, 414_300, "Rochdale"),
    ("Manchester Piccadilly", "Railway Station", 384_800, 397_900, "Manchester"),
]


def layer(base: Path, folder: Path) -> Gazetteer:
    """`base` copied to `folder` with the layer on it."""
    shutil.copytree(base, folder, dirs_exist_ok=True)
    rows = [open_name(name, "Named Road", e, n, box=box, place=place, district=district, county=county, outcode=outcode,
                      number=f"osgb{number:013d}")
            for number, (name, e, n, box, place, district, county, outcode) in enumerate(ROADS)]
    rows.append(open_name("A58", "Numbered Road", 391_500, 414_000, box=1_200, place="Rochdale", district="Rochdale",
                          county="Greater Manchester", outcode="OL16", number="osgb8000000000001"))
    rows += [open_name(name, kind, e, n, box=40, type_="other", place=place, number=f"osgb9{number:012d}")
             for number, (name, kind, e, n, place) in enumerate(FEATURES)]
    path = zipped(folder.parent / "opname_csv_gb.zip", {"Data/SD81.csv": csv(rows)})
    importers.run("open_names", path, folder)
    return open_gazetteer(folder)
