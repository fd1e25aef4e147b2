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
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scoping.change import YEAR_US, test_places
from scoping.clusters import Clusters
from scoping.parameters import Parameters
from scoping.points import Ints, Points
from scoping.runs import distinct, expand
from scoping.windows import ZONE, Windows

OVERLAP = 0.3
STAY_CHILDREN = 2  # k_lo: with fewer children near it a place begins to go
MISSES = 2  # windows running
BOOTSTRAPS = 200
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0 O 1 I L U: ids are read out on the telephone


@dataclass
class _Place:
    number: int
    name: str
    last: int  # its last cluster: summary row
    first_window: int
    last_window: int
    seen: int = 1
    misses: int = 0
    live: bool = True


@dataclass
class _Rows:
    place: list[int] = field(default_factory=list)
    window: list[int] = field(default_factory=list)
    cluster: list[int] = field(default_factory=list)  # summary row, -1 when the place has no cluster in the window
    shape: list[int] = field(default_factory=list)  # summary row of the last cluster up to the window
    change: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    last_window: list[int] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    before: list[int] = field(default_factory=list)  # the cluster it persisted from, else -1

    def add(self, place: _Place, window: int, cluster: int, change: str, parents: str = "", before: int = -1) -> None:
        self.place.append(place.number)
        self.window.append(window)
        self.cluster.append(cluster)
        self.shape.append(place.last)
        self.change.append(change)
        self.parents.append(parents)
        self.last_window.append(place.last_window)
        self.seen.append(place.seen)
        self.before.append(before)


def track(clusters: Clusters, points: Points, windows: Windows, parameters: Parameters,
          no_data: NDArray[np.bool_] | None = None) -> pd.DataFrame:
    """One row a hotspot and window, from its first window until it is gone.

    `hotspot_id`, `window`, `label` (-1: no cluster), `change` (a key of `transitions.CHANGES`), `parents` (ids joined
    by "|"), `first_seen`, `last_seen` (UTC: start of the first and end of the last window with a cluster,
    as known in that row's window), `windows_seen`, `rr`, `rr_low`, `rr_high` (90 % interval; NaN = not enough
    data), `cluster` and `shape` (rows of `clusters.summary`: this window's, -1 if none; the latest one).
    `no_data` marks windows in which the source has no record at all.
    """
    empty = np.zeros(len(windows), dtype=bool) if no_data is None else no_data
    places, rows = _follow(clusters, points, windows, parameters, empty)
    frame = pd.DataFrame({name: np.array(getattr(rows, name), dtype=np.int64)
                          for name in ("place", "window", "cluster", "shape", "last_window", "seen", "before")})
    place, window = frame["place"].to_numpy(), frame["window"].to_numpy()
    shown = frame["cluster"].to_numpy() >= 0
    tests = test_places(place, window, place[shown], frame["cluster"].to_numpy()[shown], clusters=clusters,
                        points=points, windows=windows, parameters=parameters, skip=empty | windows.partial)
    change = np.array(rows.change, dtype=object)
    persisted = change == "stable"
    change[persisted & (tests.low > 1)] = "grew"
    change[persisted & (tests.high < 1)] = "shrank"
    shifted = np.flatnonzero(persisted)
    before, after = frame["before"].to_numpy()[shifted], frame["cluster"].to_numpy()[shifted]
    change[shifted[_moved(clusters, points, before, after, parameters)]] = "moved"
    birth = np.array([known.first_window for known in places], dtype=np.int64)
    label = clusters.summary["label"].to_numpy()
    return pd.DataFrame({
        "hotspot_id": pd.Series(np.array([known.name for known in places], dtype=object)[place], dtype="str"),
        "window": window.astype(np.int32),
        "label": np.where(shown, label[frame["cluster"]] if len(label) else -1, -1).astype(np.int32),
        "change": pd.Series(change, dtype="str"),
        "parents": pd.Series(rows.parents, dtype="str"),
        "first_seen": windows.starts[birth[place]],
        "last_seen": windows.ends[frame["last_window"]],
        "windows_seen": frame["seen"].astype(np.int32),
        "rr": tests.rr, "rr_low": tests.low, "rr_high": tests.high,
        "cluster": frame["cluster"], "shape": frame["shape"],
    })


