"""The identity ledger: each hotspot keeps its id from window to window (METHODS 2.7).

Read forward in time only, so a later window never changes an earlier row. A cluster carries on
a hotspot when their footprints overlap: |A n B| / min(|A|, |B|) >= 0.3. (MONIC: Spiliopoulou et
al., KDD 2006; MEC: Oliveira & Gama 2012.)

    first        seen in the first window with data: nothing earlier to call it new against
    forming      a cluster without history that does not yet hold `Parameters.enter` children
    born         enough to enter, and no edge to any place of the last twelve months
    reactivated  no live edge, but one to a place gone less than twelve months ago: the id returns
    stable, moved, grew, shrank   one edge each way
    merged       two or more hotspots run into one cluster: the id of the largest overlap carries on
    split        one hotspot runs into two or more clusters: likewise; the others name their parent
    below        no cluster this window, but not gone: still two children there, or the first miss
    dissolved    no cluster and fewer than two children near it in two windows running
    no_data      the window has no data, or is not yet complete: nothing is said

It is harder to enter than to stay (hysteresis): a cluster holds at least k children, a hotspot is
born or returns with k + 2, and then stays while two children are near it. Between the two a cluster
is *forming*: shown, but it founds nothing. It is no parent, cannot merge, split or go, and what it
was is forgotten when it vanishes.

A hotspot that moves is not called growing: its place is no longer where it was fixed. Nor is one in
the half-year after it was born or returned: set against the time before, all of it is growth.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoping.change.identity import Edges, moved, name
from scoping.change.known_places import MIN_BASELINE_US, YEAR_US, adjusted, test_places
from scoping.clustering.clusters import Clusters
from scoping.clustering.points import Points
from scoping.parameters import Parameters
from scoping.windows import Windows

STAY_CHILDREN = 2  # k_lo: with fewer children near it a place begins to go
MISSES = 2  # windows running


def track(clusters: Clusters, points: Points, windows: Windows, parameters: Parameters,
          no_data: NDArray[np.bool_] | None = None, *, named: bool = True) -> pd.DataFrame:
    """One row a hotspot and window, from its first window until it is gone.

    `hotspot_id`, `window`, `label` (-1: no cluster), `change` (a key of `transitions.CHANGES`), `parents`
    (ids joined by "|"), `first_seen`, `last_seen` (UTC: start of the first and end of the last window with
    a cluster, as known in that row's window), `windows_seen`, `rr`, `rr_low`, `rr_high` (90 % interval; NaN =
    not enough data), `p` (two-sided mid-p of the same test), `q` (`p` adjusted over the window's hotspots), `now`,
    `before` (child-windows at the place, in this window and in the baseline), `cluster` and `shape` (rows of
    `clusters.summary`: this window's, -1 if none; the latest one). `no_data` marks windows in which the source
    has no record at all. Without `named` the ids are mere numbers, for books that are only counted.
    """
    empty = np.zeros(len(windows), dtype=bool) if no_data is None else no_data
    walk = _Walk(clusters, points, windows, parameters, named=named)
    for k in range(len(windows)):
        walk.step(k, empty=bool(empty[k]))
    told = dict(zip(_Row._fields, zip(*walk.rows, strict=True) if walk.rows else [()] * len(_Row._fields), strict=True))
    place, window, cluster, shape, last, seen, before, arrived = (
        np.array(told[field], dtype=np.int64)
        for field in ("place", "window", "cluster", "shape", "last_window", "seen", "before", "arrived"))
    shown = cluster >= 0
    change = np.array(told["change"], dtype=object)
    tests = test_places(place, window, place[shown], cluster[shown], clusters=clusters, points=points, windows=windows,
                        parameters=parameters, skip=empty | windows.partial, asked=change != "forming")
    settled = windows.start_us[window] - windows.start_us[arrived] >= MIN_BASELINE_US
    persisted = np.flatnonzero(change == "stable")
    change[persisted[(tests.low[persisted] > 1) & settled[persisted]]] = "grew"
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
        "parents": pd.Series(told["parents"], dtype="str"),
        "first_seen": windows.starts[born[place]],
        "last_seen": windows.ends[last],
        "windows_seen": seen.astype(np.int32),
        "rr": tests.rr, "rr_low": tests.low, "rr_high": tests.high,
        "p": tests.p, "q": adjusted(tests.p, window), "now": tests.now, "before": tests.before,
        "cluster": cluster, "shape": shape,
    })


@dataclass
class _Place:
    """A hotspot on its way through the windows. `last` is its latest cluster (row of the summary).

    `known`: it has entered once, so that its return is no birth. `forming`: it has not entered (again).
    """

    number: int
    name: str
    last: int
    first_window: int
    last_window: int
    seen: int = 1
    misses: int = 0
    live: bool = True
    arrived: int = 0
    forming: bool = False
    known: bool = False


class _Row(NamedTuple):
    place: int
    window: int
    cluster: int
    shape: int
    change: str
    parents: str
    last_window: int
    seen: int
    before: int  # the cluster it persisted from, else -1
    arrived: int  # the window in which it last entered


class _Walk:
    """The ledger being written, window by window."""

    def __init__(self, clusters: Clusters, points: Points, windows: Windows, parameters: Parameters, *, named: bool) -> None:
        self.places: list[_Place] = []
        self.rows: list[_Row] = []
        self._clusters, self._points, self._windows = clusters, points, windows
        counted = clusters.summary["children" if parameters.count == "children" else "points"].to_numpy()
        self._enough = counted >= parameters.enter
        self._edges = Edges(clusters, len(windows))
        self._begin = np.searchsorted(clusters.summary["window"].to_numpy(), np.arange(len(windows) + 1))
        self._start, self._end = windows.start_us, windows.end_us
        self._seen = np.zeros(points.persons + 1, dtype=np.int64)  # scratch
        self._names: set[str] = set()
        self._named = named
        self._earlier = False  # has any window had data

    def step(self, window: int, *, empty: bool) -> None:
        """Write one window's rows."""
        live = [place for place in self.places if place.live]
        if empty:
            for place in live:
                if not place.forming:
                    self._write(place, window, -1, "no_data")
            return
        new = np.arange(self._begin[window], self._begin[window + 1])
        edges = [(live[i], cluster) for i, cluster in
                 self._edges.between(np.array([place.last for place in live], dtype=np.int64), new)]
        parents: dict[int, list[_Place]] = {}
        for place, cluster in edges:
            if not place.forming:
                parents.setdefault(cluster, []).append(place)
        lone = [cluster for cluster in new.tolist() if cluster not in parents]
        heirs = _one_to_one([edge for edge in edges if not edge[0].forming])
        seeds = _one_to_one([edge for edge in edges if edge[0].forming and edge[1] not in parents])
        ways = Counter(place.number for place, _ in edges)
        returning, kin = self._returning(window, lone)
        for cluster in new.tolist():
            old = parents.get(cluster, [])
            heir = heirs.get(cluster) or returning.get(cluster) or seeds.get(cluster)
            if old:
                change = "merged" if len(old) > 1 else "split" if ways[old[0].number] > 1 else "stable"
            else:
                change = self._arrival(cluster, back=cluster in kin or (heir is not None and heir.known))
            before = heir.last if heir and change == "stable" else -1
            place = self._carry(heir, cluster, window, change)
            names = sorted(parent.name for parent in old) if change in ("merged", "split") else []
            self._write(place, window, cluster, change, parents="|".join(names), before=before)
        self._without_cluster(window, [place for place in live if place.last_window != window],
                              absorbed={place.number for place, _ in edges})
        self._earlier = True

    def _arrival(self, cluster: int, *, back: bool) -> str:
        """What a cluster is that no hotspot led to. `back`: something was here within twelve months.

        Of two clusters in which a place returns the lesser is a return as well. Nothing of the first window is
        called new, so nothing there has to pass the higher bar.
        """
        if not self._earlier:
            return "first"
        if not self._enough[cluster]:
            return "forming"
        return "reactivated" if back else "born"

    def _returning(self, window: int, lone: list[int]) -> tuple[dict[int, _Place], set[int]]:
        """Places gone within twelve months that come back in clusters without a live edge; every such cluster."""
        gone = [place for place in self.places
                if not place.live and place.known and self._end[place.last_window] > self._start[window] - YEAR_US]
        last = np.array([place.last for place in gone], dtype=np.int64)
        back = self._edges.between(last, np.array(lone, dtype=np.int64))
        return _one_to_one([(gone[i], cluster) for i, cluster in back]), {cluster for _, cluster in back}

    def _carry(self, place: _Place | None, cluster: int, window: int, change: str) -> _Place:
        """The place, its latest cluster now this one; a new place when there is none."""
        if place is None:
            number = len(self.places)
            called = name(self._clusters, cluster, self._windows.starts[window], self._names) if self._named else str(number)
            place = _Place(number, called, cluster, window, window, arrived=window)
            self.places.append(place)
        else:
            place.last, place.last_window, place.misses, place.live = cluster, window, 0, True
            place.seen += 1
        if change in ("born", "reactivated"):
            place.arrived = window
        place.forming = change == "forming"
        place.known = place.known or not place.forming
        return place

    def _without_cluster(self, window: int, places: list[_Place], absorbed: set[int]) -> None:
        """Places without a cluster: run into another, below the threshold, or gone."""
        missed = [place for place in places if place.number not in absorbed and not place.forming]
        partial = bool(self._windows.partial[window])
        for place in places:
            # the row of the cluster that took it names it as a parent; what was only forming leaves no trace
            place.live = place.number not in absorbed and (partial or not place.forming)
        if partial:
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
                              place.seen, before, place.arrived))


def _one_to_one(edges: list[tuple[_Place, int]]) -> dict[int, _Place]:
    """Cluster to place, each once, the first edge first."""
    heirs: dict[int, _Place] = {}
    taken: set[int] = set()
    for place, cluster in edges:
        if cluster not in heirs and place.number not in taken:
            heirs[cluster] = place
            taken.add(place.number)
    return heirs
