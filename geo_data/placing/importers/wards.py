"""Electoral wards by name, from the code list that comes with Code-Point Open and the ward of each of its postcodes.

Suburbs ("Byker", "Howdon") are wards more often than settlements of a list. A ward is a circle: the middle of its postcodes and the
radius that holds nine in ten. It says which of several streets is meant; it is never an answer itself.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import openpyxl
import pandas as pd
from defusedxml.common import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from geo_data.errors import InputError
from geo_data.placing.array_folder import Arrays
from geo_data.placing.gazetteer_build import normal_name

_LIST = re.compile(r"(?:^|/)codelist\.xlsx$", re.IGNORECASE)
_WARD = re.compile(r"[ESW]05\d{6}|[SW]13\d{6}")
_TITLE = re.compile(r"\s+(?:ward|ed|boro|london boro|\([a-z]+\))$", re.IGNORECASE)
_MOST_BYTES = 20 << 20


def names(path: Path) -> dict[str, str]:
    """Name of each ward's code, from the code list beside the postcodes of a zip or folder; empty when there is none."""
    try:
        data = _code_list(path)
        if data is None:
            return {}
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        rows = [row for sheet in book.worksheets for row in sheet.iter_rows(max_col=2, values_only=True)]
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, InvalidFileException, DefusedXmlException):
        raise InputError("The code list of the product cannot be read.", where="Codelist.xlsx",
                         fix="Download the product again, or give only its CSV files.") from None
    return {row[1]: _TITLE.sub("", row[0].strip()) for row in rows
            if len(row) == 2 and isinstance(row[0], str) and isinstance(row[1], str) and _WARD.fullmatch(row[1])}


def _code_list(path: Path) -> bytes | None:
    if path.is_dir():
        found = next((file for file in sorted(path.rglob("*")) if _LIST.search(file.as_posix())), None)
        return found.read_bytes() if found and found.stat().st_size <= _MOST_BYTES else None
    if not zipfile.is_zipfile(path):
        return None
    with zipfile.ZipFile(path) as archive:
        entry = next((each for each in archive.infolist() if _LIST.search(each.filename)), None)
        return archive.read(entry) if entry and entry.file_size <= _MOST_BYTES else None


def arrays(ward: npt.NDArray[Any], codes: list[str], easting: npt.NDArray[Any], northing: npt.NDArray[Any], known: dict[str, str],
           ) -> Arrays:
    """The circles of wards, by each piece of their name: `ward` is the number of each postcode's code in `codes`."""
    frame = pd.DataFrame({"ward": ward, "e": easting, "n": northing})[np.asarray(easting) >= 0]
    middle = frame.groupby("ward")[["e", "n"]].median()
    frame["apart"] = np.hypot(frame["e"] - middle["e"].reindex(frame["ward"]).to_numpy(),
                              frame["n"] - middle["n"].reindex(frame["ward"]).to_numpy())
    circles = middle.assign(radius=frame.groupby("ward")["apart"].quantile(0.9).clip(lower=300.0))
    held = zip(circles.index.tolist(), *(circles[name].tolist() for name in ("e", "n", "radius")), strict=True)
    rows = sorted((piece, *circle) for number, *circle in held for piece in pieces(known.get(codes[number], "")))
    held_by_name = pd.DataFrame(rows, columns=["name", "e", "n", "radius"])
    return {"locality_name": held_by_name["name"].to_numpy(dtype="U"),
            **{f"locality_{axis}": np.rint(held_by_name[axis].to_numpy(dtype=np.float64)).astype(np.int32)
               for axis in ("e", "n", "radius")}}


def pieces(name: str) -> list[str]:
    """The normalised names that lead to a ward: "Dene and South Gosforth" is also "dene" and "south gosforth"."""
    whole = normal_name(name.replace("&", " and "))
    parts = [part.strip() for part in re.split(r" and |, ", name.replace("&", " and "))]
    return [text for text in dict.fromkeys([whole, *map(normal_name, parts)]) if len(text) > 2]
