"""Text columns as buffers of bytes: in and out without a Python object per row."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]


def to_bytes(texts: Any) -> tuple[Bytes, Offsets]:
    """UTF-8 bytes of all texts and the n + 1 offsets between them; a missing text has no bytes."""
    column = pa.array(texts, type=pa.large_string(), from_pandas=True)
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    column = column.fill_null("")
    _, offsets, data = column.buffers()
    at = np.frombuffer(offsets, dtype=np.int64)[column.offset : column.offset + len(column) + 1]
    if data is None or not len(column):
        return np.zeros(0, dtype=np.uint8), np.zeros(len(column) + 1, dtype=np.int64)
    return np.frombuffer(data, dtype=np.uint8)[: at[-1]], at


def from_bytes(data: Bytes, offsets: Offsets, missing: npt.NDArray[np.bool_]) -> pd.Series:
    """A column of dtype `str` from bytes and offsets; missing where the mask says so."""
    buffers = pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(data))
    text = pa.LargeStringArray.from_buffers(len(missing), *buffers)
    return _series(pa.compute.if_else(pa.array(missing), pa.scalar(None, type=pa.large_string()), text))


def choose(choices: tuple[str, ...], code: npt.NDArray[Any]) -> pd.Series:
    """A column of dtype `str`: for each code the choice of that number."""
    coded = pa.DictionaryArray.from_arrays(pa.array(code.astype(np.int32)), pa.array(choices, type=pa.large_string()))
    return _series(coded.cast(pa.large_string()))


def encode(texts: list[Any]) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Numbers and the distinct texts they stand for, in order of appearance; a missing text counts as empty."""
    coded = pa.array(texts, type=pa.string(), from_pandas=True).fill_null("").dictionary_encode()
    return coded.indices.to_numpy().astype(np.int64), coded.dictionary.to_pylist()


def _series(text: Any) -> pd.Series:
    return pd.Series(pd.array(pa.chunked_array([text]), dtype="str"))
