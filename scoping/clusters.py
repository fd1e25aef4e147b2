"""DBSCAN in every window at once, counting distinct children (METHODS 2.4).

scikit-learn's DBSCAN (Ester et al. 1996; Schubert et al. 2017) is the definition. With
`count="episodes"` the core points, their partition and the noise are those of
`sklearn.cluster.DBSCAN(eps, min_samples)` in each window; with `count="children"` a point
is core when at least `min_children` different children lie within eps, and the two agree
when every point has its own child. A border point joins its nearest core site, ties to the
site first in (northing, easting) order: scikit-learn's border points depend on row order,
these never do. A cluster's number is the rank of its first core site in that same order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo_data.schema import ROLES
from scoping.footprints import Discs, Footprints
from scoping.neighbours import Cells, cells, core_by_children, core_by_points
from scoping.parameters import Parameters
from scoping.points import Ints, Points
from scoping.runs import distinct, expand, opens
from scoping.windows import Windows

BLOCK_POINTS = 1_500  # below this a block of windows costs more to set up than to solve


@dataclass(frozen=True)
class Clusters:
    """`members`: one row a (window, point): `window`, `point` (position in the locations frame), `label`
    (-1 noise), `core`. `summary`: one row a (window, label), in that order: `children`, `episodes`
    (distinct), `points`, `top_share` (largest child's share of the episodes), `n_eff` (1 / sum of squared
    shares), `easting`, `northing` (mean over distinct child and site), points of each role.

    `member` is the summary row of each row of `members` (-1 noise) and `visit` its position in the points;
    `core_site` lists every core site of every cluster in the order of `footprints.discs` (group = summary row).
    """

    members: pd.DataFrame
    summary: pd.DataFrame
    member: Ints
    visit: Ints
    core_site: Ints
    footprints: Footprints


def cluster(points: Points, windows: Windows, parameters: Parameters) -> Clusters:
    """Cluster `points` in each of `windows`. Time and memory are bounded by blocks of windows."""
    low = np.searchsorted(points.time, windows.start_us, side="left")
    high = np.maximum(np.searchsorted(points.time, windows.end_us, side="left"), low)
    visits: list[tuple[Ints, Ints, Ints, NDArray[np.bool_]]] = []
    cores: list[tuple[Ints, Ints, Ints]] = []
    spans = _blocks(low, high)
    while spans:
        first, until = spans.pop(0)
        window, position = expand(low[first:until], high[first:until])
        block = cells(window, points.site[position], windows=until - first, site_e=points.site_e, site_n=points.site_n,
                      eps=parameters.eps_m)
        if block is None:
            half = (first + until) // 2
            spans[:0] = [(first, half), (half, until)]
            continue
        if parameters.count == "children":
            core = core_by_children(block, points.person[position], points.persons, parameters.min_children)
        else:
            core = core_by_points(block, parameters.min_children)
        label = _labels(block, core, points)
        visits.append((window + first, position, label[block.visit], core[block.visit]))
        at = np.flatnonzero(core)
        where, site = np.divmod(at, max(len(block.sites), 1))
        cores.append((where + first, block.sites[site], label[at]))
    return _collect(points, parameters, visits, cores, len(windows))


def _blocks(low: Ints, high: Ints) -> list[tuple[int, int]]:
    """Runs of windows to solve together: as many as overlap one another, more when they are tiny."""
    windows = len(low)
    alive = int((high - low).sum())
    if not windows or not alive:
        return [(0, windows)] if windows else []
    spread = int(high.max() - low.min())
    together = max(1, round(alive / max(spread, 1)))
    mean = max(alive / windows / together, 1.0)  # points that each further window adds
    together = min(windows, max(together, int(np.ceil(BLOCK_POINTS / mean))))
    return [(first, min(first + together, windows)) for first in range(0, windows, together)]


def _labels(block: Cells, core: NDArray[np.bool_], points: Points) -> Ints:
    """Label of every cell: components of the core cells, then border cells to their nearest core."""
    label = np.full(block.count, -1, dtype=np.int64)
    at = np.flatnonzero(core)
    if not len(at):
        return label
    number = np.cumsum(core) - 1
    left_core, right_core = core[block.left], core[block.right]
    link = left_core & right_core
    graph = coo_array((np.ones(int(link.sum()), np.int8), (number[block.left[link]], number[block.right[link]])),
                      shape=(len(at), len(at)))
    component = connected_components(graph, directed=False)[1]
    # number components by their first core cell; cells are in (window, northing, easting) order
    first = np.full(int(component.max()) + 1, len(at), dtype=np.int64)
    np.minimum.at(first, component, np.arange(len(at)))
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    component = rank[component]
    window = at // len(block.sites)
    opening = np.full(block.windows, len(at), dtype=np.int64)
    np.minimum.at(opening, window, component)
    label[at] = component - opening[window]

    outer = left_core ^ right_core
    centre = np.where(left_core[outer], block.left[outer], block.right[outer])
    border = np.where(left_core[outer], block.right[outer], block.left[outer])
    n = len(block.sites)
    a, b = block.sites[centre % n], block.sites[border % n]
    distance = (points.site_e[a] - points.site_e[b]) ** 2 + (points.site_n[a] - points.site_n[b]) ** 2
    order = np.lexsort((-centre, -distance))  # the last write wins: nearest, then lowest site
    label[border[order]] = label[centre[order]]
    return label


def _collect(points: Points, parameters: Parameters, visits: list[tuple[Ints, Ints, Ints, NDArray[np.bool_]]],
             cores: list[tuple[Ints, Ints, Ints]], windows: int) -> Clusters:
    window, position, label, core = (_join([part[k] for part in visits]) for k in range(4))
    core_window, core_site, core_label = (_join([part[k] for part in cores]) for k in range(3))
    count = np.zeros(windows, dtype=np.int64)  # clusters in each window
    np.maximum.at(count, core_window, core_label + 1)
    offset = np.cumsum(count) - count
    member = np.where(label >= 0, offset[window] + label, -1) if len(window) else label
    core_cluster = offset[core_window] + core_label
    order = np.argsort(core_cluster, kind="stable")
    sites = core_site[order]
    discs = Discs(core_cluster[order], points.site_e[sites], points.site_n[sites], parameters.eps_m / 2)
    footprints = Footprints(discs, int(count.sum()))
    members = pd.DataFrame({"window": window.astype(np.int32), "point": points.row[position],
                            "label": label.astype(np.int32), "core": core.astype(bool)})
    summary = _summary(points, count, member, position)
    return Clusters(members, summary, member, position, sites, footprints)


def _join(parts: list[NDArray[np.generic]]) -> NDArray[np.int64]:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _summary(points: Points, count: Ints, member: Ints, position: Ints) -> pd.DataFrame:
    total = int(count.sum())
    inside = member >= 0
    cluster_of, at = member[inside], position[inside]
    person, site = points.person[at], points.site[at]
    frame = pd.DataFrame({
        "window": np.repeat(np.arange(len(count)), count).astype(np.int32),
        "label": (np.arange(total) - np.repeat(np.cumsum(count) - count, count)).astype(np.int32),
    })
    frame["children"] = np.bincount(_pairs(cluster_of, person, points.persons)[0], minlength=total)
    # an episode belongs to one child: distinct (cluster, child, episode), then each child's share of the cluster
    case, _ = _pairs(cluster_of * max(points.persons, 1) + person, points.episode[at], points.episodes)
    begin = np.flatnonzero(opens(case))
    owner = case[begin] // max(points.persons, 1)
    own = np.diff(np.append(begin, len(case))).astype(np.float64)
    episodes = np.bincount(owner, own, total)
    frame["episodes"] = episodes.astype(np.int64)
    frame["points"] = np.bincount(cluster_of, minlength=total)
    top = np.zeros(total)
    np.maximum.at(top, owner, own)
    frame["top_share"] = top / np.maximum(episodes, 1)
    frame["n_eff"] = episodes**2 / np.maximum(np.bincount(owner, own**2, total), 1)
    # a child counts once at each site, so that a child's repeats do not drag the centre
    visitor, place = _pairs(cluster_of * max(points.persons, 1) + person, site, len(points.site_e))
    visited = visitor // max(points.persons, 1)
    weight = np.maximum(np.bincount(visited, minlength=total), 1)
    frame["easting"] = np.bincount(visited, points.site_e[place], total) / weight
    frame["northing"] = np.bincount(visited, points.site_n[place], total) / weight
    for code, role in enumerate(ROLES):
        frame[role] = np.bincount(cluster_of[points.role[at] == code], minlength=total)
    return frame


def _pairs(group: Ints, value: Ints, values: int) -> tuple[Ints, Ints]:
    """Distinct (group, value) pairs, in that order."""
    group, value = np.divmod(distinct(group * max(values, 1) + value), max(values, 1))
    return group, value
