"""Records sorted by their first field on disk, in bounded memory: sorted runs, merged range by range.

Forty million property numbers would take gigabytes to sort at once; here no more is held than one
block of the file and one range of keys (about `RANGE` records).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

RANGE = 2_000_000
_SAMPLE = 1_024


def sort_records(blocks: Iterable[dict[str, npt.NDArray[Any]]], scratch: Path) -> dict[str, npt.NDArray[Any]]:
    """The fields of all blocks in order of the first field, each value of it once (the last record read wins).

    A block is a dict of equally long arrays, with the same fields and dtypes each time. The result is memory-mapped
    from files in `scratch`, which must outlive it.
    """
    starts, sample, types = [0], [], dict[str, np.dtype[Any]]()
    for block in blocks:
        first = next(iter(block))
        if not len(block[first]):
            continue
        types = types or {name: array.dtype for name, array in block.items()}
        order = np.argsort(block[first], kind="stable")
        for name, array in block.items():
            with (scratch / f"runs_{name}").open("ab") as out:
                array[order].astype(types[name]).tofile(out)
        sample.append(block[first][order][::_SAMPLE])
        starts.append(starts[-1] + len(order))
    if not types:
        return {}
    runs = {name: np.memmap(scratch / f"runs_{name}", dtype=kind, mode="r") for name, kind in types.items()}
    count = _merge(runs, starts, np.sort(np.concatenate(sample)), scratch)
    return {name: np.memmap(scratch / f"sorted_{name}", dtype=kind, mode="r", shape=(count,)) for name, kind in types.items()}


def _merge(runs: Mapping[str, npt.NDArray[Any]], starts: list[int], sample: npt.NDArray[Any], scratch: Path) -> int:
    key = next(iter(runs))
    step = max(1, RANGE // _SAMPLE)
    edges = np.unique(sample[step::step])
    # Where each range begins in each run; the last column is the run's end.
    cuts = np.stack([np.concatenate(([start], start + np.searchsorted(runs[key][start:end], edges), [end]))
                     for start, end in pairwise(starts)])
    written = 0
    for number in range(len(edges) + 1):
        spans = [slice(low, high) for low, high in cuts[:, number : number + 2] if high > low]
        if not spans:
            continue
        keys = np.concatenate([runs[key][span] for span in spans])
        order = np.argsort(keys, kind="stable")
        last = np.append(np.diff(keys[order]) != 0, True)
        order = order[last]
        written += len(order)
        for name, array in runs.items():
            with (scratch / f"sorted_{name}").open("ab") as out:
                np.concatenate([array[span] for span in spans])[order].tofile(out)
    return written
