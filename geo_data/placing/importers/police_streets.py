"""Street names from the monthly street files of data.police.uk: any force's, as downloaded there.

Each row names the street ("On or near Drake Street") whose published point it was moved to: the centre of a street or of a piece
of a long one. Only names and points are taken, each once; nothing else of a crime is read or kept. The points of one name are
chained where they lie near each other. Source of the form: data.police.uk/about (location anonymisation) and its CSV downloads.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from geo_data.errors import InputError
from geo_data.grid import in_gb_degrees, to_bng
from geo_data.placing import names
from geo_data.placing.importers.chains import chains, circles
from geo_data.placing.importers.files import batches, header, members, numbers
from geo_data.placing.importers.product import OGL, Importer, Product, Progress
from geo_data.placing.street_name import is_numbered, normal

LINK_M, LEAST_RADIUS_M = 1_000.0, 120.0
NUMBERED_M = 1_500.0  # a numbered road is known by a few points only: least radius of a stretch of it
_COLUMNS = {"lon": "longitude", "lat": "latitude", "location": "location", "area": "lsoa name"}
_NEAR = re.compile(r"^on or near\s*", re.IGNORECASE)
_LSOA = re.compile(r"\s+\d{3}[A-Z]$")
# What stands in the place of a name where the point is that of a kind of building.
_KINDS = frozenset(normal(kind) for kind in (
    "Parking Area", "Sports/Recreation Area", "Pedestrian Subway", "Supermarket", "Petrol Station", "Shopping Area", "Hospital",
    "Park/Open Space", "Bus/Coach Station", "Further/Higher Educational Building", "Nightclub", "Police Station", "Prison",
    "Ferry Terminal", "Conference/Exhibition Centre", "Theatre/Concert Hall", "Airport/Airfield", "Race Track", "Football Ground",
    "Motorway Service Area", "No Location", "Bus Station", "Theme/Adventure Park"))


def read(path: Path, _folder: Path, progress: Progress) -> Product:
    """The streets of all files of a zip or folder, or of one file."""
    rows, held, month = 0, [], ""
    wanted = r"(?:^|/)\d{4}-\d\d-[^/]*-street\.csv$"
    with members(path, wanted, "street file of data.police.uk (2025-01-force-street.csv)") as files:
        for number, file in enumerate(files):
            head = file.first_row()
            columns = header(head, _COLUMNS, file, "a street file of data.police.uk")
            for batch in batches(file, head, columns, skip=1):
                rows += len(batch["location"])
                held.append(pd.DataFrame({
                    "lon": numbers(batch["lon"], file, "longitude"), "lat": numbers(batch["lat"], file, "latitude"),
                    "name": batch["location"].to_pandas().astype("str"), "area": batch["area"].to_pandas().astype("str"),
                }).drop_duplicates(["lon", "lat", "name"]))
            month = max(month, (re.search(r"\d{4}-\d\d", file.name) or [""])[0])
            progress(0.7 * (number + 1) / len(files), file.name)
    points = pd.concat(held, ignore_index=True).drop_duplicates(["lon", "lat", "name"])
    return _streets(points, rows, month)


def _streets(points: pd.DataFrame, rows: int, month: str) -> Product:
    name = points["name"].str.replace(_NEAR, "", regex=True).str.strip()
    plain = name.map(normal)
    placed = in_gb_degrees(points["lat"].to_numpy(), points["lon"].to_numpy())
    good = placed & plain.ne("").to_numpy() & ~plain.isin(_KINDS).to_numpy() & plain.str.contains("[a-z]").to_numpy()
    points, name, plain = points[good], name[good], plain[good]
    if not len(points):
        raise InputError("No street is named in it.", where="location", fix="Choose street files of data.police.uk.")
    e, n = to_bng(points["lat"].to_numpy(), points["lon"].to_numpy())
    e, n = np.rint(e), np.rint(n)
    chain = chains(pd.factorize(plain)[0], e, n, LINK_M)
    centre_e, centre_n, radius, first = circles(chain, e, n, least=LEAST_RADIUS_M)
    numbered = plain.iloc[first].map(is_numbered).to_numpy(dtype=bool)
    frame = pd.DataFrame({
        "name": name.to_numpy()[first], "easting": centre_e, "northing": centre_n,
        "radius_m": np.where(numbered, np.maximum(radius, NUMBERED_M), radius), "kind": np.where(numbered, "numbered", "street"),
        "district": points["area"].str.replace(_LSOA, "", regex=True).to_numpy()[first],
    })
    frame["district"] = frame["district"].where(frame["district"].ne(""))
    counts = {"rows": rows, "points": len(points), "streets": len(frame), "names": int(plain.nunique())}
    return Product(names.arrays("street", frame), counts, f"{month}-01" if month else "")


IMPORTER = Importer(
    title="Streets of data.police.uk",
    licence=f"Street names and anonymised points: data.police.uk, {OGL}.",
    takes="street files of data.police.uk (zip as downloaded, its folder, or one CSV)",
    read=read,
)
