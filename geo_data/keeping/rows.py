"""Frames to rows of the database and back, a column at a time.

Every column is factorised once: the distinct values are turned into Python objects, and
hashed, once each. A file of 100,000 episodes has 70 columns but few distinct values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

from geo_data.schema import Kind, Table

NO_TIME = np.iinfo(np.int64).min  # how numpy keeps a missing time
SEPARATOR = "\x1f"  # between values that the database joins; part of none
SORTED = 2_000  # distinct texts of a coded column that are put in order
FETCH = 512  # rows turned into columns at a time: what stays in the processor's cache

_TEXT, _WHOLE = pa.large_string(), pa.int64()
FETCHED: dict[Kind, pa.DataType | None] = {  # as the driver gives it; SQLite has no bool but 0 and 1
    "text": _TEXT, "enum": _TEXT, "enum_multi": _TEXT, "int": _WHOLE, "datetime": _WHOLE, "date": _WHOLE,
    "float": pa.float64(), "bool": None,
}
KEPT: dict[Kind, pa.DataType] = {
    "text": _TEXT, "enum": _TEXT, "enum_multi": _TEXT, "int": _WHOLE, "datetime": pa.timestamp("us", "UTC"),
    "date": pa.timestamp("us"), "float": pa.float64(), "bool": pa.bool_(),
}
_PANDAS = {_TEXT: pd.StringDtype(na_value=np.nan), _WHOLE: pd.Int64Dtype()}


@dataclass(frozen=True)
class Coded:
    """A column as positions (n,) into its distinct values; -1 where the value is missing."""

    codes: npt.NDArray[np.intp]
    distinct: npt.NDArray[Any]

    def values(self) -> Iterable[Any]:
        """The column as Python objects, None where missing."""
        if not len(self.distinct):
            return repeat(None, len(self.codes))
        # a missing value's position, -1, is that of the appended None
        with_none: npt.NDArray[Any] = np.array([*self.distinct.tolist(), None], dtype=object)
        values: list[Any] = with_none[self.codes].tolist()
        return values

    def arrow(self) -> pa.Array:
        """The column as an Arrow array, null where missing."""
        return pa.array(self.distinct).take(pa.array(self.codes, mask=self.codes < 0))

    @property
    def blank(self) -> bool:
        """Whether every value is missing."""
        return not len(self.distinct) or bool((self.codes < 0).all())

    @classmethod
    def of(cls, values: npt.NDArray[Any]) -> Coded:
        """A column of `values`, (n,), none of them missing."""
        return cls(np.arange(len(values)), values)

    @classmethod
    def of_times(cls, microseconds: npt.NDArray[np.int64]) -> Coded:
        """Times as the database keeps them, (n,); `NO_TIME` is missing."""
        codes = np.where(microseconds == NO_TIME, -1, np.arange(len(microseconds)))
        return cls(codes, microseconds)

    @classmethod
    def same(cls, value: Any, count: int) -> Coded:
        """A column of `count` times the same value."""
        return cls(np.zeros(count, np.intp), np.array([value]))

    def take(self, positions: npt.NDArray[np.intp]) -> Coded:
        """The rows at `positions`, in that order."""
        return Coded(self.codes[positions], self.distinct)

    def hashes(self) -> npt.NDArray[np.uint64]:
        """A hash of each value, (n,); 0 where missing."""
        if not len(self.distinct):
            return np.zeros(len(self.codes), np.uint64)
        return np.append(pd.util.hash_array(self.distinct, categorize=False), np.uint64(0))[self.codes]


def microseconds(times: pd.Series) -> npt.NDArray[np.int64]:
    """Times as microseconds since 1970-01-01 UTC, (n,); `NO_TIME` where missing."""
    return pd.DatetimeIndex(times).as_unit("us").asi8


def times(values: Sequence[int | None]) -> npt.NDArray[np.int64]:
    """Times as the database gives them, None when missing, as `microseconds` gives them."""
    return np.array([NO_TIME if value is None else value for value in values], np.int64)


def _code(column: pd.Series, kind: Kind) -> Coded:
    codes, distinct = pd.factorize(column)
    if kind in ("datetime", "date"):
        return Coded(codes, pd.DatetimeIndex(distinct).as_unit("us").asi8)
    if kind == "float":
        return Coded(codes, np.asarray(distinct, np.float64) + 0.0)  # -0.0 is 0.0
    return Coded(codes, np.asarray(distinct, {"int": np.int64, "bool": np.bool_}.get(kind, np.object_)))


def code(table: Table, frame: pd.DataFrame) -> dict[str, Coded]:
    """`frame` conformed to `table` and factorised, by column name."""
    frame = table.conform(frame)
    return {c.name: _code(frame[c.name], c.kind) for c in table.columns}


def row_hash(columns: dict[str, Coded], *, without: Iterable[str] = ()) -> npt.NDArray[np.int64]:
    """A 64-bit hash of each row's content, (n,).

    The same in every run, on every machine, in any order of columns; a column that is missing
    throughout adds nothing, so a column added to the schema later leaves old hashes as they are.
    Each value's hash is salted with its column's name, mixed (the finaliser of SplitMix64:
    Steele, Lea and Flood 2014) and summed modulo 2**64. It tells a changed record from an
    unchanged one; it is no protection against tampering.
    """
    names = [name for name in columns if name not in set(without)]
    salts = pd.util.hash_array(np.array(names, dtype=object), categorize=False)
    total = np.zeros(len(next(iter(columns.values())).codes), np.uint64)
    for name, salt in zip(names, salts, strict=True):
        z = columns[name].hashes() + salt
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
        total += np.where(columns[name].codes < 0, np.uint64(0), z)
    return total.view(np.int64)


def frame(table: Table, cursor: Any, *, coded: bool = False, packed: bool = False) -> pd.DataFrame:
    """What the driver's `cursor` has selected, in `table`'s order of columns, as a frame with its dtypes.

    A few hundred rows at a time, so that no more than those exist as Python objects. `packed`: `tables.packed` was selected.
    `coded`: texts become categories (but not the first column, the row's own name), each distinct text held once; up to
    `SORTED` of them in their own order, so that what is grouped by them does not hang on the order of rows.
    """
    few = enumerated(table) if packed else []
    alone = [c for c in table.columns if c.name not in few]
    kinds = [FETCHED[c.kind] for c in alone] + [_TEXT] * packed
    parts: list[list[pa.Array]] = [[] for _ in kinds]
    while fetched := cursor.fetchmany(FETCH):
        for part, kind, values in zip(parts, kinds, zip(*fetched, strict=True), strict=True):
            part.append(pa.array(values, kind))
    if not parts[0]:
        return _coded(table, table.empty()) if coded else table.empty()
    found = {c.name: pa.chunked_array(part).cast(KEPT[c.kind]) for part, c in zip(parts, alone, strict=False)}
    if packed:
        found |= _unpacked(few, pa.chunked_array(parts[-1]))
    columns = [found[name] for name in table.names]
    if not coded:
        made: pd.DataFrame = pa.table(columns, names=table.names).to_pandas(types_mapper=_PANDAS.get)
        return table.conform(made)
    columns[1:] = [column.dictionary_encode() if column.type == _TEXT else column for column in columns[1:]]
    return _coded(table, pa.table(columns, names=table.names).to_pandas(types_mapper=_PANDAS.get))


def enumerated(table: Table) -> list[str]:
    """The columns that take one of a few values, none of them empty."""
    return [c.name for c in table.columns if c.kind == "enum"]


def _unpacked(names: list[str], joined: pa.ChunkedArray) -> dict[str, pa.Array]:
    """The columns whose values were joined; a missing one was joined as empty."""
    coded = joined.combine_chunks().dictionary_encode()
    values = zip(*(text.split(SEPARATOR) for text in coded.dictionary.to_pylist()), strict=True)
    return {name: pa.array([value or None for value in each], _TEXT).take(coded.indices)
            for name, each in zip(names, values, strict=True)}


def _coded(table: Table, made: pd.DataFrame) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {}
    for c in table.columns[1:]:
        if c.kind not in ("text", "enum", "enum_multi"):
            columns[c.name] = made[c.name].astype(c.dtype)  # type: ignore[call-overload] # the stubs know dtypes as literals only
            continue
        column = made[c.name].astype("category")
        held = column.cat.categories.astype("str")
        column = column.astype(pd.CategoricalDtype(held))
        columns[c.name] = column.cat.reorder_categories(sorted(held)) if len(held) <= SORTED else column
    return made.assign(**columns)
