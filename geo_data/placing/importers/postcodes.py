"""Unit postcodes: OS Code-Point Open, and the ONS Postcode Directory or National Statistics Postcode Lookup.

Formats: Code-Point Open user guide (ten columns without a header, older files with padded postcodes); ONSPD and NSPL
user guides, with the headers until mid 2025 and those from November 2025 on. Both give a positional quality on one
scale, 1 (best) to 9 (no coordinates), Code-Point Open ten times as much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa  # type: ignore[import-untyped]

from geo_data.errors import InputError
from geo_data.grid import MAX_EASTING_M, MAX_NORTHING_M
from geo_data.placing import gazetteer, land, postcode
from geo_data.placing.array_folder import Arrays
from geo_data.placing.gazetteer_build import NO_COORDINATES, OUTSIDE_GB, outside_gb, postcode_arrays
from geo_data.placing.importers import wards
from geo_data.placing.importers.files import Member, batches, beside, header, members, numbers
from geo_data.placing.importers.product import POSTCODES, Importer, Product, Progress

CODE_POINT = ("Postcode", "Positional_quality_indicator", "Eastings", "Northings", "Country_code", "NHS_regional_HA_code",
              "NHS_HA_code", "Admin_county_code", "Admin_district_code", "Admin_ward_code")
DIRECTORY = {  # header until mid 2025 | from November 2025 on | long names of the Excel form
    "postcode": r"pcds?|pcd[78]|postcode.*",
    "easting": r"oseast1m|east1m|.*\beasting\b.*",
    "northing": r"osnrth1m|north1m|.*\bnorthing\b.*",
    "ended": r"doterm|.*date of termination.*",
    "quality": r"?osgrdind|gridind|.*positional quality.*",
    "district": r"?laua|oslaua|lad\d\dcd|local authority district.*code.*",
    "lat": r"?lat|latitude",
}
_MONTHS = {name: number for number, name in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)}
_IMPUTED, _SECTOR_MEAN, _OLD, _NONE = 5, 6, 8, 9
_LEAST_RADIUS_M = {_IMPUTED: 250, _OLD: 100}  # placed from neighbouring postcodes; known to 100 m
_LEAST_SHAPED = 0.9  # share of rows that must have the shape of a postcode
_FIX = "Choose the CSV form of the product."


def read_code_point(path: Path, folder: Path, progress: Progress) -> Product:
    """Live postcodes of Great Britain; those without coordinates (quality 90) are dropped. With the code list also the wards."""
    rows = _Rows()
    named = wards.names(path)
    with members(path, r"(?:^|/)[a-z]{1,2}\.csv$", "Code-Point Open file (ab.csv ... ze.csv)") as files:
        for number, file in enumerate(files):
            for batch in _code_point(file):
                rows.add(batch, file)
            progress(0.7 * (number + 1) / len(files), file.name)
    dated = re.search(r"COPYRIGHT DATE\s*:\s*(\d{4})(\d\d)(\d\d)", beside(path, r"(?:^|/)metadata\.txt$"))
    return rows.product(folder, "-".join(dated.groups()) if dated else "", progress, keep_unplaced=False, named=named)


def _code_point(file: Member) -> Iterator[dict[str, Any]]:
    first = file.first_row()
    if len(first) != len(CODE_POINT):
        raise InputError(f"This is not Code-Point Open: {len(first)} columns where 10 are expected.", where=file.name, fix=_FIX)
    headed = first[0].strip().upper() in {"PC", "POSTCODE"}
    columns = {"postcode": CODE_POINT[0], "quality": CODE_POINT[1], "easting": CODE_POINT[2], "northing": CODE_POINT[3],
               "district": CODE_POINT[8], "ward": CODE_POINT[9]}
    for batch in batches(file, CODE_POINT, columns, skip=int(headed)):
        ten_times = numbers(batch["quality"], file, "positional quality")
        yield batch | {"quality": ten_times // 10}


def read_directory(path: Path, folder: Path, progress: Progress) -> Product:
    """Live and terminated postcodes. Those of Northern Ireland are Irish Grid: kept as known, without a point."""
    rows = _Rows()
    with members(path, r"(?:^|/)(?:onspd|nspl)[^/]*\.csv$", "ONSPD or NSPL file") as found:
        whole = [file for file in found if "multi_csv" not in file.name.lower()]
        files = whole or found
        for number, file in enumerate(files):
            names = file.first_row()
            columns = header(names, DIRECTORY, file, "ONSPD or NSPL")
            for batch in batches(file, names, columns, skip=1):
                if "quality" in batch:
                    batch["quality"] = numbers(batch["quality"], file, "positional quality")
                rows.add(batch, file)
                progress(0.7 * (number + 0.5) / len(files), f"{rows.count:,} postcodes")
        dated = re.search(r"_([A-Z]{3})_(\d{4})", f"{path.name} {files[0].name}".upper())
    known = dated is not None and dated[1] in _MONTHS
    date = f"{dated[2]}-{_MONTHS[dated[1]]:02d}" if dated and known else ""
    return rows.product(folder, date, progress, keep_unplaced=True)


class _Rows:
    """Postcodes as they are read: arrays per block."""

    def __init__(self) -> None:
        self.parts: list[tuple[npt.NDArray[Any], ...]] = []
        self.numbers: dict[str, int] = {}  # of each district
        self.wards: dict[str, int] = {}
        self.count = self.shaped = 0

    def add(self, batch: dict[str, Any], file: Member) -> None:
        """Add one block: texts postcode, easting, northing, and where known quality (numbers), district, ended, lat."""
        key = postcode.keys_of(postcode.codes(batch["postcode"]))
        self.count, self.shaped = self.count + len(key), self.shaped + int((key >= 0).sum())
        if self.shaped < _LEAST_SHAPED * self.count:
            raise InputError("The column of postcodes holds no postcodes.", where=file.name, fix=_FIX)
        e, n = (numbers(batch[axis], file, axis) for axis in ("easting", "northing"))
        quality = np.nan_to_num(batch.get("quality", np.ones(len(key))), nan=1).astype(np.int8)
        outside = outside_gb(key)
        placed = (e > 0) & (n > 0) & (quality != _NONE) & ~outside
        if "lat" in batch:
            placed &= ~(numbers(batch["lat"], file, "latitude") > 99)  # 99.999999 stands for none
        if (placed & ((e > MAX_EASTING_M) | (n > MAX_NORTHING_M))).any():
            raise InputError("A point lies outside the National Grid.", where=file.name, fix="Choose the form in EPSG:27700.")
        e = np.where(outside, OUTSIDE_GB, np.where(placed, e, NO_COORDINATES))
        ended = np.zeros(len(key))
        if "ended" in batch:
            digits = pa.compute.replace_substring_regex(batch["ended"], r"\D", "")
            ended = np.nan_to_num(numbers(pa.compute.utf8_slice_codeunits(digits, 0, 6), file, "termination"))
        self.parts.append((key, e.astype(np.int32), np.where(placed, n, NO_COORDINATES).astype(np.int32), quality,
                           ended.astype(np.int32), self._numbered(batch, "district", self.numbers, len(key)),
                           self._numbered(batch, "ward", self.wards, len(key))))

    @staticmethod
    def _numbered(batch: dict[str, Any], what: str, numbers: dict[str, int], size: int) -> npt.NDArray[np.uint16]:
        if what not in batch:
            return np.full(size, numbers.setdefault("", len(numbers)), dtype=np.uint16)
        coded = batch[what].dictionary_encode()
        if len(numbers) + len(coded.dictionary) > 2**16:
            raise InputError(f"The column of {what}s holds no {what} codes.", where=f"{what}s", fix=_FIX)
        local = np.array([numbers.setdefault(name, len(numbers)) for name in coded.dictionary.to_pylist()])
        return np.asarray(local[coded.indices.to_numpy()], dtype=np.uint16)

    def product(self, folder: Path, date: str, progress: Progress, *, keep_unplaced: bool, named: dict[str, str] | None = None,
                ) -> Product:
        key, e, n, quality, ended, district, ward = (np.concatenate(column) for column in zip(*self.parts, strict=True))
        wanted = (key >= 0) & ((e >= 0) | keep_unplaced)
        rows = np.flatnonzero(wanted)[np.unique(key[wanted], return_index=True)[1]]
        key, e, n, quality, ended, district, ward = (column[rows] for column in (key, e, n, quality, ended, district, ward))
        progress(0.75, "Sectors and radii")
        arrays = postcode_arrays(key, e, n)
        arrays |= {"postcode_district": district, "districts": np.array(list(self.numbers)), "postcode_terminated": ended,
                   "postcode_radius": _radius(folder, arrays, quality), "land": land.mask(e[e >= 0], n[e >= 0])}
        counts = {"rows": self.count, "postcodes": len(key), "located": int((e >= 0).sum()),
                  "terminated": int((ended > 0).sum()), "outside_gb": int((e == OUTSIDE_GB).sum()),
                  "dropped": self.count - len(key)}
        if named:
            arrays |= wards.arrays(ward, list(self.wards), e, n, named)
            counts["wards"] = len(set(self.wards) & set(named))
        return Product(arrays, counts, date)


def _radius(folder: Path, arrays: Arrays, quality: npt.NDArray[np.int8]) -> npt.NDArray[np.uint16]:
    """The base's radius of the postcode, or of the one before it in order when it is new; larger where the point is a guess."""
    key = arrays["postcode_key"]
    base = gazetteer.open_gazetteer(folder).base.arrays
    located = base["postcode_e"] >= 0
    before = np.searchsorted(base["postcode_key"][located], key, side="right") - 1
    radius = base["postcode_radius"][located][before.clip(0)].astype(np.int64)
    for grade, least in _LEAST_RADIUS_M.items():
        radius = np.where(quality == grade, np.maximum(radius, least), radius)
    for held in (arrays, base):  # the file may be a part of the country, the base older
        sectors, wanted = held["sector_key"], key // postcode.SECTOR
        row = np.searchsorted(sectors, wanted).clip(0, max(len(sectors) - 1, 0))
        known = (quality == _SECTOR_MEAN) & (sectors[row] == wanted) if len(sectors) else np.zeros(len(key), dtype=bool)
        radius[known] = np.maximum(radius[known], held["sector_radius"][row[known]])
    return np.asarray(radius.clip(0, 2**16 - 1), dtype=np.uint16)


CODE_POINT_OPEN = Importer(
    title="OS Code-Point Open",
    licence=POSTCODES,
    takes="codepo_gb.zip, the folder of its CSV files, or one of them",
    read=read_code_point,
)
POSTCODE_DIRECTORY = Importer(
    title="ONS Postcode Directory or National Statistics Postcode Lookup",
    licence=POSTCODES,
    takes="the zip of ONSPD or NSPL, its folder, or its CSV file",
    read=read_directory,
)
