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
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from geo_data.distinct import distinct
from geo_data.placing import postcode
from geo_data.placing.array_folder import Arrays
from geo_data.placing.street_name import normal

Rows = npt.NDArray[np.int64]
_NOTHING: Rows = np.zeros(0, dtype=np.int64)
_CELL_M = 1_000
_COLUMN = 1 << 12  # cells in a column of the grid: northings up to 4,096 km
_SAME_M = 100.0  # two layers' rows of one name are one thing when their circles lie this close
_BITS = 16  # marks for each key of an index
_FEW_PAIRS = 4_000  # so many distances are worked out sooner than a tree of points is built
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
    return np.asarray((e // _CELL_M).astype(np.int32) * _COLUMN + (n // _CELL_M).astype(np.int32), dtype=np.int32)


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


@dataclass(frozen=True)
class Table:
    """One layer's arrays, without their prefix."""

    arrays: Arrays
    source: str
    marking: str = ""

    def __post_init__(self) -> None:  # a plain view of each memory map: indexing it takes a fraction of the time
        object.__setattr__(self, "arrays", {name: np.asarray(array) for name, array in self.arrays.items()})

    def __len__(self) -> int:
        return len(self.arrays["e"])

    @cached_property
    def _marks(self) -> dict[str, tuple[bytes, int]]:
        """For each index one bit of the last bits of every key that it holds, and the greatest such number.

        Most groups of words name nothing: a bit that is not set says so without a search, and 15 of 16 others are not set.
        """
        found = {}
        for index in ("name", "area"):
            keys = self.arrays[f"{index}_key"]
            most = (1 << max(10, (_BITS * len(keys)).bit_length())) - 1
            bits = np.zeros(most + 1, dtype=np.bool_)
            bits[keys & most] = True
            found[index] = np.packbits(bits, bitorder="little").tobytes(), most
        return found

    def rows_of(self, index: str, wanted: int) -> Rows:
        marks, most = self._marks[index]
        mark = wanted & most
        if not marks[mark >> 3] >> (mark & 7) & 1:
            return _NOTHING
        keys = self.arrays[f"{index}_key"]
        at = int(keys.searchsorted(wanted))
        if at == len(keys) or keys[at] != wanted:
            return _NOTHING
        start, end = self.arrays[f"{index}_start"][at : at + 2]
        return np.asarray(self.arrays[f"{index}_row"][start:end], dtype=np.int64)

    def near(self, easting: float, northing: float, radius_m: float) -> Rows:
        keys, low, high = self.arrays["cell_key"], northing - radius_m, northing + radius_m
        columns = np.arange(int(easting - radius_m) // _CELL_M, int(easting + radius_m) // _CELL_M + 1) * _COLUMN
        # Of the type of the keys: searching for another type would convert all keys each time.
        first, last = ((columns + int(edge) // _CELL_M).astype(keys.dtype) for edge in (low, high))
        starts, ends = keys.searchsorted(first), keys.searchsorted(last, side="right")
        parts = [self.arrays["cell_row"][start:end] for start, end in zip(starts, ends, strict=True) if end > start]
        if not parts:
            return _NOTHING
        rows = np.concatenate(parts).astype(np.int64)
        far = np.hypot(self.arrays["e"][rows] - easting, self.arrays["n"][rows] - northing)
        return np.sort(rows[far <= radius_m])

    def text(self, column: str, number: int) -> str:
        if number < 0:
            return ""
        at = self.arrays[f"{column}_at"]
        return bytes(self.arrays[column][at[number] : at[number + 1]]).decode()

    def texts(self, column: str, numbers: Rows) -> list[str]:
        """`text` of many numbers, none below 0."""
        held: Any = self.arrays[column]
        at, data = self.arrays[f"{column}_at"], memoryview(held)
        return [str(data[start:end], "utf-8") for start, end in zip(at[numbers].tolist(), at[numbers + 1].tolist(), strict=True)]


class Names:
    """The named things of all layers, the preferred layer first. Read-only; safe to share between threads."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.tables = tuple(tables)
        self._first = np.concatenate(([0], np.cumsum([len(table) for table in tables]))).astype(np.int64)
        self._edges: list[int] = self._first.tolist()
        self._begun = [(table, first) for table, first in zip(self.tables, self._edges, strict=False) if len(table)]

    def __len__(self) -> int:
        return int(self._first[-1])

    def find(self, name: str) -> Rows:
        """Rows of exactly this name after normalising, in rising order; a thing that two layers hold comes once."""
        return self.find_normal(normal(name))

    def find_normal(self, name: str) -> Rows:
        """`find` for a name that is normalised already."""
        found = self._gather("name", name)
        return found[0] if len(found) == 1 else self._merged(found)

    def inside(self, area: str) -> Rows:
        """Rows inside a locality, town, district, postcode sector or outcode of this name, in rising order.

        Two places of one name are not told apart here: compare positions.
        """
        found = self._gather("area", normal(area))
        return np.concatenate(found) if found else _NOTHING

    def near(self, easting: float, northing: float, radius_m: float) -> Rows:
        """Rows whose centre lies within `radius_m` of a point, in rising order."""
        parts = [table.near(easting, northing, radius_m) + first
                 for table, first in zip(self.tables, self._first, strict=False)]
        return np.concatenate(parts) if parts else _NOTHING

    def spellings(self, rows: Rows) -> list[str]:
        """The distinct own names of rows, normalised and sorted: what a fuzzy search inside an area compares with."""
        found: set[str] = set()
        for table, local in self._split(rows):
            found.update(table.texts("name_texts", distinct(table.arrays["own"][local])))
        return sorted(found)

    def points(self, rows: Rows) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Easting, northing and radius_m of rows (metres), in the order given."""
        if (at := self._only(rows)) >= 0:
            held, local = self.tables[at].arrays, rows - self._first[at]
            east, north, radius = (held[axis][local].astype(np.float64) for axis in ("e", "n", "radius"))
            return east, north, radius
        e, n, radius = (np.empty(len(rows)) for _ in range(3))
        number = np.searchsorted(self._first, rows, side="right") - 1
        for at in distinct(number):
            here = number == at
            local = rows[here] - self._first[at]
            held = self.tables[at].arrays
            e[here], n[here], radius[here] = held["e"][local], held["n"][local], held["radius"][local]
        return e, n, radius

    def _only(self, rows: Rows) -> int:
        """The one table that all rows lie in; -1 when there are several, or no rows."""
        if not len(rows):
            return -1
        if len(self.tables) == 1:
            return 0
        low, high = bisect_right(self._edges, rows.min()), bisect_right(self._edges, rows.max())
        return low - 1 if low == high else -1

    def groups(self, rows: Rows) -> Rows:
        """The number of the street each row is or is a section of: equal for the rows of one street."""
        groups = np.empty(len(rows), dtype=np.int64)
        number = np.searchsorted(self._first, rows, side="right") - 1
        for at in distinct(number):
            here = number == at
            groups[here] = self.tables[at].arrays["group"][rows[here] - self._first[at]] + self._first[at]
        return groups

    def of_kinds(self, rows: Rows, kinds: Iterable[str]) -> Rows:
        """The rows whose kind is one of `kinds`, in the order given."""
        wanted, keep = set(kinds), np.zeros(len(rows), dtype=bool)
        number = np.searchsorted(self._first, rows, side="right") - 1
        for at in distinct(number):
            here = number == at
            held = self.tables[at].arrays
            fits = np.array([kind in wanted for kind in held["kinds"].tolist()], dtype=bool)
            keep[here] = fits[held["kind"][rows[here] - self._first[at]]]
        return rows[keep]

    def __getitem__(self, row: int) -> Named:
        at = bisect_right(self._edges, row) - 1
        if row < 0 or at >= len(self.tables):
            raise IndexError(row)
        table, local = self.tables[at], int(row - self._first[at])
        held = table.arrays
        label, locality, town, district, street = (table.text(f"{name}s", int(held[name][local])) for name in TEXTS)
        return Named(
            int(row), label, str(held["kinds"][held["kind"][local]]), float(held["e"][local]), float(held["n"][local]),
            float(held["radius"][local]), locality, town, district, sector_text(int(held["sector"][local])), street,
            int(held["group"][local] + self._first[at]), table.source, table.marking, local)

    def source(self, row: int) -> str:
        """The layer that a row comes from."""
        return self.tables[bisect_right(self._edges, row) - 1].source

    def shown(self, row: int) -> tuple[str, str, str]:
        """Name, place (its locality, else its town, may be empty) and marking of a row: less than `[row]` reads."""
        at = bisect_right(self._edges, row) - 1
        table, local = self.tables[at], row - self._edges[at]
        held = table.arrays
        place = table.text("localitys", int(held["locality"][local])) or table.text("towns", int(held["town"][local]))
        return table.text("labels", int(held["label"][local])), place, table.marking

    def _split(self, rows: Rows) -> list[tuple[Table, Rows]]:
        if (at := self._only(rows)) >= 0:
            return [(self.tables[at], rows - self._first[at])]
        number = np.searchsorted(self._first, rows, side="right") - 1
        return [(self.tables[at], rows[number == at] - self._first[at]) for at in distinct(number)]

    def _gather(self, index: str, name: str) -> list[Rows]:
        if not name:
            return []
        wanted, found = _kept_key(name), []
        for table, first in self._begun:
            rows = table.rows_of(index, wanted)
            if len(rows):
                found.append(rows + first)
        return found

    def _merged(self, found: list[Rows]) -> Rows:
        """Rows of the layers in order of preference, without those that a preferred layer holds nearby."""
        if not found:
            return _NOTHING
        kept = found[0]
        for rows in found[1:]:
            e, n, radius = self.points(kept)
            own_e, own_n, own_radius = self.points(rows)
            if len(kept) * len(rows) <= _FEW_PAIRS:
                apart = np.hypot(own_e[:, None] - e, own_n[:, None] - n)
                which = apart.argmin(axis=1)
                distance = apart[np.arange(len(rows)), which]
            else:
                distance, which = cKDTree(np.column_stack([e, n])).query(np.column_stack([own_e, own_n]))
            kept = np.concatenate([kept, rows[distance > np.maximum(radius[which], own_radius) + _SAME_M]])
        return kept


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
