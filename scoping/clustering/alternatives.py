"""Two other ways to cluster, for comparison beside the product's own: ST-DBSCAN and HDBSCAN.

Neither feeds the ledger, a map or a release. They show what hangs on the choice of method: what another one would call
a cluster in the same window, and where the two part.

*ST-DBSCAN* (Birant & Kut 2007) asks for two distances: children within eps of one another and within so many days. A
window's whole length counts for DBSCAN, so a place where children come slowly, one a fortnight, is a cluster of a
long window but not of ST-DBSCAN's.

*HDBSCAN* (Campello, Moulavi & Sander 2013; scikit-learn's) has no eps: it takes the clusters that last longest as the
radius grows, so a dense street and a sparse village can both be one. It counts points, not children; each child is given
to it once a site.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_data.errors import ParameterError
from scoping.clustering.clusters import Clusters
from scoping.clustering.points import Ints, Points
from scoping.parameters import Parameters

Method = Literal["st-dbscan", "hdbscan"]
METHODS: tuple[str, ...] = get_args(Method)
WITHIN_DAYS = 14
DAYS_RANGE = (1, 366)
DAY_US = 86_400_000_000
MOST_POINTS = 20_000  # of a window: HDBSCAN's time grows with their square where many coincide
DIFFERS = {
    "st-dbscan": "Two places are near only when their times are near as well; slow, steady places fall apart.",
    "hdbscan": "There is no radius: clusters of any density are taken, each child once a site; the least number of children "
               "is the least size of a cluster.",
}


@dataclass(frozen=True)
class Comparison:
    """The clusters of the windows beside those of another method. Counts only: no place, no child.

    `windows`, one row a window: `window`, `points`, `clusters`, `other_clusters`, `both`, `only`, `only_other` (points in
    clusters of both, of the product's method alone, of the other alone), `split`, `joined` (clusters of the product's
    that the other spreads over several; clusters of the other that span several of the product's) and `agreement`, the
    adjusted Rand index of the two partitions, noise as one class (1: the same; about 0: as by chance).
    """

    method: str
    differs: str
    within_days: int | None
    windows: pd.DataFrame

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"method": self.method, "differs": self.differs, "within_days": self.within_days,
                "windows": self.windows.to_dict("records")}


def compare(clusters: Clusters, parameters: Parameters, method: str, *, within_days: int = WITHIN_DAYS) -> Comparison:
    """Set the clusters of each window beside those of `method`, one of `METHODS`.

    Raises `ParameterError` for another method, for days out of range, and for a window of more than `MOST_POINTS`.
    """
    if method not in METHODS:
        raise ParameterError("There is no such method.", fix=f"Use {' or '.join(METHODS)}.", where="method")
    rows = []
    for k in range(len(clusters.low)):
        part = clusters.points.part(slice(int(clusters.low[k]), int(clusters.high[k])))
        begin = int((clusters.high[:k] - clusters.low[:k]).sum())
        mine = clusters.member[begin:begin + len(part)].astype(np.int64)
        mine = np.where(mine >= 0, mine - clusters.opens[k], -1)
        theirs = label(part, parameters, method, within_days=within_days)
        rows.append({"window": k, **_beside(mine, theirs)})
    frame = pd.DataFrame(rows, columns=["window", "points", "clusters", "other_clusters", "both", "only", "only_other", "split",
                                        "joined", "agreement"])
    return Comparison(method, DIFFERS[method], within_days if method == "st-dbscan" else None, frame)


def label(points: Points, parameters: Parameters, method: str, *, within_days: int = WITHIN_DAYS) -> Ints:
    """The method's label of each point, -1 noise. Raises as `compare`."""
    if len(points) > MOST_POINTS:
        raise ParameterError(f"A comparison takes at most {MOST_POINTS:,} points a window.", where="method",
                             fix="Choose shorter windows, or a filter.")
    return _hdbscan(points, parameters) if method == "hdbscan" else st_dbscan(points, parameters, within_days)[0]


def st_dbscan(points: Points, parameters: Parameters, within_days: int) -> tuple[Ints, NDArray[np.bool_]]:
    """Labels (-1 noise) and core flags of each point: eps of the parameters, and `within_days` times 24 hours, both closed."""
    from scoping.clustering.spacetime import st_dbscan as solve
    from scoping.clustering.strips import neighbours

    if not DAYS_RANGE[0] <= within_days <= DAYS_RANGE[1]:
        raise ParameterError(f"The days must be between {DAYS_RANGE[0]} and {DAYS_RANGE[1]}.", where="within_days")
    begin, near = neighbours(points.site_e, points.site_n, float(parameters.eps_m))
    labels, core = solve(points.time, points.site, points.person, *points.by_site, begin, near, points.site_e, points.site_n,
                         within_days * DAY_US, parameters.min_children, parameters.count == "children", points.persons)
    return labels, core


def _hdbscan(points: Points, parameters: Parameters) -> Ints:
    from sklearn.cluster import HDBSCAN

    once = parameters.count == "children"
    pair = points.presences[0] if once else np.arange(len(points))
    kept, first = np.unique(pair, return_index=True)
    if len(kept) < max(parameters.min_children, 2):
        return np.full(len(points), -1, dtype=np.int64)
    xy = np.column_stack((points.site_e[points.site[first]], points.site_n[points.site[first]]))
    size = min(parameters.min_children, len(kept) - 1)
    found = HDBSCAN(min_cluster_size=max(size, 2), min_samples=max(size, 1), algorithm="kd_tree", copy=True).fit(xy)
    labels: Ints = found.labels_.astype(np.int64)[np.searchsorted(kept, pair)]
    return labels


def _beside(mine: Ints, theirs: Ints) -> dict[str, Any]:
    from sklearn.metrics import adjusted_rand_score

    both = (mine >= 0) & (theirs >= 0)
    pairs = np.unique(np.column_stack((mine[both], theirs[both])), axis=0)
    return {
        "points": len(mine), "clusters": int(mine.max(initial=-1)) + 1, "other_clusters": int(theirs.max(initial=-1)) + 1,
        "both": int(both.sum()), "only": int(((mine >= 0) & ~both).sum()), "only_other": int(((theirs >= 0) & ~both).sum()),
        "split": int((np.unique(pairs[:, 0], return_counts=True)[1] > 1).sum()),
        "joined": int((np.unique(pairs[:, 1], return_counts=True)[1] > 1).sum()),
        "agreement": round(float(adjusted_rand_score(mine, theirs)), 3) if len(mine) else 1.0,
    }
