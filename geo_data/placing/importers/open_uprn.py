"""OS Open UPRN: the point of every property reference of Great Britain, about 40 million, without addresses.

Format: one CSV with a header and a byte order mark, UPRN, X_COORDINATE, Y_COORDINATE, LATITUDE, LONGITUDE; EPSG:27700.
Source: Ordnance Survey, OS Open UPRN technical specification.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from geo_data.errors import InputError
from geo_data.grid import MAX_EASTING_M, MAX_NORTHING_M
from geo_data.placing.importers.big_sort import sort_records
from geo_data.placing.importers.files import Member, batches, header, members, numbers
from geo_data.placing.importers.product import OS, Importer, Product, Progress
from geo_data.placing.uprn import numbers_of

_COLUMNS = {"uprn": "uprn", "x": "x_coordinate", "y": "y_coordinate"}


def read(path: Path, folder: Path, progress: Progress) -> Product:
    """Points by UPRN, sorted on disk beside the gazetteer: memory stays bounded whatever the file's size."""
    scratch = tempfile.TemporaryDirectory(prefix=".building-uprn-", dir=folder, ignore_cleanup_errors=True)
    try:
        count = [0]
        with members(path, r"(?:^|/)osopenuprn[^/]*\.csv$", "OS Open UPRN file (osopenuprn_YYYYMM.csv)") as files:
            held = sort_records((block for file in files for block in _blocks(file, progress, count)), Path(scratch.name))
            dated = re.search(r"osopenuprn_(\d{4})(\d\d)", f"{path.name} {files[0].name}".lower())
        if not held:
            raise InputError("There is no UPRN in the file.", where=path.name)
    except BaseException:
        scratch.cleanup()
        raise
    counts = {"rows": count[0], "uprns": len(held["uprn_key"])}
    return Product(dict(held), counts, "-".join(dated.groups()) if dated else "", scratch=scratch)


def _blocks(file: Member, progress: Progress, count: list[int]) -> Iterator[dict[str, npt.NDArray[Any]]]:
    names = file.first_row()
    columns = header(names, _COLUMNS, file, "OS Open UPRN")
    guess = max(1, file.size // 57)  # bytes of a row
    for batch in batches(file, names, columns, skip=1):
        key, e, n = numbers_of(batch["uprn"]), numbers(batch["x"], file, "X_COORDINATE"), numbers(batch["y"], file, "Y_COORDINATE")
        yield points(key, e, n, file)
        count[0] += len(key)
        progress(min(0.9, 0.9 * count[0] / guess), f"{count[0]:,} property references")


def points(key: npt.NDArray[np.int64], e: npt.NDArray[np.float64], n: npt.NDArray[np.float64], file: Member,
           ) -> dict[str, npt.NDArray[Any]]:
    """Checked arrays uprn_key, uprn_e, uprn_n; raises `InputError` for what is no UPRN or lies off the grid."""
    if (key < 0).any():
        raise InputError("A UPRN is not one to twelve digits.", where=file.name, fix="Choose the CSV form of the product.")
    if not ((e >= 0) & (e <= MAX_EASTING_M) & (n >= 0) & (n <= MAX_NORTHING_M)).all():
        raise InputError("A point lies outside the National Grid or is missing.", where=file.name,
                         fix="Choose the form in EPSG:27700.")
    return {"uprn_key": key, "uprn_e": np.rint(e).astype(np.int32), "uprn_n": np.rint(n).astype(np.int32)}


IMPORTER = Importer(
    title="OS Open UPRN",
    licence=OS,
    takes="the zip of OS Open UPRN, or osopenuprn_YYYYMM.csv",
    read=read,
)
