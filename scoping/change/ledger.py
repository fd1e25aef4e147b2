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

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoping.change.identity import Edges, moved, names
from scoping.change.known_places import MIN_BASELINE_US, YEAR_US, Tests, adjusted, test_places
from scoping.clustering.clusters import Clusters
from scoping.clustering.points import Ints, Points
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
    not enough data), `p` (two-sided mid-p of the same test), `q` (`p` adjusted over the window's hotspots), `now`,
    `before` (child-windows at the place, in this window and in the baseline), `cluster` and `shape` (rows of
    `clusters.summary`: this window's, -1 if none; the latest one). `no_data` marks windows in which the source
    has no record at all.
    """
    book = follow(clusters, points, windows, parameters, no_data)
    rows, places, tests = book.rows, book.places, book.tests
    ids = np.array(names(clusters, places["first"], places["first_window"], windows.starts), dtype=object)
    parents: dict[int, list[str]] = {}
    for row, parent in zip(*(column.tolist() for column in book.parents), strict=True):
        parents.setdefault(row, []).append(ids[parent])
    label = np.append(clusters.summary["label"].to_numpy(), -1)
    place, cluster = rows["place"], rows["cluster"]
    return pd.DataFrame({
        "hotspot_id": pd.Series(ids[place], dtype="str"),
        "window": rows["window"].astype(np.int32),
        "label": label[cluster].astype(np.int32),
        "change": pd.Series(book.change, dtype="str"),
        "parents": pd.Series(["|".join(sorted(parents.get(row, ()))) for row in range(len(rows))], dtype="str"),
        "first_seen": windows.starts[places["first_window"][place]],
        "last_seen": windows.ends[rows["last_window"]],
        "windows_seen": rows["seen"].astype(np.int32),
        "rr": tests.rr, "rr_low": tests.low, "rr_high": tests.high,
        "p": tests.p, "q": book.q, "now": tests.now, "before": tests.before,
        "cluster": cluster.copy(), "shape": rows["shape"].copy(),
    })


@dataclass(frozen=True)
class Book:
    """The ledger in numbers: `places` and `rows` are records of `ledger_loops`; `change`, `tests`, `q` have an entry a row.

    `parents`: pairs of a row that merged or split and a hotspot that led to it.
    """

    places: NDArray[Any]
    rows: NDArray[Any]
    parents: tuple[Ints, Ints]
    change: NDArray[np.object_]
    tests: Tests
    q: NDArray[np.float64]


def follow(clusters: Clusters, points: Points, windows: Windows, parameters: Parameters,
           no_data: NDArray[np.bool_] | None = None) -> Book:
    """The ledger without names: what `track` tells, for books that are only counted."""
    from scoping.change.ledger_loops import WORDS

    empty = np.zeros(len(windows), dtype=bool) if no_data is None else no_data
    walk = _Walk(clusters, points, windows, parameters)
    for k in range(len(windows)):
        walk.step(k, empty=bool(empty[k]))
    rows = np.concatenate(walk.rows)
    place, window, cluster = (rows[field].copy() for field in ("place", "window", "cluster"))
    shown = cluster >= 0
    change = np.array(WORDS, dtype=object)[rows["word"]]
    tests = test_places(place, window, place[shown], cluster[shown], clusters=clusters, near=walk.near, points=points,
                        windows=windows, parameters=parameters, skip=empty | windows.partial, asked=change != "forming")
    settled = windows.start_us[window] - windows.start_us[rows["arrived"]] >= MIN_BASELINE_US
    persisted = np.flatnonzero(change == "stable")
    change[persisted[(tests.low[persisted] > 1) & settled[persisted]]] = "grew"
    change[persisted[tests.high[persisted] < 1]] = "shrank"
    shifted = moved(clusters, rows["before"][persisted], cluster[persisted], parameters.eps_m)
    change[persisted[shifted]] = "moved"
    parents = tuple(np.concatenate([np.empty(0, np.int64), *(pair[side] for pair in walk.parents)]) for side in (0, 1))
    return Book(walk.places, rows, (parents[0], parents[1]), change, tests, adjusted(tests.p, window))


class _Walk:
    """The ledger being written, window by window: `rows` in blocks, and pairs of row and parent."""

    def __init__(self, clusters: Clusters, points: Points, windows: Windows, parameters: Parameters) -> None:
        from scoping.change.ledger_loops import PLACE, ROW

        self.rows: list[NDArray[Any]] = [np.zeros(0, ROW)]
        self.parents: list[tuple[Ints, Ints]] = []
        self._places = np.zeros(len(clusters.summary), PLACE)  # each begins as a cluster
        self._known = 0
        self._written = 0
        self._clusters, self._points, self._windows = clusters, points, windows
        counted = clusters.summary["children" if parameters.count == "children" else "points"].to_numpy()
        self._enough = counted >= parameters.enter
        self._edges = Edges(clusters, len(windows))
        self.near = clusters.near
        self._seen = np.zeros(points.persons + 1, dtype=np.int64)  # scratch
        self._earlier = False  # has any window had data

    @property
    def places(self) -> NDArray[Any]:
        """Every hotspot so far, by its number."""
        return self._places[:self._known]

    def step(self, window: int, *, empty: bool) -> None:
        """Write one window's rows."""
        from scoping.change.ledger_loops import MERGED, NO_DATA, ROW, SPLIT, carry

        places = self.places
        live = np.flatnonzero(places["live"])
        if empty:
            self._write(live[~places["forming"][live]], window, NO_DATA)
            return
        first, until = (int(row) for row in self._clusters.opens[window:window + 2])
        new = np.arange(first, until)
        position, cluster = self._edges.between(places["last"][live], new)
        place = live[position]
        founded = ~places["forming"][place]  # what is only forming is no parent
        lone = np.ones(len(new), dtype=bool)
        lone[cluster[founded] - first] = False
        back_place, back_cluster = self._returning(window, new[lone])
        rows = np.zeros(len(new), ROW)
        self._known = carry(window, first, until, place, cluster, back_place, back_cluster, self._enough, self._earlier,
                            self._places, self._known, rows)
        word = rows["word"][cluster - first]
        tangled = founded & ((word == MERGED) | (word == SPLIT))
        self.parents.append((self._written + cluster[tangled] - first, place[tangled]))
        self._append(rows)
        self._without_cluster(window, live[places["last_window"][live] != window], absorbed=place)
        self._earlier = True

    def _returning(self, window: int, lone: Ints) -> tuple[Ints, Ints]:
        """Hotspots gone within twelve months, and the clusters without a live edge in which they come back."""
        places = self.places
        late = self._windows.end_us[places["last_window"]] > self._windows.start_us[window] - YEAR_US
        gone = np.flatnonzero(~places["live"] & places["known"] & late)
        position, cluster = self._edges.between(places["last"][gone], lone)
        return gone[position], cluster

    def _without_cluster(self, window: int, left: Ints, absorbed: Ints) -> None:
        """Hotspots without a cluster: run into another, below the threshold, or gone."""
        from scoping.change.ledger_loops import BELOW, DISSOLVED, NO_DATA

        places = self.places
        partial = bool(self._windows.partial[window])
        taken = np.zeros(len(places), dtype=bool)
        taken[absorbed] = True
        free, founded = ~taken[left], ~places["forming"][left]
        # the row of the cluster that took it names it as a parent; what was only forming leaves no trace
        places["live"][left] = free & (partial | founded)
        missed = left[free & founded]
        if partial:
            self._write(missed, window, NO_DATA)
            return
        few = self._children_near(window, places["last"][missed]) < STAY_CHILDREN
        places["misses"][missed] = np.where(few, places["misses"][missed] + 1, 0)
        places["live"][missed] = places["misses"][missed] < MISSES
        self._write(missed, window, np.where(places["live"][missed], BELOW, DISSOLVED))

    def _children_near(self, window: int, last: Ints) -> Ints:
        """Different children in each last footprint buffered by eps/2, within eps of a core site; up to `STAY_CHILDREN`."""
        from scoping.clustering.visitors import near

        clusters, points = self._clusters, self._points
        counts: Ints = near(last, clusters.low[window], clusters.high[window], STAY_CHILDREN, clusters.core_open,
                            clusters.core_site, *self.near.whole, *points.by_site, points.person, self._seen)
        return counts

    def _write(self, place: Ints, window: int, word: int | Ints) -> None:
        """Rows of hotspots without a cluster."""
        from scoping.change.ledger_loops import ROW

        rows = np.zeros(len(place), ROW)
        for field, value in (("place", place), ("window", window), ("cluster", -1), ("word", word), ("before", -1)):
            rows[field] = value
        for field, known in (("shape", "last"), ("last_window", "last_window"), ("seen", "seen"), ("arrived", "arrived")):
            rows[field] = self.places[known][place]
        self._append(rows)

    def _append(self, rows: NDArray[Any]) -> None:
        self.rows.append(rows)
        self._written += len(rows)
