"""Would other settings say the same? The grid of eps and the least number of children around those chosen (METHODS 2.5)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from scoping.clustering.clusters import Clusters, cluster
from scoping.clustering.points import Ints, Points, take
from scoping.left_out import gate
from scoping.parameters import EPS_RANGE_M, MIN_RANGE, Parameters
from scoping.scope import Scoped
from scoping.windows import Windows

EPS_TIMES = (0.5, 0.75, 1.0, 1.5, 2.0)
MORE_CHILDREN = (-2, -1, 0, 1, 2)


def sensitivity(scoped: Scoped, window: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two frames for one window.

    The grid: `eps_m`, `min_children`, `hotspots`, `children` (different ones in any hotspot), `entered` (locations exact enough
    at that eps), `kept` (hotspots of the chosen setting still seen).
    The hotspots: `hotspot_id`, `kept` (in how many settings of the grid a cluster holds half of its children), `settings`.
    """
    chosen = scoped.parameters
    spans = scoped.windows
    one = Windows(spans.starts[window:window + 1], spans.ends[window:window + 1], spans.labels[window:window + 1],
                  spans.partial[window:window + 1])
    book = scoped.ledger[(scoped.ledger["window"] == window) & (scoped.ledger["cluster"] >= 0)]
    children = _children(scoped.locations, scoped.points, scoped.clusters, window)
    homes = [children.get(label, frozenset()) for label in book["label"].tolist()]
    rows, kept = [], np.zeros(len(homes), dtype=np.int64)
    settings = _settings(chosen)
    for eps in sorted({eps for eps, _ in settings}):
        at_eps = replace(chosen, eps_m=eps)
        entered = gate(scoped.locations, at_eps).isna().to_numpy() & scoped.locations["role"].isin(chosen.roles).to_numpy()
        # rows past their review date stay out whatever eps is
        entered &= ~(scoped.left_out == "past its review date").to_numpy(dtype=bool, na_value=False)
        points = take(scoped.locations, entered)
        for least in sorted({k for e, k in settings if e == eps}):
            found = cluster(points, one, replace(at_eps, min_children=least))
            groups = _children(scoped.locations, points, found, 0)
            still = np.array([any(2 * len(home & group) >= len(home) for group in groups.values()) for home in homes], dtype=bool)
            kept += still
            everyone = frozenset().union(*groups.values()) if groups else frozenset()
            rows.append({"eps_m": eps, "min_children": least, "hotspots": len(groups), "children": len(everyone),
                         "entered": int(found.high[0] - found.low[0]), "kept": int(still.sum())})
    return (pd.DataFrame(rows, columns=["eps_m", "min_children", "hotspots", "children", "entered", "kept"]),
            pd.DataFrame({"hotspot_id": book["hotspot_id"].array, "kept": kept, "settings": len(settings)}))


def _settings(chosen: Parameters) -> list[tuple[float, int]]:
    radii = sorted({float(np.clip(round(chosen.eps_m * times), *EPS_RANGE_M)) for times in EPS_TIMES})
    least = sorted({int(np.clip(chosen.min_children + more, *MIN_RANGE)) for more in MORE_CHILDREN})
    return [(eps, k) for eps in radii for k in least]


def _children(locations: pd.DataFrame, points: Points, clusters: Clusters, window: int) -> dict[int, frozenset[str]]:
    """The children of each cluster of a window, by label. (References, because codes differ between sets of points.)"""
    mine = clusters.members[clusters.members["window"] == window]
    mine = mine[mine["label"] >= 0]
    at: Ints = mine["point"].to_numpy(dtype=np.int64)
    refs, label = locations["person_ref"].to_numpy(dtype=object)[at], mine["label"].to_numpy(dtype=np.int64)
    return {int(each): frozenset(refs[label == each].tolist()) for each in np.unique(label)}