def _follow(clusters: Clusters, points: Points, windows: Windows, parameters: Parameters,
            empty: NDArray[np.bool_]) -> tuple[list[_Place], _Rows]:
    places: list[_Place] = []
    rows = _Rows()
    names: set[str] = set()
    match = _Overlaps(clusters, windows)
    begin = np.searchsorted(clusters.summary["window"].to_numpy(), np.arange(len(windows) + 1))
    start, end = windows.start_us, windows.end_us
    earlier = False  # was there a window with data before this one
    for window in range(len(windows)):
        live = [place for place in places if place.live]
        if empty[window]:
            for place in live:
                rows.add(place, window, -1, "no_data")
            continue
        new = np.arange(begin[window], begin[window + 1])
        edges = match.edges(np.array([place.last for place in live], dtype=np.int64), new)
        onward = {int(new[j]): [live[i] for i, k in edges if k == j] for j in {j for _, j in edges}}
        heir: dict[int, _Place] = {}
        taken: set[int] = set()
        for i, j in edges:  # the largest shared area first
            if live[i].number not in taken and int(new[j]) not in heir:
                heir[int(new[j])] = live[i]
                taken.add(live[i].number)
        splits = {number for number, ways in Counter(live[i].number for i, _ in edges).items() if ways > 1}
        lone = np.array([c for c in new.tolist() if c not in onward], dtype=np.int64)
        gone = [place for place in places if not place.live and end[place.last_window] > start[window] - YEAR_US]
        back = match.edges(np.array([place.last for place in gone], dtype=np.int64), lone)
        returned: dict[int, _Place] = {}
        for i, j in back:
            if int(lone[j]) not in returned and gone[i] not in returned.values():
                returned[int(lone[j])] = gone[i]
        kin = {int(lone[j]) for _, j in back}
        for cluster in new.tolist():
            parents = onward.get(cluster, [])
            change = "merged" if len(parents) > 1 else "split" if any(p.number in splits for p in parents) else "stable"
            named = "|".join(sorted(place.name for place in parents)) if change != "stable" else ""
            place = heir.get(cluster) or returned.get(cluster)
            if place is None:
                name = _name(clusters, cluster, windows.starts[window], names)
                place = _Place(len(places), name, cluster, window, window)
                places.append(place)
                if not parents:
                    # beside a place that returns in two parts the lesser part is a return as well
                    change = "reactivated" if cluster in kin else "born" if earlier else "first"
                rows.add(place, window, cluster, change, named)
                continue
            before = place.last if cluster in heir and change == "stable" else -1
            place.last, place.last_window, place.seen, place.misses, place.live = cluster, window, place.seen + 1, 0, True
            rows.add(place, window, cluster, change if parents else "reactivated", named, before)
        absorbed = {place.number for parents in onward.values() for place in parents} - taken
        for place in live:
            if place.number in absorbed:
                place.live = False  # its ground is now another's: that row names it as a parent
        missed = [place for place in live if place.live and place.last_window != window]
        _miss(missed, window, rows, clusters, points, windows, parameters)
        earlier = True
    return places, rows


def _miss(missed: list[_Place], window: int, rows: _Rows, clusters: Clusters, points: Points, windows: Windows,
          parameters: Parameters) -> None:
    """Places without a cluster: below the threshold, or gone after two windows with nobody much there."""
    if windows.partial[window]:
        for place in missed:
            rows.add(place, window, -1, "no_data")
        return
    children = _children_near(missed, window, clusters, points, windows, parameters)
    for place, count in zip(missed, children, strict=True):
        place.misses = place.misses + 1 if count < STAY_CHILDREN else 0
        place.live = place.misses < MISSES
        rows.add(place, window, -1, "below" if place.live else "dissolved")


