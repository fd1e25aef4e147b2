"""Would other settings say the same? The grid of eps and the least number of children around those chosen (METHODS 2.5)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from scoping.change.members import members, sets
from scoping.clustering.clusters import cluster
from scoping.clustering.points import take
from scoping.left_out import entering
from scoping.parameters import EPS_RANGE_M, MIN_RANGE, Parameters
from scoping.scope import Scoped

EPS_TIMES = (0.5, 0.75, 1.0, 1.5, 2.0)
MORE_CHILDREN = (-2, -1, 0, 1, 2)


def sensitivity(scoped: Scoped, window: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two frames for one window.

    The grid: `eps_m`, `min_children`, `hotspots`, `children` (different ones in any hotspot), `entered` (locations exact enough
    at that eps), `kept` (hotspots of the chosen setting still seen).
    The hotspots: `hotspot_id`, `kept` (in how many settings of the grid a cluster holds half of its children), `settings`.
    """
    chosen = scoped.parameters
    one = scoped.windows.part(window, window + 1)
    book = scoped.ledger[(scoped.ledger["window"] == window) & (scoped.ledger["cluster"] >= 0)]
    # a number of its own for each child, because codes differ between sets of points
    number, refs = pd.factorize(scoped.locations["person_ref"])
    mine = members(scoped, window)
    place = pd.Index(book["hotspot_id"]).get_indexer(mine["hotspot_id"])
    homes = sets(place, number[mine["point"].to_numpy()], len(refs))
    least_shared = np.diff(homes.indptr)[:, None]
    here = ((scoped.locations["at"] >= one.starts[0]) & (scoped.locations["at"] < one.ends[0])).to_numpy(dtype=bool)
    locations, number = scoped.locations[here], number[here]
    rows, kept = [], np.zeros(len(book), dtype=np.int64)
    settings = _settings(chosen)
    for eps in sorted({eps for eps, _ in settings}):
        at_eps = replace(chosen, eps_m=eps)
        points = take(locations, entering(locations, at_eps, scoped.today))
        for least in sorted({k for e, k in settings if e == eps}):
            found = cluster(points, one, replace(at_eps, min_children=least))
            groups = sets(found.member, number[points.row[found.visit]], len(refs))
            still = (2 * (homes @ groups.T).toarray() >= least_shared).any(axis=1)
            kept += still
            rows.append({"eps_m": eps, "min_children": least, "hotspots": groups.shape[0],
                         "children": len(np.unique(groups.indices)), "entered": int(found.high[0] - found.low[0]),
                         "kept": int(still.sum())})
    return (pd.DataFrame(rows, columns=["eps_m", "min_children", "hotspots", "children", "entered", "kept"]),
            pd.DataFrame({"hotspot_id": book["hotspot_id"].array, "kept": kept, "settings": len(settings)}))


def _settings(chosen: Parameters) -> list[tuple[float, int]]:
    radii = sorted({float(np.clip(round(chosen.eps_m * times), *EPS_RANGE_M)) for times in EPS_TIMES})
    least = sorted({int(np.clip(chosen.min_children + more, *MIN_RANGE)) for more in MORE_CHILDREN})
    return [(eps, k) for eps in radii for k in least]

