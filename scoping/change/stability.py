"""Would the hotspot be found again in like data? Bootstrap over children (METHODS 2.5).

The children of a window are drawn anew with replacement, each with all of its records; one drawn twice counts as two. The
records are clustered again, and a hotspot's set of children, of those drawn, is compared with the most similar new cluster's:
|A n B| / |A u B| (Jaccard; clusterwise stability of Hennig 2007, Computational Statistics & Data Analysis 52:258). Hennig's
reading: from 0.75 a valid pattern, under 0.6 doubtful.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoping.change.members import Sets, sets
from scoping.clustering.clusters import cluster
from scoping.clustering.points import Ints, Points
from scoping.scope import Scoped
from scoping.windows import Windows

RUNS = 200
STABLE, DOUBTFUL = 0.75, 0.6

def stability(scoped: Scoped, window: int, *, runs: int = RUNS, seed: int = 0,
              progress: Callable[[int, int], bool | None] | None = None) -> pd.DataFrame:
    """One row a hotspot with a cluster in `window`: `hotspot_id`, `jaccard` (mean over the runs), `runs` made.

    `progress(done, runs)` is called after each run; when it returns False the rest is left undone. Same seed, same answer.
    """
    points, one = _inside(scoped, window)
    rows = scoped.ledger[(scoped.ledger["window"] == window) & (scoped.ledger["cluster"] >= 0)]
    clusters = scoped.clusters
    label = clusters.members.loc[clusters.members["window"] == window, "label"].to_numpy(dtype=np.int64)
    known = sets(label, points.person, points.persons)
    chance = np.random.default_rng(seed)
    found: list[NDArray[np.float64]] = []
    for run in range(runs):
        times = np.bincount(chance.integers(0, points.persons, points.persons), minlength=points.persons)
        again, child = _drawn(points, times)
        drawn = cluster(again, one, scoped.parameters)
        found.append(_best(known, sets(drawn.member, child, points.persons), times > 0))
        if progress is not None and progress(run + 1, runs) is False:
            break
    total = np.array(found).reshape(len(found), known.shape[0])
    held = ~np.isnan(total)
    mean = np.where(held, total, 0.0).sum(axis=0) / np.maximum(held.sum(axis=0), 1)
    mean[~held.any(axis=0)] = np.nan
    return pd.DataFrame({"hotspot_id": rows["hotspot_id"].array, "jaccard": mean[rows["label"].to_numpy(dtype=np.int64)],
                         "runs": len(found)})


def _inside(scoped: Scoped, window: int) -> tuple[Points, Windows]:
    """The points of one window, children and sites numbered afresh, and that window alone."""
    whole, low, high = scoped.points, scoped.clusters.low[window], scoped.clusters.high[window]
    each = slice(int(low), int(high))
    sites, site = np.unique(whole.site[each], return_inverse=True)
    # by first appearance in space, not by the code: codes follow the order of rows
    by_place = np.lexsort((whole.time[each], whole.site[each]))
    _, first, code = np.unique(whole.person[each][by_place], return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    person = np.empty(len(by_place), dtype=np.int64)
    person[by_place] = rank[code]
    points = Points(whole.row[each], whole.time[each], person, whole.episode[each], whole.role[each], site.astype(np.int64),
                    whole.site_e[sites], whole.site_n[sites])
    return points, scoped.windows.part(window, window + 1)


def _drawn(points: Points, times: Ints) -> tuple[Points, Ints]:
    """The points with every child as often as drawn, the copies as children of their own; and whose copy each point is."""
    repeat = times[points.person]
    at = np.repeat(np.arange(len(points)), repeat)
    copy = np.arange(len(at)) - np.repeat(np.cumsum(repeat) - repeat, repeat)
    opens = np.concatenate(([0], np.cumsum(times)[:-1]))
    child = points.person[at]
    episode = points.episode[at] * int(times.max(initial=1)) + copy
    _, episode = np.unique(episode, return_inverse=True)
    return Points(points.row[at], points.time[at], opens[child] + copy, episode.astype(np.int64), points.role[at], points.site[at],
                  points.site_e, points.site_n), child


def _best(known: Sets, drawn: Sets, there: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Jaccard of the children of each known set who are `there` with the most similar drawn set; NaN where none of them is."""
    sizes = known @ there.astype(np.int64)
    both = (known @ drawn.T).toarray()
    either = sizes[:, None] + np.diff(drawn.indptr)[None, :] - both
    best: NDArray[np.float64] = (both / np.maximum(either, 1)).max(axis=1, initial=0.0)
    return np.where(sizes > 0, best, np.nan)
