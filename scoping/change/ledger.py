"""The identity ledger: each hotspot keeps its id from window to window (METHODS 2.7).

Read forward in time only, so a later window never changes an earlier row. A cluster carries on
a hotspot when their footprints overlap: |A n B| / min(|A|, |B|) >= 0.3. (MONIC: Spiliopoulou et
al., KDD 2006; MEC: Oliveira & Gama 2012.)

    first        seen in the first window with data: nothing earlier to call it new against
    born         no edge to any place of the last twelve months
    reactivated  no live edge, but one to a place gone less than twelve months ago: the id returns
    stable, moved, grew, shrank   one edge each way
    merged       two or more hotspots run into one cluster: the id of the largest overlap carries on
    split        one hotspot runs into two or more clusters: likewise; the others name their parent
    below        no cluster this window, but not gone: still two children there, or the first miss
    dissolved    no cluster and fewer than two children near it in two windows running
    no_data      the window has no data, or is not yet complete: nothing is said

A hotspot that moves is not tested for growth: its place is no longer where it was fixed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoping.change.identity import Edges, moved, name
from scoping.change.known_places import YEAR_US, test_places
from scoping.clustering.clusters import Clusters
from scoping.clustering.points import Points
from scoping.parameters import Parameters
from scoping.windows import Windows

STAY_CHILDREN = 2  # k_lo: with fewer children near it a place begins to go
MISSES = 2  # windows running


def track(clusters: Clusters, points: Points, windows: Windows, parameters: Parameters,
          no_data: NDArray[np.bool_] | None = None) -> pd.DataFrame:
    """One row a hotspot and window, from its first window until it is gone.

    `hotspot_id`, `window`, `label` (-1: no cluster), `change` (a key of `transitions.CHANGES`), `parents`
    (ids joined by "|"), `first_seen`, `last_seen` (UTC: start of the first and end of the last window with
    a cluster, as known in that row's window), `windows_seen`, `rr`, `rr_low`, `rr_high` (90 % interval; NaN =
    not enough data), `cluster` and `shape` (rows of `clusters.summary`: this window's, -1 if none; the latest
    one). `no_data` marks windows in which the source has no record at all.
    """
    empty = np.zeros(len(windows), dtype=bool) if no_data is None else no_data
    walk = _Walk(clusters, points, windows, parameters)
    for k in range(len(windows)):
        walk.step(k, empty=bool(empty[k]))
    rows = walk.rows
    place, window, cluster, shape, last, seen, before = (
        np.array([getattr(row, field) for row in rows], dtype=np.int64)
        for field in ("place", "window", "cluster", "shape", "last_window", "seen", "before"))
    shown = cluster >= 0
    tests = test_places(place, window, place[shown], cluster[shown], clusters=clusters, points=points,
                        windows=windows, parameters=parameters, skip=empty | windows.partial)
    change = np.array([row.change for row in rows], dtype=object)
    persisted = np.flatnonzero(change == "stable")
    change[persisted[tests.low[persisted] > 1]] = "grew"
    change[persisted[tests.high[persisted] < 1]] = "shrank"
    shifted = moved(clusters, before[persisted], cluster[persisted], parameters.eps_m)
    change[persisted[shifted]] = "moved"
    born = np.array([known.first_window for known in walk.places], dtype=np.int64)
    ids = np.array([known.name for known in walk.places], dtype=object)
    label = np.append(clusters.summary["label"].to_numpy(), -1)
    return pd.DataFrame({
        "hotspot_id": pd.Series(ids[place], dtype="str"),
        "window": window.astype(np.int32),
        "label": label[cluster].astype(np.int32),
        "change": pd.Series(change, dtype="str"),
        "parents": pd.Series([row.parents for row in rows], dtype="str"),
        "first_seen": windows.starts[born[place]],
        "last_seen": windows.ends[last],
        "windows_seen": seen.astype(np.int32),
        "rr": tests.rr, "rr_low": tests.low, "rr_high": tests.high,
        "cluster": cluster, "shape": shape,
    })


@dataclass
class _Place:
    """A hotspot on its way through the windows. `last` is its latest cluster (row of the summary)."""

    number: int
    name: str
    last: int
    first_window: int
    last_window: int
    seen: int = 1
    misses: int = 0
    live: bool = True


@dataclass(frozen=True)
class _Row:
    place: int
    window: int
    cluster: int
    shape: int
    change: str
    parents: str
    last_window: int
    seen: int
    before: int  # the cluster it persisted from, else -1


class _Walk:
    """The ledger being written, window by window."""

    def __init__(self, clusters: Clusters, points: Points, windows: Windows, parameters: Parameters) -> None:
        self.places: list[_Place] = []
        self.rows: list[_Row] = []
        self._clusters, self._points, self._windows, self._eps = clusters, points, windows, parameters.eps_m
        self._edges = Edges(clusters, len(windows))
        self._begin = np.searchsorted(clusters.summary["window"].to_numpy(), np.arange(len(windows) + 1))
        self._start, self._end = windows.start_us, windows.end_us
        self._seen = np.zeros(points.persons + 1, dtype=np.int64)  # scratch
        self._names: set[str] = set()
        self._earlier = False  # has any window had data

    def step(self, window: int, *, empty: bool) -> None:
        """Write one window's rows."""
        live = [place for place in self.places if place.live]
        if empty:
            for place in live:
                self._write(place, window, -1, "no_data")
            return
        new = np.arange(self._begin[window], self._begin[window + 1])
        edges = self._edges.between(np.array([place.last for place in live], dtype=np.int64), new)
        parents: dict[int, list[_Place]] = {}
        for i, cluster in edges:
            parents.setdefault(cluster, []).append(live[i])
        heirs = _one_to_one([(live[i], cluster) for i, cluster in edges])
        ways = Counter(live[i].number for i, _ in edges)
        returning, kin = self._returning(window, [cluster for cluster in new.tolist() if cluster not in parents])
        for cluster in new.tolist():
            old = parents.get(cluster, [])
            change = "merged" if len(old) > 1 else "split" if any(ways[place.number] > 1 for place in old) else "stable"
            heir = heirs.get(cluster) or returning.get(cluster)
            if not old:
                # beside a place that returns in two parts the lesser part is a return as well
                change = "reactivated" if cluster in kin else "born" if self._earlier else "first"
            before = heir.last if heir and change == "stable" else -1
            place = self._carry(heir, cluster, window)
            names = sorted(parent.name for parent in old) if change in ("merged", "split") else []
            self._write(place, window, cluster, change, parents="|".join(names), before=before)
        self._without_cluster(window, [place for place in live if place.last_window != window],
                              absorbed={place.number for olds in parents.values() for place in olds})
        self._earlier = True

    def _returning(self, window: int, lone: list[int]) -> tuple[dict[int, _Place], set[int]]:
        """Places gone within twelve months that come back in clusters without a live edge; every such cluster."""
        gone = [place for place in self.places
                if not place.live and self._end[place.last_window] > self._start[window] - YEAR_US]
        last = np.array([place.last for place in gone], dtype=np.int64)
        back = self._edges.between(last, np.array(lone, dtype=np.int64))
        return _one_to_one([(gone[i], cluster) for i, cluster in back]), {cluster for _, cluster in back}

    def _carry(self, place: _Place | None, cluster: int, window: int) -> _Place:
        """The place, its latest cluster now this one; a new place when there is none."""
        if place is None:
            named = name(self._clusters, cluster, self._windows.starts[window], self._names)
            place = _Place(len(self.places), named, cluster, window, window)
            self.places.append(place)
        else:
            place.last, place.last_window, place.misses, place.live = cluster, window, 0, True
            place.seen += 1
        return place

    def _without_cluster(self, window: int, places: list[_Place], absorbed: set[int]) -> None:
        """Places without a cluster: run into another, below the threshold, or gone."""
        missed = [place for place in places if place.number not in absorbed]
        for place in places:
            place.live = place.number not in absorbed  # the row of the cluster that took it names it as a parent
        if self._windows.partial[window]:
            for place in missed:
                self._write(place, window, -1, "no_data")
            return
        for place, count in zip(missed, self._children_near(window, missed), strict=True):
            place.misses = place.misses + 1 if count < STAY_CHILDREN else 0
            place.live = place.misses < MISSES
            self._write(place, window, -1, "below" if place.live else "dissolved")

    def _children_near(self, window: int, places: list[_Place]) -> list[int]:
        """Different children in each place's last footprint buffered by eps/2, within eps of a core site; up to `STAY_CHILDREN`."""
        from scoping.clustering.visitors import near

        clusters, points = self._clusters, self._points
        last = np.array([place.last for place in places], dtype=np.int64)
        counts = near(last, clusters.low[window], clusters.high[window], STAY_CHILDREN, clusters.core_open, clusters.core_site,
                      *clusters.near, *points.by_site, points.person, self._seen)
        return [int(count) for count in counts]

    def _write(self, place: _Place, window: int, cluster: int, change: str, *, parents: str = "",
               before: int = -1) -> None:
        self.rows.append(_Row(place.number, window, cluster, place.last, change, parents, place.last_window,
                              place.seen, before))


def _one_to_one(edges: list[tuple[_Place, int]]) -> dict[int, _Place]:
    """Cluster to place, each once, the first edge first."""
    heirs: dict[int, _Place] = {}
    taken: set[int] = set()
    for place, cluster in edges:
        if cluster not in heirs and place.number not in taken:
            heirs[cluster] = place
            taken.add(place.number)
    return heirs