def _children_near(missed: list[_Place], window: int, clusters: Clusters, points: Points, windows: Windows,
                   parameters: Parameters) -> Ints:
    """Different children in each place's last footprint buffered by eps/2: within eps of a core site."""
    low = int(np.searchsorted(points.at, windows.start_us[window]))
    high = int(np.searchsorted(points.at, windows.end_us[window]))
    if not missed or low >= high:
        return np.zeros(len(missed), dtype=np.int64)
    discs = clusters.footprints.discs.take(np.array([place.last for place in missed], dtype=np.int64))
    centres = cKDTree(np.column_stack((discs.e, discs.n)))
    site = points.site[low:high]
    there = cKDTree(np.column_stack((points.site_e[site], points.site_n[site])))
    near = centres.sparse_distance_matrix(there, parameters.eps_m, output_type="coo_matrix")
    persons = max(points.persons, 1)
    child = distinct(discs.group[near.row] * persons + points.person[low:high][near.col])
    return np.bincount(child // persons, minlength=len(missed))


class _Overlaps:
    """Footprint overlaps; those of neighbouring windows are computed together, others when asked for."""

    def __init__(self, clusters: Clusters, windows: Windows) -> None:
        self._footprints = clusters.footprints
        self._box = clusters.footprints.boxes()
        self._known: dict[tuple[int, int], tuple[float, float]] = {}
        begin = np.searchsorted(clusters.summary["window"].to_numpy(), np.arange(len(windows) + 1))
        pairs = [self._close(np.arange(begin[w], begin[w + 1]), np.arange(begin[w + 1], begin[w + 2]))
                 for w in range(len(windows) - 1)]
        if pairs:
            self._learn(np.concatenate([a for a, _ in pairs]), np.concatenate([b for _, b in pairs]))

    def edges(self, old: Ints, new: Ints) -> list[tuple[int, int]]:
        """(position in old, position in new) of every overlap >= 0.3, the largest shared area first."""
        a, b = self._close(old, new)
        fresh = [k for k, pair in enumerate(zip(a.tolist(), b.tolist(), strict=True)) if pair not in self._known]
        self._learn(a[fresh], b[fresh])
        at_old = {cluster: i for i, cluster in enumerate(old.tolist())}
        at_new = {cluster: j for j, cluster in enumerate(new.tolist())}
        found = [(-shared, at_old[i], at_new[j]) for i, j in zip(a.tolist(), b.tolist(), strict=True)
                 for ratio, shared in [self._known[i, j]] if ratio >= OVERLAP]
        return [(i, j) for _, i, j in sorted(found)]

    def _close(self, a: Ints, b: Ints) -> tuple[Ints, Ints]:
        """Pairs whose bounding boxes meet."""
        if not len(a) or not len(b):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        p, q = self._box[a][:, None, :], self._box[b][None, :, :]
        meet = (p[..., 0] < q[..., 2]) & (q[..., 0] < p[..., 2]) & (p[..., 1] < q[..., 3]) & (q[..., 1] < p[..., 3])
        i, j = np.nonzero(meet)
        return a[i], b[j]

    def _learn(self, a: Ints, b: Ints) -> None:
        ratio, shared = self._footprints.overlaps(a, b)
        # whole square millimetres: an area is the same whichever way it was summed
        values = zip(np.round(ratio, 9).tolist(), np.round(shared, 6).tolist(), strict=True)
        self._known.update(zip(zip(a.tolist(), b.tolist(), strict=True), values, strict=True))


def _moved(clusters: Clusters, points: Points, before: Ints, after: Ints, parameters: Parameters) -> NDArray[np.bool_]:
    """Centroid shift above eps/2 and above twice its bootstrap standard error, children resampled."""
    moved = np.zeros(len(after), dtype=bool)
    e, n = (clusters.summary[axis].to_numpy() for axis in ("easting", "northing"))
    shift = np.hypot(e[after] - e[before], n[after] - n[before])
    order = np.argsort(clusters.member, kind="stable")
    begin = np.searchsorted(clusters.member[order], np.arange(len(e) + 1))
    for k in np.flatnonzero(shift > parameters.eps_m / 2):
        variance = 0.0
        for cluster in (before[k], after[k]):
            visits = clusters.visit[order[begin[cluster]:begin[cluster + 1]]]
            variance += _centroid_variance(points.person[visits], points.site[visits], points)
        moved[k] = shift[k] > 2 * np.sqrt(variance)
    return moved


def _centroid_variance(person: Ints, site: Ints, points: Points) -> float:
    """Variance of the centroid (m2, both axes) when the children are drawn again with replacement."""
    pair = np.unique(person * len(points.site_e) + site)
    child, place = np.divmod(pair, len(points.site_e))
    _, child = np.unique(child, return_inverse=True)
    count = np.bincount(child).astype(np.float64)
    e, n = points.site_e[place], points.site_n[place]
    sums = np.column_stack((np.bincount(child, e - e.min()), np.bincount(child, n - n.min()), count))
    sums = sums[np.lexsort(sums.T)]  # children in an order of their own, not that of the rows
    draws = np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), BOOTSTRAPS)
    totals: Floats = draws @ sums
    return float((totals[:, :2] / totals[:, 2:]).var(axis=0).sum())


def _name(clusters: Clusters, cluster: int, start: pd.Timestamp, taken: set[str]) -> str:
    """"H2403-K7": the month of birth and a hash of the birth's core sites, longer when it is taken."""
    discs = clusters.footprints.discs
    low, high = np.searchsorted(discs.group, [cluster, cluster + 1])
    corners = np.round(np.column_stack((discs.n[low:high], discs.e[low:high])) * 100).astype("<i8")  # centimetres
    local = start.tz_convert(ZONE)
    digest = hashlib.blake2b(local.date().isoformat().encode() + corners.tobytes(), digest_size=16).digest()
    number, text = int.from_bytes(digest, "big"), ""
    while len(text) < 2 or f"H{local:%y%m}-{text}" in taken:
        number, digit = divmod(number, len(_ALPHABET))
        text += _ALPHABET[digit]
    name = f"H{local:%y%m}-{text}"
    taken.add(name)
    return name
