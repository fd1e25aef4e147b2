"""Which recorded locations belong to which hotspot of a window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geo_data.distinct import distinct
from scoping.clustering.points import Ints
from scoping.scope import Scoped

Sets = Any  # csr_array (sets, children) of ones: how many two sets share is one product


def members(scoped: Scoped, window: int) -> pd.DataFrame:
    """One row a location in a hotspot of `window`: `hotspot_id`, `cluster` (row of the summary), `point` (row of the locations)."""
    clusters = scoped.clusters
    book = scoped.ledger.loc[scoped.ledger["window"] == window, ["hotspot_id", "cluster"]]
    book = book[book["cluster"] >= 0]
    name = np.full(len(clusters.summary) + 1, None, dtype=object)
    name[book["cluster"].to_numpy()] = book["hotspot_id"].to_numpy(dtype=object)
    first = int((clusters.high[:window] - clusters.low[:window]).sum())  # members come window by window
    member = clusters.member[first:first + int(clusters.high[window] - clusters.low[window])]
    inside = np.flatnonzero(member >= 0)
    cluster = member[inside]
    frame = pd.DataFrame({"hotspot_id": name[cluster], "cluster": cluster,
                          "point": clusters.points.row[clusters.low[window] + inside]})
    return frame[frame["hotspot_id"].notna()].reset_index(drop=True)


def sets(label: NDArray[np.integer[Any]], child: Ints, children: int) -> Sets:
    """Which children each label holds: (labels, children); -1 is none."""
    inside = label >= 0
    pairs = distinct(label[inside].astype(np.int64) * children + child[inside])
    return csr_array((np.ones(len(pairs), np.int64), (pairs // max(children, 1), pairs % max(children, 1))),
                     shape=(int(label.max(initial=-1)) + 1, children))
