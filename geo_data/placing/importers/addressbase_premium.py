"""AddressBase Premium: records of several types in one file, told by their first field.

15 street descriptor, 21 basic land and property unit (the point), 24 land and property identifier (the address),
28 delivery point (the postcode), 31 organisation, 32 classification. No header. The address of a property is its
identifier with the best status (1 approved, 6 provisional, 3 alternative, 8 historical). The records of all files
are joined in memory. Source: Ordnance Survey, AddressBase Premium technical specification.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pandas as pd

from geo_data.errors import InputError
from geo_data.placing.importers.address_line import PARTS, line
from geo_data.placing.importers.files import Member
from geo_data.placing.importers.product import Progress
from geo_data.placing.uprn import numbers_of

_TYPES = {"10", "11", "15", "21", "23", "24", "28", "29", "30", "31", "32", "99"}
_WIDTH = {"15": 13, "21": 22, "24": 26, "28": 16, "31": 7, "32": 7}  # least number of fields
_TAKEN = {  # position of each field that is kept
    "15": {"usrn": 3, "street": 4, "locality": 5, "town": 6, "language": 8},
    "21": {"uprn": 3, "x": 8, "y": 9, "postcode_locator": 20},
    "24": {"uprn": 3, "language": 5, "status": 6, **{part: 11 + place for place, part in enumerate(PARTS)}, "usrn": 21},
    "28": {"uprn": 3, "rm_organisation": 5, "post_town": 14, "postcode": 15},
    "31": {"uprn": 3, "organisation": 5},
    "32": {"uprn": 3, "class": 5, "scheme": 6},
}
_STATUS = {"1": 0, "6": 1, "3": 2, "8": 3}
_PER_PART = 500_000


def is_premium(file: Member) -> bool:
    """Whether a file's first records are those of AddressBase Premium."""
    rows = file.first_rows(2)
    return bool(rows) and all(row and row[0] in _TYPES and len(row) < 40 for row in rows)


def read_premium(files: list[Member], progress: Progress) -> Iterator[pd.DataFrame]:
    """Frames of uprn, x, y, line, usrn, street, locality, town, postcode, class, organisation."""
    records: dict[str, list[pd.DataFrame]] = {kind: [] for kind in _TAKEN}
    for number, file in enumerate(files):
        for kind, frame in _records(file):
            records[kind].append(frame)
        progress(0.6 * (number + 1) / len(files), file.name)
    tables = {kind: pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(_TAKEN[kind]), dtype="str")
              for kind, parts in records.items()}
    whole = _joined(tables)
    for start in range(0, len(whole), _PER_PART):
        yield whole.iloc[start : start + _PER_PART]


def _joined(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    streets = tables["15"].sort_values("language").drop_duplicates("usrn").set_index("usrn")[["street", "locality", "town"]]
    lpi = tables["24"]
    order = lpi["status"].map(_STATUS).fillna(9).astype(int) * 2 + lpi["language"].ne("ENG").astype(int)
    best = lpi.assign(order=order).sort_values("order", kind="stable").drop_duplicates("uprn").set_index("uprn")
    post = tables["28"].drop_duplicates("uprn").set_index("uprn")
    organisation = tables["31"].drop_duplicates("uprn").set_index("uprn")
    scheme = tables["32"]["scheme"].str.contains("AddressBase", case=False)
    use = tables["32"][scheme].drop_duplicates("uprn").set_index("uprn")[["class"]]
    found = tables["21"].drop_duplicates("uprn", keep="last")
    found = found.join(best[[*PARTS, "usrn"]], on="uprn").join(streets, on="usrn").join(post, on="uprn")
    found = found.join(organisation, on="uprn").join(use, on="uprn")
    texts = [str(name) for name in found if name not in {"x", "y"}]
    found[texts] = found[texts].fillna("")
    for name, other in (("postcode", "postcode_locator"), ("town", "post_town"), ("organisation", "rm_organisation")):
        found[name] = found[name].where(found[name].ne(""), found[other])
    found["line"] = line(found)
    return found.assign(uprn=numbers_of(found["uprn"]))


def _records(file: Member) -> Iterator[tuple[str, pd.DataFrame]]:
    held: dict[str, list[list[str]]] = {kind: [] for kind in _TAKEN}
    with file.open() as source, io.TextIOWrapper(source, encoding="utf-8-sig", newline="") as text:
        rows = csv.reader(text)
        try:
            for row in rows:
                kind = row[0] if row else ""
                if kind not in _TYPES:
                    raise InputError("A record is of none of the types of AddressBase Premium.", fix="Copy the file again.",
                                     where=f"{file.name}, line {rows.line_num}")
                if kind not in _TAKEN:
                    continue
                if len(row) < _WIDTH[kind]:
                    raise InputError(f"A record of type {kind} has {len(row)} fields where {_WIDTH[kind]} are expected.",
                                     fix="Copy the file again.", where=f"{file.name}, line {rows.line_num}")
                if row[1] != "D":  # of a change-only file: the property is gone
                    held[kind].append([row[at] for at in _TAKEN[kind].values()])
        except (csv.Error, UnicodeDecodeError):
            raise InputError("The file is broken: it cannot be read as UTF-8 CSV.", fix="Copy the file again.",
                             where=f"{file.name}, after line {rows.line_num}") from None
    for kind, lines in held.items():
        frame = pd.DataFrame(lines, columns=list(_TAKEN[kind]), dtype="str")
        for axis in ("x", "y") if kind == "21" else ():
            frame[axis] = pd.to_numeric(frame[axis], errors="coerce")
        yield kind, frame
