"""How much memory a value takes, quickly: it is asked of every result that is kept, while somebody waits for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

LONG = 10_000  # rows from which the columns of a frame are asked for their bytes


def size_of(value: Any, *, but: tuple[type, ...] = (), seen: set[int] | None = None) -> int:
    """Bytes of the arrays, frames and texts in `value`, each counted once; values of the types `but` are not.

    Short frames are reckoned from the kinds of their columns, a text as the 8 bytes of where it lies: asking each column takes
    longer than a filter's map may. Others may add to `value` meanwhile (`clustering.once`).
    """
    seen = set() if seen is None else seen
    if value is None or isinstance(value, (int, float, bool, *but)) or id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, pd.DataFrame):
        return _frame(value)
    if isinstance(value, pd.Series):
        return int(value.array.nbytes)
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, dict):
        inside = [*value, *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        inside = list(value)
    else:
        inside = list(getattr(value, "__dict__", {}).values())  # a copy in one step: safe while another thread adds
    size = 8 * len(inside)
    for each in inside:
        if type(each) is np.ndarray:  # there may be very many
            size += 0 if id(each) in seen else each.nbytes
            seen.add(id(each))
        else:
            size += size_of(each, but=but, seen=seen)
    return size


def _frame(frame: pd.DataFrame) -> int:
    if len(frame) >= LONG:
        return int(sum(column.array.nbytes for _, column in frame.items()))
    return len(frame) * sum(getattr(kind, "itemsize", None) or 8 for kind in frame.dtypes.array)
