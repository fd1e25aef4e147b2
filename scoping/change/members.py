"""Which recorded locations belong to which hotspot of a window."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scoping.scope import Scoped


def members(scoped: Scoped, window: int) -> pd.DataFrame:
    """One row a location in a hotspot of `window`: `hotspot_id`, `cluster` (row of the summary), `point` (row of the locations)."""
    clusters = scoped.clusters
    book = scoped.ledger[(scoped.ledger["window"] == window) & (scoped.ledger["cluster"] >= 0)]
    name = np.full(len(clusters.summary) + 1, None, dtype=object)
    name[book["cluster"].to_numpy()] = book["hotspot_id"].to_numpy(dtype=object)
    inside = (clusters.members["window"] == window).to_numpy() & (clusters.member >= 0)
    cluster = clusters.member[inside]
    frame = pd.DataFrame({"hotspot_id": name[cluster], "cluster": cluster, "point": clusters.members["point"].to_numpy()[inside]})
    return frame[frame["hotspot_id"].notna()].reset_index(drop=True)
