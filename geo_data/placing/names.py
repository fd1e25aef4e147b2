"""Named things - streets, stations, schools, parks - found by name, by area and by distance.

A table of them is a set of arrays in a gazetteer layer, made by `arrays` and opened memory-mapped.
One row is one street (or one section of a street) or one feature. Rows are reached

- by name: the hashes of all normalised names, sorted, with the rows of each (`find`);
- by area: likewise for locality, town, district, postcode sector and outcode (`inside`), so that a
  fuzzy search need never look beyond the place that was named;
- by distance: the rows in order of their 1 km cell (`near`).

`Names` looks into the tables of several layers at once. A row number counts through all tables, the
preferred layer first; a thing that two layers hold is answered from the preferred one. Coordinates
are EPSG:27700 metres.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_data.distinct import distinct
from geo_data.placing import postcode
from geo_data.placing.array_folder import Arrays
from geo_data.placing.layer_table import CELL_M, COLUMN, NOTHING, NOWHERE, Located, Rows, Table, merged, together
from geo_data.placing.street_name import normal

TEXTS = ("label", "locality", "town", "district", "street")


def key(normal_name: str) -> int:
    """64-bit hash of a normalised name; two names in a gazetteer share one with a chance of about 1 in 10**7."""
    return int.from_bytes(hashlib.blake2b(normal_name.encode(), digest_size=8).digest(), "little", signed=True)


_kept_key = lru_cache(maxsize=1 << 16)(key)  # one group of words is looked for as a street, a place and a feature


def _keys(texts: Iterable[str]) -> npt.NDArray[np.int64]:
    return np.fromiter(map(key, texts), dtype=np.int64)


def arrays(prefix: str, frame: pd.DataFrame, *, names: pd.DataFrame | None = None, areas: pd.DataFrame | None = None) -> Arrays:
    """The arrays of a table.

    `frame`, one row each: name (as shown), easting, northing, radius_m, kind, and where known locality, town,
    district, street (texts; missing allowed), sector ("OL16 1") and group (number shared by rows that are
    one street). `names` (row, name) are further names of a row, `areas` (row, name) further areas it lies in.
    Rows whose name holds no letter or digit must not be given.
    """
    size = len(frame)
    row = np.arange(size)
    found: Arrays = {
        "e": np.rint(frame["easting"]).to_numpy(dtype=np.int32),
        "n": np.rint(frame["northing"]).to_numpy(dtype=np.int32),
        "radius": np.rint(frame["radius_m"]).clip(0, 2**31 - 1).to_numpy(dtype=np.int32),
        "group": (frame["group"] if "group" in frame else pd.Series(row)).to_numpy(dtype=np.int32),
    }
    kind, kinds = pd.factorize(frame["kind"], sort=True)
    found |= {"kind": kind.astype(np.uint8), "kinds": np.array(list(kinds), dtype="U")}
    for name in TEXTS:
        column = frame["name" if name == "label" else name] if name == "label" or name in frame else None
        code, shown = pd.factorize(pd.Series([None] * size, dtype="str") if column is None else column)
        found |= {name: code.astype(np.int32)} | _text(f"{name}s", [str(text) for text in shown])
    sector = frame["sector"].astype("str") if "sector" in frame else pd.Series([None] * size, dtype="str")
    code, shown = pd.factorize(sector)
    keys = np.array([postcode.sector_key(text) for text in shown] or [-1], dtype=np.int32)
    found["sector"] = np.where(code < 0, -1, keys[code]).astype(np.int32)

    own = [_coded(row, frame["name"])] + ([_coded(names["row"], names["name"])] if names is not None else [])
    found |= _index("name", own)
    held = [frame[name] for name in ("locality", "town", "district") if name in frame]
    inside = [_coded(row, column) for column in (*held, sector, sector.str.replace(r" \d$", "", regex=True))]
    found |= _index("area", inside + ([_coded(areas["row"], areas["name"])] if areas is not None else []))

    cell = _cell(found["e"], found["n"])
    order = np.argsort(cell, kind="stable")
    found |= {"cell_key": cell[order], "cell_row": order.astype(np.int32)}
    return {f"{prefix}_{name}": array for name, array in found.items()}


Coded = tuple[npt.NDArray[np.int64], npt.NDArray[np.intp], list[str]]  # row numbers, number of the text of each, texts


def _coded(row: Any, texts: pd.Series) -> Coded:
    """Row numbers and normalised texts, blank ones left out; each distinct text is normalised once."""
    code, shown = pd.factorize(texts)
    plain, shapes = pd.factorize(np.array([normal(str(text)) for text in shown] or [""], dtype=object))
    blank = np.array([text == "" for text in shapes])
    number = np.where(code < 0, -1, plain[code])
    kept = (number >= 0) & ~blank[number]
    return np.asarray(row, dtype=np.int64)[kept], number[kept], list(shapes)


def _index(prefix: str, parts: Sequence[Coded]) -> Arrays:
    """Sorted hashes of the texts, and for each the rows.

    Of names also the texts themselves, and the number of each row's own name: the first part must hold those.
    """
    shown = sorted({text for _, _, texts in parts for text in texts if text})
    keys = _keys(shown)
    order = np.argsort(keys)
    place = dict(zip((shown[i] for i in order), range(len(order)), strict=True))
    numbers = [np.array([place.get(text, -1) for text in texts], dtype=np.int64)[code] for _, code, texts in parts]
    pair = distinct(np.concatenate([number << 32 | rows for number, (rows, _, _) in zip(numbers, parts, strict=True)]))
    found: Arrays = {
        f"{prefix}_key": keys[order],
        f"{prefix}_start": np.searchsorted(pair, np.arange(len(order) + 1) << 32).astype(np.int64),
        f"{prefix}_row": (pair & (2**32 - 1)).astype(np.int32),
    }
    if prefix == "name":
        found |= _text("name_texts", [shown[i] for i in order]) | {"own": numbers[0].astype(np.int32)}
    return found


def _text(name: str, texts: Sequence[str]) -> Arrays:
    data = [text.encode() for text in texts]
    at = np.concatenate(([0], np.cumsum([len(text) for text in data]))).astype(np.int64)
    return {name: np.frombuffer(b"".join(data) or b"\0", dtype=np.uint8), f"{name}_at": at}


def _cell(e: npt.NDArray[Any], n: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    return np.asarray((e // CELL_M).astype(np.int32) * COLUMN + (n // CELL_M).astype(np.int32), dtype=np.int32)


@dataclass(frozen=True)
class Named:
    """One street or feature. `sector` is "" when not known, as are the texts; `source` names the layer."""

    row: int
    name: str
    kind: str
    easting: float
    northing: float
    radius_m: float
    locality: str
    town: str
    district: str
    sector: str
    street: str
    group: int
    source: str
    marking: str
    layer_row: int  # its row within its own layer: what `uprn.Addresses.on_street` takes


class Names:
    """The named things of all layers, the preferred layer first. Read-only; safe to share between threads."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.tables = tuple(tables)
        self._first = np.concatenate(([0], np.cumsum([len(table) for table in tables]))).astype(np.int64)
        self._edges: list[int] = self._first.tolist()
        begun = [(table, first) for table, first in zip(self.tables, self._edges, strict=False) if len(table)]
        self._marked = {index: [(*table.marks[index], table, first) for table, first in begun] for index in ("name", "area")}

    def __len__(self) -> int:
        return int(self._first[-1])

    def find(self, name: str) -> Rows:
        """Rows of exactly this name after normalising, in rising order; a thing that two layers hold comes once."""
        return self.find_normal(normal(name))

    def find_normal(self, name: str) -> Rows:
        """`find` for a name that is normalised already."""
        return self.located(name).rows

    def located(self, name: str) -> Located:
        """Where what has a normalised name lies: the rows of `find` with their points."""
        found = self._gather("name", name)
        return merged(found) if found else NOWHERE

    def inside(self, area: str) -> Rows:
        """Rows inside a locality, town, district, postcode sector or outcode of this name, in rising order.

        Two places of one name are not told apart here: compare positions.
        """
        return self.listed(normal(area)).rows

    def listed(self, area: str) -> Located:
        """`inside` for a name that is normalised already, with the points."""
        return together(self._gather("area", area))

    def near(self, easting: float, northing: float, radius_m: float) -> Rows:
        """Rows whose centre lies within `radius_m` of a point, in rising order."""
        parts = [table.near(easting, northing, radius_m) + first
                 for table, first in zip(self.tables, self._first, strict=False)]
        return np.concatenate(parts) if parts else NOTHING

    def spellings(self, rows: Rows, ending: str = "") -> set[str]:
        """The own names of rising rows, normalised, with this ending: what a fuzzy search inside an area compares with."""
        cuts = rows.searchsorted(self._first).tolist()
        found: set[str] = set()
        for table, first, start, end in zip(self.tables, self._edges, cuts, cuts[1:], strict=False):
            if end > start:
                found.update(table.spellings(rows[start:end] - first, ending.encode()))
        return found

    def __getitem__(self, row: int) -> Named:
        at = bisect_right(self._edges, row) - 1
        if row < 0 or at >= len(self.tables):
            raise IndexError(row)
        table, local = self.tables[at], int(row - self._first[at])
        held = table.arrays
        label, locality, town, district, street = (table.text(name, local) for name in TEXTS)
        return Named(
            int(row), label, str(held["kinds"][held["kind"][local]]), float(held["e"][local]), float(held["n"][local]),
            float(held["radius"][local]), locality, town, district, sector_text(int(held["sector"][local])), street,
            int(held["group"][local] + self._first[at]), table.source, table.marking, local)

    def _at(self, row: int) -> tuple[Table, int]:
        """The table that holds a row, and its row there."""
        at = bisect_right(self._edges, row) - 1
        return self.tables[at], row - self._edges[at]

    def source(self, row: int) -> str:
        """The layer that a row comes from."""
        return self._at(row)[0].source

    def kind(self, row: int) -> str:
        table, local = self._at(row)
        return str(table.arrays["kinds"][table.number("kind", local)])

    def group(self, row: int) -> int:
        """The number of the street that a row is or is a section of: equal for the rows of one street."""
        table, local = self._at(row)
        return table.number("group", local) + row - local  # as rows count

    def shown(self, row: int) -> tuple[str, str, str]:
        """Name, place (its locality, else its town, may be empty) and marking of a row: less than `[row]` reads."""
        table, local = self._at(row)
        return table.text("label", local), table.text("locality", local) or table.text("town", local), table.marking

    def label(self, row: int) -> str:
        """A row as candidates show it: name, locality and town, each once."""
        table, local = self._at(row)
        return ", ".join(dict.fromkeys(text for name in ("label", "locality", "town") if (text := table.text(name, local))))

    def _gather(self, index: str, name: str) -> list[Located]:
        """What each table has of a name, the preferred one first."""
        if not name:
            return []
        wanted, found = _kept_key(name), []
        for marks, most, table, first in self._marked[index]:
            mark = wanted & most
            if marks[mark >> 3] >> (mark & 7) & 1 and len(rows := table.rows_of(index, wanted)):
                found.append(table.located(rows, first))
        return found


@lru_cache(maxsize=1 << 15)
def sector_text(sector: int) -> str:
    """The text of a sector key ("OL16 1"), empty for -1."""
    if sector < 0:
        return ""
    signs = ""
    for _ in range(5):
        sector, code = divmod(sector, postcode.BASE)
        signs = postcode.SIGNS[code] + signs
    return f"{signs[:4].strip()} {signs[4]}"
