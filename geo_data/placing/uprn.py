"""Unique property reference numbers: from a number to its point, and with AddressBase to its address.

The arrays of a layer, sorted by number: `uprn_key`, `uprn_e`, `uprn_n` (EPSG:27700 metres) and, from AddressBase,
`uprn_postcode` (see `geo_data.placing.postcode`), `uprn_street` (row of the layer's own street, -1 none), `uprn_at` and
`uprn_length` (where its single-line address lies in `uprn_text`), and the rows in order of postcode and of street.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa  # type: ignore[import-untyped]

from geo_data.placing import postcode
from geo_data.placing.array_folder import Arrays

Rows = npt.NDArray[np.int64]
MAX_DIGITS = 12


def numbers_of(texts: Any) -> Rows:
    """UPRNs as integers; -1 for a text that is not one to twelve digits. Leading zeros do not matter."""
    column = pa.array(texts, type=pa.large_string(), from_pandas=True)
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    plain = pa.compute.utf8_trim_whitespace(column.fill_null(""))
    good = pa.compute.match_substring_regex(plain, rf"^\d{{1,{MAX_DIGITS}}}$")
    digits = pa.compute.if_else(good, plain, pa.scalar("-1", pa.large_string()))
    return np.asarray(digits.cast(pa.int64()), dtype=np.int64)


class Uprns:
    """The UPRNs of all layers, the first layer that holds one answers. Read-only; safe to share between threads."""

    def __init__(self, layers: Sequence[Arrays]) -> None:
        self._layers = [{name: np.asarray(array) for name, array in layer.items() if name.startswith("uprn_")} for layer in layers]

    def __len__(self) -> int:
        return sum(len(layer["uprn_key"]) for layer in self._layers)

    def points(self, texts: Any) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Easting and northing of each UPRN in order, NaN where it is not known or not a UPRN."""
        wanted = numbers_of(texts)
        e, n = np.full(len(wanted), np.nan), np.full(len(wanted), np.nan)
        for layer in self._layers:
            rows = np.flatnonzero(np.isnan(e) & (wanted >= 0))
            rows = rows[np.argsort(wanted[rows])]
            at, hit = _find(layer["uprn_key"], wanted[rows])
            e[rows[hit]], n[rows[hit]] = layer["uprn_e"][at[hit]], layer["uprn_n"][at[hit]]
        return e, n


class Addresses:
    """The addresses of one AddressBase layer. A row is one UPRN's place in the sorted arrays."""

    def __init__(self, arrays: Arrays) -> None:
        self._held = {name: np.asarray(array) for name, array in arrays.items() if name.startswith("uprn_")}

    def __len__(self) -> int:
        return len(self._held["uprn_key"])

    def rows(self, texts: Any) -> Rows:
        """The row of each UPRN in order, -1 where it is not known."""
        at, hit = _find(self._held["uprn_key"], numbers_of(texts))
        return np.where(hit, at, -1)

    def in_postcode(self, text: str) -> Rows:
        """Rows with this unit postcode."""
        unit = int(postcode.keys_of(postcode.codes([text]))[0])
        return self._group("postcode", unit)

    def on_street(self, street: int) -> Rows:
        """Rows on a street of the same layer, given as `Named.layer_row`."""
        return self._group("street", street)

    def uprn(self, row: int) -> int:
        return int(self._held["uprn_key"][row])

    def point(self, row: int) -> tuple[float, float]:
        """Easting and northing, metres."""
        return float(self._held["uprn_e"][row]), float(self._held["uprn_n"][row])

    def line(self, row: int) -> str:
        """The address in one line."""
        start = int(self._held["uprn_at"][row])
        return bytes(self._held["uprn_text"][start : start + int(self._held["uprn_length"][row])]).decode()

    def postcode(self, row: int) -> str:
        """The unit postcode, empty when it has none."""
        key = self._held["uprn_postcode"][row : row + 1].astype(np.int64)
        return "" if key[0] < 0 else str(postcode.text_of(key)[0])

    def street(self, row: int) -> int:
        """The row of its street among the streets of the layer, -1 none."""
        return int(self._held["uprn_street"][row])

    def _group(self, by: str, wanted: int) -> Rows:
        keys, order = self._held[f"uprn_{by}"], self._held[f"uprn_by_{by}"]
        if wanted < 0:
            return np.zeros(0, dtype=np.int64)
        low, high = (_edge(keys, order, wanted, right=right) for right in (False, True))
        return np.sort(order[low:high].astype(np.int64))


def _edge(keys: npt.NDArray[Any], order: npt.NDArray[Any], wanted: int, *, right: bool) -> int:
    """Where `wanted` begins or ends in `keys[order]`, by halving: the keys are never gathered."""
    low, high = 0, len(order)
    while low < high:
        middle = (low + high) // 2
        value = keys[order[middle]]
        if value < wanted or (right and value == wanted):
            low = middle + 1
        else:
            high = middle
    return low


def _find(keys: npt.NDArray[np.int64], wanted: Rows) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    if not len(keys):
        return np.zeros(len(wanted), dtype=np.intp), np.zeros(len(wanted), dtype=bool)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return at, np.asarray(keys[at] == wanted)
